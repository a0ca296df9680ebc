//! The spot check on the screen, as a person does it with the paper beside; and choosing files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::dialog::Dialog;
use capscope::app::msg::Msg;
use capscope::app::picker::About;
use capscope::app::update;
use capscope::domain::spot_bench::Mark;
use support::App;

/// Ticks just these fields in the dialog that chooses them.
fn tick(app: &mut App, wanted: &[&str]) {
    let Some(Dialog::Pick(picker)) = &mut app.shell.model.dialog else { panic!("{}", app.screen()) };
    let About::SpotFields(names) = &picker.about else { panic!("another choice") };
    picker.ticked = Some(names.iter().map(|n| wanted.contains(&n.as_str())).collect());
}

fn draw(app: &mut App, seed: &str) {
    app.keys("<Enter>").assert_shows("Spot check against the paper source");
    app.keys("<BS><BS>3<Tab>").keys(&"<BS>".repeat(8)).keys(seed);
    app.assert_shows("12 cells to compare");
    // Each group with its share is offered in a project with groups, and switched off here.
    if app.shows("[x] each Data Access Group") {
        app.keys("<Tab><Space>");
    }
    app.keys("<Enter>").idle();
}

#[test]
fn s23_twelve_cells_are_compared_and_reported_without_values() {
    let mut app = App::demo(120, 36);
    app.keys("5p").assert_shows("Spot check: the critical fields");
    tick(&mut app, &["sex", "dob", "consent_date", "weight"]);
    draw(&mut app, "42");
    app.assert_shows("Spot check: cell 1 of 12").assert_shows("3 of 6 records");
    let bench = |app: &App| app.shell.model.open.as_ref().unwrap().spot.bench.clone().unwrap();
    // The records that the seed draws on every machine.
    let records: Vec<String> = bench(&app).cells.iter().map(|c| c.record.clone()).collect();
    assert_eq!([records[0].as_str(), records[4].as_str(), records[8].as_str()], ["001", "003", "004"]);
    // A date of birth is masked until it is asked for, and then for this one cell only.
    let dob = bench(&app).cells.iter().position(|c| c.field == "dob").unwrap();
    app.keys(&"<Space>".repeat(dob)).assert_shows("m shows this one value");
    app.keys("m");
    assert!(!app.shows("m shows this one value"), "{}", app.screen());
    app.keys("<Space>b").assert_shows("m shows this one value");
    app.keys(&"b".repeat(dob)).assert_shows("cell 1 of 12");
    // The person marks, takes one back, leaves, and goes on.
    app.keys("ad").assert_shows("The source says");
    app.keys("1<Enter>").assert_shows("cell 3 of 12");
    app.keys("bn<BS><Enter>a").assert_shows("2 agree, 0 differ");
    app.keys("<Esc>").assert_shows("p goes on with it");
    app.keys("p");
    let weight = bench(&app).cells.iter().position(|c| c.field == "weight").unwrap();
    app.keys(&"b".repeat(12)).keys(&"<Space>".repeat(weight)).keys("npaper says 27<Enter>");
    app.assert_shows("paper says 27");
    app.keys("d<BS>8<Enter>").assert_shows("2 agree, 1 differ");
    app.keys(&"a".repeat(9)).assert_shows("Every cell was looked at");
    app.assert_shows("1/12: 833 per 10,000 fields").assert_shows("14.3 per 10,000");
    let dir = tempfile::tempdir().unwrap();
    for (key, with_values) in [("e", false), ("E", true)] {
        let target = dir.path().join(format!("report{key}.txt"));
        app.keys(key).keys(&"<BS>".repeat(60));
        app.shell.send(Msg::Paste(target.display().to_string())).unwrap();
        app.keys("<Enter>").idle();
        let text = std::fs::read_to_string(target).unwrap();
        assert!(text.contains("Seed: 42") && text.contains("1/12: 833 per 10,000"), "{text}");
        assert!(text.contains("Fields: ") && text.contains("weight"), "{text}");
        assert_eq!(text.contains("paper says 28"), with_values, "{text}");
        assert_eq!(text.contains("stored "), with_values, "{text}");
        app.keys("p");
    }
}

