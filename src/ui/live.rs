//! Data Entry Triggers as they arrive.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::{cut, fit, wrap};
use crate::app::live::{self, LiveState};
use crate::app::model::Pane;
use crate::app::running::grouped;
use crate::domain::text::one_line;
use crate::domain::trigger::feed::Line as FeedLine;
use crate::domain::trigger::judge::Verdict;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws the receiver's state and address, then what came, newest first.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let live = &canvas.model.live;
    let n = live.feed.len();
    let status = if n == 0 { String::new() } else { format!("{} of {n}", live.cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Main, "Live: Data Entry Triggers", &status);
    let width = usize::from(inner.width).saturating_sub(2);
    let mut head: Vec<(String, Style)> = Vec::new();
    match &live.state {
        LiveState::Off => head.push(("Receiving is off. s starts it.".into(), theme.warning)),
        LiveState::Starting => head.push(("Starting...".into(), theme.muted)),
        LiveState::Failed(problem) => head.push((format!("! {}", one_line(&problem.one_line())), theme.bad)),
        LiveState::On(listening) => {
            head.push((format!("Receiving at {}   (c copies)", listening.url), theme.good));
            let text = "Enter this address in REDCap: Project Setup, Additional customizations, Data Entry \
                        Trigger. Only a REDCap on this computer can reach it.";
            head.extend(wrap(text, width).into_iter().map(|line| (line, theme.muted)));
        }
    }
    if live.feed.total > 0 || live.refused > 0 {
        head.push((counts(canvas), theme.muted));
    }
    head.push((String::new(), theme.muted));
    for (i, (text, style)) in head.iter().enumerate().take(inner.height.into()) {
        canvas.text(inner.x + 1, inner.y + i as u16, inner.width.saturating_sub(2), text, *style);
    }
    let used = (head.len() as u16).min(inner.height);
    let list = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    if n == 0 {
        let on = live.listening().is_some();
        let text = if on {
            "Nothing came yet. A trigger comes each time somebody saves a form or a survey page."
        } else {
            "REDCap tells an address of your choice whenever somebody saves a form or a survey page. \
             This section shows what it tells, as it arrives."
        };
        let more = "For other computers, HTTPS, forwarding to a handler of yours, or starting a program: \
                    capscope triggers listen --help";
        return canvas.message(list, &[(text, Style::new()), (more, theme.muted)]);
    }
    let top = live.cursor.visible_top(n, page);
    let rows: Vec<Row> =
        live.feed.lines().skip(top).take(page).map(|line| row(canvas, line, width)).collect();
    canvas.rows(list, Pane::Main, top, Some(live.cursor.at), &rows);
}

/// How many came, and when the last one did.
fn counts(canvas: &Canvas) -> String {
    let live = &canvas.model.live;
    let mut parts = vec![format!("{} triggers", grouped(live.feed.total))];
    if live.feed.suspicious > 0 {
        parts.push(format!("{} suspicious", grouped(live.feed.suspicious)));
    }
    if live.refused > 0 {
        parts.push(format!("{} refused", grouped(live.refused)));
    }
    if let Some(last) = live.feed.last() {
        parts.push(format!("last {} UTC", last.strftime("%H:%M:%S")));
    }
    parts.join(", ")
}

fn row(canvas: &Canvas, line: &FeedLine, width: usize) -> Row {
    let theme = canvas.theme;
    let trigger = &line.trigger;
    let (project, style) = match &line.verdict {
        Verdict::Fits { name, .. } => (one_line(name), Style::new()),
        Verdict::Suspicious(_) => ("! suspicious".to_owned(), theme.bad),
    };
    let record = live::shown_record(canvas.model, line);
    let times = if line.times > 1 { format!(" ({} times)", line.times) } else { String::new() };
    let event = if trigger.event.is_empty() { String::new() } else { format!(" at {}", trigger.event) };
    let place = one_line(&format!("{}{times}{event}", live::place(trigger)));
    let project_width = (width.saturating_sub(34) / 2).clamp(12, 24);
    let used = 10 + project_width + 1 + 10 + 1 + 10 + 1;
    Row::from(vec![
        Span::styled(format!("{}  ", line.last.strftime("%H:%M:%S")), theme.muted),
        Span::styled(fit(&project, project_width), style),
        Span::raw(" "),
        Span::raw(fit(&record, 10)),
        Span::raw(" "),
        Span::raw(fit(&one_line(trigger.status_words()), 10)),
        Span::raw(" "),
        Span::raw(cut(&place, width.saturating_sub(used))),
    ])
}

/// Draws one trigger whole, or what triggers cannot tell.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Card, "Trigger", "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let live = &canvas.model.live;
    if let Some(line) = live.chosen() {
        let trigger = &line.trigger;
        match &line.verdict {
            Verdict::Fits { name, .. } => pair(&mut lines, &theme, "Project", &one_line(name), width),
            Verdict::Suspicious(why) => {
                lines.push(Line::styled("! Suspicious", theme.bad));
                lines.extend(wrap(&why.to_string(), width).into_iter().map(Line::raw));
                lines.push(Line::default());
                pair(&mut lines, &theme, "PID", &trigger.project_id.to_string(), width);
            }
        }
        let instance = trigger.instance.map(|n| n.to_string()).unwrap_or_default();
        let times = if line.times > 1 {
            format!("{} times since {}", line.times, line.first.strftime("%H:%M:%S"))
        } else {
            String::new()
        };
        let last = format!("{} UTC", line.last.strftime("%Y-%m-%d %H:%M:%S"));
        let record = live::shown_record(canvas.model, line);
        for (name, value) in [
            ("Record", record.as_str()),
            ("Instrument", &trigger.instrument),
            ("Event", &trigger.event),
            ("Instance", &instance),
            ("Status", trigger.status_words()),
            ("Saved by", &trigger.username),
            ("Group", &trigger.dag),
            ("Came", &last),
            ("", &times),
            ("Server", &trigger.redcap_url),
        ] {
            if !value.is_empty() {
                pair(&mut lines, &theme, name, &one_line(value), width);
            }
        }
        if !trigger.other.is_empty() {
            let names: Vec<&str> = trigger.other.iter().map(|(name, _)| name.as_str()).collect();
            entry(&mut lines, &theme, "Parameters not known here", &one_line(&names.join(", ")), width);
        }
        let trust = "A trigger is not signed: whoever knows the address can send one. Enter reads the record \
                     from the server itself.";
        entry(&mut lines, &theme, "How sure it is", trust, width);
    }
    let limits = "A trigger tells that a form was saved, not what was saved. Imports, also those of the mobile app, \
                  send none. There is one address for each project, and REDCap never sends a trigger again.";
    entry(&mut lines, &theme, "What triggers cannot do", limits, width);
    if let Some((at, why)) = &live.last_refused {
        let text = format!("{}: {}", at.strftime("%H:%M:%S"), one_line(why));
        entry(&mut lines, &theme, "Last post refused", &text, width);
    }
    if let Some(at) = live.tested {
        let text = format!("{} UTC: somebody looked whether the address answers.", at.strftime("%H:%M:%S"));
        entry(&mut lines, &theme, "Last test", &text, width);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, 0, &lines);
}
