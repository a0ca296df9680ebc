//! Record data: compact in memory, natural to write.
//!
//! A project of 50,000 records with 300 columns has millions of cells, most of them blank and
//! the rest full of repeats. So a row keeps only the cells that hold something, and each cell is
//! two numbers: one for the key, one for the value.

use crate::domain::choices::Choice;
use crate::domain::record::natural_cmp;
use jiff::civil::DateTime;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Distinct texts, each with a number from 1.
#[derive(Debug, Clone, Default)]
struct Texts {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32, foldhash::fast::RandomState>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        let number = self.texts.len() as u32;
        self.numbers.insert(text, number);
        number
    }

    fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    fn text(&self, number: u32) -> &str {
        (number as usize).checked_sub(1).and_then(|i| self.texts.get(i)).map_or("", |t| t)
    }
}

/// A record's name, in natural order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordName(pub Arc<str>);

impl Ord for RecordName {
    fn cmp(&self, other: &Self) -> Ordering {
        natural_cmp(&self.0, &other.0)
    }
}

impl PartialOrd for RecordName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where a value belongs within a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place<'a> {
    /// The number of the event; classic projects have one event that nobody sees.
    pub event: u64,
    /// The repeating instrument; empty elsewhere.
    pub instrument: &'a str,
    /// The instance of a repeating instrument or event; 0 elsewhere.
    pub instance: u32,
}

impl<'a> Place<'a> {
    /// The plain row of an event.
    pub const fn base(event: u64) -> Self {
        Self { event, instrument: "", instance: 0 }
    }

    /// An instance of a repeating instrument.
    pub const fn instrument(event: u64, instrument: &'a str, instance: u32) -> Self {
        Self { event, instrument, instance }
    }
}

/// One row of a record: the cells of one place that hold something.
#[derive(Debug, Clone)]
pub struct Row {
    /// The number of the event.
    pub event: u64,
    /// The number of the repeating instrument's name; 0 elsewhere. See [`Data::instrument_of`].
    instrument: u32,
    /// The instance; 0 where nothing repeats.
    pub instance: u32,
    /// Keys and values by number, ordered by key.
    cells: Vec<(u32, u32)>,
}

impl Row {
    /// Whether this row is an instance of something that repeats.
    pub fn repeats(&self) -> bool {
        self.instance > 0
    }

    /// Adds cells by the numbers of their keys and values; the row has none of these keys yet.
    pub fn add(&mut self, cells: Vec<(u32, u32)>) {
        self.cells.reserve_exact(cells.len());
        self.cells.extend(cells);
        self.cells.sort_unstable_by_key(|(key, _)| *key);
    }

    /// The numbers of all keys and values of this row.
    pub fn cells(&self) -> &[(u32, u32)] {
        &self.cells
    }
}

/// A record: its rows, its group, and when it was made and last changed.
#[derive(Debug, Clone)]
pub struct Record {
    /// The number of its Data Access Group.
    pub dag: Option<u64>,
    /// When it was created, server time.
    pub created: DateTime,
    /// When it was last changed, server time.
    pub modified: DateTime,
    rows: Vec<Row>,
}

impl Record {
    /// A record with these rows.
    pub fn new(dag: Option<u64>, created: DateTime, modified: DateTime, rows: Vec<Row>) -> Self {
        Self { dag, created, modified, rows }
    }

