//! What is missing, the most urgent first.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::{counted, fit, wrap};
use crate::app::changes::LogLoad;
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::app::running::{Slot, grouped};
use crate::app::worklist::{Verdict, WorklistView, anchor_words, group_label};
use crate::domain::text::{first_of, one_line, without_html};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws the list, or why there is nothing.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.work;
    let n = view.rows.len();
    let status =
        if n == 0 { String::new() } else { format!("row {} of {}", view.cursor.at + 1, grouped(n as u64)) };
    let inner = canvas.pane(area, Pane::Main, &title(view), &status);
    let read = view.list.records > 0 || matches!(view.load, LogLoad::Done(_));
    let mut y = inner.y;
    if read {
        for (text, style) in remarks(canvas, open) {
            for line in
                wrap(&canvas.model.options.keys.say(&text), usize::from(inner.width).saturating_sub(2))
            {
                if y < inner.bottom() {
                    canvas.text(inner.x + 1, y, inner.width.saturating_sub(1), &line, style);
                    y += 1;
                }
            }
        }
    }
    let rest = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
    if n == 0 {
        return empty(canvas, rest, view);
    }
    let width = usize::from(rest.width).saturating_sub(1);
    let items: Vec<_> = view.rows.iter().filter_map(|&at| view.list.items.get(at)).collect();
    let record_width = items.iter().map(|i| i.record.len()).max().unwrap_or(6).clamp(6, 16);
    let has_dags = view.list.items.iter().any(|i| !i.dag.is_empty()) && width >= 70;
    let dag_width = if has_dags { 10 } else { 0 };
    let place_width = (width.saturating_sub(record_width + dag_width) / 3).clamp(14, 32);
    let mut head = format!(" {}  ", fit("record", record_width));
    if has_dags {
        head.push_str(&fit("DAG", dag_width));
    }
    head.push_str(&format!("{}  what", fit("visit, form", place_width)));
    canvas.text(rest.x, rest.y, rest.width, &head, theme.title);
    let list = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    let top = view.cursor.visible_top(n, page);
    let rows: Vec<Row> = items
        .iter()
        .skip(top)
        .take(page)
        .map(|item| {
            let mut parts =
                vec![Span::raw(format!("{}  ", fit(&open.shown_record(&item.record), record_width)))];
            if has_dags {
                let label = one_line(&group_label(&open.metadata, &item.dag));
                parts.push(Span::styled(fit(&label, dag_width - 1) + " ", theme.muted));
            }
            parts.push(Span::raw(format!("{}  ", fit(&place(open, item), place_width))));
            parts.push(Span::styled(short(item), style(canvas, &item.verdict)));
            Row::from(parts)
        })
        .collect();
    canvas.rows(list, Pane::Main, top, Some(view.cursor.at), &rows);
}

/// What is urgent comes first on the line, since a narrow pane cuts its end.
fn short(item: &crate::app::worklist::Item) -> String {
    let Some(w) = item.window else { return item.words() };
    let day = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
    let window = format!("due {}, window {}..{}", w.due, w.from, w.to);
    match item.verdict {
        Verdict::Late(n) => format!("no visit, late {}, {window}", day(n)),
        Verdict::Due(0) => format!("no visit, last day, {window}"),
        Verdict::Due(n) => format!("no visit, {} left, {window}", day(n)),
        _ => item.words(),
    }
}

fn place(open: &Open, item: &crate::app::worklist::Item) -> String {
    let form = without_html(&one_line(open.metadata.instrument_label(&item.form)));
    let event = one_line(&open.metadata.event_label(&item.event));
    let instance = item.instance.map_or(String::new(), |n| format!(" #{n}"));
    match (event.is_empty(), form.is_empty()) {
        (true, _) => format!("{form}{instance}"),
        (false, true) => event,
        (false, false) => format!("{event}, {form}{instance}"),
    }
}

fn style(canvas: &Canvas, verdict: &Verdict) -> Style {
    let theme = canvas.theme;
    match verdict {
        Verdict::Late(_) | Verdict::Started => theme.bad,
        Verdict::Due(_) | Verdict::RequiredBlank(_) => theme.warning,
        Verdict::NotStarted | Verdict::Blank(_) => Style::new(),
        Verdict::NoAnchor(_) | Verdict::NoPlan | Verdict::NotYet(_) => theme.muted,
    }
}

fn title(view: &WorklistView) -> String {
    let mut title = "What is missing".to_owned();
    if matches!(view.load, LogLoad::Done(_)) || view.list.records > 0 {
        let (late, due) = view.counts();
        title.push_str(&format!("   {late} late, {due} due now"));
    }
    if !view.filter.is_empty() {
        title.push_str(&format!("   filter: {}", one_line(&view.filter)));
    }
    title
}

