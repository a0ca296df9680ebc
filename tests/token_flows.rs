//! Section Token on screen: testing, stopping, the one question, copying; against the demo server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::actions::{Id, available};
use capscope::app::dialog::Dialog;
use capscope::app::model::Section;
use capscope::app::msg::Effect;
use capscope::app::running::Slot;
use capscope::domain::access_test::Verdict;
use capscope::jobs::types::{Agreed, Job};
use support::{App, model, press};

/// Opens the demo project with this in its name, in section Token.
fn token_of(name: &str, width: u16, height: u16) -> App {
    let mut app = App::demo(width, height);
    let at = app.shell.model.projects.iter().position(|p| p.name.contains(name)).expect(name);
    while app.shell.model.pane != capscope::app::model::Pane::Projects {
        app.keys("<Tab>");
    }
    app.keys(&format!("<Home>{}<Enter>", "j".repeat(at)));
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some() || o.problem.is_some()));
    app.keys("<Esc><Esc>6");
    assert_eq!(app.shell.model.section, Section::Token);
    app
}

#[test]
fn a_token_owner_reads_what_is_lost_why_and_what_to_ask_for() {
    let mut app = token_of("DEID", 120, 36);
    let before = app.requests().len();
    app.assert_shows("t  tests this token.").assert_shows("calls that only read");
    assert_eq!(app.requests().len(), before, "nothing is sent before somebody asks");
    app.keys("t").idle();
    app.assert_shows("De-Identified (inferred)").assert_shows("9 of 31 did not come back");
    app.assert_shows("y copies it").assert_shows("If you wonder why");
    assert!(app.requests().len() - before <= 16, "{:?}", app.requests());
    // The instrument under the cursor tells its evidence beside it.
    let at = app
        .shell
        .model
        .open
        .as_ref()
        .unwrap()
        .token
        .rows()
        .iter()
        .position(|r| matches!(r, capscope::app::token::TokenRow::Form(0)))
        .unwrap();
    let now = app.shell.model.open.as_ref().unwrap().token.cursor.at;
    app.keys(&"j".repeat(at - now - 1));
    app.assert_shows("Did not come back").assert_shows("notes_free");
    // The whole list can be walked, headings are no places.
    app.keys("G").assert_shows("Export User Role");
    app.keys("g").assert_shows("Whose token, and where");
    assert!(!app.screen().contains("Nutm"));
}

#[test]
fn a_token_that_reads_nothing_has_its_screen_too() {
    for (name, words) in [("IMPONLY", "The token has no API Export"), ("BAD", "REDCap refuses this token")] {
        let mut app = token_of(name, 80, 24);
        app.keys("t").idle();
        app.assert_shows(words).assert_shows("What to ask for");
        let view = &app.shell.model.open.as_ref().unwrap().token;
        assert_eq!(view.report.as_ref().unwrap().calls, 1, "{name}");
        assert_eq!(view.count(Verdict::Allowed), 0);
    }
}

#[test]
fn class_b_asks_once_and_is_refused_on_production_projects() {
    let mut model = model();
    press(&mut model, "6");
    // The fixture's project is in production and read only.
    model.open.as_mut().unwrap().metadata.info.in_production = true;
    assert!(available(&model, Id::TestWrites).unwrap_err().contains("in production"));
    model.open.as_mut().unwrap().metadata.info.in_production = false;
    assert!(press(&mut model, "w").is_empty());
    assert!(press(&mut model, "<Esc>").is_empty() && model.jobs.get(Slot::Token).is_none());
    press(&mut model, "w");
    let effects = press(&mut model, "y");
    let agreed = effects.iter().find_map(|e| match e {
        Effect::Start { job: Job::TestToken(_, agreed), .. } => Some(*agreed),
        _ => None,
    });
    assert_eq!(agreed, Some(Agreed { writes: true, ..Agreed::default() }));
    // Esc stops a running test; nothing of it stays.
    let effects = press(&mut model, "<Esc>");
    assert!(effects.iter().any(|e| matches!(e, Effect::Cancel(Slot::Token, _))), "{effects:?}");
    assert!(model.is_idle() && model.open.as_ref().unwrap().token.report.is_none());
}

#[test]
fn the_request_is_copied_and_names_rights_only() {
    let mut app = token_of("NOPHQ", 120, 36);
    assert!(available(&app.shell.model, Id::CopyRequest).is_err());
    app.keys("t").idle();
    let mut model = app.shell.model.clone();
    let effects = press(&mut model, "y");
    let Some(Effect::Copy(text)) = effects.first() else { panic!("{effects:?}") };
    assert!(text.contains("'PHQ-9'") && text.contains("'Logging'") && text.contains("PID 101"), "{text}");
    assert!(!text.contains("Nutm") && !text.chars().any(|c| c == '\u{2022}'), "{text}");
}

