//! Clicks and the wheel.

use super::{moving, perform, playground, press};
use crate::app::actions;
use crate::app::cursor::Move;
use crate::app::dialog::Dialog;
use crate::app::keys::Key;
use crate::app::model::{Hit, Level, Model, Pane, Section};
use crate::app::msg::{Effect, Mouse};
use crate::app::open::Over;
use crate::app::record_view::RecordView;

/// Does what the mouse asks for at this place.
pub fn act(model: &mut Model, what: Mouse, x: u16, y: u16) -> Vec<Effect> {
    if !model.options.mouse {
        return Vec::new();
    }
    let hit = model.painted.hit(x, y);
    match what {
        Mouse::Click => hit.map_or_else(Vec::new, |hit| click(model, hit)),
        Mouse::Drag => {
            if !model.drag_told {
                model.drag_told = true;
                let text = model.options.keys.say(
                    "To select text hold Shift (Option on a Mac), or press {mouse} to switch the mouse off.",
                );
                model.notify(Level::Note, text);
            }
            Vec::new()
        }
        Mouse::ScrollUp | Mouse::ScrollDown => {
            let movement = if what == Mouse::ScrollUp { Move::Up } else { Move::Down };
            // The wheel moves what lies on top, never what is below it.
            if let Some(dialog) = &model.dialog {
                let key = if what == Mouse::ScrollUp { "<Up>" } else { "<Down>" };
                let key = Key::parse_one(key).filter(|_| has_list(dialog));
                return key.map_or_else(Vec::new, |(key, _)| press(model, key));
            }
            if let Some(Hit::Row(pane, _) | Hit::Pane(pane)) = hit {
                for _ in 0..3 {
                    moving::step_in(model, pane, movement);
                }
            }
            Vec::new()
        }
    }
}

/// Whether the arrows move through a dialog: the others have a box or two buttons.
fn has_list(dialog: &Dialog) -> bool {
    matches!(
        dialog,
        Dialog::Palette(_)
            | Dialog::Help(_)
            | Dialog::Columns(_)
            | Dialog::Search(_)
            | Dialog::Find(_)
            | Dialog::Pick(_)
            | Dialog::Logic(_)
            | Dialog::Param(_)
    )
}

fn click(model: &mut Model, hit: Hit) -> Vec<Effect> {
    // A dialog on top takes only the clicks on itself.
    if model.dialog.is_some() && !matches!(hit, Hit::Action(_) | Hit::DialogRow(_)) {
        return Vec::new();
    }
    match hit {
        Hit::Section(section) => {
            let id = match section {
                Section::Overview => actions::Id::Section1,
                Section::Instruments => actions::Id::Section2,
                Section::Records => actions::Id::Section3,
                Section::Users => actions::Id::Section4,
                Section::Playground => actions::Id::Section7,
                Section::Check => actions::Id::Section5,
                Section::Token => actions::Id::Section6,
                Section::Live => actions::Id::Section8,
                Section::Activity => actions::Id::Section9,
            };
            perform::try_run(model, id)
        }
        Hit::Pane(pane) => {
            model.pane = pane;
            Vec::new()
        }
        Hit::Row(pane, row) => click_row(model, pane, row),
        Hit::Column(column) => {
            // As with rows: a click chooses, a click on what is chosen already acts.
            let chosen = model.open.as_ref().is_some_and(|o| o.records.column == column);
            if chosen && model.pane == Pane::Main {
                return perform::try_run(model, actions::Id::Sort);
            }
            if let Some(open) = &mut model.open {
                open.records.column = column.min(open.records.columns.len().saturating_sub(1));
            }
            model.pane = Pane::Main;
            Vec::new()
        }
        // A hint does what its key does, in the dialog too.
        Hit::Action(id) => {
            match actions::find(id).and_then(|a| model.options.keys.keys(a).first().copied()) {
                Some(key) if model.dialog.is_some() || model.filter.is_some() => press(model, key),
                _ => perform::try_run(model, id),
            }
        }
        Hit::DialogRow(row) => click_dialog(model, row),
    }
}

/// A click chooses; a click on what is chosen already opens it.
fn click_row(model: &mut Model, pane: Pane, row: usize) -> Vec<Effect> {
    let focused = model.pane == pane;
    model.pane = pane;
    let page = model.painted.page(pane);
    let before = cursor(model, pane).map(|c| c.at);
    let len = usize::MAX;
    if let Some(cursor) = cursor(model, pane) {
        cursor.set(row, len, page);
    }
    playground::follow(model);
    if pane == Pane::List
        && before != Some(row)
        && model.section != Section::Users
        && let Some(open) = &mut model.open
    {
        open.fields = crate::app::open::Listing::default();
    }
    if focused && before == Some(row) {
        return Key::parse_one("<Enter>").map_or_else(Vec::new, |(key, _)| press(model, key));
    }
    Vec::new()
}

