//! Reading back: what is in a record after its trigger came. Off unless asked for.
//!
//! One read at a time, of one instrument of one record, without identifiers. Triggers of the same
//! place that come meanwhile are one read.

use super::open::Open;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::table::RecordTable;
use crate::domain::trigger::Trigger;
use crate::domain::trigger::feed::{Feed, Now};
use crate::domain::values::Shown;
use crate::jobs::types::ReadBackWanted;
use jiff::Timestamp;
use std::collections::VecDeque;

/// How many lines may wait to be read back; older ones are left out.
pub const MOST_WAITING: usize = 50;

/// Whether triggers are read back, and what waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadBack {
    /// It is done for each trigger of the open project.
    pub on: bool,
    /// How many were left out because too many waited.
    pub left_out: u64,
    waiting: VecDeque<u64>,
    reading: Option<u64>,
}

impl ReadBack {
    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// A trigger came that belongs to this line of the feed. Lines of the same place wait once,
    /// as the newest of them.
    pub fn came(&mut self, number: u64, feed: &Feed) {
        let place = |number: u64| feed.place_of(number).and_then(|at| feed.get(at)).map(|l| &l.trigger);
        let Some(new) = place(number) else { return };
        self.waiting.retain(|other| place(*other).is_some_and(|t| !t.same_place(new)));
        self.waiting.push_back(number);
        if self.waiting.len() > MOST_WAITING {
            self.waiting.pop_front();
            self.left_out += 1;
        }
    }

    /// The next line to read; it is being read from now on.
    pub fn begin(&mut self) -> Option<u64> {
        self.reading = self.waiting.pop_front();
        self.reading
    }

    /// The line that was being read.
    pub fn read(&mut self) -> Option<u64> {
        self.reading.take()
    }

    /// Forgets what waits.
    pub fn forget(&mut self) {
        self.waiting.clear();
        self.reading = None;
    }
}

/// What to ask for: the saved instrument without identifiers and files, and its status. `None`
/// for an instrument that the project does not have.
pub fn wanted(open: &Open, trigger: &Trigger) -> Option<ReadBackWanted> {
    let metadata = &open.metadata;
    let id_field = metadata.dictionary.record_id_field()?.name.clone();
    metadata.dictionary.fields_of(&trigger.instrument).next()?;
    let mut fields: Vec<String> = fields(open, trigger).map(|f| f.name.clone()).collect();
    fields.push(status_field(&trigger.instrument));
    let longitudinal = metadata.info.is_longitudinal && !trigger.event.is_empty();
    let events = if longitudinal { vec![trigger.event.clone()] } else { Vec::new() };
    Some(ReadBackWanted { record: trigger.record.clone(), id_field, fields, events })
}

fn fields<'a>(open: &'a Open, trigger: &'a Trigger) -> impl Iterator<Item = &'a Field> {
    let id = open.metadata.dictionary.record_id_field().map(|f| f.name.as_str());
    let is_shown = move |f: &&Field| {
        f.holds_data() && !f.identifier && f.field_type != FieldType::File && Some(f.name.as_str()) != id
    };
    open.metadata.dictionary.fields_of(&trigger.instrument).filter(is_shown)
}

/// What the row of a trigger holds now, without blanks, with its status first.
pub fn seen(open: &Open, trigger: &Trigger, table: &RecordTable, at: Timestamp) -> Now {
    let instance = trigger.instance.map(|n| n.to_string()).unwrap_or_default();
    let is_row = |row: &usize| {
        let is =
            |column: &str, value: &str| table.column(column).is_none() || table.get(*row, column) == value;
        is("redcap_event_name", &trigger.event)
            && is("redcap_repeat_instrument", &trigger.repeat_instrument)
            && is("redcap_repeat_instance", &instance)
    };
    let Some(row) = (0..table.n_rows()).find(is_row) else {
        return Now {
            at,
            values: Vec::new(),
            remark: "There is no such row, or this token may not see it.".into(),
        };
    };
    let info = &open.metadata.info;
    let status = status_field(&trigger.instrument);
    let mut values =
        vec![(status.clone(), Shown::status().text(&[table.get(row, &status)], open.values, info))];
    for field in fields(open, trigger) {
        let columns = field.export_columns();
        let cells: Vec<&str> = columns.iter().map(|c| table.get(row, c)).collect();
        values.push((field.name.clone(), Shown::field(field).text(&cells, open.values, info)));
    }
    values.retain(|(_, text)| !text.is_empty());
    let remark = if values.is_empty() { "Everything that may be shown is blank." } else { "" };
    Now { at, values, remark: remark.into() }
}
