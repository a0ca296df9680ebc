//! Doing what the playground's keys ask for, and taking in what its jobs tell.

use super::{call_dialogs, loading, moving};
use crate::api::catalogue::Kind;
use crate::app::actions::{Id, Scope};
use crate::app::cursor::{Cursor, Move};
use crate::app::dialog::{Dialog, ProblemView};
use crate::app::model::{Level, Model, Pane, Section};
use crate::app::msg::{Effect, Remember};
use crate::app::open::Open;
use crate::app::playground::param_dialog::ParamDialog;
use crate::app::playground::privacy::guard;
use crate::app::playground::reading::Reading;
use crate::app::playground::{Compared, Face, code, lines_of, name_of};
use crate::app::running::Slot;
use crate::jobs::Problem;
use crate::jobs::types::{Answer, Comparison, Consent, DiffLine, Job, Sending};
use crate::snippets::Language;

/// Does an action of the section.
pub fn run(model: &mut Model, id: Id) -> Vec<Effect> {
    let page = model.painted.page(Pane::Main);
    let Some(open) = &mut model.open else { return Vec::new() };
    let masked = open.masked;
    let playground = &mut open.playground;
    match id {
        Id::FillIn | Id::ShowForm => {
            playground.face = Face::Form;
            model.pane = Pane::Main;
        }
        Id::EditParam => {
            let form = playground.form();
            match ParamDialog::new(&form, open) {
                Some(dialog) => model.dialog = Some(Dialog::Param(Box::new(dialog))),
                None => return super::perform::try_run(model, Id::SendCall),
            }
        }
        Id::CycleParam => {
            let few = playground
                .form()
                .param()
                .is_some_and(|p| matches!(p.kind, Kind::Choice(_) | Kind::Bool | Kind::ZeroOne));
            if few {
                playground.form_mut().cycle();
            } else {
                model.notify(Level::Note, "{edit-param} sets this parameter.");
            }
        }
        Id::ClearParam => {
            let form = playground.form_mut();
            if let Some(param) = form.param() {
                form.set(param.name, Vec::new());
            }
        }
        Id::SendCall => return call_dialogs::ask_or_send(model),
        Id::ShowAnswer => {
            playground.face = Face::Answer;
            model.pane = Pane::Main;
        }
        Id::ShowCode => {
            playground.face = Face::Code;
            model.pane = Pane::Main;
        }
        Id::ShowCalls => {
            playground.face = Face::Calls;
            model.pane = Pane::Main;
        }
        Id::Favourite => return favourite(model),
        Id::NextView => {
            if let Some(reading) = &mut playground.reading {
                reading.next_view();
            }
        }
        Id::Headers => {
            if let Some(reading) = &mut playground.reading {
                reading.toggle_headers();
            }
        }
        Id::SearchHere => {
            let text = playground.reading.as_ref().map(|r| r.search.clone()).unwrap_or_default();
            model.filter = Some(tui_input::Input::new(text));
        }
        Id::NextMatch | Id::PreviousMatch => {
            let found =
                playground.reading.as_mut().is_some_and(|r| r.find(id == Id::NextMatch, false, masked, page));
            if !found {
                model.notify(Level::Note, "No line has these words.");
            }
        }
        Id::SaveHere => call_dialogs::save(model),
        Id::OtherLanguage => other_language(open, true),
        Id::OpenCall => open_call(model),
        Id::MarkCall => {
            let at = playground.calls.get(playground.calls_cursor.at).map(|c| c.at);
            playground.marked = if playground.marked == at { None } else { at };
        }
        Id::CompareCalls => return compare(model),
        _ => {}
    }
    Vec::new()
}

/// Sends the call that the form describes.
pub fn send(model: &mut Model, consent: Consent) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let form = open.playground.form();
    let sending = Sending {
        project: open.project.clone(),
        request: form.request(),
        upload: form.upload(),
        consent,
        guard: guard(&form, open),
    };
    // The one before is stopped, and does not stay as running.
    open.playground.failed("stopped", None);
    open.playground.sent(sending.request.clone(), now);
    model.pane = Pane::Main;
    model.jobs.start(Slot::Call, form.method.title, Job::Call(Box::new(sending)), now)
}

