//! The audit log, kept by the real program: counts and hashes, no values, no tokens, one chain.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;
mod support;

use capscope::store::Paths;
use capscope::store::audit::{self, Line, RecordKey, What};
use program::Server;
use support::App;

fn kept(server: &Server) -> Vec<Line> {
    audit::lines(&Paths::under(server.home.path())).unwrap()
}

fn audit(server: &Server, args: &[&str]) -> (Option<i32>, String) {
    let all: Vec<&str> = ["audit"].iter().chain(args).copied().collect();
    let output = server.capscope("", &all);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn calls_writes_and_files_are_noted_without_values_and_the_chain_can_be_checked() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let export = ["record", "export", "format=json", "records=001", "records=002", "fields=mrn"];
    let (code, out, err) = server.call(&token, &export);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("0012345"), "the value that must not be noted: {out}");
    let data = r#"data=[{"study_id":"001","redcap_event_name":"week_12_arm_1","weight":"70.5"}]"#;
    let number = server.projects[0]["project_id"].as_u64().unwrap().to_string();
    let import = ["record", "import", "format=json", data, "--yes-write", "--project-id", &number];
    assert_eq!(server.call(&token, &import).0, Some(0));
    let file = server.home.path().join("out.csv");
    let exported =
        server.capscope(&token, &["export", "--url", &server.url, "--out", file.to_str().unwrap()]);
    assert_eq!(exported.status.code(), Some(0));

    let lines = kept(&server);
    let find = |what: What, method: &str| {
        lines.iter().find(|l| l.entry.what == what && l.entry.method == method).unwrap()
    };
    let read = &find(What::Call, "Export Records").entry;
    assert_eq!((read.fields, read.records, read.status), (Some(1), Some(2), Some(200)));
    assert!(read.rows > Some(1) && read.bytes > Some(10));
    assert_eq!((read.host.as_str(), read.outcome.as_str()), ("127.0.0.1", "done"));
    let key = RecordKey::load(&Paths::under(server.home.path())).unwrap();
    assert_eq!(read.record_hashes, [key.hash("001"), key.hash("002")]);
    let write = find(What::Call, "Import Records");
    assert_eq!(write.entry.project, number.parse().ok());
    assert_eq!(write.entry.content_hash.len(), 64);
    let before = find(What::WriteBegins, "Import Records");
    assert!(before.n < write.n && before.entry.content_hash == write.entry.content_hash);
    let written = &find(What::FileWritten, "").entry;
    assert_eq!(written.content_hash, audit::hash_of(&std::fs::read(&file).unwrap()));
    assert!(written.rows > Some(1) && written.fields > Some(1));

    let folder = server.home.path().join("state/audit");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned();
        for secret in [token.as_str(), "0012345", "Nutmeg", "\"001\"", "70.5"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    let (code, text) = audit(&server, &["--verify"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("The chain holds"), "{text}");
    let (_, text) = audit(&server, &["--record", "001"]);
    assert_eq!(text.lines().count(), 2, "the call, and the reading of the export: {text}");
    assert!(text.contains("Export Records  1 field, 2 records") && text.contains("done"), "{text}");
    let (_, text) = audit(&server, &["--last", "1", "--json"]);
    let last: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(last["what"], "file_written");

    let path = audit::current_file(&Paths::under(server.home.path()));
    let changed = std::fs::read_to_string(&path).unwrap().replacen("\"fields\":1,", "\"fields\":9,", 1);
    std::fs::write(&path, changed).unwrap();
    let (code, text) = audit(&server, &["--verify"]);
    assert_eq!(code, Some(3));
    assert!(text.contains("was changed after it was written"), "{text}");
}

#[test]
fn the_log_can_be_switched_off_and_its_failure_stops_nobody() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let config = server.home.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("settings.toml"), "audit_log = false\n").unwrap();
    assert_eq!(server.call(&token, &["version", "export"]).0, Some(0));
    assert!(kept(&server).is_empty() && !server.home.path().join("state").exists());
    std::fs::write(config.join("settings.toml"), "").unwrap();
    // A file stands where the folder should be.
    std::fs::create_dir_all(server.home.path().join("state")).unwrap();
    std::fs::write(server.home.path().join("state/audit"), "").unwrap();
    let (code, out, err) = server.call(&token, &["version", "export"]);
    assert_eq!(code, Some(0));
    assert!(!out.is_empty() && err.contains("The audit log is not complete"), "{err}");
}

#[test]
fn many_programs_at_once_keep_one_chain() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert_eq!(server.call(&token, &["version", "export"]).0, Some(0));
                }
            });
        }
    });
    assert_eq!(kept(&server).len(), 18);
    assert_eq!(audit(&server, &["--verify"]).0, Some(0));
}

#[test]
fn lifting_the_masks_is_noted_each_time() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let mut app = App::demo_in(paths.clone());
    app.keys("m");
    app.assert_shows("Show identifiers?");
    app.keys("y");
    app.assert_shows("Identifiers are shown");
    app.keys("mm").idle();
    let project = app.shell.model.open.as_ref().unwrap().project.project_id;
    // The worker writes beside the screen; the program waits for it before it ends.
    assert!(app.shell.settle(std::time::Duration::from_secs(20)));
    drop(app);
    let lines = audit::lines(&paths).unwrap();
    let lifted: Vec<&Line> = lines.iter().filter(|l| l.entry.what == What::MasksLifted).collect();
    assert_eq!(lifted.len(), 2, "lifted, masked, lifted again");
    assert!(lifted.iter().all(|l| l.entry.project == Some(project) && l.entry.host == "127.0.0.1"));
    assert!(audit::verify(&paths).unwrap().problems.is_empty());
}
