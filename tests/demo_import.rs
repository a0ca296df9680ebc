//! Record import over HTTP: every message of the reference, every shape of answer, all or nothing.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::behaviour::{Behaviour, KeyRows};
use demo_support::{Caller, caller, encoded, server, server_with};

/// Imports into a project; the parameters come first.
async fn import(caller: &Caller, params: &str, data: &str) -> (u16, String) {
    caller.call(&format!("content=record&{params}&data={}", encoded(data))).await
}

const EXPECTED_FORMAT: &str = "The value you provided could not be validated because it does not follow the expected format. Please try again.";

/// The message that an import must be refused with, in JSON, CSV and XML.
async fn refused(caller: &Caller, params: &str, data: &str, message: &str) {
    for format in ["json", "csv", "xml"] {
        let (status, body) = import(caller, &format!("{params}&returnFormat={format}"), data).await;
        let found = match format {
            "json" => serde_json::from_str::<serde_json::Value>(&body).unwrap()["error"]
                .as_str()
                .unwrap()
                .to_owned(),
            "csv" => body.strip_prefix("ERROR: ").unwrap_or_else(|| panic!("{body}")).to_owned(),
            _ => body
                .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\" ?><hash><error>")
                .and_then(|b| b.strip_suffix("</error></hash>"))
                .unwrap_or_else(|| panic!("{body}"))
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&"),
        };
        assert_eq!(found, message, "{params} {data}");
        assert_eq!(status, 400, "{params} {data}");
    }
}

fn quadruple(cells: [&str; 4]) -> String {
    cells.map(|c| format!("\"{c}\"")).join(",")
}

