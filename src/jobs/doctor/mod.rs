//! What could keep capscope from working here, found before it does: the terminal, the files, the
//! keyring, the way to each server, its clock, the token.
//!
//! It only looks: beside a probe in the keyring and a draft in its own folders, both removed at
//! once, nothing is written anywhere, and a server gets three requests, of which one has no token.

mod surroundings;

pub use surroundings::{Surroundings, judge};

use super::bench::{Workbench, address, blocking, vault_problem};
use super::problem::Problem;
use super::projects::{self, store_problem};
use super::types::SavedProject;
use crate::api::client::{Api, Looked, Server};
use crate::domain::text::one_line;
use crate::store::paths::Paths;
use crate::store::settings;
use crate::store::{files, projects as saved};
use jiff::Timestamp;
use std::path::Path;

/// From here on a difference of two clocks matters: certificates and times of the log seem wrong.
const CLOCK_SLACK_SECONDS: i64 = 120;

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It works.
    Good,
    /// It works, with something to know.
    Remark,
    /// Something does not work.
    Bad,
}

impl Standing {
    /// The word at the beginning of a line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Remark => "note",
            Self::Bad => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about, such as `Keyring`.
    pub about: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What was seen, as a sentence.
    pub said: String,
    /// What to do; empty if there is nothing to do.
    pub advice: String,
}

impl Finding {
    fn good(about: &'static str, said: impl Into<String>) -> Self {
        Self { about, standing: Standing::Good, said: said.into(), advice: String::new() }
    }

    fn remark(about: &'static str, said: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { about, standing: Standing::Remark, said: said.into(), advice: advice.into() }
    }

    fn bad(about: &'static str, said: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { about, standing: Standing::Bad, said: said.into(), advice: advice.into() }
    }

    fn problem(about: &'static str, problem: &Problem) -> Self {
        let advice = [problem.reason.as_str(), problem.advice.as_str()].join(" ").trim().to_owned();
        Self::bad(about, one_line(&problem.one_line()), one_line(&advice))
    }
}

/// Looks at capscope's own folders and files. Each finding is told as soon as it is there.
pub fn look_at_files(paths: &Paths, tell: &mut dyn FnMut(Finding)) {
    for (name, dir) in [
        ("settings", paths.settings_file()),
        ("cache", paths.cache_dir().join("x")),
        ("state", paths.session_file()),
    ] {
        let Some(dir) = dir.parent() else { continue };
        tell(match can_write(dir) {
            Ok(()) => {
                Finding::good("Files", format!("The folder for {name} can be written: {}.", dir.display()))
            }
            Err(e) => Finding::bad(
                "Files",
                format!("The folder for {name} cannot be used. {e}"),
                "Make it writable for you, or set CAPSCOPE_HOME to a folder that is.",
            ),
        });
    }
    match settings::load(paths) {
        Ok((_, problems)) if problems.is_empty() => tell(Finding::good("Settings", "They can be read.")),
        Ok((_, problems)) => {
            for problem in problems {
                tell(Finding::bad(
                    "Settings",
                    problem.to_string(),
                    format!("Correct the line in {}.", paths.settings_file().display()),
                ));
            }
        }
        Err(e) => tell(Finding::problem("Settings", &store_problem(&e))),
    }
    match saved::load(paths) {
        Ok(list) if list.is_empty() => tell(Finding::remark(
            "Projects",
            "No project is saved yet.",
            "'capscope project add ADDRESS' adds one; 'capscope demo' needs none.",
        )),
        Ok(list) => tell(Finding::good("Projects", format!("{} saved.", list.len()))),
        Err(e) => tell(Finding::problem("Projects", &store_problem(&e))),
    }
}

/// Writes a draft into the folder and removes it. A folder that is not there yet is made, as the
/// first start would.
fn can_write(dir: &Path) -> Result<(), files::StoreError> {
    let draft = dir.join(".doctor");
    files::write(&draft, b"")?;
    files::remove(&draft)
}

/// Asks the keyring to keep, give back and delete an entry without a secret.
pub async fn look_at_keyring(bench: &Workbench) -> Finding {
    let vault = bench.vault.clone();
    match blocking(move || vault.probe()).await {
        Ok(Ok(())) => Finding::good("Keyring", "It keeps and gives back what capscope puts into it."),
        Ok(Err(e)) => Finding::problem("Keyring", &vault_problem(&e)),
        Err(problem) => Finding::problem("Keyring", &problem),
    }
}

