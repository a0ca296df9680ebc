//! Property: whatever an import's body is, the server answers in its own words, and a refused
//! import changes nothing.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::{DemoOptions, DemoServer};
use demo_support::{Caller, data};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// The imports with their words, so that bodies that nearly fit are tried as well.
const IMPORTS: &[&str] = &[
    "arm&action=import&override=0",
    "arm&action=import&override=1",
    "event&action=import&override=0",
    "event&action=import&override=1",
    "formEventMapping",
    "repeatingFormsEvents",
    "project_settings",
    "user",
    "userRole",
    "userRoleMapping&action=import",
    "dag&action=import",
    "userDagMapping&action=import",
];

const KEYS: &[&str] = &[
    "arm_num",
    "name",
    "event_name",
    "unique_event_name",
    "custom_event_label",
    "day_offset",
    "form",
    "form_name",
    "custom_form_label",
    "project_title",
    "purpose",
    "is_longitudinal",
    "scheduling_enabled",
    "username",
    "expiration",
    "data_access_group",
    "design",
    "forms",
    "forms_export",
    "unique_role_name",
    "role_label",
    "data_access_group_name",
    "unique_group_name",
    "redcap_data_access_group",
];

const VALUES: &[&str] = &[
    "",
    "0",
    "1",
    "2",
    "-1",
    "4294967296",
    "9223372036854775807",
    "1.0",
    "baseline_arm_1",
    "month_1_arm_1",
    "baseline_arm_2",
    "vitals",
    "conmed",
    "Baseline",
    "Ünïcödé \u{1F600}",
    "alba_reader",
    "someone new",
    "2030-02-30",
    "vitals:1,labs:130",
    "a<b",
];

/// A body: nonsense, or rows of known keys and odd values in one of the formats.
fn body() -> impl Strategy<Value = (&'static str, String)> {
    let key = proptest::sample::select(KEYS);
    let value = proptest::sample::select(VALUES);
    let row = proptest::collection::vec((key, value), 0..5);
    let rows = proptest::collection::vec(row, 0..4);
    let format = proptest::sample::select(&["json", "csv", "xml"][..]);
    let shaped = (rows, format).prop_map(|(rows, format)| (format, spell(&rows, format)));
    let nonsense = (
        "\\PC{0,60}|[\\[\\]{}<>/a-c\":,\n 0-9]{0,60}",
        proptest::sample::select(&["json", "csv", "xml"][..]),
    )
        .prop_map(|(text, format)| (format, text));
    prop_oneof![4 => shaped, 1 => nonsense]
}

fn spell(rows: &[Vec<(&str, &str)>], format: &str) -> String {
    match format {
        "json" => {
            let rows: Vec<serde_json::Value> = rows
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|(k, v)| ((*k).to_owned(), serde_json::json!(v)))
                        .collect::<serde_json::Map<_, _>>()
                        .into()
                })
                .collect();
            serde_json::Value::from(rows).to_string()
        }
        "csv" => {
            let Some(first) = rows.first() else { return String::new() };
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            writer.write_record(first.iter().map(|(k, _)| k)).unwrap();
            for row in rows {
                writer.write_record(row.iter().map(|(_, v)| v)).unwrap();
            }
            String::from_utf8(writer.into_inner().unwrap()).unwrap()
        }
        _ => {
            let escape = |v: &str| v.replace('&', "&amp;").replace('<', "&lt;");
            let rows: Vec<String> = rows
                .iter()
                .map(|row| {
                    let cells: Vec<String> =
                        row.iter().map(|(k, v)| format!("<{k}>{}</{k}>", escape(v))).collect();
                    format!("<item>{}</item>", cells.concat())
                })
                .collect();
            format!("<items>{}</items>", rows.concat())
        }
    }
}

/// All that an import of this kind could change, as the exports tell it.
async fn everything(api: &Caller) -> Vec<(u16, String)> {
    let mut all = Vec::new();
    for content in [
        "project",
        "arm",
        "event",
        "formEventMapping",
        "repeatingFormsEvents",
        "user",
        "userRole",
        "userRoleMapping",
        "dag",
        "userDagMapping",
        "record",
    ] {
        all.push(api.call(&format!("content={content}&format=json")).await);
    }
    all
}

/// ALBA on a server of its own; its imports soon leave little of a project.
async fn fresh() -> (DemoServer, Caller) {
    let options = DemoOptions { registry_records: 2, ..DemoOptions::default() };
    let server = DemoServer::start(options).await.unwrap();
    let project = server.projects().iter().find(|p| p.project_id == 103).unwrap();
    let api = Caller::new(&server, &project.tokens[0].token);
    (server, api)
}

/// Sends one import and looks at what became of the project. Says whether it was taken.
async fn attempt(api: &Caller, before: &mut Vec<(u16, String)>, call: &str) -> bool {
    let (status, text) = api.call(call).await;
    let after = everything(api).await;
    // Whatever was taken, the exports still answer.
    assert!(after.iter().all(|(status, _)| [200, 400].contains(status)), "{call}");
    if status == 200 {
        assert!(text.parse::<usize>().is_ok(), "{call}: {text}");
        *before = after;
        return true;
    }
    assert!(status == 400 && text.starts_with("ERROR: "), "{call}: {status} {text}");
    assert_eq!(after, *before, "{call}: {text}");
    false
}

#[test]
fn no_body_stumbles_the_server_and_a_refused_one_changes_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let config = Config { cases: 20, failure_persistence: None, ..Config::default() };
    let cases = proptest::collection::vec((proptest::sample::select(IMPORTS), body()), 10);
    let counts = std::cell::RefCell::new([0, 0]);
    TestRunner::new(config)
        .run(&cases, |calls| {
            runtime.block_on(async {
                let (_server, api) = fresh().await;
                let mut before = everything(&api).await;
                for (import, (format, body)) in calls {
                    let body = data(&body);
                    let call = format!("content={import}&format={format}&returnFormat=csv&data={body}");
                    let taken = attempt(&api, &mut before, &call).await;
                    counts.borrow_mut()[usize::from(taken)] += 1;
                }
            });
            Ok(())
        })
        .unwrap();
    let [refused, taken] = counts.into_inner();
    assert!(taken > 10 && refused > 10, "{taken} taken, {refused} refused");
}
