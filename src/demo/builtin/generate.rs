//! Records that look like a real study, the same ones on every machine.

use super::values::{Person, Subject, value_of};
use crate::demo::model::data::{Data, Place, checkbox_key};
use crate::demo::model::log::{Log, LogType, full_time, log_time};
use crate::demo::model::project::{Project, StoredFile};
use crate::demo::rng::Rng;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::event::Event;
use crate::domain::log::LogEntry;
use jiff::ToSpan as _;
use jiff::civil::DateTime;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// `[generate]` of a project file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// How many records; the registry gets this number when the server starts.
    #[serde(default)]
    pub records: usize,
    /// When the first participant came.
    first_days_ago: i64,
    /// How many of a hundred instruments that are due were filled in.
    complete_percent: usize,
}

/// Fills a project with records.
pub fn fill(project: &mut Project, how: &Generate, now: DateTime) -> Result<(), String> {
    let mut data = Data::default();
    let mut files = BTreeMap::new();
    let mut log = Log::default();
    let start = now.checked_sub(how.first_days_ago.days()).map_err(|e| e.to_string())?;
    let forms = Forms::new(project);
    for number in 1..=how.records {
        let mut rng = Rng::from_text(&format!("{} record {number}", project.info.project_id));
        // People come evenly over the time, with some days of chance.
        let share = i64::try_from(number).unwrap_or(0) * how.first_days_ago
            / i64::try_from(how.records.max(1)).unwrap_or(1);
        let entered = start
            .checked_add((share - i64::try_from(rng.below(10)).unwrap_or(0)).days())
            .map_err(|e| e.to_string())?
            .min(now);
        let subject = Subject { person: Person::new(&mut rng), entered, today: now };
        let name = number.to_string();
        data.add_record(&name, entered).dag =
            project.dags.get(rng.below(project.dags.len())).and_then(|d| d.id);
        let mut filling = Filling {
            project,
            forms: &forms,
            how,
            data: &mut data,
            files: &mut files,
            rng,
            name: &name,
            subject,
        };
        let last = filling.record();
        data.add_record(&name, entered).modified = last;
        add_log_lines(project, &mut log, &name, entered, last, now);
    }
    log.sort();
    project.data = Arc::new(data);
    project.files = files;
    project.log = Arc::new(Mutex::new(log));
    Ok(())
}

/// Lines for what was made or changed lately; older lines would only cost memory.
fn add_log_lines(
    project: &Project,
    log: &mut Log,
    name: &str,
    entered: DateTime,
    last: DateTime,
    now: DateTime,
) {
    let Ok(recently) = now.checked_sub(60.days()) else { return };
    let users: Vec<&str> = project.users.iter().map(|u| u.username.as_str()).collect();
    let user = users.get(name.len() % users.len().max(1)).copied().unwrap_or("admin");
    let mut add = |kind, time: DateTime, action: String| {
        let entry = LogEntry {
            timestamp: log_time(time),
            username: user.to_owned(),
            action,
            details: format!("{} = '{name}'", project.record_id_field()),
            record: name.to_owned(),
        };
        log.add(kind, entry);
    };
    if entered >= recently {
        add(LogType::RecordAdd, entered, format!("Create record {name}"));
    }
    if last >= recently && last != entered {
        add(LogType::RecordEdit, last, format!("Update record {name}"));
    }
}

/// The fields of each instrument, and for each checkbox field the keys of its choices.
struct Forms(HashMap<String, Vec<(Field, Vec<String>)>>);

impl Forms {
    fn new(project: &Project) -> Self {
        let boxes = |field: &Field| match field.field_type {
            FieldType::Checkbox => field.choices().iter().map(|c| checkbox_key(&field.name, c)).collect(),
            _ => Vec::new(),
        };
        let fields_of = |form: &str| {
            project
                .fields_of(form)
                .filter(|f| f.name != project.record_id_field())
                .map(|f| (f.clone(), boxes(f)))
                .collect()
        };
        Self(project.instruments.iter().map(|i| (i.name.clone(), fields_of(&i.name))).collect())
    }
}

/// One record on its way.
struct Filling<'a> {
    project: &'a Project,
    forms: &'a Forms,
    how: &'a Generate,
    data: &'a mut Data,
    files: &'a mut BTreeMap<u64, StoredFile>,
    rng: Rng,
    name: &'a str,
    subject: Subject,
}

