//! The dialog that writes an answer or a program to a file.

use super::centered;
use crate::app::playground::save_dialog::SaveDialog;
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::text::fit;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &SaveDialog) {
    let theme = canvas.theme;
    let area = centered(area, 70, 10);
    canvas.clear(area);
    let frame = canvas.frame(area, true, "Save to a file", "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    let width = usize::from(inner.width).saturating_sub(12);
    let name = format!("{}_", one_line(dialog.file.value()));
    let personal = if dialog.personal { "Values that identify people are in it, READABLE." } else { "" };
    let lines = [
        Line::default(),
        Line::raw(dialog.about.clone()),
        Line::styled(personal, theme.bad),
        Line::from(vec![
            Span::styled("> File  ", theme.focus),
            Span::raw(format!("[ {} ]", fit(&name, width))),
        ]),
        Line::default(),
        Line::styled("The file is readable by you only and never replaces another.", theme.muted),
    ];
    for (i, line) in lines.iter().enumerate() {
        let y = inner.y + i as u16;
        if y < inner.bottom() {
            canvas.line(inner.x, y, inner.width, line);
        }
    }
}
