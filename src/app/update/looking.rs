//! Looking at a project's log: what changed, and the timeline of one record.

use crate::app::changes::LogLoad;
use crate::app::cursor::Cursor;
use crate::app::model::{Level, Model, Pane, Section};
use crate::app::msg::Effect;
use crate::app::open::{Open, Over};
use crate::app::running::Slot;
use crate::app::timeline::{self, Timeline};
use crate::jobs::Problem;
use crate::jobs::types::{Job, LogRead};

/// Shows what changed, or goes back to the table. It is read when it is first shown.
pub fn toggle_changes(model: &mut Model) -> Vec<Effect> {
    let in_records = model.section == Section::Records && model.pane == Pane::Main;
    let Some(open) = &mut model.open else { return Vec::new() };
    let on_top = open.over == Some(Over::Changes) && open.records.view.is_none();
    if on_top && in_records {
        open.over = None;
        return Vec::new();
    }
    show_over(model, Over::Changes);
    let fresh =
        model.open.as_ref().is_some_and(|o| matches!(o.changes.load, LogLoad::Never | LogLoad::Failed(_)));
    if fresh { read_changes(model) } else { Vec::new() }
}

/// Puts a list over the record table and gives it the focus.
pub fn show_over(model: &mut Model, over: Over) {
    model.section = Section::Records;
    model.pane = Pane::Main;
    model.filter = None;
    if let Some(open) = &mut model.open {
        open.records.view = None;
        open.quality.shown = false;
        open.over = Some(over);
    }
}

/// Reads what changed, again or for the first time.
pub fn read_changes(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let Some(id_field) = open.metadata.dictionary.record_id_field() else { return Vec::new() };
    let wanted = open.changes.wanted(&id_field.name, now);
    open.changes.load = LogLoad::Running;
    let job = Job::Changes(Box::new(open.project.clone()), wanted);
    model.jobs.start(Slot::Log, "Reading the log", job, now)
}

/// Reads another span of time.
pub fn next_span(model: &mut Model) -> Vec<Effect> {
    if let Some(open) = &mut model.open {
        open.changes.next_span();
        open.changes.cursor = Cursor::default();
    }
    read_changes(model)
}

/// Shows lines that are about no record, or hides them.
pub fn toggle_other_lines(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    open.changes.all = !open.changes.all;
    open.changes.refresh();
    let (_, _, n) = open.changes.counts();
    let text = if open.changes.all {
        format!("{n} lines about design, exports and users are shown too.")
    } else {
        format!("{n} lines about design, exports and users are hidden.")
    };
    model.notify(Level::Note, text);
}

/// Takes what changed in.
pub fn took_changes(model: &mut Model, read: LogRead) {
    let now = model.now;
    if let Some(open) = &mut model.open {
        open.changes.take(read, now);
    }
}

/// Shows the timeline of the open record, or the record again.
pub fn toggle_timeline(model: &mut Model) -> Vec<Effect> {
    let Some(view) = model.open.as_mut().and_then(|o| o.records.view.as_mut()) else { return Vec::new() };
    view.timeline.shown = !view.timeline.shown;
    let fresh = matches!(view.timeline.load, LogLoad::Never | LogLoad::Failed(_));
    model.pane = Pane::Main;
    if view.timeline.shown && fresh { read_timeline(model) } else { Vec::new() }
}

/// Reads the timeline of the open record.
pub fn read_timeline(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let begin = timeline::begin(&open.metadata);
    let Some(view) = &mut open.records.view else { return Vec::new() };
    view.timeline.load = LogLoad::Running;
    let job = Job::Timeline(Box::new(open.project.clone()), view.record.clone(), begin);
    model.jobs.start(Slot::Timeline, "Reading the log of the record", job, now)
}

/// Takes the log of a record in, if it is still the record on screen.
pub fn took_timeline(model: &mut Model, record: &str, read: LogRead) {
    let now = model.now;
    if let Some(timeline) = timeline_of(model.open.as_mut(), Some(record)) {
        timeline.take(read, now);
    }
}

/// Notes that a log could not be read.
pub fn failed(model: &mut Model, slot: Slot, problem: Problem) {
    if let Some(load) = load_of(model, slot) {
        *load = LogLoad::Failed(problem);
    }
}

/// Notes that reading a log was stopped.
pub fn stopped(model: &mut Model, slot: Slot) {
    let now = model.now;
    let has_lines = match (&model.open, slot) {
        (Some(open), Slot::Log) => !open.changes.read.begin.is_empty(),
        (Some(open), Slot::Work) => open.work.list.records > 0,
        _ => false,
    };
    if let Some(load) = load_of(model, slot).filter(|l| **l == LogLoad::Running) {
        *load = if has_lines { LogLoad::Done(now) } else { LogLoad::Never };
    }
}

fn load_of(model: &mut Model, slot: Slot) -> Option<&mut LogLoad> {
    match slot {
        Slot::Log => model.open.as_mut().map(|o| &mut o.changes.load),
        Slot::Find => model.open.as_mut().map(|o| &mut o.find.load),
        Slot::Work => model.open.as_mut().map(|o| &mut o.work.load),
        Slot::Timeline => timeline_of(model.open.as_mut(), None).map(|t| &mut t.load),
        _ => None,
    }
}

fn timeline_of<'a>(open: Option<&'a mut Open>, record: Option<&str>) -> Option<&'a mut Timeline> {
    let view = open?.records.view.as_mut()?;
    record.is_none_or(|r| r == view.record).then_some(&mut view.timeline)
}
