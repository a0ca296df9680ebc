//! Doing the actions of the table.

use super::asking::{add_project, ask_forget, ask_mask, new_token};
use super::check::{self, Reading};
use super::columns::{self, Change};
use super::loading::{load_records, load_what_is_shown, open_project, open_record, reload, stop};
use super::moving::{first_pane, last, step, turn};
use super::{
    copying, finding, live, loading, looking, playground, sending, spot, survey, table_dialogs, taking_over,
    token, working,
};
use crate::app::actions::{self, Id, Scope};
use crate::app::add_project::AddProject;
use crate::app::cursor::{Cursor, Move};
use crate::app::dialog::{Confirm, Dialog, Help, ProblemView, Then};
use crate::app::export_dialog::ExportDialog;
use crate::app::looks;
use crate::app::model::{Level, Model, Pane, Section};
use crate::app::msg::Effect;
use crate::app::open::Listing;
use crate::app::palette::Palette;
use crate::app::place;
use crate::app::records::FIRST_RECORDS;
use crate::app::running::Slot;
use crate::app::sorting::{Rule, Sort};
use crate::app::tour;
use crate::jobs::types::{Job, SurveySecret};

/// The first effects of the program: opens the project of the last session. Without any project
/// the first screen says what there is to do.
pub fn start(model: &mut Model, last: Option<(&str, u8)>) -> Vec<Effect> {
    if let Some((id, section)) = last
        && let Some(at) = model.projects.iter().position(|p| p.id == id)
    {
        model.projects_cursor.at = at;
        model.section = Section::from_number(section).unwrap_or_default();
    }
    match model.chosen_project().cloned() {
        Some(project) => open_project(model, project),
        None => {
            model.pane = Pane::Main;
            Vec::new()
        }
    }
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
        Id::Section7 => return go(model, Section::Playground),
        Id::Section5 => return go(model, Section::Check),
        Id::Section6 => return go(model, Section::Token),
        Id::Section8 => return go(model, Section::Live),
        Id::Section9 => return go(model, Section::Activity),
        Id::Listen => return live::toggle(model),
        Id::WatchLog => return live::toggle_watch(model),
        Id::ReadBack => return live::toggle_read_back(model),
        Id::SetUpLive => live::set_up(model),
        Id::WatchPause => return live::next_pause(model),
        Id::OpenTriggered => return live::open_record(model),
        Id::SaveAForm => return live::save_a_form(model),
        Id::OpenProject => {
            if let Some(project) = model.chosen_project().cloned() {
                return open_project(model, project);
            }
        }
        Id::TakeOver => return taking_over::ask(model),
        Id::AddProject => return add_project(model, AddProject::default()),
        Id::NewToken => return new_token(model),
        Id::Forget => ask_forget(model),
        Id::Demo => {
            return model.jobs.start(Slot::Projects, "Starting the demo", Job::StartDemo, model.now);
        }
        Id::ShowFields | Id::ShowRights => model.pane = Pane::Main,
        Id::ShowCard if model.section == Section::Check && check::is_empty(model) => check::choose(model),
        Id::ShowCard => model.pane = Pane::Card,
        Id::LoadRecords => {
            model.pane = Pane::Main;
            return load_records(model, Some(FIRST_RECORDS));
        }
        Id::LoadAll => return load_records(model, None),
        Id::OpenRecord => return open_record(model),
        Id::Sort => sort(model),
        Id::SpotCheck => return spot::open(model),
        Id::ChooseFile => check::choose(model),
        Id::CheckList => check::other_list(model),
        Id::CheckKind => check::next_kind(model),
        Id::CheckDates => return check::read_anew(model, Reading::Dates),
        Id::CheckBlanks => return check::read_anew(model, Reading::Blanks),
        Id::CheckNumbers => return check::read_anew(model, Reading::Numbers),
        Id::CheckEncoding => return check::read_anew(model, Reading::Encoding),
        Id::CheckDelimiter => return check::read_anew(model, Reading::Delimiter),
        Id::AcceptFix => return check::read_anew(model, Reading::Fix),
        Id::AcceptSureFixes => return check::read_anew(model, Reading::SureFixes),
        Id::DropFixes => return check::read_anew(model, Reading::NoFixes),
        Id::SendFile => sending::offer_undo(model),
        Id::AbandonSend => sending::ask_abandon(model),
        Id::WriteAccess => return sending::ask_write(model),
        Id::ExportFindings => check::ask_findings_file(model),
        Id::Columns => table_dialogs::open_columns(model),
        Id::HideColumn => return columns::change(model, Change::Hide),
        Id::FreezeColumn => return columns::change(model, Change::Freeze),
        Id::MoveLeft => return columns::change(model, Change::Move(false)),
        Id::MoveRight => return columns::change(model, Change::Move(true)),
        Id::Narrower => return columns::change(model, Change::Widen(false)),
        Id::Wider => return columns::change(model, Change::Widen(true)),
        Id::Summary => table_dialogs::open_summary(model),
        Id::SearchCells => model.dialog = Some(Dialog::Search(Box::default())),
        Id::ServerFilter => table_dialogs::open_server_filter(model),
        Id::Pause => return loading::pause(model),
        Id::Grid => return loading::toggle_grid(model),
        Id::Changes => return looking::toggle_changes(model),
        Id::SurveyLink => return survey::ask(model, SurveySecret::Link),
        Id::ReturnCode => return survey::ask(model, SurveySecret::ReturnCode),
        Id::Find => return finding::open(model),
        Id::Worklist => return working::toggle(model),
        Id::ChooseAnchor => working::choose_anchor(model),
        Id::OptionalBlanks => return working::toggle_optional(model),
        Id::NextGroup => working::next_group(model),
        Id::Timeline => return looking::toggle_timeline(model),
        Id::NextSpan => return looking::next_span(model),
        Id::OtherLines => looking::toggle_other_lines(model),
        Id::Quality => return loading::toggle_quality(model),
        Id::Logic => super::scratchpad::open(model),
        Id::ShowFindings => {
            if let Some(open) = &mut model.open {
                open.quality.opened = true;
                open.quality.finding = Cursor::default();
            }
        }
        Id::RemoveRule => {
            if let Some(open) = &mut model.open {
                open.quality.remove_rule();
            }
        }
        Id::OpenFinding => return loading::open_finding(model),
        Id::Exclude => return loading::toggle_excluded(model),
        Id::ShowExcluded => {
            if let Some(open) = &mut model.open {
                open.quality.with_excluded = !open.quality.with_excluded;
                open.quality.clamp();
            }
        }
        Id::Export => {
            let day = model.now.strftime("%Y%m%d").to_string();
            if let Some(open) = &model.open {
                model.dialog = Some(Dialog::Export(Box::new(ExportDialog::new(open, &day))));
            }
        }
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
        Id::Copy => return copying::copy(model),
        Id::SaveFile => loading::ask_download(model),
        Id::CompareUsers => token::compare_users(model),
        Id::TestToken => return token::test(model, false),
        Id::TestWrites => token::ask_writes(model),
        Id::TestSingle => token::ask_single(model),
        Id::CompareTokens => token::choose_token(model),
        Id::ExportRights => token::ask_rights_file(model),
        Id::CopyRequest => return token::copy_request(model),
        Id::Reload => return reload(model),
        Id::ProblemDetails => {
            if let Some(problem) = actions::problem_here(model).cloned() {
                model.dialog = Some(Dialog::Problem(ProblemView::of(problem)));
            }
        }
        Id::Palette => {
            let from = Some(actions::place(model));
            model.dialog = Some(Dialog::Palette(Palette { from, ..Palette::default() }));
        }
        Id::ActionsHere => {
            let only = Some(actions::place(model));
            model.dialog = Some(Dialog::Palette(Palette { only, ..Palette::default() }));
        }
        Id::Colours => looks::choose(model),
        Id::Tour => return tour::toggle(model),
        Id::TourNext => tour::next(model),
        Id::Help => model.dialog = Some(Dialog::Help(Help::default())),
        Id::Mouse => {
            model.options.mouse = !model.options.mouse;
            let state = if model.options.mouse { "on" } else { "off: the terminal selects text" };
            model.notify(Level::Note, format!("The mouse is {state}."));
            return vec![Effect::Mouse(model.options.mouse)];
        }
        Id::FillIn
        | Id::EditParam
        | Id::CycleParam
        | Id::ClearParam
        | Id::SendCall
        | Id::ShowForm
        | Id::ShowAnswer
        | Id::ShowCode
        | Id::ShowCalls
        | Id::Favourite
        | Id::NextView
        | Id::Headers
        | Id::SearchHere
        | Id::NextMatch
        | Id::PreviousMatch
        | Id::SaveHere
        | Id::OtherLanguage
        | Id::OpenCall
        | Id::MarkCall
        | Id::CompareCalls => return playground::run(model, id),
        Id::Back => return back(model),
        Id::Interrupt => return interrupt(model),
        Id::Quit => return quit(model),
        // The keys of dialogs are taken by the dialogs themselves.
        _ => {}
    }
    Vec::new()
}

