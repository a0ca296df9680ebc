//! Taking in what jobs tell. What is not the newest for its place is dropped.

use super::{call_dialogs, check, failing, finding, live, loading, looking, playground};
use super::{scratchpad, sending, spot, survey, taking_over, working};
use crate::app::dialog::Dialog;
use crate::app::grid::GridLoad;
use crate::app::live::LiveState;
use crate::app::model::{Level, Model, Vault};
use crate::app::msg::Effect;
use crate::app::open::Open;
use crate::app::place;
use crate::app::records::{Load, explain_missing};
use crate::app::running::{Slot, grouped};
use crate::domain::project::{Metadata, Readable};
use crate::jobs::types::{
    Exported, JobEvent, OpenPart, Output, QualityDone, RecordsDone, SavedProject, Source,
};

/// Takes one event of a job in.
pub fn take(model: &mut Model, slot: Slot, generation: u64, event: JobEvent) -> Vec<Effect> {
    if !model.jobs.is_current(slot, generation) {
        return Vec::new();
    }
    match event {
        JobEvent::Progress(progress) => model.jobs.progress(slot, progress),
        JobEvent::Opening(part) => opening(model, part),
        JobEvent::Rows(part) => {
            if let Some(open) = &mut model.open {
                open.records.take(*part, &open.metadata, open.masked);
            }
        }
        JobEvent::Live(event) => return live::take(model, *event),
        JobEvent::Watched(told) => live::watched(model, told),
        JobEvent::Done(output) => {
            model.jobs.ended(slot);
            let mut effects = done(model, *output);
            effects.extend(loading::load_what_is_shown(model));
            return effects;
        }
        JobEvent::Failed(problem) => {
            model.jobs.ended(slot);
            failing::failed(model, slot, *problem);
        }
        JobEvent::Cancelled => {
            model.jobs.ended(slot);
            failing::stopped(model, slot);
        }
    }
    Vec::new()
}

/// Takes what was read of a project. Users and arms are read elsewhere: what is on screen of them
/// stays.
fn renew(open: &mut Open, metadata: Metadata) {
    let before = std::mem::replace(&mut open.metadata, metadata);
    if open.metadata.access.users == Readable::NotAsked {
        open.metadata.access = before.access;
    }
    if open.metadata.arms == Readable::NotAsked {
        open.metadata.arms = before.arms;
    }
    explain_missing(open);
}

fn opening(model: &mut Model, part: OpenPart) {
    let Some(open) = &mut model.open else { return };
    match part {
        OpenPart::Saved(metadata, at) => {
            // A copy on screen that came from the server is newer than the saved one.
            if open.source.is_none() {
                open.metadata = *metadata;
                open.source = Some(Source::Saved(at));
            }
        }
        OpenPart::Reviewed(review, uses) => {
            open.review = review;
            open.uses = uses;
        }
        OpenPart::SavedUnusable(why) => open.note = Some(why),
        OpenPart::Fresh(metadata) => {
            renew(open, *metadata);
            if open.source.is_none() {
                open.source = Some(Source::Saved(model.now));
            }
        }
    }
    place::put_back(open);
    finding::arrive(model);
}

