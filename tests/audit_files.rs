//! Every file that a job writes is noted in the audit log, with the project it is about.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;
mod support;

use capscope::app::msg::Msg;
use capscope::store::Paths;
use capscope::store::audit::{self, Line, What, hash_of};
use program::Server;
use std::path::Path;
use support::App;

fn written(paths: &Paths) -> Vec<Line> {
    let mut lines = audit::lines(paths).unwrap();
    lines.retain(|l| l.entry.what == What::FileWritten);
    lines
}

/// Types the path of a file into the box that is open, and accepts it.
fn save(app: &mut App, target: &Path) {
    app.keys(&"<BS>".repeat(60));
    app.shell.send(Msg::Paste(target.display().to_string())).unwrap();
    app.keys("<Enter>").idle();
}

#[test]
fn files_saved_from_the_screen_are_noted_with_their_project() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let mut app = App::demo_in(paths.clone());
    let project = app.shell.model.open.as_ref().unwrap().project.project_id;
    let file = |name: &str| home.path().join(name);
    std::fs::write(file("in.csv"), "study_id,redcap_event_name,weight\n001,week_4_arm_1,500\n").unwrap();
    // The findings of a check, and the report of a spot check.
    app.keys("5o");
    save(&mut app, &file("in.csv"));
    app.assert_shows("500 is");
    app.keys("e");
    save(&mut app, &file("findings.csv"));
    app.keys("p<Enter><Enter>").idle();
    app.assert_shows("Spot check: cell 1 of");
    app.keys("e");
    save(&mut app, &file("spot.txt"));
    // The answer of a call.
    app.keys("<Esc>7<Enter>s").idle();
    app.keys("w");
    save(&mut app, &file("answer.json"));
    drop(app);
    let lines = written(&paths);
    for name in ["findings.csv", "spot.txt", "answer.json"] {
        let hash = hash_of(&std::fs::read(file(name)).unwrap());
        let line = lines.iter().find(|l| l.entry.content_hash == hash).unwrap_or_else(|| panic!("{name}"));
        assert_eq!((line.entry.project, line.entry.host.as_str()), (Some(project), "127.0.0.1"), "{name}");
    }
}

#[test]
fn the_report_of_a_spot_check_made_by_the_command_line_is_noted() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let run = |args: &[&str]| server.capscope(&token, args).status.code();
    server.add(&token, "B");
    let drawn =
        ["spot-check", "draw", "--project", "B", "--fields", "weight", "-n", "2", "--sheet", "sheet.csv"];
    assert_eq!(run(&drawn), Some(0));
    let sheet = server.home.path().join("sheet.csv");
    let marked = std::fs::read_to_string(&sheet).unwrap();
    std::fs::write(&sheet, marked.replace(",,", ",agree,")).unwrap();
    let report = server.capscope(&token, &["spot-check", "report", "sheet.csv", "--out", "report.txt"]);
    assert_eq!(report.status.code(), Some(0), "{}", String::from_utf8_lossy(&report.stderr));
    let lines = written(&Paths::under(server.home.path()));
    let hash = hash_of(&std::fs::read(server.home.path().join("report.txt")).unwrap());
    assert!(lines.iter().any(|l| l.entry.content_hash == hash), "{lines:?}");
}
