//! The status grid: every record × every instrument at every event, in one look.

use super::cursor::Cursor;
use crate::domain::dictionary::status_field;
use crate::domain::project::Metadata;
pub use crate::domain::status::{Cell, Grid, GridColumn, State};
use crate::jobs::Problem;
use crate::jobs::types::StatusWanted;

/// How the load of the grid stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum GridLoad {
    /// Nothing was asked for.
    #[default]
    Never,
    /// It runs.
    Running,
    /// It was read at that time.
    Done(jiff::Timestamp),
    /// It failed.
    Failed(Problem),
}

/// The status grid on screen.
#[derive(Debug, Clone, Default)]
pub struct GridView {
    /// It is shown in place of the record table.
    pub shown: bool,
    /// How its load stands.
    pub load: GridLoad,
    /// The grid.
    pub grid: Grid,
    /// The cursor in the records.
    pub cursor: Cursor,
    /// The cursor in the columns.
    pub column: usize,
}

impl GridView {
    /// The record under the cursor.
    pub fn record(&self) -> Option<&str> {
        self.grid.rows.get(self.cursor.at).map(|(record, _)| record.as_str())
    }
}

/// What to ask the server for: the record id and the form status of every instrument, by name.
/// A dictionary field that only ends in `_complete` is no status and is not asked for.
pub fn wanted(metadata: &Metadata) -> Option<StatusWanted> {
    let id_field = metadata.dictionary.record_id_field()?.name.clone();
    let statuses = metadata.instruments.iter().map(|i| status_field(&i.name)).collect();
    Some(StatusWanted { id_field, statuses })
}
