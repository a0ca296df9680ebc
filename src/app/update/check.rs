//! Section Check: choosing a file, checking it again with another reading, accepting suggestions.

use super::{sending, taking_over};
use crate::app::ask::{About, Ask, Wish, path_of};
use crate::app::check::{CheckList, CheckState, Item};
use crate::app::cursor::Cursor;
use crate::app::dialog::Dialog;
use crate::app::keys::Key;
use crate::app::model::{Level, Model, Pane};
use crate::app::msg::{Effect, Remember};
use crate::app::open::Open;
use crate::app::running::Slot;
use crate::app::tour::DEMO_FILE;
use crate::domain::check::Rehearsal;
use crate::jobs::types::{Job, Place};
use std::path::PathBuf;

/// Asks for the file.
pub fn choose(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let ask = Ask::new(
        About::CheckFile,
        "Check a file before it is imported",
        "File",
        proposed(model, open),
    )
    .saying("A CSV or JSON file, one row a place or one value a row (EAV). Drop it on the window, paste its path, or type and press Tab.")
    .saying("It is read, and so are the stored values of the records and fields it names. Nothing is sent.");
    let ask = Ask { recent: model.recent_files.clone(), ..ask };
    model.dialog = Some(Dialog::Ask(Box::new(ask)));
}

/// Notes that a file was checked, for the next time that one is chosen.
pub fn remember(model: &mut Model) -> Vec<Effect> {
    let Some(path) = model.open.as_ref().map(|o| o.check.path.clone()) else { return Vec::new() };
    let files = &mut model.recent_files;
    if files.first() == Some(&path) {
        return Vec::new();
    }
    files.retain(|f| *f != path);
    files.insert(0, path);
    files.truncate(RECENT);
    vec![Effect::Remember(Remember::Files(files.clone()))]
}

/// How many files are remembered.
const RECENT: usize = 8;

/// The file to propose: the last one, or while the tour is open the demo's own.
fn proposed(model: &Model, open: &Open) -> String {
    let in_tour = model.tour.is_some() && open.check.path.is_empty();
    if in_tour { DEMO_FILE.to_owned() } else { open.check.path.clone() }
}

/// Whether no file was chosen yet.
pub fn is_empty(model: &Model) -> bool {
    model.open.as_ref().is_some_and(|o| o.check.path.is_empty())
}

/// A key for a question with one box.
pub fn press_ask(model: &mut Model, mut ask: Box<Ask>, key: Key) -> Vec<Effect> {
    match ask.key(key) {
        Wish::Close => Vec::new(),
        Wish::Complete(typed) => {
            model.dialog = Some(Dialog::Ask(ask));
            model.jobs.start(Slot::Files, "Looking for files", Job::Complete(typed), model.now)
        }
        Wish::Nothing => {
            model.dialog = Some(Dialog::Ask(ask));
            Vec::new()
        }
        Wish::Accept(text) if text.is_empty() && ask.about != About::UndoFile => {
            ask.complaint = "Type something, or Esc.".into();
            model.dialog = Some(Dialog::Ask(ask));
            Vec::new()
        }
        Wish::Accept(text) => match ask.about {
            About::CheckFile => {
                if let Some(open) = &mut model.open {
                    open.check.choose(path_of(&text));
                }
                model.pane = Pane::Main;
                start(model)
            }
            About::Credentials => taking_over::start(model, PathBuf::from(path_of(&text))),
            About::UndoFile => {
                if let Some(open) = &mut model.open {
                    open.check.undo = (!text.is_empty()).then(|| PathBuf::from(path_of(&text)));
                }
                sending::ask(model);
                Vec::new()
            }
            About::Erasures(n) if text.parse() == Ok(n) => sending::send(model, n),
            About::Erasures(n) => {
                ask.complaint = format!("That is not {n}. Nothing was sent.");
                model.dialog = Some(Dialog::Ask(ask));
                Vec::new()
            }
            About::SpotReport { values } => {
                super::spot::save_report(model, values, PathBuf::from(path_of(&text)))
            }
            About::ReceiptFile => {
                let lines = model.open.as_ref().and_then(|o| Some(o.check.receipt.as_ref()?.lines(false)));
                let text = lines.unwrap_or_default().join("\n") + "\n";
                save_text(model, text, path_of(ask.input.value()))
            }
            About::RightsFile => {
                let text_of = super::token::rights_csv(model);
                save_text(model, text_of, path_of(&text))
            }
            About::FindingsFile => {
                let found = findings(model);
                save_text(model, found, path_of(&text))
            }
        },
    }
}

/// Writes a text about the open project to a file.
pub fn save_text(model: &mut Model, text: String, target: String) -> Vec<Effect> {
    let place = model.open.as_ref().map(|o| Place::of(&o.project)).unwrap_or_default();
    let job = Job::SaveText(text, PathBuf::from(target), place);
    model.jobs.start(Slot::Export, "Writing the file", job, model.now)
}

/// Checks the file, or checks it again. What is on screen stays until the new result is here.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    if open.check.path.is_empty() {
        choose(model);
        return Vec::new();
    }
    open.check.state = CheckState::Running;
    // Without a server the file is still checked against the saved data dictionary.
    let offline = open.unreachable || open.problem.as_ref().is_some_and(|p| p.unreachable);
    let wanted = open.check.wanted(&open.metadata, offline);
    let job = Job::Check(Box::new(open.project.clone()), Box::new(wanted));
    model.jobs.start(Slot::Check, "Checking the file", job, now)
}