fn favourite(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    let method = open.playground.chosen();
    let name = name_of(method);
    let text = match model.favourites.iter().position(|f| *f == name) {
        Some(at) => {
            model.favourites.remove(at);
            format!("{} is no favourite any more.", method.title)
        }
        None => {
            model.favourites.push(name);
            format!("{} stands first in the list now.", method.title)
        }
    };
    // The cursor stays on its method.
    let found = open.playground.found(&model.favourites);
    let at = found.iter().position(|m| *m == open.playground.method).unwrap_or_default();
    open.playground.methods.at = at;
    model.notify(Level::Note, text);
    vec![Effect::Remember(Remember::Favourites(model.favourites.clone()))]
}

/// Fills the form in as it was for the call under the cursor.
pub fn take_up_call(open: &mut Open) {
    let playground = &mut open.playground;
    let Some(call) = playground.calls.get(playground.calls_cursor.at) else { return };
    let form = call.form.clone();
    let place = crate::api::catalogue::METHODS.iter().position(|m| *m == *form.method);
    if let Some(method) = place {
        playground.method = method;
        playground.forms.insert(method, form);
    }
}

fn open_call(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    take_up_call(open);
    let playground = &mut open.playground;
    let Some(call) = playground.calls.get(playground.calls_cursor.at) else { return };
    match (&call.answer, &call.problem) {
        (Some(answer), _) => {
            if !playground.reading.as_ref().is_some_and(|r| r.shows(Some(answer))) {
                playground.reading = Some(Reading::new(answer.clone()));
            }
            playground.face = Face::Answer;
        }
        (None, Some(problem)) => {
            model.dialog = Some(Dialog::Problem(ProblemView::of(problem.clone())));
        }
        (None, None) => {
            playground.face = Face::Form;
            model.notify(
                Level::Note,
                "Its answer is not here any more. The form is as it was; {send-call} sends it.",
            );
        }
    }
}

fn compare(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let masked = open.masked;
    let playground = &mut open.playground;
    let here = playground.calls.get(playground.calls_cursor.at);
    let marked = playground.calls.iter().find(|c| Some(c.at) == playground.marked);
    let (Some(here), Some(marked)) = (here, marked) else { return Vec::new() };
    let (old, new) = if here.at < marked.at { (here, marked) } else { (marked, here) };
    let lines = |call: &crate::app::playground::Made| call.answer.as_ref().and_then(|a| lines_of(a, masked));
    let (Some(old_lines), Some(new_lines)) = (lines(old), lines(new)) else {
        model.notify(Level::Note, "These answers may identify people and are closed. {mask} shows them.");
        return Vec::new();
    };
    let clock = |at: jiff::Timestamp| at.strftime("%H:%M:%S").to_string();
    playground.compared = Compared {
        title: format!("{} {} and {}", old.request.method().title, clock(old.at), clock(new.at)),
        lines: None,
        cursor: Cursor::default(),
        unmasked: !masked,
    };
    playground.face = Face::Compare;
    let job = Job::Compare(Comparison { old: old_lines, new: new_lines });
    model.jobs.start(Slot::Compare, "Comparing", job, now)
}

/// Takes a comparison in.
pub fn compared(model: &mut Model, lines: Vec<DiffLine>) {
    if let Some(open) = &mut model.open {
        open.playground.compared.lines = Some(lines);
    }
}

/// Takes an answer in. It comes to the front where the section is on screen.
pub fn answered(model: &mut Model, answer: Answer) {
    let text = match &answer.verdict {
        None => format!("{}: answered with {}.", answer.title, answer.status),
        Some(problem) => format!("{} {{problem-details}} shows all about it.", problem.one_line()),
    };
    let level = if answer.verdict.is_some() { Level::Problem } else { Level::Done };
    if let Some(open) = &mut model.open {
        open.blocked = answer.verdict.as_ref().is_some_and(|problem| problem.blocked);
        open.playground.answered(answer);
    }
    if model.section == Section::Playground {
        model.pane = Pane::Main;
    }
    model.notify(level, text);
}

/// Notes that a call came to nothing.
pub fn failed(model: &mut Model, problem: Problem) {
    if let Some(open) = &mut model.open {
        open.playground.failed("not answered", Some(problem.clone()));
    }
    model.notify(Level::Problem, problem.one_line());
    if model.dialog.is_none() && model.section == Section::Playground {
        model.dialog = Some(Dialog::Problem(ProblemView::of(problem)));
    }
}

/// Tries again what failed: the call of this section, which is asked about again if it writes;
/// elsewhere what is on screen is read again.
pub fn retry(model: &mut Model, problem: &Problem) -> Vec<Effect> {
    let own = model.open.as_ref().and_then(|o| o.playground.problem());
    if model.section == Section::Playground && own == Some(problem) {
        let mut effects = loading::resume(model);
        effects.extend(super::perform::try_run(model, Id::SendCall));
        return effects;
    }
    loading::reload(model)
}

