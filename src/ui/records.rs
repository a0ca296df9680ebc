//! The record table and the card of one row. Only visible cells are drawn.

use super::canvas::Canvas;
use super::record_view;
use super::text::{counted, cut, fit, fit_right};
use crate::app::model::{Hit, Pane};
use crate::app::open::{Open, Over, Scrolled};
use crate::app::records::Load;
use crate::app::running::{Slot, grouped};
use crate::domain::columns::Column;
use crate::domain::text::{one_line, without_html};
use crate::domain::values::MASK;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The widest a column gets by itself.
const WIDEST: usize = 24;
/// What stands for a blank cell.
const BLANK: &str = "·";

/// Draws the record table, one whole record, or why there is nothing.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let Some(open) = &canvas.model.open else {
        let inner = canvas.pane(area, Pane::Main, "Records", "");
        return canvas.no_project(inner);
    };
    if let Some(view) = open.records.view.as_ref().filter(|v| v.timeline.shown) {
        return super::timeline::draw(canvas, area, open, view);
    }
    if let Some(view) = &open.records.view {
        return record_view::draw(canvas, area, open, view);
    }
    match open.over {
        Some(Over::Changes) => return super::changes::draw(canvas, area, open),
        Some(Over::Worklist) => return super::worklist::draw(canvas, area, open),
        None => {}
    }
    if open.quality.shown {
        return super::quality::draw(canvas, area, open);
    }
    if open.grid.shown {
        return super::grid::draw(canvas, area, open);
    }
    let records = &open.records;
    let inner = canvas.pane(area, Pane::Main, &title(open), &position(open));
    if records.table.n_rows() == 0 || records.rows.is_empty() {
        return empty(canvas, inner, open);
    }
    table(canvas, inner, open);
}

fn title(open: &Open) -> String {
    let records = &open.records;
    let Some(form) = &records.form else { return "Records".into() };
    let label = without_html(&one_line(open.metadata.instrument_label(form)));
    let (read, shown) = (records.records_read, records.records_shown);
    let all = records.ids.as_ref().map_or(read, Vec::len);
    let number = |n: usize| grouped(n as u64);
    let mut title = format!("{label}   ");
    // A part is told as a part; the rows are counted at the bottom.
    title.push_str(&match (read < all, shown < read) {
        // Before the names are here there is no number, not even zero.
        _ if records.ids.is_none() && read == 0 => String::new(),
        (true, false) => format!("first {} of {} records", number(read), number(all)),
        (true, true) => format!("{} of the first {} of {} records", number(shown), number(read), number(all)),
        (false, true) => format!("{} of {}", number(shown), counted(all, "record")),
        (false, false) => counted(all, "record"),
    });
    title.truncate(title.trim_end().len());
    if !records.server_filter.is_empty() {
        title.push_str(&format!("   on the server: {}", one_line(&records.server_filter)));
    }
    if !records.filter.is_empty() {
        title.push_str(&format!("   filter: {}", one_line(&records.filter)));
    }
    title
}

fn position(open: &Open) -> String {
    let records = &open.records;
    if records.rows.is_empty() {
        return String::new();
    }
    format!(
        "row {} of {}   column {} of {}",
        grouped(records.cursor.at as u64 + 1),
        grouped(records.rows.len() as u64),
        records.column + 1,
        records.columns.len()
    )
}

