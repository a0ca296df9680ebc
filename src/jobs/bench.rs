//! What every job needs: where things are kept, the servers, and the tokens of this session.

use super::audit::{self, Audit};
use super::problem::{Problem, Remedy};
use super::types::SavedProject;
use crate::api::client::{Api, Observer, Server, ServerSettings, Servers};
use crate::api::token::Token;
use crate::api::url::ApiUrl;
use crate::demo::{Clinic, DemoServer};
use crate::domain::clock::ServerClock;
use crate::domain::project::Metadata;
use crate::store::paths::Paths;
use crate::store::remembered::{self, Remembered};
use crate::store::settings::Settings;
use crate::store::vault::{Vault, VaultProblem, token_from_env};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The bench at which all jobs work. Cheap to share; locks are never held while waiting.
pub struct Workbench {
    /// Where files are; `None` keeps nothing, as in the demo.
    pub paths: Option<Paths>,
    /// The settings.
    pub settings: Settings,
    /// Where tokens are kept.
    pub vault: Vault,
    /// How patient every server is treated, as far as the settings do not say.
    pub limits: ServerSettings,
    servers: Servers,
    /// The audit log; `None` if it is switched off or nothing is kept.
    pub audit: Option<Arc<Audit>>,
    /// Tokens that are kept nowhere else.
    session_tokens: Mutex<HashMap<String, Token>>,
    /// Tokens that the password store gave.
    vault_tokens: Mutex<HashMap<String, Token>>,
    demo: Mutex<Option<DemoServer>>,
    remembered: Mutex<Option<BTreeMap<String, Remembered>>>,
    clocks: Mutex<HashMap<String, ServerClock>>,
    metadata: Mutex<HashMap<String, Arc<Metadata>>>,
}

impl Workbench {
    /// A bench with these places and settings. The observer hears of every request.
    pub fn new(paths: Option<Paths>, settings: Settings, vault: Vault, observer: Observer) -> Self {
        let wanted = paths.as_ref().filter(|_| settings.audit_log);
        let audit = wanted.map(|paths| Arc::new(Audit::begin(paths.clone())));
        Self {
            servers: Servers::new(observer, audit.as_ref().map(audit::witness)),
            audit,
            paths,
            settings,
            vault,
            limits: ServerSettings::default(),
            session_tokens: Mutex::default(),
            vault_tokens: Mutex::default(),
            demo: Mutex::default(),
            remembered: Mutex::default(),
            clocks: Mutex::default(),
            metadata: Mutex::default(),
        }
    }

    /// The server at an address. There is one for each, so that the pace is kept over all projects.
    pub fn server(&self, url: &ApiUrl, ca_file: Option<&PathBuf>) -> Arc<Server> {
        let settings = ServerSettings {
            ca_file: ca_file.or(self.settings.ca_file.as_ref()).cloned(),
            per_minute: self.settings.per_minute,
            // This computer's own demo server bans nobody.
            paced: !url.is_loopback(),
            connect_timeout: self.settings.connect_timeout,
            idle_timeout: self.settings.idle_timeout,
            ..self.limits.clone()
        };
        self.servers.at(url, &settings)
    }

    /// Lets requests to a project's server through again, after something before REDCap turned one
    /// away. Only a person may say so.
    pub fn resume(&self, project: &SavedProject) {
        if let Ok(url) = address(&project.url) {
            self.server(&url, project.ca_file.as_ref()).resume();
        }
    }

