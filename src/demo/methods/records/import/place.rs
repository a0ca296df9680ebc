//! Where a row of an import goes: event, repeating instrument, instance (`redcap-api.md` §5.1).

use super::Request;
use super::columns::Column;
use super::problems::Problems;
use super::table::Table;
use super::value::trimmed;
use crate::demo::behaviour::Behaviour;
use crate::demo::model::data::Place;
use crate::demo::model::project::Project;
use crate::domain::event::Event;
use crate::domain::record::column;
use std::collections::HashMap;

/// The place of a row, free of the project it was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Located {
    /// The number of the event.
    pub event: u64,
    /// The place of the repeating instrument in the list of instruments.
    pub instrument: Option<usize>,
    /// The instance; 0 where nothing repeats.
    pub instance: u32,
}

impl Located {
    /// The same as the store names it.
    pub fn place<'p>(&self, project: &'p Project) -> Place<'p> {
        let instrument =
            self.instrument.and_then(|at| project.instruments.get(at)).map_or("", |i| i.name.as_str());
        Place { event: self.event, instrument, instance: self.instance }
    }
}

/// What repeats where.
struct EventFacts {
    /// Per instrument: it is used at the event.
    designated: Vec<bool>,
    /// Per instrument: it repeats by itself at the event.
    repeats: Vec<bool>,
    event_repeats: bool,
}

/// The place of each row.
pub struct Places<'c> {
    project: &'c Project,
    behaviour: &'c Behaviour,
    auto_number: bool,
    may_be_new: bool,
    event: Option<usize>,
    instrument: Option<usize>,
    instance: Option<usize>,
    forms: HashMap<&'c str, usize>,
    facts: HashMap<u64, EventFacts>,
    /// The highest instance so far of a record, event and instrument; for `new`.
    highest: HashMap<(String, u64, Option<usize>), u32>,
}

/// The words of the reference; two of them have two blanks in the middle as they were quoted.
const NO_REPEATING_INSTRUMENT: &str = "redcap_repeat_instrument must be the unique form name of a Repeating Instrument. It currently does not match the unique form name of any Repeating Instruments.  Please fix this in the data import file and try again.";
const NOTHING_REPEATS: &str = "redcap_repeat_instance cannot have a value since this instrument or event is not a repeating instrument or repeating event, respectively.  The redcap_repeat_instance field must be left blank for this row of data.";

impl<'c> Places<'c> {
    /// Prepares the look-ups; the instances that the table names count for `new` as well.
    pub fn new(table: &Table, project: &'c Project, request: &Request, behaviour: &'c Behaviour) -> Self {
        let mut places = Self {
            project,
            behaviour,
            auto_number: request.auto_number,
            may_be_new: !request.eav,
            event: table.find(column::EVENT),
            instrument: table.find(column::REPEAT_INSTRUMENT),
            instance: table.find(column::REPEAT_INSTANCE),
            forms: project.instruments.iter().map(|i| i.name.as_str()).zip(0..).collect(),
            facts: project
                .events
                .iter()
                .filter_map(|event| Some((event.event_id?, EventFacts::of(project, event))))
                .collect(),
            highest: HashMap::new(),
        };
        if places.instance.is_some() {
            places.note_instances(table);
        }
        places
    }

    /// Notes the highest instance that the table itself names at each place.
    fn note_instances(&mut self, table: &Table) {
        let id = table.find(self.project.record_id_field());
        for row in &table.rows {
            let Ok(instance) = trimmed(Table::text(row, self.instance)).parse::<u32>() else { continue };
            let event = match trimmed(Table::text(row, self.event)) {
                name if self.project.info.is_longitudinal && !name.is_empty() => {
                    self.project.event(name).and_then(|e| e.event_id).unwrap_or(0)
                }
                _ => self.project.first_event_id(),
            };
            let form = self.forms.get(trimmed(Table::text(row, self.instrument))).copied();
            let key = (trimmed(Table::text(row, id)).to_owned(), event, form);
            let highest = self.highest.entry(key).or_default();
            *highest = (*highest).max(instance);
        }
    }

