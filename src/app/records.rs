//! The record table of one instrument.

use super::cursor::Cursor;
use super::record_view::RecordView;
use super::sorting::Sort;
use super::values::{MASK, Shown, Values};
use crate::domain::dictionary::status_field;
use crate::domain::project::Metadata;
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use crate::domain::text::without_html;
use crate::jobs::Problem;
use crate::jobs::types::{RecordsDone, RecordsWanted};
use jiff::Timestamp;

/// How many records the first load reads.
pub const FIRST_RECORDS: usize = 500;

/// How a load of records stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Load {
    /// Nothing was asked for.
    #[default]
    Never,
    /// It runs.
    Running,
    /// It ended well at that time.
    Done(RecordsDone, Timestamp),
    /// It was stopped; what was read is shown.
    Stopped,
    /// It failed; what was read before is shown.
    Failed(Problem),
}

/// A column on screen: one field, which may be several columns of the export.
#[derive(Debug, Clone)]
pub struct Column {
    /// The field's name or REDCap's own column name.
    pub name: String,
    /// The places of its cells in the table.
    pub cells: Vec<usize>,
    /// How its values are shown.
    pub shown: Shown,
    /// Personal data.
    pub identifier: bool,
    /// Stays when the table scrolls sideways.
    pub frozen: bool,
    /// The event column shows event labels.
    pub is_event: bool,
    /// The instrument column shows instrument labels.
    pub is_instrument: bool,
    /// Numbers stand at the right.
    pub numeric: bool,
}

/// The records pane.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// The instrument whose records are in the table.
    pub form: Option<String>,
    /// Which load it was; a new load starts a new table only when its first rows are here.
    pub load: Load,
    /// The rows as the server sent them.
    pub table: RecordTable,
    /// The names of all records the token can see.
    pub ids: Option<Vec<String>>,
    /// How many of them were read.
    pub records_read: usize,
    /// How many records have a row on screen.
    pub records_shown: usize,
    /// The next rows replace the table.
    pub(super) fresh: bool,
    /// How many rows the table had when all of them were last put in order.
    pub(super) in_order: usize,
    /// The columns on screen.
    pub columns: Vec<Column>,
    /// The rows on screen, in order.
    pub rows: Vec<usize>,
    /// The cursor in `rows`.
    pub cursor: Cursor,
    /// The cursor in `columns`.
    pub column: usize,
    /// The first column after the frozen ones that is drawn.
    pub left: usize,
    /// Words that every shown row must have.
    pub filter: String,
    /// By which column the rows are sorted; `None` is by record.
    pub sort: Option<Sort>,
    /// The whole record, when one is open.
    pub view: Option<RecordView>,
}

impl Records {
    /// What to ask the server for: the fields of one instrument, by name.
    pub fn wanted(metadata: &Metadata, form: &str, limit: Option<usize>) -> Option<RecordsWanted> {
        let id_field = metadata.dictionary.record_id_field()?.name.clone();
        let mut fields: Vec<String> = metadata
            .dictionary
            .fields_of(form)
            .filter(|f| f.holds_data() && f.name != id_field)
            .map(|f| f.name.clone())
            .collect();
        fields.push(status_field(form));
        let mut columns: Vec<String> = metadata
            .dictionary
            .fields_of(form)
            .filter(|f| f.name != id_field)
            .flat_map(crate::domain::dictionary::Field::export_columns)
            .collect();
        columns.push(status_field(form));
        let events = metadata.events_of_form(form).map(|e| e.unique_name.clone()).collect();
        Some(RecordsWanted { form: form.to_owned(), id_field, fields, columns, events, limit, after: None })
    }

    /// Notes that a load starts. What is on screen stays until the first new rows are here,
    /// unless it is another instrument's.
    pub fn begin(&mut self, form: &str) {
        if self.form.as_deref() != Some(form) {
            *self = Self { form: Some(form.to_owned()), ..Self::default() };
        }
        self.load = Load::Running;
        self.fresh = true;
    }

    /// Notes that a load goes on where the last one ended.
    pub fn go_on(&mut self) {
        self.load = Load::Running;
        self.fresh = false;
    }

    /// The text of a cell on screen.
    pub fn text(
        &self,
        column: &Column,
        row: usize,
        values: Values,
        masked: bool,
        metadata: &Metadata,
    ) -> String {
        let cells: Vec<&str> = column.cells.iter().map(|&c| self.table.cell(row, c)).collect();
        let raw = cells.first().copied().unwrap_or_default();
        if masked && column.identifier && cells.iter().any(|c| !c.is_empty()) {
            return MASK.to_owned();
        }
        if values != Values::Codes {
            if column.is_event {
                return metadata.event_label(raw);
            }
            if column.is_instrument && !raw.is_empty() {
                return without_html(metadata.instrument_label(raw));
            }
        }
        column.shown.text(&cells, values, &metadata.info)
    }

