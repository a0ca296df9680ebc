//! Moving stored values when something begins or ceases to repeat.

use crate::demo::model::data::{Data, Place, checkbox_key};
use crate::demo::model::project::Project;
use crate::domain::dictionary::{FieldType, status_field};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What repeats, by the numbers of events.
#[derive(Debug, PartialEq, Eq)]
pub struct Places {
    events: HashSet<u64>,
    forms: HashSet<(u64, String)>,
}

impl Places {
    /// What repeats in a project now.
    pub fn of(project: &Project) -> Self {
        let mut places = Self { events: HashSet::new(), forms: HashSet::new() };
        for event in &project.events {
            let (Some(id), name) = (event.event_id, &event.unique_name) else { continue };
            if project.event_repeats(name) {
                places.events.insert(id);
            }
            let forms = project.instruments.iter().filter(|form| project.form_repeats(&form.name, name));
            places.forms.extend(forms.map(|form| (id, form.name.clone())));
        }
        places
    }

    /// Where the instance of an instrument at an event is stored. An instance of something that
    /// does not repeat, other than the first, is kept with the instrument, where no export looks.
    fn place<'a>(&self, event: u64, form: &'a str, instance: u32) -> Place<'a> {
        let instance = instance.max(1);
        if self.events.contains(&event) {
            Place { event, instrument: "", instance }
        } else if !form.is_empty() && (instance > 1 || self.forms.contains(&(event, form.to_owned()))) {
            Place::instrument(event, form, instance)
        } else if instance > 1 {
            Place { event, instrument: "", instance }
        } else {
            Place::base(event)
        }
    }
}

/// The instrument each storage key belongs to; see [`Data`].
fn forms_of_keys(project: &Project) -> HashMap<String, String> {
    let mut forms = HashMap::new();
    for instrument in &project.instruments {
        let name = &instrument.name;
        forms.insert(status_field(name), name.clone());
        forms.insert(format!("{name}_timestamp"), name.clone());
        for field in project.fields_of(name) {
            if field.field_type == FieldType::Checkbox {
                let keys = field.choices().into_iter().map(|choice| checkbox_key(&field.name, &choice));
                forms.extend(keys.map(|key| (key, name.clone())));
            } else {
                forms.insert(field.name.clone(), name.clone());
            }
        }
    }
    forms
}

/// Moves every value to where it belongs after the set-up changed from `old`.
pub fn rehome(project: &mut Project, old: &Places) {
    let new = Places::of(project);
    if new == *old {
        return;
    }
    let forms = forms_of_keys(project);
    let key_forms: HashMap<u32, &String> =
        forms.iter().filter_map(|(key, form)| Some((project.data.key_number(key)?, form))).collect();
    let keys: HashMap<u32, &str> =
        forms.keys().filter_map(|key| Some((project.data.key_number(key)?, key.as_str()))).collect();
    let mut data = Data::default();
    for (name, record) in project.data.records() {
        let made = data.add_record(name, record.created);
        made.dag = record.dag;
        made.modified = record.modified;
        for row in record.rows() {
            let instrument = project.data.instrument_of(row);
            if row.cells().is_empty() {
                let place = new.place(row.event, instrument, row.instance);
                data.add_row(name, place, record.modified);
            }
            for (number, value) in row.cells() {
                let value = project.data.text(*value);
                // Keys of no field, such as the survey identifier, stay with their row.
                let (key, form) = match (keys.get(number), key_forms.get(number)) {
                    (Some(key), Some(form)) => (*key, form.as_str()),
                    _ => (project.data.key(*number), instrument),
                };
                data.set(name, new.place(row.event, form, row.instance), key, value, record.modified);
            }
        }
    }
    project.data = Arc::new(data);
}
