//! An answer: how it came, and its body in one way of reading.

use crate::app::model::Pane;
use crate::app::open::Open;
use crate::app::playground::reading::Reading;
use crate::app::running::{Slot, grouped};
use crate::domain::text::one_line;
use crate::ui::canvas::{Canvas, Row};
use crate::ui::text::{cut, wrap};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let Some(reading) = &open.playground.reading else {
        let inner = canvas.pane(area, Pane::Main, "Answer", "");
        return canvas.message(inner, &[("Nothing was sent yet. {show-form} shows the form.", theme.muted)]);
    };
    let answer = &reading.answer;
    let lines = reading.lines(open.masked);
    let n = lines.as_ref().map_or(0, |l| l.len());
    let status = if n == 0 {
        String::new()
    } else {
        format!("line {} of {}", reading.cursor.at + 1, grouped(n as u64))
    };
    let inner = canvas.pane(area, Pane::Main, &format!("Answer: {}", answer.title), &status);
    let width = usize::from(inner.width).saturating_sub(1);
    let mut head = vec![Line::from(state(canvas, reading))];
    if canvas.model.jobs.get(Slot::Call).is_some() {
        head.push(Line::styled(" A newer call runs; this is the answer before.", theme.warning));
    }
    if let Some(problem) = &answer.verdict {
        head.push(Line::styled(cut(&format!(" ! {}", one_line(&problem.title)), width), theme.bad));
        // The server's own words say most; the body may be cut at the right.
        let words = if problem.details.is_empty() { &problem.what } else { &problem.details };
        for text in [words, &problem.advice] {
            let lines = wrap(&one_line(text), width.saturating_sub(3));
            for line in lines.into_iter().filter(|l| !l.is_empty()).take(4) {
                head.push(Line::raw(format!("   {line}")));
            }
        }
    }
    head.push(Line::default());
    for (i, line) in head.iter().enumerate().take(inner.height.into()) {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
    let used = (head.len() as u16).min(inner.height);
    let body = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    let page = usize::from(body.height);
    canvas.note_page(Pane::Main, page);
    let Some(lines) = lines else {
        // Where another way of reading can be masked, that is the next step.
        let text = if answer.views.iter().any(|v| v.masked.is_some()) {
            "Raw is the answer as it came, with values that identify people. {next-view} reads it masked; {mask} shows it."
        } else {
            "This answer may hold values that identify people, and capscope cannot tell where. {mask} shows it."
        };
        return canvas.message(body, &[(text, Style::new())]);
    };
    if lines.is_empty() {
        let text = match (answer.body.len(), answer.views.is_empty()) {
            (0, _) => "The answer has no body.".to_owned(),
            (n, true) => {
                let kind = one_line(answer.header("content-type"));
                format!("A file of {} bytes: {}. {kind}", grouped(n as u64), one_line(&answer.file_name))
            }
            _ => String::new(),
        };
        let save = if answer.body.is_empty() { "" } else { "w saves it." };
        return canvas.message(body, &[(&text, Style::new()), (save, theme.title)]);
    }
    let top = reading.cursor.visible_top(lines.len(), page);
    let rows: Vec<Row> = lines
        .iter()
        .skip(top)
        .take(page)
        .map(|line| {
            let found = reading.matches(line);
            let shown: String = line.chars().skip(reading.left).collect();
            let before = if reading.left > 0 && !line.is_empty() { "‹" } else { "" };
            let text = format!("{before}{}", cut(&shown, width.saturating_sub(before.len().min(1))));
            Row::styled(text, if found { theme.focus } else { Style::new() })
        })
        .collect();
    canvas.rows(body, Pane::Main, top, Some(reading.cursor.at), &rows);
}

/// Status, time, size and the way of reading.
fn state(canvas: &Canvas, reading: &Reading) -> Vec<Span<'static>> {
    let theme = canvas.theme;
    let answer = &reading.answer;
    let (word, style) = if answer.verdict.is_some() { ("refused", theme.bad) } else { ("OK", theme.good) };
    let way = match (reading.headers, reading.view()) {
        (true, _) => "headers",
        (false, Some(view)) => view.kind.name(),
        (false, None) => "file",
    };
    let search = if reading.search.is_empty() {
        String::new()
    } else {
        format!("   search: {}", one_line(&reading.search))
    };
    vec![
        Span::styled(format!(" {} {word}", answer.status), style),
        Span::styled(
            format!(
                "   {} ms   {} bytes   {way}{search}",
                grouped(answer.ms),
                grouped(answer.body.len() as u64)
            ),
            theme.muted,
        ),
    ]
}
