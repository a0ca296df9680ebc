//! `capscope call` as a script uses it: the real program against the embedded server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;

use program::Server;
use std::process::Command;

#[test]
fn the_list_has_every_row_of_the_founding_table() {
    let output = Command::new(env!("CARGO_BIN_EXE_capscope")).args(["call", "--list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<(&str, &str)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let mut words = line.split_whitespace();
            (words.next().unwrap(), words.next().unwrap())
        })
        .collect();
    for (content, actions) in [
        ("arm", "export import delete"),
        ("event", "export import delete"),
        ("file", "export import delete"),
        ("exportFieldNames", "export"),
        ("instrument", "export"),
        ("formEventMapping", "export import"),
        ("pdf", "export"),
        ("metadata", "export import"),
        ("project", "export import"),
        ("project_settings", "import"),
        ("project_xml", "export"),
        ("generateNextRecordName", "export"),
        ("record", "export import delete rename randomize"),
        ("report", "export"),
        ("version", "export"),
        ("surveyLink", "export"),
        ("participantList", "export"),
        ("surveyQueueLink", "export"),
        ("surveyReturnCode", "export"),
        ("surveyAccessCode", "export"),
        ("user", "export import delete"),
        ("userRole", "export import delete"),
        ("userRoleMapping", "export import"),
        ("dag", "export import delete switch"),
        ("userDagMapping", "export import"),
        ("repeatingFormsEvents", "export import"),
        ("fileRepository", "createFolder list export import delete"),
        ("log", "export"),
    ] {
        for action in actions.split(' ') {
            assert!(rows.contains(&(content, action)), "{content} {action}");
        }
    }
}

#[test]
fn answers_come_as_the_server_sent_them() {
    let server = Server::start();
    let full = server.token("BREATHE", "FULL");
    let (code, out, _) = server.call(&full, &["version"]);
    assert_eq!((code, out.as_str()), (Some(0), "16.1.3"));
    let (_, out, _) = server.call(&full, &["instrument", "-p", "format=csv"]);
    assert!(out.starts_with("instrument_name,instrument_label\n"), "{out}");
    let fields = ["record", "-p", "fields=study_id", "-p", "fields=sex", "-p", "format=json"];
    let (_, out, _) = server.call(&full, &fields);
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(rows[0]["study_id"], "001");
    assert!(rows[0].get("sex").is_some() && rows[0].get("dob").is_none());
}