#[tokio::test]
async fn every_message_of_the_reference() {
    let mut behaviour = Behaviour::default();
    behaviour.import.locked_records.push((101, "005".into()));
    let server = server_with(behaviour).await;
    let full = caller(&server, 101, "FULL");
    let before = full.text("content=record&format=csv").await;
    let header = "study_id,redcap_event_name,";
    let not_designated = "This field ('weight') exists on an instrument that is not designated for the event named 'Screening (Arm 1: Arm 1)'. You are not allowed to import data for this field into this event.";
    let no_instance = "This field ('ae_term') exists on a Repeating Instrument named 'ae_log'. However, the fields 'redcap_repeat_instance' and/or 'redcap_repeat_instrument' for this row of data have no value, which are both required for importing data into a Repeating Instrument. You are not allowed to import data for this field into a non-repeating instrument.";
    let bad_instrument = "redcap_repeat_instrument must be the unique form name of a Repeating Instrument. It currently does not match the unique form name of any Repeating Instruments.  Please fix this in the data import file and try again.";
    let no_repeat = "redcap_repeat_instance cannot have a value since this instrument or event is not a repeating instrument or repeating event, respectively.  The redcap_repeat_instance field must be left blank for this row of data.";
    let locked =
        "This record has been locked at the record level. No value within this record can be modified.";
    let instance = |value: &str| {
        format!(
            "The record name (001) has an invalid value for 'redcap_repeat_instance'. The value must either be a positive integer or the value 'new'. Value provided: {value}"
        )
    };
    let keys = "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance";
    for (data, message) in [
        // Columns.
        (
            "study_id,foo,weight,baz\n001,1,2,3".to_owned(),
            "The following fields were not found in the project as real data fields: foo, baz".to_owned(),
        ),
        (
            "study_id,race\n001,1".into(),
            "The following fields were not found in the project as real data fields: race".into(),
        ),
        (
            "weight\n70".into(),
            "The record ID field 'study_id' was not found among the fields of the data".into(),
        ),
        // Events.
        (
            format!("{header}weight\n001,nope_arm_1,70\n002,nope_arm_1,70\n001,other,1"),
            "The following values of redcap_event_name are invalid: nope_arm_1, other".into(),
        ),
        (
            format!("{header}weight\n001,screening_arm_1,70"),
            quadruple(["001", "weight", "70", not_designated]),
        ),
        // Without an event the first one is meant, where the field is not.
        ("study_id,weight\n001,70".into(), quadruple(["001", "weight", "70", not_designated])),
        // What repeats.
        (
            format!("{keys},ae_term\n001,ongoing_arm_1,,,Rash"),
            quadruple(["001", "ae_term", "Rash", no_instance]),
        ),
        (
            format!("{keys},ae_term\n001,ongoing_arm_1,ae_log,,Rash"),
            quadruple(["001", "ae_term", "Rash", no_instance]),
        ),
        (
            format!("{keys},ae_term\n001,ongoing_arm_1,,2,Rash"),
            quadruple(["001", "ae_term", "Rash", no_instance]),
        ),
        (
            format!("{keys},weight\n001,baseline_arm_1,visit,1,70"),
            format!("{}\n{}", quadruple(["001", "redcap_repeat_instrument", "visit", bad_instrument]), "")
                .trim_end()
                .to_owned(),
        ),
        (
            format!("{keys},weight\n001,baseline_arm_1,,1,70"),
            quadruple(["001", "redcap_repeat_instance", "1", no_repeat]),
        ),
        (
            format!("{keys},weight\n001,baseline_arm_1,ae_log,1,70"),
            quadruple(["001", "redcap_repeat_instance", "1", no_repeat]),
        ),
        (format!("{keys},ae_term\n001,ongoing_arm_1,ae_log,0,x"), instance("0")),
        (format!("{keys},ae_term\n001,ongoing_arm_1,ae_log,-1,x"), instance("-1")),
        (format!("{keys},ae_term\n001,ongoing_arm_1,ae_log,1.5,x"), instance("1.5")),
        (format!("{keys},ae_term\n001,ongoing_arm_1,ae_log,NEW,x"), instance("NEW")),
        (
            format!("{keys},weight\n001,unscheduled_arm_1,,,70"),
            quadruple([
                "001",
                "redcap_repeat_instance",
                "",
                "redcap_repeat_instance must have a value since this event is a repeating event.",
            ]),
        ),
        // Values.
        (
            format!("{header}sex\n001,screening_arm_1,Female"),
            quadruple(["001", "sex", "Female", "The value is not a valid category for sex"]),
        ),
        (
            format!("{header}sex\n001,screening_arm_1,01"),
            quadruple(["001", "sex", "01", "The value is not a valid category for sex"]),
        ),
        (
            format!("{header}race___1\n001,screening_arm_1,2"),
            quadruple(["001", "race___1", "2", "The value is not a valid category for race___1"]),
        ),
        (
            format!("{header}meds_taken\n001,baseline_arm_1,Yes"),
            quadruple(["001", "meds_taken", "Yes", "The value is not a valid category for meds_taken"]),
        ),
        (
            format!("{header}visit_complete\n001,baseline_arm_1,3"),
            quadruple(["001", "visit_complete", "3", "The value is not a valid category for visit_complete"]),
        ),
        (
            format!("{header}visit_complete\n001,baseline_arm_1,UNK"),
            quadruple([
                "001",
                "visit_complete",
                "UNK",
                "The value is not a valid category for visit_complete",
            ]),
        ),
        (
            format!("{header}weight\n001,baseline_arm_1,heavy"),
            quadruple(["001", "weight", "heavy", EXPECTED_FORMAT]),
        ),
        (
            format!("{header}weight\n001,baseline_arm_1,unk"),
            quadruple(["001", "weight", "unk", EXPECTED_FORMAT]),
        ),
        (
            format!("{header}sbp\n001,baseline_arm_1,120.0"),
            quadruple(["001", "sbp", "120.0", EXPECTED_FORMAT]),
        ),
        (
            format!("{header}zip\n001,screening_arm_1,2138"),
            quadruple(["001", "zip", "2138", EXPECTED_FORMAT]),
        ),
        (
            format!("{header}visit_date\n001,baseline_arm_1,31/02/2026"),
            quadruple(["001", "visit_date", "31/02/2026", EXPECTED_FORMAT]),
        ),
        // All errors together, in the order of the rows.
        (
            format!("{header}weight,sbp\n001,baseline_arm_1,x,y\n002,baseline_arm_1,70,\"a \"\"b\"\"\""),
            [
                quadruple(["001", "weight", "x", EXPECTED_FORMAT]),
                quadruple(["001", "sbp", "y", EXPECTED_FORMAT]),
                quadruple(["002", "sbp", "a \"\"b\"\"", EXPECTED_FORMAT]),
            ]
            .join("\n"),
        ),
        // Records.
        (
            format!("{header}weight\n,baseline_arm_1,70"),
            quadruple(["", "study_id", "", "The record name is blank. Every row must have one."]),
        ),
        (
            format!("{header}weight\n{},baseline_arm_1,70", "x".repeat(101)),
            quadruple([
                &"x".repeat(101),
                "study_id",
                &"x".repeat(101),
                "The record name is longer than 100 characters.",
            ]),
        ),
        (format!("{header}weight\n005,baseline_arm_1,70"), quadruple(["005", "study_id", "005", locked])),
        (
            "study_id,redcap_data_access_group\n001,site_z".into(),
            quadruple([
                "001",
                "redcap_data_access_group",
                "site_z",
                "The value is not a valid category for redcap_data_access_group",
            ]),
        ),
    ] {
        refused(&full, "format=csv", &data, &message).await;
    }
    assert_eq!(full.text("content=record&format=csv").await, before, "a refused import changed something");
}

