//! One whole record: its events, instruments and instances under one another.

use super::cursor::Cursor;
use super::hidden::{Branching, Shown as OnForm};
use super::timeline::Timeline;
use super::trace::FieldTrace;
use crate::domain::dictionary::{FieldType, status_field, status_label};
use crate::domain::logic::Project;
use crate::domain::project::Metadata;
use crate::domain::record::{RowKey, column};
use crate::domain::table::RecordTable;
use crate::domain::text::without_html;
use crate::domain::values::{MASK, Shown, Values};
use crate::jobs::Problem;
use crate::jobs::types::RecordPlace;

/// How the load of a record stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewState {
    /// It runs.
    Loading,
    /// The record is here.
    Ready,
    /// It failed.
    Failed(Problem),
}

/// What is looked for in a record. A field may have the name of an instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// A field, by its name.
    Field(String),
    /// An instrument, by its unique name.
    Form(String),
    /// Whatever comes first at an event.
    Visit,
}

/// A record that is open.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// Its name.
    pub record: String,
    /// How its load stands.
    pub state: ViewState,
    /// Its rows as the server sent them.
    pub table: RecordTable,
    /// When it was read.
    pub read_at: Option<jiff::Timestamp>,
    /// What is drawn, line by line.
    pub lines: Vec<Line>,
    /// The cursor in `lines`.
    pub cursor: Cursor,
    /// Its log.
    pub timeline: Timeline,
    /// The row and what of it the cursor goes to once the record is here.
    pub seek: Option<(RowKey, Sought)>,
    /// Why the field under the cursor is shown or not, and how it is calculated.
    pub trace: FieldTrace,
}

/// A line of an open record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A sentence about the whole record.
    Note(String),
    /// An event, or an instance of a repeating event.
    Place(String),
    /// An instrument with its status in words.
    Instrument {
        /// The instrument's label, with the instance where it repeats.
        label: String,
        /// `Complete`, `Incomplete`, `Unverified`, `not started`, or that it cannot be read.
        status: &'static str,
        /// Its unique name.
        form: String,
        /// The row of the table.
        row: usize,
    },
    /// The head of a table of instances: an instrument's fields as columns.
    TableHead {
        /// The places of the fields in the dictionary.
        fields: Vec<usize>,
    },
    /// One instance in that table.
    TableRow {
        /// The places of the fields in the dictionary.
        fields: Vec<usize>,
        /// The row of the table.
        row: usize,
    },
    /// A field: its place in the dictionary and the row of the table that holds its value.
    Field {
        /// The place in the dictionary.
        field: usize,
        /// The row of the table.
        row: usize,
        /// Whether the form shows it.
        shown: OnForm,
    },
}

impl RecordView {
    /// A record of which nothing is known yet.
    pub fn loading(record: &str) -> Self {
        Self {
            record: record.to_owned(),
            state: ViewState::Loading,
            table: RecordTable::default(),
            read_at: None,
            lines: Vec::new(),
            cursor: Cursor::default(),
            timeline: Timeline::default(),
            seek: None,
            trace: FieldTrace::default(),
        }
    }

    /// Takes the record in.
    pub fn take(&mut self, table: RecordTable, metadata: &Metadata, now: jiff::Timestamp) {
        self.state = ViewState::Ready;
        self.read_at = Some(now);
        self.lines = lines(&table, metadata, now);
        self.table = table;
        if let Some((place, sought)) = self.seek.take()
            && let Some(at) = self.line_of(&place, &sought, metadata)
        {
            self.cursor = Cursor { at, top: self.head_of(at) };
        }
        self.cursor.at = self.cursor.at.min(self.lines.len().saturating_sub(1));
    }

    /// The line to begin with so that a line is read with what it belongs to: its event where that
    /// is near, else its instrument. What stands below it is then on screen too.
    fn head_of(&self, at: usize) -> usize {
        const NEAR: usize = 8;
        let last = |is: fn(&Line) -> bool| self.lines.iter().take(at + 1).rposition(is);
        let place = last(|l| matches!(l, Line::Place(_))).filter(|place| at - place <= NEAR);
        let head = place.or_else(|| last(|l| matches!(l, Line::Instrument { .. }))).unwrap_or(at);
        // Sentences about the whole record stay on screen with what is at its top anyway.
        let only_notes = self.lines.iter().take(head).all(|l| matches!(l, Line::Note(_)));
        if only_notes { 0 } else { head }
    }

