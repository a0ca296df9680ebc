//! Loading project XML into the demo server: what comes out, what is noted, what is refused.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::{DemoError, DemoOptions, DemoServer, OdmError};
use demo_support::{Caller, fixture};
use std::io::Write as _;

async fn loaded(file: &str) -> (DemoServer, Caller) {
    let options = DemoOptions { builtin: false, load: vec![fixture(file)], ..DemoOptions::default() };
    let server = DemoServer::start(options).await.unwrap();
    let caller = Caller::new(&server, &server.projects()[0].tokens[0].token);
    (server, caller)
}

#[tokio::test]
async fn a_classic_project_comes_out_as_redcap_would_export_it() {
    let (server, admin) = loaded("odm_classic.xml").await;
    assert_eq!(server.projects()[0].title, "Garden & Allotment");
    assert_eq!(
        admin.text("content=metadata&format=csv").await,
        "field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,text_validation_min,text_validation_max,identifier,branching_logic,required_field,custom_alignment,question_number,matrix_group_name,matrix_ranking,field_annotation\n\
         plot_id,plot,,text,Plot,,,,,,,,,,,,,\n\
         owner,plot,People,text,\"Owner's name\",,,,,,y,,y,,,,,\n\
         size,plot,,text,\"Size (m²)\",,,number,1,500,,,,,,,,\n\
         soil,plot,,dropdown,Soil,\"1, Sand, dry | 2, Clay\",,,,,,,,,,,,\n\
         crops,plot,,checkbox,Crops,\"-1, None|1, Beans\",,,,,,,,,,,,\n\
         seen,plot,,text,\"Last seen\",,,datetime_dmy,,,,,,,,,,\n\
         notes,plot,,notes,Notes,,,,,,,\"[size] > 1\",,,,,,\n\
         photo,plot,,file,Photo,,,,,,,,,,,,,\n\
         plant,harvest,,text,Plant,,,,,,,,,,,,,\n\
         kilos,harvest,,text,Kilos,,,number,,,,,,,,,,\n"
    );
    assert_eq!(
        admin.text("content=record&format=csv&exportDataAccessGroups=true&exportSurveyFields=true").await,
        "plot_id,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group,redcap_survey_identifier,plot_timestamp,owner,size,soil,crops____1,crops___1,seen,notes,photo,plot_complete,plant,kilos,harvest_complete\n\
         2,,,northfield,,\"[not completed]\",O'Hara,40,1,0,1,\"2016-01-22 10:43\",\"one\ntwo\",\"plot 2.txt\",2,,,\n\
         2,harvest,1,northfield,,,,,,,,,,,,Leek,,0\n\
         2,harvest,3,northfield,,,,,,,,,,,,Beans,1.5,0\n\
         10,,,,,,,12.5,,0,0,,,,0,,,\n"
    );
    assert_eq!(
        admin.text("content=repeatingFormsEvents&format=csv").await,
        "form_name,custom_form_label\nharvest,[plant]\n"
    );
    assert_eq!(
        admin.text("content=report&report_id=1&format=csv").await,
        "plot_id,redcap_repeat_instrument,redcap_repeat_instance,notes,size\n2,,,\"one  two\",40\n10,,,,12.5\n2,harvest,1,,\n2,harvest,3,,\n"
    );
    assert_eq!(admin.text("content=file&action=export&record=2&field=photo").await, "hello");
    assert_eq!(admin.text("content=generateNextRecordName").await, "11");
    assert_eq!(
        admin.text("content=dag&format=csv").await,
        "data_access_group_name,unique_group_name,data_access_group_id\nNorth-Field,northfield,1\nSouth,south,2\n"
    );
}

