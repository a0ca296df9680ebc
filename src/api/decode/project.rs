//! `content=project` (`redcap-api.md` §3.21).

use super::row::{rows, text_of};
use crate::domain::choices::parse_choices;
use crate::domain::project::ProjectInfo;

/// The project: one object, on some servers a list of one.
pub fn project(text: &str) -> Result<ProjectInfo, String> {
    let mut rows = rows(text)?;
    if rows.len() != 1 {
        return Err(format!("There are {} projects in the answer instead of one.", rows.len()));
    }
    let mut row = rows.remove(0);
    let Some(project_id) = row.number("project_id") else {
        return Err("The project has no 'project_id'.".into());
    };
    let info = ProjectInfo {
        project_id,
        title: row.text("project_title"),
        creation_time: row.text("creation_time"),
        production_time: row.text("production_time"),
        in_production: row.flag("in_production"),
        language: row.text("project_language"),
        // An unknown purpose must not look like "practice", which is 0.
        purpose: row.number("purpose").unwrap_or(u8::MAX),
        purpose_other: row.text("purpose_other"),
        notes: row.text("project_notes"),
        custom_record_label: row.text("custom_record_label"),
        secondary_unique_field: row.text("secondary_unique_field"),
        is_longitudinal: row.flag("is_longitudinal"),
        has_repeating: row.flag("has_repeating_instruments_or_events"),
        surveys_enabled: row.flag("surveys_enabled"),
        scheduling_enabled: row.flag("scheduling_enabled"),
        autonumbering: row.flag("record_autonumbering_enabled"),
        randomization_enabled: row.flag("randomization_enabled"),
        ddp_enabled: row.flag("ddp_enabled"),
        irb_number: row.text("project_irb_number"),
        grant_number: row.text("project_grant_number"),
        pi_firstname: row.text("project_pi_firstname"),
        pi_lastname: row.text("project_pi_lastname"),
        display_today_now_button: row.flag("display_today_now_button"),
        missing_data_codes: parse_choices(&row.text("missing_data_codes")),
        external_modules: row.text("external_modules"),
        bypass_branching_erase_field_prompt: row.flag("bypass_branching_erase_field_prompt"),
        other: std::collections::BTreeMap::new(),
    };
    for key in KNOWN {
        row.take(key);
    }
    let other = row.iter().map(|(key, value)| (key.to_owned(), text_of(value))).collect();
    Ok(ProjectInfo { other, ..info })
}

/// The keys that have a place of their own.
const KNOWN: &[&str] = &[
    "project_id",
    "project_title",
    "creation_time",
    "production_time",
    "in_production",
    "project_language",
    "purpose",
    "purpose_other",
    "project_notes",
    "custom_record_label",
    "secondary_unique_field",
    "is_longitudinal",
    "has_repeating_instruments_or_events",
    "surveys_enabled",
    "scheduling_enabled",
    "record_autonumbering_enabled",
    "randomization_enabled",
    "ddp_enabled",
    "project_irb_number",
    "project_grant_number",
    "project_pi_firstname",
    "project_pi_lastname",
    "display_today_now_button",
    "missing_data_codes",
    "external_modules",
    "bypass_branching_erase_field_prompt",
];

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = r#"{"project_id":101,"project_title":"BREATHE","creation_time":"2025-03-01 10:00:00",
        "production_time":"","in_production":0,"project_language":"English","purpose":2,"purpose_other":"6,7",
        "project_notes":"","custom_record_label":"[last_name], [first_name]","secondary_unique_field":"mrn",
        "is_longitudinal":1,"surveys_enabled":"1","scheduling_enabled":0,"record_autonumbering_enabled":0,
        "randomization_enabled":0,"ddp_enabled":0,"project_irb_number":"","project_grant_number":"",
        "project_pi_firstname":"","project_pi_lastname":"","display_today_now_button":1,
        "missing_data_codes":"UNK, Unknown | NASK, Not asked","external_modules":"a,b",
        "bypass_branching_erase_field_prompt":0,"project_pi_email":"pi@example.org",
        "has_repeating_instruments_or_events":1,"from_the_future":7}"#;

    #[test]
    fn a_project_is_read_with_what_this_version_does_not_know() {
        let info = project(REAL).unwrap();
        assert_eq!((info.project_id, info.title.as_str(), info.purpose), (101, "BREATHE", 2));
        assert!(info.is_longitudinal && info.has_repeating && info.surveys_enabled && !info.in_production);
        assert_eq!(info.missing_label("UNK"), Some("Unknown"));
        let other: Vec<_> = info.other.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(other, [("from_the_future", "7"), ("project_pi_email", "pi@example.org")]);
        assert_eq!(project(&format!("[{REAL}]")).unwrap(), info);
    }

    #[test]
    fn what_is_no_project_is_said() {
        assert!(project("[]").unwrap_err().contains("0 projects"));
        assert!(project(r#"{"x":1}"#).unwrap_err().contains("project_id"));
        let odd = project(r#"{"project_id":"5","purpose":""}"#).unwrap();
        assert_eq!((odd.project_id, odd.purpose_words()), (5, "Unknown"));
    }
}
