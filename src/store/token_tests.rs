//! The last test of each token: verdicts, no data, no token, no words of the server.

use super::files::{self, StoreError};
use super::paths::Paths;
use crate::domain::access_test::Report;
use crate::domain::access_test::compare::slim;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A test and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When.
    pub at: Timestamp,
    /// What it found.
    pub report: Report,
}

/// The file of a saved project, by its id: each has its own token.
fn file(paths: &Paths, id: &str) -> PathBuf {
    let name: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    paths.state_dir().join("tokens").join(format!("{name}.json"))
}

/// The last test. One that cannot be read is as good as none: a new test replaces it.
pub fn load(paths: &Paths, id: &str) -> Option<Kept> {
    let text = files::read_text(&file(paths, id)).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// Keeps a test in place of the one before.
pub fn save(paths: &Paths, id: &str, at: Timestamp, report: &Report) -> Result<(), StoreError> {
    let path = file(paths, id);
    let kept = Kept { at, report: slim(report) };
    let bytes = serde_json::to_vec_pretty(&kept).map_err(|e| StoreError::Damaged {
        path: path.clone(),
        line: None,
        why: e.to_string(),
    })?;
    files::write(&path, &bytes)
}

/// Forgets the test of a saved project.
pub fn remove(paths: &Paths, id: &str) -> Result<(), StoreError> {
    files::remove(&file(paths, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_test_is_kept_replaced_and_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        assert_eq!(load(&paths, "a"), None);
        let at = Timestamp::UNIX_EPOCH;
        let report = Report { version: "16.1.3".into(), request: "text".into(), ..Report::default() };
        save(&paths, "a", at, &report).unwrap();
        let kept = load(&paths, "a").unwrap();
        assert_eq!((kept.at, kept.report.version.as_str(), kept.report.request.as_str()), (at, "16.1.3", ""));
        std::fs::write(file(&paths, "a"), "{").unwrap();
        assert_eq!(load(&paths, "a"), None);
        save(&paths, "a", at, &report).unwrap();
        remove(&paths, "a").unwrap();
        assert_eq!(load(&paths, "a"), None);
        // A name cannot lead out of the folder.
        assert!(file(&paths, "../../x").ends_with("tokens/x.json"));
    }
}
