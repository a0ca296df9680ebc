//! The dialog that writes the rows on screen to a file.

use super::add_project::edit;
use super::keys::{Code, Key};
use super::open::Open;
use super::values::MASK;
use crate::jobs::export::Sheet;
use std::path::PathBuf;
use tui_input::Input;

/// A box or button of the dialog, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The file's name.
    #[default]
    File,
    /// Whether identifiers go into the file.
    Identifiers,
    /// Write it.
    Write,
    /// Cancel.
    Cancel,
}

const PARTS: [Part; 4] = [Part::File, Part::Identifiers, Part::Write, Part::Cancel];

/// The state of the dialog.
#[derive(Debug, Clone, Default)]
pub struct ExportDialog {
    /// The file.
    pub file: Input,
    /// Identifiers go into the file, readable.
    pub identifiers: bool,
    /// What has the focus.
    pub part: Part,
    /// How many rows and columns are shown.
    pub shown: (usize, usize),
    /// How many of the columns are identifiers.
    pub n_identifiers: usize,
    /// How the values are shown: labels, codes or both.
    pub values: &'static str,
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it.
    Close,
    /// Write to this file.
    Write(PathBuf),
}

impl ExportDialog {
    /// The dialog for the rows that are on screen.
    pub fn new(open: &Open, day: &str) -> Self {
        let records = &open.records;
        let form = records.form.as_deref().unwrap_or("records");
        Self {
            file: Input::new(format!("{}_{form}_{day}.csv", open.project.project_id)),
            shown: (records.rows.len(), records.columns.len()),
            n_identifiers: records.columns.iter().filter(|c| c.identifier).count(),
            values: open.values.name(),
            ..Self::default()
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Wish {
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Tab | Code::Down => self.go(1),
            Code::BackTab | Code::Up => self.go(PARTS.len() - 1),
            Code::Char(' ') | Code::Left | Code::Right if self.part == Part::Identifiers => {
                self.identifiers = !self.identifiers;
            }
            Code::Enter => match self.part {
                Part::Cancel => return Wish::Close,
                Part::Identifiers => self.go(1),
                Part::File | Part::Write => {
                    let name = self.file.value().trim();
                    if !name.is_empty() {
                        return Wish::Write(PathBuf::from(name));
                    }
                    self.part = Part::File;
                }
            },
            _ if self.part == Part::File => edit(&mut self.file, key),
            _ => {}
        }
        Wish::Nothing
    }

    fn go(&mut self, by: usize) {
        let at = PARTS.iter().position(|p| *p == self.part).unwrap_or_default();
        self.part = PARTS.get((at + by) % PARTS.len()).copied().unwrap_or_default();
    }

    /// The rows on screen as text. Without `identifiers` their columns are left out altogether.
    pub fn sheet(&self, open: &Open) -> Sheet {
        let records = &open.records;
        let columns: Vec<_> = records.columns.iter().filter(|c| self.identifiers || !c.identifier).collect();
        let text = |column, row| {
            let text = records.text(column, row, open.values, false, &open.metadata);
            if text == MASK { String::new() } else { text }
        };
        Sheet {
            header: columns.iter().map(|c| c.name.clone()).collect(),
            rows: records.rows.iter().map(|&row| columns.iter().map(|c| text(c, row)).collect()).collect(),
        }
    }
}
