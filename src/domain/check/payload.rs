//! What is sent: whole records, batch by batch, as rows of JSON.

use super::columns::{FileColumn, Target};
use super::place::{Instance, Place};
use super::receipt::Proof;
use super::{Cell, Rehearsal};
use crate::domain::record::{column, natural_cmp};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// REDCap's own key columns, in the order of [`Rehearsal::key_texts`].
pub const KEYS: [&str; 3] = [column::EVENT, column::REPEAT_INSTRUMENT, column::REPEAT_INSTANCE];

/// Record, event, instrument and instance of a row, in one line.
pub fn place_words(r: &Rehearsal, row: usize) -> String {
    let mut text = crate::domain::text::one_line(r.record_name(row));
    for part in r.key_texts(row).iter().filter(|p| !p.is_empty()) {
        text.push(' ');
        text.push_str(part);
    }
    text
}

/// How many records a request carries at most (`needs.md` §5.2).
pub const MOST_RECORDS: usize = 100;
/// How many cells a request carries at most, so that no server runs out of memory.
const MOST_CELLS: usize = 20_000;

/// One request: whole records, with the rows of the file in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The names of the records.
    pub records: Vec<String>,
    /// The rows of the file.
    pub rows: Vec<usize>,
}

impl Rehearsal {
    /// The requests for a file: records as people sort them, never one in two requests.
    pub fn batches(&self, most_records: usize) -> Vec<Batch> {
        let mut rows_of: HashMap<u32, Vec<usize>> = HashMap::new();
        for (row, state) in self.rows.iter().enumerate().filter(|(_, r)| r.is_sent) {
            if let Some(place) = state.place {
                rows_of.entry(place.record).or_default().push(row);
            }
        }
        let mut records: Vec<(u32, Vec<usize>)> = rows_of.into_iter().collect();
        let name = |at: u32| self.records.get(at as usize).map_or("", |r| r.name.as_str());
        records.sort_by(|(a, _), (b, _)| natural_cmp(name(*a), name(*b)));
        let mut batches: Vec<Batch> = Vec::new();
        for (record, rows) in records {
            let fits = batches.last().is_some_and(|b| {
                b.records.len() < most_records.max(1)
                    && (b.rows.len() + rows.len()) * self.columns.len() <= MOST_CELLS
            });
            if !fits {
                batches.push(Batch::default());
            }
            if let Some(batch) = batches.last_mut() {
                batch.records.push(name(record).to_owned());
                batch.rows.extend(rows);
            }
        }
        batches
    }

    /// Whether a row gets its instance from REDCap, so that it cannot be found again by its key.
    pub fn is_new_instance(&self, row: usize) -> bool {
        self.rows.get(row).and_then(|r| r.place).is_some_and(|p| p.instance == Instance::New)
    }

    /// Whether a row cannot be found again by its key: REDCap gives its instance, or the name of its
    /// record.
    pub fn has_no_key(&self, row: usize) -> bool {
        self.settings.auto_number || self.is_new_instance(row)
    }

    /// How many cells change, and how many of these are in rows that cannot be found again by their
    /// keys, so that no import could bring their old values back.
    pub fn touched_cells(&self) -> (usize, usize) {
        let columns = 0..self.columns.len();
        let touches = |row: usize| {
            let is_touched =
                |c: &usize| matches!(self.cell(row, *c), Cell::New | Cell::Changed | Cell::Erased);
            columns.clone().filter(is_touched).count()
        };
        let all: usize = [Cell::New, Cell::Changed, Cell::Erased].into_iter().map(|c| self.count(c)).sum();
        let keyless = (0..self.rows.len()).filter(|row| self.has_no_key(*row)).map(touches).sum();
        (all, keyless)
    }

    /// What of a batch is left to send after it was read back: the rows that are not stored as they
    /// are in the file. All of them where the proof could not see everything.
    pub fn left_of(&self, batch: &Batch, proof: &Proof) -> Batch {
        if !proof.unknown.is_empty() {
            return batch.clone();
        }
        let differing: HashSet<usize> = proof.different.iter().map(|d| d.row).collect();
        let rows: Vec<usize> = batch.rows.iter().copied().filter(|r| differing.contains(r)).collect();
        let names: HashSet<&str> = rows.iter().map(|r| self.record_name(*r)).collect();
        let records = batch.records.iter().filter(|r| names.contains(r.as_str())).cloned().collect();
        Batch { records, rows }
    }

