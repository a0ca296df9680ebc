//! A project and everything that describes it without being data.

use super::choices::Choice;
use super::dictionary::Dictionary;
use super::event::{Arm, Event, Instrument, Mapping, Repeating};
use super::rights::Access;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a project says about itself (`redcap-api.md` §3.21).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectInfo {
    /// The project's number (PID).
    pub project_id: u64,
    /// Its title; may hold HTML.
    pub title: String,
    /// When it was made, `YYYY-MM-DD HH:MM:SS` server time.
    pub creation_time: String,
    /// When it was moved to production; empty in development.
    pub production_time: String,
    /// It is in production (or later: the API cannot tell Analysis/Cleanup apart).
    pub in_production: bool,
    /// The language of the project's screens.
    pub language: String,
    /// 0 practice, 1 other, 2 research, 3 quality improvement, 4 operational support.
    pub purpose: u8,
    /// Free text for purpose 1, codes for purpose 2.
    pub purpose_other: String,
    /// Notes on the project.
    pub notes: String,
    /// What is shown beside a record's name, with piping.
    pub custom_record_label: String,
    /// The field whose values must be unique besides the record id.
    pub secondary_unique_field: String,
    /// It has events.
    pub is_longitudinal: bool,
    /// Something repeats.
    pub has_repeating: bool,
    /// Surveys can be used.
    pub surveys_enabled: bool,
    /// The scheduling module is on.
    pub scheduling_enabled: bool,
    /// Records are numbered by REDCap.
    pub autonumbering: bool,
    /// Randomization is on.
    pub randomization_enabled: bool,
    /// Dynamic data pull is on.
    pub ddp_enabled: bool,
    /// IRB number.
    pub irb_number: String,
    /// Grant number.
    pub grant_number: String,
    /// First name of the principal investigator.
    pub pi_firstname: String,
    /// Last name of the principal investigator.
    pub pi_lastname: String,
    /// Show the Today/Now button.
    pub display_today_now_button: bool,
    /// The project's missing data codes, such as `UNK, Unknown`.
    pub missing_data_codes: Vec<Choice>,
    /// Enabled external modules, as the server lists them.
    pub external_modules: String,
    /// Values are kept without asking when branching logic hides a field.
    pub bypass_branching_erase_field_prompt: bool,
    /// Keys this version does not know, kept as the server sent them.
    pub other: BTreeMap<String, String>,
}

impl ProjectInfo {
    /// The label of a missing data code of this project.
    pub fn missing_label(&self, code: &str) -> Option<&str> {
        self.missing_data_codes.iter().find(|c| c.code == code).map(|c| c.label.as_str())
    }

    /// The words for the project's purpose.
    pub fn purpose_words(&self) -> &'static str {
        match self.purpose {
            0 => "Practice / just for fun",
            1 => "Other",
            2 => "Research",
            3 => "Quality improvement",
            4 => "Operational support",
            _ => "Unknown",
        }
    }
}

/// Something that a token may or may not be allowed to read.
///
/// Serialised into the metadata cache, so that an offline start can say why a pane is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Readable<T> {
    /// Not asked for yet.
    #[default]
    NotAsked,
    /// The server's answer.
    Known(T),
    /// The project has no such thing (a classic project has no events), in the server's words.
    NotHere(String),
    /// The token may not read it. The text names the right that is missing, as far as it is known.
    NoRight(String),
}

impl<T> Readable<T> {
    /// The value, if the server gave one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

impl<T> Readable<Vec<T>> {
    /// The list, empty if the server gave none.
    pub fn list(&self) -> &[T] {
        match self {
            Self::Known(list) => list,
            _ => &[],
        }
    }
}

/// All metadata of one project as one token sees it. This, and never a record value, is what
/// the cache on disk holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Metadata {
    /// REDCap's version, such as `14.5.2`; empty if it could not be read.
    pub version: String,
    /// The project itself.
    pub info: ProjectInfo,
    /// Its fields.
    pub dictionary: Dictionary,
    /// Its instruments in order.
    pub instruments: Vec<Instrument>,
    /// Its arms.
    pub arms: Readable<Vec<Arm>>,
    /// Its events.
    pub events: Readable<Vec<Event>>,
    /// Which instrument is used at which event.
    pub mapping: Readable<Vec<Mapping>>,
    /// What repeats.
    pub repeating: Readable<Vec<Repeating>>,
    /// Users, roles and Data Access Groups, as far as the token may read them.
    pub access: Access,
}

