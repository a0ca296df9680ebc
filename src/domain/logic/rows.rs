//! The rows of a record table as places of records (`redcap-logic.md` §9).
//!
//! An exported row of a repeating instrument holds nothing of the other forms; REDCap's logic
//! still sees them. So a reference may look at another row of the same record.

use super::project::Project;
use super::record::{Cell, Place, RecordData, Viewer};
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A record table with what is needed to find the row of a record, event and instance.
///
/// Make it once per table and bind many expressions to it.
#[derive(Debug)]
pub struct TableRows<'t> {
    pub(super) project: &'t Project<'t>,
    pub(super) table: &'t RecordTable,
    pub(super) viewer: Option<&'t Viewer>,
    pub(super) columns: KeyColumns,
    columns_by_name: HashMap<&'t str, usize>,
    index: OnceLock<Index>,
}

/// Where the columns are that tell the place of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyColumns {
    pub record: Option<usize>,
    pub event: Option<usize>,
    pub instrument: Option<usize>,
    pub instance: Option<usize>,
    pub dag: Option<usize>,
}

/// The place of a row in codes of the key columns; instance 0 is none. Ordered by record first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowPlace {
    pub record: u32,
    pub event: u32,
    pub instrument: u32,
    pub instance: u32,
}

#[derive(Debug, Default)]
struct Index {
    places: Vec<RowPlace>,
    /// The rows ordered by their places.
    sorted: Vec<u32>,
    /// For each record code, where its rows start in `sorted`; one more at the end.
    starts: Vec<usize>,
    events: HashMap<String, u32>,
    instruments: HashMap<String, u32>,
}

impl<'t> TableRows<'t> {
    /// Prepares a table that came from a record export of this project.
    pub fn new(project: &'t Project<'t>, table: &'t RecordTable) -> Self {
        let columns_by_name: HashMap<&str, usize> = table.column_names().zip(0..).collect();
        let find = |name: &str| columns_by_name.get(name).copied();
        let record = project.metadata().dictionary.record_id_field().and_then(|f| find(&f.name));
        let columns = KeyColumns {
            record,
            event: find(column::EVENT),
            instrument: find(column::REPEAT_INSTRUMENT),
            instance: find(column::REPEAT_INSTANCE),
            dag: find(column::DAG),
        };
        Self { project, table, viewer: None, columns, columns_by_name, index: OnceLock::new() }
    }

    /// The same, seen by this user.
    #[must_use]
    pub fn seen_by(mut self, viewer: &'t Viewer) -> Self {
        self.viewer = Some(viewer);
        self
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.table.n_rows()
    }

