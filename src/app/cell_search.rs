//! Searching all cells of the record table, with a list of the hits.

use super::cursor::Cursor;
use super::records::Records;
use crate::domain::columns::Column;
use crate::domain::project::Metadata;
use crate::domain::values::Values;
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
        let mut looks: Vec<(usize, &Column, Vec<Option<bool>>)> = records
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| !is_masked(c))
            .map(|(at, c)| {
                let values = match c.cells.as_slice() {
                    [cell] => records.table.n_distinct(*cell) + 1,
                    _ => 0,
                };
                (at, c, vec![None; values])
            })
            .collect();
        for (place, &row) in records.rows.iter().enumerate() {
            for (at, column, known) in &mut looks {
                let has = || {
                    records.text(column, row, Values::Both, false, metadata).to_lowercase().contains(&text)
                };
                let code = column.cells.first().map_or(0, |&cell| records.table.code(row, cell));
                let hit = match known.get_mut(code as usize) {
                    Some(known) => *known.get_or_insert_with(has),
                    None => has(),
                };
                if hit {
                    self.total += 1;
                    if self.hits.len() < LISTED {
                        self.hits.push(CellHit { row: place, column: *at });
                    }
                }
            }
        }
    }
}
