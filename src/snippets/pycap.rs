//! Python with PyCap (2.7), for the methods that it has.

use super::library::{Arg, Function, find, function, writes};
use super::python::{head, quoted};
use super::{Call, Refusal};
use crate::api::catalogue::Action;

const LIBRARY: &str = "PyCap";
const FORMAT: (&str, &str) = ("format", "format_type");
const DATA: (&str, &str) = ("data", "to_import");
const IMPORT: &[(&str, &str)] = &[DATA, ("format", "import_format"), ("returnFormat", "return_format_type")];
const IMPORT_OVERRIDE: &[(&str, &str)] =
    &[DATA, ("format", "import_format"), ("returnFormat", "return_format_type"), ("override", "override")];
const SURVEY: &[(&str, &str)] = &[
    ("record", "record"),
    ("instrument", "instrument"),
    ("event", "event"),
    ("repeat_instance", "repeat_instance"),
];

/// PyCap's functions, from its source.
const FUNCTIONS: &[Function] = &[
    function("arm", Action::Export, "export_arms", &[FORMAT, ("arms", "arms")]),
    function("arm", Action::Import, "import_arms", IMPORT_OVERRIDE),
    function("arm", Action::Delete, "delete_arms", &[("arms", "arms")]),
    function("dag", Action::Export, "export_dags", &[FORMAT]),
    function("dag", Action::Import, "import_dags", IMPORT),
    function("dag", Action::Delete, "delete_dags", &[("dags", "dags")]),
    function("dag", Action::Switch, "switch_dag", &[("dag", "dag")]),
    function("userDagMapping", Action::Export, "export_user_dag_assignment", &[FORMAT]),
    function("userDagMapping", Action::Import, "import_user_dag_assignment", IMPORT),
    function("event", Action::Export, "export_events", &[FORMAT, ("arms", "arms")]),
    function("event", Action::Import, "import_events", IMPORT_OVERRIDE),
    function("event", Action::Delete, "delete_events", &[("events", "events")]),
    function("exportFieldNames", Action::Export, "export_field_names", &[FORMAT, ("field", "field")]),
    function(
        "file",
        Action::Export,
        "export_file",
        &[
            ("record", "record"),
            ("field", "field"),
            ("event", "event"),
            ("repeat_instance", "repeat_instance"),
        ],
    ),
    function(
        "file",
        Action::Import,
        "import_file",
        &[
            ("record", "record"),
            ("field", "field"),
            ("event", "event"),
            ("repeat_instance", "repeat_instance"),
        ],
    ),
    function(
        "file",
        Action::Delete,
        "delete_file",
        &[("record", "record"), ("field", "field"), ("event", "event")],
    ),
    function(
        "fileRepository",
        Action::CreateFolder,
        "create_folder_in_repository",
        &[FORMAT, ("name", "name"), ("folder_id", "folder_id"), ("dag_id", "dag_id"), ("role_id", "role_id")],
    ),
    function("fileRepository", Action::List, "export_file_repository", &[FORMAT, ("folder_id", "folder_id")]),
    function("fileRepository", Action::Export, "export_file_from_repository", &[("doc_id", "doc_id")]),
    function("fileRepository", Action::Import, "import_file_into_repository", &[("folder_id", "folder_id")]),
    function("fileRepository", Action::Delete, "delete_file_from_repository", &[("doc_id", "doc_id")]),
    function("instrument", Action::Export, "export_instruments", &[FORMAT]),
    function(
        "pdf",
        Action::Export,
        "export_pdf",
        &[
            ("record", "record"),
            ("event", "event"),
            ("instrument", "instrument"),
            ("repeat_instance", "repeat_instance"),
            ("allRecords", "all_records"),
            ("compactDisplay", "compact_display"),
        ],
    ),
    function(
        "formEventMapping",
        Action::Export,
        "export_instrument_event_mappings",
        &[FORMAT, ("arms", "arms")],
    ),
    function("formEventMapping", Action::Import, "import_instrument_event_mappings", IMPORT),
    function(
        "log",
        Action::Export,
        "export_logging",
        &[
            FORMAT,
            ("logtype", "log_type"),
            ("user", "user"),
            ("record", "record"),
            ("dag", "dag"),
            ("beginTime", "begin_time"),
            ("endTime", "end_time"),
        ],
    ),
    function(
        "metadata",
        Action::Export,
        "export_metadata",
        &[FORMAT, ("fields", "fields"), ("forms", "forms")],
    ),
    function("metadata", Action::Import, "import_metadata", IMPORT),
    function("project", Action::Export, "export_project_info", &[FORMAT]),
    function(
        "record",
        Action::Export,
        "export_records",
        &[
            FORMAT,
            ("type", "record_type"),
            ("records", "records"),
            ("fields", "fields"),
            ("forms", "forms"),
            ("events", "events"),
            ("rawOrLabel", "raw_or_label"),
            ("rawOrLabelHeaders", "raw_or_label_headers"),
            ("exportCheckboxLabel", "export_checkbox_labels"),
            ("exportSurveyFields", "export_survey_fields"),
            ("exportDataAccessGroups", "export_data_access_groups"),
            ("filterLogic", "filter_logic"),
            ("dateRangeBegin", "date_begin"),
            ("dateRangeEnd", "date_end"),
            ("decimalCharacter", "decimal_character"),
            ("exportBlankForGrayFormStatus", "export_blank_for_gray_form_status"),
        ],
    ),
    function(
        "record",
        Action::Import,
        "import_records",
        &[
            DATA,
            ("format", "import_format"),
            ("returnFormat", "return_format_type"),
            ("overwriteBehavior", "overwrite"),
            ("returnContent", "return_content"),
            ("dateFormat", "date_format"),
            ("forceAutoNumber", "force_auto_number"),
        ],
    ),
    function(
        "record",
        Action::Delete,
        "delete_records",
        &[
            ("records", "records"),
            ("arm", "arm"),
            ("instrument", "instrument"),
            ("event", "event"),
            ("repeat_instance", "repeat_instance"),
        ],
    ),
    function("generateNextRecordName", Action::Export, "generate_next_record_name", &[]),
    function("repeatingFormsEvents", Action::Export, "export_repeating_instruments_events", &[FORMAT]),
    function("repeatingFormsEvents", Action::Import, "import_repeating_instruments_events", IMPORT),
    function(
        "report",
        Action::Export,
        "export_report",
        &[
            FORMAT,
            ("report_id", "report_id"),
            ("rawOrLabel", "raw_or_label"),
            ("rawOrLabelHeaders", "raw_or_label_headers"),
            ("exportCheckboxLabel", "export_checkbox_labels"),
            ("csvDelimiter", "csv_delimiter"),
        ],
    ),
    function("surveyLink", Action::Export, "export_survey_link", SURVEY),
    function("surveyQueueLink", Action::Export, "export_survey_queue_link", &[("record", "record")]),
    function("surveyAccessCode", Action::Export, "export_survey_access_code", SURVEY),
    function("surveyReturnCode", Action::Export, "export_survey_return_code", SURVEY),
    function(
        "participantList",
        Action::Export,
        "export_survey_participant_list",
        &[FORMAT, ("instrument", "instrument"), ("event", "event")],
    ),
    function("user", Action::Export, "export_users", &[FORMAT]),
    function("user", Action::Import, "import_users", IMPORT),
    function("user", Action::Delete, "delete_users", &[("users", "users")]),
    function("userRole", Action::Export, "export_user_roles", &[FORMAT]),
    function("userRole", Action::Import, "import_user_roles", IMPORT),
    function("userRole", Action::Delete, "delete_user_roles", &[("roles", "roles")]),
    function("userRoleMapping", Action::Export, "export_user_role_assignment", &[FORMAT]),
    function("userRoleMapping", Action::Import, "import_user_role_assignment", IMPORT),
    function("version", Action::Export, "export_version", &[]),
];

