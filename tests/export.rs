//! Exports: whole instruments to a file, by the command and from the screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;
mod support;

use program::Server;
use std::path::Path;
use support::App;

fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Runs `capscope export` for a token; exit code, stdout, stderr.
fn export(server: &Server, token: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let mut all = vec!["export", "--url", &server.url];
    all.extend(args);
    let output = server.capscope(token, &all);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_writes_what_the_api_gives_and_leaves_identifiers_out_unless_asked() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let (code, out, err) =
        export(&server, &token, &["--form", "visit", "--format", "exact", "--out", "v.csv"]);
    assert_eq!(code, Some(0), "{err}");
    let path = server.home.path().join("v.csv");
    assert!(out.contains("v.csv"), "{out}");
    let rows = csv_rows(&path);
    let header: Vec<&str> = rows[0].iter().map(String::as_str).collect();
    assert_eq!(
        header[..4],
        ["study_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    );
    assert!(header.contains(&"sbp") && header.contains(&"visit_complete"), "{header:?}");
    // The raw API answer has the same cells in the rows that hold this instrument.
    let (_, raw, _) = server.call(
        &token,
        &[
            "record",
            "-p",
            "format=csv",
            "-p",
            "fields=study_id",
            "-p",
            "forms=visit",
            "-p",
            "exportBlankForGrayFormStatus=true",
        ],
    );
    let mut reader = csv::Reader::from_reader(raw.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let places: Vec<usize> = header.iter().map(|h| names.iter().position(|n| n == h).unwrap()).collect();
    let events = ["baseline_arm_1", "week_4_arm_1", "week_12_arm_1", "unscheduled_arm_1"];
    let expected: Vec<Vec<String>> = reader
        .records()
        .map(Result::unwrap)
        .filter(|r| events.contains(&&r[1]))
        .map(|r| places.iter().map(|&p| r[p].to_owned()).collect())
        .collect();
    assert_eq!(rows[1..], expected);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // A second export replaces nothing.
    let (_, out, _) = export(&server, &token, &["--form", "visit", "--out", "v.csv"]);
    assert!(out.contains("v (2).csv"), "{out}");
    // Identifiers are not even asked for; their number is told.
    let (_, _, err) = export(&server, &token, &["--form", "demographics", "--out", "d.csv"]);
    assert!(err.contains("4 identifiers were left out"), "{err}");
    let text = std::fs::read_to_string(server.home.path().join("d.csv")).unwrap();
    assert!(!text.contains("Nutmouse") && !text.contains("0012345"), "{text}");
    let (_, _, _) = export(&server, &token, &["--form", "demographics", "--identifiers", "--out", "i.csv"]);
    assert!(std::fs::read_to_string(server.home.path().join("i.csv")).unwrap().contains("Nutmouse"));
}

#[test]
fn labels_records_filters_and_formats() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let file = |name: &str| server.home.path().join(name);
    let args =
        ["--form", "demographics", "--record", "002", "--labels", "--format", "json", "--out", "l.json"];
    let (code, _, err) = export(&server, &token, &args);
    assert_eq!(code, Some(0), "{err}");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file("l.json")).unwrap()).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json[0]["sex"], "Male");
    assert_eq!(json[0]["demographics_complete"], "Complete");
    let args = ["--form", "visit", "--filter-logic", "[sbp] >= 130", "--format", "excel", "--out", "f.csv"];
    let (code, out, err) = export(&server, &token, &args);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(std::fs::read(file("f.csv")).unwrap().starts_with("\u{feff}study_id".as_bytes()));
    // What does not come back is told, and the exit code says so.
    let (code, _, err) = export(&server, &token, &["--form", "visit", "--record", "999", "--out", "n.csv"]);
    assert_eq!(code, Some(0), "whether a record has rows at these events is not known: {err}");
    assert_eq!(csv_rows(&file("n.csv")).len(), 1, "the header alone");
    let limited = server.token("BREATHE", "NOID");
    let (code, _, err) = export(&server, &limited, &["--identifiers", "--out", "x.csv"]);
    assert_eq!(code, Some(4), "{err}");
    assert!(err.contains("4 columns did not come back"), "{err}");
    // Mistakes name what there is.
    let (code, _, err) = export(&server, &token, &["--form", "vist", "--out", "y.csv"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("\"vist\" is none of demographics, visit"), "{err}");
    let (_, _, err) = export(&server, &token, &["--out", "/nowhere/y.csv"]);
    assert!(err.contains("/nowhere/y.csv"), "{err}");
}

/// More records than one request asks for, and rows that repeat only in some of them.
#[test]
fn a_large_project_is_written_batch_by_batch() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    let at = app.shell.model.projects.iter().position(|p| p.name.starts_with("REG-02")).unwrap();
    app.keys(&format!("<S-Tab>g{}<Enter>", "j".repeat(at))).idle();
    app.keys("3<Enter>").idle();
    let path = dir.path().join("all.csv");
    app.keys("e<Tab><Tab><Tab>  <Down><Right><Down><Right><Right><Down><Down><C-u>");
    app.keys(&path.display().to_string().replace('<', "<lt>"));
    app.keys("<Enter>").idle();
    app.assert_shows("rows are in");
    let rows = csv_rows(&path);
    let ids: std::collections::HashSet<&str> = rows[1..].iter().map(|r| r[0].as_str()).collect();
    assert_eq!(ids.len(), 700);
    assert!(rows.iter().all(|r| r.len() == rows[0].len()));
    assert!(app.requests().iter().filter(|t| t.contains("Records")).count() > 3, "{:?}", app.requests());
}
