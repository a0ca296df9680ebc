//! The parameters that methods share, described once.

use super::{Kind, Of, Param};

const fn optional(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Param {
    Param { name, kind, required: false, default, help }
}

const fn required(name: &'static str, kind: Kind, help: &'static str) -> Param {
    Param { name, kind, required: true, default: "", help }
}

pub const FORMAT: Param = optional(
    "format",
    Kind::Choice(&["csv", "json", "xml"]),
    "xml",
    "The format of the answer, or of the data that is sent.",
);
pub const FORMAT_ODM: Param = optional(
    "format",
    Kind::Choice(&["csv", "json", "xml", "odm"]),
    "xml",
    "The format of the answer; odm is CDISC ODM XML.",
);
pub const RETURN_FORMAT: Param = optional(
    "returnFormat",
    Kind::Choice(&["csv", "json", "xml"]),
    "",
    "The format of errors and of counts; without it the value of format.",
);
pub const DATA: Param = required("data", Kind::Data, "The rows to import, in the declared format.");
pub const OVERRIDE: Param =
    required("override", Kind::ZeroOne, "0 adds and renames; 1 deletes everything of the kind first.");
pub const FILE: Param = required("file", Kind::File, "The file to upload.");

pub const RECORD: Param = required("record", Kind::Name(Of::Record), "The record's name.");
pub const FIELD: Param = required("field", Kind::Name(Of::Field), "The file field.");
pub const EVENT: Param =
    optional("event", Kind::Name(Of::Event), "", "The unique event name; needed in longitudinal projects.");
pub const REPEAT_INSTANCE: Param =
    optional("repeat_instance", Kind::Number, "1", "The instance of a repeating instrument or event.");
pub const INSTRUMENT: Param = required("instrument", Kind::Name(Of::Form), "The unique instrument name.");

pub const ARMS: Param = optional("arms", Kind::Array(Of::Arm), "", "Only these arms; without it all.");
pub const ARMS_NEEDED: Param = required("arms", Kind::Array(Of::Arm), "The arms to delete.");
pub const EVENTS_NEEDED: Param = required("events", Kind::Array(Of::Event), "The events to delete.");

pub const RECORDS: Param =
    optional("records", Kind::Array(Of::Record), "", "Only these records; without it all.");
pub const FIELDS: Param = optional(
    "fields",
    Kind::Array(Of::Field),
    "",
    "Only these fields. Name the record id field too, or the rows cannot be told apart.",
);
pub const FORMS: Param =
    optional("forms", Kind::Array(Of::Form), "", "Only these instruments, together with the named fields.");
pub const EVENTS: Param =
    optional("events", Kind::Array(Of::Event), "", "Only these events; longitudinal projects.");
pub const TYPE: Param = optional(
    "type",
    Kind::Choice(&["flat", "eav"]),
    "flat",
    "flat: one row a record and event; eav: one row a value.",
);
pub const RAW_OR_LABEL: Param =
    optional("rawOrLabel", Kind::Choice(&["raw", "label"]), "raw", "Codes or labels of choices.");
pub const RAW_OR_LABEL_HEADERS: Param = optional(
    "rawOrLabelHeaders",
    Kind::Choice(&["raw", "label"]),
    "raw",
    "Field names or labels in the header; flat CSV only.",
);
pub const CHECKBOX_LABEL: Param = optional(
    "exportCheckboxLabel",
    Kind::Bool,
    "false",
    "With labels: the choice's label instead of Checked or Unchecked.",
);
pub const SURVEY_FIELDS: Param = optional(
    "exportSurveyFields",
    Kind::Bool,
    "false",
    "Adds the survey identifier and the time each survey was completed.",
);
pub const EXPORT_DAGS: Param = optional(
    "exportDataAccessGroups",
    Kind::Bool,
    "false",
    "Adds the record's Data Access Group; users in a group never get it.",
);
pub const FILTER_LOGIC: Param =
    optional("filterLogic", Kind::Text, "", "Only rows for which this logic is true.");
pub const DATE_BEGIN: Param =
    optional("dateRangeBegin", Kind::DateTime, "", "Only records created or changed after this server time.");
pub const DATE_END: Param =
    optional("dateRangeEnd", Kind::DateTime, "", "Only records created or changed before this server time.");
pub const CSV_DELIMITER: Param = optional(
    "csvDelimiter",
    Kind::Choice(&[",", "tab", ";", "|", "^"]),
    ",",
    "What stands between the cells of a CSV.",
);
pub const DECIMAL: Param = optional(
    "decimalCharacter",
    Kind::Choice(&[",", "."]),
    "",
    "The decimal sign of numbers; without it as stored.",
);
pub const BLANK_FOR_GRAY: Param = optional(
    "exportBlankForGrayFormStatus",
    Kind::Bool,
    "false",
    "Leaves the status of untouched (gray) instruments blank; otherwise gray and red are both 0.",
);
pub const COMBINE_CHECKBOX: Param = optional(
    "combineCheckboxOptions",
    Kind::Bool,
    "false",
    "One column a checkbox field with the ticked codes; newest versions only.",
);
pub const REPORT_ID: Param = required(
    "report_id",
    Kind::Number,
    "The number of the report, as in its address; not its place in the list.",
);

pub const LOG: &[Param] = &[
    FORMAT,
    RETURN_FORMAT,
    optional(
        "logtype",
        Kind::Choice(&[
            "export",
            "manage",
            "user",
            "record",
            "record_add",
            "record_edit",
            "record_delete",
            "lock_record",
            "page_view",
        ]),
        "",
        "Only this kind of line; without it all but page views.",
    ),
    optional("user", Kind::Name(Of::User), "", "Only lines of this user."),
    optional("record", Kind::Name(Of::Record), "", "Only lines of this record."),
    optional("dag", Kind::Number, "", "Only lines of this Data Access Group, by its number."),
    optional("beginTime", Kind::DateTime, "", "From this server time on, YYYY-MM-DD HH:MM."),
    optional("endTime", Kind::DateTime, "", "Before this server time, YYYY-MM-DD HH:MM."),
];

pub const RECORD_EXPORT: &[Param] = &[
    FORMAT_ODM,
    RETURN_FORMAT,
    TYPE,
    RECORDS,
    FIELDS,
    FORMS,
    EVENTS,
    RAW_OR_LABEL,
    RAW_OR_LABEL_HEADERS,
    CHECKBOX_LABEL,
    SURVEY_FIELDS,
    EXPORT_DAGS,
    FILTER_LOGIC,
    DATE_BEGIN,
    DATE_END,
    CSV_DELIMITER,
    DECIMAL,
    BLANK_FOR_GRAY,
    COMBINE_CHECKBOX,
];

pub const RECORD_IMPORT: &[Param] = &[
    FORMAT_ODM,
    RETURN_FORMAT,
    TYPE,
    DATA,
    optional(
        "overwriteBehavior",
        Kind::Choice(&["normal", "overwrite"]),
        "normal",
        "normal keeps stored values where the data is blank; overwrite erases them.",
    ),
    optional(
        "forceAutoNumber",
        Kind::Bool,
        "false",
        "REDCap gives every record a new name; the names in the data only group the rows.",
    ),
    optional("dateFormat", Kind::Choice(&["YMD", "MDY", "DMY"]), "YMD", "The order of dates in the data."),
    CSV_DELIMITER,
    optional(
        "returnContent",
        Kind::Choice(&["count", "ids", "auto_ids", "nothing"]),
        "count",
        "What the answer holds.",
    ),
    optional(
        "backgroundProcess",
        Kind::Bool,
        "false",
        "Queue the import; the answer then says only that it was accepted.",
    ),
];

pub const RECORD_DELETE: &[Param] = &[
    RETURN_FORMAT,
    required("records", Kind::Array(Of::Record), "The records to delete."),
    optional("arm", Kind::Name(Of::Arm), "", "Only in this arm; without it in all arms."),
    optional("instrument", Kind::Name(Of::Form), "", "Only this instrument's data."),
    EVENT,
    optional("repeat_instance", Kind::Number, "", "Only this instance."),
];

pub const RECORD_RENAME: &[Param] = &[
    RETURN_FORMAT,
    RECORD,
    required("new_record_name", Kind::Text, "The new name."),
    optional("arm", Kind::Name(Of::Arm), "", "Only in this arm; without it in all arms."),
];

pub const RANDOMIZE: &[Param] = &[
    FORMAT,
    RETURN_FORMAT,
    RECORD,
    required(
        "randomization_id",
        Kind::Number,
        "The number of the randomization, from REDCap's Randomization page.",
    ),
    optional("returnAlt", Kind::Bool, "false", "Adds the randomization number of an open allocation."),
];

pub const REPORT: &[Param] = &[
    REPORT_ID,
    FORMAT_ODM,
    RETURN_FORMAT,
    RAW_OR_LABEL,
    RAW_OR_LABEL_HEADERS,
    CHECKBOX_LABEL,
    CSV_DELIMITER,
    DECIMAL,
];

pub const PDF: &[Param] = &[
    RETURN_FORMAT,
    optional(
        "record",
        Kind::Name(Of::Record),
        "",
        "Fill in this record's data; without it the forms are blank.",
    ),
    EVENT,
    optional("instrument", Kind::Name(Of::Form), "", "Only this instrument; without it all."),
    REPEAT_INSTANCE,
    optional("allRecords", Kind::Bool, "", "Every record; the others are then ignored."),
    optional("compactDisplay", Kind::Bool, "false", "Only fields with data."),
];

pub const PROJECT_XML: &[Param] = &[
    RETURN_FORMAT,
    optional("returnMetadataOnly", Kind::Bool, "false", "The structure without data."),
    RECORDS,
    FIELDS,
    EVENTS,
    SURVEY_FIELDS,
    EXPORT_DAGS,
    FILTER_LOGIC,
    optional("exportFiles", Kind::Bool, "false", "Puts uploaded files into the XML."),
];

pub const CREATE_PROJECT: &[Param] = &[
    FORMAT,
    RETURN_FORMAT,
    DATA,
    optional("odm", Kind::Text, "", "A project XML (CDISC ODM) to build the project from."),
];

pub const FILE_PLACE: &[Param] = &[RETURN_FORMAT, RECORD, FIELD, EVENT, REPEAT_INSTANCE];
pub const FILE_IMPORT: &[Param] = &[RETURN_FORMAT, RECORD, FIELD, EVENT, REPEAT_INSTANCE, FILE];

pub const FOLDER_ID: Param =
    optional("folder_id", Kind::Number, "", "The folder; without it the top folder.");
pub const DOC_ID: Param = required("doc_id", Kind::Number, "The file's number, from the folder's list.");
pub const CREATE_FOLDER: &[Param] = &[
    FORMAT,
    RETURN_FORMAT,
    required("name", Kind::Text, "The folder's name, at most 150 characters."),
    FOLDER_ID,
    optional("dag_id", Kind::Number, "", "Only for this Data Access Group, by its number."),
    optional("role_id", Kind::Number, "", "Only for this role, by its number."),
];

pub const SURVEY_PLACE: &[Param] = &[RETURN_FORMAT, RECORD, INSTRUMENT, EVENT, REPEAT_INSTANCE];
pub const SURVEY_RECORD: &[Param] = &[RETURN_FORMAT, RECORD];
pub const PARTICIPANTS: &[Param] = &[FORMAT, RETURN_FORMAT, INSTRUMENT, EVENT];

pub const METADATA: &[Param] = &[FORMAT, RETURN_FORMAT, FIELDS, FORMS];
pub const FIELD_NAMES: &[Param] =
    &[FORMAT, RETURN_FORMAT, optional("field", Kind::Name(Of::Field), "", "Only this field.")];

pub const PLAIN: &[Param] = &[FORMAT, RETURN_FORMAT];
pub const NOTHING: &[Param] = &[RETURN_FORMAT];
pub const BY_ARM: &[Param] = &[FORMAT, RETURN_FORMAT, ARMS];
pub const IMPORT: &[Param] = &[FORMAT, RETURN_FORMAT, DATA];
pub const IMPORT_OVERRIDE: &[Param] = &[FORMAT, RETURN_FORMAT, DATA, OVERRIDE];
pub const DELETE_ARMS: &[Param] = &[RETURN_FORMAT, ARMS_NEEDED];
pub const DELETE_EVENTS: &[Param] = &[RETURN_FORMAT, EVENTS_NEEDED];
pub const DELETE_USERS: &[Param] =
    &[RETURN_FORMAT, required("users", Kind::Array(Of::User), "The users to remove from the project.")];
pub const DELETE_ROLES: &[Param] =
    &[RETURN_FORMAT, required("roles", Kind::Array(Of::Role), "The unique role names to delete.")];
pub const DELETE_DAGS: &[Param] =
    &[RETURN_FORMAT, required("dags", Kind::Array(Of::Dag), "The unique group names to delete.")];
pub const SWITCH_DAG: &[Param] =
    &[RETURN_FORMAT, required("dag", Kind::Name(Of::Dag), "The unique group name to switch to.")];
pub const LIST_FOLDER: &[Param] = &[FORMAT, RETURN_FORMAT, FOLDER_ID];
pub const REPOSITORY_FILE: &[Param] = &[RETURN_FORMAT, DOC_ID];
pub const REPOSITORY_IMPORT: &[Param] = &[RETURN_FORMAT, FILE, FOLDER_ID];
