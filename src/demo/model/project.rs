//! One project and everything in it.

use super::data::Data;
use super::keep;
use super::log::{Log, LogType, log_time};
use super::randomization::Randomization;
use crate::domain::dictionary::{Dictionary, Field, status_field};
use crate::domain::event::{Arm, Event, Instrument, Mapping, Repeating};
use crate::domain::log::LogEntry;
use crate::domain::project::ProjectInfo;
use crate::domain::rights::{Dag, ExportRight, RIGHTS, Rights, Role, RoleAssignment, User};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// An instrument that participants can fill in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The instrument.
    pub form: String,
    /// The survey's title.
    pub title: String,
    /// Participants may save and come back, so there are return codes.
    pub save_and_return: bool,
}

/// A saved report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its number.
    pub id: u64,
    /// Its title.
    pub title: String,
    /// Its unique name, `R-` and ten characters.
    pub unique_name: String,
    /// The fields in the report's order.
    pub fields: Vec<String>,
    /// Only these events; empty is all.
    pub events: Vec<String>,
    /// Only these groups, by unique name; empty is all.
    pub dags: Vec<String>,
    /// Only rows for which this is true.
    pub logic: String,
    /// Sorted by these fields; true is descending.
    pub order_by: Vec<(String, bool)>,
    /// With the group's column.
    pub output_dags: bool,
    /// With the survey columns.
    pub output_survey_fields: bool,
    /// One column a checkbox field.
    pub combine_checkboxes: bool,
    /// Line breaks become blanks.
    pub remove_line_breaks: bool,
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// The name it was uploaded with.
    pub name: String,
    /// Its content type.
    pub mime: String,
    /// Its bytes.
    #[serde(with = "keep::bytes")]
    pub bytes: Arc<[u8]>,
}

/// A folder of the file repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The folder it lies in; `None` is the top.
    pub parent: Option<u64>,
    /// Only for this group; empty is for all.
    pub dag: String,
    /// Only for this role; empty is for all.
    pub role: String,
}

/// A file of the file repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryFile {
    /// The folder it lies in; `None` is the top.
    pub folder: Option<u64>,
    /// The file.
    pub file: StoredFile,
}

/// What a longitudinal project had besides its first event when it was made classic. It is kept,
/// so that switching back shows the events and their data again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenEvents {
    /// All arms.
    pub arms: Vec<Arm>,
    /// All events, the first one too.
    pub events: Vec<Event>,
    /// The whole mapping.
    pub mapping: Vec<Mapping>,
    /// What repeats at other events than the first, and whole events.
    pub repeating: Vec<Repeating>,
}

/// A project. Cloning it is cheap in its largest parts: data and files are shared until changed.
///
/// In a state file parts that are missing have their default, so that older files stay readable.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// What it says about itself.
    pub info: ProjectInfo,
    /// Its fields.
    pub dictionary: Dictionary,
    /// Its instruments in order.
    pub instruments: Vec<Instrument>,
    /// Its arms.
    pub arms: Vec<Arm>,
    /// Its events with their numbers, in order. A classic project has one that nobody sees.
    pub events: Vec<Event>,
    /// Which instrument is used at which event; empty in a classic project.
    pub mapping: Vec<Mapping>,
    /// What repeats.
    pub repeating: Vec<Repeating>,
    /// The events of a time when it was longitudinal.
    pub hidden_events: HiddenEvents,
    /// Its Data Access Groups.
    pub dags: Vec<Dag>,
    /// The groups between which a user may switch by the user's name; `""` is no group.
    pub dag_switcher: BTreeMap<String, Vec<String>>,
    /// Its users with their own rights; see [`Project::rights_of`].
    pub users: Vec<User>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Who is in which role.
    pub role_assignments: Vec<RoleAssignment>,
    /// Its surveys.
    pub surveys: Vec<Survey>,
    /// Its reports.
    pub reports: Vec<Report>,
    /// Its randomizations.
    pub randomizations: Vec<Randomization>,
    /// Its data.
    #[serde(with = "keep::data")]
    pub data: Arc<Data>,
    /// Files on records, by document number.
    pub files: BTreeMap<u64, StoredFile>,
    /// The folders of its file repository.
    pub folders: Vec<Folder>,
    /// The files of its file repository, by document number.
    pub repository: BTreeMap<u64, RepositoryFile>,
    /// Its log. Shared by all copies: reading writes into it.
    #[serde(with = "keep::log")]
    pub log: Arc<Mutex<Log>>,
    /// It was deleted.
    pub deleted: bool,
}

impl Project {
    /// The number of the event that a classic project's data is stored under, and of the first
    /// event of a longitudinal one.
    pub fn first_event_id(&self) -> u64 {
        self.events.first().and_then(|e| e.event_id).unwrap_or(0)
    }

    /// The name of the record id field.
    pub fn record_id_field(&self) -> &str {
        self.dictionary.record_id_field().map_or("record_id", |f| f.name.as_str())
    }

