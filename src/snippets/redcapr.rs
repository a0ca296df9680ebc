//! R with REDCapR, for the methods that it has. REDCapR chooses the formats itself and gives back
//! a data frame, which is written as CSV.

use super::library::{Arg, Function, find, function};
use super::r::{head, quoted};
use super::{Call, Refusal};
use crate::api::catalogue::Action;

const LIBRARY: &str = "REDCapR";

const FUNCTIONS: &[Function] = &[
    function(
        "record",
        Action::Export,
        "redcap_read_oneshot",
        &[
            ("records", "records"),
            ("fields", "fields"),
            ("forms", "forms"),
            ("events", "events"),
            ("rawOrLabel", "raw_or_label"),
            ("rawOrLabelHeaders", "raw_or_label_headers"),
            ("exportCheckboxLabel", "export_checkbox_label"),
            ("exportSurveyFields", "export_survey_fields"),
            ("exportDataAccessGroups", "export_data_access_groups"),
            ("filterLogic", "filter_logic"),
            ("dateRangeBegin", "datetime_range_begin"),
            ("dateRangeEnd", "datetime_range_end"),
            ("exportBlankForGrayFormStatus", "blank_for_gray_form_status"),
        ],
    ),
    function("record", Action::Import, "redcap_write_oneshot", &[("data", "ds")]),
    function("record", Action::Delete, "redcap_delete", &[("records", "records_to_delete")]),
    function(
        "report",
        Action::Export,
        "redcap_report",
        &[
            ("report_id", "report_id"),
            ("rawOrLabel", "raw_or_label"),
            ("rawOrLabelHeaders", "raw_or_label_headers"),
            ("exportCheckboxLabel", "export_checkbox_label"),
        ],
    ),
    function("metadata", Action::Export, "redcap_metadata_read", &[("forms", "forms"), ("fields", "fields")]),
    function("exportFieldNames", Action::Export, "redcap_variables", &[]),
    function("instrument", Action::Export, "redcap_instruments", &[]),
    function("event", Action::Export, "redcap_event_read", &[]),
    function("formEventMapping", Action::Export, "redcap_event_instruments", &[("arms", "arms")]),
    function("arm", Action::Export, "redcap_arm_export", &[]),
    function("dag", Action::Export, "redcap_dag_read", &[]),
    function("project", Action::Export, "redcap_project_info_read", &[]),
    function("version", Action::Export, "redcap_version", &[]),
    function("generateNextRecordName", Action::Export, "redcap_next_free_record_name", &[]),
    function(
        "file",
        Action::Import,
        "redcap_file_upload_oneshot",
        &[("record", "record"), ("field", "field"), ("event", "event")],
    ),
    function(
        "file",
        Action::Export,
        "redcap_file_download_oneshot",
        &[
            ("record", "record"),
            ("field", "field"),
            ("event", "event"),
            ("repeat_instance", "repeat_instance"),
        ],
    ),
];

/// The value of an argument in R.
pub(super) fn value(arg: &Arg) -> String {
    match arg {
        Arg::Text(text) => quoted(text),
        Arg::Number(text) => (*text).to_owned(),
        Arg::List(list) => {
            format!("c({})", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
        }
        Arg::Flag(on) => if *on { "TRUE" } else { "FALSE" }.to_owned(),
        Arg::Time(time) => format!("as.POSIXct({})", quoted(time)),
    }
}

/// Rows to import as a data frame of texts; `None` for a format that base R cannot read.
pub(super) fn frame(call: &Call) -> Option<String> {
    let data = quoted(call.request.text("data"));
    match call.request.text("format") {
        "csv" => Some(format!(
            "utils::read.csv(text = {data}, colClasses = \"character\", check.names = FALSE, na.strings = character())"
        )),
        "json" => Some(format!("jsonlite::fromJSON({data})")),
        _ => None,
    }
}

pub(super) fn write(call: &Call) -> Result<String, Refusal> {
    let own = ["format", "returnFormat", "type", "overwriteBehavior", "returnContent"];
    let (function, args) = find(LIBRARY, FUNCTIONS, &own, call)?;
    let refuse = |name: &str| {
        Err(Refusal::NoArgument { library: LIBRARY, function: function.name, name: name.to_owned() })
    };
    if call.request.text("type") == "eav" {
        return refuse("type=eav");
    }
    let mut lines = vec![format!("redcap_uri = {}", quoted(call.url)), "token = token".to_owned()];
    for (name, arg) in &args {
        match (*name, frame(call)) {
            ("ds", Some(frame)) => lines.push(format!("ds = {frame}")),
            ("ds", None) => return refuse("format=xml"),
            (name, _) => lines.push(format!("{name} = {}", value(arg))),
        }
    }
    if function.name == "redcap_write_oneshot" {
        let overwrite = call.request.text("overwriteBehavior") == "overwrite";
        lines.push(format!("overwrite_with_blanks = {}", value(&Arg::Flag(overwrite))));
    }
    if let Some(path) = call.file {
        lines.push(format!("file_name = {}", quoted(path)));
    }
    if function.name == "redcap_read_oneshot" {
        lines.push("guess_type = FALSE".to_owned());
    }
    let mut text = head(call);
    text.push_str(&format!("\nanswer <- REDCapR::{}(\n  {}\n)\n", function.name, lines.join(",\n  ")));
    text.push_str(match function.name {
        "redcap_version" | "redcap_next_free_record_name" => "cat(as.character(answer))\n",
        _ => "if (!isTRUE(answer$success)) stop(\"REDCap refused: \", answer$outcome_message)\n",
    });
    match function.name {
        "redcap_version" | "redcap_next_free_record_name" => {}
        "redcap_file_download_oneshot" => {}
        "redcap_write_oneshot" | "redcap_delete" | "redcap_file_upload_oneshot" => {
            text.push_str("cat(answer$outcome_message, \"\\n\")\n");
        }
        _ => text.push_str("write.csv(answer$data, \"answer.csv\", row.names = FALSE, na = \"\")\n"),
    }
    Ok(text)
}
