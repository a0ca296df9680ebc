//! A place to try logic: what is wrong with it, what it gives for the record at hand, and for
//! which records it is true.

use super::cursor::Cursor;
use super::open::Open;
use super::record_view::Line;
use super::trace::{Outcome, Shows, TraceLine, explain, looks_at_identifiers};
use crate::domain::logic::{Logic, Project, Purpose, Severity, parse};
use crate::domain::quality::{Checks, CustomRule, Finding, Needed, Rule, needed};
use crate::domain::record::{RowKey, column};
use crate::domain::table::RecordTable;
use crate::jobs::types::QualityDone;
use jiff::Timestamp;
use tui_input::Input;

/// Something to say of the expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How bad it is.
    pub severity: Severity,
    /// The part that is meant; may be empty.
    pub part: String,
    /// What it is, with what to do.
    pub text: String,
}

/// What the expression gives for the record at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The record and its place, in words.
    pub place: String,
    /// The explanation; its first line is the whole expression.
    pub lines: Vec<TraceLine>,
}

/// The records for which it is true.
#[derive(Debug, Clone, Default)]
pub enum Matches {
    /// Not looked for.
    #[default]
    None,
    /// They are being looked for.
    Waiting,
    /// They were found.
    Found {
        /// The expression they belong to.
        text: String,
        /// The result.
        done: Box<QualityDone>,
        /// What was looked at, in words.
        among: String,
    },
    /// Why they cannot be.
    Refused(String),
}

/// The state of the scratchpad.
#[derive(Debug, Clone, Default)]
pub struct Scratchpad {
    /// The expression.
    pub input: Input,
    /// What is to be said of it.
    pub remarks: Vec<Remark>,
    /// It can be evaluated.
    pub valid: bool,
    /// It looks at masked data, so its results are not told.
    pub masked: bool,
    /// The record at hand.
    pub here: Option<Here>,
    /// The records for which it is true.
    pub matches: Matches,
    /// What is looked at by the search that runs.
    pub among: String,
    /// The cursor in them.
    pub cursor: Cursor,
    /// The list has the focus, and not the box.
    pub in_list: bool,
}

impl Scratchpad {
    /// A scratchpad with this expression.
    pub fn new(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()), ..Self::default() }
    }

    /// The findings that are listed.
    pub fn found(&self) -> &[Finding] {
        match &self.matches {
            Matches::Found { done, .. } => done.report.rules.first().map_or(&[], |r| &r.findings),
            _ => &[],
        }
    }

    /// Works out what is wrong with the expression, and what it gives for the record at hand.
    pub fn judge(&mut self, open: &Open, now: Timestamp) {
        let text = self.input.value().trim().to_owned();
        if let Matches::Found { text: found_for, .. } = &self.matches
            && *found_for != text
        {
            self.matches = Matches::None;
            self.in_list = false;
        }
        if matches!(self.matches, Matches::Refused(_)) {
            self.matches = Matches::None;
        }
        self.remarks.clear();
        self.here = None;
        self.masked = false;
        self.valid = false;
        if text.is_empty() {
            return;
        }
        let logic = match parse(&text) {
            Ok(logic) => logic,
            Err(error) => {
                let part = text.get(error.at.clone()).unwrap_or_default().to_owned();
                let said = format!("{} {}", error.message, error.hint).trim_end().to_owned();
                return self.remarks.push(Remark { severity: Severity::Error, part, text: said });
            }
        };
        let project = Project::new(&open.metadata);
        let mut lints = logic.lint(&project, Purpose::Filter);
        lints.sort_by_key(|lint| std::cmp::Reverse(lint.severity));
        self.remarks.extend(lints.into_iter().map(|lint| Remark {
            severity: lint.severity,
            part: text.get(lint.at.clone()).unwrap_or_default().to_owned(),
            text: format!("{} {}", lint.message, lint.hint).trim_end().to_owned(),
        }));
        self.valid = logic.check(&project).is_ok();
        // A search would tell what masked values are.
        self.masked = open.masked && looks_at_identifiers(&logic, &open.metadata);
        if self.valid && !self.masked {
            self.here = here(&logic, open, now);
        }
    }

    /// What to look for, and in which rows: those that are here if they have all that is needed.
    pub fn search(&mut self, open: &Open) -> Option<(Checks, Option<RecordTable>)> {
        let text = self.input.value().trim().to_owned();
        if self.masked {
            self.matches = Matches::Refused(
                "It looks at masked identifiers. Close with Esc, show them with m, and come back with =."
                    .into(),
            );
            return None;
        }
        if !self.valid {
            return None;
        }
        let rule = CustomRule::read("", &text, &Project::new(&open.metadata)).ok()?;
        let checks = Checks::new(vec![Rule::Custom(rule)]);
        let Needed { columns, .. } = needed(&open.metadata, &checks);
        let table = &open.records.table;
        let id = open.metadata.dictionary.record_id_field()?.name.as_str();
        let is_here = table.n_rows() > 0
            && table.column(id).is_some()
            && columns.iter().all(|c| table.column(c).is_some());
        self.matches = Matches::Waiting;
        self.in_list = false;
        if !is_here {
            self.among = "all records, read for this".into();
            return Some((checks, None));
        }
        let (read, all) = (open.records.records_read, open.records.ids.as_ref().map_or(0, Vec::len));
        self.among = if read < all {
            format!("the first {read} of {all} records, as loaded")
        } else {
            "the records loaded".to_owned()
        };
        let names = std::iter::once(id).chain(column::SYSTEM.iter().copied());
        Some((checks, Some(table.select(names.chain(columns.iter().map(String::as_str))))))
    }

    /// Takes the records in.
    pub fn take(&mut self, done: QualityDone) {
        self.cursor = Cursor::default();
        let text = self.input.value().trim().to_owned();
        self.matches = Matches::Found { text, done: Box::new(done), among: self.among.clone() };
        self.in_list = !self.found().is_empty();
    }

    /// The place of the record under the cursor, and the first field of the expression.
    pub fn chosen(&self) -> Option<(RowKey, String)> {
        self.found().get(self.cursor.at).map(|f| (f.place.clone(), f.field.clone()))
    }
}