    /// Whether a cell is part of what is sent: a value, or a blank that erases.
    pub fn is_sent(&self, row: usize, column: usize) -> bool {
        self.rows.get(row).is_some_and(|r| r.is_sent)
            && matches!(
                self.cell(row, column),
                Cell::New | Cell::Changed | Cell::Same | Cell::Filled | Cell::Erased
            )
    }

    /// How many cells are sent.
    pub fn sent_cells(&self) -> usize {
        [Cell::New, Cell::Changed, Cell::Same, Cell::Filled, Cell::Erased]
            .into_iter()
            .map(|c| self.count(c))
            .sum()
    }

    /// The rows of a batch as JSON: keys, the values in the form in which REDCap stores them, dates
    /// as Y-M-D. All rows have the same keys, so a blank is `""`; in the normal mode it changes
    /// nothing.
    ///
    /// A file with one value a row is sent as one: what it does not name is not sent, so that it
    /// cannot be erased.
    pub fn data(&self, batch: &Batch) -> String {
        if self.file.eav.is_some() {
            return self.eav_data(batch);
        }
        let has_events = self.rows.iter().any(|r| r.place.is_some_and(|p| p.event.is_some()));
        let has_instances =
            batch.rows.iter().any(|r| self.place(*r).is_some_and(|p| p.instance != Instance::None));
        let group = self.columns.iter().position(|c| c.target == Target::Group);
        let columns: Vec<usize> = (0..self.columns.len())
            .filter(|c| self.columns.get(*c).is_some_and(FileColumn::is_value))
            .filter(|c| batch.rows.iter().any(|row| self.is_sent(*row, *c)))
            .collect();
        let rows: Vec<Value> = batch
            .rows
            .iter()
            .map(|&row| {
                let mut map = Map::new();
                let mut put = |name: &str, text: &str| map.insert(name.to_owned(), Value::from(text));
                put(self.id_field(), self.record_name(row));
                let [event, instrument, instance] = self.key_texts(row);
                if has_events {
                    put(column::EVENT, &event);
                }
                if has_instances {
                    put(column::REPEAT_INSTRUMENT, &instrument);
                    put(column::REPEAT_INSTANCE, &instance);
                }
                if let Some(group) = group {
                    put(column::DAG, self.value(row, group));
                }
                for &at in &columns {
                    let name = self.columns.get(at).map_or("", |c| c.name.as_str());
                    put(name, if self.is_sent(row, at) { self.value(row, at) } else { "" });
                }
                Value::Object(map)
            })
            .collect();
        Value::Array(rows).to_string()
    }

    fn eav_data(&self, batch: &Batch) -> String {
        let has_events = self.rows.iter().any(|r| r.place.is_some_and(|p| p.event.is_some()));
        let has_instances =
            batch.rows.iter().any(|r| self.place(*r).is_some_and(|p| p.instance != Instance::None));
        let mut values: Vec<Value> = Vec::new();
        for &row in &batch.rows {
            let [event, instrument, instance] = self.key_texts(row);
            for at in (0..self.columns.len()).filter(|c| self.is_sent(row, *c)) {
                let mut map = Map::new();
                let mut put = |name: &str, text: &str| map.insert(name.to_owned(), Value::from(text));
                put("record", self.record_name(row));
                if has_events {
                    put(column::EVENT, &event);
                }
                if has_instances {
                    put(column::REPEAT_INSTRUMENT, &instrument);
                    put(column::REPEAT_INSTANCE, &instance);
                }
                put("field_name", self.columns.get(at).map_or("", |c| c.name.as_str()));
                put("value", self.value(row, at));
                values.push(Value::Object(map));
            }
        }
        Value::Array(values).to_string()
    }

    /// The event, instrument and instance of a row, as REDCap names them; blank where there is none.
    pub fn key_texts(&self, row: usize) -> [String; 3] {
        let place = self.place(row);
        let instance = match place.map(|p| p.instance) {
            Some(Instance::Number(n)) => n.to_string(),
            Some(Instance::New) => "new".into(),
            _ => String::new(),
        };
        [
            self.event_name(place.and_then(|p| p.event)).to_owned(),
            self.form_name(place.and_then(|p| p.instrument)).to_owned(),
            instance,
        ]
    }

    fn place(&self, row: usize) -> Option<Place> {
        self.rows.get(row).and_then(|r| r.place)
    }
}
