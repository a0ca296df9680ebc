//! The spot check: choosing what is drawn, marking cell by cell, and the report.

use super::add_project::edit;
use crate::app::actions::{self, Id, Scope};
use crate::app::ask::{About, Ask};
use crate::app::cursor::Cursor;
use crate::app::dialog::Dialog;
use crate::app::keys::{Code, Key};
use crate::app::model::{Level, Model, Section};
use crate::app::msg::Effect;
use crate::app::picker::{self, Picker};
use crate::app::running::Slot;
use crate::app::spot::{BenchDialog, SpotDialog, SpotSetup, Wish};
use crate::domain::spot_bench::Mark;
use crate::domain::text::{one_line, without_html};
use crate::jobs::types::{Job, Place, Sample};
use std::path::PathBuf;
use tui_input::Input;

/// Goes on with the sample that there is, or begins one.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    if open.spot.bench.is_some() {
        show_bench(model);
        return Vec::new();
    }
    if open.spot.wanted.is_some() {
        return draw(model);
    }
    choose_fields(model);
    Vec::new()
}

fn show_bench(model: &mut Model) {
    model.dialog = Some(Dialog::Spot(Box::new(SpotDialog::Bench(BenchDialog::default()))));
}

/// Asks for the fields; those of the last sample are ticked, else the required ones.
fn choose_fields(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let fields = open.metadata.dictionary.fields().iter().skip(1).filter(|f| f.holds_data());
    let names: Vec<String> = fields.clone().map(|f| f.name.clone()).collect();
    let items = fields.clone().map(|f| (f.name.clone(), without_html(&one_line(&f.label)))).collect();
    let before = open.spot.wanted.as_ref().map(|w| &w.fields);
    let ticked = fields.map(|f| before.map_or(f.required, |list| list.contains(&f.name))).collect();
    model.dialog = Some(Dialog::Pick(Box::new(Picker {
        title: "Spot check: the critical fields".into(),
        help: "Fields to compare with the source. Required ones are ticked at first.",
        items,
        ticked: Some(ticked),
        search: Input::default(),
        cursor: Cursor::default(),
        about: picker::About::SpotFields(names),
    })));
}

/// The fields were chosen: asks how many records, and for the seed.
pub fn took_fields(model: &mut Model, fields: Vec<String>) {
    let Some(open) = &model.open else { return };
    if fields.is_empty() {
        choose_fields(model);
        model.notify(Level::Note, "Tick at least one field with Tab.");
        return;
    }
    // Groups are read with section Users; until then nobody knows whether there are any.
    let groups = open.metadata.access.dags.known().map(|g| !g.is_empty());
    let before = open.spot.wanted.as_ref();
    let setup = SpotSetup {
        fields,
        records: Input::new(before.map_or(20, |w| w.n).to_string()),
        // Today's date: another sample every day, and everybody can draw it again.
        seed: Input::new(
            before.map_or_else(|| model.now.strftime("%Y%m%d").to_string(), |w| w.seed.to_string()),
        ),
        groups: match groups {
            Some(false) => None,
            known => Some(before.map_or(known.is_some(), |w| w.by_group)),
        },
        ..SpotSetup::default()
    };
    model.dialog = Some(Dialog::Spot(Box::new(SpotDialog::Setup(setup))));
}

fn draw(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let Some(wanted) = open.spot.wanted.clone() else { return Vec::new() };
    let (project, metadata) = (Box::new(open.project.clone()), Box::new(open.metadata.clone()));
    let job = Job::DrawSpot(project, Box::new(wanted), metadata);
    model.jobs.start(Slot::Spot, "Drawing the sample", job, model.now)
}

/// Takes the drawn sample in.
pub fn drawn(model: &mut Model, sample: Sample) {
    let (records, cells) = (sample.records.len(), sample.cells.len());
    let Some(open) = &mut model.open else { return };
    if cells == 0 {
        open.spot = crate::app::spot::SpotView::default();
        return model.notify(Level::Problem, "There is no record to draw that this token can see.");
    }
    let asked = open.spot.wanted.as_ref().map_or(0, |w| w.n);
    open.spot.take(sample);
    if model.dialog.is_none() && model.section == Section::Check {
        show_bench(model);
    }
    let fewer = if records < asked { " There are no more." } else { "" };
    model.notify(Level::Done, format!("{records} records are drawn, {cells} cells.{fewer}"));
}

