//! What an onlooker hears of every call: the Activity section and the status line.

use crate::api::error::ApiError;
use crate::api::request::Request;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::time::Instant;

/// Hears every step of every call. It is called from the tasks that run the calls: it must not wait.
pub type Observer = Arc<dyn Fn(CallEvent) + Send + Sync>;

/// An observer that does nothing.
pub fn silent() -> Observer {
    Arc::new(|_| {})
}

/// One step of one call. It never holds a parameter's value, a token or a part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEvent {
    /// The call's number, different for every call of this process.
    pub id: u64,
    /// The server.
    pub host: String,
    /// The name that the list of projects has for the token; empty if it has none yet.
    pub project: String,
    /// The method's title, such as `Export Records`.
    pub title: &'static str,
    /// What of it was asked for, such as `12 fields, 250 records`: names of the project's design
    /// and numbers, never a record's name.
    pub detail: String,
    /// What happened.
    pub state: CallState,
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallState {
    /// It waits for its turn or for the pace.
    Waiting,
    /// The request is on its way.
    Sent,
    /// The answer is coming in.
    Receiving {
        /// Bytes so far, after decompression.
        bytes: u64,
    },
    /// It failed for a passing reason and will be tried again.
    Retrying {
        /// In how many milliseconds.
        in_ms: u64,
        /// Why, in a few words.
        reason: String,
    },
    /// It is over. Every call ends with exactly one of these, also when it is dropped.
    Done {
        /// The last status, if there was an answer.
        status: Option<u16>,
        /// Bytes received, after decompression.
        bytes: u64,
        /// How long it took from the first request to the end, in milliseconds.
        ms: u64,
        /// The title of the error, if it failed; `Stopped` if it was dropped.
        outcome: Result<(), String>,
    },
}

/// Hears when a call that may change something is about to be sent, and when any call ends: for
/// an audit log. Unlike an [`Observer`] it sees the request itself. It must not wait either.
pub type Witness = Arc<dyn Fn(&Witnessed<'_>) + Send + Sync>;

/// One moment of one call.
pub struct Witnessed<'a> {
    /// The server.
    pub host: &'a str,
    /// The number of the project that the token is for, if it is known.
    pub project: Option<u64>,
    /// What is asked for. It holds names of records and, in imports, values.
    pub request: &'a Request,
    /// How the call ended; `None` before it is sent.
    pub end: Option<CallEnd>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEnd {
    /// The last status, if there was an answer.
    pub status: Option<u16>,
    /// Bytes received, after decompression.
    pub bytes: u64,
    /// How many rows came, if the answer has rows.
    pub rows: Option<u64>,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// The title of the error, if it failed; `Stopped` if it was dropped.
    pub outcome: Result<(), String>,
}

/// A call that somebody witnesses.
#[derive(Clone, Copy)]
struct Seen<'a> {
    witness: &'a Witness,
    request: &'a Request,
    project: Option<u64>,
}

/// Tells the observer about one call, its end included.
pub(super) struct Watch<'a> {
    observer: &'a Observer,
    seen: Option<Seen<'a>>,
    host: &'a str,
    project: &'a str,
    title: &'static str,
    detail: String,
    rows: Option<u64>,
    began: AtomicBool,
    id: u64,
    start: Instant,
    bytes: AtomicU64,
    told: AtomicU64,
    status: AtomicU64,
    done: bool,
}

/// Bytes between two `Receiving` steps.
const STEP: u64 = 64 * 1024;

impl<'a> Watch<'a> {
    /// A new call, which waits.
    pub fn begin(
        observer: &'a Observer,
        (host, project): (&'a str, &'a str),
        title: &'static str,
        detail: String,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let watch = Self {
            observer,
            seen: None,
            host,
            project,
            title,
            detail,
            rows: None,
            began: AtomicBool::new(false),
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            start: Instant::now(),
            bytes: AtomicU64::new(0),
            told: AtomicU64::new(0),
            status: AtomicU64::new(0),
            done: false,
        };
        watch.tell(CallState::Waiting);
        watch
    }

    /// The same, with somebody who hears of the request itself.
    pub fn witnessed(mut self, witness: &'a Witness, request: &'a Request, project: Option<u64>) -> Self {
        self.seen = Some(Seen { witness, request, project });
        self
    }

    fn tell(&self, state: CallState) {
        (self.observer)(CallEvent {
            id: self.id,
            host: self.host.to_owned(),
            project: self.project.to_owned(),
            title: self.title,
            detail: self.detail.clone(),
            state,
        });
    }

    /// The request is on its way, for the first time or again.
    pub fn sent(&self) {
        self.bytes.store(0, Ordering::Relaxed);
        self.told.store(0, Ordering::Relaxed);
        let is_write = self.seen.as_ref().is_some_and(|s| !s.request.is_read());
        if is_write && !self.began.swap(true, Ordering::Relaxed) {
            self.witness(None);
        }
        self.tell(CallState::Sent);
    }

    fn witness(&self, end: Option<CallEnd>) {
        if let Some(Seen { witness, request, project }) = self.seen {
            witness(&Witnessed { host: self.host, project, request, end });
        }
    }

    /// An answer began.
    pub fn answered(&self, status: u16) {
        self.status.store(status.into(), Ordering::Relaxed);
    }

    /// So many bytes have come.
    pub fn received(&self, bytes: u64) {
        let told = self.told.load(Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
        if told == 0 || bytes >= told.saturating_add(STEP) {
            self.told.store(bytes, Ordering::Relaxed);
            self.tell(CallState::Receiving { bytes });
        }
    }

    /// It will be tried again.
    pub fn retrying(&self, in_ms: u64, error: &ApiError) {
        self.tell(CallState::Retrying { in_ms, reason: error.title().to_owned() });
    }

    /// It is over.
    pub fn finish(mut self, rows: Option<u64>, outcome: Result<(), &ApiError>) {
        self.rows = rows;
        self.end(outcome.map_err(|e| e.title().to_owned()));
    }

    /// Milliseconds since the call began.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn end(&mut self, outcome: Result<(), String>) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        let status = match self.status.load(Ordering::Relaxed) {
            0 => None,
            status => u16::try_from(status).ok(),
        };
        let (bytes, ms) = (self.bytes.load(Ordering::Relaxed), self.ms());
        self.witness(Some(CallEnd { status, bytes, rows: self.rows, ms, outcome: outcome.clone() }));
        self.tell(CallState::Done { status, bytes, ms, outcome });
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.end(Err("Stopped".to_owned()));
    }
}