#[tokio::test]
async fn rights_decide_what_may_be_written() {
    let server = server().await;
    let row = |record: &str| format!("study_id,redcap_event_name,weight\n{record},baseline_arm_1,70");
    // No right to create records (S22).
    let nophq = caller(&server, 101, "NOPHQ");
    let cannot = "Your user privileges do NOT allow you to create new records.";
    refused(&nophq, "format=csv", &row("099"), cannot).await;
    refused(&nophq, "format=csv&forceAutoNumber=true", &row("001"), cannot).await;
    assert_eq!(import(&nophq, "format=csv", &row("002")).await, (200, "1".into()));
    // A user in a group: no column, no record of others; new records join the group.
    let daga = caller(&server, 101, "DAGA");
    refused(
        &daga,
        "format=csv",
        "study_id,redcap_data_access_group\n001,site_a",
        "Illegal use of 'redcap_data_access_group' field!",
    )
    .await;
    let foreign =
        "This record does not belong to your Data Access Group. No value within this record can be modified.";
    refused(&daga, "format=csv", &row("004"), &quadruple(["004", "study_id", "004", foreign])).await;
    assert_eq!(import(&daga, "format=csv", &row("001")).await, (200, "1".into()));
    let (status, ids) =
        import(&daga, "format=csv&forceAutoNumber=true&returnContent=auto_ids&returnFormat=json", &row("7"))
            .await;
    assert_eq!((status, ids.as_str()), (200, "[\"331-1,7\"]"));
    assert!(daga.text("content=record&format=csv&fields=study_id").await.contains("331-1,"));
    // The gate comes before the data, and before everything about them.
    for token in ["DEID", "COORD"] {
        let (status, body) = import(&caller(&server, 101, token), "format=json&returnFormat=csv", "x").await;
        assert_eq!((status, body.as_str()), (403, "ERROR: You do not have API Import/Update privileges"));
    }
    let imponly = caller(&server, 101, "IMPONLY");
    assert_eq!(import(&imponly, "format=csv", &row("001")).await, (200, "1".into()));
}

#[tokio::test]
async fn read_only_instruments_are_not_written() {
    let server = server().await;
    let data = "record_id,weight,height\n1,70.0,170.0";
    // A user who may look at every instrument and edit none, and now may import.
    let rights = "content=user&format=json&data=".to_owned()
        + &encoded("[{\"username\":\"heartbeat_stats\",\"api_import\":1,\"record_create\":1}]");
    caller(&server, 102, "all rights").text(&rights).await;
    let strict = caller(&server, 102, "API Export only");
    refused(
        &strict,
        "format=csv",
        data,
        &quadruple([
            "1",
            "weight",
            "70.0",
            "You do not have the right to edit the instrument 'baseline'. No value of it can be modified.",
        ]),
    )
    .await;
    assert_eq!(import(&caller(&server, 102, "all rights"), "format=csv", data).await.0, 200);
    let mut behaviour = Behaviour::default();
    behaviour.import.entry_rights = false;
    let server = server_with(behaviour).await;
    caller(&server, 102, "all rights").text(&rights).await;
    let lenient = caller(&server, 102, "API Export only");
    assert_eq!(import(&lenient, "format=csv", data).await.0, 200);
}

