//! The project itself: what it is, its events, and what this token may read.

use super::canvas::{Canvas, entry, pair};
use super::text::{cut, fit, wrap};
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::domain::identifying::{may_identify, named};
use crate::domain::logic::Severity;
use crate::domain::project::{Readable, facts};
use crate::domain::text::{many_lines, one_line, without_html};
use crate::jobs::types::Source;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws the overview, or the way into the program while no project is open.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let model = canvas.model;
    let theme = canvas.theme;
    let Some(open) = &model.open else {
        let inner = canvas.pane(area, Pane::Main, "Welcome", "");
        let mut text = vec![(
            "capscope shows REDCap projects in the terminal. It only reads, until you switch writing on for a project.",
            Style::new(),
        )];
        if model.projects.is_empty() {
            text.push(("{tour}  starts a tour: six steps on invented studies. No token, no account, nothing is kept.", theme.title));
            text.push(("{demo}  opens the invented studies without the tour.", theme.title));
            text.push(("{add-project}  adds a project: you need its address and an API token. In REDCap they are on the page API of your project.", theme.title));
            text.push((
                "{take-over}  takes over the tokens of a credential file, as the R package REDCapR uses it.",
                theme.title,
            ));
        } else {
            text.push(("Choose a project on the left and press {open-project}.", theme.title));
            text.push((
                "{add-project}  adds another one.   {tour}  starts a tour on invented studies.",
                theme.muted,
            ));
        }
        text.push(("{help}  shows the keys that work here.   {palette}  lists all commands.", theme.muted));
        return canvas.message(inner, &text);
    };
    let inner = canvas.pane(area, Pane::Main, "Overview", "");
    if open.source.is_none() {
        return not_yet(canvas, inner, open);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = overview(canvas, open, text.width.into());
    canvas.scrolled(text, Pane::Main, open.scroll[Scrolled::Overview as usize].at, &lines);
}

/// Nothing of the project is here: it is being read, or it could not be.
pub fn not_yet(canvas: &mut Canvas, inner: Rect, open: &Open) {
    let theme = canvas.theme;
    let reading = canvas.model.jobs.get(crate::app::running::Slot::Open).is_some();
    match &open.problem {
        None if reading => canvas.message(inner, &[("Reading the project...  Esc stops.", theme.muted)]),
        None => canvas.message(inner, &[("The project was not read.  {reload}  reads it.", theme.title)]),
        // The token works all the same, only not for what most sections are for.
        Some(problem) if problem.reads_nothing() => canvas.message(
            inner,
            &[
                ("Nothing can be read with this token.", theme.bad),
                ("REDCap knows it, but its user lacks the right 'API Export': the project's title, dictionary, records and users stay unknown here, and no file can be checked against them.", Style::new()),
                ("{section-6}  tests what it may do.   {section-7}  makes single calls, such as an import; nothing can be checked before.", theme.title),
                ("{reload}  tries again      {problem-details}  shows all about it, with a text to ask for the right", theme.muted),
            ],
        ),
        Some(problem) => {
            canvas.failed(inner, problem, "{reload}  tries again      {problem-details}  shows all about it");
        }
    }
}

fn overview(canvas: &Canvas, open: &Open, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let metadata = &open.metadata;
    let title = wrap(&one_line(&open.title()), width).into_iter();
    let mut lines: Vec<Line<'static>> = title.map(|part| Line::styled(part, theme.title)).collect();
    lines.push(Line::default());
    let logic = ("Logic", logic_words(open));
    for (name, value) in facts(metadata).into_iter().chain([logic]) {
        if !value.is_empty() {
            pair(&mut lines, &theme, name, &one_line(&value), width);
        }
    }
    entry(&mut lines, &theme, "Notes", &without_html(&many_lines(&metadata.info.notes)), width);
    events(canvas, open, width, &mut lines);
    lines
}

