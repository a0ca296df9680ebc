//! `content=file`: export, import and delete the file of a file field (`redcap-api.md` §3.16).

use super::import::{LOCKED, action, is_locked};
use super::rights::Allowed;
use crate::demo::methods::structure::check_names;
use crate::demo::model::data::Place;
use crate::demo::model::log::LogType;
use crate::demo::model::project::{Project, StoredFile};
use crate::demo::pipeline::{Body, Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::rights::EntryRight;
use std::sync::Arc;

/// Where a file belongs.
struct Spot {
    record: String,
    field: Field,
    event: u64,
    /// Empty unless the field's instrument repeats by itself.
    instrument: String,
    /// 0 where nothing repeats.
    instance: u32,
}

impl Spot {
    /// Reads and checks the parameters that export, import and delete share.
    fn of_call(call: &Call<'_>, project: &Project) -> Result<Self, ApiError> {
        let params = call.params;
        let record = params.needed("record")?;
        let field_name = params.needed("field")?;
        let is_file = |f: &&Field| f.field_type == FieldType::File;
        let field = project.dictionary.field(field_name).filter(is_file).ok_or_else(|| {
            ApiError::bad(format!("The field '{field_name}' does not exist or is not a 'file' field"))
        })?;
        project
            .data
            .record(record)
            .filter(|r| call.dag_id().is_none_or(|dag| r.dag == Some(dag)))
            .ok_or_else(|| ApiError::bad(format!("The record \"{record}\" does not exist")))?;
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
        let wrong_instance = || ApiError::invalid_parameter("repeat_instance");
        let instance: u32 = match params.text("repeat_instance") {
            Some(number) => number.parse().ok().filter(|n| *n > 0).ok_or_else(wrong_instance)?,
            None => 1,
        };
        let form_repeats = project.form_repeats(&field.form, event_name);
        let repeats = form_repeats || project.event_repeats(event_name);
        Ok(Self {
            record: record.to_owned(),
            field: field.clone(),
            event: event_id,
            instrument: if form_repeats { field.form.clone() } else { String::new() },
            instance: if repeats { instance } else { 0 },
        })
    }

    fn place(&self) -> Place<'_> {
        Place { event: self.event, instrument: &self.instrument, instance: self.instance }
    }

    /// The number of the document that is there.
    fn document(&self, project: &Project) -> Option<u64> {
        let row = project.data.row(project.data.record(&self.record)?, self.place())?;
        let id = project.data.get(row, &self.field.name).parse().ok()?;
        project.files.contains_key(&id).then_some(id)
    }

    /// Refuses where the instrument is not used, and what the user may not edit. The words of
    /// these refusals are ours, but for that of locked records.
    fn check_writable(&self, call: &Call<'_>, project: &Project) -> Result<(), ApiError> {
        let event = project.event_by_id(self.event).map_or("", |e| e.unique_name.as_str());
        let form = &self.field.form;
        if !project.is_designated(form, event) {
            return Err(ApiError::bad(format!(
                "The field '{}' exists on an instrument that is not designated for the event '{event}'",
                self.field.name
            )));
        }
        if is_locked(call, &self.record) {
            return Err(ApiError::bad(LOCKED));
        }
        let entry = call.rights.entry_of(form);
        let refused = matches!(entry, None | Some(EntryRight::NoAccess | EntryRight::ReadOnly));
        if refused && call.state.behaviour.import.entry_rights {
            return Err(ApiError::bad(format!("You do not have the right to edit the instrument '{form}'")));
        }
        Ok(())
    }

    fn log(&self, project: &Project, call: &Call<'_>, value: &str) {
        let mut details = format!("{} = '{value}'", self.field.name);
        if self.instance > 0 {
            details = format!("[instance = {}],\n{details}", self.instance);
        }
        let action = action(call, false, &self.record);
        project.add_log(LogType::RecordEdit, call.now, &call.user.username, &action, &details, &self.record);
    }
}

/// The words for a field without a file. They are ours.
fn no_file() -> ApiError {
    ApiError::bad("There is no file to download for this record")
}

/// Sends a file, with its name in the content type (`redcap-wire.md`).
pub fn export(call: &Call<'_>) -> Result<Reply, ApiError> {
    let project = &call.project;
    let spot = Spot::of_call(call, project)?;
    // The words of the refusal are ours: they are not attested.
    if !Allowed::of_call(call).field(&spot.field) {
        return Err(ApiError::forbidden("You do not have Data Export privileges for this field"));
    }
    let file = spot.document(project).and_then(|id| project.files.get(&id)).ok_or_else(no_file)?;
    Ok(send(file))
}

/// Stores a file in place of the one that is there; the answer is empty (`redcap-api.md` §3.16).
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let upload = call
        .params
        .uploads
        .iter()
        .find(|u| u.field == "file")
        .ok_or_else(|| ApiError::missing_parameter("file"))?;
    let name = upload.file_name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let file = StoredFile { name, mime: upload.content_type.clone(), bytes: upload.bytes.as_slice().into() };
    change(call, |project| {
        let spot = Spot::of_call(call, project)?;
        if spot.field.validation == "signature" {
            // The words are ours: only the fact is known.
            return Err(ApiError::bad(format!(
                "The field '{}' is a signature field. Signatures cannot be imported",
                spot.field.name
            )));
        }
        spot.check_writable(call, project)?;
        if let Some(old) = spot.document(project) {
            project.files.remove(&old);
        }
        let id = project.next_doc_id();
        project.files.insert(id, file);
        let data = Arc::make_mut(&mut project.data);
        data.set(&spot.record, spot.place(), &spot.field.name, &id.to_string(), call.now);
        if call.state.behaviour.import.values_set_status {
            let status = status_field(&spot.field.form);
            let row = data.record(&spot.record).and_then(|r| data.row(r, spot.place()));
            if row.is_some_and(|row| data.get(row, &status).is_empty()) {
                data.set(&spot.record, spot.place(), &status, "0", call.now);
            }
        }
        spot.log(project, call, &id.to_string());
        Ok(())
    })
}

/// Deletes a file; the answer is empty.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    change(call, |project| {
        let spot = Spot::of_call(call, project)?;
        spot.check_writable(call, project)?;
        let id = spot.document(project).ok_or_else(|| {
            // The words are ours: they are not attested.
            ApiError::bad("There is no file to delete for this record")
        })?;
        project.files.remove(&id);
        let data = Arc::make_mut(&mut project.data);
        data.set(&spot.record, spot.place(), &spot.field.name, "", call.now);
        spot.log(project, call, "");
        Ok(())
    })
}

/// Changes the project of a call, and answers with an empty body.
fn change(
    call: &Call<'_>,
    change: impl FnOnce(&mut Project) -> Result<(), ApiError>,
) -> Result<Reply, ApiError> {
    call.state.edit(call.project.info.project_id, change)?;
    Ok(Reply::plain(""))
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
