//! Projects of real servers, in all sections, at both sizes: everything opens, nothing is a mistake
//! of the program's own.
//!
//! They lie beside the repository and are no part of it; without them the test says so loudly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![allow(clippy::print_stderr, reason = "what is skipped is told")]

mod support;

use capscope::demo::DemoOptions;
use std::path::{Path, PathBuf};
use support::App;

/// The keys to each view and back from it, and what it shows.
const VIEWS: &[(&str, &str, &str)] = &[
    ("1", "", "Overview"),
    ("2<Enter>jj", "", "Fields of"),
    ("3<Enter>", "", "record"),
    ("v<End>s", "", ""),
    ("i", "<Esc>", ""),
    ("Fa", "<Esc>", ""),
    ("o", "<Esc>", ""),
    ("3S", "S", "Status of all instruments"),
    ("3Q", "Q", "Data quality"),
    ("3w", "w", "What is missing"),
    ("3N", "N", "What changed"),
    ("4<Enter>", "", "4 Users"),
    ("5", "", "Check"),
    ("6t", "", "Whose token"),
    ("7/version<Enter><Enter>s", "", "Answer: Export REDCap Version"),
    ("8", "", "Live"),
    ("9", "", "Activity"),
    ("=[record-name] != ''", "<Esc>", ""),
    ("<C-p>expo", "<Esc>", "Commands"),
    ("?", "<Esc>", "Help"),
];

fn projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/judge/projects");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "xml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn real_projects_are_browsed_in_all_sections_at_both_sizes() {
    let files = projects();
    if files.is_empty() {
        eprintln!("SKIPPED: no projects of real servers are here, so none was browsed");
        return;
    }
    for (width, height) in [(120, 36), (80, 24)] {
        for file in &files {
            let name = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            let load = vec![file.clone()];
            let mut app = App::start(width, height, None, |bench, runtime| {
                let options = DemoOptions { builtin: false, load, ..DemoOptions::default() };
                runtime.block_on(capscope::jobs::demo::start(bench, options)).unwrap()
            });
            app.wait(|m| m.open.as_ref().is_some_and(|o| o.source.is_some()) && m.is_idle());
            for (view, back, shown) in VIEWS {
                app.keys(view).idle();
                app.assert_shows(shown);
                for bad in ["capscope made a mistake", "ended unexpectedly"] {
                    assert!(!app.shows(bad), "{name} at {width}x{height} after {view}\n{}", app.screen());
                }
                app.keys(back).idle();
            }
            // A whole record, and its history.
            app.keys("3S").idle();
            if app.shell.model.open.as_ref().unwrap().grid.record().is_some() {
                app.keys("<Enter>").idle();
                app.assert_shows("Record ");
                app.keys("H").idle();
            }
            let records = app.shell.model.open.as_ref().unwrap().grid.grid.rows.len();
            let empty = file.to_string_lossy().contains("metadata_only");
            assert!(records > 0 || empty, "{name} has records");
        }
    }
}
