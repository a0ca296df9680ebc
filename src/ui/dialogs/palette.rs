//! All commands. Those that cannot be run now stay, with the reason.

use super::centered;
use crate::app::actions;
use crate::app::model::Hit;
use crate::app::palette::Palette;
use crate::ui::canvas::Canvas;
use crate::ui::text::{cut, fit};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, palette: &Palette) {
    let theme = canvas.theme;
    let model = canvas.model;
    let found = palette.found(&model.recent);
    let width = area.width.saturating_sub(8).min(76);
    let area = centered(area, width, 20);
    canvas.clear(area);
    let all = actions::ACTIONS.iter().filter(|a| a.in_palette).count();
    let title = match palette.only {
        Some(scope) => format!("Actions for here: {}", scope.title()),
        None => format!("Commands   {} of {all}", found.len()),
    };
    let frame = canvas.frame(area, true, &title, "Enter run   Esc close");
    let inner = Rect { x: frame.x + 1, width: frame.width.saturating_sub(2), ..frame };
    let search = Line::from(vec![
        Span::styled("Search: ", theme.title),
        Span::raw(palette.search.value().to_owned()),
        Span::styled("_", theme.focus),
    ]);
    canvas.line(inner.x, inner.y, inner.width, &search);
    let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    if found.is_empty() {
        let text = "No command has these letters. Backspace widens the search.";
        return canvas.text(list.x, list.y, list.width, text, theme.muted);
    }
    // Two lines a command: its title with its key, and its help or why it cannot be run.
    let page = (usize::from(list.height) / 2).max(1);
    canvas.note_dialog_page(page);
    let top = palette.cursor.visible_top(found.len(), page);
    let width = usize::from(list.width);
    for (i, action) in found.iter().enumerate().skip(top).take(page) {
        let y = list.y + ((i - top) * 2) as u16;
        let reason = actions::available(model, action.id).err();
        let right =
            if reason.is_some() { "not available".to_owned() } else { model.options.keys.words(action) };
        let chosen = i == palette.cursor.at;
        let mark = if chosen { "> " } else { "  " };
        let title = format!("{mark}{}", fit(action.title, width.saturating_sub(18)));
        let line = format!("{title}{}", crate::ui::text::fit_right(&right, 15));
        let style = if chosen { theme.selection } else { ratatui::style::Style::new() };
        canvas.text(list.x, y, list.width, &fit(&line, width), style);
        canvas.hit(Rect { y, height: 2, ..list }, Hit::DialogRow(i));
        if y + 1 < list.bottom() {
            let below = model.options.keys.say(reason.as_deref().unwrap_or(action.help));
            canvas.text(list.x, y + 1, list.width, &cut(&format!("    {below}"), width), theme.muted);
        }
    }
}
