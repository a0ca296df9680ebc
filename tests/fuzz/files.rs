//! Damaged files of capscope's own folder: it goes on, and says what it could not read.

use super::{Tried, damage, fuzz};
use capscope::api::url::ApiUrl;
use capscope::domain::project::Metadata;
use capscope::store::journal::{self, BatchState, Journal, Plan, PlannedBatch, Turn};
use capscope::store::projects::SavedProject;
use capscope::store::session::{self, Place, Session};
use capscope::store::{Paths, audit, cache, exclusions, projects, remembered, token_tests};
use capscope::triggers::Target;
use capscope::triggers::queue::Queue;
use jiff::Timestamp;
use proptest::prelude::*;
use std::path::PathBuf;

/// A folder with one good file of each kind, and the address they belong to.
fn home() -> (tempfile::TempDir, Paths, ApiUrl) {
    // Every input writes files through to the disk: memory is as good a place for them.
    let memory = std::path::Path::new("/dev/shm");
    let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let paths = Paths::under(home.path());
    let url = ApiUrl::parse("https://redcap.example.edu/api/").unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let mut metadata = Metadata::default();
    metadata.info.project_id = 7;
    cache::save(&paths, &url, &metadata, now, true).unwrap();
    projects::add(&paths, SavedProject::new("One", url.as_str(), 7, "Title", now).unwrap()).unwrap();
    let mut session = Session { last_project: Some("x".into()), ..Session::default() };
    session.projects.insert("x".into(), Place { section: "3".into(), ..Place::default() });
    session::save(&paths, &session).unwrap();
    let batch = |name: &str| PlannedBatch { records: vec![name.into()], ..PlannedBatch::default() };
    let plan = Plan::new(url.as_str(), 7, ("f".into(), "r".into()), vec![batch("1"), batch("2")], now);
    let mut journal = Journal::begin(&paths, &plan, Turn::take(&paths, 7).unwrap()).unwrap();
    journal.note(0, BatchState::Sending, now).unwrap();
    journal.note(0, BatchState::Stored, now).unwrap();
    let entry =
        audit::Entry { host: "h".into(), rows: Some(3), outcome: "done".into(), ..audit::Entry::default() };
    audit::append(&paths, &[(now, entry.clone()), (now, entry)]).unwrap();
    let queue = Queue::open(&paths.triggers_dir(), &target()).unwrap();
    queue.add(vec!["project_id=1&record=2&instrument=x".into(), "y".into()]).unwrap();
    (home, paths, url)
}

fn target() -> Target {
    Target::parse("https://handler.example.edu/").unwrap()
}

/// The files of the folder that hold something, locks left out.
fn files(home: &std::path::Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![home.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::metadata(&path).unwrap().len() > 0 {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn damaged_files_of_any_kind() {
    let (home, paths, url) = home();
    let files = files(home.path());
    assert!(files.len() >= 6, "{files:?}");
    let good: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).unwrap()).collect();
    let input = (0..files.len(), damage::of(good.clone()));
    fuzz("files of capscope's own", &input, |(which, bytes)| -> Tried {
        // Also the content of another file under this name.
        std::fs::write(&files[which], &bytes).unwrap();
        let _ = cache::load(&paths, &url, 7);
        let _ = projects::load(&paths).map_err(|e| e.to_string() + e.advice());
        let _ = session::load(&paths);
        let _ = remembered::load(&paths);
        let _ = exclusions::load(&paths, &url, 7).map_err(|e| e.to_string() + e.advice());
        let _ = token_tests::load(&paths, "x");
        let unfinished = journal::unfinished(&paths, url.as_str(), 7);
        if let Ok(Some(found)) = &unfinished {
            prop_assert_eq!(found.states.len(), found.plan.batches.len());
        }
        let _ = audit::verify(&paths).unwrap();
        let entry = audit::Entry { rows: Some(9), ..audit::Entry::default() };
        audit::append(&paths, &[(Timestamp::UNIX_EPOCH, entry)]).unwrap();
        prop_assert_eq!(audit::lines(&paths).unwrap().last().unwrap().entry.rows, Some(9));
        if let Ok(queue) = Queue::open(&paths.triggers_dir(), &target()) {
            let before = queue.len();
            prop_assert!(queue.add(vec!["z".into()]).is_ok());
            prop_assert_eq!(queue.len(), before + 1);
        }
        for (file, bytes) in files.iter().zip(&good) {
            std::fs::write(file, bytes).unwrap();
        }
        Ok(())
    });
}
