//! Searching all cells of the record table, with a list of the hits.

use super::cursor::Cursor;
use super::records::Records;
use crate::domain::columns::Column;
use crate::domain::project::Metadata;
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
        let all = 0..records.table.n_rows();
        let mut hit = vec![false; all.len()];
        for (at, column) in records.columns.iter().enumerate().filter(|(_, c)| !is_masked(c)) {
            hit.fill(false);
            let mut has = |cells: &[&str]| column.has_word(cells, &text, metadata);
            column.mark_rows(&records.table, &all, &mut has, &mut hit);
            // Of most columns no cell has the text.
            if !hit.contains(&true) {
                continue;
            }
            let rows = records.rows.iter().enumerate();
            let mut own =
                rows.filter(|(_, row)| hit.get(**row).copied().unwrap_or(false)).map(|(place, _)| place);
            // The first hits of all columns are among the first of each.
            self.hits.extend(own.by_ref().take(LISTED).map(|row| CellHit { row, column: at }));
            self.total += own.count();
        }
        self.total += self.hits.len();
        self.hits.sort_by_key(|h| (h.row, h.column));
        self.hits.truncate(LISTED);
    }
}