impl Filling<'_> {
    /// Fills the record and returns when it was last changed.
    fn record(&mut self) -> DateTime {
        let project = self.project;
        let arms: Vec<u32> = project
            .arms
            .iter()
            .map(|a| a.num)
            .filter(|num| project.events.iter().any(|e| e.arm_num == *num))
            .collect();
        let arm = arms.get(self.rng.below(arms.len())).copied().unwrap_or(1);
        let mut last = self.subject.entered;
        for (place, event) in project.events.iter().filter(|e| e.arm_num == arm).enumerate() {
            let offset = event.day_offset.unwrap_or(0).days();
            let day = self.subject.entered.checked_add(offset).unwrap_or(self.subject.today);
            // Visits that are still to come have no rows, and some people stop coming.
            if day > self.subject.today || (place > 0 && self.rng.chance(12)) {
                break;
            }
            last = last.max(day);
            self.event(event, day);
        }
        last
    }

    fn event(&mut self, event: &Event, day: DateTime) {
        let project = self.project;
        let Some(event_id) = event.event_id else { return };
        for (place, instrument) in project.instruments.iter().enumerate() {
            let form = instrument.name.as_str();
            if !project.is_designated(form, &event.unique_name) {
                continue;
            }
            if project.form_repeats(form, &event.unique_name) {
                for instance in 1..=u32::try_from(self.rng.below(4)).unwrap_or(0) {
                    self.form(form, Place::instrument(event_id, form, instance), day);
                }
            } else if place == 0 || self.rng.chance(self.how.complete_percent) {
                self.form(form, Place::base(event_id), day);
            }
        }
    }

    fn form(&mut self, form: &str, place: Place<'_>, day: DateTime) {
        let mut known: HashMap<&str, String> = HashMap::new();
        let mut cells: Vec<(&str, &str)> = Vec::new();
        let forms = self.forms;
        for (field, boxes) in forms.0.get(form).map_or(&[][..], Vec::as_slice) {
            if !is_shown(&field.branching_logic, &known) {
                continue;
            }
            if !boxes.is_empty() {
                cells.extend(boxes.iter().filter(|_| self.rng.chance(25)).map(|key| (key.as_str(), "1")));
            } else if field.field_type == FieldType::File {
                if self.rng.chance(25) {
                    known.insert(&field.name, self.file(field));
                }
            } else if field.required || self.rng.chance(85) {
                let value = value_of(field, &mut self.rng, &self.subject, day, &known);
                if !value.is_empty() {
                    known.insert(&field.name, value);
                }
            }
        }
        cells.extend(known.iter().map(|(key, value)| (*key, value.as_str())));
        let status = match self.rng.below(100) {
            0..8 => "0",
            8..20 => "1",
            _ => "2",
        };
        let status_key = status_field(form);
        cells.push((&status_key, status));
        let stamp_key = format!("{form}_timestamp");
        let stamp = if status == "0" { "[not completed]".to_owned() } else { full_time(day) };
        if self.project.is_survey(form) {
            cells.push((&stamp_key, &stamp));
        }
        self.data.set_many(self.name, place, &cells, day);
    }

    /// Makes a small file and returns its document number.
    fn file(&mut self, field: &Field) -> String {
        let id = self.files.last_key_value().map_or(1, |(id, _)| id + 1);
        let text = format!("{} of {}\r\nMade up by the demo server.\r\n", field.label, self.name);
        let name = format!("{}-{}.txt", field.name, self.name);
        let file = StoredFile { name, mime: "text/plain".into(), bytes: text.into_bytes().into() };
        self.files.insert(id, file);
        id.to_string()
    }
}

/// Whether branching shows a field: alternatives of `[field] = 'code'` on the same instrument
/// are understood; anything else counts as shown.
fn is_shown(logic: &str, known: &HashMap<&str, String>) -> bool {
    if logic.is_empty() {
        return true;
    }
    logic.split(" or ").any(|part| {
        let Some((field, code)) = part.split_once('=') else { return true };
        let field = field.trim().trim_matches(['[', ']']);
        let code = code.trim().trim_matches('\'');
        known.get(field).is_some_and(|value| value == code)
    })
}
