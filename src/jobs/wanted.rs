//! What a job is to read: which project, records, fields, places and times. Plain data that the
//! screen makes; nothing here reads anything.

use crate::domain::changes::Span;
use crate::domain::dictionary::status_field;
use crate::domain::project::Metadata;
use crate::domain::worklist::Anchor;

/// Which rows and columns of a project are to be read. Empty parts do not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordsWanted {
    /// The instruments.
    pub forms: Vec<String>,
    /// The record id field.
    pub id_field: String,
    /// The fields to ask for by name, without the record id field.
    pub fields: Vec<String>,
    /// The columns that these fields have in an export, to see what did not come back.
    pub columns: Vec<String>,
    /// The events at which an instrument is used; empty in a classic project.
    pub events: Vec<String>,
    /// How many records to read at most.
    pub limit: Option<usize>,
    /// Only rows for which this logic is true, as the server sees it; empty for all.
    pub filter_logic: String,
    /// Ask for the Data Access Group of each record too. Users in a group never get it.
    pub dags: bool,
    /// Also when each survey was finished.
    pub surveys: bool,
    /// The names that were read before, to go on after: all names, and how many of them are here.
    pub after: Option<(Vec<String>, usize)>,
}

impl RecordsWanted {
    /// All fields of these instruments, by name, and their statuses. `None` for a project without
    /// a record id field.
    pub fn of_forms(metadata: &Metadata, forms: &[&str], limit: Option<usize>) -> Option<Self> {
        let dictionary = &metadata.dictionary;
        let id_field = dictionary.record_id_field()?.name.clone();
        let (mut fields, mut columns, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for form in forms {
            for field in dictionary.fields_of(form).filter(|f| f.name != id_field) {
                if field.holds_data() {
                    fields.push(field.name.clone());
                }
                columns.extend(field.export_columns());
            }
            fields.push(status_field(form));
            columns.push(status_field(form));
            events.extend(metadata.events_of_form(form).map(|e| e.unique_name.clone()));
        }
        let in_order = metadata.events.list().iter().map(|e| &e.unique_name);
        let events = in_order.filter(|e| events.contains(e)).cloned().collect();
        Some(Self {
            forms: forms.iter().map(|f| (*f).to_owned()).collect(),
            id_field,
            fields,
            columns,
            events,
            limit,
            filter_logic: String::new(),
            dags: false,
            surveys: false,
            after: None,
        })
    }
}

/// Which form statuses are to be read, of all records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusWanted {
    /// The record id field.
    pub id_field: String,
    /// The status fields.
    pub statuses: Vec<String>,
    /// Also when each survey was finished.
    pub surveys: bool,
}

/// Where a survey of a record is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SurveyPlace {
    /// The record.
    pub record: String,
    /// The survey instrument.
    pub form: String,
    /// The event; empty in a classic project.
    pub event: String,
    /// The instance, where something repeats.
    pub instance: Option<u32>,
}

/// What is wanted of a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurveySecret {
    /// The link to it.
    Link,
    /// The code with which the participant comes back to it.
    ReturnCode,
}

/// What a list of missing visits goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorklistWanted {
    /// The date that visits are counted from; `None` takes the one that was chosen last, or the
    /// most likely. A chosen one is remembered.
    pub anchor: Option<Anchor>,
    /// Blank fields that are not required are listed too.
    pub optional: bool,
    /// The day in the place of the user.
    pub today: jiff::civil::Date,
}

/// Which part of a project's log is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogWanted {
    /// Since when; `None` is since the last look, or the last day if there was none.
    pub span: Option<Span>,
    /// The record id field, for tokens that may not read the log.
    pub id_field: String,
    /// The time.
    pub now: jiff::Timestamp,
}

/// One record that is to be read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWanted {
    /// The record's name.
    pub record: String,
    /// The record id field.
    pub id_field: String,
    /// All instruments of the project.
    pub forms: Vec<String>,
}

/// What is read back of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBackWanted {
    /// The record's name.
    pub record: String,
    /// The record id field.
    pub id_field: String,
    /// The fields.
    pub fields: Vec<String>,
    /// The event; none in a classic project.
    pub events: Vec<String>,
}