    /// The row of the table under the cursor.
    pub fn chosen_row(&self) -> Option<usize> {
        self.rows.get(self.cursor.at).copied()
    }

    /// The name of the record under the cursor.
    pub fn chosen_record(&self) -> Option<&str> {
        let id = *self.columns.first()?.cells.first()?;
        Some(self.table.cell(self.chosen_row()?, id)).filter(|name| !name.is_empty())
    }

    /// How many columns stay when the table scrolls.
    pub fn n_frozen(&self) -> usize {
        self.columns.iter().take_while(|c| c.frozen).count()
    }

    /// Moves the column cursor and keeps it in view.
    pub fn step_column(&mut self, right: bool, fit: usize) {
        let last = self.columns.len().saturating_sub(1);
        self.column = if right { (self.column + 1).min(last) } else { self.column.saturating_sub(1) };
        self.show_column(fit);
    }

    /// Scrolls sideways so that the column under the cursor is drawn. `fit` is how many
    /// scrolling columns the last drawing had room for.
    pub fn show_column(&mut self, fit: usize) {
        let Some(at) = self.column.checked_sub(self.n_frozen()) else { return };
        let lowest = (at + 1).saturating_sub(fit.max(1));
        self.left = self.left.clamp(lowest, at);
    }
}

/// What did not come back of what was asked for, as a problem that can be read.
pub fn seal_problem(seal: &RecordsDone) -> Option<Problem> {
    if !seal.missing_records.is_empty() {
        return Some(Problem::new(
            "Not all records came back",
            format!(
                "{} were asked for by name and are not in the answer: {}.",
                seal.missing_records.len(),
                seal.missing_records.join(", ")
            ),
            "They were deleted or renamed meanwhile, or the server left them out, which happens on large exports without any error.",
            "Press r to read again. If they are still missing, read fewer records at a time.",
        ));
    }
    if seal.missing_columns.is_empty() {
        return None;
    }
    Some(Problem::new(
        "Export rights leave columns out",
        format!(
            "{} columns were asked for and did not come: {}.",
            seal.missing_columns.len(),
            seal.missing_columns.join(", ")
        ),
        "REDCap leaves columns out without a word when the token's user has De-Identified, Remove All Identifier Fields or No Access as export right for the instrument.",
        "If you need them, ask for the right Full Data Set for this instrument (User Rights, Data Exports).",
    ))
}

/// The columns of a table on screen: REDCap's own first, then the instrument's fields in
/// dictionary order with the columns of a checkbox field joined, then the form status.
pub fn columns(table: &RecordTable, metadata: &Metadata, form: &str) -> Vec<Column> {
    let system = |name: &str| {
        let place = table.column(name)?;
        Some(Column {
            name: name.to_owned(),
            cells: vec![place],
            shown: Shown::plain(),
            identifier: name == column::SURVEY_IDENTIFIER,
            frozen: true,
            is_event: name == column::EVENT,
            is_instrument: name == column::REPEAT_INSTRUMENT,
            numeric: name == column::REPEAT_INSTANCE,
        })
    };
    let mut columns = Vec::new();
    let id_field = metadata.dictionary.record_id_field();
    if let Some(field) = id_field
        && let Some(place) = table.column(&field.name)
    {
        columns.push(Column {
            name: field.name.clone(),
            cells: vec![place],
            shown: Shown::plain(),
            identifier: field.identifier,
            frozen: true,
            is_event: false,
            is_instrument: false,
            numeric: false,
        });
    }
    columns.extend(column::SYSTEM.iter().filter_map(|name| system(name)));
    for field in metadata.dictionary.fields_of(form) {
        if id_field.is_some_and(|id| id.name == field.name) {
            continue;
        }
        let cells: Vec<usize> = field.export_columns().iter().filter_map(|name| table.column(name)).collect();
        if cells.is_empty() || cells.len() != field.export_columns().len() {
            continue;
        }
        columns.push(Column {
            name: field.name.clone(),
            cells,
            shown: Shown::field(field),
            identifier: field.identifier,
            frozen: false,
            is_event: false,
            is_instrument: false,
            numeric: is_number(&field.validation) || field.field_type.as_str() == "calc",
        });
    }
    let status = status_field(form);
    if let Some(place) = table.column(&status) {
        columns.push(Column {
            name: status,
            cells: vec![place],
            shown: Shown::status(),
            identifier: false,
            frozen: false,
            is_event: false,
            is_instrument: false,
            numeric: false,
        });
    }
    columns
}

fn is_number(validation: &str) -> bool {
    validation == "integer" || validation.starts_with("number")
}
