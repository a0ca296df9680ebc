//! A token that may only import: nothing tells which project it opens, and it can be used all the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod demo_support;
mod support;

use capscope::api::token::Token;
use capscope::app::model::Pane;
use capscope::app::msg::Msg;
use capscope::app::open::Open;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::jobs::projects;
use capscope::jobs::types::{Draft, Keep, SavedProject};
use capscope::store::{Paths, projects as saved};
use support::App;

fn draft(url: &str, token: &str, replaces: Option<String>) -> Draft {
    Draft {
        address: url.into(),
        token: Some(Token::parse(token).unwrap()),
        keep: Keep::Session,
        name: String::new(),
        ca_file: None,
        replaces,
    }
}

/// The program with the loader's token as its only project, and the tokens of the loader and of a
/// user who may read.
fn start(home: &std::path::Path) -> (App, DemoServer, String, String) {
    let mut kept = None;
    let mut app = App::start(120, 36, Some(Paths::under(home)), |bench, runtime| {
        let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
        let server = runtime.block_on(DemoServer::start(options)).unwrap();
        let loader = demo_support::token(&server, 101, "IMPONLY");
        let reader = demo_support::token(&server, 101, "FULL");
        let project = runtime.block_on(projects::add(bench, draft(server.url(), &loader, None))).unwrap();
        kept = Some((server, loader, reader));
        vec![project]
    });
    app.idle();
    let (server, loader, reader) = kept.unwrap();
    (app, server, loader, reader)
}

fn project(app: &App) -> SavedProject {
    saved::load(app.bench.paths.as_ref().unwrap()).unwrap()[0].clone()
}

#[test]
fn it_is_added_with_what_is_known_and_the_screen_says_what_does_not_work() {
    let home = tempfile::tempdir().unwrap();
    let (mut app, server, loader, _) = start(home.path());
    let project = project(&app);
    assert_eq!((project.number(), project.title.as_str()), (None, ""));
    assert!(project.name.contains("(title unknown)"), "{}", project.name);
    app.assert_shows("Nothing can be read with this token.").assert_shows("API Export");
    app.assert_shows("PID unknown").assert_shows("! reads nothing");
    // Section 6 tests it, also its right to import, which must be said yes to.
    app.keys("6t").wait(|m| m.open.as_ref().is_some_and(|o| o.token.report.is_some()) && m.is_idle());
    app.assert_shows("nothing can be r").assert_shows("Import Arms             cannot tell");
    // The very same token is not taken twice.
    let again = app.block_on(projects::add(&app.bench, draft(server.url(), &loader, None))).unwrap_err();
    assert_eq!(again.title, "This project is saved already");
}

#[test]
fn its_records_can_be_imported_and_nothing_can_be_deleted_without_a_number() {
    let home = tempfile::tempdir().unwrap();
    let (mut app, _server, ..) = start(home.path());
    app.keys("W").assert_shows("What project this is");
    app.keys("y").idle();
    app.assert_shows("[WRITE ACCESS]");
    app.keys("7/import rec<Enter><Enter><Enter>");
    let rows = r#"[{"study_id":"001","redcap_event_name":"baseline_arm_1","sbp":"121"}]"#;
    app.shell.send(Msg::Paste(rows.into())).unwrap();
    app.keys("<Enter>s").assert_shows("Type yes to send it");
    assert!(!app.shows("Save a backup first"), "nothing can be read\n{}", app.screen());
    app.keys("yes<Enter>").wait(|m| m.is_idle() && m.open.as_ref().is_some_and(answered));
    app.assert_shows("\"count\": 1");
    // What deletes or replaces asks for the number of the project, and nobody knows it.
    while app.shell.model.pane != Pane::List {
        app.keys("<Tab>");
    }
    app.keys("<Esc>/delete rec<Enter><Enter><Enter>001<Enter>s").assert_shows("does not tell its project's");
    assert!(app.shell.model.dialog.is_none());
}

fn answered(open: &Open) -> bool {
    open.playground.reading.is_some()
}

#[test]
fn a_token_that_reads_tells_the_number_later() {
    let home = tempfile::tempdir().unwrap();
    let (mut app, server, loader, reader) = start(home.path());
    let id = project(&app).id;
    let entered = draft(server.url(), &reader, Some(id.clone()));
    let now = app.block_on(projects::add(&app.bench, entered)).unwrap();
    assert_eq!((now.number(), now.id.as_str()), (Some(101), id.as_str()));
    assert!(now.title.starts_with("BREATHE"));
    // But a token that tells nothing does not take the place of one whose project is known.
    let back = draft(server.url(), &loader, Some(id));
    let problem = app.block_on(projects::add(&app.bench, back)).unwrap_err();
    assert_eq!(problem.title, "The project of this token is not known");
    // The right was given to the token itself: opening it learns the number.
    let mut unknown = now.clone();
    (unknown.project_id, unknown.title) = (0, String::new());
    saved::add(app.bench.paths.as_ref().unwrap(), unknown.clone()).unwrap();
    app.shell.model.open.as_mut().unwrap().project = unknown.clone();
    app.shell.model.projects[0] = unknown;
    app.keys("<Esc>1r").idle();
    assert_eq!(project(&app).number(), Some(101));
    app.assert_shows("PID 101");
    assert_eq!(app.shell.model.projects[0].number(), Some(101));
}