#[tokio::test]
async fn answers_have_the_shapes_of_the_reference() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let data = "study_id,redcap_event_name,sbp\n001,baseline_arm_1,120\n001,week_4_arm_1,121\n\"a b\",baseline_arm_1,1";
    for (params, body) in [
        ("returnFormat=json", "{\"count\":2}"),
        ("returnFormat=csv", "2"),
        ("returnFormat=xml", "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><count>2</count>"),
        ("", "2"),
        ("returnContent=ids&returnFormat=json", "[\"001\",\"a b\"]"),
        ("returnContent=ids", "id\n001\n\"a b\""),
        (
            "returnContent=ids&returnFormat=xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><ids><id>001</id><id>a b</id></ids>",
        ),
        ("returnContent=nothing&returnFormat=json", "[{}]"),
        ("returnContent=nothing", ""),
        ("returnContent=nothing&returnFormat=xml", ""),
        ("forceAutoNumber=true&returnContent=auto_ids", "id\n\"11,001\"\n\"12,a b\""),
        ("forceAutoNumber=TRUE&returnContent=auto_ids&returnFormat=json", "[\"13,001\",\"14,a b\"]"),
        ("forceAutoNumber=1&returnContent=ids&returnFormat=json", "[\"15\",\"16\"]"),
        ("backgroundProcess=true&returnFormat=json", "{\"success\":true}"),
        ("backgroundProcess=1", "success:true"),
    ] {
        assert_eq!(
            import(&full, &format!("format=csv&{params}"), data).await,
            (200, body.into()),
            "{params}"
        );
    }
    for params in
        ["returnContent=all", "overwriteBehavior=maybe", "dateFormat=YDM", "type=wide", "csvDelimiter=x"]
    {
        let name = params.split('=').next().unwrap();
        let message = format!("The value of the parameter \"{name}\" is not valid");
        refused(&full, &format!("format=csv&{params}"), data, &message).await;
    }
}

#[tokio::test]
async fn data_that_are_not_in_their_format() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let message = "The data is not in the specified format.";
    for (format, data) in [
        ("json", "x"),
        ("json", ""),
        ("json", "[{\"study_id\":\"1\"}"),
        ("json", "[1,2]"),
        ("json", "[{\"study_id\":[1]}]"),
        ("json", "study_id\n1"),
        ("csv", ""),
        ("csv", "study_id\n1,2,3"),
        ("xml", "study_id\n1"),
        ("xml", "<records><item><study_id>1</item></records>"),
        (
            "xml",
            "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;&b;&b;\">]><records><item><study_id>&c;</study_id></item></records>",
        ),
        (
            "xml",
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><records><item><study_id>&x;</study_id></item></records>",
        ),
        ("odm", "<records/>"),
        ("odm", "{}"),
    ] {
        refused(&full, &format!("format={format}"), data, message).await;
    }
    // Without any format, the words come bare.
    assert_eq!(import(&full, "type=flat", "x").await, (400, message.to_owned()));
    // One bare object imports nothing, and says so; so does a list of nothing.
    for data in ["{\"study_id\":\"001\"}", "[]"] {
        assert_eq!(import(&full, "format=json", data).await, (200, "{\"count\":0}".into()));
    }
    assert_eq!(import(&full, "format=csv", "study_id\n").await, (200, "0".into()));
    // Data are needed at all, if the import is asked for by its name.
    let (status, body) = full.call("content=record&action=import&format=json").await;
    assert_eq!(
        (status, body.as_str()),
        (400, "{\"error\":\"The required parameter \\\"data\\\" is missing\"}")
    );
}

#[tokio::test]
async fn too_much_data_is_refused_in_a_servers_words() {
    let mut behaviour = Behaviour::default();
    behaviour.import.most_bytes = 10_000;
    let server = server_with(behaviour).await;
    let full = caller(&server, 101, "FULL");
    let data = format!("study_id,notes_free\n001,{}", "x".repeat(20_000));
    let (status, body) = import(&full, "format=csv", &data).await;
    assert_eq!(status, 500);
    assert!(body.contains("ran out of server memory"), "{body}");
}

/// The cells of a record at an event, as `field=value` of those that are asked for.
async fn cells(caller: &Caller, record: &str, event: &str, fields: &[&str]) -> String {
    let list: String = fields
        .iter()
        .filter(|f| !f.starts_with("redcap_"))
        .fold(String::new(), |list, f| list + "&fields[]=" + f);
    let rows = caller
        .json(&format!("content=record&records[0]={record}&events[0]={event}{list}&fields[]=study_id&exportBlankForGrayFormStatus=true"))
        .await;
    let row = |row: &serde_json::Value| {
        let text = |key: &str| match &row[key] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let columns: Vec<String> = row.as_object().unwrap().keys().cloned().collect();
        columns
            .iter()
            .filter(|c| fields.iter().any(|f| *c == f || c.starts_with(&format!("{f}___"))))
            .map(|c| text(c))
            .collect::<Vec<_>>()
            .join("|")
    };
    rows.as_array().unwrap().iter().map(row).collect::<Vec<_>>().join(" / ")
}

