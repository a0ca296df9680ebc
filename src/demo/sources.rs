//! Where the projects of a server come from: built in, or loaded from project XML.

use super::model::project::Project;
use super::model::state::{State, TokenOwner};
use super::odm::{self, LoadOptions, OdmError};
use super::rng::token_from;
use super::{DemoError, DemoProject, DemoToken, LoadReport};
use crate::domain::rights::{RoleAssignment, User};
use std::path::Path;

/// Loads a project XML, gives the project users, and adds it to the server.
pub fn load_file(state: &State, path: &Path) -> Result<(DemoProject, LoadReport), DemoError> {
    let bytes = std::fs::read(path).map_err(|e| DemoError::Read(path.to_owned(), e))?;
    let (loaded, lossy) = load_bytes(state, &bytes).map_err(|e| DemoError::Load(path.to_owned(), e))?;
    let mut notes = loaded.notes;
    if lossy {
        notes.push("The file holds bytes that are no UTF-8; they became replacement characters.".into());
    }
    let mut project = loaded.project;
    let tokens = add_users(state, &mut project);
    let demo = publish(state, project, tokens);
    Ok((demo, LoadReport { path: path.to_owned(), notes }))
}

fn load_bytes(state: &State, bytes: &[u8]) -> Result<(odm::Loaded, bool), OdmError> {
    let text = String::from_utf8_lossy(bytes);
    let options = LoadOptions {
        choice_separator: " | ".into(),
        keep_calculations: true,
        now: State::now(),
        new_entry_codes: state.behaviour.at_least((15, 6, 0)),
    };
    let lossy = matches!(text, std::borrow::Cow::Owned(_));
    odm::load(&text, &options).map(|loaded| (loaded, lossy))
}

/// A user of a project with what the token is good for.
pub struct Access {
    /// The user.
    pub username: String,
    /// What the token is good for.
    pub note: String,
}

/// Project XML holds no users: one with all rights, one in each role, one in each group.
fn add_users(state: &State, project: &mut Project) -> Vec<Access> {
    let rights = project.all_rights(state.behaviour.at_least((15, 6, 0)), 1);
    let mut access = Vec::new();
    let mut add = |project: &mut Project, username: String, dag: String, note: String| {
        project.users.push(User {
            username: username.clone(),
            dag,
            rights: rights.clone(),
            ..User::default()
        });
        access.push(Access { username, note });
    };
    add(project, "demo_admin".into(), String::new(), "all rights".into());
    for (number, role) in (1..).zip(project.roles.clone()) {
        let username = format!("demo_role_{number}");
        add(project, username.clone(), String::new(), format!("in the role \"{}\"", role.label));
        project.role_assignments.push(RoleAssignment { username, role: role.unique_name });
    }
    for dag in project.dags.clone() {
        let note = format!("all rights, in the Data Access Group {}", dag.unique_name);
        add(project, format!("demo_{}", dag.unique_name), dag.unique_name, note);
    }
    access
}

/// Adds a project to the server, with a token for each of these users.
pub fn publish(state: &State, project: Project, access: Vec<Access>) -> DemoProject {
    let title = project.info.title.clone();
    let project_id = state.add_project(project);
    let tokens = access
        .into_iter()
        .map(|Access { username, note }| {
            let token = token_from(&format!("capscope demo {project_id} {username}"), 32);
            state.add_token(token.clone(), TokenOwner { project_id, username: username.clone() });
            DemoToken { token, username, note }
        })
        .collect();
    DemoProject { project_id, title, tokens }
}
