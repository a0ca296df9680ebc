//! What is kept on this computer: private, whole, and honest about what it cannot read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use capscope::api::url::ApiUrl;
use capscope::domain::dictionary::{Dictionary, Field};
use capscope::domain::project::{Metadata, Readable};
use capscope::domain::rights::{RoleAssignment, User};
use capscope::store::cache::{self, CacheState};
use capscope::store::files::{self, Lock, StoreError};
use capscope::store::projects::{self, SavedProject};
use capscope::store::session::{self, Place, Session};
use capscope::store::settings::{self, Settings, TEMPLATE};
use capscope::store::vault::{self, EnvProblem, Vault, VaultProblem};
use capscope::store::{Paths, StoreError as Reexported};
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn home() -> (TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    (dir, paths)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn put(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Every file and folder under one, with its mode.
#[cfg(unix)]
fn modes(dir: &Path) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        found.push((path.display().to_string(), mode));
        if path.is_dir() {
            found.extend(modes(&path));
        }
    }
    found
}

fn metadata() -> Metadata {
    let mut metadata = Metadata { version: "14.5.2".into(), ..Metadata::default() };
    metadata.info.project_id = 101;
    metadata.info.title = "BREATHE".into();
    metadata.dictionary = Dictionary::new(vec![Field::new("study_id", "demographics")]);
    metadata.events = Readable::NotHere("You cannot export events for classic projects".into());
    metadata.access.users = Readable::Known(vec![User { username: "alice".into(), ..User::default() }]);
    metadata.access.role_assignments =
        Readable::Known(vec![RoleAssignment { username: "alice".into(), role: "U-1".into() }]);
    metadata.access.dag_assignments = Readable::NoRight("no".into());
    metadata
}

fn url() -> ApiUrl {
    ApiUrl::parse("https://redcap.example.org/rc/api/").unwrap()
}

fn project(name: &str) -> SavedProject {
    SavedProject::new(name, url().as_str(), 101, "BREATHE", at("2026-11-24T06:00:00Z")).unwrap()
}

#[test]
fn projects_come_back_as_they_were_kept() {
    let (_dir, paths) = home();
    assert!(projects::load(&paths).unwrap().is_empty());
    let mut one = project("Éins \"x\"");
    one.ca_file = Some("/etc/ca.pem".into());
    one.token_env = Some("BREATHE_TOKEN".into());
    let two = project("Two");
    assert_ne!(one.id, two.id);
    assert!(!one.write_access);
    projects::add(&paths, one.clone()).unwrap();
    assert_eq!(projects::add(&paths, two.clone()).unwrap(), [one.clone(), two.clone()]);
    assert_eq!(projects::load(&paths).unwrap(), [one.clone(), two.clone()]);

    let renamed = SavedProject { name: "Uno".into(), write_access: true, ..one };
    assert_eq!(projects::add(&paths, renamed.clone()).unwrap(), [renamed.clone(), two.clone()]);
    assert_eq!(projects::remove(&paths, &two.id).unwrap(), [renamed]);
    assert!(matches!(projects::remove(&paths, &two.id), Err(StoreError::NoProject)));
}

#[test]
fn the_id_of_a_project_is_no_token() {
    let id = project("x").id;
    assert_eq!(capscope::domain::text::scrub(&id), id);
}

