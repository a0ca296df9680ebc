//! Every section that has nothing to show says why, and what to do next.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::Model;
use capscope::app::grid::GridLoad;
use capscope::app::model::{Options, Pane, Section};
use capscope::app::open::Open;
use capscope::app::records::Load;
use capscope::domain::project::{Metadata, Readable};
use capscope::jobs::types::{RecordsDone, Source};
use support::{noon, picture, press, saved};

/// The text on the screen without frames, its lines joined: sentences are wrapped.
fn words(model: &Model) -> String {
    let text = picture(model);
    let text = text.split("--- styles ---").next().unwrap();
    assert!(
        !text.contains("{re") && !text.contains("{s") && !text.contains("-project}"),
        "a name for a key\n{text}"
    );
    text.replace(['┃', '│'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Draws the main part at both sizes and fails unless all of these words are there. In the small
/// window it is alone, so that its sentences can be read whole.
fn teaches(model: &mut Model, expected: &[&str]) {
    model.pane = Pane::Main;
    model.size = (120, 36);
    let text = words(model);
    let first = expected[0].split(' ').next().unwrap();
    assert!(text.contains(first), "{first:?} is not in {:?}\n{text}", model.section);
    model.size = (80, 24);
    let text = words(model);
    for word in expected {
        assert!(text.contains(word), "{word:?} is not in {:?}\n{text}", model.section);
    }
}

#[test]
fn without_a_project_every_section_says_what_comes_first() {
    let mut model = Model::new(Options::default(), vec![saved("p1", "Study")], noon());
    for section in Section::ALL {
        model.section = section;
        match section {
            Section::Overview => teaches(&mut model, &["press Enter", "a adds another one"]),
            Section::Activity => {
                teaches(&mut model, &["Nothing was asked of a server yet.", "Never a token"]);
            }
            Section::Live => teaches(&mut model, &["This section shows saves as they happen"]),
            _ => teaches(&mut model, &["No project is open.", "T starts a tour"]),
        }
    }
    model.section = Section::Overview;
    model.projects.clear();
    teaches(&mut model, &["T starts a tour", "a adds a project", "page API"]);
}

/// A project as it is on its first day: nothing designed, nothing entered.
fn fresh() -> Model {
    let mut model = Model::new(Options::default(), vec![saved("p1", "Study")], noon());
    let mut open = Open::new(saved("p1", "Study"), true);
    open.source = Some(Source::Server(noon()));
    open.access_asked = true;
    model.open = Some(open);
    model
}

#[test]
fn a_project_without_anything_says_so_in_every_section() {
    let mut model = fresh();
    for (key, expected) in [
        ("2", "No instrument is chosen."),
        ("3", "Records are read when you ask"),
        ("5", "o chooses a file"),
        ("6", "t tests this token."),
        ("9", "Nothing was asked of a server yet."),
    ] {
        press(&mut model, key);
        teaches(&mut model, &[expected]);
    }
    press(&mut model, "2");
    model.pane = Pane::List;
    model.size = (120, 36);
    let text = words(&model);
    assert!(text.contains("This project has no") && text.contains("instruments yet. They"), "{text}");
}

#[test]
fn no_records_are_explained_with_the_sections_that_help() {
    let mut model = support::model();
    press(&mut model, "3");
    let open = model.open.as_mut().unwrap();
    open.records.ids = Some(Vec::new());
    open.records.load = Load::Done(RecordsDone::default(), noon());
    teaches(
        &mut model,
        &["The server gave no records.", "Data Access Group", "6 tests what this token may see"],
    );
    let open = model.open.as_mut().unwrap();
    open.records.server_filter = "[age] > 200".into();
    teaches(&mut model, &["No row passes the filter on the server.", "L changes it"]);
    let open = model.open.as_mut().unwrap();
    open.records.server_filter.clear();
    open.grid.shown = true;
    open.grid.load = GridLoad::Done(noon());
    teaches(&mut model, &["The server gave no records.", "5 checks a file"]);
}

#[test]
fn a_missing_right_is_named_with_the_way_to_ask_for_it() {
    let mut model = fresh();
    let open = model.open.as_mut().unwrap();
    let mut metadata = Metadata::default();
    metadata.access.users = Readable::NoRight("You do not have User Rights.".into());
    open.metadata = metadata;
    press(&mut model, "4");
    teaches(&mut model, &["You do not have User Rights.", "6 tests this token"]);
}
