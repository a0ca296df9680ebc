//! The typed writes and the remaining typed reads: each changes the demo server's project, and
//! the next read shows the change.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use capscope::api::client::{
    Api, DataFormat, ImportAnswer, LogQuery, PdfQuery, RecordDelete, RecordImport, RecordPlace, RecordQuery,
    ReturnContent, Server, ServerSettings, silent,
};
use capscope::api::error::ErrorKind;
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::domain::dictionary::{Dictionary, Field};
use capscope::domain::event::{Arm, Event, Mapping, Repeating};
use capscope::domain::rights::{Dag, DagAssignment, Role, RoleAssignment, User};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

struct Bench {
    server: DemoServer,
    client: Arc<Server>,
}

impl Bench {
    async fn start() -> Self {
        let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
        let server = DemoServer::start(options).await.unwrap();
        let settings = ServerSettings { paced: false, ..ServerSettings::default() };
        let client = Server::new(ApiUrl::parse(server.url()).unwrap(), settings, silent());
        Self { server, client }
    }

    fn api(&self, token: &str) -> Api {
        Api::new(self.client.clone(), Token::parse(token).unwrap())
    }

    /// The first token of the project whose title begins with this.
    fn original(&self, title: &str) -> Api {
        let project = self.server.projects().iter().find(|p| p.title.starts_with(title)).unwrap();
        self.api(&project.tokens[0].token)
    }

    /// A copy of that project in development, with its data and all rights.
    async fn copy(&self, title: &str) -> Api {
        let odm = self.original(title).project_xml(false).await.unwrap();
        let settings = text_map(&[("project_title", "Copy"), ("purpose", "0")]);
        let maker = self.api(self.server.super_token());
        let token = maker.create_project(&settings, Some(&odm)).await.unwrap();
        Api::new(self.client.clone(), token)
    }
}