#[test]
fn a_damaged_list_is_explained_and_never_overwritten() {
    let (_dir, paths) = home();
    let file = paths.projects_file();
    for (text, line) in [
        ("format = 1\n[[project]]\nid = \n", Some(3)),
        ("format = 1\n\n[[project]]\nid = \"p1\"\n", Some(3)),
        ("nothing here", Some(1)),
        ("format = \"one\"", Some(1)),
    ] {
        put(&file, text);
        match projects::load(&paths) {
            Err(e @ StoreError::Damaged { .. }) => {
                let StoreError::Damaged { line: found, .. } = &e else { unreachable!() };
                assert_eq!(*found, line, "{text}: {e}");
                assert!(e.to_string().contains("projects.toml") && !e.advice().is_empty());
            }
            other => panic!("{text}: {other:?}"),
        }
        assert!(projects::add(&paths, project("x")).is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
    put(&file, "format = 99\nsomething = \"new\"\n");
    assert!(matches!(projects::load(&paths), Err(StoreError::Newer { .. })));
    put(&file, b"format = 1\nx = \"\xff\"\n");
    assert!(matches!(projects::load(&paths), Err(Reexported::Damaged { line: Some(2), .. })));
}

#[test]
fn two_at_once_lose_nothing() {
    let (_dir, paths) = home();
    std::thread::scope(|scope| {
        for i in 0..8 {
            let paths = &paths;
            scope.spawn(move || projects::add(paths, project(&format!("p{i}"))).unwrap());
        }
    });
    assert_eq!(projects::load(&paths).unwrap().len(), 8);
}

#[test]
fn a_held_lock_is_not_waited_for_for_ever() {
    let (_dir, paths) = home();
    let file = paths.projects_file();
    let held = Lock::take(&file, Duration::ZERO).unwrap();
    assert!(matches!(Lock::take(&file, Duration::from_millis(30)), Err(StoreError::InUse { .. })));
    drop(held);
    Lock::take(&file, Duration::ZERO).unwrap();
}

#[cfg(unix)]
#[test]
fn everything_is_private_from_the_first_moment() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, paths) = home();
    // Someone made the folder open to all; the content is private all the same.
    put(&paths.settings_file(), "");
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(paths.settings_file().parent().unwrap(), open).unwrap();
    std::fs::remove_file(paths.settings_file()).unwrap();
    projects::add(&paths, project("x")).unwrap();
    session::save(&paths, &Session::default()).unwrap();
    cache::save(&paths, &url(), &metadata(), Timestamp::UNIX_EPOCH, true).unwrap();
    let found = modes(dir.path());
    assert!(found.len() > 7);
    for (path, mode) in found {
        let expected = if Path::new(&path).is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_as_a_whole_and_its_link_is_kept() {
    let (dir, _) = home();
    let (real, link) = (dir.path().join("real.toml"), dir.path().join("link.toml"));
    std::fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    // Who has the old file open keeps the whole old one: it was never written into.
    let mut before = std::fs::File::open(&real).unwrap();
    files::write(&link, b"new").unwrap();
    let mut old = String::new();
    std::io::Read::read_to_string(&mut before, &mut old).unwrap();
    assert_eq!((old.as_str(), std::fs::read_to_string(&real).unwrap().as_str()), ("old", "new"));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "no draft is left");
}

#[test]
fn a_failed_write_leaves_the_old_file_and_no_draft() {
    let (dir, _) = home();
    let path = dir.path().join("there");
    // A folder stands where the file should go.
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("inside"), "x").unwrap();
    let error = files::write(&path, b"new").unwrap_err();
    assert!(error.to_string().contains("there could not be written"), "{error}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);

    let blocked = dir.path().join("file/inside");
    std::fs::write(dir.path().join("file"), "x").unwrap();
    assert!(matches!(files::write(&blocked, b"x"), Err(StoreError::Io { .. })));
}

#[test]
fn metadata_come_back_without_people() {
    let (_dir, paths) = home();
    let (url, now, kept) = (url(), at("2026-11-24T06:30:00Z"), metadata());
    assert_eq!(cache::load(&paths, &url, 101), CacheState::None);
    cache::save(&paths, &url, &kept, now, false).unwrap();
    let CacheState::Fresh { metadata: found, saved_at } = cache::load(&paths, &url, 101) else { panic!() };
    assert_eq!((saved_at, &found.dictionary, &found.events), (now, &kept.dictionary, &kept.events));
    assert_eq!(found.access.users, Readable::NotAsked);
    assert_eq!(found.access.role_assignments, Readable::NotAsked);
    assert_eq!(found.access.dag_assignments, kept.access.dag_assignments);

    cache::save(&paths, &url, &kept, now, true).unwrap();
    let CacheState::Fresh { metadata: found, .. } = cache::load(&paths, &url, 101) else { panic!() };
    assert_eq!(*found, kept);
    cache::remove(&paths, &url, 101).unwrap();
    cache::remove(&paths, &url, 101).unwrap();
    assert_eq!(cache::load(&paths, &url, 101), CacheState::None);
    assert_eq!(std::fs::read_dir(paths.cache_dir()).unwrap().count(), 0);
}

#[test]
fn every_server_and_project_has_a_folder_of_its_own_that_people_can_read() {
    let (_dir, paths) = home();
    let mut metadata = metadata();
    for (url, project_id) in [
        ("https://redcap.example.org/rc/api/", 101),
        ("https://redcap.example.org/other/api/", 101),
        ("https://redcap.example.org:8443/rc/api/", 101),
        ("https://redcap.example.org/rc/api/", 102),
        ("http://[::1]:8099/api/", 1),
    ] {
        metadata.info.project_id = project_id;
        cache::save(&paths, &ApiUrl::parse(url).unwrap(), &metadata, Timestamp::UNIX_EPOCH, false).unwrap();
    }
    let mut names: Vec<String> = std::fs::read_dir(paths.cache_dir())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names[1].starts_with("redcap.example.org-101-"), "{names:?}");
    assert!(names.iter().all(|n| n.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))));
}

