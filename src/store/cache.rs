//! The metadata of projects, kept so that a start needs no network. Never a record value.

use super::files::{self, StoreError};
use super::paths::Paths;
use crate::api::url::ApiUrl;
use crate::domain::project::{Metadata, Readable};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The format of the file. It changes whenever the types of the metadata do.
const FORMAT: u32 = 1;

/// What the cache has for a project.
#[derive(Debug, Clone, PartialEq)]
pub enum CacheState {
    /// Nothing.
    None,
    /// Metadata that can be used, and when it was kept.
    Fresh {
        /// The metadata. Without users unless they were to be kept.
        metadata: Box<Metadata>,
        /// When it was kept.
        saved_at: Timestamp,
    },
    /// Something that cannot be used. Reading the project again replaces it.
    Unusable {
        /// Why, as a sentence.
        why: String,
    },
}

/// The file as it is written.
#[derive(Serialize)]
struct Stored<'a> {
    format: u32,
    saved_at: Timestamp,
    server: &'a str,
    project_id: u64,
    metadata: &'a Metadata,
}

/// The file as it is read, once its format is known.
#[derive(Deserialize)]
struct Loaded {
    saved_at: Timestamp,
    server: String,
    project_id: u64,
    metadata: Box<Metadata>,
}

/// The part of the file that every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// What the cache has for a project.
pub fn load(paths: &Paths, url: &ApiUrl, project_id: u64) -> CacheState {
    let unusable = |why: String| CacheState::Unusable { why };
    let bytes = match files::read(&file(paths, url, project_id)) {
        Ok(None) => return CacheState::None,
        Ok(Some(bytes)) => bytes,
        Err(e) => return unusable(e.to_string()),
    };
    // The format is looked at first: the rest of another format would only look damaged.
    match serde_json::from_slice::<Head>(&bytes) {
        Err(_) => return unusable("What was kept of this project is damaged.".into()),
        Ok(head) if head.format < FORMAT => {
            return unusable("What was kept of this project is from an older capscope.".into());
        }
        Ok(head) if head.format > FORMAT => {
            return unusable("What was kept of this project is from a newer capscope.".into());
        }
        Ok(_) => {}
    }
    match serde_json::from_slice::<Loaded>(&bytes) {
        Err(_) => unusable("What was kept of this project is damaged.".into()),
        Ok(found) if found.server != url.as_str() || found.project_id != project_id => {
            unusable("What was kept belongs to another project.".into())
        }
        Ok(found) => CacheState::Fresh { metadata: found.metadata, saved_at: found.saved_at },
    }
}

/// Keeps the metadata of a project. Users and who is in which role or group are kept only
/// `with_users`: they are people.
pub fn save(
    paths: &Paths,
    url: &ApiUrl,
    metadata: &Metadata,
    saved_at: Timestamp,
    with_users: bool,
) -> Result<(), StoreError> {
    let path = file(paths, url, metadata.info.project_id);
    let without;
    let metadata = if with_users {
        metadata
    } else {
        without = without_users(metadata);
        &without
    };
    let stored = Stored {
        format: FORMAT,
        saved_at,
        server: url.as_str(),
        project_id: metadata.info.project_id,
        metadata,
    };
    let bytes = serde_json::to_vec(&stored).map_err(|e| StoreError::Damaged {
        path: path.clone(),
        line: None,
        why: e.to_string(),
    })?;
    if let Some(dir) = path.parent() {
        files::make_dir(dir)?;
    }
    files::write(&path, &bytes)
}

/// Forgets a project.
pub fn remove(paths: &Paths, url: &ApiUrl, project_id: u64) -> Result<(), StoreError> {
    let path = file(paths, url, project_id);
    files::remove(&path)?;
    if let Some(dir) = path.parent() {
        // Fails if something else is in it, which is then not ours to remove.
        let _ = std::fs::remove_dir(dir);
    }
    Ok(())
}

fn without_users(metadata: &Metadata) -> Metadata {
    let mut metadata = metadata.clone();
    metadata.access.users = forget(metadata.access.users);
    metadata.access.role_assignments = forget(metadata.access.role_assignments);
    metadata.access.dag_assignments = forget(metadata.access.dag_assignments);
    metadata
}

/// What was known becomes "not asked"; that it may not be read is worth keeping.
fn forget<T>(readable: Readable<T>) -> Readable<T> {
    match readable {
        Readable::Known(_) => Readable::NotAsked,
        other => other,
    }
}

/// The file of a project: its folder names the server and the project for people, and tells
/// apart what sanitising makes equal by a hash of the whole address.
fn file(paths: &Paths, url: &ApiUrl, project_id: u64) -> PathBuf {
    paths.cache_dir().join(folder(url, project_id)).join("metadata.json")
}

/// The name of a project's own folder: readable, and different for each server and project.
pub(super) fn folder(url: &ApiUrl, project_id: u64) -> String {
    let host: String = url
        .host()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' })
        .take(60)
        .collect();
    let hash = fnv(&format!("{url} {project_id}"));
    format!("{host}-{project_id}-{:08x}", hash >> 32)
}

/// FNV-1a, 64 bits: the same on every system and in every version, unlike the standard hasher.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
