//! Why logic has its result for one record, line by line, with personal data masked.

use super::record_view::{Line, RecordView};
use crate::domain::dictionary::FieldType;
use crate::domain::logic::tags::{self, Computed};
use crate::domain::logic::{
    Item, Logic, Place, Project, RecordContext, Reference, Rules, TableRows, Trace, Value, parse,
};
use crate::domain::project::Metadata;
use crate::domain::table::RecordTable;
use crate::domain::values::{MASK, Shown, Values};
use jiff::Timestamp;

/// What a part gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// True.
    True,
    /// False.
    False,
    /// A value.
    Value,
    /// Nothing.
    Blank,
    /// It cannot be worked out here.
    Failed,
}

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceLine {
    /// How deep the part is inside the expression.
    pub depth: usize,
    /// The part as it is written.
    pub text: String,
    /// Its result in words.
    pub result: String,
    /// What kind of result it is.
    pub outcome: Outcome,
    /// REDCap does not look at this part.
    pub skipped: bool,
}

/// The explanation of a field of an open record: a heading for each expression, and its lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldTrace {
    /// What it was made for: the line, whether identifiers are masked, how values are shown, and
    /// which reading of the record.
    made_for: Option<(usize, bool, Values, Option<Timestamp>)>,
    /// `Branching logic`, `Calculation`, ..., each with its lines.
    pub sections: Vec<(&'static str, Vec<TraceLine>)>,
}

/// How things are shown.
#[derive(Clone, Copy)]
pub struct Shows<'a> {
    /// The project.
    pub metadata: &'a Metadata,
    /// Identifiers are masked.
    pub masked: bool,
    /// Labels, codes or both.
    pub values: Values,
    /// What `'now'` is.
    pub now: Timestamp,
}

impl RecordView {
    /// Works out the explanation for the line under the cursor, if that is not done.
    pub fn explain(&mut self, shows: Shows<'_>) {
        let key = (self.cursor.at, shows.masked, shows.values, self.read_at);
        if self.trace.made_for == Some(key) {
            return;
        }
        let sections = match self.lines.get(self.cursor.at) {
            Some(Line::Field { field, row, .. }) => of_field(&self.table, *field, *row, shows),
            _ => Vec::new(),
        };
        self.trace = FieldTrace { made_for: Some(key), sections };
    }
}

fn of_field(
    table: &RecordTable,
    field: usize,
    row: usize,
    shows: Shows<'_>,
) -> Vec<(&'static str, Vec<TraceLine>)> {
    let Some(field) = shows.metadata.dictionary.fields().get(field) else { return Vec::new() };
    let mut expressions: Vec<(&'static str, Logic)> = Vec::new();
    expressions.extend(parse(&field.branching_logic).ok().map(|logic| ("Branching logic", logic)));
    if field.field_type == FieldType::Calc {
        expressions.extend(parse(&field.choices_or_calculations).ok().map(|logic| ("Calculation", logic)));
    }
    match tags::computed(&field.annotation) {
        Some(Ok(Computed::Text(logic))) => expressions.push(("@CALCTEXT", logic)),
        Some(Ok(Computed::Date(date))) => {
            expressions.push(("@CALCDATE: the date", date.source));
            expressions.push(("@CALCDATE: how many", date.offset));
        }
        _ => {}
    }
    expressions.retain(|(_, logic)| !logic.is_empty());
    if expressions.is_empty() {
        return Vec::new();
    }
    let explained = |logic: &Logic| explain(logic, table, row, &field.form, shows);
    expressions.iter().map(|(name, logic)| (*name, explained(logic))).collect()
}

/// Explains an expression at a row of a table that holds the whole record.
pub fn explain(
    logic: &Logic,
    table: &RecordTable,
    row: usize,
    form: &str,
    shows: Shows<'_>,
) -> Vec<TraceLine> {
    let (project, rules) = (Project::new(shows.metadata), Rules::default());
    let rows = TableRows::new(&project, table);
    let record = rows.record(row);
    let place = Place { form, ..rows.place(row) };
    let now = shows.now.to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime();
    let context = RecordContext::new(&project, &record, place, &rules, now);
    let mut lines = Vec::new();
    let mut open: Vec<(usize, Trace)> = logic.trace(&context, &rules).map(|t| (0, t)).into_iter().collect();
    while let Some((depth, trace)) = open.pop() {
        lines.push(line(&trace, depth, logic, &rules, shows));
        open.extend(trace.parts.into_iter().rev().map(|part| (depth + 1, part)));
    }
    lines
}

fn line(trace: &Trace, depth: usize, logic: &Logic, rules: &Rules, shows: Shows<'_>) -> TraceLine {
    let text = logic.text().get(trace.at.clone()).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let of = |number: &usize| logic.reference(*number);
    let personal =
        shows.masked && trace.references.iter().filter_map(of).any(|r| is_personal(r, shows.metadata));
    let (outcome, result) = match &trace.result {
        Err(error) => (Outcome::Failed, error.problem.to_string()),
        Ok(Value::Bool(true)) => (Outcome::True, "true".to_owned()),
        Ok(Value::Bool(false)) => (Outcome::False, "false".to_owned()),
        Ok(Value::Blank) => (Outcome::Blank, "blank".to_owned()),
        Ok(_) if personal => (Outcome::Value, MASK.to_owned()),
        Ok(value) => {
            let raw = value.to_text(rules);
            let reference = trace.reference.and_then(|number| logic.reference(number));
            (Outcome::Value, labelled(reference, &raw, shows))
        }
    };
    TraceLine { depth, text, result, outcome, skipped: !trace.needed }
}

/// A value of a field with choices is shown with its code, because logic compares codes.
fn labelled(reference: Option<&Reference>, raw: &str, shows: Shows<'_>) -> String {
    let plain = || crate::domain::text::one_line(raw);
    let Some(reference) = reference else { return plain() };
    if reference.code().is_some() {
        return if raw == "1" { "1 (ticked)".to_owned() } else { format!("{} (not ticked)", plain()) };
    }
    let field = reference.field().and_then(|name| shows.metadata.dictionary.field(name));
    let Some(field) = field.filter(|_| shows.values != Values::Codes) else { return plain() };
    let label = Shown::field(field).text(&[raw], Values::Labels, &shows.metadata.info);
    if label == plain() || label.is_empty() { plain() } else { format!("{} ({label})", plain()) }
}

/// Whether a reference gives personal data.
fn is_personal(reference: &Reference, metadata: &Metadata) -> bool {
    let id = metadata.dictionary.record_id_field();
    match &reference.item {
        Item::Field { name, .. } => metadata.dictionary.field(name).is_some_and(|f| f.identifier),
        Item::Smart { name, .. } => name == "record-name" && id.is_some_and(|f| f.identifier),
    }
}

/// Whether an expression looks at personal data.
pub fn looks_at_identifiers(logic: &Logic, metadata: &Metadata) -> bool {
    logic.references().any(|reference| is_personal(reference, metadata))
}
