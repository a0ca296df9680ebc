//! The file that is checked: summary, findings or cells, and a card about the chosen line.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::{cut, fit, wrap};
use crate::app::check::{CheckList, CheckState, CheckView, Item, new_text, old_text, place_text};
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::app::running::{Slot, grouped};
use crate::domain::access_test::imports::{of_cell, of_finding};
use crate::domain::check::{Cell, Rehearsal, Rule, Severity};
use crate::domain::text::{one_line, without_html};
use crate::domain::values::MASK;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws the main part.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let Some(open) = &canvas.model.open else {
        let inner = canvas.pane(area, Pane::Main, "Check", "");
        return canvas.no_project(inner);
    };
    let view = &open.check;
    let n = view.shown.len();
    let status = match (n, view.checked.is_some()) {
        (_, false) => String::new(),
        (0, true) => "nothing to list".into(),
        (n, true) => format!("{} of {}", grouped(view.cursor.at as u64 + 1), grouped(n as u64)),
    };
    let title = match view.list {
        _ if view.checked.is_none() => "Check a file before it is imported".to_owned(),
        CheckList::Findings => format!("Check: {}", view.severity.map_or("all findings", Severity::word)),
        CheckList::Receipt => "Receipt".into(),
        CheckList::Cells => {
            format!("Check: {}", view.cell.map_or("cells that change something", Cell::words))
        }
    };
    let title =
        if view.filter.is_empty() { title } else { format!("{title}   filter: {}", one_line(&view.filter)) };
    let inner = canvas.pane(area, Pane::Main, &title, &status);
    let Some(r) = view.rehearsal() else { return empty(canvas, inner, view) };
    let head = head(canvas, open, r, usize::from(inner.width).saturating_sub(2));
    // The list keeps at least a third of the room.
    let most = usize::from(inner.height) * 2 / 3;
    let rows = head.len().min(most);
    for (i, line) in head.iter().take(rows).enumerate() {
        canvas.line(inner.x + 1, inner.y + i as u16, inner.width.saturating_sub(2), line);
    }
    let list = Rect { y: inner.y + rows as u16, height: inner.height.saturating_sub(rows as u16), ..inner };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    if n == 0 {
        let text = if !view.filter.is_empty() {
            "Nothing matches the filter. Esc clears it."
        } else if view.list == CheckList::Cells {
            "No cell changes anything. {check-list} shows the findings."
        } else {
            "Nothing was found. {check-list} shows the cells that change something."
        };
        let text = canvas.model.options.keys.say(text);
        return canvas.text(list.x + 1, list.y + 1, list.width.saturating_sub(2), &text, theme.muted);
    }
    let top = view.cursor.visible_top(n, page);
    let width = usize::from(list.width).saturating_sub(2);
    let on_page = view.shown.get(top..n.min(top + page)).unwrap_or_default();
    let widths = widths(open, r, on_page);
    let drawn: Vec<Row> = on_page.iter().map(|item| row(canvas, open, r, *item, width, widths)).collect();
    canvas.rows(list, Pane::Main, top, Some(view.cursor.at), &drawn);
}

fn empty(canvas: &mut Canvas, inner: Rect, view: &CheckView) {
    let theme = canvas.theme;
    if let Some(running) = canvas.model.jobs.get(Slot::Check) {
        let line = format!("{}  Esc stops.", running.line(canvas.model.now));
        return canvas.message(inner, &[(&line, theme.muted)]);
    }
    match &view.state {
        CheckState::Failed(problem) => canvas.failed(inner, problem, "{reload}  tries again    {choose-file}  chooses another file"),
        CheckState::Stopped => canvas.message(inner, &[("Stopped.  {reload}  checks the file.", theme.muted)]),
        _ => canvas.message(
            inner,
            &[
                ("An import that REDCap accepts is not always one that is right.", theme.title),
                (
                    "Choose a file, and see before anything is sent: what REDCap would refuse, what it would accept without a word, and every value that would change.",
                    Style::new(),
                ),
                ("{choose-file}  chooses a file. It is only read.", theme.title),
                ("{spot-check}  compares stored values with the paper source (spot check).", theme.title),
            ],
        ),
    }
}

