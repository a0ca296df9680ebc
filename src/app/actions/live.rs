//! The actions of section Live.

use super::table::act;
use super::{Action, Group, Id, Scope};
use crate::app::live;
use crate::app::model::Model;
use crate::domain::changes::Kind;

/// The part of the table for section Live.
pub(super) const TABLE: &[Action] = &[
    act(
        Id::OpenTriggered,
        "Open the record",
        "Reads the record of this trigger from the server; opens its project first if need be.",
        &["<Enter>"],
        &[Scope::Live],
        Group::Do,
    )
    .hint(2, "open record"),
    act(
        Id::Listen,
        "Start or stop receiving",
        "Receives Data Entry Triggers at an address of this computer, until you stop it or quit.",
        &["s"],
        &[Scope::Live],
        Group::Do,
    )
    .hint(1, "start/stop"),
    act(
        Id::SetUpLive,
        "Set up receiving",
        "Another address, a secret path, HTTPS, forwarding to a handler, a program to start; and what triggers cannot do.",
        &["u"],
        &[Scope::Live],
        Group::Do,
    )
    .hint(6, "set up"),
    act(Id::BoxNext, "Next box", "", &["<Tab>", "<Down>"], &[Scope::LiveDialog], Group::Move)
        .hint(2, "next box")
        .keys_only(),
    act(Id::BoxAccept, "Receive", "", &["<Enter>"], &[Scope::LiveDialog], Group::Do)
        .hint(1, "receive")
        .keys_only(),
    act(Id::BoxCancel, "Cancel", "", &["<Esc>"], &[Scope::LiveDialog], Group::Leave)
        .hint(3, "cancel")
        .keys_only(),
    act(
        Id::WatchLog,
        "Watch the log",
        "Looks into the open project's log again and again: imports and deletions show there, which fire no trigger.",
        &["w"],
        &[Scope::Live],
        Group::Do,
    )
    .hint(3, "watch log"),
    act(
        Id::WatchPause,
        "Another pause between looks",
        "How often the log is looked at: every 30 seconds to 10 minutes. Each look leaves a line in the log.",
        &["i"],
        &[Scope::Live],
        Group::Do,
    ),
    act(
        Id::ReadBack,
        "Read back after each trigger",
        "Shows what the saved form holds now, without identifiers: one read at a time. Off until you ask for it.",
        &["b"],
        &[Scope::Live],
        Group::Do,
    )
    .hint(5, "read back"),
    act(
        Id::SaveAForm,
        "Save a form in the demo",
        "A made-up person saves a form of the open demo project, which fires its trigger.",
        &["e"],
        &[Scope::Live],
        Group::Do,
    )
    .hint(4, "save a form"),
];

/// Whether one of these actions can be done now; `None` for other actions.
pub(super) fn available(model: &Model, id: Id) -> Option<Result<(), String>> {
    let no = |why: &str| Some(Err(why.to_owned()));
    match id {
        Id::Section8 | Id::Listen | Id::WatchPause | Id::SetUpLive => Some(Ok(())),
        Id::WatchLog | Id::ReadBack => match &model.open {
            Some(_) => Some(Ok(())),
            None => no("no project is open"),
        },
        Id::OpenTriggered => match model.live.chosen() {
            None => no("nothing came yet"),
            Some(line) if line.log.iter().any(|l| l.change.kind == Kind::Deleted) => {
                no("the record was deleted")
            }
            Some(line) if live::project_of(model, line).is_none() => {
                no("the trigger is suspicious, or its project is no longer saved")
            }
            Some(_) => Some(Ok(())),
        },
        Id::SaveAForm => match &model.open {
            _ if model.live.listening().is_none() => no("start receiving first ({listen})"),
            Some(open) if open.project.id.starts_with("demo-") => Some(Ok(())),
            _ => no("only projects of the demo have made-up people"),
        },
        _ => None,
    }
}
