//! `capscope doctor`: what it looks at, in words, and its exit code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;
#[path = "support/script.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod script;

use program::Server;
use std::process::Output;

/// The findings of a run with `--json`.
fn findings(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// How a thing stands, and all that is said of it.
fn about(list: &[serde_json::Value], about: &str) -> (String, String) {
    let one = list.iter().find(|f| f["about"] == about).unwrap_or_else(|| panic!("{about}: {list:?}"));
    (one["standing"].as_str().unwrap().to_owned(), format!("{} {}", one["said"], one["advice"]))
}

fn doctor(server: &Server, token: &str, more: &[&str]) -> Vec<serde_json::Value> {
    let mut args = vec!["doctor", "--json"];
    args.extend(more);
    let output = server.capscope(token, &args);
    assert!(!String::from_utf8_lossy(&output.stdout).contains(token), "the token is never printed");
    findings(&output)
}

#[test]
fn a_good_server_and_a_good_token_are_told_by_name() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let list = doctor(&server, &token, &["--url", &server.url, "--token"]);
    for (name, words) in [("Server", "Not encrypted, on this computer"), ("Token", "BREATHE")] {
        let (standing, said) = about(&list, name);
        assert_eq!(standing, "ok", "{said}");
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(about(&list, "Files").0, "ok");
}

#[test]
fn a_refused_token_is_a_problem_and_the_server_is_not() {
    let server = Server::start();
    let token = server.token("BREATHE", "BAD");
    let output = server.capscope(&token, &["doctor", "--json", "--url", &server.url, "--token"]);
    assert_eq!(output.status.code(), Some(1));
    let list = findings(&output);
    assert_eq!(about(&list, "Server").0, "ok");
    assert_eq!(about(&list, "Token").0, "problem");
}

#[test]
fn a_saved_project_is_looked_at_by_its_name_and_nothing_is_sent_offline() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    server.add(&token, "Mine");
    let list = doctor(&server, &token, &[]);
    assert!(list.iter().any(|f| f["place"] == "Mine" && f["about"] == "Token" && f["standing"] == "ok"));
    let list = doctor(&server, &token, &["--offline"]);
    assert!(list.iter().all(|f| f["place"] == ""), "{list:?}");
}

#[test]
fn nobody_there_is_told_before_any_token_is_tried() {
    let server = Server::start();
    // A port that was just free: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}/api/");
    let list = doctor(&server, &server.token("BREATHE", "FULL"), &["--url", &url, "--token"]);
    assert_eq!(about(&list, "Server").0, "problem");
    assert!(list.iter().all(|f| f["about"] != "Token"), "no token goes where nothing is known: {list:?}");
}

#[test]
fn a_clock_that_is_off_is_a_note() {
    let server = Server::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let old = "Date: Fri, 01 May 2020 12:00:00 GMT\r\nContent-Type: text/plain\r\n";
    let script = runtime.block_on(script::Script::start(vec![script::answer(200, old, "hello")]));
    let list = doctor(&server, "0123456789ABCDEF0123456789ABCDEF", &["--url", &script.url()]);
    let (standing, said) = about(&list, "Clock");
    assert_eq!(standing, "note", "{said}");
    assert!(said.contains("ahead of") && said.contains("Set this computer's clock"), "{said}");
}

#[test]
fn a_wrong_line_of_the_settings_is_named_with_its_number() {
    let server = Server::start();
    let config = server.home.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("settings.toml"), "mouse = true\nper_minute = 900\n").unwrap();
    let list = doctor(&server, "not-asked-for", &["--offline"]);
    let (standing, said) = about(&list, "Settings");
    assert_eq!(standing, "problem");
    assert!(said.contains("line 2"), "{said}");
}