#[test]
fn marks_outlive_a_locked_screen_and_names_and_values_do_not() {
    let mut app = App::demo(80, 24);
    app.keys("5p");
    tick(&mut app, &["sex", "dob", "consent_date", "weight"]);
    draw(&mut app, "42");
    app.keys("ad<Esc>u").assert_shows("1 agree, 1 differ, 1 unclear");
    let model = &mut app.shell.model;
    model.options.lock_after = Some(jiff::SignedDuration::from_mins(5));
    let late = model.last_input + jiff::SignedDuration::from_hours(1);
    update(model, Msg::Clock(late));
    assert!(model.locked.is_some() && model.dialog.is_none());
    let spot = model.open.as_ref().unwrap().spot.clone();
    assert!(spot.bench.is_none() && spot.has_marks());
    assert!(!format!("{spot:?}").contains("001"));
    // Unlocked, p draws the same cells again, with what was said of them.
    model.locked = None;
    model.options.lock_after = None;
    app.keys("5p").idle().assert_shows("1 agree, 1 differ, 1 unclear");
    app.assert_shows("cell 4 of 12");
    let bench = app.shell.model.open.as_ref().unwrap().spot.bench.clone().unwrap();
    assert_eq!(bench.now().unwrap().1.mark, Mark::Open);
}

#[test]
fn the_setup_says_what_it_needs() {
    let mut app = App::demo(80, 24);
    app.keys("5p");
    tick(&mut app, &[]);
    app.keys("<Enter>").assert_shows("Tick at least one field");
    tick(&mut app, &["sex"]);
    app.keys("<Enter><BS><BS><Enter>").assert_shows("! Type how many records are drawn");
    app.keys("5<Tab>x<Enter>").assert_shows("! The seed is a whole number");
    app.keys("<Esc>");
    assert!(app.shell.model.dialog.is_none());
}

#[test]
fn a_file_is_found_with_tab_and_again_among_the_recent_ones() {
    let dir = tempfile::tempdir().unwrap();
    let text = "study_id,redcap_event_name,weight\n001,week_12_arm_1,71\n";
    std::fs::write(dir.path().join("visits_march.csv"), text).unwrap();
    std::fs::write(dir.path().join("visits_may.csv"), text).unwrap();
    let mut app = App::demo(80, 24);
    app.keys("5o");
    app.shell.send(Msg::Paste(format!("{}/vis", dir.path().display()))).unwrap();
    app.keys("<Tab>").idle().assert_shows("visits_march.csv   visits_may.csv");
    app.keys("y<Tab>").idle();
    app.keys("<Enter>").idle().assert_shows("Nothing to object to");
    let path = dir.path().join("visits_may.csv").display().to_string();
    assert_eq!(app.shell.model.recent_files, std::slice::from_ref(&path));
    // The next time it is one key away.
    app.keys("o").keys(&"<BS>".repeat(path.len())).keys("<Down>");
    let Some(Dialog::Ask(ask)) = &app.shell.model.dialog else { panic!("{}", app.screen()) };
    assert_eq!(ask.input.value(), path);
    app.keys("<BS>xyz<Tab>").idle().assert_shows("No file or folder begins so");
}

#[test]
fn redcap_names_the_records_only_after_a_key_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.csv");
    std::fs::write(&path, "study_id,redcap_event_name,weight\na,baseline_arm_1,61.5\nb,baseline_arm_1,62\n")
        .unwrap();
    let mut app = App::demo(120, 36);
    app.keys("5o");
    app.shell.send(Msg::Paste(path.display().to_string())).unwrap();
    app.keys("<Enter>").idle();
    app.keys("#").idle().assert_shows("blanks keep, REDCap names the");
    app.assert_shows("2 records (2 new)").assert_shows("2 records of the file become");
    app.keys("Wy").idle().keys("S").assert_shows("2 NEW records");
    app.keys("y").idle().assert_shows("Result: verified").assert_shows("New records that REDCap named: 2");
    app.assert_shows("a became ");
}