#[tokio::test]
async fn blanks_keep_or_erase() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let at = ("001", "baseline_arm_1");
    let fields = ["weight", "sbp", "smoker", "visit_complete"];
    let data = "study_id,redcap_event_name,weight,sbp,smoker\n001,baseline_arm_1,,,3";
    assert_eq!(cells(&full, at.0, at.1, &fields).await, "72.5|128|1|2");
    assert_eq!(import(&full, "format=csv", data).await, (200, "1".into()));
    assert_eq!(cells(&full, at.0, at.1, &fields).await, "72.5|128|3|2");
    assert_eq!(import(&full, "format=csv&overwriteBehavior=overwrite", data).await, (200, "1".into()));
    assert_eq!(cells(&full, at.0, at.1, &fields).await, "||3|2");
    // Ticks: 0 takes one away, a blank only if blanks erase; columns that are not sent stay.
    let boxes =
        |value: &str| format!("study_id,redcap_event_name,race___1,race___2\n001,screening_arm_1,{value}");
    for (params, value, expected) in [
        ("", ",1", "0|1|1|0"),
        ("", "0,", "0|0|1|0"),
        ("&overwriteBehavior=overwrite", "1,", "0|1|0|0"),
        ("", "1,", "0|1|0|0"),
    ] {
        import(&full, &format!("format=csv{params}"), &boxes(value)).await;
        assert_eq!(cells(&full, "001", "screening_arm_1", &["race"]).await, expected, "{value}");
    }
}

#[tokio::test]
async fn values_are_stored_as_redcap_stores_them() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    for (params, field, sent, stored) in [
        ("", "visit_date", "2026/03/04", "2026-03-04"),
        ("&dateFormat=MDY", "visit_date", "03/04/2026", "2026-03-04"),
        ("&dateFormat=DMY", "visit_date", "03/04/2026", "2026-04-03"),
        ("&dateFormat=DMY", "visit_date", "2026-05-06", "2026-05-06"),
        // Missing data codes pass everywhere; bounds are soft.
        ("", "visit_date", "NASK", "NASK"),
        ("", "weight", "UNK", "UNK"),
        ("", "smoker", "UNK", "UNK"),
        ("", "weight", "5000", "5000"),
        ("", "sbp", "-3", "-3"),
        ("", "weight", " 71.5 ", "71.5"),
    ] {
        let data = format!("study_id,redcap_event_name,{field}\n002,baseline_arm_1,{sent}");
        let (status, body) = import(&full, &format!("format=csv{params}"), &data).await;
        assert_eq!(status, 200, "{field} {sent}: {body}");
        assert_eq!(cells(&full, "002", "baseline_arm_1", &[field]).await, stored, "{field} {sent}");
    }
    // Numbers and strings in JSON; a semicolon CSV; XML.
    for (params, data) in [
        (
            "format=json",
            "[{\"study_id\":\"002\",\"redcap_event_name\":\"baseline_arm_1\",\"sbp\":121,\"weight\":\"80.5\"}]",
        ),
        (
            "format=csv&csvDelimiter=;",
            "\u{feff}study_id;redcap_event_name;sbp;weight\r\n\r\n002;baseline_arm_1;121;80.5\r\n",
        ),
        (
            "format=csv&csvDelimiter=tab",
            "study_id\tredcap_event_name\tsbp\tweight\n002\tbaseline_arm_1\t121\t80.5",
        ),
        (
            "format=xml",
            "<records><item><study_id>002</study_id><redcap_event_name>baseline_arm_1</redcap_event_name><sbp><![CDATA[121]]></sbp><weight>80.5</weight></item></records>",
        ),
        (
            "format=json&type=eav",
            "[{\"record\":\"002\",\"redcap_event_name\":\"baseline_arm_1\",\"field_name\":\"sbp\",\"value\":121},{\"record\":\"002\",\"redcap_event_name\":\"baseline_arm_1\",\"field_name\":\"weight\",\"value\":\"80.5\"}]",
        ),
        (
            "format=csv&type=eav",
            "record,redcap_event_name,field_name,value\n002,baseline_arm_1,sbp,121\n002,baseline_arm_1,weight,80.5",
        ),
        (
            "format=odm",
            "<ODM><ClinicalData><SubjectData SubjectKey=\"002\"><StudyEventData StudyEventOID=\"Event.baseline_arm_1\"><FormData FormOID=\"Form.visit\" FormRepeatKey=\"1\"><ItemGroupData><ItemData ItemOID=\"sbp\" Value=\"121\"/><ItemData ItemOID=\"weight\" Value=\"80.5\"/></ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData></ODM>",
        ),
    ] {
        import(&full, "format=csv", "study_id,redcap_event_name,sbp,weight\n002,baseline_arm_1,1,1").await;
        let (status, body) = import(&full, &format!("{params}&returnFormat=json"), data).await;
        assert_eq!((status, body.as_str()), (200, "{\"count\":1}"), "{params}");
        assert_eq!(cells(&full, "002", "baseline_arm_1", &["weight", "sbp"]).await, "80.5|121", "{params}");
    }
    // EAV: boxes by their columns; the shape of EAV exports is not taken.
    let box_row = "record,redcap_event_name,field_name,value\n002,screening_arm_1,race___3,1";
    assert_eq!(import(&full, "format=csv&type=eav", box_row).await, (200, "1".into()));
    assert_eq!(cells(&full, "002", "screening_arm_1", &["race"]).await, "0|0|1|1");
    let exported = "record,redcap_event_name,field_name,value\n002,screening_arm_1,race,3";
    let unknown = "The following fields were not found in the project as real data fields: race";
    refused(&full, "format=csv&type=eav", exported, unknown).await;
    let new = "record,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,field_name,value\n001,ongoing_arm_1,ae_log,new,ae_term,x";
    refused(&full, "format=csv&type=eav", new, "The record name (001) has an invalid value for 'redcap_repeat_instance'. The value must either be a positive integer or the value 'new'. Value provided: new").await;
}