/// The expression at the record that is open, or else at the row under the cursor of the table.
fn here(logic: &Logic, open: &Open, now: Timestamp) -> Option<Here> {
    let shows = Shows { metadata: &open.metadata, masked: open.masked, values: open.values, now };
    let (table, row) = match &open.records.view {
        Some(view) => {
            let lines = view.lines.get(..=view.cursor.at).unwrap_or_default();
            let row = lines.iter().rev().find_map(|line| match line {
                Line::Field { row, .. } | Line::TableRow { row, .. } => Some(*row),
                _ => None,
            });
            (view.table.clone(), row.unwrap_or(0))
        }
        None => {
            let (all, chosen) = (&open.records.table, open.records.chosen_row()?);
            // Only the rows of this record: the table may have hundreds of thousands.
            let id = all.column(&open.metadata.dictionary.record_id_field()?.name)?;
            let code = all.code(chosen, id);
            let rows: Vec<usize> = (0..all.n_rows()).filter(|row| all.code(*row, id) == code).collect();
            let row = rows.iter().position(|row| *row == chosen)?;
            (all.rows(&rows), row)
        }
    };
    if table.n_rows() == 0 {
        return None;
    }
    let identifier = open.metadata.dictionary.record_id_field().filter(|f| f.identifier);
    let record = match (open.masked, identifier) {
        (true, Some(_)) => crate::domain::values::MASK.to_owned(),
        _ => {
            let id = open.metadata.dictionary.record_id_field().map_or("", |f| f.name.as_str());
            table.get(row, id).to_owned()
        }
    };
    let mut place = format!("record {record}");
    let event = table.get(row, column::EVENT);
    if !event.is_empty() {
        place.push_str(&format!(", {}", open.metadata.event_label(event)));
    }
    let instrument = table.get(row, column::REPEAT_INSTRUMENT);
    if !instrument.is_empty() {
        place.push_str(&format!(", {}", open.metadata.instrument_label(instrument)));
    }
    let instance = table.get(row, column::REPEAT_INSTANCE);
    if !instance.is_empty() {
        place.push_str(&format!(" #{instance}"));
    }
    Some(Here { place, lines: explain(logic, &table, row, instrument, shows) })
}

/// The word for the result of a whole expression.
pub fn verdict(lines: &[TraceLine]) -> (&str, Outcome) {
    lines.first().map_or(("", Outcome::Blank), |line| (line.result.as_str(), line.outcome))
}
