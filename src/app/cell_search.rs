//! Searching all cells of the record table, with a list of the hits.

use super::cursor::Cursor;
use super::records::Records;
use crate::domain::columns::Column;
use crate::domain::project::Metadata;
use crate::domain::row_set::RowSet;
use crate::domain::search::Found;
use tui_input::Input;

/// How many hits are listed. All are counted.
pub const LISTED: usize = 500;

/// The state of the dialog.
#[derive(Debug, Clone, Default)]
pub struct CellSearch {
    /// What is searched for.
    pub search: Input,
    /// The hits that are listed.
    pub hits: Vec<CellHit>,
    /// How many cells have the text.
    pub total: usize,
    /// How many shown columns were left out because they are masked.
    pub masked: usize,
    /// The cursor in the hits.
    pub cursor: Cursor,
}

/// A cell that has the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellHit {
    /// The row's place among the rows on screen.
    pub row: usize,
    /// The column's place among the columns on screen.
    pub column: usize,
}

impl CellSearch {
    /// Searches again after the text was changed.
    pub fn run(&mut self, records: &Records, metadata: &Metadata, masked: bool) {
        let text = self.search.value().trim().to_lowercase();
        let is_masked = |c: &Column| masked && c.identifier;
        *self = Self { search: self.search.clone(), ..Self::default() };
        self.masked = records.columns.iter().filter(|c| is_masked(c)).count();
        if text.is_empty() {
            return;
        }
        let n_rows = records.table.n_rows();
        let mut shown = RowSet::new(n_rows);
        shown.extend(records.rows.iter().copied());
        let everything = shown.is_full();
        let mut any = RowSet::new(n_rows);
        let mut found: Vec<(usize, Found)> = Vec::new();
        for (at, column) in records.columns.iter().enumerate().filter(|(_, c)| !is_masked(c)) {
            let own = column.find_word(&records.table, &text, metadata);
            // Of most columns no cell has the text.
            if own.is_none() {
                continue;
            }
            self.total += if everything {
                own.count(&records.table)
            } else {
                let mut rows = RowSet::new(n_rows);
                own.mark(&records.table, &mut rows);
                rows.count_in(&shown)
            };
            own.mark(&records.table, &mut any);
            found.push((at, own));
        }
        for (place, &row) in records.rows.iter().enumerate().filter(|(_, row)| any.has(**row)) {
            let columns = found.iter().filter(|(_, own)| own.has(&records.table, row));
            self.hits.extend(columns.map(|&(column, _)| CellHit { row: place, column }));
            if self.hits.len() >= LISTED {
                break;
            }
        }
        self.hits.truncate(LISTED);
    }
}
