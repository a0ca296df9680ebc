//! The calls that jobs make beside reading a project: importing records, downloading files, survey
//! links; and calls that need more of a project than one row of parameters tells.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod api_support;

use api_support::{Bench, request, text};
use capscope::api::catalogue::Action;
use capscope::api::client::{
    Api, DataFormat, ImportAnswer, LogQuery, RecordImport, RecordPlace, RecordQuery, ReturnContent,
};
use capscope::api::error::ErrorKind;
use std::sync::{Arc, Mutex};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

async fn value(api: &Api, record: &str, field: &str) -> String {
    let query = RecordQuery {
        records: names(&[record]),
        fields: names(&["study_id", field]),
        ..RecordQuery::default()
    };
    api.records(&query, &mut |_| {}).await.unwrap().get(0, field).to_owned()
}

#[tokio::test]
async fn records_are_written_renamed_and_deleted() {
    let bench = Bench::start().await;
    let api = bench.copy("BREATHE").await;
    let import = |data: &str, returns| RecordImport {
        data: data.to_owned(),
        format: DataFormat::Csv,
        returns,
        ..RecordImport::default()
    };
    let row = "study_id,redcap_event_name,sex\n099,screening_arm_1,1\n";
    let answer = api.import_records(&import(row, ReturnContent::Count)).await.unwrap();
    assert_eq!(answer, ImportAnswer::Count(1));
    assert_eq!(value(&api, "099", "sex").await, "1");
    let answer = api.import_records(&import(row, ReturnContent::Ids)).await.unwrap();
    assert_eq!(answer, ImportAnswer::Ids(names(&["099"])));
    let answer = api.import_records(&import(row, ReturnContent::Nothing)).await.unwrap();
    assert_eq!(answer, ImportAnswer::Nothing);
    let auto = RecordImport { auto_number: true, ..import(row, ReturnContent::AutoIds) };
    let ImportAnswer::AutoIds(pairs) = api.import_records(&auto).await.unwrap() else { panic!() };
    assert_eq!(pairs[0].1, "099");
    // A refusal names the record, the field, the value and the reason; nothing is written.
    let bad = "study_id,redcap_event_name,sex\n099,screening_arm_1,7\n";
    let error = api.import_records(&import(bad, ReturnContent::Count)).await.unwrap_err();
    assert!(error.server_text.contains("\"099\",\"sex\",\"7\""), "{}", error.server_text);
    assert_eq!(value(&api, "099", "sex").await, "1");
    text(&api, ("record", Action::Rename), &[("record", "099"), ("new_record_name", "200")]).await;
    assert_eq!(value(&api, "200", "sex").await, "1");
    let delete = request(("record", Action::Delete), &[("records[]", "200")]);
    assert_eq!(api.call(&delete).await.unwrap().text(), "1");
    assert_eq!(api.call(&delete).await.unwrap_err().status, Some(400));
    let log = api.log(LogQuery { logtype: "record_delete".into(), ..LogQuery::default() }).await.unwrap();
    assert!(log.iter().any(|l| l.action.contains("200")), "{log:?}");
}

#[tokio::test]
async fn randomizing_a_record() {
    let bench = Bench::start().await;
    let api = bench.original("ALBA");
    // Nobody is there to be randomized; the refusal names the record, so the right was not missing.
    let call = request(("record", Action::Randomize), &[("record", "nobody"), ("randomization_id", "1")]);
    let error = api.call(&call).await.unwrap_err();
    assert!(!matches!(error.kind, ErrorKind::NoRight { .. } | ErrorKind::NotSupported), "{error:?}");
    assert!(!error.server_text.is_empty());
}

/// Writes into memory, and begins anew when it is opened again.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn download(api: &Api, request: &capscope::api::request::Request) -> (Option<String>, Vec<u8>) {
    let memory = Memory::default();
    let reply = api
        .download(request, || {
            memory.0.lock().unwrap().clear();
            Ok(memory.clone())
        })
        .await
        .unwrap();
    let bytes = memory.0.lock().unwrap().clone();
    (reply.file_name(), bytes)
}