#[tokio::test]
async fn what_is_ignored_is_ignored_silently() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let data = "study_id,redcap_event_name,redcap_survey_identifier,phq9_timestamp,phq_total,phq1\n001,baseline_arm_1,x,2020-01-01 00:00,99,3";
    assert_eq!(import(&full, "format=csv", data).await, (200, "1".into()));
    // The total follows its inputs and not what was sent: 7 with phq1 = 1, so 9 with 3.
    assert_eq!(cells(&full, "001", "baseline_arm_1", &["phq1", "phq_total"]).await, "3|9");
    let stamps = full
        .text("content=record&format=csv&records=001&events=baseline_arm_1&fields=study_id,phq1&exportSurveyFields=true")
        .await;
    assert!(stamps.contains("2026-01-05 09:41:12") && !stamps.contains(",x,"), "{stamps}");
    let log = full.json("content=log&record=001&logtype=record_edit").await;
    assert_eq!(log[0]["action"], "Update record (Auto calculation) 001");
    assert_eq!(log[0]["details"], "phq_total = '9'");
    assert_eq!(
        (&log[1]["action"], &log[1]["details"]),
        (&"Update record (API) 001".into(), &"phq1 = '3'".into())
    );
}

#[tokio::test]
async fn the_log_holds_what_changed_and_nothing_else() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let lines = || async {
        let log = full.json("content=log&logtype=record").await;
        log.as_array()
            .unwrap()
            .iter()
            .map(|l| (l["action"].clone(), l["details"].clone()))
            .collect::<Vec<_>>()
    };
    let before = lines().await.len();
    // S10: one value changed, one equal, three new, one blank.
    let good = "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,70.5,120\n002,week_12_arm_1,82,\n003,week_4_arm_1,64,118";
    assert_eq!(import(&full, "format=csv", good).await, (200, "3".into()));
    let after = lines().await;
    assert_eq!(after.len(), before + 3);
    assert_eq!(after[0], ("Update record (API) 003".into(), "weight = '64',\nsbp = '118'".into()));
    assert_eq!(after[2], ("Update record (API) 001".into(), "weight = '70.5'".into()));
    // The same once more changes nothing, counts the same, and leaves no line.
    assert_eq!(import(&full, "format=csv", good).await, (200, "3".into()));
    assert_eq!(lines().await.len(), before + 3);
    for (data, action, details) in [
        ("study_id,race___2\n1200,1", "Create record (API) 1200", "study_id = '1200',\nrace(2) = checked"),
        ("study_id,race___2\n1200,0", "Update record (API) 1200", "race(2) = unchecked"),
        (
            "study_id,redcap_data_access_group\n1200,site_b",
            "Update record (API) 1200",
            "Assign record to Data Access Group (redcap_data_access_group = 'site_b')",
        ),
        (
            "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ae_term\n001,ongoing_arm_1,ae_log,new,O'Brien",
            "Update record (API) 001",
            "[instance = 3],\nae_term = 'O'Brien'",
        ),
    ] {
        assert_eq!(import(&full, "format=csv", data).await, (200, "1".into()), "{data}");
        assert_eq!(lines().await[0], (action.into(), details.into()), "{data}");
    }
    let old = server_with(Behaviour { version: "11.0.0".into(), ..Behaviour::default() }).await;
    let old = caller(&old, 101, "FULL");
    import(&old, "format=csv", "study_id\n1200").await;
    assert_eq!(old.json("content=log&record=1200").await[0]["action"], "Created Record (API) 1200");
}

