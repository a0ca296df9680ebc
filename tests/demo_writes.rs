//! The other writes of data over HTTP: rename, randomize, delete, files, dictionary; and that no
//! body at all makes the server stumble.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::behaviour::Behaviour;
use capscope::demo::{DemoOptions, DemoServer};
use demo_support::{Caller, caller, client, encoded, fixture, server, server_with};
use proptest::prelude::*;

/// Every call, its status and a part of its answer.
async fn expect(caller: &Caller, calls: &[(&str, u16, &str)]) {
    for (body, status, words) in calls {
        let (found, text) = caller.call(&format!("{body}&returnFormat=csv")).await;
        assert_eq!(found, *status, "{body}: {text}");
        if *status == 200 {
            assert_eq!(text, *words, "{body}");
        } else {
            assert!(text.contains(words), "{body}: {text}");
        }
    }
}

#[tokio::test]
async fn records_are_renamed() {
    let mut behaviour = Behaviour::default();
    behaviour.import.locked_records.push((101, "005".into()));
    let server = server_with(behaviour).await;
    let full = caller(&server, 101, "FULL");
    let rename = "content=record&action=rename";
    expect(
        &full,
        &[
            (&format!("{rename}&record=001&new_record_name=900"), 200, "1"),
            (&format!("{rename}&record=001&new_record_name=901"), 400, "The record \"001\" does not exist"),
            (&format!("{rename}&record=900&new_record_name=002"), 400, "The record \"002\" already exists"),
            (&format!("{rename}&record=900"), 400, "\"new_record_name\" is missing"),
            (&format!("{rename}&new_record_name=9"), 400, "\"record\" is missing"),
            (&format!("{rename}&record=900&new_record_name=%20"), 400, "\"new_record_name\" is not valid"),
            (&format!("{rename}&record=900&new_record_name=9&arm=7"), 400, "'7'"),
            (&format!("{rename}&record=900&new_record_name=950&arm=1"), 200, "1"),
            (&format!("{rename}&record=005&new_record_name=9"), 400, "This record has been locked"),
        ],
    )
    .await;
    let names = full.text("content=record&format=csv&fields=study_id").await;
    assert!(names.contains("950,screening_arm_1") && !names.contains("\n001,"), "{names}");
    let group =
        full.text("content=record&format=csv&records=950&fields=study_id&exportDataAccessGroups=1").await;
    assert!(group.contains("site_a"));
    let log = full.json("content=log&record=950").await;
    assert_eq!(log[0]["details"], "study_id = '950'");
    expect(
        &caller(&server, 101, "DAGA"),
        &[(
            &format!("{rename}&record=002&new_record_name=9"),
            403,
            "You do not have Rename Record privileges",
        )],
    )
    .await;
}

#[tokio::test]
async fn renaming_in_one_arm_leaves_the_other() {
    let server = server().await;
    let alba = caller(&server, 103, "all rights");
    let rows = "subject_id,redcap_event_name,initials\nTWO,baseline_arm_1,ABC\nTWO,baseline_arm_2,ABC";
    expect(
        &alba,
        &[
            (&format!("content=record&format=csv&data={}", encoded(rows)), 200, "1"),
            ("content=record&action=rename&record=TWO&new_record_name=ONE&arm=1", 200, "1"),
            ("content=record&format=csv&fields=subject_id&records=TWO,ONE", 200, "subject_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance\nONE,baseline_arm_1,,\nTWO,baseline_arm_2,,\n"),
            ("content=record&action=rename&record=TWO&new_record_name=X&arm=1", 400, "does not exist"),
            ("content=record&action=delete&records[]=TWO&arm=1", 400, "do not exist: TWO"),
            ("content=record&action=delete&records[]=TWO&arm=9", 400, "'9'"),
            ("content=record&action=delete&records[]=TWO&arm=2", 200, "1"),
            ("content=record&format=csv&fields=subject_id&records=TWO", 200, "\n"),
        ],
    )
    .await;
}

