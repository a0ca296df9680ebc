//! Users, roles, and Data Access Groups.

pub mod groups;
mod rights;
pub mod roles;
pub mod users;

use crate::demo::model::log::LogType;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::encode::{Cell, Shape};
use crate::demo::wire::error::ApiError;
use crate::domain::rights::Rights;

/// The right columns of a user or role export in the order of current versions
/// (`redcap-api.md` §3.26). Those of features that a project does not use are left out.
fn right_keys(call: &Call<'_>) -> Vec<&'static str> {
    let behaviour = &call.state.behaviour;
    let mut keys = vec![
        "design",
        "alerts",
        "user_rights",
        "data_access_groups",
        "reports",
        "stats_and_charts",
        "manage_survey_participants",
        "calendar",
        "data_import_tool",
        "data_comparison_tool",
        "logging",
    ];
    if behaviour.at_least((14, 4, 0)) {
        keys.push("email_logging");
    }
    keys.extend([
        "file_repository",
        "data_quality_create",
        "data_quality_execute",
        "api_export",
        "api_import",
    ]);
    if behaviour.at_least((14, 0, 3)) {
        keys.push("api_modules");
    }
    keys.extend([
        "mobile_app",
        "mobile_app_download_data",
        "record_create",
        "record_rename",
        "record_delete",
        "lock_records_all_forms",
        "lock_records",
        "lock_records_customization",
    ]);
    if call.project.info.randomization_enabled {
        keys.extend(["random_setup", "random_dashboard", "random_perform"]);
    }
    keys
}

fn map(list: &[(String, i64)]) -> Cell<'_> {
    Cell::Map(list.iter().map(|(form, code)| (form.as_str(), *code)).collect())
}

fn right_cells<'a>(rights: &'a Rights, keys: &[&str], as_text: bool) -> Vec<Cell<'a>> {
    let mut cells: Vec<Cell<'a>> = keys
        .iter()
        .map(|key| {
            let value = rights.get(key);
            if as_text { Cell::text(value.to_string()) } else { Cell::Int(value) }
        })
        .collect();
    cells.extend([map(&rights.forms), map(&rights.forms_export)]);
    cells
}

/// The words for a user that the project does not have; they are ours.
fn unknown_user(username: &str) -> String {
    format!("The user \"{username}\" does not exist in this project")
}

/// `content=user`: everybody, with the rights in effect (`redcap-permissions.md` §1.1).
pub fn users(call: &Call<'_>) -> Result<Reply, ApiError> {
    let project = &call.project;
    let labels = call.state.behaviour.at_least((16, 0, 0));
    let rights = right_keys(call);
    let mut keys = vec![
        "username",
        "email",
        "firstname",
        "lastname",
        "expiration",
        "data_access_group",
        "data_access_group_id",
    ];
    if labels {
        keys.push("data_access_group_label");
    }
    keys.extend(&rights);
    keys.extend(["forms", "forms_export"]);
    let rows: Vec<_> = project
        .users
        .iter()
        .map(|user| {
            let dag = project.dags.iter().find(|d| !user.dag.is_empty() && d.unique_name == user.dag);
            let dag_id = dag.and_then(|d| d.id).and_then(|id| i64::try_from(id).ok());
            let mut row = vec![
                Cell::text(&user.username),
                Cell::text(&user.email),
                Cell::text(&user.firstname),
                Cell::text(&user.lastname),
                Cell::text(&user.expiration),
                Cell::text(&user.dag),
                dag_id.map_or_else(|| Cell::text(""), Cell::Int),
            ];
            if labels {
                row.push(Cell::text(dag.map_or("", |d| d.name.as_str())));
            }
            row.extend(right_cells(project.rights_of(user), &rights, false));
            row
        })
        .collect();
    call.log(LogType::Manage, "Manage/Design ", "Export users (API)");
    call.table(Shape::list("users"), &keys, &rows)
}

/// `content=userRole`: the flags are strings here (`redcap-wire.md`).
pub fn roles(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rights = right_keys(call);
    let mut keys = vec!["unique_role_name", "role_label"];
    keys.extend(&rights);
    keys.extend(["forms", "forms_export"]);
    let rows: Vec<_> = call
        .project
        .roles
        .iter()
        .map(|role| {
            let mut row = vec![Cell::text(&role.unique_name), Cell::text(&role.label)];
            row.extend(right_cells(&role.rights, &rights, true));
            row
        })
        .collect();
    call.log(LogType::Manage, "Manage/Design ", "Export user roles (API)");
    call.table(Shape::list("items"), &keys, &rows)
}

/// `content=userRoleMapping`; with the group from 15.8.2 on.
pub fn role_assignments(call: &Call<'_>) -> Result<Reply, ApiError> {
    let with_dag = call.state.behaviour.at_least((15, 8, 2));
    let project = &call.project;
    let rows: Vec<_> = project
        .users
        .iter()
        .map(|user| {
            let role = project.role_of(&user.username).map_or("", |r| r.unique_name.as_str());
            let mut row = vec![Cell::text(&user.username), Cell::text(role)];
            if with_dag {
                row.push(Cell::text(&user.dag));
            }
            row
        })
        .collect();
    let keys: &[&str] = if with_dag {
        &["username", "unique_role_name", "data_access_group"]
    } else {
        &["username", "unique_role_name"]
    };
    call.log(LogType::Manage, "Manage/Design ", "Export user role assignments (API)");
    call.table(Shape::list("items"), keys, &rows)
}

/// `content=dag`; with the number from 13.1 on.
pub fn dags(call: &Call<'_>) -> Result<Reply, ApiError> {
    let with_id = call.state.behaviour.at_least((13, 1, 0));
    let rows: Vec<_> = call
        .project
        .dags
        .iter()
        .map(|dag| {
            let mut row = vec![Cell::text(&dag.name), Cell::text(&dag.unique_name)];
            if with_id {
                row.push(Cell::Int(dag.id.and_then(|id| i64::try_from(id).ok()).unwrap_or(0)));
            }
            row
        })
        .collect();
    let keys: &[&str] = if with_id {
        &["data_access_group_name", "unique_group_name", "data_access_group_id"]
    } else {
        &["data_access_group_name", "unique_group_name"]
    };
    call.log(LogType::Manage, "Manage/Design ", "Export DAGs (API)");
    call.table(Shape::list("dags"), keys, &rows)
}

/// `content=userDagMapping`.
pub fn dag_assignments(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows: Vec<_> = call
        .project
        .users
        .iter()
        .map(|user| vec![Cell::text(&user.username), Cell::text(&user.dag)])
        .collect();
    call.log(LogType::Manage, "Manage/Design ", "Export User-DAG assignments (API)");
    call.table(Shape::list("items"), &["username", "redcap_data_access_group"], &rows)
}
