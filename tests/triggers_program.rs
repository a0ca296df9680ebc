//! `capscope triggers` in processes of its own, and HTTPS with a certificate that the user gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use program::{Running, Server};
use std::path::Path;
use std::process::{Command, Stdio};

/// A receiver in a process of its own.
fn listen(home: &Path, args: &[&str]) -> Running {
    Running::start(
        Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(["triggers", "listen"])
            .args(args)
            .env("CAPSCOPE_HOME", home)
            .stderr(Stdio::null()),
    )
}

/// A server, with one of its projects saved under the name Trial.
fn with_saved_project() -> Server {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    server.add(&token, "Trial");
    server
}

#[test]
fn what_send_plays_listen_prints() {
    let server = with_saved_project();
    let home = server.home.path();
    let mut listener = listen(home, &["--json"]);
    let ready = listener.json();
    let url = ready["url"].as_str().unwrap();
    let send = |more: &[&str]| {
        let mut args = vec!["triggers", "send", "--to", url, "--record", "7", "--instrument", "visit"];
        args.extend(more);
        server.capscope("", &args)
    };
    let sent = send(&["--project", "Trial", "--event", "visit_1_arm_1", "--redcap-version", "14.9.1"]);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let came = listener.json();
    assert_eq!(came["event"], "trigger");
    assert_eq!(came["project"], "Trial");
    assert_eq!(came["parameters"]["record"], "7");
    assert_eq!(came["parameters"]["visit_complete"], "2");
    assert_eq!(came["parameters"]["username"], "[survey respondent]");
    assert!(send(&["--redcap-url", "https://other.example", "--pid", "5"]).status.success());
    let came = listener.json();
    assert_eq!(came["suspicious"], "No saved project is on the server it names.");
    assert_eq!(came["parameters"]["redcap_url"], "https://other.example/");
    // Wrong path: the handler's refusal is a failure of the command.
    let wrong = server.capscope(
        "",
        &[
            "triggers",
            "send",
            "--to",
            &format!("{url}wrong"),
            "--record",
            "7",
            "--instrument",
            "v",
            "--project",
            "Trial",
        ],
    );
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("status 404"));
    assert_eq!(listener.json()["event"], "refused");
}

#[test]
fn lines_for_people_show_no_names_of_records_unless_asked() {
    let server = with_saved_project();
    for (args, shown) in [(&[][..], "record ••••, visit"), (&["--record-names"], "record Ada-7, visit")]
    {
        let mut listener = listen(server.home.path(), args);
        let first = listener.line();
        let url = first.rsplit(' ').next().unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{first}");
        assert_eq!(listener.line(), "Only this computer can reach it.");
        let args = [
            "triggers",
            "send",
            "--to",
            url,
            "--record",
            "Ada-7",
            "--instrument",
            "visit",
            "--project",
            "Trial",
        ];
        assert!(server.capscope("", &args).status.success());
        let line = listener.line();
        assert!(line.contains(&format!("Trial: {shown}, Complete, [survey respondent]")), "{line}");
        assert_eq!(line.contains("Ada-7"), shown.contains("Ada-7"), "{line}");
    }
}

