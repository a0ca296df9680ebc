//! What changed, by record, and the card with the lines of one record.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::fit;
use crate::app::changes::{ChangesView, LogLoad};
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::app::running::{Slot, grouped};
use crate::domain::changes::{Change, Group, Kind, Span, who};
use crate::domain::clock::{ServerClock, zone_words};
use crate::domain::log::LogEntry;
use crate::domain::text::one_line;
use crate::jobs::types::LogRead;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span as Part};

/// The width of a server time, and of the same moment here.
const SERVER: usize = 16;
const HERE: usize = 11;

/// A time of the log as this computer's clocks show it: `21:15`, with the day if it is another.
pub fn here(canvas: &Canvas, clock: Option<ServerClock>, time: &str) -> String {
    let Some(moment) = clock.and_then(|c| c.moment(time)) else { return "?".to_owned() };
    let zone = &canvas.model.options.zone;
    let shown = zone.to_datetime(moment).strftime("%Y-%m-%d %H:%M").to_string();
    match (shown.get(..10) == time.get(..10), shown.get(11..), shown.get(5..)) {
        (true, Some(clock), _) => clock.to_owned(),
        (false, _, Some(day)) => day.to_owned(),
        _ => shown,
    }
}

/// The heads of the two time columns, with their zones.
pub fn zone_heads(canvas: &Canvas, read: &LogRead) -> (String, String) {
    let server = read.clock.map_or("server".to_owned(), |c| format!("server {}", c.words()));
    let offset = canvas.model.options.zone.to_offset(canvas.model.now).seconds();
    (server, format!("here {}", zone_words(i64::from(offset) / 60)))
}

/// Draws what changed, or why there is nothing.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.changes;
    let n = view.groups.len();
    let status =
        if n == 0 { String::new() } else { format!("row {} of {}", view.cursor.at + 1, grouped(n as u64)) };
    let inner = canvas.pane(area, Pane::Main, &title(view), &status);
    let remarks = remarks(view);
    let mut y = inner.y;
    for text in &remarks {
        for line in super::text::wrap(text, usize::from(inner.width).saturating_sub(2)) {
            if y < inner.bottom() {
                canvas.text(inner.x + 1, y, inner.width.saturating_sub(1), &line, theme.warning);
                y += 1;
            }
        }
    }
    let rest = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
    if n == 0 {
        return empty(canvas, rest, view);
    }
    let width = usize::from(rest.width).saturating_sub(1);
    if view.read.refused.is_some() {
        return names_only(canvas, rest, open);
    }
    let (server, local) = zone_heads(canvas, &view.read);
    let record_width = view.groups.iter().map(|g| g.record.len()).max().unwrap_or(6).clamp(6, 16);
    // A narrow pane has no room for the year; the card has it.
    let (from, server_width) = if width < 90 { (5, HERE) } else { (0, SERVER) };
    let what_width = width.saturating_sub(server_width + HERE + record_width + 8 + 15).max(12);
    let head = format!(
        " {}  {}  {}  {}  who",
        fit(&server, server_width),
        fit(&local, HERE),
        fit("record", record_width),
        fit("what", what_width)
    );
    canvas.text(rest.x, rest.y, rest.width, &head, theme.title);
    let list = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    let top = view.cursor.visible_top(n, page);
    let rows: Vec<Row> = view
        .groups
        .iter()
        .skip(top)
        .take(page)
        .map(|g| {
            let time = newest(view, g).map_or(String::new(), |e| one_line(&e.timestamp));
            let local = if time.is_empty() { String::new() } else { here(canvas, view.read.clock, &time) };
            let time = time.get(from..).unwrap_or_default();
            let style = match g.kinds.first() {
                Some(Kind::Deleted) => theme.bad,
                Some(k) if !k.is_of_record() => theme.muted,
                _ => Style::new(),
            };
            let record = if g.record.is_empty() { "-".to_owned() } else { open.shown_record(&g.record) };
            Row::from(vec![
                Part::styled(format!("{}  {}  ", fit(time, server_width), fit(&local, HERE)), theme.muted),
                Part::raw(format!("{}  ", fit(&record, record_width))),
                Part::styled(format!("{}  ", fit(&view.what(g), what_width)), style),
                Part::raw(one_line(&g.who.join(", "))),
            ])
        })
        .collect();
    canvas.rows(list, Pane::Main, top, Some(view.cursor.at), &rows);
}

/// The records without their log lines: nothing else is known of them.
fn names_only(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.changes;
    let width = view.groups.iter().map(|g| g.record.len()).max().unwrap_or(6).clamp(6, 30);
    canvas.text(area.x, area.y, area.width, &format!(" {}  what", fit("record", width)), theme.title);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    let top = view.cursor.visible_top(view.groups.len(), page);
    let row = |g: &Group| {
        let record = fit(&open.shown_record(&g.record), width);
        Row::from(vec![Part::raw(format!("{record}  ")), Part::raw(view.what(g))])
    };
    let rows: Vec<Row> = view.groups.iter().skip(top).take(page).map(row).collect();
    canvas.rows(list, Pane::Main, top, Some(view.cursor.at), &rows);
}

fn newest<'a>(view: &'a ChangesView, group: &Group) -> Option<&'a LogEntry> {
    group.lines.first().and_then(|&at| view.read.entries.get(at))
}