/// What is to be known at once.
fn head(canvas: &Canvas, open: &Open, r: &Rehearsal, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let view = &open.check;
    let mut lines = Vec::new();
    let name = view.path.rsplit(['/', '\\']).next().unwrap_or(&view.path).to_owned();
    let summary = r.summary();
    let first = summary.first().map(String::as_str).unwrap_or_default();
    lines.push(Line::from(vec![
        Span::styled(cut(&one_line(&name), width / 2), theme.title),
        Span::styled(format!("  {first}"), theme.muted),
    ]));
    let blanks = if view.settings.overwrite { "blanks ERASE" } else { "blanks keep" };
    let numbers = if view.settings.auto_number { ", REDCap names the records" } else { "" };
    let fixes = match view.settings.fixes.len() {
        0 => String::new(),
        1 => ", 1 suggestion accepted".into(),
        n => format!(", {n} suggestions accepted"),
    };
    // The verdict is the last sentence and is drawn by itself.
    let middle = summary.get(1..summary.len().saturating_sub(1)).unwrap_or_default();
    for (i, sentence) in middle.iter().enumerate() {
        let text = if i == 0 { format!("{sentence}; {blanks}{numbers}{fixes}") } else { sentence.clone() };
        lines.extend(wrap(&text, width).into_iter().map(Line::raw));
    }
    for remark in view.checked.iter().flat_map(|c| &c.remarks) {
        lines.extend(
            wrap(&format!("Note: {remark}"), width).into_iter().map(|l| Line::styled(l, theme.warning)),
        );
    }
    // What the server did counts more than what was expected of it.
    let was_refused = view.receipt.as_ref().is_some_and(|receipt| receipt.was_refused());
    let verdict = if was_refused && r.may_be_sent() {
        "REDCap refused the file: the receipt says why."
    } else {
        r.verdict()
    };
    let style = if was_refused || !r.may_be_sent() {
        theme.bad
    } else if r.count_of(Severity::Warning) > 0 {
        theme.warning
    } else {
        theme.good
    };
    lines.extend(wrap(verdict, width).into_iter().map(|l| Line::styled(l, style)));
    lines.push(Line::styled("─".repeat(width), theme.muted));
    lines
}

/// How wide the place and the field's name are on this page: what they do not need is left to the
/// values.
fn widths(open: &Open, r: &Rehearsal, items: &[Item]) -> (usize, usize) {
    let needed = items.iter().map(|item| match *item {
        Item::Finding(at) => (r.findings.get(at as usize).map_or(0, |f| r.where_is(f).width()).min(20), 0),
        Item::Receipt(_) => (0, 0),
        Item::Cell(row, column) => {
            let name = r.columns.get(column as usize).map_or(0, |c| c.name.width());
            (place_text(r, row as usize, open.masked).width().min(24), name.min(14))
        }
    });
    needed.fold((0, 0), |(a, b), (c, d)| (a.max(c), b.max(d)))
}

fn row(
    canvas: &Canvas,
    open: &Open,
    r: &Rehearsal,
    item: Item,
    width: usize,
    (place_width, name_width): (usize, usize),
) -> Row {
    let theme = canvas.theme;
    match item {
        Item::Finding(at) => {
            let Some(f) = r.findings.get(at as usize) else { return Row::default() };
            let place = fit(&r.where_is(f), place_width);
            let text = r.sentence(f, open.masked);
            Row::from(vec![
                Span::styled(fit(f.rule.severity().word(), 8), severity_style(canvas, f.rule.severity())),
                Span::styled(format!("{place} "), theme.muted),
                Span::raw(cut(&one_line(&text), width.saturating_sub(9 + place_width))),
            ])
        }
        Item::Receipt(at) => {
            let lines = open.check.receipt.as_ref().map(|r| r.screen_lines(open.masked)).unwrap_or_default();
            let text = lines.get(at as usize).cloned().unwrap_or_default();
            let verified = open.check.receipt.as_ref().is_some_and(|r| r.is_verified());
            let style = match (at, verified) {
                (0, true) => theme.good,
                (0, false) => theme.bad,
                _ => Style::new(),
            };
            Row::styled(format!(" {}", cut(&text, width.saturating_sub(1))), style)
        }
        Item::Cell(row, column) => {
            let (row, column) = (row as usize, column as usize);
            let cell = r.cell(row, column);
            let name = r.columns.get(column).map_or("", |c| c.name.as_str());
            let place = fit(&place_text(r, row, open.masked), place_width);
            let (word, style) = match cell {
                Cell::New => ("new", theme.good),
                Cell::Changed => ("changed", theme.warning),
                Cell::Erased => ("ERASED", theme.bad),
                Cell::Refused => ("refused", theme.bad),
                Cell::Same => ("same", theme.muted),
                Cell::Kept => ("kept", theme.muted),
                other => (other.words(), theme.muted),
            };
            Row::from(vec![
                Span::styled(fit(word, 8), style),
                Span::styled(format!("{place} "), theme.muted),
                Span::raw(format!("{} ", fit(name, name_width))),
                Span::raw(cut(
                    &change(r, row, column, open.masked),
                    width.saturating_sub(10 + place_width + name_width),
                )),
            ])
        }
    }
}

/// The old and the new value of a cell in one line.
fn change(r: &Rehearsal, row: usize, column: usize, masked: bool) -> String {
    let blank = |text: String| if text.is_empty() { "[empty]".to_owned() } else { text };
    let (old, new) = (blank(old_text(r, row, column, masked)), blank(new_text(r, row, column, masked)));
    match r.cell(row, column) {
        Cell::Changed | Cell::Erased => format!("{old} -> {new}"),
        Cell::Kept => format!("{old} stays"),
        _ => new,
    }
}

