//! Taking set-ups of other tools over: a credential file as the R package REDCapR documents it,
//! or environment variables. Each token is tested and kept like one that was typed; none is shown.

use super::bench::{Workbench, address, blocking, vault_problem};
use super::export::from_home;
use super::problem::Problem;
use super::projects;
use super::types::{Draft, Keep, SavedProject};
use crate::api::token::Token;
use crate::store::files;
use crate::store::projects as store;
use crate::store::shred::shred;
use crate::store::vault::token_from_env;
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// The columns of a credential file of REDCapR. The order does not matter; the comment may be
/// missing.
pub const CREDENTIAL_COLUMNS: [&str; 5] = ["redcap_uri", "username", "project_id", "token", "comment"];

/// One set-up: an address with its token.
pub struct Entry {
    /// Where it comes from, such as `line 2`.
    pub place: String,
    /// The address.
    pub address: String,
    /// The project's number as the file has it.
    pub project_id: Option<u64>,
    /// A name for it; empty takes the project's title.
    pub name: String,
    /// The token.
    pub token: Token,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {:?}", self.place, self.address, self.token)
    }
}

/// A line of a credential file: what it says, or its place and why it is left out.
pub type Line = Result<Entry, (String, Problem)>;

/// What became of one set-up: its place, and the project or why it is not kept.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Where it comes from.
    pub place: String,
    /// The saved project, with a remark if the file said something else of it.
    pub result: Result<(SavedProject, Option<String>), Problem>,
}

/// Reads a credential file. A line that cannot be used is told with its number and without its
/// content: its cells may be in the wrong columns, and one of them is a token.
pub fn read(text: &str) -> Result<Vec<Line>, Problem> {
    let unreadable = |what: String| {
        Problem::new(
            "This is no credential file",
            what,
            "",
            "It needs a header line with the columns redcap_uri, username, project_id, token and comment, separated by commas.",
        )
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|_| unreadable("Its first line cannot be read.".into()))?.clone();
    let column = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
    let (Some(uri), Some(token)) = (column("redcap_uri"), column("token")) else {
        return Err(unreadable("The columns redcap_uri and token are not both there.".into()));
    };
    let (project_id, comment) = (column("project_id"), column("comment"));
    let mut entries = Vec::new();
    for (i, row) in reader.into_records().enumerate() {
        let Ok(row) = row else {
            let place = format!("entry {}", i + 1);
            entries.push(Err((place.clone(), wrong(&place, "It is no line of a CSV file."))));
            continue;
        };
        let place = row.position().map_or(format!("entry {}", i + 1), |p| format!("line {}", p.line()));
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
        let secret = Zeroizing::new(cell(Some(token)).to_owned());
        entries.push(match Token::parse(&secret) {
            Err(e) => Err((place.clone(), wrong(&place, &e.to_string()))),
            Ok(_) if cell(Some(uri)).is_empty() => Err((place.clone(), wrong(&place, "It has no address."))),
            Ok(token) => Ok(Entry {
                place,
                address: cell(Some(uri)).to_owned(),
                project_id: cell(project_id).parse().ok(),
                name: crate::domain::text::one_line(cell(comment)),
                token,
            }),
        });
    }
    Ok(entries)
}

fn wrong(place: &str, what: &str) -> Problem {
    Problem::new(
        format!("The entry of {place} is left out"),
        what,
        "The cells may be in the wrong columns.",
        "Copy the token again from REDCap > your project > API.",
    )
}

/// A set-up of an environment variable that holds a token, and an address.
pub fn from_variable(name: &str, address: &str) -> Result<Entry, Problem> {
    let token = token_from_env(name).map_err(|e| {
        Problem::new(
            "There is no token in the environment",
            e.to_string(),
            "",
            "Name the variable that your scripts read the token from.",
        )
    })?;
    let (place, address) = (format!("variable {name}"), address.to_owned());
    Ok(Entry { place, address, project_id: None, name: String::new(), token })
}

