//! Other people's clients as judges: PyCap and redcaplite from the Python registry, and curl.
//!
//! `python3 -m venv target/interop && target/interop/bin/pip install -r tests/interop/requirements.txt`
//! makes them available; without them the test says loudly that it did not run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

use capscope::demo::{DemoOptions, DemoServer};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a suite against a server of its own.
fn judge(mut command: Command) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = runtime
        .block_on(DemoServer::start(DemoOptions { registry_records: 5, ..DemoOptions::default() }))
        .unwrap();
    let token = |title: &str| {
        let project = server.projects().iter().find(|p| p.title.starts_with(title)).unwrap();
        project.tokens[0].token.clone()
    };
    let output = command
        .current_dir(root().join("tests/interop"))
        .env("CAPSCOPE_URL", server.url())
        .env("CAPSCOPE_SUPER_TOKEN", server.super_token())
        .env("CAPSCOPE_BREATHE_TOKEN", token("BREATHE"))
        .env("CAPSCOPE_HEARTBEAT_TOKEN", token("HEARTBEAT"))
        .env("CAPSCOPE_ALBA_TOKEN", token("ALBA"))
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
}

/// The Python with the clients in it.
fn python() -> Option<PathBuf> {
    let own = root().join("target/interop/bin/python");
    own.exists().then_some(own)
}

fn suite(name: &str) {
    let Some(python) = python() else {
        println!("SKIPPED: {name} did not run, target/interop is not there (see tests/interop.rs)");
        return;
    };
    let mut command = Command::new(python);
    command.arg(name);
    judge(command);
}

#[test]
fn pycap() {
    suite("pycap_suite.py");
}

#[test]
fn redcaplite() {
    suite("redcaplite_suite.py");
}

#[test]
fn raw_bytes() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("SKIPPED: curl is not installed");
        return;
    }
    judge(Command::new("./raw.sh"));
}
