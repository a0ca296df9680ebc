//! Receiving Data Entry Triggers, and reading the records they tell of.

use super::loading;
use crate::app::dialog::Dialog;
use crate::app::keys::Key;
use crate::app::live::{self, LiveState, WatchState};
use crate::app::live_setup::{LiveSetup, Wish};
use crate::app::model::{Level, Model, Pane, Section};
use crate::app::msg::Effect;
use crate::app::read_back;
use crate::app::running::Slot;
use crate::domain::record::RowKey;
use crate::domain::table::RecordTable;
use crate::domain::trigger::judge::Known;
use crate::jobs::types::{Job, LiveEvent, SavedProject, Setup, WatchWanted, Watched};

/// Of what was in a log before the first look: the changes of so many minutes are shown.
const BACK_MINUTES: i64 = 60;

/// Starts the receiver, or stops it.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    if model.jobs.get(Slot::Live).is_some() {
        let effects = model.jobs.cancel(Slot::Live);
        model.live.state = LiveState::Off;
        model
            .notify(Level::Note, "Receiving is stopped. REDCap does not send again what it posts meanwhile.");
        return effects;
    }
    start(model)
}

/// Starts the receiver as it is set up, and stops one that runs.
fn start(model: &mut Model) -> Vec<Effect> {
    model.live.state = LiveState::Starting;
    let setup = Setup { known: known(model), ..model.live.setup.clone() };
    model.jobs.start(Slot::Live, "Receiving triggers", Job::Listen(Box::new(setup)), model.now)
}

/// Opens the dialog that sets the receiver up.
pub fn set_up(model: &mut Model) {
    model.dialog = Some(Dialog::Live(Box::new(LiveSetup::new(&model.live.setup))));
}

/// A key in that dialog.
pub fn press_setup(model: &mut Model, mut dialog: Box<LiveSetup>, key: Key) -> Vec<Effect> {
    match dialog.key(key) {
        Wish::Nothing => model.dialog = Some(Dialog::Live(dialog)),
        Wish::Close => {}
        Wish::Start(setup) => {
            model.live.setup = setup;
            return start(model);
        }
    }
    Vec::new()
}

/// The projects against which triggers are held, the open one first: several tokens may lead to
/// the same project.
fn known(model: &Model) -> Vec<Known> {
    let open = model.open.as_ref().map(|o| &o.project);
    open.into_iter().chain(&model.projects).map(SavedProject::as_known).collect()
}

/// Begins to watch the log of the open project, or ends it.
pub fn toggle_watch(model: &mut Model) -> Vec<Effect> {
    if model.jobs.get(Slot::Watch).is_some() {
        let effects = stop_watch(model);
        model.notify(Level::Note, "The log is no longer watched. {watch-log} goes on where it ended.");
        return effects;
    }
    start_watch(model)
}

/// Takes the next longer pause between two looks. It counts from now on.
pub fn next_pause(model: &mut Model) -> Vec<Effect> {
    model.live.watch.next_pause();
    let runs = model.jobs.get(Slot::Watch).is_some();
    model.notify(Level::Note, format!("The log is looked at every {}.", model.live.watch.every_words()));
    if runs { start_watch(model) } else { Vec::new() }
}

/// Ends the watch: it is a watch of the open project, with its token.
pub fn stop_watch(model: &mut Model) -> Vec<Effect> {
    model.live.watch.state = WatchState::Off;
    model.jobs.cancel(Slot::Watch)
}

fn start_watch(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let watch = &mut model.live.watch;
    watch.state = WatchState::On;
    let follow = watch.follow.as_ref().filter(|(id, _)| *id == open.project.id).map(|(_, f)| f.clone());
    let wanted = WatchWanted { every: watch.every, back_minutes: BACK_MINUTES, follow };
    let job = Job::WatchLog(Box::new(open.project.clone()), Box::new(wanted));
    model.jobs.start(Slot::Watch, "Watching the log", job, model.now)
}

/// Takes in what the watch tells.
pub fn watched(model: &mut Model, told: Watched) {
    let Some(open) = &model.open else { return };
    match told {
        Watched::Looked(look) => model.live.looked(*look, open),
        Watched::Failed(problem, after) => {
            let next = model.now.checked_add(after).unwrap_or(model.now);
            model.live.watch.state = WatchState::Waiting(*problem, next);
        }
    }
}

