//! The record table of one instrument.

use super::cursor::Cursor;
use super::open::Open;
use super::quality::QualityLoad;
use super::record_view::{RecordView, Sought};
use super::sorting::Sort;
use crate::domain::access_test::doctor::are_hashed;
use crate::domain::access_test::explain::Cause;
use crate::domain::access_test::exports::{Exported, explain};
use crate::domain::columns::Column;
use crate::domain::filter::Query;
use crate::domain::layout::Layout;
use crate::domain::project::Metadata;
use crate::domain::record::{RowKey, column};
use crate::domain::table::RecordTable;
use crate::domain::text::{first_of, one_line};
use crate::domain::values::Values;
use crate::jobs::Problem;
use crate::jobs::types::RecordsDone;
use jiff::Timestamp;

/// How many records the first load reads.
pub const FIRST_RECORDS: usize = 500;

/// How many names of what did not come are told; all are counted.
const NAMED: usize = 12;

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
    /// It was stopped or paused; what was read is shown, and it can go on.
    Stopped,
    /// It failed; what was read before is shown.
    Failed(Problem),
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
    /// All columns in dictionary order, also those that are not shown.
    pub all: Vec<Column>,
    /// The columns on screen.
    pub columns: Vec<Column>,
    /// How the user wants the columns.
    pub layout: Layout,
    /// The rows on screen, in order.
    pub rows: Vec<usize>,
    /// The rows without the filter, in order.
    pub(super) order: Vec<usize>,
    /// The cursor in `rows`.
    pub cursor: Cursor,
    /// The row that gets the cursor once it is here, unless the cursor was moved before; 0 is none.
    pub(super) resume: usize,
    /// The cursor in `columns`.
    pub column: usize,
    /// The first column after the frozen ones that is drawn.
    pub left: usize,
    /// Only rows for which this logic is true were asked for; empty for all.
    pub server_filter: String,
    /// How many records the load is to read at most.
    pub limit: Option<usize>,
    /// The filter as it was typed.
    pub filter: String,
    /// The filter as far as it was understood: what is on screen.
    pub query: Query,
    /// The filter in words, where it compares something.
    pub reading: String,
    /// What is wrong with the filter as it was typed.
    pub mistake: Option<String>,
    /// By which column the rows are sorted; `None` is by record.
    pub sort: Option<Sort>,
    /// The whole record, when one is open.
    pub view: Option<RecordView>,
    /// What did not come back with the last whole load, and why.
    pub(super) missing: Option<Problem>,
}

impl Records {
    /// Notes that a load starts. What is on screen stays until the first new rows are here,
    /// unless it is another instrument's.
    pub fn begin(&mut self, form: &str, layout: Layout) {
        if self.form.as_deref() != Some(form) {
            let form = Some(form.to_owned());
            *self = Self { form, layout, ..Self::default() };
        }
        self.load = Load::Running;
        self.fresh = true;
    }

    /// Notes that a load goes on where the last one ended.
    pub fn go_on(&mut self) {
        self.load = Load::Running;
        self.fresh = false;
    }

    /// A load was paused, stopped or failed before it had all it was to read.
    pub fn can_go_on(&self) -> bool {
        let wanted = self.ids.as_ref().map_or(0, |ids| self.limit.unwrap_or(ids.len()).min(ids.len()));
        matches!(self.load, Load::Stopped | Load::Failed(_)) && self.records_read < wanted
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
        column.text(&self.table, row, values, masked, metadata)
    }

    /// The row of the table under the cursor.
    pub fn chosen_row(&self) -> Option<usize> {
        self.rows.get(self.cursor.at).copied()
    }

    /// The name of the record under the cursor.
    pub fn chosen_record(&self) -> Option<&str> {
        let id = *self.all.first()?.cells.first()?;
        Some(self.table.cell(self.chosen_row()?, id)).filter(|name| !name.is_empty())
    }

