//! Reading the audit log, and checking its chain.

use super::{Line, NOTHING, PATIENCE, current_file, hash_of, old_files};
use crate::store::files::{self, Lock, StoreError};
use crate::store::paths::Paths;
use std::path::PathBuf;

/// A line with the hash it should have and the one it says.
pub(super) struct Found {
    pub line: Line,
    /// Computed from its text.
    pub hash: String,
    /// As it stands there.
    pub said: String,
}

/// Reads a line. `None` if it is none, as after a stop in the middle of writing.
pub(super) fn parse(text: &str) -> Option<Found> {
    let (said, rest) = text.strip_prefix("{\"hash\":\"")?.split_once("\",")?;
    let line: Line = serde_json::from_str(&format!("{{{rest}")).ok()?;
    Some(Found { line, hash: hash_of(rest.as_bytes()), said: said.to_owned() })
}

/// What a look at the whole chain found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many lines there are.
    pub lines: u64,
    /// In how many files.
    pub files: usize,
    /// The hash of the newest line, `""` if there is none. Noted elsewhere it proves later that
    /// nothing before it was changed or removed.
    pub newest: String,
    /// What should not be: each a sentence. Empty if the chain holds.
    pub problems: Vec<String>,
    /// What is worth knowing and no damage.
    pub remarks: Vec<String>,
}

/// All lines that can be read, oldest first.
pub fn lines(paths: &Paths) -> Result<Vec<Line>, StoreError> {
    let mut lines = Vec::new();
    for path in all_files(paths) {
        let text = files::read(&path)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        lines.extend(text.lines().filter_map(parse).map(|found| found.line));
    }
    Ok(lines)
}

fn all_files(paths: &Paths) -> Vec<PathBuf> {
    let mut files = old_files(paths);
    files.push(current_file(paths));
    files
}

/// Checks every line and the chain between them. Nothing is written meanwhile.
pub fn verify(paths: &Paths) -> Result<Report, StoreError> {
    let mut report = Report::default();
    if !current_file(paths).parent().is_some_and(std::path::Path::is_dir) {
        return Ok(report);
    }
    let _lock = Lock::take(&current_file(paths), PATIENCE)?;
    let mut before: Option<Found> = None;
    for path in all_files(paths) {
        let Some(bytes) = files::read(&path)? else { continue };
        report.files += 1;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (at, text) in String::from_utf8_lossy(&bytes).split('\n').enumerate() {
            if text.is_empty() {
                continue;
            }
            let place = format!("{name}, line {}", at + 1);
            let Some(found) = parse(text) else {
                report.remarks.push(format!("{place} was cut off while it was written."));
                continue;
            };
            report.link(&place, before.as_ref(), &found);
            before = Some(found);
        }
    }
    Ok(report)
}

impl Report {
    /// Checks one line against the one before it.
    fn link(&mut self, place: &str, before: Option<&Found>, found: &Found) {
        self.lines += 1;
        self.newest.clone_from(&found.hash);
        if found.said != found.hash {
            self.problems.push(format!("{place}: the line was changed after it was written."));
        }
        match before {
            None if found.line.n == 1 && found.line.prev == NOTHING => {}
            None => {
                self.problems.push(format!(
                    "{place}: the {} lines before it are missing.",
                    found.line.n.saturating_sub(1)
                ));
            }
            Some(before)
                if before.hash != found.line.prev || before.line.n.saturating_add(1) != found.line.n =>
            {
                let between = found.line.n.saturating_sub(before.line.n).saturating_sub(1);
                self.problems.push(match between {
                    0 => format!("{place}: it does not follow the line before it."),
                    n => format!("{place}: {n} lines before it are missing."),
                });
            }
            Some(before) if found.line.at < before.line.at => {
                self.remarks.push(format!("{place}: this computer's clock had gone back."));
            }
            Some(_) => {}
        }
    }
}
