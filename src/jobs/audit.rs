//! Noting what is done in the audit log, on a thread of its own so that nothing waits for it.

use super::bench::{Workbench, blocking};
use super::check::plain;
use super::receipt::{Outcome, Receipt};
use super::types::SavedProject;
use crate::api::catalogue::Effect;
use crate::api::client::{Api, Witness, Witnessed};
use crate::api::request::{Request, Value};
use crate::api::url::ApiUrl;
use crate::store::audit::{self, Entry, MOST_RECORDS, RecordKey, What};
use crate::store::files::StoreError;
use crate::store::paths::Paths;
use jiff::Timestamp;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Called with the sentences to show when the log cannot be written. Once in a session.
type OnProblem = Box<dyn Fn(&str) + Send>;

/// The audit log while capscope runs. When it is dropped, everything noted is on the disk.
pub struct Audit {
    notes: Option<Sender<(Timestamp, Noted)>>,
    thread: Option<JoinHandle<()>>,
    told: Arc<Mutex<Told>>,
}

/// Whether somebody was told that the log cannot be written, and who is to be told.
#[derive(Default)]
struct Told {
    listener: Option<OnProblem>,
    problem: Option<String>,
}

/// An entry whose records have their names still: they are hashed before they are kept.
struct Noted {
    entry: Entry,
    records: Vec<String>,
}

impl Audit {
    /// Begins to note. The files are made with the first line.
    pub fn begin(paths: Paths) -> Self {
        let (notes, inbox) = channel();
        let told = Arc::new(Mutex::new(Told::default()));
        let teller = Arc::clone(&told);
        let thread = std::thread::Builder::new()
            .name("audit".into())
            .spawn(move || write_all(&paths, &inbox, &teller))
            .ok();
        Self { notes: Some(notes), thread, told }
    }

    /// Who is told if the log cannot be written.
    pub fn on_problem(&self, listener: impl Fn(&str) + Send + 'static) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(problem) = &told.problem {
            listener(problem);
        }
        told.listener = Some(Box::new(listener));
    }

    /// Notes something that happened now.
    pub fn note(&self, entry: Entry) {
        self.note_with(entry, Vec::new());
    }

    /// Notes something that happened now to these records. Their names are kept as keyed hashes.
    fn note_with(&self, mut entry: Entry, mut records: Vec<String>) {
        if !records.is_empty() {
            entry.records = Some(records.len() as u64);
        }
        if records.len() > MOST_RECORDS {
            records.clear();
        }
        if let Some(notes) = &self.notes {
            // A thread that is gone has told why.
            let _ = notes.send((Timestamp::now(), Noted { entry, records }));
        }
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        self.notes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Writes what is noted, as much at a time as has come, until nobody can note any more.
fn write_all(paths: &Paths, inbox: &Receiver<(Timestamp, Noted)>, told: &Mutex<Told>) {
    let mut key = None;
    while let Ok(first) = inbox.recv() {
        let batch: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).collect();
        if let Err(e) = write(paths, &mut key, batch) {
            tell(told, &e);
        }
    }
}

fn write(
    paths: &Paths,
    key: &mut Option<RecordKey>,
    batch: Vec<(Timestamp, Noted)>,
) -> Result<(), StoreError> {
    let mut entries = Vec::new();
    for (at, Noted { mut entry, records }) in batch {
        if !records.is_empty() {
            if key.is_none() {
                *key = Some(RecordKey::load(paths)?);
            }
            if let Some(key) = key {
                entry.record_hashes = records.iter().map(|r| key.hash(r)).collect();
            }
        }
        entries.push((at, entry));
    }
    audit::append(paths, &entries)
}

/// Tells once that lines are missing: work goes on.
fn tell(told: &Mutex<Told>, error: &StoreError) {
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    if told.problem.is_none() {
        let text = format!("The audit log is not complete: {error} {}", error.advice());
        if let Some(listener) = &told.listener {
            listener(&text);
        }
        told.problem = Some(text);
    }
}

/// The server and the project that a line is about, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The server's name.
    pub host: String,
    /// The project's number.
    pub project: Option<u64>,
}

