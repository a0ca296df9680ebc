//! Writes of structure over HTTP: arms, events, mapping, what repeats, settings, the file
//! repository. Each is seen in the export that follows; a refused one changes nothing.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::DemoServer;
use capscope::demo::behaviour::Behaviour;
use demo_support::{Caller, caller, client, data, is_refused, server_with};
use serde_json::{Value, json};

/// The token of a project whose note starts with this.
/// ALBA, a longitudinal project in development with two arms, and a token with all rights.
async fn alba() -> (DemoServer, Caller) {
    let server = server_with(Behaviour::default()).await;
    let caller = caller(&server, 103, "all rights");
    (server, caller)
}

fn column<'a>(rows: &'a Value, key: &str) -> Vec<&'a str> {
    rows.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap()).collect()
}

/// The rows of a project at an event, plain and repeating.
async fn rows_at(api: &Caller, event: &str) -> usize {
    api.json(&format!("content=record&events[0]={event}")).await.as_array().unwrap().len()
}

#[tokio::test]
async fn arms_are_added_renamed_and_deleted_in_every_format() {
    let (_server, api) = alba().await;
    let before = api.json("content=arm").await;
    assert_eq!(column(&before, "name"), ["Albarubicin", "Placebo"]);
    for (format, body, count) in [
        ("json", r#"[{"arm_num":4,"name":"Arm D"},{"arm_num":"2","name":"Sugar, \"pure\""}]"#, "2"),
        ("csv", "arm_num,name\r\n4,Arm D\r\n2,\"Sugar, \"\"pure\"\"\"\r\n", "2"),
        (
            "xml",
            "<?xml version=\"1.0\"?><arms><item><arm_num>2</arm_num><name>Sugar, &quot;pure&quot;</name></item></arms>",
            "1",
        ),
    ] {
        let call = format!("content=arm&action=import&override=0&format={format}&data={}", data(body));
        assert_eq!(api.text(&call).await, count, "{format}");
        let arms = api.json("content=arm").await;
        // An arm without events is not exported.
        assert_eq!(arms, json!([{"arm_num":1,"name":"Albarubicin"},{"arm_num":2,"name":"Sugar, \"pure\""}]));
    }
    // Deleting an arm deletes its events and their data.
    assert!(rows_at(&api, "baseline_arm_2").await > 0);
    assert_eq!(api.text("content=arm&action=delete&arms[0]=2&arms[1]=4").await, "2");
    assert_eq!(column(&api.json("content=arm").await, "name"), ["Albarubicin"]);
    let events = api.json("content=event").await;
    assert!(events.as_array().unwrap().iter().all(|e| e["arm_num"] == 1));
    let mapping = api.json("content=formEventMapping").await;
    assert!(mapping.as_array().unwrap().iter().all(|m| m["arm_num"] == 1));
    let call = "content=record&fields[0]=subject_id";
    assert!(!api.text(&format!("{call}&format=csv")).await.contains("arm_2"));
    // With override all arms go first, and the new ones have no events yet.
    let body = data(r#"[{"arm_num":1,"name":"New"}]"#);
    let call = format!("content=arm&action=import&override=1&format=json&data={body}");
    assert_eq!(api.text(&call).await, "1");
    assert_eq!(api.json("content=arm").await, json!([]));
    assert_eq!(api.json("content=event").await, json!([]));
    assert_eq!(api.json("content=record").await, json!([]));
    let body = data("event_name,arm_num\nBaseline,1\n");
    assert_eq!(
        api.text(&format!("content=event&action=import&override=0&format=csv&data={body}")).await,
        "1"
    );
    assert_eq!(column(&api.json("content=arm").await, "name"), ["New"]);
}

#[tokio::test]
async fn events_get_unique_names_by_rule_and_keep_what_hangs_on_them() {
    let (_server, api) = alba().await;
    let body = json!([
        {"event_name": "Deadline to opt out of study", "arm_num": 2},
        {"event_name": "Testing long name of one", "arm_num": "1"},
        {"event_name": "Testing long name of two", "arm_num": 1, "custom_event_label": "[age]"},
    ]);
    let import = |body: &Value, replace: u8| {
        let body = data(&body.to_string());
        format!("content=event&action=import&override={replace}&format=json&data={body}")
    };
    assert_eq!(api.text(&import(&body, 0)).await, "3");
    let events = api.json("content=event").await;
    let names = column(&events, "unique_event_name");
    for name in ["deadline_to_opt_ou_arm_2", "testing_long_name_arm_1", "testing_long_name_arm_1b"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert_eq!(names[0], "baseline_arm_1");
    // Renaming changes the unique name; data, mapping and what repeats follow.
    let rows = rows_at(&api, "baseline_arm_1").await;
    assert!(rows > 0);
    let body = json!([{"event_name": "Day 0", "unique_event_name": "baseline_arm_1", "arm_num": 1}]);
    assert_eq!(api.text(&import(&body, 0)).await, "1");
    let events = api.json("content=event").await;
    assert_eq!(events[0]["unique_event_name"], "day_0_arm_1");
    assert_eq!(rows_at(&api, "day_0_arm_1").await, rows);
    assert_eq!(api.json("content=repeatingFormsEvents").await[0]["event_name"], "day_0_arm_1");
    let (status, text) = api.call("content=record&events[0]=baseline_arm_1&format=json").await;
    assert!(status == 400 && text.contains("not valid"), "{text}");
    // All events at once, as clients send an export back: as many as were given.
    let all = api.json("content=event").await;
    assert_eq!(api.text(&import(&all, 0)).await, all.as_array().unwrap().len().to_string());
    assert_eq!(api.json("content=event").await, all);
    // Deleting deletes the data.
    assert_eq!(api.text("content=event&action=delete&events[0]=day_0_arm_1").await, "1");
    let events = api.json("content=event").await;
    assert!(!column(&events, "unique_event_name").contains(&"day_0_arm_1"));
    let xml = "<events><item><event_name>Only one</event_name><arm_num>1</arm_num></item></events>";
    let call = format!("content=event&action=import&override=1&format=xml&data={}", data(xml));
    assert_eq!(api.text(&call).await, "1");
    let events = api.json("content=event").await;
    assert_eq!(column(&events, "unique_event_name"), ["only_one_arm_1"]);
    assert_eq!(api.json("content=record").await, json!([]));
}

#[tokio::test]
async fn scheduling_brings_days() {
    let behaviour = Behaviour { structure_needs_development: false, ..Behaviour::default() };
    let server = server_with(behaviour).await;
    let api = caller(&server, 101, "FULL");
    let body = data("event_name,arm_num,day_offset,offset_min,offset_max\nWeek 24,1,168,7,14\nLater,1,,,\n");
    assert_eq!(
        api.text(&format!("content=event&action=import&override=0&format=csv&data={body}")).await,
        "2"
    );
    let events = api.json("content=event").await;
    let events = events.as_array().unwrap();
    let find = |name: &str| events.iter().find(|e| e["unique_event_name"] == name).unwrap();
    assert_eq!(find("week_24_arm_1")["day_offset"], "168");
    assert_eq!(find("week_24_arm_1")["offset_max"], "14");
    assert_eq!(find("later_arm_1")["day_offset"], "169");
}

#[tokio::test]
async fn the_mapping_is_replaced() {
    let (_server, api) = alba().await;
    for (format, body) in [
        ("json", r#"[{"arm_num":1,"unique_event_name":"baseline_arm_1","form":"vitals"}]"#),
        ("csv", "arm_num,unique_event_name,form\n1,baseline_arm_1,vitals\n"),
        (
            "xml",
            "<items><item><arm_num>1</arm_num><unique_event_name>baseline_arm_1</unique_event_name><form>vitals</form></item></items>",
        ),
    ] {
        let call = format!("content=formEventMapping&format={format}&data={}", data(body));
        assert_eq!(api.text(&call).await, "1");
        assert_eq!(
            api.json("content=formEventMapping").await,
            json!([{"arm_num":1,"unique_event_name":"baseline_arm_1","form":"vitals"}])
        );
    }
    for (body, words) in [
        (r#"[{"arm_num":1,"unique_event_name":"x_arm_1","form":"vitals"}]"#, "\"x_arm_1\" does not exist"),
        (
            r#"[{"arm_num":1,"unique_event_name":"baseline_arm_1","form":"x"}]"#,
            "The form named \"x\" does not exist",
        ),
        (
            r#"[{"arm_num":2,"unique_event_name":"baseline_arm_1","form":"vitals"}]"#,
            "does not belong to the arm",
        ),
    ] {
        is_refused(&api, &format!("content=formEventMapping&format=json&data={}", data(body)), 400, words)
            .await;
    }
    assert_eq!(api.json("content=formEventMapping").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_repeats_is_replaced_and_values_find_their_place() {
    let (_server, api) = alba().await;
    let records = "content=record&fields[0]=subject_id&fields[1]=cm_name&fields[2]=vitals_complete&events[0]=baseline_arm_1";
    let before = api.json(records).await;
    let repeating_before = api.json("content=repeatingFormsEvents").await;
    let is_first = |row: &&Value| row["redcap_repeat_instance"] == 1;
    let first = before.as_array().unwrap().iter().find(is_first).unwrap().clone();
    // An empty list switches repeating off and answers 0; the first instance is the plain row.
    for (format, body) in
        [("json", "[]"), ("csv", "event_name,form_name,custom_form_label\n"), ("xml", "<items/>")]
    {
        let call = format!("content=repeatingFormsEvents&format={format}&data={}", data(body));
        assert_eq!(api.text(&call).await, "0", "{format}");
    }
    is_refused(&api, "content=repeatingFormsEvents", 400, "does not contain any repeating instruments").await;
    let plain = api.json(records).await;
    let plain = plain.as_array().unwrap();
    assert!(plain.iter().all(|row| row.get("redcap_repeat_instance").is_none()));
    let same = plain.iter().find(|row| row["subject_id"] == first["subject_id"]).unwrap();
    assert_eq!(same["cm_name"], first["cm_name"]);
    // Switched on again, all instances are back.
    let body = data(&repeating_before.to_string());
    let count = repeating_before.as_array().unwrap().len().to_string();
    assert_eq!(api.text(&format!("content=repeatingFormsEvents&format=json&data={body}")).await, count);
    assert_eq!(api.json(records).await, before);
    assert_eq!(api.json("content=repeatingFormsEvents").await, repeating_before);
    // A whole event.
    let body = data("event_name,form_name,custom_form_label\nmonth_1_arm_1,,\n");
    assert_eq!(api.text(&format!("content=repeatingFormsEvents&format=csv&data={body}")).await, "1");
    let rows = api.json("content=record&fields[0]=subject_id&events[0]=month_1_arm_1").await;
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|r| r["redcap_repeat_instance"] == 1 && r["redcap_repeat_instrument"] == ""));
    for (body, words) in [
        ("event_name,form_name\nnowhere_arm_1,\n", "\"nowhere_arm_1\" does not exist"),
        ("event_name,form_name\nmonth_1_arm_1,conmed\n", "not designated"),
        ("event_name,form_name\nmonth_1_arm_1,\nmonth_1_arm_1,vitals\n", "at the same time"),
        ("x", "The data is not in the specified format."),
    ] {
        let call = format!("content=repeatingFormsEvents&format=csv&data={}", data(body));
        is_refused(&api, &call, 400, words).await;
    }
    // A classic project has no event names.
    let server = server_with(Behaviour::default()).await;
    let api = caller(&server, 102, "all rights");
    let form = api.json("content=instrument").await[1]["instrument_name"].as_str().unwrap().to_owned();
    let body = data(&json!([{"form_name": form, "custom_form_label": "[reg_date]"}]).to_string());
    assert_eq!(api.text(&format!("content=repeatingFormsEvents&format=json&data={body}")).await, "1");
    let csv = api.text("content=repeatingFormsEvents&format=csv").await;
    assert_eq!(csv, format!("form_name,custom_form_label\n{form},[reg_date]\n"));
    assert_eq!(api.json("content=project").await["has_repeating_instruments_or_events"], 1);
}

#[tokio::test]
async fn settings_are_counted_and_longitudinal_switches() {
    let (_server, api) = alba().await;
    for (format, body) in [
        ("json", r#"{"project_title":"A","purpose":1,"purpose_other":"fun","nonsense":"x","project_id":7}"#),
        ("json", r#"[{"project_title":"A","purpose":"1","purpose_other":"fun"}]"#),
        ("csv", "project_title,purpose,purpose_other,in_production\nA,1,fun,1\n"),
        (
            "xml",
            "<items><project_title>A</project_title><purpose>1</purpose><purpose_other>fun</purpose_other></items>",
        ),
        (
            "xml",
            "<items><item><project_title>A</project_title><purpose>1</purpose><purpose_other>fun</purpose_other></item></items>",
        ),
    ] {
        let call = format!("content=project_settings&format={format}&data={}", data(body));
        assert_eq!(api.text(&call).await, "3", "{format}");
        let info = api.json("content=project").await;
        assert_eq!((&info["project_title"], &info["purpose"]), (&json!("A"), &json!(1)));
        assert_eq!((&info["project_id"], &info["in_production"]), (&json!(103), &json!(0)));
    }
    let before = api.json("content=record").await;
    let classic =
        api.json("content=record&events[0]=baseline_arm_1&fields[0]=subject_id&fields[1]=initials").await;
    let set = |on: u8| {
        let body = data(&format!("{{\"is_longitudinal\":\"{on}\"}}"));
        format!("content=project_settings&format=json&data={body}")
    };
    assert_eq!(api.text(&set(0)).await, "1");
    is_refused(&api, "content=event", 400, "You cannot export events for classic projects").await;
    is_refused(
        &api,
        &format!("content=event&action=import&override=0&format=csv&data={}", data("event_name\nx\n")),
        400,
        "for classic projects",
    )
    .await;
    // Only what belongs to the first event is left to be seen.
    let rows = api.json("content=record&fields[0]=subject_id&fields[1]=initials").await;
    assert!(rows.as_array().unwrap().iter().all(|row| row.get("redcap_event_name").is_none()));
    let with_initials = |rows: &Value| {
        rows.as_array().unwrap().iter().filter(|row| !row["initials"].as_str().unwrap().is_empty()).count()
    };
    assert_eq!(with_initials(&rows), with_initials(&classic));
    // Back again, everything is as it was.
    assert_eq!(api.text(&set(1)).await, "1");
    assert_eq!(api.json("content=record").await, before);
    for (body, words) in [
        (r#"{"purpose":9}"#, "purpose is not valid"),
        (r#"{"surveys_enabled":"yes"}"#, "surveys_enabled is not valid"),
        (r#"{"secondary_unique_field":"no_field"}"#, "secondary_unique_field is not valid"),
        ("x", "The data is not in the specified format."),
    ] {
        let call = format!("content=project_settings&format=json&data={}", data(body));
        is_refused(&api, &call, 400, words).await;
    }
}

#[tokio::test]
async fn gates_come_first_then_design_then_the_project() {
    let server = server_with(Behaviour::default()).await;
    let full = caller(&server, 101, "FULL");
    let importer = caller(&server, 101, "DAGA");
    let reader = caller(&server, 101, "COORD");
    let registry = caller(&server, 102, "all rights");
    let design = "You must have 'API Import/Update' privileges and 'Project Design and Setup' privileges";
    for (call, classic) in [
        ("content=arm&action=import&override=0&format=json&data=[]", "You cannot import arms for classic"),
        ("content=arm&action=delete&arms[0]=1", "You cannot delete arms for classic projects"),
        (
            "content=event&action=import&override=0&format=json&data=[]",
            "You cannot import events for classic",
        ),
        ("content=event&action=delete&events[0]=x", "You cannot delete events for classic projects"),
        ("content=formEventMapping&format=json&data=[]", "You cannot import form/event mappings for classic"),
        ("content=repeatingFormsEvents&format=json&data=x", ""),
        ("content=project_settings&format=json&data=x", ""),
    ] {
        is_refused(&reader, call, 403, "You do not have API Import/Update privileges").await;
        is_refused(&importer, call, 400, design).await;
        if classic.is_empty() {
            is_refused(&full, call, 400, "The data is not in the specified format.").await;
        } else {
            is_refused(&registry, call, 400, classic).await;
            // BREATHE is in production.
            is_refused(&full, call, 400, "development status").await;
        }
    }
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let (_server, api) = alba().await;
    for (call, words) in [
        ("content=arm&action=import&override=2&format=json&data=[]", "parameter \"override\" is not valid"),
        ("content=arm&action=import&override=0&format=json", "The required parameter \"data\" is missing"),
        (
            "content=arm&action=import&override=0&format=json&data={\"arm_num\":1}",
            "not in the specified format",
        ),
        (
            "content=arm&action=import&override=0&format=csv&data=x",
            "The data is not in the specified format.",
        ),
        ("content=arm&action=import&override=0&format=json&data=[{\"arm_num\":0,\"name\":\"x\"}]", "arm_num"),
        ("content=arm&action=import&override=0&format=json&data=[{\"arm_num\":5}]", "must have a name"),
        ("content=arm&action=import&override=1&format=json&data=[]", "at least one arm"),
        ("content=arm&action=delete&arms[0]=9", "values in the parameter \"arms\" are not valid: '9'"),
        ("content=event&action=delete&events[0]=x", "values in the parameter \"events\" are not valid: 'x'"),
        ("content=event&action=import&override=0&format=json&data=[{\"arm_num\":1}]", "event_name"),
        ("content=event&action=import&override=0&format=json&data=[{\"event_name\":\"x\"}]", "arm_num"),
        (
            "content=event&action=import&override=0&format=json&data=[{\"event_name\":\"x\",\"arm_num\":8}]",
            "\"8\" does not exist",
        ),
    ] {
        is_refused(&api, call, 400, words).await;
    }
    // Without `override` nothing is deleted, or the call is refused: a setting.
    let body = data(r#"[{"arm_num":3,"name":"Extension"}]"#);
    assert_eq!(api.text(&format!("content=arm&action=import&format=json&data={body}")).await, "1");
    assert_eq!(api.json("content=arm").await.as_array().unwrap().len(), 2);
    let strict = server_with(Behaviour { missing_override_is_zero: false, ..Behaviour::default() }).await;
    let strict = caller(&strict, 103, "all rights");
    let words = "The required parameter \"override\" is missing";
    is_refused(&strict, "content=arm&action=import&format=json&data=[]", 400, words).await;
    // One bad row refuses all.
    let before = api.json("content=event").await;
    let body = data("event_name,arm_num\nGood,1\nBad,9\n");
    is_refused(&api, &format!("content=event&action=import&override=1&format=csv&data={body}"), 400, "\"9\"")
        .await;
    assert_eq!(api.json("content=event").await, before);
    // The log tells what was done, and not what was refused.
    let body = data("arm_num,name\n1,A\n");
    api.text(&format!("content=arm&action=import&override=0&format=csv&data={body}")).await;
    let log = api.json("content=log&logtype=manage").await;
    let details = column(&log, "details");
    assert_eq!(details.iter().filter(|d| **d == "Import arms (API)").count(), 2);
    assert!(!details.contains(&"Import events (API)"));
}

#[tokio::test]
async fn the_repository_takes_folders_and_files() {
    let server = server_with(Behaviour::default()).await;
    let full = caller(&server, 101, "FULL");
    let made = full.json("content=fileRepository&action=createFolder&name=Site%20B%20only&dag_id=332").await;
    let folder = made[0]["folder_id"].as_u64().unwrap();
    let csv =
        full.text("content=fileRepository&action=createFolder&name=Inner&folder_id=45&format=csv").await;
    assert_eq!(csv, format!("folder_id\n{}\n", folder + 1));
    let list = full.json("content=fileRepository&action=list").await;
    let entry = list.as_array().unwrap().iter().find(|e| e["folder_id"] == folder).unwrap();
    assert_eq!((entry["name"].as_str(), entry["dag"].as_str()), (Some("Site B only"), Some("site_b")));
    // A file goes into the folder and comes out as it was.
    let token =
        server.projects()[0].tokens.iter().find(|t| t.note.starts_with("FULL")).unwrap().token.clone();
    let upload = async |folder: &str| {
        let part = reqwest::multipart::Part::bytes(b"%PDF or not\0\xff".to_vec())
            .file_name("plan \u{e9}.bin")
            .mime_str("application/octet-stream")
            .unwrap();
        let form = reqwest::multipart::Form::new()
            .text("token", token.clone())
            .text("content", "fileRepository")
            .text("action", "import")
            .text("returnFormat", "json")
            .text("folder_id", folder.to_owned())
            .part("file", part);
        let answer = client().post(server.url()).multipart(form).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(upload(&folder.to_string()).await, (200, String::new()));
    assert_eq!(upload("").await, (200, String::new()));
    let (status, words) = upload("99").await;
    assert!(status == 400 && words.contains("folder_id=99 does not exist or else"), "{words}");
    let list = full.json(&format!("content=fileRepository&action=list&folder_id={folder}")).await;
    assert_eq!(list[0]["name"], "plan \u{e9}.bin");
    let doc = list[0]["doc_id"].as_u64().unwrap();
    let answer = full.send(&format!("content=fileRepository&action=export&doc_id={doc}")).await;
    assert!(answer.headers()["content-type"].to_str().is_err() || answer.status() == 200);
    assert_eq!(answer.bytes().await.unwrap().as_ref(), b"%PDF or not\0\xff");
    assert_eq!(
        full.call(&format!("content=fileRepository&action=delete&doc_id={doc}")).await,
        (200, String::new())
    );
    is_refused(&full, &format!("content=fileRepository&action=delete&doc_id={doc}"), 400, "does not exist")
        .await;
    assert_eq!(full.json(&format!("content=fileRepository&action=list&folder_id={folder}")).await, json!([]));
    // Refusals.
    let long = "x".repeat(151);
    for (caller, call, status, words) in [
        (&full, "content=fileRepository&action=createFolder", 400, "\"name\" is missing"),
        (
            &full,
            &format!("content=fileRepository&action=createFolder&name={long}"),
            400,
            "\"name\" is not valid",
        ),
        (&full, "content=fileRepository&action=createFolder&name=x&dag_id=9", 400, "\"dag_id\" is not valid"),
        (
            &full,
            "content=fileRepository&action=createFolder&name=x&role_id=9",
            400,
            "\"role_id\" is not valid",
        ),
        (&full, "content=fileRepository&action=createFolder&name=x&folder_id=99", 400, "folder_id=99"),
        (&full, "content=fileRepository&action=import", 400, "\"file\" is missing"),
        (
            &self::caller(&server, 101, "COORD"),
            "content=fileRepository&action=createFolder&name=x",
            403,
            "You do not have API Import/Update privileges",
        ),
        (
            &self::caller(&server, 101, "DAGA"),
            "content=fileRepository&action=delete&doc_id=201",
            400,
            "'API Import/Update' privileges and 'File Repository' privileges",
        ),
    ] {
        is_refused(caller, call, status, words).await;
    }
}

#[tokio::test]
async fn restricted_folders_are_invisible_to_others() {
    let server = server_with(Behaviour::default()).await;
    let full = caller(&server, 101, "FULL");
    let coordinator = caller(&server, 101, "COORD");
    let inner =
        full.json("content=fileRepository&action=createFolder&name=Inner&folder_id=46").await[0]["folder_id"]
            .as_u64()
            .unwrap();
    let roles =
        full.json("content=fileRepository&action=createFolder&name=Monitors&role_id=U-8WK3PMA4TR").await;
    let monitors = roles[0]["folder_id"].as_u64().unwrap();
    // Folder 46 is for site_a; put the coordinator into site_b.
    let body = data(r#"[{"username":"coord1","redcap_data_access_group":"site_b"}]"#);
    full.text(&format!("content=userDagMapping&action=import&format=json&data={body}")).await;
    let list = coordinator.json("content=fileRepository&action=list").await;
    let names: Vec<_> = list.as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap()).collect();
    assert!(!names.contains(&"Site A only") && !names.contains(&"Monitors"), "{names:?}");
    for folder in [46, inner, monitors] {
        let call = format!("content=fileRepository&action=list&folder_id={folder}");
        is_refused(&coordinator, &call, 400, "DAG-restricted or Role-restricted").await;
    }
    is_refused(&coordinator, "content=fileRepository&action=export&doc_id=204", 400, "does not exist").await;
}
