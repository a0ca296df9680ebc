//! The list of projects a person has added. No token is in it.

use super::files::{self, Lock, StoreError, line_of};
use super::paths::Paths;
use crate::domain::trigger::judge::Known;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// One project of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedProject {
    /// Random and stable; the token is in the keyring under this name.
    pub id: String,
    /// The name a person gave it.
    pub name: String,
    /// The address of the API.
    pub url: String,
    /// The project's number; 0 if the token reads nothing that would tell it.
    pub project_id: u64,
    /// Its title in REDCap when it was added.
    #[serde(default)]
    pub title: String,
    /// A PEM file with authorities to trust for this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The environment variable that holds the token, instead of the keyring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// Whether writing to the project was switched on.
    #[serde(default)]
    pub write_access: bool,
    /// When it was added.
    pub added: Timestamp,
}

impl SavedProject {
    /// A project to add, with a new id and without write access.
    pub fn new(
        name: impl Into<String>,
        url: impl Into<String>,
        project_id: u64,
        title: impl Into<String>,
        added: Timestamp,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            // 20 digits: 32 would look like a token and be hidden everywhere.
            id: format!("p{}", files::random_hex(10)?),
            name: name.into(),
            url: url.into(),
            project_id,
            title: title.into(),
            ca_file: None,
            token_env: None,
            write_access: false,
            added,
        })
    }

    /// The project's number, if it is known.
    pub fn number(&self) -> Option<u64> {
        Some(self.project_id).filter(|id| *id != 0)
    }

    /// The project's number as it is shown: `PID 482`.
    pub fn number_words(&self) -> String {
        self.number().map_or("PID unknown".to_owned(), |id| format!("PID {id}"))
    }

    /// The project as far as Data Entry Triggers are held against it.
    pub fn as_known(&self) -> Known {
        Known {
            id: self.id.clone(),
            name: self.name.clone(),
            url: self.url.clone(),
            project_id: self.project_id,
        }
    }
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    #[serde(default, rename = "project")]
    projects: Vec<SavedProject>,
}

/// The part of the file that every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

const FORMAT: u32 = 1;
const PATIENCE: Duration = Duration::from_secs(3);

/// The projects in the order in which they were added. No file is an empty list; a file that
/// cannot be understood is an error and is never overwritten.
pub fn load(paths: &Paths) -> Result<Vec<SavedProject>, StoreError> {
    let path = paths.projects_file();
    let Some(text) = files::read_text(&path)? else { return Ok(Vec::new()) };
    let damaged = |e: toml::de::Error| StoreError::Damaged {
        path: path.clone(),
        line: e.span().map(|s| line_of(&text, s.start)),
        why: e.message().trim_end_matches('.').replace('\n', " "),
    };
    let head: Head = toml::from_str(&text).map_err(damaged)?;
    if head.format > FORMAT {
        return Err(StoreError::Newer { path });
    }
    let stored: Stored = toml::from_str(&text).map_err(damaged)?;
    Ok(stored.projects)
}

/// Replaces the whole list.
pub fn save(paths: &Paths, projects: &[SavedProject]) -> Result<(), StoreError> {
    let path = paths.projects_file();
    let stored = Stored { format: FORMAT, projects: projects.to_vec() };
    let text = toml::to_string(&stored).map_err(|e| StoreError::Damaged {
        path: path.clone(),
        line: None,
        why: e.to_string(),
    })?;
    let head = "# The projects of capscope. Tokens are in the system's keyring, not here.\n";
    files::write(&path, format!("{head}{text}").as_bytes())
}

/// Adds a project, or replaces the one with the same id, and gives back the new list.
pub fn add(paths: &Paths, project: SavedProject) -> Result<Vec<SavedProject>, StoreError> {
    change(paths, |list| match list.iter_mut().find(|p| p.id == project.id) {
        Some(old) => {
            *old = project;
            Ok(())
        }
        None => {
            list.push(project);
            Ok(())
        }
    })
}

/// Removes a project and gives back the new list. Its token and cache are removed by others.
pub fn remove(paths: &Paths, id: &str) -> Result<Vec<SavedProject>, StoreError> {
    change(paths, |list| {
        let before = list.len();
        list.retain(|p| p.id != id);
        if list.len() == before { Err(StoreError::NoProject) } else { Ok(()) }
    })
}

/// Reads, changes and writes the list while no other capscope can.
fn change(
    paths: &Paths,
    change: impl FnOnce(&mut Vec<SavedProject>) -> Result<(), StoreError>,
) -> Result<Vec<SavedProject>, StoreError> {
    let _lock = Lock::take(&paths.projects_file(), PATIENCE)?;
    let mut list = load(paths)?;
    change(&mut list)?;
    save(paths, &list)?;
    Ok(list)
}