impl Metadata {
    /// The label of an instrument, or its unique name if it has none.
    pub fn instrument_label<'a>(&'a self, form: &'a str) -> &'a str {
        self.instruments
            .iter()
            .find(|i| i.name == form)
            .map(|i| i.label.as_str())
            .filter(|l| !l.is_empty())
            .unwrap_or(form)
    }

    /// The event with this unique name.
    pub fn event(&self, unique_name: &str) -> Option<&Event> {
        self.events.list().iter().find(|e| e.unique_name == unique_name)
    }

    /// The name of an event for people: with its arm when the project has several.
    pub fn event_label(&self, unique_name: &str) -> String {
        let Some(event) = self.event(unique_name) else {
            return unique_name.to_owned();
        };
        let several_arms = self.events.list().iter().any(|e| e.arm_num != event.arm_num);
        if several_arms { format!("{} (Arm {})", event.name, event.arm_num) } else { event.name.clone() }
    }

    /// The events at which an instrument is used, in project order.
    pub fn events_of_form<'a>(&'a self, form: &'a str) -> impl Iterator<Item = &'a Event> + 'a {
        self.mapping.list().iter().filter(move |m| m.form == form).filter_map(|m| self.event(&m.event))
    }

    /// Whether an instrument repeats by itself at some event, or at all in a classic project.
    pub fn form_repeats(&self, form: &str) -> bool {
        self.repeating.list().iter().any(|r| r.form == form)
    }

    /// Whether the whole event repeats.
    pub fn event_repeats(&self, unique_name: &str) -> bool {
        self.repeating.list().iter().any(|r| r.is_event() && r.event == unique_name)
    }
}

/// What a project says about itself, one fact after the other: a name and its text. What is
/// empty says nothing.
pub fn facts(metadata: &Metadata) -> Vec<(&'static str, String)> {
    let info = &metadata.info;
    let status = if info.in_production {
        format!("Production since {}", info.production_time)
    } else {
        "Development".to_owned()
    };
    let mut kind = vec![if info.is_longitudinal { "longitudinal" } else { "classic" }];
    for (on, word) in [
        (info.has_repeating, "repeating instruments or events"),
        (info.surveys_enabled, "surveys"),
        (info.scheduling_enabled, "scheduling"),
        (info.randomization_enabled, "randomization"),
    ] {
        if on {
            kind.push(word);
        }
    }
    let n_fields = metadata.dictionary.fields().len();
    let content = format!("{} instruments, {n_fields} fields", metadata.instruments.len());
    let id_field = metadata.dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default();
    let numbering = if info.autonumbering { "numbered by REDCap" } else { "named by people" };
    let pi = format!("{} {}", info.pi_firstname, info.pi_lastname);
    let codes: Vec<String> =
        info.missing_data_codes.iter().map(|c| format!("{} {}", c.code, c.label)).collect();
    vec![
        ("Status", status),
        ("Kind", kind.join(", ")),
        ("Content", content),
        ("Records", format!("{id_field}, {numbering}")),
        ("Record label", info.custom_record_label.clone()),
        ("Unique field", info.secondary_unique_field.clone()),
        ("Purpose", info.purpose_words().to_owned()),
        ("Investigator", pi.trim().to_owned()),
        ("IRB number", info.irb_number.clone()),
        ("Created", info.creation_time.clone()),
        ("Language", info.language.clone()),
        ("Missing codes", codes.join(", ")),
        ("Modules", info.external_modules.clone()),
    ]
}
