//! `capscope check` as a script uses it, and section Check on the screen, against the demo server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::check::CheckState;
use capscope::store::audit;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::App;

const GOOD: &str = "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,70.5,120\n002,week_12_arm_1,82,\n003,week_4_arm_1,64,118\n";

/// The demo server in a process of its own, with BREATHE saved in a home folder.
struct Desk {
    server: Child,
    home: tempfile::TempDir,
    token: String,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Desk {
    fn new() -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(["serve", "--registry-records", "5"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        let project = ready["projects"].as_array().unwrap()[0].clone();
        let tokens = project["tokens"].as_array().unwrap().clone();
        let full = tokens.iter().find(|t| t["note"].as_str().unwrap().starts_with("FULL")).unwrap();
        let token = full["token"].as_str().unwrap().to_owned();
        let home = tempfile::tempdir().unwrap();
        let desk = Self { server, home, token };
        let url = ready["url"].as_str().unwrap();
        let (code, _, errors) =
            desk.run(&["project", "add", url, "--name", "breathe", "--token-env", "BREATHE_TOKEN"]);
        assert_eq!(code, 0, "{errors}");
        desk
    }

    fn file(&self, name: &str, text: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(text).unwrap();
        path
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(args)
            .env("CAPSCOPE_HOME", self.home.path())
            .env("BREATHE_TOKEN", &self.token)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn check(&self, file: &Path, more: &[&str]) -> (i32, serde_json::Value) {
        let mut args = vec!["check", file.to_str().unwrap(), "--project", "breathe", "--json"];
        args.extend(more);
        let (code, out, errors) = self.run(&args);
        (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out} {errors}")))
    }
}

#[test]
fn a_script_learns_from_the_exit_code_and_the_json() {
    let desk = Desk::new();
    let good = desk.file("good.csv", GOOD.as_bytes());
    let (code, json) = desk.check(&good, &[]);
    assert_eq!(code, 4, "required fields stay blank: warnings only");
    assert_eq!((&json["cells"]["changed"], &json["cells"]["new"]), (&1.into(), &3.into()));
    assert_eq!((&json["compared"], &json["may_be_sent"]), (&true.into(), &true.into()));

    let whole = "study_id,redcap_event_name,weight\n001,week_12_arm_1,71\n";
    let (code, json) = desk.check(&desk.file("same.csv", whole.as_bytes()), &[]);
    assert_eq!((code, &json["verdict"]), (0, &"Nothing to object to.".into()));

    let bad = "study_id,redcap_event_name,sex,mrn\n001,screening_arm_1,1.0,1.2E+05\n";
    let (code, json) = desk.check(&desk.file("bad.csv", bad.as_bytes()), &[]);
    assert_eq!(code, 1);
    let finding = &json["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["line"], &finding["value"]),
        (&"code".into(), &2.into(), &"1.0".into())
    );
    assert!(finding["suggestion"].as_str().unwrap().contains("\"1\""));
    // mrn is an identifier: its value is not printed unless asked for.
    assert!(json["findings"][1]["value"].is_null() && !json.to_string().contains("1.2E+05"));
    let (_, json) = desk.check(&desk.file("bad.csv", bad.as_bytes()), &["--identifiers"]);
    assert!(json.to_string().contains("1.2E+05"));

    let fixed = "study_id,redcap_event_name,sex\n001,screening_arm_1,1.0\n";
    let (code, _) = desk.check(&desk.file("fixed.csv", fixed.as_bytes()), &["--fix"]);
    assert_eq!(code, 0);

    // Offline: the copy that was kept answers, and says what it could not see.
    let (code, json) = desk.check(&good, &["--offline"]);
    assert_eq!((code, &json["compared"]), (0, &false.into()));
    assert!(json["remarks"][0].as_str().unwrap().starts_with("Offline"));

    let (code, _, errors) = desk.run(&["check", "/nothing/here.csv", "--project", "breathe"]);
    assert_eq!(code, 2);
    assert!(errors.contains("cannot be read"), "{errors}");
    let (code, text, _) = desk.run(&["check", good.to_str().unwrap(), "--project", "breathe"]);
    assert_eq!(code, 4);
    assert!(text.contains("2 new visits will be created: 002 week_12_arm_1, 003 week_4_arm_1"), "{text}");
}

fn checked(app: &mut App, file: &Path) {
    let old = app.shell.model.open.as_ref().unwrap().check.path.clone();
    app.keys("5o").keys(&"<BS>".repeat(old.len()));
    app.shell.send(capscope::app::Msg::Paste(file.display().to_string())).unwrap();
    app.keys("<Enter>");
    app.wait(|m| {
        m.is_idle() && m.open.as_ref().is_some_and(|o| !matches!(o.check.state, CheckState::Running))
    });
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("good.csv");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

#[test]
fn a_file_is_checked_on_the_screen_in_one_read_of_the_touched_records() {
    let (_dir, path) = file(GOOD);
    let mut app = App::demo(120, 36);
    let before = app.requests().len();
    checked(&mut app, &path);
    assert_eq!(app.requests()[before..], ["Export Records"]);
    app.assert_shows("3 rows, 3 records (0 new); blanks keep")
        .assert_shows("3 new, 1 changed, 1 same, 1 blank (nothing stored)")
        .assert_shows("REDCap will accept this file");
    app.keys("v").assert_shows("71 -> 70.5");
    // Another reading of the same file asks nothing of the server.
    app.keys("b").idle().assert_shows("blanks ERASE");
    assert_eq!(app.requests().len(), before + 1);
    // One kind alone, a filter, and back.
    app.keys("ss").assert_shows("Check: changed");
    app.keys("/003<Enter>").assert_shows("Nothing matches the filter");
    app.keys("<Esc>").assert_shows("71 -> 70.5");
}

#[test]
fn a_suggestion_is_accepted_with_a_key_and_dropped_with_another() {
    let (_dir, path) = file("study_id,redcap_event_name,sex\n001,screening_arm_1,Female\n");
    let mut app = App::demo(120, 36);
    checked(&mut app, &path);
    app.assert_shows("REDCap would refuse this file").assert_shows("f accepts it");
    app.keys("f").idle().assert_shows("Nothing to object to").assert_shows("1 suggestion accepted");
    app.keys("u").idle().assert_shows("REDCap would refuse this file");
}

#[test]
fn identifiers_are_masked_in_cells_findings_and_the_export() {
    let (dir, path) =
        file("study_id,redcap_event_name,first_name,dob\n001,screening_arm_1,Secretname,not-a-date\n");
    let mut app = App::demo(120, 36);
    checked(&mut app, &path);
    app.assert_shows("The value is masked");
    app.keys("v").assert_shows("••••••");
    assert!(!app.shows("Secretname") && !app.shows("not-a-date") && !app.shows("Nutmeg"));
    app.keys("v/secretname<Enter>").assert_shows("Nothing matches");
    app.keys("<Esc>e");
    let target = dir.path().join("findings.csv");
    app.keys(&"<BS>".repeat(40));
    app.shell.send(capscope::app::Msg::Paste(target.display().to_string())).unwrap();
    app.keys("<Enter>").idle();
    let text = std::fs::read_to_string(target).unwrap();
    assert!(text.contains("refused,date,2") && !text.contains("not-a-date"), "{text}");
    app.keys("my").assert_shows("not-a-date");
}

#[test]
fn a_file_that_cannot_be_read_is_explained_and_the_last_check_stays() {
    let (_dir, path) = file(GOOD);
    let mut app = App::demo(80, 24);
    checked(&mut app, Path::new("/nothing/here.csv"));
    app.assert_shows("The file cannot be read");
    checked(&mut app, &path);
    app.assert_shows("REDCap will accept this file");
    std::fs::remove_file(&path).unwrap();
    app.keys("r").idle().assert_shows("REDCap will accept this file");
    app.assert_shows("Problem:");
}

#[test]
fn a_checked_file_is_sent_after_two_questions_and_the_receipt_proves_it() {
    let (dir, path) = file(GOOD);
    let mut app = App::demo(120, 36);
    checked(&mut app, &path);
    // Read-only is the default, and the reason is told.
    app.assert_shows("[READ-ONLY]");
    app.keys("S").assert_shows("writing is switched off for this project");
    app.keys("W<Enter>").assert_shows("[READ-ONLY]");
    app.keys("Wy").idle().assert_shows("[WRITE ACCESS]");
    // Enter never sends.
    let imports = |app: &App| app.requests().iter().filter(|r| **r == "Import Records").count();
    app.keys("S<Enter><Enter>").idle();
    assert_eq!(imports(&app), 0);
    let undo = dir.path().join("undo.csv");
    app.keys("S");
    app.shell.send(capscope::app::Msg::Paste(undo.display().to_string())).unwrap();
    app.keys("<Enter>").assert_shows("3 records in 1 request: 3 new values, 1 changed, 1");
    app.keys("y").idle();
    app.assert_shows("Result: verified").assert_shows("Cells sent: 5, stored equal: 5");
    assert_eq!(imports(&app), 1);
    assert!(std::fs::read_to_string(undo).unwrap().contains("001,week_12_arm_1,,,71"));
    // What is stored was read anew: nothing changes any more.
    app.assert_shows("Cells: 5 same");
    let receipt = dir.path().join("receipt.txt");
    app.keys("e").keys(&"<BS>".repeat(40));
    app.shell.send(capscope::app::Msg::Paste(receipt.display().to_string())).unwrap();
    app.keys("<Enter>").idle();
    let text = std::fs::read_to_string(receipt).unwrap();
    assert!(text.starts_with("Result: verified") && !text.contains("70.5"), "{text}");
    app.keys("W").idle().assert_shows("[READ-ONLY]");
}

#[test]
fn erasures_need_their_number_typed() {
    let (_dir, path) = file("study_id,redcap_event_name,weight\n001,baseline_arm_1,\n001,week_4_arm_1,\n");
    let mut app = App::demo(120, 36);
    checked(&mut app, &path);
    app.keys("b").idle().assert_shows("2 will be erased");
    app.keys("Wy").idle().keys("S<Enter>").assert_shows("2 stored values will be ERASED");
    app.keys("3<Enter>").assert_shows("That is not 2. Nothing was sent.");
    app.keys("<BS>2<Enter>").idle().assert_shows("Result: verified");
}

#[test]
fn a_script_sends_only_with_its_flags() {
    let desk = Desk::new();
    let good = desk.file("good.csv", GOOD.as_bytes());
    let good = good.to_str().unwrap();
    let send = ["check", good, "--project", "breathe", "--send"];
    let (code, _, errors) = desk.run(&send);
    assert_eq!(code, 2);
    assert!(errors.contains("--yes-write"), "{errors}");
    let yes = ["check", good, "--project", "breathe", "--send", "--yes-write"];
    let (code, _, errors) = desk.run(&yes);
    assert_eq!(code, 2);
    assert!(errors.contains("not switched on"), "{errors}");
    assert_eq!(desk.run(&["project", "write", "breathe", "on"]).0, 0);
    let (code, out, errors) = desk.run(&yes);
    assert_eq!(code, 0, "{out} {errors}");
    assert!(out.starts_with("Result: verified"), "{out}");
    assert!(errors.contains("2 new visits will be created"), "{errors}");
    // Whoever has the file can find it in the audit log by the hash that other programs give.
    let kept = audit::lines(&capscope::store::Paths::under(desk.home.path())).unwrap();
    let sent = kept.iter().find(|l| l.entry.what == audit::What::FileSent).unwrap();
    assert_eq!(sent.entry.content_hash, audit::hash_of(GOOD.as_bytes()));
}

#[test]
fn s23_a_spot_check_draws_the_same_records_and_reports_without_values() {
    let desk = Desk::new();
    let sheet = desk.home.path().join("sheet.csv");
    let draw = |name: &Path| {
        desk.run(&[
            "spot-check",
            "draw",
            "--project",
            "breathe",
            "--fields",
            "sex,dob,consent_date,weight",
            "-n",
            "3",
            "--seed",
            "42",
            "--sheet",
            name.to_str().unwrap(),
        ])
    };
    let (code, out, errors) = draw(&sheet);
    assert_eq!(code, 0, "{errors}");
    assert!(out.contains("3 of 6 records, 12 cells, seed 42"), "{out}");
    let again = draw(&desk.home.path().join("again.csv")).1;
    assert_eq!(out.lines().next(), again.lines().next());
    let text = std::fs::read_to_string(&sheet).unwrap();
    assert!(text.contains("dob") && text.lines().count() == 13, "{text}");
    // The person marks eleven cells and one that differs.
    let mut rows = csv::Reader::from_path(&sheet).unwrap();
    let header = rows.headers().unwrap().clone();
    let mut marked = csv::Writer::from_writer(Vec::new());
    marked.write_record(&header).unwrap();
    for (n, row) in rows.records().enumerate() {
        let mut row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        row[6] = if n == 3 { "differ" } else { "agree" }.into();
        marked.write_record(&row).unwrap();
    }
    let marked = desk.file("marked.csv", &marked.into_inner().unwrap());
    let saved = desk.home.path().join("report.txt");
    let (code, out, errors) =
        desk.run(&["spot-check", "report", marked.to_str().unwrap(), "--out", saved.to_str().unwrap()]);
    assert_eq!(code, 0, "{errors}");
    assert!(out.contains("1/12: 833 per 10,000 fields") && out.contains("14.3 per 10,000"), "{out}");
    assert!(out.contains("weight"), "{out}");
    let report = std::fs::read_to_string(saved).unwrap();
    assert!(!report.contains("1988-04-17") && !report.contains("72.5"), "{report}");
}

#[test]
fn a_locked_screen_keeps_nothing_of_a_checked_file_and_never_cuts_a_send() {
    use capscope::app::{Msg, update};
    let late = support::noon() + jiff::SignedDuration::from_hours(2);
    let mut model = support::checked_model();
    model.options.lock_after = Some(jiff::SignedDuration::from_mins(10));
    model.last_input = support::noon();
    let mut sending = model.clone();
    update(&mut model, Msg::Clock(late));
    assert!(model.locked.is_some() && model.open.as_ref().unwrap().check.checked.is_none());
    let now = sending.now;
    let project = Box::new(sending.open.as_ref().unwrap().project.clone());
    let job = capscope::jobs::types::Job::AbandonSend(project);
    sending.jobs.start(capscope::app::running::Slot::Send, "Sending", job, now);
    update(&mut sending, Msg::Clock(late));
    assert!(sending.locked.is_none());
}
