//! What a token may do: predicted from rights, observed by harmless calls, and explained.
//!
//! Nothing here sends anything. A job makes the calls and hands over what came back; this room
//! says what that means (`redcap-permissions.md` §4 to §8). What is a conclusion and no statement
//! of the server is marked as inferred and carries its evidence.

pub mod ask;
pub mod calls;
pub mod cases;
pub mod compare;
pub mod doctor;
pub mod explain;
pub mod exports;
pub mod imports;
pub mod judge;
pub mod predict;
pub mod print;

use super::rights::right_name;
use doctor::Doctor;
use predict::Predicted;
use serde::{Deserialize, Serialize};

/// How a method may be tried (`redcap-permissions.md` §6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A read: runs freely.
    A,
    /// A call that would write but cannot succeed: needs one yes.
    B,
    /// Needs a yes for each call. No test sends it.
    C,
    /// Never sent by a test.
    X,
}

/// What the project must be for a method to make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectNeed {
    /// Arms and events.
    Longitudinal,
    /// Something that repeats.
    Repeating,
    /// Surveys are switched on.
    Surveys,
    /// Development status.
    Development,
    /// Randomization is set up.
    Randomization,
    /// A field of type file.
    FileField,
}

/// One method, as far as rights are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Its title in REDCap's API help.
    pub title: &'static str,
    /// The `content` on the wire.
    pub content: &'static str,
    /// The `action` on the wire.
    pub action: &'static str,
    /// The first right by its API key; `None` for a super token.
    pub gate: Option<&'static str>,
    /// The second right by its API key, if it needs one.
    pub second: Option<&'static str>,
    /// It only reads.
    pub reads: bool,
    /// How it may be tried.
    pub class: Class,
    /// What the project must be.
    pub project: Vec<ProjectNeed>,
}

impl Needs {
    /// The rights by the names of REDCap's User Rights page.
    pub fn right_names(&self) -> Vec<String> {
        match self.gate {
            None => vec!["a super token".to_owned()],
            Some(gate) => {
                std::iter::once(gate).chain(self.second).map(|k| right_name(k).to_owned()).collect()
            }
        }
    }
}

/// What was seen of one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It works.
    Allowed,
    /// It works, but parts of the data are left out without a word.
    Filtered,
    /// A right is missing.
    Refused,
    /// The project has no such thing.
    NotHere,
    /// It was not tried; the reason is beside it.
    NotProbed,
    /// It was tried and the answer leaves it open.
    Unknown,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Filtered => "filtered",
            Self::Refused => "refused",
            Self::NotHere => "not applicable",
            Self::NotProbed => "not probed",
            Self::Unknown => "unknown",
        }
    }
}

/// One row of the permission matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The method's title in REDCap's API help.
    pub title: String,
    /// The `content` on the wire.
    pub content: String,
    /// The `action` on the wire.
    pub action: String,
    /// It only reads.
    pub reads: bool,
    /// The rights it needs, by name.
    pub needs: Vec<String>,
    /// What the shown rights say.
    pub predicted: Predicted,
    /// What was seen.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
    /// What was sent and what came back, without token and without data; empty if nothing was sent.
    pub evidence: String,
}

impl Row {
    /// What was seen, in words. What follows from other calls and was not tried says so.
    pub fn observed(&self) -> String {
        let inferred = self.evidence.is_empty()
            && matches!(self.verdict, Verdict::Allowed | Verdict::Filtered | Verdict::Refused);
        format!("{}{}", self.verdict.word(), if inferred { ", inferred" } else { "" })
    }

    /// Whether prediction and observation contradict each other: a finding.
    pub fn disagrees(&self) -> bool {
        matches!(
            (&self.predicted, self.verdict),
            (Predicted::Allowed, Verdict::Refused)
                | (Predicted::Refused(_) | Predicted::NotHere(_), Verdict::Allowed | Verdict::Filtered)
        )
    }
}

/// What can be said of the token as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usable {
    /// It reads.
    Reads,
    /// REDCap knows it, but it has no API Export.
    NoExport,
    /// REDCap refuses it altogether. There are five causes and the answer does not tell which.
    Refused,
    /// What came back is no answer of REDCap.
    #[default]
    Unknown,
}

/// Whose token it is, as far as that can be inferred: no method tells it
/// (`redcap-permissions.md` §6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The user's name.
    pub username: String,
    /// How it was inferred.
    pub how: String,
}

/// One case of `redcap-permissions.md` §8 that fits what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// The number of the case.
    pub case: u8,
    /// What people say.
    pub says: String,
    /// What is most likely true.
    pub truth: String,
    /// What was seen that makes it fit.
    pub evidence: String,
}

/// The result of a test: verdicts and evidence, no record values, no record names, no token.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The address of the API.
    pub server: String,
    /// REDCap's version; empty if it could not be read.
    pub version: String,
    /// The project's number, if it could be read.
    pub project_id: Option<u64>,
    /// The project's title.
    pub title: String,
    /// Production status, if it could be read. Analysis/Cleanup and Completed look the same.
    pub in_production: Option<bool>,
    /// What can be said of the token.
    pub usable: Usable,
    /// Whose token it is.
    pub owner: Option<Owner>,
    /// The role the owner is in.
    pub role: Option<String>,
    /// The rights that are known, by API key: a number if the server told it, `None` if a call
    /// only showed that there is some.
    pub rights: Vec<(String, predict::Level)>,
    /// The permission matrix.
    pub rows: Vec<Row>,
    /// What is left out of exports.
    pub doctor: Doctor,
    /// The cases that fit.
    pub cases: Vec<Fired>,
    /// The text to send to the project's owner; empty if nothing is missing.
    pub request: String,
    /// How many calls were made.
    pub calls: usize,
    /// Why the test ended before its end; empty if it did not.
    pub stopped: String,
}

impl Report {
    /// The row of a method.
    pub fn row(&self, content: &str, action: &str) -> Option<&Row> {
        self.rows.iter().find(|r| r.content == content && r.action == action)
    }

    /// How many rows have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|r| r.verdict == verdict).count()
    }

    /// What can be said of the token, in one sentence.
    pub fn headline(&self) -> String {
        match self.usable {
            Usable::Unknown if self.rows.is_empty() => "The token was not tested.".into(),
            Usable::Unknown => {
                "What came back is no answer of REDCap: nothing can be said of the token.".into()
            }
            Usable::Refused => {
                "REDCap refuses this token for every call. Its answer does not say why.".into()
            }
            Usable::NoExport => "The token has no API Export: nothing can be read with it.".into(),
            Usable::Reads => {
                let filtered =
                    if self.doctor.leaves_out() { " Parts of the data are left out silently." } else { "" };
                format!(
                    "{} of {} methods work, {} refused, {} untried.{filtered}",
                    self.count(Verdict::Allowed) + self.count(Verdict::Filtered),
                    self.rows.len(),
                    self.count(Verdict::Refused),
                    self.count(Verdict::NotProbed)
                )
            }
        }
    }

    /// Nothing is refused, nothing is left out, and prediction and observation agree.
    pub fn is_clean(&self) -> bool {
        self.usable == Usable::Reads
            && self.stopped.is_empty()
            && self.count(Verdict::Refused) == 0
            && !self.doctor.leaves_out()
            && !self.rows.iter().any(Row::disagrees)
    }
}
