//! The embedded demo server: a REDCap-compatible HTTP API over projects held in memory.
//!
//! It serves people without a REDCap (`capscope serve`, `--demo`), the tests of the client, and
//! files of real projects. It shares the domain types and the catalogue of methods with the rest
//! of the program and nothing else: a server that shared the client's encoders would agree with
//! its mistakes.

pub mod behaviour;
mod builtin;
pub mod chaos;
mod clinic;
mod methods;
mod model;
mod odm;
mod pdf;
mod pipeline;
mod rng;
mod saved;
mod sources;
mod trigger;
mod wire;

pub use clinic::{Clinic, SavedForm};
pub use odm::OdmError;
pub use trigger::TriggerUrlError;

use axum::serve::ListenerExt;
use behaviour::Behaviour;
use chaos::{Front, Rule};
use model::state::State;
use saved::Saver;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What to serve, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOptions {
    /// The address to listen on; only loopback addresses are accepted. Port 0 takes a free port.
    pub addr: SocketAddr,
    /// Serve the built-in projects.
    pub builtin: bool,
    /// REDCap project XML files to load, in this order.
    pub load: Vec<PathBuf>,
    /// How many records the built-in registry has.
    pub registry_records: usize,
    /// A file in which the server keeps all it holds: it starts from it if it is there, and
    /// writes it after changes and at the end. Without one, everything is forgotten at the end.
    pub state: Option<PathBuf>,
    /// What goes wrong on the way to the server; the first rule that fits a request counts.
    pub faults: Vec<Rule>,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            builtin: true,
            load: Vec::new(),
            registry_records: 2000,
            state: None,
            faults: Vec::new(),
        }
    }
}

