//! Saves as they happen: Data Entry Triggers, and changes from the log.

use super::canvas::{Canvas, Row};
use super::text::{cut, fit, wrap};
use crate::app::live::{self, LiveState, WatchState};
use crate::app::model::Pane;
use crate::app::running::grouped;
use crate::domain::text::one_line;
use crate::domain::trigger::feed::Line as FeedLine;
use crate::domain::trigger::judge::Verdict;
use crate::domain::trigger::logged::Logged;
use crate::jobs::types::Listening;
use jiff::Timestamp;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

/// A moment as this computer's clocks show it: `14:00:02`.
pub(super) fn clock(canvas: &Canvas, at: Timestamp) -> String {
    canvas.model.options.zone.to_datetime(at).strftime("%H:%M:%S").to_string()
}

/// Draws what is received and watched, then what came, newest first.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let live = &canvas.model.live;
    let n = live.feed.len();
    let status = if n == 0 { String::new() } else { format!("{} of {n}", live.cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Main, "Live: saves as they happen", &status);
    let width = usize::from(inner.width).saturating_sub(2);
    let mut head = receiver_lines(canvas, width);
    head.extend(watch_lines(canvas, width));
    head.extend(read_back_line(canvas).map(|text| (text, theme.good)));
    if live.feed.total > 0 || live.feed.logged > 0 || live.refused > 0 {
        head.push((counts(canvas), theme.muted));
    }
    head.push((String::new(), theme.muted));
    for (i, (text, style)) in head.iter().enumerate().take(inner.height.into()) {
        canvas.text(inner.x + 1, inner.y + i as u16, inner.width.saturating_sub(2), text, *style);
    }
    let used = (head.len() as u16).min(inner.height);
    let list = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    if n == 0 {
        return nothing_yet(canvas, list);
    }
    let columns = Columns::of(canvas, width);
    canvas.text(list.x + 1, list.y, list.width.saturating_sub(1), &columns.heads(), theme.title);
    let list = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    let top = live.cursor.visible_top(n, page);
    let rows: Vec<Row> =
        live.feed.lines().skip(top).take(page).map(|line| columns.row(canvas, line)).collect();
    canvas.rows(list, Pane::Main, top, Some(live.cursor.at), &rows);
}

/// Whether triggers are received, and where.
fn receiver_lines(canvas: &Canvas, width: usize) -> Vec<(String, Style)> {
    let theme = canvas.theme;
    let keys = &canvas.model.options.keys;
    match &canvas.model.live.state {
        LiveState::Off => vec![(keys.say("Triggers: off. {listen} receives them."), theme.warning)],
        LiveState::Starting => vec![("Starting...".into(), theme.muted)],
        LiveState::Failed(problem) => {
            let text = format!("! {}", one_line(&problem.one_line()));
            wrap(&text, width).into_iter().take(3).map(|line| (line, theme.bad)).collect()
        }
        LiveState::On(listening) => {
            let mut lines = vec![(
                format!("Receiving at {}   {}", listening.url, keys.say("({copy} copies)")),
                theme.good,
            )];
            let (reach, is_bad) = reach(listening);
            let is_new = canvas.model.live.feed.total == 0;
            if is_new || is_bad {
                let style = if is_bad { theme.bad } else { theme.muted };
                lines.extend(wrap(&keys.say(reach), width).into_iter().map(|line| (line, style)));
            }
            if is_new {
                let mut text =
                    "Enter the address in REDCap: Project Setup, Additional customizations, Data Entry Trigger."
                        .to_owned();
                if listening.url.contains("//0.0.0.0:") || listening.url.contains("//[::]:") {
                    text.push_str(" Put the name of this computer into it first.");
                }
                lines.extend(wrap(&text, width).into_iter().map(|line| (line, theme.muted)));
            }
            lines.extend(passed_on_lines(canvas, listening, width));
            lines
        }
    }
}

/// Who can reach the address, and whether that is a danger.
fn reach(listening: &Listening) -> (&'static str, bool) {
    match (listening.reachable, listening.encrypted) {
        (false, _) => ("Only this computer can reach it; {set-up-live} sets up another address.", false),
        (true, true) => ("Other computers can reach it by HTTPS, if they know its secret path.", false),
        (true, false) => ("! Other computers can reach it, and names of records come unencrypted.", true),
    }
}

