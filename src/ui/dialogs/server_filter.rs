//! The box for REDCap's own filter logic.

use super::centered;
use crate::app::server_filter::ServerFilter;
use crate::ui::canvas::Canvas;
use crate::ui::text::wrap;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &ServerFilter) {
    let theme = canvas.theme;
    let area = centered(area, 84, 16);
    canvas.clear(area);
    let inner = canvas.frame(area, true, "Filter on the server", "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = vec![
        Line::styled("Only rows for which this logic is true are sent. Empty: all rows.", theme.muted),
        Line::default(),
    ];
    let typed = wrap(&format!("{}_", dialog.text.value()), width);
    lines.extend(typed.into_iter().map(|l| Line::styled(l, theme.focus)));
    lines.push(Line::default());
    if dialog.remarks.is_empty() {
        let text = if dialog.text.value().trim().is_empty() {
            "REDCap's logic, as in branching: [age] >= 55 and [sex] = '2'"
        } else {
            "Nothing seems wrong with it."
        };
        lines.push(Line::styled(text, theme.muted));
    }
    for remark in &dialog.remarks {
        let (word, style) =
            if remark.refused { ("Refused: ", theme.bad) } else { ("Doubtful: ", theme.warning) };
        for (i, text) in wrap(&format!("{word}{}", remark.text), width).into_iter().enumerate() {
            let style = if i == 0 { style } else { Style::new() };
            lines.push(Line::from(Span::styled(text, style)));
        }
    }
    for (i, line) in lines.iter().enumerate().take(usize::from(inner.height)) {
        canvas.line(inner.x + 1, inner.y + i as u16, inner.width.saturating_sub(2), line);
    }
}
