//! Doing the actions of the table.

use crate::app::actions::{self, Id, Scope};
use crate::app::add_project::AddProject;
use crate::app::cursor::Move;
use crate::app::dialog::{Confirm, Dialog, Help, ProblemView, Then};
use crate::app::model::{Level, Model, Pane, Section, Vault};
use crate::app::msg::Effect;
use crate::app::open::{Open, Scrolled};
use crate::app::palette::Palette;
use crate::app::record_view::{Line, RecordView};
use crate::app::records::{FIRST_RECORDS, Load, Records};
use crate::app::running::Slot;
use crate::jobs::types::{Job, RecordWanted, SavedProject};
use crate::jobs::{Problem, Remedy};

/// The first effects of the program: opens the project of the last session, or the dialog that
/// adds one if there is none.
pub fn start(model: &mut Model, last: Option<(&str, u8)>) -> Vec<Effect> {
    if let Some((id, section)) = last
        && let Some(at) = model.projects.iter().position(|p| p.id == id)
    {
        model.projects_cursor.at = at;
        model.section = Section::from_number(section).unwrap_or_default();
    }
    match model.chosen_project().cloned() {
        Some(project) => open_project(model, project),
        None => add_project(model, AddProject::default()),
    }
}

/// Opens a project: what is saved of it comes first, then what the server says.
pub fn open_project(model: &mut Model, project: SavedProject) -> Vec<Effect> {
    let mut effects = Vec::new();
    let another = model.open.as_ref().is_none_or(|o| o.project.id != project.id);
    if another {
        for slot in [Slot::Access, Slot::Records, Slot::Record] {
            effects.extend(model.jobs.cancel(slot));
        }
        model.open = Some(Open::new(project.clone(), model.options.mask));
    }
    if model.section == Section::Activity {
        model.section = Section::Overview;
    }
    model.pane = first_pane(model, model.section);
    effects.push(Effect::SaveSession { project: project.id.clone(), section: model.section.number() });
    effects.extend(model.jobs.start(
        Slot::Open,
        "Reading the project",
        Job::Open(Box::new(project)),
        model.now,
    ));
    effects
}

/// Does an action if it is available, or says why it is not.
pub fn try_run(model: &mut Model, id: Id) -> Vec<Effect> {
    if let Err(why) = actions::available(model, id) {
        let title = actions::find(id).map_or("That", |a| a.title);
        model.notify(Level::Note, format!("{title}: not available, {why}."));
        return Vec::new();
    }
    let mut effects = run(model, id);
    effects.extend(load_what_is_shown(model));
    effects
}

