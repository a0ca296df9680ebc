//! The tokens of another tool's credential file are taken over on the screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::dialog::Dialog;
use capscope::app::msg::Msg;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::store::Paths;
use std::path::{Path, PathBuf};
use support::App;

const UNKNOWN: &str = "0123456789ABCDEF0123456789ABCDEF";

/// A capscope without projects, a server, and a credential file with these lines; `{0}`, `{1}` are
/// tokens, `{url}` is the server's address.
fn with_file(home: &Path, lines: &str) -> (App, PathBuf, [String; 2]) {
    let file = home.join("credentials.csv");
    let mut tokens = [String::new(), String::new()];
    let app = App::start(120, 36, Some(Paths::under(home.join("kept"))), |_, runtime| {
        let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
        let server = runtime.block_on(DemoServer::start(options)).unwrap();
        let project = &server.projects()[0];
        tokens = [0, 1].map(|i| project.tokens[i].token.clone());
        let lines =
            lines.replace("{url}", server.url()).replace("{0}", &tokens[0]).replace("{1}", &tokens[1]);
        std::fs::write(&file, format!("redcap_uri,username,project_id,token,comment\n{lines}")).unwrap();
        // It lives as long as the test.
        std::mem::forget(server);
        Vec::new()
    });
    (app, file, tokens)
}

fn take_over(app: &mut App, file: &Path) {
    app.keys("i").assert_shows("Take over a credential file");
    app.shell.send(Msg::Paste(file.display().to_string())).unwrap();
    app.keys("<Enter>").wait(|m| m.is_idle() && m.dialog.is_some());
}

#[test]
fn every_token_is_kept_and_the_file_goes_only_after_a_yes() {
    let home = tempfile::tempdir().unwrap();
    let (mut app, file, tokens) =
        with_file(home.path(), "{url},anna,,{0},Heart study\n{url},anna,9999,{1},Second\n");
    app.idle().assert_shows("Take over a file");
    take_over(&mut app, &file);
    app.assert_shows("Delete credentials.csv?").assert_shows("Heart study").assert_shows("9999");
    let names: Vec<_> = app.shell.model.projects.iter().map(|p| p.name.clone()).collect();
    assert_eq!(names, ["Heart study", "Second"]);
    assert!(app.shell.model.open.as_ref().is_some_and(|o| o.project.name == "Heart study"));
    // Enter is the safe answer.
    app.keys("<Enter>").idle();
    assert!(file.exists() && app.shell.model.dialog.is_none());
    // Again: they are kept already, and the file can still be deleted.
    app.keys("<Esc>");
    take_over(&mut app, &file);
    assert_eq!(app.shell.model.projects.len(), 2);
    app.keys("y").idle().assert_shows("was overwritten and deleted");
    assert!(!file.exists());
    for token in tokens {
        assert!(!app.screen().contains(&token));
    }
}

#[test]
fn a_line_that_cannot_be_kept_is_told_and_the_file_stays() {
    let home = tempfile::tempdir().unwrap();
    let lines =
        format!("{{url}},anna,,{{0}},Heart study\n{{url}},anna,,{UNKNOWN},Other\n{{url}},anna,,oops,Third\n");
    let (mut app, file, _) = with_file(home.path(), &lines);
    take_over(&mut app, &file);
    assert!(matches!(app.shell.model.dialog, Some(Dialog::Problem(_))));
    app.assert_shows("1 of 3 tokens were kept").assert_shows("line 2: kept, Heart study");
    app.assert_shows("line 3: ").assert_shows("line 4: ");
    assert!(file.exists() && !app.screen().contains(UNKNOWN));
    // The list is behind the dialog.
    app.keys("<Esc>").idle().assert_shows("Heart study");
}

#[test]
fn a_file_that_is_none_is_explained() {
    let home = tempfile::tempdir().unwrap();
    let (mut app, file, _) = with_file(home.path(), "");
    take_over(&mut app, &file);
    app.assert_shows("No token was kept").assert_shows("no lines after its header");
    app.keys("<Esc>");
    std::fs::write(&file, "a,b\n1,2\n").unwrap();
    take_over(&mut app, &file);
    app.assert_shows("This is no credential file").assert_shows("redcap_uri");
    app.keys("<Esc>");
    take_over(&mut app, Path::new("/no/such/file.csv"));
    app.assert_shows("There is no such file");
}