#[test]
fn what_the_cache_cannot_use_is_told_apart() {
    let (_dir, paths) = home();
    let url = url();
    cache::save(&paths, &url, &metadata(), Timestamp::UNIX_EPOCH, false).unwrap();
    let folder = std::fs::read_dir(paths.cache_dir()).unwrap().next().unwrap().unwrap().path();
    let file = folder.join("metadata.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    let older = whole.replacen("\"format\":1", "\"format\":0", 1);
    let newer = whole.replacen("\"format\":1", "\"format\":2", 1);
    let foreign = whole.replacen("\"project_id\":101", "\"project_id\":7", 1);
    let half = &whole[..whole.len() / 2];
    let other_shape = r#"{"format":1,"saved_at":"2026-11-24T06:30:00Z","server":"x"}"#;
    for (text, words) in [
        (older.as_str(), "older capscope"),
        (newer.as_str(), "newer capscope"),
        (foreign.as_str(), "another project"),
        (half, "damaged"),
        (other_shape, "damaged"),
        ("", "damaged"),
        ("\u{0}\u{0}", "damaged"),
    ] {
        put(&file, text);
        match cache::load(&paths, &url, 101) {
            CacheState::Unusable { why } => assert!(why.contains(words) && why.ends_with('.'), "{why}"),
            other => panic!("{words}: {other:?}"),
        }
    }
    put(&file, whole);
    assert!(matches!(cache::load(&paths, &url, 101), CacheState::Fresh { .. }));
}

#[test]
fn where_one_was_comes_back_or_starts_fresh() {
    let (_dir, paths) = home();
    assert_eq!(session::load(&paths), (Session::default(), None));
    let mut session = Session { last_project: Some("p1".into()), ..Session::default() };
    let mut layout = capscope::domain::layout::Layout::default();
    layout.toggle("sbp");
    let place = Place {
        section: "records".into(),
        cursors: [("records".to_owned(), 7)].into(),
        layouts: [("visit".to_owned(), layout)].into(),
    };
    session.projects.insert("p1".into(), place);
    session::save(&paths, &session).unwrap();
    assert_eq!(session::load(&paths), (session, None));
    put(&paths.session_file(), "{");
    let (fresh, note) = session::load(&paths);
    assert_eq!(fresh, Session::default());
    assert!(note.unwrap().contains("fresh"));
    put(&paths.session_file(), r#"{"last_project":"p9","from_the_future":1}"#);
    assert_eq!(session::load(&paths).0.last_project.as_deref(), Some("p9"));
}

#[test]
fn a_wrong_setting_is_reported_and_the_others_count() {
    let text = "# my settings\nper_minute = 30\nmouse = \"no\"\ntheme = \"mono\"\ncolour = 1\n\
                idle_timeout = 0\nca_file = \"/etc/ca.pem\"\nreduced_motion = true\n[extra]\nx = 1\n";
    let (settings, problems) = settings::parse(text);
    let expected = Settings {
        per_minute: 30,
        theme: "mono",
        ca_file: Some("/etc/ca.pem".into()),
        reduced_motion: true,
        ..Settings::default()
    };
    assert_eq!(settings, expected);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "settings.toml, line 3: 'mouse' must be true or false. The default is used.",
            "settings.toml, line 5: there is no setting 'colour'.",
            "settings.toml, line 6: 'idle_timeout' must be a number of seconds from 1 to 3600. The default is used.",
            "settings.toml, line 9: there is no setting 'extra'.",
        ]
    );
    for (text, line) in [("mouse = \n", 1), ("mouse = true\nmouse = false\n", 2), ("\n= 1", 2)] {
        let (settings, problems) = settings::parse(text);
        assert_eq!(
            (settings, problems.len(), problems[0].line),
            (Settings::default(), 1, line),
            "{problems:?}"
        );
    }
    for wrong in
        ["per_minute = 600", "per_minute = -1", "per_minute = 1.5", "ca_file = \"\"", "theme = \"pink\""]
    {
        assert_eq!(settings::parse(wrong).1.len(), 1, "{wrong}");
    }
}

