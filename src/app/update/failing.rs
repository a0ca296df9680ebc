//! Taking in that a job failed or was stopped: where that is told, and with which keys to go on.

use super::{call_dialogs, live, loading, looking, playground, scratchpad, sending};
use crate::app::add_project::Way;
use crate::app::check::CheckState;
use crate::app::dialog::{Dialog, ProblemView};
use crate::app::grid::GridLoad;
use crate::app::live::{LiveState, WatchState};
use crate::app::lock::Locked;
use crate::app::model::{Level, Model, Vault};
use crate::app::quality::QualityLoad;
use crate::app::record_view::ViewState;
use crate::app::records::Load;
use crate::app::running::Slot;
use crate::jobs::types::INTERRUPTED;
use crate::jobs::{Problem, Remedy};

/// Puts a problem where its slot is looked at: in the pane, the dialog or the message line.
pub fn failed(model: &mut Model, slot: Slot, problem: Problem) {
    let line = problem.one_line();
    // A project that is being added may be on another server; the others ask no server at all.
    let elsewhere = matches!(slot, Slot::Add | Slot::Projects | Slot::Vault | Slot::Live | Slot::Files);
    if let Some(open) = model.open.as_mut().filter(|_| !elsewhere) {
        open.unreachable = problem.unreachable;
        open.blocked = problem.blocked;
    }
    match slot {
        Slot::Open => {
            let Some(open) = &mut model.open else { return };
            open.problem = Some(problem.clone());
            // Where nothing can ever be read, the sections say so themselves.
            if open.source.is_some() {
                say_of(model, "Could not update", &problem, "reload");
            } else if !problem.reads_nothing() {
                model.dialog = Some(Dialog::Problem(ProblemView::of(problem)));
            }
        }
        Slot::Add => {
            if let Some(Dialog::Add(add)) = &mut model.dialog {
                add.problem = Some(problem);
            } else if model.dialog.is_none() {
                model.dialog = Some(Dialog::Problem(ProblemView::of(problem)));
            } else {
                model.notify(Level::Problem, line);
            }
        }
        Slot::Records => {
            if let Some(open) = &mut model.open {
                open.records.load = Load::Failed(problem.clone());
                open.records.settle(&open.metadata, open.masked);
            }
            say(model, &problem, "reload");
        }
        Slot::Record => {
            if let Some(open) = &mut model.open
                && let Some(view) = &mut open.records.view
            {
                view.state = ViewState::Failed(problem.clone());
            }
            say(model, &problem, "reload");
        }
        Slot::Grid => {
            if let Some(open) = &mut model.open {
                open.grid.load = GridLoad::Failed(problem.clone());
            }
            say(model, &problem, "reload");
        }
        Slot::Survey => model.dialog = Some(Dialog::Problem(ProblemView::of(problem))),
        Slot::Live => {
            model.live.state = LiveState::Failed(problem.clone());
            say(model, &problem, "listen");
        }
        Slot::Watch => {
            model.live.watch.state = WatchState::Refused(problem.clone());
            say(model, &problem, "watch-log");
        }
        Slot::ReadBack => {
            live::stop_read_back(model);
            model.notify(Level::Problem, format!("Reading back is off now. {line}"));
        }
        Slot::Codebooks | Slot::SaveAForm => model.notify(Level::Problem, line),
        Slot::Log | Slot::Timeline | Slot::Work | Slot::Find => {
            looking::failed(model, slot, problem.clone());
            say(model, &problem, "reload");
        }
        Slot::Logic => scratchpad::failed(model, &problem),
        Slot::Quality => {
            if let Some(open) = &mut model.open {
                open.quality.load = QualityLoad::Failed(problem.clone());
            }
            say(model, &problem, "reload");
        }
        Slot::Call => playground::failed(model, problem),
        Slot::BackUp => call_dialogs::backed_up(model, Err(line)),
        Slot::Check => {
            if let Some(open) = &mut model.open {
                open.check.state = CheckState::Failed(problem.clone());
            }
            say(model, &problem, "reload");
        }
        Slot::Send => {
            sending::not_sent(model, &problem.title);
            model.dialog = Some(Dialog::Problem(ProblemView::of(problem)));
        }
        Slot::Token => {
            if let Some(open) = &mut model.open {
                open.token.problem = Some(problem.clone());
            }
            say(model, &problem, "test-token");
        }
        // A file that was wanted and is not there: why must be read whole, unless something else is
        // being asked. No pane has a place for it.
        Slot::Export if model.dialog.is_none() => {
            let problem = Problem { remedy: Remedy::Nothing, ..problem };
            model.dialog = Some(Dialog::Problem(ProblemView::of(problem)));
        }
        Slot::Access if !problem.why.causes.is_empty() => {
            if let Some(open) = &mut model.open {
                open.problem = Some(problem.clone());
            }
            say(model, &problem, "reload");
        }
        Slot::Access
        | Slot::Projects
        | Slot::Spot
        | Slot::Files
        | Slot::Export
        | Slot::Exclude
        | Slot::Compare => {
            model.notify(Level::Problem, line);
        }
        Slot::Unlock => model.locked = Some(Locked { problem: Some(problem) }),
        Slot::Vault => {
            model.vault = Vault::NotUsable(problem);
            prefer_usable_way(model);
        }
    }
}

/// Notes that the job of a slot was stopped on request.
pub fn stopped(model: &mut Model, slot: Slot) {
    looking::stopped(model, slot);
    if slot == Slot::ReadBack {
        live::stop_read_back(model);
    }
    if slot == Slot::Send {
        return sending::not_sent(model, INTERRUPTED);
    }
    let Some(open) = &mut model.open else { return };
    match slot {
        Slot::Records => loading::mark_records_stopped(open),
        Slot::Call => open.playground.failed("stopped", None),
        Slot::Check => {
            let done = open.check.checked.is_some();
            open.check.state = if done { CheckState::Done } else { CheckState::Stopped };
        }
        Slot::Grid if open.grid.load == GridLoad::Running => open.grid.load = GridLoad::Never,
        Slot::Quality if open.quality.load == QualityLoad::Running => {
            open.quality.load = QualityLoad::Stopped;
        }
        Slot::Record if open.records.view.as_ref().is_some_and(|v| v.state == ViewState::Loading) => {
            open.records.view = None;
        }
        _ => {}
    }
}

/// Tells of a problem on the message line, with the keys that show it and that try again: `again` is
/// the name of the action. Where there is no room for all of it, what happened is left out and not
/// the keys.
fn say(model: &mut Model, problem: &Problem, again: &str) {
    say_of(model, "", problem, again);
}

/// The same, with what could not be done before it.
fn say_of(model: &mut Model, what: &str, problem: &Problem, again: &str) {
    let keys = format!("{{problem-details}} details, {{{again}}} tries again.");
    let what = if what.is_empty() { String::new() } else { format!("{what}. ") };
    let keys = model.options.keys.say(&keys);
    let room = usize::from(model.size.0).saturating_sub(" Problem: ".len() + 1);
    let shortest = format!("{}. {keys}", problem.title);
    let longer = [format!("{what}{} {keys}", problem.one_line()), format!("{what}{shortest}")];
    let text = longer.into_iter().find(|text| text.chars().count() <= room).unwrap_or(shortest);
    model.notify(Level::Problem, text);
}

/// Without a password store the dialog starts on the honest second choice.
pub fn prefer_usable_way(model: &mut Model) {
    let usable = !matches!(model.vault, Vault::NotUsable(_));
    if let Some(Dialog::Add(add)) = &mut model.dialog
        && !usable
        && add.way == Way::Keyring
    {
        add.way = Way::Session;
    }
}
