//! Completing the name of a file that is being typed.

use super::export::from_home;
use std::path::{MAIN_SEPARATOR, Path};

/// How many names are told at most.
const MOST: usize = 200;

/// What a beginning of a path can become.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// What was typed.
    pub typed: String,
    /// The same as far as it can only be meant one way.
    pub completed: String,
    /// The names that fit, folders with a separator at the end; at most 200, in order.
    pub names: Vec<String>,
}

/// Looks which files and folders begin with what was typed. Hidden ones only if a dot was typed. A
/// folder that cannot be read has nothing.
pub fn complete(typed: &str) -> Completion {
    let cut = typed.rfind(['/', MAIN_SEPARATOR]).map_or(0, |at| at + 1);
    let (folder, begun) = typed.split_at(cut);
    let place = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let mut names: Vec<String> = std::fs::read_dir(from_home(place))
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let fits = name.starts_with(begun) && (begun.starts_with('.') || !name.starts_with('.'));
            // A link to a folder is a folder here.
            let is_dir = || std::fs::metadata(entry.path()).is_ok_and(|m| m.is_dir());
            fits.then(|| if is_dir() { format!("{name}{MAIN_SEPARATOR}") } else { name })
        })
        .collect();
    names.sort_by(|a, b| crate::domain::record::natural_cmp(a, b));
    let common = names.iter().skip(1).fold(names.first().cloned().unwrap_or_default(), |common, name| {
        let same = common.chars().zip(name.chars()).take_while(|(a, b)| a == b);
        same.map(|(a, _)| a).collect()
    });
    let completed = if common.len() > begun.len() { format!("{folder}{common}") } else { typed.to_owned() };
    names.truncate(MOST);
    Completion { typed: typed.to_owned(), completed, names }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_completed_as_far_as_it_is_meant_one_way() {
        let home = tempfile::tempdir().unwrap();
        for name in ["visits_1.csv", "visits_2.csv", ".hidden"] {
            std::fs::write(home.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(home.path().join("data")).unwrap();
        let at = |text: &str| format!("{}/{text}", home.path().display());
        let found = complete(&at("vi"));
        assert_eq!((found.completed, found.names.len()), (at("visits_"), 2));
        assert_eq!(complete(&at("visits_2")).completed, at("visits_2.csv"));
        assert_eq!(complete(&at("d")).completed, at(&format!("data{MAIN_SEPARATOR}")));
        assert_eq!(complete(&at("")).names.len(), 3, "the hidden one is not told");
        assert_eq!(complete(&at(".h")).completed, at(".hidden"));
        let nothing = complete(&at("nope/x"));
        assert!(nothing.names.is_empty() && nothing.completed == at("nope/x"));
    }
}
