//! What keys do the mouse does too: hints are buttons, the wheel moves what lies on top, a header
//! chooses its column and then sorts by it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::actions::{Group, find};
use capscope::app::dialog::Dialog;
use capscope::app::model::{Hit, Pane, Section};
use capscope::app::msg::{Effect, Mouse};
use capscope::app::{Model, Msg, update};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use support::{App, press};

/// Draws the model and lets it know where everything is, as the loop does.
fn draw(model: &mut Model) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    let painted = capscope::ui::render(model, &mut buffer);
    update(model, Msg::Painted(painted));
}

fn mouse(model: &mut Model, what: Mouse, wanted: impl Fn(&Hit) -> bool) -> Vec<Effect> {
    draw(model);
    let place = model.painted.hits.iter().rev().find(|(_, hit)| wanted(hit)).map(|(area, _)| *area);
    let place = place.unwrap_or_else(|| panic!("nothing to click in {:?}", model.painted.hits));
    update(model, Msg::Mouse(what, place.x, place.y))
}

#[test]
fn every_dialog_closes_with_a_click_on_its_hint() {
    for keys in ["<C-p>", "?", "x", "a", "3m", "<C-f>", "=", "<C-p>colours<Enter>", "5o"] {
        let mut model = support::model();
        let dictionary = model.open.as_ref().unwrap().metadata.dictionary.has_identifiers();
        assert!(dictionary);
        press(&mut model, keys);
        assert!(model.dialog.is_some(), "{keys}");
        let leaves =
            |hit: &Hit| matches!(hit, Hit::Action(id) if find(*id).is_some_and(|a| a.group == Group::Leave));
        mouse(&mut model, Mouse::Click, leaves);
        assert!(model.dialog.is_none(), "{keys} is still open");
    }
}

#[test]
fn the_wheel_moves_the_list_on_top_and_nothing_below() {
    let mut model = support::model();
    press(&mut model, "2<C-p>colours<Enter>");
    let before = model.open.as_ref().unwrap().instruments.cursor.at;
    mouse(&mut model, Mouse::ScrollDown, |hit| matches!(hit, Hit::DialogRow(_)));
    let Some(Dialog::Pick(picker)) = &model.dialog else { panic!("the list is gone") };
    assert_eq!(picker.cursor.at, 1);
    mouse(&mut model, Mouse::ScrollDown, |hit| matches!(hit, Hit::Row(Pane::List, _)));
    assert_eq!(model.open.as_ref().unwrap().instruments.cursor.at, before);
    press(&mut model, "<Esc>3m");
    let confirm = format!("{:?}", model.dialog);
    mouse(&mut model, Mouse::ScrollDown, |hit| matches!(hit, Hit::Pane(_)));
    assert_eq!(format!("{:?}", model.dialog), confirm, "the wheel never answers a question");
}

#[test]
fn a_header_chooses_its_column_and_then_sorts_by_it() {
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>").idle();
    let model = &mut app.shell.model;
    let column = |n: usize| move |hit: &Hit| *hit == Hit::Column(n);
    mouse(model, Mouse::Click, column(2));
    let open = model.open.as_ref().unwrap();
    assert_eq!((open.records.column, open.records.sort.is_some()), (2, false));
    mouse(model, Mouse::Click, column(2));
    assert!(model.open.as_ref().unwrap().records.sort.is_some(), "the second click sorts");
}

#[test]
fn tabs_panes_and_rows_are_clicked() {
    let mut model = support::model();
    mouse(&mut model, Mouse::Click, |hit| *hit == Hit::Section(Section::Instruments));
    assert_eq!(model.section, Section::Instruments);
    mouse(&mut model, Mouse::Click, |hit| *hit == Hit::Row(Pane::List, 1));
    let open = model.open.as_ref().unwrap();
    assert_eq!((model.pane, open.instruments.cursor.at), (Pane::List, 1));
    mouse(&mut model, Mouse::Click, |hit| *hit == Hit::Row(Pane::List, 1));
    assert_eq!(model.pane, Pane::Main, "a click on what is chosen opens it");
    mouse(&mut model, Mouse::Click, |hit| *hit == Hit::Pane(Pane::Card));
    assert_eq!(model.pane, Pane::Card);
}
