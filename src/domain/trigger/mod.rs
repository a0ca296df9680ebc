//! Data Entry Triggers: what REDCap posts when somebody saves a form or a survey page
//! (`redcap-api.md` §11).
//!
//! A trigger says *that* a place in a record was saved, never what was saved. It carries no
//! signature, so anybody who knows the address can send one: nothing in it is believed before
//! [`judge`] held it against the projects that are known here.

pub mod feed;
pub mod judge;
pub mod logged;
mod parse;

pub use parse::{BadPost, MOST_BYTES, Post, parse};

use super::dictionary::{status_field, status_label};

/// What REDCap calls a person who fills in a survey.
pub const SURVEY_RESPONDENT: &str = "[survey respondent]";

/// One trigger. Texts that were not sent are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Trigger {
    /// The project's number.
    pub project_id: u64,
    /// Who saved; [`SURVEY_RESPONDENT`] for a survey. Old servers do not tell.
    pub username: String,
    /// The instrument that was saved, by its unique name.
    pub instrument: String,
    /// The record's name: an identifier of a person more often than not.
    pub record: String,
    /// The unique name of the event; only longitudinal projects send it.
    pub event: String,
    /// The unique name of the record's Data Access Group, if it is in one.
    pub dag: String,
    /// The code of the form status after the save: `0`, `1` or `2`. A survey page that is not the
    /// last one leaves `0`.
    pub status: String,
    /// The instance of a repeating instrument or event.
    pub instance: Option<u32>,
    /// The repeating instrument; empty if a whole event repeats or nothing does.
    pub repeat_instrument: String,
    /// The base address of the server, as the sender claims.
    pub redcap_url: String,
    /// The address of the project's pages, as the sender claims.
    pub project_url: String,
    /// Parameters this version does not know, as they were sent.
    pub other: Vec<(String, String)>,
}

impl Trigger {
    /// The status in words, or the code itself if it is none that is known.
    pub fn status_words(&self) -> &str {
        status_label(&self.status).unwrap_or(&self.status)
    }

    /// The parameters that the reference names, in its order, without those that are empty. What
    /// REDCap does not document is left out: nothing unknown is stored or passed on.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let project_id = self.project_id.to_string();
        let instance = self.instance.map(|n| n.to_string()).unwrap_or_default();
        let status = status_field(&self.instrument);
        [
            ("project_id", &project_id),
            ("username", &self.username),
            ("instrument", &self.instrument),
            ("record", &self.record),
            ("redcap_event_name", &self.event),
            ("redcap_data_access_group", &self.dag),
            (status.as_str(), &self.status),
            ("redcap_repeat_instance", &instance),
            ("redcap_repeat_instrument", &self.repeat_instrument),
            ("redcap_url", &self.redcap_url),
            ("project_url", &self.project_url),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
    }

    /// Whether both tell of the same place: project, record, event, instrument and instance.
    pub fn same_place(&self, other: &Self) -> bool {
        self.project_id == other.project_id
            && self.record == other.record
            && self.instrument == other.instrument
            && self.event == other.event
            && self.instance == other.instance
            && self.repeat_instrument == other.repeat_instrument
            && self.redcap_url == other.redcap_url
    }
}
