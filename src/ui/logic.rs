//! Logic on screen: an expression as indented, highlighted lines, and the explanation of a result.

use super::text::wrap;
use super::theme::Theme;
use crate::app::trace::{Outcome, TraceLine};
use crate::domain::logic::{Piece, parse};
use crate::domain::text::{many_lines, one_line};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// A heading and an expression below it; nothing for an empty one. What cannot be read is shown
/// as it is written.
pub fn expression(lines: &mut Vec<Line<'static>>, theme: &Theme, name: &str, text: &str, width: usize) {
    if text.trim().is_empty() {
        return;
    }
    lines.push(Line::default());
    lines.push(Line::styled(name.to_owned(), theme.title));
    let room = width.saturating_sub(2);
    let Ok(logic) = parse(text) else {
        lines.extend(wrap(&many_lines(text), room).into_iter().map(|line| Line::raw(format!("  {line}"))));
        return;
    };
    for line in logic.outline(room) {
        // Deep logic in a narrow card would be all indentation.
        let indent = (2 * line.depth).min(room / 2);
        let mut spans = vec![Span::raw(" ".repeat(2 + indent))];
        let mut used = indent;
        for (piece, text) in line.pieces {
            let style = style(piece, theme);
            let mut text = one_line(&text);
            // A piece that does not fit goes to the next line, and is cut there only if it must.
            if used > indent && used + text.width() > room {
                lines.push(Line::from(std::mem::take(&mut spans)));
                spans.push(Span::raw(" ".repeat(4 + indent)));
                used = indent + 2;
                text = text.trim_start().to_owned();
            }
            for (i, part) in wrap(&text, room.saturating_sub(used).max(4)).into_iter().enumerate() {
                if i > 0 {
                    lines.push(Line::from(std::mem::take(&mut spans)));
                    spans.push(Span::raw(" ".repeat(4 + indent)));
                    used = indent + 2;
                }
                used += part.width();
                spans.push(Span::styled(part, style));
            }
            // Wrapping drops the blank behind a word.
            if text.ends_with(' ') {
                spans.push(Span::raw(" "));
                used += 1;
            }
        }
        lines.push(Line::from(spans));
    }
}

fn style(piece: Piece, theme: &Theme) -> Style {
    match piece {
        Piece::Reference => theme.focus,
        Piece::Operator => theme.title,
        Piece::Function => theme.title,
        Piece::Text | Piece::Number => theme.good,
        Piece::Mark => Style::new(),
    }
}

/// The lines of an explanation: each part and, behind or below it, what it gives.
pub fn trace(lines: &mut Vec<Line<'static>>, theme: &Theme, traced: &[TraceLine], width: usize) {
    for line in traced {
        let indent = (2 + 2 * line.depth).min(width / 2);
        let room = width.saturating_sub(indent);
        let text = one_line(&line.text);
        let mark = if line.skipped { " (not looked at)" } else { "" };
        let result = format!("{}{mark}", one_line(&line.result));
        let style = match line.outcome {
            _ if line.skipped => theme.muted,
            Outcome::True => theme.good,
            Outcome::False | Outcome::Failed => theme.warning,
            Outcome::Blank => theme.muted,
            Outcome::Value => Style::new(),
        };
        let left = if line.skipped { theme.muted } else { Style::new() };
        if text.width() + 3 + result.width() <= room {
            lines.push(Line::from(vec![
                Span::styled(format!("{}{text}", " ".repeat(indent)), left),
                Span::styled(format!(" = {result}"), style),
            ]));
            continue;
        }
        for (i, part) in wrap(&text, room.saturating_sub(2).max(4)).into_iter().enumerate() {
            let more = if i == 0 { 0 } else { 2 };
            lines.push(Line::styled(format!("{}{part}", " ".repeat(indent + more)), left));
        }
        for (i, part) in wrap(&result, room.saturating_sub(4).max(4)).into_iter().enumerate() {
            let sign = if i == 0 { "= " } else { "  " };
            lines.push(Line::styled(format!("{}{sign}{part}", " ".repeat(indent + 2)), style));
        }
    }
}
