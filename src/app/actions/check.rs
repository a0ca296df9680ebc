//! The actions of section Check.

use super::table::act;
use super::{Action, Group, Id, Scope};
use crate::app::model::Model;
use crate::app::open::Open;
use crate::app::playground::consent::may_write;
use crate::app::running::Slot;

/// The card offers what it explains: in a small window nothing else is on screen.
const C: &[Scope] = &[Scope::Check, Scope::CheckCard];
const SPOT: &[Scope] = &[Scope::SpotDialog];

/// The part of the table for section Check.
pub(super) const TABLE: &[Action] = &[
    act(
        Id::ChooseFile,
        "Choose a file",
        "The file to check: CSV in any encoding, or JSON rows. It is only read.",
        &["o"],
        C,
        Group::Do,
    )
    .hint(2, "choose a file"),
    act(
        Id::CheckList,
        "Findings or cells",
        "What was found, or every cell that changes: old value, new value.",
        &["v"],
        C,
        Group::Do,
    )
    .hint(1, "findings or cells"),
    act(
        Id::CheckKind,
        "Show one kind only",
        "One severity of findings, or one kind of cells; again for the next.",
        &["s"],
        C,
        Group::Find,
    )
    .hint(3, "one kind"),
    act(
        Id::AcceptFix,
        "Accept the suggestion",
        "The file is read as if it were corrected so. The file itself stays as it is.",
        &["f"],
        C,
        Group::Do,
    )
    .hint(0, "accept suggestion"),
    act(
        Id::AcceptSureFixes,
        "Accept all sure suggestions",
        "Those that can only be meant one way, such as 1.0 for 1.",
        &["F"],
        C,
        Group::Do,
    ),
    act(Id::DropFixes, "Drop accepted suggestions", "Reads the file as it is again.", &["u"], C, Group::Do),
    act(
        Id::CheckDates,
        "Order of dates",
        "For columns that do not prove their own: D-M-Y, M-D-Y, Y-M-D.",
        &["t"],
        C,
        Group::Do,
    )
    .hint(0, "order of dates"),
    act(
        Id::CheckBlanks,
        "Blanks keep or erase",
        "Normal: blank cells change nothing. Overwrite: they erase what is stored.",
        &["b"],
        C,
        Group::Do,
    ),
    act(
        Id::CheckNumbers,
        "REDCap names the records",
        "Every record of the file becomes a new one with a name that REDCap gives (forceAutoNumber).",
        &["#"],
        C,
        Group::Do,
    ),
    act(Id::CheckEncoding, "Encoding", "If the found one is wrong.", &["n"], C, Group::Do),
    act(Id::CheckDelimiter, "Delimiter", "If the found one is wrong.", &[","], C, Group::Do),
    act(
        Id::ExportFindings,
        "Export the findings to CSV",
        "The findings on screen, masked as they are now.",
        &["e"],
        C,
        Group::Do,
    ),
    act(
        Id::SendFile,
        "Send the file",
        "Asks twice: for the old values, and with the numbers. Needs write access.",
        &["S"],
        C,
        Group::Do,
    )
    .hint(0, "send"),
    act(
        Id::AbandonSend,
        "Give an interrupted send up",
        "What was not sent will not be.",
        &["X"],
        C,
        Group::Do,
    ),
    act(
        Id::WriteAccess,
        "Write access on or off",
        "For this project only. Off is the default; the first line shows it.",
        &["W"],
        &[Scope::Check, Scope::CheckCard, Scope::Overview],
        Group::Do,
    )
    .hint(0, "write access"),
    act(
        Id::SpotCheck,
        "Spot check against the paper source",
        "Draws records by a seed and shows cell after cell: agrees, differs, unclear. Goes on where it was left.",
        &["p"],
        C,
        Group::Do,
    )
    .hint(4, "spot check"),
    act(Id::SpotAgree, "Agrees with the source", "", &["a"], SPOT, Group::Do).hint(1, "agrees").keys_only(),
    act(Id::SpotDiffer, "Differs from the source", "", &["d"], SPOT, Group::Do).hint(2, "differs").keys_only(),
    act(Id::SpotUnclear, "The source does not tell", "", &["u"], SPOT, Group::Do)
        .hint(3, "unclear")
        .keys_only(),
    act(Id::SpotBack, "The cell before", "", &["b", "<Left>", "<Up>", "<BS>"], SPOT, Group::Move)
        .hint(4, "back")
        .keys_only(),
    act(Id::SpotNext, "The next cell", "", &["<Space>", "<Right>", "<Down>"], SPOT, Group::Move)
        .hint(5, "next")
        .keys_only(),
    act(Id::SpotNote, "A note, such as what the source says", "", &["n"], SPOT, Group::Do)
        .hint(6, "note")
        .keys_only(),
    act(Id::SpotShow, "Show this one masked value", "", &["m"], SPOT, Group::Do).hint(7, "show").keys_only(),
    act(Id::SpotReport, "Save the report, without values", "", &["e"], SPOT, Group::Do)
        .hint(8, "report")
        .keys_only(),
    act(Id::SpotReportValues, "Save the report with values and notes", "", &["E"], SPOT, Group::Do).keys_only(),
    act(Id::SpotNew, "Another sample", "", &["N"], SPOT, Group::Do).keys_only(),
    act(Id::ListClose, "Later", "", &["<Esc>"], SPOT, Group::Leave).hint(9, "later").keys_only(),
    act(Id::BoxNext, "Next box", "", &["<Tab>", "<Down>"], &[Scope::SpotSetupDialog], Group::Move)
        .hint(1, "next box")
        .keys_only(),
    act(Id::BoxAccept, "Draw", "", &["<Enter>"], &[Scope::SpotSetupDialog], Group::Do)
        .hint(2, "draw")
        .keys_only(),
    act(Id::BoxCancel, "Cancel", "", &["<Esc>"], &[Scope::SpotSetupDialog], Group::Leave)
        .hint(3, "cancel")
        .keys_only(),
    act(Id::BoxAccept, "Accept", "", &["<Enter>"], &[Scope::AskDialog], Group::Do)
        .hint(1, "accept")
        .keys_only(),
    act(Id::BoxComplete, "Complete the file's name", "", &["<Tab>"], &[Scope::AskDialog], Group::Do)
        .hint(3, "complete")
        .keys_only(),
    act(Id::BoxCancel, "Cancel", "", &["<Esc>"], &[Scope::AskDialog], Group::Leave)
        .hint(2, "cancel")
        .keys_only(),
];

