//! Writes of people over HTTP: users, roles, assignments, Data Access Groups. Each is seen in
//! the export that follows and in what a token may do; a refused one changes nothing.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::DemoServer;
use capscope::demo::behaviour::Behaviour;
use demo_support::{Caller, data, is_refused, server_with};
use serde_json::{Value, json};

/// The token of BREATHE whose note starts with this word.
fn breathe(server: &DemoServer, word: &str) -> Caller {
    let project = server.projects().iter().find(|p| p.project_id == 101).unwrap();
    let token = project.tokens.iter().find(|t| t.note.starts_with(&format!("{word}:"))).unwrap();
    Caller::new(server, &token.token)
}

async fn full() -> (DemoServer, Caller) {
    let server = server_with(Behaviour::default()).await;
    let caller = breathe(&server, "FULL");
    (server, caller)
}

/// An import of JSON; the text after `content=` names what.
fn import(content: &str, body: &Value) -> String {
    format!("content={content}&format=json&data={}", data(&body.to_string()))
}

async fn find(api: &Caller, content: &str, key: &str, value: &str) -> Option<Value> {
    let rows = api.json(&format!("content={content}")).await;
    rows.as_array().unwrap().iter().find(|row| row[key] == value).cloned()
}

async fn user(api: &Caller, name: &str) -> Value {
    find(api, "user", "username", name).await.unwrap()
}

#[tokio::test]
async fn users_are_added_and_changed_in_every_format() {
    let (_server, api) = full().await;
    let json = r#"[{"username":"new.user","design":1,"user_rights":"2","expiration":"2030-01-31",
        "data_access_group":"site_b","forms":{"visit":1,"phq9":"129"},"forms_export":{"visit":2}}]"#;
    let csv = "username,design,user_rights,expiration,data_access_group,forms,forms_export\r\n\
        new.user,1,2,2030-01-31,site_b,\"visit:1,phq9:129\",visit:2\r\n";
    let xml = "<?xml version=\"1.0\"?><users><item><username>new.user</username><design>1</design>\
        <user_rights>2</user_rights><expiration>2030-01-31</expiration><data_access_group>site_b</data_access_group>\
        <forms><visit>1</visit><phq9>129</phq9></forms><forms_export><visit>2</visit></forms_export></item></users>";
    for (format, body) in [("json", json), ("csv", csv), ("xml", xml)] {
        let call = format!("content=user&format={format}&data={}", data(body));
        assert_eq!(api.text(&call).await, "1", "{format}");
        let row = user(&api, "new.user").await;
        assert_eq!((&row["design"], &row["user_rights"], &row["logging"]), (&json!(1), &json!(2), &json!(0)));
        assert_eq!(row["expiration"], "2030-01-31");
        assert_eq!(
            (&row["data_access_group"], &row["data_access_group_id"]),
            (&json!("site_b"), &json!(332))
        );
        // Old codes become those of this version; instruments left out are No Access.
        assert_eq!(row["forms"], json!({"demographics":128,"visit":130,"ae_log":128,"phq9":129,"moca":128}));
        assert_eq!(row["forms_export"], json!({"demographics":0,"visit":2,"ae_log":0,"phq9":0,"moca":0}));
        assert_eq!(api.text("content=user&action=delete&users[0]=new.user").await, "1");
    }
    // A new user without rights has none.
    assert_eq!(api.text(&import("user", &json!([{"username": "o'neil@x.org"}]))).await, "1");
    let row = user(&api, "o'neil@x.org").await;
    assert_eq!((&row["api_export"], &row["forms"]["visit"]), (&json!(0), &json!(128)));
    // Of a known one, what is not named stays, but a group that is not named is lost.
    let before = user(&api, "nurse_a").await;
    assert_eq!(before["data_access_group"], "site_a");
    let body = json!([{"username": "nurse_a", "logging": 0}]);
    assert_eq!(api.text(&import("user", &body)).await, "1");
    let after = user(&api, "nurse_a").await;
    assert_eq!((&after["logging"], &after["data_access_group"]), (&json!(0), &json!("")));
    for key in ["api_import", "record_create", "forms", "forms_export"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    // The user then sees all records.
    let log = api.json("content=log&logtype=user").await;
    assert_eq!(
        (&log[0]["action"], &log[0]["details"]),
        (&json!("Edit user nurse_a"), &json!("user = 'nurse_a'"))
    );
}