/// Shows the other list.
pub fn other_list(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    let check = &mut open.check;
    check.list = match check.list {
        CheckList::Findings => CheckList::Cells,
        CheckList::Cells if check.receipt.is_some() => CheckList::Receipt,
        CheckList::Cells | CheckList::Receipt => CheckList::Findings,
    };
    check.cursor = Cursor::default();
    check.refresh(open.masked);
}

/// Shows the next kind alone.
pub fn next_kind(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    open.check.next_kind(open.masked);
    let words = match open.check.list {
        CheckList::Findings => open.check.severity.map_or("all findings", |s| s.word()),
        CheckList::Cells => open.check.cell.map_or("all cells that change something", |c| c.words()),
        CheckList::Receipt => "the receipt",
    };
    model.notify(Level::Note, format!("Shown: {words}."));
}

/// What of the reading is changed.
#[derive(Debug, Clone, Copy)]
pub enum Reading {
    /// The order of dates.
    Dates,
    /// Whether blanks erase.
    Blanks,
    /// The encoding.
    Encoding,
    /// The delimiter.
    Delimiter,
    /// The chosen suggestion is accepted.
    Fix,
    /// All suggestions beyond doubt are accepted.
    SureFixes,
    /// Accepted suggestions are dropped.
    NoFixes,
    /// Whether REDCap names the records.
    Numbers,
}

/// Changes how the file is read, and checks it again.
pub fn read_anew(model: &mut Model, what: Reading) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    let check = &mut open.check;
    let text = match what {
        Reading::Dates => format!("Dates that prove no order are read {}.", check.next_dates()),
        Reading::Encoding => format!("The encoding is {}.", check.next_encoding()),
        Reading::Delimiter => format!("The delimiter is {}.", check.next_delimiter()),
        Reading::Blanks => {
            check.settings.overwrite = !check.settings.overwrite;
            if check.settings.overwrite {
                "Blank cells ERASE what is stored (overwrite).".into()
            } else {
                "Blank cells change nothing (normal).".into()
            }
        }
        Reading::Numbers => {
            check.settings.auto_number = !check.settings.auto_number;
            if check.settings.auto_number {
                "REDCap gives every record of the file a NEW name (forceAutoNumber).".into()
            } else {
                "The names in the file are the names of the records.".into()
            }
        }
        Reading::Fix => match check.chosen_fix() {
            Some(fix) => {
                let masked = open.masked && is_personal(open);
                let text =
                    if masked { "The suggestion is accepted.".into() } else { format!("Accepted: {fix}.") };
                open.check.accept([fix]);
                text
            }
            None => return Vec::new(),
        },
        Reading::SureFixes => {
            let sure = check.rehearsal().map(Rehearsal::sure_fixes).unwrap_or_default();
            format!("{} suggestions are accepted.", check.accept(sure))
        }
        Reading::NoFixes => {
            check.settings.fixes.clear();
            "The file is read as it is.".into()
        }
    };
    let effects = start(model);
    model.notify(Level::Note, text);
    effects
}

fn is_personal(open: &crate::app::open::Open) -> bool {
    let chosen = open.check.rehearsal().zip(open.check.chosen());
    chosen.is_some_and(|(r, item)| match item {
        Item::Finding(at) => r.findings.get(at as usize).is_some_and(|f| r.is_identifier(f)),
        Item::Cell(..) | Item::Receipt(_) => false,
    })
}

/// Asks where the findings, or the receipt, are to be written.
pub fn ask_findings_file(model: &mut Model) {
    let Some(open) = &model.open else { return };
    if open.check.list == CheckList::Receipt {
        let name = format!("{}_receipt_{}.txt", open.project.project_id, model.now.strftime("%Y%m%d"));
        let ask = Ask::new(About::ReceiptFile, "Save the receipt", "File", name)
            .saying("What was sent and what is stored, with record names and field names, without values.");
        model.dialog = Some(Dialog::Ask(Box::new(ask)));
        return;
    }
    let name = format!("{}_findings_{}.csv", open.project.project_id, model.now.strftime("%Y%m%d"));
    let masked =
        if open.masked { "Values of identifier fields are left out." } else { "Values are readable." };
    let ask = Ask::new(About::FindingsFile, "Export the findings", "File", name)
        .saying(format!("The findings on screen, with line, column, rule and suggestion. {masked}"))
        .saying("The file is readable by you only, appears when complete, and never replaces another.");
    model.dialog = Some(Dialog::Ask(Box::new(ask)));
}

fn findings(model: &Model) -> String {
    let Some(open) = &model.open else { return String::new() };
    let Some(r) = open.check.rehearsal() else { return String::new() };
    let shown = open.check.shown.iter().filter_map(|item| match item {
        Item::Finding(at) => r.findings.get(*at as usize),
        Item::Cell(..) | Item::Receipt(_) => None,
    });
    // From the other lists all findings are written.
    match open.check.list {
        CheckList::Findings => r.findings_csv(shown, open.masked),
        CheckList::Cells | CheckList::Receipt => r.findings_csv(r.findings.iter(), open.masked),
    }
}

/// Goes on to what was asked for after a check ended.
pub fn after(model: &mut Model) {
    let Some(open) = &model.open else { return };
    // The receipt has the word; this check only read anew what is stored.
    if open.check.list == CheckList::Receipt {
        return;
    }
    let Some(r) = open.check.rehearsal() else { return };
    let text = r.verdict();
    let level = if r.may_be_sent() { Level::Done } else { Level::Note };
    model.notify(level, text);
}
