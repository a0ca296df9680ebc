//! `content=record`, `action=rename` (`redcap-api.md` §3.13).

use super::import::{LOCKED, action, is_locked};
use crate::demo::model::data::Row;
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use std::collections::HashSet;
use std::sync::Arc;

/// Gives a record a new name, in one arm or in all, and answers `1`. The words of the refusals
/// are ours, but for that of a record that does not exist.
pub fn rename(call: &Call<'_>) -> Result<Reply, ApiError> {
    let old = call.params.needed("record")?;
    let new = call.params.needed("new_record_name")?.trim();
    if new.is_empty() || new.chars().count() > 100 {
        return Err(ApiError::invalid_parameter("new_record_name"));
    }
    let id = call.project.info.project_id;
    call.state.edit(id, |project| rename_in(project, call, old, new))?;
    Ok(Reply::plain("1"))
}

fn rename_in(project: &mut Project, call: &Call<'_>, old: &str, new: &str) -> Result<(), ApiError> {
    let events = match call.params.text("arm") {
        Some(arm) if project.info.is_longitudinal => {
            let events: HashSet<u64> = project
                .events
                .iter()
                .filter(|e| e.arm_num.to_string() == arm)
                .filter_map(|e| e.event_id)
                .collect();
            if events.is_empty() {
                return Err(ApiError::invalid_values("arm", &[arm.to_owned()]));
            }
            Some(events)
        }
        _ => None,
    };
    let moves = |row: &Row| events.as_ref().is_none_or(|events| events.contains(&row.event));
    project
        .data
        .record(old)
        .filter(|r| call.dag_id().is_none_or(|dag| r.dag == Some(dag)))
        .filter(|r| r.rows().is_empty() || r.rows().iter().any(&moves))
        .ok_or_else(|| ApiError::bad(format!("The record \"{old}\" does not exist")))?;
    if project.data.record(new).is_some() {
        return Err(ApiError::bad(format!("The record \"{new}\" already exists")));
    }
    if is_locked(call, old) {
        return Err(ApiError::bad(LOCKED));
    }
    Arc::make_mut(&mut project.data).rename_record(old, new, moves);
    let details = format!("{} = '{new}'", project.record_id_field());
    let action = action(call, false, new);
    project.add_log(LogType::RecordEdit, call.now, &call.user.username, &action, &details, new);
    Ok(())
}
