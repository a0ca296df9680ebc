//! Smart variables (`redcap-logic.md` §4.2): those whose value can be known on this computer.

use super::error::Problem;
use super::locate::{Instances, instance_number, neighbour};
use super::project::Project;
use super::record::{Place, Viewer};
use super::reference::{EventRef, InstanceRef, Reference};
use std::borrow::Cow;

/// What smart variables may ask about.
pub(super) struct Surroundings<'s, 'a> {
    pub project: &'s Project<'a>,
    pub record: &'s str,
    /// `None` if it is not known.
    pub dag: Option<&'s str>,
    pub place: &'s Place<'a>,
    pub viewer: Option<&'s Viewer>,
    pub instances: Instances<'s>,
    /// The completion time of a survey instrument, as exported; `None` if it is not at hand.
    pub completed: &'s dyn Fn(&str) -> Option<String>,
}

/// The smart variables that are known from the project and the place alone.
pub(super) const LOCAL: &[&str] = &[
    "record-name",
    "record-dag-name",
    "record-dag-label",
    "record-dag-id",
    "is-form",
    "is-survey",
    "instrument-name",
    "instrument-label",
    "event-name",
    "event-label",
    "event-id",
    "event-number",
    "previous-event-name",
    "next-event-name",
    "first-event-name",
    "last-event-name",
    "previous-event-label",
    "next-event-label",
    "first-event-label",
    "last-event-label",
    "arm-number",
    "arm-label",
    "current-instance",
    "previous-instance",
    "next-instance",
    "first-instance",
    "last-instance",
    "survey-time-completed",
    "survey-date-completed",
    "project-id",
    "project-title",
    "project-purpose",
    "project-irb-number",
    "redcap-version",
    "user-name",
    "user-fullname",
    "user-email",
    "user-dag-name",
    "user-dag-label",
    "user-dag-id",
    "user-role-id",
    "user-role-name",
    "user-role-label",
];

