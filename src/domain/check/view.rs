//! The cells of a file with the accepted corrections in place.

use super::columns::{FileColumn, Target};
use super::fix::Fix;
use super::source::{Settings, SourceFile};
use std::borrow::Cow;

/// The values of a file, corrected. Each distinct value is corrected once.
pub(super) struct View<'a> {
    pub file: &'a SourceFile,
    /// For each column its distinct values, in the order of their codes.
    values: Vec<Vec<Cow<'a, str>>>,
    /// For each column the code of each row.
    codes: Vec<Vec<u32>>,
}

impl<'a> View<'a> {
    pub fn new(file: &'a SourceFile, columns: &[FileColumn], settings: &'a Settings) -> Self {
        let width = settings.fixes.iter().find_map(|f| match f {
            Fix::PadIds { width } => Some(*width),
            _ => None,
        });
        let values = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let fixes: Vec<(&str, &str)> = settings
                    .fixes
                    .iter()
                    .filter_map(|f| match f {
                        Fix::Value { column: name, from, to, .. } if *name == column.name => {
                            Some((from.as_str(), to.as_str()))
                        }
                        _ => None,
                    })
                    .collect();
                let keys = !column.is_value();
                file.table
                    .distinct(at)
                    .map(|text| {
                        let text = fixes.iter().find(|(from, _)| *from == text).map_or(text, |(_, to)| to);
                        // Keys are compared without outer blanks (`redcap-validation.md` §6.1).
                        let text = if keys { text.trim_matches([' ', '\t']) } else { text };
                        match width {
                            Some(width) if column.target == Target::Record && is_number(text) => {
                                Cow::Owned(format!("{text:0>width$}"))
                            }
                            _ => Cow::Borrowed(text),
                        }
                    })
                    .collect()
            })
            .collect();
        let codes = (0..columns.len()).map(|at| file.table.codes(at)).collect();
        Self { file, values, codes }
    }

    pub fn n_rows(&self) -> usize {
        self.file.table.n_rows()
    }

    /// The codes of a column, one a row; 0 is blank.
    pub fn codes(&self, column: usize) -> &[u32] {
        self.codes.get(column).map_or(&[], Vec::as_slice)
    }

    /// The distinct values of a column; the value of code `n` is at `n - 1`.
    pub fn values(&self, column: usize) -> &[Cow<'a, str>] {
        self.values.get(column).map_or(&[], Vec::as_slice)
    }

    /// The text of a cell.
    pub fn text(&self, row: usize, column: Option<usize>) -> &str {
        let Some(column) = column else { return "" };
        let code = self.codes(column).get(row).copied().unwrap_or(0) as usize;
        code.checked_sub(1).and_then(|at| self.values(column).get(at)).map_or("", AsRef::as_ref)
    }
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