fn severity_style(canvas: &Canvas, severity: Severity) -> Style {
    match severity {
        Severity::Refused | Severity::Stopped => canvas.theme.bad,
        Severity::Warning => canvas.theme.warning,
        Severity::Note => canvas.theme.muted,
    }
}

/// Draws the card: the chosen line whole, and what else will happen.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Card, "Why, and what to do", "");
    let Some(open) = &canvas.model.open else { return };
    let Some(r) = open.check.rehearsal() else { return };
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    match open.check.chosen() {
        Some(Item::Finding(at)) => finding_card(canvas, open, r, at as usize, width, &mut lines),
        Some(Item::Cell(row, column)) => {
            cell_card(canvas, open, r, row as usize, column as usize, width, &mut lines);
        }
        Some(Item::Receipt(at)) => {
            let lines_of =
                open.check.receipt.as_ref().map(|r| r.screen_lines(open.masked)).unwrap_or_default();
            let text = lines_of.get(at as usize).cloned().unwrap_or_default();
            entry(&mut lines, &theme, "Receipt", &text, width);
            // The result alone says too little: its reasons are whole here, and cut in the list.
            let reasons = open.check.receipt.as_ref().filter(|_| at == 0);
            let reasons = reasons.map(|r| r.screen_reasons(open.masked)).unwrap_or_default();
            if !reasons.is_empty() {
                entry(&mut lines, &theme, "What happened", &reasons.join("\n"), width);
            }
        }
        None => {}
    }
    let effects: Vec<String> = r.effects.sentences().iter().map(|s| format!("- {s}")).collect();
    entry(&mut lines, &theme, "Side effects", &effects.join("\n"), width);
    if let Some(checked) = &open.check.checked {
        entry(&mut lines, &theme, "SHA-256 of the file", &checked.hash, width);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

fn finding_card(
    canvas: &Canvas,
    open: &Open,
    r: &Rehearsal,
    at: usize,
    width: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let theme = canvas.theme;
    let Some(f) = r.findings.get(at) else { return };
    pair(lines, &theme, "Where", &r.where_is(f), width);
    if let Some(row) = f.row {
        pair(lines, &theme, "Record", &place_text(r, row as usize, open.masked), width);
        if let Some(column) = f.column {
            let text = one_line(r.file.table.cell(row as usize, column as usize));
            let masked = open.masked && r.is_identifier(f);
            pair(lines, &theme, "In the file", if masked { MASK } else { &text }, width);
        }
    }
    let severity = f.rule.severity();
    let means = match severity {
        Severity::Refused => "REDCap refuses the import",
        Severity::Stopped => "needs your decision",
        Severity::Warning => "REDCap accepts it silently",
        Severity::Note => "good to know",
    };
    pair(lines, &theme, severity.word(), means, width);
    entry(lines, &theme, f.rule.title(), &one_line(&r.sentence(f, open.masked)), width);
    entry(lines, &theme, "Why it matters", f.rule.why(), width);
    if let Some(known) = of_finding(f.rule) {
        entry(lines, &theme, "People say", &format!("\"{}\"", known.says), width);
    }
    if let Some(fix) = r.fix_words(f, open.masked) {
        let key = canvas.model.options.keys.say("{accept-fix} accepts it");
        entry(lines, &theme, "Suggestion", &format!("{}\n{key}", one_line(&fix)), width);
    }
    if f.rule == Rule::AmbiguousDates {
        let text = "{check-dates}  reads day first; again for month first";
        entry(lines, &theme, "Your decision", &canvas.model.options.keys.say(text), width);
    }
}

fn cell_card(
    canvas: &Canvas,
    open: &Open,
    r: &Rehearsal,
    row: usize,
    column: usize,
    width: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let theme = canvas.theme;
    let Some(c) = r.columns.get(column) else { return };
    pair(
        lines,
        &theme,
        "Where",
        &format!("line {}, {}", r.file.line_at(row, column), one_line(&c.header)),
        width,
    );
    pair(lines, &theme, "Record", &place_text(r, row, open.masked), width);
    let name = c.name.split("___").next().unwrap_or(&c.name);
    if let Some(field) = open.metadata.dictionary.field(name) {
        pair(lines, &theme, "Field", &without_html(&one_line(&field.label)), width);
    }
    pair(lines, &theme, "What becomes", r.cell(row, column).words(), width);
    if let Some(known) = of_cell(r.cell(row, column)) {
        entry(lines, &theme, &format!("\"{}\"", known.says), known.truth, width);
    }
    entry(lines, &theme, "Stored now", &old_text(r, row, column, open.masked), width);
    entry(lines, &theme, "In the file", &new_text(r, row, column, open.masked), width);
}
