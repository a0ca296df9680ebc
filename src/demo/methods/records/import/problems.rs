//! What is wrong with an import: sentences about the whole request, and CSV quadruples about
//! cells (`redcap-api.md` §5.5). All are collected and told together.

use crate::demo::wire::error::ApiError;
use std::collections::HashSet;

/// So many lines of a kind are told. Nobody reads more, and a body of nothing but mistakes would
/// otherwise cost many times its size.
const MOST_LINES: usize = 50_000;

/// All that was found.
#[derive(Debug, Default)]
pub struct Problems {
    whole: Vec<String>,
    cells: Vec<String>,
    unknown_events: Vec<String>,
    /// The sentences and events that were told, so that none is told twice.
    told: HashSet<String>,
    /// The records that something is wrong with, as they were sent.
    records: HashSet<String>,
    /// Something is wrong with the request itself, so no record is good.
    everything: bool,
}

impl Problems {
    /// A sentence about the whole request, that comes from this record. It is told once.
    pub fn whole(&mut self, record: &str, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if self.whole.len() < MOST_LINES && self.told.insert(sentence.clone()) {
            self.whole.push(sentence);
        }
        self.records.insert(record.to_owned());
    }

    /// A sentence about the whole request that comes from no record.
    pub fn everything(&mut self, sentence: impl Into<String>) {
        self.whole.push(sentence.into());
        self.everything = true;
    }

    /// An event that does not exist.
    pub fn unknown_event(&mut self, record: &str, event: &str) {
        if self.unknown_events.len() < MOST_LINES && self.told.insert(event.to_owned()) {
            self.unknown_events.push(event.to_owned());
        }
        self.records.insert(record.to_owned());
    }

    /// A cell that is refused.
    pub fn cell(&mut self, record: &str, field: &str, value: &str, message: &str) {
        self.records.insert(record.to_owned());
        if self.cells.len() >= MOST_LINES {
            return;
        }
        let quoted: Vec<String> = [record, field, value, message]
            .into_iter()
            .map(|text| format!("\"{}\"", text.replace('"', "\"\"")))
            .collect();
        self.cells.push(quoted.join(","));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && !self.everything
    }

    /// Whether something is wrong with this record.
    pub fn has_record(&self, record: &str) -> bool {
        self.records.contains(record)
    }

    /// Whether no record at all may be stored.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// The refusal.
    pub fn into_error(self) -> ApiError {
        let mut lines = Vec::new();
        if !self.unknown_events.is_empty() {
            lines.push(format!(
                "The following values of redcap_event_name are invalid: {}",
                self.unknown_events.join(", ")
            ));
        }
        lines.extend(self.whole);
        lines.extend(self.cells);
        ApiError::bad(lines.join("\n"))
    }
}