fn done(model: &mut Model, output: Output) -> Vec<Effect> {
    let now = model.now;
    if let Some(open) = &mut model.open
        && !matches!(output, Output::Vault(_) | Output::Exported(_) | Output::Saved(_) | Output::Compared(_))
    {
        open.unreachable = false;
        open.blocked = false;
    }
    match output {
        Output::Unlocked => model.locked = None,
        Output::Vault(Ok(())) => {
            model.vault = Vault::Usable;
        }
        Output::Vault(Err(problem)) => {
            model.vault = Vault::NotUsable(problem);
            failing::prefer_usable_way(model);
        }
        Output::Added(project) => return added(model, project),
        Output::TakenOver(file, all) => return taking_over::done(model, &file, &all),
        Output::Deleted(file) => {
            model.notify(Level::Done, format!("{} was overwritten and deleted.", file.display()));
        }
        Output::Forgotten(id, remark) => return forgotten(model, &id, remark),
        Output::Demo(projects) => {
            let first = projects.first().cloned();
            model.projects_cursor.at = model.projects.len();
            model.projects.extend(projects);
            model.dialog = None;
            if let Some(project) = first {
                return loading::open_project(model, project);
            }
        }
        Output::Opened(metadata, at) => {
            if let Some(open) = &mut model.open {
                renew(open, *metadata);
                open.source = Some(Source::Server(at));
                open.problem = None;
                loading::learn(model);
            }
        }
        Output::Access(access, arms) => {
            if let Some(open) = &mut model.open {
                open.metadata.access = *access;
                open.access_at = Some(now);
                place::put_back(open);
                open.leave_heading(true);
                if arms != Readable::NotAsked {
                    open.metadata.arms = arms;
                }
            }
        }
        Output::Records(seal) => records_done(model, seal),
        Output::Checked(checked) => {
            if let Some(open) = &mut model.open {
                open.check.take(checked, open.masked);
            }
            check::after(model);
            return check::remember(model);
        }
        Output::Completed(found) => {
            if let Some(Dialog::Ask(ask)) = &mut model.dialog {
                ask.complete(found);
            }
        }
        Output::Spot(sample) => spot::drawn(model, *sample),
        Output::Sent(receipt) => return sending::sent(model, receipt),
        Output::SendAbandoned => {
            if let Some(open) = &mut model.open {
                open.check.resume = false;
            }
            model.notify(Level::Done, "The interrupted send is given up.");
        }
        Output::WriteAccess(project) => sending::switched(model, &project),
        Output::Grid(grid) => {
            if let Some(open) = &mut model.open {
                open.grid.load = GridLoad::Done(now);
                open.grid.take(*grid, &open.metadata, open.masked);
            }
        }
        Output::Survey(place, what, text) => return survey::took(model, &place, what, &text),
        Output::Index(index, missing) => finding::took_index(model, *index, missing),
        Output::Codebooks(books, id, chosen) => finding::took_codebooks(model, books, &id, chosen),
        Output::Worklist(list) => working::took(model, *list),
        Output::Received => model.live.state = LiveState::Off,
        Output::ReadBack(table) => return live::read_back(model, &table),
        Output::SavedForm(text) => model.notify(Level::Done, text),
        Output::Changes(read) => looking::took_changes(model, *read),
        Output::Timeline(record, read) => looking::took_timeline(model, &record, *read),
        Output::TokenTested(report, before) => {
            if let Some(open) = &mut model.open {
                open.token.take(*report, before.map(|b| *b), now);
                let text = open.token.done_words();
                model.notify(Level::Done, text);
            }
        }
        Output::TokenBeside(name, report) => {
            if let Some(open) = &mut model.open {
                open.token.put_beside(name, &report);
                model.notify(Level::Done, "Both tokens are side by side. {compare-tokens} ends it.");
            }
        }
        Output::Exported(exported) => told_of_export(model, &exported),
        Output::Quality(done) => quality_done(model, *done),
        Output::Matched(done) => scratchpad::take(model, *done),
        Output::Excluded(kept) => {
            if let (Some(open), Some(kept)) = (&mut model.open, kept) {
                open.quality.excluded = kept;
                open.quality.refresh();
            }
        }
        Output::Answer(answer) => playground::answered(model, *answer),
        Output::Compared(lines) => playground::compared(model, lines),
        Output::Saved(path) => stays(model, Level::Done, format!("Written to {}.", path.display())),
        Output::BackedUp(path) => call_dialogs::backed_up(model, Ok(path)),
        Output::Record(record, table) => {
            if let Some(open) = &mut model.open
                && let Some(view) = open.records.view.as_mut().filter(|v| v.record == record)
            {
                view.take(table, &open.metadata, model.now);
            }
        }
    }
    Vec::new()
}

fn added(model: &mut Model, project: SavedProject) -> Vec<Effect> {
    model.dialog = None;
    let unknown = match project.number() {
        Some(_) => "",
        None => " Nothing can be read with this token: its title is unknown.",
    };
    model.notify(Level::Done, format!("{} is added.{unknown}", project.name));
    model.projects_cursor.at = list(model, &project);
    // The token may have changed, so nothing of the old view is kept.
    model.open = None;
    loading::open_project(model, project)
}

/// Puts a project in the list, or in the place of an older copy; its place.
pub fn list(model: &mut Model, project: &SavedProject) -> usize {
    let at = model.projects.iter().position(|p| p.id == project.id);
    match at.and_then(|at| Some((at, model.projects.get_mut(at)?))) {
        Some((at, old)) => {
            *old = project.clone();
            at
        }
        None => {
            model.projects.push(project.clone());
            model.projects.len() - 1
        }
    }
}

