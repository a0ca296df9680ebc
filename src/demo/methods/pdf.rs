//! `content=pdf`: instruments as a PDF, blank or filled in (`redcap-api.md` §3.18).

use super::records::rights::{Allowed, shift_date, some_form};
use super::records::rows::Layout;
use super::structure::check_names;
use crate::demo::model::data::{Record, Row, checkbox_key};
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pdf::{Pages, Style};
use crate::demo::pipeline::{Body, Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::dictionary::{Field, FieldType, status_field, status_label};
use crate::domain::text::without_html;

/// What stands in the place of a value that may not be exported. REDCap replaces such values by
/// a text that says so (`redcap-permissions.md` §3.1); the exact words are not known.
const REMOVED: &str = "[*DATA REMOVED*]";

/// What of the project is wanted.
struct Wanted<'a> {
    instrument: Option<&'a str>,
    event: Option<&'a str>,
    instance: Option<u32>,
    /// Only fields with data.
    compact: bool,
}

/// Answers with the PDF: of all records, of one, or of blank instruments.
pub fn export(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let project = &call.project;
    let all = params.is_sent("allRecords");
    let wanted = if all {
        // The other parameters are then ignored.
        Wanted { instrument: None, event: None, instance: None, compact: params.flag("compactDisplay") }
    } else {
        wanted(call)?
    };
    let record = params.text("record").filter(|_| !all);
    let mut pages = Pages::new();
    if all || record.is_some() {
        some_form(call)?;
        // No Access refuses a named instrument; the words are ours.
        if wanted.instrument.is_some_and(|form| !Allowed::of_call(call).form(form)) {
            return Err(ApiError::forbidden("You do not have Data Export privileges for this instrument"));
        }
        let printer = Printer {
            project,
            layout: Layout::new(project),
            allowed: Allowed::of_call(call),
            wanted: &wanted,
        };
        let dag = call.dag_id();
        let mut found = false;
        for (name, values) in project.data.records() {
            let asked = all || record == Some(name);
            if asked && dag.is_none_or(|dag| values.dag == Some(dag)) {
                printer.record(&mut pages, name, values);
                found = true;
            }
        }
        if let Some(name) = record.filter(|_| !found) {
            return Err(ApiError::bad(format!("The record \"{name}\" does not exist")));
        }
        // A record without data at the place gets the empty instrument, as its page would be.
        if let Some(name) = record.filter(|_| pages.is_empty() && !wanted.compact) {
            let head = format!("Record {}", Allowed::of_call(call).record_name(project, name));
            blank(&mut pages, project, &wanted, &head);
        }
    } else {
        blank(&mut pages, project, &wanted, &without_html(&project.info.title));
    }
    let details = "Export PDF of instruments (API)";
    let kind = if all || record.is_some() { LogType::Export } else { LogType::Manage };
    let action = if kind == LogType::Export { "Data Export (API) " } else { "Manage/Design " };
    let username = &call.user.username;
    project.add_log(kind, call.now, username, action, details, record.unwrap_or_default());
    let what = wanted.instrument.map_or(project.info.title.as_str(), |form| project.instrument_label(form));
    let stem: String = what.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    let file_name = format!("{stem}_{}.pdf", call.now.strftime("%Y-%m-%d_%H%M"));
    Ok(Reply {
        status: 200,
        content_type: format!("application/pdf; name=\"{file_name}\""),
        body: Body::Bytes(pages.finish(what)),
    })
}

/// Prints instruments without data.
fn blank(pages: &mut Pages, project: &Project, wanted: &Wanted<'_>, head: &str) {
    for instrument in &project.instruments {
        let designated = wanted.event.is_none_or(|event| project.is_designated(&instrument.name, event));
        if designated && wanted.instrument.is_none_or(|form| form == instrument.name) {
            begin(pages, head, &instrument.label);
            for field in project.fields_of(&instrument.name) {
                question(pages, field, None);
            }
        }
    }
}

/// Reads and checks what is wanted.
fn wanted<'a>(call: &'a Call<'_>) -> Result<Wanted<'a>, ApiError> {
    let (params, project) = (call.params, &call.project);
    let instrument = params.text("instrument");
    if let Some(name) = instrument {
        let known = |f: &str| project.instruments.iter().any(|i| i.name == f);
        check_names("instrument", &[name.to_owned()], known)?;
    }
    let event = params.text("event").filter(|_| project.info.is_longitudinal);
    if let Some(name) = event {
        check_names("event", &[name.to_owned()], |e| project.event(e).is_some())?;
    }
    // The default instance is 1, but where no instrument is named all are shown: one number
    // cannot be meant for all of them.
    let instance = match params.text("repeat_instance") {
        Some(text) => Some(text.parse().ok().ok_or_else(|| ApiError::invalid_parameter("repeat_instance"))?),
        None => instrument.map(|_| 1),
    };
    Ok(Wanted { instrument, event, instance, compact: params.flag("compactDisplay") })
}

fn begin(pages: &mut Pages, head: &str, label: &str) {
    pages.begin(head);
    pages.text(Style::Title, 0.0, &without_html(label));
    pages.gap(6.0);
}

/// The values of one place of one record, as the user may see them.
struct Values<'a> {
    printer: &'a Printer<'a>,
    record: &'a str,
    row: &'a Row,
}

