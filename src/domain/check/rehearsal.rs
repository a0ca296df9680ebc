//! The result of a rehearsal: what was found, and what becomes of every cell, row and record.

use super::Stored;
use super::cell::Cell;
use super::columns::{FileColumn, Target};
use super::dates::DateProof;
use super::effects::Effects;
use super::finding::{Finding, Severity, Why};
use super::fix::Fix;
use super::place::Place;
use super::source::{Settings, SourceFile};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The whole result.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// The file.
    pub file: Arc<SourceFile>,
    /// How it was read.
    pub settings: Settings,
    /// Its columns.
    pub columns: Vec<FileColumn>,
    /// What the columns with dates prove about their order.
    pub dates: Vec<(usize, DateProof)>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Its records, in the order of the file.
    pub records: Vec<Record>,
    /// All that was found: the worst first, then in the order of the file.
    pub findings: Vec<Finding>,
    /// Their sentences.
    pub whys: Vec<Why>,
    /// How many cells become what.
    pub(super) counts: [usize; Cell::ALL.len()],
    /// What else will happen.
    pub effects: Effects,
    /// What the file was compared with.
    pub stored: Option<Arc<Stored>>,
    /// For each column the stored form of its distinct values.
    pub(super) values: Vec<Vec<Box<str>>>,
    /// Row by row, what becomes of each cell.
    pub(super) cells: Vec<Cell>,
    /// The unique names of events and instruments, which places refer to.
    pub(super) events: Vec<String>,
    pub(super) forms: Vec<String>,
    pub(super) id_field: String,
}

impl Rehearsal {
    /// What becomes of a cell.
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        self.cells.get(row * self.columns.len() + column).copied().unwrap_or(Cell::Nothing)
    }

    /// The text that would be stored for a cell.
    pub fn value(&self, row: usize, column: usize) -> &str {
        let code = self.file.table.code(row, column) as usize;
        let values = self.values.get(column);
        code.checked_sub(1).and_then(|at| values?.get(at)).map_or("", AsRef::as_ref)
    }

    /// The text that is stored at the place of a cell, `""` if there is none.
    pub fn stored_value(&self, row: usize, column: usize) -> &str {
        let stored = self.stored.as_ref().zip(self.rows.get(row).and_then(|r| r.stored));
        let name = self.columns.get(column).map(|c| c.name.as_str());
        stored.zip(name).map_or("", |((stored, row), name)| stored.rows.get(row as usize, name))
    }

    /// How many cells become this.
    pub fn count(&self, cell: Cell) -> usize {
        self.counts.get(cell as usize).copied().unwrap_or(0)
    }

    /// How many findings are of this severity.
    pub fn count_of(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.rule.severity() == severity).count()
    }

    /// Nothing keeps the file from being sent: REDCap would refuse none of it, and nothing is open.
    pub fn may_be_sent(&self) -> bool {
        self.findings.iter().all(|f| f.rule.severity() > Severity::Stopped)
    }

    /// The sentence of a finding.
    pub fn why(&self, finding: &Finding) -> Option<&Why> {
        self.whys.get(finding.why as usize)
    }

    /// The record of a row.
    pub fn record_name(&self, row: usize) -> &str {
        let place = self.rows.get(row).and_then(|r| r.place);
        match place {
            Some(place) => self.records.get(place.record as usize).map_or("", |r| r.name.as_str()),
            None => self
                .columns
                .iter()
                .position(|c| c.target == Target::Record)
                .map_or("", |column| self.file.table.cell(row, column)),
        }
    }

    /// The unique name of an event that a place refers to.
    pub fn event_name(&self, at: Option<u32>) -> &str {
        at.and_then(|at| self.events.get(at as usize)).map_or("", String::as_str)
    }

    /// The unique name of an instrument that a place refers to.
    pub fn form_name(&self, at: Option<u32>) -> &str {
        at.and_then(|at| self.forms.get(at as usize)).map_or("", String::as_str)
    }

    /// The record id field.
    pub fn id_field(&self) -> &str {
        &self.id_field
    }

    /// All corrections that can only be meant so.
    pub fn sure_fixes(&self) -> BTreeSet<Fix> {
        self.whys.iter().filter_map(|w| w.fix.as_ref()).filter(|f| f.is_sure()).cloned().collect()
    }
}

/// A row of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Where it lands; `None` if that cannot be told.
    pub place: Option<Place>,
    /// The row of [`Stored`] at that place.
    pub stored: Option<u32>,
    /// It holds something to send.
    pub is_sent: bool,
}

/// A record of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// Whether it does not exist yet; `None` offline.
    pub is_new: Option<bool>,
}