/// The value of a smart variable, blank if it has none here.
pub(super) fn value<'s>(
    name: &str,
    params: &[String],
    reference: &Reference,
    around: &Surroundings<'s, '_>,
) -> Result<Cow<'s, str>, Problem> {
    let unavailable = || Problem::Unavailable(name.to_owned());
    let metadata = around.project.metadata();
    let place = around.place;
    // `[next-event-name][event-label]` asks for the label of another event.
    let event = match &reference.event {
        None | Some(EventRef::Current) => around.project.event(place.event),
        Some(EventRef::Named(name)) => around.project.event(name),
        Some(which) => around.project.event(place.event).and_then(|here| {
            neighbour(around.project, which, place.event, here.arm_num, None)
                .and_then(|name| around.project.event(name))
        }),
    };
    let event_name = event.map_or("", |e| e.unique_name.as_str());
    let beside = |which: &EventRef| {
        event
            .and_then(|here| neighbour(around.project, which, event_name, here.arm_num, None))
            .and_then(|name| around.project.event(name))
    };
    let of_viewer = |pick: fn(&Viewer) -> Option<&String>| {
        around.viewer.and_then(pick).map(|text| Cow::Owned(text.clone())).ok_or_else(unavailable)
    };
    // The label or number of a group; blank for the record or user that is in none.
    let of_dag = |dag: &str, what: &str| {
        if dag.is_empty() {
            return Ok(Cow::Borrowed(""));
        }
        let groups = metadata.access.dags.list();
        let group = groups.iter().find(|g| g.unique_name == dag).ok_or_else(unavailable)?;
        match what {
            "label" => Ok(Cow::Owned(group.name.clone())),
            _ => group.id.map(|id| Cow::Owned(id.to_string())).ok_or_else(unavailable),
        }
    };
    let instance = |which| {
        let found =
            instance_number(which, place.instance, || (around.instances)(place.event, place.instrument));
        Cow::Owned(found.map_or_else(String::new, |n| n.to_string()))
    };
    let form = if place.form.is_empty() { place.instrument } else { place.form };
    // Where it is known that there are no groups, no column is needed to know the record's.
    let no_groups = metadata.access.dags.known().is_some_and(Vec::is_empty);
    let record_dag = || around.dag.or_else(|| no_groups.then_some("")).ok_or_else(unavailable);
    Ok(match name {
        "record-name" => Cow::Borrowed(around.record),
        "record-dag-name" => Cow::Borrowed(record_dag()?),
        "record-dag-label" => of_dag(record_dag()?, "label")?,
        "record-dag-id" => of_dag(record_dag()?, "id")?,
        "is-form" => flag(!around.viewer.is_some_and(|v| v.is_survey)),
        "is-survey" => flag(around.viewer.is_some_and(|v| v.is_survey)),
        "instrument-name" => Cow::Owned(form.to_owned()),
        "instrument-label" if form.is_empty() => Cow::Borrowed(""),
        "instrument-label" => Cow::Owned(metadata.instrument_label(form).to_owned()),
        "event-name" => Cow::Owned(event_name.to_owned()),
        "event-label" => label(event),
        "event-id" => match event {
            None => Cow::Borrowed(""),
            Some(event) => Cow::Owned(event.event_id.ok_or_else(unavailable)?.to_string()),
        },
        "event-number" => Cow::Owned(
            event
                .and_then(|e| {
                    around.project.events_of_arm(e.arm_num).position(|x| x.unique_name == e.unique_name)
                })
                .map_or_else(String::new, |i| (i + 1).to_string()),
        ),
        "previous-event-name" => unique_name(beside(&EventRef::Previous)),
        "next-event-name" => unique_name(beside(&EventRef::Next)),
        "first-event-name" => unique_name(beside(&EventRef::First)),
        "last-event-name" => unique_name(beside(&EventRef::Last)),
        "previous-event-label" => label(beside(&EventRef::Previous)),
        "next-event-label" => label(beside(&EventRef::Next)),
        "first-event-label" => label(beside(&EventRef::First)),
        "last-event-label" => label(beside(&EventRef::Last)),
        "arm-number" => Cow::Owned(event.map_or_else(String::new, |e| e.arm_num.to_string())),
        "arm-label" => Cow::Owned(
            event
                .and_then(|e| metadata.arms.list().iter().find(|a| a.num == e.arm_num))
                .map_or_else(String::new, |a| a.name.clone()),
        ),
        "current-instance" => instance(InstanceRef::Current),
        "previous-instance" => instance(InstanceRef::Previous),
        "next-instance" => instance(InstanceRef::Next),
        "first-instance" => instance(InstanceRef::First),
        "last-instance" => instance(InstanceRef::Last),
        "survey-time-completed" | "survey-date-completed" => {
            let form = params.first().map_or(form, String::as_str);
            let time =
                (around.completed)(form).ok_or_else(|| Problem::NotLoaded(format!("{form}_timestamp")))?;
            // A survey that was begun and not finished exports as `[not completed]` (api §4.8).
            let time = if time.starts_with('[') { String::new() } else { time };
            Cow::Owned(match name {
                "survey-date-completed" => time.split(' ').next().unwrap_or_default().to_owned(),
                _ => time,
            })
        }
        "project-id" => Cow::Owned(metadata.info.project_id.to_string()),
        "project-title" => Cow::Owned(metadata.info.title.clone()),
        "project-purpose" => Cow::Owned(metadata.info.purpose.to_string()),
        "project-irb-number" => Cow::Owned(metadata.info.irb_number.clone()),
        "redcap-version" if !metadata.version.is_empty() => Cow::Owned(metadata.version.clone()),
        "user-name" => of_viewer(|v| v.user.as_ref())?,
        "user-fullname" => of_viewer(|v| v.full_name.as_ref())?,
        "user-email" => of_viewer(|v| v.email.as_ref())?,
        "user-dag-name" => of_viewer(|v| v.dag.as_ref())?,
        "user-dag-label" => of_dag(&of_viewer(|v| v.dag.as_ref())?, "label")?,
        "user-dag-id" => of_dag(&of_viewer(|v| v.dag.as_ref())?, "id")?,
        "user-role-id" => of_viewer(|v| v.role_id.as_ref())?,
        "user-role-name" => of_viewer(|v| v.role.as_ref())?,
        "user-role-label" => of_viewer(|v| v.role_label.as_ref())?,
        _ => return Err(unavailable()),
    })
}

fn flag(truth: bool) -> Cow<'static, str> {
    Cow::Borrowed(if truth { "1" } else { "0" })
}

fn unique_name(event: Option<&crate::domain::event::Event>) -> Cow<'static, str> {
    Cow::Owned(event.map_or_else(String::new, |e| e.unique_name.clone()))
}

fn label(event: Option<&crate::domain::event::Event>) -> Cow<'static, str> {
    Cow::Owned(event.map_or_else(String::new, |e| e.name.clone()))
}
