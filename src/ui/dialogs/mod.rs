//! What lies on top of the screen.

mod add_project;
mod ask;
mod columns;
mod confirm;
mod export;
mod find;
mod help;
mod live_setup;
mod logic;
mod palette;
mod param;
mod picker;
mod problem;
mod save;
mod search;
mod server_filter;
mod spot;
mod summary;
mod write;

use super::canvas::Canvas;
use crate::app::dialog::Dialog;
use ratatui::layout::Rect;

/// Draws the dialog on top, if there is one.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    match &canvas.model.dialog {
        None => {}
        Some(Dialog::Add(add)) => add_project::draw(canvas, area, add),
        Some(Dialog::Palette(palette)) => palette::draw(canvas, area, palette),
        Some(Dialog::Help(help)) => help::draw(canvas, area, help),
        Some(Dialog::Problem(view)) => problem::draw(canvas, area, view),
        Some(Dialog::Confirm(confirm)) => confirm::draw(canvas, area, confirm),
        Some(Dialog::Find(find)) => find::draw(canvas, area, find),
        Some(Dialog::Pick(picker)) => picker::draw(canvas, area, picker),
        Some(Dialog::Export(export)) => export::draw(canvas, area, export),
        Some(Dialog::Spot(dialog)) => spot::draw(canvas, area, dialog),
        Some(Dialog::Live(setup)) => live_setup::draw(canvas, area, setup),
        Some(Dialog::Ask(ask)) => ask::draw(canvas, area, ask),
        Some(Dialog::Columns(dialog)) => columns::draw(canvas, area, dialog),
        Some(Dialog::Search(search)) => search::draw(canvas, area, search),
        Some(Dialog::Summary(view)) => summary::draw(canvas, area, view),
        Some(Dialog::ServerFilter(dialog)) => server_filter::draw(canvas, area, dialog),
        Some(Dialog::Logic(pad)) => logic::draw(canvas, area, pad),
        Some(Dialog::Param(param)) => param::draw(canvas, area, param),
        Some(Dialog::Write(write)) => write::draw(canvas, area, write),
        Some(Dialog::Save(save)) => save::draw(canvas, area, save),
    }
}

/// An area in the middle, above the status and the hints, at most as large as the screen.
fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let room = area.height.saturating_sub(3);
    let (width, height) = (width.min(area.width), height.min(room));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + 1 + (room - height) / 2, width, height }
}
