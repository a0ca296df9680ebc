//! Where capscope keeps its files.

use super::files::StoreError;
use std::path::{Path, PathBuf};

/// The environment variable that moves everything into one folder: for tests, and for a
/// capscope that travels on a stick.
pub const HOME_VARIABLE: &str = "CAPSCOPE_HOME";

/// The folders of one user, as the system wants them, or all under one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    cache: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// The folders to use: under `CAPSCOPE_HOME` if it is set, else the system's usual ones.
    /// Nothing is created.
    pub fn find() -> Result<Self, StoreError> {
        if let Some(home) = std::env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
            let home = PathBuf::from(home);
            return Ok(Self::under(std::path::absolute(&home).unwrap_or(home)));
        }
        let dirs = directories::ProjectDirs::from("", "", "capscope").ok_or(StoreError::NoHome)?;
        Ok(Self {
            config: dirs.config_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            // Only Linux has a place for state; elsewhere it goes to the local data.
            state: dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned(),
        })
    }

    /// All folders under one.
    pub fn under(home: impl AsRef<Path>) -> Self {
        let home = home.as_ref();
        Self { config: home.join("config"), cache: home.join("cache"), state: home.join("state") }
    }

    /// The settings, written by people.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.toml")
    }

    /// The list of projects.
    pub fn projects_file(&self) -> PathBuf {
        self.config.join("projects.toml")
    }

    /// The folder with the metadata of projects.
    pub fn cache_dir(&self) -> PathBuf {
        self.cache.join("metadata")
    }

    /// Where one was.
    pub fn session_file(&self) -> PathBuf {
        self.state.join("session.json")
    }

    /// What is remembered of each project.
    pub fn remembered_file(&self) -> PathBuf {
        self.state.join("remembered.json")
    }

    /// The folder with triggers that wait to be forwarded.
    pub fn triggers_dir(&self) -> PathBuf {
        self.state.join("triggers")
    }

    /// The folder for what capscope remembers of its own doings.
    pub fn state_dir(&self) -> &Path {
        &self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_can_live_under_one_folder() {
        let paths = Paths::under("/x");
        for file in [paths.settings_file(), paths.projects_file(), paths.cache_dir(), paths.session_file()] {
            assert!(file.starts_with("/x"), "{}", file.display());
        }
    }
}
