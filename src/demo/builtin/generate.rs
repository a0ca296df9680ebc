//! Records that look like a real study, the same ones on every machine.

use super::values::{Person, Subject, value_of};
use crate::demo::model::data::{Data, Place, Record, Row, checkbox_key};
use crate::demo::model::log::{Log, LogType, full_time, log_time};
use crate::demo::model::project::{Project, StoredFile};
use crate::demo::rng::Rng;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::event::{Event, Instrument};
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
    let forms = Forms::new(project, &mut data);
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
        let dag = project.dags.get(rng.below(project.dags.len())).and_then(|d| d.id);
        let mut filling = Filling {
            project,
            forms: &forms,
            how,
            data: &mut data,
            files: &mut files,
            rng,
            name: &name,
            subject,
            rows: Vec::new(),
        };
        let last = filling.record();
        let rows = filling.rows;
        // It was last changed when the last of its forms was saved.
        data.put_record(&name, Record::new(dag, entered, last, rows));
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

/// What is known of the instruments before the first record is made.
struct Forms(Vec<Form>);

/// An instrument.
struct Form {
    fields: Vec<Fillable>,
    /// The number of the key of its status.
    status: u32,
    /// The number of the key of the time of its survey, if it is one.
    stamp: Option<u32>,
}

/// A field, and what would else be worked out for each value of it.
struct Fillable {
    field: Field,
    key: u32,
    /// The numbers of the keys of the choices of a checkbox field.
    boxes: Vec<u32>,
    /// The codes of its choices.
    codes: Vec<String>,
}

impl Forms {
    fn new(project: &Project, data: &mut Data) -> Self {
        let mut fillable = |field: &Field| {
            let choices = field.choices();
            let boxes = match field.field_type {
                FieldType::Checkbox => {
                    choices.iter().map(|c| data.number_of_key(&checkbox_key(&field.name, c))).collect()
                }
                _ => Vec::new(),
            };
            let codes = choices.into_iter().map(|c| c.code).collect();
            Fillable { field: field.clone(), key: data.number_of_key(&field.name), boxes, codes }
        };
        let mut forms: Vec<Vec<Fillable>> = Vec::new();
        for instrument in &project.instruments {
            let fields = project.fields_of(&instrument.name);
            forms.push(fields.filter(|f| f.name != project.record_id_field()).map(&mut fillable).collect());
        }
        let form = |(fields, instrument): (Vec<Fillable>, &Instrument)| {
            let name = instrument.name.as_str();
            let stamp = project.is_survey(name).then(|| data.number_of_key(&format!("{name}_timestamp")));
            Form { fields, status: data.number_of_key(&status_field(name)), stamp }
        };
        Self(forms.into_iter().zip(&project.instruments).map(form).collect())
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
    rows: Vec<Row>,
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
                    self.form(place, Place::instrument(event_id, form, instance), day);
                }
            } else if place == 0 || self.rng.chance(self.how.complete_percent) {
                self.form(place, Place::base(event_id), day);
            }
        }
    }

    fn form(&mut self, form: usize, place: Place<'_>, day: DateTime) {
        let mut known: Known<'_> = Known::default();
        let mut cells: Vec<(u32, u32)> = Vec::new();
        let forms = self.forms;
        let Some(form) = forms.0.get(form) else { return };
        for Fillable { field, key, boxes, codes } in &form.fields {
            if !is_shown(&field.branching_logic, &known) {
                continue;
            }
            let mut value = String::new();
            if !boxes.is_empty() {
                for key in boxes {
                    if self.rng.chance(25) {
                        cells.push((*key, self.data.number_of_text("1")));
                    }
                }
            } else if field.field_type == FieldType::File {
                if self.rng.chance(25) {
                    value = self.file(field);
                }
            } else if field.required || self.rng.chance(85) {
                value = value_of(field, codes, &mut self.rng, &self.subject, day, &known);
            }
            if !value.is_empty() {
                cells.push((*key, self.data.number_of_text(&value)));
                known.insert(&field.name, value);
            }
        }
        let status = match self.rng.below(100) {
            0..8 => "0",
            8..20 => "1",
            _ => "2",
        };
        cells.push((form.status, self.data.number_of_text(status)));
        if let Some(stamp) = form.stamp {
            let time = if status == "0" { "[not completed]".to_owned() } else { full_time(day) };
            cells.push((stamp, self.data.number_of_text(&time)));
        }
        // All plain instruments of an event are one row.
        let same = |r: &&mut Row| r.event == place.event && r.instance == 0 && place.instance == 0;
        match self.rows.iter_mut().rfind(same) {
            Some(row) => row.add(cells),
            None => {
                let row = self.data.new_row(place, cells);
                self.rows.push(row);
            }
        }
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

/// The values of an instrument so far.
pub type Known<'a> = HashMap<&'a str, String, foldhash::fast::RandomState>;

/// Whether branching shows a field: alternatives of `[field] = 'code'` on the same instrument
/// are understood; anything else counts as shown.
fn is_shown(logic: &str, known: &Known<'_>) -> bool {
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
