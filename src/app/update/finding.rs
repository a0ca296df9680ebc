//! The search over records and codebooks.

use super::{list_move, loading};
use crate::app::add_project;
use crate::app::changes::LogLoad;
use crate::app::cursor::Cursor;
use crate::app::dialog::Dialog;
use crate::app::find::{Find, Line};
use crate::app::keys::{Code, Key};
use crate::app::model::{Model, Pane, Section};
use crate::app::msg::Effect;
use crate::app::open::Open;
use crate::app::picker::{About, Picker};
use crate::app::running::Slot;
use crate::domain::find::{Codebook, Index};
use crate::domain::text::{one_line, without_html};
use crate::jobs::types::Job;

/// Opens the search. Codebooks are gathered from what was read before; no server is asked.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let mut find = Find::default();
    find.search(model.open.as_ref(), &model.codebooks);
    model.dialog = Some(Dialog::Find(Box::new(find)));
    let id = model.open.as_ref().map(|o| o.project.id.clone()).unwrap_or_default();
    let job = Job::Codebooks(model.projects.clone(), id);
    model.jobs.start(Slot::Codebooks, "Gathering codebooks", job, model.now)
}

/// A key for the search.
pub fn press(model: &mut Model, mut find: Box<Find>, key: Key) -> Vec<Effect> {
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => return enter(model, find),
        Code::Tab => {
            if let Some(open) = &model.open {
                model.dialog = Some(Dialog::Pick(Box::new(picker(open))));
                return Vec::new();
            }
        }
        _ => match list_move(key) {
            Some(movement) => {
                let len = find.lines().len();
                find.cursor.step(movement, len, model.painted.dialog_page);
            }
            None => {
                add_project::edit(&mut find.text, key);
                find.cursor = Cursor::default();
                find.search(model.open.as_ref(), &model.codebooks);
            }
        },
    }
    model.dialog = Some(Dialog::Find(find));
    Vec::new()
}

/// Searches again after something changed: pasted text, records that were read, a mask.
pub fn again(model: &mut Model) {
    if let Some(Dialog::Find(find)) = &mut model.dialog {
        find.search(model.open.as_ref(), &model.codebooks);
    }
}

fn enter(model: &mut Model, find: Box<Find>) -> Vec<Effect> {
    match find.chosen() {
        Some(Line::Read) => {
            model.dialog = Some(Dialog::Find(find));
            read(model)
        }
        Some(Line::Record(at)) => {
            let Some(hit) = find.records.get(at) else { return Vec::new() };
            model.section = Section::Records;
            model.pane = Pane::Main;
            loading::open_named(model, &hit.record)
        }
        Some(Line::Field(at)) => {
            let Some(hit) = find.fields.get(at) else { return Vec::new() };
            go_to_field(model, &hit.project, &hit.form, &hit.field)
        }
        None => {
            model.dialog = Some(Dialog::Find(find));
            Vec::new()
        }
    }
}

fn read(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    open.find.load = LogLoad::Running;
    let (project, metadata) = (Box::new(open.project.clone()), Box::new(open.metadata.clone()));
    let job = Job::Find(project, open.find.chosen.clone(), metadata);
    model.jobs.start(Slot::Find, "Reading for the search", job, now)
}

/// Takes the records in.
pub fn took_index(model: &mut Model, index: Index, missing: Vec<String>) {
    let now = model.now;
    if let Some(open) = &mut model.open {
        open.find.index = Some(index);
        open.find.missing = missing;
        open.find.load = LogLoad::Done(now);
    }
    again(model);
}

/// Takes the codebooks in, and the fields that were chosen for this project before.
pub fn took_codebooks(model: &mut Model, books: Vec<Codebook>, id: &str, chosen: Vec<String>) {
    model.codebooks = books;
    if let Some(open) = &mut model.open
        && open.project.id == id
        && open.find.index.is_none()
    {
        open.find.chosen = chosen;
    }
    again(model);
}

fn picker(open: &Open) -> Picker {
    let fields = open.metadata.dictionary.fields().iter().skip(1).filter(|f| f.holds_data());
    let names: Vec<String> = fields.clone().map(|f| f.name.clone()).collect();
    let items = fields.map(|f| (f.name.clone(), without_html(&one_line(&f.label)))).collect();
    let own = crate::domain::find::fields(&open.metadata, &open.find.chosen);
    Picker {
        title: "Fields to search".into(),
        help: "Those of the record label and the secondary unique field are always searched.",
        items,
        ticked: Some(names.iter().map(|n| own.contains(n)).collect()),
        search: tui_input::Input::default(),
        cursor: Cursor::default(),
        about: About::SearchFields(names),
    }
}

/// Takes chosen fields in, and reads the records by them.
pub fn took_fields(model: &mut Model, chosen: Vec<String>) -> Vec<Effect> {
    if let Some(open) = &mut model.open {
        open.find.chosen = chosen;
        open.find.index = None;
    }
    let mut find = Find::default();
    find.search(model.open.as_ref(), &model.codebooks);
    model.dialog = Some(Dialog::Find(Box::new(find)));
    read(model)
}

/// Shows a field in the codebook of its project, which is opened if it is another.
fn go_to_field(model: &mut Model, project: &str, form: &str, field: &str) -> Vec<Effect> {
    let is_open = model.open.as_ref().is_some_and(|o| o.project.id == project);
    let mut effects = Vec::new();
    if !is_open {
        let Some(at) = model.projects.iter().position(|p| p.id == project) else { return Vec::new() };
        let Some(saved) = model.projects.get(at).cloned() else { return Vec::new() };
        model.projects_cursor.at = at;
        effects = loading::open_project(model, saved);
    }
    model.section = Section::Instruments;
    model.pane = Pane::Main;
    if let Some(open) = &mut model.open {
        open.go_to = Some((form.to_owned(), field.to_owned()));
    }
    arrive(model);
    effects
}

/// Puts the cursors on the field that was asked for, once its codebook is here.
pub fn arrive(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    let Some((form, field)) = open.go_to.clone() else { return };
    open.instruments.filter.clear();
    open.fields.filter.clear();
    let Some(at) = open.metadata.instruments.iter().position(|i| i.name == form) else { return };
    open.instruments.cursor.at = at;
    if let Some(at) = open.metadata.dictionary.fields_of(&form).position(|f| f.name == field) {
        open.fields.cursor = Cursor { at, top: 0 };
        open.go_to = None;
    }
}
