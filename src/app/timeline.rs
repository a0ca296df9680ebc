//! The timeline of one record: its log, day by day.

use super::changes::LogLoad;
use super::cursor::Cursor;
use crate::domain::changes::Change;
use crate::domain::project::Metadata;
use crate::jobs::types::LogRead;

/// The timeline on screen.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// It is shown in place of the record.
    pub shown: bool,
    /// How its load stands.
    pub load: LogLoad,
    /// What was read.
    pub read: LogRead,
    /// What is drawn.
    pub lines: Vec<Line>,
    /// The cursor in `lines`.
    pub cursor: Cursor,
}

/// A line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A day of the server's calendar, with the number of its entries.
    Day(String, usize),
    /// An entry: its place in what was read, and what it says.
    Entry(usize, Change),
}

impl Timeline {
    /// Takes the log of the record in.
    pub fn take(&mut self, read: LogRead, now: jiff::Timestamp) {
        self.load = LogLoad::Done(now);
        self.lines = Vec::new();
        let day_of = |time: &str| time.get(..10).unwrap_or(time).to_owned();
        let mut day = None;
        for (at, entry) in read.entries.iter().enumerate() {
            let own = day_of(&entry.timestamp);
            if day.as_ref() != Some(&own) {
                let n = read.entries.iter().filter(|e| day_of(&e.timestamp) == own).count();
                self.lines.push(Line::Day(own.clone(), n));
                day = Some(own);
            }
            self.lines.push(Line::Entry(at, Change::read(entry)));
        }
        self.read = read;
        self.cursor.at = self.cursor.at.min(self.lines.len().saturating_sub(1));
        if self.cursor.at == 0 && self.lines.len() > 1 {
            self.cursor.at = 1;
        }
    }
}

/// The server time from which on the log of a record is read: since the project was made, so that
/// nothing of the record is left out and the request still has a bound.
pub fn begin(metadata: &Metadata) -> String {
    metadata.info.creation_time.get(..16).unwrap_or_default().to_owned()
}
