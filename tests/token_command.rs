//! `capscope token`: the plan, the exit codes, JSON, and what is never printed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;

use program::Server;

fn token_test(server: &Server, note: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let token = server.token("BREATHE", note);
    let mut args = vec!["token", "test", "--url", &server.url];
    args.extend(more);
    let output = server.capscope(&token, &args);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(!out.contains(&token) && !err.contains(&token), "the token is never printed");
    (output.status.code(), out, err)
}

#[test]
fn the_exit_code_tells_the_kind_of_token() {
    let server = Server::start();
    for (note, code, words) in [
        ("FULL", 0, "Full Data Set (inferred). Fields: none of 31 is missing."),
        ("DEID", 4, "De-Identified (inferred)."),
        ("DAGA", 4, "probably inside a Data Access Group (inferred)"),
        ("COORD", 4, "WHAT TO ASK FOR"),
        ("IMPONLY", 5, "The token has no API Export"),
        ("NOAPI", 5, "REDCap refuses this token for every call"),
        ("BAD", 5, "REDCap refuses this token for every call"),
    ] {
        let (found, out, err) = token_test(&server, note, &[]);
        assert_eq!(found, Some(code), "{note}: {out}{err}");
        assert!(out.contains(words), "{note}: {out}");
        assert!(err.contains("calls that only read"), "the plan comes first: {err}");
        assert!(!out.contains("Nutm"), "{out}");
    }
}

#[test]
fn class_b_needs_a_yes_and_json_is_the_whole_report() {
    let server = Server::start();
    let (code, out, err) = token_test(&server, "FULL", &["--class", "B"]);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("need a yes"), "{err}");
    let (_, out, _) = token_test(&server, "FULL", &["--class", "b", "--yes", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["usable"], "reads");
    let rows = report["rows"].as_array().unwrap();
    let import = rows.iter().find(|r| r["content"] == "record" && r["action"] == "import").unwrap();
    assert_eq!(import["verdict"], "not_probed", "the project is in production: {import}");
    // Class C needs a yes for its one call besides.
    let (code, out, err) = token_test(&server, "FULL", &["--class", "C", "--yes"]);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("'Randomize Record' needs a yes of its own") && err.contains("--yes-call"), "{err}");
    let yes = ["--class", "C", "--yes", "--yes-call", "Randomize Record", "--json"];
    let (_, out, _) = token_test(&server, "FULL", &yes);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let row = rows.iter().find(|r| r["action"] == "randomize").unwrap();
    assert!(row["evidence"] == "" && row["verdict"] != "allowed", "in production it is not sent: {row}");
    let (_, out, _) = token_test(&server, "FULL", &["--class", "C", "--plan"]);
    assert!(out.contains("Randomize Record: a record that does not exist"), "{out}");
    let (code, out, _) = token_test(&server, "FULL", &["--plan"]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("Export Logging: Logging, and whose token it is (log: Export Logging (API))"),
        "{out}"
    );
}

#[test]
fn why_finds_cases_by_words() {
    let server = Server::start();
    let output = server.capscope("", &["token", "why", "form", "gone"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("\"A whole form is gone\""), "{text}");
    assert_eq!(text.matches("Look for:").count(), 1, "{text}");
}

#[test]
fn users_tells_who_may_do_what_and_what_differs() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let users = |more: &[&str]| {
        let mut args = vec!["users", "--url", &server.url];
        args.extend(more);
        let output = server.capscope(&token, &args);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, out, err) = users(&[]);
    assert_eq!(code, Some(0), "{err}");
    // The former intern has API Export but expired; de-identified users export no identifiers.
    let line = |question: &str| {
        out.split_once(&format!("{question}\n    ")).unwrap().1.lines().next().unwrap().to_owned()
    };
    assert_eq!(line("May export identifiers through the API"), "dm, nurse_a, stat_nophq, coord1");
    assert_eq!(line("Access has expired"), "intern_2024");
    assert!(!line("May read through the API").contains("intern_2024"));
    let (_, out, _) = users(&["--diff", "analyst_deid", "analyst_noid"]);
    assert!(out.contains("Export: demographics") && out.contains("De-Identified"), "{out}");
    assert!(out.contains("Remove All Identifier Fields") && !out.contains("API Export"), "{out}");
    let (_, out, _) = users(&["--csv"]);
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 11 + 2);
    assert!(header.contains(&"Export: phq9".to_owned()) && !out.contains('\u{40}'), "no e-mail addresses");
    let (code, _, err) = users(&["--diff", "dm", "nobody"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("\"nobody\" is none of"), "{err}");
}

#[test]
fn the_test_before_is_kept_without_data_and_what_changed_is_told() {
    let server = Server::start();
    let (deid, full) = (server.token("BREATHE", "DEID"), server.token("BREATHE", "FULL"));
    let run = |token: &str, args: &[&str]| {
        let output = server.capscope(token, args);
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    server.add(&deid, "mine");
    let test = ["token", "test", "--project", "mine"];
    let (_, err) = run(&deid, &test);
    assert!(!err.contains("Since the test"), "{err}");
    let (_, err) = run(&deid, &test);
    assert!(err.contains("all that was tried is as it was"), "{err}");
    let (_, err) = run(&full, &test);
    assert!(err.contains("Export Users: refused -> allowed"), "{err}");
    assert!(
        err.contains(
            "Export of Demographics: 6 of 10 fields missing: De-Identified (inferred) -> nothing missing"
        ),
        "{err}"
    );
    // Nothing that was kept has a token, a record or the words of the server.
    let folder = server.home.path().join("state/tokens");
    let kept: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(kept.len(), 1);
    let text = std::fs::read_to_string(&kept[0]).unwrap();
    for secret in [deid.as_str(), full.as_str(), "Nutm", "Insufficient user privileges"] {
        assert!(!text.contains(secret), "{secret}");
    }
    // The same as JSON, for scripts.
    let (out, _) = run(&deid, &["token", "test", "--project", "mine", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let list = report["changed"]["differences"].as_array().unwrap();
    let users = list.iter().find(|d| d["what"] == "Export Users").unwrap();
    assert_eq!((&users["before"], &users["now"]), (&"allowed".into(), &"refused".into()));
    let (out, _) = run(&full, &["token", "compare", "mine", "mine", "--json"]);
    let both: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(both["differences"].as_array().unwrap().is_empty());
    assert!(
        both["same"].as_array().unwrap().iter().any(|s| s["what"] == "Export Users" && s["all"] == "allowed")
    );
    let (out, _) = run(&full, &["token", "compare", "mine", "mine"]);
    assert_eq!(out, "The tokens differ in nothing that was tried.\n");
    run(&full, &["project", "remove", "mine"]);
    assert!(std::fs::read_dir(&folder).unwrap().next().is_none(), "forgotten with the project");
}