    /// Whether something is set up to repeat.
    pub fn has_repeating(&self) -> bool {
        !self.repeating.is_empty()
    }

    /// The event with this unique name.
    pub fn event(&self, unique_name: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.unique_name == unique_name)
    }

    /// The event with this number.
    pub fn event_by_id(&self, id: u64) -> Option<&Event> {
        self.events.iter().find(|e| e.event_id == Some(id))
    }

    /// Whether an instrument is used at an event; always in a classic project.
    pub fn is_designated(&self, form: &str, event: &str) -> bool {
        !self.info.is_longitudinal || self.mapping.iter().any(|m| m.event == event && m.form == form)
    }

    /// Whether an instrument repeats by itself at an event.
    pub fn form_repeats(&self, form: &str, event: &str) -> bool {
        self.repeating.iter().any(|r| r.form == form && (!self.info.is_longitudinal || r.event == event))
    }

    /// Whether a whole event repeats.
    pub fn event_repeats(&self, event: &str) -> bool {
        self.info.is_longitudinal && self.repeating.iter().any(|r| r.is_event() && r.event == event)
    }

    /// The label of an instrument.
    pub fn instrument_label<'a>(&'a self, form: &'a str) -> &'a str {
        self.instruments.iter().find(|i| i.name == form).map_or(form, |i| i.label.as_str())
    }

    /// The group with this number.
    pub fn dag_by_id(&self, id: u64) -> Option<&Dag> {
        self.dags.iter().find(|d| d.id == Some(id))
    }

    /// The number of the group with this unique name.
    pub fn dag_id(&self, unique_name: &str) -> Option<u64> {
        self.dags.iter().find(|d| d.unique_name == unique_name).and_then(|d| d.id)
    }

    /// A user.
    pub fn user(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|u| u.username == username)
    }

    /// The role a user is in.
    pub fn role_of(&self, username: &str) -> Option<&Role> {
        let assignment = self.role_assignments.iter().find(|a| a.username == username)?;
        self.roles.iter().find(|r| r.unique_name == assignment.role)
    }

    /// The rights in effect: those of the role replace the user's own (`redcap-permissions.md` §1.1).
    pub fn rights_of<'a>(&'a self, user: &'a User) -> &'a Rights {
        self.role_of(&user.username).map_or(&user.rights, |role| &role.rights)
    }

    /// The export right of a user for an instrument. A form the rights do not name is one that
    /// was added later: No Access (`redcap-permissions.md` §1.4).
    pub fn export_right(rights: &Rights, form: &str) -> ExportRight {
        rights.export_of(form).unwrap_or(ExportRight::NoAccess)
    }

    /// Whether an instrument is a survey.
    pub fn is_survey(&self, form: &str) -> bool {
        self.info.surveys_enabled && self.surveys.iter().any(|s| s.form == form)
    }

    /// Whether a name is a field, or the status of an instrument.
    pub fn is_field(&self, name: &str) -> bool {
        self.dictionary.field(name).is_some() || self.status_of(name).is_some()
    }

    /// The instrument whose form status this is.
    pub fn status_of(&self, name: &str) -> Option<&str> {
        if self.dictionary.field(name).is_some() {
            return None;
        }
        self.instruments.iter().map(|i| i.name.as_str()).find(|form| status_field(form) == name)
    }

    /// The fields of an instrument in dictionary order.
    pub fn fields_of<'a>(&'a self, form: &'a str) -> impl Iterator<Item = &'a Field> + 'a {
        self.dictionary.fields_of(form)
    }

    /// Adds a line to the log.
    pub fn add_log(
        &self,
        kind: LogType,
        now: DateTime,
        username: &str,
        action: &str,
        details: &str,
        record: &str,
    ) {
        let entry = LogEntry {
            timestamp: log_time(now),
            username: username.into(),
            action: action.into(),
            details: details.into(),
            record: record.into(),
        };
        // A poisoned log is still a log.
        self.log.lock().unwrap_or_else(PoisonError::into_inner).add(kind, entry);
    }

    /// A document number that is not taken, by a record's file or one of the repository.
    pub fn next_doc_id(&self) -> u64 {
        let last = |id: Option<&u64>| id.copied().unwrap_or(0);
        last(self.files.keys().next_back()).max(last(self.repository.keys().next_back())) + 1
    }

    /// An event number that no event has or had before it was hidden.
    pub fn next_event_id(&self) -> u64 {
        let events = self.events.iter().chain(&self.hidden_events.events);
        events.filter_map(|e| e.event_id).max().unwrap_or(0) + 1
    }

    /// All rights in this project, with this export right on every instrument.
    pub fn all_rights(&self, new_entry_codes: bool, export: i64) -> Rights {
        let entry = if new_entry_codes { 130 } else { 1 };
        Rights {
            flags: RIGHTS.iter().map(|r| (r.key.to_owned(), 1)).collect(),
            forms: self.instruments.iter().map(|i| (i.name.clone(), entry)).collect(),
            forms_export: self.instruments.iter().map(|i| (i.name.clone(), export)).collect(),
        }
    }
}
