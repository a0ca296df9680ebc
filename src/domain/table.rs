//! The columnar record table: what a flat record export becomes in memory.
//!
//! REDCap's flat exports are mostly blank and repeat few values, so every column keeps each
//! distinct value once and a small code per row (code 0 is blank). Memory is about the codes.

use super::codes::{Codes, Wanted};
use super::distinct::{Distinct, Key};
use super::row_set::RowSet;
use std::collections::HashMap;
use std::ops::Range;

/// One column: distinct values, and for each row which of them it holds.
#[derive(Debug, Clone, Default, PartialEq)]
struct Column {
    name: String,
    /// Distinct non-blank values in the order of their first row; code `n` is the value at `n - 1`.
    values: Distinct,
    codes: Codes,
}

impl Column {
    /// The code of a value, which becomes a new one if the column has not had it.
    fn code(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        self.values.place(text) + 1
    }
}

/// Rows × columns of text cells in the order the server sent them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordTable {
    columns: Vec<Column>,
    n_rows: usize,
}

impl RecordTable {
    /// An empty table with these columns.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let columns =
            columns.into_iter().map(|name| Column { name: name.into(), ..Column::default() }).collect();
        Self { columns, n_rows: 0 }
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The number of columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The names of the columns, in order.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|c| c.name.as_str())
    }

    /// The place of the column with this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// The text of a cell; blank cells and cells outside the table are `""`.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.columns
            .get(column)
            .and_then(|c| {
                let code = c.codes.get(row)? as usize;
                c.values.get(code.checked_sub(1)?)
            })
            .unwrap_or_default()
    }

    /// The text of the cell in the column with this name, `""` if there is no such column.
    pub fn get(&self, row: usize, column: &str) -> &str {
        self.column(column).map_or("", |c| self.cell(row, c))
    }

    /// The distinct non-blank values of a column, in the order of their first row.
    pub fn distinct(&self, column: usize) -> impl Iterator<Item = &str> {
        self.columns.get(column).into_iter().flat_map(|c| c.values.iter())
    }

    /// How many cells have the sign for a character that could not be read.
    pub fn n_unreadable(&self) -> usize {
        let mut found = 0;
        for column in &self.columns {
            let bad: Vec<bool> = column.values.iter().map(|v| v.contains('\u{fffd}')).collect();
            if bad.contains(&true) {
                let is_bad = |code: &&u32| {
                    let at = (**code as usize).checked_sub(1);
                    at.and_then(|at| bad.get(at)).copied().unwrap_or_default()
                };
                found += column.codes.wide().iter().filter(is_bad).count();
            }
        }
        found
    }

    /// How many distinct non-blank values a column has.
    pub fn n_distinct(&self, column: usize) -> usize {
        self.columns.get(column).map_or(0, |c| c.values.len())
    }

    /// The code of each row of a column: 0 is blank, `n` is the `n`-th of [`RecordTable::distinct`],
    /// counted from 1. Empty for a column that does not exist. Makes a copy.
    pub fn codes(&self, column: usize) -> Vec<u32> {
        self.columns.get(column).map_or_else(Vec::new, |c| c.codes.wide())
    }

    /// The code of a cell, as in [`RecordTable::codes`]; 0 outside the table.
    pub fn code(&self, row: usize, column: usize) -> u32 {
        self.columns.get(column).and_then(|c| c.codes.get(row)).unwrap_or(0)
    }

    /// Notes in `hit`, which has a place for each row of the range, the rows whose value in this
    /// column passes. For a few new rows below many old ones: only their values are looked at.
    pub fn mark_range(
        &self,
        column: usize,
        range: &Range<usize>,
        passes: &mut dyn FnMut(&str) -> bool,
        hit: &mut [bool],
    ) {
        let Some(column) = self.columns.get(column) else { return };
        let mut known: HashMap<u32, bool> = HashMap::new();
        column.codes.each(range.clone(), |row, code| {
            let value = || (code as usize).checked_sub(1).and_then(|i| column.values.get(i));
            let passes = *known.entry(code).or_insert_with(|| passes(value().unwrap_or_default()));
            if let Some(hit) = hit.get_mut(row - range.start) {
                *hit |= passes;
            }
        });
    }

    /// The places among [`RecordTable::distinct`] of the values that have a plain word in them:
    /// ASCII without capitals and control characters. `odd` decides for values that are not plain.
    pub fn having(&self, column: usize, word: &str, odd: &mut dyn FnMut(&str) -> bool) -> Vec<u32> {
        self.columns.get(column).map_or_else(Vec::new, |c| c.values.having(word, odd))
    }

    /// The places of the values that are not plain and pass.
    pub fn odd_having(&self, column: usize, odd: &mut dyn FnMut(&str) -> bool) -> Vec<u32> {
        self.columns.get(column).map_or_else(Vec::new, |c| c.values.odd_having(odd))
    }

    /// The place of a value among [`RecordTable::distinct`].
    pub fn place_of(&self, column: usize, value: &str) -> Option<u32> {
        self.columns.get(column)?.values.find(value)
    }

    /// What to look for in a column to find rows with one of these values, by their places among
    /// [`RecordTable::distinct`], each named once.
    pub fn wanted(&self, column: usize, places: &[u32]) -> Wanted {
        Wanted::values(places, self.n_distinct(column))
    }

    /// Adds the rows to `rows` that have what is wanted in a column.
    pub fn mark(&self, column: usize, wanted: &Wanted, rows: &mut RowSet) {
        if let Some(column) = self.columns.get(column) {
            column.codes.mark(wanted, rows);
        }
    }

    /// How many rows have what is wanted in a column.
    pub fn count(&self, column: usize, wanted: &Wanted) -> usize {
        self.columns.get(column).map_or(0, |c| c.codes.count(wanted))
    }

    /// Adds the rows to `rows` that have nothing in this column.
    pub fn mark_blank(&self, column: usize, rows: &mut RowSet) {
        let Some(column) = self.columns.get(column) else { return };
        let mut filled = RowSet::new(self.n_rows);
        column.codes.mark(&Wanted::All, &mut filled);
        rows.join_others(&filled);
    }

    /// How many rows have nothing in this column.
    pub fn count_blank(&self, column: usize) -> usize {
        self.columns.get(column).map_or(0, |c| self.n_rows - c.codes.n_filled())
    }

    /// Gives back the room that is only needed while rows are added.
    pub fn shrink(&mut self) {
        for column in &mut self.columns {
            column.codes.shrink();
            column.values.shrink();
        }
    }

    /// The same rows with only these columns, in this order; names that are not here are left out.
    #[must_use]
    pub fn select<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let columns = names.into_iter().filter_map(|name| self.columns.get(self.column(name)?)).cloned();
        Self { columns: columns.collect(), n_rows: self.n_rows }
    }

    /// The same columns with only these rows, in this order; rows that are not here are left out.
    #[must_use]
    pub fn rows(&self, rows: &[usize]) -> Self {
        let mut builder = TableBuilder::new(self.column_names());
        for &row in rows.iter().filter(|row| **row < self.n_rows) {
            builder.push_row((0..self.n_columns()).map(|column| self.cell(row, column)));
        }
        builder.finish()
    }

    /// Adds the rows of another table below this one's, matching columns by name.
    ///
    /// A column that only one of the two has is blank in the other's rows: servers leave the
    /// repeat columns out of a batch in which nothing repeats.
    pub fn append(&mut self, other: &Self) {
        let before = self.n_rows;
        self.n_rows += other.n_rows;
        for theirs in &other.columns {
            let at = self.column(&theirs.name).unwrap_or_else(|| {
                let codes = Codes::zeros(before);
                self.columns.push(Column { name: theirs.name.clone(), codes, ..Column::default() });
                self.columns.len() - 1
            });
            let Some(ours) = self.columns.get_mut(at) else { continue };
            let translated: Vec<u32> = theirs.values.iter().map(|value| ours.code(value)).collect();
            for row in 0..other.n_rows {
                let code = theirs.codes.get(row).unwrap_or(0) as usize;
                ours.codes.push(code.checked_sub(1).and_then(|i| translated.get(i)).copied().unwrap_or(0));
            }
        }
        for column in &mut self.columns {
            column.codes.fill(self.n_rows);
        }
    }
}

