//! `capscope quality` as a script uses it: the real program against the embedded server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;

use program::Server;

/// Exit code, output, and what was said beside it.
fn quality(server: &Server, note: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let token = server.token("BREATHE", note);
    let mut all = vec!["quality", "--url", &server.url];
    all.extend(args);
    let output = server.capscope(&token, &all);
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn findings_have_an_exit_code_of_their_own() {
    let server = Server::start();
    let (code, out, _) = quality(&server, "FULL", &[]);
    assert_eq!(code, Some(3), "{out}");
    for line in ["A       36  Blank values", "B        4  Blank values (required fields only)"] {
        assert!(out.contains(line), "{out}");
    }
    let (code, out, said) = quality(&server, "FULL", &["--rule", "c,F"]);
    assert_eq!((code, said.as_str()), (Some(0), ""), "{out}");
    // Columns that export rights leave out were not checked, so nothing is said to be in order.
    let (code, _, said) = quality(&server, "NOID", &["--rule", "C"]);
    assert_eq!(code, Some(4));
    assert!(said.contains("Not checked: ") && said.contains("dob"), "{said}");
    for (args, words) in [
        (&["--rule", "Z"][..], "There is no such rule"),
        (&["--logic", "[weigh]>80"], "Did you mean [weight]?"),
        (&["--form", "nothing"], "There is no such instrument"),
    ] {
        let (code, _, said) = quality(&server, "FULL", args);
        assert_eq!(code, Some(1));
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(quality(&server, "FULL", &["--json", "--csv"]).0, Some(2));
}

#[test]
fn values_are_printed_only_when_asked_for() {
    let server = Server::start();
    let args = ["--rule", "I", "--logic", "[weight] > 81", "--json"];
    let (code, out, _) = quality(&server, "FULL", &args);
    assert_eq!(code, Some(3));
    assert!(!out.contains("UNK") && !out.contains("82"), "{out}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["rules"][0]["findings"][0]["field"], "mrn");
    assert_eq!(json["rules"][1]["findings"][0]["record"], "002");
    assert_eq!(json["rules"][1]["rule"], "custom");
    let (_, csv, _) = quality(&server, "FULL", &["--rule", "I", "--csv", "--values"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next_back(), Some("value"));
    let line = reader.records().next().unwrap().unwrap();
    assert_eq!((&line[0], &line[2], &line[6]), ("I", "005", "mrn"));
    assert!(!line[9].is_empty());
}

#[test]
fn rules_come_from_a_file_as_redcap_exports_them() {
    let server = Server::start();
    let file = server.home.path().join("rules.csv");
    let text =
        "rule_name,rule_logic,real_time_execution\nHeavy,\"[weight] > 81\",n\nNone,\"[weight] > 900\",y\n";
    std::fs::write(&file, text).unwrap();
    let (code, out, _) = quality(&server, "FULL", &["--rules", file.to_str().unwrap()]);
    assert_eq!(code, Some(3));
    assert!(out.contains("1  Heavy") && out.contains("0  None") && !out.contains("Blank"), "{out}");
    std::fs::write(&file, "name,logic\na,b\n").unwrap();
    let (code, _, said) = quality(&server, "FULL", &["--rules", file.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(said.contains("no column rule_name"), "{said}");
}

#[test]
fn excluded_findings_are_kept_without_values_and_no_longer_count() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let run = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(args)
            .env("CAPSCOPE_HOME", server.home.path())
            .env("THE_TOKEN", &token)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let added = run(&["project", "add", &server.url, "--name", "B", "--token-env", "THE_TOKEN"]);
    assert_eq!(added.0, Some(0), "{}", added.1);
    let heavy = ["quality", "--project", "B", "--logic", "[weight] > 81"];
    assert_eq!(run(&heavy).0, Some(3));
    assert_eq!(run(&[&heavy[..], &["--exclude", "002"]].concat()).0, Some(0));
    assert_eq!(run(&heavy).0, Some(0));
    assert!(run(&[&heavy[..], &["--with-excluded"]].concat()).1.contains("[excluded]"));
    let folder = server.home.path().join("state/quality");
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let kept = if file.extension().is_some_and(|e| e == "json") {
        std::fs::read_to_string(&file).unwrap()
    } else {
        let other = std::fs::read_dir(file.parent().unwrap()).unwrap().last().unwrap().unwrap();
        std::fs::read_to_string(other.path()).unwrap()
    };
    assert!(kept.contains("\"002\"") && kept.contains("logic-") && !kept.contains("81"), "{kept}");
    // Excluded for this rule only.
    assert_eq!(run(&["quality", "--project", "B", "--logic", "[weight] > 80"]).0, Some(3));
    assert_eq!(run(&[&heavy[..], &["--include", "002"]].concat()).0, Some(3));
}