fn text_map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[tokio::test]
async fn arms_events_mapping_and_repeats() {
    let bench = Bench::start().await;
    let api = bench.copy("BREATHE").await;
    assert_eq!(api.import_arms(&[Arm { num: 2, name: "Two".into() }], false).await.unwrap(), 1);
    let event = Event { name: "Start".into(), arm_num: 2, ..Event::default() };
    assert_eq!(api.import_events(&[event], false).await.unwrap(), 1);
    assert_eq!(api.arms().await.unwrap().len(), 2);
    assert!(api.events().await.unwrap().iter().any(|e| e.unique_name == "start_arm_2"));
    let mut mapping = api.mapping().await.unwrap();
    mapping.push(Mapping { arm_num: 2, event: "start_arm_2".into(), form: "visit".into() });
    assert_eq!(api.import_mapping(&mapping).await.unwrap(), mapping.len() as u64);
    assert_eq!(api.mapping().await.unwrap().len(), mapping.len());
    let repeating =
        [Repeating { event: "start_arm_2".into(), form: "visit".into(), custom_label: String::new() }];
    assert_eq!(api.import_repeating(&repeating).await.unwrap(), 1);
    assert_eq!(api.repeating().await.unwrap(), repeating);
    assert_eq!(api.import_repeating(&[]).await.unwrap(), 0);
    assert_eq!(api.delete_events(&names(&["start_arm_2"])).await.unwrap(), 1);
    assert_eq!(api.delete_arms(&[2]).await.unwrap(), 1);
    assert_eq!(api.arms().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_dictionary_is_replaced_as_a_whole() {
    let bench = Bench::start().await;
    let api = bench.copy("BREATHE").await;
    let before = api.metadata().await.unwrap();
    let mut fields: Vec<Field> = before.fields().to_vec();
    fields.push(Field { label: "New".into(), ..Field::new("new_field", "moca") });
    let n = fields.len() as u64;
    assert_eq!(api.import_metadata(&Dictionary::new(fields)).await.unwrap(), n);
    assert_eq!(api.metadata().await.unwrap().field("new_field").unwrap().label, "New");
    assert_eq!(api.import_metadata(&before).await.unwrap(), n - 1);
    assert!(api.metadata().await.unwrap().field("new_field").is_none());
}

#[tokio::test]
async fn users_roles_and_groups() {
    let bench = Bench::start().await;
    let api = bench.copy("BREATHE").await;
    let user = User { username: "typed".into(), ..User::default() };
    assert_eq!(api.import_users(&[user]).await.unwrap(), 1);
    let role = Role { label: "Typed".into(), ..Role::default() };
    assert_eq!(api.import_roles(&[role]).await.unwrap(), 1);
    let role = api.roles().await.unwrap().into_iter().find(|r| r.label == "Typed").unwrap().unique_name;
    let assignment = RoleAssignment { username: "typed".into(), role: role.clone() };
    assert_eq!(api.import_role_assignments(std::slice::from_ref(&assignment)).await.unwrap(), 1);
    assert!(api.role_assignments().await.unwrap().contains(&assignment));
    let dag = Dag { name: "New DAG".into(), ..Dag::default() };
    assert_eq!(api.import_dags(&[dag]).await.unwrap(), 1);
    let assignment = DagAssignment { username: "typed".into(), dag: "new_dag".into() };
    assert_eq!(api.import_dag_assignments(std::slice::from_ref(&assignment)).await.unwrap(), 1);
    assert!(api.dag_assignments().await.unwrap().contains(&assignment));
    assert_eq!(api.delete_roles(&[role]).await.unwrap(), 1);
    assert_eq!(api.delete_users(&names(&["typed"])).await.unwrap(), 1);
    assert_eq!(api.delete_dags(&names(&["new_dag"])).await.unwrap(), 1);
    assert!(!api.users().await.unwrap().iter().any(|u| u.username == "typed"));
}

#[tokio::test]
async fn project_settings() {
    let bench = Bench::start().await;
    let api = bench.copy("BREATHE").await;
    api.import_settings(&text_map(&[("project_title", "Renamed"), ("project_irb_number", "77")]))
        .await
        .unwrap();
    let info = api.project_info().await.unwrap();
    assert_eq!((info.title.as_str(), info.irb_number.as_str()), ("Renamed", "77"));
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
    api.rename_record("099", "200", None).await.unwrap();
    assert_eq!(value(&api, "200", "sex").await, "1");
    let delete = RecordDelete { records: names(&["200"]), ..RecordDelete::default() };
    assert_eq!(api.delete_records(&delete).await.unwrap(), 1);
    assert_eq!(api.delete_records(&delete).await.unwrap_err().status, Some(400));
    let log = api.log(LogQuery { logtype: "record_delete".into(), ..LogQuery::default() }).await.unwrap();
    assert!(log.iter().any(|l| l.action.contains("200")), "{log:?}");
}

#[tokio::test]
async fn randomizing_a_record() {
    let bench = Bench::start().await;
    let api = bench.original("ALBA");
    // Nobody is there to be randomized; the refusal names the record, so the right was not missing.
    let error = api.randomize("nobody", 1).await.unwrap_err();
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
    api.import_file(&place, "a b.txt", b"some bytes".to_vec()).await.unwrap();
    let (name, bytes) = download(&api, &Api::file(&place).unwrap()).await;
    assert_eq!((name.as_deref(), bytes.as_slice()), (Some("a b.txt"), b"some bytes".as_slice()));
    api.delete_file(&place).await.unwrap();
    let gone = api.call(&Api::file(&place).unwrap()).await.unwrap_err();
    assert_eq!(gone.status, Some(400));

    let folder = api.create_folder("typed", None).await.unwrap();
    api.import_to_repository(Some(folder), "note.txt", b"hello".to_vec()).await.unwrap();
    let entries = api.repository(Some(folder)).await.unwrap();
    let doc = entries[0].doc_id.unwrap();
    assert_eq!(entries[0].name, "note.txt");
    let (name, bytes) = download(&api, &Api::repository_file(doc).unwrap()).await;
    assert_eq!((name.as_deref(), bytes.as_slice()), (Some("note.txt"), b"hello".as_slice()));
    api.delete_from_repository(doc).await.unwrap();
    assert!(api.repository(Some(folder)).await.unwrap().is_empty());
}

#[tokio::test]
async fn pdfs_reports_and_surveys() {
    let bench = Bench::start().await;
    let api = bench.original("BREATHE");
    let query = PdfQuery { record: "001".into(), instrument: "demographics".into(), ..PdfQuery::default() };
    let (name, bytes) = download(&api, &Api::pdf(&query).unwrap()).await;
    assert!(bytes.starts_with(b"%PDF") && bytes.len() > 500);
    assert!(name.unwrap().to_lowercase().ends_with(".pdf"));
    let place = RecordPlace {
        record: "001".into(),
        name: "phq9".into(),
        event: "baseline_arm_1".into(),
        repeat_instance: None,
    };
    assert!(api.survey_link(&place).await.unwrap().contains("/surveys/?s="));
    assert_eq!(api.survey_access_code(&place).await.unwrap().len(), 9);
    assert!(!api.participants("phq9", "baseline_arm_1").await.unwrap().is_empty());
    // Each of these is there or says in its own words why not.
    for result in [api.survey_return_code(&place).await, api.survey_queue_link("001").await] {
        match result {
            Ok(text) => assert!(!text.is_empty()),
            Err(e) => assert!(e.status == Some(400) && !e.server_text.is_empty(), "{e:?}"),
        }
    }
    let error = api.report(999).await.unwrap_err();
    assert_eq!(error.status, Some(403));
    let report = bench.original("HEARTBEAT").report(1).await;
    assert!(report.is_ok_and(|table| table.n_columns() > 0));
}

#[tokio::test]
async fn a_user_in_two_groups_switches_between_them() {
    let bench = Bench::start().await;
    let tokens = &bench.server.projects()[0].tokens;
    let nurse = bench.api(&tokens.iter().find(|t| t.note.starts_with("DAGA")).unwrap().token);
    // The switch is an import; this token may not, and is told so.
    match nurse.switch_dag("site_b").await {
        Ok(()) => assert!(nurse.switch_dag("nothing").await.is_err()),
        Err(e) => assert!(matches!(e.kind, ErrorKind::NoRight { .. } | ErrorKind::BadToken), "{e:?}"),
    }
}