/// What becomes of triggers that are forwarded, and of the program that is started.
fn passed_on_lines(canvas: &Canvas, listening: &Listening, width: usize) -> Vec<(String, Style)> {
    let theme = canvas.theme;
    let passed = &canvas.model.live.passed_on;
    let mut lines = Vec::new();
    let mut say = |text: String, style: Style| {
        lines.extend(wrap(&one_line(&text), width).into_iter().map(|line| (line, style)));
    };
    if !listening.forward.is_empty() {
        let mut text = format!("Forwarding: {} delivered", grouped(passed.delivered));
        text.push_str(&format!(", {} waiting", grouped(passed.waiting as u64)));
        if passed.given_up > 0 {
            text.push_str(&format!(", {} GIVEN UP", grouped(passed.given_up)));
        }
        text.push_str(&format!(", to {}", listening.forward));
        say(text, if passed.given_up > 0 { theme.warning } else { theme.good });
        if let Some(why) = &passed.trouble {
            say(format!("! {why}"), theme.bad);
        }
    }
    if !listening.exec.is_empty() {
        let mut text = format!("Starting {}: {} times", listening.exec, grouped(passed.ran + passed.failed));
        if let Some(why) = &passed.failure {
            text.push_str(&format!(", {} failed. The last one: {why}", grouped(passed.failed)));
        }
        say(text, if passed.failed > 0 { theme.warning } else { theme.good });
    }
    lines
}

/// Whether the log is watched, how often, and what came of the last look.
fn watch_lines(canvas: &Canvas, width: usize) -> Vec<(String, Style)> {
    let theme = canvas.theme;
    let keys = &canvas.model.options.keys;
    let watch = &canvas.model.live.watch;
    let (text, style) = match &watch.state {
        WatchState::Off if canvas.model.open.is_none() => return Vec::new(),
        WatchState::Off => {
            (keys.say("Log: not watched. {watch-log} watches it; imports show there, too."), theme.warning)
        }
        WatchState::On => {
            let looked = match watch.looked {
                Some(at) => format!("last one {}", clock(canvas, at)),
                None => "the first one now".to_owned(),
            };
            let every = watch.every_words();
            (keys.say(&format!("Log: a look every {every} ({{watch-pause}} changes), {looked}.")), theme.good)
        }
        WatchState::Waiting(problem, next) => {
            let (what, next) = (one_line(&problem.one_line()), clock(canvas, *next));
            (format!("! The log could not be read; next try {next}. {what}"), theme.bad)
        }
        WatchState::Refused(problem) => {
            (format!("! The log is not watched. {}", one_line(&problem.one_line())), theme.bad)
        }
    };
    wrap(&text, width).into_iter().take(3).map(|line| (line, style)).collect()
}

/// Whether records are read back, and how many wait.
fn read_back_line(canvas: &Canvas) -> Option<String> {
    let back = &canvas.model.live.back;
    let mut text = back
        .on
        .then(|| canvas.model.options.keys.say("Reading back after each trigger ({read-back} stops)"))?;
    if back.waiting() > 0 {
        text.push_str(&format!(", {} wait", back.waiting()));
    }
    if back.left_out > 0 {
        text.push_str(&format!(", {} left out: too many waited", grouped(back.left_out)));
    }
    Some(text)
}

/// What to do, and what will come.
fn nothing_yet(canvas: &mut Canvas, list: Rect) {
    let theme = canvas.theme;
    let live = &canvas.model.live;
    let is_demo = canvas.model.options.demo;
    let watching = matches!(live.watch.state, WatchState::On | WatchState::Waiting(..));
    let text = match (live.listening().is_some(), watching) {
        (true, true) => "Nothing came yet. Whatever is saved from now on shows here.",
        (true, false) => {
            "Nothing came yet. A trigger comes each time somebody saves a form or a survey page."
        }
        (false, true) => "Nothing came yet. Changes of records show here after the next look.",
        (false, false) => {
            "This section shows saves as they happen, in two ways. {listen}: REDCap posts a trigger to this computer \
             whenever somebody saves a form or a survey page, if the address is entered in the project's setup. \
             {watch-log}: capscope looks into the project's log again and again, which needs no setup, only the right \
             Logging."
        }
    };
    let demo =
        "In the demo, {listen} and then {save-a-form} shows how it works: a made-up person saves a form.";
    let more = "{set-up-live} sets up another address, HTTPS, forwarding to a handler of yours, or a program to start. Without a \
                screen: capscope triggers --help";
    let mut paragraphs = vec![(text, Style::new())];
    if is_demo {
        paragraphs.push((demo, theme.title));
    }
    paragraphs.push((more, theme.muted));
    canvas.message(list, &paragraphs);
}

/// How many came, and when the last one did.
fn counts(canvas: &Canvas) -> String {
    let live = &canvas.model.live;
    let word = |n: u64, one: &str, many: &str| format!("{} {}", grouped(n), if n == 1 { one } else { many });
    let mut parts = vec![word(live.feed.total, "trigger", "triggers")];
    if live.feed.logged > 0 {
        parts.push(word(live.feed.logged, "log line", "log lines"));
    }
    if live.feed.suspicious > 0 {
        parts.push(format!("{} suspicious", grouped(live.feed.suspicious)));
    }
    if live.refused > 0 {
        parts.push(format!("{} refused", grouped(live.refused)));
    }
    if let Some(last) = live.feed.last() {
        parts.push(format!("last {}", clock(canvas, last)));
    }
    parts.join(", ")
}

