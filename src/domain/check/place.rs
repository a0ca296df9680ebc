//! Where each row lands: record, event, instrument, instance (`redcap-api.md` §5.1).

use super::columns::FileColumn;
use super::finding::{Findings, Rule};
use super::fix::Fix;
use super::keys::{Keys, Known, Resolved};
use super::source::Settings;
use super::value::has_exponent;
use super::view::View;
use crate::domain::event::Event;
use crate::domain::logic::Project;
use crate::domain::project::Metadata;
use crate::domain::text::one_line;
use std::collections::HashMap;

/// The instance of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instance {
    /// Nothing repeats.
    None,
    /// This one.
    Number(u32),
    /// The next free one; REDCap gives the number.
    New,
}

/// The place of a row. Records, events and instruments are places in the lists of `Places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The record.
    pub record: u32,
    /// The event; `None` in a classic project.
    pub event: Option<u32>,
    /// The repeating instrument.
    pub instrument: Option<u32>,
    /// The instance.
    pub instance: Instance,
}

/// Whether a field can be at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No(Rule),
}

/// The places of all rows, and what can be at each.
pub(super) struct Places<'m> {
    metadata: &'m Metadata,
    project: &'m Project<'m>,
    forms: &'m [&'m str],
    /// The names of the records, each once, in the order of the file.
    pub records: Vec<String>,
    /// The place of each row; `None` if it cannot be told.
    pub rows: Vec<Option<Place>>,
    fits: HashMap<(Option<u32>, Option<u32>), Vec<Fit>>,
    knows_repeats: bool,
}

/// The walk through the rows of a file, and what it tells.
struct Walk<'a> {
    view: &'a View<'a>,
    columns: &'a [FileColumn],
    keys: Keys,
    resolved: Resolved,
    /// Blank instances become new ones.
    wants_new: bool,
    /// The sentence about blank instances, once it was told.
    why_blank: Option<u32>,
    findings: &'a mut Findings,
}

impl Walk<'_> {
    /// The code of a cell of a key column; 0 is blank, as is a column that is not there.
    fn code(&self, row: usize, column: Option<usize>) -> usize {
        column.and_then(|c| self.view.codes(c).get(row)).copied().unwrap_or(0) as usize
    }

    fn has_values(&self, row: usize) -> bool {
        let mut columns = self.columns.iter().enumerate();
        columns.any(|(at, c)| c.is_value() && !self.view.text(row, Some(at)).is_empty())
    }

    /// The instance of a row that names a repeating instrument and no instance: a new one if the
    /// person said so, or else it is told.
    fn blank_instance(&mut self, row: usize) -> Option<Instance> {
        if self.wants_new {
            return Some(Instance::New);
        }
        // Rows that lack the instrument as well break the same rule and have another sentence.
        let (view, findings) = (self.view, &mut *self.findings);
        let why = *self.why_blank.get_or_insert_with(|| {
            let (what, fix) = blank_instance(view);
            findings.why(what, fix)
        });
        let column = self.keys.instance.or(self.keys.instrument);
        self.findings.add(Some(row), column, Rule::NeedsInstance, why);
        None
    }

    /// Tells of a row what many rows may share.
    fn tell(
        &mut self,
        row: usize,
        column: Option<usize>,
        rule: Rule,
        words: impl FnOnce() -> (String, Option<Fix>),
    ) {
        let why = self.resolved.why(self.findings, rule, words);
        self.findings.add(Some(row), column, rule, why);
    }
}