#[tokio::test]
async fn roles_and_groups_of_the_file_get_tokens() {
    let (server, _) = loaded("odm_classic.xml").await;
    let tokens = &server.projects()[0].tokens;
    let notes: Vec<&str> = tokens.iter().map(|t| t.note.as_str()).collect();
    assert_eq!(
        notes,
        [
            "all rights",
            "in the role \"picker\"",
            "all rights, in the Data Access Group northfield",
            "all rights, in the Data Access Group south"
        ]
    );
    // The role removes identifiers from one instrument and hides the other.
    let picker = Caller::new(&server, &tokens[1].token);
    let header = picker.text("content=record&format=csv&records[0]=2&fields=plot_id,owner,size,kilos").await;
    assert!(header.starts_with("plot_id,redcap_repeat_instrument,redcap_repeat_instance,size\n"), "{header}");
    let north = Caller::new(&server, &tokens[2].token);
    let rows = north.text("content=record&format=csv&fields=plot_id&exportDataAccessGroups=true").await;
    assert_eq!(rows.lines().count(), 4, "{rows}");
    assert!(!rows.contains("redcap_data_access_group"));
}

#[tokio::test]
async fn arms_events_and_repeating_events_are_read() {
    let (server, admin) = loaded("odm_longitudinal.xml").await;
    assert_eq!(admin.text("content=arm&format=csv").await, "arm_num,name\n1,Motor\n2,Sail");
    assert_eq!(
        admin.text("content=event&format=csv").await,
        "event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name,custom_event_label,event_id\n\
         Launch,1,,,,launch_arm_1,,1\nTrip,1,5,1,2,trip_arm_1,,2\nLaunch,2,,,,launch_arm_2,,3\n"
    );
    assert_eq!(
        admin.text("content=record&format=csv").await,
        "boat,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,paint___1,hull_complete,miles,log_complete\n\
         Ada,launch_arm_1,,,0,0,,\nAda,trip_arm_1,,1,,,3,0\nAda,trip_arm_1,,2,,,7,1\n"
    );
    let notes = server.reports()[0].notes.join("\n");
    assert!(notes.contains("sunk_arm_1"), "{notes}");
}

#[tokio::test]
async fn what_is_not_understood_is_named() {
    let (server, _) = loaded("odm_classic.xml").await;
    let notes = server.reports()[0].notes.join("\n");
    for name in ["WeatherStation", "BeehivesGroup", "Scent", "flying", "ghost", "nowhere"] {
        assert!(notes.contains(name), "{name} is missing from:\n{notes}");
    }
}

async fn refusal(content: &str) -> DemoError {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    let options =
        DemoOptions { builtin: false, load: vec![file.path().to_owned()], ..DemoOptions::default() };
    DemoServer::start(options).await.unwrap_err()
}

#[tokio::test]
async fn files_that_are_no_project_xml_say_what_they_are() {
    let whole = std::fs::read_to_string(fixture("odm_classic.xml")).unwrap();
    let half: String = whole.lines().take(40).collect::<Vec<_>>().join("\n");
    for (content, words) in [
        (String::new(), "the file is empty"),
        ("record_id,age\n1,2\n".into(), "this is no XML: line 1"),
        (half, "the XML ends at line 40 in the middle of <"),
        ("<html><body/></html>".into(), "its root is <html>"),
        ("<ODM SourceSystem=\"OpenClinica\"><Study/></ODM>".into(), "its source system is \"OpenClinica\""),
        ("<ODM>\n<Study></ODM>".into(), "broken at line 2"),
    ] {
        let error = refusal(&content).await;
        assert!(matches!(error, DemoError::Load(..)), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let missing = DemoOptions { load: vec!["/nowhere/at/all.xml".into()], ..DemoOptions::default() };
    assert!(matches!(DemoServer::start(missing).await, Err(DemoError::Read(..))));
    assert_eq!(OdmError::Empty.to_string(), "the file is empty");
}

#[tokio::test]
async fn a_file_without_structure_or_data_is_still_a_project() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(
        b"<ODM xmlns:redcap=\"https://projectredcap.org\" SourceSystem=\"REDCap\"><Study><GlobalVariables><StudyName>Template</StudyName></GlobalVariables></Study></ODM>",
    )
    .unwrap();
    let options =
        DemoOptions { builtin: false, load: vec![file.path().to_owned()], ..DemoOptions::default() };
    let server = DemoServer::start(options).await.unwrap();
    let admin = Caller::new(&server, &server.projects()[0].tokens[0].token);
    assert_eq!(admin.text("content=record&format=csv").await, "\n");
    assert!(server.reports()[0].notes[0].contains("no MetaDataVersion"));
}
