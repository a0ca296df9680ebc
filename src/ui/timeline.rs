//! The timeline of one record, day by day.

use super::canvas::{Canvas, Row};
use super::changes::{here, line_text, zone_heads};
use super::text::fit;
use crate::app::changes::LogLoad;
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::app::record_view::RecordView;
use crate::app::running::{Slot, grouped};
use crate::app::timeline::{Line as Entry, Timeline};
use crate::domain::changes::{Change, Kind, who};
use crate::domain::text::one_line;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it, or why it is not there.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open, view: &RecordView) {
    let theme = canvas.theme;
    let timeline = &view.timeline;
    let n = timeline.lines.len();
    let entries = timeline.read.entries.len();
    let name = open.shown_record(&view.record);
    let title = if n == 0 {
        format!("Timeline of {name}")
    } else {
        format!("Timeline of {name}   {} log lines", grouped(entries as u64))
    };
    let status = if n == 0 { String::new() } else { format!("line {} of {n}", timeline.cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Main, &title, &status);
    if n == 0 {
        return empty(canvas, inner, timeline);
    }
    let width = usize::from(inner.width).saturating_sub(1);
    let (server, local) = zone_heads(canvas, &timeline.read);
    let (server_width, here_width, who_width) = (server.len().max(6), local.len().max(11), 20);
    let what_width = width.saturating_sub(server_width + here_width + who_width + 6).max(10);
    let head = format!(
        " {}  {}  {}  what",
        fit(&server, server_width),
        fit(&local, here_width),
        fit("who", who_width)
    );
    canvas.text(inner.x, inner.y, inner.width, &head, theme.title);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    let top = timeline.cursor.visible_top(n, page);
    let rows: Vec<Row> = timeline
        .lines
        .iter()
        .skip(top)
        .take(page)
        .map(|line| match line {
            Entry::Day(day, n) => Row::styled(
                format!("{}   {n} {}", one_line(day), if *n == 1 { "line" } else { "lines" }),
                theme.title,
            ),
            Entry::Entry(at, change) => {
                let Some(line) = timeline.read.entries.get(*at) else { return Row::default() };
                let time = line.timestamp.get(11..).unwrap_or_default();
                let style = if change.kind == Kind::Deleted { theme.bad } else { Style::new() };
                Row::from(vec![
                    Span::styled(
                        format!(
                            "{}  {}  ",
                            fit(&one_line(time), server_width),
                            fit(&here(canvas, timeline.read.clock, &line.timestamp), here_width)
                        ),
                        theme.muted,
                    ),
                    Span::raw(format!("{}  ", fit(&one_line(who(&line.username)), who_width))),
                    Span::styled(fit(&what(change, &line.action), what_width), style),
                ])
            }
        })
        .collect();
    canvas.rows(list, Pane::Main, top, Some(timeline.cursor.at), &rows);
}

/// What was done and where, in words.
fn what(change: &Change, action: &str) -> String {
    let mut text = match change.kind {
        k if k.is_of_record() && k != Kind::OtherRecord => k.words().to_owned(),
        _ => one_line(action),
    };
    if !change.place.is_empty() {
        text.push_str(&format!(", {}", one_line(&change.place)));
    }
    if let Some(instance) = change.instance {
        text.push_str(&format!(", instance {instance}"));
    }
    text
}

fn empty(canvas: &mut Canvas, inner: Rect, timeline: &Timeline) {
    let theme = canvas.theme;
    if let Some(running) = canvas.model.jobs.get(Slot::Timeline) {
        let line = format!("{}  Esc stops.", running.line(canvas.model.now));
        return canvas.message(inner, &[(&line, theme.muted)]);
    }
    match &timeline.load {
        LogLoad::Failed(problem) => {
            canvas.failed(
                inner,
                problem,
                "{reload}  tries again      {problem-details}  shows all about it      Esc  goes back",
            );
        }
        LogLoad::Done(_) => match &timeline.read.refused {
            Some(why) => canvas.message(
                inner,
                &[
                    ("This token may not read the log.", theme.bad),
                    (&one_line(why), theme.muted),
                    (
                        "Ask for the right Logging (User Rights in REDCap). Esc goes back to the record.",
                        Style::new(),
                    ),
                ],
            ),
            None => {
                let text = "The log has no line that names this record.";
                canvas.message(inner, &[(text, Style::new())]);
            }
        },
        LogLoad::Never | LogLoad::Running => {
            canvas.message(inner, &[("Stopped.  {reload}  reads the log.", Style::new())]);
        }
    }
}

/// Draws the chosen line whole.
pub fn draw_card(canvas: &mut Canvas, area: Rect, open: &Open, view: &RecordView) {
    let timeline = &view.timeline;
    let inner = canvas.pane(area, Pane::Card, "Log line", "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    if let Some(Entry::Entry(at, change)) = timeline.lines.get(timeline.cursor.at)
        && let Some(line) = timeline.read.entries.get(*at)
    {
        line_text(canvas, &mut lines, open, &timeline.read, line, change, width);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}