/// Sets what is searched for: among the methods, or in the answer.
pub fn set_filter(model: &mut Model, place: Scope, text: String) {
    let page = model.painted.page(Pane::Main);
    let Some(open) = &mut model.open else { return };
    let masked = open.masked;
    if place == Scope::Methods {
        open.playground.filter = text;
        open.playground.methods = Cursor::default();
        open.playground.choose(&model.favourites);
    } else if let Some(reading) = &mut open.playground.reading {
        reading.search = text;
        reading.find(true, true, masked, page);
    }
}

/// Moves in the list of methods or in what the main part shows.
pub fn step(model: &mut Model, pane: Pane, movement: Move, page: usize, most: usize) {
    let Some(open) = &mut model.open else { return };
    let masked = open.masked;
    if pane == Pane::List {
        let len = open.playground.found(&model.favourites).len();
        open.playground.methods.step(movement, len, page);
        return open.playground.choose(&model.favourites);
    }
    match open.playground.face {
        Face::Form => {
            let form = open.playground.form_mut();
            let len = form.n_rows();
            form.cursor.step(movement, len, page);
        }
        Face::Answer => {
            if let Some(reading) = &mut open.playground.reading {
                reading.step(movement, masked, page);
            }
        }
        Face::Code => match movement {
            Move::Left | Move::Right => other_language(open, movement == Move::Right),
            _ => moving::scroll(&mut open.playground.code.at, movement, page, most),
        },
        Face::Calls => {
            let len = open.playground.calls.len();
            open.playground.calls_cursor.step(movement, len, page);
        }
        Face::Compare => {
            let len = open.playground.compared.lines.as_ref().map_or(0, Vec::len);
            open.playground.compared.cursor.step(movement, len, page);
        }
    }
}

fn other_language(open: &mut Open, forward: bool) {
    let playground = &mut open.playground;
    let n = Language::ALL.len();
    let at = Language::ALL.iter().position(|l| *l == playground.language).unwrap_or_default();
    let next = if forward { at + 1 } else { at + n - 1 } % n;
    playground.language = Language::ALL.get(next).copied().unwrap_or(Language::Curl);
    playground.code = Cursor::default();
}

/// The cursor that a click sets.
pub fn cursor(model: &mut Model, pane: Pane) -> Option<&mut Cursor> {
    let playground = &mut model.open.as_mut()?.playground;
    match (pane, playground.face) {
        (Pane::List, _) => Some(&mut playground.methods),
        (_, Face::Form) => Some(&mut playground.form_mut().cursor),
        (_, Face::Answer) => playground.reading.as_mut().map(|r| &mut r.cursor),
        (_, Face::Calls) => Some(&mut playground.calls_cursor),
        (_, Face::Compare) => Some(&mut playground.compared.cursor),
        (_, Face::Code) => None,
    }
}

/// After a click in the list: chooses the method under its cursor.
pub fn follow(model: &mut Model) {
    if model.section == Section::Playground
        && model.pane == Pane::List
        && let Some(open) = &mut model.open
    {
        open.playground.choose(&model.favourites);
    }
}

/// Esc in the main part: back to the form.
pub fn leave(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    open.playground.face = match open.playground.face {
        Face::Compare => Face::Calls,
        _ => Face::Form,
    };
}

/// Masks were switched on or off: what was compared unmasked does not stay on screen.
pub fn masks_changed(open: &mut Open) {
    let playground = &mut open.playground;
    if open.masked && playground.compared.unmasked {
        playground.compared = Compared::default();
        if playground.face == Face::Compare {
            playground.face = Face::Calls;
        }
    }
    if let Some(reading) = &mut playground.reading {
        reading.cursor = Cursor::default();
        reading.left = 0;
    }
}

/// What `c` copies: the request, the shown lines of the answer, the program, the difference.
pub fn copied(open: &Open, place: Scope) -> Option<String> {
    let playground = &open.playground;
    match place {
        Scope::Form => Some(playground.form().preview(&open.project.url).join("\n")),
        Scope::Answer => playground.reading.as_ref()?.lines(open.masked).map(|l| l.join("\n")),
        Scope::Code => code(open).ok(),
        Scope::Compare => {
            playground.compared.lines.as_ref().map(|lines| {
                lines.iter().map(crate::app::playground::diff_text).collect::<Vec<_>>().join("\n")
            })
        }
        _ => None,
    }
}
