//! The calls that were made, and the difference of two answers.

use crate::app::model::Pane;
use crate::app::open::Open;
use crate::app::playground::diff_text;
use crate::app::running::grouped;
use crate::domain::text::one_line;
use crate::jobs::types::DiffKind;
use crate::ui::canvas::{Canvas, Row};
use crate::ui::text::{cut, fit};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

/// Draws the calls, newest first, without their values.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let playground = &open.playground;
    let n = playground.calls.len();
    let status = if n == 0 { String::new() } else { format!("{} of {n}", playground.calls_cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Main, "Calls made", &status);
    let page = usize::from(inner.height);
    canvas.note_page(Pane::Main, page);
    if n == 0 {
        let text = "No call was made yet. They are kept in memory only, until you leave the project.";
        return canvas.message(inner, &[(text, theme.muted)]);
    }
    let width = usize::from(inner.width).saturating_sub(1);
    let top = playground.calls_cursor.visible_top(n, page);
    let rows: Vec<Row> = playground
        .calls
        .iter()
        .skip(top)
        .take(page)
        .map(|call| {
            let marked = playground.marked == Some(call.at);
            let end = match &call.answer {
                Some(a) => format!("{}  {} ms  {} B", call.end, grouped(a.ms), grouped(a.body.len() as u64)),
                None => call.end.clone(),
            };
            let summary = call.request.summary();
            let title = call.request.method().title;
            let what = if summary.is_empty() { title.to_owned() } else { format!("{title}: {summary}") };
            let end_width = 26.min(width / 2);
            let what_width = width.saturating_sub(end_width + 14);
            let bad = call.problem.is_some() || call.answer.as_ref().is_some_and(|a| a.verdict.is_some());
            Row::from(vec![
                Span::styled(if marked { "[x] " } else { "    " }, theme.title),
                Span::styled(call.at.strftime("%H:%M:%S ").to_string(), theme.muted),
                Span::raw(format!("{} ", fit(&one_line(&what), what_width))),
                Span::styled(cut(&end, end_width), if bad { theme.bad } else { theme.muted }),
            ])
        })
        .collect();
    canvas.rows(inner, Pane::Main, top, Some(playground.calls_cursor.at), &rows);
}

/// Draws what is different between two answers.
pub fn draw_comparison(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let compared = &open.playground.compared;
    let n = compared.lines.as_ref().map_or(0, Vec::len);
    let status = if n == 0 { String::new() } else { format!("line {} of {n}", compared.cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Main, &format!("Compared: {}", one_line(&compared.title)), &status);
    let page = usize::from(inner.height);
    canvas.note_page(Pane::Main, page);
    let Some(lines) = &compared.lines else {
        return canvas.message(inner, &[("Comparing...", theme.muted)]);
    };
    if lines.is_empty() {
        return canvas.message(inner, &[("The two answers are the same.", Style::new())]);
    }
    let width = usize::from(inner.width).saturating_sub(1);
    let top = compared.cursor.visible_top(n, page);
    let rows: Vec<Row> = lines
        .iter()
        .skip(top)
        .take(page)
        .map(|line| {
            let style = match line.kind {
                DiffKind::Same => Style::new(),
                DiffKind::Gone => theme.bad,
                DiffKind::Added => theme.good,
                DiffKind::LeftOut => theme.muted,
            };
            Row::styled(cut(&diff_text(line), width), style)
        })
        .collect();
    canvas.rows(inner, Pane::Main, top, Some(compared.cursor.at), &rows);
}
