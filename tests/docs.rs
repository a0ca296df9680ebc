//! The README says what the program does: its key table is the program's own table.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the table anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

use capscope::app::actions::{ACTIONS, Scope};
use std::fmt::Write;
use std::path::Path;

const START: &str = "<!-- keys: made from the table of actions -->\n";
const END: &str = "<!-- end of keys -->";

fn table() -> String {
    let mut text = String::from("| Key | What it does | Where |\n|---|---|---|\n");
    for action in ACTIONS.iter().filter(|a| !a.scopes.iter().all(|s| s.is_modal())) {
        let mut places: Vec<&str> = action
            .scopes
            .iter()
            .map(|s| if *s == Scope::Global { "everywhere" } else { s.title() })
            .collect();
        let mut seen = std::collections::HashSet::new();
        places.retain(|place| seen.insert(*place));
        let help = if action.help.is_empty() { String::new() } else { format!(": {}", action.help) };
        let keys = action.key_words().replace('|', "\\|");
        let _ = writeln!(text, "| {keys} | {}{help} | {} |", action.title, places.join(", "));
    }
    text
}

#[test]
fn the_key_table_of_the_readme_is_the_programs_own() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(START).expect("the README has a place for the keys");
    let (found, after) = rest.split_once(END).expect("the place for the keys ends");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{START}{}{END}{after}", table())).unwrap();
    } else {
        assert_eq!(found, table(), "the README is old: UPDATE_DOCS=1 cargo test --test docs");
    }
}

#[test]
fn every_picture_of_the_readme_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let pictures: Vec<&str> =
        readme.split("](screenshots/").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(!pictures.is_empty());
    for picture in pictures {
        assert!(root.join("screenshots").join(picture).exists(), "{picture}");
    }
}