impl<'m> Places<'m> {
    /// Finds the place of every row and tells what is wrong with it.
    pub fn find(
        view: &View<'_>,
        columns: &[FileColumn],
        project: &'m Project<'m>,
        forms: &'m [&'m str],
        settings: &Settings,
        findings: &mut Findings,
    ) -> Self {
        let metadata = project.metadata();
        let keys = Keys::of(columns);
        let mut places = Self {
            metadata,
            project,
            forms,
            records: Vec::new(),
            rows: Vec::with_capacity(view.n_rows()),
            fits: HashMap::new(),
            knows_repeats: metadata.repeating.known().is_some() || !metadata.info.has_repeating,
        };
        if !places.knows_repeats {
            let what = "This token may not read what repeats; instances are taken as the file gives them.";
            findings.once(None, None, Rule::NotChecked, what, None);
        }
        let resolved = Resolved::new(metadata, forms, places.knows_repeats, view, keys, findings);
        let record_of = places.records_of(view, keys, findings);
        let wants_new = settings.fixes.contains(&Fix::NewInstances) && view.file.eav.is_none();
        let mut walk = Walk { view, columns, keys, resolved, wants_new, why_blank: None, findings };
        for row in 0..view.n_rows() {
            let place = places.row(row, &record_of, &mut walk);
            places.rows.push(place);
        }
        places
    }

    /// The record of each code of the id column; code 0 is none.
    fn records_of(&mut self, view: &View<'_>, keys: Keys, findings: &mut Findings) -> Vec<Option<u32>> {
        let mut record_of = vec![None];
        let Some(column) = keys.record else { return record_of };
        let mut known: HashMap<&str, u32> = HashMap::new();
        for value in view.values(column) {
            let name: &str = value;
            if name.is_empty() {
                record_of.push(None);
                continue;
            }
            let at = *known.entry(name).or_insert_with(|| {
                self.records.push(name.to_owned());
                self.records.len() as u32 - 1
            });
            record_of.push(Some(at));
            if name.chars().count() > 100 {
                let what = format!("The name has {} characters.", name.chars().count());
                let row = first_row(view, column, record_of.len() - 1);
                findings.once(row, Some(column), Rule::LongId, what, None);
            }
            if has_exponent(name) {
                let row = first_row(view, column, record_of.len() - 1);
                let what = format!("\"{}\" was written by a spreadsheet.", one_line(name));
                findings.once(row, Some(column), Rule::LostDigits, what, None);
            }
        }
        record_of
    }

    /// The place of a row. What keeps it from having one is told.
    fn row(&self, row: usize, record_of: &[Option<u32>], walk: &mut Walk<'_>) -> Option<Place> {
        let keys = walk.keys;
        let record = record_of.get(walk.code(row, keys.record)).copied().flatten();
        if record.is_none() && keys.record.is_some() {
            walk.tell(row, keys.record, Rule::BlankId, || ("The record name is blank.".into(), None));
        }
        let event = if self.metadata.info.is_longitudinal { Some(self.event(row, walk)?) } else { None };
        let code = walk.code(row, keys.instrument);
        let instrument = match walk.resolved.instruments.get(code).copied().unwrap_or(Known::Blank) {
            Known::At(at) => Some(at),
            Known::Blank => None,
            Known::Bad(why) => {
                walk.findings.add(Some(row), keys.instrument, Rule::BadRepeatInstrument, why);
                return None;
            }
        };
        let instance = match walk.resolved.instances.get(walk.code(row, keys.instance)).copied() {
            Some(Ok(instance)) => instance,
            None => Instance::None,
            Some(Err(why)) => {
                walk.findings.add(Some(row), keys.instance, Rule::BadInstance, why);
                return None;
            }
        };
        let record = record?;
        let instance = if self.knows_repeats {
            self.instance(row, event, instrument, instance, walk)?
        } else if instrument.is_some() && instance == Instance::None && walk.has_values(row) {
            // What repeats is not known, but an instrument is only named where it does.
            walk.blank_instance(row)?
        } else {
            instance
        };
        Some(Place { record, event, instrument, instance })
    }

    /// The event of a row in a longitudinal project.
    fn event(&self, row: usize, walk: &mut Walk<'_>) -> Option<u32> {
        let at = walk.keys.event;
        match walk.resolved.events.get(walk.code(row, at)).copied().unwrap_or(Known::Blank) {
            Known::At(event) => Some(event),
            Known::Blank => {
                walk.tell(row, at, Rule::EventMissing, || {
                    ("redcap_event_name is blank or missing.".into(), None)
                });
                if walk.view.text(row, walk.keys.instrument).is_empty() {
                    // Instruments that repeat wherever they are used need their keys at any event.
                    let events = self.metadata.events.list();
                    let _ = events.iter().any(|e| self.tell_needed_instance(row, &e.unique_name, walk));
                } else if walk.view.text(row, walk.keys.instance).is_empty() {
                    let _ = walk.blank_instance(row);
                }
                None
            }
            Known::Bad(why) => {
                walk.findings.add(Some(row), at, Rule::UnknownEvent, why);
                None
            }
        }
    }

    /// Whether the instance that a row gives fits what repeats at its event.
    fn instance(
        &self,
        row: usize,
        event: Option<u32>,
        instrument: Option<u32>,
        given: Instance,
        walk: &mut Walk<'_>,
    ) -> Option<Instance> {
        let keys = walk.keys;
        let event = event.map_or("", |e| self.event_name(e));
        let form = instrument.map_or("", |i| self.forms.get(i as usize).copied().unwrap_or(""));
        let form_repeats = self.project.form_repeats(event, form);
        let event_repeats = self.project.event_repeats(event);
        match (form.is_empty(), given) {
            (false, _) if !form_repeats => {
                let what = format!("{form} does not repeat at this event.");
                let rule = match given {
                    Instance::None => Rule::RepeatsElsewhere,
                    _ => Rule::InstanceNotAllowed,
                };
                walk.findings.once(Some(row), keys.instrument, rule, what, None);
                None
            }
            // Only the fields of a row need an instance; a row without any is told apart.
            (_, Instance::None) if !walk.has_values(row) => Some(Instance::None),
            (false, Instance::None) => walk.blank_instance(row),
            (true, Instance::None) if event_repeats && walk.wants_new => Some(Instance::New),
            (true, Instance::None) if event_repeats => {
                let view = walk.view;
                walk.tell(row, keys.instance, Rule::EventNeedsInstance, || blank_instance(view));
                None
            }
            (true, Instance::Number(_) | Instance::New) if !event_repeats => {
                // A row that fills a repeating instrument lacks its name; else the number is too much.
                if !self.tell_needed_instance(row, event, walk) {
                    walk.tell(row, keys.instance, Rule::InstanceNotAllowed, || {
                        ("Neither this event nor an instrument of the row repeats.".into(), None)
                    });
                }
                None
            }
            _ => Some(given),
        }
    }

    /// Tells of the first field of a row that lies on an instrument which repeats at an event, if
    /// the row does not name the instrument; and whether there was one.
    fn tell_needed_instance(&self, row: usize, event: &str, walk: &mut Walk<'_>) -> bool {
        let (view, columns) = (walk.view, walk.columns);
        if !view.text(row, walk.keys.instrument).is_empty() {
            return false;
        }
        let filled = columns.iter().enumerate().find_map(|(at, c)| {
            let form = self.forms.get(c.form).copied()?;
            (c.is_value() && !view.text(row, Some(at)).is_empty() && self.project.form_repeats(event, form))
                .then_some((at, form))
        });
        let Some((at, form)) = filled else { return false };
        walk.tell(row, Some(at), Rule::NeedsInstance, || {
            (format!("{form} repeats: redcap_repeat_instrument and redcap_repeat_instance are needed."), None)
        });
        true
    }

    /// The record id field.
    pub fn id_field(&self) -> &'m str {
        self.metadata.dictionary.record_id_field().map_or("", |f| f.name.as_str())
    }

    /// Events by their unique names.
    pub fn event_index(&self) -> HashMap<&'m str, u32> {
        self.metadata.events.list().iter().map(|e| e.unique_name.as_str()).zip(0..).collect()
    }

    /// Instruments by their unique names.
    pub fn form_index(&self) -> HashMap<&'m str, u32> {
        self.forms.iter().copied().zip(0..).collect()
    }

    /// The name of an instrument.
    pub fn form_name(&self, at: usize) -> &'m str {
        self.forms.get(at).copied().unwrap_or("")
    }

    /// The unique name of an event.
    pub fn event_name(&self, at: u32) -> &'m str {
        self.metadata.events.list().get(at as usize).map_or("", |e: &Event| e.unique_name.as_str())
    }

    /// For each column whether a value of it can be at a place.
    pub fn fits(&mut self, place: &Place, columns: &[FileColumn]) -> &[Fit] {
        let key = (place.event, place.instrument);
        if !self.fits.contains_key(&key) {
            let event = place.event.map_or("", |e| self.event_name(e));
            let own = place.instrument.map(|i| i as usize);
            let fit = |column: &FileColumn| {
                if !column.is_value() {
                    return Fit::Yes;
                }
                let form = self.forms.get(column.form).copied().unwrap_or("");
                if !self.project.is_designated(event, form) {
                    return Fit::No(Rule::NotDesignated);
                }
                match own {
                    _ if !self.knows_repeats => Fit::Yes,
                    Some(own) if own == column.form => Fit::Yes,
                    Some(_) => Fit::No(Rule::OtherForm),
                    None if self.project.form_repeats(event, form) => Fit::No(Rule::NeedsInstance),
                    None => Fit::Yes,
                }
            };
            let list = columns.iter().map(fit).collect();
            self.fits.insert(key, list);
        }
        self.fits.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Why a value of a column cannot be at a place.
    pub fn misfit(&self, place: &Place, column: &FileColumn, rule: Rule) -> String {
        let form = self.forms.get(column.form).copied().unwrap_or("");
        match rule {
            Rule::NotDesignated => {
                let events: Vec<&str> =
                    self.metadata.events_of_form(form).map(|e| e.unique_name.as_str()).collect();
                let event = place.event.map_or("", |e| self.event_name(e));
                format!("{} is on {form}, which is not at {event} but at {}.", column.name, events.join(", "))
            }
            Rule::NeedsInstance => {
                format!(
                    "{form} repeats here: redcap_repeat_instrument and redcap_repeat_instance are needed."
                )
            }
            _ => {
                let own = place.instrument.and_then(|i| self.forms.get(i as usize)).copied().unwrap_or("");
                format!("The row is an instance of {own}, but {} is on {form}.", column.name)
            }
        }
    }
}

/// What is said of a blank instance. Only flat files can leave the number to REDCap.
fn blank_instance(view: &View<'_>) -> (String, Option<Fix>) {
    match view.file.eav {
        Some(_) => ("The instance is blank.".into(), None),
        None => ("The instance is blank. \"new\" adds one.".into(), Some(Fix::NewInstances)),
    }
}

fn first_row(view: &View<'_>, column: usize, code: usize) -> Option<usize> {
    view.codes(column).iter().position(|c| *c as usize == code)
}