#[tokio::test]
async fn an_export_of_users_can_be_sent_back() {
    let (_server, api) = full().await;
    let rows = api.json("content=user").await;
    let free: Vec<Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !["coord1", "monitor_b"].contains(&row["username"].as_str().unwrap()))
        .cloned()
        .collect();
    assert_eq!(api.text(&import("user", &json!(free))).await, free.len().to_string());
    assert_eq!(api.json("content=user").await, rows);
    let roles = api.json("content=userRole").await;
    assert_eq!(api.text(&import("userRole", &roles)).await, "2");
    assert_eq!(api.json("content=userRole").await, roles);
    for content in ["userRoleMapping", "userDagMapping"] {
        let rows = api.json(&format!("content={content}")).await;
        let count = rows.as_array().unwrap().len().to_string();
        assert_eq!(api.text(&import(&format!("{content}&action=import"), &rows)).await, count);
        assert_eq!(api.json(&format!("content={content}")).await, rows);
    }
}

#[tokio::test]
async fn mistakes_in_users_and_roles_are_named_and_nothing_changes() {
    let (_server, api) = full().await;
    let before = (api.json("content=user").await, api.json("content=userRole").await);
    for (content, body, words) in [
        (
            "user",
            json!([{"username": "fine"}, {"username": "coord1", "design": 1}]),
            "The user \"coord1\" cannot have their user privileges modified because the user belongs to a user role. Users in roles cannot have their privileges modified via the 'Import User' API method.",
        ),
        ("user", json!([{"username": "a<b"}]), "The username \"a<b\" is not valid"),
        ("user", json!([{"design": 1}]), "must have a username"),
        ("user", json!([{"username": "x", "design": 2}]), "The value \"2\" of design is not valid"),
        ("user", json!([{"username": "x", "nonsense": 1}]), "\"nonsense\" does not exist"),
        ("user", json!([{"username": "x", "expiration": "31.01.2030"}]), "not a date"),
        ("user", json!([{"username": "x", "data_access_group": "site_c"}]), "\"site_c\" does not exist"),
        (
            "user",
            json!([{"username": "x", "forms": {"nope": 1}}]),
            "The form named \"nope\" is incorrect for the user \"x\"",
        ),
        (
            "user",
            json!([{"username": "x", "forms": {"visit": 7}}]),
            "The value \"7\" of forms for the form \"visit\"",
        ),
        ("user", json!([{"username": "x", "forms_export": {"visit": 4}}]), "The value \"4\" of forms_export"),
        ("user", json!({"username": "x"}), "The data is not in the specified format."),
        (
            "userRole",
            json!([{"unique_role_name": "U-527D39JXAC", "forms": {"nope": 1}}, {"unique_role_name": "U-1"}, {"unique_role_name": "U-2"}]),
            "The form named \"nope\" is incorrect for the user role \"U-527D39JXAC\" The form does not exist in this project.\nInvalid Unique Role Names: U-1, U-2",
        ),
        ("userRole", json!([{"design": 1}]), "must have a role_label"),
        ("userRole", json!("x"), "The data is not in the specified format."),
        (
            "userRoleMapping&action=import",
            json!([{"username": "nobody"}]),
            "The user \"nobody\" does not exist",
        ),
        (
            "userRoleMapping&action=import",
            json!([{"username": "pi", "unique_role_name": "U-1"}]),
            "Invalid Unique Role Names: U-1",
        ),
        (
            "userDagMapping&action=import",
            json!([{"username": "pi", "redcap_data_access_group": "site_a"}, {"username": "nobody"}]),
            "The user \"nobody\" does not exist",
        ),
        (
            "userDagMapping&action=import",
            json!([{"username": "pi", "redcap_data_access_group": "x"}]),
            "\"x\" does not exist",
        ),
        (
            "dag&action=import",
            json!([{"data_access_group_name": "X", "unique_group_name": "x"}]),
            "\"x\" does not exist",
        ),
        ("dag&action=import", json!([{"data_access_group_name": ""}]), "data_access_group_name"),
    ] {
        is_refused(&api, &import(content, &body), 400, words).await;
    }
    for (call, words) in [
        (
            "content=userRole&action=delete&roles[0]=U-1",
            "values in the parameter \"roles\" are not valid: 'U-1'",
        ),
        ("content=dag&action=delete&dags[0]=x", "values in the parameter \"dags\" are not valid: 'x'"),
        ("content=dag&action=delete&dags[0]=site_a", "contain records"),
        ("content=dag&action=switch&dag=x", "\"x\" does not exist"),
        ("content=dag&action=switch&dag=site_a", "DAG Switcher"),
        ("content=dag&action=switch", "The required parameter \"dag\" is missing"),
        ("content=user&action=delete", "The required parameter \"users\" is missing"),
    ] {
        is_refused(&api, call, 400, words).await;
    }
    assert_eq!((api.json("content=user").await, api.json("content=userRole").await), before);
    assert_eq!(api.json("content=dag").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_token_of_a_removed_user_stops_working() {
    let (server, api) = full().await;
    let nurse = breathe(&server, "DAGA");
    assert_eq!(nurse.text("content=version").await, "16.1.3");
    // Names that nobody has count for nothing.
    assert_eq!(api.text("content=user&action=delete&users[0]=nurse_a&users[1]=nobody").await, "1");
    let gone = "You do not have permissions to use the API";
    is_refused(&nurse, "content=version", 403, gone).await;
    assert!(find(&api, "user", "username", "nurse_a").await.is_none());
    // Added again, the user has no token.
    let body = json!([{"username": "nurse_a", "api_export": 1, "api_import": 1}]);
    assert_eq!(api.text(&import("user", &body)).await, "1");
    is_refused(&nurse, "content=version", 403, gone).await;
    // One version wanted the Delete Records right.
    let server =
        server_with(Behaviour { user_delete_needs_record_delete: true, ..Behaviour::default() }).await;
    let api = breathe(&server, "FULL");
    api.text(&import("user", &json!([{"username": "dm", "record_delete": 0}]))).await;
    let call = "content=user&action=delete&users[0]=pi";
    is_refused(&api, call, 403, "You do not have Delete Record privileges").await;
}

#[tokio::test]
async fn the_rights_of_the_role_are_in_effect() {
    let (server, api) = full().await;
    let reader = breathe(&server, "NOID");
    is_refused(&reader, "content=log", 400, "'Logging' privileges").await;
    // A new role, with a generated unique name.
    for (format, body) in [
        (
            "json",
            r#"[{"role_label":"Auditor","api_export":1,"logging":1,"forms_export":{"demographics":1}}]"#,
        ),
        ("csv", "unique_role_name,role_label,api_export,logging,forms_export\n,Auditor,1,1,demographics:1\n"),
        (
            "xml",
            "<items><item><role_label>Auditor</role_label><api_export>1</api_export><logging>1</logging><forms_export><demographics>1</demographics></forms_export></item></items>",
        ),
    ] {
        assert_eq!(api.text(&format!("content=userRole&format={format}&data={}", data(body))).await, "1");
        let role = find(&api, "userRole", "role_label", "Auditor").await.unwrap();
        let name = role["unique_role_name"].as_str().unwrap().to_owned();
        let rest = name.strip_prefix("U-").unwrap();
        assert!(
            rest.len() == 10 && rest.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()),
            "{name}"
        );
        assert_eq!((&role["logging"], &role["design"]), (&json!("1"), &json!("0")));
        // In the role the user may read the log, and exports only one instrument.
        let body = json!([{"username": "analyst_noid", "unique_role_name": name}]);
        assert_eq!(api.text(&import("userRoleMapping&action=import", &body)).await, "1");
        assert!(reader.json("content=log").await.is_array());
        let header = reader.text("content=record&format=csv").await;
        let header = header.lines().next().unwrap();
        assert!(header.contains("first_name") && !header.contains("weight"), "{header}");
        let own = user(&api, "analyst_noid").await;
        assert_eq!((&own["logging"], &own["stats_and_charts"]), (&json!(1), &json!(0)));
        // A change of the role is a change for the user.
        let body = json!([{"unique_role_name": name, "logging": 0, "role_label": "Auditor"}]);
        assert_eq!(api.text(&import("userRole", &body)).await, "1");
        is_refused(&reader, "content=log", 400, "'Logging' privileges").await;
        // Without the role the user's own rights are back.
        assert_eq!(api.text(&format!("content=userRole&action=delete&roles[0]={name}")).await, "1");
        assert_eq!(user(&api, "analyst_noid").await["stats_and_charts"], 1);
        let header = reader.text("content=record&format=csv").await;
        assert!(header.lines().next().unwrap().contains("weight"));
    }
    // The action may be left out, as PyCap does; a blank role takes a user out.
    assert!(breathe(&server, "COORD").json("content=log").await.is_array());
    let body = data("username,unique_role_name\ncoord1,\n");
    assert_eq!(api.text(&format!("content=userRoleMapping&format=csv&data={body}")).await, "1");
    let row = find(&api, "userRoleMapping", "username", "coord1").await.unwrap();
    assert_eq!(row["unique_role_name"], "");
}

#[tokio::test]
async fn groups_are_added_renamed_deleted_and_assigned() {
    let (server, api) = full().await;
    for (format, body) in [
        ("json", r#"[{"data_access_group_name":"North & East","unique_group_name":""}]"#),
        ("csv", "data_access_group_name,unique_group_name\nNorth & East,\n"),
        (
            "xml",
            "<dags><item><data_access_group_name>North &amp; East</data_access_group_name></item></dags>",
        ),
    ] {
        let call = format!("content=dag&action=import&format={format}&data={}", data(body));
        assert_eq!(api.text(&call).await, "1", "{format}");
        let dag = find(&api, "dag", "data_access_group_name", "North & East").await.unwrap();
        assert_eq!(
            (&dag["unique_group_name"], &dag["data_access_group_id"]),
            (&json!("north__east"), &json!(333))
        );
        assert_eq!(api.text("content=dag&action=delete&dags[0]=north__east").await, "1");
    }
    // A rename reaches users and records.
    let nurse = breathe(&server, "DAGA");
    let before = nurse.json("content=record&fields[0]=study_id").await;
    let body = json!([{"data_access_group_name": "Site Alpha", "unique_group_name": "site_a"}]);
    assert_eq!(api.text(&import("dag&action=import", &body)).await, "1");
    assert_eq!(user(&api, "nurse_a").await["data_access_group"], "site_alpha");
    assert_eq!(nurse.json("content=record&fields[0]=study_id").await, before);
    let records =
        api.json("content=record&records[0]=001&fields[0]=study_id&exportDataAccessGroups=true").await;
    assert_eq!(records[0]["redcap_data_access_group"], "site_alpha");
    // Assignments; a blank takes the user out.
    for (format, body, group) in [
        ("json", r#"[{"username":"pi","redcap_data_access_group":"site_b"}]"#, "site_b"),
        ("csv", "username,redcap_data_access_group\npi,\n", ""),
        (
            "xml",
            "<items><item><username>pi</username><redcap_data_access_group>site_alpha</redcap_data_access_group></item></items>",
            "site_alpha",
        ),
    ] {
        let call = format!("content=userDagMapping&action=import&format={format}&data={}", data(body));
        assert_eq!(api.text(&call).await, "1", "{format}");
        let row = find(&api, "userDagMapping", "username", "pi").await.unwrap();
        assert_eq!(row["redcap_data_access_group"], group);
    }
    // With the other setting a group with records can go, and its records are in none.
    let behaviour = Behaviour { dags_with_records_can_be_deleted: true, ..Behaviour::default() };
    let server = server_with(behaviour).await;
    let api = breathe(&server, "FULL");
    assert_eq!(api.text("content=dag&action=delete&dags[0]=site_a&dags[1]=site_a").await, "1");
    assert_eq!(user(&api, "nurse_a").await["data_access_group"], "");
    let records =
        api.json("content=record&records[0]=001&fields[0]=study_id&exportDataAccessGroups=true").await;
    assert_eq!(records[0]["redcap_data_access_group"], "");
}

#[tokio::test]
async fn a_user_switches_between_the_groups_of_the_switcher() {
    let (server, api) = full().await;
    let nurse = breathe(&server, "DAGA");
    let ids = async || {
        let rows = nurse.json("content=record&fields[0]=study_id").await;
        rows.as_array()
            .unwrap()
            .iter()
            .map(|r| r["study_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(ids().await.contains(&"001".to_owned()));
    assert_eq!(nurse.text("content=dag&action=switch&dag=site_b").await, "1");
    let after = ids().await;
    assert!(!after.contains(&"001".to_owned()) && after.contains(&"004".to_owned()));
    assert_eq!(user(&api, "nurse_a").await["data_access_group"], "site_b");
    assert_eq!(nurse.text("content=generateNextRecordName").await, "332-1");
    // No group is not among the nurse's groups.
    is_refused(&nurse, "content=dag&action=switch&dag=", 400, "DAG Switcher").await;
    let gate = "You do not have API Import/Update privileges";
    is_refused(&breathe(&server, "COORD"), "content=dag&action=switch&dag=site_a", 403, gate).await;
}

#[tokio::test]
async fn gates_come_first_then_the_second_right() {
    let server = server_with(Behaviour::default()).await;
    let importer = breathe(&server, "DAGA");
    let reader = breathe(&server, "COORD");
    for (call, right) in [
        ("content=user&format=json&data=x", "User Rights"),
        ("content=user&action=delete&users[0]=x", "User Rights"),
        ("content=userRole&format=json&data=x", "User Rights"),
        ("content=userRole&action=delete&roles[0]=x", "User Rights"),
        ("content=userRoleMapping&action=import&format=json&data=x", "User Rights"),
        ("content=dag&action=import&format=json&data=x", "Data Access Groups"),
        ("content=dag&action=delete&dags[0]=x", "Data Access Groups"),
        ("content=userDagMapping&action=import&format=json&data=x", "Data Access Groups"),
    ] {
        is_refused(&reader, call, 403, "You do not have API Import/Update privileges").await;
        let words =
            format!("You must have 'API Import/Update' privileges and '{right}' privileges in the project.");
        is_refused(&importer, call, 400, &words).await;
    }
    // Read-only User Rights are enough to look, not to write.
    let api = breathe(&server, "FULL");
    api.text(&import("user", &json!([{"username": "stat_nophq", "user_rights": 2}]))).await;
    let looker = breathe(&server, "NOPHQ");
    assert!(looker.json("content=user").await.is_array());
    let words = "You must have 'API Import/Update' privileges and 'User Rights' privileges";
    is_refused(&looker, &import("user", &json!([{"username": "x"}])), 400, words).await;
}

#[tokio::test]
async fn older_versions_know_older_codes() {
    let server = server_with(Behaviour { version: "14.0.0".into(), ..Behaviour::default() }).await;
    let api = breathe(&server, "FULL");
    let body = |code: i64| json!([{"username": "x", "forms": {"visit": code}}]);
    assert_eq!(api.text(&import("user", &body(3))).await, "1");
    assert_eq!(user(&api, "x").await["forms"]["visit"], 3);
    assert_eq!(user(&api, "x").await["forms"]["moca"], 0);
    is_refused(&api, &import("user", &body(130)), 400, "The value \"130\" of forms").await;
    is_refused(&api, &import("user", &json!([{"username": "x", "email_logging": 1}])), 400, "email_logging")
        .await;
    // The inner names of the official sample.
    let body = json!([{"username": "x", "data_logging": 1, "data_export_tool": 2}]);
    assert_eq!(api.text(&import("user", &body)).await, "1");
    let row = user(&api, "x").await;
    assert_eq!((&row["logging"], &row["forms_export"]["visit"]), (&json!(1), &json!(2)));
}