/// Opens the record of the trigger under the cursor. Of another project that project is opened.
pub fn open_record(model: &mut Model) -> Vec<Effect> {
    let Some(line) = model.live.chosen() else { return Vec::new() };
    if !live::fits_open(model, line) {
        let Some(project) = live::project_of(model, line).cloned() else { return Vec::new() };
        let effects = loading::open_project(model, project);
        model.notify(
            Level::Note,
            "Its project is being opened. Press {open-triggered} again to read the record.",
        );
        return effects;
    }
    let trigger = &line.trigger;
    let place = RowKey {
        record: trigger.record.clone(),
        event: trigger.event.clone(),
        instrument: trigger.repeat_instrument.clone(),
        instance: trigger.instance,
    };
    let dictionary = model.open.as_ref().map(|o| &o.metadata.dictionary);
    // The record id is no line of its own.
    let first = dictionary.and_then(|d| {
        let id = d.record_id_field().map(|f| &f.name);
        d.fields_of(&trigger.instrument).find(|f| Some(&f.name) != id && f.holds_data())
    });
    let field = first.map(|f| f.name.clone()).unwrap_or_default();
    let effects = loading::open_record_at(model, place, field);
    if effects.is_empty() {
        model.notify(Level::Note, "The project was not read yet. Press {open-triggered} again in a moment.");
        return effects;
    }
    model.section = Section::Records;
    model.pane = Pane::Main;
    effects
}

/// Lets a made-up person save a form of the open demo project.
pub fn save_a_form(model: &mut Model) -> Vec<Effect> {
    let (Some(open), Some(listening)) = (&model.open, model.live.listening()) else { return Vec::new() };
    let job = Job::SaveAForm(open.project.project_id, listening.url.clone());
    model.jobs.start(Slot::SaveAForm, "Saving a form in the demo", job, model.now)
}

/// The address for REDCap, to be copied.
pub fn address(model: &Model) -> Option<String> {
    model.live.listening().map(|l| l.url.clone())
}

/// Takes in what the receiver tells. A trigger is held against the projects as they are now.
pub fn take(model: &mut Model, event: LiveEvent) -> Vec<Effect> {
    let known = known(model);
    let Some(number) = model.live.take(event, &known) else { return Vec::new() };
    let line = model.live.feed.place_of(number).and_then(|at| model.live.feed.get(at));
    if !model.live.back.on || !line.is_some_and(|line| live::fits_open(model, line)) {
        return Vec::new();
    }
    model.live.back.came(number, &model.live.feed);
    read_next(model)
}

/// Reads records back after triggers from now on, or no longer.
pub fn toggle_read_back(model: &mut Model) -> Vec<Effect> {
    if model.live.back.on {
        let effects = stop_read_back(model);
        model.notify(Level::Note, "Records are no longer read back.");
        return effects;
    }
    model.live.back.on = true;
    let text = "After each trigger of this project its form is read, without identifiers, one at a time.";
    model.notify(Level::Note, text);
    Vec::new()
}

/// Reads nothing back any more: it is done for the open project, with its token.
pub fn stop_read_back(model: &mut Model) -> Vec<Effect> {
    model.live.back.on = false;
    model.live.back.forget();
    model.jobs.cancel(Slot::ReadBack)
}

/// Takes in what is in a record now, and reads the next one.
pub fn read_back(model: &mut Model, table: &RecordTable) -> Vec<Effect> {
    let number = model.live.back.read();
    let line = number.and_then(|n| model.live.feed.place_of(n)).and_then(|at| model.live.feed.get(at));
    if let (Some(number), Some(line), Some(open)) = (number, line, &model.open) {
        let now = read_back::seen(open, &line.trigger, table, model.now);
        model.live.feed.note(number, now);
    }
    read_next(model)
}

/// Reads the next one back, unless a read is under way. Only the open project is read: of others
/// it is not known what identifies a person.
fn read_next(model: &mut Model) -> Vec<Effect> {
    if model.jobs.get(Slot::ReadBack).is_some() {
        return Vec::new();
    }
    while let Some(number) = model.live.back.begin() {
        let line = model.live.feed.place_of(number).and_then(|at| model.live.feed.get(at));
        let Some((line, open)) = line.zip(model.open.as_ref()) else { continue };
        if !live::fits_open(model, line) {
            continue;
        }
        let Some(wanted) = read_back::wanted(open, &line.trigger) else { continue };
        let job = Job::ReadBack(Box::new(open.project.clone()), Box::new(wanted));
        return model.jobs.start(Slot::ReadBack, "Reading back", job, model.now);
    }
    Vec::new()
}
