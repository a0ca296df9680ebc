//! The journal of a send: what was to be sent, and how far it came. It survives a crash or a kill
//! between any two steps.
//!
//! One file a send, one line a step, each on the disk before the step is taken. It holds the names
//! of records and hashes, never a value.

use super::files::{self, Lock, StoreError};
use super::paths::Paths;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FORMAT: u32 = 1;
const PATIENCE: Duration = Duration::from_millis(300);

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    format: u32,
    /// When it began.
    pub started: Timestamp,
    /// The address of the API.
    pub server: String,
    /// The project's number.
    pub project_id: u64,
    /// The hash of the file's bytes.
    pub file_hash: String,
    /// A hash of how the file is read: delimiter, dates, accepted suggestions.
    pub reading_hash: String,
    /// Its requests.
    pub batches: Vec<PlannedBatch>,
}

/// One request of the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedBatch {
    /// The names of its records.
    pub records: Vec<String>,
    /// The hash of what is sent.
    pub data_hash: String,
    /// Some of its rows have no number of their own: REDCap gives it, so that the batch cannot be
    /// found again by its keys and sending it twice would store them twice.
    pub new_instances: bool,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Not sent.
    #[default]
    Planned,
    /// It is about to be sent, or was sent and nothing more is known.
    Sending,
    /// The server accepted it.
    Stored,
    /// It was read back and is not there.
    NotStored,
    /// The server refused it.
    Refused,
    /// Its answer was lost, and reading back does not tell.
    Unknown,
}

/// A record name that REDCap gave, and the name that the file had in its place.
pub type GivenName = (String, String);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Plan(Plan),
    Batch {
        n: usize,
        state: BatchState,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<GivenName>,
    },
    Ended {
        how: String,
        at: Timestamp,
    },
}

impl Plan {
    /// A plan that begins now.
    pub fn new(
        server: impl Into<String>,
        project_id: u64,
        hashes: (String, String),
        batches: Vec<PlannedBatch>,
        started: Timestamp,
    ) -> Self {
        let (file_hash, reading_hash) = hashes;
        let server = server.into();
        Self { format: FORMAT, started, server, project_id, file_hash, reading_hash, batches }
    }
}

/// A send that was begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// What was to be sent.
    pub plan: Plan,
    /// How far each request came.
    pub states: Vec<BatchState>,
    /// The names that REDCap gave to records, where it numbers them itself.
    pub names: Vec<GivenName>,
    path: PathBuf,
}

/// The turn to send to a project: while it is held no other capscope does, and what the journals
/// say stays true. It ends with the process that holds it, however that dies.
#[derive(Debug)]
pub struct Turn {
    _lock: Lock,
}

impl Turn {
    /// Takes the turn. Look into the journals only after this: another capscope may have changed
    /// them until now.
    pub fn take(paths: &Paths, project_id: u64) -> Result<Self, StoreError> {
        Lock::take(&folder(paths).join(format!("project-{project_id}")), PATIENCE)
            .map(|lock| Self { _lock: lock })
    }
}

/// A journal that is being written. While it is there no other capscope sends to the project.
#[derive(Debug)]
pub struct Journal {
    /// `None` keeps nothing, as in the demo.
    file: Option<(File, PathBuf, Turn)>,
}

fn folder(paths: &Paths) -> PathBuf {
    paths.state_dir().join("sends")
}

impl Journal {
    /// A journal that keeps nothing.
    pub fn nowhere() -> Self {
        Self { file: None }
    }

    /// Begins a journal. The plan is on the disk when this returns.
    pub fn begin(paths: &Paths, plan: &Plan, turn: Turn) -> Result<Self, StoreError> {
        let stamp = plan.started.strftime("%Y%m%dT%H%M%S");
        let name = format!("{}-{stamp}-{}.jsonl", plan.project_id, files::random_hex(3)?);
        let mut journal = Self::open(folder(paths).join(name), turn)?;
        journal.write(&Line::Plan(plan.clone()))?;
        // The name of the new file must survive a power cut too; not every system can do this.
        if let Ok(folder) = File::open(folder(paths)) {
            let _ = folder.sync_all();
        }
        Ok(journal)
    }

    /// Goes on with a journal.
    pub fn go_on(unfinished: &Unfinished, turn: Turn) -> Result<Self, StoreError> {
        let mut journal = Self::open(unfinished.path.clone(), turn)?;
        // A line that a kill cut off must not swallow the next one.
        if let Some((file, path, _)) = &mut journal.file {
            file.write_all(b"\n").map_err(StoreError::io("written", path))?;
        }
        Ok(journal)
    }

    fn open(path: PathBuf, turn: Turn) -> Result<Self, StoreError> {
        let file = files::append(&path)?;
        Ok(Self { file: Some((file, path, turn)) })
    }

    /// Notes how far a request is. It is on the disk when this returns.
    pub fn note(&mut self, batch: usize, state: BatchState, at: Timestamp) -> Result<(), StoreError> {
        self.note_names(batch, state, Vec::new(), at)
    }

    /// Notes how far a request is, and the names that REDCap gave to its records.
    pub fn note_names(
        &mut self,
        batch: usize,
        state: BatchState,
        names: Vec<GivenName>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(&Line::Batch { n: batch, state, at, names })
    }

    /// Ends the journal: nothing of the plan is left to do.
    pub fn end(&mut self, how: &str, at: Timestamp) -> Result<(), StoreError> {
        self.write(&Line::Ended { how: how.to_owned(), at })
    }