    /// The line of what is sought at a place; of any row of the same event if it is not on that row.
    fn line_of(&self, place: &RowKey, sought: &Sought, metadata: &Metadata) -> Option<usize> {
        // A field that is looked for may be on another event by now.
        let (rows, anywhere) = match sought {
            Sought::Field(name) => {
                let is = |at: usize| metadata.dictionary.fields().get(at).is_some_and(|f| f.name == *name);
                let of = |line: &Line| match line {
                    Line::Field { field, row, .. } if is(*field) => Some(*row),
                    _ => None,
                };
                (self.lines.iter().map(of).collect::<Vec<_>>(), true)
            }
            Sought::Form(_) | Sought::Visit => {
                let of = |line: &Line| match line {
                    Line::Instrument { form, row, .. } => {
                        (*sought == Sought::Visit || *sought == Sought::Form(form.clone())).then_some(*row)
                    }
                    _ => None,
                };
                (self.lines.iter().map(of).collect::<Vec<_>>(), false)
            }
        };
        let same_event = |row: usize| self.table.get(row, column::EVENT) == place.event;
        let same_instance = |row: usize| {
            let instance = self.table.get(row, column::REPEAT_INSTANCE);
            same_event(row) && instance.parse().ok() == place.instance
        };
        let same_row = |row: usize| {
            same_instance(row) && self.table.get(row, column::REPEAT_INSTRUMENT) == place.instrument
        };
        let first = |is: &dyn Fn(usize) -> bool| rows.iter().position(|row| row.is_some_and(is));
        first(&same_row)
            .or_else(|| first(&same_instance))
            .or_else(|| first(&same_event))
            .or_else(|| first(&|_| anywhere))
    }

    /// The file under the cursor: its place, and the name that REDCap gives it.
    pub fn file(&self, metadata: &Metadata) -> Option<(RecordPlace, String)> {
        let Line::Field { field, row, .. } = self.lines.get(self.cursor.at)? else { return None };
        let field = metadata.dictionary.fields().get(*field)?;
        let name = self.table.get(*row, &field.name);
        let is_file = field.field_type == FieldType::File && !name.is_empty();
        let place = RecordPlace {
            record: self.record.clone(),
            event: self.table.get(*row, column::EVENT).to_owned(),
            name: field.name.clone(),
            repeat_instance: self.table.get(*row, column::REPEAT_INSTANCE).parse().ok(),
        };
        is_file.then(|| (place, name.to_owned()))
    }

    /// The value of a field line as it is shown, `""` if it is blank.
    pub fn value(
        &self,
        field: usize,
        row: usize,
        values: Values,
        masked: bool,
        metadata: &Metadata,
    ) -> String {
        let Some(field) = metadata.dictionary.fields().get(field) else { return String::new() };
        let names = field.export_columns();
        let cells: Vec<&str> = names.iter().map(|name| self.table.get(row, name)).collect();
        if masked && field.identifier && cells.iter().any(|c| !c.is_empty()) {
            return MASK.to_owned();
        }
        Shown::field(field).text(&cells, values, &metadata.info)
    }
}

/// Lays a record out: for each row of the export its place, then the instruments used there.
///
/// An instrument that was never saved is one line, "not started". Fields whose columns the
/// server did not send are left out; the pane says which instruments are cut.
fn lines(table: &RecordTable, metadata: &Metadata, now: jiff::Timestamp) -> Vec<Line> {
    let mut lines = Vec::new();
    let project = Project::new(metadata);
    let mut branching =
        Branching::new(&project, table, now.to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime());
    if table.n_rows() > 0 {
        let missing = missing_fields(table, metadata);
        if !missing.is_empty() {
            let n = missing.len();
            lines.push(Line::Note(format!(
                "{n} fields are not here: this token's export rights leave them out ({}).",
                missing.join(", ")
            )));
        }
    }
    let inferred = metadata.repeating.known().is_none() && metadata.info.has_repeating;
    if inferred && (0..table.n_rows()).any(|row| !table.get(row, column::REPEAT_INSTANCE).is_empty()) {
        lines.push(Line::Note(
            "What repeats is inferred from the data: this token may not read the set-up. Forms with no data yet may repeat too.".into(),
        ));
    }
    let id = metadata.dictionary.record_id_field().map(|f| f.name.as_str()).unwrap_or_default();
    for row in 0..table.n_rows() {
        let event = table.get(row, column::EVENT);
        let repeat = table.get(row, column::REPEAT_INSTRUMENT);
        let instance = table.get(row, column::REPEAT_INSTANCE);
        if metadata.info.is_longitudinal {
            let mut place = metadata.event_label(event);
            if repeat.is_empty() && !instance.is_empty() {
                place.push_str(&format!(", instance {instance} of a repeating event"));
            }
            if lines.iter().rev().find(|l| matches!(l, Line::Place(_))) != Some(&Line::Place(place.clone())) {
                lines.push(Line::Place(place));
            }
        }
        if let Some(text) = gap(table, metadata, row) {
            lines.push(Line::Note(text));
        }
        lines.extend(instances(table, metadata, row, id));
        for form in forms_on(table, metadata, event, repeat) {
            let status = table.get(row, &status_field(form));
            let fields = fields_in(table, metadata, form, id);
            if table.column(&status_field(form)).is_none() {
                let label = without_html(metadata.instrument_label(form));
                let form = form.to_owned();
                lines.push(Line::Instrument { label, status: "not readable", form, row });
                continue;
            }
            let started = !status.is_empty() || has_data(table, metadata, row, &fields);
            let mut label = without_html(metadata.instrument_label(form));
            if !repeat.is_empty() {
                label.push_str(&format!(", instance {instance}"));
            }
            let status = if started { status_label(status).unwrap_or("no status") } else { "not started" };
            lines.push(Line::Instrument { label, status, form: form.to_owned(), row });
            if started {
                for field in fields {
                    let shown = branching.shown(metadata, field, row);
                    lines.push(Line::Field { field, row, shown });
                }
            }
        }
    }
    lines
}

