//! The one function that changes the model.

use super::actions::{self, Id, Scope};
use super::add_project::{self, Wish};
use super::clipboard;
use super::dialog::{Confirm, Dialog, Help, ProblemView, Then};
use super::export_dialog;
use super::keys::{Code, Key};
use super::lock;
use super::model::{Level, Model};
use super::msg::{Effect, Msg, Told};
use super::palette::Palette;
use super::running::Slot;
use super::tour;
use super::trace::Shows;
use crate::jobs::types::Job;

mod answers;
mod asking;
mod call_dialogs;
mod check;
mod columns;
mod copying;
mod failing;
mod finding;
mod live;
mod loading;
mod looking;
mod mouse;
mod moving;
mod perform;
mod playground;
mod scratchpad;
mod sending;
mod spot;
pub(super) mod survey;
mod table_dialogs;
mod taking_over;
mod token;
mod working;

pub use perform::start;

/// Takes one message in and says what is to be done about it.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let before = model.notice.clone();
    let effects = dispatch(model, msg);
    explain(model);
    tour::watch(model);
    // What was said before a job started would cover its progress.
    let starts = effects.iter().any(|e| matches!(e, Effect::Start { .. }));
    if starts && model.notice == before && before.is_some_and(|n| n.level != Level::Problem) {
        model.notice = None;
    }
    effects
}

/// Keeps the explanation beside an open record at the line under the cursor.
fn explain(model: &mut Model) {
    let now = model.now;
    let Some(open) = &mut model.open else { return };
    if let Some(view) = &mut open.records.view {
        view.explain(Shows { metadata: &open.metadata, masked: open.masked, values: open.values, now });
    }
}

fn dispatch(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Mouse(..)) {
        model.last_input = model.now;
    }
    match msg {
        Msg::Clock(now) => {
            if now < model.now {
                clock_went_back(model, now.duration_since(model.now));
            }
            model.now = now;
            let locks = lock::lock_if_due(model);
            if !locks.is_empty() {
                return locks;
            }
            if model.notice.as_ref().is_some_and(|n| n.until.is_some_and(|until| until <= now)) {
                model.notice = None;
            }
            clipboard::clear_if_due(model)
        }
        Msg::Key(key) if model.locked.is_some() => press_locked(model, key),
        Msg::Paste(_) | Msg::Mouse(..) if model.locked.is_some() => Vec::new(),
        Msg::Key(key) => press(model, key),
        Msg::Paste(text) => {
            // It may be a token.
            let text = zeroize::Zeroizing::new(text);
            paste(model, &text);
            Vec::new()
        }
        Msg::Mouse(what, x, y) => mouse::act(model, what, x, y),
        Msg::Resize(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Painted(painted) => {
            model.painted = painted;
            Vec::new()
        }
        Msg::Job { slot, generation, event } => answers::take(model, slot, generation, *event),
        Msg::Call(event) => {
            model.activity.note(event, model.now);
            Vec::new()
        }
        Msg::Told(Told::Copied(how)) => {
            let how = clipboard::handed(model, &how);
            let text = model.copy_note.take().map_or(how.clone(), |note| format!("{note} {how}"));
            model.notify(Level::Done, text);
            Vec::new()
        }
        Msg::Terminate => super::place::keep(model).into_iter().collect(),
        Msg::Resumed => Vec::new(),
        Msg::Told(Told::Recorded(by)) => {
            let text =
                format!("This terminal is recorded by {by}: all that you see here goes into its file.");
            model.notify(Level::Problem, text);
            model.recorder = Some(by);
            Vec::new()
        }
        Msg::Told(Told::NotLogged(why)) => {
            model.notify(Level::Problem, why);
            Vec::new()
        }
        Msg::Told(Told::NotCopied(why)) => {
            model.copy_note = None;
            model.clipboard.data = false;
            model.notify(Level::Problem, why);
            Vec::new()
        }
    }
}

/// This computer's clock was set back: what waits for a time would wait that much longer.
fn clock_went_back(model: &mut Model, by: jiff::SignedDuration) {
    let until = model.notice.as_mut().and_then(|n| n.until.as_mut());
    let times =
        [until, model.clipboard.until.as_mut(), Some(&mut model.last_input), model.interrupted.as_mut()];
    for time in times.into_iter().flatten() {
        *time = time.checked_add(by).unwrap_or(*time);
    }
}

/// The locked screen knows two keys: the one that quits, and any other.
fn press_locked(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == Key::char('q') || key == Key::ctrl('q') || key == Key::ctrl('c') {
        return perform::leave(model);
    }
    lock::open_again(model)
}

/// A key goes to the top thing: dialog, filter line, then the place with the focus.
fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.notice.as_ref().is_some_and(|n| n.until.is_none()) {
        model.notice = None;
    }
    if key == Key::ctrl('c') {
        return perform::interrupt(model);
    }
    if key == Key::ctrl('q') {
        return perform::quit(model);
    }
    if model.dialog.is_some() {
        return press_dialog(model, key);
    }
    if model.filter.is_some() {
        return press_filter(model, key);
    }
    match actions::lookup(&model.options.keys, actions::place(model), key) {
        Some(action) => perform::try_run(model, action.id),
        None => Vec::new(),
    }
}