    /// The place of a row.
    pub fn place(&self, row: usize) -> Place<'t> {
        let text = |column: Option<usize>| column.map_or("", |c| self.table.cell(row, c));
        Place {
            event: text(self.columns.event),
            instrument: text(self.columns.instrument),
            instance: text(self.columns.instance).parse().ok(),
            form: "",
        }
    }

    /// The record that a row belongs to, with all of its rows in the table.
    pub fn record(&'t self, row: usize) -> TableRecord<'t> {
        let code = self.index().places.get(row).map_or(0, |p| p.record);
        TableRecord { rows: self, row, code }
    }

    /// The place of a column, found by name without a search.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns_by_name.get(name).copied()
    }

    /// Whether any row belongs to a repeating instrument.
    pub(super) fn has_instrument_rows(&self) -> bool {
        self.columns.instrument.is_some_and(|c| self.table.distinct(c).next().is_some())
    }

    /// The row at this place of a record.
    pub(super) fn find(&self, record: u32, event: &str, instrument: &str, instance: u32) -> Option<usize> {
        let (event, instrument) = self.codes(event, instrument)?;
        self.find_code(RowPlace { record, event, instrument, instance })
    }

    /// The row at this place.
    pub(super) fn find_code(&self, place: RowPlace) -> Option<usize> {
        let index = self.index();
        let rows = index.rows_of(place.record);
        let at = rows.partition_point(|row| index.place(*row) < place);
        rows.get(at).filter(|row| index.place(**row) == place).map(|row| *row as usize)
    }

    /// The lowest and highest instance of a record at an event and repeating instrument.
    pub(super) fn instances(&self, record: u32, event: &str, instrument: &str) -> Option<(u32, u32)> {
        let (event, instrument) = self.codes(event, instrument)?;
        let index = self.index();
        let rows = index.rows_of(record);
        let before = |instance| {
            let place = RowPlace { record, event, instrument, instance };
            rows.partition_point(|row| index.place(*row) <= place)
        };
        let found = rows.get(before(0)..before(u32::MAX))?;
        let instance = |row: &u32| index.place(*row).instance;
        Some((found.first().map(instance)?, found.last().map(instance)?))
    }

    pub(super) fn row_place(&self, row: usize) -> Option<RowPlace> {
        self.index().places.get(row).copied()
    }

    /// The codes of an event and an instrument; `None` if no row has them.
    pub(super) fn codes(&self, event: &str, instrument: &str) -> Option<(u32, u32)> {
        let code = |known: &HashMap<String, u32>, name: &str| {
            if name.is_empty() { Some(0) } else { known.get(name).copied() }
        };
        Some((code(&self.index().events, event)?, code(&self.index().instruments, instrument)?))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let codes = |column: Option<usize>| column.map_or_else(Vec::new, |c| self.table.codes(c));
            let by_name = |column: Option<usize>| {
                column
                    .map(|c| self.table.distinct(c).map(str::to_owned).zip(1..).collect())
                    .unwrap_or_default()
            };
            let numbers: Vec<u32> = self
                .columns
                .instance
                .map(|c| self.table.distinct(c).map(|text| text.parse().unwrap_or(0)).collect())
                .unwrap_or_default();
            let (records, events) = (codes(self.columns.record), codes(self.columns.event));
            let (instruments, instances) = (codes(self.columns.instrument), codes(self.columns.instance));
            let at = |codes: &[u32], row: usize| codes.get(row).copied().unwrap_or(0);
            let mut index = Index {
                events: by_name(self.columns.event),
                instruments: by_name(self.columns.instrument),
                ..Index::default()
            };
            for row in 0..self.table.n_rows() {
                let code = at(&instances, row) as usize;
                let instance = code.checked_sub(1).and_then(|i| numbers.get(i)).copied().unwrap_or(0);
                index.places.push(RowPlace {
                    record: at(&records, row),
                    event: at(&events, row),
                    instrument: at(&instruments, row),
                    instance,
                });
            }
            index.sort();
            index
        })
    }
}

impl Index {
    fn place(&self, row: u32) -> RowPlace {
        self.places.get(row as usize).copied().unwrap_or_default()
    }

    /// The rows of a record in the order of their places.
    fn rows_of(&self, record: u32) -> &[u32] {
        let record = record as usize;
        match (self.starts.get(record), self.starts.get(record + 1)) {
            (Some(&start), Some(&end)) => self.sorted.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }

    fn sort(&mut self) {
        let mut sorted: Vec<u32> = (0..self.places.len() as u32).collect();
        // Rows of the same place stay in their order, so the first of them is found.
        sorted.sort_by_key(|row| self.place(*row));
        let records = self.places.iter().map(|p| p.record as usize + 1).max().unwrap_or(0);
        let mut starts = vec![0; records + 1];
        for place in &self.places {
            if let Some(count) = starts.get_mut(place.record as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        self.sorted = sorted;
        self.starts = starts;
    }
}

/// One record of a table.
#[derive(Debug, Clone, Copy)]
pub struct TableRecord<'t> {
    rows: &'t TableRows<'t>,
    row: usize,
    code: u32,
}

impl RecordData for TableRecord<'_> {
    fn name(&self) -> &str {
        self.rows.columns.record.map_or("", |c| self.rows.table.cell(self.row, c))
    }

    fn value(&self, cell: &Cell<'_>) -> Option<Cow<'_, str>> {
        let column = self.rows.column(&cell.column())?;
        let row = self.rows.find(self.code, cell.event, cell.instrument, cell.instance);
        Some(Cow::Borrowed(row.map_or("", |row| self.rows.table.cell(row, column))))
    }

    fn instances(&self, event: &str, instrument: &str) -> Option<(u32, u32)> {
        self.rows.instances(self.code, event, instrument)
    }

    fn dag(&self) -> Option<&str> {
        self.rows.columns.dag.map(|c| self.rows.table.cell(self.row, c))
    }
}
