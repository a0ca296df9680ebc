//! A question with one box.

use super::centered;
use crate::app::ask::Ask;
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::text::{fit, wrap};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, ask: &Ask) {
    let theme = canvas.theme;
    let width = 76.min(area.width);
    let room = usize::from(width).saturating_sub(6);
    let mut lines: Vec<Line<'static>> = vec![Line::default()];
    for paragraph in &ask.text {
        lines.extend(wrap(paragraph, room).into_iter().map(Line::raw));
    }
    lines.push(Line::default());
    let box_width = room.saturating_sub(ask.label.width() + 7);
    // The end of a long path is what is typed.
    let typed = format!("{}_", one_line(ask.input.value()));
    let chars: Vec<char> = typed.chars().collect();
    let shown: String = chars.iter().skip(chars.len().saturating_sub(box_width)).collect();
    lines.push(Line::from(vec![
        Span::styled(format!("> {} ", ask.label), theme.focus),
        Span::raw(format!("[ {} ]", fit(&shown, box_width))),
    ]));
    if ask.complaint.is_empty() {
        lines.push(Line::default());
        lines.extend(choices(canvas, ask, room));
    } else {
        let text = format!("! {}", ask.complaint);
        lines.extend(wrap(&text, room).into_iter().map(|l| Line::styled(l, theme.bad)));
    }
    let area = centered(area, width, lines.len() as u16 + 3);
    canvas.clear(area);
    let frame = canvas.frame(area, true, ask.title, "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    for (i, line) in lines.iter().enumerate().take(usize::from(inner.height)) {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
    let y = inner.bottom().saturating_sub(1);
    let keys = match (ask.is_file(), ask.recent.is_empty()) {
        (false, _) => "Enter accept   Esc cancel",
        (true, true) => "Tab complete   Enter accept   Esc cancel",
        (true, false) => "Tab complete   Up/Down recent   Enter accept   Esc cancel",
    };
    canvas.line(inner.x, y, inner.width, &Line::styled(keys, Style::new()));
}

/// What can be chosen: the names that fit, or else the files that were checked last.
fn choices(canvas: &Canvas, ask: &Ask, room: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    if !ask.names.is_empty() {
        let names: Vec<String> = ask.names.iter().map(|n| one_line(n)).collect();
        let all = wrap(&names.join("   "), room);
        let n = all.len();
        let mut lines: Vec<Line<'static>> =
            all.into_iter().take(SHOWN).map(|l| Line::styled(l, theme.muted)).collect();
        if n > SHOWN {
            lines.push(Line::styled("... and more", theme.muted));
        }
        return lines;
    }
    let recent = ask.recent.iter().enumerate().map(|(at, path)| {
        let chosen = ask.chosen == Some(at);
        let mark = if chosen { ">" } else { " " };
        let style = if chosen { theme.selection } else { theme.muted };
        // The end of a long path says more than its beginning.
        let path = one_line(path);
        let skip = path.chars().count().saturating_sub(room.saturating_sub(2));
        Line::styled(format!("{mark} {}", path.chars().skip(skip).collect::<String>()), style)
    });
    recent.collect()
}

/// How many lines of names are shown.
const SHOWN: usize = 6;
