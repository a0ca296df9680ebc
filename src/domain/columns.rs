//! The columns of a record table on screen.

use super::choices::Choice;
use super::dictionary::{Field, FieldType, status_field, status_label};
use super::filter::{self, Kind};
use super::layout::Layout;
use super::project::Metadata;
use super::record::column;
use super::table::RecordTable;
use super::text::without_html;
use super::values::{MASK, Shown, Values};
use std::ops::Range;

/// A column on screen: one field, which may be several columns of the export.
#[derive(Debug, Clone)]
pub struct Column {
    /// The field's name or REDCap's own column name.
    pub name: String,
    /// The places of its cells in the table.
    pub cells: Vec<usize>,
    /// How its values are shown.
    pub shown: Shown,
    /// What its stored values are, for filters, sums and order.
    pub kind: Kind,
    /// Personal data.
    pub identifier: bool,
    /// The record id or one of REDCap's own: always first, and never scrolls away.
    pub fixed: bool,
    /// Stays when the table scrolls sideways.
    pub frozen: bool,
    /// The event column shows event labels.
    pub is_event: bool,
    /// The instrument column shows instrument labels.
    pub is_instrument: bool,
}

impl Column {
    /// A column of one cell that shows what is stored.
    pub fn plain(name: &str, cell: usize, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            cells: vec![cell],
            shown: Shown::plain(),
            kind,
            identifier: false,
            fixed: false,
            frozen: false,
            is_event: false,
            is_instrument: false,
        }
    }

    /// The name on screen: REDCap's own columns have short ones.
    pub fn title(&self) -> &str {
        match self.name.as_str() {
            column::EVENT => "event",
            column::REPEAT_INSTRUMENT => "repeats",
            column::REPEAT_INSTANCE => "instance",
            column::DAG => "DAG",
            name => name,
        }
    }

    /// The text of its cell in a row of the table.
    pub fn text(
        &self,
        table: &RecordTable,
        row: usize,
        values: Values,
        masked: bool,
        metadata: &Metadata,
    ) -> String {
        let cells: Vec<&str> = self.cells.iter().map(|&c| table.cell(row, c)).collect();
        self.text_of(&cells, values, masked, metadata)
    }

    /// The text for stored cells: one, or one a choice of a checkbox field.
    pub fn text_of(&self, cells: &[&str], values: Values, masked: bool, metadata: &Metadata) -> String {
        let raw = cells.first().copied().unwrap_or_default();
        if masked && self.identifier && cells.iter().any(|c| !c.is_empty()) {
            return MASK.to_owned();
        }
        if values != Values::Codes {
            if self.is_event {
                return metadata.event_label(raw);
            }
            if self.is_instrument && !raw.is_empty() {
                return without_html(metadata.instrument_label(raw));
            }
        }
        self.shown.text(cells, values, &metadata.info)
    }

    /// Notes in `hit`, which has a place for each row of the range, the rows whose stored cells
    /// pass. For a few new rows; whole tables are searched by [`Column::find_word`] and
    /// [`Column::find_passing`].
    pub fn mark_range(
        &self,
        table: &RecordTable,
        range: &Range<usize>,
        passes: &mut dyn FnMut(&[&str]) -> bool,
        hit: &mut [bool],
    ) {
        if let [cell] = self.cells.as_slice() {
            return table.mark_range(*cell, range, &mut |value| passes(&[value]), hit);
        }
        for (row, hit) in range.clone().zip(hit) {
            let cells: Vec<&str> = self.cells.iter().map(|&c| table.cell(row, c)).collect();
            *hit |= passes(&cells);
        }
    }

    /// Whether stored cells have a word, in small letters, in their label or their code.
    pub fn has_word(&self, cells: &[&str], word: &str, metadata: &Metadata) -> bool {
        if cells.iter().all(|c| c.is_empty()) && !self.is_event {
            return false;
        }
        self.text_of(cells, Values::Both, false, metadata).to_lowercase().contains(word)
    }

    /// Its values are shown as they are stored, but for missing data codes.
    pub(super) fn shows_what_is_stored(&self) -> bool {
        self.shown.is_plain() && !self.is_event && !self.is_instrument
    }

    /// The text of each choice of a checkbox field when it is ticked.
    pub(super) fn choice_texts(&self, values: Values) -> Option<Vec<String>> {
        self.shown.choice_texts(values)
    }

    /// Numbers stand at the right.
    pub fn numeric(&self) -> bool {
        self.kind == Kind::Number
    }

    /// The column as a filter knows it.
    pub fn for_filter(&self, masked: bool) -> filter::Column {
        let mut names = vec![self.title().to_owned()];
        if self.title() != self.name {
            names.push(self.name.clone());
        }
        filter::Column { names, kind: self.kind.clone(), masked: masked && self.identifier }
    }
}