fn run(model: &mut Model, id: Id) -> Vec<Effect> {
    match id {
        Id::Up => step(model, Move::Up),
        Id::Down => step(model, Move::Down),
        Id::Left => step(model, Move::Left),
        Id::Right => step(model, Move::Right),
        Id::PageUp => step(model, Move::PageUp),
        Id::PageDown => step(model, Move::PageDown),
        Id::First => step(model, Move::First),
        Id::Last => return last(model),
        Id::NextPane => turn(model, 1),
        Id::PreviousPane => turn(model, model.section.panes().len() - 1),
        Id::Section1 => return go(model, Section::Overview),
        Id::Section2 => return go(model, Section::Instruments),
        Id::Section3 => return go(model, Section::Records),
        Id::Section4 => return go(model, Section::Users),
        Id::Section9 => return go(model, Section::Activity),
        Id::OpenProject => {
            if let Some(project) = model.chosen_project().cloned() {
                return open_project(model, project);
            }
        }
        Id::AddProject => return add_project(model, AddProject::default()),
        Id::NewToken => return new_token(model),
        Id::Forget => ask_forget(model),
        Id::Demo => {
            return model.jobs.start(Slot::Projects, "Starting the demo", Job::StartDemo, model.now);
        }
        Id::ShowFields | Id::ShowRights => model.pane = Pane::Main,
        Id::ShowCard => model.pane = Pane::Card,
        Id::LoadRecords => {
            model.pane = Pane::Main;
            return load_records(model, Some(FIRST_RECORDS));
        }
        Id::LoadAll => return load_records(model, None),
        Id::OpenRecord => return open_record(model),
        Id::Filter => {
            let text = actions::current_filter(model).unwrap_or_default().to_owned();
            model.filter = Some(tui_input::Input::new(text));
        }
        Id::ClearFilter => set_filter(model, String::new()),
        Id::Values => {
            if let Some(open) = &mut model.open {
                open.values = open.values.next();
                let name = open.values.name();
                model.notify(Level::Note, format!("Choices are shown as {name}."));
            }
        }
        Id::Mask => return ask_mask(model),
        Id::Copy => return copy(model),
        Id::Reload => return reload(model),
        Id::ProblemDetails => {
            if let Some(problem) = actions::problem_here(model).cloned() {
                model.dialog = Some(Dialog::Problem(ProblemView { problem, details: false }));
            }
        }
        Id::Palette => {
            model.dialog = Some(Dialog::Palette(Palette::default()));
        }
        Id::ActionsHere => {
            let only = Some(actions::place(model));
            model.dialog = Some(Dialog::Palette(Palette { only, ..Palette::default() }));
        }
        Id::Help => model.dialog = Some(Dialog::Help(Help::default())),
        Id::Mouse => {
            model.options.mouse = !model.options.mouse;
            let state = if model.options.mouse { "on" } else { "off: the terminal selects text" };
            model.notify(Level::Note, format!("The mouse is {state}."));
            return vec![Effect::Mouse(model.options.mouse)];
        }
        Id::Back => return back(model),
        Id::Interrupt => return interrupt(model),
        Id::Quit => return quit(model),
        // The keys of dialogs are taken by the dialogs themselves.
        _ => {}
    }
    Vec::new()
}

/// Users are read when their section is first shown: most visits do not need them.
fn load_what_is_shown(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let from_server = matches!(open.source, Some(crate::jobs::types::Source::Server(_)));
    if model.section != Section::Users || open.access_asked || !from_server {
        return Vec::new();
    }
    open.access_asked = true;
    let job = Job::Access(Box::new(open.project.clone()), Box::new(open.metadata.clone()));
    model.jobs.start(Slot::Access, "Reading users and rights", job, now)
}

/// Called after answers too: the section may have waited for the project to open.
pub fn after_answer(model: &mut Model) -> Vec<Effect> {
    load_what_is_shown(model)
}

fn first_pane(model: &Model, section: Section) -> Pane {
    let loaded = model.open.as_ref().is_some_and(|o| o.records.form.is_some());
    match section {
        Section::Instruments | Section::Users => Pane::List,
        Section::Records if !loaded => Pane::List,
        _ => Pane::Main,
    }
}

fn go(model: &mut Model, section: Section) -> Vec<Effect> {
    model.section = section;
    model.filter = None;
    model.pane = first_pane(model, section);
    model
        .open
        .as_ref()
        .map(|open| Effect::SaveSession { project: open.project.id.clone(), section: section.number() })
        .into_iter()
        .collect()
}

fn turn(model: &mut Model, by: usize) {
    let panes = model.section.panes();
    let at = panes.iter().position(|p| *p == model.pane).unwrap_or_default();
    model.pane = panes.get((at + by) % panes.len()).copied().unwrap_or_default();
}

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
    let Some(open) = &mut model.open else { return };
    match (pane, model.section) {
        (Pane::List, Section::Users) => {
            let len = open.shown_users().len();
            open.users.cursor.step(movement, len, page);
            open.scroll[Scrolled::Rights as usize] = crate::app::cursor::Cursor::default();
        }
        (Pane::List, _) => {
            let len = open.shown_instruments().len();
            let before = open.instruments.cursor.at;
            open.instruments.cursor.step(movement, len, page);
            if open.instruments.cursor.at != before {
                open.fields = crate::app::open::Listing::default();
            }
        }
        (Pane::Main, Section::Instruments) => {
            let len = open.shown_fields().len();
            open.fields.cursor.step(movement, len, page);
            open.scroll[Scrolled::Card as usize] = crate::app::cursor::Cursor::default();
        }
        (Pane::Main, Section::Records) => match (&mut open.records.view, movement) {
            (Some(view), _) => {
                let len = view.lines.len();
                view.cursor.step(movement, len, page);
            }
            (None, Move::Left | Move::Right) => open.records.step_column(movement == Move::Right, fit),
            (None, _) => {
                let len = open.records.rows.len();
                open.records.cursor.step(movement, len, page);
            }
        },
        // A text has no cursor of its own: its first line moves.
        (Pane::Main, Section::Users) => scroll(&mut open.scroll[Scrolled::Rights as usize].at, movement, page, most),
        (Pane::Main, _) => scroll(&mut open.scroll[Scrolled::Overview as usize].at, movement, page, most),
        (Pane::Card | Pane::Projects, _) => {
            scroll(&mut open.scroll[Scrolled::Card as usize].at, movement, page, most);
        }
    }
}