#[tokio::test]
async fn instances_are_numbered() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let keys = "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance";
    let data = format!(
        "{keys},ae_term\n001,ongoing_arm_1,ae_log,new,A\n001,ongoing_arm_1,ae_log,7,B\n001,ongoing_arm_1,ae_log,new,C\n077,ongoing_arm_1,ae_log,new,D"
    );
    assert_eq!(import(&full, "format=csv", &data).await, (200, "2".into()));
    assert_eq!(
        cells(&full, "001", "ongoing_arm_1", &["redcap_repeat_instance", "ae_term"]).await,
        "1|Cough / 2|Rash / 7|B / 8|A / 9|C"
    );
    assert_eq!(cells(&full, "077", "ongoing_arm_1", &["redcap_repeat_instance", "ae_term"]).await, "1|D");
    // Gaps are allowed, and repeating events count by themselves.
    let data = format!("{keys},weight\n001,unscheduled_arm_1,,new,70\n001,unscheduled_arm_1,,9,71");
    assert_eq!(import(&full, "format=csv", &data).await, (200, "1".into()));
    assert_eq!(
        cells(&full, "001", "unscheduled_arm_1", &["redcap_repeat_instance", "weight"]).await,
        "1|72.1 / 2|71.9 / 9|71 / 10|70"
    );
}

#[tokio::test]
async fn rows_with_nothing_but_keys() {
    for (key_rows, new_record, new_event) in
        [(KeyRows::Nothing, "", ""), (KeyRows::Record, "|", ""), (KeyRows::Row, "|", "|")]
    {
        let mut behaviour = Behaviour::default();
        behaviour.import.key_rows = key_rows;
        let server = server_with(behaviour).await;
        let full = caller(&server, 101, "FULL");
        assert_eq!(import(&full, "format=csv", "study_id\n500").await, (200, "1".into()));
        assert_eq!(
            cells(&full, "500", "screening_arm_1", &["sex", "demographics_complete"]).await,
            new_record
        );
        let data = "study_id,redcap_event_name\n005,baseline_arm_1";
        assert_eq!(import(&full, "format=csv", data).await, (200, "1".into()));
        assert_eq!(cells(&full, "005", "baseline_arm_1", &["weight", "visit_complete"]).await, new_event);
    }
}

#[tokio::test]
async fn a_value_makes_its_instrument_incomplete() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let data = "study_id,redcap_event_name,weight\n005,baseline_arm_1,70";
    import(&full, "format=csv", data).await;
    assert_eq!(
        cells(&full, "005", "baseline_arm_1", &["weight", "visit_complete", "phq9_complete"]).await,
        "70|0|"
    );
    // Two rows of one key are merged; of two values the later stays.
    let twice = "study_id,redcap_event_name,weight,sbp\n005,week_4_arm_1,70,\n005,week_4_arm_1,72,120";
    assert_eq!(import(&full, "format=csv", twice).await, (200, "1".into()));
    assert_eq!(cells(&full, "005", "week_4_arm_1", &["weight", "sbp"]).await, "72|120");
}

