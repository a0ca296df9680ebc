//! Which fields branching logic hides on the form of one record.

use crate::domain::logic::{self, Logic, Place, Project, RecordContext, Rules, TableRows};
use crate::domain::project::Metadata;
use crate::domain::table::RecordTable;
use jiff::civil::DateTime;
use std::collections::HashMap;

/// What branching logic says of a field at one place of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The form shows the field.
    Yes,
    /// Branching logic hides it.
    Hidden,
    /// It cannot be said: the logic has a mistake, or needs something that is not at hand.
    Unknown,
}

/// Evaluates branching logic over the rows of one record. Each expression is read once.
pub struct Branching<'a> {
    project: &'a Project<'a>,
    rows: TableRows<'a>,
    rules: Rules,
    now: DateTime,
    parsed: HashMap<&'a str, Option<Logic>>,
}

impl<'a> Branching<'a> {
    /// For a record's rows. `now` is what `'now'` and `'today'` are.
    pub fn new(project: &'a Project<'a>, table: &'a RecordTable, now: DateTime) -> Self {
        let rows = TableRows::new(project, table);
        Self { project, rows, rules: Rules::default(), now, parsed: HashMap::new() }
    }

    /// Whether the form shows a field at this row.
    pub fn shown(&mut self, metadata: &'a Metadata, field: usize, row: usize) -> Shown {
        let Some(field) = metadata.dictionary.fields().get(field) else { return Shown::Unknown };
        let text = field.branching_logic.trim();
        if text.is_empty() {
            return Shown::Yes;
        }
        let logic = self.parsed.entry(text).or_insert_with(|| logic::parse(text).ok());
        let Some(logic) = logic else { return Shown::Unknown };
        let place = Place { form: &field.form, ..self.rows.place(row) };
        let record = self.rows.record(row);
        let context = RecordContext::new(self.project, &record, place, &self.rules, self.now);
        match logic.is_true(&context, &self.rules) {
            Ok(true) => Shown::Yes,
            Ok(false) => Shown::Hidden,
            Err(_) => Shown::Unknown,
        }
    }
}