fn scroll(top: &mut usize, movement: Move, page: usize, most: usize) {
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
fn last(model: &mut Model) -> Vec<Effect> {
    let at_end = model.open.as_ref().is_some_and(|o| {
        o.records.view.is_none() && o.records.cursor.at + 1 >= o.records.rows.len()
    });
    if actions::place(model) == Scope::Table && at_end && actions::available(model, Id::LoadAll).is_ok() {
        return load_records(model, None);
    }
    step(model, Move::Last);
    Vec::new()
}

fn load_records(model: &mut Model, limit: Option<usize>) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    // "All" means all of the instrument that is in the table; the list's cursor may be elsewhere.
    let form = match (limit, &open.records.form) {
        (None, Some(form)) => Some(form.clone()),
        _ => open.instrument().map(|i| i.name.clone()),
    };
    let Some(form) = form else { return Vec::new() };
    let Some(wanted) = Records::wanted(&open.metadata, &form, limit) else { return Vec::new() };
    open.records.begin(&form);
    open.records.view = None;
    let job = Job::Records(Box::new(open.project.clone()), wanted);
    model.jobs.start(Slot::Records, "Reading records", job, now)
}

fn open_record(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let Some(record) = open.records.chosen_record().map(str::to_owned) else { return Vec::new() };
    load_record(open, &record).map_or_else(Vec::new, |job| {
        model.jobs.start(Slot::Record, "Reading the record", job, now)
    })
}

fn load_record(open: &mut Open, record: &str) -> Option<Job> {
    let wanted = RecordWanted {
        record: record.to_owned(),
        id_field: open.metadata.dictionary.record_id_field()?.name.clone(),
        forms: open.metadata.instruments.iter().map(|i| i.name.clone()).collect(),
    };
    if open.records.view.as_ref().is_none_or(|v| v.record != record) {
        open.records.view = Some(RecordView::loading(record));
    }
    Some(Job::Record(Box::new(open.project.clone()), wanted))
}

/// Loads the part that is on screen again; what is shown stays until the new is here.
pub fn reload(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let project = open.project.clone();
    if open.problem.is_some() || open.source.is_none() {
        return model.jobs.start(Slot::Open, "Reading the project", Job::Open(Box::new(project)), now);
    }
    match model.section {
        Section::Records if open.records.view.is_some() => {
            let record = open.records.view.as_ref().map(|v| v.record.clone()).unwrap_or_default();
            load_record(open, &record).map_or_else(Vec::new, |job| {
                model.jobs.start(Slot::Record, "Reading the record", job, now)
            })
        }
        Section::Records if open.records.form.is_some() => {
            let all = open.records.ids.as_ref().is_some_and(|ids| {
                ids.len() > FIRST_RECORDS && open.records.records_read == ids.len()
            });
            load_records(model, if all { None } else { Some(FIRST_RECORDS) })
        }
        Section::Users => {
            open.access_asked = false;
            load_what_is_shown(model)
        }
        _ => model.jobs.start(Slot::Open, "Reading the project", Job::Open(Box::new(project)), now),
    }
}

