//! The demo server over HTTP, called with a raw client: headers, order of checks, rights, shapes.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::{DemoError, DemoOptions, DemoServer};
use demo_support::{Caller, client};
use std::collections::BTreeSet;

async fn server() -> DemoServer {
    let options = DemoOptions { registry_records: 40, ..DemoOptions::default() };
    DemoServer::start(options).await.unwrap()
}

/// The token of BREATHE whose note starts with this word.
fn breathe(server: &DemoServer, word: &str) -> Caller {
    let project = server.projects().iter().find(|p| p.project_id == 101).unwrap();
    let token = project.tokens.iter().find(|t| t.note.starts_with(&format!("{word}:"))).unwrap();
    Caller::new(server, &token.token)
}

fn header_of(csv: &str) -> BTreeSet<&str> {
    csv.lines().next().unwrap().split(',').collect()
}

#[tokio::test]
async fn the_ready_line_tells_a_program_everything() {
    let server = server().await;
    let line = server.ready_line();
    assert!(!line.contains('\n'));
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["url"].as_str().unwrap(), server.url());
    assert!(server.url().starts_with("http://127.0.0.1:") && server.url().ends_with("/api/"));
    assert_eq!(value["super_token"].as_str().unwrap().len(), 64);
    assert_eq!(value["projects"][0]["project_id"], 101);
    for project in server.projects() {
        for token in &project.tokens {
            assert_eq!(token.token.len(), 32, "{}", token.note);
        }
    }
}

