//! Where one was: in a project that one comes back to, and at the next start.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::Model;
use capscope::app::model::Section;
use capscope::app::msg::{Effect, Msg, Remember};
use capscope::app::place::{self, Cursors};
use capscope::app::update;
use support::{App, model, press};

fn kept(effects: &[Effect]) -> &Cursors {
    let of = |e: &'_ Effect| matches!(e, Effect::Remember(Remember::Place { .. }));
    match effects.iter().find(|e| of(e)) {
        Some(Effect::Remember(Remember::Place { cursors, .. })) => cursors,
        _ => panic!("no place is kept: {effects:?}"),
    }
}

fn rows(pairs: &[(&str, usize)]) -> Cursors {
    pairs.iter().map(|(name, at)| ((*name).to_owned(), *at)).collect()
}

#[test]
fn every_way_out_keeps_the_place() {
    let at_second_field = || {
        let mut m = model();
        press(&mut m, "2<Tab>j");
        m
    };
    let place = rows(&[("fields", 1)]);
    for keys in ["q", "<C-q>", "<C-c><C-c>"] {
        let effects = press(&mut at_second_field(), keys);
        assert_eq!(kept(&effects), &place, "{keys}");
        assert!(matches!(effects.last(), Some(Effect::Quit)), "{keys}: {effects:?}");
    }
    assert_eq!(kept(&update(&mut at_second_field(), Msg::Terminate)), &place, "closed from outside");
}

#[test]
fn a_row_of_a_filtered_or_sorted_list_is_not_kept_for_the_whole_one() {
    let mut m = model();
    press(&mut m, "2/demo<Enter>");
    let effects = press(&mut m, "q");
    assert!(kept(&effects).is_empty(), "{effects:?}");
}

#[test]
fn a_list_that_became_shorter_has_the_cursor_on_its_last_row() {
    let mut m = model();
    let open = m.open.as_mut().unwrap();
    open.resume = rows(&[("instruments", 900), ("fields", 900), ("users", 900), ("records of gone", 7)]);
    place::put_back(open);
    assert_eq!(open.instruments.cursor.at, open.shown_instruments().len() - 1);
    assert_eq!(open.fields.cursor.at, open.shown_fields().len() - 1);
    assert!(open.user_row().is_none_or(|row| !matches!(row, capscope::app::users::UserRow::Heading(_))));
    // What waits for a table that was never opened stays kept.
    assert_eq!(place::of(open)["records of gone"], 7);
}

/// The project at this place of the list, opened.
fn go_to(app: &mut App, at: usize) {
    while app.shell.model.pane != capscope::app::model::Pane::Projects {
        app.keys("<Esc>");
    }
    app.keys(&format!("<Home>{}<Enter>", "j".repeat(at)));
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
}

fn record_row(m: &Model) -> (usize, usize) {
    let open = m.open.as_ref().unwrap();
    (open.instruments.cursor.at, open.records.cursor.at)
}

#[test]
fn another_project_and_back_is_where_one_was_also_in_its_records() {
    let mut app = App::demo(120, 36);
    app.keys("3j<Enter>").idle();
    app.keys("jjj");
    let before = record_row(&app.shell.model);
    assert_eq!(before, (1, 3), "{}", app.screen());
    go_to(&mut app, 3);
    go_to(&mut app, 0);
    assert_eq!(app.shell.model.section, Section::Records);
    // The rows are read when one asks for them, as at first.
    app.keys("<Enter>").idle();
    assert_eq!(record_row(&app.shell.model), before, "{}", app.screen());
    // Moved before all were here: the user's row wins.
    app.keys("<Home>");
    assert_eq!(record_row(&app.shell.model), (1, 0));
}
