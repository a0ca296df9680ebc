//! Moving: cursors in lists and tables, scrolled texts, panes.

use super::{loading, playground};
use crate::app::actions::{self, Id, Scope};
use crate::app::cursor::{Cursor, Move};
use crate::app::model::{Model, Pane, Section};
use crate::app::msg::Effect;
use crate::app::open::{Listing, Over, Scrolled};

/// Moves in the pane with the focus.
pub fn step(model: &mut Model, movement: Move) {
    step_in(model, model.pane, movement);
}

/// Moves in a pane; the wheel does so without taking the focus.
pub fn step_in(model: &mut Model, pane: Pane, movement: Move) {
    let page = model.painted.page(pane);
    let fit = model.painted.columns;
    let most = model.painted.last_top(pane);
    if pane == Pane::Projects {
        let len = model.projects.len();
        return model.projects_cursor.step(movement, len, page);
    }
    if model.section == Section::Activity && pane == Pane::Main {
        let len = model.activity.calls.len();
        return model.activity.cursor.step(movement, len, page);
    }
    if model.section == Section::Live && pane == Pane::Main {
        let len = model.live.feed.len();
        model.live.card_top = 0;
        return model.live.cursor.step(movement, len, page);
    }
    if model.section == Section::Live && pane == Pane::Card {
        return scroll(&mut model.live.card_top, movement, page, most);
    }
    let Some(open) = &mut model.open else { return };
    match (pane, model.section) {
        (Pane::List, Section::Users) => {
            let len = open.shown_users().len();
            open.users.cursor.step(movement, len, page);
            open.leave_heading(matches!(movement, Move::Down | Move::PageDown | Move::First));
            open.scroll[Scrolled::Rights as usize] = Cursor::default();
        }
        (Pane::List | Pane::Main, Section::Playground) => playground::step(model, pane, movement, page, most),
        (Pane::List, _) => {
            let len = open.shown_instruments().len();
            let before = open.instruments.cursor.at;
            open.instruments.cursor.step(movement, len, page);
            if open.instruments.cursor.at != before {
                open.fields = Listing::default();
            }
        }
        (Pane::Main, Section::Token) => {
            let len = open.token.rows().len();
            open.token.cursor.step(movement, len, page);
            open.token.leave_heading(!matches!(movement, Move::Up | Move::PageUp | Move::Last));
            open.scroll[Scrolled::Card as usize] = Cursor::default();
        }
        (Pane::Main, Section::Instruments) => {
            let len = open.shown_fields().len();
            open.fields.cursor.step(movement, len, page);
            open.scroll[Scrolled::Card as usize] = Cursor::default();
        }
        (Pane::Main, Section::Records) => match (&mut open.records.view, movement) {
            (Some(view), _) if view.timeline.shown => {
                let len = view.timeline.lines.len();
                view.timeline.cursor.step(movement, len, page);
                open.scroll[Scrolled::Card as usize] = Cursor::default();
            }
            (None, _) if open.over == Some(Over::Changes) => {
                let len = open.changes.groups.len();
                open.changes.cursor.step(movement, len, page);
                open.scroll[Scrolled::Card as usize] = Cursor::default();
            }
            (None, _) if open.over == Some(Over::Worklist) => {
                let len = open.work.rows.len();
                open.work.cursor.step(movement, len, page);
                open.scroll[Scrolled::Card as usize] = Cursor::default();
            }
            (Some(view), _) => {
                let len = view.lines.len();
                view.cursor.step(movement, len, page);
            }
            (None, _) if open.quality.shown && open.quality.opened => {
                let len = open.quality.listed().len();
                open.quality.finding.step(movement, len, page);
                open.scroll[Scrolled::Card as usize] = Cursor::default();
            }
            (None, _) if open.quality.shown => {
                let len = open.quality.done.report.rules.len();
                open.quality.rule.step(movement, len, page);
                open.quality.finding = Cursor::default();
                open.scroll[Scrolled::Card as usize] = Cursor::default();
            }
            (None, Move::Left) if open.grid.shown => open.grid.column = open.grid.column.saturating_sub(1),
            (None, Move::Right) if open.grid.shown => {
                let last = open.grid.grid.columns.len().saturating_sub(1);
                open.grid.column = (open.grid.column + 1).min(last);
            }
            (None, _) if open.grid.shown => {
                let len = open.grid.rows.len();
                open.grid.cursor.step(movement, len, page);
            }
            (None, Move::Left | Move::Right) => open.records.step_column(movement == Move::Right, fit),
            (None, _) => {
                let len = open.records.rows.len();
                open.records.cursor.step(movement, len, page);
            }
        },
        (Pane::Main, Section::Check) => {
            let len = open.check.shown.len();
            open.check.cursor.step(movement, len, page);
            open.scroll[Scrolled::Card as usize] = Cursor::default();
        }
        // A text has no cursor of its own: its first line moves.
        (Pane::Main, Section::Users) => {
            scroll(&mut open.scroll[Scrolled::Rights as usize].at, movement, page, most);
        }
        (Pane::Main, _) => scroll(&mut open.scroll[Scrolled::Overview as usize].at, movement, page, most),
        (Pane::Card | Pane::Projects, _) => {
            scroll(&mut open.scroll[Scrolled::Card as usize].at, movement, page, most);
        }
    }
}

/// Moves the first line of a scrolled text.
pub fn scroll(top: &mut usize, movement: Move, page: usize, most: usize) {
    *top = match movement {
        Move::Up => top.saturating_sub(1),
        Move::Down => top.saturating_add(1),
        Move::PageUp => top.saturating_sub(page),
        Move::PageDown => top.saturating_add(page),
        Move::First => 0,
        Move::Last => most,
        Move::Left | Move::Right => *top,
    }
    .min(most);
}

/// The last row; pressed on the last row of a part, it loads the rest.
pub fn last(model: &mut Model) -> Vec<Effect> {
    let at_end = model
        .open
        .as_ref()
        .is_some_and(|o| o.records.view.is_none() && o.records.cursor.at + 1 >= o.records.rows.len());
    if actions::place(model) == Scope::Table && at_end && actions::available(model, Id::LoadAll).is_ok() {
        return loading::load_records(model, None);
    }
    step(model, Move::Last);
    Vec::new()
}

/// Goes to the pane so many further in the order of Tab.
pub fn turn(model: &mut Model, by: usize) {
    let panes = model.section.panes();
    let at = panes.iter().position(|p| *p == model.pane).unwrap_or_default();
    model.pane = panes.get((at + by) % panes.len()).copied().unwrap_or_default();
}

/// The pane that has the focus when a section is entered.
pub fn first_pane(model: &Model, section: Section) -> Pane {
    let loaded = model.open.as_ref().is_some_and(|o| o.records.form.is_some());
    match section {
        Section::Instruments | Section::Users | Section::Playground => Pane::List,
        Section::Records if !loaded => Pane::List,
        _ => Pane::Main,
    }
}
