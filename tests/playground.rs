//! The playground on the whole loop: keys in, real requests to the embedded server, the screen out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::api::catalogue::{Action, Effect, Kind, METHODS, Method};
use capscope::app::dialog::Dialog;
use capscope::app::model::Pane;
use capscope::app::playground::{Face, Playground};
use support::App;

/// Opens the demo project whose name begins like this, and goes to the playground.
fn playground_of(name: &str, width: u16, height: u16) -> App {
    let mut app = App::demo(width, height);
    let at = app.shell.model.projects.iter().position(|p| p.name.starts_with(name)).expect(name);
    while app.shell.model.pane != Pane::Projects {
        app.keys("<Tab>");
    }
    app.keys(&format!("<Home>{}<Enter>", "j".repeat(at)));
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
    app.keys("7");
    app
}

fn state(app: &App) -> &Playground {
    state_of(&app.shell.model)
}

fn state_of(model: &capscope::app::Model) -> &Playground {
    &model.open.as_ref().unwrap().playground
}

/// Types text as keys: `<` is a key's name in these strings.
fn typed(text: &str) -> String {
    text.chars().map(|c| if c == '<' { "<lt>".to_owned() } else { c.to_string() }).collect()
}

/// Finds a method in the list by typing, and goes to its form.
fn choose(app: &mut App, content: &str, action: Action) {
    app.keys("7");
    if !state(app).filter.is_empty() {
        app.keys("<Esc>");
    }
    app.keys(&format!("/{} {}<Enter><Home>", content, action.as_str()));
    for _ in 0..METHODS.len() {
        let method = state(app).chosen();
        if method.content == content && method.action == action {
            break;
        }
        app.keys("<Down>");
    }
    let method = state(app).chosen();
    assert_eq!((method.content, method.action), (content, action));
    app.keys("<Enter>");
}

/// Goes to a parameter of the form.
fn go_to(app: &mut App, name: &str) {
    let method = state(app).chosen();
    let at = method.params.iter().position(|p| p.name == name).unwrap();
    app.keys(&format!("<Home>{}", "<Down>".repeat(at)));
}

fn set(app: &mut App, name: &str, value: &str) {
    go_to(app, name);
    app.keys(&format!("<Enter>{}<Enter>", typed(value)));
}

/// Fills in what is needed, with the first thing that comes to mind.
fn fill_in(app: &mut App, method: &Method, file: &str) {
    for param in method.params.iter().filter(|p| p.required) {
        match param.kind {
            Kind::Choice(_) | Kind::Bool | Kind::ZeroOne => {
                go_to(app, param.name);
                app.keys("<Space>");
            }
            Kind::Number => set(app, param.name, "1"),
            Kind::Data => set(app, param.name, "[{\"name\":\"1\"}]"),
            Kind::File => set(app, param.name, file),
            Kind::DateTime => set(app, param.name, "2026-01-01 00:00:00"),
            Kind::Text | Kind::Array(_) | Kind::Name(_) => set(app, param.name, "zzz_1"),
        }
    }
}

#[test]
fn every_method_is_composed_sent_and_answered_by_keyboard_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("upload.txt");
    std::fs::write(&file, "content").unwrap();
    let mut app = playground_of("ALBA", 120, 36);
    for method in METHODS {
        choose(&mut app, method.content, method.action);
        fill_in(&mut app, method, file.to_str().unwrap());
        app.keys("s");
        if method.effect == Effect::Read {
            assert!(app.shell.model.dialog.is_none(), "{}\n{}", method.title, app.screen());
        } else {
            app.assert_shows("Before anything is changed");
            let Some(Dialog::Write(dialog)) = &app.shell.model.dialog else { panic!("{}", method.title) };
            let number = if dialog.number == 0 { "yes".into() } else { dialog.number.to_string() };
            app.keys(&format!("{number}<Enter>"));
        }
        app.idle();
        assert!(app.shell.model.dialog.is_none(), "{}\n{}", method.title, app.screen());
        let playground = state(&app);
        let call = playground.calls.first().unwrap();
        assert_eq!(call.request.method(), method, "{}", app.screen());
        let answer = call.answer.as_ref().unwrap_or_else(|| panic!("{}\n{}", method.title, app.screen()));
        assert_eq!(playground.face, Face::Answer);
        // What needs nothing is answered, not refused.
        let plain = method.effect == Effect::Read
            && method.params.iter().all(|p| !p.required)
            && !method.needs.iter().any(|n| format!("{n:?}") != "Longitudinal");
        if plain {
            assert!(answer.verdict.is_none(), "{}: {:?}", method.title, answer.verdict);
        }
        app.keys("<Esc><Esc>");
    }
}

