//! Checking an import: reads the file, then what is stored of the touched records and fields, and
//! compares. Nothing is ever written by this.

use super::bench::{Workbench, blocking};
use super::open::Listener;
use super::problem::Problem;
use super::types::{JobEvent, Progress, SavedProject};
use crate::api::client::{Api, RecordQuery};
use crate::api::error::ErrorKind;
use crate::domain::access_test::doctor::are_hashed;
use crate::domain::check::{Rehearsal, Settings, SourceFile, Stored, Touched, rehearse, touched};
use crate::domain::project::Metadata;
use crate::domain::table::RecordTable;
use crate::store::audit::hash_of;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashSet};
use std::io::ErrorKind as ErrorOf;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many records one request asks for (`needs.md` §5.2 advises a few hundred).
const BATCH: usize = 250;
/// The largest file that is read.
const LARGEST: u64 = 1 << 30;

/// What is to be checked.
#[derive(Debug, Clone)]
pub struct CheckWanted {
    /// The file.
    pub path: PathBuf,
    /// How it is to be read.
    pub settings: Settings,
    /// The project.
    pub metadata: Box<Metadata>,
    /// Nothing is asked of the server.
    pub offline: bool,
    /// The last check of the same file: what it read from the server need not be read again.
    pub before: Option<Box<Checked>>,
}

/// A finished check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The file.
    pub path: PathBuf,
    /// The SHA-256 of its bytes, in groups so that it is no token to any eye.
    pub hash: String,
    /// What was found.
    pub rehearsal: Arc<Rehearsal>,
    /// What was read from the server.
    pub touched: Touched,
    /// When the stored values were read; `None` offline.
    pub read_at: Option<Timestamp>,
    /// What kept the comparison from being whole, in sentences.
    pub remarks: Vec<String>,
}

/// Does the check.
pub async fn run(
    bench: &Workbench,
    project: &SavedProject,
    wanted: CheckWanted,
    tell: Listener<'_>,
) -> Result<Checked, Problem> {
    let step = |text: &str, done: usize, total: Option<usize>| {
        let (done, total) = (done as u64, total.map(|t| t as u64));
        tell(JobEvent::Progress(Progress { step: text.to_owned(), done, total }));
    };
    step("Reading the file", 0, None);
    let CheckWanted { path, settings, metadata, offline, before } = wanted;
    let path = super::export::from_home(&path);
    let (bytes, hash) = match super::demo::file(project, &path) {
        Some(bytes) => (bytes.to_vec(), grouped_hash(bytes)),
        None => {
            let path = path.clone();
            blocking(move || read_file(&path)).await??
        }
    };
    let metadata: Arc<Metadata> = Arc::from(metadata);
    let (file, touches) = {
        let (settings, metadata) = (settings.clone(), Arc::clone(&metadata));
        let shown = path.display().to_string();
        blocking(move || {
            let file = SourceFile::read(&bytes, &settings).and_then(|f| f.for_project(&metadata, &settings));
            let file = file.map_err(|e| {
                Problem::new("The file cannot be read", format!("{shown}: {e}"), "", e.advice())
            })?;
            let touches = touched(&file, &metadata, &settings);
            Ok::<_, Problem>((Arc::new(file), touches))
        })
        .await??
    };
    let known = before.filter(|b| b.hash == hash && b.touched == touches && b.read_at.is_some());
    let mut remarks = Vec::new();
    let (stored, read_at) = match known {
        _ if offline => (None, None),
        Some(known) => {
            remarks.clone_from(&known.remarks);
            (known.rehearsal.stored.clone(), known.read_at)
        }
        None => {
            let api = bench.api(project).await?;
            let stored = read_stored(&api, &touches, &mut remarks, &step).await?;
            (stored.map(Arc::new), Some(Timestamp::now()))
        }
    };
    if offline {
        remarks.push("Offline: stored values, new records and branching logic were not looked at.".into());
    }
    step("Comparing", 0, None);
    let now = jiff::tz::TimeZone::system().to_datetime(Timestamp::now());
    let rehearsal = blocking(move || rehearse(&file, &metadata, &settings, stored.as_ref(), now)).await?;
    let read_at = read_at.filter(|_| rehearsal.stored.is_some());
    Ok(Checked { path, hash, rehearsal: Arc::new(rehearsal), touched: touches, read_at, remarks })
}