/// How many fields have mistakes in their logic; empty if none has. Section 2 shows which and why.
fn logic_words(open: &Open) -> String {
    let worst =
        |severity| open.review.values().filter(|f| f.first().is_some_and(|f| f.severity == severity)).count();
    let (wrong, doubtful) = (worst(Severity::Error), worst(Severity::Warning));
    let fields = |n: usize| if n == 1 { "1 field".to_owned() } else { format!("{n} fields") };
    let parts: Vec<String> = [(wrong, "mistakes in"), (doubtful, "doubtful logic in")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{words} {}", fields(n)))
        .collect();
    if parts.is_empty() { String::new() } else { format!("{} (see 2 Instruments)", parts.join(", ")) }
}

/// The grid of instruments and events. `x` is used here, `r` repeats here; the numbers above
/// the columns are the events listed below it.
fn events(canvas: &Canvas, open: &Open, width: usize, lines: &mut Vec<Line<'static>>) {
    let theme = canvas.theme;
    let metadata = &open.metadata;
    let events = metadata.events.list();
    if events.is_empty() {
        if let Readable::NoRight(why) = &metadata.events {
            entry(lines, &theme, "Events", why, width);
        }
        return;
    }
    lines.push(Line::default());
    lines.push(Line::styled(format!("Events   {}", events.len()), theme.title));
    for (i, event) in events.iter().enumerate() {
        let arm = metadata
            .arms
            .list()
            .iter()
            .find(|a| a.num == event.arm_num)
            .filter(|a| a.name != format!("Arm {}", a.num))
            .map_or(format!("Arm {}", event.arm_num), |a| format!("Arm {}: {}", a.num, one_line(&a.name)));
        let day = event.day_offset.map_or(String::new(), |d| format!("  day {d}"));
        let repeats = if metadata.event_repeats(&event.unique_name) { "  repeats" } else { "" };
        let text = format!("  {:>2}  {}  {arm}{day}{repeats}", i + 1, fit(&one_line(&event.name), 20));
        lines.push(Line::raw(cut(&text, width)));
    }
    lines.push(Line::default());
    let shown = ((width.saturating_sub(26)) / 3).min(events.len());
    let mut head = vec![Span::styled(fit("  Instruments at events", 26), theme.title)];
    for i in 0..shown {
        head.push(Span::styled(format!("{:>3}", i + 1), theme.muted));
    }
    lines.push(Line::from(head));
    for instrument in &metadata.instruments {
        let label = without_html(&one_line(&instrument.label));
        let mut spans = vec![Span::raw(format!("  {}", fit(&label, 24)))];
        for event in events.iter().take(shown) {
            let used = metadata
                .mapping
                .list()
                .iter()
                .any(|m| m.form == instrument.name && m.event == event.unique_name);
            let repeats = metadata
                .repeating
                .list()
                .iter()
                .any(|r| r.event == event.unique_name && (r.form == instrument.name || r.is_event()));
            let mark = match (used, repeats) {
                (false, _) => "  ·",
                (true, false) => "  x",
                (true, true) => "  r",
            };
            spans.push(Span::styled(mark, if used { Style::new() } else { theme.muted }));
        }
        lines.push(Line::from(spans));
    }
    let legend = if shown < events.len() {
        format!("  x used, r repeats, · not used; {} more events do not fit", events.len() - shown)
    } else {
        "  x used, r repeats, · not used".to_owned()
    };
    let legend = match &metadata.repeating {
        Readable::NoRight(_) => {
            "  x used, · not used; what repeats is not known: a right is missing".to_owned()
        }
        _ => legend,
    };
    lines.push(Line::styled(legend, theme.muted));
}

/// Draws what this token could read of the project, and what not.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Card, "This token", "");
    let Some(open) = &canvas.model.open else { return };
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines = Vec::new();
    pair(&mut lines, &theme, "Server", open.project.url.trim_start_matches("https://"), width);
    if !open.metadata.version.is_empty() {
        pair(&mut lines, &theme, "REDCap", &one_line(&open.metadata.version), width);
    }
    let where_from = match &open.source {
        None => "nothing yet",
        Some(Source::Server(_)) => "the server",
        Some(Source::Saved(_)) => "the saved copy",
    };
    pair(&mut lines, &theme, "Shown from", where_from, width);
    lines.push(Line::default());
    lines.push(Line::styled("What it may read", theme.title));
    let metadata = &open.metadata;
    let access = &metadata.access;
    let parts: [(&str, State); 7] = [
        (
            "Data dictionary",
            if metadata.dictionary.fields().is_empty() { State::NotAsked } else { State::Yes },
        ),
        ("Events", state(&metadata.events)),
        ("What repeats", state(&metadata.repeating)),
        ("Users", state(&access.users)),
        ("Roles", state(&access.roles)),
        ("Access Groups", state(&access.dags)),
        ("Group members", state(&access.dag_assignments)),
    ];
    let mut missing: Vec<String> = Vec::new();
    for (name, state) in parts {
        let (word, style) = match &state {
            State::Yes => ("yes", theme.good),
            State::NotAsked => ("not asked", theme.muted),
            State::NotHere => ("none", theme.muted),
            State::No(_) => ("no", theme.bad),
        };
        // A narrow card has no room for the longer names on one line.
        for (i, part) in wrap(name, width.saturating_sub(13)).into_iter().enumerate() {
            let word = if i == 0 { word } else { "" };
            lines
                .push(Line::from(vec![Span::styled(format!("  {}", fit(word, 11)), style), Span::raw(part)]));
        }
        if let State::No(why) = state
            && !missing.contains(&why)
        {
            missing.push(why);
        }
    }
    for why in &missing {
        entry(&mut lines, &theme, "Missing right", why, width);
    }
    if let Some(note) = &open.note {
        entry(&mut lines, &theme, "Saved copy", note, width);
    }
    if let Some(problem) = &open.problem {
        entry(&mut lines, &theme, "Problem", &problem.one_line(), width);
        let key = canvas.model.options.keys.say("  {problem-details}  shows all about it");
        lines.push(Line::styled(key, theme.key));
    }
    let masked = match (metadata.dictionary.has_identifiers(), open.masked) {
        (true, true) => "masked ({mask} shows them)",
        (true, false) => "shown ({mask} masks them)",
        (false, _) => "No field is marked as an identifier, so nothing is masked.",
    };
    if !metadata.dictionary.fields().is_empty() {
        let masked = canvas.model.options.keys.say(masked);
        entry(&mut lines, &theme, "Identifiers", &masked, width);
        let found = may_identify(&metadata.dictionary);
        let others = named(&found, found.len());
        entry(&mut lines, &theme, "Unmarked, may identify", &others, width);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

enum State {
    Yes,
    NotAsked,
    NotHere,
    No(String),
}

fn state<T>(part: &Readable<T>) -> State {
    match part {
        Readable::Known(_) => State::Yes,
        Readable::NotAsked => State::NotAsked,
        Readable::NotHere(_) => State::NotHere,
        Readable::NoRight(why) => State::No(why.clone()),
    }
}