fn empty(canvas: &mut Canvas, inner: Rect, open: &Open) {
    let theme = canvas.theme;
    let records = &open.records;
    if let Some(running) = canvas.model.jobs.get(Slot::Records) {
        let line = running.line(canvas.model.now);
        let bar = bar(running.progress.done, running.progress.total, inner.width.saturating_sub(8).into());
        return canvas
            .message(inner, &[(&line, theme.title), (&bar, theme.muted), ("Esc stops.", theme.muted)]);
    }
    if open.source.is_none() {
        return super::overview::not_yet(canvas, inner, open);
    }
    if !records.filter.is_empty() {
        let all = records.ids.as_ref().map_or(0, Vec::len);
        let filter = one_line(&records.filter);
        let text = if records.records_read < all {
            format!(
                "No row passes {filter} among the first {} of {} records. {{load-all}} loads the rest, Esc clears the filter.",
                grouped(records.records_read as u64),
                grouped(all as u64)
            )
        } else {
            format!("No row passes the filter {filter}. Esc clears it.")
        };
        // What identifies people is what they are looked for by.
        if open.masked && records.columns.iter().any(|c| c.identifier) {
            let more = "Masked columns are left out.  {find}  searches them too.";
            return canvas.message(inner, &[(&text, Style::new()), (more, theme.muted)]);
        }
        return canvas.message(inner, &[(&text, Style::new())]);
    }
    match &records.load {
        Load::Never => canvas.message(
            inner,
            &[
                ("Records are read when you ask, one instrument at a time.", Style::new()),
                (
                    "Choose an instrument in the list and press Enter: it reads the first 500 records.",
                    theme.title,
                ),
                ("Only the fields of that instrument are asked for.", theme.muted),
                (
                    "{grid}  shows which forms are missing: the status of all instruments at once.",
                    theme.title,
                ),
            ],
        ),
        Load::Failed(problem) => {
            canvas.failed(inner, problem, "{reload}  tries again      {problem-details}  shows all about it");
        }
        Load::Stopped => {
            canvas
                .message(inner, &[("Stopped before the first rows.  {reload}  reads again.", Style::new())]);
        }
        Load::Running | Load::Done(..) => {
            if records.ids.as_ref().is_some_and(Vec::is_empty) && records.server_filter.is_empty() {
                return canvas.no_records(inner);
            }
            let text = if records.server_filter.is_empty() {
                "No record has a row for this instrument yet."
            } else {
                "No row passes the filter on the server.  {server-filter}  changes it."
            };
            canvas.message(inner, &[(text, Style::new())]);
        }
    }
}

/// A bar of text: `[#####.....]  51 %`.
fn bar(done: u64, total: Option<u64>, width: usize) -> String {
    let Some(total) = total.filter(|t| *t > 0) else { return String::new() };
    let width = width.clamp(4, 50);
    let filled = (done.min(total) * width as u64 / total) as usize;
    format!("[{}{}]  {} %", "#".repeat(filled), ".".repeat(width - filled), done.min(total) * 100 / total)
}

/// The width of a column: of its name and of the values on screen, so that a table of any size
/// is measured in no time.
fn width_of(open: &Open, column: &Column, rows: &[usize]) -> usize {
    if let Some(width) = open.records.layout.widths.get(&column.name) {
        return usize::from(*width);
    }
    let values = rows
        .iter()
        .map(|&row| open.records.text(column, row, open.values, open.masked, &open.metadata).width())
        .max()
        .unwrap_or(0);
    values.max(column.title().width() + 1).clamp(3, WIDEST)
}