#[tokio::test]
async fn only_loopback_is_served_and_dropping_stops() {
    let open = DemoOptions { addr: ([0, 0, 0, 0], 0).into(), ..DemoOptions::default() };
    assert!(matches!(DemoServer::start(open).await, Err(DemoError::NotLoopback(_))));
    let server = server().await;
    let url = server.url().to_owned();
    drop(server);
    // The task ends at its next step.
    for _ in 0..100 {
        if client().post(&url).send().await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("still serving");
}

#[tokio::test]
async fn pages_redirects_and_headers() {
    let server = server().await;
    let base = server.url().trim_end_matches("api/").to_owned();
    for (path, status, location) in [
        ("api", 301, Some("/api/")),
        ("redcap/api", 301, Some("/redcap/api/")),
        ("api/", 200, None),
        ("api/help/", 200, None),
        ("nothing/", 404, None),
    ] {
        let response = client().get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let found = response.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(found.as_deref(), location, "{path}");
    }
    let response = breathe(&server, "FULL").send("content=instrument&format=json").await;
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("expires", "0"),
        ("cache-control", "no-store, no-cache, must-revalidate"),
        ("pragma", "no-cache"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(response.headers().get(name).unwrap(), value, "{name}");
    }
    assert!(response.headers().contains_key("redcap-random-text"));
}

#[tokio::test]
async fn the_checks_come_in_redcaps_order() {
    let server = server().await;
    for (token, body, status, words) in [
        // Content before token, token before everything else.
        ("BAD", "content=nonsense", 400, "The value of the parameter \"content\" is not valid"),
        ("BAD", "content=arm&format=nonsense", 403, "You do not have permissions to use the API"),
        ("NOAPI", "content=version", 403, "You do not have permissions to use the API"),
        // The gate before the second right, before parameters and before the payload.
        ("IMPONLY", "content=version", 403, "You do not have API Export privileges"),
        ("COORD", "content=record&data=nonsense", 403, "You do not have API Import/Update privileges"),
        (
            "COORD",
            "content=record&action=delete&records[0]=x",
            403,
            "You do not have Delete Record privileges",
        ),
        (
            "COORD",
            "content=user&format=nonsense",
            400,
            "Insufficient user privileges: You must have 'API Export' privileges and 'User Rights' privileges in the project.",
        ),
        (
            "COORD",
            "content=dag",
            400,
            "Insufficient user privileges: You must have 'API Export' privileges and 'Data Access Groups' privileges in the project.",
        ),
        ("FULL", "content=record&format=nonsense", 400, "The value of the parameter \"format\" is not valid"),
        (
            "FULL",
            "content=record&fields[0]=x&fields[1]=age",
            400,
            "The following values in the parameter \"fields\" are not valid: 'x', 'age'",
        ),
        (
            "FULL",
            "content=record&fields[0]=redcap_event_name",
            400,
            "The following values in the parameter \"fields\" are not valid: 'redcap_event_name'",
        ),
        ("FULL", "content=record&filterLogic=[nothing]", 400, "The filterLogic is not valid: "),
        (
            "FULL",
            "content=report&report_id=99",
            403,
            "The API request cannot complete because report_id=99 does not belong to this project.",
        ),
        (
            "FULL",
            "content=file&action=export&record=001&field=sex",
            400,
            "The field 'sex' does not exist or is not a 'file' field",
        ),
        ("FULL", "content=record&action=delete&records[0]=77", 400, "The following records do not exist: 77"),
        ("FULL", "content=record&action=fly", 501, "The requested method is not implemented."),
    ] {
        let (found, text) = breathe(&server, token).call(&format!("{body}&returnFormat=json")).await;
        let error: serde_json::Value = serde_json::from_str(&text).unwrap();
        let message = error["error"].as_str().unwrap();
        assert_eq!(found, status, "{token} {body}: {message}");
        assert!(message.contains(words), "{token} {body}: {message}");
    }
}

#[tokio::test]
async fn errors_follow_the_return_format() {
    let server = server().await;
    let bad = breathe(&server, "BAD");
    for (body, text) in [
        (
            "content=version",
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><hash><error>You do not have permissions to use the API</error></hash>",
        ),
        ("content=version&format=csv", "ERROR: You do not have permissions to use the API"),
        (
            "content=version&format=csv&returnFormat=json",
            "{\"error\":\"You do not have permissions to use the API\"}",
        ),
    ] {
        assert_eq!(bad.call(body).await, (403, text.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn breathe_is_the_fixture() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    let metadata = full.json("content=metadata").await;
    assert_eq!(metadata.as_array().unwrap().len(), 31);
    let info = full.json("content=project").await;
    for (key, value) in [
        ("project_id", serde_json::json!(101)),
        ("in_production", serde_json::json!(1)),
        ("record_autonumbering_enabled", serde_json::json!(0)),
        ("custom_record_label", serde_json::json!("[last_name], [first_name]")),
        ("secondary_unique_field", serde_json::json!("mrn")),
        ("missing_data_codes", serde_json::json!("UNK, Unknown | NASK, Not asked")),
        ("has_repeating_instruments_or_events", serde_json::json!(1)),
    ] {
        assert_eq!(info[key], value, "{key}");
    }
    let statuses = full
        .text("content=record&format=csv&fields[]=study_id&fields[]=visit_complete&fields[]=demographics_complete&fields[]=ae_log_complete&exportBlankForGrayFormStatus=true")
        .await;
    assert_eq!(
        statuses,
        "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,demographics_complete,visit_complete,ae_log_complete\n\
         001,screening_arm_1,,,2,,\n001,baseline_arm_1,,,,2,\n001,week_4_arm_1,,,,2,\n001,week_12_arm_1,,,,1,\n\
         001,unscheduled_arm_1,,1,,2,\n001,unscheduled_arm_1,,2,,1,\n001,ongoing_arm_1,ae_log,1,,,2\n001,ongoing_arm_1,ae_log,2,,,1\n\
         002,screening_arm_1,,,2,,\n002,baseline_arm_1,,,,2,\n002,week_4_arm_1,,,,0,\n\
         003,screening_arm_1,,,2,,\n003,baseline_arm_1,,,,2,\n003,ongoing_arm_1,ae_log,2,,,2\n\
         004,screening_arm_1,,,2,,\n004,baseline_arm_1,,,,,\n005,screening_arm_1,,,1,,\n010,screening_arm_1,,,0,,\n"
    );
    let row = full.json("content=record&records[0]=001&events[0]=week_12_arm_1&fields[0]=study_id&fields[1]=weight&fields[2]=sbp").await;
    assert_eq!((row[0]["weight"].as_str(), row[0]["sbp"].as_str()), (Some("71"), Some("120")));
    let repeating = full.text("content=repeatingFormsEvents&format=csv").await;
    assert_eq!(
        repeating,
        "event_name,form_name,custom_form_label\nunscheduled_arm_1,,\nongoing_arm_1,ae_log,[ae_term]\n"
    );
    let mapping = full.text("content=formEventMapping&format=csv").await;
    assert_eq!(
        mapping,
        "arm_num,unique_event_name,form\n1,screening_arm_1,demographics\n1,baseline_arm_1,visit\n1,baseline_arm_1,phq9\n1,baseline_arm_1,moca\n\
         1,week_4_arm_1,visit\n1,week_4_arm_1,phq9\n1,week_12_arm_1,visit\n1,week_12_arm_1,phq9\n1,unscheduled_arm_1,visit\n1,ongoing_arm_1,ae_log"
    );
}

#[tokio::test]
async fn export_rights_cut_columns_without_a_word() {
    let server = server().await;
    let everything = breathe(&server, "FULL").text("content=record&format=csv").await;
    let everything = header_of(&everything);
    for (token, missing) in [
        ("COORD", vec![]),
        ("NOID", vec!["dob", "first_name", "last_name", "mrn"]),
        (
            "DEID",
            vec![
                "ae_start",
                "ae_term",
                "consent_date",
                "dob",
                "first_name",
                "last_name",
                "mrn",
                "notes_free",
                "visit_date",
            ],
        ),
        (
            "NOPHQ",
            vec![
                "phq1",
                "phq2",
                "phq3",
                "phq4",
                "phq5",
                "phq6",
                "phq7",
                "phq8",
                "phq9",
                "phq9_complete",
                "phq_total",
            ],
        ),
        ("DAGA", vec![]),
    ] {
        let csv = breathe(&server, token).text("content=record&format=csv").await;
        let gone: Vec<&str> = everything.difference(&header_of(&csv)).copied().collect();
        assert_eq!(gone, missing, "{token}");
        let dictionary = breathe(&server, token).json("content=metadata").await;
        assert_eq!(dictionary.as_array().unwrap().len(), 31, "{token}");
    }
    // A field on a form without access is silently absent, an unknown one is refused.
    let named = breathe(&server, "NOPHQ").text("content=record&format=csv&fields=study_id,phq1").await;
    assert!(
        named.starts_with("study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance\n")
    );
}

#[tokio::test]
async fn a_user_in_a_group_sees_the_group_only() {
    let server = server().await;
    let daga = breathe(&server, "DAGA");
    let csv = daga.text("content=record&format=csv&fields=study_id&exportDataAccessGroups=true").await;
    assert!(!csv.contains("redcap_data_access_group"));
    let names: BTreeSet<&str> = csv.lines().skip(1).filter_map(|l| l.split(',').next()).collect();
    assert_eq!(names, BTreeSet::from(["001", "002", "003"]));
    assert_eq!(daga.text("content=generateNextRecordName").await, "331-1");
    assert_eq!(daga.text("content=record&format=json&records[0]=004").await, "[]");
    assert_eq!(daga.text("content=record&format=csv&records[0]=004").await, "\n");
    let full = breathe(&server, "FULL");
    let csv = full
        .text("content=record&format=csv&fields=study_id&exportDataAccessGroups=TRUE&records=001,010")
        .await;
    assert!(
        csv.contains("001,screening_arm_1,,,site_a\n") && csv.contains("010,screening_arm_1,,,\n"),
        "{csv}"
    );
}

#[tokio::test]
async fn json_has_redcaps_types() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    let users = full.json("content=user").await;
    assert_eq!(users[0]["user_rights"], 1);
    assert_eq!(users[0]["forms"]["phq9"], 130);
    let nurse = users.as_array().unwrap().iter().find(|u| u["username"] == "nurse_a").unwrap();
    assert_eq!(
        (&nurse["data_access_group"], &nurse["data_access_group_id"]),
        (&"site_a".into(), &331.into())
    );
    // A user in a role is shown with the role's rights.
    let coord = users.as_array().unwrap().iter().find(|u| u["username"] == "coord1").unwrap();
    assert_eq!((&coord["logging"], &coord["design"]), (&1.into(), &0.into()));
    let roles = full.json("content=userRole").await;
    assert_eq!(roles[0]["logging"], "1");
    let events = full.json("content=event").await;
    assert!(events[0]["event_id"].is_u64() && events[0]["arm_num"].is_u64());
    let rows = full.json("content=record&records[0]=001&fields[0]=study_id&fields[1]=ae_term").await;
    let kinds: Vec<bool> =
        rows.as_array().unwrap().iter().map(|r| r["redcap_repeat_instance"].is_u64()).collect();
    assert_eq!(kinds, [false, false, false, false, true, true, true, true]);
    let log = full.json("content=log").await;
    let keys: Vec<&String> = log[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["timestamp", "username", "action", "details", "record"]);
}

#[tokio::test]
async fn labels_eav_xml_and_delimiters() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    let labels = full
        .text("content=record&format=csv&rawOrLabel=label&rawOrLabelHeaders=label&records[0]=001&events[0]=screening_arm_1&fields[0]=study_id&fields[1]=sex&fields[2]=race&fields[3]=mrn&fields[4]=demographics_complete")
        .await;
    assert_eq!(
        labels,
        "Study ID,Event Name,Repeat Instrument,Repeat Instance,Medical record number,Sex at birth,Race <i>(check all that apply)</i> (choice=None),Race <i>(check all that apply)</i> (choice=White),Race <i>(check all that apply)</i> (choice=Black),Race <i>(check all that apply)</i> (choice=Asian),Complete?\n\
         001,Screening,,,0012345,Female,Unchecked,Checked,Unchecked,Unchecked,Complete\n"
    );
    let eav = full.text("content=record&format=csv&type=eav&records[0]=003&events[0]=ongoing_arm_1").await;
    assert_eq!(
        eav,
        "record,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,field_name,value\n\
         003,ongoing_arm_1,ae_log,2,ae_term,Headache\n003,ongoing_arm_1,ae_log,2,ae_start,2026-02-09\n\
         003,ongoing_arm_1,ae_log,2,ae_grade,1\n003,ongoing_arm_1,ae_log,2,ae_ongoing,0\n003,ongoing_arm_1,ae_log,2,ae_log_complete,2\n"
    );
    let xml = full.text("content=record&records[0]=005&fields[0]=study_id&fields[1]=last_name").await;
    assert!(xml.starts_with(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><records><item><study_id><![CDATA[005]]></study_id>"
    ));
    let semicolons = full
        .text("content=record&format=csv&csvDelimiter=;&decimalCharacter=,&records[0]=001&events[0]=baseline_arm_1&fields[0]=study_id&fields[1]=weight")
        .await;
    assert!(semicolons.ends_with("001;baseline_arm_1;;;72,5\n"), "{semicolons}");
    let stamps = full
        .text("content=record&format=csv&exportSurveyFields=true&records[0]=001&events[0]=week_12_arm_1&fields[0]=study_id&forms[0]=phq9")
        .await;
    assert!(stamps.starts_with("study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,redcap_survey_identifier,phq9_timestamp,phq1,"));
    assert!(stamps.contains("\"[not completed]\""));
    let filtered =
        full.text("content=record&format=csv&fields=study_id&filterLogic=%5Bweight%5D%20%3E%2081").await;
    assert_eq!(filtered.lines().skip(1).collect::<Vec<_>>(), ["002,baseline_arm_1,,"]);
}

#[tokio::test]
async fn multipart_is_taken_everywhere() {
    let server = server().await;
    let project = server.projects().iter().find(|p| p.project_id == 101).unwrap();
    let form = reqwest::multipart::Form::new()
        .text("token", project.tokens[0].token.clone())
        .text("content", "record")
        .text("format", "csv")
        .text("fields[0]", "study_id")
        .text("records[0]", "010");
    let text = client().post(server.url()).multipart(form).send().await.unwrap().text().await.unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[tokio::test]
async fn exports_leave_lines_in_the_log() {
    let server = server().await;
    let coord = breathe(&server, "COORD");
    coord.text("content=instrument&format=csv").await;
    coord.text("content=record&format=csv").await;
    let log = coord.json("content=log&user=coord1").await;
    let first: Vec<(&str, &str)> = log
        .as_array()
        .unwrap()
        .iter()
        .take(2)
        .map(|l| (l["action"].as_str().unwrap(), l["details"].as_str().unwrap()))
        .collect();
    assert_eq!(
        first,
        [
            ("Data Export (API) ", "export_format: CSV, rawOrLabel: raw"),
            ("Manage/Design ", "Export instruments (API)")
        ]
    );
    let deleted = coord.json("content=log&logtype=record_delete").await;
    assert_eq!(deleted[0]["action"], "Delete record 009");
    assert_eq!(coord.text("content=log&format=json&beginTime=2099-01-01%2000:00").await, "[]");
    assert!(!coord.text("content=log&format=csv").await.contains("Page View"));
}

#[tokio::test]
async fn records_are_deleted_whole_or_in_part() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    let refused = full.call("content=record&action=delete&records=010&returnFormat=csv").await;
    assert!(refused.1.contains("It must be passed as an array"), "{refused:?}");
    assert_eq!(full.text("content=record&action=delete&records[0]=010").await, "1");
    assert_eq!(full.text("content=record&format=json&records[0]=010").await, "[]");
    full.text("content=record&action=delete&records[0]=001&event=unscheduled_arm_1&instrument=visit&repeat_instance=2").await;
    let rows = full
        .text("content=record&format=csv&fields=study_id&records[0]=001&events[0]=unscheduled_arm_1")
        .await;
    assert_eq!(rows.lines().skip(1).collect::<Vec<_>>(), ["001,unscheduled_arm_1,,1"]);
}

#[tokio::test]
async fn the_super_token_creates_projects() {
    let server = server().await;
    let supper = Caller::new(&server, server.super_token());
    assert_eq!(supper.call("content=record&format=csv").await.0, 403);
    assert!(supper.text("content=version").await.contains('.'));
    let refused = supper
        .call(
            "content=project&format=json&data=%5B%7B%22project_title%22%3A%22x%22%2C%22purpose%22%3A1%7D%5D",
        )
        .await;
    assert_eq!(
        refused,
        (400, "{\"error\":\"You must provide some text for 'purpose_other' since you specified 'purpose' as '1' (Other).\"}".into())
    );
    assert_eq!(
        supper.call("content=project&format=json&data=nonsense").await,
        (400, "{\"error\":\"The data is not in the specified format.\"}".into())
    );
    for (format, data) in [
        ("json", "%5B%7B%22project_title%22%3A%22New%22%2C%22purpose%22%3A0%7D%5D"),
        ("csv", "project_title,purpose%0ANew,0%0A"),
        (
            "xml",
            "%3Cp%3E%3Citem%3E%3Cproject_title%3ENew%3C/project_title%3E%3Cpurpose%3E0%3C/purpose%3E%3C/item%3E%3C/p%3E",
        ),
    ] {
        let token = supper.text(&format!("content=project&format={format}&data={data}")).await;
        assert_eq!(token.len(), 32, "{format}: {token}");
        let info = Caller::new(&server, &token).json("content=project").await;
        assert_eq!(info["project_title"], "New", "{format}");
    }
}

#[tokio::test]
async fn a_project_survives_the_way_through_xml() {
    let server = server().await;
    let supper = Caller::new(&server, server.super_token());
    for project in server.projects().iter().take(3) {
        let admin = Caller::new(&server, &project.tokens[0].token);
        let xml = admin
            .text("content=project_xml&exportDataAccessGroups=true&exportSurveyFields=true&exportFiles=true")
            .await;
        let form: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("content", "project")
            .append_pair("format", "json")
            .append_pair("data", "[{\"project_title\":\"copy\",\"purpose\":0}]")
            .append_pair("odm", &xml)
            .finish();
        let copy = Caller::new(&server, &supper.text(&form).await);
        let export = "content=record&format=csv&exportDataAccessGroups=true&exportSurveyFields=true&exportBlankForGrayFormStatus=true";
        assert_eq!(admin.text(export).await, copy.text(export).await, "{}", project.title);
        let metadata = "content=metadata&format=csv";
        let same_bars =
            |text: String| text.replace(" | ", "|").replace("\"select code, name from sites\"", "");
        assert_eq!(
            same_bars(admin.text(metadata).await),
            same_bars(copy.text(metadata).await),
            "{}",
            project.title
        );
    }
}

#[tokio::test]
async fn the_registry_is_wide_mostly_blank_and_repeatable() {
    let options = || DemoOptions { registry_records: 150, ..DemoOptions::default() };
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let server = DemoServer::start(options()).await.unwrap();
        let project = server.projects().iter().find(|p| p.project_id == 104).unwrap();
        let admin = Caller::new(&server, &project.tokens[0].token);
        bodies.push(admin.text("content=record&format=csv&fields=registry_id,sex,country").await);
        let csv = admin.text("content=record&format=csv").await;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let width = reader.headers().unwrap().len();
        assert!(width > 300, "{width}");
        let (mut cells, mut blank, mut names) = (0, 0, BTreeSet::new());
        for row in reader.records() {
            let row = row.unwrap();
            names.insert(row[0].to_owned());
            cells += row.len();
            blank += row.iter().filter(|c| c.is_empty()).count();
        }
        assert_eq!(names.len(), 150);
        let share = blank * 100 / cells;
        assert!((65..90).contains(&share), "{share} % blank");
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn surveys_and_the_file_repository() {
    let server = server().await;
    let full = breathe(&server, "FULL");
    let place = "record=002&instrument=phq9&event=week_4_arm_1";
    let link = full.text(&format!("content=surveyLink&{place}")).await;
    assert!(link.starts_with("https://redcap.example.org/surveys/?s="), "{link}");
    assert_eq!(full.text(&format!("content=surveyReturnCode&{place}")).await.len(), 8);
    assert_eq!(full.text(&format!("content=surveyAccessCode&{place}")).await.len(), 9);
    assert!(full.text("content=surveyQueueLink&record=002").await.contains("?sq="));
    let participants = full.json("content=participantList&instrument=phq9&event=week_12_arm_1").await;
    assert_eq!(participants[0]["response_status"], 1);
    for (body, words) in [
        (
            "content=surveyLink&record=-1&instrument=phq9&event=week_4_arm_1",
            "The record \"-1\" does not exist",
        ),
        ("content=surveyLink&record=002&instrument=visit&event=week_4_arm_1", "not enabled as a survey"),
        ("content=surveyLink&record=002&instrument=phq9", "The required parameter \"event\" is missing"),
        (
            "content=fileRepository&action=list&folder_id=99",
            "The File Repository folder folder_id=99 does not exist",
        ),
    ] {
        let (status, text) = full.call(&format!("{body}&returnFormat=csv")).await;
        assert_eq!(status, 400, "{text}");
        assert!(text.contains(words), "{text}");
    }
    let coord = breathe(&server, "COORD").call(&format!("content=surveyLink&{place}&returnFormat=csv")).await;
    assert!(coord.0 == 400 && coord.1.contains("'Survey Distribution Tools' privileges"), "{coord:?}");
    assert_eq!(
        full.text("content=fileRepository&action=list&format=json").await,
        r#"[{"folder_id":45,"name":"Protocols"},{"folder_id":46,"name":"Site A only","dag":"site_a"},{"doc_id":201,"name":"read me first.txt"}]"#
    );
    assert_eq!(
        full.text("content=fileRepository&action=list&format=csv&folder_id=45").await,
        "folder_id,doc_id,name,role,dag\n47,,Superseded,,\n,202,protocol-v3.txt,,\n"
    );
    let file = full.send("content=fileRepository&action=export&doc_id=202").await;
    assert_eq!(file.headers()["content-type"], "text/plain; name=\"protocol-v3.txt\";charset=UTF-8");
}
