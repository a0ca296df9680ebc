//! `filterLogic` and the logic of reports: what the engine of the domain can do, the server can.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::{DemoOptions, DemoServer};
use demo_support::{Caller, encoded};

async fn server() -> DemoServer {
    DemoServer::start(DemoOptions { registry_records: 10, ..DemoOptions::default() }).await.unwrap()
}

fn breathe(server: &DemoServer, word: &str) -> Caller {
    let project = server.projects().iter().find(|p| p.project_id == 101).unwrap();
    let token = project.tokens.iter().find(|t| t.note.starts_with(&format!("{word}:"))).unwrap();
    Caller::new(server, &token.token)
}

/// The rows that are left, as `record event instance`.
async fn rows(caller: &Caller, logic: &str) -> Vec<String> {
    let body = format!("content=record&format=csv&fields[0]=study_id&filterLogic={}", encoded(logic));
    let csv = caller.text(&body).await;
    csv.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let parts = [cells[0], cells[1].trim_end_matches("_arm_1"), cells[3]];
            parts.join(" ").trim_end().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn every_row_is_judged_in_its_own_place() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    for (logic, expected) in [
        ("[weight] > 81", vec!["002 baseline"]),
        (
            "[screening_arm_1][sex] = '2' and [weight] <> ''",
            vec![
                "001 baseline",
                "001 week_4",
                "001 week_12",
                "001 unscheduled 1",
                "001 unscheduled 2",
                "003 baseline",
            ],
        ),
        ("[event-name] = 'week_12_arm_1'", vec!["001 week_12"]),
        ("[race(1)] = '1' and [record-name] = '001'", vec!["001 screening"]),
        ("[current-instance] = 2", vec!["001 unscheduled 2", "001 ongoing 2", "003 ongoing 2"]),
        ("contains(lower([ae_term]), 'head')", vec!["003 ongoing 2"]),
        ("year([dob]) < 2100 and [record-dag-name] = 'site_b'", vec!["004 screening", "005 screening"]),
        ("[user-name] = 'nobody'", vec![]),
        ("[user-dag-name] <> ''", vec![]),
        ("// a comment\nround([weight], 0) = 71", vec!["001 week_12"]),
        ("if([demographics_complete] = '0', 1, 0)", vec!["010 screening"]),
    ] {
        assert_eq!(rows(&full, logic).await, expected, "{logic}");
    }
    let daga = breathe(&server, "DAGA");
    let own = rows(&daga, "[user-dag-name] = 'site_a' and [demographics_complete] <> ''").await;
    assert_eq!(own, ["001 screening", "002 screening", "003 screening"]);
}

#[tokio::test]
async fn the_filter_works_in_every_shape_of_export() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    let logic = encoded("[weight] > 81");
    for body in [
        "content=record&format=csv&type=eav",
        "content=record&format=json",
        "content=record&format=xml",
        "content=record&format=odm",
        "content=project_xml",
    ] {
        let text = full.text(&format!("{body}&filterLogic={logic}")).await;
        assert!(text.contains("002") && text.contains("baseline_arm_1"), "{body}: {text}");
        assert!(!text.contains("0012345"), "{body}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_a_sentence() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    for (logic, words) in [
        ("[nothing] = 1", "nothing"),
        ("[weight", "The filterLogic is not valid: "),
        ("[race] = 1", "race"),
        ("frobnicate([weight])", "frobnicate"),
        ("[weight] = 1)", "The filterLogic is not valid: "),
        ("[weight] like '1'", "The filterLogic is not valid: "),
        ("[survey-link:phq9] <> ''", "The filterLogic "),
    ] {
        for format in ["json", "csv", "xml"] {
            let body = format!("content=record&format={format}&filterLogic={}", encoded(logic));
            let (status, text) = full.call(&body).await;
            assert_eq!(status, 400, "{logic}: {text}");
            assert!(text.contains(words), "{logic}: {text}");
        }
    }
    let deep = "(".repeat(20_000);
    assert_eq!(full.call(&format!("content=record&filterLogic={deep}")).await.0, 400);
}
