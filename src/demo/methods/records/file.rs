//! `content=file`, export: the bytes of a file field.

use crate::demo::methods::records::rights::Allowed;
use crate::demo::methods::structure::check_names;
use crate::demo::model::data::Place;
use crate::demo::model::project::StoredFile;
use crate::demo::pipeline::{Body, Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::dictionary::FieldType;

/// Sends a file, with its name in the content type (`redcap-wire.md`).
pub fn export(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let project = &call.project;
    let name = params.needed("record")?;
    let field_name = params.needed("field")?;
    let field = project.dictionary.field(field_name).filter(|f| f.field_type == FieldType::File).ok_or_else(
        || ApiError::bad(format!("The field '{field_name}' does not exist or is not a 'file' field")),
    )?;
    let record = project
        .data
        .record(name)
        .filter(|r| call.dag_id().is_none_or(|dag| r.dag == Some(dag)))
        .ok_or_else(|| ApiError::bad(format!("The record \"{name}\" does not exist")))?;
    // The words of the refusals below are ours: they are not attested.
    if !Allowed::of_call(call).field(field) {
        return Err(ApiError::forbidden("You do not have Data Export privileges for this field"));
    }
    let event = match params.text("event") {
        Some(event) if project.info.is_longitudinal => {
            check_names("event", &[event.to_owned()], |e| project.event(e).is_some())?;
            project.event(event)
        }
        None if project.info.is_longitudinal => return Err(ApiError::missing_parameter("event")),
        _ => project.events.first(),
    };
    let event_name = event.map_or("", |e| e.unique_name.as_str());
    let event_id = event.and_then(|e| e.event_id).unwrap_or(0);
    let instance = match params.text("repeat_instance") {
        Some(number) => number.parse().map_err(|_| ApiError::invalid_parameter("repeat_instance"))?,
        None => 1,
    };
    let place = if project.form_repeats(&field.form, event_name) {
        Place::instrument(event_id, &field.form, instance)
    } else if project.event_repeats(event_name) {
        Place { event: event_id, instrument: "", instance }
    } else {
        Place::base(event_id)
    };
    let file = project
        .data
        .row(record, place)
        .map(|row| project.data.get(row, field_name))
        .and_then(|id| id.parse::<u64>().ok())
        .and_then(|id| project.files.get(&id))
        .ok_or_else(|| ApiError::bad("There is no file to download for this record"))?;
    Ok(send(file))
}

/// An answer with the bytes of a file.
pub fn send(file: &StoredFile) -> Reply {
    let safe_name: String = file.name.chars().filter(|c| !c.is_control() && *c != '"').collect();
    Reply {
        status: 200,
        content_type: format!("{}; name=\"{safe_name}\";charset=UTF-8", file.mime),
        body: Body::Bytes(file.bytes.to_vec()),
    }
}
