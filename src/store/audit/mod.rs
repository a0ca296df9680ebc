//! The audit log of this computer: what capscope asked of servers and wrote to files, in lines
//! that are only ever added and that are chained by hashes.
//!
//! A line names the time, the server, the project's number, the method, counts, the outcome and
//! hashes. It never holds a value, a token or a record's name: names of records are kept as keyed
//! hashes. The chain shows damage and careless changes. It is no proof against the owner of the
//! files, who could write it anew; noting the newest hash elsewhere makes it one.

mod read;

pub use read::{Report, lines, verify};

use super::files::{self, Lock, StoreError};
use super::paths::Paths;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait for another capscope that is writing: a batch of lines takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// A file that is longer is put aside under the number of its first line, and a new one begins.
/// None is ever removed.
const LONGEST_FILE: u64 = 4 * 1024 * 1024;
/// No line is as long.
const LONGEST_LINE: u64 = 64 * 1024;
/// What the first line of all is chained to.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The most names of records that a line lists as hashes; more are only counted.
pub const MOST_RECORDS: usize = 50;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A call that may change something is about to be sent.
    WriteBegins,
    /// A call of the API ended.
    #[default]
    Call,
    /// A file with data was written on this computer.
    FileWritten,
    /// The sending of a checked file ended.
    FileSent,
    /// The masks over identifiers were lifted on screen.
    MasksLifted,
    /// A project was opened with masks switched off in the settings.
    MasksOff,
}

/// One line without its place in the chain. What is not known or does not apply is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// What happened.
    pub what: What,
    /// The server's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The project's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<u64>,
    /// The method's title, such as `Export Records`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// How many fields were asked for or written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<u64>,
    /// How many records were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// Keyed hashes of their names, if they are few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub record_hashes: Vec<String>,
    /// How many rows came, went or were written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How many bytes came, after decompression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// `done`, or the title of what went wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    /// SHA-256 of the file that was written, or of the data that was sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content_hash: String,
}

/// A line as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The hash of the line before.
    pub prev: String,
    /// Its number, from 1 over all files.
    pub n: u64,
    /// When it happened, by this computer's clock.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// The folder of the log.
fn folder(paths: &Paths) -> PathBuf {
    paths.state_dir().join("audit")
}

/// The file that lines are added to.
pub fn current_file(paths: &Paths) -> PathBuf {
    folder(paths).join("audit.jsonl")
}

/// The files that were put aside, oldest first.
fn old_files(paths: &Paths) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder(paths)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("audit-") && name.ends_with(".jsonl")
        })
        .collect();
    files.sort();
    files
}

/// Adds lines, in order. Other capscopes wait meanwhile. They are on the disk when this returns.
pub fn append(paths: &Paths, entries: &[(Timestamp, Entry)]) -> Result<(), StoreError> {
    append_within(paths, entries, LONGEST_FILE)
}

fn append_within(paths: &Paths, entries: &[(Timestamp, Entry)], longest: u64) -> Result<(), StoreError> {
    let path = current_file(paths);
    let _lock = Lock::take(&path, PATIENCE)?;
    let mut head = head(paths)?;
    if head.bytes > longest {
        let aside = folder(paths).join(format!("audit-{:012}.jsonl", first_number(&path)?));
        std::fs::rename(&path, &aside).map_err(StoreError::io("written", &aside))?;
        head.torn = false;
    }
    let mut text = if head.torn { String::from("\n") } else { String::new() };
    for (at, entry) in entries {
        let line = Line { prev: head.hash, n: head.n.saturating_add(1), at: *at, entry: entry.clone() };
        let (hash, written) = line.written();
        text.push_str(&written);
        (head.hash, head.n) = (hash, line.n);
    }
    let mut file = files::append(&path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).map_err(StoreError::io("written", &path))
}

impl Line {
    /// Its hash and its text with the line end.
    fn written(&self) -> (String, String) {
        // Numbers, plain texts and times are always JSON.
        let json = serde_json::to_string(self).unwrap_or_default();
        let rest = json.strip_prefix('{').unwrap_or(&json);
        let hash = hash_of(rest.as_bytes());
        let text = format!("{{\"hash\":\"{hash}\",{rest}\n");
        (hash, text)
    }
}

/// Where the chain ends.
struct Head {
    n: u64,
    hash: String,
    /// The last line has no end: its writer was stopped in the middle.
    torn: bool,
    /// The length of the current file.
    bytes: u64,
}

/// Finds the last whole line, in the current file or in the newest of those put aside.
fn head(paths: &Paths) -> Result<Head, StoreError> {
    let current = current_file(paths);
    let (mut tail, bytes) = tail(&current)?;
    let torn = bytes > 0 && !tail.ends_with(b"\n");
    let mut older = old_files(paths);
    loop {
        let text = String::from_utf8_lossy(&tail).into_owned();
        // The last piece counts only if it is whole: a piece without its line end may be.
        let mut pieces: Vec<&str> = text.split('\n').collect();
        let last = pieces.pop().filter(|p| read::parse(p).is_some());
        let whole = last.or_else(|| pieces.iter().rev().find(|p| !p.is_empty()).copied());
        if let Some(line) = whole {
            let (n, hash) = match read::parse(line) {
                Some(found) => (found.line.n, found.hash),
                None => (0, hash_of(line.as_bytes())),
            };
            return Ok(Head { n, hash, torn, bytes });
        }
        match older.pop() {
            Some(path) => tail = self::tail(&path)?.0,
            None => return Ok(Head { n: 0, hash: NOTHING.into(), torn, bytes }),
        }
    }
}

/// The last bytes of a file, and how long it is. A file that is not there has none.
fn tail(path: &Path) -> Result<(Vec<u8>, u64), StoreError> {
    let mut file = match File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        file => file.map_err(StoreError::io("read", path))?,
    };
    let mut read = || {
        let bytes = file.metadata()?.len();
        file.seek(SeekFrom::Start(bytes.saturating_sub(LONGEST_LINE)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        Ok((tail, bytes))
    };
    read().map_err(StoreError::io("read", path))
}

/// The number of the first whole line of a file, for its name.
fn first_number(path: &Path) -> Result<u64, StoreError> {
    let mut start = Vec::new();
    let mut file = File::open(path).map_err(StoreError::io("read", path))?.take(LONGEST_LINE);
    file.read_to_end(&mut start).map_err(StoreError::io("read", path))?;
    let text = String::from_utf8_lossy(&start);
    Ok(text.lines().find_map(read::parse).map_or(0, |found| found.line.n))
}

/// The SHA-256 of bytes in hexadecimal digits.
pub fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The SHA-256 of something long, piece by piece.
#[derive(Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    /// Adds the next piece.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash in hexadecimal digits.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

/// Turns names of records into hashes that only this computer can compute.
pub struct RecordKey([u8; 32]);

impl RecordKey {
    /// The key of this computer, made at the first call.
    pub fn load(paths: &Paths) -> Result<Self, StoreError> {
        let path = folder(paths).join("key");
        let _lock = Lock::take(&path, PATIENCE)?;
        let known = files::read(&path)?.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        if let Some(key) = known {
            return Ok(Self(key));
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| StoreError::NoRandom)?;
        files::write(&path, &key)?;
        Ok(Self(key))
    }

    /// The hash of a record's name: 16 hexadecimal digits of its HMAC-SHA-256.
    pub fn hash(&self, record: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(record.as_bytes());
        let mut text = hex(&mac.finalize().into_bytes());
        text.truncate(16);
        text
    }
}

#[cfg(test)]
mod tests;
