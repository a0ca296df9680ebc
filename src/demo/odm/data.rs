//! `ClinicalData`: the records of a project XML.

use super::structure::{Item, Items};
use super::tree::Element;
use super::{LoadOptions, Notes, base64};
use crate::demo::model::data::{Data, Place};
use crate::demo::model::project::{Project, StoredFile};
use crate::domain::rights::Dag;
use std::sync::Arc;

/// Reads all records into the project.
pub fn read(
    clinical: &Element,
    project: &mut Project,
    items: &Items,
    options: &LoadOptions,
    notes: &mut Notes,
) {
    let mut data = std::mem::take(&mut project.data);
    let mut reader = Records { project, data: Arc::make_mut(&mut data), items, options, notes };
    for subject in clinical.all("SubjectData") {
        reader.subject(subject);
    }
    project.data = data;
}

struct Records<'a> {
    project: &'a mut Project,
    data: &'a mut Data,
    items: &'a Items,
    options: &'a LoadOptions,
    notes: &'a mut Notes,
}

/// The event, and which of its instances.
struct Visit {
    id: u64,
    unique_name: String,
    instance: u32,
}

impl Records<'_> {
    fn subject(&mut self, subject: &Element) {
        let name = subject.get("SubjectKey");
        if name.is_empty() {
            self.notes.add("Records without a name were left out", "");
            return;
        }
        self.data.add_record(name, self.options.now);
        let first =
            Visit { id: self.project.first_event_id(), unique_name: self.first_event_name(), instance: 1 };
        for child in &subject.children {
            match child.name.as_str() {
                "StudyEventData" => {
                    if let Some(visit) = self.visit(child) {
                        for form in child.all("FormData") {
                            self.form(name, &visit, form);
                        }
                    }
                }
                "FormData" => self.form(name, &first, child),
                other => self.notes.add("Parts of records that were left out", other),
            }
        }
    }

    fn first_event_name(&self) -> String {
        self.project.events.first().map(|e| e.unique_name.clone()).unwrap_or_default()
    }

    fn visit(&mut self, element: &Element) -> Option<Visit> {
        let oid = element.get("StudyEventOID");
        let unique_name = match element.get("UniqueEventName") {
            "" => oid.strip_prefix("Event.").unwrap_or(oid),
            name => name,
        };
        let instance = element.get("StudyEventRepeatKey").parse().unwrap_or(1);
        if !self.project.info.is_longitudinal {
            return Some(Visit {
                id: self.project.first_event_id(),
                unique_name: self.first_event_name(),
                instance,
            });
        }
        let Some(event) = self.project.event(unique_name) else {
            self.notes.add("Data of events that do not exist was left out", unique_name);
            return None;
        };
        Some(Visit { id: event.event_id.unwrap_or(0), unique_name: unique_name.into(), instance })
    }

    fn form(&mut self, record: &str, visit: &Visit, element: &Element) {
        let oid = element.get("FormOID");
        let form = oid.strip_prefix("Form.").unwrap_or(oid).to_owned();
        if !self.project.instruments.iter().any(|i| i.name == form) && !self.items.is_empty() {
            self.notes.add("Data of instruments that do not exist was left out", &form);
            return;
        }
        let instance: u32 = element.get("FormRepeatKey").parse().unwrap_or(1);
        let place = if self.project.form_repeats(&form, &visit.unique_name) {
            Place::instrument(visit.id, &form, instance)
        } else if self.project.event_repeats(&visit.unique_name) {
            Place { event: visit.id, instrument: "", instance: visit.instance }
        } else {
            if instance > 1 || visit.instance > 1 {
                self.notes.add("Instances of what does not repeat were left out", &form);
                return;
            }
            Place::base(visit.id)
        };
        let now = self.options.now;
        self.data.add_row(record, place, now);
        for group in element.all("ItemGroupData") {
            for item in &group.children {
                match item.name.as_str() {
                    "ItemData" => self.item(record, place, item),
                    "ItemDataBase64Binary" => self.file(record, place, item),
                    other => self.notes.add("Kinds of values that were left out", other),
                }
            }
        }
    }

    fn item(&mut self, record: &str, place: Place<'_>, element: &Element) {
        let oid = element.get("ItemOID");
        let value = element.attribute("Value").unwrap_or(&element.text);
        let now = self.options.now;
        match self.items.get(oid) {
            Some(Item::RecordId) => {}
            Some(Item::Value { calculation: true, .. }) if !self.options.keep_calculations => {}
            Some(Item::Value { field, date_time, .. }) => {
                if *date_time && value.as_bytes().get(10) == Some(&b'T') {
                    self.data.set(record, place, field, &value.replacen('T', " ", 1), now);
                } else {
                    self.data.set(record, place, field, value, now);
                }
            }
            Some(Item::Choice(key)) => {
                self.data.set(record, place, key, if value == "1" { "1" } else { "" }, now);
            }
            Some(Item::Plain(key)) => self.data.set(record, place, key, value, now),
            Some(Item::File(field)) if !value.is_empty() => {
                self.notes.add("Files whose bytes are not in the file are empty", field);
                self.store_file(
                    record,
                    place,
                    field,
                    StoredFile {
                        name: value.into(),
                        mime: "application/octet-stream".into(),
                        bytes: Arc::from([]),
                    },
                );
            }
            Some(Item::File(_)) => {}
            Some(Item::Dag) => self.join_group(record, value),
            None => self.notes.add("Values of items that do not exist were left out", oid),
        }
    }

    fn join_group(&mut self, record: &str, unique_name: &str) {
        if unique_name.is_empty() {
            return;
        }
        let at = self.project.dags.iter().position(|d| d.unique_name == unique_name);
        let at = at.unwrap_or_else(|| {
            self.notes.add("Data Access Groups that are used but not listed were added", unique_name);
            self.project.dags.push(Dag {
                name: unique_name.into(),
                unique_name: unique_name.into(),
                id: None,
            });
            self.project.dags.len() - 1
        });
        // The groups get their numbers once all records are known; until then it is their place.
        self.data.add_record(record, self.options.now).dag = u64::try_from(at).ok();
    }

    fn file(&mut self, record: &str, place: Place<'_>, element: &Element) {
        let oid = element.get("ItemOID");
        let Some(Item::File(field)) = self.items.get(oid) else {
            self.notes.add("Files of items that are no file fields were left out", oid);
            return;
        };
        let Some(bytes) = base64::decode(element.text.trim()) else {
            self.notes.add("Files that are not readable base64 were left out", oid);
            return;
        };
        let mime =
            element.attribute("MimeType").filter(|m| !m.is_empty()).unwrap_or("application/octet-stream");
        let file = StoredFile { name: element.get("DocName").into(), mime: mime.into(), bytes: bytes.into() };
        self.store_file(record, place, field, file);
    }

    fn store_file(&mut self, record: &str, place: Place<'_>, field: &str, file: StoredFile) {
        let id = self.project.next_doc_id();
        self.project.files.insert(id, file);
        self.data.set(record, place, field, &id.to_string(), self.options.now);
    }
}