/// Looks at the server and the token of a saved project.
pub async fn look_at_project(bench: &Workbench, project: &SavedProject, tell: &mut dyn FnMut(Finding)) {
    let server = match address(&project.url) {
        Ok(url) => bench.server(&url, project.ca_file.as_ref()),
        Err(problem) => return tell(Finding::problem("Address", &problem)),
    };
    if !look_at_server(&server, tell).await {
        return;
    }
    match bench.token(project).await {
        Ok(token) => tell(look_at_token(&Api::new(server, token), Some(project.project_id)).await),
        Err(problem) => tell(Finding::problem("Token", &problem)),
    }
}

/// Looks at a server without any token. Whether there is a way to it.
pub async fn look_at_server(server: &Server, tell: &mut dyn FnMut(Finding)) -> bool {
    match server.look().await {
        Ok(looked) => {
            let encrypted = server.url().as_str().starts_with("https:");
            let way =
                if encrypted { "Its certificate is accepted" } else { "Not encrypted, on this computer" };
            let Looked { ms, status, .. } = looked;
            let host = server.url().host();
            tell(Finding::good("Server", format!("{host} answers in {ms} ms (status {status}). {way}.")));
            if let Some(finding) = clock(looked.clock, Timestamp::now()) {
                tell(finding);
            }
            true
        }
        Err(error) => {
            tell(Finding::problem("Server", &error.into()));
            false
        }
    }
}

/// What the two clocks say of each other. Servers need not tell their time.
fn clock(server: Option<Timestamp>, here: Timestamp) -> Option<Finding> {
    let off = here.duration_since(server?).as_secs();
    if off.abs() <= CLOCK_SLACK_SECONDS {
        return Some(Finding::good("Clock", "This computer and the server agree on the time."));
    }
    let (minutes, side) = (off.abs() / 60, if off > 0 { "ahead of" } else { "behind" });
    Some(Finding::remark(
        "Clock",
        format!("This computer's clock is {minutes} minutes {side} the server's."),
        "Set this computer's clock. Times of changes are shown wrong, and certificates may seem expired.",
    ))
}

/// Asks with the token which project it opens. `expected` is the project it was saved for.
///
/// The advice may name an action in braces; who shows it puts the action's key there.
pub async fn look_at_token(api: &Api, expected: Option<u64>) -> Finding {
    match projects::test(api).await {
        Ok(tested) if expected.is_some_and(|id| id != tested.info.project_id) => Finding::bad(
            "Token",
            format!("The token opens PID {}, not the project it was saved for.", tested.info.project_id),
            "Enter the right token: choose the project in capscope and press {new-token}.",
        ),
        Ok(tested) => Finding::good(
            "Token",
            format!(
                "It opens \"{}\" (PID {}) on REDCap {}. 'capscope token test' tells what it may do.",
                one_line(&tested.info.title),
                tested.info.project_id,
                one_line(&tested.version)
            ),
        ),
        Err(problem) => Finding::problem("Token", &problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_differ_are_told_with_their_side() {
        let here: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        for (server, standing, word) in [
            ("2026-05-01T12:01:59Z", Standing::Good, "agree"),
            ("2026-05-01T11:58:00Z", Standing::Good, "agree"),
            ("2026-05-01T11:57:00Z", Standing::Remark, "3 minutes ahead of"),
            ("2026-05-01T13:00:00Z", Standing::Remark, "60 minutes behind"),
        ] {
            let finding = clock(Some(server.parse().unwrap()), here).unwrap();
            assert_eq!(finding.standing, standing, "{server}");
            assert!(finding.said.contains(word), "{server}: {}", finding.said);
        }
        assert_eq!(clock(None, here), None);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_problem_with_a_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("not-a-folder");
        std::fs::write(&file, "").unwrap();
        let mut found = Vec::new();
        look_at_files(&Paths::under(&file), &mut |f| found.push(f));
        let bad: Vec<&Finding> = found.iter().filter(|f| f.standing == Standing::Bad).collect();
        assert!(bad.iter().any(|f| f.about == "Files" && f.advice.contains("CAPSCOPE_HOME")), "{found:?}");
    }

    #[test]
    fn good_folders_are_left_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let mut found = Vec::new();
        look_at_files(&Paths::under(dir.path()), &mut |f| found.push(f));
        assert!(found.iter().all(|f| f.standing != Standing::Bad), "{found:?}");
        let files = walk(dir.path());
        assert!(files.is_empty(), "{files:?}");
    }

    fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
        std::fs::read_dir(dir)
            .unwrap()
            .flat_map(|entry| {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path) } else { vec![path] }
            })
            .collect()
    }
}