/// Why the demo server could not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The address can be reached from other machines.
    #[error("{0} is not a loopback address; the demo server only listens on 127.0.0.1 or ::1")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// A file cannot be read.
    #[error("cannot read {path}: {source}", path = .0.display(), source = .1)]
    Read(PathBuf, #[source] std::io::Error),
    /// A file is no project XML.
    #[error("cannot load {path}: {source}", path = .0.display(), source = .1)]
    Load(PathBuf, #[source] OdmError),
    /// The state file cannot be read or written.
    #[error("cannot use the state file {path}: {why}; move it away to start anew", path = .0.display(), why = .1)]
    State(PathBuf, String),
    /// A built-in project has a mistake. Only a broken build can do this.
    #[error("the built-in project {0} has a mistake: {1}")]
    Builtin(&'static str, String),
}

/// A running demo server. Dropping it stops it.
#[derive(Debug)]
pub struct DemoServer {
    url: String,
    super_token: String,
    projects: Vec<DemoProject>,
    reports: Vec<LoadReport>,
    clinic: Clinic,
    state: Arc<State>,
    front: Option<Front>,
    serving: JoinHandle<()>,
    saving: Option<(Arc<Saver>, JoinHandle<()>)>,
}

impl DemoServer {
    /// Loads the projects, listens, and returns.
    pub async fn start(options: DemoOptions) -> Result<Self, DemoError> {
        Self::start_with(options, Behaviour::default()).await
    }

    /// Like [`DemoServer::start`], with other settings for what is not known of REDCap.
    pub async fn start_with(options: DemoOptions, behaviour: Behaviour) -> Result<Self, DemoError> {
        if !options.addr.ip().is_loopback() {
            return Err(DemoError::NotLoopback(options.addr));
        }
        let listener = tokio::net::TcpListener::bind(options.addr)
            .await
            .map_err(|e| DemoError::Listen(options.addr, e))?;
        let addr = listener.local_addr().map_err(|e| DemoError::Listen(options.addr, e))?;
        // With faults the address is that of the front, and the server itself is behind it.
        let (listener, front) = match options.faults {
            faults if faults.is_empty() => (listener, None),
            faults => {
                let behind = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let behind = behind.map_err(|e| DemoError::Listen(options.addr, e))?;
                let front = behind.local_addr().and_then(|target| Front::before(target, listener, faults));
                (behind, Some(front.map_err(|e| DemoError::Listen(options.addr, e))?))
            }
        };
        let state = Arc::new(State::new(behaviour));
        let mut projects = Vec::new();
        let mut reports = Vec::new();
        // What a state file holds is not made or loaded a second time.
        let (mut has_builtin, mut loaded) = (false, Vec::new());
        if let Some(saved) = options.state.as_deref().map(saved::read).transpose()?.flatten() {
            has_builtin = saved.builtin;
            loaded.clone_from(&saved.loaded);
            projects.extend(saved.publish(&state));
        }
        if options.builtin && !has_builtin {
            projects.extend(builtin::publish_all(&state, options.registry_records)?);
        }
        for path in &options.load {
            let known = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            if options.state.is_some() && loaded.contains(&known) {
                continue;
            }
            let (project, report) = sources::load_file(&state, path)?;
            projects.push(project);
            reports.push(report);
            loaded.push(known);
        }
        let saving = match options.state {
            Some(path) => {
                let builtin = options.builtin || has_builtin;
                let saver = Saver::new(path.clone(), Arc::clone(&state), builtin, loaded, projects.clone());
                // A file that cannot be written must be known now and not after the work.
                saver.save().map_err(|e| DemoError::State(path, e.to_string()))?;
                let saver = Arc::new(saver);
                let task = tokio::spawn(Arc::clone(&saver).run(state.watch_changes()));
                Some((saver, task))
            }
            None => None,
        };
        let super_token = state.super_token.clone();
        let clinic = Clinic::new(Arc::clone(&state), format!("http://{addr}/"));
        let app = wire::http::router(Arc::clone(&state));
        // Small answers must not wait for the client's acknowledgement: that is 40 ms a request.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = tokio::spawn(async move {
            // axum's serve only ends when the task is stopped.
            let _ = axum::serve(listener, app).await;
        });
        let url = format!("http://{addr}/api/");
        Ok(Self { url, super_token, projects, reports, clinic, state, front, serving, saving })
    }

    /// The address of the API, `http://127.0.0.1:PORT/api/`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The 64-character token with which projects can be created.
    pub fn super_token(&self) -> &str {
        &self.super_token
    }

    /// The projects: the built-in ones first, then the loaded ones in the given order.
    pub fn projects(&self) -> &[DemoProject] {
        &self.projects
    }

    /// What of each loaded file was not understood.
    pub fn reports(&self) -> &[LoadReport] {
        &self.reports
    }

    /// What stands before the server, if something goes wrong on the way to it.
    pub fn front(&self) -> Option<&Front> {
        self.front.as_ref()
    }

    /// People who save forms on this server, and the Data Entry Triggers that this fires.
    pub fn clinic(&self) -> &Clinic {
        &self.clinic
    }

    /// One line of JSON that tells a program where the server is and which tokens it knows.
    pub fn ready_line(&self) -> String {
        let projects: Vec<_> = self
            .projects
            .iter()
            .map(|p| {
                let tokens: Vec<_> = p
                    .tokens
                    .iter()
                    .map(|t| serde_json::json!({"token": t.token, "username": t.username, "note": t.note}))
                    .collect();
                serde_json::json!({"project_id": p.project_id, "title": p.title, "tokens": tokens})
            })
            .collect();
        serde_json::json!({"url": self.url, "super_token": self.super_token, "projects": projects})
            .to_string()
    }

    /// All that a project holds and who has tokens for it, without its log, as text: while two texts
    /// are equal byte for byte, nothing was changed. Reading writes into the log only.
    pub fn holdings(&self, project_id: u64) -> Option<String> {
        let project = self.state.project(project_id)?;
        let mut value = serde_json::to_value(&*project).ok()?;
        value.as_object_mut()?.remove("log");
        let mut tokens = self.state.tokens_of(project_id);
        tokens.sort();
        Some(serde_json::json!({"project": value, "tokens": tokens}).to_string())
    }

    /// Why the state file could not be written the last time, if it could not.
    pub fn state_problem(&self) -> Option<String> {
        self.saving.as_ref().and_then(|(saver, _)| saver.problem())
    }

    /// Serves until the process is told to end; the state file is then written.
    pub async fn run_until_stopped(mut self) {
        tokio::select! {
            // Waiting fails only if the task was stopped, and then there is nothing left to serve.
            _ = &mut self.serving => {}
            () = told_to_end() => {}
        }
    }
}

/// Waits for Ctrl-C or, where there is such a thing, for a polite kill.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals the system ends the process as it always does.
        std::future::pending::<()>().await;
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        self.serving.abort();
        if let Some((saver, task)) = self.saving.take() {
            task.abort();
            // Nobody is left who could be told of a failure.
            let _ = saver.save();
        }
    }
}

/// One project of the server, as the list of projects shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoProject {
    /// The project's number.
    pub project_id: u64,
    /// Its title.
    pub title: String,
    /// Its tokens; of a loaded project the first has all rights.
    pub tokens: Vec<DemoToken>,
}

/// A token of the demo server. These are no secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoToken {
    /// 32 hexadecimal digits.
    pub token: String,
    /// The user it acts for.
    pub username: String,
    /// What it is good for.
    pub note: String,
}

/// What of a loaded project XML was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadReport {
    /// The file.
    pub path: PathBuf,
    /// One sentence for each thing that was left out or guessed.
    pub notes: Vec<String>,
}
