//! The rows of a record in REDCap's order, and which instruments are on a row.

use crate::demo::model::data::{Data, Record, Row};
use crate::demo::model::project::Project;
use std::collections::HashMap;

/// Where each event and instrument stands, and which instruments each kind of row can hold.
#[derive(Debug)]
pub struct Layout {
    /// Per event number: its place, and for its plain row and its repeated row the instruments.
    events: HashMap<u64, EventLayout>,
    /// The place of each instrument.
    forms: HashMap<String, usize>,
}

#[derive(Debug)]
struct EventLayout {
    place: usize,
    /// The unique name.
    name: String,
    /// Instruments on the plain row: used at the event and not repeating by themselves.
    base: Vec<bool>,
    /// The whole event repeats.
    repeats: bool,
    /// Instruments that repeat by themselves.
    repeating: Vec<bool>,
}

impl EventLayout {
    /// Whether a row is to be seen. Instances of something that no longer repeats are kept, but
    /// not shown.
    fn shows(&self, row: &Row, form: Option<usize>) -> bool {
        !row.repeats()
            || match form {
                None => self.repeats,
                Some(form) => self.repeating.get(form).copied().unwrap_or(false),
            }
    }
}

impl Layout {
    /// The layout of a project.
    pub fn new(project: &Project) -> Self {
        let events = project
            .events
            .iter()
            .enumerate()
            .filter_map(|(place, event)| {
                let name = &event.unique_name;
                let base = project
                    .instruments
                    .iter()
                    .map(|form| {
                        project.is_designated(&form.name, name) && !project.form_repeats(&form.name, name)
                    })
                    .collect();
                let repeating =
                    project.instruments.iter().map(|form| project.form_repeats(&form.name, name)).collect();
                let repeats = project.event_repeats(name);
                Some((event.event_id?, EventLayout { place, name: name.clone(), base, repeats, repeating }))
            })
            .collect();
        let forms = project.instruments.iter().enumerate().map(|(i, form)| (form.name.clone(), i)).collect();
        Self { events, forms }
    }

    /// The rows of a record: the plain rows in event order, then the repeating rows by event,
    /// instrument and instance (`redcap-wire.md`). Rows of events that are gone are left out.
    pub fn ordered<'r>(&self, data: &Data, record: &'r Record) -> Vec<&'r Row> {
        let mut rows: Vec<_> = record
            .rows()
            .iter()
            .filter_map(|row| {
                let event = self.events.get(&row.event)?;
                let form = self.forms.get(data.instrument_of(row)).copied();
                let shown = event.shows(row, form);
                shown.then(|| ((row.repeats(), event.place, form.map_or(0, |i| i + 1), row.instance), row))
            })
            .collect();
        rows.sort_by_key(|(key, _)| *key);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Whether an instrument is on a row.
    pub fn on_row(&self, data: &Data, row: &Row, form: usize) -> bool {
        let instrument = data.instrument_of(row);
        if instrument.is_empty() {
            self.events.get(&row.event).and_then(|e| e.base.get(form)).copied().unwrap_or(false)
        } else {
            self.forms.get(instrument) == Some(&form)
        }
    }

    /// The unique name of a row's event.
    pub fn event_name(&self, row: &Row) -> &str {
        self.events.get(&row.event).map_or("", |e| e.name.as_str())
    }
}
