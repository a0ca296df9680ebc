//! What the cells of the matrix share: one demo server, and what was read from it in peace.

use crate::door::{Door, Kind};
use capscope::api::client::{ServerSettings, silent};
use capscope::api::token::Token;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::domain::project::Metadata;
use capscope::jobs::bench::Workbench;
use capscope::jobs::open;
use capscope::jobs::types::SavedProject;
use capscope::store::Paths;
use capscope::store::settings::Settings;
use capscope::store::vault::Vault;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many records the registry has: more than two requests bring.
pub const RECORDS: usize = 600;

/// The patience of the client where a server says nothing.
pub const IMPATIENT: Duration = Duration::from_millis(1500);

/// One of the two projects of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Study {
    /// A small longitudinal one, with quotes and letters beyond ASCII.
    Breathe,
    /// One with many records.
    Registry,
}

pub struct World {
    server: DemoServer,
    breathe: Metadata,
    registry: Metadata,
    names: AtomicUsize,
}

/// A capscope of its own, with a home of its own, behind a door of its own.
pub struct Desk {
    pub door: Door,
    pub bench: Workbench,
    pub project: SavedProject,
    pub home: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let options = DemoOptions { registry_records: RECORDS, ..DemoOptions::default() };
        let server = DemoServer::start(options).await.unwrap();
        let mut world = Self {
            server,
            breathe: Metadata::default(),
            registry: Metadata::default(),
            names: AtomicUsize::new(1),
        };
        world.breathe = world.read(Study::Breathe).await;
        world.registry = world.read(Study::Registry).await;
        world
    }

    async fn read(&self, study: Study) -> Metadata {
        let desk = self.desk(study, Kind::Plain, Duration::from_secs(30)).await;
        let api = desk.bench.api(&desk.project).await.unwrap();
        open::read(&api, None, &|_| {}).await.unwrap()
    }

    /// What a study's project looks like.
    pub fn metadata(&self, study: Study) -> &Metadata {
        match study {
            Study::Breathe => &self.breathe,
            Study::Registry => &self.registry,
        }
    }

    /// The name of a record that nobody else has.
    pub fn new_name(&self) -> String {
        format!("F{}", self.names.fetch_add(1, Ordering::SeqCst))
    }

    pub fn addr(&self) -> SocketAddr {
        self.server.url().trim_start_matches("http://").trim_end_matches("/api/").parse().unwrap()
    }

    /// A capscope behind a door, with write access.
    pub async fn desk(&self, study: Study, kind: Kind, patience: Duration) -> Desk {
        let home = tempfile::tempdir().unwrap();
        let door = Door::open(kind, self.addr(), home.path()).await;
        let paths = Paths::under(home.path().join("capscope"));
        let title = if study == Study::Breathe { "BREATHE" } else { "REG-02" };
        let found = self.server.projects().iter().find(|p| p.title.starts_with(title)).unwrap();
        let mut project =
            SavedProject::new(title, &door.url, found.project_id, &found.title, jiff::Timestamp::UNIX_EPOCH)
                .unwrap();
        project.write_access = true;
        project.ca_file.clone_from(&door.ca_file);
        capscope::store::projects::add(&paths, project.clone()).unwrap();
        let settings = Settings { idle_timeout: patience, connect_timeout: patience, ..Settings::default() };
        let mut bench = Workbench::new(Some(paths), settings, Vault::in_memory(), silent());
        bench.limits =
            ServerSettings { retry_wait: Duration::from_millis(1), max_bytes: 4 << 20, ..bench.limits };
        bench.keep_for_session(&project.id, Token::parse(&found.tokens[0].token).unwrap());
        Desk { door, bench, project, home }
    }

    /// Every token of the server: none may be seen anywhere.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.server.projects().iter().flat_map(|p| p.tokens.iter().map(|t| t.token.as_str()))
    }
}

impl Desk {
    /// A file in the home folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}
