//! Where instruments are used and what repeats: `formEventMapping` and `repeatingFormsEvents`,
//! import (`redcap-api.md` §3.4, §3.5). Both replace what was there.

use super::rehome::{Places, rehome};
use crate::demo::methods::import::{Mistakes, count, edit, rows};
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::demo::wire::import::Row;
use crate::domain::event::{Mapping, Repeating};

/// Replaces the mapping; answers with the number of rows given. Data of an instrument at an
/// event where it is no longer used stays, unseen, until it is used there again.
pub fn import_mapping(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = rows(call, &["arm_num", "unique_event_name", "form"])?;
    edit(call, |project| {
        let mut mistakes = Mistakes::default();
        let mut mapping: Vec<Mapping> = Vec::new();
        for line in rows.iter().filter_map(|row| mistakes.take(mapping_line(project, row))) {
            if !mapping.contains(&line) {
                mapping.push(line);
            }
        }
        mistakes.check()?;
        project.mapping = mapping;
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Import instrument-event mappings (API)");
    Ok(count(rows.len()))
}

/// Reads a row. None of the words is attested.
fn mapping_line(project: &Project, row: &Row) -> Result<Mapping, String> {
    let (name, form, arm) = (row.get("unique_event_name"), row.get("form"), row.get("arm_num"));
    let event = project
        .event(name)
        .ok_or_else(|| format!("The event with the unique_event_name \"{name}\" does not exist"))?;
    if !arm.is_empty() && arm.parse() != Ok(event.arm_num) {
        return Err(format!("The event \"{name}\" does not belong to the arm with the arm_num \"{arm}\""));
    }
    check_form(project, form)?;
    Ok(Mapping { arm_num: event.arm_num, event: name.to_owned(), form: form.to_owned() })
}

fn check_form(project: &Project, form: &str) -> Result<(), String> {
    if project.instruments.iter().any(|i| i.name == form) {
        return Ok(());
    }
    Err(format!("The form named \"{form}\" does not exist in this project."))
}

/// Replaces what repeats; an empty list switches repeating off and answers 0. Stored values move
/// to where they belong now: the first instance of something that no longer repeats is its plain
/// row, and the others are unseen until it repeats again.
pub fn import_repeating(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = rows(call, &["event_name", "form_name"])?;
    edit(call, |project| {
        let mut mistakes = Mistakes::default();
        let mut repeating: Vec<Repeating> = Vec::new();
        for line in rows.iter().filter_map(|row| mistakes.take(repeating_line(project, row))) {
            repeating.retain(|r| (&r.event, &r.form) != (&line.event, &line.form));
            repeating.push(line);
        }
        let both = repeating.iter().find(|r| {
            !r.is_event() && repeating.iter().any(|whole| whole.is_event() && whole.event == r.event)
        });
        if let Some(line) = both {
            mistakes.add(format!(
                "The event \"{}\" cannot be a repeating event and have repeating instruments at the same time",
                line.event
            ));
        }
        mistakes.check()?;
        let old = Places::of(project);
        project.repeating = repeating;
        project.info.has_repeating = project.has_repeating();
        rehome(project, &old);
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Import repeating instruments and events (API)");
    Ok(count(rows.len()))
}

/// Reads a row. None of the words is attested.
fn repeating_line(project: &Project, row: &Row) -> Result<Repeating, String> {
    let (event, form) = (row.get("event_name"), row.get("form_name"));
    let longitudinal = project.info.is_longitudinal;
    if longitudinal && project.event(event).is_none() {
        return Err(format!("The event with the unique_event_name \"{event}\" does not exist"));
    }
    if !form.is_empty() || !longitudinal {
        check_form(project, form)?;
        if !project.is_designated(form, event) {
            return Err(format!("The form named \"{form}\" is not designated for the event \"{event}\""));
        }
    }
    Ok(Repeating {
        event: if longitudinal { event.to_owned() } else { String::new() },
        form: form.to_owned(),
        custom_label: row.get("custom_form_label").to_owned(),
    })
}
