//! Finding records and fields, and that nothing personal shows on any screen in privacy mode.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::dialog::Dialog;
use capscope::app::find::Find;
use capscope::app::model::Section;
use support::App;

fn find(app: &App) -> &Find {
    match &app.shell.model.dialog {
        Some(Dialog::Find(find)) => find,
        other => panic!("{other:?} is on top"),
    }
}

fn records(app: &App) -> Vec<&str> {
    find(app).records.iter().map(|h| h.record.as_str()).collect()
}

#[test]
fn s3_a_record_is_found_by_its_mrn_with_leading_zeros() {
    let mut app = App::demo(120, 36);
    app.keys("<C-f>").idle();
    let before = app.requests().len();
    // Nothing is read before it was said what, and asked for.
    app.keys("0012345").idle();
    assert_eq!(app.requests().len(), before);
    app.assert_shows("reads the record ids and last_name, first_name, mrn of all records");
    app.keys("<Enter>").idle();
    assert_eq!(records(&app), ["001"]);
    app.assert_shows("mrn").assert_shows("•••••45");
    for secret in ["Nutm", "0012345 ", "0054321"] {
        assert!(!app.shows(secret), "{secret} is on the screen\n{}", app.screen());
    }
    app.keys("<BS><BS><BS><BS><BS><BS><BS>12345");
    assert_eq!(records(&app), ["001"]);
    app.assert_shows("contains •••••45");
    app.keys("<BS><BS><BS><BS><BS>wood");
    assert_eq!(records(&app), ["002", "010"]);
    app.assert_shows("possible duplicate of 010: same mrn, last_name, first_name");
    app.keys("<Down><Enter>").idle();
    app.assert_shows("Record 010");
    assert_eq!(app.shell.model.section, Section::Records);
}

#[test]
fn chosen_fields_are_searched_too_and_remembered() {
    let mut app = App::demo(120, 36);
    app.keys("<C-f>").idle();
    app.keys("<Tab>zip<Tab><Enter>").idle();
    app.keys("70115").idle();
    assert_eq!(records(&app), ["004"]);
    app.assert_shows("zip");
    assert_eq!(app.bench.remembered("demo-101-0").search_fields.last().unwrap(), "zip");
}

#[test]
fn fields_are_found_in_the_codebooks_of_all_projects_that_were_read() {
    let mut app = App::demo(120, 36);
    app.keys("<C-f>systolic").idle();
    let at = |app: &App| -> Vec<(String, String)> {
        find(app).fields.iter().map(|h| (h.project.clone(), h.field.clone())).collect()
    };
    assert_eq!(at(&app), [("demo-101-0".to_owned(), "sbp".to_owned())]);
    app.keys("<Down>").assert_shows("at Baseline, Week 4, Week 12, Unscheduled");
    // Another project is opened; the first one is still found, and Enter goes back to it.
    app.keys("<Esc>");
    let place = app.shell.model.projects.iter().position(|p| p.name.contains("HEARTBEAT")).unwrap();
    while app.shell.model.pane != capscope::app::model::Pane::Projects {
        app.keys("<Tab>");
    }
    app.keys(&format!("<Home>{}<Enter>", "j".repeat(place))).idle();
    app.keys("<C-f>systolic").idle();
    let found =
        at(&app).iter().position(|(project, field)| project == "demo-101-0" && field == "sbp").unwrap();
    // The first line offers to read the records.
    app.keys(&"<Down>".repeat(found + 1)).keys("<Enter>");
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.project.id == "demo-101-0"));
    app.assert_shows("Fields of Visit");
    assert_eq!(app.shell.model.open.as_ref().unwrap().field().unwrap().name, "sbp");
}

/// A text dump of every screen with privacy mode on has nothing personal in it.
#[test]
fn s8_privacy_mode_holds_on_every_screen() {
    let secrets = ["Nutmeg", "0012345", "Siân", "O'Brien"];
    for keys in [
        "3<Enter>",
        "3<Enter><Right><Right><Right><Tab>",
        "3<Enter><Enter>",
        "3<Enter><Enter>H<End>",
        "3<Enter><Enter>H<End><Tab>",
        "3N",
        "3Nt<End>",
        "3Nto",
        "3w",
        "3wo",
        "3S",
        "<C-f>01<BS><BS><Enter>nut",
        "<C-f><Enter>sian",
        "<C-f><Enter>777",
        "9",
    ] {
        let mut app = App::demo(120, 36);
        let mut rest = keys;
        while let Some((_, tail)) = capscope::app::keys::Key::parse_one(rest) {
            app.keys(&rest[..rest.len() - tail.len()]).idle();
            let screen = app.screen();
            for secret in secrets {
                assert!(!screen.contains(secret), "{secret} is on the screen after {keys}\n{screen}");
            }
            rest = tail;
        }
    }
}
