//! The rights doctor: what is left out of an export without a word, and which right fits that.
//!
//! REDCap never says what it leaves out. For each instrument the columns that came back are held
//! against what every export right would leave (`redcap-permissions.md` §4.2). All rights that fit
//! are named: a form without identifiers looks the same with three of them.

use crate::domain::dictionary::{Dictionary, Field, FieldType, status_field};
use crate::domain::rights::ExportRight;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The export rights that exist, from the most to the least.
pub const EXPORT_RIGHTS: [ExportRight; 4] = [
    ExportRight::FullDataSet,
    ExportRight::RemoveIdentifiers,
    ExportRight::DeIdentified,
    ExportRight::NoAccess,
];

/// What is said of one instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormVerdict {
    /// Its unique name.
    pub form: String,
    /// Its label.
    pub label: String,
    /// The names of the rights that fit what came back; empty if none does.
    pub fits: Vec<String>,
    /// The right that the server told, if it did.
    pub told: Option<String>,
    /// Fields with data that did not come back.
    pub missing: Vec<String>,
    /// How many fields with data it has.
    pub fields: usize,
    /// What was seen that leads to it.
    pub evidence: String,
}

impl FormVerdict {
    /// The right in words; what is inferred says so.
    pub fn words(&self) -> String {
        match (&self.told, self.fits.as_slice()) {
            (Some(told), _) => format!("{told} (told by the server)"),
            (None, []) => "fits no export right (inferred)".into(),
            (None, [one]) => format!("{one} (inferred)"),
            (None, several) => format!("{} (cannot be told apart)", several.join(" or ")),
        }
    }

    /// The same for a narrow column: where nothing is missing, that says it.
    pub fn short(&self) -> String {
        if self.told.is_none() && self.missing.is_empty() && self.fits.len() > 1 {
            return "nothing is missing".into();
        }
        self.words()
    }

    /// What the server told does not fit what came back.
    pub fn disagrees(&self) -> bool {
        self.told.as_ref().is_some_and(|told| !self.fits.contains(told))
    }
}

/// Whether the token sees the records of one Data Access Group only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Not looked at.
    #[default]
    NotLooked,
    /// The group's column came, which users in a group never get: it sees all records.
    Sees,
    /// It is in a group, and how that is known.
    In(String),
    /// It is probably in a group, and why.
    Probably(String),
    /// The project has no groups.
    NoGroups,
    /// It cannot be told, and why.
    Unknown(String),
}

/// What is left out of exports.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Doctor {
    /// Why columns were not looked at; empty if they were.
    pub not_looked: String,
    /// The instruments in project order.
    pub forms: Vec<FormVerdict>,
    /// How many records the token sees.
    pub records: Option<usize>,
    /// The Data Access Group.
    pub group: Group,
    /// All record names are 32 hexadecimal digits (`redcap-permissions.md` §4.2).
    pub hashed: bool,
    /// The instruments whose survey times came back: they are surveys.
    pub surveys: Vec<String>,
    /// The survey identifier was asked for and did not come, although a survey is there.
    pub no_survey_identifier: bool,
}

impl Doctor {
    /// Something is left out.
    pub fn leaves_out(&self) -> bool {
        self.forms.iter().any(|f| !f.missing.is_empty() || f.fits == ["No Access"])
            || matches!(self.group, Group::In(_) | Group::Probably(_))
            || self.hashed
    }

    /// How many fields with data did not come back.
    pub fn missing(&self) -> usize {
        self.forms.iter().map(|f| f.missing.len()).sum()
    }

    /// The verdict over all instruments: the right, the instruments without any, and how many
    /// fields are gone; each a name and a text.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        if !self.not_looked.is_empty() {
            return vec![("Columns", self.not_looked.clone())];
        }
        let fields: usize = self.forms.iter().map(|f| f.fields).sum();
        let closed: Vec<&FormVerdict> = self.forms.iter().filter(|f| f.fits == ["No Access"]).collect();
        let rest: Vec<&FormVerdict> = self.forms.iter().filter(|f| f.fits != ["No Access"]).collect();
        let common: Vec<String> = EXPORT_RIGHTS
            .iter()
            .map(|r| r.words())
            .filter(|name| !rest.is_empty() && rest.iter().all(|f| f.fits.contains(name)))
            .collect();
        let mut lines = Vec::new();
        match common.as_slice() {
            _ if rest.is_empty() => {}
            [] => lines.push(("Export right", "differs between instruments (inferred)".to_owned())),
            [one] => lines.push(("Export right", format!("{one} (inferred)"))),
            several => {
                lines.push(("Export right", format!("{}: nothing tells them apart", several.join(" or "))));
            }
        }
        if !closed.is_empty() {
            let labels: Vec<&str> = closed.iter().map(|f| f.label.as_str()).collect();
            lines.push(("No Access", format!("{} for export (inferred)", labels.join(", "))));
        }
        let missing = self.missing();
        lines.push((
            "Fields",
            match missing {
                0 => format!("none of {fields} is missing"),
                _ => format!("{missing} of {fields} did not come back"),
            },
        ));
        lines
    }

    /// The same in one line of text.
    pub fn overall(&self) -> String {
        if !self.not_looked.is_empty() {
            return self.not_looked.clone();
        }
        let sentence = |(name, text): (&str, String)| match name {
            "Export right" => format!("{text}."),
            "No Access" => format!("No Access on {text}."),
            _ => format!("Fields: {text}."),
        };
        self.lines().into_iter().map(sentence).collect::<Vec<_>>().join(" ")
    }
}

