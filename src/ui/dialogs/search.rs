//! The search in all cells of the record table.

use super::centered;
use crate::app::cell_search::{CellSearch, LISTED};
use crate::app::model::Hit;
use crate::app::running::grouped;
use crate::ui::canvas::Canvas;
use crate::ui::text::{cut, fit};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, search: &CellSearch) {
    let theme = canvas.theme;
    let area = centered(area, 90, 22);
    canvas.clear(area);
    let inner = canvas.frame(area, true, "Search in all cells", "");
    let line = Line::from(vec![
        Span::styled(" Search: ", theme.title),
        Span::raw(search.search.value().to_owned()),
        Span::styled("_", theme.focus),
    ]);
    canvas.line(inner.x, inner.y, inner.width, &line);
    let typed = !search.search.value().trim().is_empty();
    let mut told = match (typed, search.total) {
        (false, _) => "Type a text. All shown columns of the rows on screen are searched.".to_owned(),
        (true, 0) => "No cell has it.".to_owned(),
        (true, 1) => "1 cell has it.".to_owned(),
        (true, n) => format!("{} cells have it.", grouped(n as u64)),
    };
    if search.total > LISTED {
        told.push_str(&format!(" The first {LISTED} are listed."));
    }
    if search.masked > 0 {
        told.push_str(&format!(" {} masked columns are not searched.", search.masked));
    }
    canvas.text(inner.x + 1, inner.y + 1, inner.width.saturating_sub(1), &told, theme.muted);
    let Some(open) = &canvas.model.open else { return };
    let records = &open.records;
    let list = Rect { y: inner.y + 3, height: inner.height.saturating_sub(3), ..inner };
    let page = usize::from(list.height);
    canvas.note_dialog_page(page);
    let top = search.cursor.visible_top(search.hits.len(), page);
    for (i, hit) in search.hits.iter().enumerate().skip(top).take(page) {
        let (Some(&row), Some(column)) = (records.rows.get(hit.row), records.columns.get(hit.column)) else {
            continue;
        };
        let text = |c| records.text(c, row, open.values, open.masked, &open.metadata);
        let place: Vec<String> =
            records.columns.iter().take_while(|c| c.fixed).map(text).filter(|t| !t.is_empty()).collect();
        let chosen = i == search.cursor.at;
        let mark = if chosen { ">" } else { " " };
        let width = usize::from(list.width);
        let line = format!(
            "{mark} {} {} {}",
            fit(&place.join("  "), 30),
            fit(column.title(), 18),
            cut(&text(column), width.saturating_sub(52))
        );
        let y = list.y + (i - top) as u16;
        let style = if chosen { theme.selection } else { Style::new() };
        canvas.text(list.x, y, list.width, &fit(&line, width), style);
        canvas.hit(Rect { y, height: 1, ..list }, Hit::DialogRow(i));
    }
}