impl Place {
    /// A saved project.
    pub fn of(project: &SavedProject) -> Self {
        let host = ApiUrl::parse(&project.url).map(|url| url.host().to_owned()).unwrap_or_default();
        Self { host, project: project.number() }
    }

    fn entry(self, what: What) -> Entry {
        Entry { what, host: self.host, project: self.project, ..Entry::default() }
    }
}

impl From<&Api> for Place {
    fn from(api: &Api) -> Self {
        Self { host: api.server().url().host().to_owned(), project: api.project() }
    }
}

impl Workbench {
    /// Notes in the audit log, if it is kept, that something happened.
    pub fn note(&self, what: What, place: Place) {
        if let Some(audit) = &self.audit {
            audit.note(place.entry(what));
        }
    }

    /// Notes that a file with data was written, with how many rows and fields, and its hash.
    pub async fn note_file(&self, place: Place, path: &Path, rows: Option<usize>, fields: Option<usize>) {
        let Some(audit) = self.audit.clone() else { return };
        let path = path.to_owned();
        let entry = Entry {
            rows: rows.map(|n| n as u64),
            fields: fields.map(|n| n as u64),
            outcome: "done".into(),
            ..place.entry(What::FileWritten)
        };
        // A file that cannot be read any more is noted without its hash.
        let _ = blocking(move || {
            let content_hash = hash_file(&path).unwrap_or_default();
            audit.note(Entry { content_hash, ..entry });
        })
        .await;
    }

    /// Notes how the sending of a checked file ended.
    pub fn note_sent(&self, receipt: &Receipt) {
        let Some(audit) = &self.audit else { return };
        let (_, number, url) = &receipt.project;
        let host = ApiUrl::parse(url).map(|url| url.host().to_owned()).unwrap_or_default();
        let place = Place { host, project: Some(*number) };
        let outcome = match &receipt.outcome {
            Outcome::Finished if receipt.is_verified() => "stored and verified",
            Outcome::Finished => "accepted, not verified",
            Outcome::Refused { .. } => "refused",
            Outcome::Paused { .. } => "the answer was lost",
        };
        audit.note(Entry {
            records: Some(receipt.sent_records as u64),
            outcome: outcome.into(),
            content_hash: plain(&receipt.hash),
            ..place.entry(What::FileSent)
        });
    }
}

/// A witness that notes calls.
pub fn witness(audit: &Arc<Audit>) -> Witness {
    let audit = Arc::clone(audit);
    Arc::new(move |call| {
        let (entry, records) = of_call(call);
        audit.note_with(entry, records);
    })
}

/// What is noted of a call: counts and hashes of what it asks for and sends.
fn of_call(call: &Witnessed<'_>) -> (Entry, Vec<String>) {
    let request = call.request;
    let mut entry = Entry {
        host: call.host.to_owned(),
        project: call.project,
        method: request.method().title.to_owned(),
        fields: list(request, "fields").map(|l| l.len() as u64),
        ..Entry::default()
    };
    if request.method().effect != Effect::Read {
        let data = request.text("data");
        if let Some(file) = request.file() {
            entry.content_hash = audit::hash_of(&file.bytes);
        } else if !data.is_empty() {
            entry.content_hash = audit::hash_of(data.as_bytes());
        }
    }
    match &call.end {
        None => entry.what = What::WriteBegins,
        Some(end) => {
            (entry.rows, entry.bytes, entry.status) = (end.rows, Some(end.bytes), end.status);
            entry.ms = Some(end.ms);
            entry.outcome = match &end.outcome {
                Ok(()) => "done".to_owned(),
                Err(why) => why.clone(),
            };
        }
    }
    let mut records = list(request, "records").unwrap_or_default().to_vec();
    if !request.text("record").is_empty() {
        records.push(request.text("record").to_owned());
    }
    (entry, records)
}

fn list<'a>(request: &'a Request, name: &str) -> Option<&'a [String]> {
    match request.get(name) {
        Some(Value::List(list)) => Some(list),
        Some(Value::One(one)) => Some(std::slice::from_ref(one)),
        None => None,
    }
}

/// The SHA-256 of a file.
fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = audit::ContentHash::default();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finish()),
            n => hash.add(piece.get(..n).unwrap_or_default()),
        }
    }
}