/// The places in the dictionary of an instrument's fields that are in the table.
fn fields_in(table: &RecordTable, metadata: &Metadata, form: &str, id: &str) -> Vec<usize> {
    let fields = metadata.dictionary.fields().iter().enumerate();
    fields
        .filter(|(_, f)| f.form == form && f.name != id && f.holds_data())
        .filter(|(_, f)| f.export_columns().iter().any(|c| table.column(c).is_some()))
        .map(|(at, _)| at)
        .collect()
}

/// All instances of a repeating instrument at an event side by side, before the first of them.
/// One alone needs no table.
fn instances(table: &RecordTable, metadata: &Metadata, row: usize, id: &str) -> Vec<Line> {
    let place = |row: usize| (table.get(row, column::EVENT), table.get(row, column::REPEAT_INSTRUMENT));
    let (event, form) = place(row);
    let is_first = !form.is_empty() && (0..row).all(|other| place(other) != (event, form));
    let rows: Vec<usize> = (row..table.n_rows()).filter(|&r| is_first && place(r) == (event, form)).collect();
    if rows.len() < 2 {
        return Vec::new();
    }
    let fields = fields_in(table, metadata, form, id);
    let head = Line::TableHead { fields: fields.clone() };
    let body = rows.into_iter().map(|row| Line::TableRow { fields: fields.clone(), row });
    std::iter::once(head).chain(body).collect()
}

/// Which instances are not there although later ones are, told at the first instance that is.
fn gap(table: &RecordTable, metadata: &Metadata, row: usize) -> Option<String> {
    let place = |row: usize| (table.get(row, column::EVENT), table.get(row, column::REPEAT_INSTRUMENT));
    let instance = |row: usize| table.get(row, column::REPEAT_INSTANCE).parse::<u32>().ok();
    let here = place(row);
    instance(row)?;
    let same = |other: &usize| place(*other) == here && instance(*other).is_some();
    if (0..row).any(|other| same(&other)) {
        return None;
    }
    let there: std::collections::BTreeSet<u32> =
        (row..table.n_rows()).filter(same).filter_map(instance).collect();
    let gone: Vec<String> =
        (1..*there.last()?).filter(|n| !there.contains(n)).take(10).map(|n| n.to_string()).collect();
    let what = if here.1.is_empty() {
        metadata.event_label(here.0)
    } else {
        without_html(metadata.instrument_label(here.1))
    };
    match gone.as_slice() {
        [] => None,
        [one] => Some(format!("{what}: instance {one} does not exist")),
        many => Some(format!("{what}: instances {} do not exist", many.join(", "))),
    }
}

/// The fields that were asked for and have no column: export rights left them out.
fn missing_fields<'a>(table: &RecordTable, metadata: &'a Metadata) -> Vec<&'a str> {
    metadata
        .dictionary
        .fields()
        .iter()
        .filter(|f| f.holds_data() && f.export_columns().iter().all(|c| table.column(c).is_none()))
        .map(|f| f.name.as_str())
        .collect()
}

/// The instruments that a row of the export can hold.
fn forms_on<'a>(table: &RecordTable, metadata: &'a Metadata, event: &str, repeat: &'a str) -> Vec<&'a str> {
    if !repeat.is_empty() {
        return vec![repeat];
    }
    let all = metadata.instruments.iter().map(|i| i.name.as_str());
    if !metadata.info.is_longitudinal {
        return all.filter(|form| !metadata.form_repeats(form)).collect();
    }
    // Where the set-up is not known, what has an instance here repeats here.
    let has_instance = |form: &str| {
        (0..table.n_rows()).any(|row| {
            table.get(row, column::EVENT) == event && table.get(row, column::REPEAT_INSTRUMENT) == form
        })
    };
    let known = metadata.repeating.known().is_some();
    let repeats_here = |form: &str| {
        if known {
            metadata.repeating.list().iter().any(|r| r.event == event && r.form == form)
        } else {
            has_instance(form)
        }
    };
    all.filter(|form| metadata.mapping.list().iter().any(|m| m.event == event && m.form == *form))
        .filter(|form| !repeats_here(form))
        .collect()
}

fn has_data(table: &RecordTable, metadata: &Metadata, row: usize, fields: &[usize]) -> bool {
    fields.iter().filter_map(|&i| metadata.dictionary.fields().get(i)).any(|field| {
        // An unticked box is exported as 0, so it says nothing about whether the form was used.
        let blank = |cell: &str| cell.is_empty() || field.field_type.as_str() == "checkbox" && cell == "0";
        field.export_columns().iter().any(|c| !blank(table.get(row, c)))
    })
}