/// Prints records.
struct Printer<'a> {
    project: &'a Project,
    layout: Layout,
    allowed: Allowed,
    wanted: &'a Wanted<'a>,
}

impl Printer<'_> {
    /// Every instrument of every row that is wanted and may be exported.
    fn record(&self, pages: &mut Pages, name: &str, record: &Record) {
        let project = self.project;
        for row in self.layout.ordered(&project.data, record) {
            let event = self.layout.event_name(row);
            if self.wanted.event.is_some_and(|wanted| wanted != event)
                || (row.repeats() && self.wanted.instance.is_some_and(|wanted| wanted != row.instance))
            {
                continue;
            }
            for (at, instrument) in project.instruments.iter().enumerate() {
                let asked = self.wanted.instrument.is_none_or(|form| form == instrument.name);
                let values = Values { printer: self, record: name, row };
                if asked && self.layout.on_row(&project.data, row, at) && self.allowed.form(&instrument.name)
                {
                    self.instrument(pages, &values, &instrument.name, event);
                }
            }
        }
    }

    fn instrument(&self, pages: &mut Pages, values: &Values<'_>, form: &str, event: &str) {
        let project = self.project;
        let fields: Vec<&Field> =
            project.fields_of(form).filter(|field| !self.wanted.compact || values.has_any(field)).collect();
        let status = project.data.get(values.row, &status_field(form));
        if self.wanted.compact && fields.is_empty() && status.is_empty() {
            return;
        }
        let mut head = format!("Record {}", self.allowed.record_name(project, values.record));
        if let Some(event) = project.event(event).filter(|_| project.info.is_longitudinal) {
            head.push_str(&format!(", {} (Arm {})", event.name, event.arm_num));
        }
        if values.row.repeats() {
            head.push_str(&format!(", instance {}", values.row.instance));
        }
        begin(pages, &head, project.instrument_label(form));
        for field in fields {
            question(pages, field, Some(values));
        }
        pages.gap(8.0);
        let status = status_label(status).unwrap_or_default();
        pages.text(Style::Question, 0.0, &format!("Form status: {status}"));
    }
}

impl Values<'_> {
    /// What is stored under a key of a field.
    fn get(&self, field: &Field, key: &str) -> String {
        let printer = self.printer;
        let value =
            if Some(field.name.as_str()) == printer.project.dictionary.record_id_field().map(|f| &*f.name) {
                return printer.allowed.record_name(printer.project, self.record).into_owned();
            } else {
                printer.project.data.get(self.row, key)
            };
        if field.field_type == FieldType::File {
            let file = value.parse().ok().and_then(|id: u64| printer.project.files.get(&id));
            return file.map_or_else(|| value.to_owned(), |file| file.name.clone());
        }
        if printer.allowed.shifts(field) {
            return shift_date(self.record, value).unwrap_or_else(|| value.to_owned());
        }
        value.to_owned()
    }

    fn is_ticked(&self, field: &Field, choice: &crate::domain::choices::Choice) -> bool {
        !self.printer.project.data.get(self.row, &checkbox_key(&field.name, choice)).is_empty()
    }

    fn has_any(&self, field: &Field) -> bool {
        match field.field_type {
            FieldType::Descriptive => false,
            FieldType::Checkbox => field.choices().iter().any(|choice| self.is_ticked(field, choice)),
            _ => !self.get(field, &field.name).is_empty(),
        }
    }
}

/// Prints a question with its choices or its value.
fn question(pages: &mut Pages, field: &Field, values: Option<&Values<'_>>) {
    if !field.section_header.is_empty() {
        pages.gap(8.0);
        pages.text(Style::Section, 0.0, &without_html(&field.section_header));
    }
    pages.gap(5.0);
    pages.text(Style::Question, 0.0, &without_html(&field.label));
    let removed = values.is_some_and(|v| !v.printer.allowed.field(field) && v.has_any(field));
    // The record's name is in the head of the page too, hashed where it must be.
    let is_id = values.is_some_and(|v| {
        v.printer.project.dictionary.record_id_field().is_some_and(|f| f.name == field.name)
    });
    let choices = field.choices();
    if removed && !is_id {
        pages.text(Style::Answer, 14.0, REMOVED);
    } else if field.field_type == FieldType::Descriptive {
        // Its label is all there is.
    } else if choices.is_empty() {
        let value = values.map(|v| v.get(field, &field.name)).unwrap_or_default();
        let line = if value.is_empty() { "_".repeat(30) } else { value };
        pages.text(Style::Answer, 14.0, &line);
    } else {
        let value = values.map(|v| v.get(field, &field.name)).unwrap_or_default();
        let many = field.field_type == FieldType::Checkbox;
        for choice in &choices {
            let on =
                if many { values.is_some_and(|v| v.is_ticked(field, choice)) } else { value == choice.code };
            let mark = match (many, on) {
                (true, true) => "[X]",
                (true, false) => "[ ]",
                (false, true) => "(X)",
                (false, false) => "( )",
            };
            pages.text(Style::Answer, 14.0, &format!("{mark} {}", without_html(&choice.label)));
        }
        // A code of no choice: a missing data code, or data older than the choices.
        if !many && !value.is_empty() && !choices.iter().any(|choice| choice.code == value) {
            pages.text(Style::Answer, 14.0, &value);
        }
    }
    if !field.note.is_empty() {
        pages.text(Style::Small, 14.0, &without_html(&field.note));
    }
}
