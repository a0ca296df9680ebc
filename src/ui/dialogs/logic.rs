//! The logic scratchpad: the expression, what is wrong with it, what it gives here, and where it
//! is true.

use super::centered;
use crate::app::model::Hit;
use crate::app::quality::{place_of, record_of};
use crate::app::running::{Slot, grouped};
use crate::app::scratchpad::{Matches, Scratchpad, verdict};
use crate::app::trace::Outcome;
use crate::domain::logic::Severity;
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::logic;
use crate::ui::text::{cut, fit, wrap};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The most lines of remarks.
const REMARKS: usize = 4;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, pad: &Scratchpad) {
    let theme = canvas.theme;
    let area = centered(area, area.width.saturating_sub(6).min(110), area.height.saturating_sub(4));
    canvas.clear(area);
    let hint = if pad.in_list { "Enter open the record" } else { "Enter find the records" };
    let frame = canvas.frame(area, true, "Logic", hint);
    let inner = Rect { x: frame.x + 1, width: frame.width.saturating_sub(2), ..frame };
    let width = usize::from(inner.width);
    let mut y = inner.y;
    canvas.line(inner.x, y, inner.width, &box_line(pad, width, canvas.theme.focus));
    y += 2;
    for line in remarks(canvas, pad, width) {
        if y < inner.bottom() {
            canvas.line(inner.x, y, inner.width, &line);
            y += 1;
        }
    }
    // The explanation takes what the list leaves: half of the room once there is a list.
    let left = usize::from(inner.bottom().saturating_sub(y));
    let has_list = !matches!(pad.matches, Matches::None);
    let most = if has_list { left / 2 } else { left };
    let mut here = here(canvas, pad, width);
    if here.len() > most {
        here.truncate(most.saturating_sub(1));
        here.push(Line::styled("  ...", theme.muted));
    }
    for line in here {
        canvas.line(inner.x, y, inner.width, &line);
        y += 1;
    }
    if y < inner.bottom() {
        matches(canvas, pad, Rect { y, height: inner.bottom() - y, ..inner });
    }
}

/// The box: the part of the expression around the caret.
fn box_line(pad: &Scratchpad, width: usize, focus: Style) -> Line<'static> {
    let room = width.saturating_sub(4);
    let value = one_line(pad.input.value());
    let caret = pad.input.cursor();
    let from = caret.saturating_sub(room);
    let before: String = value.chars().skip(from).take(caret - from).collect();
    let after: String = value.chars().skip(caret).collect();
    let after = cut(&after, room.saturating_sub(before.width() + 1));
    Line::from(vec![
        Span::styled(if pad.in_list { "  " } else { "> " }, focus),
        Span::raw(before),
        Span::styled(if pad.in_list { "" } else { "_" }, focus),
        Span::raw(after),
    ])
}

fn remarks(canvas: &Canvas, pad: &Scratchpad, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    if pad.input.value().trim().is_empty() {
        let text = "Type logic as REDCap writes it, such as [age] >= 18 and [sex] = '2'.";
        return vec![Line::styled(text, theme.muted)];
    }
    let mut lines = Vec::new();
    for remark in &pad.remarks {
        let (word, style) = match remark.severity {
            Severity::Error => ("Mistake", theme.bad),
            Severity::Warning => ("Doubtful", theme.warning),
            Severity::Hint => ("Hint", theme.muted),
        };
        let part = cut(&one_line(&remark.part), 30);
        let part = if part.is_empty() { String::new() } else { format!(" at {part}") };
        let text = format!("{word}{part}: {}", one_line(&remark.text));
        lines.extend(wrap(&text, width).into_iter().map(|line| Line::styled(line, style)));
    }
    if lines.len() > REMARKS {
        lines.truncate(REMARKS - 1);
        lines.push(Line::styled("...", theme.muted));
    }
    if lines.is_empty() {
        lines.push(Line::styled("Nothing is wrong with it.", theme.good));
    }
    lines.push(Line::default());
    lines
}

fn here(canvas: &Canvas, pad: &Scratchpad, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    if pad.masked {
        let text = "It looks at masked identifiers, so its results are not told. Esc, then {mask} shows identifiers.";
        let text = canvas.model.options.keys.say(text);
        return vec![Line::styled(text, theme.warning), Line::default()];
    }
    let Some(here) = &pad.here else {
        if pad.valid {
            let text = "No record is at hand: open one, or load records, to see the result there.";
            let mut lines: Vec<Line> =
                wrap(text, width).into_iter().map(|line| Line::styled(line, theme.muted)).collect();
            lines.push(Line::default());
            return lines;
        }
        return Vec::new();
    };
    let (result, outcome) = verdict(&here.lines);
    let style = match outcome {
        Outcome::True => theme.good,
        Outcome::False | Outcome::Failed => theme.warning,
        _ => theme.title,
    };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("For {}: ", one_line(&here.place)), theme.title),
        Span::styled(one_line(result), style),
    ])];
    logic::trace(&mut lines, &theme, here.lines.get(1..).unwrap_or_default(), width);
    lines.push(Line::default());
    lines
}

fn matches(canvas: &mut Canvas, pad: &Scratchpad, area: Rect) {
    let theme = canvas.theme;
    match &pad.matches {
        Matches::None => {
            if pad.valid && !pad.masked {
                let text = "Enter lists the records where it is true. F2 keeps it as a data quality rule.";
                canvas.text(area.x, area.y, area.width, text, theme.muted);
            }
        }
        Matches::Refused(why) => {
            for (i, line) in wrap(why, area.width.into()).iter().take(area.height.into()).enumerate() {
                canvas.text(area.x, area.y + i as u16, area.width, line, theme.warning);
            }
        }
        Matches::Waiting => {
            let line = canvas
                .model
                .jobs
                .get(Slot::Logic)
                .map_or("Stopped.".to_owned(), |running| running.line(canvas.model.now));
            canvas.text(area.x, area.y, area.width, &line, theme.muted);
        }
        Matches::Found { done, among, .. } => {
            let Some(open) = &canvas.model.open else { return };
            let found = pad.found();
            let rule = done.report.rules.first();
            let n = rule.map_or(0, |r| r.found);
            let rows = grouped(done.report.rows as u64);
            let title = format!("True in {} of {rows} rows ({among})", grouped(n as u64));
            canvas.text(area.x, area.y, area.width, &title, theme.title);
            let mut list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
            if let Some(remark) = rule.and_then(|r| r.remarks.first()) {
                canvas.text(list.x, list.y, list.width, &one_line(remark), theme.warning);
                list = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
            }
            let page = usize::from(list.height);
            canvas.note_dialog_page(page);
            let top = pad.cursor.visible_top(found.len(), page);
            for (i, finding) in found.iter().enumerate().skip(top).take(page) {
                let y = list.y + (i - top) as u16;
                let chosen = pad.in_list && i == pad.cursor.at;
                let mark = if chosen { ">" } else { " " };
                let record = fit(&one_line(&record_of(open, finding)), 16);
                let doubt = if finding.depends_on_blanks { "   depends on blank handling" } else { "" };
                let text = format!("{mark}{record} {}{doubt}", one_line(&place_of(open, finding)));
                let style = if chosen { theme.selection } else { Style::new() };
                canvas.text(list.x, y, list.width, &fit(&text, list.width.into()), style);
                canvas.hit(Rect { y, height: 1, ..list }, Hit::DialogRow(i));
            }
        }
    }
}