/// Takes a credential file over: each token that can be read is tested and, if it works, kept in
/// the password store. In the order of the file, with the lines that cannot be used. The file stays
/// as it is. Fails if it cannot be read, or if there is no password store.
pub async fn take_over(
    bench: &Workbench,
    file: &Path,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<Vec<Imported>, Problem> {
    let path = from_home(file);
    let text = blocking(move || files::read_text(&path)).await?.map_err(|e| projects::store_problem(&e))?;
    let text = Zeroizing::new(text.ok_or_else(|| {
        Problem::new("There is no such file", file.display().to_string(), "", "Check its name.")
    })?);
    let lines = read(&text)?;
    let vault = bench.vault.clone();
    blocking(move || vault.probe()).await?.map_err(|e| vault_problem(&e))?;
    let mut all = Vec::new();
    for line in lines {
        match line {
            Ok(entry) => all.extend(keep(bench, vec![entry], tell).await),
            Err((place, problem)) => all.push(Imported { place, result: Err(problem) }),
        }
    }
    Ok(all)
}

/// Overwrites and deletes a credential file.
pub async fn delete(file: &Path) -> Result<(), Problem> {
    let path = from_home(file);
    blocking(move || shred(&path)).await?.map_err(|e| projects::store_problem(&e))
}

/// Tests each token and keeps those that work in the password store, one after the other. One that
/// is kept there already stays as it is.
pub async fn keep(
    bench: &Workbench,
    entries: Vec<Entry>,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Vec<Imported> {
    let mut all = Vec::new();
    for entry in entries {
        tell(&entry.place);
        let place = entry.place.clone();
        all.push(Imported { place, result: keep_one(bench, entry).await });
    }
    all
}

async fn keep_one(bench: &Workbench, entry: Entry) -> Result<(SavedProject, Option<String>), Problem> {
    let known = match &bench.paths {
        Some(paths) => store::load(paths).map_err(|e| projects::store_problem(&e))?,
        None => Vec::new(),
    };
    let url = address(&entry.address)?;
    if let Some(project) = projects::with_token(bench, &known, url.as_str(), &entry.token).await {
        // One that is here for the session only, or from a variable, would be lost with the file.
        let (vault, id) = (bench.vault.clone(), project.id.clone());
        if blocking(move || vault.get(&id)).await?.is_ok_and(|kept| kept.same_as(&entry.token)) {
            return Ok((project.clone(), Some("It was kept before.".into())));
        }
    }
    let draft = Draft {
        address: entry.address,
        token: Some(entry.token),
        keep: Keep::Keyring,
        name: entry.name,
        ca_file: None,
        replaces: None,
    };
    let project = projects::add(bench, draft).await?;
    let other = entry.project_id.filter(|id| project.number().is_some_and(|found| found != *id));
    let remark = other
        .map(|id| format!("The file says project {id}, but the token opens project {}.", project.project_id));
    Ok((project, remark))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    const GOOD: &str = "0123456789ABCDEF0123456789ABCDEF";

    #[test]
    fn a_credential_file_is_read_line_by_line_and_no_token_is_told() {
        let text = format!(
            "\u{feff}# kept by me\nredcap_uri,username,project_id,token,comment\n\
             https://redcap.example.edu/api/,anna,12,{GOOD},\"Heart, first\"\n\
             https://redcap.example.edu/api/,{GOOD},12,anna,swapped\n\
             ,anna,12,{GOOD},\n"
        );
        let entries = read(&text).unwrap();
        assert_eq!(entries.len(), 3);
        let first = entries[0].as_ref().unwrap();
        assert_eq!((first.project_id, first.name.as_str()), (Some(12), "Heart, first"));
        for (entry, line) in entries[1..].iter().zip(["line 4", "line 5"]) {
            let (place, problem) = entry.as_ref().unwrap_err();
            assert_eq!(place, line);
            assert!(!problem.paragraphs().contains(GOOD));
        }
        assert!(!format!("{entries:?}").contains(GOOD));
    }

    #[test]
    fn other_files_are_refused() {
        for text in ["", "a,b\n1,2\n", "redcap_uri,username\nx,y\n"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