/// The fields with data that a right takes out, besides the record id, which always comes.
/// `dates` says whether De-Identified takes dates out: for the API that is unknown.
fn takes(right: ExportRight, field: &Field, dates: bool) -> bool {
    let text = field.field_type == FieldType::Text;
    match right {
        ExportRight::NoAccess => true,
        ExportRight::RemoveIdentifiers => field.identifier,
        ExportRight::DeIdentified => {
            field.identifier
                || field.field_type == FieldType::Notes
                || (text && field.validation.is_empty())
                || (dates && text && field.validation.starts_with("date"))
        }
        ExportRight::FullDataSet | ExportRight::Unknown(_) => false,
    }
}

/// Looks at the columns of an export that asked for everything.
///
/// `label` gives an instrument's label, `told` the export right the server told for it.
pub fn examine(
    dictionary: &Dictionary,
    returned: &[String],
    label: &dyn Fn(&str) -> String,
    told: &dyn Fn(&str) -> Option<ExportRight>,
) -> Vec<FormVerdict> {
    let columns: HashSet<&str> = returned.iter().map(String::as_str).collect();
    let id = dictionary.record_id_field().map(|f| f.name.as_str()).unwrap_or_default();
    dictionary
        .forms()
        .into_iter()
        .map(|form| {
            let fields: Vec<&Field> = dictionary.fields_of(form).filter(|f| f.holds_data()).collect();
            let asked: Vec<&Field> = fields.iter().copied().filter(|f| f.name != id).collect();
            let is_missing = |f: &Field| {
                let own = f.export_columns();
                !own.is_empty() && !own.iter().any(|c| columns.contains(c.as_str()))
            };
            let missing: Vec<&Field> = asked.iter().copied().filter(|f| is_missing(f)).collect();
            let status = columns.contains(status_field(form).as_str());
            let fits = fitting(&asked, &missing, status);
            FormVerdict {
                form: form.to_owned(),
                label: label(form),
                fits: fits.iter().map(|r| r.words()).collect(),
                told: told(form).map(ExportRight::words),
                missing: missing.iter().map(|f| f.name.clone()).collect(),
                fields: fields.len(),
                evidence: evidence(&asked, &missing, status),
            }
        })
        .collect()
}

/// The rights that would leave exactly these fields out.
fn fitting(asked: &[&Field], missing: &[&Field], status: bool) -> Vec<ExportRight> {
    let leaves = |right: ExportRight, dates: bool| {
        (right == ExportRight::NoAccess) != status
            && asked.iter().all(|f| takes(right, f, dates) == missing.iter().any(|m| m.name == f.name))
    };
    EXPORT_RIGHTS.into_iter().filter(|right| leaves(*right, true) || leaves(*right, false)).collect()
}

/// What was seen of an instrument, in words.
fn evidence(asked: &[&Field], missing: &[&Field], status: bool) -> String {
    if missing.is_empty() {
        return if status {
            "Every field came back.".into()
        } else {
            "The form status did not come back.".into()
        };
    }
    if missing.len() == asked.len() && !status {
        return "None of its fields came back, its form status neither; other instruments did.".into();
    }
    let count = |what: &str, test: &dyn Fn(&Field) -> bool| {
        let (gone, all) =
            (missing.iter().filter(|f| test(f)).count(), asked.iter().filter(|f| test(f)).count());
        (all > 0).then(|| format!("{gone} of {all} {what}"))
    };
    let text = |f: &Field| f.field_type == FieldType::Text && !f.identifier;
    let parts: Vec<String> = [
        count("identifiers", &|f| f.identifier),
        count("notes boxes", &|f| !f.identifier && f.field_type == FieldType::Notes),
        count("texts without validation", &|f| text(f) && f.validation.is_empty()),
        count("dates", &|f| text(f) && f.validation.starts_with("date")),
        count("other fields", &|f| {
            let free = text(f) && (f.validation.is_empty() || f.validation.starts_with("date"));
            !f.identifier && f.field_type != FieldType::Notes && !free
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("Missing: {}.", parts.join(", "))
}

/// Whether all record names are 32 hexadecimal digits: the server gives hashes in place of names, as
/// it does for De-Identified rights (`redcap-permissions.md` §4.2).
pub fn are_hashed<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    let is_hash = |n: &str| n.len() == 32 && n.bytes().all(|b| b.is_ascii_hexdigit());
    names.next().is_some_and(is_hash) && names.all(is_hash)
}

/// The number of the Data Access Group in the name of the next record, such as `331` in `331-4`
/// (`redcap-permissions.md` §6.3).
pub fn group_of_next_name(name: &str) -> Option<&str> {
    let (group, number) = name.trim().split_once('-')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    (digits(group) && digits(number)).then_some(group)
}

/// Whether a column is the survey time of an instrument.
pub fn survey_form<'a>(dictionary: &'a Dictionary, name: &str) -> Option<&'a str> {
    let form = name.strip_suffix("_timestamp")?;
    if dictionary.field(name).is_some() {
        return None;
    }
    dictionary.forms().into_iter().find(|f| *f == form)
}

#[cfg(test)]
mod tests;
