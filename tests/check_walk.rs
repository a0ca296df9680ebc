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
fn the_next_step_to_send_is_on_screen_in_a_small_window_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(80, 24);
    check(&mut app, &dir, "study_id,redcap_event_name,weight\n001,week_4_arm_1,71.5\n");
    assert!(hints(&app).contains("W write access"), "{}", hints(&app));
    app.keys("Wy").idle();
    assert!(hints(&app).contains("S send"), "{}", hints(&app));
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
fn who_must_say_what_is_day_and_month_is_told_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    let text =
        "study_id,redcap_event_name,visit_date\n001,week_4_arm_1,03/04/2026\n002,week_4_arm_1,05/06/2026\n";
    check(&mut app, &dir, text);
    assert!(hints(&app).contains("t order of dates"), "{}", hints(&app));
    app.assert_shows("Your decision").assert_shows("t  reads day first");
    app.keys("t").idle().assert_shows("dates are read as DMY");
    assert!(!hints(&app).contains("order of dates"), "it is settled: {}", hints(&app));
}

#[test]
fn s20_a_lost_value_is_named_with_what_was_sent_and_masked_where_it_must_be() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo_with(120, 36, &["loses-value@import"]);
    let good = "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,70.5,120\n002,week_12_arm_1,82,\n003,week_4_arm_1,64,118\n";
    check(&mut app, &dir, good);
    app.keys("Wy").idle().keys("S<Enter>y").idle();
    app.assert_shows("Result: NOT verified")
        .assert_shows("DIFFERENT: 1")
        .assert_shows("003 week_4_arm_1 sbp: sent 118, stored blank");
    // An identifier is masked here as everywhere, until the person shows it.
    check(&mut app, &dir, "study_id,redcap_event_name,first_name\n001,screening_arm_1,Secretname\n");
    app.keys("S<Enter>y").idle();
    app.assert_shows("001 screening_arm_1 first_name: sent •");
    assert!(!app.shows("Secretname"), "{}", app.screen());
    app.keys("my").assert_shows("first_name: sent Secretname");
}

#[test]
fn the_card_does_what_it_offers() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(80, 24);
    check(&mut app, &dir, "study_id,redcap_event_name,sex\n001,screening_arm_1,Female\n");
    // In a small window the suggestion is read in the card, and accepted there.
    app.keys("<Enter>").assert_shows("Why, and what to do");
    assert!(hints(&app).contains("f accept suggestion"), "{}", hints(&app));
    app.keys("f").idle().assert_shows("Nothing to object to");
    app.keys("u").idle().assert_shows("REDCap would refuse this file");
}

#[test]
fn old_values_of_rows_without_a_number_are_not_promised() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    let header =
        "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ae_term,weight\n";
    let new = "001,ongoing_arm_1,ae_log,new,Cough,\n";
    check(&mut app, &dir, &format!("{header}{new}001,week_12_arm_1,,,,70\n"));
    app.keys("Wy").idle().keys("S");
    app.assert_shows("1 cell will change. Its old value").assert_shows("That of one more");
    let undo = dir.path().join("undo.csv");
    app.shell.send(Msg::Paste(undo.display().to_string())).unwrap();
    app.keys("<Enter>y").idle().keys("<End>").assert_shows("overwrite to undo; ");
    let kept = std::fs::read_to_string(undo).unwrap();
    assert!(kept.contains("001,week_12_arm_1,,,,71") && !kept.contains("ongoing"), "{kept}");
    // Records that REDCap names have no old values, and the names in the file may be taken by others.
    check(&mut app, &dir, "study_id,redcap_event_name,weight\n001,week_12_arm_1,72\n");
    app.keys("#").idle().keys("S").assert_shows("Send to");
    assert!(!app.shows("Keep the old values?"), "{}", app.screen());
}

#[test]
fn where_nothing_changes_there_is_nothing_to_keep() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    check(&mut app, &dir, "study_id,redcap_event_name,weight\n001,week_12_arm_1,71\n");
    app.keys("Wy").idle().keys("S");
    app.assert_shows("Nothing would change.");
    assert!(!app.shows("Keep the old values?"), "{}", app.screen());
    app.keys("y").idle().assert_shows("Result: verified").assert_shows("REDCap writes no log line");
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

#[test]
fn s22_what_the_server_refuses_is_not_said_to_be_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    // The fifth of the demo's tokens may import and not create records.
    app.keys("<S-Tab>");
    while !app.shows("> BREATHE NOPHQ") {
        app.keys("<Down>");
    }
    app.keys("<Enter>").idle();
    check(&mut app, &dir, "study_id,redcap_event_name,weight\n099,week_12_arm_1,70.5\n");
    app.assert_shows("REDCap will accept this file");
    app.keys("Wy").idle().keys("S<Enter>y").idle();
    app.assert_shows("Result: REFUSED")
        .assert_shows("What happened")
        .assert_shows("create new records.")
        .assert_shows("The token needs the right Create Records")
        .assert_shows("Not imported: 099")
        .assert_shows("REDCap refused the file: the receipt says why.");
    assert!(!app.shows("REDCap will accept this file"), "{}", app.screen());
    // In a Data Access Group the group's column is refused before anything is sent.
    app.keys("<S-Tab>");
    while !app.shows("> BREATHE DAGA") {
        app.keys("<Up>");
    }
    app.keys("<Enter>").idle();
    check(
        &mut app,
        &dir,
        "study_id,redcap_event_name,redcap_data_access_group,weight\n001,week_12_arm_1,site_a,70.5\n",
    );
    app.assert_shows("REDCap would refuse this file").assert_shows("The group column may");
}

#[test]
fn a_receipt_goes_with_the_file_that_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    let text = "study_id,redcap_event_name,weight\n001,week_12_arm_1,70.5\n";
    check(&mut app, &dir, text);
    app.keys("Wy").idle().keys("S<Enter>y").idle();
    app.assert_shows("Result: verified");
    // Chosen again it is looked at again; its receipt is where it was.
    check(&mut app, &dir, text);
    app.assert_shows("Check: all findings");
    app.keys("vv").assert_shows("Result: verified");
    // Corrected meanwhile it is another file.
    std::fs::write(dir.path().join("in.csv"), text.replace("70.5", "x")).unwrap();
    app.keys("r").idle().assert_shows("REDCap would refuse this file");
    assert!(!app.shows("Result: verified"), "{}", app.screen());
}
