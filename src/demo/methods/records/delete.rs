//! `content=record`, `action=delete` (`redcap-api.md` §3.12).

use crate::demo::methods::structure::check_names;
use crate::demo::model::data::{Row, checkbox_key};
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::dictionary::{FieldType, status_field};
use std::collections::HashSet;
use std::sync::Arc;

/// Deletes records, or of them one arm, event, instrument or instance; answers with the bare
/// number of records. One unknown name fails the whole call.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (params, project) = (call.params, &call.project);
    if !params.is_array("records") {
        return Err(ApiError::bad(
            "Incorrect format for 'records' parameter. It must be passed as an array, even if it only contains a single record name.",
        ));
    }
    let records = call.list("records")?.ok_or_else(|| ApiError::missing_parameter("records"))?;
    let own = |name: &str| {
        let record = project.data.record(name);
        record.is_some_and(|r| call.dag_id().is_none_or(|dag| r.dag == Some(dag)))
    };
    let missing: Vec<&str> = records.iter().map(String::as_str).filter(|name| !own(name)).collect();
    if !missing.is_empty() {
        return Err(ApiError::bad(format!(
            "One or more of the records provided cannot be deleted because they do not exist in the project. The following records do not exist: {}",
            missing.join(", ")
        )));
    }
    let part = Part::of_call(call)?;
    call.state.change(project.info.project_id, |project| {
        let data = Arc::make_mut(&mut project.data);
        for name in &records {
            match &part {
                None => {
                    data.remove_record(name);
                }
                Some(part) => data.remove_values(name, part.keys.as_deref(), |row| part.has(row)),
            }
        }
    });
    for name in &records {
        let action =
            if part.is_none() { format!("Delete record {name}") } else { format!("Update record {name}") };
        let details = format!("{} = '{name}'", project.record_id_field());
        project.add_log(LogType::RecordDelete, call.now, &call.user.username, &action, &details, name);
    }
    Ok(Reply::plain(records.len().to_string()))
}

/// A part of a record.
struct Part {
    events: Option<HashSet<u64>>,
    instance: Option<u32>,
    keys: Option<Vec<String>>,
}

impl Part {
    /// Reads which part is meant; `None` is the whole record.
    fn of_call(call: &Call<'_>) -> Result<Option<Self>, ApiError> {
        let (params, project) = (call.params, &call.project);
        let (arm, event) = (params.text("arm"), params.text("event"));
        let form = params.text("instrument");
        let instance = match params.text("repeat_instance") {
            Some(number) => Some(number.parse().map_err(|_| ApiError::invalid_parameter("repeat_instance"))?),
            None => None,
        };
        if let Some(form) = form {
            check_names("instrument", &[form.to_owned()], |f| {
                project.instruments.iter().any(|i| i.name == f)
            })?;
            if project.info.is_longitudinal && event.is_none() {
                return Err(ApiError::missing_parameter("event"));
            }
        }
        let events = match (event, arm) {
            (Some(name), _) if project.info.is_longitudinal => {
                check_names("event", &[name.to_owned()], |e| project.event(e).is_some())?;
                Some(project.event(name).and_then(|e| e.event_id).into_iter().collect())
            }
            (None, Some(arm)) if project.info.is_longitudinal => {
                let events = project.events.iter().filter(|e| e.arm_num.to_string() == arm);
                Some(events.filter_map(|e| e.event_id).collect())
            }
            _ => None,
        };
        if events.is_none() && form.is_none() && instance.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { events, instance, keys: form.map(|form| keys_of(project, form)) }))
    }

    fn has(&self, row: &Row) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(&row.event))
            && self.instance.is_none_or(|instance| row.instance.max(1) == instance)
    }
}

/// Every key under which values of an instrument are stored.
fn keys_of(project: &Project, form: &str) -> Vec<String> {
    let mut keys = vec![status_field(form), format!("{form}_timestamp")];
    for field in project.fields_of(form) {
        if field.field_type == FieldType::Checkbox {
            keys.extend(field.choices().iter().map(|c| checkbox_key(&field.name, c)));
        } else {
            keys.push(field.name.clone());
        }
    }
    keys
}
