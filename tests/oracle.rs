//! Asks the demo server what real REDCap servers were asked, and compares their answers.
//!
//! The material lies beside the repository and is not part of it; without it this test says so
//! loudly and passes.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::{DemoOptions, DemoServer};
use std::path::{Path, PathBuf};

/// Cases that are known to fail, each with the reason.
const KNOWN_FAILURES: &[(&str, &str)] = &[];

fn material() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/judge");
    folder.join("tools/run_oracle.py").exists().then_some(folder)
}

/// Runs all cases and returns those that failed without being known to.
async fn run(folder: &Path, server: &DemoServer, access: &[&str]) -> Vec<String> {
    let out = tempfile::NamedTempFile::new().unwrap();
    let mut oracle = std::process::Command::new("python3");
    oracle
        .arg("-B")
        .arg(folder.join("tools/run_oracle.py"))
        .args(["--url", server.url(), "--quiet", "--reports", "{\"redcapr-simple:12\":\"1\"}", "--out"])
        .arg(out.path())
        .args(access);
    let output = tokio::task::spawn_blocking(move || oracle.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    let text = std::fs::read_to_string(out.path()).unwrap();
    let results: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap_or_else(|e| {
        panic!("the oracle did not finish: {e}\n{said}{}", String::from_utf8_lossy(&output.stderr))
    });
    results
        .iter()
        .filter(|r| r["status"] == "FAIL")
        .map(|r| format!("{}: {}", r["id"].as_str().unwrap_or_default(), r["problems"]))
        .filter(|line| !KNOWN_FAILURES.iter().any(|(id, _)| line.starts_with(&format!("{id}:"))))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_servers_and_the_demo_server_agree() {
    let Some(folder) = material() else {
        eprintln!("\n*** SKIPPED: no material from real REDCap servers beside the repository ***\n");
        return;
    };
    let list = std::fs::read_to_string(folder.join("projects.json")).unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
    let files: Vec<(&str, PathBuf)> = list
        .iter()
        .filter(|p| p["kind"] == "odm")
        .map(|p| (p["id"].as_str().unwrap(), folder.join(p["file"].as_str().unwrap())))
        .collect();
    let options = DemoOptions {
        builtin: false,
        load: files.iter().map(|(_, path)| path.clone()).collect(),
        ..DemoOptions::default()
    };
    let server = DemoServer::start(options).await.unwrap();
    let tokens: serde_json::Map<String, serde_json::Value> = files
        .iter()
        .zip(server.projects())
        .map(|((id, _), project)| ((*id).to_owned(), project.tokens[0].token.clone().into()))
        .collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, serde_json::Value::Object(tokens).to_string().as_bytes()).unwrap();
    let loaded = run(&folder, &server, &["--tokens", file.path().to_str().unwrap()]).await;
    let created = run(&folder, &server, &["--super-token", server.super_token()]).await;
    assert!(loaded.is_empty() && created.is_empty(), "loaded: {loaded:#?}\ncreated: {created:#?}");
}