    /// Keeps a token in memory until capscope ends.
    pub fn keep_for_session(&self, id: &str, token: Token) {
        self.session_tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), token);
    }

    /// Forgets a token that is kept in memory.
    pub fn drop_from_session(&self, id: &str) {
        self.session_tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.vault_tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Drops the tokens that the password store gave: it is asked again. A token that is kept only
    /// in memory stays, or it would be lost.
    pub fn forget_vault_tokens(&self) {
        self.vault_tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps the demo server running.
    pub fn keep_demo(&self, server: DemoServer) {
        *self.demo.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
    }

    /// What is remembered of a saved project. Reads a file the first time: call it off the
    /// threads that must not wait.
    pub fn remembered(&self, id: &str) -> Remembered {
        let mut slot = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        slot.get_or_insert_with(|| self.paths.as_ref().map(remembered::load).unwrap_or_default())
            .get(id)
            .cloned()
            .unwrap_or_default()
    }

    /// Changes what is remembered of a saved project, and keeps it where files are kept. That it
    /// could not be written is no reason to fail: it then holds until capscope ends.
    pub fn remember(&self, id: &str, change: impl FnOnce(&mut Remembered)) {
        let mut slot = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let all = slot.get_or_insert_with(|| self.paths.as_ref().map(remembered::load).unwrap_or_default());
        change(all.entry(id.to_owned()).or_default());
        all.retain(|_, kept| *kept != Remembered::default());
        if let Some(paths) = &self.paths {
            let _ = remembered::save(paths, all);
        }
    }

    /// Keeps the metadata of a project in memory, for searches over all codebooks.
    pub fn keep_metadata(&self, id: &str, metadata: &Metadata) {
        let kept = Arc::new(metadata.clone());
        self.metadata.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), kept);
    }

    /// The metadata of a project that was read in this session.
    pub fn metadata(&self, id: &str) -> Option<Arc<Metadata>> {
        self.metadata.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The clock of a server, as far as it was told in this session.
    pub fn clock(&self, url: &str) -> Option<ServerClock> {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner).get(url).copied()
    }

    /// Notes the clock of a server.
    pub fn set_clock(&self, url: &str, clock: ServerClock) {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), clock);
    }

    /// The people of the running demo server.
    pub fn clinic(&self) -> Option<Clinic> {
        let demo = self.demo.lock().unwrap_or_else(PoisonError::into_inner);
        demo.as_ref().map(|server| server.clinic().clone())
    }

    /// A way to call the API for a saved project: its address, and its token from memory, from
    /// its environment variable, or from the password store.
    pub async fn api(&self, project: &SavedProject) -> Result<Api, Problem> {
        let url = address(&project.url)?;
        let token = self.token(project).await?;
        let server = self.server(&url, project.ca_file.as_ref());
        let api = Api::new(server, token).named(&project.name);
        Ok(match project.number() {
            Some(number) => api.of_project(number),
            None => api,
        })
    }

    /// The token of a saved project.
    pub async fn token(&self, project: &SavedProject) -> Result<Token, Problem> {
        let of = |kept: &Mutex<HashMap<String, Token>>| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).get(&project.id).cloned()
        };
        if let Some(token) = of(&self.session_tokens).or_else(|| of(&self.vault_tokens)) {
            return Ok(token);
        }
        if let Some(name) = &project.token_env {
            return token_from_env(name).map_err(|e| environment_problem(&e.to_string()));
        }
        let (vault, id) = (self.vault.clone(), project.id.clone());
        let token = blocking(move || vault.get(&id)).await?.map_err(|e| vault_problem(&e))?;
        // Asked for once, until the screen is locked: a keyring may ask the user each time.
        let mut kept = self.vault_tokens.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(project.id.clone(), token.clone());
        Ok(token)
    }
}

/// Reads an address, or says what is wrong with it.
pub fn address(text: &str) -> Result<ApiUrl, Problem> {
    ApiUrl::parse(text).map_err(|e| {
        Problem::new(
            "The address cannot be used",
            e.to_string(),
            "",
            "Give the address of your REDCap, such as https://redcap.example.edu/.",
        )
    })
}

/// Runs something that blocks without holding up the other jobs.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        Problem::new("capscope made a mistake", "A step ended unexpectedly.", "", "Please try again.")
    })
}

/// A problem with the password store, with the next step.
pub fn vault_problem(problem: &VaultProblem) -> Problem {
    let title = match problem {
        VaultProblem::Missing => "There is no token for this project",
        _ => "The password store cannot be used",
    };
    let remedy = if *problem == VaultProblem::Missing { Remedy::NewToken } else { Remedy::Retry };
    Problem { remedy, ..Problem::new(title, problem.to_string(), "", problem.advice()) }
}

fn environment_problem(what: &str) -> Problem {
    Problem {
        remedy: Remedy::NewToken,
        ..Problem::new(
            "There is no token in the environment",
            what,
            "This project reads its token from an environment variable, and capscope was started without it.",
            "Set the variable and start capscope again, or enter a token with t.",
        )
    }
}