fn cursor(model: &mut Model, pane: Pane) -> Option<&mut crate::app::cursor::Cursor> {
    match (pane, model.section) {
        (Pane::Projects, _) => Some(&mut model.projects_cursor),
        (Pane::Main, Section::Activity) => Some(&mut model.activity.cursor),
        (Pane::Main, Section::Token) => model.open.as_mut().map(|o| &mut o.token.cursor),
        (Pane::Main, Section::Live) => Some(&mut model.live.cursor),
        (Pane::List, Section::Users) => model.open.as_mut().map(|o| &mut o.users.cursor),
        (Pane::List | Pane::Main, Section::Playground) => playground::cursor(model, pane),
        (Pane::List, _) => model.open.as_mut().map(|o| &mut o.instruments.cursor),
        (Pane::Main, Section::Instruments) => model.open.as_mut().map(|o| &mut o.fields.cursor),
        (Pane::Main, Section::Check) => model.open.as_mut().map(|o| &mut o.check.cursor),
        (Pane::Main, Section::Records) => model.open.as_mut().map(|o| match &mut o.records.view {
            Some(RecordView { timeline, cursor, .. }) => {
                if timeline.shown {
                    &mut timeline.cursor
                } else {
                    cursor
                }
            }
            None if o.over == Some(Over::Changes) => &mut o.changes.cursor,
            None if o.over == Some(Over::Worklist) => &mut o.work.cursor,
            None if o.quality.shown && o.quality.opened => &mut o.quality.finding,
            None if o.quality.shown => &mut o.quality.rule,
            None if o.grid.shown => &mut o.grid.cursor,
            None => &mut o.records.cursor,
        }),
        _ => None,
    }
}

fn click_dialog(model: &mut Model, row: usize) -> Vec<Effect> {
    use crate::app::add_project::{Part, WAYS};
    match &mut model.dialog {
        Some(Dialog::Palette(palette)) => {
            palette.cursor.at = row;
            Key::parse_one("<Enter>").map_or_else(Vec::new, |(key, _)| press(model, key))
        }
        // The rows of the dialog that adds a project: two boxes, the three ways, two buttons.
        Some(Dialog::Add(add)) => {
            match row {
                0 => add.part = Part::Address,
                1 => add.part = Part::Token,
                2..=4 => {
                    add.part = Part::Keep;
                    add.way = WAYS.get(row - 2).copied().unwrap_or_default();
                }
                5 | 6 => {
                    add.part = if row == 5 { Part::Continue } else { Part::Cancel };
                    return Key::parse_one("<Enter>").map_or_else(Vec::new, |(key, _)| press(model, key));
                }
                _ => {}
            }
            Vec::new()
        }
        Some(Dialog::Columns(dialog)) => {
            dialog.cursor.at = row;
            press(model, Key::char(' '))
        }
        Some(Dialog::Pick(picker)) => {
            picker.cursor.at = row;
            // Where several may be chosen a click ticks, as Tab does.
            let key = if picker.ticked.is_some() { "<Tab>" } else { "<Enter>" };
            Key::parse_one(key).map_or_else(Vec::new, |(key, _)| press(model, key))
        }
        Some(Dialog::Find(find)) => {
            find.cursor.at = row;
            Key::parse_one("<Enter>").map_or_else(Vec::new, |(key, _)| press(model, key))
        }
        Some(Dialog::Search(search)) => {
            search.cursor.at = row;
            Key::parse_one("<Enter>").map_or_else(Vec::new, |(key, _)| press(model, key))
        }
        Some(Dialog::Export(export)) => {
            use crate::app::export_dialog::Part;
            export.part = if row == 0 { Part::Write } else { Part::Cancel };
            Key::parse_one("<Enter>").map_or_else(Vec::new, |(key, _)| press(model, key))
        }
        // A click chooses a record of the list, a second one opens it.
        Some(Dialog::Logic(pad)) => {
            let again = pad.in_list && pad.cursor.at == row;
            pad.in_list = true;
            pad.cursor.at = row;
            if again {
                return crate::app::keys::Key::parse_one("<Enter>")
                    .map_or_else(Vec::new, |(key, _)| press(model, key));
            }
            Vec::new()
        }
        Some(Dialog::Param(param)) => {
            param.cursor.at = row;
            let key = if param.is_list() { "<Tab>" } else { "<Enter>" };
            crate::app::keys::Key::parse_one(key).map_or_else(Vec::new, |(key, _)| press(model, key))
        }
        Some(Dialog::Confirm(confirm)) => {
            confirm.on_yes = row == 0;
            Key::parse_one("<Enter>").map_or_else(Vec::new, |(key, _)| press(model, key))
        }
        _ => Vec::new(),
    }
}