/// Builds a [`RecordTable`] row by row.
#[derive(Debug, Default)]
pub struct TableBuilder {
    table: RecordTable,
    block: Block,
}

/// Rows that wait to be taken in.
#[derive(Debug, Default)]
struct Block {
    rows: u32,
    n_cells: usize,
    /// For each column its cells that are not blank.
    cells: Vec<Vec<Cell>>,
    /// The texts of cells that are not short.
    text: String,
}

/// A cell that is not blank: a short text itself, or where its text is.
#[derive(Debug, Clone, Copy)]
struct Cell {
    low: u64,
    high: u32,
    row: u32,
}

/// What stands in place of the last four bytes of a short text where the text is not short.
const LONG: u32 = u32::MAX;

/// Rows are taken in when they have this many cells, or texts of this many bytes. A few in tests,
/// so that they go over many blocks.
const BLOCK: usize = if cfg!(test) { 7 } else { 1 << 20 };
const BLOCK_TEXT: usize = 8 << 20;

impl Block {
    fn push(&mut self, column: usize, text: &str, from: usize, to: usize) {
        let Some(cells) = self.cells.get_mut(column) else { return };
        let (low, high) = match Key::of_part(text, from, to) {
            Some(key) => (key.low, key.high),
            None => {
                let start = self.text.len() as u64;
                self.text.push_str(text.get(from..to).unwrap_or_default());
                (start << 32 | self.text.len() as u64, LONG)
            }
        };
        cells.push(Cell { low, high, row: self.rows });
        self.n_cells += 1;
    }
}

