//! What is remembered of each project besides where one was: how far its log was looked at, and
//! which fields a list of visits and a search go by. Never a record value, never a record's name.

use super::files::{self, StoreError};
use super::paths::Paths;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is remembered of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// The server time up to which the log was looked at, `YYYY-MM-DD HH:MM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_look: Option<String>,
    /// The field whose date visits are counted from, and its event (empty in a classic project).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<(String, String)>,
    /// Fields that a search looks into besides its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub search_fields: Vec<String>,
}

/// What is remembered, by the project's id. A file that cannot be read is as good as none: it
/// holds nothing that cannot be had again.
pub fn load(paths: &Paths) -> BTreeMap<String, Remembered> {
    match files::read_text(&paths.remembered_file()) {
        Ok(Some(text)) => serde_json::from_str(&text).unwrap_or_default(),
        _ => BTreeMap::new(),
    }
}

/// Keeps it.
pub fn save(paths: &Paths, all: &BTreeMap<String, Remembered>) -> Result<(), StoreError> {
    let path = paths.remembered_file();
    let bytes = serde_json::to_vec_pretty(all).map_err(|e| StoreError::Damaged {
        path: path.clone(),
        line: None,
        why: e.to_string(),
    })?;
    files::write(&path, &bytes)
}