fn go(model: &mut Model, section: Section) -> Vec<Effect> {
    model.section = section;
    model.filter = None;
    model.pane = first_pane(model, section);
    place::keep(model).into_iter().collect()
}

/// Sorts by the column under the cursor: up, down, and back to the order of the records.
fn sort(model: &mut Model) {
    let in_grid = actions::place(model) == Scope::Grid;
    let Some(open) = &mut model.open else { return };
    if in_grid {
        open.grid.turn_sort();
        open.grid.refresh(&open.metadata, open.masked);
        let text = match open.grid.sort {
            Some(_) => "Sorted by this column: what is missing first, what is not used here last.",
            None => "Sorted by record, as people sort names.",
        };
        return model.notify(Level::Note, text);
    }
    let records = &mut open.records;
    let Some(column) = records.columns.get(records.column) else { return };
    let name = column.name.clone();
    let rule = Rule::of(column, &open.metadata);
    records.sort = match &records.sort {
        Some(sort) if sort.column == name && !sort.down => Some(Sort { column: name.clone(), down: true }),
        Some(sort) if sort.column == name => None,
        _ => Some(Sort { column: name.clone(), down: false }),
    };
    records.refresh(&open.metadata, open.masked);
    let text = match &records.sort {
        None => "Sorted by record, as people sort names.".to_owned(),
        Some(sort) => {
            let way = if sort.down { "down" } else { "up" };
            format!("Sorted by {name}, {} {way}. Blanks are last.", rule.words())
        }
    };
    model.notify(Level::Note, text);
}

