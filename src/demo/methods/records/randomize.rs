//! `content=record`, `action=randomize` (`redcap-api.md` §3.14).

use super::import::{LOCKED, action, is_locked};
use crate::demo::model::data::Place;
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::encode::{Cell, Shape};
use crate::demo::wire::error::ApiError;
use std::sync::Arc;

/// Allocates a record and answers with one object. All refusals are in our words: none is
/// attested.
pub fn randomize(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let record = params.needed("record")?;
    let id = params.needed("randomization_id")?;
    let project_id = call.project.info.project_id;
    let (number, target, alt) = call.state.edit(project_id, |project| allocate(project, call, record, id))?;
    let mut keys = vec!["randomization_id", "record", "target_field"];
    let mut row = vec![Cell::Int(i64::try_from(number).unwrap_or(0)), Cell::text(record), Cell::text(target)];
    if params.flag("returnAlt") {
        keys.push("target_field_alt");
        row.push(Cell::text(alt));
    }
    call.table(Shape { single: true, ..Shape::list("item") }, &keys, &[row])
}

/// Takes the next free allocation whose strata are those of the record.
fn allocate(
    project: &mut Project,
    call: &Call<'_>,
    record: &str,
    id: &str,
) -> Result<(u64, String, String), ApiError> {
    let at = id
        .parse::<u64>()
        .ok()
        .and_then(|id| project.randomizations.iter().position(|r| r.id == id))
        .ok_or_else(|| ApiError::invalid_parameter("randomization_id"))?;
    let stored = project
        .data
        .record(record)
        .filter(|r| call.dag_id().is_none_or(|dag| r.dag == Some(dag)))
        .ok_or_else(|| ApiError::bad(format!("The record \"{record}\" does not exist")))?;
    if is_locked(call, record) {
        return Err(ApiError::bad(LOCKED));
    }
    let Some(randomization) = project.randomizations.get(at) else {
        return Err(ApiError::invalid_parameter("randomization_id"));
    };
    let event = match project.event(&randomization.event).and_then(|e| e.event_id) {
        Some(event) => event,
        None => project.first_event_id(),
    };
    let place = Place::base(event);
    let value = |field: &str| project.data.row(stored, place).map_or("", |row| project.data.get(row, field));
    if !value(&randomization.field).is_empty() {
        return Err(ApiError::bad(format!("The record \"{record}\" has already been randomized")));
    }
    let strata: Vec<String> = randomization.strata.iter().map(|field| value(field).to_owned()).collect();
    let blank: Vec<&str> = randomization
        .strata
        .iter()
        .zip(&strata)
        .filter(|(_, value)| value.is_empty())
        .map(|(field, _)| field.as_str())
        .collect();
    if !blank.is_empty() {
        return Err(ApiError::bad(format!(
            "The record \"{record}\" cannot be randomized because these strata have no value: {}",
            blank.join(", ")
        )));
    }
    let number = randomization.id;
    let (field, concealed) = (randomization.field.clone(), randomization.concealed);
    let free = project
        .randomizations
        .get_mut(at)
        .and_then(|r| r.allocations.iter_mut().find(|a| a.record.is_empty() && a.strata == strata));
    let Some(allocation) = free else {
        return Err(ApiError::bad("There is no allocation left for the strata of this record"));
    };
    record.clone_into(&mut allocation.record);
    let target = allocation.target.clone();
    let alt = if concealed { "*".to_owned() } else { allocation.number.clone() };
    Arc::make_mut(&mut project.data).set(record, place, &field, &target, call.now);
    let details = format!("{field} = '{target}'");
    let action = action(call, false, record);
    project.add_log(LogType::RecordEdit, call.now, &call.user.username, &action, &details, record);
    Ok((number, target, alt))
}
