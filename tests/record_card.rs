//! One record on screen: repeating instances with their gaps, survey links and return codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::api::catalogue::Action;
use capscope::api::request::Request;
use capscope::app::dialog::Dialog;
use capscope::app::grid::State;
use capscope::app::record_view::Line;
use support::App;

/// BREATHE as a token sees it, with this record open.
fn record_of(token: &str, record: usize) -> App {
    let mut app = App::demo(120, 36);
    if !token.is_empty() {
        let at = app.shell.model.projects.iter().position(|p| p.name.contains(token)).unwrap();
        while app.shell.model.pane != capscope::app::model::Pane::Projects {
            app.keys("<Tab>");
        }
        app.keys(&format!("<Home>{}<Enter>", "j".repeat(at))).idle();
    }
    app.keys("3S").idle();
    app.keys(&format!("<Home>{}<Enter>", "j".repeat(record))).idle();
    app
}

fn lines(app: &App) -> Vec<String> {
    let view = app.shell.model.open.as_ref().unwrap().records.view.as_ref().unwrap();
    view.lines
        .iter()
        .filter_map(|line| match line {
            Line::Note(text) | Line::Place(text) => Some(text.clone()),
            Line::Instrument { label, .. } => Some(label.clone()),
            Line::Field { .. } | Line::TableHead { .. } | Line::TableRow { .. } => None,
        })
        .collect()
}

/// Puts the cursor on the instrument with this label at this event.
fn go_to(app: &mut App, event: &str, label: &str) {
    let view = app.shell.model.open.as_ref().unwrap().records.view.as_ref().unwrap();
    let start = view.lines.iter().position(|l| *l == Line::Place(event.to_owned())).unwrap();
    let is = |l: &Line| matches!(l, Line::Instrument { label: own, .. } if own == label);
    let at = start + view.lines[start..].iter().position(is).unwrap();
    app.keys("<Home>").keys(&"<Down>".repeat(at));
}

#[test]
fn s5_gaps_in_instances_are_told_and_a_repeating_event_is_a_block() {
    let told = lines(&record_of("", 2));
    let note = told.iter().position(|t| t == "Adverse Event Log: instance 1 does not exist").unwrap();
    assert_eq!(told[note + 1], "Adverse Event Log, instance 2");
    assert_eq!(told.iter().filter(|t| t.starts_with("Adverse Event Log,")).count(), 1);

    let told = lines(&record_of("", 0));
    let blocks: Vec<&String> = told.iter().filter(|t| t.starts_with("Unscheduled")).collect();
    assert_eq!(
        blocks,
        ["Unscheduled, instance 1 of a repeating event", "Unscheduled, instance 2 of a repeating event"]
    );
    assert!(!told.iter().any(|t| t.contains("does not exist") || t.contains("inferred")), "{told:#?}");
}

#[test]
fn s5_without_the_right_what_repeats_is_inferred_and_said_to_be() {
    let told = lines(&record_of("COORD", 2));
    assert!(told[0].starts_with("What repeats is inferred from the data"), "{told:#?}");
    assert!(told.iter().any(|t| t == "Adverse Event Log, instance 2"), "{told:#?}");
    assert!(!told.iter().any(|t| t == "Adverse Event Log"), "{told:#?}");
}

#[test]
fn s9_a_survey_link_is_copied_and_its_end_alone_is_shown() {
    let mut app = record_of("", 1);
    go_to(&mut app, "Week 4", "PHQ-9");
    app.keys("y").idle();
    let link = app.copied.0.lock().unwrap().last().unwrap().clone();
    assert!(link.starts_with("http"), "{link}");
    let end = &link[link.len() - 4..];
    app.assert_shows("The link of 002 to PHQ-9").assert_shows(&format!("...{end}."));
    assert!(!app.shows(&link), "{}", app.screen());
    app.keys("Y").idle();
    let code = app.copied.0.lock().unwrap().last().unwrap().clone();
    assert_ne!(code, link);
    app.assert_shows("The return code of 002 for PHQ-9");
    assert!(!app.shows(&code), "{}", app.screen());
}

#[test]
fn s9_without_the_right_the_missing_one_is_named() {
    let mut app = record_of("COORD", 1);
    go_to(&mut app, "Week 4", "PHQ-9");
    app.keys("y").idle();
    assert!(matches!(app.shell.model.dialog, Some(Dialog::Problem(_))), "{}", app.screen());
    app.assert_shows("Survey Distribution");
    assert!(app.copied.0.lock().unwrap().is_empty());
}

