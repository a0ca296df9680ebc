//! The card beside: the parameter, what does not go together, and the request as it goes out.

use crate::app::model::{Pane, Room};
use crate::app::open::{Open, Scrolled};
use crate::app::playground::notes::remarks;
use crate::app::playground::{Face, words};
use crate::app::running::grouped;
use crate::domain::text::{many_lines, one_line};
use crate::ui::canvas::{Canvas, entry, pair};
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws it.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let Some(open) = canvas.model.open.as_ref() else {
        canvas.pane(area, Pane::Card, "", "");
        return;
    };
    let (title, lines) = match (canvas.model.pane, open.playground.face) {
        (Pane::List | Pane::Projects, _) => method(canvas, open, area),
        (_, Face::Answer) => answer(canvas, open, area),
        (_, Face::Calls) => call(canvas, open, area),
        _ => form(canvas, open, area),
    };
    let inner = canvas.pane(area, Pane::Card, &title, "");
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

/// The main part beside this card in a wide window: as high, and about half of the width.
fn area_of_main(canvas: &Canvas, card: Rect) -> Rect {
    let width = canvas.model.size.0.saturating_sub(card.width + 28.min(canvas.model.size.0 / 4));
    Rect { width, ..card }
}

fn width_of(area: Rect) -> usize {
    usize::from(area.width).saturating_sub(4)
}

fn method(canvas: &Canvas, open: &Open, area: Rect) -> (String, Vec<Line<'static>>) {
    let theme = canvas.theme;
    let width = width_of(area);
    let method = open.playground.chosen();
    let mut lines = Vec::new();
    entry(&mut lines, &theme, "Method", method.title, width);
    entry(&mut lines, &theme, "What it is for", method.help, width);
    entry(&mut lines, &theme, "Danger", method.danger, width);
    lines.push(Line::default());
    pair(&mut lines, &theme, "content", method.content, width);
    pair(&mut lines, &theme, "action", method.action.as_str(), width);
    pair(&mut lines, &theme, "Since", &format!("REDCap {}", method.since), width);
    entry(&mut lines, &theme, "Needs the rights", &words::rights(method), width);
    let form = open.playground.form();
    for note in remarks(&form, open, &canvas.model.options.keys)
        .iter()
        .filter(|n| n.param.is_empty() && n.text != method.danger)
    {
        entry(&mut lines, &theme, "Note", &note.text, width);
    }
    ("Method".to_owned(), lines)
}

fn form(canvas: &Canvas, open: &Open, area: Rect) -> (String, Vec<Line<'static>>) {
    let theme = canvas.theme;
    let width = width_of(area);
    let form = open.playground.form();
    let mut lines = Vec::new();
    if let Some(param) = form.param() {
        entry(&mut lines, &theme, param.name, param.help, width);
        entry(&mut lines, &theme, "Takes", &words::kind(param), width);
        let without = if param.required { "The call fails.".to_owned() } else { words::default(param) };
        entry(&mut lines, &theme, "Without it", &without, width);
    }
    for note in remarks(&form, open, &canvas.model.options.keys) {
        entry(
            &mut lines,
            &theme,
            if note.blocks { "! Before it can be sent" } else { "Note" },
            &note.text,
            width,
        );
    }
    if canvas.model.room() != Room::Wide || !super::preview_fits(open, area_of_main(canvas, area)) {
        lines.push(Line::default());
        lines.push(Line::styled("The request", theme.title));
        for line in form.preview(&open.project.url) {
            for part in crate::ui::text::wrap(&one_line(&line), width.saturating_sub(2)) {
                lines.push(Line::raw(format!("  {part}")));
            }
        }
    }
    let title = form.param().map_or("Send".to_owned(), |p| p.name.to_owned());
    (title, lines)
}

fn answer(canvas: &Canvas, open: &Open, area: Rect) -> (String, Vec<Line<'static>>) {
    let theme = canvas.theme;
    let width = width_of(area);
    let mut lines = Vec::new();
    if let Some(reading) = &open.playground.reading {
        let answer = &reading.answer;
        pair(&mut lines, &theme, "Status", &answer.status.to_string(), width);
        pair(&mut lines, &theme, "Time", &format!("{} ms", grouped(answer.ms)), width);
        pair(&mut lines, &theme, "Size", &format!("{} bytes", grouped(answer.body.len() as u64)), width);
        pair(&mut lines, &theme, "Kind", &one_line(answer.header("content-type")), width);
        if let Some(problem) = &answer.verdict {
            entry(&mut lines, &theme, "What happened", &one_line(&problem.what), width);
            let causes = problem.numbered().join("\n");
            if causes.is_empty() {
                entry(&mut lines, &theme, "Likely reason", &one_line(&problem.reason), width);
            } else {
                entry(&mut lines, &theme, "Likely reasons, the likeliest first", &many_lines(&causes), width);
            }
            entry(&mut lines, &theme, "What you can do", &one_line(&problem.advice), width);
        }
        for known in &answer.known {
            let text = format!("{} {}", known.truth, known.evidence);
            entry(&mut lines, &theme, &format!("\"{}\"", known.says), &one_line(&text), width);
        }
        // The line under the cursor whole: long ones are cut beside.
        let chosen = reading.lines(open.masked).and_then(|l| l.get(reading.cursor.at).cloned());
        entry(&mut lines, &theme, "This line", chosen.as_deref().unwrap_or_default().trim(), width);
    }
    ("Answer".to_owned(), lines)
}

fn call(canvas: &Canvas, open: &Open, area: Rect) -> (String, Vec<Line<'static>>) {
    let theme = canvas.theme;
    let width = width_of(area);
    let mut lines = Vec::new();
    if let Some(call) = open.playground.calls.get(open.playground.calls_cursor.at) {
        pair(&mut lines, &theme, "Method", call.request.method().title, width);
        pair(&mut lines, &theme, "Time", &format!("{} UTC", call.at.strftime("%Y-%m-%d %H:%M:%S")), width);
        pair(&mut lines, &theme, "End", &call.end, width);
        entry(&mut lines, &theme, "Asked for", &one_line(&call.request.summary()), width);
        let names: Vec<String> = call.request.pairs().into_iter().map(|(name, _)| name).collect();
        entry(&mut lines, &theme, "Parameters", &names.join(", "), width);
        if let Some(problem) = &call.problem {
            entry(&mut lines, &theme, "Problem", &one_line(&problem.one_line()), width);
        }
    }
    ("Call".to_owned(), lines)
}
