//! `content=userRole`, import and delete, and `content=userRoleMapping`, import
//! (`redcap-api.md` §3.27).

use super::rights::AskedRights;
use crate::demo::methods::import::{Mistakes, count, edit, known_names, rows};
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::rng::Rng;
use crate::demo::wire::error::ApiError;
use crate::demo::wire::import::Row;
use crate::domain::rights::{Role, RoleAssignment};

/// Adds roles, whose `unique_role_name` is blank, and changes known ones. The rights of a role
/// are at once those of all users in it.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = rows(call, &["unique_role_name", "role_label"])?;
    let project = &call.project;
    let mut mistakes = Mistakes::default();
    let mut unknown = Vec::new();
    let mut asked: Vec<(&Row, AskedRights)> = Vec::new();
    for row in &rows {
        let (name, label) = (row.get("unique_role_name"), row.get("role_label"));
        // The words for a missing label are ours.
        if name.is_empty() && label.is_empty() {
            mistakes.add("Each new user role must have a role_label");
        }
        if !name.is_empty() && !project.roles.iter().any(|role| role.unique_name == name) {
            unknown.push(name);
        }
        let whose = format!("the user role \"{}\"", if name.is_empty() { label } else { name });
        let about = ["unique_role_name", "role_label"];
        asked.push((row, AskedRights::read(call, row, &about, &whose, &mut mistakes)?));
    }
    if !unknown.is_empty() {
        mistakes.add(format!("Invalid Unique Role Names: {}", unknown.join(", ")));
    }
    mistakes.check()?;
    let new_codes = call.state.behaviour.at_least((15, 6, 0));
    let lines = edit(call, |project| {
        let mut lines = Vec::new();
        for (row, rights) in asked {
            let (name, label) = (row.get("unique_role_name"), row.get("role_label"));
            let known = project.roles.iter().position(|role| !name.is_empty() && role.unique_name == name);
            let at = known.unwrap_or_else(|| {
                let unique_name = new_unique_name(project, label);
                project.roles.push(Role { unique_name, ..Role::default() });
                project.roles.len() - 1
            });
            let Some(role) = project.roles.get_mut(at) else { continue };
            if !label.is_empty() {
                label.clone_into(&mut role.label);
            }
            rights.apply(&mut role.rights, &project.instruments, new_codes);
            lines.push((if known.is_some() { "Edit" } else { "Add" }, role.label.clone()));
        }
        Ok(lines)
    })?;
    for (verb, label) in lines {
        call.log(LogType::User, &format!("{verb} user role"), &format!("role = '{label}'"));
    }
    Ok(count(rows.len()))
}

/// `U-` and ten capital letters and digits. The same project makes the same names again, so that
/// scripts against a demo server can be repeated.
fn new_unique_name(project: &Project, label: &str) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rng =
        Rng::from_text(&format!("role {} {} {label}", project.info.project_id, project.roles.len()));
    loop {
        let signs = (0..10).map(|_| SIGNS.get(rng.below(SIGNS.len())).map_or('0', |sign| char::from(*sign)));
        let name: String = "U-".chars().chain(signs).collect();
        if !project.roles.iter().any(|role| role.unique_name == name) {
            return name;
        }
    }
}

/// Deletes roles; their users fall back to their own rights.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let known = |name: &str| call.project.roles.iter().any(|role| role.unique_name == name);
    let names = known_names(call, "roles", known)?;
    let gone = edit(call, |project| {
        let (gone, stay): (Vec<Role>, Vec<Role>) = std::mem::take(&mut project.roles)
            .into_iter()
            .partition(|role| names.contains(&role.unique_name));
        project.roles = stay;
        project.role_assignments.retain(|line| !names.contains(&line.role));
        Ok(gone)
    })?;
    for role in &gone {
        call.log(LogType::User, "Delete user role", &format!("role = '{}'", role.label));
    }
    Ok(count(gone.len()))
}

/// Puts users into roles; a blank or missing role takes a user out of theirs. The words for
/// unknown users are ours, those for unknown roles follow 400-18.
pub fn import_assignments(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = rows(call, &["username", "unique_role_name"])?;
    let with_group = call.state.behaviour.role_assignments_set_the_group;
    edit(call, |project| {
        let mut mistakes = Mistakes::default();
        let mut unknown = Vec::new();
        for row in &rows {
            let (username, name) = (row.get("username"), row.get("unique_role_name"));
            let Some(user) = project.users.iter_mut().find(|user| user.username == username) else {
                mistakes.add(super::unknown_user(username));
                continue;
            };
            if with_group && let Some(group) = row.text("data_access_group") {
                if !group.is_empty() && !project.dags.iter().any(|dag| dag.unique_name == group) {
                    mistakes.add(super::groups::unknown_group(group));
                }
                group.clone_into(&mut user.dag);
            }
            project.role_assignments.retain(|line| line.username != username);
            if project.roles.iter().any(|role| role.unique_name == name) {
                project
                    .role_assignments
                    .push(RoleAssignment { username: username.to_owned(), role: name.to_owned() });
            } else if !name.is_empty() && !unknown.contains(&name) {
                unknown.push(name);
            }
        }
        if !unknown.is_empty() {
            mistakes.add(format!("Invalid Unique Role Names: {}", unknown.join(", ")));
        }
        mistakes.check()
    })?;
    call.log(LogType::User, "Edit user role assignments", "Import user role assignments (API)");
    Ok(count(rows.len()))
}
