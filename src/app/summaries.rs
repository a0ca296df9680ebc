//! The summary of a column of the record table, over the rows on screen.

use super::records::Records;
use crate::domain::choices::is_ticked;
use crate::domain::columns::Column;
use crate::domain::filter::Kind;
use crate::domain::summary::{self, Summary};
use crate::domain::text::without_html;

/// A summary on screen.
#[derive(Debug, Clone)]
pub struct SummaryView {
    /// The column's name.
    pub column: String,
    /// The field's label.
    pub label: String,
    /// The values are masked, so only their number is told.
    pub masked: bool,
    /// The summary.
    pub summary: Summary,
}

/// Sums up a column over the rows on screen.
pub fn of_column(records: &Records, column: &Column) -> Summary {
    let table = &records.table;
    if let Kind::Checkbox(choices) = &column.kind {
        let ticked = |row: usize, cell: usize| is_ticked(table.cell(row, cell));
        let count = |cell: usize| records.rows.iter().filter(|&&row| ticked(row, cell)).count();
        let labels = choices.iter().map(|c| format!("{} ({})", without_html(&c.label), c.code));
        let ticks = labels.zip(column.cells.iter().map(|&cell| count(cell))).collect();
        let any = records.rows.iter().filter(|&&row| column.cells.iter().any(|&c| ticked(row, c))).count();
        return summary::of_ticks(ticks, any, records.rows.len());
    }
    let Some(&cell) = column.cells.first() else { return Summary::default() };
    let mut counts = vec![0_usize; table.n_distinct(cell) + 1];
    for &row in &records.rows {
        if let Some(n) = counts.get_mut(table.code(row, cell) as usize) {
            *n += 1;
        }
    }
    let blank = counts.first().copied().unwrap_or(0);
    let values: Vec<(&str, usize)> = table.distinct(cell).zip(counts.into_iter().skip(1)).collect();
    summary::of_values(&values, blank, &column.kind)
}