/// A project is in the list no more.
fn forgotten(model: &mut Model, id: &str, remark: Option<String>) -> Vec<Effect> {
    let name = model.projects.iter().find(|p| p.id == id).map(|p| p.name.clone());
    model.projects.retain(|p| p.id != id);
    model.projects_cursor.at = model.projects_cursor.at.min(model.projects.len().saturating_sub(1));
    let mut effects = Vec::new();
    if model.open.as_ref().is_some_and(|o| o.project.id == id) {
        // Nothing is asked with its token any more.
        effects = live::stop_watch(model);
        effects.extend(live::stop_read_back(model));
        model.open = None;
    }
    match remark {
        None => model.notify(Level::Done, format!("{} is forgotten.", name.unwrap_or_default())),
        Some(remark) => model.notify(Level::Problem, remark),
    }
    effects
}

/// Where a file is must not go away by itself.
fn stays(model: &mut Model, level: Level, text: String) {
    model.notify(level, text);
    if let Some(notice) = &mut model.notice {
        notice.until = None;
    }
}

/// Says where the rows are, and what is not among them.
fn told_of_export(model: &mut Model, exported: &Exported) {
    let guarded = match exported.guarded {
        0 => String::new(),
        n => format!(" {n} cells that look like formulas got an apostrophe."),
    };
    let rows = grouped(exported.rows as u64);
    let missing = match (exported.seal.missing_records.len(), exported.seal.missing_columns.len()) {
        (0, 0) => String::new(),
        (0, n) => format!(" {n} columns are left out by export rights."),
        (n, _) => format!(" {n} RECORDS DID NOT COME BACK."),
    };
    let unreadable = exported.remark().map(|words| format!(" {words}")).unwrap_or_default();
    let level = if exported.seal.missing_records.is_empty() { Level::Done } else { Level::Problem };
    let what = if exported.path.extension().is_some_and(|e| e == "txt") { "lines" } else { "rows" };
    let path = exported.path.display();
    stays(model, level, format!("{rows} {what} are in {path}.{missing}{guarded}{unreadable}"));
}

fn records_done(model: &mut Model, seal: RecordsDone) {
    let now = model.now;
    let Some(open) = &mut model.open else { return };
    let (missing, columns) = (seal.missing_records.len(), seal.missing_columns.len());
    let remark = seal.remark.clone();
    let unreadable = seal.unreadable_words();
    open.records.load = Load::Done(seal, now);
    explain_missing(open);
    // Where nothing is missing and all can be read, only hashed ids are left to be told.
    let hashed = open.records.missing.is_some();
    open.records.settle(&open.metadata, open.masked);
    if missing > 0 {
        let text = format!(
            "{} of the records asked for did not come back. {{problem-details}} shows which.",
            grouped(missing as u64)
        );
        model.notify(Level::Problem, text);
    } else if columns > 0 {
        let text = format!(
            "{} of the columns asked for did not come back: this token's export rights leave them out. {{problem-details}} tells why.",
            grouped(columns as u64)
        );
        model.notify(Level::Note, text);
    } else if let Some(words) = unreadable {
        model.notify(Level::Note, format!("{words} {{problem-details}} shows more."));
    } else if !remark.is_empty() {
        model.notify(Level::Note, remark);
    } else if hashed {
        model.notify(
            Level::Note,
            "The record ids are hashed: codes in place of names. {problem-details} tells why.",
        );
    }
}

fn quality_done(model: &mut Model, done: QualityDone) {
    let now = model.now;
    let Some(open) = &mut model.open else { return };
    let left_out = &done.left_out;
    let (missing, columns) = (left_out.missing_records.len(), left_out.missing_columns.len());
    open.quality.take(done, now);
    explain_missing(open);
    if missing > 0 {
        model.notify(
            Level::Problem,
            format!(
                "{} records did not come back and were not checked. {{problem-details}} shows which.",
                grouped(missing as u64)
            ),
        );
    } else if columns > 0 {
        model.notify(
            Level::Note,
            format!(
                "{} columns were not checked: this token's export rights leave them out. {{problem-details}} shows which.",
                grouped(columns as u64)
            ),
        );
    }
}