/// What the list goes by, and what is not in it.
fn remarks(canvas: &Canvas, open: &Open) -> Vec<(String, Style)> {
    let theme = canvas.theme;
    let view = &open.work;
    let mut remarks = Vec::new();
    let from = match &view.list.anchor {
        Some(anchor) => format!("Counted from {}.", one_line(&anchor_words(&open.metadata, anchor))),
        None if open.metadata.info.is_longitudinal => "No date field to count visits from.".to_owned(),
        None => String::new(),
    };
    let scheduled = crate::domain::worklist::has_schedule(&open.metadata);
    let plan = if open.metadata.info.is_longitudinal && !scheduled {
        " The events have no planned days (scheduling is off), so nothing can be late."
    } else {
        ""
    };
    let group = view.dag.as_ref().map_or(String::new(), |dag| {
        let label =
            if dag.is_empty() { "none".to_owned() } else { one_line(&group_label(&open.metadata, dag)) };
        format!(" Only Data Access Group: {label} ({{next-group}}).")
    });
    let text = format!("{from}{plan}{group}");
    if !text.is_empty() {
        remarks.push((text, theme.muted));
    }
    if open.metadata.repeating.known().is_none() && open.metadata.info.has_repeating {
        let text = "What repeats is inferred from the data: this token may not read the set-up.";
        remarks.push((text.to_owned(), theme.muted));
    }
    if !view.list.unreadable.is_empty() {
        let n = view.list.unreadable.len();
        let names = first_of(&view.list.unreadable, 6);
        remarks.push((
            format!("{n} fields cannot be checked, this token's export rights leave them out: {names}."),
            theme.warning,
        ));
    }
    if view.list.unknown > 0 {
        remarks.push((
            format!(
                "{} blanks are not listed: their branching logic cannot be worked out here.",
                view.list.unknown
            ),
            theme.warning,
        ));
    }
    remarks
}

fn empty(canvas: &mut Canvas, inner: Rect, view: &WorklistView) {
    let theme = canvas.theme;
    if let Some(running) = canvas.model.jobs.get(Slot::Work) {
        let line = format!("{}  Esc stops.", running.line(canvas.model.now));
        return canvas.message(inner, &[(&line, theme.muted)]);
    }
    match &view.load {
        LogLoad::Failed(problem) => {
            canvas.failed(inner, problem, "{reload}  tries again      {problem-details}  shows all about it");
        }
        LogLoad::Never | LogLoad::Running => {
            canvas.message(inner, &[("Stopped.  {reload}  reads it.", Style::new())]);
        }
        LogLoad::Done(_) if !view.filter.is_empty() || view.dag.is_some() => {
            canvas.message(
                inner,
                &[("No line is left. Esc clears the filter, {next-group} changes the group.", Style::new())],
            );
        }
        LogLoad::Done(_) => {
            let text = format!(
                "Nothing is missing in the {} records that this token may see.",
                grouped(view.list.records as u64)
            );
            canvas.message(inner, &[(&text, Style::new())]);
        }
    }
}

/// Draws the chosen line whole, and what the words mean.
pub fn draw_card(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.work;
    let Some(item) = view.chosen() else {
        let inner = canvas.pane(area, Pane::Card, "Missing", "");
        return canvas.message(inner, &[("Choose a line to see it whole.", theme.muted)]);
    };
    let inner = canvas.pane(area, Pane::Card, &format!("Record {}", open.shown_record(&item.record)), "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    if !item.dag.is_empty() {
        pair(&mut lines, &theme, "DAG", &one_line(&group_label(&open.metadata, &item.dag)), width);
    }
    if !item.event.is_empty() {
        pair(&mut lines, &theme, "Event", &one_line(&open.metadata.event_label(&item.event)), width);
    }
    if !item.form.is_empty() {
        let form = without_html(&one_line(open.metadata.instrument_label(&item.form)));
        pair(&mut lines, &theme, "Instrument", &form, width);
    }
    if let Some(instance) = item.instance {
        pair(&mut lines, &theme, "Instance", &instance.to_string(), width);
    }
    if let Some(w) = item.window {
        pair(&mut lines, &theme, "Due", &w.due.to_string(), width);
        pair(&mut lines, &theme, "Window", &format!("{} to {}", w.from, w.to), width);
    }
    // The due day and the window stand above already.
    let missing = match item.verdict {
        Verdict::Late(n) => {
            format!("no visit, late {}", counted(usize::try_from(n).unwrap_or_default(), "day"))
        }
        Verdict::Due(0) => "no visit, today is the last day".to_owned(),
        Verdict::Due(n) => {
            format!("no visit, {} left", counted(usize::try_from(n).unwrap_or_default(), "day"))
        }
        Verdict::NotYet(_) => "not yet due".to_owned(),
        _ => item.words(),
    };
    entry(&mut lines, &theme, "What is missing", &one_line(&missing), width);
    if let Verdict::RequiredBlank(fields) | Verdict::Blank(fields) = &item.verdict {
        for name in fields {
            let label = open.metadata.dictionary.field(name).map_or("", |f| f.label.as_str());
            entry(&mut lines, &theme, name, &without_html(&one_line(label)), width);
        }
    }
    let from = view.list.anchor.as_ref().map_or(String::new(), |a| anchor_words(&open.metadata, a));
    let no_date = format!(
        "There is no row for this visit. When it is due cannot be told: visits are counted from {}, which is blank in this record.",
        one_line(&from)
    );
    let text = match item.verdict {
        Verdict::Late(_) | Verdict::Due(_) | Verdict::NotYet(_) => {
            "REDCap exports no row for this visit, so nothing was entered."
        }
        Verdict::NoAnchor(_) => &no_date,
        Verdict::NoPlan => "There is no row for this visit. When it is due cannot be told.",
        Verdict::Started => "The form was saved and its status is Incomplete.",
        Verdict::NotStarted => "The visit has data in other forms; this one was never saved.",
        Verdict::RequiredBlank(_) | Verdict::Blank(_) => {
            "Fields that branching logic hides are not listed; a missing data code counts as an answer."
        }
    };
    entry(&mut lines, &theme, "What that means", text, width);
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}
