//! The dialog that sets the receiver up, with what must be known before triggers are relied on.

use super::centered;
use crate::app::live_setup::{LiveSetup, PARTS};
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::live_card::LIMITS;
use crate::ui::text::{fit, wrap};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &LiveSetup) {
    let theme = canvas.theme;
    let width = 78.min(area.width);
    let room = usize::from(width).saturating_sub(6);
    let box_width = room.saturating_sub(18);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for part in PARTS {
        let focused = part == dialog.part();
        // The end of a long text is what is typed.
        let typed = format!("{}{}", one_line(dialog.text(part)), if focused { "_" } else { "" });
        let over = typed.width().saturating_sub(box_width);
        let shown: String = typed.chars().skip(over).collect();
        let (mark, style) = if focused { (">", theme.focus) } else { (" ", theme.title) };
        lines.push(Line::from(vec![
            Span::styled(fit(&format!("{mark} {}", part.label()), 14), style),
            Span::raw(format!("[ {} ]", fit(&shown, box_width))),
        ]));
    }
    lines.push(Line::default());
    let mut help = wrap(dialog.part().help(), room);
    help.resize(2, String::new());
    lines.extend(help.into_iter().map(Line::raw));
    lines.push(Line::default());
    lines.extend(wrap(LIMITS, room).into_iter().map(|line| Line::styled(line, theme.muted)));
    lines.push(Line::default());
    lines.push(Line::raw("Enter receive   Tab next box   Esc cancel.  It holds until you quit."));
    let area = centered(area, width, lines.len() as u16 + 2);
    canvas.clear(area);
    let frame = canvas.frame(area, true, "Receive Data Entry Triggers", "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    for (i, line) in lines.iter().enumerate().take(usize::from(inner.height)) {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
}