/// A key for the dialog.
pub fn press(model: &mut Model, dialog: Box<SpotDialog>, key: Key) -> Vec<Effect> {
    match *dialog {
        SpotDialog::Setup(mut setup) => match setup.key(key) {
            Wish::Close => Vec::new(),
            Wish::Nothing => {
                model.dialog = Some(Dialog::Spot(Box::new(SpotDialog::Setup(setup))));
                Vec::new()
            }
            Wish::Draw(wanted) => {
                if let Some(open) = &mut model.open {
                    open.spot.begin(wanted);
                }
                draw(model)
            }
        },
        SpotDialog::Bench(bench) => press_bench(model, bench, key),
    }
}

fn press_bench(model: &mut Model, mut dialog: BenchDialog, key: Key) -> Vec<Effect> {
    let Some(bench) = model.open.as_mut().and_then(|o| o.spot.bench.as_mut()) else { return Vec::new() };
    if let Some(note) = &mut dialog.note {
        match key.code {
            Code::Esc | Code::Enter => {
                if key.code == Code::Enter {
                    bench.note(note.value());
                }
                if dialog.then_next {
                    bench.go_to_open();
                    dialog.revealed = false;
                }
                dialog = BenchDialog { revealed: dialog.revealed, ..BenchDialog::default() };
            }
            _ => edit(note, key),
        }
        model.dialog = Some(Dialog::Spot(Box::new(SpotDialog::Bench(dialog))));
        return Vec::new();
    }
    let at = bench.at;
    match actions::lookup(&model.options.keys, Scope::SpotDialog, key).map(|a| a.id) {
        Some(Id::SpotAgree) => bench.mark(Mark::Agree),
        Some(Id::SpotUnclear) => bench.mark(Mark::Unclear),
        Some(Id::SpotDiffer) => {
            // What the source says instead is best noted at once.
            bench.set(Mark::Differ);
            let text = bench.now().map_or(String::new(), |(_, said)| said.note.clone());
            dialog.note = Some(Input::new(text));
            dialog.then_next = true;
        }
        Some(Id::SpotBack) => bench.go(-1),
        Some(Id::SpotNext) => bench.go(1),
        Some(Id::SpotNote) => {
            let text = bench.now().map_or(String::new(), |(_, said)| said.note.clone());
            dialog.note = Some(Input::new(text));
        }
        Some(Id::SpotShow) => dialog.revealed = !dialog.revealed,
        Some(Id::SpotReport) => return ask_report(model, false),
        Some(Id::SpotReportValues) => return ask_report(model, true),
        Some(Id::SpotNew) => {
            choose_fields(model);
            return Vec::new();
        }
        Some(Id::ListClose) => {
            model.notify(Level::Note, "The spot check waits; {spot-check} goes on with it.");
            return Vec::new();
        }
        _ => {}
    }
    if let Some(open) = &mut model.open {
        open.spot.unsaved |= open.spot.has_marks();
    }
    // A shown value is shown for this one cell only.
    dialog.revealed &= bench_at(model) == Some(at);
    model.dialog = Some(Dialog::Spot(Box::new(SpotDialog::Bench(dialog))));
    Vec::new()
}

fn bench_at(model: &Model) -> Option<usize> {
    model.open.as_ref().and_then(|o| o.spot.bench.as_ref()).map(|b| b.at)
}

fn ask_report(model: &mut Model, values: bool) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let day = model.now.strftime("%Y%m%d");
    let name = format!("{}_spot_check_{day}.txt", open.project.project_id);
    let what = if values {
        "The rate, and each cell that differs or is unclear WITH its stored value and your note."
    } else {
        "The rate, and the record and field of each cell that differs or is unclear. No values, no notes."
    };
    let ask = Ask::new(About::SpotReport { values }, "Save the report", "File", name)
        .saying(what)
        .saying("The file is readable by you only, and never replaces another.");
    model.dialog = Some(Dialog::Ask(Box::new(ask)));
    Vec::new()
}

/// Writes the report.
pub fn save_report(model: &mut Model, values: bool, target: PathBuf) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    open.spot.unsaved = false;
    let Some(bench) = &open.spot.bench else { return Vec::new() };
    let head = open.spot.head(open, &model.now.strftime("%F").to_string());
    let text = bench.report(&head, values).join("\n") + "\n";
    let job = Job::SaveText(text, target, Place::of(&open.project));
    model.jobs.start(Slot::Export, "Writing the report", job, model.now)
}
