//! The actions of the lists that lie over the record table: what changed, what is missing, the
//! timeline of a record.

use super::table::act;
use super::{Action, Group, Id, Scope, place};
use crate::app::model::Model;
use crate::domain::worklist::anchors;

/// The part of the table for these lists.
pub(super) const TABLE: &[Action] = &[
    act(
        Id::Changes,
        "What changed",
        "Records that were created, changed or deleted since your last look, from the project's log. Again goes back.",
        &["N"],
        &[Scope::Table, Scope::RecordForms, Scope::Grid, Scope::Changes, Scope::Worklist],
        Group::Do,
    )
    .also("changes yesterday today new log audit")
    .hint(4, "what changed"),
    act(
        Id::Worklist,
        "What is missing",
        "Visits that are late or due, forms not completed, required fields that are blank, in all records. Again goes back.",
        &["w"],
        &[Scope::Table, Scope::RecordForms, Scope::Grid, Scope::Changes, Scope::Worklist],
        Group::Do,
    )
    .also("overdue late due visits incomplete to-do")
    .hint(4, "what is missing"),
    act(
        Id::ChooseAnchor,
        "Count from another date",
        "Chooses the date field that the planned days of visits are counted from.",
        &["t"],
        &[Scope::Worklist],
        Group::Do,
    )
    .hint(1, "count from"),
    act(
        Id::OptionalBlanks,
        "Optional fields too",
        "Lists blank fields that are not required too; reads again, all fields but identifiers.",
        &["o"],
        &[Scope::Worklist],
        Group::Do,
    )
    .hint(3, "optional fields"),
    act(
        Id::NextGroup,
        "Only one Data Access Group",
        "Shows the records of the next group, and after the last one all again.",
        &["D"],
        &[Scope::Worklist],
        Group::Do,
    )
    .hint(1, "one group"),
    act(
        Id::NextSpan,
        "Another span of time",
        "Since your last look, the last 24 hours, the last 7 days.",
        &["t"],
        &[Scope::Changes],
        Group::Do,
    )
    .also("yesterday week days")
    .hint(1, "other time"),
    act(
        Id::OtherLines,
        "Show or hide other lines",
        "Lines of the log about design, exports and users, which are about no record.",
        &["o"],
        &[Scope::Changes],
        Group::Do,
    )
    .also("design exports users")
    .hint(1, "other lines"),
    act(
        Id::Timeline,
        "Timeline of the record",
        "Who did what to this record, and when, from the project's log. Again goes back.",
        &["H"],
        &[Scope::Record, Scope::Timeline],
        Group::Do,
    )
    .also("history audit log")
    .hint(2, "timeline"),
    act(
        Id::SurveyLink,
        "Copy the survey link",
        "The link of this participant to the survey under the cursor. The screen shows its end only.",
        &["y"],
        &[Scope::Record],
        Group::Do,
    )
    .also("URL questionnaire")
    .hint(3, "survey link"),
    act(
        Id::ReturnCode,
        "Copy the return code",
        "The code with which this participant comes back to the survey under the cursor.",
        &["Y"],
        &[Scope::Record],
        Group::Do,
    ),
    act(
        Id::Find,
        "Find a record or a field",
        "Records by their id, label, secondary id and chosen fields; fields in the codebooks of all projects.",
        &["<C-f>", "F"],
        &[Scope::Global],
        Group::Find,
    )
    .also("search look up name MRN participant patient")
    .hint(9, "find"),
    act(Id::ListMove, "Choose", "", &["<Down>", "<Up>"], &[Scope::FindDialog], Group::Move)
        .hint(1, "choose")
        .showing("Up/Down")
        .keys_only(),
    act(Id::ListRun, "Open", "", &["<Enter>"], &[Scope::FindDialog], Group::Do).hint(2, "open").keys_only(),
    act(Id::FindFields, "Other fields", "", &["<Tab>"], &[Scope::FindDialog], Group::Do)
        .hint(3, "other fields")
        .keys_only(),
    act(Id::ListClose, "Close", "", &["<Esc>"], &[Scope::FindDialog], Group::Leave)
        .hint(4, "close")
        .keys_only(),
    act(Id::ListMove, "Choose", "", &["<Down>", "<Up>"], &[Scope::PickDialog], Group::Move)
        .hint(1, "choose")
        .showing("Up/Down")
        .keys_only(),
    act(Id::ListRun, "Take", "", &["<Enter>"], &[Scope::PickDialog], Group::Do).hint(2, "take").keys_only(),
    act(Id::ListClose, "Close", "", &["<Esc>"], &[Scope::PickDialog], Group::Leave)
        .hint(3, "close")
        .keys_only(),
];

/// Whether an action of these lists can be done now; if not, why not. `None` if it is none of them.
pub(super) fn available(model: &Model, id: Id) -> Option<Result<(), String>> {
    let no = |why: &str| Some(Err(why.to_owned()));
    let ours = matches!(
        id,
        Id::Changes
            | Id::Worklist
            | Id::ChooseAnchor
            | Id::OptionalBlanks
            | Id::NextGroup
            | Id::NextSpan
            | Id::OtherLines
            | Id::Timeline
            | Id::SurveyLink
            | Id::ReturnCode
    );
    if !ours {
        return None;
    }
    let Some(open) = &model.open else { return no("open a project first") };
    match id {
        Id::Changes | Id::Worklist if open.metadata.instruments.is_empty() => {
            no("the project was not read yet")
        }
        Id::SurveyLink | Id::ReturnCode if !open.metadata.info.surveys_enabled => {
            no("surveys are off in this project")
        }
        Id::SurveyLink | Id::ReturnCode if crate::app::update::survey::place(model).is_none() => {
            no("open a record and choose an instrument")
        }
        Id::Timeline if open.records.view.is_none() => no("open a record first"),
        Id::NextSpan | Id::OtherLines if place(model) != Scope::Changes => {
            no("show what changed first ({changes})")
        }
        Id::OtherLines if open.changes.read.refused.is_some() => no("this token may not read the log"),
        Id::ChooseAnchor | Id::OptionalBlanks | Id::NextGroup if place(model) != Scope::Worklist => {
            no("show what is missing first ({worklist})")
        }
        Id::ChooseAnchor if anchors(&open.metadata).is_empty() => no("no event has a date field"),
        Id::NextGroup if open.work.list.items.iter().all(|i| i.dag.is_empty()) => {
            no("the server told no Data Access Groups")
        }
        _ => Some(Ok(())),
    }
}
