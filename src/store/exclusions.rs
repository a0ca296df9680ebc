//! Which data quality findings a person excluded, by rule and record: never a value.

use super::cache::folder;
use super::files::{self, Lock, StoreError};
use super::paths::Paths;
use crate::api::url::ApiUrl;
use crate::domain::quality::{Exclusion, Exclusions};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

const FORMAT: u32 = 1;
const PATIENCE: Duration = Duration::from_secs(3);

/// The file as it is written.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    #[serde(default)]
    excluded: Vec<Exclusion>,
}

/// The part of the file that every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// The file of a project.
pub fn file(paths: &Paths, url: &ApiUrl, project_id: u64) -> PathBuf {
    paths.state_dir().join("quality").join(format!("{}.json", folder(url, project_id)))
}

/// The excluded findings of a project. No file is none; a file that cannot be understood is an
/// error and is never overwritten, because somebody's judgement is in it.
pub fn load(paths: &Paths, url: &ApiUrl, project_id: u64) -> Result<Exclusions, StoreError> {
    let path = file(paths, url, project_id);
    let Some(text) = files::read_text(&path)? else { return Ok(Exclusions::new()) };
    let damaged = |e: serde_json::Error| StoreError::Damaged {
        path: path.clone(),
        line: Some(e.line()),
        why: "it is no list of excluded findings".into(),
    };
    let head: Head = serde_json::from_str(&text).map_err(damaged)?;
    if head.format > FORMAT {
        return Err(StoreError::Newer { path });
    }
    let stored: Stored = serde_json::from_str(&text).map_err(damaged)?;
    Ok(stored.excluded.into_iter().collect())
}

/// Reads, changes and writes the list while no other capscope can; gives back the new list.
pub fn change(
    paths: &Paths,
    url: &ApiUrl,
    project_id: u64,
    change: impl FnOnce(&mut Exclusions),
) -> Result<Exclusions, StoreError> {
    let path = file(paths, url, project_id);
    let _lock = Lock::take(&path, PATIENCE)?;
    let mut excluded = load(paths, url, project_id)?;
    change(&mut excluded);
    let stored = Stored { format: FORMAT, excluded: excluded.iter().cloned().collect() };
    let bytes = serde_json::to_vec_pretty(&stored).map_err(|e| StoreError::Damaged {
        path: path.clone(),
        line: None,
        why: e.to_string(),
    })?;
    files::write(&path, &bytes)?;
    Ok(excluded)
}

/// Forgets a project's list.
pub fn remove(paths: &Paths, url: &ApiUrl, project_id: u64) -> Result<(), StoreError> {
    files::remove(&file(paths, url, project_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclusion(rule: &str, record: &str) -> Exclusion {
        Exclusion {
            rule: rule.into(),
            record: record.into(),
            event: String::new(),
            instrument: String::new(),
            instance: Some(2),
            field: "age".into(),
        }
    }

    #[test]
    fn what_is_excluded_is_kept_for_its_project_only() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        let url = ApiUrl::parse("https://redcap.example.edu/api/").unwrap();
        assert!(load(&paths, &url, 7).unwrap().is_empty());
        let list = change(&paths, &url, 7, |list| {
            list.insert(exclusion("D", "1"));
            list.insert(exclusion("D", "1"));
            list.insert(exclusion("A", "2"));
        })
        .unwrap();
        assert_eq!(list.len(), 2);
        change(&paths, &url, 7, |list| {
            list.remove(&exclusion("A", "2"));
        })
        .unwrap();
        assert_eq!(load(&paths, &url, 7).unwrap(), Exclusions::from([exclusion("D", "1")]));
        assert!(load(&paths, &url, 8).unwrap().is_empty());
        remove(&paths, &url, 7).unwrap();
        assert!(load(&paths, &url, 7).unwrap().is_empty());
    }

    #[test]
    fn a_damaged_or_newer_list_is_not_lost() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        let url = ApiUrl::parse("https://redcap.example.edu/api/").unwrap();
        for text in ["{", "{\"format\": 9}", "{\"format\": 1, \"excluded\": 5}"] {
            files::write(&file(&paths, &url, 7), text.as_bytes()).unwrap();
            assert!(load(&paths, &url, 7).is_err(), "{text}");
            assert!(change(&paths, &url, 7, |_| ()).is_err(), "{text}");
            assert_eq!(files::read_text(&file(&paths, &url, 7)).unwrap().unwrap(), text);
        }
    }
}