/// Gives the Data Access Groups their numbers.
///
/// The file does not tell them, but users in a group name their records `<number>-<n>`
/// (`redcap-api.md` §3.15): where all such records of a group agree, that is its number.
pub fn number_groups(project: &mut Project) {
    let mut numbers: Vec<Option<u64>> = Vec::new();
    for (place, _) in project.dags.iter().enumerate() {
        let place = u64::try_from(place).ok();
        let mut prefixes = project
            .data
            .records()
            .filter(|(_, record)| record.dag == place && place.is_some())
            .map(|(name, _)| name.split_once('-').and_then(|(number, _)| number.parse::<u64>().ok()));
        let first = prefixes.next().flatten();
        let agreed = first.filter(|_| prefixes.all(|p| p == first));
        numbers.push(agreed.filter(|n| !numbers.contains(&Some(*n))));
    }
    let mut next = numbers.iter().flatten().max().copied().unwrap_or(0) + 1;
    for (dag, number) in project.dags.iter_mut().zip(&numbers) {
        dag.id = Some(number.unwrap_or(next));
        if number.is_none() {
            next += 1;
        }
    }
    let ids: Vec<Option<u64>> = project.dags.iter().map(|d| d.id).collect();
    let data = Arc::make_mut(&mut project.data);
    for record in data.records_mut() {
        record.dag = record.dag.and_then(|place| ids.get(usize::try_from(place).ok()?).copied().flatten());
    }
}
