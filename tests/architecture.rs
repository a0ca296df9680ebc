//! The house rules that can be read off the source: who may import whom, where a token may leave
//! its type, and how large a room may get.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src/`, and its text without comments and without tests.
struct Source {
    path: String,
    code: String,
    n_lines: usize,
}

impl Source {
    fn room(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 50, "the source was not found");
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code: Vec<&str> = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
            Source {
                path: file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"),
                code: code.join("\n"),
                n_lines: text.lines().count(),
            }
        })
        .collect()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// All paths that begin with `crate::`, also those inside braces: `crate::{api::token, store}`.
fn crate_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let tail = &code[at + "crate::".len()..];
        if let Some(group) = tail.strip_prefix('{') {
            let group = &group[..group.find('}').unwrap_or(group.len())];
            paths.extend(group.split(',').map(|p| p.trim().to_owned()));
        } else {
            let end =
                tail.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(tail.len());
            let path = &tail[..end];
            match (path.strip_suffix("::"), tail[end..].strip_prefix('{')) {
                (Some(path), Some(group)) => {
                    let group = &group[..group.find('}').unwrap_or(group.len())];
                    paths.extend(group.split(',').map(|name| match name.trim() {
                        "self" | "" => path.to_owned(),
                        name => format!("{path}::{name}"),
                    }));
                }
                _ => paths.push(path.trim_end_matches(':').to_owned()),
            }
        }
    }
    paths
}

/// What each room may use of the others; a prefix allows everything below it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("api", &["api", "domain"]),
    ("store", &["store", "domain", "api::token", "api::url"]),
    ("demo", &["demo", "domain", "api::catalogue"]),
    ("snippets", &["snippets", "api::catalogue", "api::request"]),
    ("triggers", &["triggers", "domain::trigger", "store::files"]),
    ("jobs", &["jobs", "domain", "api", "store", "demo", "triggers"]),
    // Types only: what goes into jobs and comes out of them.
    (
        "app",
        &[
            "app",
            "domain",
            "api::catalogue",
            // A call is composed on the screen; only a job can send it.
            "api::request::Request",
            "api::token",
            "api::url",
            "api::client::CallEvent",
            "api::client::CallState",
            "jobs::types",
            "jobs::Problem",
            "jobs::Remedy",
            // A program is text.
            "snippets",
        ],
    ),
    ("ui", &["ui", "app", "domain", "api::client::CallState", "jobs::types", "jobs::Problem"]),
];

#[test]
fn no_room_imports_what_it_must_not_know() {
    let mut broken = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = MAY_USE.iter().find(|(room, _)| *room == source.room()) else { continue };
        for path in crate_paths(&source.code) {
            let fits = allowed.iter().any(|a| path == *a || path.starts_with(&format!("{a}::")));
            if !fits {
                broken.push(format!("{} uses crate::{path}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A permission that nothing needs any more would let something in unseen.
#[test]
fn every_permission_is_needed() {
    let used: Vec<(String, Vec<String>)> =
        sources().into_iter().map(|s| (s.room().to_owned(), crate_paths(&s.code))).collect();
    let mut idle = Vec::new();
    for (room, allowed) in MAY_USE {
        for prefix in allowed.iter().filter(|a| *a != room) {
            let below = format!("{prefix}::");
            let is_used = used
                .iter()
                .filter(|(user, _)| user == room)
                .flat_map(|(_, paths)| paths)
                .any(|path| path == prefix || path.starts_with(&below));
            if !is_used {
                idle.push(format!("{room} does not use crate::{prefix}"));
            }
        }
    }
    assert!(idle.is_empty(), "{idle:#?}");
}

/// What a pure room has nothing to do with.
const PURE: &[&str] = &[
    "tokio",
    "reqwest",
    "ratatui",
    "crossterm",
    "keyring",
    "axum",
    "std::fs",
    "std::net",
    "std::env",
    "::now()",
];

#[test]
fn no_room_touches_the_outside_world_that_must_not() {
    let outside: &[(&str, &[&str])] = &[
        ("domain", PURE),
        ("app", PURE),
        ("ui", &["tokio", "reqwest", "crossterm", "keyring", "std::fs", "std::net", "std::env", "::now()"]),
        ("snippets", PURE),
        ("jobs", &["ratatui", "crossterm"]),
        ("triggers", &["ratatui", "crossterm", "keyring"]),
        ("api", &["ratatui", "crossterm", "keyring", "std::fs"]),
        ("store", &["ratatui", "crossterm", "tokio", "reqwest"]),
        ("demo", &["ratatui", "crossterm", "reqwest", "keyring"]),
    ];
    let mut broken = Vec::new();
    for source in sources() {
        let Some((_, forbidden)) = outside.iter().find(|(room, _)| *room == source.room()) else { continue };
        for word in *forbidden {
            let used = source.code.lines().any(|line| {
                line.match_indices(word).any(|(at, _)| {
                    // A word of its own: not a part of a longer name or of a text.
                    let before = line[..at].chars().next_back();
                    let after = line[at + word.len()..].chars().next();
                    word.starts_with(':')
                        || (!before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"')
                            && after == Some(':')
                            || line.trim_start().starts_with(&format!("use {word}")))
                })
            });
            if used {
                broken.push(format!("{} uses {word}", source.path));
            }
        }
    }
    // The client reads the file with extra certificates; that is the one file of its room.
    broken.retain(|b| b != "api/client/http.rs uses std::fs");
    // The text it writes is a Rust program.
    broken.retain(|b| !b.starts_with("snippets/rust.rs uses "));
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The demo server fires triggers as a REDCap does: it must not know how they are read here.
#[test]
fn the_demo_server_and_the_receiver_of_triggers_share_nothing() {
    let shared: Vec<String> = sources()
        .into_iter()
        .filter(|s| s.room() == "demo" && s.code.contains("domain::trigger"))
        .map(|s| s.path)
        .collect();
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn a_token_leaves_its_type_in_two_places_only() {
    let mut places: Vec<String> =
        sources().into_iter().filter(|s| s.code.contains(".expose()")).map(|s| s.path).collect();
    places.sort();
    assert_eq!(places, ["api/request.rs", "store/vault.rs"]);
}

#[test]
fn rooms_stay_small_enough_to_read() {
    // A flat table may be long: reading it is looking up one entry.
    let tables = ["api/catalogue/methods.rs", "app/actions/table.rs"];
    let large: Vec<String> = sources()
        .into_iter()
        .filter(|s| s.n_lines > 520 && !tables.contains(&s.path.as_str()))
        .map(|s| format!("{}: {} lines", s.path, s.n_lines))
        .collect();
    assert!(large.is_empty(), "{large:#?}");
}

#[test]
fn nothing_prints_outside_the_command_line_and_the_terminal() {
    let printing: Vec<String> = sources()
        .into_iter()
        .filter(|s| ["println!(", "eprintln!(", "print!(", "eprint!("].iter().any(|p| s.code.contains(p)))
        .map(|s| s.path)
        .collect();
    assert!(printing.is_empty(), "{printing:#?}");
}
