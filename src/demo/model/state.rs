//! Everything one server holds, and how requests reach it.

use super::project::Project;
use crate::demo::behaviour::Behaviour;
use crate::demo::rng::token_from;
use crate::demo::wire::error::ApiError;
use jiff::civil::DateTime;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwner {
    /// The project.
    pub project_id: u64,
    /// The user.
    pub username: String,
}

/// The state of a server. Requests read a project as it is at that moment: a long export works
/// on its own snapshot while others write.
#[derive(Debug)]
pub struct State {
    /// The settings.
    pub behaviour: Behaviour,
    /// The token that may create projects.
    pub super_token: String,
    projects: RwLock<BTreeMap<u64, Arc<Project>>>,
    tokens: RwLock<HashMap<String, TokenOwner>>,
    /// Counts the changes, so that whoever saves the state can wait for one.
    changes: watch::Sender<u64>,
}

impl State {
    /// A server without projects.
    pub fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            super_token: token_from("capscope demo super token", 64),
            projects: RwLock::default(),
            tokens: RwLock::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// The server's clock. A demo server lives in UTC.
    pub fn now() -> DateTime {
        jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now())
    }

    /// Adds a project and gives it a number if it has none or a taken one.
    pub fn add_project(&self, mut project: Project) -> u64 {
        let mut projects = self.projects.write().unwrap_or_else(PoisonError::into_inner);
        let wanted = project.info.project_id;
        if wanted == 0 || projects.contains_key(&wanted) {
            project.info.project_id = projects.last_key_value().map_or(1, |(id, _)| id + 1).max(201);
        }
        let id = project.info.project_id;
        projects.insert(id, Arc::new(project));
        self.changed();
        id
    }

    /// A project as it is now.
    pub fn project(&self, id: u64) -> Option<Arc<Project>> {
        self.projects.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Changes a project wholly or not at all: if `change` fails, even half-way, the project is
    /// as it was (`redcap-permissions.md` §5.2, step 11). Exports that are under way keep what they
    /// began with.
    pub fn edit<T>(
        &self,
        id: u64,
        change: impl FnOnce(&mut Project) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut projects = self.projects.write().unwrap_or_else(PoisonError::into_inner);
        let project = projects.get_mut(&id).ok_or_else(ApiError::no_permission)?;
        let mut draft = Project::clone(project);
        let result = change(&mut draft)?;
        *project = Arc::new(draft);
        self.changed();
        Ok(result)
    }

    /// All projects as they are now.
    pub fn projects(&self) -> Vec<Arc<Project>> {
        self.projects.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Tells of changes from now on.
    pub fn watch_changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Makes a token known.
    pub fn add_token(&self, token: String, owner: TokenOwner) {
        self.tokens.write().unwrap_or_else(PoisonError::into_inner).insert(token, owner);
        self.changed();
    }

    /// Makes the tokens of a user useless: who is removed from a project loses them
    /// (`redcap-permissions.md` §4.5).
    pub fn revoke(&self, project_id: u64, username: &str) {
        self.tokens
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, owner| owner.project_id != project_id || owner.username != username);
        self.changed();
    }

    /// The tokens of a project with their users' names, in the order of the names.
    pub fn tokens_of(&self, project_id: u64) -> Vec<(String, String)> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<(String, String)> = tokens
            .iter()
            .filter(|(_, owner)| owner.project_id == project_id)
            .map(|(token, owner)| (owner.username.clone(), token.clone()))
            .collect();
        list.sort_unstable();
        list.into_iter().map(|(username, token)| (token, username)).collect()
    }

    /// Whose token this is.
    pub fn owner(&self, token: &str) -> Option<TokenOwner> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
}
