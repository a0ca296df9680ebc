//! The rights in a row of an imported user or role (`redcap-api.md` §3.26, §3.27, §8).

use crate::demo::behaviour::Behaviour;
use crate::demo::methods::import::Mistakes;
use crate::demo::pipeline::Call;
use crate::demo::wire::error::ApiError;
use crate::demo::wire::import::Row;
use crate::domain::event::Instrument;
use crate::domain::rights::{EntryRight, ExportRight, RIGHTS, Rights};

/// The names that rights have inside REDCap, and in the API (`redcap-permissions.md` §1.2).
const INNER_NAMES: &[(&str, &str)] = &[
    ("lock_record", "lock_records"),
    ("lock_record_multiform", "lock_records_all_forms"),
    ("lock_record_customize", "lock_records_customization"),
    ("data_logging", "logging"),
    ("graphical", "stats_and_charts"),
    ("participants", "manage_survey_participants"),
    ("data_quality_design", "data_quality_create"),
    ("data_entry", "forms"),
    ("data_export_instruments", "forms_export"),
    ("data_export_tool", "data_export"),
];

/// The rights a row asks for; what it does not name is `None` or not there.
#[derive(Debug, Default)]
pub struct AskedRights {
    flags: Vec<(String, i64)>,
    forms: Option<Vec<(String, i64)>>,
    forms_export: Option<Vec<(String, i64)>>,
    /// The export right for all instruments, as it was before 12.2.
    data_export: Option<i64>,
}

/// The API's name of a key.
fn api_name<'a>(key: &'a str, behaviour: &Behaviour) -> &'a str {
    INNER_NAMES
        .iter()
        .find(|(inner, _)| behaviour.inner_right_names && *inner == key)
        .map_or(key, |(_, name)| *name)
}

/// Whether a right exists in the pretended version.
fn is_right(key: &str, behaviour: &Behaviour) -> bool {
    match key {
        "email_logging" => behaviour.at_least((14, 4, 0)),
        "api_modules" => behaviour.at_least((14, 0, 3)),
        _ => RIGHTS.iter().any(|right| right.key == key),
    }
}

/// The highest number of a right.
fn highest(key: &str) -> i64 {
    match key {
        "user_rights" | "lock_records" => 2,
        "data_quality_resolution" => 5,
        _ => 1,
    }
}

impl AskedRights {
    /// Reads the rights of a row. `about` are the keys of the row that are no rights, `whose`
    /// names the user or role in the words of 400-18. Other words for mistakes are ours.
    pub fn read(
        call: &Call<'_>,
        row: &Row,
        about: &[&str],
        whose: &str,
        mistakes: &mut Mistakes,
    ) -> Result<Self, ApiError> {
        let behaviour = &call.state.behaviour;
        let new_codes = behaviour.at_least((15, 6, 0));
        let mut asked = Self::default();
        for key in row.keys() {
            let name = api_name(key, behaviour);
            let value = row.get(key);
            match name {
                _ if about.contains(&key) => {}
                "forms" => asked.forms = forms_of(call, row, key, whose, mistakes, |c| entry(c, new_codes))?,
                "forms_export" => asked.forms_export = forms_of(call, row, key, whose, mistakes, export)?,
                // A blank is as if the right were not named: it stays.
                _ if value.is_empty() && (name == "data_export" || is_right(name, behaviour)) => {}
                "data_export" => match value.parse().ok().and_then(export) {
                    Some(code) => asked.data_export = Some(code),
                    None => mistakes.add(wrong_value(value, key, whose)),
                },
                _ if is_right(name, behaviour) => {
                    match value.parse().ok().filter(|code| (0..=highest(name)).contains(code)) {
                        Some(code) => asked.flags.push((name.to_owned(), code)),
                        None => mistakes.add(wrong_value(value, key, whose)),
                    }
                }
                _ if behaviour.unknown_user_keys_are_errors => {
                    mistakes.add(format!("The attribute named \"{key}\" does not exist."));
                }
                _ => {}
            }
        }
        Ok(asked)
    }

    /// Changes rights. Of someone new, what is not named is not given; of someone known it stays
    /// as it was, but instruments left out of a list that was sent become No Access
    /// (`redcap-permissions.md` §3.3).
    pub fn apply(self, rights: &mut Rights, instruments: &[Instrument], new_codes: bool) {
        rights.flags.extend(self.flags);
        let all = |given: Option<&[(String, i64)]>, otherwise: i64| -> Vec<(String, i64)> {
            instruments
                .iter()
                .map(|form| {
                    let found = given.and_then(|list| list.iter().rev().find(|(name, _)| *name == form.name));
                    (form.name.clone(), found.map_or(otherwise, |(_, code)| *code))
                })
                .collect()
        };
        if self.forms.is_some() || rights.forms.is_empty() {
            rights.forms = all(self.forms.as_deref(), if new_codes { 128 } else { 0 });
        }
        if self.forms_export.is_some() || self.data_export.is_some() || rights.forms_export.is_empty() {
            let otherwise = if self.forms_export.is_some() { 0 } else { self.data_export.unwrap_or(0) };
            rights.forms_export = all(self.forms_export.as_deref(), otherwise);
        }
    }
}

fn wrong_value(value: &str, key: &str, whose: &str) -> String {
    format!("The value \"{value}\" of {key} is not valid for {whose}")
}

/// Reads a list of instruments with their codes.
fn forms_of(
    call: &Call<'_>,
    row: &Row,
    key: &str,
    whose: &str,
    mistakes: &mut Mistakes,
    read: impl Fn(i64) -> Option<i64>,
) -> Result<Option<Vec<(String, i64)>>, ApiError> {
    let Some(pairs) = row.map(key)? else { return Ok(None) };
    let mut codes = Vec::new();
    for (form, value) in pairs {
        if !call.project.instruments.iter().any(|i| i.name == form) {
            // 400-18, with its missing full stop.
            mistakes.add(format!(
                "The form named \"{form}\" is incorrect for {whose} The form does not exist in this project."
            ));
            continue;
        }
        match value.parse().ok().and_then(&read) {
            Some(code) => codes.push((form, code)),
            None => mistakes.add(wrong_value(&value, &format!("{key} for the form \"{form}\""), whose)),
        }
    }
    Ok(Some(codes))
}

/// An entry right as this version stores it: old codes are still taken by versions that have the
/// new ones, but not the other way round (`redcap-permissions.md` §1.3).
fn entry(code: i64, new_codes: bool) -> Option<i64> {
    match (EntryRight::from_code(code), new_codes) {
        (EntryRight::Unknown(_), _) => None,
        (_, false) => (code < 128).then_some(code),
        (_, true) => Some(match code {
            0 => 128,
            1 => 130,
            2 => 129,
            3 => 138,
            new => new,
        }),
    }
}

fn export(code: i64) -> Option<i64> {
    (!matches!(ExportRight::from_code(code), ExportRight::Unknown(_))).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_codes_become_new_ones_and_never_the_reverse() {
        for (code, old_server, new_server) in [
            (0, Some(0), Some(128)),
            (1, Some(1), Some(130)),
            (2, Some(2), Some(129)),
            (3, Some(3), Some(138)),
            (128, None, Some(128)),
            (146, None, Some(146)),
            (7, None, None),
        ] {
            assert_eq!(entry(code, false), old_server, "{code}");
            assert_eq!(entry(code, true), new_server, "{code}");
        }
        assert_eq!((export(3), export(4)), (Some(3), None));
    }
}