fn title(view: &ChangesView) -> String {
    let mut title = "What changed".to_owned();
    if view.read.begin.is_empty() {
        return title;
    }
    let span = match &view.read.span {
        Span::Since(time) => format!("since {}", one_line(time)),
        Span::Day if view.wish.is_none() && view.is_first_look() => "last 24 h (first look)".to_owned(),
        other => other.words().to_owned(),
    };
    let (records, deleted, _) = view.counts();
    let word = if records == 1 { "record" } else { "records" };
    title.push_str(&format!("  {} {word}", grouped(records as u64)));
    if deleted > 0 {
        title.push_str(&format!(", {deleted} deleted"));
    }
    title.push_str(&format!("  {span}"));
    if !view.filter.is_empty() {
        title.push_str(&format!("   filter: {}", one_line(&view.filter)));
    }
    title
}

/// What must be known to read the list rightly.
fn remarks(view: &ChangesView) -> Vec<String> {
    let mut remarks = Vec::new();
    if matches!(view.load, LogLoad::Never | LogLoad::Running) && view.read.begin.is_empty() {
        return remarks;
    }
    if let Some(why) = &view.read.refused {
        remarks.push(format!(
            "This token may not read the log (right: Logging), so these are the records that REDCap calls created or changed. Deletions cannot be seen this way, nor who did it. {}",
            one_line(why)
        ));
        remarks.push(
            "The server's clock is not known: up to 26 hours more than asked for are in this list.".into(),
        );
    } else if view.read.clock.is_none() {
        remarks.push(
            "The server's time zone could not be told from its log: up to 26 hours more than asked for are in this list.".into(),
        );
    }
    remarks
}

fn empty(canvas: &mut Canvas, inner: Rect, view: &ChangesView) {
    let theme = canvas.theme;
    if let Some(running) = canvas.model.jobs.get(Slot::Log) {
        let line = format!("{}  Esc stops.", running.line(canvas.model.now));
        return canvas.message(inner, &[(&line, theme.muted)]);
    }
    match &view.load {
        LogLoad::Failed(problem) => {
            canvas.failed(inner, problem, "{reload}  tries again      {next-span}  another span      {problem-details}  shows all about it");
        }
        LogLoad::Never | LogLoad::Running => {
            canvas.message(inner, &[("Stopped.  {reload}  reads the log.", Style::new())]);
        }
        LogLoad::Done(_) if !view.filter.is_empty() => {
            let text = format!("No row has {}. Esc clears the filter.", one_line(&view.filter));
            canvas.message(inner, &[(&text, Style::new())]);
        }
        LogLoad::Done(_) => {
            if view.read.refused.is_some() {
                let text = format!("No record was created or changed since {}.", view.read.begin);
                let texts = [(text.as_str(), Style::new()), ("{next-span}  another span", theme.title)];
                return canvas.message(inner, &texts);
            }
            let (_, _, other) = view.counts();
            let text = format!("No record changed since {} (server time).", view.read.begin);
            let more = format!(
                "{{other-lines}}  shows {other} lines about design, exports and users      {{next-span}}  another span"
            );
            canvas.message(inner, &[(&text, Style::new()), (&more, theme.title)]);
        }
    }
}

/// Draws the lines of the chosen record, newest first, with what was saved.
pub fn draw_card(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.changes;
    let title = match view.chosen() {
        Some(g) if !g.record.is_empty() => format!("Record {}", open.shown_record(&g.record)),
        Some(_) => "Log line".to_owned(),
        None => "Change".to_owned(),
    };
    let inner = canvas.pane(area, Pane::Card, &title, "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let group = view.chosen();
    for &at in group.map(|g| g.lines.as_slice()).unwrap_or_default() {
        let (Some(line), Some(change)) = (view.read.entries.get(at), view.changes.get(at)) else { continue };
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        line_text(canvas, &mut lines, open, &view.read, line, change, width);
    }
    if group.is_some_and(|g| g.lines.is_empty()) {
        entry(
            &mut lines,
            &theme,
            "What is known",
            "It was created or changed since then. Who did what is in the log, which this token may not read.",
            width,
        );
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

/// One line of the log as lines of a card: when, who, what, where, and what was saved.
pub fn line_text(
    canvas: &Canvas,
    lines: &mut Vec<Line<'static>>,
    open: &Open,
    read: &LogRead,
    line: &LogEntry,
    change: &Change,
    width: usize,
) {
    let theme = canvas.theme;
    let time = one_line(&line.timestamp);
    let local = here(canvas, read.clock, &time);
    lines.push(Line::styled(time, theme.title));
    if local != "?" {
        pair(lines, &theme, "Here", &local, width);
    }
    pair(lines, &theme, "Who", &one_line(who(&line.username)), width);
    let what = match change.kind {
        k if k.is_of_record() && k != Kind::OtherRecord => k.words().to_owned(),
        _ => one_line(&line.action),
    };
    pair(lines, &theme, "What", &what, width);
    if !change.place.is_empty() {
        pair(lines, &theme, "Event", &one_line(&change.place), width);
    }
    if let Some(instance) = change.instance {
        pair(lines, &theme, "Instance", &instance.to_string(), width);
    }
    for (name, text) in open.details(&line.details) {
        if name.is_empty() && text.starts_with("[instance") {
            continue;
        }
        let text = if name.is_empty() { text } else { format!("{name} = {text}") };
        for part in super::text::wrap(&text, width.saturating_sub(2)) {
            lines.push(Line::raw(format!("  {part}")));
        }
    }
}