    /// Finds the place of a row. `filled` are the instruments for which it holds values.
    pub fn locate(
        &mut self,
        record: &str,
        row: &[(usize, String)],
        filled: &[usize],
        problems: &mut Problems,
    ) -> Option<Located> {
        let event = self.event_of(record, row, problems);
        let name = trimmed(Table::text(row, self.instrument));
        let number = trimmed(Table::text(row, self.instance));
        let mut is_good = event.is_some();
        // The instance is checked first: its sentence does not depend on the rest.
        let instance = match number {
            "" => None,
            "new" if self.may_be_new => Some(None),
            number => match number.parse::<u32>().ok().filter(|n| *n > 0) {
                Some(number) => Some(Some(number)),
                None => {
                    problems.whole(
                        record,
                        format!(
                            "The record name ({record}) has an invalid value for 'redcap_repeat_instance'. The value must either be a positive integer or the value 'new'. Value provided: {number}"
                        ),
                    );
                    return None;
                }
            },
        };
        let form = self.forms.get(name).copied();
        let repeats_somewhere =
            form.is_some_and(|form| self.facts.values().any(|f| f.repeats.get(form) == Some(&true)));
        if !name.is_empty() && !repeats_somewhere {
            problems.cell(record, column::REPEAT_INSTRUMENT, name, NO_REPEATING_INSTRUMENT);
            is_good = false;
        }
        let event = event?;
        let facts = self.facts.get(&event)?;
        let form_repeats = form.is_some_and(|form| facts.repeats.get(form) == Some(&true));
        if is_good && instance.is_some() && !form_repeats && !(name.is_empty() && facts.event_repeats) {
            // If the row fills a repeating instrument, its fields say what is missing.
            let says_more = name.is_empty() && filled.iter().any(|f| facts.repeats.get(*f) == Some(&true));
            if !says_more {
                problems.cell(record, column::REPEAT_INSTANCE, number, NOTHING_REPEATS);
                is_good = false;
            }
        }
        if !is_good {
            return None;
        }
        match (form_repeats, instance) {
            (true, Some(instance)) => Some(self.instance(record, event, form, instance)),
            // Without an instance the fields of the row say what is missing.
            (true, None) => Some(Located { event, instrument: None, instance: 0 }),
            (false, Some(instance)) if facts.event_repeats => {
                Some(self.instance(record, event, None, instance))
            }
            (false, None) if facts.event_repeats => {
                if self.behaviour.import.repeating_event_needs_instance {
                    // The words are ours: they are not attested.
                    let message =
                        "redcap_repeat_instance must have a value since this event is a repeating event.";
                    problems.cell(record, column::REPEAT_INSTANCE, "", message);
                    return None;
                }
                Some(Located { event, instrument: None, instance: 1 })
            }
            (false, _) => Some(Located { event, instrument: None, instance: 0 }),
        }
    }

    /// The event of a row; without a name the first one.
    fn event_of(&self, record: &str, row: &[(usize, String)], problems: &mut Problems) -> Option<u64> {
        if !self.project.info.is_longitudinal {
            return Some(self.project.first_event_id());
        }
        match trimmed(Table::text(row, self.event)) {
            "" if self.behaviour.import.first_event_if_missing => Some(self.project.first_event_id()),
            name => {
                let event = self.project.event(name).and_then(|e| e.event_id);
                if event.is_none() {
                    problems.unknown_event(record, name);
                }
                event
            }
        }
    }

    /// A numbered instance, or the next one for `new`.
    fn instance(
        &mut self,
        record: &str,
        event: u64,
        instrument: Option<usize>,
        instance: Option<u32>,
    ) -> Located {
        let instance = instance.unwrap_or_else(|| {
            let stored = if self.auto_number { 0 } else { self.highest_stored(record, event, instrument) };
            let highest = self.highest.entry((record.to_owned(), event, instrument)).or_default();
            *highest = stored.max(*highest).saturating_add(1);
            *highest
        });
        Located { event, instrument, instance }
    }

    fn highest_stored(&self, record: &str, event: u64, instrument: Option<usize>) -> u32 {
        let data = &self.project.data;
        let name = instrument.and_then(|at| self.project.instruments.get(at)).map_or("", |i| i.name.as_str());
        let Some(record) = data.record(record) else { return 0 };
        let rows = record.rows().iter().filter(|r| r.event == event && data.instrument_of(r) == name);
        rows.map(|row| row.instance).max().unwrap_or(0)
    }

    /// Whether an instrument is on a row.
    pub fn has_form(&self, place: &Located, form: usize) -> bool {
        let Some(facts) = self.facts.get(&place.event) else { return false };
        match place.instrument {
            Some(instrument) => instrument == form,
            None => facts.designated.get(form) == Some(&true) && facts.repeats.get(form) != Some(&true),
        }
    }

    /// Why a row cannot hold a value of a column.
    pub fn refuses(&self, place: &Located, column: &Column) -> Option<String> {
        if self.has_form(place, column.form) {
            return None;
        }
        let facts = self.facts.get(&place.event)?;
        let form = self.project.instruments.get(column.form)?;
        let field = &column.name;
        if facts.designated.get(column.form) != Some(&true) {
            let event = self.project.event_by_id(place.event)?;
            let arm = self.project.arms.iter().find(|a| a.num == event.arm_num);
            return Some(format!(
                "This field ('{field}') exists on an instrument that is not designated for the event named '{} (Arm {}: {})'. You are not allowed to import data for this field into this event.",
                event.name,
                event.arm_num,
                arm.map_or("", |a| a.name.as_str())
            ));
        }
        if place.instrument.is_none() {
            return Some(format!(
                "This field ('{field}') exists on a Repeating Instrument named '{}'. However, the fields 'redcap_repeat_instance' and/or 'redcap_repeat_instrument' for this row of data have no value, which are both required for importing data into a Repeating Instrument. You are not allowed to import data for this field into a non-repeating instrument.",
                form.name
            ));
        }
        // The words are ours: they are not attested.
        let own = place.instrument.and_then(|at| self.project.instruments.get(at));
        Some(format!(
            "This field ('{field}') does not exist on the Repeating Instrument named '{}'. You are not allowed to import data for this field into an instance of that instrument.",
            own.map_or("", |i| i.name.as_str())
        ))
    }
}

impl EventFacts {
    fn of(project: &Project, event: &Event) -> Self {
        let name = event.unique_name.as_str();
        let per_form = |fact: &dyn Fn(&str) -> bool| -> Vec<bool> {
            project.instruments.iter().map(|i| fact(&i.name)).collect()
        };
        Self {
            designated: per_form(&|form| project.is_designated(form, name)),
            repeats: per_form(&|form| project.is_designated(form, name) && project.form_repeats(form, name)),
            event_repeats: project.event_repeats(name),
        }
    }
}