/// Sets the filter of the list with the focus.
pub fn set_filter(model: &mut Model, text: String) {
    let place = actions::place(model);
    let Some(open) = &mut model.open else { return };
    let start = Cursor::default();
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
            open.leave_heading(true);
        }
        Scope::Worklist => {
            open.work.filter = text;
            open.work.cursor = start;
            open.work.refresh(&open.metadata, open.masked);
        }
        Scope::Changes => {
            open.changes.filter = text;
            open.changes.cursor = start;
            open.changes.refresh();
        }
        Scope::Grid => {
            open.grid.filter = text;
            open.grid.cursor = start;
            open.grid.refresh(&open.metadata, open.masked);
        }
        Scope::Table => {
            open.records.filter = text;
            open.records.cursor = start;
            open.records.filter_again(&open.metadata, open.masked);
        }
        Scope::Methods | Scope::Answer => playground::set_filter(model, place, text),
        Scope::Check => {
            open.check.filter = text;
            open.check.cursor = start;
            open.check.refresh(open.masked);
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
    if narrowed_beside(model, place) {
        return Vec::new();
    }
    let slot = match place {
        Scope::Record => Some(Slot::Record),
        Scope::Table | Scope::RecordForms => Some(Slot::Records),
        Scope::Grid => Some(Slot::Grid),
        Scope::Changes => Some(Slot::Log),
        Scope::Worklist => Some(Slot::Work),
        Scope::Timeline => Some(Slot::Timeline),
        Scope::Quality | Scope::Findings => Some(Slot::Quality),
        Scope::Check | Scope::CheckCard if model.jobs.get(Slot::Send).is_some() => Some(Slot::Send),
        Scope::Check | Scope::CheckCard if model.jobs.get(Slot::Spot).is_some() => Some(Slot::Spot),
        Scope::Check | Scope::CheckCard => Some(Slot::Check),
        Scope::Users | Scope::Rights => Some(Slot::Access),
        Scope::Token => Some(Slot::Token),
        Scope::Methods | Scope::Form | Scope::Answer | Scope::Code | Scope::Calls => Some(Slot::Call),
        Scope::Compare => Some(Slot::Compare),
        _ => Some(Slot::Open),
    };
    if let Some(slot) = slot.filter(|s| model.jobs.get(*s).is_some()) {
        return stop(model, slot);
    }
    match place {
        Scope::Card | Scope::CheckCard => model.pane = Pane::Main,
        Scope::Record => {
            if let Some(open) = &mut model.open {
                open.records.view = None;
            }
        }
        Scope::Timeline => {
            if let Some(view) = model.open.as_mut().and_then(|o| o.records.view.as_mut()) {
                view.timeline.shown = false;
            }
        }
        Scope::Changes | Scope::Worklist => {
            if let Some(open) = &mut model.open {
                open.over = None;
            }
        }
        Scope::Findings => {
            if let Some(open) = &mut model.open {
                open.quality.opened = false;
            }
        }
        Scope::Quality => {
            if let Some(open) = &mut model.open {
                open.quality.shown = false;
            }
        }
        Scope::Grid => {
            if let Some(open) = &mut model.open {
                open.grid.shown = false;
            }
        }
        Scope::Answer | Scope::Code | Scope::Calls | Scope::Compare => playground::leave(model),
        Scope::Fields | Scope::Table | Scope::Rights | Scope::Form => model.pane = Pane::List,
        Scope::Projects => {}
        _ => model.pane = Pane::Projects,
    }
    Vec::new()
}

