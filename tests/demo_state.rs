//! The demo server's state file and its PDFs.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::{DemoError, DemoOptions, DemoServer};
use demo_support::{Caller, data, fixture, is_refused};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

fn options(state: &Path) -> DemoOptions {
    DemoOptions { registry_records: 5, state: Some(state.to_owned()), ..DemoOptions::default() }
}

fn breathe(server: &DemoServer, word: &str) -> Caller {
    let project = server.projects().iter().find(|p| p.project_id == 101).unwrap();
    let token = project.tokens.iter().find(|t| t.note.starts_with(&format!("{word}:"))).unwrap();
    Caller::new(server, &token.token)
}

/// Everything that can be exported of BREATHE but the log.
async fn everything(api: &Caller) -> Vec<String> {
    let mut all = Vec::new();
    for content in [
        "record",
        "record&exportDataAccessGroups=true&exportSurveyFields=true&type=eav",
        "metadata",
        "instrument",
        "arm",
        "event",
        "formEventMapping",
        "repeatingFormsEvents",
        "project",
        "user",
        "userRole",
        "userRoleMapping",
        "dag",
        "userDagMapping",
        "report&report_id=1",
        "fileRepository&action=list&folder_id=45",
    ] {
        all.push(api.text(&format!("content={content}&format=json")).await);
    }
    all
}

