//! The spot check: what is to be drawn, and one cell after the other against the paper source.

use super::centered;
use crate::app::running::grouped;
use crate::app::spot::{BenchDialog, Part, SpotDialog, SpotSetup};
use crate::domain::spot_bench::Mark;
use crate::domain::text::one_line;
use crate::domain::values::MASK;
use crate::ui::canvas::{Canvas, pair};
use crate::ui::text::{fit, wrap};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &SpotDialog) {
    match dialog {
        SpotDialog::Setup(setup) => draw_setup(canvas, area, setup),
        SpotDialog::Bench(bench) => draw_bench(canvas, area, bench),
    }
}

fn draw_setup(canvas: &mut Canvas, area: Rect, setup: &SpotSetup) {
    let theme = canvas.theme;
    let width = usize::from(area.width.min(76)).saturating_sub(6);
    let label = |text: &str, part: Part| {
        let focused = part == setup.part;
        let mark = if focused { ">" } else { " " };
        Span::styled(fit(&format!("{mark} {text}"), 12), if focused { theme.focus } else { theme.title })
    };
    let caret = |part: Part| if part == setup.part { "_" } else { "" };
    let typed = |text: &str, part: Part| {
        Span::raw(format!("[ {} ]", fit(&format!("{}{}", one_line(text), caret(part)), 20)))
    };
    let mut lines = vec![Line::default()];
    let fields = format!("{} fields: {}", setup.fields.len(), setup.fields.join(", "));
    lines.extend(wrap(&fields, width).into_iter().take(3).map(Line::raw));
    lines.push(Line::default());
    lines
        .push(Line::from(vec![label("Records", Part::Records), typed(setup.records.value(), Part::Records)]));
    lines.push(Line::from(vec![label("Seed", Part::Seed), typed(setup.seed.value(), Part::Seed)]));
    if let Some(on) = setup.groups {
        let tick = if on { "[x]" } else { "[ ]" };
        lines.push(Line::from(vec![
            label("Groups", Part::Groups),
            Span::raw(format!("{tick} each Data Access Group gets its share (Space)")),
        ]));
    }
    lines.push(Line::default());
    if setup.complaint.is_empty() {
        let cells =
            setup.cells().map_or(String::new(), |n| format!("{} cells to compare. ", grouped(n as u64)));
        let text = format!("{cells}The same seed draws the same records again.");
        lines.extend(wrap(&text, width).into_iter().map(|l| Line::styled(l, theme.muted)));
    } else {
        lines.push(Line::styled(format!("! {}", setup.complaint), theme.bad));
    }
    lines.push(Line::default());
    lines.push(Line::raw("Tab next box   Enter draw   Esc cancel"));
    let area = centered(area, 76, lines.len() as u16 + 2);
    canvas.clear(area);
    let frame = canvas.frame(area, true, "Spot check against the paper source", "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    for (i, line) in lines.iter().enumerate().take(usize::from(inner.height)) {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
}

fn draw_bench(canvas: &mut Canvas, area: Rect, dialog: &BenchDialog) {
    let theme = canvas.theme;
    let Some(open) = &canvas.model.open else { return };
    let Some(bench) = &open.spot.bench else { return };
    let Some((cell, said)) = bench.now() else { return };
    let area = centered(area, 92, 26);
    canvas.clear(area);
    let title = format!("Spot check: cell {} of {}", bench.at + 1, bench.cells.len());
    let status = format!("{} of {} records", bench.records.0, bench.records.1);
    let masked = open.masked && cell.is_identifier && !dialog.revealed;
    let id_masked = open.masked && open.metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
    let frame = canvas.frame(area, true, &title, &status);
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    let width = usize::from(inner.width);
    let mut lines: Vec<Line<'static>> = vec![Line::default()];
    let record = if id_masked && !dialog.revealed { MASK.to_owned() } else { one_line(&cell.record) };
    pair(&mut lines, &theme, "Record", &record, width);
    if !cell.event.is_empty() {
        let label = open.metadata.events.list().iter().find(|e| e.unique_name == cell.event);
        let words = label.map_or(cell.event.clone(), |e| format!("{} ({})", one_line(&e.name), cell.event));
        pair(&mut lines, &theme, "Event", &words, width);
    }
    if !cell.instance.is_empty() {
        pair(&mut lines, &theme, "Instance", &cell.instance, width);
    }
    pair(&mut lines, &theme, "Field", &cell.field, width);
    pair(&mut lines, &theme, "Label", &cell.label, width);
    lines.push(Line::default());
    lines.push(Line::styled("Stored in REDCap", theme.title));
    let value = match (cell.stored.is_empty(), masked) {
        (true, _) => "[empty]".to_owned(),
        (false, true) => format!("{MASK} masked: m shows this one value"),
        (false, false) => one_line(&cell.stored),
    };
    lines.extend(
        wrap(&value, width.saturating_sub(2)).into_iter().take(4).map(|l| Line::raw(format!("  {l}"))),
    );
    lines.push(Line::default());
    let style = match said.mark {
        Mark::Agree => theme.good,
        Mark::Differ => theme.bad,
        Mark::Unclear => theme.warning,
        Mark::Open => theme.muted,
    };
    lines.push(Line::from(vec![
        Span::styled("What the source says: ", theme.title),
        Span::styled(said.mark.word(), style),
    ]));
    match &dialog.note {
        Some(note) => lines.push(Line::from(vec![
            Span::styled(if dialog.then_next { "> The source says " } else { "> Note " }, theme.focus),
            Span::raw(format!("[ {}_ ]", one_line(note.value()))),
        ])),
        None if !said.note.is_empty() => pair(&mut lines, &theme, "Note", &one_line(&said.note), width),
        None => {}
    }
    let tally = bench.tally();
    if tally.open == 0 {
        lines.push(Line::styled("Every cell was looked at. e saves the report.", theme.good));
    }
    let sentences = tally.sentences();
    let mut below: Vec<Line<'static>> = vec![Line::styled("─".repeat(width), theme.muted)];
    below.extend(sentences.iter().flat_map(|s| wrap(s, width)).map(|l| Line::styled(l, theme.muted)));
    let keys: [&str; 2] = match dialog.note {
        Some(_) => ["Enter keep the note (it may be blank)   Esc no note", ""],
        None => [
            "a agrees   d DIFFERS   u unclear   b back   Space next   n note   m show",
            "e report   E report with values   N new sample   Esc later",
        ],
    };
    below.extend(keys.iter().map(|k| Line::styled((*k).to_owned(), Style::new())));
    let room = usize::from(inner.height).saturating_sub(below.len());
    for (i, line) in lines.iter().take(room).enumerate() {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
    let top = inner.bottom().saturating_sub(below.len() as u16).max(inner.y);
    for (i, line) in below.iter().enumerate().take(usize::from(inner.bottom().saturating_sub(top))) {
        canvas.line(inner.x, top + i as u16, inner.width, line);
    }
}