fn value(arg: &Arg) -> String {
    match arg {
        Arg::Text(text) | Arg::Number(text) => quoted(text),
        Arg::List(list) => {
            format!("[{}]", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
        }
        Arg::Flag(on) => if *on { "True" } else { "False" }.to_owned(),
        Arg::Time(time) => format!("datetime.fromisoformat({})", quoted(time)),
    }
}

pub(super) fn write(call: &Call) -> Result<String, Refusal> {
    let (function, mut args) = find(LIBRARY, FUNCTIONS, &["format", "returnFormat"], call)?;
    if call.request.text("format") == "odm" {
        let name = "format=odm".to_owned();
        return Err(Refusal::NoArgument { library: LIBRARY, function: function.name, name });
    }
    // PyCap's own choice is JSON; REDCap's is XML.
    let format = Some(call.request.text("format")).filter(|f| !f.is_empty()).unwrap_or("xml");
    for name in ["format_type", "import_format"] {
        let takes = function.args.iter().any(|(_, arg)| *arg == name);
        if takes && !args.iter().any(|(arg, _)| *arg == name) {
            args.push((name, Arg::Text(format)));
        }
    }
    let mut text = head(
        call,
        "import json\nimport os\nimport sys\nfrom datetime import datetime\n\nfrom redcap import Project, RedcapError\nfrom requests import RequestException\n",
    );
    text.push_str(&format!("\ntry:\n    project = Project({}, token)\n", quoted(call.url)));
    let mut lines: Vec<String> = args
        .iter()
        .map(|(name, arg)| match arg {
            // PyCap takes JSON as Python's own lists.
            Arg::Text(data) if *name == "to_import" && format == "json" => {
                format!("{name}=json.loads({})", quoted(data))
            }
            arg => format!("{name}={}", value(arg)),
        })
        .collect();
    let mut indent = "    ";
    if let (Some(path), Some(name)) = (call.file, call.file_name()) {
        text.push_str(&format!("    with open({}, \"rb\") as file:\n", quoted(path)));
        indent = "        ";
        lines.push(format!("file_name={}", quoted(name)));
        lines.push("file_object=file".to_owned());
    }
    text.push_str(&format!("{indent}answer = project.{}(", function.name));
    if !lines.is_empty() {
        text.push('\n');
        for line in lines {
            text.push_str(&format!("{indent}    {line},\n"));
        }
        text.push_str(indent);
    }
    text.push_str(")\n");
    text.push_str(
        "except (RedcapError, RequestException) as error:\n    sys.exit(f\"REDCap refused: {error}\")\n",
    );
    text.push_str(match function.name {
        "export_file" | "export_pdf" | "export_file_from_repository" => {
            "content, headers = answer\nsys.stdout.buffer.write(content)\n"
        }
        "export_version" => "sys.stdout.write(str(answer))\n",
        _ if writes(call) || format == "json" => {
            "if not isinstance(answer, str):\n    answer = json.dumps(answer, ensure_ascii=False)\n\
             sys.stdout.buffer.write(answer.encode(\"utf-8\"))\n"
        }
        _ => "sys.stdout.buffer.write(answer.encode(\"utf-8\"))\n",
    });
    Ok(text)
}