#[test]
fn the_template_says_the_defaults() {
    let (_dir, paths) = home();
    assert_eq!(settings::load(&paths).unwrap(), (Settings::default(), vec![]));
    put(&paths.settings_file(), TEMPLATE);
    assert_eq!(settings::load(&paths).unwrap(), (Settings::default(), vec![]));
    // With every line switched on nothing changes but the examples of a file and of keys.
    let on: String = TEMPLATE
        .lines()
        .map(|l| {
            l.strip_prefix("# ").filter(|l| l.contains(" = ") || l.starts_with('[')).unwrap_or(l).to_owned()
                + "\n"
        })
        .collect();
    let expected = Settings { ca_file: Some("/path/to/ca.pem".into()), ..Settings::default() };
    let (mut found, problems) = settings::parse(&on);
    assert_eq!(found.keys.len(), 2, "the example of other keys");
    found.keys.clear();
    assert_eq!((found, problems), (expected, vec![]));
}

#[test]
fn a_vault_in_memory_behaves_like_a_keyring() {
    let vault = Vault::in_memory();
    let token = capscope::api::token::Token::parse(&"AB".repeat(32)).unwrap();
    vault.probe().unwrap();
    assert!(!vault.is_lasting() && Vault::default().is_lasting());
    assert_eq!(vault.get("p").unwrap_err(), VaultProblem::Missing);
    vault.set("p", &token).unwrap();
    assert!(vault.clone().get("p").unwrap().is_super());
    vault.delete("p").unwrap();
    vault.delete("p").unwrap();
    assert_eq!(vault.get("p").unwrap_err(), VaultProblem::Missing);
    assert!(!format!("{vault:?}").contains("AB"));
}

#[test]
fn a_token_can_come_from_the_environment() {
    // Cargo sets this one for tests; it is no token, and is not repeated.
    let problem = vault::token_from_env("CARGO_PKG_NAME").unwrap_err();
    assert!(matches!(&problem, EnvProblem::NoToken(name, _) if name == "CARGO_PKG_NAME"));
    assert!(!problem.to_string().contains("capscope"));
    assert_eq!(
        vault::token_from_env("NOT_SET_AT_ALL").unwrap_err(),
        EnvProblem::NotSet("NOT_SET_AT_ALL".into())
    );
}

#[test]
fn every_vault_problem_says_what_to_do() {
    use VaultProblem::*;
    for problem in [NoService, Locked, Denied, TimedOut, Missing, Other("x".into())] {
        assert!(problem.to_string().ends_with('.') && problem.advice().ends_with('.'));
    }
}

/// Only two places may take the text out of a token: this is what keeps it out of all others.
#[test]
fn the_secret_is_exposed_in_two_files_only() {
    fn look(dir: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            } else if std::fs::read_to_string(&path).unwrap().contains(".expose()") {
                found.push(path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.sort();
    // In token.rs it is its own test that looks.
    assert_eq!(found, ["src/api/request.rs", "src/api/token.rs", "src/store/vault.rs"]);
}
