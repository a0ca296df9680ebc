//! Files with one value a row: found out, checked with the line of each value, sent as such.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[path = "check_support/mod.rs"]
mod check_support;
#[path = "check_support/gate.rs"]
mod gate;

use capscope::domain::check::payload::Batch;
use capscope::domain::check::{Cell, Fix, Rehearsal, Settings, SourceFile, rehearse};
use check_support::{breathe, stored_for, tags};
use gate::Desk;
use std::sync::Arc;

fn laid(text: &str, settings: &Settings) -> Rehearsal {
    let metadata = breathe();
    let file = SourceFile::read(text.as_bytes(), settings).unwrap().for_project(&metadata, settings).unwrap();
    let file = Arc::new(file);
    let stored = Arc::new(stored_for(&file, &metadata, settings));
    rehearse(&file, &metadata, settings, Some(&stored), jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0))
}

/// S10's file, one value a row and not in order.
const GOOD: &str = "record,redcap_event_name,field_name,value\n001,week_12_arm_1,weight,70.5\n003,week_4_arm_1,sbp,118\n002,week_12_arm_1,weight,82\n001,week_12_arm_1,sbp,120\n003,week_4_arm_1,weight,64\n";

#[test]
fn the_rehearsal_is_that_of_the_flat_file() {
    let r = laid(GOOD, &Settings::default());
    let counts = [Cell::New, Cell::Changed, Cell::Same, Cell::Blank].map(|c| r.count(c));
    assert_eq!(counts, [3, 1, 1, 0], "{:?}", r.summary());
    assert!(r.may_be_sent());
    assert!(r.summary()[0].contains("one value a row (EAV)"), "{:?}", r.summary());
    assert_eq!(r.summary()[1], "5 values at 3 places, 3 records (0 new)");
    let batches = r.batches(100);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&r.data(&batches[0])).unwrap();
    assert_eq!(rows.len(), 5);
    assert_eq!(
        rows[0],
        serde_json::json!({"record": "001", "redcap_event_name": "week_12_arm_1", "field_name": "weight", "value": "70.5"})
    );
}

#[test]
fn every_finding_has_the_line_of_its_value() {
    let text = "record,redcap_event_name,field_name,value\n001,screening_arm_1,sex,1\n001,screening_arm_1,zip,98105.0\n001,screening_arm_1,bogus,x\n001,week_9_arm_1,weight,70\n002,screening_arm_1,sex,Female\n002,screening_arm_1,sex,2\n003,screening_arm_1,study_id,004\n001,screening_arm_1,mrn,7,8\n";
    let r = laid(text, &Settings::default());
    let found = tags(&r);
    for expected in [
        "format line 3, zip",
        "column column bogus",
        "event line 5, redcap_event_name",
        "code line 6, sex",
        "rows-conflict line 6, sex",
        "rows-conflict the file",
        "ragged the file",
    ] {
        assert!(found.iter().any(|t| t == expected), "{expected}: {found:#?}");
    }
    let told = |words: &str| r.findings.iter().any(|f| r.sentence(f, false).contains(words));
    assert!(
        told("Lines 6 and 7 give it different values") && told("Line 8: the value of study_id is another")
    );
    assert!(told("Line 9: it has 5 cells, the header 4."));
}

#[test]
fn what_the_file_does_not_name_is_never_erased() {
    // Two places of the same instrument, each naming another field; one blank is written down.
    let text =
        "record,redcap_event_name,field_name,value\n001,baseline_arm_1,weight,\n001,week_4_arm_1,sbp,121\n";
    let settings = Settings { overwrite: true, ..Settings::default() };
    let r = laid(text, &settings);
    assert_eq!(r.count(Cell::Erased), 1, "{:?}", r.summary());
    let all = Batch { records: vec!["001".into()], rows: vec![0, 1] };
    let rows: Vec<serde_json::Value> = serde_json::from_str(&r.data(&all)).unwrap();
    let named: Vec<&str> = rows.iter().map(|row| row["field_name"].as_str().unwrap()).collect();
    assert_eq!(named, ["weight", "sbp"]);
    // Without overwriting the blank changes nothing and is not sent.
    let r = laid(text, &Settings::default());
    assert_eq!((r.count(Cell::Kept), r.count(Cell::Erased)), (1, 0));
}

#[test]
fn boxes_of_an_export_and_new_instances_are_explained() {
    let text =
        "record,redcap_event_name,field_name,value\n001,screening_arm_1,race,1\n001,screening_arm_1,race,3\n";
    let r = laid(text, &Settings::default());
    assert!(!r.may_be_sent());
    let fix = r.whys.iter().find_map(|w| w.fix.clone()).unwrap();
    assert_eq!(fix, Fix::ExportedBoxes);
    let r = laid(text, &Settings { fixes: [fix].into(), ..Settings::default() });
    assert!(r.may_be_sent(), "{:?}", tags(&r));
    assert!(r.data(&r.batches(9)[0]).contains("\"field_name\":\"race___3\",\"value\":\"1\""));
    // The number of an instance can be left to REDCap in flat files only.
    let text = "record,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,field_name,value\n001,ongoing_arm_1,ae_log,new,ae_term,Cough\n";
    let r = laid(text, &Settings::default());
    assert!(tags(&r).iter().any(|t| t.starts_with("bad-instance line 2")), "{:?}", tags(&r));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_sends_one_value_a_row_and_proves_it() {
    let desk = Desk::new().await;
    desk.file(GOOD);
    let (code, said) = desk.run(&[]).await;
    assert_eq!(code, 0, "{said}");
    assert!(
        said.starts_with("Result: verified") && said.contains("Cells sent: 5, stored equal: 5"),
        "{said}"
    );
    let body = String::from_utf8(desk.imports()[0].to_vec()).unwrap();
    assert!(body.contains("type=eav"), "{body}");
    let stored = desk.stored(&["study_id", "weight", "sbp"]).await;
    assert!(stored.contains("001,week_12_arm_1,,,70.5,120"), "{stored}");
    assert!(stored.contains("003,week_4_arm_1,,,64,118"), "{stored}");

    let json = r#"[{"record":"002","redcap_event_name":"week_4_arm_1","field_name":"weight","value":"81"}]"#;
    desk.file(json);
    let (code, said) = desk.run(&[]).await;
    assert_eq!(code, 0, "{said}");
    assert!(desk.stored(&["study_id", "weight"]).await.contains("002,week_4_arm_1,,,81"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_tells_which_record_became_which() {
    let desk = Desk::new().await;
    desk.file("study_id,redcap_event_name,weight\na,baseline_arm_1,61.5\na,week_4_arm_1,60\nb,baseline_arm_1,62.5\n");
    let (code, said) = desk.run(&["--auto-number", "--json"]).await;
    assert_eq!(code, 0, "{said}");
    let start = said.find("\n{").map_or(0, |at| at);
    let json: serde_json::Value =
        serde_json::Deserializer::from_str(&said[start..]).into_iter().next().unwrap().unwrap();
    let names = json["names"].as_array().unwrap();
    assert_eq!(names.len(), 2, "{json}");
    let new = names.iter().find(|n| n["given"] == "a").unwrap()["new"].as_str().unwrap().to_owned();
    assert!(json["lines"].to_string().contains(&format!("a became {new}")), "{json}");
    let stored = desk.stored(&["study_id", "weight"]).await;
    assert!(stored.contains(&format!("{new},baseline_arm_1,,,61.5")), "{stored}");
    assert!(stored.contains(&format!("{new},week_4_arm_1,,,60")), "{stored}");
    assert!(!stored.contains("\na,"), "{stored}");
}
