//! Testing the token: starting, asking before class B, copying what to ask for. Comparing users.

use crate::app::ask::Ask;
use crate::app::cursor::Cursor;
use crate::app::dialog::{Confirm, Dialog, Then};
use crate::app::model::{Level, Model};
use crate::app::msg::Effect;
use crate::app::picker::{About, Picker};
use crate::app::running::Slot;
use crate::app::token::other_tokens;
use crate::app::users::name_of;
use crate::domain::rights_review::table;
use crate::domain::text::guarded_csv;
use crate::jobs::types::{Agreed, Job, SINGLE, SavedProject};

/// Starts a test. With `writes` the calls of class B were agreed to.
pub fn test(model: &mut Model, writes: bool) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    open.token.problem = None;
    let agreed = Agreed { writes, write_access: open.project.write_access, ..Agreed::default() };
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

/// Asks for the yes that a call of class C needs, each its own.
pub fn ask_single(model: &mut Model) {
    let text: Vec<String> = SINGLE.iter().map(|p| format!("{} would tell {}.", p.call, p.tells)).collect();
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: "Send this one call too?".into(),
        text: format!(
            "{} It names a record that does not exist and the randomization 0, so it should be refused \
             whatever the right. In which order REDCap checks is not known, and a randomization cannot be \
             undone. The user list tells the right without it. The refusal may be in the server's log.",
            text.join(" ")
        ),
        yes: "Send it",
        no: "Do not",
        on_yes: false,
        then: Then::TestSingle,
    }));
}

/// Starts a test with the one call of class C that was agreed to.
pub fn test_single(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    open.token.problem = None;
    let agreed = Agreed { randomize: true, write_access: open.project.write_access, ..Agreed::default() };
    let job = Job::TestToken(Box::new(open.project.clone()), agreed);
    model.jobs.start(Slot::Token, "Testing the token", job, now)
}

/// Chooses the saved token that is put beside; again ends it.
pub fn choose_token(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    if open.token.beside.take().is_some() {
        open.token.cursor = Cursor::default();
        open.token.leave_heading(true);
        return;
    }
    let others = other_tokens(open, &model.projects);
    let items = others.iter().map(|p| (p.name.clone(), String::new())).collect();
    model.dialog = Some(Dialog::Pick(Box::new(Picker {
        title: "Compare with which token?".into(),
        help: "It is tested with the same calls, which only read, in its user's name.",
        items,
        ticked: None,
        search: tui_input::Input::default(),
        cursor: Cursor::default(),
        about: About::Tokens(others),
    })));
}

/// Tests the chosen token, to put it beside.
pub fn test_beside(model: &mut Model, other: SavedProject) -> Vec<Effect> {
    let job = Job::TestBeside(Box::new(other));
    model.jobs.start(Slot::Token, "Testing the other token", job, model.now)
}

/// Asks where the rights table is to be written.
pub fn ask_rights_file(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let pid = open.metadata.info.project_id;
    let name = format!("{pid}_rights_{}.csv", model.now.strftime("%Y%m%d"));
    let ask = Ask::new(crate::app::ask::About::RightsFile, "Export the rights table", "File", name)
        .saying("Users and roles with role, group, expiration, every right in words, whether they export identifiers. Without e-mail addresses.")
        .saying("The file is readable by you only, appears when complete, and never replaces another.");
    model.dialog = Some(Dialog::Ask(Box::new(ask)));
}

/// The rights table as CSV.
pub fn rights_csv(model: &Model) -> String {
    let Some(open) = &model.open else { return String::new() };
    let today = model.options.zone.to_datetime(model.now).date().to_string();
    guarded_csv(table(&open.metadata.access, &open.metadata.dictionary, &open.metadata.instruments, &today))
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
            format!(
                "Others are compared with {name}: only what differs is shown. {{compare-users}} on {name} ends it."
            )
        }
        None => "Rights are shown whole again.".to_owned(),
    };
    model.notify(Level::Note, text);
}
