//! Data Access Groups: `content=dag`, import, delete and switch, and `content=userDagMapping`,
//! import (`redcap-api.md` §3.28).

use crate::demo::methods::import::{Mistakes, count, edit, known_names, rows};
use crate::demo::model::log::LogType;
use crate::demo::model::names::unique_dag_name;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::rights::Dag;
use std::sync::Arc;

/// The words for a group that is none; they are ours.
pub fn unknown_group(name: &str) -> String {
    format!("The Data Access Group with the unique group name \"{name}\" does not exist")
}

/// Adds groups, whose `unique_group_name` is blank, and renames known ones.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = rows(call, &["data_access_group_name", "unique_group_name"])?;
    let renames_unique = call.state.behaviour.renamed_dags_change_their_unique_name;
    edit(call, |project| {
        let mut mistakes = Mistakes::default();
        for row in &rows {
            let (label, name) = (row.get("data_access_group_name"), row.get("unique_group_name"));
            if label.is_empty() {
                mistakes.add("Each Data Access Group must have a data_access_group_name");
            } else if name.is_empty() {
                add(project, label);
            } else if project.dag_id(name).is_some() {
                rename(project, name, label, renames_unique);
            } else {
                mistakes.add(unknown_group(name));
            }
        }
        mistakes.check()
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Import DAGs (API)");
    Ok(count(rows.len()))
}

fn add(project: &mut Project, label: &str) {
    let taken: Vec<&str> = project.dags.iter().map(|dag| dag.unique_name.as_str()).collect();
    let unique_name = unique_dag_name(label, &taken);
    let id = project.dags.iter().filter_map(|dag| dag.id).max().unwrap_or(0) + 1;
    project.dags.push(Dag { name: label.to_owned(), unique_name, id: Some(id) });
}

/// What names a group by its unique name follows it.
fn rename(project: &mut Project, name: &str, label: &str, renames_unique: bool) {
    let others: Vec<&str> =
        project.dags.iter().map(|dag| dag.unique_name.as_str()).filter(|n| *n != name).collect();
    let new_name = unique_dag_name(label, &others);
    let Some(dag) = project.dags.iter_mut().find(|dag| dag.unique_name == name) else { return };
    let is_new_label = dag.name != label;
    label.clone_into(&mut dag.name);
    if !renames_unique || !is_new_label {
        return;
    }
    dag.unique_name.clone_from(&new_name);
    let in_users = project.users.iter_mut().map(|user| &mut user.dag);
    let in_folders = project.folders.iter_mut().map(|folder| &mut folder.dag);
    let in_reports = project.reports.iter_mut().flat_map(|report| &mut report.dags);
    let in_switcher = project.dag_switcher.values_mut().flatten();
    for place in in_users.chain(in_folders).chain(in_reports).chain(in_switcher).filter(|n| *n == name) {
        place.clone_from(&new_name);
    }
}

/// Deletes groups; users of a group are then in none. Whether a group that holds records can be
/// deleted is a setting, and the words of that refusal are ours.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = known_names(call, "dags", |name| call.project.dag_id(name).is_some())?;
    let may_hold_records = call.state.behaviour.dags_with_records_can_be_deleted;
    edit(call, |project| {
        let ids: Vec<u64> = names.iter().filter_map(|name| project.dag_id(name)).collect();
        let is_in = |dag: Option<u64>| dag.is_some_and(|id| ids.contains(&id));
        if project.data.records().any(|(_, record)| is_in(record.dag)) {
            if !may_hold_records {
                return Err(ApiError::bad(
                    "One or more of the Data Access Groups provided cannot be deleted because they contain records",
                ));
            }
            for record in Arc::make_mut(&mut project.data).records_mut().filter(|r| is_in(r.dag)) {
                record.dag = None;
            }
        }
        project.dags.retain(|dag| !names.contains(&dag.unique_name));
        for user in project.users.iter_mut().filter(|user| names.contains(&user.dag)) {
            user.dag.clear();
        }
        for list in project.dag_switcher.values_mut() {
            list.retain(|name| !names.contains(name));
        }
        for report in &mut project.reports {
            report.dags.retain(|name| !names.contains(name));
        }
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Delete DAGs (API)");
    Ok(count(names.len()))
}

/// Moves the token's user to another of their groups, for good; an empty `dag` is no group.
/// Answers 1. The words of the refusals are ours.
pub fn switch(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.text("dag").unwrap_or_default();
    if !name.is_empty() && call.project.dag_id(name).is_none() {
        return Err(ApiError::bad(unknown_group(name)));
    }
    let username = &call.user.username;
    edit(call, |project| {
        let listed = project.dag_switcher.get(username).is_some_and(|list| list.iter().any(|n| n == name));
        if call.state.behaviour.switch_needs_switcher && !listed {
            return Err(ApiError::bad(format!(
                "You are not assigned to the Data Access Group \"{name}\" in the DAG Switcher"
            )));
        }
        if let Some(user) = project.users.iter_mut().find(|user| user.username == *username) {
            name.clone_into(&mut user.dag);
        }
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Switch DAG (API)");
    Ok(count(1))
}

/// Puts users into groups; a blank or missing group takes a user out of theirs.
pub fn import_assignments(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = rows(call, &["username", "redcap_data_access_group"])?;
    edit(call, |project| {
        let mut mistakes = Mistakes::default();
        for row in &rows {
            let (username, group) = (row.get("username"), row.get("redcap_data_access_group"));
            if !group.is_empty() && project.dag_id(group).is_none() {
                mistakes.add(unknown_group(group));
            }
            match project.users.iter_mut().find(|user| user.username == username) {
                Some(user) => group.clone_into(&mut user.dag),
                None => mistakes.add(super::unknown_user(username)),
            }
        }
        mistakes.check()
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Import User-DAG assignments (API)");
    Ok(count(rows.len()))
}
