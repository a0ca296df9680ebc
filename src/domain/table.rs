//! The columnar record table: what a flat record export becomes in memory.
//!
//! REDCap's flat exports are mostly blank and repeat few values, so every column keeps each
//! distinct value once and a small code per row (code 0 is blank). Memory is about the codes.

use std::collections::HashMap;

/// One column: distinct values, and for each row which of them it holds.
#[derive(Debug, Clone, Default, PartialEq)]
struct Column {
    name: String,
    /// Distinct non-blank values; code `n` is `values[n - 1]`.
    values: Vec<Box<str>>,
    codes: Vec<u32>,
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
                let code = *c.codes.get(row)? as usize;
                c.values.get(code.checked_sub(1)?)
            })
            .map_or("", |value| value)
    }

    /// The text of the cell in the column with this name, `""` if there is no such column.
    pub fn get(&self, row: usize, column: &str) -> &str {
        self.column(column).map_or("", |c| self.cell(row, c))
    }

    /// The distinct non-blank values of a column, in the order of their first row.
    pub fn distinct(&self, column: usize) -> impl Iterator<Item = &str> {
        self.columns.get(column).into_iter().flat_map(|c| c.values.iter().map(AsRef::as_ref))
    }

    /// The code of each row of a column: 0 is blank, `n` is the `n`-th of [`RecordTable::distinct`],
    /// counted from 1. Empty for a column that does not exist.
    pub fn codes(&self, column: usize) -> &[u32] {
        self.columns.get(column).map_or(&[], |c| &c.codes)
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
                let codes = vec![0; before];
                self.columns.push(Column { name: theirs.name.clone(), values: Vec::new(), codes });
                self.columns.len() - 1
            });
            let Some(ours) = self.columns.get_mut(at) else { continue };
            let mut known: HashMap<Box<str>, u32> =
                ours.values.iter().zip(1..).map(|(value, code)| (value.clone(), code)).collect();
            let translated: Vec<u32> = theirs
                .values
                .iter()
                .map(|value| {
                    *known.entry(value.clone()).or_insert_with(|| {
                        ours.values.push(value.clone());
                        ours.values.len() as u32
                    })
                })
                .collect();
            ours.codes.extend(theirs.codes.iter().map(|&code| {
                (code as usize).checked_sub(1).and_then(|i| translated.get(i)).copied().unwrap_or(0)
            }));
        }
        for column in &mut self.columns {
            column.codes.resize(self.n_rows, 0);
        }
    }
}

/// Builds a [`RecordTable`] row by row.
#[derive(Debug, Default)]
pub struct TableBuilder {
    table: RecordTable,
    known: Vec<HashMap<Box<str>, u32>>,
}

impl TableBuilder {
    /// A builder for a table with these columns.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let table = RecordTable::new(columns);
        let known = table.columns.iter().map(|_| HashMap::new()).collect();
        Self { table, known }
    }

    /// Adds a row. Missing cells are blank; cells beyond the last column are dropped.
    pub fn push_row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let mut cells = cells.into_iter();
        for (column, known) in self.table.columns.iter_mut().zip(&mut self.known) {
            let code = match cells.next() {
                None | Some("") => 0,
                Some(text) => match known.get(text) {
                    Some(&code) => code,
                    None => {
                        column.values.push(text.into());
                        let code = column.values.len() as u32;
                        known.insert(text.into(), code);
                        code
                    }
                },
            };
            column.codes.push(code);
        }
        self.table.n_rows += 1;
    }

    /// The number of rows so far.
    pub fn n_rows(&self) -> usize {
        self.table.n_rows
    }

    /// The finished table.
    pub fn finish(self) -> RecordTable {
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
    fn short_rows_are_filled_with_blanks() {
        let t = table(&["a", "b"], &[&["1"], &["1", "2", "3"]]);
        assert_eq!(t.get(0, "b"), "");
        assert_eq!(t.get(1, "b"), "2");
    }
}
