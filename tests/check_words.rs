//! `capscope check` says what to do next, and what becomes of each value.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;

use program::Server;

/// Runs `capscope check` on a file with this content: exit code, stdout and stderr.
fn check(server: &Server, token: &str, text: &str, more: &[&str]) -> (Option<i32>, String, String) {
    std::fs::write(server.home.path().join("in.csv"), text).unwrap();
    let mut args = vec!["check", "in.csv", "--project", "B"];
    args.extend(more);
    let output = server.capscope(token, &args);
    let words = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), words(output.stdout), words(output.stderr))
}

fn with_project() -> (Server, String) {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    server.add(&token, "B");
    (server, token)
}

#[test]
fn the_options_that_settle_a_finding_are_named() {
    let (server, token) = with_project();
    let dates =
        "study_id,redcap_event_name,visit_date\n001,week_4_arm_1,03/04/2026\n002,week_4_arm_1,05/06/2026\n";
    let (code, _, err) = check(&server, &token, dates, &[]);
    assert_eq!(code, Some(1));
    assert!(err.contains("--date-format dmy") && !err.contains("--pad-ids"), "{err}");
    assert_eq!(check(&server, &token, dates, &["--date-format", "dmy"]).0, Some(0));
    let damaged = "study_id,redcap_event_name,sex\n1,screening_arm_1,1.0\n2,screening_arm_1,Female\n";
    let (_, out, err) = check(&server, &token, damaged, &[]);
    assert!(err.contains("--fix accepts") && err.contains("--pad-ids 3 fills"), "{err}");
    assert!(err.contains("yours to judge"), "a label is for a person to judge: {err}");
    assert!(out.contains("Findings: 2 refused"), "{out}");
    let (_, _, err) = check(&server, &token, damaged, &["--fix", "--pad-ids", "3"]);
    assert!(!err.contains("--fix") && !err.contains("--pad-ids"), "{err}");
}

#[test]
fn erased_values_are_listed_unasked_and_the_number_to_say_is_told() {
    let (server, token) = with_project();
    assert_eq!(server.capscope(&token, &["project", "write", "B", "on"]).status.code(), Some(0));
    let blanks = "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,,121\n";
    let (code, out, _) = check(&server, &token, blanks, &["--overwrite"]);
    assert_eq!(code, Some(4));
    assert!(out.contains("ERASED   001 week_12_arm_1 weight: 71 -> [empty]"), "{out}");
    assert!(!out.contains("sbp: 120 -> 121"), "only --cells lists these: {out}");
    let (_, out, _) = check(&server, &token, blanks, &["--overwrite", "--cells"]);
    assert!(out.contains("changed  001 week_12_arm_1 sbp: 120 -> 121"), "{out}");
    let (code, out, err) = check(&server, &token, blanks, &["--overwrite", "--send", "--yes-write"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("say so with --erase 1"), "{err}");
    assert!(!err.contains("Sending to"), "nothing is sent, so nothing is said to be: {err}");
    // An identifier is masked here as everywhere.
    let name = "study_id,redcap_event_name,last_name\n001,screening_arm_1,Elsewhere\n";
    let (_, out, _) = check(&server, &token, name, &["--cells"]);
    assert!(
        out.contains("changed  001 screening_arm_1 last_name: ••••") && !out.contains("Nutmouse"),
        "{out}"
    );
}

#[test]
fn what_follows_from_other_calls_is_not_said_to_be_observed() {
    let server = Server::start();
    let token = server.token("BREATHE", "DEID");
    let output = server.capscope(&token, &["token", "test", "--url", &server.url]);
    let out = String::from_utf8(output.stdout).unwrap();
    let line = |name: &str| out.lines().find(|l| l.trim_start().starts_with(name)).unwrap().trim_end();
    assert!(line("Import Arms").ends_with("refused, inferred"), "{out}");
    assert!(line("Export Logging").ends_with("refused"), "it was tried: {out}");
}

#[test]
fn an_interrupted_send_names_the_options_that_go_on() {
    let server = Server::start_with(&["--fault", "504@import#2!"]);
    let token = server.token("BREATHE", "FULL");
    server.add(&token, "B");
    assert_eq!(server.capscope(&token, &["project", "write", "B", "on"]).status.code(), Some(0));
    let rows =
        "study_id,redcap_event_name,weight\n001,week_4_arm_1,81\n002,week_4_arm_1,82\n003,week_4_arm_1,83\n";
    let send = ["--send", "--yes-write", "--batch", "1", "--undo", "old.csv"];
    let (code, out, _) = check(&server, &token, rows, &send);
    assert_eq!(code, Some(3), "{out}");
    assert!(out.contains("1 batch is left") && out.contains("with --resume"), "{out}");
    let lines = capscope::store::audit::lines(&capscope::store::Paths::under(server.home.path())).unwrap();
    let hash = capscope::store::audit::hash_of(&std::fs::read(server.home.path().join("old.csv")).unwrap());
    let noted: Vec<_> = lines.iter().filter(|l| l.entry.content_hash == hash).collect();
    assert_eq!(noted.len(), 1, "the old values are noted, once: {noted:?}");
    let (code, _, err) = check(&server, &token, rows, &send[..4]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("--resume goes on, --abandon"), "{err}");
    let (code, out, _) = check(&server, &token, rows, &[&send[..4], &["--resume"]].concat());
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("not sent again: 2 of 3 batches"), "{out}");
}
