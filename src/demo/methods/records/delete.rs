//! `content=record`, `action=delete` (`redcap-api.md` §3.12).

use super::import::{LOCKED, is_locked};
use crate::demo::methods::structure::check_names;
use crate::demo::model::data::{Record, Row, checkbox_key};
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
    let params = call.params;
    if !params.is_array("records") {
        return Err(ApiError::bad(
            "Incorrect format for 'records' parameter. It must be passed as an array, even if it only contains a single record name.",
        ));
    }
    let mut records = call.list("records")?.ok_or_else(|| ApiError::missing_parameter("records"))?;
    let mut seen = HashSet::new();
    records.retain(|name| seen.insert(name.clone()));
    call.state.edit(call.project.info.project_id, |project| delete_in(project, call, &records))?;
    Ok(Reply::plain(records.len().to_string()))
}

fn delete_in(project: &mut Project, call: &Call<'_>, records: &[String]) -> Result<(), ApiError> {
    let part = Part::of_call(call, project)?;
    let exists = |name: &str| {
        project.data.record(name).is_some_and(|record| {
            call.dag_id().is_none_or(|dag| record.dag == Some(dag))
                && part.as_ref().is_none_or(|part| part.is_in_arm(record))
        })
    };
    let missing: Vec<&str> = records.iter().map(String::as_str).filter(|name| !exists(name)).collect();
    if !missing.is_empty() {
        return Err(ApiError::bad(format!(
            "One or more of the records provided cannot be deleted because they do not exist in the project. The following records do not exist: {}",
            missing.join(", ")
        )));
    }
    if records.iter().any(|name| is_locked(call, name)) {
        return Err(ApiError::bad(LOCKED));
    }
    let file_fields: Vec<String> = project
        .dictionary
        .fields()
        .iter()
        .filter(|f| f.field_type == FieldType::File)
        .map(|f| f.name.clone())
        .collect();
    let before = documents(project, records, &file_fields);
    let mut data = std::mem::take(&mut project.data);
    let store = Arc::make_mut(&mut data);
    for name in records {
        match &part {
            None => {
                store.remove_record(name);
            }
            Some(part) => store.remove_values(name, part.keys.as_deref(), |row| part.has(row)),
        }
    }
    project.data = data;
    // The files of what is gone are gone too.
    let after = documents(project, records, &file_fields);
    for id in before.difference(&after) {
        project.files.remove(id);
    }
    for name in records {
        let details = format!("{} = '{name}'", project.record_id_field());
        let (kind, action) = if project.data.record(name).is_none() {
            (LogType::RecordDelete, format!("Delete record {name}"))
        } else {
            (LogType::RecordEdit, format!("Update record {name}"))
        };
        project.add_log(kind, call.now, &call.user.username, &action, &details, name);
    }
    Ok(())
}

/// The documents that records hold.
fn documents(project: &Project, records: &[String], fields: &[String]) -> HashSet<u64> {
    let data = &project.data;
    records
        .iter()
        .filter_map(|name| data.record(name))
        .flat_map(Record::rows)
        .flat_map(|row| fields.iter().filter_map(|field| data.get(row, field).parse().ok()))
        .collect()
}

/// A part of a record.
struct Part {
    /// The events of the arm, if one was named.
    arm: Option<HashSet<u64>>,
    events: Option<HashSet<u64>>,
    instance: Option<u32>,
    keys: Option<Vec<String>>,
}

impl Part {
    /// Reads which part is meant; `None` is the whole record.
    fn of_call(call: &Call<'_>, project: &Project) -> Result<Option<Self>, ApiError> {
        let params = call.params;
        let longitudinal = project.info.is_longitudinal;
        let (arm, event) = (params.text("arm"), params.text("event"));
        let form = params.text("instrument");
        let wrong_instance = || ApiError::invalid_parameter("repeat_instance");
        let instance = match params.text("repeat_instance") {
            Some(number) => Some(number.parse().ok().filter(|n| *n > 0).ok_or_else(wrong_instance)?),
            None => None,
        };
        if let Some(form) = form {
            check_names("instrument", &[form.to_owned()], |f| {
                project.instruments.iter().any(|i| i.name == f)
            })?;
            if longitudinal && event.is_none() {
                return Err(ApiError::missing_parameter("event"));
            }
        }
        let arm: Option<HashSet<u64>> = match arm {
            Some(arm) if longitudinal => {
                let is_it = |num: u32| num.to_string() == arm;
                check_names("arm", &[arm.to_owned()], |_| project.arms.iter().any(|a| is_it(a.num)))?;
                let events = project.events.iter().filter(|e| is_it(e.arm_num));
                Some(events.filter_map(|e| e.event_id).collect())
            }
            _ => None,
        };
        let events = match event {
            Some(name) if longitudinal => {
                check_names("event", &[name.to_owned()], |e| project.event(e).is_some())?;
                Some(project.event(name).and_then(|e| e.event_id).into_iter().collect())
            }
            _ => arm.clone(),
        };
        if events.is_none() && form.is_none() && instance.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { arm, events, instance, keys: form.map(|form| keys_of(project, form)) }))
    }

    /// Whether a record has anything in the arm that was named.
    fn is_in_arm(&self, record: &Record) -> bool {
        self.arm.as_ref().is_none_or(|arm| record.rows().iter().any(|row| arm.contains(&row.event)))
    }

    fn has(&self, row: &Row) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(&row.event))
            && self.instance.is_none_or(|instance| row.instance.max(1) == instance)
    }
}

/// Every key under which values of an instrument are stored.
pub fn keys_of(project: &Project, form: &str) -> Vec<String> {
    let mut keys = vec![status_field(form), format!("{form}_timestamp")];
    for field in project.fields_of(form) {
        if field.field_type == FieldType::Checkbox {
            let choices = field.choices();
            let all = choices.iter().chain(&project.info.missing_data_codes);
            keys.extend(all.map(|c| checkbox_key(&field.name, c)));
        } else {
            keys.push(field.name.clone());
        }
    }
    keys
}
