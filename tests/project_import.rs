//! Tokens of other tools are taken over into the password store, and never shown.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

use capscope::api::client::silent;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::jobs::bench::Workbench;
use capscope::jobs::import::{keep, read};
use capscope::store::Paths;
use capscope::store::settings::Settings;
use capscope::store::vault::Vault;
use std::process::Command;

#[tokio::test]
async fn each_token_of_a_credential_file_is_tested_and_kept_or_its_reason_told() {
    let server =
        DemoServer::start(DemoOptions { registry_records: 10, ..DemoOptions::default() }).await.unwrap();
    let project = &server.projects()[0];
    let token = project.tokens[0].token.clone();
    let unknown = "0123456789ABCDEF0123456789ABCDEF";
    let text = format!(
        "redcap_uri,username,project_id,token,comment\n\
         {url},anna,{pid},{token},Heart study\n\
         {url},anna,9999,{other},\n\
         {url},anna,1,{unknown},wrong\n",
        url = server.url(),
        pid = project.project_id,
        other = project.tokens[1].token,
    );
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::in_memory();
    let bench = Workbench::new(Some(Paths::under(home.path())), Settings::default(), vault.clone(), silent());
    let entries = read(&text).unwrap().into_iter().map(Result::unwrap).collect();
    let mut told = Vec::new();
    let all = keep(&bench, entries, &mut |place| told.push(place.to_owned())).await;
    assert_eq!(told, ["line 2", "line 3", "line 4"]);
    let (first, remark) = all[0].result.as_ref().unwrap();
    assert_eq!((first.name.as_str(), first.project_id, remark), ("Heart study", project.project_id, &None));
    assert!(vault.get(&first.id).is_ok(), "the token is in the password store");
    let (_, remark) = all[1].result.as_ref().unwrap();
    assert!(remark.as_ref().unwrap().contains("The file says project 9999"), "{remark:?}");
    assert!(all[2].result.is_err());
    let list = std::fs::read_to_string(Paths::under(home.path()).projects_file()).unwrap();
    assert!(list.contains("Heart study"));
    for secret in [token.as_str(), unknown] {
        assert!(!list.contains(secret) && !format!("{all:?}").contains(secret));
    }
}

/// Runs `capscope project import` with a home of its own.
fn import(words: &[&str], env: &[(&str, &str)]) -> (bool, String) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(["project", "import"])
        .args(words)
        .env("CAPSCOPE_HOME", home.path())
        .envs(env.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn what_cannot_be_imported_is_told_without_any_token_and_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.csv");
    let secret = "0123456789ABCDEF0123456789ABCDEF";
    std::fs::write(&file, format!("user,token\nanna,{secret}\n")).unwrap();
    let path = file.to_str().unwrap();
    let (well, said) = import(&[path, "--delete-file"], &[]);
    assert!(!well && said.contains("redcap_uri") && !said.contains(secret), "{said}");
    assert!(file.exists());
    let (well, said) = import(&["/no/such/file.csv"], &[]);
    assert!(!well && said.contains("no such file"), "{said}");
    let (well, said) = import(&["--env", "MY_TOKEN"], &[]);
    assert!(!well && said.contains("--url"), "{said}");
    let (well, said) = import(
        &["--env", "MY_TOKEN", "--url", "https://redcap.example.edu/"],
        &[("MY_TOKEN", "not a token")],
    );
    assert!(!well && !said.contains("not a token"), "{said}");
}