#[test]
fn the_file_of_a_file_field_is_saved_where_a_person_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    let at = app.shell.model.projects.iter().position(|p| p.name.starts_with("ALBA")).unwrap();
    app.keys(&format!("<S-Tab><Home>{}<Enter>", "j".repeat(at))).idle();
    app.keys("3S").idle();
    let open = app.shell.model.open.as_ref().unwrap();
    let (project, record) = (open.project.clone(), open.grid.record().unwrap().to_owned());
    let cells = &open.grid.grid.rows[0].1;
    let mut columns = open.grid.grid.columns.iter().zip(cells);
    let labs = columns.find(|(c, cell)| c.form == "labs" && cell.state > State::NotStarted).unwrap().0;
    let event = labs.event.clone();
    let api = app.block_on(app.bench.api(&project)).unwrap();
    let bytes = b"%PDF-1.4 signed\x00\xff".to_vec();
    let upload = Request::find("file", Action::Import)
        .unwrap()
        .set("record", record)
        .set("field", "lab_report")
        .set("event", event)
        .set_file("../signed form.pdf", bytes.clone());
    app.block_on(api.call(&upload)).unwrap();
    app.keys("<Enter>").idle();
    let at = {
        let open = app.shell.model.open.as_ref().unwrap();
        let fields = open.metadata.dictionary.fields();
        let report = fields.iter().position(|f| f.name == "lab_report").unwrap();
        let view = open.records.view.as_ref().unwrap();
        let filled = |row: usize| !view.table.get(row, "lab_report").is_empty();
        let is = |l: &Line| matches!(l, Line::Field { field, row, .. } if *field == report && filled(*row));
        view.lines.iter().position(is).unwrap()
    };
    // On other fields there is nothing to save.
    app.keys("<Home>w");
    app.assert_shows("there is no file under the cursor");
    app.keys(&"<Down>".repeat(at)).keys("w");
    let Some(Dialog::Save(dialog)) = &app.shell.model.dialog else { panic!("{}", app.screen()) };
    assert!(!dialog.file.value().contains('/'), "no folder of the server's: {}", dialog.file.value());
    let target = dir.path().join("signed.pdf");
    app.keys("<C-u>").keys(&target.display().to_string()).keys("<Enter>").idle();
    app.assert_shows("Written to");
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    // Again: nothing is replaced.
    app.keys("w<C-u>").keys(&target.display().to_string()).keys("<Enter>").idle();
    assert_eq!(std::fs::read(dir.path().join("signed (2).pdf")).unwrap(), bytes);
}

/// What the worklist says is missing is where the cursor is in the record.
#[test]
fn the_worklist_opens_a_record_where_something_is_missing() {
    let mut app = App::demo(120, 36);
    app.keys("3w").idle();
    app.keys("/required meds_taken<Enter>");
    app.keys("<Enter>").idle();
    let open = app.shell.model.open.as_ref().unwrap();
    let view = open.records.view.as_ref().unwrap();
    let Line::Instrument { form, row, .. } = &view.lines[view.cursor.at] else {
        panic!("{:?}\n{}", view.lines[view.cursor.at], app.screen())
    };
    assert_eq!((form.as_str(), view.table.get(*row, "redcap_event_name")), ("visit", "week_4_arm_1"));
}

#[test]
fn instances_stand_side_by_side_before_each_of_them() {
    let app = record_of("", 0);
    let open = app.shell.model.open.as_ref().unwrap();
    let view = open.records.view.as_ref().unwrap();
    let head = view.lines.iter().position(|l| matches!(l, Line::TableHead { .. })).unwrap();
    let Line::TableHead { fields } = &view.lines[head] else { panic!() };
    let names: Vec<&str> =
        fields.iter().map(|&f| open.metadata.dictionary.fields()[f].name.as_str()).collect();
    assert_eq!(names, ["ae_term", "ae_start", "ae_grade", "ae_ongoing"]);
    let instances: Vec<&str> = view.lines[head + 1..]
        .iter()
        .map_while(|l| match l {
            Line::TableRow { row, .. } => Some(view.table.get(*row, "redcap_repeat_instance")),
            _ => None,
        })
        .collect();
    assert_eq!(instances, ["1", "2"]);
    // One instance alone needs no table.
    let alone = record_of("", 2);
    let view = alone.shell.model.open.as_ref().unwrap().records.view.as_ref().unwrap();
    assert!(!view.lines.iter().any(|l| matches!(l, Line::TableHead { .. })));
}