#[test]
fn identifiers_stay_masked_until_the_person_agrees() {
    let mut app = playground_of("BREATHE FULL", 120, 36);
    choose(&mut app, "record", Action::Export);
    set(&mut app, "records", "001");
    set(&mut app, "fields", "last_name");
    app.keys("s").idle();
    app.assert_shows("200 OK").assert_shows("\"last_name\": \"••••••\"");
    assert!(!app.shows("Nutmouse"));
    app.keys("v").assert_shows("table");
    assert!(app.shows("••••••") && !app.shows("Nutmouse"));
    app.keys("v").assert_shows("raw").assert_shows("m shows it");
    assert!(!app.shows("Nutmouse"));
    // What is closed is not copied either.
    app.keys("c");
    assert!(app.copied.0.lock().unwrap().is_empty());
    app.keys("my").assert_shows("Nutmouse");
    app.keys("m").assert_shows("m shows it");
    assert!(!app.shows("Nutmouse"));
    // A log may name people anywhere.
    choose(&mut app, "log", Action::Export);
    app.keys("s").idle();
    app.assert_shows("m shows it");
}

#[test]
fn an_answer_is_searched_saved_and_shown_as_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = playground_of("ALBA", 120, 36);
    choose(&mut app, "instrument", Action::Export);
    app.keys("s").idle();
    app.keys("/label<Enter>");
    let first = state(&app).reading.as_ref().unwrap().cursor.at;
    app.keys("n");
    let second = state(&app).reading.as_ref().unwrap().cursor.at;
    app.keys("N");
    assert!(second > first && state(&app).reading.as_ref().unwrap().cursor.at == first);
    let path = folder.path().join("answer.json");
    app.keys(&format!("w<C-u>{}<Enter>", typed(path.to_str().unwrap()))).idle();
    app.assert_shows("Written to");
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert!(saved[0]["instrument_name"].is_string());
    app.keys("<Esc>p").assert_shows("Python (requests)").assert_shows("import requests");
    app.keys("<Left><Left><Left>")
        .assert_shows("cURL (shell)")
        .assert_shows("--data-urlencode 'content=instrument'");
    app.keys("c").idle();
    let copied = app.copied.0.lock().unwrap().last().cloned().unwrap();
    assert!(copied.starts_with("#!/bin/sh") && copied.contains("REDCAP_API_TOKEN"));
}

#[test]
fn calls_are_listed_without_values_repeated_and_compared() {
    let mut app = playground_of("ALBA", 120, 36);
    choose(&mut app, "instrument", Action::Export);
    app.keys("s").idle();
    app.keys("f");
    go_to(&mut app, "format");
    app.keys("<Enter>xml<Enter>s").idle();
    app.assert_shows("<instrument_name>");
    app.keys("y").assert_shows("Calls made");
    assert_eq!(state(&app).calls.len(), 2);
    app.keys("=").assert_shows("mark another call");
    app.keys("<Space>").assert_shows("[x]");
    app.keys("<Down>=").idle();
    assert_eq!(state(&app).face, Face::Compare);
    let lines = state(&app).compared.lines.as_ref().unwrap();
    assert!(lines.iter().any(|l| l.text.contains("\"instrument_name\"")), "{lines:?}");
    // Enter opens an old answer with its form; s in the list sends it again.
    app.keys("<Esc><Enter>").assert_shows("\"instrument_name\"");
    assert_eq!(state(&app).form().text("format"), "json");
    app.keys("y<Down>s").idle();
    assert_eq!(state(&app).calls.len(), 3);
    app.keys("y<Space>");
    let at = state(&app)
        .calls
        .iter()
        .position(|c| c.form.text("format") == "json" && c.at != state(&app).calls[0].at);
    app.keys(&"<Down>".repeat(at.unwrap_or(0)));
    assert!(!app.shows("instrument_name"), "values are in the list");
}