#[tokio::test]
async fn records_are_randomized_by_the_table() {
    let server = server().await;
    let alba = caller(&server, 103, "all rights");
    let rows = "subject_id,redcap_event_name,sex\nR1,baseline_arm_1,2\nR2,baseline_arm_1,\nR3,baseline_arm_1,2\nR4,baseline_arm_1,3";
    alba.text(&format!("content=record&format=csv&data={}", encoded(rows))).await;
    let randomize = "content=record&action=randomize&randomization_id=1";
    expect(
        &alba,
        &[
            (
                &format!("{randomize}&record=R1&format=json"),
                200,
                "{\"randomization_id\":1,\"record\":\"R1\",\"target_field\":\"B\"}",
            ),
            (
                &format!("{randomize}&record=R3&format=csv&returnAlt=true"),
                200,
                "randomization_id,record,target_field,target_field_alt\n1,R3,A,R-2002\n",
            ),
            (&format!("{randomize}&record=R1"), 400, "has already been randomized"),
            (&format!("{randomize}&record=R2"), 400, "these strata have no value: sex"),
            (&format!("{randomize}&record=R4"), 400, "no allocation left"),
            (&format!("{randomize}&record=nobody"), 400, "The record \"nobody\" does not exist"),
            (
                "content=record&action=randomize&record=R1&randomization_id=9",
                400,
                "\"randomization_id\" is not valid",
            ),
            ("content=record&action=randomize&record=R1", 400, "\"randomization_id\" is missing"),
            ("content=record&format=csv&records=R1&fields=arm_drug", 200, "arm_drug\nB\n"),
        ],
    )
    .await;
    let full = caller(&server, 101, "FULL");
    expect(&full, &[(&format!("{randomize}&record=001"), 400, "Randomization is not enabled")]).await;
    let daga = caller(&server, 101, "DAGA");
    expect(&daga, &[(&format!("{randomize}&record=001"), 403, "You do not have Randomize privileges")]).await;
}

/// A server with a project that has a file field, and a caller with all rights.
async fn with_files() -> (DemoServer, Caller, String) {
    let options =
        DemoOptions { builtin: false, load: vec![fixture("odm_classic.xml")], ..DemoOptions::default() };
    let server = DemoServer::start(options).await.unwrap();
    let token = server.projects()[0].tokens[0].token.clone();
    let caller = Caller::new(&server, &token);
    (server, caller, token)
}

