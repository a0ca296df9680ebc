//! The actions of dialogs and of the filter line: their keys and hints.

use super::table::act;
use super::{Action, Group, Id, Scope};

/// The part of the table for dialogs.
pub(super) const TABLE: &[Action] = &[
    act(Id::BoxNext, "Next box", "", &["<Tab>", "<Down>"], &[Scope::AddDialog], Group::Move)
        .hint(1, "next box")
        .keys_only(),
    act(Id::BoxAccept, "Accept", "", &["<Enter>"], &[Scope::AddDialog], Group::Do)
        .hint(2, "accept")
        .keys_only(),
    act(Id::BoxPaste, "Paste", "Your terminal's own paste key.", &[], &[Scope::AddDialog], Group::Do)
        .keys_only(),
    act(Id::BoxCancel, "Cancel", "", &["<Esc>"], &[Scope::AddDialog], Group::Leave)
        .hint(3, "cancel")
        .keys_only(),
    act(Id::BoxNext, "Next box", "", &["<Tab>", "<Down>"], &[Scope::ExportDialog], Group::Move)
        .hint(1, "next box")
        .keys_only(),
    act(Id::BoxAccept, "Accept", "", &["<Enter>"], &[Scope::ExportDialog], Group::Do)
        .hint(2, "accept")
        .keys_only(),
    act(Id::BoxCancel, "Cancel", "", &["<Esc>"], &[Scope::ExportDialog], Group::Leave)
        .hint(3, "cancel")
        .keys_only(),
    act(Id::ListMove, "Choose", "", &["<Down>", "<Up>"], &[Scope::ColumnsDialog], Group::Move)
        .hint(1, "choose")
        .showing("Up/Down")
        .keys_only(),
    act(Id::ToggleColumn, "Show or hide", "", &["<Space>"], &[Scope::ColumnsDialog], Group::Do)
        .hint(2, "show or hide")
        .keys_only(),
    act(Id::MoveLeft, "Earlier or later", "", &["<Left>", "<Right>"], &[Scope::ColumnsDialog], Group::Do)
        .hint(3, "move")
        .showing("Left/Right")
        .keys_only(),
    act(Id::FreezeColumn, "Freeze", "", &["f"], &[Scope::ColumnsDialog], Group::Do)
        .hint(4, "freeze")
        .keys_only(),
    act(Id::AllColumns, "Show all", "", &["a"], &[Scope::ColumnsDialog], Group::Do)
        .hint(5, "all")
        .keys_only(),
    act(Id::NoColumns, "Hide all", "", &["n"], &[Scope::ColumnsDialog], Group::Do)
        .hint(6, "none")
        .keys_only(),
    act(Id::PlainColumns, "As in the dictionary", "", &["0"], &[Scope::ColumnsDialog], Group::Do)
        .hint(7, "as in the dictionary")
        .keys_only(),
    act(Id::BoxAccept, "Take it", "", &["<Enter>"], &[Scope::ColumnsDialog], Group::Do)
        .hint(8, "take it")
        .keys_only(),
    act(Id::BoxCancel, "Cancel", "", &["<Esc>"], &[Scope::ColumnsDialog], Group::Leave)
        .hint(9, "cancel")
        .keys_only(),
    act(Id::ListMove, "Choose", "", &["<Down>", "<Up>"], &[Scope::SearchDialog], Group::Move)
        .hint(1, "choose")
        .showing("Up/Down")
        .keys_only(),
    act(Id::SearchGo, "Go there", "", &["<Enter>"], &[Scope::SearchDialog], Group::Do)
        .hint(2, "go there")
        .keys_only(),
    act(Id::ListClose, "Close", "", &["<Esc>"], &[Scope::SearchDialog], Group::Leave)
        .hint(3, "close")
        .keys_only(),
    act(Id::NextColumn, "Next column", "", &["<Right>", "<Left>"], &[Scope::SummaryDialog], Group::Move)
        .hint(1, "other column")
        .showing("Left/Right")
        .keys_only(),
    act(Id::ListClose, "Close", "", &["<Esc>"], &[Scope::SummaryDialog], Group::Leave)
        .hint(2, "close")
        .keys_only(),
    act(Id::BoxAccept, "Read with it", "", &["<Enter>"], &[Scope::ServerFilterDialog], Group::Do)
        .hint(1, "read with this filter")
        .keys_only(),
    act(Id::BoxCancel, "Cancel", "", &["<Esc>"], &[Scope::ServerFilterDialog], Group::Leave)
        .hint(2, "cancel")
        .keys_only(),
    act(Id::LogicFind, "Find or open", "", &["<Enter>"], &[Scope::LogicDialog], Group::Do)
        .hint(1, "find or open")
        .keys_only(),
    act(Id::BoxNext, "Box or list", "", &["<Tab>"], &[Scope::LogicDialog], Group::Move)
        .hint(2, "box or list")
        .keys_only(),
    act(Id::LogicKeep, "Keep as a data quality rule", "", &["<F2>"], &[Scope::LogicDialog], Group::Do)
        .hint(3, "keep as a rule")
        .keys_only(),
    act(Id::LogicClose, "Close", "", &["<Esc>"], &[Scope::LogicDialog], Group::Leave)
        .hint(4, "close")
        .keys_only(),
    act(Id::BoxAccept, "Accept", "", &["<Enter>"], &[Scope::ParamDialog, Scope::SaveDialog], Group::Do)
        .hint(1, "accept")
        .keys_only(),
    act(Id::TickHere, "Tick", "Several can be ticked.", &["<Tab>"], &[Scope::ParamDialog], Group::Do)
        .hint(2, "tick")
        .keys_only(),
    act(
        Id::BoxCancel,
        "Cancel",
        "",
        &["<Esc>"],
        &[Scope::ParamDialog, Scope::SaveDialog, Scope::WriteDialog],
        Group::Leave,
    )
    .hint(3, "cancel")
    .keys_only(),
    act(Id::BoxNext, "Next", "", &["<Tab>", "<Down>"], &[Scope::WriteDialog], Group::Move)
        .hint(1, "next box")
        .keys_only(),
    act(
        Id::SendHere,
        "Accept",
        "Sends only if the number is typed.",
        &["<Enter>"],
        &[Scope::WriteDialog],
        Group::Do,
    )
    .hint(2, "accept")
    .keys_only(),
    act(Id::ListMove, "Choose", "", &["<Down>", "<Up>"], &[Scope::PaletteDialog], Group::Move)
        .hint(1, "choose")
        .showing("Up/Down")
        .keys_only(),
    act(Id::ListRun, "Run", "", &["<Enter>"], &[Scope::PaletteDialog], Group::Do).hint(2, "run").keys_only(),
    act(Id::ListClose, "Close", "", &["<Esc>"], &[Scope::PaletteDialog], Group::Leave)
        .hint(3, "close")
        .keys_only(),
    act(Id::HelpScroll, "Scroll", "", &["<Down>", "<Up>"], &[Scope::HelpDialog], Group::Move)
        .hint(1, "scroll")
        .showing("Up/Down")
        .keys_only(),
    act(Id::HelpClose, "Close", "", &["<Esc>"], &[Scope::HelpDialog], Group::Leave)
        .hint(3, "close")
        .keys_only(),
    act(Id::RetryHere, "Try again", "", &["r"], &[Scope::ProblemDialog], Group::Do)
        .hint(1, "try again")
        .keys_only(),
    act(Id::TokenHere, "New token", "", &["t"], &[Scope::ProblemDialog], Group::Do)
        .hint(2, "new token")
        .keys_only(),
    act(Id::AddressHere, "Use that address", "", &["u"], &[Scope::ProblemDialog], Group::Do)
        .hint(2, "use that address")
        .keys_only(),
    act(Id::DetailsHere, "Details", "", &["d"], &[Scope::ProblemDialog], Group::Do)
        .hint(3, "details")
        .keys_only(),
    act(
        Id::CopyRequestHere,
        "Copy what to ask for",
        "A text for the project's owner that names the rights, without token and data.",
        &["y"],
        &[Scope::ProblemDialog],
        Group::Do,
    )
    .hint(2, "copy what to ask for")
    .keys_only(),
    act(
        Id::HelpScroll,
        "Scroll",
        "",
        &["<Down>", "<Up>", "<PgDn>", "<PgUp>"],
        &[Scope::ProblemDialog],
        Group::Move,
    )
    .showing("Up/Down")
    .keys_only(),
    act(Id::ProblemClose, "Close", "", &["<Esc>", "<Enter>"], &[Scope::ProblemDialog], Group::Leave)
        .hint(4, "close")
        .keys_only(),
    act(Id::No, "No", "", &["<Esc>", "n"], &[Scope::ConfirmDialog], Group::Leave).hint(2, "no").keys_only(),
    act(Id::Yes, "Yes", "", &["y"], &[Scope::ConfirmDialog], Group::Do).hint(1, "yes").keys_only(),
    act(Id::FilterKeep, "Keep the filter", "", &["<Enter>"], &[Scope::FilterLine], Group::Do)
        .hint(1, "keep")
        .keys_only(),
    act(Id::FilterDrop, "Clear the filter", "", &["<Esc>"], &[Scope::FilterLine], Group::Leave)
        .hint(2, "clear")
        .keys_only(),
];
