//! R with redcapAPI, for the methods that it has. redcapAPI chooses the formats itself and gives
//! back a data frame, which is written as CSV.

use super::library::{Function, find, function, writes};
use super::r::{head, quoted};
use super::redcapr::{frame, value};
use super::{Call, Refusal};
use crate::api::catalogue::Action;

const LIBRARY: &str = "redcapAPI";
const DATA: &[(&str, &str)] = &[("data", "data")];
const PLACE: &[(&str, &str)] =
    &[("record", "record"), ("field", "field"), ("event", "event"), ("repeat_instance", "repeat_instance")];
const SURVEY: &[(&str, &str)] = &[
    ("record", "record"),
    ("instrument", "instrument"),
    ("event", "event"),
    ("repeat_instance", "repeat_instance"),
];

const FUNCTIONS: &[Function] = &[
    function("arm", Action::Export, "exportArms", &[("arms", "arms")]),
    function("arm", Action::Import, "importArms", DATA),
    function("dag", Action::Export, "exportDags", &[]),
    function("userDagMapping", Action::Export, "exportUserDagAssignments", &[]),
    function("event", Action::Export, "exportEvents", &[("arms", "arms")]),
    function("event", Action::Import, "importEvents", DATA),
    function("exportFieldNames", Action::Export, "exportFieldNames", &[("field", "fields")]),
    function("file", Action::Export, "exportFiles", PLACE),
    function("file", Action::Import, "importFiles", PLACE),
    function("file", Action::Delete, "deleteFiles", PLACE),
    function("instrument", Action::Export, "exportInstruments", &[]),
    function("formEventMapping", Action::Export, "exportMappings", &[("arms", "arms")]),
    function("formEventMapping", Action::Import, "importMappings", DATA),
    function(
        "log",
        Action::Export,
        "exportLogging",
        &[
            ("logtype", "logtype"),
            ("user", "user"),
            ("record", "record"),
            ("dag", "dag"),
            ("beginTime", "beginTime"),
            ("endTime", "endTime"),
        ],
    ),
    function("metadata", Action::Export, "exportMetaData", &[("fields", "fields"), ("forms", "forms")]),
    function("metadata", Action::Import, "importMetaData", DATA),
    function("project", Action::Export, "exportProjectInformation", &[]),
    function(
        "record",
        Action::Export,
        "exportRecordsTyped",
        &[("fields", "fields"), ("forms", "forms"), ("records", "records"), ("events", "events")],
    ),
    function(
        "record",
        Action::Import,
        "importRecords",
        &[("data", "data"), ("overwriteBehavior", "overwriteBehavior"), ("returnContent", "returnContent")],
    ),
    function("record", Action::Delete, "deleteRecords", &[("records", "records"), ("arm", "arm")]),
    function("generateNextRecordName", Action::Export, "exportNextRecordName", &[]),
    function("repeatingFormsEvents", Action::Export, "exportRepeatingInstrumentsEvents", &[]),
    function("report", Action::Export, "exportReportsTyped", &[("report_id", "report_id")]),
    function("surveyLink", Action::Export, "exportSurveyLink", SURVEY),
    function("surveyQueueLink", Action::Export, "exportSurveyQueueLink", &[("record", "record")]),
    function("surveyReturnCode", Action::Export, "exportSurveyReturnCode", SURVEY),
    function(
        "participantList",
        Action::Export,
        "exportSurveyParticipants",
        &[("instrument", "instrument"), ("event", "event")],
    ),
    function("user", Action::Export, "exportUsers", &[]),
    function("userRole", Action::Export, "exportUserRoles", &[]),
    function("userRoleMapping", Action::Export, "exportUserRoleAssignments", &[]),
    function("version", Action::Export, "exportVersion", &[]),
];

pub(super) fn write(call: &Call) -> Result<String, Refusal> {
    let (function, args) = find(LIBRARY, FUNCTIONS, &["format", "returnFormat", "type"], call)?;
    let refuse = |name: &str| {
        Err(Refusal::NoArgument { library: LIBRARY, function: function.name, name: name.to_owned() })
    };
    if call.request.text("type") == "eav" {
        return refuse("type=eav");
    }
    let mut lines = vec!["rcon".to_owned()];
    for (name, arg) in &args {
        match (*name, frame(call)) {
            ("data", Some(frame)) => lines.push(format!("data = {frame}")),
            ("data", None) => return refuse("format=xml"),
            (name, _) => lines.push(format!("{name} = {}", value(arg))),
        }
    }
    if let Some(path) = call.file {
        lines.push(format!("file = {}", quoted(path)));
    }
    if function.name == "exportFiles" {
        lines.push("dir = \".\"".to_owned());
    }
    let mut text = head(call);
    text.push_str(&format!(
        "library(redcapAPI)\n\nrcon <- redcapConnection(url = {}, token = token)\n\
         # redcapAPI stops with REDCap's own words if the call is refused.\n\
         answer <- {}(\n  {}\n)\n",
        quoted(call.url),
        function.name,
        lines.join(",\n  ")
    ));
    text.push_str(
        if writes(call) || matches!(function.content, "file" | "version" | "generateNextRecordName") {
            "print(answer)\n"
        } else {
            "if (is.data.frame(answer)) {\n  \
         write.csv(answer, \"answer.csv\", row.names = FALSE, na = \"\")\n} else {\n  print(answer)\n}\n"
        },
    );
    Ok(text)
}