fn table(canvas: &mut Canvas, inner: Rect, open: &Open) {
    let theme = canvas.theme;
    let records = &open.records;
    let page = usize::from(inner.height).saturating_sub(1);
    canvas.note_page(Pane::Main, page);
    let top = records.cursor.visible_top(records.rows.len(), page);
    let rows: Vec<usize> = records.rows.iter().skip(top).take(page).copied().collect();
    let n_frozen = records.n_frozen();
    let (shown, widths, fit_columns) = layout(open, &rows, usize::from(inner.width), n_frozen);
    canvas.note_columns(fit_columns);
    for (&at, &width) in shown.iter().zip(&widths) {
        if let Some(column) = records.columns.get(at) {
            canvas.note_width(&column.name, width);
        }
    }
    let hidden_left = records.left;
    let hidden_right = records.columns.len().saturating_sub(n_frozen + records.left + fit_columns);

    // The header: names, the edge of the frozen part, and how many columns are out of sight.
    let mut x = inner.x + 1;
    for (&at, &width) in shown.iter().zip(&widths) {
        let Some(column) = records.columns.get(at) else { continue };
        let style = if at == records.column { theme.focus } else { theme.title };
        let sorted = records.sort.as_ref().filter(|s| s.column == column.name);
        let mark = sorted.map_or("", |s| if s.down { "▾" } else { "▴" });
        let name = format!("{mark}{}", column.title());
        let name = if column.numeric() { fit_right(&name, width) } else { fit(&name, width) };
        canvas.text(x, inner.y, width as u16, &name, style);
        canvas.hit(Rect { x, y: inner.y, width: width as u16, height: 1 }, Hit::Column(at));
        x += width as u16;
        let edge = at + 1 == n_frozen;
        let start = x;
        x += separator(canvas, x, inner.y, edge);
        if edge && hidden_left > 0 {
            // How many columns are out of sight on the left stands in the edge itself.
            let mark = format!("‹{hidden_left}");
            canvas.text(start, inner.y, 3, &mark, theme.title);
        }
    }
    if hidden_right > 0 {
        let mark = Line::styled(format!(" {hidden_right} ›"), theme.title);
        canvas.line_right(inner.x, inner.y, inner.width, &mark);
    }
    for (i, &row) in rows.iter().enumerate() {
        let y = inner.y + 1 + i as u16;
        let line = Rect { y, height: 1, ..inner };
        let chosen = top + i == records.cursor.at;
        let focused = chosen && canvas.model.pane == Pane::Main && canvas.model.dialog.is_none();
        let mut spans = vec![Span::raw(if chosen { ">" } else { " " })];
        for (&at, &width) in shown.iter().zip(&widths) {
            let Some(column) = records.columns.get(at) else { continue };
            let text = records.text(column, row, open.values, open.masked, &open.metadata);
            let style = cell_style(canvas, &text, column, &records.table, row);
            let text = if text.is_empty() { BLANK.to_owned() } else { text };
            let text = if column.numeric() { fit_right(&text, width) } else { fit(&text, width) };
            // The cell under the cursor stands out from its row.
            let style = match (focused, at == records.column) {
                (true, true) => theme.focus.patch(theme.selection),
                (true, false) => theme.selection,
                (false, _) => style,
            };
            spans.push(Span::styled(text, style));
            let edge = if at + 1 == n_frozen { " │ " } else { "  " };
            spans.push(Span::styled(edge, if focused { theme.selection } else { theme.muted }));
        }
        if focused {
            // The mark of the chosen row goes to the end of the line.
            let used: usize = spans.iter().map(|s| s.content.width()).sum();
            let rest = " ".repeat(usize::from(inner.width).saturating_sub(used));
            spans.push(Span::styled(rest, theme.selection));
        }
        canvas.line(line.x, y, line.width, &Line::from(spans));
        canvas.hit(line, Hit::Row(Pane::Main, top + i));
    }
}

/// Which columns are drawn, how wide, and how many of the scrolling ones fit.
fn layout(open: &Open, rows: &[usize], width: usize, n_frozen: usize) -> (Vec<usize>, Vec<usize>, usize) {
    let records = &open.records;
    let (mut shown, mut widths) = (Vec::new(), Vec::new());
    // One place for the cursor's mark, and room for the count of hidden columns.
    let mut left = width.saturating_sub(1);
    let frozen_most = (width * 3 / 5).max(8);
    let mut frozen_used = 0;
    for at in 0..n_frozen {
        let Some(column) = records.columns.get(at) else { continue };
        let own = width_of(open, column, rows).min(frozen_most.saturating_sub(frozen_used).max(3));
        frozen_used += own + 2;
        left = left.saturating_sub(own + if at + 1 == n_frozen { 3 } else { 2 });
        shown.push(at);
        widths.push(own);
    }
    let mut fit_columns = 0;
    for at in n_frozen + records.left..records.columns.len() {
        let Some(column) = records.columns.get(at) else { continue };
        let own = width_of(open, column, rows);
        let reserve = if at + 1 < records.columns.len() { 4 } else { 0 };
        if own + 2 + reserve > left && fit_columns > 0 {
            break;
        }
        let own = own.min(left.saturating_sub(2)).max(3);
        left = left.saturating_sub(own + 2);
        shown.push(at);
        widths.push(own);
        fit_columns += 1;
    }
    (shown, widths, fit_columns)
}