/// Whether an action of the section makes sense only with an open project.
pub(super) fn needs_project(id: Id) -> bool {
    TABLE.iter().any(|a| a.id == id && a.in_palette)
}

/// Why an action of the section cannot be done now.
pub(super) fn why_not(model: &Model, open: &Open, id: Id) -> Option<&'static str> {
    let check = &open.check;
    let no_check = check.checked.is_none();
    match id {
        Id::ChooseFile | Id::SpotCheck if open.metadata.dictionary.fields().is_empty() => {
            Some("the project was not read yet")
        }
        Id::CheckList | Id::CheckKind | Id::ExportFindings | Id::AcceptSureFixes if no_check => {
            Some("no file was checked yet")
        }
        Id::SendFile => check.why_not_sent(may_write(open).is_ok()).or_else(|| {
            let busy = model.jobs.get(Slot::Check).is_some() || model.jobs.get(Slot::Send).is_some();
            busy.then_some("wait until what runs is done")
        }),
        Id::AbandonSend if !check.resume => Some("no send was interrupted"),
        Id::AcceptFix if check.chosen_fix().is_none() => Some("nothing is suggested here"),
        Id::AcceptSureFixes if check.rehearsal().is_none_or(|r| r.sure_fixes().is_empty()) => {
            Some("no suggestion is beyond doubt")
        }
        Id::DropFixes if check.settings.fixes.is_empty() => Some("no suggestion was accepted"),
        Id::CheckDates | Id::CheckNumbers | Id::CheckBlanks | Id::CheckEncoding | Id::CheckDelimiter
            if check.path.is_empty() =>
        {
            Some("choose a file first")
        }
        _ => None,
    }
}
