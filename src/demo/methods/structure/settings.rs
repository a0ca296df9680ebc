//! `content=project_settings` (`redcap-api.md` §3.21).

use super::rehome::{Places, rehome};
use crate::demo::methods::import::{Mistakes, count, edit};
use crate::demo::model::log::LogType;
use crate::demo::model::project::{HiddenEvents, Project};
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::demo::wire::import::{self, Imported, Row, not_in_format};
use crate::domain::event::{Mapping, Repeating};

/// The settings that are 0 or 1 and have no other effect.
const SWITCHES: &[&str] = &[
    "surveys_enabled",
    "scheduling_enabled",
    "record_autonumbering_enabled",
    "randomization_enabled",
    "display_today_now_button",
    "bypass_branching_erase_field_prompt",
];

/// The settings that are text.
const TEXTS: &[&str] = &[
    "project_title",
    "project_language",
    "purpose_other",
    "project_notes",
    "custom_record_label",
    "secondary_unique_field",
    "project_irb_number",
    "project_grant_number",
    "project_pi_firstname",
    "project_pi_lastname",
    "project_pi_email",
];

/// Changes settings; answers with the number of values that were taken. Keys that are no
/// settings, and those that cannot be set, are ignored.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let row = read(call)?;
    let with_email = call.state.behaviour.at_least((15, 8, 2));
    let taken = edit(call, |project| {
        let mut mistakes = Mistakes::default();
        let mut taken = 0;
        let mut keys: Vec<&str> = row.keys().collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys.into_iter().filter(|key| with_email || *key != "project_pi_email") {
            let Some(value) = row.text(key) else { continue };
            taken += usize::from(mistakes.take(set(project, key, value)).unwrap_or(false));
        }
        mistakes.check()?;
        Ok(taken)
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Import project information (API)");
    Ok(count(taken))
}

/// The settings are one object, alone or in a list of one.
fn read(call: &Call<'_>) -> Result<Row, ApiError> {
    let row = match import::read(call.params.needed("data")?, call.format, b',')? {
        Imported::Single(row) => row,
        Imported::List(rows) => rows.into_iter().next().ok_or_else(not_in_format)?,
    };
    let is_setting = |key: &str| {
        SWITCHES.contains(&key) || TEXTS.contains(&key) || matches!(key, "is_longitudinal" | "purpose")
    };
    // A JSON text that is sent as CSV is a CSV of one strange column.
    let strange = row.keys().next().is_some_and(|key| key.starts_with(['[', '{', '<']));
    if strange && !row.keys().any(is_setting) { Err(not_in_format()) } else { Ok(row) }
}

/// Sets one value; false if there is no such setting. The words for wrong values are ours.
fn set(project: &mut Project, key: &str, value: &str) -> Result<bool, String> {
    let wrong = || format!("The value \"{value}\" of {key} is not valid");
    let switch = || match value {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(wrong()),
    };
    if key == "is_longitudinal" {
        set_longitudinal(project, switch()?);
        return Ok(true);
    }
    if key == "secondary_unique_field" && !value.is_empty() && project.dictionary.field(value).is_none() {
        return Err(wrong());
    }
    let info = &mut project.info;
    if SWITCHES.contains(&key) {
        let on = switch()?;
        match key {
            "surveys_enabled" => info.surveys_enabled = on,
            "scheduling_enabled" => info.scheduling_enabled = on,
            "record_autonumbering_enabled" => info.autonumbering = on,
            "randomization_enabled" => info.randomization_enabled = on,
            "display_today_now_button" => info.display_today_now_button = on,
            _ => info.bypass_branching_erase_field_prompt = on,
        }
        return Ok(true);
    }
    match key {
        "purpose" => info.purpose = value.parse().ok().filter(|p| *p <= 4).ok_or_else(wrong)?,
        "project_title" if value.is_empty() => return Err(wrong()),
        "project_title" => value.clone_into(&mut info.title),
        "project_language" => value.clone_into(&mut info.language),
        "purpose_other" => value.clone_into(&mut info.purpose_other),
        "project_notes" => value.clone_into(&mut info.notes),
        "custom_record_label" => value.clone_into(&mut info.custom_record_label),
        "secondary_unique_field" => value.clone_into(&mut info.secondary_unique_field),
        "project_irb_number" => value.clone_into(&mut info.irb_number),
        "project_grant_number" => value.clone_into(&mut info.grant_number),
        "project_pi_firstname" => value.clone_into(&mut info.pi_firstname),
        "project_pi_lastname" => value.clone_into(&mut info.pi_lastname),
        "project_pi_email" => {
            info.other.insert(key.to_owned(), value.to_owned());
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Switches events on or off. A classic project shows its first event alone, without its name;
/// the others and their data are kept out of sight (what REDCap does with them is not attested).
fn set_longitudinal(project: &mut Project, on: bool) {
    if on == project.info.is_longitudinal {
        return;
    }
    let old = Places::of(project);
    let first = project.events.first().map(|e| e.unique_name.clone()).unwrap_or_default();
    if on {
        show_events(project, &first);
    } else {
        hide_events(project, &first);
    }
    project.info.is_longitudinal = on;
    project.info.has_repeating = project.has_repeating();
    rehome(project, &old);
}

fn hide_events(project: &mut Project, first: &str) {
    let (here, elsewhere): (Vec<Repeating>, Vec<Repeating>) =
        std::mem::take(&mut project.repeating).into_iter().partition(|r| r.event == first && !r.is_event());
    project.hidden_events = HiddenEvents {
        arms: project.arms.clone(),
        events: project.events.clone(),
        mapping: std::mem::take(&mut project.mapping),
        repeating: elsewhere,
    };
    project.repeating = here.into_iter().map(|r| Repeating { event: String::new(), ..r }).collect();
    project.events.truncate(1);
    let arm = project.events.first().map_or(1, |event| event.arm_num);
    project.arms.retain(|a| a.num == arm);
}

fn show_events(project: &mut Project, first: &str) {
    let hidden = std::mem::take(&mut project.hidden_events);
    for line in &mut project.repeating {
        first.clone_into(&mut line.event);
    }
    project.repeating.extend(hidden.repeating);
    if !hidden.events.is_empty() {
        project.arms = hidden.arms;
        project.events = hidden.events;
    }
    project.mapping = hidden.mapping;
    // What the project showed as a classic one stays to be seen: every instrument is used at the
    // first event, unless an earlier time says where each belongs.
    if project.mapping.is_empty()
        && let Some(event) = project.events.first()
    {
        project.mapping = project
            .instruments
            .iter()
            .map(|form| Mapping {
                arm_num: event.arm_num,
                event: event.unique_name.clone(),
                form: form.name.clone(),
            })
            .collect();
    }
}
