//! What of an answer may be shown while identifiers are masked.

use crate::api::catalogue::Effect;
use crate::app::open::Open;
use crate::domain::record::column;
use crate::jobs::types::Guard;

use super::form::Form;

/// The guard of a form's answer. Where identifiers cannot be told by their column, the answer is
/// closed until the person agrees to see them.
pub fn guard(form: &Form, open: &Open) -> Guard {
    let method = form.method;
    if method.effect != Effect::Read {
        // Counts and the names of what was written by the person themselves.
        return Guard::Open;
    }
    match method.content {
        "record" | "report" => {
            let labels = form.text("rawOrLabelHeaders") == "label";
            if labels || form.text("format") == "odm" || !form.get("combineCheckboxOptions").is_empty() {
                return Guard::Closed;
            }
            Guard::Columns(columns(open))
        }
        "project_xml" if form.text("returnMetadataOnly") == "true" => Guard::Open,
        // Logs name records and values, lists of participants their addresses.
        "project_xml" | "log" | "participantList" | "surveyLink" | "surveyQueueLink" | "surveyReturnCode"
        | "surveyAccessCode" => Guard::Closed,
        _ => Guard::Open,
    }
}

/// The export columns that identify a person.
fn columns(open: &Open) -> Vec<String> {
    let dictionary = &open.metadata.dictionary;
    let mut columns = vec![column::SURVEY_IDENTIFIER.to_owned()];
    for field in dictionary.fields().iter().filter(|f| f.identifier) {
        columns.push(field.name.clone());
        columns.extend(field.export_columns());
    }
    if dictionary.record_id_field().is_some_and(|f| f.identifier) {
        columns.push("record".to_owned());
    }
    columns
}