/// All columns of a table: REDCap's own first, then the fields of these instruments in dictionary
/// order with the columns of a checkbox field joined, each instrument's form status last.
pub fn columns(table: &RecordTable, metadata: &Metadata, forms: &[&str]) -> Vec<Column> {
    let mut columns = Vec::new();
    let id_field = metadata.dictionary.record_id_field();
    if let Some(field) = id_field
        && let Some(place) = table.column(&field.name)
    {
        let plain = Column::plain(&field.name, place, Kind::Names);
        columns.push(Column { identifier: field.identifier, fixed: true, frozen: true, ..plain });
    }
    columns.extend(column::SYSTEM.iter().filter_map(|name| {
        let place = table.column(name)?;
        let plain = Column::plain(name, place, system_kind(name, metadata));
        Some(Column {
            identifier: *name == column::SURVEY_IDENTIFIER,
            fixed: true,
            frozen: true,
            is_event: *name == column::EVENT,
            is_instrument: *name == column::REPEAT_INSTRUMENT,
            ..plain
        })
    }));
    for form in forms {
        let fields = metadata.dictionary.fields_of(form);
        let own = fields.filter(|f| id_field.is_none_or(|id| id.name != f.name));
        columns.extend(own.filter_map(|f| of_field(f, table, metadata)));
        columns.extend(of_status(form, table));
    }
    columns
}

/// The column of a field, if all its cells are in the table.
fn of_field(field: &Field, table: &RecordTable, metadata: &Metadata) -> Option<Column> {
    let cells: Option<Vec<usize>> = field.export_columns().iter().map(|name| table.column(name)).collect();
    let cells = cells.filter(|c| !c.is_empty())?;
    let plain = Column::plain(&field.name, 0, kind(field, metadata));
    Some(Column { cells, shown: Shown::field(field), identifier: field.identifier, ..plain })
}

/// The column of an instrument's form status.
fn of_status(form: &str, table: &RecordTable) -> Option<Column> {
    let status = status_field(form);
    let place = table.column(&status)?;
    let codes = ["0", "1", "2"];
    let choices = codes.iter().filter_map(|c| Some(Choice::new(*c, status_label(c)?))).collect();
    Some(Column { shown: Shown::status(), ..Column::plain(&status, place, Kind::Choice(choices)) })
}

/// The columns in the order of a layout, with those it hides; the frozen ones are marked.
pub fn arrange(columns: &[Column], layout: &Layout) -> Vec<Column> {
    let fixed = columns.iter().take_while(|c| c.fixed).count();
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let order = layout.arrange(&names, fixed).into_iter();
    order
        .filter_map(|at| columns.get(at))
        .map(|c| Column { frozen: c.fixed || layout.frozen.contains(&c.name), ..c.clone() })
        .collect()
}

/// What the values of REDCap's own columns are.
fn system_kind(name: &str, metadata: &Metadata) -> Kind {
    match name {
        column::EVENT => {
            let events = metadata.events.list().iter();
            let label = |e: &crate::domain::event::Event| metadata.event_label(&e.unique_name);
            Kind::Choice(events.map(|e| Choice::new(e.unique_name.as_str(), label(e))).collect())
        }
        column::REPEAT_INSTRUMENT => {
            let forms = metadata.instruments.iter();
            Kind::Choice(forms.map(|i| Choice::new(i.name.as_str(), without_html(&i.label))).collect())
        }
        column::REPEAT_INSTANCE => Kind::Number,
        _ => Kind::Text,
    }
}

/// What the stored values of a field are. Missing data codes are choices too.
fn kind(field: &Field, metadata: &Metadata) -> Kind {
    let choices = field.choices();
    let validation = field.validation.as_str();
    match field.field_type {
        FieldType::Checkbox => Kind::Checkbox(choices),
        _ if !choices.is_empty() => {
            let missing = metadata.info.missing_data_codes.iter().cloned();
            Kind::Choice(choices.into_iter().chain(missing).collect())
        }
        FieldType::Calc | FieldType::Slider => Kind::Number,
        _ if validation == "integer" || validation.starts_with("number") => Kind::Number,
        _ if ["date", "time"].iter().any(|t| validation.starts_with(t)) => Kind::Date,
        _ => Kind::Text,
    }
}
