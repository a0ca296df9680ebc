//! What is asked before something is done: a new project or token, forgetting one, showing
//! identifiers.

use super::{failing, playground};
use crate::app::add_project::{AddProject, Part};
use crate::app::dialog::{Confirm, Dialog, Then};
use crate::app::model::{Level, Model, Vault};
use crate::app::msg::Effect;
use crate::app::running::Slot;
use crate::domain::identifying::{may_identify, named};
use crate::jobs::types::{Job, Place};
use crate::jobs::{Problem, Remedy};

/// Opens the dialog that adds a project, and looks for the password store first.
pub fn add_project(model: &mut Model, add: AddProject) -> Vec<Effect> {
    model.dialog = Some(Dialog::Add(Box::new(add)));
    if model.vault == Vault::Unknown && !model.options.demo {
        return model.jobs.start(Slot::Vault, "Looking for the password store", Job::ProbeVault, model.now);
    }
    failing::prefer_usable_way(model);
    Vec::new()
}

/// Opens the dialog that gives the open or chosen project a new token.
pub fn new_token(model: &mut Model) -> Vec<Effect> {
    let project = model.open.as_ref().map(|o| &o.project).or_else(|| model.chosen_project());
    match project.cloned() {
        Some(project) => add_project(model, AddProject::replacing(&project)),
        None => Vec::new(),
    }
}

/// Opens the same dialog with the address to which the server pointed.
pub fn use_address(model: &mut Model, problem: &Problem) -> Vec<Effect> {
    let Remedy::UseAddress(host) = &problem.remedy else { return Vec::new() };
    let Some(project) = model.open.as_ref().map(|o| o.project.clone()) else { return Vec::new() };
    let mut add = AddProject::replacing(&project);
    // A place without encryption is never offered.
    add.address = tui_input::Input::new(format!("https://{}/", host.trim_end_matches('/')));
    add.part = Part::Address;
    add_project(model, add)
}

/// Asks before a project is forgotten.
pub fn ask_forget(model: &mut Model) {
    let Some(project) = model.chosen_project().cloned() else { return };
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: format!("Forget {}?", project.name),
        text: "Its token and its saved metadata are removed from this computer. Nothing changes in REDCap."
            .into(),
        yes: "Forget",
        no: "Keep",
        on_yes: false,
        then: Then::Forget(Box::new(project)),
    }));
}

/// Masks identifiers; asks once a session before they are shown.
pub fn ask_mask(model: &mut Model) -> Vec<Effect> {
    let masked = model.open.as_ref().is_some_and(|o| o.masked);
    if masked && !model.unmask_agreed {
        let mut text = unmask_words(model.recorder.as_deref());
        if let Some(open) = &model.open {
            let found = may_identify(&open.metadata.dictionary);
            if !found.is_empty() {
                text.push_str(&format!(
                    " Not marked, so never masked, but may identify: {}. Section 1 lists all.",
                    named(&found, 6)
                ));
            }
        }
        model.dialog = Some(Dialog::Confirm(Confirm {
            question: "Show identifiers?".into(),
            text,
            yes: "Show",
            no: "Keep masked",
            on_yes: false,
            then: Then::Unmask,
        }));
        return Vec::new();
    }
    toggle_mask(model)
}

/// What lifting the masks means, and who sees it too.
fn unmask_words(recorder: Option<&str>) -> String {
    let text = "Fields marked as identifiers will be readable on this screen. {mask} masks them again.";
    match recorder {
        Some(by) => format!("{text} This terminal is recorded by {by}: they will be in its file."),
        None => text.to_owned(),
    }
}

/// Masks identifiers, or shows them, which is noted in the audit log.
pub fn toggle_mask(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    open.masked = !open.masked;
    playground::masks_changed(open);
    open.records.refresh(&open.metadata, open.masked);
    open.work.refresh(&open.metadata, open.masked);
    open.grid.refresh(&open.metadata, open.masked);
    open.check.refresh(open.masked);
    let lifted = (!open.masked).then(|| Effect::MasksLifted(Place::of(&open.project)));
    let text = if open.masked {
        let others = named(&may_identify(&open.metadata.dictionary), 3);
        let others =
            if others.is_empty() { String::new() } else { format!(" Not marked, may identify: {others}.") };
        format!("Identifiers are masked.{others}")
    } else {
        "Identifiers are shown.".to_owned()
    };
    model.notify(Level::Note, text);
    lifted.into_iter().collect()
}
