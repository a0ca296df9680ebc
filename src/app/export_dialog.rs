//! The dialog that writes rows to a file.

use super::add_project::edit;
use super::keys::{Code, Key};
use super::open::Open;
use super::quality;
use crate::domain::dictionary::Field;
use crate::domain::identifying::{Clue, may_identify, named};
use crate::domain::values::Values;
use crate::jobs::types::{FileFormat, Job, Place, Sheet, WholeExport};
use std::collections::HashSet;
use std::path::PathBuf;
use tui_input::Input;

/// A box or button of the dialog, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Which rows.
    What,
    /// Labels or codes.
    Values,
    /// How the file is written.
    Format,
    /// Whether identifiers go into the file.
    Identifiers,
    /// The file's name.
    #[default]
    File,
    /// Write it.
    Write,
    /// Cancel.
    Cancel,
}

const PARTS: [Part; 7] =
    [Part::What, Part::Values, Part::Format, Part::Identifiers, Part::File, Part::Write, Part::Cancel];

/// Which rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum What {
    /// The rows and columns on screen.
    #[default]
    Shown,
    /// All records of the instrument in the table, read for the file.
    Instrument,
    /// All records of all instruments.
    Project,
    /// The findings of data quality that are listed.
    Findings,
}

/// The state of the dialog.
#[derive(Debug, Clone, Default)]
pub struct ExportDialog {
    /// Which rows.
    pub what: What,
    /// Labels, codes or both.
    pub values: Values,
    /// How the file is written.
    pub format: FileFormat,
    /// The file.
    pub file: Input,
    /// Identifiers go into the file, readable.
    pub identifiers: bool,
    /// What has the focus.
    pub part: Part,
    /// How many rows and columns are shown.
    pub shown: (usize, usize),
    /// How many identifiers there are: columns on screen, fields of the instrument, of the project.
    n_identifiers: [usize; 3],
    /// What is not marked as an identifier and may identify, in words, for the same three.
    unmarked: [String; 3],
    /// The user gave the file a name.
    named: bool,
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
        if open.quality.shown {
            return Self::findings(open, day);
        }
        let records = &open.records;
        let form = records.form.as_deref().unwrap_or("records");
        let dictionary = &open.metadata.dictionary;
        Self {
            file: Input::new(format!("{}_{form}_{day}.csv", open.project.project_id)),
            shown: (records.rows.len(), records.columns.len()),
            n_identifiers: [
                records.columns.iter().filter(|c| c.identifier).count(),
                dictionary.fields_of(form).filter(|f| f.identifier).count(),
                dictionary.fields().iter().filter(|f| f.identifier).count(),
            ],
            unmarked: {
                let all = may_identify(dictionary);
                let words = |of: &dyn Fn(&Field) -> bool| {
                    let some: Vec<(&Field, Clue)> = all.iter().filter(|(f, _)| of(f)).copied().collect();
                    named(&some, 3)
                };
                let shown: HashSet<&str> = records.columns.iter().map(|c| c.name.as_str()).collect();
                [words(&|f| shown.contains(f.name.as_str())), words(&|f| f.form == form), words(&|_| true)]
            },
            values: open.values,
            ..Self::default()
        }
    }

    /// The dialog for the findings that are listed.
    fn findings(open: &Open, day: &str) -> Self {
        let sheet = quality::sheet(open, false);
        let named = (0..sheet.table.n_rows()).map(|row| sheet.table.get(row, "field"));
        let identifier = |name: &&str| open.metadata.dictionary.field(name).is_some_and(|f| f.identifier);
        let personal: HashSet<&str> = named.filter(identifier).collect();
        Self {
            what: What::Findings,
            file: Input::new(format!("{}_data_quality_{day}.csv", open.project.project_id)),
            shown: (sheet.rows.len(), sheet.columns.len()),
            n_identifiers: [personal.len(), 0, 0],
            values: Values::Codes,
            ..Self::default()
        }
    }

    /// How many identifiers the chosen rows have.
    pub fn n_identifiers(&self) -> usize {
        let [shown, instrument, project] = self.n_identifiers;
        match self.what {
            What::Shown | What::Findings => shown,
            What::Instrument => instrument,
            What::Project => project,
        }
    }

    /// Which fields of the chosen rows are not marked as identifiers and may identify, in words:
    /// they go into the file. Empty if there are none.
    pub fn unmarked(&self) -> &str {
        let [shown, instrument, project] = &self.unmarked;
        match self.what {
            What::Shown => shown,
            What::Findings => "",
            What::Instrument => instrument,
            What::Project => project,
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Wish {
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Tab | Code::Down => self.go(1),
            Code::BackTab | Code::Up => self.go(PARTS.len() - 1),
            Code::Char(' ') | Code::Right if self.part != Part::File => self.turn(1),
            Code::Left if self.part != Part::File => self.turn(-1),
            Code::Enter => match self.part {
                Part::Cancel => return Wish::Close,
                Part::File | Part::Write => {
                    let name = self.file.value().trim();
                    if !name.is_empty() {
                        return Wish::Write(PathBuf::from(name));
                    }
                    self.part = Part::File;
                }
                _ => self.go(1),
            },
            _ if self.part == Part::File => {
                self.named = true;
                edit(&mut self.file, key);
            }
            _ => {}
        }
        Wish::Nothing
    }

    fn go(&mut self, by: usize) {
        let at = PARTS.iter().position(|p| *p == self.part).unwrap_or_default();
        self.part = PARTS.get((at + by) % PARTS.len()).copied().unwrap_or_default();
    }

    /// The next or the previous choice of the part with the focus.
    fn turn(&mut self, by: isize) {
        fn next<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
            let at = all.iter().position(|x| *x == now).unwrap_or_default();
            let to = at.checked_add_signed(by).unwrap_or(all.len().saturating_sub(1));
            all.get(to).or(all.first()).copied().unwrap_or(now)
        }
        match self.part {
            // Findings are what they are: which rule is chosen on the screen below.
            Part::What | Part::Values if self.what == What::Findings => {}
            Part::What => self.what = next(&[What::Shown, What::Instrument, What::Project], self.what, by),
            Part::Values => {
                self.values = next(&[Values::Labels, Values::Codes, Values::Both], self.values, by);
            }
            Part::Format => {
                self.format = next(&FileFormat::ALL, self.format, by);
                // To import again means codes.
                if self.format == FileFormat::Exact {
                    self.values = Values::Codes;
                }
                self.rename();
            }
            Part::Identifiers => self.identifiers = !self.identifiers,
            _ => {}
        }
    }

    /// A name that the user did not touch ends as the format does.
    fn rename(&mut self) {
        let name = self.file.value();
        if let Some((stem, _)) = name.rsplit_once('.').filter(|_| !self.named) {
            self.file = Input::new(format!("{stem}.{}", self.format.ending()));
        }
    }

    /// The job that writes the file. Without `identifiers` their columns are left out altogether.
    pub fn job(&self, open: &Open, path: PathBuf) -> Option<Job> {
        let records = &open.records;
        let forms: Vec<&str> = match self.what {
            What::Findings => {
                let sheet = quality::sheet(open, self.identifiers);
                return Some(Job::Export(Box::new(sheet), self.format, path));
            }
            What::Shown => {
                let columns = records.columns.iter().filter(|c| self.identifiers || !c.identifier);
                let sheet = Sheet {
                    table: records.table.clone(),
                    columns: columns.cloned().collect(),
                    rows: records.rows.clone(),
                    values: self.values,
                    metadata: open.metadata.clone(),
                    project: Place::of(&open.project),
                };
                return Some(Job::Export(Box::new(sheet), self.format, path));
            }
            What::Instrument => vec![records.form.as_deref()?],
            What::Project => open.metadata.instruments.iter().map(|i| i.name.as_str()).collect(),
        };
        let mut whole = WholeExport::of_forms(&open.metadata, &forms, self.identifiers)?;
        whole.wanted.filter_logic.clone_from(&records.server_filter);
        let whole = WholeExport { values: self.values, format: self.format, path, ..whole };
        Some(Job::ExportWhole(Box::new(open.project.clone()), Box::new(whole)))
    }
}
