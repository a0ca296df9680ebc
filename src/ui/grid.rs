//! The status grid on screen: records down, instruments at events across, one sign a cell.

use super::canvas::{Canvas, entry, pair};
use super::text::{cut, fit, wrap};
use crate::app::grid::{Cell, GridLoad, GridView, State};
use crate::app::model::{Hit, Pane, Room};
use crate::app::open::{Open, Scrolled};
use crate::app::running::{Slot, grouped};
use crate::domain::text::{one_line, without_html};
use crate::domain::values::MASK;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The least width of a column: a sign and the number of instances.
const NARROW: usize = 4;

/// The most a column takes when there is room for the names of the instruments.
const WIDE: usize = 14;

/// Draws the grid, or why it is not there.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.grid;
    let n = view.rows.len();
    let all = view.grid.rows.len();
    let status = if n == 0 {
        String::new()
    } else {
        format!("record {} of {}", view.cursor.at + 1, grouped(n as u64))
    };
    let inner = canvas.pane(area, Pane::Main, &title(view), &status);
    if n == 0 && all > 0 {
        let text = format!("No record passes the filter {}. Esc clears it.", one_line(&view.filter));
        return canvas.message(inner, &[(&text, Style::new())]);
    }
    if n == 0 {
        return match &view.load {
            GridLoad::Failed(problem) => canvas.failed(inner, problem, "{reload}  tries again"),
            GridLoad::Done(_) => canvas.no_records(inner),
            _ => {
                let line = canvas
                    .model
                    .jobs
                    .get(Slot::Grid)
                    .map_or("Stopped.  {reload}  reads it.".to_owned(), |r| {
                        format!("{}  Esc stops.", r.line(canvas.model.now))
                    });
                canvas.message(inner, &[(&line, theme.muted)]);
            }
        };
    }
    let id_width = view.grid.rows.iter().map(|(r, _)| r.len()).max().unwrap_or(6).clamp(6, 16);
    let space = usize::from(inner.width).saturating_sub(id_width + 3);
    let cell = (space / view.grid.columns.len().max(1)).clamp(NARROW, WIDE);
    let room = space / cell;
    canvas.note_columns(room);
    let first = view.column.saturating_sub(room.saturating_sub(1));
    let shown: Vec<usize> = (first..view.grid.columns.len()).take(room).collect();
    heads(canvas, inner, open, &shown, (id_width, cell));
    let legend = legend(canvas, inner, view);
    let totals = std::iter::once(of_column(view)).chain(of_instrument(open));
    let totals: Vec<String> =
        totals.flat_map(|line| wrap(&line, usize::from(inner.width).saturating_sub(2))).collect();
    let below = legend.len() + totals.len();
    let page = usize::from(inner.height).saturating_sub(2 + below);
    canvas.note_page(Pane::Main, page);
    let top = view.cursor.visible_top(n, page);
    let masked = open.masked && open.metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
    for (i, &at) in view.rows.iter().enumerate().skip(top).take(page) {
        let Some((record, cells)) = view.grid.rows.get(at) else { continue };
        let y = inner.y + 2 + (i - top) as u16;
        let chosen = i == view.cursor.at;
        let focused = chosen && canvas.model.pane == Pane::Main && canvas.model.dialog.is_none();
        let name = if masked { MASK.to_owned() } else { one_line(record) };
        let mark = if chosen { ">" } else { " " };
        let base = if focused { theme.selection } else { Style::new() };
        let mut spans = vec![Span::styled(format!("{mark}{} ", fit(&name, id_width)), base)];
        for &at in &shown {
            let Some(entry) = cells.get(at) else { continue };
            let style = style_of(canvas, entry.state);
            let style = match (focused, at == view.column) {
                (true, true) => theme.focus.patch(theme.selection),
                (true, false) => theme.selection,
                _ => style,
            };
            spans.push(Span::styled(fit(&text_of(*entry), cell), style));
        }
        let row = Rect { y, height: 1, ..inner };
        canvas.line(row.x, y, row.width, &Line::from(spans));
        canvas.hit(row, Hit::Row(Pane::Main, i));
    }
    let legend = legend.iter().map(|line| (line, theme.muted));
    let lines = legend.chain(totals.iter().map(|line| (line, theme.title)));
    for (i, (line, style)) in lines.enumerate() {
        let y = inner.bottom().saturating_sub(below as u16) + i as u16;
        canvas.text(inner.x + 1, y, inner.width.saturating_sub(2), line, style);
    }
}