/// Takes back what else narrows the list on screen: the filter of the table beside the list of
/// instruments, the one Data Access Group of what is missing. Nobody leaves a part for the whole.
fn narrowed_beside(model: &mut Model, place: Scope) -> bool {
    let Some(open) = &mut model.open else { return false };
    let start = Cursor::default();
    match place {
        Scope::RecordForms if open.grid.shown && !open.grid.filter.is_empty() => {
            open.grid.filter = String::new();
            open.grid.cursor = start;
            open.grid.refresh(&open.metadata, open.masked);
        }
        Scope::RecordForms if !open.grid.shown && !open.records.filter.is_empty() => {
            open.records.filter = String::new();
            open.records.cursor = start;
            open.records.filter_again(&open.metadata, open.masked);
        }
        Scope::Instruments if !open.fields.filter.is_empty() => open.fields = Listing::default(),
        Scope::Worklist if open.work.dag.is_some() => {
            open.work.dag = None;
            open.work.cursor = start;
            open.work.refresh(&open.metadata, open.masked);
        }
        _ => return false,
    }
    true
}

/// Ctrl+C: stops a running job; or explains itself, and quits when pressed again within two seconds.
pub fn interrupt(model: &mut Model) -> Vec<Effect> {
    let again = model
        .interrupted
        .is_some_and(|at| model.now.duration_since(at) <= jiff::SignedDuration::from_secs(2));
    if again {
        return leave(model);
    }
    model.interrupted = Some(model.now);
    let running: Vec<Slot> = model.jobs.all().map(|(slot, _)| slot).collect();
    let effects: Vec<Effect> = running.into_iter().flat_map(|slot| stop(model, slot)).collect();
    let text = if effects.is_empty() {
        "{copy} copies, {quit} quits. Press Ctrl+C again to quit."
    } else {
        "Stopped. Press Ctrl+C again to quit."
    };
    model.notify(Level::Note, text);
    effects
}

/// The end: where one is, is kept for the next start.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    place::keep(model).into_iter().chain([Effect::Quit]).collect()
}

/// Quits; asks only if a job that reads or sends records, or a spot check, would be lost.
pub fn quit(model: &mut Model) -> Vec<Effect> {
    let sends = model.jobs.get(Slot::Send).is_some();
    let reads = model.jobs.get(Slot::Records).is_some();
    let spots = model.open.iter().map(|o| &o.spot).chain(model.spots.values()).any(|s| s.unsaved);
    if !reads && !sends && !spots {
        return leave(model);
    }
    let (question, text, no) = if spots && !sends {
        (
            "Quit without the report of the spot check?",
            "What you marked is not kept on this computer. In section 5, {spot-check} goes on with it and e saves the report.",
            "Stay",
        )
    } else if sends {
        (
            "Quit while a file is being sent?",
            "The batch under way may or may not be stored. The journal knows how far it came; check the same file again to go on.",
            "Go on sending",
        )
    } else {
        (
            "Quit while records are being read?",
            "What was read so far is not kept on this computer.",
            "Go on reading",
        )
    };
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: question.into(),
        text: text.into(),
        yes: "Quit",
        no,
        on_yes: false,
        then: Then::Quit,
    }));
    Vec::new()
}