#[tokio::test]
async fn groups_follow_the_column() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let group = || async {
        let csv = full
            .text("content=record&format=csv&records=001&events=screening_arm_1&fields=study_id&exportDataAccessGroups=true")
            .await;
        csv.lines().nth(1).unwrap().rsplit(',').next().unwrap().to_owned()
    };
    for (params, value, expected) in [
        ("", "site_b", "site_b"),
        ("", "", "site_b"),
        ("&overwriteBehavior=overwrite", "", ""),
        ("", "site_a", "site_a"),
    ] {
        let data = format!("study_id,redcap_data_access_group\n001,{value}");
        assert_eq!(import(&full, &format!("format=csv{params}"), &data).await, (200, "1".into()));
        assert_eq!(group().await, expected);
    }
}

#[tokio::test]
async fn the_background_process_keeps_what_is_good() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let data = "study_id,redcap_event_name,weight\n001,baseline_arm_1,70\n002,baseline_arm_1,x\n001,week_4_arm_1,71\n002,week_4_arm_1,72";
    let answer = import(&full, "format=csv&backgroundProcess=true&returnFormat=json", data).await;
    assert_eq!(answer, (200, "{\"success\":true}".into()));
    assert_eq!(cells(&full, "001", "week_4_arm_1", &["weight"]).await, "71");
    assert_eq!(cells(&full, "002", "week_4_arm_1", &["weight"]).await, "81");
    assert_eq!(full.json("content=log&record=001").await[0]["username"], "SYSTEM (dm)");
}

#[tokio::test]
async fn missing_codes_of_checkboxes_have_columns_of_their_own() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    assert!(!full.text("content=record&format=csv").await.contains("race___unk"));
    let data = "study_id,race___unk\n010,1";
    assert_eq!(import(&full, "format=csv", data).await, (200, "1".into()));
    assert_eq!(cells(&full, "010", "screening_arm_1", &["race"]).await, "0|0|1|0|1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_imports_at_once_never_mix() {
    let server = server().await;
    let project = server.projects().iter().find(|p| p.project_id == 101).unwrap();
    let token = project.tokens[0].token.clone();
    let full = std::sync::Arc::new(Caller::new(&server, &token));
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let full = std::sync::Arc::clone(&full);
            let data = format!("study_id,redcap_event_name,weight,sbp\n001,baseline_arm_1,{n},{n}");
            tokio::spawn(async move {
                import(&full, "format=csv", &data).await;
                let cells = cells(&full, "001", "baseline_arm_1", &["weight", "sbp"]).await;
                let (weight, sbp) = cells.split_once('|').unwrap();
                assert_eq!(weight, sbp);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    // Automatic numbers are given once each.
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let full = std::sync::Arc::clone(&full);
            tokio::spawn(async move {
                import(&full, "format=csv&forceAutoNumber=true&returnContent=ids", "study_id\nx").await.1
            })
        })
        .collect();
    let mut names = std::collections::BTreeSet::new();
    for task in tasks {
        names.insert(task.await.unwrap());
    }
    assert_eq!(names.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_bodies_are_taken_or_refused_in_time() {
    let server = server().await;
    let full = caller(&server, 101, "FULL");
    let keys = "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance";
    // Many good rows, many bad ones of every kind, more cells than a table holds, too many bytes.
    let rows = |row: &dyn Fn(usize) -> String, n: usize| (0..n).map(row).collect::<Vec<_>>().join("\n");
    for (data, status, words) in [
        (rows(&|n| format!("L{n},baseline_arm_1,,,{n}"), 20_000), 200, "20000"),
        (rows(&|n| format!("B{n},baseline_arm_1,,,x"), 20_000), 400, "\"B19999\",\"weight\""),
        (rows(&|n| format!("E{n},event_{n},,,1"), 20_000), 400, "event_19999"),
        (rows(&|n| format!("I{n},baseline_arm_1,,-{n},1"), 20_000), 400, "Value provided: -19999"),
        (",".repeat(9_000_000), 200, "0"),
        (rows(&|_| ",,,,".into(), 2_000_000), 500, "ran out of server memory"),
        ("x".repeat(100 << 20), 500, "ran out of server memory"),
    ] {
        let start = std::time::Instant::now();
        let (found, text) = import(&full, "format=csv", &format!("{keys},weight\n{data}")).await;
        let told: String = text.chars().take(300).collect();
        assert_eq!(found, status, "{told}");
        assert!(text.contains(words), "{words}: {told}");
        println!("{} bytes: {} in {:?}", data.len(), found, start.elapsed());
        assert!(start.elapsed().as_secs() < 60, "{words}");
    }
}
