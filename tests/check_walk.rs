//! The section Check as a person meets it who was told nothing: each next step is on screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::msg::Msg;
use support::{App, checked_model, picture};

/// Checks a file with this content in the open project.
fn check(app: &mut App, dir: &tempfile::TempDir, text: &str) {
    let file = dir.path().join("in.csv");
    std::fs::write(&file, text).unwrap();
    app.keys("5o").keys(&"<BS>".repeat(80));
    app.shell.send(Msg::Paste(file.display().to_string())).unwrap();
    app.keys("<Enter>").idle();
}

fn hints(app: &App) -> String {
    app.screen().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn write_access_is_offered_when_a_checked_file_waits_for_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    check(&mut app, &dir, "study_id,redcap_event_name,weight\n001,week_4_arm_1,refused\n");
    assert!(!hints(&app).contains("write access"), "there is more to do first: {}", hints(&app));
    check(&mut app, &dir, "study_id,redcap_event_name,weight\n001,week_4_arm_1,71.5\n");
    assert!(hints(&app).contains("W write access"), "{}", hints(&app));
    app.keys("Wy").idle();
    let after = hints(&app);
    assert!(after.contains("S send") && !after.contains("write access"), "{after}");
    app.keys("1");
    assert!(!hints(&app).contains("write access"), "{}", hints(&app));
}

#[test]
fn what_place_and_name_do_not_need_is_left_to_the_values() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    check(
        &mut app,
        &dir,
        "study_id,redcap_event_name,visit_date\n001,week_4_arm_1,13/04/2026\n002,week_4_arm_1,05/06/2026\n",
    );
    app.keys("v");
    assert!(app.shows("-> 2026-04-13"), "{}", app.screen());
    // Findings too.
    let model = checked_model();
    assert!(picture(&model).contains("refused line 2, sex"), "{}", picture(&model));
}

#[test]
fn what_is_asked_of_the_person_is_not_cut_in_a_small_window() {
    let mut app = App::demo(80, 24);
    app.keys("5p").assert_shows("Required ones are ticked at first.");
    app.keys("<Esc>6t").idle();
    app.keys("b<Enter>").idle();
    app.assert_shows("What differs ");
    app.keys("<Enter>");
    assert!(app.shows("What differs FULL") || app.shows("What diffe… FULL"), "{}", app.screen());
}
