//! One save whole: what its trigger and its line in the log tell, and what triggers cannot tell.

use super::canvas::{Canvas, entry, pair};
use super::live::clock;
use super::text::wrap;
use crate::app::live;
use crate::app::model::Pane;
use crate::domain::changes::who;
use crate::domain::clock::zone_words;
use crate::domain::text::one_line;
use crate::domain::trigger::feed::{Line as FeedLine, Now};
use crate::domain::trigger::judge::Verdict;
use crate::domain::trigger::logged::Logged;
use crate::domain::values::MASK;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// What must be known before triggers are relied on (`redcap-api.md` §11).
pub(super) const LIMITS: &str = "A trigger tells that a form was saved, not what was saved. Imports send none, nor does the mobile app: \
                      watch the log for those. A project has one address for triggers. REDCap never sends one again, \
                      and tells nobody that one was lost. Old versions do not tell the instance. The person who saves \
                      waits for the answer, so a slow handler slows surveys; capscope answers at once.";

/// Draws the save under the cursor, and the limits.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Card, "Save", "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let live = &canvas.model.live;
    if let Some(line) = live.chosen() {
        save(canvas, &mut lines, line, width);
        if let Some(now) = &line.now {
            there_now(canvas, &mut lines, now, width);
        }
        for logged in &line.log {
            log(canvas, &mut lines, line, logged, width);
        }
        let trust = match (line.times > 0, line.log.is_empty()) {
            (_, false) => "The server's own log tells of it.",
            (_, true) => {
                "A trigger is not signed: whoever knows the address can send one. {open-triggered} reads the record from \
                 the server itself."
            }
        };
        let trust = canvas.model.options.keys.say(trust);
        entry(&mut lines, &theme, "How sure it is", &trust, width);
    }
    entry(&mut lines, &theme, "Limits of triggers", LIMITS, width);
    if let Some((at, why)) = &live.last_refused {
        let text = format!("{}: {}", clock(canvas, *at), one_line(why));
        entry(&mut lines, &theme, "Last post refused", &text, width);
    }
    if let Some(at) = live.tested {
        let text = format!("{}: somebody looked whether the address answers.", clock(canvas, at));
        entry(&mut lines, &theme, "Last test", &text, width);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, live.card_top, &lines);
}

/// Who saved what, as the trigger tells or else the log.
fn save(canvas: &Canvas, lines: &mut Vec<Line<'static>>, line: &FeedLine, width: usize) {
    let theme = canvas.theme;
    let trigger = &line.trigger;
    match &line.verdict {
        Verdict::Fits { name, .. } => pair(lines, &theme, "Project", &one_line(name), width),
        Verdict::Suspicious(why) => {
            lines.push(Line::styled("! Suspicious", theme.bad));
            lines.extend(wrap(&why.to_string(), width).into_iter().map(Line::raw));
            lines.push(Line::default());
            pair(lines, &theme, "PID", &trigger.project_id.to_string(), width);
        }
    }
    let instance = trigger.instance.map(|n| n.to_string()).unwrap_or_default();
    let times = if line.times > 1 {
        format!("{} times since {}", line.times, clock(canvas, line.first))
    } else {
        String::new()
    };
    let zone = &canvas.model.options.zone;
    let offset = zone_words(i64::from(zone.to_offset(line.last).seconds()) / 60);
    let came = zone.to_datetime(line.last).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let came = if line.times > 0 { format!("{came} {offset}") } else { String::new() };
    let record = live::shown_record(canvas.model, line);
    for (name, value) in [
        ("Record", record.as_str()),
        ("Instrument", &trigger.instrument),
        ("Event", &trigger.event),
        ("Instance", &instance),
        ("Status", trigger.status_words()),
        ("Saved by", who(&trigger.username)),
        ("Group", &trigger.dag),
        ("Came", &came),
        ("", &times),
        ("Server", &trigger.redcap_url),
    ] {
        if !value.is_empty() {
            pair(lines, &theme, name, &one_line(value), width);
        }
    }
    if !trigger.other.is_empty() {
        let names: Vec<&str> = trigger.other.iter().map(|(name, _)| name.as_str()).collect();
        entry(lines, &theme, "Parameters not known here", &one_line(&names.join(", ")), width);
    }
}

/// What was read back after the trigger.
fn there_now(canvas: &Canvas, lines: &mut Vec<Line<'static>>, now: &Now, width: usize) {
    lines.push(Line::default());
    lines.push(Line::styled(format!("There at {}", clock(canvas, now.at)), canvas.theme.title));
    let values = now.values.iter().map(|(name, text)| format!("{name} = {text}"));
    for text in values.chain((!now.remark.is_empty()).then(|| now.remark.clone())) {
        lines.extend(
            wrap(&one_line(&text), width.saturating_sub(2))
                .into_iter()
                .map(|part| Line::raw(format!("  {part}"))),
        );
    }
}

/// What a line of the log says: when, what was done, and what was saved.
fn log(canvas: &Canvas, lines: &mut Vec<Line<'static>>, line: &FeedLine, logged: &Logged, width: usize) {
    let theme = canvas.theme;
    lines.push(Line::default());
    lines.push(Line::styled("In the log", theme.title));
    let here = match logged.moment {
        Some(at) => canvas.model.options.zone.to_datetime(at).strftime("%H:%M").to_string(),
        None => "its time zone is not known".to_owned(),
    };
    pair(lines, &theme, "Server", &one_line(&logged.entry.timestamp), width);
    pair(lines, &theme, "Here", &here, width);
    pair(lines, &theme, "What", &logged.words(), width);
    if !logged.change.place.is_empty() {
        pair(lines, &theme, "Event", &one_line(&logged.change.place), width);
    }
    let open = canvas.model.open.as_ref().filter(|_| live::fits_open(canvas.model, line));
    let pieces = match open {
        Some(open) => open.details(&logged.entry.details),
        // What names a person is not known of a project that is not open.
        None => vec![(String::new(), MASK.to_owned())],
    };
    for (name, text) in pieces {
        if name.is_empty() && (text.starts_with("[instance") || text.is_empty()) {
            continue;
        }
        let text = if name.is_empty() { text } else { format!("{name} = {text}") };
        lines.extend(
            wrap(&text, width.saturating_sub(2)).into_iter().map(|part| Line::raw(format!("  {part}"))),
        );
    }
}
