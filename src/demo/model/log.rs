//! A project's log.

use crate::domain::log::LogEntry;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// What a log line is about: the words of the `logtype` parameter (`redcap-api.md` §3.20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogType {
    /// Data exports.
    Export,
    /// Everything of design and administration.
    Manage,
    /// Users and roles.
    User,
    /// A record was made.
    RecordAdd,
    /// A record was changed.
    RecordEdit,
    /// A record was deleted.
    RecordDelete,
    /// A record was locked.
    LockRecord,
    /// A page was looked at; only listed if asked for.
    PageView,
}

impl LogType {
    /// Whether a line of this type is listed for a `logtype`; `""` is everything but page views.
    pub fn matches(self, logtype: &str) -> bool {
        match logtype {
            "" => self != Self::PageView,
            "export" => self == Self::Export,
            "manage" => self == Self::Manage,
            "user" => self == Self::User,
            "record" => matches!(self, Self::RecordAdd | Self::RecordEdit | Self::RecordDelete),
            "record_add" => self == Self::RecordAdd,
            "record_edit" => self == Self::RecordEdit,
            "record_delete" => self == Self::RecordDelete,
            "lock_record" => self == Self::LockRecord,
            "page_view" => self == Self::PageView,
            _ => false,
        }
    }
}

/// The lines of a log, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Log {
    lines: Vec<(LogType, LogEntry)>,
}

/// Older lines than these many are dropped, so that a server that runs for weeks stays small.
const MOST_LINES: usize = 100_000;

impl Log {
    /// Adds a line.
    pub fn add(&mut self, kind: LogType, entry: LogEntry) {
        if self.lines.len() >= MOST_LINES {
            self.lines.drain(..MOST_LINES / 10);
        }
        self.lines.push((kind, entry));
    }

    /// Puts the lines into the order of their time; lines of one minute keep their order.
    pub fn sort(&mut self) {
        self.lines.sort_by(|(_, a), (_, b)| a.timestamp.cmp(&b.timestamp));
    }

    /// The lines, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = (LogType, &LogEntry)> {
        self.lines.iter().rev().map(|(kind, entry)| (*kind, entry))
    }
}

/// A time as the log shows it.
pub fn log_time(time: DateTime) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A time with seconds, as project information and survey timestamps show it.
pub fn full_time(time: DateTime) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
