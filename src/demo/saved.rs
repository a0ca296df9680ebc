//! The state file: everything a demo server holds, so that it goes on where it stopped.
//!
//! One JSON file with a version. It holds the demo's projects with their data and made-up
//! tokens, and nothing of any real REDCap. It is replaced as a whole and readable by its owner
//! only, because people may load files of real projects into the server.

use super::model::project::Project;
use super::model::state::{State, TokenOwner};
use super::{DemoError, DemoProject, DemoToken};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The first line of every state file says what it is.
const KIND: &str = "capscope demo server state";
/// The version this program writes.
const VERSION: u32 = 1;
/// How long changes are collected before they are written.
const DELAY: Duration = Duration::from_millis(300);

/// What is read first, because it decides how to read the rest.
#[derive(Deserialize)]
struct Cover {
    kind: String,
    version: u32,
}

#[derive(Serialize)]
struct FileOut<'a> {
    kind: &'static str,
    version: u32,
    builtin: bool,
    loaded: &'a [PathBuf],
    projects: Vec<ProjectOut<'a>>,
}

#[derive(Serialize)]
struct ProjectOut<'a> {
    tokens: Vec<DemoToken>,
    project: &'a Project,
}

#[derive(Deserialize)]
struct ProjectIn {
    tokens: Vec<DemoToken>,
    project: Project,
}

/// A state file that was read.
#[derive(Deserialize)]
pub struct Saved {
    /// The built-in projects are in it.
    pub builtin: bool,
    /// The files whose projects are in it.
    pub loaded: Vec<PathBuf>,
    projects: Vec<ProjectIn>,
}

/// Reads a state file; `None` if there is none yet.
pub fn read(path: &Path) -> Result<Option<Saved>, DemoError> {
    let damaged = |why: String| DemoError::State(path.to_owned(), why);
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(damaged(e.to_string())),
    };
    let cover: Cover = serde_json::from_slice(&bytes).map_err(|e| damaged(format!("it is damaged ({e})")))?;
    if cover.kind != KIND {
        return Err(damaged("it is no state file of a demo server".into()));
    }
    if cover.version > VERSION {
        return Err(damaged("it was written by a newer capscope".into()));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|e| damaged(format!("it is damaged ({e})")))
}

impl Saved {
    /// Adds the projects and tokens to the server.
    pub fn publish(self, state: &State) -> Vec<DemoProject> {
        self.projects
            .into_iter()
            .map(|ProjectIn { tokens, project }| {
                let title = project.info.title.clone();
                let project_id = state.add_project(project);
                for token in tokens.iter().filter(|token| !token.username.is_empty()) {
                    let owner = TokenOwner { project_id, username: token.username.clone() };
                    state.add_token(token.token.clone(), owner);
                }
                DemoProject { project_id, title, tokens }
            })
            .collect()
    }
}

/// Writes the state file.
#[derive(Debug)]
pub struct Saver {
    path: PathBuf,
    state: Arc<State>,
    builtin: bool,
    loaded: Vec<PathBuf>,
    /// The projects as they were listed at the start: they know what a token is good for.
    listed: Vec<DemoProject>,
    /// Why the last attempt failed. The lock also keeps two attempts apart.
    problem: Mutex<Option<String>>,
}

impl Saver {
    /// A saver for this state.
    pub fn new(
        path: PathBuf,
        state: Arc<State>,
        builtin: bool,
        loaded: Vec<PathBuf>,
        listed: Vec<DemoProject>,
    ) -> Self {
        Self { path, state, builtin, loaded, listed, problem: Mutex::new(None) }
    }

    /// Writes the file now.
    pub fn save(&self) -> io::Result<()> {
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        let saved = self.contents().and_then(|bytes| write_private(&self.path, &bytes));
        *problem = saved.as_ref().err().map(ToString::to_string);
        saved
    }

    /// Why the last attempt failed.
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn contents(&self) -> io::Result<Vec<u8>> {
        let projects = self.state.projects();
        let file = FileOut {
            kind: KIND,
            version: VERSION,
            builtin: self.builtin,
            loaded: &self.loaded,
            projects: projects
                .iter()
                .map(|project| ProjectOut { tokens: self.tokens(project.info.project_id), project })
                .collect(),
        };
        serde_json::to_vec(&file).map_err(io::Error::from)
    }

    /// The tokens that work now in the order of the list, then those of new users, and those
    /// that are known to work nowhere.
    fn tokens(&self, project_id: u64) -> Vec<DemoToken> {
        let mut working = self.state.tokens_of(project_id);
        let listed = self.listed.iter().filter(|p| p.project_id == project_id).flat_map(|p| &p.tokens);
        let mut tokens: Vec<DemoToken> = listed
            .filter(|token| token.username.is_empty() || working.iter().any(|(t, _)| *t == token.token))
            .cloned()
            .collect();
        working.retain(|(token, _)| !tokens.iter().any(|t| t.token == *token));
        tokens.extend(working.into_iter().map(|(token, username)| DemoToken {
            token,
            username,
            note: "of a project made through the API".into(),
        }));
        tokens
    }

    /// Writes the file a little after every change, until the server is gone.
    pub async fn run(self: Arc<Self>, mut changes: watch::Receiver<u64>) {
        while changes.changed().await.is_ok() {
            tokio::time::sleep(DELAY).await;
            changes.mark_unchanged();
            let saver = Arc::clone(&self);
            // A failure is kept in the saver, and the next change tries again.
            let _ = tokio::task::spawn_blocking(move || saver.save()).await;
        }
    }
}

/// Replaces a file as a whole, readable by its owner only: a crash or a full disk leaves the old
/// one or the new one, never a half.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link is kept, and its target is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|e| io::Error::other(e.to_string()))?;
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{:016x}.tmp", u64::from_le_bytes(random)));
    let draft = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&draft, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}