/// Sets the filter of the list with the focus.
pub fn set_filter(model: &mut Model, text: String) {
    let place = actions::place(model);
    let Some(open) = &mut model.open else { return };
    let start = crate::app::cursor::Cursor::default();
    match place {
        Scope::Instruments | Scope::RecordForms => {
            open.instruments.filter = text;
            open.instruments.cursor = start;
            open.fields.cursor = start;
        }
        Scope::Fields => {
            open.fields.filter = text;
            open.fields.cursor = start;
        }
        Scope::Users => {
            open.users.filter = text;
            open.users.cursor = start;
        }
        Scope::Table => {
            open.records.filter = text;
            open.records.cursor = start;
            open.records.refresh(&open.metadata);
        }
        _ => {}
    }
}

/// Esc: closes the top thing. Filter first, then a running job, then the way back. Never quits.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.notice.take().is_some_and(|n| n.until.is_none()) {
        return Vec::new();
    }
    if actions::current_filter(model).is_some_and(|f| !f.is_empty()) {
        set_filter(model, String::new());
        return Vec::new();
    }
    let place = actions::place(model);
    let slot = match place {
        Scope::Record => Some(Slot::Record),
        Scope::Table | Scope::RecordForms => Some(Slot::Records),
        Scope::Users | Scope::Rights => Some(Slot::Access),
        _ => Some(Slot::Open),
    };
    if let Some(slot) = slot.filter(|s| model.jobs.get(*s).is_some()) {
        return stop(model, slot);
    }
    match place {
        Scope::Card => model.pane = Pane::Main,
        Scope::Record => {
            if let Some(open) = &mut model.open {
                open.records.view = None;
            }
        }
        Scope::Fields | Scope::Table | Scope::Rights => model.pane = Pane::List,
        Scope::Projects => {}
        _ => model.pane = Pane::Projects,
    }
    Vec::new()
}

/// Stops the job of a slot and says so; what was read so far stays.
fn stop(model: &mut Model, slot: Slot) -> Vec<Effect> {
    let effects = model.jobs.cancel(slot);
    super::answers::stopped(model, slot);
    model.notify(Level::Note, "Stopped. What was read so far is shown.");
    effects
}

/// Ctrl+C: stops a running job; or explains itself, and quits when pressed again within two seconds.
pub fn interrupt(model: &mut Model) -> Vec<Effect> {
    let again = model.interrupted.is_some_and(|at| {
        model.now.duration_since(at) <= jiff::SignedDuration::from_secs(2)
    });
    if again {
        return vec![Effect::Quit];
    }
    model.interrupted = Some(model.now);
    let running: Vec<Slot> = model.jobs.all().map(|(slot, _)| slot).collect();
    let effects: Vec<Effect> = running.into_iter().flat_map(|slot| stop(model, slot)).collect();
    let text = if effects.is_empty() {
        "c copies, q quits. Press Ctrl+C again to quit."
    } else {
        "Stopped. Press Ctrl+C again to quit."
    };
    model.notify(Level::Note, text);
    effects
}

/// Quits; asks only if a job that reads records would be lost.
pub fn quit(model: &mut Model) -> Vec<Effect> {
    if model.jobs.get(Slot::Records).is_none() {
        return vec![Effect::Quit];
    }
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: "Quit while records are being read?".into(),
        text: "What was read so far is not kept on this computer.".into(),
        yes: "Quit",
        no: "Go on reading",
        on_yes: false,
        then: Then::Quit,
    }));
    Vec::new()
}

fn add_project(model: &mut Model, add: AddProject) -> Vec<Effect> {
    model.dialog = Some(Dialog::Add(Box::new(add)));
    if model.vault == Vault::Unknown && !model.options.demo {
        return model.jobs.start(Slot::Vault, "Looking for the password store", Job::ProbeVault, model.now);
    }
    super::answers::prefer_usable_way(model);
    Vec::new()
}

/// Opens the dialog that gives the open or chosen project a new token.
pub fn new_token(model: &mut Model) -> Vec<Effect> {
    let project = model.open.as_ref().map(|o| &o.project).or_else(|| model.chosen_project());
    match project.cloned() {
        Some(project) => add_project(model, AddProject::replacing(&project)),
        None => Vec::new(),
    }
}