    fn write(&mut self, line: &Line) -> Result<(), StoreError> {
        let Some((file, path, _)) = &mut self.file else { return Ok(()) };
        let mut text = serde_json::to_string(line).map_err(|e| StoreError::Damaged {
            path: path.clone(),
            line: None,
            why: e.to_string(),
        })?;
        text.push('\n');
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_data())
            .map_err(StoreError::io("written", path))
    }
}

/// The send to a project that was begun and not ended, the newest if there are several.
pub fn unfinished(paths: &Paths, server: &str, project_id: u64) -> Result<Option<Unfinished>, StoreError> {
    for path in journals(paths, project_id) {
        if let Some((found, None)) = read(&path)?
            && found.plan.server == server
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The last send of this very file that was ended, and when it was.
pub fn ended(
    paths: &Paths,
    server: &str,
    project_id: u64,
    file_hash: &str,
) -> Result<Option<(Unfinished, Timestamp)>, StoreError> {
    for path in journals(paths, project_id) {
        if let Some((found, Some(at))) = read(&path)?
            && found.plan.server == server
            && found.plan.file_hash == file_hash
        {
            return Ok(Some((found, at)));
        }
    }
    Ok(None)
}

/// The journals of a project, the newest first.
fn journals(paths: &Paths, project_id: u64) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder(paths)) else { return Vec::new() };
    let prefix = format!("{project_id}-");
    let mut names: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&prefix) && name.ends_with(".jsonl")
        })
        .collect();
    names.sort();
    names.reverse();
    names
}

/// Marks a send as given up: what was not sent will not be.
pub fn abandon(unfinished: &Unfinished, turn: Turn, at: Timestamp) -> Result<(), StoreError> {
    Journal::go_on(unfinished, turn)?.end("abandoned", at)
}

/// A journal as far as it was written, and when it was ended if it was; `None` if it was killed
/// before the plan was whole, when nothing was sent.
fn read(path: &Path) -> Result<Option<(Unfinished, Option<Timestamp>)>, StoreError> {
    let Some(bytes) = files::read(path)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    let mut found: Option<Unfinished> = None;
    let mut end = None;
    for line in text.lines() {
        match (serde_json::from_str(line), &mut found) {
            (Ok(Line::Plan(plan)), None) => {
                if plan.format > FORMAT {
                    return Err(StoreError::Newer { path: path.to_owned() });
                }
                let states = vec![BatchState::Planned; plan.batches.len()];
                found = Some(Unfinished { plan, states, names: Vec::new(), path: path.to_owned() });
            }
            (Ok(Line::Batch { n, state, names, .. }), Some(found)) => {
                if let Some(slot) = found.states.get_mut(n) {
                    *slot = state;
                }
                found.names.extend(names);
            }
            (Ok(Line::Ended { at, .. }), _) => end = Some(at),
            // A line that was cut off says nothing.
            _ => {}
        }
    }
    Ok(found.map(|found| (found, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let batch = |name: &str| PlannedBatch { records: vec![name.into()], ..PlannedBatch::default() };
        let hashes = ("f".into(), "r".into());
        Plan::new("https://x/api/", 7, hashes, vec![batch("1"), batch("2")], Timestamp::UNIX_EPOCH)
    }

    fn turn(paths: &Paths) -> Turn {
        Turn::take(paths, 7).unwrap()
    }

    #[test]
    fn every_step_is_found_again_wherever_the_file_was_cut_off() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let at = Timestamp::UNIX_EPOCH;
        let mut journal = Journal::begin(&paths, &plan(), turn(&paths)).unwrap();
        journal.note(0, BatchState::Sending, at).unwrap();
        journal.note(0, BatchState::Stored, at).unwrap();
        journal.note(1, BatchState::Sending, at).unwrap();
        drop(journal);
        let found = unfinished(&paths, "https://x/api/", 7).unwrap().unwrap();
        assert_eq!(found.states, [BatchState::Stored, BatchState::Sending]);
        assert_eq!(unfinished(&paths, "https://other/api/", 7).unwrap(), None);
        let whole = std::fs::read(&found.path).unwrap();
        let plan_end = whole.iter().position(|b| *b == b'\n').unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&found.path, &whole[..cut]).unwrap();
            let read = read(&found.path).unwrap();
            if cut < plan_end {
                assert_eq!(read, None, "{cut}");
            } else {
                // A state is never ahead of what was written.
                let states = read.unwrap().0.states;
                assert!(matches!(states[1], BatchState::Planned | BatchState::Sending), "{cut}: {states:?}");
                assert!(states[1] == BatchState::Planned || states[0] == BatchState::Stored, "{cut}");
                let mut journal = Journal::go_on(&found, turn(&paths)).unwrap();
                journal.note(1, BatchState::Stored, at).unwrap();
                drop(journal);
                let after = super::read(&found.path).unwrap().unwrap().0;
                assert_eq!(after.states[1], BatchState::Stored, "{cut}: the next line is whole");
            }
        }
        let text = String::from_utf8(whole).unwrap();
        assert!(text.contains("\"records\":[\"1\"]"));
    }

    #[test]
    fn an_ended_send_is_finished_and_two_cannot_run_at_once() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let mut journal = Journal::begin(&paths, &plan(), turn(&paths)).unwrap();
        assert!(matches!(Turn::take(&paths, 7), Err(StoreError::InUse { .. })));
        journal.end("finished", Timestamp::UNIX_EPOCH).unwrap();
        drop(journal);
        assert_eq!(unfinished(&paths, "https://x/api/", 7).unwrap(), None);
        // That this very file was sent before is still known.
        let before = ended(&paths, "https://x/api/", 7, "f").unwrap().unwrap();
        assert_eq!(before.1, Timestamp::UNIX_EPOCH);
        assert_eq!(ended(&paths, "https://x/api/", 7, "another").unwrap(), None);
    }
}