impl TableBuilder {
    /// A builder for a table with these columns.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let table = RecordTable::new(columns);
        let cells = vec![Vec::new(); table.n_columns()];
        Self { table, block: Block { cells, ..Block::default() } }
    }

    /// Adds a row. Missing cells are blank; cells beyond the last column are dropped.
    pub fn push_row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (column, text) in cells.into_iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            self.block.push(column, text, 0, text.len());
        }
        self.row_ends();
    }

    /// Adds a row whose cells are parts of one text: column, from where, to where. Columns that
    /// are not named are blank.
    pub fn push_parts(&mut self, text: &str, parts: &[(u32, u32, u32)]) {
        for &(column, from, to) in parts {
            self.block.push(column as usize, text, from as usize, to as usize);
        }
        self.row_ends();
    }

    fn row_ends(&mut self) {
        self.block.rows += 1;
        if self.block.n_cells >= BLOCK || self.block.text.len() >= BLOCK_TEXT {
            self.take_block();
        }
    }

    /// Takes the rows in that wait, one column after the other: the values of one column are near
    /// at hand while its cells are looked up, those of hundreds would not be.
    fn take_block(&mut self) {
        let Self { table, block } = self;
        for (column, cells) in table.columns.iter_mut().zip(&mut block.cells) {
            for Cell { low, high, row } in cells.drain(..) {
                let place = if high == LONG {
                    let (from, to) = ((low >> 32) as usize, (low & u64::from(u32::MAX)) as usize);
                    column.values.place(block.text.get(from..to).unwrap_or_default())
                } else {
                    column.values.place_of_key(Key { low, high })
                };
                column.codes.put(table.n_rows + row as usize, place + 1);
            }
        }
        table.n_rows += block.rows as usize;
        block.rows = 0;
        block.n_cells = 0;
        block.text.clear();
    }

    /// The number of rows so far.
    pub fn n_rows(&self) -> usize {
        self.table.n_rows + self.block.rows as usize
    }

    /// The finished table.
    pub fn finish(mut self) -> RecordTable {
        self.take_block();
        for column in &mut self.table.columns {
            column.codes.fill(self.table.n_rows);
        }
        self.table.shrink();
        self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[&str], rows: &[&[&str]]) -> RecordTable {
        let mut builder = TableBuilder::new(columns.iter().copied());
        for row in rows {
            builder.push_row(row.iter().copied());
        }
        builder.finish()
    }

    #[test]
    fn cells_come_back_as_they_went_in() {
        let t = table(&["id", "sex"], &[&["1", "2"], &["2", ""], &["3", "2"]]);
        assert_eq!((t.n_rows(), t.n_columns()), (3, 2));
        assert_eq!([t.get(0, "sex"), t.get(1, "sex"), t.get(2, "sex")], ["2", "", "2"]);
        assert_eq!(t.get(0, "nothing"), "");
        assert_eq!(t.cell(9, 0), "");
        assert_eq!(t.distinct(1).collect::<Vec<_>>(), ["2"]);
    }

    #[test]
    fn batches_with_different_columns_are_joined_by_name() {
        let mut t = table(&["id", "a"], &[&["1", "x"]]);
        t.append(&table(&["id", "redcap_repeat_instance", "a"], &[&["2", "1", "y"], &["3", "", "x"]]));
        assert_eq!(t.column_names().collect::<Vec<_>>(), ["id", "a", "redcap_repeat_instance"]);
        assert_eq!([t.get(0, "redcap_repeat_instance"), t.get(1, "redcap_repeat_instance")], ["", "1"]);
        assert_eq!([t.get(0, "a"), t.get(1, "a"), t.get(2, "a")], ["x", "y", "x"]);
        assert_eq!(t.n_rows(), 3);
    }

    #[test]
    fn some_columns_can_be_taken_alone() {
        let t = table(&["id", "a", "b"], &[&["1", "x", "y"], &["2", "", "z"]]);
        let some = t.select(["b", "nothing", "id"]);
        assert_eq!(some.column_names().collect::<Vec<_>>(), ["b", "id"]);
        assert_eq!((some.get(1, "b"), some.n_rows()), ("z", 2));
        let one = t.rows(&[1, 7]);
        assert_eq!((one.n_rows(), one.get(0, "id"), one.n_columns()), (1, "2", 3));
    }

    #[test]
    fn short_rows_are_filled_with_blanks() {
        let t = table(&["a", "b"], &[&["1"], &["1", "2", "3"]]);
        assert_eq!(t.get(0, "b"), "");
        assert_eq!(t.get(1, "b"), "2");
    }
}
