//! The rows of an import as CDISC ODM: the data part of a project XML (`redcap-api.md` §10).
//!
//! Its records become flat rows, whose columns are the item names, and go the way of all rows.

use super::table::Table;
use crate::demo::model::project::Project;
use crate::demo::odm::tree::{self, Element};
use crate::domain::record::column;

/// So many elements are taken; a tree of more would need more memory than a demo should.
const MOST_ELEMENTS: usize = 2_000_000;

/// Reads ODM. `None` if it is none.
pub fn from_odm(text: &str, project: &Project) -> Option<Table> {
    if memchr::memchr_iter(b'<', text.as_bytes()).count() > MOST_ELEMENTS {
        return None;
    }
    let root = tree::parse(text).ok().filter(|root| root.name == "ODM")?;
    let mut table = Table::default();
    let mut reader = Reader { project, table: &mut table };
    for clinical in root.all("ClinicalData") {
        for subject in clinical.all("SubjectData") {
            reader.subject(subject);
        }
    }
    Some(table)
}

struct Reader<'a> {
    project: &'a Project,
    table: &'a mut Table,
}

impl Reader<'_> {
    fn subject(&mut self, subject: &Element) {
        let name = subject.get("SubjectKey");
        let mut is_empty = true;
        for child in &subject.children {
            match child.name.as_str() {
                "StudyEventData" => {
                    let oid = child.get("StudyEventOID");
                    let event = match child.get("UniqueEventName") {
                        "" => oid.strip_prefix("Event.").unwrap_or(oid),
                        event => event,
                    };
                    let mut forms = child.all("FormData").peekable();
                    if forms.peek().is_none() {
                        self.begin(name, event, "", event_instance(self.project, event, child));
                    }
                    for form in forms {
                        self.form(name, event, event_instance(self.project, event, child), form);
                    }
                    is_empty = false;
                }
                "FormData" => {
                    self.form(name, "", String::new(), child);
                    is_empty = false;
                }
                _ => {}
            }
        }
        if is_empty {
            self.begin(name, "", "", String::new());
        }
    }

    /// Begins a row with its keys.
    fn begin(&mut self, record: &str, event: &str, instrument: &str, instance: String) {
        self.table.begin_row();
        self.table.cell(self.project.record_id_field(), record.to_owned());
        if self.project.info.is_longitudinal {
            self.table.cell(column::EVENT, event.to_owned());
        }
        self.table.cell(column::REPEAT_INSTRUMENT, instrument.to_owned());
        self.table.cell(column::REPEAT_INSTANCE, instance);
    }

    fn form(&mut self, record: &str, event: &str, event_instance: String, element: &Element) {
        let oid = element.get("FormOID");
        let form = oid.strip_prefix("Form.").unwrap_or(oid);
        let key = element.attribute("FormRepeatKey").unwrap_or("1");
        if self.project.form_repeats(form, event) {
            self.begin(record, event, form, key.to_owned());
        } else if key == "1" || !event_instance.is_empty() {
            self.begin(record, event, "", event_instance);
        } else {
            // An instance of what does not repeat is refused by the checks of the row.
            self.begin(record, event, "", key.to_owned());
        }
        for item in element.all("ItemGroupData").flat_map(|group| group.all("ItemData")) {
            let value = item.attribute("Value").unwrap_or(&item.text);
            self.item(item.get("ItemOID"), value);
        }
    }

    fn item(&mut self, oid: &str, value: &str) {
        if oid == self.project.record_id_field() {
            return;
        }
        let is_date_time =
            self.project.dictionary.field(oid).is_some_and(|f| f.validation.starts_with("datetime"));
        let value = if is_date_time && value.as_bytes().get(10) == Some(&b'T') {
            value.replacen('T', " ", 1)
        } else {
            value.to_owned()
        };
        self.table.cell(oid, value);
    }
}

/// The instance of an event that repeats; blank elsewhere.
fn event_instance(project: &Project, event: &str, element: &Element) -> String {
    let key = element.attribute("StudyEventRepeatKey").unwrap_or("1");
    if project.event_repeats(event) || key != "1" { key.to_owned() } else { String::new() }
}
