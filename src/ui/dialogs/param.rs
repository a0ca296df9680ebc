//! The dialog that sets one parameter.

use super::centered;
use crate::app::model::Hit;
use crate::app::playground::param_dialog::ParamDialog;
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::text::{cut, fit};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &ParamDialog) {
    let theme = canvas.theme;
    let found = dialog.found();
    let height = if dialog.choices.is_empty() { 9 } else { 20 };
    let area = centered(area, 76, height);
    canvas.clear(area);
    let ticked = if dialog.is_list() { format!("{} ticked", dialog.ticked.len()) } else { String::new() };
    let frame = canvas.frame(area, true, dialog.param.name, &ticked);
    let inner = Rect { x: frame.x + 1, width: frame.width.saturating_sub(2), ..frame };
    let width = usize::from(inner.width);
    canvas.text(inner.x, inner.y, inner.width, dialog.param.help, theme.muted);
    let label = if dialog.choices.is_empty() { "Value: " } else { "Search: " };
    // The end of a long text is what is being typed.
    let typed = one_line(dialog.input.value());
    let room = width.saturating_sub(label.len() + 1);
    let n = typed.chars().count();
    let shown: String = if n > room {
        std::iter::once('…').chain(typed.chars().skip(n - room + 1)).collect()
    } else {
        typed
    };
    let line =
        Line::from(vec![Span::styled(label, theme.title), Span::raw(shown), Span::styled("_", theme.focus)]);
    canvas.line(inner.x, inner.y + 2, inner.width, &line);
    let list = Rect { y: inner.y + 4, height: inner.height.saturating_sub(4), ..inner };
    if dialog.choices.is_empty() {
        for (i, line) in crate::ui::text::wrap(dialog.hint, width).iter().enumerate() {
            if (i as u16) < list.height {
                canvas.text(list.x, list.y + i as u16, list.width, line, theme.muted);
            }
        }
        if dialog.is_list() && !dialog.ticked.is_empty() && list.height > 2 {
            let text = cut(&format!("Ticked: {}", one_line(&dialog.ticked.join(", "))), width);
            canvas.text(list.x, list.y + 2, list.width, &text, Style::new());
        }
        canvas.note_dialog_page(1);
        return;
    }
    if found.is_empty() {
        let text = if dialog.is_closed() {
            "Nothing has these letters. Backspace widens the search."
        } else {
            "Not in the list: Enter takes it as typed."
        };
        canvas.note_dialog_page(1);
        return canvas.text(list.x, list.y, list.width, text, theme.muted);
    }
    let page = usize::from(list.height).max(1);
    canvas.note_dialog_page(page);
    let top = dialog.cursor.visible_top(found.len(), page);
    let name_width = found.iter().map(|c| c.value.chars().count()).max().unwrap_or(0).clamp(8, 34);
    for (i, choice) in found.iter().enumerate().skip(top).take(page) {
        let y = list.y + (i - top) as u16;
        let chosen = i == dialog.cursor.at;
        let mark = if chosen { ">" } else { " " };
        let tick = match (dialog.is_list(), dialog.ticked.contains(&choice.value)) {
            (true, true) => "[x] ",
            (true, false) => "[ ] ",
            (false, _) => "",
        };
        let value = if choice.value.is_empty() { "-" } else { &choice.value };
        let text = format!("{mark} {tick}{}  {}", fit(&one_line(value), name_width), choice.label);
        let style = if chosen { theme.selection } else { Style::new() };
        canvas.text(list.x, y, list.width, &fit(&text, width), style);
        canvas.hit(Rect { y, height: 1, ..list }, Hit::DialogRow(i));
    }
}
