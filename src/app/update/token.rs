//! Testing the token: starting, asking before class B, copying what to ask for. Comparing users.

use crate::app::dialog::{Confirm, Dialog, Then};
use crate::app::model::{Level, Model};
use crate::app::msg::Effect;
use crate::app::running::Slot;
use crate::app::users::name_of;
use crate::jobs::types::{Agreed, Job};

/// Starts a test. With `writes` the calls of class B were agreed to.
pub fn test(model: &mut Model, writes: bool) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    open.token.problem = None;
    let agreed = Agreed { writes, write_access: open.project.write_access };
    let job = Job::TestToken(Box::new(open.project.clone()), agreed);
    model.jobs.start(Slot::Token, "Testing the token", job, now)
}

/// Asks for the one yes that class B needs.
pub fn ask_writes(model: &mut Model) {
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: "Test the rights to write too?".into(),
        text: "Three calls are added that would write, but name a column and a record that do not exist. \
               REDCap checks the right first and then refuses them, so nothing is changed. The refusals may \
               be in the server's log under the token owner's name."
            .into(),
        yes: "Test them",
        no: "Do not",
        on_yes: false,
        then: Then::TestWrites,
    }));
}

/// Copies the text for the project's owner.
pub fn copy_request(model: &Model) -> Vec<Effect> {
    let text = model.open.as_ref().map(|o| o.token.request().to_owned()).unwrap_or_default();
    if text.is_empty() { Vec::new() } else { vec![Effect::Copy(text)] }
}

/// Chooses the user or role that others are compared with; again ends it.
pub fn compare_users(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    let name = open.user_row().and_then(|row| name_of(&open.metadata.access, row)).map(str::to_owned);
    open.compare_with = if open.compare_with == name { None } else { name };
    let text = match &open.compare_with {
        Some(name) => {
            format!("Others are compared with {name}: only what differs is shown. b on {name} ends it.")
        }
        None => "Rights are shown whole again.".to_owned(),
    };
    model.notify(Level::Note, text);
}
