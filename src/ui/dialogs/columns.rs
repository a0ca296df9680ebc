//! The dialog that chooses and orders the columns of the record table.

use super::centered;
use crate::app::columns_dialog::ColumnsDialog;
use crate::app::model::Hit;
use crate::domain::text::{one_line, without_html};
use crate::ui::canvas::Canvas;
use crate::ui::text::{cut, fit};
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &ColumnsDialog) {
    let theme = canvas.theme;
    let rows = dialog.rows();
    let height = (rows.len() as u16 + 2).clamp(8, 26);
    let area = centered(area, 76, height);
    canvas.clear(area);
    let shown = rows.iter().filter(|c| !dialog.layout.hidden.contains(&c.name)).count();
    let title = format!("Columns   {shown} of {} shown", rows.len());
    let inner = canvas.frame(area, true, &title, "");
    let page = usize::from(inner.height);
    canvas.note_dialog_page(page);
    let top = dialog.cursor.visible_top(rows.len(), page);
    let open = canvas.model.open.as_ref();
    for (i, column) in rows.iter().enumerate().skip(top).take(page) {
        let y = inner.y + (i - top) as u16;
        let chosen = i == dialog.cursor.at;
        let tick = if dialog.layout.hidden.contains(&column.name) { "[ ]" } else { "[x]" };
        let label = open
            .and_then(|o| o.metadata.dictionary.field(&column.name))
            .map(|f| without_html(&one_line(&f.label)))
            .unwrap_or_default();
        let frozen = if column.frozen { "stays" } else { "" };
        let mark = if chosen { ">" } else { " " };
        let width = usize::from(inner.width);
        let line = format!(
            "{mark} {tick} {} {} {}",
            fit(column.title(), 22),
            fit(frozen, 6),
            cut(&label, width.saturating_sub(38))
        );
        let style = if chosen { theme.selection } else { Style::new() };
        canvas.text(inner.x, y, inner.width, &fit(&line, width), style);
        canvas.hit(Rect { y, height: 1, ..inner }, Hit::DialogRow(i));
    }
}