async fn upload(
    server: &DemoServer,
    token: &str,
    fields: &[(&str, &str)],
    bytes: &[u8],
    name: &str,
) -> (u16, String) {
    let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let mut form = reqwest::multipart::Form::new()
        .text("token", token.to_owned())
        .text("content", "file")
        .text("action", "import")
        .text("returnFormat", "csv");
    for (key, value) in fields {
        form = form.text((*key).to_owned(), (*value).to_owned());
    }
    let response = client().post(server.url()).multipart(form.part("file", part)).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn files_are_stored_replaced_sent_and_deleted() {
    let (server, admin, token) = with_files().await;
    let place = [("record", "2"), ("field", "photo")];
    let get = "content=file&action=export&record=2&field=photo";
    for (bytes, name) in [(&b"first"[..], "a.txt"), (&[0, 159, 146, 150][..], "C:\\pictures\\b \"x\".png")] {
        assert_eq!(upload(&server, &token, &place, bytes, name).await, (200, String::new()));
        let response = admin.send(get).await;
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        let short = name.rsplit('\\').next().unwrap().replace('"', "");
        assert!(kind.contains(&format!("name=\"{short}\"")), "{kind}");
        assert_eq!(response.bytes().await.unwrap(), bytes);
    }
    let log = admin.json("content=log&record=2").await;
    assert!(log[0]["details"].as_str().unwrap().starts_with("photo = '"), "{log}");
    // A record import leaves files alone.
    admin.text(&format!("content=record&format=csv&data={}", encoded("plot_id,photo\n2,other.png"))).await;
    assert!(admin.text("content=record&format=csv&records=2&fields=photo").await.contains('b'));
    expect(
        &admin,
        &[
            ("content=file&action=delete&record=2&field=photo", 200, ""),
            (get, 400, "There is no file"),
            ("content=file&action=delete&record=2&field=photo", 400, "There is no file"),
            ("content=file&action=delete&record=none&field=photo", 400, "The record \"none\" does not exist"),
            (
                "content=file&action=delete&record=2&field=soil",
                400,
                "The field 'soil' does not exist or is not a 'file' field",
            ),
            ("content=file&action=delete&record=2&field=photo&repeat_instance=x", 400, "repeat_instance"),
            ("content=file&action=import&record=2&field=photo", 400, "\"file\" is missing"),
            ("content=file&action=import&record=2&field=photo&file=text", 400, "\"file\" is missing"),
        ],
    )
    .await;
    for (fields, words) in [
        ([("record", "none"), ("field", "photo")], "The record \"none\" does not exist"),
        ([("record", "2"), ("field", "nope")], "The field 'nope' does not exist or is not a 'file' field"),
    ] {
        let (status, text) = upload(&server, &token, &fields, b"x", "x").await;
        assert!(status == 400 && text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn records_are_deleted_in_all_forms() {
    let mut behaviour = Behaviour::default();
    behaviour.import.locked_records.push((101, "005".into()));
    let server = server_with(behaviour).await;
    let full = caller(&server, 101, "FULL");
    let delete = "content=record&action=delete";
    let ids = "content=record&format=csv&fields=study_id&records=001";
    expect(
        &full,
        &[
            (&format!("{delete}&records=001"), 400, "It must be passed as an array"),
            (&format!("{delete}&records[0]=77&records[1]=001&records[2]=78"), 400, "The following records do not exist: 77, 78"),
            (&format!("{delete}&records[0]=001&instrument=visit"), 400, "\"event\" is missing"),
            (&format!("{delete}&records[0]=001&instrument=nope"), 400, "'nope'"),
            (&format!("{delete}&records[0]=001&event=nope"), 400, "'nope'"),
            (&format!("{delete}&records[0]=001&event=ongoing_arm_1&repeat_instance=0"), 400, "repeat_instance"),
            (&format!("{delete}&records[0]=005"), 400, "This record has been locked"),
            (&format!("{delete}&records[0]=001&event=ongoing_arm_1&instrument=ae_log&repeat_instance=1"), 200, "1"),
            (&format!("{delete}&records[0]=001&event=unscheduled_arm_1"), 200, "1"),
            (&format!("{delete}&records[0]=001&event=baseline_arm_1&instrument=phq9"), 200, "1"),
            (ids, 200, "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance\n001,screening_arm_1,,\n001,baseline_arm_1,,\n001,week_4_arm_1,,\n001,week_12_arm_1,,\n001,ongoing_arm_1,ae_log,2\n"),
            ("content=record&format=csv&records=001&events=baseline_arm_1&fields=weight,phq1", 200, "weight,phq1\n72.5,\n"),
            (&format!("{delete}&records[0]=001&records[1]=002&records[2]=001"), 200, "2"),
            (ids, 200, "\n"),
        ],
    )
    .await;
    let log = full.json("content=log&record=001").await;
    let actions: Vec<&str> =
        log.as_array().unwrap().iter().take(2).map(|l| l["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["Delete record 001", "Update record 001"]);
}

const HEADER: &str = "field_name,form_name,field_type,field_label,select_choices_or_calculations";

/// An empty project with all rights for the caller.
async fn new_project(server: &DemoServer) -> Caller {
    let creator = Caller::new(server, server.super_token());
    let settings = encoded("[{\"project_title\":\"New\",\"purpose\":0}]");
    let token = creator.text(&format!("content=project&format=json&data={settings}")).await;
    Caller::new(server, &token)
}

#[tokio::test]
async fn a_dictionary_replaces_the_whole_one() {
    let server = server().await;
    let project = new_project(&server).await;
    let import =
        |format: &str, data: &str| format!("content=metadata&format={format}&data={}", encoded(data));
    let first = format!(
        "{HEADER}\nrecord_id,base,text,Record,\nsex,base,radio,Sex,\"1, F|2, M\"\ncolour,base,dropdown,Colour,Red|Green\nage,visit_two,text,Age,"
    );
    expect(&project, &[(&import("csv", &first), 200, "4")]).await;
    assert_eq!(
        project.text("content=instrument&format=csv").await,
        "instrument_name,instrument_label\nbase,Base\nvisit_two,\"Visit Two\"\n"
    );
    let metadata = project.json("content=metadata").await;
    assert_eq!(metadata[1]["select_choices_or_calculations"], "1, F | 2, M");
    assert_eq!(metadata[2]["select_choices_or_calculations"], "1, Red | 2, Green");
    project.text(&format!("content=record&format=csv&data={}", encoded("record_id,sex,age\n1,2,40"))).await;
    // As JSON and XML, in other order; what is left out is gone with its data.
    for (format, data) in [
        (
            "json",
            "[{\"field_name\":\"record_id\",\"form_name\":\"base\",\"field_type\":\"text\",\"field_label\":\"R\"},{\"field_name\":\"age\",\"form_name\":\"base\",\"field_type\":\"text\"}]",
        ),
        (
            "xml",
            "<records><item><field_name>record_id</field_name><form_name>base</form_name><field_type>text</field_type></item><item><field_name>Age</field_name><form_name>base</form_name><field_type>text</field_type></item></records>",
        ),
    ] {
        expect(&project, &[(&import(format, data), 200, "2")]).await;
        assert_eq!(
            project.text("content=record&format=csv&exportBlankForGrayFormStatus=1").await,
            "record_id,age,base_complete\n1,40,0\n"
        );
    }
    expect(&project, &[(&import("csv", &first), 200, "4")]).await;
    assert_eq!(project.text("content=record&format=csv&fields=record_id,sex").await, "record_id,sex\n1,\n");
}

#[tokio::test]
async fn a_wrong_dictionary_names_its_cells() {
    let server = server().await;
    let project = new_project(&server).await;
    let before = project.text("content=metadata&format=csv").await;
    for (rows, message) in [
        (
            "record_id,base,text,R,\nage,base,text,A,\nage,base,text,A,",
            "The following variable/field names were duplicated. Please rename these field names so that they only appear once.\nage (A4)",
        ),
        (
            "record_id,,text,R,\nage,base,text,A,\nsex,,text,A,",
            "Each row MUST have a form name, but the following cells have a form name missing: B2, B4",
        ),
        (
            "record_id,base,text,R,\nage,visit,text,A,\nsex,base,text,A,",
            "Form names must be sequential and cannot repeat again after being used for another form. Rename the following form names beginning with the values listed below:\nbase (B4)",
        ),
        (
            "record_id,base,text,R,\nage,base,Number,A,",
            "The only valid field types are text, notes, radio, dropdown, calc, file, checkbox, yesno, truefalse, descriptive, slider and must all",
        ),
        ("record_id,base,text,R,\nage,base,Number,A,", "Number (D3)"),
        ("record_id,base,text,R,\nq,base,sql,A,select 1", "sql (D3)"),
        ("record_id,base,text,R,\n,base,text,A,", "A3"),
        (
            "record_id,base,text,R,\n1st,base,text,A,\na__b,base,text,A,\nbase_complete,base,text,A,\nredcap_event_name,base,text,A,",
            "1st (A3)\na__b (A4)\nbase_complete (A5)\nredcap_event_name (A6)",
        ),
        ("record_id,base,text,R,\nx,base,radio,A,", "F3"),
        ("record_id,base,text,R,\nx,base,radio,A,\"1, a | 1, b\"", "x (F3)"),
        ("record_id,base,radio,R,\"1, a\"", "record_id (D2)"),
        ("record_id,my form,text,R,", "my form (B2)"),
    ] {
        let body = format!("content=metadata&format=csv&data={}", encoded(&format!("{HEADER}\n{rows}")));
        expect(&project, &[(&body, 400, message)]).await;
    }
    for (format, data) in
        [("json", "x"), ("json", "{}"), ("json", "[]"), ("csv", ""), ("csv", HEADER), ("xml", "<a>")]
    {
        let body = format!("content=metadata&action=import&format={format}&data={}", encoded(data));
        expect(&project, &[(&body, 400, "The data is not in the specified format.")]).await;
    }
    let odd = format!("content=metadata&format=csv&data={}", encoded("field_name,odd\nrecord_id,x"));
    expect(&project, &[(&odd, 400, "odd")]).await;
    assert_eq!(project.text("content=metadata&format=csv").await, before);
    // In production it is refused, and without the right too.
    let body =
        format!("content=metadata&format=csv&data={}", encoded(&format!("{HEADER}\nrecord_id,base,text,R,")));
    expect(&caller(&server, 101, "FULL"), &[(&body, 400, "development")]).await;
    expect(&caller(&server, 101, "DAGA"), &[(&body, 400, "'Project Design and Setup'")]).await;
    expect(&caller(&server, 101, "COORD"), &[(&body, 403, "You do not have API Import/Update privileges")])
        .await;
}

#[tokio::test]
async fn reports_come_as_odm_too() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let report = full.text("content=report&report_id=1&format=odm").await;
    assert!(report.contains("<ClinicalData") && report.contains("ItemOID=\"weight\""), "{report}");
    assert!(!report.contains("ItemOID=\"phq1\" Value"), "{report}");
}

#[test]
fn no_body_makes_the_server_stumble_and_no_failure_changes_anything() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_server, full, last) = runtime.block_on(async {
        let server = server().await;
        let full = caller(&server, 101, "FULL");
        let first = full.text("content=record&format=csv").await;
        (server, full, std::cell::RefCell::new(first))
    });
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    let good_csv = "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,weight,race___1\n001,baseline_arm_1,,,70,\n";
    let good_json = "[{\"study_id\":\"001\",\"redcap_event_name\":\"baseline_arm_1\",\"weight\":\"70\"}]";
    let good_xml = "<records><item><study_id>001</study_id><redcap_event_name>baseline_arm_1</redcap_event_name><weight>70</weight></item></records>";
    let damaged = |good: &'static str| {
        (0..good.len(), 0..20_usize, "[\\[\\]{}<>\",;&/a-z0-9\n ]{0,6}").prop_map(
            move |(from, length, put)| {
                let mut text = good.to_owned();
                text.replace_range(from..(from + length).min(text.len()), &put);
                text.into_bytes()
            },
        )
    };
    let body = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..120),
        "\\PC{0,80}".prop_map(String::into_bytes),
        damaged(good_csv),
        damaged(good_json),
        damaged(good_xml),
    ];
    let format = prop_oneof![Just("csv"), Just("json"), Just("xml"), Just("odm")];
    let content = prop_oneof![
        Just("content=record&type=flat"),
        Just("content=record&type=eav"),
        Just("content=record&overwriteBehavior=overwrite&dateFormat=DMY"),
        Just("content=metadata&action=import"),
    ];
    proptest!(config, |(body in body, format in format, content in content)| {
        let data: String = form_urlencoded::byte_serialize(&body).collect();
        let (status, text) = runtime.block_on(full.call(&format!("{content}&format={format}&returnFormat=csv&data={data}")));
        prop_assert!(status == 200 || status == 400, "{status} {text}");
        let now = runtime.block_on(full.text("content=record&format=csv"));
        if status == 400 {
            prop_assert_eq!(&now, &*last.borrow());
        }
        last.replace(now);
    });
}