#[tokio::test]
async fn files_of_records_and_of_the_repository() {
    let bench = Bench::start().await;
    let api = bench.copy("ALBA").await;
    let dictionary = api.metadata().await.unwrap();
    let field = dictionary.field("lab_report").unwrap();
    let event = api.mapping().await.unwrap().into_iter().find(|m| m.form == field.form).unwrap().event;
    let id_field = dictionary.record_id_field().unwrap().name.clone();
    // A record of that event's arm.
    let query =
        RecordQuery { fields: vec![id_field.clone()], events: vec![event.clone()], ..RecordQuery::default() };
    let record = api.records(&query, &mut |_| {}).await.unwrap().get(0, &id_field).to_owned();
    let place = RecordPlace { record, name: field.name.clone(), event, repeat_instance: None };
    let at =
        [("record", place.record.as_str()), ("field", place.name.as_str()), ("event", place.event.as_str())];
    let upload = request(("file", Action::Import), &at).set_file("a b.txt", b"some bytes".to_vec());
    api.call(&upload).await.unwrap();
    let (name, bytes) = download(&api, &Api::file(&place).unwrap()).await;
    assert_eq!((name.as_deref(), bytes.as_slice()), (Some("a b.txt"), b"some bytes".as_slice()));
    api.call(&request(("file", Action::Delete), &at)).await.unwrap();
    let gone = api.call(&Api::file(&place).unwrap()).await.unwrap_err();
    assert_eq!(gone.status, Some(400));

    let made = text(&api, ("fileRepository", Action::CreateFolder), &[("name", "typed")]).await;
    let folder = number(&made, "folder_id");
    let inside = [("folder_id", folder.as_str())];
    let upload = request(("fileRepository", Action::Import), &inside).set_file("note.txt", b"hello".to_vec());
    api.call(&upload).await.unwrap();
    let entries = text(&api, ("fileRepository", Action::List), &inside).await;
    assert!(entries.contains("note.txt"), "{entries}");
    let doc = number(&entries, "doc_id");
    let note = [("doc_id", doc.as_str())];
    let (name, bytes) = download(&api, &request(("fileRepository", Action::Export), &note)).await;
    assert_eq!((name.as_deref(), bytes.as_slice()), (Some("note.txt"), b"hello".as_slice()));
    api.call(&request(("fileRepository", Action::Delete), &note)).await.unwrap();
    assert_eq!(text(&api, ("fileRepository", Action::List), &inside).await, "[]");
}

/// A number in the first row of an answer.
fn number(rows: &str, key: &str) -> String {
    let rows: serde_json::Value = serde_json::from_str(rows).unwrap();
    rows[0][key].as_u64().unwrap().to_string()
}

#[tokio::test]
async fn pdfs_reports_and_surveys() {
    let bench = Bench::start().await;
    let api = bench.original("BREATHE");
    let pdf = request(("pdf", Action::Export), &[("record", "001"), ("instrument", "demographics")]);
    let (name, bytes) = download(&api, &pdf).await;
    assert!(bytes.starts_with(b"%PDF") && bytes.len() > 500);
    assert!(name.unwrap().to_lowercase().ends_with(".pdf"));
    let place = RecordPlace {
        record: "001".into(),
        name: "phq9".into(),
        event: "baseline_arm_1".into(),
        repeat_instance: None,
    };
    assert!(api.survey_link(&place).await.unwrap().contains("/surveys/?s="));
    // Each of these is there or says in its own words why not.
    let queue = request(("surveyQueueLink", Action::Export), &[("record", "001")]);
    let queue = api.call(&queue).await.map(|reply| reply.text().into_owned());
    for result in [api.survey_return_code(&place).await, queue] {
        match result {
            Ok(text) => assert!(!text.is_empty()),
            Err(e) => assert!(e.status == Some(400) && !e.server_text.is_empty(), "{e:?}"),
        }
    }
    let report = |number| request(("report", Action::Export), &[("report_id", number)]);
    assert_eq!(api.call(&report("999")).await.unwrap_err().status, Some(403));
    let rows = bench.original("HEARTBEAT").call(&report("1")).await.unwrap();
    assert!(rows.text().starts_with("[{\""), "{}", rows.text());
}

#[tokio::test]
async fn a_user_in_two_groups_switches_between_them() {
    let bench = Bench::start().await;
    let nurse = bench.breathe("DAGA");
    let switch = |dag| request(("dag", Action::Switch), &[("dag", dag)]);
    // The switch is an import; this token may not, and is told so.
    match nurse.call(&switch("site_b")).await {
        Ok(_) => assert!(nurse.call(&switch("nothing")).await.is_err()),
        Err(e) => assert!(matches!(e.kind, ErrorKind::NoRight { .. } | ErrorKind::BadToken), "{e:?}"),
    }
}