#[test]
fn a_killed_receiver_forwards_the_rest_when_it_is_started_again() {
    let server = with_saved_project();
    let home = server.home.path();
    // A receiver as the handler, started only later on the same port.
    let handler = listen(home, &["--json"]).json();
    let handler_url = handler["url"].as_str().unwrap().to_owned();
    let port = handler_url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let mut listener = listen(home, &["--json", "--forward", &handler_url]);
    let url = listener.json()["url"].as_str().unwrap().to_owned();
    let args =
        ["triggers", "send", "--to", &url, "--record", "7", "--instrument", "visit", "--project", "Trial"];
    assert!(server.capscope("", &args).status.success());
    // The first try to forward may be told before the trigger itself.
    let mut told = [listener.json()["event"].to_string(), listener.json()["event"].to_string()];
    told.sort();
    assert_eq!(told, ["\"trigger\"", "\"will_retry\""]);
    drop(listener);
    let mut handler = listen(home, &["--json", "--addr", &format!("127.0.0.1:{port}")]);
    handler.json();
    let mut listener = listen(home, &["--json", "--forward", &handler_url]);
    assert_eq!(listener.json()["waiting"], 1);
    assert_eq!(handler.json()["parameters"]["record"], "7");
    assert_eq!(listener.json()["event"], "forwarded");
    // What is on the disk is for this user only, and nothing of it is left.
    let files: Vec<_> = std::fs::read_dir(home.join("state/triggers")).unwrap().map(|f| f.unwrap()).collect();
    for file in files.iter().filter(|f| f.path().extension().is_some_and(|e| e == "queue")) {
        assert_eq!(file.metadata().unwrap().len(), 0);
    }
}

#[test]
fn an_address_for_other_computers_is_refused_without_a_secret() {
    let server = Server::start();
    let refused = server.capscope("", &["triggers", "listen", "--addr", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(1));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("must be a secret") && words.contains("--path-secret, for instance"), "{words}");
}

#[test]
fn https_with_a_certificate_of_the_users_own() {
    let home = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let (cert_file, key_file) = (home.path().join("cert.pem"), home.path().join("key.pem"));
    std::fs::write(&cert_file, certificate.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    let args = ["--json", "--cert", cert_file.to_str().unwrap(), "--key", key_file.to_str().unwrap()];
    let mut listener = listen(home.path(), &args);
    let url = listener.json()["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://"), "{url}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let posted = runtime.block_on(async {
        let root = reqwest::Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap();
        client.post(&url).body("project_id=1&instrument=a&record=1").send().await.unwrap().status()
    });
    assert_eq!(posted, 200);
    assert_eq!(listener.json()["event"], "trigger");
    // A file that is no certificate is told by name.
    let wrong = Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args([
            "triggers",
            "listen",
            "--cert",
            key_file.to_str().unwrap(),
            "--key",
            key_file.to_str().unwrap(),
        ])
        .env("CAPSCOPE_HOME", home.path())
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("key.pem"));
}

#[test]
fn a_busy_clinic_reaches_the_feed_and_imports_do_not() {
    let home = tempfile::tempdir().unwrap();
    let mut listener = listen(home.path(), &["--json"]);
    let url = listener.json()["url"].as_str().unwrap().to_owned();
    let server = Server::start_with(&["--trigger-url", &url]);
    // An import and a deletion: triggers never see them.
    let full = server.token("BREATHE", "FULL");
    let row = r#"data=[{"study_id":"001","redcap_event_name":"baseline_arm_1","weight":"70"}]"#;
    let pid = server.projects[0]["project_id"].to_string();
    let import = ["record", "import", "-p", "format=json", "-p", row, "--yes-write", "--project-id", &pid];
    let (code, _, err) = server.call(&full, &import);
    assert_eq!(code, Some(0), "{err}");
    drop(server);
    let server = Server::start_with(&["--trigger-url", &url, "--clinic", "6000"]);
    let base = server.url.strip_suffix("api/").unwrap().to_owned();
    let mut projects = std::collections::HashSet::new();
    for _ in 0..200 {
        let came = listener.json();
        assert_eq!(came["event"], "trigger");
        let parameters = came["parameters"].as_object().unwrap();
        // The import of the first server would have come first, with that server's address.
        assert_eq!(parameters["redcap_url"], base);
        let instrument = parameters["instrument"].as_str().unwrap();
        let status = parameters[&format!("{instrument}_complete")].as_str().unwrap();
        assert!(["0", "1", "2"].contains(&status));
        projects.insert(parameters["project_id"].as_str().unwrap().to_owned());
    }
    assert!(projects.len() > 1, "{projects:?}");
}