fn press_filter(model: &mut Model, key: Key) -> Vec<Effect> {
    match key.code {
        Code::Enter => model.filter = None,
        Code::Esc => {
            model.filter = None;
            perform::set_filter(model, String::new());
        }
        // Arrows leave the line and move in what the filter found.
        Code::Up | Code::Down => {
            model.filter = None;
            return press(model, key);
        }
        _ => {
            if let Some(input) = &mut model.filter {
                add_project::edit(input, key);
                let text = input.value().to_owned();
                perform::set_filter(model, text);
            }
        }
    }
    Vec::new()
}

fn press_dialog(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(dialog) = model.dialog.take() else { return Vec::new() };
    match dialog {
        Dialog::Add(mut add) => match add.key(key) {
            Wish::Nothing => model.dialog = Some(Dialog::Add(add)),
            Wish::Close => return model.jobs.cancel(Slot::Add),
            Wish::Add(draft) => {
                model.dialog = Some(Dialog::Add(add));
                return model.jobs.start(Slot::Add, "Testing the token", Job::Add(draft), model.now);
            }
        },
        Dialog::Palette(palette) => return press_palette(model, palette, key),
        Dialog::Help(help) => press_help(model, help, key),
        Dialog::Problem(view) => return press_problem(model, view, key),
        Dialog::Confirm(confirm) => return press_confirm(model, confirm, key),
        Dialog::Live(setup) => return live::press_setup(model, setup, key),
        Dialog::Ask(ask) => return check::press_ask(model, ask, key),
        Dialog::Columns(dialog) => return table_dialogs::press_columns(model, dialog, key),
        Dialog::Search(search) => return table_dialogs::press_search(model, search, key),
        Dialog::Summary(view) => return table_dialogs::press_summary(model, view, key),
        Dialog::Find(find) => return finding::press(model, find, key),
        Dialog::Spot(spot) => return spot::press(model, spot, key),
        Dialog::Pick(picker) => return working::press_picker(model, picker, key),
        Dialog::ServerFilter(dialog) => return table_dialogs::press_server_filter(model, dialog, key),
        Dialog::Logic(pad) => return scratchpad::press(model, pad, key),
        Dialog::Param(param) => return call_dialogs::press_param(model, param, key),
        Dialog::Write(write) => return call_dialogs::press_write(model, write, key),
        Dialog::Save(save) => return call_dialogs::press_save(model, save, key),
        Dialog::Export(mut export) => match export.key(key) {
            export_dialog::Wish::Nothing => model.dialog = Some(Dialog::Export(export)),
            export_dialog::Wish::Close => {}
            export_dialog::Wish::Write(path) => {
                let job = model.open.as_ref().and_then(|open| export.job(open, path));
                return job.map_or_else(Vec::new, |job| {
                    model.jobs.start(Slot::Export, "Writing the file", job, model.now)
                });
            }
        },
    }
    Vec::new()
}

fn press_palette(model: &mut Model, mut palette: Palette, key: Key) -> Vec<Effect> {
    let len = palette.found(&model.recent).len();
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => {
            let Some(action) = palette.chosen(model) else {
                model.dialog = Some(Dialog::Palette(palette));
                return Vec::new();
            };
            model.recent.retain(|id| *id != action.id);
            model.recent.insert(0, action.id);
            return perform::try_run(model, action.id);
        }
        _ => {
            if let Some(movement) = list_move(key) {
                palette.cursor.step(movement, len, model.painted.dialog_page);
            } else {
                add_project::edit(&mut palette.search, key);
                palette.cursor = super::cursor::Cursor::default();
            }
            model.dialog = Some(Dialog::Palette(palette));
        }
    }
    Vec::new()
}

fn press_help(model: &mut Model, mut help: Help, key: Key) {
    match key.code {
        Code::Esc => return,
        Code::Down => help.top = help.top.saturating_add(1),
        Code::Up => help.top = help.top.saturating_sub(1),
        Code::PageDown => help.top = help.top.saturating_add(model.painted.dialog_page),
        Code::PageUp => help.top = help.top.saturating_sub(model.painted.dialog_page),
        _ => {
            add_project::edit(&mut help.search, key);
            help.top = 0;
        }
    }
    model.dialog = Some(Dialog::Help(help));
}