    /// The rows in the order in which they were made.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// All data of a project.
///
/// Values are stored under keys: the name of a field, `race(2)` for a ticked choice of a
/// checkbox field, `demographics_complete` for a form status, `<form>_timestamp` and
/// `redcap_survey_identifier` for survey data. A blank is not stored: a form status that is not
/// there is a gray one, and an unticked box is one that is not there.
///
/// A copy shares all records with its original until one of the two changes them, so that a
/// small import into a large project copies little.
#[derive(Debug, Clone, Default)]
pub struct Data {
    texts: Arc<Texts>,
    keys: Arc<Texts>,
    records: BTreeMap<RecordName, Arc<Record>>,
}

/// The number of a text, which is added if it is new.
fn number(texts: &mut Arc<Texts>, text: &str) -> u32 {
    match texts.find(text) {
        Some(number) => number,
        None => Arc::make_mut(texts).number(text),
    }
}

/// The key under which a ticked choice of a checkbox field is stored.
///
/// Not the export column: two codes may share that (`redcap-api.md` §4.6).
pub fn checkbox_key(field: &str, choice: &Choice) -> String {
    format!("{field}({})", choice.code)
}

impl Data {
    /// All records in natural order.
    pub fn records(&self) -> impl Iterator<Item = (&str, &Record)> {
        self.records.iter().map(|(name, record)| (&*name.0, &**record))
    }

    /// All records, to be changed.
    pub fn records_mut(&mut self) -> impl Iterator<Item = &mut Record> {
        self.records.values_mut().map(Arc::make_mut)
    }

    /// A record.
    pub fn record(&self, name: &str) -> Option<&Record> {
        self.records.get(&RecordName(name.into())).map(|record| &**record)
    }

    /// These records, in natural order; names that are not here are left out.
    pub fn some_records<'a>(
        &'a self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = (&'a str, &'a Record)> {
        let mut some: Vec<_> = names
            .into_iter()
            .filter_map(|name| self.records.get_key_value(&RecordName(name.into())))
            .collect();
        some.sort_by_key(|(name, _)| *name);
        some.dedup_by_key(|(name, _)| *name);
        some.into_iter().map(|(name, record)| (&*name.0, &**record))
    }

    /// Makes sure that a record exists.
    pub fn add_record(&mut self, name: &str, now: DateTime) -> &mut Record {
        let record = self
            .records
            .entry(RecordName(name.into()))
            .or_insert_with(|| Arc::new(Record { dag: None, created: now, modified: now, rows: Vec::new() }));
        Arc::make_mut(record)
    }

    /// The number of a key, which is added if it is new.
    pub fn number_of_key(&mut self, key: &str) -> u32 {
        number(&mut self.keys, key)
    }

    /// The number of a value, which is added if it is new.
    pub fn number_of_text(&mut self, text: &str) -> u32 {
        number(&mut self.texts, text)
    }

    /// A new row of the cells at a place, by the numbers of their keys and values. Each key comes
    /// once.
    pub fn new_row(&mut self, place: Place<'_>, mut cells: Vec<(u32, u32)>) -> Row {
        let instrument =
            if place.instrument.is_empty() { 0 } else { number(&mut self.keys, place.instrument) };
        cells.sort_unstable_by_key(|(key, _)| *key);
        cells.shrink_to_fit();
        Row { event: place.event, instrument, instance: place.instance, cells }
    }

    /// Puts a record in, in place of one of the same name.
    pub fn put_record(&mut self, name: &str, record: Record) {
        self.records.insert(RecordName(name.into()), Arc::new(record));
    }

    /// Makes sure that a row exists, even without values.
    pub fn add_row(&mut self, record: &str, place: Place<'_>, now: DateTime) {
        self.row_mut(record, place, now);
    }

    fn row_mut(&mut self, record: &str, place: Place<'_>, now: DateTime) -> &mut Row {
        let instrument =
            if place.instrument.is_empty() { 0 } else { number(&mut self.keys, place.instrument) };
        let record = self.add_record(record, now);
        record.modified = record.modified.max(now);
        let at = record.rows.iter().position(|r| {
            r.event == place.event && r.instrument == instrument && r.instance == place.instance
        });
        let at = at.unwrap_or_else(|| {
            record.rows.push(Row {
                event: place.event,
                instrument,
                instance: place.instance,
                cells: Vec::new(),
            });
            record.rows.len() - 1
        });
        &mut record.rows[at]
    }