/// What the signs mean, where the card that tells it is not beside and there is room.
fn legend(canvas: &Canvas, inner: Rect, view: &GridView) -> Vec<String> {
    if canvas.model.room() == Room::Wide || inner.height < 12 {
        return Vec::new();
    }
    // A sign and its words stay together: the blank between them is no place to break.
    let signs = State::ALL
        .into_iter()
        .filter(|s| (view.grid.surveys || !s.is_of_survey()) && *s != State::NotUsed)
        .map(|s| format!("{} {}", s.sign(), s.words()).replace(' ', "\u{a0}"));
    let text: Vec<String> =
        signs.chain(["C2\u{a0}two,\u{a0}the\u{a0}worst\u{a0}complete".to_owned()]).collect();
    let lines = wrap(&text.join("  "), usize::from(inner.width).saturating_sub(2));
    lines.into_iter().map(|l| l.replace('\u{a0}', " ")).collect()
}

fn title(view: &GridView) -> String {
    let (n, all) = (view.rows.len(), view.grid.rows.len());
    let mut title = "Status of all instruments".to_owned();
    if n < all {
        title.push_str(&format!("   {} of {} records", grouped(n as u64), grouped(all as u64)));
    }
    if !view.filter.is_empty() {
        title.push_str(&format!("   filter: {}", one_line(&view.filter)));
    }
    title
}

/// Two header lines: the event where it begins, then the instruments, as far as `cell` columns show
/// them; the card has the whole name.
fn heads(canvas: &mut Canvas, inner: Rect, open: &Open, shown: &[usize], (id_width, cell): (usize, usize)) {
    let theme = canvas.theme;
    let view = &open.grid;
    let mut x = inner.x + id_width as u16 + 2;
    let mut last = None;
    for (i, &at) in shown.iter().enumerate() {
        let Some(column) = view.grid.columns.get(at) else { continue };
        if last != Some(&column.event) {
            let same = shown[i..]
                .iter()
                .take_while(|&&at| view.grid.columns.get(at).is_some_and(|c| c.event == column.event))
                .count();
            let name = one_line(&open.metadata.event_label(&column.event));
            let text = if column.event.is_empty() { String::new() } else { cut(&name, same * cell - 1) };
            canvas.text(x, inner.y, (same * cell) as u16, &text, theme.title);
            last = Some(&column.event);
        }
        let style = if at == view.column { theme.focus } else { theme.muted };
        let label = without_html(&one_line(open.metadata.instrument_label(&column.form)));
        let label = if view.sort == Some(at) { format!("▴{label}") } else { label };
        canvas.text(x, inner.y + 1, cell as u16 - 1, &cut(&label, cell - 1), style);
        x += cell as u16;
    }
}

fn text_of(cell: Cell) -> String {
    if cell.instances > 0 {
        format!("{}{}", cell.state.sign(), cell.instances)
    } else {
        cell.state.sign().to_owned()
    }
}

fn style_of(canvas: &Canvas, state: State) -> Style {
    match state {
        State::Complete | State::SurveyComplete => canvas.theme.good,
        State::Unverified | State::SurveyPartial => canvas.theme.warning,
        State::Incomplete => canvas.theme.bad,
        State::NotStarted | State::NoVisit | State::NotUsed => canvas.theme.muted,
    }
}

/// The totals of the column under the cursor, in words.
fn of_column(view: &GridView) -> String {
    format!("This column: {}", counts(view, &[view.column], view.grid.instances(&view.rows, view.column)))
}