fn press_problem(model: &mut Model, mut view: ProblemView, key: Key) -> Vec<Effect> {
    match actions::lookup(&model.options.keys, Scope::ProblemDialog, key).map(|a| a.id) {
        Some(Id::ProblemClose) => {}
        Some(Id::HelpScroll) => {
            let page = model.painted.dialog_page.max(1);
            view.top = match key.code {
                Code::Down => view.top.saturating_add(1),
                Code::PageDown => view.top.saturating_add(page),
                Code::PageUp => view.top.saturating_sub(page),
                _ => view.top.saturating_sub(1),
            }
            .min(model.painted.dialog_lines.saturating_sub(page));
            model.dialog = Some(Dialog::Problem(view));
        }
        Some(Id::CopyRequestHere) => {
            let text = view.problem.why.request.clone();
            model.dialog = Some(Dialog::Problem(view));
            return if text.is_empty() { Vec::new() } else { vec![Effect::Copy(text)] };
        }
        Some(Id::DetailsHere) => {
            view.details = !view.details;
            model.dialog = Some(Dialog::Problem(view));
        }
        Some(Id::RetryHere) => return playground::retry(model, &view.problem),
        Some(Id::TokenHere) => return asking::new_token(model),
        Some(Id::AddressHere) => return asking::use_address(model, &view.problem),
        _ => model.dialog = Some(Dialog::Problem(view)),
    }
    Vec::new()
}

/// The safe button has the focus, Enter presses the button with the focus, and only `y` or
/// moving to the other button says yes.
fn press_confirm(model: &mut Model, mut confirm: Confirm, key: Key) -> Vec<Effect> {
    match key.code {
        Code::Left | Code::Right | Code::Tab | Code::BackTab => {
            confirm.on_yes = !confirm.on_yes;
            model.dialog = Some(Dialog::Confirm(confirm));
            Vec::new()
        }
        Code::Char('y') => confirmed(model, confirm.then),
        Code::Enter if confirm.on_yes => confirmed(model, confirm.then),
        Code::Enter | Code::Esc | Code::Char('n') => Vec::new(),
        _ => {
            model.dialog = Some(Dialog::Confirm(confirm));
            Vec::new()
        }
    }
}

fn confirmed(model: &mut Model, then: Then) -> Vec<Effect> {
    match then {
        Then::Forget(project) => {
            model.jobs.start(Slot::Projects, "Forgetting the project", Job::Forget(project), model.now)
        }
        Then::DeleteFile(file) => taking_over::delete(model, file),
        Then::Unmask => {
            model.unmask_agreed = true;
            asking::toggle_mask(model)
        }
        Then::TestWrites => token::test(model, true),
        Then::TestSingle => token::test_single(model),
        Then::Quit => perform::leave(model),
        Then::AllowWriting => sending::set_write(model, true),
        Then::Send => sending::send(model, 0),
        Then::AbandonSend => sending::abandon(model),
    }
}

/// Pasted text goes into the text box with the focus and never triggers keys.
fn paste(model: &mut Model, text: &str) {
    match &mut model.dialog {
        Some(Dialog::Add(add)) => add.paste(text),
        Some(Dialog::Palette(palette)) => add_project::insert(&mut palette.search, text.trim()),
        Some(Dialog::Help(help)) => add_project::insert(&mut help.search, text.trim()),
        Some(Dialog::Export(export)) => add_project::insert(&mut export.file, text.trim()),
        Some(Dialog::Spot(dialog)) => dialog.paste(text.trim()),
        Some(Dialog::Live(setup)) => add_project::insert(setup.input(), text.trim()),
        Some(Dialog::Ask(ask)) => add_project::insert(&mut ask.input, text.trim()),
        Some(Dialog::Search(search)) => {
            add_project::insert(&mut search.search, text.trim());
            let mut search = search.clone();
            table_dialogs::search_again(model, &mut search);
            model.dialog = Some(Dialog::Search(search));
        }
        Some(Dialog::ServerFilter(filter)) => {
            add_project::insert(&mut filter.text, text.trim());
            if let Some(open) = &model.open {
                filter.check(&open.metadata);
            }
        }
        Some(Dialog::Find(find)) => {
            add_project::insert(&mut find.text, text.trim());
            finding::again(model);
        }
        Some(Dialog::Pick(picker)) => add_project::insert(&mut picker.search, text.trim()),
        Some(Dialog::Logic(_)) => scratchpad::paste(model, text),
        Some(Dialog::Problem(_) | Dialog::Confirm(_) | Dialog::Columns(_) | Dialog::Summary(_)) => {}
        Some(Dialog::Param(param)) => param.paste(text),
        Some(Dialog::Write(write)) => add_project::insert(&mut write.typed, text.trim()),
        Some(Dialog::Save(save)) => add_project::insert(&mut save.file, text.trim()),
        None => {
            if let Some(input) = &mut model.filter {
                add_project::insert(input, text.trim());
                let text = input.value().to_owned();
                perform::set_filter(model, text);
            } else {
                model.notify(Level::Note, "Pasted text was not used: no text box has the focus.");
            }
        }
    }
}

/// The movement a key means in a list that shares its keys with a text box.
pub(super) fn list_move(key: Key) -> Option<super::cursor::Move> {
    use super::cursor::Move;
    Some(match key.code {
        Code::Up => Move::Up,
        Code::Down => Move::Down,
        Code::PageUp => Move::PageUp,
        Code::PageDown => Move::PageDown,
        _ => return None,
    })
}