#[tokio::test]
async fn a_server_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let server = DemoServer::start(options(&path)).await.unwrap();
    let api = breathe(&server, "FULL");
    let body = data(r#"[{"username":"kept","design":1}]"#);
    api.text(&format!("content=user&format=json&data={body}")).await;
    api.text("content=user&action=delete&users[0]=nurse_a").await;
    api.text("content=record&action=delete&records[0]=005").await;
    let super_caller = Caller::new(&server, server.super_token());
    let body = data(r#"[{"project_title":"Made by hand","purpose":0}]"#);
    let token = super_caller.text(&format!("content=project&format=json&data={body}")).await;
    let before = everything(&api).await;
    let log = api.json("content=log").await;
    assert_eq!(server.state_problem(), None);
    drop(server);

    let server = DemoServer::start(options(&path)).await.unwrap();
    assert_eq!(server.projects().iter().map(|p| p.project_id).collect::<Vec<_>>(), [101, 102, 103, 104, 201]);
    let api = breathe(&server, "FULL");
    let log_after = api.json("content=log").await;
    assert_eq!(log_after.as_array().unwrap()[1..], log.as_array().unwrap()[..]);
    assert_eq!(everything(&api).await, before);
    // A token of a removed user is not listed any more, one that never worked is.
    let notes: Vec<&str> = server.projects()[0].tokens.iter().map(|t| t.note.as_str()).collect();
    assert!(notes.iter().any(|n| n.starts_with("BAD:")) && !notes.iter().any(|n| n.starts_with("DAGA:")));
    let created = Caller::new(&server, &token);
    assert_eq!(created.json("content=project").await["project_title"], "Made by hand");
    assert_eq!(server.projects()[4].tokens[0].token, token);
}

#[tokio::test]
async fn changes_are_written_soon_for_the_owner_only_and_leave_no_drafts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let server = DemoServer::start(options(&path)).await.unwrap();
    assert!(path.is_file());
    let api = breathe(&server, "FULL");
    let body = data(r#"[{"username":"written_soon"}]"#);
    api.text(&format!("content=user&format=json&data={body}")).await;
    for attempt in 0.. {
        if std::fs::read_to_string(&path).unwrap().contains("written_soon") {
            break;
        }
        assert!(attempt < 200, "the change was not written");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    drop(server);
    let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["state.json"]);
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!((&value["kind"], &value["version"]), (&json!("capscope demo server state"), &json!(1)));
}

#[tokio::test]
async fn loaded_files_are_loaded_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let file = std::fs::read_dir(fixture("")).unwrap().map(|e| e.unwrap().path());
    let file = file.filter(|p| p.extension().is_some_and(|e| e == "xml")).min().unwrap();
    let only = DemoOptions { builtin: false, load: vec![file.clone()], ..options(&path) };
    let server = DemoServer::start(only.clone()).await.unwrap();
    let projects = server.projects().to_vec();
    assert_eq!(projects.len(), 1);
    drop(server);
    let server = DemoServer::start(only).await.unwrap();
    assert_eq!(server.projects(), projects);
    drop(server);
    // The built-in projects join when they are wanted.
    let server = DemoServer::start(DemoOptions { load: vec![file], ..options(&path) }).await.unwrap();
    assert_eq!(server.projects().len(), 5);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_a_clear_error_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    for (text, words) in [
        ("", "it is damaged"),
        ("{\"kind\":\"capscope demo server state\",\"version\":1,\"builtin\":tr", "it is damaged"),
        ("{\"kind\":\"capscope demo server state\",\"version\":1}", "it is damaged (missing field"),
        ("{\"kind\":\"something else\",\"version\":1}", "it is no state file"),
        ("{\"kind\":\"capscope demo server state\",\"version\":2}", "it was written by a newer capscope"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = DemoServer::start(options(&path)).await.unwrap_err();
        assert!(matches!(error, DemoError::State(..)));
        let message = error.to_string();
        assert!(message.contains(words) && message.contains("state.json"), "{message}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    let nowhere = options(&dir.path().join("no such folder/state.json"));
    assert!(matches!(DemoServer::start(nowhere).await, Err(DemoError::State(..))));
}

/// The text of a PDF whose streams are not compressed.
async fn pdf(api: &Caller, call: &str) -> (String, String) {
    let answer = api.send(&format!("content=pdf{call}")).await;
    assert_eq!(answer.status(), 200, "{call}");
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let bytes = answer.bytes().await.unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
    (String::from_utf8_lossy(&bytes).into_owned(), kind)
}

#[tokio::test]
async fn pdfs_hold_questions_choices_and_values() {
    let server =
        DemoServer::start(DemoOptions { registry_records: 5, ..DemoOptions::default() }).await.unwrap();
    let api = breathe(&server, "FULL");
    // Blank: all instruments, or one.
    let (text, kind) = pdf(&api, "").await;
    assert!(kind.starts_with("application/pdf; name=\"BREATHE") && kind.ends_with(".pdf\""), "{kind}");
    for words in ["Medical record number", "PHQ-9", "MoCA", "Seven digits, with leading zeros"] {
        assert!(text.contains(words), "{words}");
    }
    assert!(!text.contains("Nutmeg"));
    let (text, kind) = pdf(&api, "&instrument=demographics").await;
    assert!(kind.contains("Demographics"), "{kind}");
    // Parentheses are escaped within a PDF.
    assert!(text.contains("( ) Male") || text.contains("\\( \\) Male"), "choices");
    assert!(!text.contains("PHQ-9"));
    // One record, one event, one instance.
    let (text, _) = pdf(&api, "&record=001&event=screening_arm_1").await;
    for words in ["Nutmeg", "0012345", "Record 001, Screening"] {
        assert!(text.contains(words), "{words}");
    }
    assert!(text.contains("(X) Female") || text.contains("\\(X\\) Female"));
    assert!(!text.contains("Systolic"));
    let (text, _) = pdf(&api, "&record=001&event=ongoing_arm_1&instrument=ae_log&repeat_instance=2").await;
    assert!(text.contains("instance 2") && !text.contains("instance 1"));
    let (compact, _) = pdf(&api, "&record=004&compactDisplay=TRUE").await;
    let (whole, _) = pdf(&api, "&record=004").await;
    assert!(compact.len() < whole.len());
    // Every record, whatever else is said.
    let (text, _) = pdf(&api, "&allRecords=&record=001").await;
    assert!(text.contains("Record 001") && text.contains("Record 010"));
    for (call, words) in [
        ("content=pdf&record=77", "The record \"77\" does not exist"),
        ("content=pdf&instrument=x", "values in the parameter \"instrument\" are not valid: 'x'"),
        ("content=pdf&event=x_arm_1", "values in the parameter \"event\" are not valid: 'x_arm_1'"),
        ("content=pdf&record=001&repeat_instance=x", "\"repeat_instance\" is not valid"),
    ] {
        is_refused(&api, call, 400, words).await;
    }
}

#[tokio::test]
async fn pdfs_respect_the_rights() {
    let server =
        DemoServer::start(DemoOptions { registry_records: 5, ..DemoOptions::default() }).await.unwrap();
    let (text, _) = pdf(&breathe(&server, "NOID"), "&record=001").await;
    // The question stays, its value does not.
    assert!(text.contains("Medical record number") && text.contains("DATA REMOVED"));
    assert!(!text.contains("Nutmeg") && !text.contains("0012345"));
    let (text, _) = pdf(&breathe(&server, "NOPHQ"), "&record=001").await;
    assert!(text.contains("Nutmeg") && !text.contains("PHQ-9"));
    let call = "content=pdf&record=001&instrument=phq9";
    is_refused(&breathe(&server, "NOPHQ"), call, 403, "Data Export privileges").await;
    // A user in a group gets the group's records only.
    let nurse = breathe(&server, "DAGA");
    let (text, _) = pdf(&nurse, "&allRecords=true").await;
    assert!(text.contains("Record 001") && !text.contains("Record 004"));
    is_refused(&nurse, "content=pdf&record=004", 400, "The record \"004\" does not exist").await;
    is_refused(&breathe(&server, "IMPONLY"), "content=pdf", 403, "You do not have API Export privileges")
        .await;
}