    /// The place of the row under the cursor in its record, and the field of its column; in a
    /// column of no field the instrument.
    pub fn chosen_place(&self, metadata: &Metadata) -> Option<(RowKey, Sought)> {
        let row = self.chosen_row()?;
        let cell = |name: &str| self.table.get(row, name);
        let place = RowKey {
            record: self.chosen_record()?.to_owned(),
            event: cell(column::EVENT).to_owned(),
            instrument: cell(column::REPEAT_INSTRUMENT).to_owned(),
            instance: cell(column::REPEAT_INSTANCE).parse().ok(),
        };
        let form = self.form.clone()?;
        let field =
            self.columns.get(self.column).and_then(|c| metadata.dictionary.field(&c.name)).filter(|f| {
                f.form == form && metadata.dictionary.record_id_field().is_none_or(|id| *id != **f)
            });
        Some((place, field.map_or(Sought::Form(form), |f| Sought::Field(f.name.clone()))))
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

/// Works out what the record table and data quality say of what did not come back. It looks at
/// every record's name, so it is done when a load ended or the project was read anew, and not for
/// each drawing.
pub fn explain_missing(open: &mut Open) {
    open.records.missing = match &open.records.load {
        Load::Done(seal, _) => seal_problem(seal, open, open.records.ids.as_deref().unwrap_or_default()),
        _ => None,
    };
    open.quality.missing = match &open.quality.load {
        QualityLoad::Done(_) => seal_problem(&open.quality.done.left_out, open, &[]),
        _ => None,
    };
}

/// What did not come back of what was asked for, as a problem that can be read: why, and what to
/// ask for. `ids` are the names of the records that came.
fn seal_problem(seal: &RecordsDone, open: &Open, ids: &[String]) -> Option<Problem> {
    let hashed = are_hashed(ids.iter().map(String::as_str));
    if seal.missing_records.is_empty() && seal.missing_columns.is_empty() && seal.unreadable == 0 && !hashed {
        return None;
    }
    if !seal.missing_records.is_empty() {
        // The names stand here as long as the dialog may be opened, whatever is masked then.
        let names = match open.metadata.dictionary.record_id_field() {
            Some(id) if id.identifier => " (their names are identifiers)".to_owned(),
            _ => format!(": {}", one_line(&first_of(&seal.missing_records, NAMED))),
        };
        return Some(Problem::new(
            "Not all records came back",
            match seal.missing_records.len() {
                1 => format!("1 record was asked for by name and is not in the answer{names}."),
                n => format!("{n} records were asked for by name and are not in the answer{names}."),
            },
            "They were deleted or renamed meanwhile, or the server left them out, which happens on large exports without any error.",
            "Read them again. If they are still missing, read fewer records at a time.",
        ));
    }
    let export = Exported { missing: &seal.missing_columns, server: &open.project.url, ids };
    let (fired, request) = explain(&export, &open.metadata);
    let causes: Vec<Cause> = fired.iter().map(Cause::from).collect();
    if !seal.missing_columns.is_empty() {
        let problem = Problem::new(
            "Export rights leave columns out",
            format!(
                "{} columns were asked for and did not come: {}.",
                seal.missing_columns.len(),
                first_of(&seal.missing_columns, NAMED)
            ),
            "REDCap leaves columns out without a word when the token's user has De-Identified, Remove All Identifier Fields or No Access as export right for the instrument.",
            "If you need them, ask for the right Full Data Set for this instrument (User Rights, Data Exports).",
        );
        return Some(problem.explained(causes, request));
    }
    if let Some(words) = seal.unreadable_words() {
        return Some(Problem::new(
            "Some characters could not be read",
            words,
            "The server sent bytes that are no UTF-8, or the characters were lost before they came to REDCap.",
            "Look at these values in REDCap. If they are right there, tell your REDCap administrator.",
        ));
    }
    hashed.then(|| {
        Problem::new(
            "The record ids are hashed",
            "Every record id that came has 32 hexadecimal digits: the server gives codes in place of the names.",
            "The record id field is marked as an identifier, and the token's export right is De-Identified.",
            "Records cannot be asked for by these names, so all were read in one request. For the real names ask for the right Full Data Set.",
        )
        .explained(causes, request)
    })
}
