//! Which stored cell a reference means at a place (`redcap-logic.md` §4.1).

use super::project::Project;
use super::record::Place;
use super::reference::{EventRef, InstanceRef, Reference};
use super::rules::{OtherInstance, Rules};

/// Where the value of a reference is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    /// Nowhere: it is blank.
    Blank,
    /// In these rows of the record; `instance` is 0 where nothing repeats, `instrument` is empty
    /// except on rows of a repeating instrument.
    Row { event: &'a str, instrument: &'a str, instance: u32 },
}

/// The lowest and highest instance that exist at (event, repeating instrument).
pub(super) type Instances<'f> = &'f dyn Fn(&str, &str) -> Option<(u32, u32)>;

/// Finds the row that holds a field of this form for a reference at a place.
pub(super) fn locate<'a>(
    project: &Project<'a>,
    form: &'a str,
    reference: &'a Reference,
    place: &Place<'a>,
    rules: &Rules,
    instances: Instances<'_>,
) -> Spot<'a> {
    let Some(event) = event_of(project, form, reference.event.as_ref(), place) else { return Spot::Blank };
    if !project.is_designated(event, form) {
        return Spot::Blank;
    }
    let instrument = if project.form_repeats(event, form) { form } else { "" };
    if instrument.is_empty() && !project.event_repeats(event) {
        let ignored = reference.instance.is_none() || rules.ignore_instance_of_single;
        return if ignored { Spot::Row { event, instrument: "", instance: 0 } } else { Spot::Blank };
    }
    // In the same repeating context the current instance is meant; elsewhere one must be named.
    let same = event == place.event && instrument == place.instrument;
    let current = place.instance;
    let instance = match reference.instance {
        None | Some(InstanceRef::Current) if same && current.is_some() => current,
        None => match rules.other_instance {
            OtherInstance::Blank => None,
            OtherInstance::One => Some(1),
        },
        Some(named) => instance_number(named, current, || instances(event, instrument)),
    };
    instance.map_or(Spot::Blank, |instance| Spot::Row { event, instrument, instance })
}

/// The number that an instance qualifier means.
pub(super) fn instance_number(
    named: InstanceRef,
    current: Option<u32>,
    existing: impl FnOnce() -> Option<(u32, u32)>,
) -> Option<u32> {
    match named {
        InstanceRef::Number(number) => Some(number),
        InstanceRef::Current => current,
        InstanceRef::Previous => current.and_then(|n| n.checked_sub(1)).filter(|n| *n > 0),
        InstanceRef::Next => current.and_then(|n| n.checked_add(1)),
        InstanceRef::First => existing().map(|(first, _)| first),
        InstanceRef::Last => existing().map(|(_, last)| last),
        InstanceRef::New => None,
    }
}

/// The event that is meant; `None` if there is no such event here, which reads as blank.
fn event_of<'a>(
    project: &Project<'a>,
    form: &str,
    named: Option<&EventRef>,
    place: &Place<'a>,
) -> Option<&'a str> {
    let Some(named) = named else { return Some(place.event) };
    if let EventRef::Named(name) = named {
        let event = project.event(name)?;
        // An event of another arm is blank; without a current event no arm is excluded.
        let same_arm = project.event(place.event).is_none_or(|here| here.arm_num == event.arm_num);
        return same_arm.then_some(event.unique_name.as_str());
    }
    if *named == EventRef::Current {
        return Some(place.event);
    }
    let here = project.event(place.event)?;
    neighbour(project, named, here.unique_name.as_str(), here.arm_num, Some(form))
}

/// The previous, next, first or last event of the arm, of those that have a form if one is given.
pub(super) fn neighbour<'a>(
    project: &Project<'a>,
    which: &EventRef,
    here: &str,
    arm: u32,
    form: Option<&str>,
) -> Option<&'a str> {
    let mut events = project.events_of_arm(arm).map(|e| e.unique_name.as_str());
    let suits = |event: &&str| form.is_none_or(|form| project.is_designated(event, form));
    match which {
        EventRef::First => events.find(suits),
        EventRef::Last => events.rfind(suits),
        EventRef::Next => events.skip_while(|e| *e != here).skip(1).find(suits),
        EventRef::Previous => {
            let before: Vec<&str> = events.take_while(|e| *e != here).collect();
            before.into_iter().rfind(suits)
        }
        EventRef::Current | EventRef::Named(_) => events.find(|e| *e == here),
    }
}
