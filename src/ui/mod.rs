//! The pure view: a [`Model`] in, cells and [`Painted`] out. Drawing cannot act and never
//! changes the model; nothing here knows a file, the network or the terminal itself.

mod activity;
mod canvas;
mod changes;
mod check;
mod data_age;
mod dialogs;
mod fields;
mod frame;
mod grid;
mod instruments;
mod live;
mod live_card;
mod lock;
mod logic;
mod overview;
mod playground;
mod projects;
mod quality;
mod record_view;
mod records;
mod text;
mod theme;
mod timeline;
mod token;
mod tour;
mod users;
mod worklist;

use crate::app::Model;
use crate::app::model::{Painted, Pane, Room, Section};
use canvas::Canvas;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

/// Draws the whole screen into the buffer and says what it put where.
pub fn render(model: &Model, buffer: &mut Buffer) -> Painted {
    let area = buffer.area;
    let mut canvas = Canvas::new(model, buffer);
    if area.width == 0 || area.height == 0 {
        return canvas.finish();
    }
    if model.room() == Room::TooSmall || area.width < 60 || area.height < 16 {
        frame::too_small(&mut canvas, area);
        return canvas.finish();
    }
    if let Some(locked) = &model.locked {
        lock::draw(&mut canvas, area, locked);
        return canvas.finish();
    }
    let strip = if model.tour.is_some() { tour::HEIGHT } else { 0 };
    let [head, body, strip, status, hints] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Min(0),
        Constraint::Length(strip),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    frame::head(&mut canvas, head);
    draw_body(&mut canvas, body);
    tour::draw(&mut canvas, strip);
    frame::status(&mut canvas, status);
    frame::hints(&mut canvas, hints);
    // A dialog leaves the tour in sight where there is room for both.
    let above = Rect { height: area.height.saturating_sub(strip.height), ..area };
    dialogs::draw(&mut canvas, if above.height >= 24 { above } else { area });
    canvas.finish()
}

/// Lists, main part and card: side by side in a wide window; in narrower ones the main part,
/// and beside it whatever else has the focus.
fn draw_body(canvas: &mut Canvas, area: Rect) {
    let model = canvas.model;
    let has_list = model.section.panes().contains(&Pane::List);
    match model.room() {
        Room::Wide => {
            let left_width = 28.min(area.width / 4);
            let card_width = (area.width * 23 / 100).clamp(27, 46);
            let [left, main, card] = Layout::horizontal([
                Constraint::Length(left_width),
                Constraint::Min(0),
                Constraint::Length(card_width),
            ])
            .areas(area);
            if has_list {
                // Projects take what they need, at most a third; the section's list the rest.
                let wanted = (model.projects.len() * 2 + 4) as u16;
                let height = wanted.clamp(6, (area.height / 3).max(6));
                let [top, bottom] =
                    Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(left);
                projects::draw(canvas, top);
                draw_pane(canvas, bottom, Pane::List);
            } else {
                projects::draw(canvas, left);
            }
            draw_pane(canvas, main, Pane::Main);
            draw_pane(canvas, card, Pane::Card);
        }
        Room::Medium => {
            let half = |left: u16| {
                Layout::horizontal([Constraint::Percentage(left), Constraint::Min(0)]).areas::<2>(area)
            };
            match model.pane {
                Pane::Main => draw_pane(canvas, area, Pane::Main),
                Pane::Card => {
                    let [main, card] = half(50);
                    draw_pane(canvas, main, Pane::Main);
                    draw_pane(canvas, card, Pane::Card);
                }
                list => {
                    let [left, main] = half(45);
                    draw_pane(canvas, left, list);
                    draw_pane(canvas, main, Pane::Main);
                }
            }
        }
        Room::Narrow | Room::TooSmall => draw_pane(canvas, area, model.pane),
    }
}

fn draw_pane(canvas: &mut Canvas, area: Rect, pane: Pane) {
    match (pane, canvas.model.section) {
        (Pane::Projects, _) => projects::draw(canvas, area),
        (Pane::List, Section::Users) => users::draw_list(canvas, area),
        (Pane::List, Section::Playground) => playground::draw_list(canvas, area),
        (Pane::List, _) => instruments::draw(canvas, area),
        (Pane::Main, Section::Overview) => overview::draw(canvas, area),
        (Pane::Main, Section::Instruments) => fields::draw(canvas, area),
        (Pane::Main, Section::Records) => records::draw(canvas, area),
        (Pane::Main, Section::Users) => users::draw_rights(canvas, area),
        (Pane::Main, Section::Playground) => playground::draw(canvas, area),
        (Pane::Main, Section::Check) => check::draw(canvas, area),
        (Pane::Main, Section::Token) => token::draw(canvas, area),
        (Pane::Main, Section::Live) => live::draw(canvas, area),
        (Pane::Main, Section::Activity) => activity::draw(canvas, area),
        (Pane::Card, Section::Overview) => overview::draw_card(canvas, area),
        (Pane::Card, Section::Instruments) => fields::draw_card(canvas, area),
        (Pane::Card, Section::Records) => records::draw_card(canvas, area),
        (Pane::Card, Section::Users) => users::draw_card(canvas, area),
        (Pane::Card, Section::Playground) => playground::draw_card(canvas, area),
        (Pane::Card, Section::Check) => check::draw_card(canvas, area),
        (Pane::Card, Section::Token) => token::draw_card(canvas, area),
        (Pane::Card, Section::Live) => live_card::draw(canvas, area),
        (Pane::Card, Section::Activity) => activity::draw_card(canvas, area),
    }
}
