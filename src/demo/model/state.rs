//! Everything one server holds, and how requests reach it.

use super::project::Project;
use crate::demo::behaviour::Behaviour;
use crate::demo::rng::token_from;
use jiff::civil::DateTime;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

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
}

impl State {
    /// A server without projects.
    pub fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            super_token: token_from("capscope demo super token", 64),
            projects: RwLock::default(),
            tokens: RwLock::default(),
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
        id
    }

    /// A project as it is now.
    pub fn project(&self, id: u64) -> Option<Arc<Project>> {
        self.projects.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Changes a project. Exports that are under way keep what they began with.
    pub fn change<T>(&self, id: u64, change: impl FnOnce(&mut Project) -> T) -> Option<T> {
        let mut projects = self.projects.write().unwrap_or_else(PoisonError::into_inner);
        projects.get_mut(&id).map(|project| change(Arc::make_mut(project)))
    }

    /// Makes a token known.
    pub fn add_token(&self, token: String, owner: TokenOwner) {
        self.tokens.write().unwrap_or_else(PoisonError::into_inner).insert(token, owner);
    }

    /// Whose token this is.
    pub fn owner(&self, token: &str) -> Option<TokenOwner> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
}