#[test]
fn users_are_compared_and_asked_about_as_a_whole() {
    let mut app = App::demo(120, 36);
    app.keys("4").idle();
    app.keys("gjb").assert_shows("Others are compared with analyst_deid");
    app.keys("j")
        .assert_shows("compared with analyst_deid")
        .assert_shows("here: Remove All Identifier Fields");
    assert!(!app.shows("Project Design and Setup"), "what is the same is not shown: {}", app.screen());
    app.keys("gjb").assert_shows("Rights are shown whole again.");
    app.keys("G").assert_shows("Who may do what").assert_shows("May export identifiers through the API");
    app.assert_shows("dm, nurse_a, stat_nophq, coord1").assert_shows("intern_2024");
}

#[test]
fn a_second_test_tells_what_changed() {
    let mut app = token_of("NOID", 120, 36);
    app.keys("t").idle();
    assert!(!app.shows("Changed since the test before"));
    app.keys("r").idle();
    app.assert_shows("Changed since the test before").assert_shows("all that was tried is as it was");
}

/// Class C has a question of its own for its one call, and none of class B goes with it.
#[test]
fn class_c_asks_for_its_one_call_and_says_what_it_leaves() {
    let mut model = model();
    press(&mut model, "6");
    assert!(available(&model, Id::TestSingle).unwrap_err().contains("no randomization"));
    model.open.as_mut().unwrap().metadata.info.randomization_enabled = true;
    assert!(press(&mut model, "T").is_empty());
    let shown = support::picture(&model);
    for words in ["Send this one call too?", "Randomize Record", "cannot be undone", "the server's log"] {
        let text = shown.replace(['│', '┃'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words) || shown.contains(words), "{words}: {shown}");
    }
    assert!(press(&mut model, "<Enter>").is_empty(), "Enter is no yes");
    press(&mut model, "T");
    let effects = press(&mut model, "y");
    let agreed = effects.iter().find_map(|e| match e {
        Effect::Start { job: Job::TestToken(_, agreed), .. } => Some(*agreed),
        _ => None,
    });
    assert_eq!(agreed, Some(Agreed { randomize: true, ..Agreed::default() }));
}

#[test]
fn two_tokens_stand_side_by_side_what_differs_first() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut app = token_of("FULL", width, height);
        assert!(
            available(&app.shell.model, Id::CompareTokens).unwrap_err().contains("test this token first")
        );
        app.keys("t").idle();
        app.keys("b").assert_shows("Compare with which token?").assert_shows("BREATHE DAGA");
        let Some(Dialog::Pick(picker)) = &app.shell.model.dialog else { panic!("{}", app.screen()) };
        assert!(picker.items.iter().all(|(name, _)| name.starts_with("BREATHE")), "of the same project only");
        assert!(!picker.items.iter().any(|(name, _)| name.contains("FULL")), "not with itself");
        app.keys("DAGA<Enter>").idle();
        app.assert_shows("What differs").assert_shows("side by side");
        let line = |app: &App, start: &str| {
            let text = app.screen();
            text.lines().find(|l| l.contains(start)).unwrap_or_else(|| panic!("{start}\n{text}")).to_owned()
        };
        assert!(line(&app, "Records the token sees").contains('6'), "{}", app.screen());
        let dags = line(&app, "Export Data Access Groups");
        assert!(dags.contains("allowed") && dags.contains("refused"), "{dags}");
        app.keys("G").assert_shows("Export Logging");
        app.keys("b").assert_shows("Whose token, and where");
    }
}

#[test]
fn the_rights_table_is_written_without_addresses() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("rights.csv");
    let mut app = App::demo(120, 36);
    app.keys("4").idle();
    app.keys("e").assert_shows("Export the rights table").assert_shows("_rights_");
    app.keys("<C-u>");
    for c in file.to_str().unwrap().chars() {
        app.keys(&c.to_string());
    }
    app.keys("<Enter>").idle();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let at =
        |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("{name}: {header:?}"));
    let of = |user: &str| rows.iter().find(|r| &r[1] == user).unwrap().clone();
    assert_eq!(&of("dm")[at("exports identifiers of")], "demographics");
    assert_eq!(&of("analyst_deid")[at("exports identifiers of")], "none");
    assert_eq!(&of("nurse_a")[at("data access group")], "site_a");
    assert_eq!(&of("intern_2024")[at("expired")], "yes");
    assert_eq!(&of("analyst_deid")[at("Export: phq9")], "De-Identified");
    assert_eq!(rows.len(), 11 + 2);
    assert!(!text.contains('@'), "no e-mail addresses");
}
