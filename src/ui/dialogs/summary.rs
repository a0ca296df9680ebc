//! What is in a column: numbers and bars.

use super::centered;
use crate::app::running::grouped;
use crate::app::summaries::SummaryView;
use crate::domain::text::{one_line, without_html};
use crate::ui::canvas::Canvas;
use crate::ui::text::{cut, fit, fit_right};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// How wide the dialog is, its borders included.
const WIDTH: u16 = 76;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, view: &SummaryView) {
    let theme = canvas.theme;
    let summary = &view.summary;
    let width = usize::from(WIDTH.min(area.width)).saturating_sub(4);
    let count = |n: usize| grouped(n as u64);
    let percent = |n: usize| (n * 200 / summary.rows.max(1)).div_ceil(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let label = without_html(&one_line(&view.label));
    if !label.is_empty() {
        lines.push(Line::styled(cut(&label, width), theme.muted));
    }
    lines.push(Line::raw(format!(
        "{} of {} rows shown are filled, {} %; {} distinct",
        count(summary.filled),
        count(summary.rows),
        percent(summary.filled),
        count(summary.distinct)
    )));
    if view.masked {
        lines.push(Line::default());
        let text = canvas.model.options.keys.say("The values are masked. {mask} shows identifiers.");
        lines.push(Line::styled(text, theme.muted));
    } else {
        if let Some(middle) = &summary.middle {
            let mean = middle.mean.map_or(String::new(), |m| format!("   mean {m:.2}"));
            lines.push(Line::raw(format!(
                "lowest {}   median {}   highest {}{mean}",
                middle.min, middle.median, middle.max
            )));
        }
        if summary.misfits > 0 {
            let text = format!("! {} values do not fit the column's type", count(summary.misfits));
            lines.push(Line::styled(text, theme.warning));
        }
        lines.push(Line::default());
        let most = summary.bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
        let room = width.saturating_sub(28 + 14).max(4);
        for (label, n) in &summary.bars {
            let filled = (n * room).div_ceil(most);
            lines.push(Line::from(vec![
                Span::raw(fit(&one_line(label), 26)),
                Span::styled(format!(" {}", fit(&"█".repeat(filled), room)), theme.title),
                Span::raw(fit_right(&format!("{}  {} %", count(*n), percent(*n)), 13)),
            ]));
        }
        if summary.others > 0 {
            let text = format!("{} more rows have other values", count(summary.others));
            lines.push(Line::styled(text, theme.muted));
        }
    }
    let area = centered(area, WIDTH, lines.len() as u16 + 2);
    canvas.clear(area);
    let inner = canvas.frame(area, true, &format!("Summary of {}", view.column), "");
    for (i, line) in lines.iter().enumerate().take(usize::from(inner.height)) {
        canvas.line(inner.x + 1, inner.y + i as u16, inner.width.saturating_sub(2), line);
    }
}
