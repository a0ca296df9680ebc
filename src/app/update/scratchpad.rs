//! The logic scratchpad: typing, searching, opening what was found.

use super::loading;
use crate::app::add_project::edit;
use crate::app::cursor::Move;
use crate::app::dialog::Dialog;
use crate::app::keys::{Code, Key};
use crate::app::model::{Level, Model, Section};
use crate::app::msg::Effect;
use crate::app::running::Slot;
use crate::app::scratchpad::{Matches, Scratchpad};
use crate::jobs::Problem;
use crate::jobs::types::{Job, QualityDone};

/// Opens it, with what was typed last.
pub fn open(model: &mut Model) {
    let now = model.now;
    let Some(open) = &model.open else { return };
    let mut pad = Scratchpad::new(&open.logic);
    pad.judge(open, now);
    model.dialog = Some(Dialog::Logic(Box::new(pad)));
}

/// Takes a key.
pub fn press(model: &mut Model, mut pad: Box<Scratchpad>, key: Key) -> Vec<Effect> {
    let page = model.painted.dialog_page;
    let found = pad.found().len();
    match key.code {
        Code::Esc if pad.in_list => pad.in_list = false,
        Code::Esc => {
            let effects = model.jobs.cancel(Slot::Logic);
            keep_text(model, &pad);
            return effects;
        }
        Code::F(2) => return keep_as_rule(model, pad),
        Code::Tab | Code::BackTab => pad.in_list = !pad.in_list && found > 0,
        Code::Enter if pad.in_list => {
            if let Some((place, field)) = pad.chosen() {
                keep_text(model, &pad);
                model.section = Section::Records;
                return loading::open_record_at(model, place, field);
            }
        }
        Code::Enter => return search(model, pad),
        Code::Up if pad.in_list && pad.cursor.at == 0 => pad.in_list = false,
        Code::Down if !pad.in_list => pad.in_list = found > 0,
        Code::Up | Code::Down | Code::PageUp | Code::PageDown if pad.in_list => {
            let movement = match key.code {
                Code::Up => Move::Up,
                Code::Down => Move::Down,
                Code::PageUp => Move::PageUp,
                _ => Move::PageDown,
            };
            pad.cursor.step(movement, found, page);
        }
        _ => {
            // Typing goes to the box, wherever the cursor is.
            pad.in_list = false;
            let before = pad.input.value().to_owned();
            edit(&mut pad.input, key);
            if pad.input.value() != before
                && let Some(open) = &model.open
            {
                pad.judge(open, model.now);
            }
        }
    }
    model.dialog = Some(Dialog::Logic(pad));
    Vec::new()
}

/// Pasted text goes into the box at the caret; line breaks stay blanks between words.
pub fn paste(model: &mut Model, text: &str) {
    let now = model.now;
    let Some(Dialog::Logic(mut pad)) = model.dialog.take() else { return };
    let text: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let caret = pad.input.cursor();
    let before: String = pad.input.value().chars().take(caret).collect();
    let after: String = pad.input.value().chars().skip(caret).collect();
    let behind = caret + text.chars().count();
    pad.input = tui_input::Input::new(format!("{before}{text}{after}")).with_cursor(behind);
    if let Some(open) = &model.open {
        pad.judge(open, now);
    }
    model.dialog = Some(Dialog::Logic(pad));
}

/// What was typed is there again when the scratchpad is opened again.
fn keep_text(model: &mut Model, pad: &Scratchpad) {
    if let Some(open) = &mut model.open {
        pad.input.value().clone_into(&mut open.logic);
    }
}

fn search(model: &mut Model, mut pad: Box<Scratchpad>) -> Vec<Effect> {
    let now = model.now;
    let job = model.open.as_ref().and_then(|open| {
        let (checks, rows) = pad.search(open)?;
        let (project, metadata) = (Box::new(open.project.clone()), Box::new(open.metadata.clone()));
        Some(Job::Match(project, metadata, Box::new(checks), rows.map(Box::new)))
    });
    model.dialog = Some(Dialog::Logic(pad));
    job.map_or_else(Vec::new, |job| model.jobs.start(Slot::Logic, "Looking for records", job, now))
}

/// Takes what a search found.
pub fn take(model: &mut Model, done: QualityDone) {
    if let Some(Dialog::Logic(pad)) = &mut model.dialog {
        pad.take(done);
    }
}

/// Takes that a search failed.
pub fn failed(model: &mut Model, problem: &Problem) {
    match &mut model.dialog {
        Some(Dialog::Logic(pad)) => pad.matches = Matches::Refused(problem.one_line()),
        _ => model.notify(Level::Problem, problem.one_line()),
    }
}

/// Makes the expression one of the rules of data quality, and runs them.
fn keep_as_rule(model: &mut Model, pad: Box<Scratchpad>) -> Vec<Effect> {
    let text = pad.input.value().trim().to_owned();
    if !pad.valid {
        model.notify(Level::Note, "Only logic without mistakes can be a rule.");
        model.dialog = Some(Dialog::Logic(pad));
        return Vec::new();
    }
    keep_text(model, &pad);
    let mut effects = model.jobs.cancel(Slot::Logic);
    model.section = Section::Records;
    if let Some(open) = &mut model.open {
        if !open.quality.own.contains(&text) {
            open.quality.own.push(text);
            // The new rule is the last one once the run is over; the cursor waits for it there.
            open.quality.rule.at = usize::MAX;
        }
        open.quality.shown = true;
        open.quality.opened = false;
        open.records.view = None;
    }
    model.pane = crate::app::model::Pane::Main;
    effects.extend(loading::run_quality(model));
    effects
}