fn separator(canvas: &mut Canvas, x: u16, y: u16, edge: bool) -> u16 {
    let text = if edge { " │ " } else { "  " };
    let style = canvas.theme.muted;
    let width = text.width() as u16;
    canvas.line(x, y, width, &Line::styled(text, style));
    width
}

fn cell_style(
    canvas: &Canvas,
    text: &str,
    column: &Column,
    table: &crate::domain::table::RecordTable,
    row: usize,
) -> Style {
    let theme = canvas.theme;
    if text.is_empty() || text == MASK {
        return theme.masked;
    }
    if column.name.ends_with("_complete") && column.cells.len() == 1 {
        let code = column.cells.first().map_or("", |c| table.cell(row, *c));
        return status_style(canvas, code);
    }
    Style::new()
}

/// The colour of a form status. The word is always there too.
pub fn status_style(canvas: &Canvas, code: &str) -> Style {
    match code {
        "2" | "Complete" => canvas.theme.good,
        "1" | "Unverified" => canvas.theme.warning,
        "0" | "Incomplete" => canvas.theme.bad,
        _ => canvas.theme.muted,
    }
}

/// Draws the row under the cursor, field by field, with the whole values.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    if let Some(open) = canvas.model.open.as_ref() {
        match &open.records.view {
            Some(view) if view.timeline.shown => return super::timeline::draw_card(canvas, area, open, view),
            None if open.over == Some(Over::Changes) => return super::changes::draw_card(canvas, area, open),
            None if open.over == Some(Over::Worklist) => {
                return super::worklist::draw_card(canvas, area, open);
            }
            _ => {}
        }
    }
    if let Some(open) = canvas.model.open.as_ref().filter(|o| o.quality.shown && o.records.view.is_none()) {
        return super::quality::draw_card(canvas, area, open);
    }
    if let Some(open) = canvas.model.open.as_ref().filter(|o| o.grid.shown && o.records.view.is_none()) {
        return super::grid::draw_card(canvas, area, open);
    }
    let with_view = |o: &&Open| o.records.view.is_some() || o.records.chosen_row().is_some();
    let open = canvas.model.open.as_ref().filter(with_view);
    let Some(open) = open else {
        let inner = canvas.pane(area, Pane::Card, "Record", "");
        return canvas.message(inner, &[("Choose a row to see it whole.", theme.muted)]);
    };
    if let Some(view) = &open.records.view {
        return record_view::draw_card(canvas, area, open, view);
    }
    let records = &open.records;
    let Some(row) = records.chosen_row() else { return };
    let shown = |c: &Column| records.text(c, row, open.values, open.masked, &open.metadata);
    let title: Vec<String> =
        records.columns.iter().take(records.n_frozen()).map(shown).filter(|t| !t.is_empty()).collect();
    let inner = canvas.pane(area, Pane::Card, &title.join("  "), "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for column in records.all.iter().skip_while(|c| c.frozen) {
        let text = shown(column);
        let field = open.metadata.dictionary.field(&column.name);
        let required = field.is_some_and(|f| f.required);
        let name = Span::styled(fit(&column.name, 16), theme.muted);
        let value = if text.is_empty() && required {
            Span::styled("[empty] ! required", theme.warning)
        } else if text.is_empty() {
            Span::styled("[empty]", theme.muted)
        } else {
            let style = cell_style(canvas, &text, column, &records.table, row);
            Span::styled(text, style)
        };
        if value.content.width() + 17 <= width {
            lines.push(Line::from(vec![name, Span::raw(" "), value]));
        } else {
            lines.push(Line::from(vec![Span::styled(cut(&column.name, width), theme.muted)]));
            let (content, style) = (value.content.into_owned(), value.style);
            lines.extend(
                super::text::wrap(&content, width.saturating_sub(2))
                    .into_iter()
                    .map(|l| Line::styled(format!("  {l}"), style)),
            );
        }
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}
