//! Lints of references: fields, choices, events, instances, smart variables.

use super::{Lint, LintKind, Purpose};
use crate::domain::dictionary::FieldType;
use crate::domain::logic::Logic;
use crate::domain::logic::project::Project;
use crate::domain::logic::reference::{EventRef, Item, Reference};
use crate::domain::logic::smart;

pub(super) fn lint(
    reference: &Reference,
    logic: &Logic,
    project: &Project<'_>,
    purpose: Purpose<'_>,
    found: &mut Vec<Lint>,
) {
    let at = || reference.at.clone();
    match &reference.item {
        Item::Smart { name, .. } => {
            if !smart::LOCAL.contains(&name.as_str()) {
                found.push(Lint::warning(
                    LintKind::UnsupportedVariable,
                    at(),
                    format!(
                        "The value of [{name}] is known to the server only, so this cannot be evaluated here."
                    ),
                    "Check the spelling if this is meant to be a common smart variable.",
                ));
            }
        }
        Item::Field { name, code, modifiers } => {
            let source = logic.text.get(at()).unwrap_or_default();
            if !source.contains(name.as_str()) {
                found.push(Lint::warning(
                    LintKind::UpperCaseName,
                    at(),
                    format!("Field names are lower case: {name}."),
                    format!("Write [{name}]."),
                ));
            }
            if let Some(modifier) = modifiers.iter().find(|m| *m != "value") {
                found.push(Lint::warning(
                    LintKind::PipingModifier,
                    at(),
                    format!(":{modifier} is for piping; logic always uses the raw code."),
                    format!("Write [{name}] and compare with the code."),
                ));
            }
            if field(reference, name, code.as_deref(), project, found) {
                place(reference, name, project, purpose, found);
            }
            if purpose.field() == Some(name) && reference.is_plain() {
                found.push(Lint::warning(
                    LintKind::SelfReference,
                    at(),
                    format!("[{name}] refers to itself."),
                    "REDCap may refuse this or loop.",
                ));
            }
        }
    }
}

/// Lints of the field and its choice. Returns whether the field exists.
fn field(
    reference: &Reference,
    name: &str,
    code: Option<&str>,
    project: &Project<'_>,
    found: &mut Vec<Lint>,
) -> bool {
    let at = || reference.at.clone();
    if project.form_of(name).is_none() {
        let hint = match project.nearest_field(name) {
            Some(near) => format!("Did you mean [{near}]?"),
            None => "Check the name in the codebook.".to_owned(),
        };
        found.push(Lint::error(LintKind::UnknownField, at(), format!("There is no field [{name}]."), hint));
        return false;
    }
    let Some(field) = project.field(name) else { return true };
    match (field.field_type == FieldType::Checkbox, code) {
        (true, None) => found.push(Lint::error(
            LintKind::CheckboxWithoutChoice,
            at(),
            format!("[{name}] is a checkbox: which choice is meant?"),
            format!(
                "Write [{name}({})] = '1'.",
                field.choices().first().map_or("1", |choice| choice.code.as_str())
            ),
        )),
        (true, Some(code)) => {
            let choices = field.choices();
            let is_code = choices.iter().any(|c| c.code == code) || project.is_missing_code(code);
            if !is_code {
                let codes: Vec<&str> = choices.iter().take(12).map(|c| c.code.as_str()).collect();
                found.push(Lint::warning(
                    LintKind::UnknownChoice,
                    at(),
                    format!("[{name}] has no choice {code}, so this reads as not ticked."),
                    format!("Its choices are {}.", codes.join(", ")),
                ));
            }
        }
        (false, Some(_)) => found.push(Lint::warning(
            LintKind::ChoiceOfOtherField,
            at(),
            format!("[{name}] is no checkbox and has no choices to tick."),
            format!("Write [{name}]."),
        )),
        (false, None) => {}
    }
    true
}

/// Lints of the event and the instance.
fn place(
    reference: &Reference,
    name: &str,
    project: &Project<'_>,
    purpose: Purpose<'_>,
    found: &mut Vec<Lint>,
) {
    if project.is_record_id(name) {
        return;
    }
    let at = || reference.at.clone();
    let Some(form) = project.form_of(name) else { return };
    let metadata = project.metadata();
    let own_form = purpose.field().and_then(|field| project.form_of(field));
    let own_events: Vec<_> = own_form.map(|form| metadata.events_of_form(form).collect()).unwrap_or_default();
    match &reference.event {
        Some(EventRef::Named(event)) => match project.event(event) {
            None => {
                let hint = match project.nearest_event(event) {
                    Some(near) => format!("Did you mean [{near}]?"),
                    None => "Renaming an event changes its unique name.".to_owned(),
                };
                found.push(Lint::warning(
                    LintKind::UnknownEvent,
                    at(),
                    format!("There is no event [{event}], so this is always blank."),
                    hint,
                ));
            }
            Some(named) => {
                if !own_events.is_empty() && own_events.iter().all(|e| e.arm_num != named.arm_num) {
                    found.push(Lint::warning(
                        LintKind::OtherArm,
                        at(),
                        format!("[{event}] is in arm {}, so this is always blank here.", named.arm_num),
                        "Logic sees the events of its own arm only.",
                    ));
                } else if !project.is_designated(event, form) {
                    found.push(Lint::warning(
                        LintKind::NotAtEvent,
                        at(),
                        format!("The form of [{name}] is not used at [{event}], so this is always blank."),
                        "Name an event at which it is used.",
                    ));
                }
            }
        },
        None => {
            if let Some(event) = own_events.iter().find(|e| !project.is_designated(&e.unique_name, form)) {
                found.push(Lint::warning(
                    LintKind::NotAtEvent,
                    at(),
                    format!(
                        "The form of [{name}] is not used at [{}], so this is blank there.",
                        event.unique_name
                    ),
                    format!("Put an event before it: [event][{name}]."),
                ));
            }
        }
        Some(_) => {}
    }
    let repeating = metadata.repeating.list();
    let repeats = repeating.iter().any(|r| {
        (r.form == form || (r.is_event() && project.is_designated(&r.event, form)))
            && match &reference.event {
                Some(EventRef::Named(event)) => r.event == *event,
                _ => true,
            }
    });
    if reference.instance.is_some() && !repeats {
        found.push(Lint::warning(
            LintKind::InstanceOfSingle,
            at(),
            format!("[{name}] does not repeat, so an instance has no sure meaning."),
            "Remove the instance.",
        ));
    }
    let elsewhere = own_form.is_some_and(|own| own != form);
    if reference.instance.is_none() && elsewhere && metadata.form_repeats(form) {
        found.push(Lint::warning(
            LintKind::InstanceMissing,
            at(),
            format!("[{name}] is on a repeating instrument; without an instance its value here is not sure."),
            format!("Write [{name}][last-instance] or name another instance."),
        ));
    }
}
