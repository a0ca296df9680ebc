//! A problem: what happened, the likely reason, what can be done.

use super::centered;
use crate::app::dialog::ProblemView;
use crate::domain::text::{many_lines, scrub};
use crate::ui::canvas::Canvas;
use crate::ui::text::wrap;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, view: &ProblemView) {
    let theme = canvas.theme;
    let problem = &view.problem;
    let width = area.width.saturating_sub(6).min(76);
    let mut parts = vec![
        ("What happened", problem.what.as_str()),
        ("Likely reason", problem.reason.as_str()),
        ("What you can do", problem.advice.as_str()),
    ];
    if view.details {
        parts.push(("The server's own words", problem.details.as_str()));
    }
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (name, text) in parts {
        if text.is_empty() {
            continue;
        }
        lines.push(Line::styled(name, theme.title));
        for line in wrap(&many_lines(&scrub(text)), usize::from(width).saturating_sub(8)) {
            lines.push(Line::styled(format!("  {line}"), Style::new()));
        }
    }
    let area = centered(area, width, lines.len() as u16 + 4);
    canvas.clear(area);
    let hint = if problem.details.is_empty() { "" } else { "d  details" };
    let frame = canvas.frame(area, true, &problem.title, hint);
    let inner = Rect {
        x: frame.x + 2,
        y: frame.y + 1,
        width: frame.width.saturating_sub(4),
        height: frame.height.saturating_sub(1),
    };
    for (i, line) in lines.iter().take(inner.height.into()).enumerate() {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
}