#[test]
fn a_refusal_is_printed_as_it_came_and_explained_beside() {
    let server = Server::start();
    let (code, out, err) = server.call(&server.token("BREATHE", "COORD"), &["user"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("\"error\""), "{out}");
    assert!(err.contains("User Rights"), "{err}");
    let bad = server.token("BREATHE", "BAD");
    let (code, out, err) = server.call(&bad, &["version"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("You do not have permissions to use the API"), "{out}");
    assert!(err.contains("What you can do"), "{err}");
    assert!(!err.contains(&bad) && !out.contains(&bad));
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let server = Server::start();
    let full = server.token("BREATHE", "FULL");
    for (args, text) in [
        (vec!["recrod"], "Did you mean \"record\"?"),
        (vec!["record", "-p", "feilds=x"], "Did you mean \"fields\"?"),
        (vec!["record", "-p", "format=excel"], "csv, json, xml, odm"),
        (vec!["report"], "Missing: report_id"),
        (vec!["record", "-p", "novalue"], "key=value"),
        (vec!["version", "delete"], "no such action"),
    ] {
        let (code, out, err) = server.call(&full, &args);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{args:?}");
        assert!(err.contains(text), "{args:?}: {err}");
    }
}

#[test]
fn nothing_is_written_without_a_yes_and_nothing_deleted_without_the_number() {
    let server = Server::start();
    let full = server.token("BREATHE", "FULL");
    let ids = |server: &Server| server.call(&full, &["record", "-p", "fields=study_id"]).1;
    let before = ids(&server);
    let delete = ["record", "delete", "-p", "records=010"];
    for (more, text) in [
        (vec![], "--yes-write"),
        (vec!["--yes-write"], "--project-id"),
        (vec!["--yes-write", "--project-id", "999"], "belongs to project 101"),
    ] {
        let args: Vec<&str> = delete.iter().copied().chain(more).collect();
        let (code, _, err) = server.call(&full, &args);
        assert_eq!(code, Some(1), "{args:?}");
        assert!(err.contains("DELETES OR REPLACES") && err.contains(text), "{err}");
        assert_eq!(ids(&server), before);
    }
    let args = ["record", "delete", "-p", "records=010", "--yes-write", "--project-id", "101"];
    let (code, out, _) = server.call(&full, &args);
    assert_eq!((code, out.trim()), (Some(0), "1"));
    assert!(!ids(&server).contains("010"));
}

#[test]
fn a_saved_project_is_read_only_until_writing_is_switched_on() {
    let server = Server::start();
    let full = server.token("BREATHE", "FULL");
    let run = |args: &[&str]| {
        let output = server.capscope(&full, args);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    server.add(&full, "b");
    let delete = [
        "call",
        "record",
        "delete",
        "-p",
        "records=010",
        "--project",
        "b",
        "--yes-write",
        "--project-id",
        "101",
    ];
    let (code, text) = run(&delete);
    assert_eq!(code, Some(1));
    assert!(text.contains("Writing is not switched on"), "{text}");
    assert_eq!(run(&["project", "write", "b", "on"]).0, Some(0));
    assert_eq!(run(&delete).0, Some(0));
    run(&["project", "write", "b", "off"]);
    assert_eq!(run(&delete).0, Some(1));
}

#[test]
fn files_are_written_privately_under_a_safe_name_and_replace_nothing() {
    let server = Server::start();
    let full = server.token("BREATHE", "FULL");
    for name in ["out.csv", "out (2).csv"] {
        let (code, out, err) = server.call(&full, &["metadata", "-p", "format=csv", "--out", "out.csv"]);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
        let path = server.home.path().join(name);
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("field_name,"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    // A refusal leaves no file behind.
    let (code, ..) = server.call(&server.token("BREATHE", "COORD"), &["user", "--out", "users.json"]);
    assert_eq!(code, Some(1));
    assert!(!server.home.path().join("users.json").exists());
    assert!(!server.home.path().join("users.json.part").exists());
}

#[test]
fn a_super_token_creates_a_project() {
    let server = Server::start();
    let data = r#"data=[{"project_title":"Made by call","purpose":0}]"#;
    let token = server.super_token.clone();
    let (code, _, err) = server.call(&token, &["project", "import", "-p", data]);
    assert_eq!(code, Some(1), "{err}");
    let (code, out, err) = server.call(&token, &["project", "import", "-p", data, "--yes-write"]);
    assert_eq!(code, Some(0), "{err}");
    let (_, out, _) = server.call(out.trim(), &["project"]);
    assert!(out.contains("Made by call"), "{out}");
}

#[test]
fn what_is_not_known_of_redcap_is_a_setting_of_the_server() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_capscope")).args(args).output().unwrap();
    let listed = run(&["serve", "--list-behaviour"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(text.contains("deidentified_dates = \"drop\"") && text.contains("[import]"), "{text}");
    let file = home.path().join("b.toml");
    std::fs::write(&file, "comma_list = false\n").unwrap();
    let refused = run(&["serve", "--behaviour", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let err = String::from_utf8(refused.stderr).unwrap();
    assert!(err.contains("comma_list") && err.contains("line 1"), "{err}");
    // Its own list is a file that can be read, and a changed setting takes effect.
    std::fs::write(&file, text.replace("version = \"16.1.3\"", "version = \"14.5.2\"")).unwrap();
    let server = Server::start_with(&["--behaviour", file.to_str().unwrap()]);
    let (_, out, _) = server.call(&server.token("BREATHE", "FULL"), &["version"]);
    assert_eq!(out, "14.5.2");
}
