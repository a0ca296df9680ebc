//! Where one was: the last project, its section, the row of each section.
//!
//! Filters and masks are not kept: a forgotten filter misleads and masks must be on again. Rows
//! are kept by their number, since the name of a record may tell who it is.

use super::files::{self, StoreError};
use super::paths::Paths;
use crate::domain::layout::Layout;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where one was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The id of the project that was open last.
    pub last_project: Option<String>,
    /// The places in each project, by the project's id.
    pub projects: BTreeMap<String, Place>,
    /// The methods of the API that stand first in the playground: content and action.
    pub favourites: Vec<(String, String)>,
    /// The paths of the files that were checked last, the newest first; never what is in them.
    pub checked_files: Vec<String>,
}

/// Where one was in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The section that was shown.
    pub section: String,
    /// The row of the cursor in each section, by the section's name.
    pub cursors: BTreeMap<String, usize>,
    /// How the columns of record tables are, by instrument.
    pub layouts: BTreeMap<String, Layout>,
}

/// Where one was. A file that cannot be read is no reason to stop: it gives an empty session and
/// the sentence to show.
pub fn load(paths: &Paths) -> (Session, Option<String>) {
    let text = match files::read_text(&paths.session_file()) {
        Ok(None) => return (Session::default(), None),
        Ok(Some(text)) => text,
        Err(e) => return (Session::default(), Some(e.to_string())),
    };
    match serde_json::from_str(&text) {
        Ok(session) => (session, None),
        Err(_) => {
            let note = "Where you were last time could not be read. capscope starts fresh.";
            (Session::default(), Some(note.into()))
        }
    }
}

/// Keeps where one is.
pub fn save(paths: &Paths, session: &Session) -> Result<(), StoreError> {
    let path = paths.session_file();
    let bytes = serde_json::to_vec_pretty(session).map_err(|e| StoreError::Damaged {
        path: path.clone(),
        line: None,
        why: e.to_string(),
    })?;
    files::write(&path, &bytes)
}
