//! The dialog that chooses one of several things, or ticks some.

use super::centered;
use crate::app::model::Hit;
use crate::app::picker::Picker;
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::text::{cut, fit};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, picker: &Picker) {
    let theme = canvas.theme;
    let area = centered(area, 76, 20);
    canvas.clear(area);
    let hint = if picker.ticked.is_some() { "Tab tick   Enter take" } else { "Enter take" };
    let frame = canvas.frame(area, true, &picker.title, hint);
    let inner = Rect { x: frame.x + 1, width: frame.width.saturating_sub(2), ..frame };
    let search = Line::from(vec![
        Span::styled("Search: ", theme.title),
        Span::raw(picker.search.value().to_owned()),
        Span::styled("_", theme.focus),
    ]);
    canvas.line(inner.x, inner.y, inner.width, &search);
    canvas.text(inner.x, inner.y + 1, inner.width, picker.help, theme.muted);
    let list = Rect { y: inner.y + 3, height: inner.height.saturating_sub(3), ..inner };
    let found = picker.found();
    if found.is_empty() {
        return canvas.text(list.x, list.y, list.width, "Nothing has these words.", theme.muted);
    }
    let page = usize::from(list.height);
    canvas.note_dialog_page(page);
    let top = picker.cursor.visible_top(found.len(), page);
    let width = usize::from(list.width);
    for (i, &at) in found.iter().enumerate().skip(top).take(page) {
        let Some((name, text)) = picker.items.get(at) else { continue };
        let chosen = i == picker.cursor.at;
        let mark = if chosen { ">" } else { " " };
        let tick = match picker.ticked.as_ref().and_then(|t| t.get(at)) {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let line = format!("{mark} {tick}{} {}", fit(&one_line(name), 30), one_line(text));
        let style = if chosen { theme.selection } else { Style::new() };
        let y = list.y + (i - top) as u16;
        canvas.text(list.x, y, list.width, &fit(&cut(&line, width), width), style);
        canvas.hit(Rect { y, height: 1, ..list }, Hit::DialogRow(i));
    }
}