/// Opens the same dialog with the address to which the server pointed.
pub fn use_address(model: &mut Model, problem: &Problem) -> Vec<Effect> {
    let Remedy::UseAddress(host) = &problem.remedy else { return Vec::new() };
    let Some(project) = model.open.as_ref().map(|o| o.project.clone()) else { return Vec::new() };
    let mut add = AddProject::replacing(&project);
    add.address = tui_input::Input::new(format!("https://{host}/"));
    add.part = crate::app::add_project::Part::Address;
    add_project(model, add)
}

fn ask_forget(model: &mut Model) {
    let Some(project) = model.chosen_project().cloned() else { return };
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: format!("Forget {}?", project.name),
        text: "Its token and its saved metadata are removed from this computer. Nothing changes in REDCap.".into(),
        yes: "Forget",
        no: "Keep",
        on_yes: false,
        then: Then::Forget(Box::new(project)),
    }));
}

fn ask_mask(model: &mut Model) -> Vec<Effect> {
    let masked = model.open.as_ref().is_some_and(|o| o.masked);
    if masked && !model.unmask_agreed {
        model.dialog = Some(Dialog::Confirm(Confirm {
            question: "Show identifiers?".into(),
            text: "Fields marked as identifiers will be readable on this screen. m masks them again.".into(),
            yes: "Show",
            no: "Keep masked",
            on_yes: false,
            then: Then::Unmask,
        }));
        return Vec::new();
    }
    toggle_mask(model);
    Vec::new()
}

/// Masks identifiers, or shows them.
pub fn toggle_mask(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    open.masked = !open.masked;
    let text = if open.masked {
        "Identifiers are masked. Only fields marked as identifiers are; free text may name people too."
    } else {
        "Identifiers are shown."
    };
    model.notify(Level::Note, text);
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match actions::place(model) {
        Scope::Projects => model.chosen_project().map(|p| p.url.clone()),
        place => model.open.as_ref().and_then(|open| copied(open, place, model.section)),
    };
    match text.filter(|t| !t.is_empty()) {
        Some(text) => vec![Effect::Copy(text)],
        None => {
            model.notify(Level::Note, "There is nothing to copy here.");
            Vec::new()
        }
    }
}

/// The text under the cursor, as it is shown: masked stays masked.
fn copied(open: &Open, place: Scope, section: Section) -> Option<String> {
    match place {
        Scope::Instruments | Scope::RecordForms => open.instrument().map(|i| i.name.clone()),
        Scope::Fields => open.field().map(|f| f.name.clone()),
        Scope::Card if section == Section::Instruments => open.field().map(|f| f.name.clone()),
        Scope::Users => match open.user_row()? {
            crate::app::users::UserRow::User(i) => {
                open.metadata.access.users.list().get(i).map(|u| u.username.clone())
            }
            crate::app::users::UserRow::Role(i) => {
                open.metadata.access.roles.list().get(i).map(|r| r.label.clone())
            }
            crate::app::users::UserRow::Dag(i) => {
                open.metadata.access.dags.list().get(i).map(|d| d.unique_name.clone())
            }
            crate::app::users::UserRow::Heading(_) => None,
        },
        Scope::Table | Scope::Card if section == Section::Records && open.records.view.is_none() => {
            let column = open.records.columns.get(open.records.column)?;
            let row = open.records.chosen_row()?;
            Some(open.records.text(column, row, open.values, open.masked, &open.metadata))
        }
        Scope::Record => {
            let view = open.records.view.as_ref()?;
            match view.lines.get(view.cursor.at)? {
                Line::Place(text) => Some(text.clone()),
                Line::Instrument { label, .. } => Some(label.clone()),
                Line::Field { field, row } => {
                    Some(view.value(*field, *row, open.values, open.masked, &open.metadata))
                }
            }
        }
        _ => None,
    }
}

/// Notes that the record load of this model was stopped.
pub fn mark_records_stopped(open: &mut Open) {
    if open.records.load == Load::Running {
        open.records.load = Load::Stopped;
    }
}