/// The totals of its instrument at all events, those that repeat counted apart; `None` where it is
/// used at one event.
fn of_instrument(open: &Open) -> Option<String> {
    let view = &open.grid;
    let form = &view.grid.columns.get(view.column)?.form;
    let repeats = |at: usize, event: &str| {
        let own = |r: &crate::domain::event::Repeating| r.event == event && (r.is_event() || r.form == *form);
        open.metadata.repeating.list().iter().any(own) || view.grid.instances(&view.rows, at) > 0
    };
    let columns = view.grid.columns.iter().enumerate().filter(|(_, c)| c.form == *form);
    let (apart, planned): (Vec<_>, Vec<_>) = columns.partition(|(at, c)| repeats(*at, &c.event));
    if planned.is_empty() || planned.len() + apart.len() < 2 {
        return None;
    }
    let planned: Vec<usize> = planned.into_iter().map(|(at, _)| at).collect();
    let instances = apart.into_iter().map(|(at, _)| view.grid.instances(&view.rows, at)).sum();
    let label = without_html(&one_line(open.metadata.instrument_label(form)));
    Some(format!("{label} at all events: {}", counts(view, &planned, instances)))
}

/// How often each state is in these columns, and the instances that are not among them.
fn counts(view: &GridView, columns: &[usize], instances: usize) -> String {
    let count = |s: State| columns.iter().map(|at| view.grid.count(&view.rows, *at, s)).sum::<usize>();
    let mut parts: Vec<String> = State::ALL
        .into_iter()
        .filter(|s| *s != State::NotUsed)
        .map(|s| (s, count(s)))
        .filter(|(_, n)| *n > 0)
        .map(|(s, n)| format!("{} {n}", s.words()))
        .collect();
    if instances > 0 {
        parts.push(format!("{instances} instances apart"));
    }
    parts.join(", ")
}

/// Draws what the chosen cell means, the signs, and the whole record in words.
pub fn draw_card(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.grid;
    let inner = canvas.pane(area, Pane::Card, "Status", "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    if let (Some(column), Some((at, (_, cells)))) =
        (view.grid.columns.get(view.column), view.chosen().and_then(|at| Some((at, view.grid.rows.get(at)?))))
    {
        let form = without_html(&one_line(open.metadata.instrument_label(&column.form)));
        pair(&mut lines, &theme, "Instrument", &form, width);
        if !column.event.is_empty() {
            pair(&mut lines, &theme, "Event", &one_line(&open.metadata.event_label(&column.event)), width);
        }
        if let Some(cell) = cells.get(view.column) {
            let words = match cell.instances {
                0 => cell.state.words().to_owned(),
                n => format!("{n} instances, the worst {}", cell.state.words()),
            };
            pair(&mut lines, &theme, "Status", &words, width);
        }
        if let Some(group) = view.grid.groups.get(at).filter(|g| !g.is_empty()) {
            pair(&mut lines, &theme, "DAG", &one_line(group), width);
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled("Signs", theme.title));
    for state in State::ALL.into_iter().filter(|s| view.grid.surveys || !s.is_of_survey()) {
        lines.push(Line::from(vec![
            Span::styled(format!("  {}  ", state.sign()), style_of(canvas, state)),
            Span::raw(state.words()),
        ]));
    }
    for (i, line) in wrap("two, the worst complete", width.saturating_sub(5)).into_iter().enumerate() {
        lines.push(Line::raw(format!("  {} {line}", if i == 0 { "C2" } else { "  " })));
    }
    if open.metadata.repeating.known().is_none() && open.metadata.info.has_repeating {
        let text = "inferred from the data: this token may not read the set-up. Forms with no data yet may repeat too.";
        entry(&mut lines, &theme, "What repeats", text, width);
    }
    for form in &view.grid.unreadable {
        let label = without_html(&one_line(open.metadata.instrument_label(form)));
        entry(
            &mut lines,
            &theme,
            "Not readable",
            &format!("{label}: this token's export rights leave its status out."),
            width,
        );
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}
