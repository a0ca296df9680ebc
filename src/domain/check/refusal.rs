//! The server's own findings: a refused import names each cell, which is looked up in the file.

use super::Rehearsal;
use super::columns::{FileColumn, Target};

/// A cell that the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCell {
    /// The row of the file, if it was found.
    pub row: Option<usize>,
    /// The column of the file, if it was found.
    pub column: Option<usize>,
    /// The record, as the server names it.
    pub record: String,
    /// The field, as the server names it.
    pub field: String,
    /// The value that was sent.
    pub value: String,
    /// What the server says.
    pub message: String,
}

/// What a refusal says, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Sentences about the whole import.
    pub sentences: Vec<String>,
    /// Cells.
    pub cells: Vec<RefusedCell>,
    /// The server said more than was kept of it.
    pub is_cut: bool,
}

impl Rehearsal {
    /// Takes the words of a refused import apart: each line about a cell is CSV with record, field,
    /// value and message (`redcap-permissions.md` on import messages); others are sentences.
    pub fn refusal(&self, text: &str) -> Refusal {
        let mut refusal = Refusal::default();
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        // A sentence has commas too; the lines about cells begin with a quote.
        let is_quoted = |start: usize| text.as_bytes().get(start) == Some(&b'"');
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).unwrap_or(false) {
            let start = record.position().map_or(0, csv::Position::byte) as usize;
            let start =
                start + text.get(start..).map_or(0, |t| t.len() - t.trim_start_matches(['\r', '\n']).len());
            let end = (reader.position().byte() as usize).min(text.len());
            match (is_quoted(start), record.iter().collect::<Vec<_>>().as_slice()) {
                (true, [name, field, value, message]) => {
                    let (row, column) = self.find_sent(name, field, value);
                    let [record, field, value, message] =
                        [name, field, value, message].map(|t| (*t).to_owned());
                    refusal.cells.push(RefusedCell { row, column, record, field, value, message });
                }
                // A line that was cut off may end in the middle of a value.
                (true, _) if text.ends_with('…') => refusal.is_cut = true,
                _ => refusal.sentences.push(text.get(start..end).unwrap_or_default().trim().to_owned()),
            }
        }
        refusal
    }

    /// The row and column of a cell that was sent. A record has several rows; the value tells which.
    fn find_sent(&self, record: &str, field: &str, value: &str) -> (Option<usize>, Option<usize>) {
        let is_it = |c: &FileColumn| match c.target {
            Target::Record => field == self.id_field(),
            _ => c.name == field,
        };
        let column = self.columns.iter().position(is_it);
        let rows = (0..self.rows.len())
            .filter(|row| self.rows.get(*row).is_some_and(|r| r.is_sent) && self.record_name(*row) == record);
        let mut rows = rows.peekable();
        let first = rows.peek().copied();
        let same = column.and_then(|c| rows.find(|row| self.value(*row, c) == value));
        (same.or(first), column)
    }
}
