//! The list of what is missing, on screen.

use super::changes::LogLoad;
use super::cursor::Cursor;
use super::open::{matches, words};
use crate::domain::project::Metadata;
pub use crate::domain::worklist::{Anchor, Item, Verdict, Worklist};
use crate::jobs::types::WorklistWanted;

/// The list on screen.
#[derive(Debug, Clone, Default)]
pub struct WorklistView {
    /// How its load stands.
    pub load: LogLoad,
    /// What was found.
    pub list: Worklist,
    /// The date to count from, if another was chosen.
    pub anchor: Option<Anchor>,
    /// Blank fields that are not required are listed too.
    pub optional: bool,
    /// Words that every shown line must have.
    pub filter: String,
    /// Only records of this Data Access Group; `Some("")` is those of none.
    pub dag: Option<String>,
    /// The places in the list of the lines that are shown.
    pub rows: Vec<usize>,
    /// The cursor in `rows`.
    pub cursor: Cursor,
}

impl WorklistView {
    /// What to ask for.
    pub fn wanted(&self, today: jiff::civil::Date) -> WorklistWanted {
        WorklistWanted { anchor: self.anchor.clone(), optional: self.optional, today }
    }

    /// Takes a list in.
    pub fn take(&mut self, list: Worklist, metadata: &Metadata, masked: bool, now: jiff::Timestamp) {
        self.list = list;
        self.load = LogLoad::Done(now);
        if self.dag.as_ref().is_some_and(|d| !self.groups().contains(d)) {
            self.dag = None;
        }
        self.refresh(metadata, masked);
    }

    /// Works out which lines are shown. Names of records that are masked are not searched.
    pub fn refresh(&mut self, metadata: &Metadata, masked: bool) {
        let hidden = masked && metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
        let none = words(&self.filter).is_empty();
        let shown = |item: &Item| {
            let (event, form) = (metadata.event_label(&item.event), metadata.instrument_label(&item.form));
            let record = if hidden { "" } else { item.record.as_str() };
            let texts = [record, &event, form, &item.words(), &item.dag, &group_label(metadata, &item.dag)];
            self.dag.as_ref().is_none_or(|d| *d == item.dag) && (none || matches(&self.filter, &texts))
        };
        self.rows = self.list.items.iter().enumerate().filter(|(_, i)| shown(i)).map(|(at, _)| at).collect();
        self.cursor.at = self.cursor.at.min(self.rows.len().saturating_sub(1));
    }

    /// The Data Access Groups in the list, by their unique names; `""` is none.
    pub fn groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = self.list.items.iter().map(|i| i.dag.clone()).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Shows the next group only, and after the last one all again.
    pub fn next_group(&mut self) {
        let groups = self.groups();
        self.dag = match &self.dag {
            None => groups.into_iter().next(),
            Some(now) => groups.into_iter().find(|g| g > now),
        };
    }

    /// The line under the cursor.
    pub fn chosen(&self) -> Option<&Item> {
        self.rows.get(self.cursor.at).and_then(|&at| self.list.items.get(at))
    }

    /// How many of the shown lines are visits that are late, and that are due now.
    pub fn counts(&self) -> (usize, usize) {
        let of = |is: fn(&Verdict) -> bool| {
            self.rows.iter().filter_map(|&at| self.list.items.get(at)).filter(|i| is(&i.verdict)).count()
        };
        (of(|v| matches!(v, Verdict::Late(_))), of(|v| matches!(v, Verdict::Due(_))))
    }
}

/// The name of a Data Access Group; its unique name where only that is known.
pub fn group_label(metadata: &Metadata, unique: &str) -> String {
    let known = metadata.access.dags.list().iter().find(|d| d.unique_name == unique);
    known.map_or(unique.to_owned(), |d| d.name.clone())
}

/// A date to count from, in words: the field, its label and its event.
pub fn anchor_words(metadata: &Metadata, anchor: &Anchor) -> String {
    let event = metadata.event_label(&anchor.event);
    format!("{} at {event}", anchor.field)
}
