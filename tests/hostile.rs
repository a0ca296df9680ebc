//! Hostile text from servers, files and arguments never steers the terminal: not in the interface,
//! not in what commands print on a terminal. Data for files and programs stays exact.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![cfg(unix)]

mod program;
mod pty;

use portable_pty::CommandBuilder;
use program::Server;
use pty::Pty;
use std::process::Command;

/// Sets the window's title, colours text, clears the screen, asks the terminal to type an answer,
/// turns writing around, and hides signs.
const HOSTILE: &str = "A\u{1b}]0;PWNED\u{7}B\u{1b}[7777mC\u{1b}[2J\u{9b}7777mD\u{9d}0;PWNED\u{9c}E\u{202e}F\u{200b}G\u{2066}\u{1b}[6n\u{85}\u{2028}H\tI\nJ\u{8}\u{e0041}K";

/// What of it must not come out of a terminal, and what capscope itself never sends.
fn harmless(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for bad in [
        "\u{1b}]0;",
        "\u{1b}[7777m",
        "\u{1b}[6n",
        "\u{7}",
        "\u{8}",
        "\u{202e}",
        "\u{200b}",
        "\u{2066}",
        "\u{2028}",
        "\u{e0041}",
    ] {
        assert!(!text.contains(bad), "{bad:?} in {place}: {text:?}");
    }
    let c1 = text.chars().find(|c| ('\u{80}'..='\u{9f}').contains(c));
    assert_eq!(c1, None, "{place}: {text:?}");
}

/// A project whose title, labels, choices, record names and values are hostile, and its token.
fn planted() -> (Server, String) {
    let server = Server::start();
    let json = |value: serde_json::Value| format!("data={value}");
    let project = json(serde_json::json!([{ "project_title": format!("Title {HOSTILE}"), "purpose": 0 }]));
    let (code, token, err) = server.call(
        &server.super_token,
        &["project", "import", "format=json", &project, "--yes-write", "--project-id", "0"],
    );
    assert_eq!(code, Some(0), "{token} {err}");
    let token = token.trim().to_owned();
    let (_, info, _) = server.call(&token, &["project", "export", "format=json"]);
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    let number = info["project_id"].to_string();
    let field = |name: &str, kind: &str, choices: &str| {
        serde_json::json!({ "field_name": name, "form_name": "form", "field_type": kind,
            "field_label": format!("Label {name} {HOSTILE}"), "select_choices_or_calculations": choices,
            "field_note": HOSTILE })
    };
    let dictionary = json(serde_json::json!([
        field("record_id", "text", ""),
        field("words", "notes", ""),
        field("kind", "radio", &format!("1, One {} | 2, Two", HOSTILE.replace('\n', " "))),
    ]));
    let write = |what: &[&str]| {
        let (code, out, err) =
            server.call(&token, &[what, &["format=json", "--yes-write", "--project-id", &number]].concat());
        assert_eq!(code, Some(0), "{out} {err}");
    };
    write(&["metadata", "import", &dictionary]);
    let id = format!("R1{}", HOSTILE.replace(['\n', '\t'], ""));
    let rows = json(
        serde_json::json!([{ "record_id": id, "words": HOSTILE, "kind": "1" }, { "record_id": "2", "words": format!("=1+1{HOSTILE}") }]),
    );
    write(&["record", "import", &rows]);
    (server, token)
}

#[test]
fn the_interface_shows_a_hostile_project_harmlessly() {
    let (server, token) = planted();
    let home = tempfile::tempdir().unwrap();
    let added = Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(["project", "add", &server.url, "--name", "Mine", "--token-env", "MINE"])
        .env("CAPSCOPE_HOME", home.path())
        .env("MINE", &token)
        .output()
        .unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let mut pty = Pty::start_in(home, &[], &[("MINE", token.as_str())], 160, 40);
    pty.wait_for("* online");
    for (keys, seen) in [
        ("1", "[1 Overview]"),
        ("2", "Label"),
        ("\r", "Label"),
        ("3", "[3 Records]"),
        ("\x1b[D\r", "row 1 of 2"),
        ("j\r", "Record R1"),
        ("H", "log lines"),
        ("\x1b", "Record R1"),
        ("\x1b", "row 2 of 2"),
        ("S", "record 1 of 2"),
        ("N", "What changed"),
        ("N", "record 1 of 2"),
        ("4", "[4 Users]"),
        ("6", "[6 Token]"),
        ("9", "[9 Activity]"),
    ] {
        pty.type_keys(keys).wait_for(seen);
    }
    pty.quit();
    harmless("the interface", &pty.bytes());
}