/// The bytes of a file and their hash.
fn read_file(path: &Path) -> Result<(Vec<u8>, String), Problem> {
    let about = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    if about.is_dir() {
        return Err(unreadable(path, &ErrorOf::IsADirectory.into()));
    }
    if about.len() > LARGEST {
        return Err(Problem::new(
            "The file is too large",
            format!("{} has {} MB.", path.display(), about.len() >> 20),
            "",
            "Split it by records into files of at most 1,024 MB.",
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    let hash = grouped_hash(&bytes);
    Ok((bytes, hash))
}

/// What keeps a file from being read, and what a person can do.
pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let (what, advice) = match error.kind() {
        ErrorOf::NotFound => {
            let folder = std::env::current_dir().ok().filter(|_| path.is_relative());
            let place = folder.map_or(String::new(), |f| format!(" in {}", f.display()));
            (
                format!("there is no such file{place}"),
                "Check its name; type the beginning and press Tab, or drop the file on the window.",
            )
        }
        ErrorOf::PermissionDenied => (
            "this computer does not let you read it".to_owned(),
            "Close it in the program that has it open, or copy it into a folder of yours.",
        ),
        ErrorOf::IsADirectory => ("this is a folder".to_owned(), "Choose a file in it."),
        ErrorOf::NotADirectory => {
            ("a part of the path is a file, not a folder".to_owned(), "Check its name.")
        }
        _ => (error.to_string(), "Copy it to a disk of this computer, and choose the copy."),
    };
    Problem::new("The file cannot be read", format!("{}: {what}.", path.display()), "", advice)
}

/// The SHA-256 of a file for people, in eight groups of eight digits. See [`plain`].
pub fn grouped_hash(bytes: &[u8]) -> String {
    let digits: Vec<char> = hash_of(bytes).chars().collect();
    digits.chunks(8).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// The same without groups, as other programs write it.
pub fn plain(grouped: &str) -> String {
    grouped.replace('-', "")
}

/// Reads the touched fields of the touched records, batch by batch. `None` if the token may not
/// read them, or the server hides which record is which; a remark says so.
async fn read_stored(
    api: &Api,
    touches: &Touched,
    remarks: &mut Vec<String>,
    step: &(dyn Fn(&str, usize, Option<usize>) + Send + Sync),
) -> Result<Option<Stored>, Problem> {
    let mut rows = RecordTable::default();
    let total = touches.records.len();
    let mut at = 0;
    while at < total {
        step("Reading stored values", at, Some(total));
        let end = (at + BATCH).min(total);
        match read_rows(api, touches, touches.records.get(at..end).unwrap_or_default()).await {
            Ok(table) => rows.append(&table),
            Err(e) if matches!(e.kind, ErrorKind::NoRight { .. }) => {
                remarks.push(
                    "This token may not export records: the file was not compared with stored values.".into(),
                );
                return Ok(None);
            }
            Err(e) => return Err(e.into()),
        }
        at = end;
    }
    match rows.n_unreadable() {
        0 => {}
        n => remarks.push(format!(
            "Characters of {n} stored values could not be read (\u{fffd}): they show as changed, though they may not be."
        )),
    }
    let found: HashSet<&str> =
        rows.column(&touches.id_field).map(|c| rows.distinct(c).collect()).unwrap_or_default();
    let mut ids = None;
    // All names are read only where some record is new: that may be a mistake in its name.
    if touches.records.iter().any(|r| !found.contains(r.as_str())) {
        step("Reading record names", 0, None);
        let query = RecordQuery { fields: vec![touches.id_field.clone()], ..RecordQuery::default() };
        let table = api.records(&query, &mut |p| step("Reading record names", p.rows, None)).await?;
        let column = table.column(&touches.id_field);
        let names: Vec<String> =
            column.map(|c| table.distinct(c).map(str::to_owned).collect()).unwrap_or_default();
        if are_hashed(names.iter().map(String::as_str)) {
            remarks.push(
                "The server gives hashes in place of record names: the file cannot be compared.".into(),
            );
            return Ok(None);
        }
        ids = Some(names.into_iter().collect::<BTreeSet<String>>());
    }
    Ok(Some(Stored { rows, ids }))
}

/// Reads the touched fields of some records; halves the request where the server runs out of
/// memory.
pub async fn read_rows(
    api: &Api,
    touches: &Touched,
    records: &[String],
) -> Result<RecordTable, crate::api::error::ApiError> {
    let mut fields = vec![touches.id_field.clone()];
    fields.extend(touches.fields.iter().cloned());
    let mut table = RecordTable::default();
    let mut at = 0;
    let mut size = records.len().max(1);
    while at < records.len() {
        let query = RecordQuery {
            records: records.get(at..(at + size).min(records.len())).unwrap_or_default().to_vec(),
            fields: fields.clone(),
            blank_for_gray: true,
            dags: touches.groups,
            ..RecordQuery::default()
        };
        match api.records(&query, &mut |_| {}).await {
            Ok(part) => {
                at += size;
                if table.n_columns() == 0 {
                    table = part;
                } else {
                    table.append(&part);
                }
            }
            Err(e) if (e.kind == ErrorKind::OutOfMemory || e.is_slow()) && size > 1 => {
                size = (size / 2).max(1);
            }
            Err(e) => return Err(e),
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_says_why_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let told = |path: &Path| {
            let problem = read_file(path).unwrap_err();
            (problem.what, problem.advice)
        };
        let (what, advice) = told(folder.path());
        assert!(what.contains("this is a folder") && advice.contains("a file in it"), "{what} {advice}");
        let (what, advice) = told(&folder.path().join("none.csv"));
        assert!(what.ends_with("there is no such file.") && advice.contains("press Tab"), "{what} {advice}");
        // Where a name is looked for is told if the name alone does not say it.
        let (what, _) = told(Path::new("none-of-this-name.csv"));
        assert!(what.contains("no such file in /"), "{what}");
        std::fs::write(folder.path().join("a.csv"), "x").unwrap();
        let (what, _) = told(&folder.path().join("a.csv/b.csv"));
        assert!(what.contains("a part of the path is a file"), "{what}");
        let problem = unreadable(Path::new("a.csv"), &ErrorOf::PermissionDenied.into());
        assert!(problem.what.contains("does not let you read it"), "{}", problem.what);
        assert!(problem.advice.contains("copy it into a folder of yours"), "{}", problem.advice);
    }
}
