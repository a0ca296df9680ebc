//! A problem: what happened, the likely reasons, what can be done, what can be asked for.

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
    let width = area.width.saturating_sub(6).min(84);
    let causes = problem.numbered().join("\n");
    let reason = if causes.is_empty() {
        ("Likely reason", problem.reason.as_str())
    } else {
        ("Likely reasons, the likeliest first", causes.as_str())
    };
    let mut parts =
        vec![("What happened", problem.what.as_str()), reason, ("What you can do", problem.advice.as_str())];
    if !problem.why.request.is_empty() {
        parts.push((
            "What to ask for",
            "A text that names the rights is ready. y copies it; it has no token and no data.",
        ));
    }
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
    let page = usize::from(area.height.saturating_sub(3));
    canvas.note_dialog_page(page);
    canvas.note_dialog_lines(lines.len());
    let top = view.top.min(lines.len().saturating_sub(page));
    let hint = match (lines.len() > page, problem.details.is_empty() || view.details) {
        (true, _) if top + page < lines.len() => "more below: Down",
        (true, _) => "Up  scrolls back",
        (false, false) => "d  details",
        (false, true) => "",
    };
    let frame = canvas.frame(area, true, &problem.title, hint);
    let inner = Rect {
        x: frame.x + 2,
        y: frame.y + 1,
        width: frame.width.saturating_sub(4),
        height: frame.height.saturating_sub(1),
    };
    for (i, line) in lines.iter().skip(top).take(inner.height.into()).enumerate() {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
}
