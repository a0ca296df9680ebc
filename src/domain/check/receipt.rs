//! The proof: what was sent, against what is stored afterwards (`redcap-permissions.md` §7.6).

use super::compare::without_returns;
use super::payload::Batch;
use super::place::Instance;
use super::{Cell, Rehearsal};
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use std::collections::HashMap;

/// The names that REDCap gave to records, by the names that the file has for them.
pub type Names = HashMap<String, String>;

/// A cell whose stored value is not the one that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row of the file.
    pub row: usize,
    /// The column of the file.
    pub column: usize,
    /// What is stored instead, never shown unless asked.
    pub stored: String,
}

/// What reading the sent cells back told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// Cells that were sent.
    pub sent: usize,
    /// Cells that are stored as they were sent.
    pub equal: usize,
    /// Cells that are not.
    pub different: Vec<Difference>,
    /// Cells of which nobody can tell, by the reason.
    pub unknown: Vec<(String, usize)>,
}

impl Proof {
    /// Every sent cell was found again.
    pub fn is_verified(&self) -> bool {
        self.sent == self.equal
    }

    /// Adds the proof of another batch.
    pub fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.equal += other.equal;
        self.different.extend(other.different);
        for (reason, n) in other.unknown {
            self.cannot_tell(&reason, n);
        }
    }

    /// Notes cells of which nobody can tell.
    pub fn cannot_tell(&mut self, reason: &str, n: usize) {
        match self.unknown.iter_mut().find(|(r, _)| r == reason) {
            Some((_, count)) => *count += n,
            None => self.unknown.push((reason.to_owned(), n)),
        }
    }
}

/// What a batch that may or may not have been stored looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landed {
    /// Everything of it is stored.
    All,
    /// Nothing of it: each cell that was to change holds what it held before.
    Nothing,
    /// A part.
    Part,
    /// It cannot be told: nothing was to change, or the rows have no key.
    Unknown,
    /// It could not be read back.
    Unread,
}

impl Rehearsal {
    /// Compares the sent cells of a batch with what is stored now.
    pub fn prove(&self, batch: &Batch, now: &RecordTable, names: &Names) -> Proof {
        let index = Index::new(now, self.id_field());
        let mut proof = Proof::default();
        for &row in &batch.rows {
            let columns: Vec<usize> = (0..self.columns.len()).filter(|c| self.is_sent(row, *c)).collect();
            proof.sent += columns.len();
            let Some(key) = self.key(row, names) else {
                let why = if self.is_new_instance(row) {
                    "REDCap chose the instance (new), so the row cannot be found by its key"
                } else {
                    "the name that REDCap gave to the record is not known"
                };
                proof.cannot_tell(why, columns.len());
                continue;
            };
            let stored_row = index.rows.get(&key).copied();
            for column in columns {
                let name = self.columns.get(column).map_or("", |c| c.name.as_str());
                let Some(at) = now.column(name) else {
                    if now.n_rows() == 0 {
                        proof.different.push(Difference { row, column, stored: String::new() });
                    } else {
                        proof.cannot_tell("the token's export rights hide the field", 1);
                    }
                    continue;
                };
                let stored = stored_row.map_or("", |r| now.cell(r, at));
                if is_equal(self.value(row, column), stored, name.contains("___")) {
                    proof.equal += 1;
                } else {
                    proof.different.push(Difference { row, column, stored: stored.to_owned() });
                }
            }
        }
        proof
    }

    /// After an answer was lost: whether a batch was stored, told by the cells that were to change.
    pub fn landed(&self, batch: &Batch, now: &RecordTable) -> Landed {
        let index = Index::new(now, self.id_field());
        let (mut stored, mut missing) = (0, 0);
        for &row in &batch.rows {
            // A row without a key would make any answer a guess.
            let Some(key) = self.key(row, &Names::new()) else { return Landed::Unknown };
            let stored_row = index.rows.get(&key).copied();
            for column in 0..self.columns.len() {
                if !matches!(self.cell(row, column), Cell::New | Cell::Changed | Cell::Erased) {
                    continue;
                }
                let name = self.columns.get(column).map_or("", |c| c.name.as_str());
                let found = stored_row.zip(now.column(name)).map_or("", |(r, at)| now.cell(r, at));
                if is_equal(self.value(row, column), found, name.contains("___")) {
                    stored += 1;
                } else {
                    missing += 1;
                }
            }
        }
        match (stored, missing) {
            (0, 0) => Landed::Unknown,
            (_, 0) => Landed::All,
            (0, _) => Landed::Nothing,
            _ => Landed::Part,
        }
    }

    /// Record, event, instrument and instance of a row, as an export names them.
    fn key(&self, row: usize, names: &Names) -> Option<Key> {
        let name = self.record_name(row);
        let name = if self.settings.auto_number { names.get(name)? } else { name };
        let place = self.rows.get(row)?.place?;
        let instance = match place.instance {
            Instance::None => String::new(),
            Instance::Number(n) => n.to_string(),
            Instance::New => return None,
        };
        Some((
            name.to_lowercase(),
            self.event_name(place.event).to_owned(),
            self.form_name(place.instrument).to_owned(),
            instance,
        ))
    }
}

type Key = (String, String, String, String);

struct Index {
    rows: HashMap<Key, usize>,
}

impl Index {
    fn new(table: &RecordTable, id_field: &str) -> Self {
        let columns = [id_field, column::EVENT, column::REPEAT_INSTRUMENT, column::REPEAT_INSTANCE]
            .map(|name| table.column(name));
        let mut rows = HashMap::new();
        for row in 0..table.n_rows() {
            let [record, event, instrument, instance] =
                columns.map(|c| c.map_or("", |c| table.cell(row, c)).to_owned());
            rows.entry((record.to_lowercase(), event, instrument, instance)).or_insert(row);
        }
        Self { rows }
    }
}

/// Equal after the normalisations of the reference: line ends, outer blanks, `1` and `1.0`, and an
/// unticked box that is blank.
fn is_equal(sent: &str, stored: &str, is_box: bool) -> bool {
    let (sent, stored) = (without_returns(sent), without_returns(stored));
    let (sent, stored) = (sent.trim(), stored.trim());
    if sent == stored || (is_box && sent.trim_start_matches('0') == stored.trim_start_matches('0')) {
        return true;
    }
    let plain =
        |t: &str| t.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') && !t.starts_with("00");
    plain(sent)
        && plain(stored)
        && sent.contains('.') | stored.contains('.')
        && matches!((sent.parse::<f64>(), stored.parse::<f64>()), (Ok(a), Ok(b)) if a.total_cmp(&b).is_eq())
}
