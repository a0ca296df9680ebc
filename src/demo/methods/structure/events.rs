//! `content=event`, import and delete (`redcap-api.md` §3.2).

use super::removal::remove_events;
use crate::demo::methods::import::{Mistakes, count, edit, known_names, number, overrides, rows};
use crate::demo::model::log::LogType;
use crate::demo::model::names::unique_event_name;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::demo::wire::import::Row;
use crate::domain::event::Event;

/// One event as a row describes it; what is `None` was not sent.
struct Asked {
    name: String,
    arm: Option<u32>,
    unique_name: String,
    custom_label: Option<String>,
    /// Day, days before, days after.
    days: [Option<i64>; 3],
}

impl Asked {
    /// Reads a row. None of the words is attested.
    fn read(row: &Row, mistakes: &mut Mistakes) -> Self {
        let mut day = |key: &str| mistakes.take(number(row, key)).flatten();
        let days = [day("day_offset"), day("offset_min"), day("offset_max")];
        let arm = mistakes.take(number(row, "arm_num")).flatten();
        if row.get("event_name").is_empty() {
            mistakes.add("Each event must have an event_name");
        }
        Self {
            name: row.get("event_name").to_owned(),
            arm,
            unique_name: row.get("unique_event_name").to_owned(),
            custom_label: row.text("custom_event_label").map(str::to_owned),
            days,
        }
    }
}

/// Adds events, and changes those whose `unique_event_name` is given; a new name or arm gives an
/// event a new unique name (`redcap-api.md` §7). With `override=1` all events are deleted first.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let replace = overrides(call)?;
    let rows = rows(call, &["event_name", "arm_num", "unique_event_name"])?;
    let mut mistakes = Mistakes::default();
    let asked: Vec<Asked> = rows.iter().map(|row| Asked::read(row, &mut mistakes)).collect();
    if replace && rows.is_empty() {
        mistakes.add("With override=1 at least one event must be provided");
    }
    mistakes.check()?;
    let creates = replace || call.state.behaviour.unknown_unique_event_names_create;
    edit(call, |project| {
        if replace {
            remove_events(project, |_| true);
        }
        let mut mistakes = Mistakes::default();
        for asked in &asked {
            mistakes.take(put(project, asked, creates));
        }
        mistakes.check()
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Import events (API)");
    Ok(count(rows.len()))
}

/// Adds or changes one event.
fn put(project: &mut Project, asked: &Asked, creates: bool) -> Result<(), String> {
    let known = project
        .events
        .iter()
        .position(|e| !asked.unique_name.is_empty() && e.unique_name == asked.unique_name);
    if known.is_none() && !asked.unique_name.is_empty() && !creates {
        return Err(format!("The event with the unique_event_name \"{}\" does not exist", asked.unique_name));
    }
    let arm = match (asked.arm, known.and_then(|at| project.events.get(at)), project.arms.as_slice()) {
        (Some(num), _, _) => num,
        (None, Some(event), _) => event.arm_num,
        (None, None, [only]) => only.num,
        (None, None, _) => {
            return Err(format!("The event \"{}\" must have an arm_num", asked.name));
        }
    };
    if !project.arms.iter().any(|a| a.num == arm) {
        return Err(format!("The arm with the arm_num \"{arm}\" does not exist"));
    }
    match known {
        Some(at) => change(project, at, arm, asked),
        None => add(project, arm, asked),
    }
    Ok(())
}

fn add(project: &mut Project, arm: u32, asked: &Asked) {
    let taken: Vec<&str> = project.events.iter().map(|e| e.unique_name.as_str()).collect();
    let mut event = Event {
        name: asked.name.clone(),
        arm_num: arm,
        unique_name: unique_event_name(&asked.name, arm, &taken),
        custom_label: asked.custom_label.clone().unwrap_or_default(),
        event_id: Some(project.next_event_id()),
        ..Event::default()
    };
    if project.info.scheduling_enabled {
        // A new event comes after the others of its arm unless its day says otherwise.
        let last = project.events.iter().filter(|e| e.arm_num == arm).filter_map(|e| e.day_offset).max();
        let [day, before, after] = asked.days;
        event.day_offset = day.or(Some(last.map_or(0, |last| last.saturating_add(1))));
        event.offset_min = before.or(Some(0));
        event.offset_max = after.or(Some(0));
    }
    // Events stand by arm, then in the order of the design page.
    let at = project.events.iter().rposition(|e| e.arm_num <= arm).map_or(0, |at| at + 1);
    project.events.insert(at, event);
}

fn change(project: &mut Project, at: usize, arm: u32, asked: &Asked) {
    let scheduling = project.info.scheduling_enabled;
    let Some(old) = project.events.get(at).cloned() else { return };
    let mut event = old.clone();
    if event.name != asked.name || event.arm_num != arm {
        let others = project.events.iter().map(|e| e.unique_name.as_str()).filter(|n| *n != old.unique_name);
        event.unique_name = unique_event_name(&asked.name, arm, &others.collect::<Vec<_>>());
        event.name.clone_from(&asked.name);
        event.arm_num = arm;
    }
    if let Some(label) = &asked.custom_label {
        event.custom_label.clone_from(label);
    }
    if scheduling {
        let [day, before, after] = asked.days;
        event.day_offset = day.or(event.day_offset);
        event.offset_min = before.or(event.offset_min);
        event.offset_max = after.or(event.offset_max);
    }
    rename(project, &old.unique_name, &event);
    project.events.remove(at);
    let at = if old.arm_num == arm {
        at
    } else {
        project.events.iter().rposition(|e| e.arm_num <= arm).map_or(0, |at| at + 1)
    };
    project.events.insert(at, event);
}

/// What names an event by its unique name follows it.
fn rename(project: &mut Project, old: &str, event: &Event) {
    for line in project.mapping.iter_mut().filter(|line| line.event == old) {
        line.event.clone_from(&event.unique_name);
        line.arm_num = event.arm_num;
    }
    for line in project.repeating.iter_mut().filter(|line| line.event == old) {
        line.event.clone_from(&event.unique_name);
    }
    for randomization in project.randomizations.iter_mut().filter(|r| r.event == old) {
        randomization.event.clone_from(&event.unique_name);
    }
    for name in project.reports.iter_mut().flat_map(|report| &mut report.events).filter(|name| *name == old) {
        name.clone_from(&event.unique_name);
    }
}

/// Deletes events with the data collected in them.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = known_names(call, "events", |name| call.project.event(name).is_some())?;
    edit(call, |project| {
        remove_events(project, |event| names.contains(&event.unique_name));
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Delete events (API)");
    Ok(count(names.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::model::randomization::Randomization;

    #[test]
    fn a_randomization_follows_its_event_and_goes_with_it() {
        let event =
            Event { name: "Start".into(), arm_num: 1, unique_name: "start_arm_1".into(), ..Event::default() };
        let randomization = Randomization { event: "begin_arm_1".into(), ..Randomization::default() };
        let mut project = Project { randomizations: vec![randomization], ..Project::default() };
        rename(&mut project, "begin_arm_1", &event);
        assert_eq!(project.randomizations[0].event, "start_arm_1");
        project.events.push(event);
        remove_events(&mut project, |e| e.unique_name == "start_arm_1");
        assert!(project.randomizations.is_empty());
    }
}
