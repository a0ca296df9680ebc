//! The papers say what the program does: their tables are made from the program's own.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the tables anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

use capscope::api::catalogue::METHODS;
use capscope::app::actions::{ACTIONS, Scope};
use capscope::app::keymap::{Keymap, can_change, name};
use capscope::jobs::call::rights_words;
use std::fmt::Write;
use std::path::Path;

/// A part of a page that is made from the program's own tables: its page, its name, its text.
type Part = (&'static str, &'static str, fn() -> String);

const PARTS: &[Part] = &[
    ("assets/guide/keys.md", "keys", keys),
    ("assets/guide/methods.md", "methods", methods),
    ("assets/guide/settings.md", "settings", settings),
];

fn keys() -> String {
    let mut text = String::from("| Key | What it does | Where | Name |\n|---|---|---|---|\n");
    for action in ACTIONS.iter().filter(|a| !a.scopes.iter().all(|s| s.is_modal())) {
        let mut places: Vec<&str> = action
            .scopes
            .iter()
            .map(|s| if *s == Scope::Global { "everywhere" } else { s.title() })
            .collect();
        let mut seen = std::collections::HashSet::new();
        places.retain(|place| seen.insert(*place));
        let help = if action.help.is_empty() { String::new() } else { format!(": {}", action.help) };
        let keys = Keymap::default().words(action).replace('|', "\\|");
        let keys = if keys.is_empty() { "Ctrl+P, its name".into() } else { keys };
        let name = if can_change(action) { format!("`{}`", name(action.id)) } else { String::new() };
        let _ = writeln!(text, "| {keys} | {}{help} | {} | {name} |", action.title, places.join(", "));
    }
    text
}

fn methods() -> String {
    let mut text = String::from("| Method | content | action | Rights | Since |\n|---|---|---|---|---|\n");
    for method in METHODS {
        let _ = writeln!(
            text,
            "| {}: {} | {} | {} | {} | {} |",
            method.title,
            method.help,
            method.content,
            method.action.as_str(),
            rights_words(method),
            method.since
        );
    }
    text
}

fn settings() -> String {
    format!("```toml\n{}```\n", capscope::store::settings::TEMPLATE)
}

#[test]
fn what_the_papers_say_is_the_programs_own() {
    let mut old = Vec::new();
    for (page, name, make) in PARTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(&format!("<!-- {name}: ")).expect("the part begins");
        let (how, rest) = rest.split_once(" -->\n").expect("the beginning says what it is made from");
        let end = format!("<!-- end of {name} -->");
        let (found, after) = rest.split_once(&end).expect("the part ends");
        let made = make();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let whole = format!("{before}<!-- {name}: {how} -->\n{made}{end}{after}");
            std::fs::write(&path, whole).unwrap();
        } else if found != made {
            old.push(*page);
        }
    }
    assert!(old.is_empty(), "old: {old:?}; UPDATE_DOCS=1 cargo test --test docs");
}

/// All pages that people read, with their folders.
fn pages() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of = |dir: &str| {
        let files = std::fs::read_dir(root.join(dir)).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|e| e == "md")).collect::<Vec<_>>()
    };
    [of("."), of("assets/guide"), of("benches")].concat()
}

#[test]
fn every_link_and_picture_of_the_pages_is_there() {
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            let target = target.split('#').next().unwrap();
            assert!(page.parent().unwrap().join(target).exists(), "{}: {target}", page.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

/// The first words of an item of a list in backquotes are a path; the others after it are names
/// that its file must hold, until the next path.
#[test]
fn the_recipes_for_newcomers_name_real_files_and_real_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let recipes = text.split("## Recipes").nth(1).unwrap().split("## What each").next().unwrap();
    let (mut paths, mut names) = (0, 0);
    for item in recipes.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
        let mut file = None;
        for word in item.split('`').skip(1).step_by(2) {
            if word.contains('/') && !word.contains(' ') {
                let path = root.join(word);
                assert!(path.exists(), "{item}");
                file = path.is_file().then(|| std::fs::read_to_string(path).unwrap());
                paths += 1;
            } else if let Some(file) = &file
                && !word.starts_with("capscope")
            {
                let last = word.rsplit("::").next().unwrap();
                assert!(file.contains(last), "{item}: {word}");
                names += 1;
            }
        }
    }
    assert!(paths > 25 && names > 15, "{paths} paths, {names} names");
}

#[test]
fn the_tests_that_papers_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["CONTRIBUTING.md", "SECURITY.md"] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        for word in text.split('`').filter(|w| w.starts_with("tests/") || w.starts_with("src/")) {
            let found = match word.split_once('*') {
                Some((start, _)) => {
                    let (dir, start) = start.rsplit_once('/').unwrap();
                    let mut files = std::fs::read_dir(root.join(dir)).unwrap();
                    files.any(|f| f.unwrap().file_name().to_str().unwrap().starts_with(start))
                }
                None => root.join(word).exists(),
            };
            assert!(found, "{page}: {word}");
        }
    }
}