/// The widths of the columns.
struct Columns {
    project: usize,
    record: usize,
    place: usize,
}

/// The widths of time, source and status, with the blank after each.
const TIME: usize = 9;
const FROM: usize = 8;
const STATUS: usize = 11;

impl Columns {
    fn of(canvas: &Canvas, width: usize) -> Self {
        let live = &canvas.model.live;
        // The project needs a column only if there is more than the open one.
        let others = live.feed.lines().any(|l| l.verdict.fits() && !live::fits_open(canvas.model, l));
        let project = if others { 13 } else { 0 };
        let longest = live.feed.lines().map(|l| l.trigger.record.chars().count()).max().unwrap_or(0);
        let record = longest.clamp(6, 10) + 1;
        Self { project, record, place: width.saturating_sub(TIME + FROM + STATUS + project + record) }
    }

    fn heads(&self) -> String {
        let project = fit("project", self.project.saturating_sub(1));
        let project = if self.project > 0 { format!("{project} ") } else { String::new() };
        format!(
            "{}{}{project}{}{}{}",
            fit("time", TIME),
            fit("from", FROM),
            fit("record", self.record),
            fit("status", STATUS),
            fit("form", self.place)
        )
    }

    fn row(&self, canvas: &Canvas, line: &FeedLine) -> Row {
        let theme = canvas.theme;
        let (status, bad) = status(line);
        let mut spans = vec![
            Span::styled(fit(&time(canvas, line), TIME), theme.muted),
            Span::styled(fit(from(line), FROM), theme.muted),
        ];
        if self.project > 0 {
            let name = match &line.verdict {
                Verdict::Fits { name, .. } => one_line(name),
                Verdict::Suspicious(_) => "?".to_owned(),
            };
            spans.push(Span::raw(format!("{} ", fit(&name, self.project - 1))));
        }
        let style = if bad { theme.bad } else { Style::new() };
        spans.push(Span::raw(fit(&live::shown_record(canvas.model, line), self.record)));
        spans.push(Span::styled(fit(&status, STATUS), style));
        spans.extend(
            place(line, self.place)
                .map(|(text, bad)| Span::styled(text, if bad { theme.bad } else { Style::new() })),
        );
        Row::from(spans)
    }
}

/// When it came; for what only the log tells, the log's own time to the minute.
fn time(canvas: &Canvas, line: &FeedLine) -> String {
    let Some(logged) = line.log.first().filter(|_| line.times == 0) else { return clock(canvas, line.last) };
    match logged.moment {
        Some(at) => canvas.model.options.zone.to_datetime(at).strftime("%H:%M").to_string(),
        // Server time, in a zone that could not be told.
        None => format!("{}?", logged.entry.timestamp.get(11..16).unwrap_or_default()),
    }
}

fn from(line: &FeedLine) -> &'static str {
    match (line.times > 0, line.log.is_empty()) {
        (true, true) => "trigger",
        (true, false) => "both",
        (false, _) => "log",
    }
}

/// The form status, or what the log says was done; and whether it must catch the eye.
fn status(line: &FeedLine) -> (String, bool) {
    use crate::domain::changes::Kind;
    match line.log.first().filter(|_| line.times == 0) {
        Some(logged) => (logged.change.kind.words().to_owned(), logged.change.kind == Kind::Deleted),
        None => (one_line(line.trigger.status_words()), false),
    }
}

/// The instrument with what belongs to it, behind a mark if it is suspicious.
fn place(line: &FeedLine, width: usize) -> impl Iterator<Item = (String, bool)> {
    let trigger = &line.trigger;
    let mark = if line.verdict.fits() { "" } else { "! suspicious: " };
    let times = if line.times > 1 { format!(" ({} times)", line.times) } else { String::new() };
    let way = line.log.first().filter(|_| line.times == 0).map(Logged::words).unwrap_or_default();
    let way = way.find(" by ").and_then(|at| way.get(at + 1..)).unwrap_or_default().to_owned();
    let event = match (trigger.event.as_str(), line.log.first()) {
        ("", Some(logged)) => logged.change.place.clone(),
        (event, _) => event.to_owned(),
    };
    let event = if event.is_empty() { String::new() } else { format!(" at {event}") };
    let text = one_line(format!("{}{times}{event} {way}", live::place(trigger)).trim());
    let text = cut(&text, width.saturating_sub(mark.len()));
    [(mark.to_owned(), true), (text, false)].into_iter().filter(|(text, _)| !text.is_empty())
}