    /// Stores a value, or removes it if it is blank.
    pub fn set(&mut self, record: &str, place: Place<'_>, key: &str, value: &str, now: DateTime) {
        self.set_cells(record, place, &[(key, value)], now);
    }

    /// Stores many values of one row, without looking the row up for each. Blanks are skipped.
    pub fn set_many(&mut self, record: &str, place: Place<'_>, cells: &[(&str, &str)], now: DateTime) {
        let mut numbers: Vec<(u32, u32)> = cells
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (number(&mut self.keys, key), number(&mut self.texts, value)))
            .collect();
        let row = self.row_mut(record, place, now);
        numbers.extend(
            row.cells
                .iter()
                .filter(|(key, _)| !numbers.iter().any(|(k, _)| k == key))
                .copied()
                .collect::<Vec<_>>(),
        );
        numbers.sort_unstable_by_key(|(key, _)| *key);
        row.cells = numbers;
    }

    /// Stores many values of one row, blanks too: a blank removes what is there.
    pub fn set_cells(&mut self, record: &str, place: Place<'_>, cells: &[(&str, &str)], now: DateTime) {
        let numbers: Vec<(u32, u32)> = cells
            .iter()
            .map(|(key, value)| {
                let value = if value.is_empty() { 0 } else { number(&mut self.texts, value) };
                (number(&mut self.keys, key), value)
            })
            .collect();
        let row = self.row_mut(record, place, now);
        for (key, value) in numbers {
            match (row.cells.binary_search_by_key(&key, |(k, _)| *k), value) {
                (Ok(at), 0) => {
                    row.cells.remove(at);
                }
                (Ok(at), value) => row.cells[at].1 = value,
                (Err(_), 0) => {}
                (Err(at), value) => row.cells.insert(at, (key, value)),
            }
        }
    }

    /// The value stored under a key, `""` if there is none.
    pub fn get<'a>(&'a self, row: &Row, key: &str) -> &'a str {
        self.key_number(key).map_or("", |key| self.value(row, key))
    }

    /// The value stored under the number of a key.
    pub fn value<'a>(&'a self, row: &Row, key: u32) -> &'a str {
        row.cells
            .binary_search_by_key(&key, |(k, _)| *k)
            .ok()
            .and_then(|at| row.cells.get(at))
            .map_or("", |(_, value)| self.texts.text(*value))
    }

    /// The number of a key, if any row ever had it.
    pub fn key_number(&self, key: &str) -> Option<u32> {
        self.keys.find(key)
    }

    /// One more than the largest number of a key.
    pub fn key_count(&self) -> usize {
        self.keys.texts.len() + 1
    }

    /// A key by its number.
    pub fn key(&self, number: u32) -> &str {
        self.keys.text(number)
    }

    /// The text of a value by its number.
    pub fn text(&self, number: u32) -> &str {
        self.texts.text(number)
    }

    /// The repeating instrument of a row; empty on other rows.
    pub fn instrument_of(&self, row: &Row) -> &str {
        self.keys.text(row.instrument)
    }

    /// The row of a record at a place.
    pub fn row<'a>(&self, record: &'a Record, place: Place<'_>) -> Option<&'a Row> {
        let instrument = if place.instrument.is_empty() { 0 } else { self.keys.find(place.instrument)? };
        record
            .rows
            .iter()
            .find(|r| r.event == place.event && r.instrument == instrument && r.instance == place.instance)
    }

    /// Removes a record. Gives whether there was one.
    pub fn remove_record(&mut self, name: &str) -> bool {
        self.records.remove(&RecordName(name.into())).is_some()
    }

    /// Gives the rows of a record for which `moves` says so another name. All rows are the whole
    /// record; of some rows a record of its own is made. The new name must be free.
    pub fn rename_record(&mut self, old: &str, new: &str, moves: impl Fn(&Row) -> bool) {
        let Some(record) = self.records.remove(&RecordName(old.into())) else { return };
        let (going, staying): (Vec<Row>, Vec<Row>) = record.rows.iter().cloned().partition(moves);
        if !staying.is_empty() {
            self.records
                .insert(RecordName(old.into()), Arc::new(Record { rows: staying, ..(*record).clone() }));
        }
        self.records.insert(RecordName(new.into()), Arc::new(Record { rows: going, ..(*record).clone() }));
    }

    /// Removes all values under keys for which `gone` says so, and the instances of repeating
    /// instruments that are gone. Other rows stay, even without values.
    pub fn remove_keys(&mut self, gone: impl Fn(&str) -> bool) {
        let numbers: Vec<u32> =
            (1..).zip(&self.keys.texts).filter(|(_, key)| gone(key)).map(|(number, _)| number).collect();
        let is_hit = |record: &Record| {
            record.rows.iter().any(|row| {
                numbers.contains(&row.instrument) || row.cells.iter().any(|(key, _)| numbers.contains(key))
            })
        };
        for record in self.records.values_mut().filter(|record| is_hit(record)) {
            let record = Arc::make_mut(record);
            record.rows.retain(|row| !numbers.contains(&row.instrument));
            for row in &mut record.rows {
                row.cells.retain(|(key, _)| !numbers.contains(key));
            }
        }
    }

    /// Removes values from the rows of a record for which `from` says so: those under `keys`, or
    /// all if there are no keys. Rows that are left without a value disappear, and so does a
    /// record that is left without a row.
    pub fn remove_values(&mut self, name: &str, keys: Option<&[String]>, from: impl Fn(&Row) -> bool) {
        let numbers: Option<Vec<u32>> =
            keys.map(|k| k.iter().filter_map(|key| self.keys.find(key)).collect());
        let key = RecordName(name.into());
        let Some(record) = self.records.get_mut(&key).map(Arc::make_mut) else { return };
        for row in record.rows.iter_mut().filter(|row| from(row)) {
            match &numbers {
                Some(numbers) => row.cells.retain(|(key, _)| !numbers.contains(key)),
                None => row.cells.clear(),
            }
        }
        record.rows.retain(|row| !(from(row) && row.cells.is_empty()));
        if record.rows.is_empty() {
            self.records.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn now() -> DateTime {
        date(2026, 3, 10).at(12, 0, 0, 0)
    }

    #[test]
    fn values_come_back_and_blanks_remove() {
        let mut data = Data::default();
        let place = Place::instrument(1, "ae_log", 2);
        data.set("001", place, "ae_term", "Rash", now());
        data.set("001", Place::base(1), "age", "40", now());
        data.set("001", Place::base(1), "age", "", now());
        let record = data.record("001").unwrap();
        assert_eq!(record.rows().len(), 2);
        let row = data.row(record, place).unwrap();
        assert_eq!(data.get(row, "ae_term"), "Rash");
        assert_eq!(data.instrument_of(row), "ae_log");
        assert_eq!(data.get(data.row(record, Place::base(1)).unwrap(), "age"), "");
        assert!(data.row(record, Place::base(9)).is_none());
    }

    #[test]
    fn records_are_kept_in_natural_order() {
        let mut data = Data::default();
        for name in ["10", "2", "A-1", "1"] {
            data.add_record(name, now());
        }
        assert_eq!(data.records().map(|(name, _)| name).collect::<Vec<_>>(), ["1", "2", "10", "A-1"]);
        data.remove_record("2");
        assert_eq!(data.records().count(), 3);
        data.set("1", Place::base(1), "a", "x", now());
        data.set("1", Place::base(2), "a", "y", now());
        data.remove_values("1", None, |row| row.event == 1);
        assert_eq!(data.record("1").unwrap().rows().len(), 1);
        data.remove_values("1", Some(&["a".into()]), |_| true);
        assert!(data.record("1").is_none());
    }
}