/// Runs a command in a terminal and gives back what the terminal got.
fn on_terminal(server: &Server, token: &str, args: &[&str]) -> Vec<u8> {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_capscope"));
    command.args(args);
    command.env("REDCAP_API_TOKEN", token);
    let mut pty = Pty::run(tempfile::tempdir().unwrap(), command, 200, 40);
    pty.wait_until("the end of the program", |seen| seen.ended);
    let _ = pty.child.wait();
    let _ = server;
    pty.bytes()
}

#[test]
fn commands_print_hostile_text_harmlessly_on_a_terminal_and_exactly_into_a_pipe() {
    let (server, token) = planted();
    let url = server.url.as_str();
    for args in [
        &["call", "record", "export", "format=csv", "--url", url][..],
        &["call", "metadata", "export", "format=csv", "--url", url],
        &["call", "project", "export", "format=json", "--url", url],
        &["quality", "--url", url, "--values", "--logic", "[words] <> ''"],
        &["quality", "--url", url, "--values", "--csv", "--logic", "[words] <> ''"],
        &["users", "--url", url],
        &["token", "test", "--url", url],
    ] {
        let seen = on_terminal(&server, &token, args);
        assert!(seen.len() > 20, "{args:?}");
        harmless(&args.join(" "), &seen);
    }
    let (code, out, _) = server.call(&token, &["record", "export", "format=csv"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("\u{1b}]0;PWNED\u{7}") && out.contains('\u{202e}'), "exact in a pipe");
}

#[test]
fn names_of_files_arguments_and_cells_cannot_steer_the_terminal() {
    let (server, token) = planted();
    let url = server.url.as_str();
    let name = HOSTILE.replace('\n', " ");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{name}.csv"));
    std::fs::write(&file, format!("record_id,words,{name}\n1,\"{HOSTILE}\",x\n")).unwrap();
    let file = file.to_str().unwrap();
    for args in [
        &["check", file, "--url", url][..],
        &["check", &format!("{file}.missing"), "--url", url],
        &["spot-check", "report", file],
        &["call", "record", "export", "--url", url, "--out", &format!("{file}.out")],
        &["call", &name, "export"],
        &[&name],
        &["export", "--url", url, "--form", &name, "--out", "x"],
        &["audit", "--record", &name],
    ] {
        let seen = on_terminal(&server, &token, args);
        assert!(!seen.is_empty(), "{args:?}");
        harmless(&format!("{args:?}"), &seen);
    }
}

#[test]
fn an_error_with_hostile_words_is_told_harmlessly() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut piece = [0; 8192];
            let _ = stream.read(&mut piece);
            let body = serde_json::json!({ "error": HOSTILE }).to_string();
            let head =
                format!("HTTP/1.1 400 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
        }
    });
    let server = Server::start();
    for args in [&["call", "record", "export", "--url", &url][..], &["users", "--url", &url]] {
        let seen = on_terminal(&server, &"A".repeat(32), args);
        assert!(String::from_utf8_lossy(&seen).contains("PWNED"), "the server's words are told");
        harmless("an error", &seen);
    }
}

#[test]
fn spreadsheets_get_no_formula_and_exact_files_stay_exact() {
    let (server, token) = planted();
    let path = |name: &str| server.home.path().join(name);
    for format in ["csv", "excel", "exact", "json"] {
        let args = ["export", "--url", &server.url, "--format", format, "--out", format];
        let output = server.capscope(&token, &args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8_lossy(&output.stderr).contains("1 cells that look like formulas");
        let text = std::fs::read_to_string(path(format)).unwrap();
        let spreadsheet = matches!(format, "csv" | "excel");
        assert_eq!(told, spreadsheet, "{format}");
        assert_eq!(text.contains("'=1+1A"), spreadsheet, "{format}: {text}");
        assert!(text.contains("=1+1A"), "{format}");
    }
}