#[test]
fn nothing_is_written_without_the_number_and_a_backup_is_one_key_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = playground_of("ALBA", 120, 36);
    choose(&mut app, "generateNextRecordName", Action::Export);
    app.keys("s").idle();
    choose(&mut app, "record", Action::Delete);
    assert!(app.shows("records is needed"));
    app.keys("s").assert_shows("not available, records is needed");
    set(&mut app, "records", "no such record");
    let before = app.requests().len();
    app.keys("s").assert_shows("DELETES OR REPLACES").assert_shows("cannot be brought back");
    app.keys("999<Enter>").assert_shows("Nothing was sent");
    app.keys("<Enter><Esc>").assert_shows("Nothing was sent.");
    assert_eq!(app.requests().len(), before);
    // The backup goes where the dialog says; here into a folder of the test.
    app.keys("s");
    let path = folder.path().join("backup.csv");
    match &mut app.shell.model.dialog {
        Some(Dialog::Write(dialog)) => dialog.backup.as_mut().unwrap().1 = path.clone(),
        other => panic!("{other:?}"),
    }
    app.keys("<Tab><Enter>").idle();
    app.assert_shows("The backup is in");
    assert!(std::fs::read_to_string(&path).unwrap().lines().count() > 1);
    let number = app.shell.model.open.as_ref().unwrap().project.project_id;
    app.keys(&format!("{number}<Enter>")).idle();
    assert!(app.requests().len() > before + 1);
    app.assert_shows("refused");
    app.keys("d").assert_shows("What you can do");
}

#[test]
fn a_project_in_production_is_not_written_to() {
    let mut app = playground_of("BREATHE FULL", 120, 36);
    choose(&mut app, "record", Action::Delete);
    set(&mut app, "records", "010");
    let before = app.requests().len();
    app.keys("s").assert_shows("this project is in production");
    assert!(app.shell.model.dialog.is_none());
    assert_eq!(app.requests().len(), before);
}

#[test]
fn a_refusal_is_an_answer_with_an_explanation() {
    let mut app = playground_of("BREATHE COORD", 120, 36);
    choose(&mut app, "user", Action::Export);
    app.keys("s").idle();
    app.assert_shows("refused").assert_shows("User Rights").assert_shows("\"error\"");
    app.keys("H").assert_shows("content-type:");
}

#[test]
fn favourites_stand_first_and_are_remembered() {
    use capscope::app::msg::{Effect as Asked, Remember};
    let mut model = support::model();
    let effects = support::press(&mut model, "7/version export<Enter>*<Esc>");
    let remembered = effects.iter().find_map(|e| match e {
        Asked::Remember(Remember::Favourites(list)) => Some(list.clone()),
        _ => None,
    });
    assert_eq!(remembered.unwrap(), [("version", "export")]);
    let first = state_of(&model).found(&model.favourites)[0];
    assert_eq!(METHODS[first].content, "version");
    let saved = [("version".into(), "export".into()), ("gone".into(), "export".into())];
    assert_eq!(capscope::app::playground::named(&saved), [("version", "export")]);
}

#[test]
fn a_late_answer_of_a_stopped_call_is_not_shown() {
    let mut model = support::model();
    support::press(&mut model, "7s");
    assert_eq!(state_of(&model).calls[0].end, "running");
    let effects = support::press(&mut model, "<Esc>");
    assert!(effects.iter().any(|e| matches!(e, capscope::app::msg::Effect::Cancel(..))));
    assert_eq!(state_of(&model).calls[0].end, "stopped");
    assert!(state_of(&model).reading.is_none());
}

#[test]
fn it_works_in_a_small_window() {
    let mut app = playground_of("ALBA", 80, 24);
    app.assert_shows("7 Play").assert_shows("Methods");
    choose(&mut app, "project", Action::Export);
    app.assert_shows("[ Send ]");
    app.keys("<End><Enter>").idle();
    app.assert_shows("project_title");
    app.keys("<Tab>").assert_shows("Status");
}

#[test]
fn trying_again_sends_the_call_again_and_asks_again_before_a_write() {
    let mut app = playground_of("ALBA", 120, 36);
    choose(&mut app, "record", Action::Import);
    set(&mut app, "data", "[{\"nosuchfield\":\"1\"}]");
    app.keys("s103<Enter>").idle();
    app.assert_shows("nosuchfield").assert_shows("refused");
    let sent = app.requests().len();
    app.keys("dr").assert_shows("Before anything is changed");
    assert_eq!(app.requests().len(), sent);
    app.keys("<Esc>");
    choose(&mut app, "report", Action::Export);
    set(&mut app, "report_id", "1");
    app.keys("s").idle();
    assert!(state(&app).problem().is_some(), "{}", app.screen());
    let sent = app.requests().len();
    app.keys("dr").idle();
    assert_eq!(app.requests().len(), sent + 1);
}
