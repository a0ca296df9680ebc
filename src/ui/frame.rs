//! The lines around the panes: title, tabs, status and hints.

use super::canvas::Canvas;
use super::data_age;
use super::text::{cut, wrap};
use crate::app::actions;
use crate::app::dialog::Dialog;
use crate::app::model::{Hit, Level, Pane, Room, Section};
use crate::app::playground::consent::may_write;
use crate::app::running::Slot;
use crate::domain::text::one_line;
use crate::jobs::types::Source;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// A window too small for anything: one sentence, with both sizes.
pub fn too_small(canvas: &mut Canvas, area: Rect) {
    let text =
        format!("Please make the window larger (60 x 16 needed, {} x {} now)", area.width, area.height);
    for (i, line) in wrap(&text, area.width.into()).iter().take(area.height.into()).enumerate() {
        canvas.text(area.x, area.y + i as u16, area.width, line, Style::new());
    }
}

/// Two lines: the project with its server and marks, then the tabs and what runs.
pub fn head(canvas: &mut Canvas, area: Rect) {
    let model = canvas.model;
    let theme = canvas.theme;
    let wide = model.room() == Room::Wide;
    // The marks come first, because they must be there at every size.
    let mut marks = Vec::new();
    if let Some(open) = &model.open {
        if wide {
            let version = if open.metadata.version.is_empty() {
                String::new()
            } else {
                format!("REDCap {}   ", one_line(&open.metadata.version))
            };
            marks.push(Span::styled(format!("{}   {version}", host(&open.project.url)), theme.muted));
        }
        if open.metadata.info.in_production {
            marks.push(Span::styled("[PRODUCTION] ", theme.warning));
        }
        // A project that was not read yet is not said to be writable: whether it is in production is
        // not known. Where it never will be, its calls can write all the same.
        let never = open.problem.as_ref().is_some_and(crate::jobs::Problem::reads_nothing);
        let (mark, style) = if (open.source.is_some() || never) && may_write(open).is_ok() {
            ("[WRITE ACCESS] ", theme.warning)
        } else {
            ("[READ-ONLY] ", theme.title)
        };
        marks.push(Span::styled(mark, style));
        let (text, style) = match (&open.source, &open.problem) {
            _ if open.blocked => ("! blocked ", theme.bad),
            (_, Some(problem)) if problem.reads_nothing() => ("! reads nothing ", theme.bad),
            (_, Some(_)) => ("! not connected ", theme.bad),
            _ if open.unreachable => ("! no connection ", theme.bad),
            (Some(Source::Server(_)), None) => ("* online ", theme.good),
            (Some(Source::Saved(_)), None) => ("saved copy ", theme.warning),
            (None, None) => ("... ", theme.muted),
        };
        marks.push(Span::styled(text, style));
    } else {
        let text = if model.projects.is_empty() { "no project yet " } else { "no project open " };
        marks.push(Span::styled(text, theme.muted));
    }
    let marks = Line::from(marks);
    let room = area.width.saturating_sub(marks.width() as u16 + 1);
    let mut title = vec![Span::raw(" ")];
    if wide || model.open.is_none() {
        title.push(Span::styled("capscope", theme.title));
    }
    if let Some(open) = &model.open {
        if wide {
            title.push(Span::styled("  >  ", theme.muted));
        }
        let pid = open.metadata.info.project_id;
        let before = if wide { 15 } else { 2 };
        let mut pid = if pid == 0 { String::new() } else { format!("  (PID {pid})") };
        // The name goes before the number: a person must never work on the wrong project.
        if usize::from(room) < before + pid.len() + 24 {
            pid.clear();
        }
        let name = cut(&one_line(&open.heading()), usize::from(room).saturating_sub(pid.len() + before));
        title.push(Span::styled(name, theme.title));
        title.push(Span::styled(pid, theme.muted));
    }
    canvas.line(area.x, area.y, room, &Line::from(title));
    canvas.line_right(area.x, area.y, area.width, &marks);
    tabs(canvas, Rect { y: area.y + 1, height: 1, ..area });
}

fn host(url: &str) -> String {
    url.split("://").nth(1).unwrap_or(url).split('/').next().unwrap_or(url).to_owned()
}

fn tabs(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let model = canvas.model;
    let short = model.room() != Room::Wide;
    // The narrowest window has room for one name only.
    let narrow = model.room() == Room::Narrow;
    let mut x = area.x + 1;
    for section in Section::ALL {
        let name = match section.number() {
            number if narrow && section != model.section => number.to_string(),
            number => format!("{number} {}", section.title(short && !narrow)),
        };
        let (text, style) = if section == model.section {
            (format!("[{name}]"), theme.focus)
        } else {
            (format!(" {name} "), Style::new())
        };
        let width = text.width() as u16;
        let tab = Rect { x, width, ..area };
        canvas.line(x, area.y, width, &Line::styled(text, style));
        canvas.hit(tab, Hit::Section(section));
        x += width + u16::from(!short);
    }
    let waiting = model.activity.waiting();
    let running: Vec<String> = model.jobs.all().map(|(_, r)| r.progress.step.to_lowercase()).collect();
    let text = match (running.as_slice(), waiting) {
        ([], _) if model.live.listening().is_some() => {
            if short { "Live on" } else { "Receiving triggers" }.to_owned()
        }
        ([], _) if model.jobs.get(Slot::Watch).is_some() => {
            if short { "Live on" } else { "Watching the log" }.to_owned()
        }
        ([], _) => "Ready".to_owned(),
        ([one], 0) => format!("{one}..."),
        ([one], n) => format!("{one}, {n} waiting"),
        (many, _) => format!("{} running", many.len()),
    };
    let room = area.right().saturating_sub(x + 2);
    let style = if running.is_empty() { theme.muted } else { theme.warning };
    let line = Line::styled(cut(&format!("{text} "), room.into()), style);
    canvas.line_right(x, area.y, area.right().saturating_sub(x), &line);
}

/// One line: a notice, or a running job, or how old the data on screen is.
pub fn status(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let model = canvas.model;
    if let Some(Dialog::Add(add)) = &model.dialog {
        // A small window has no room for it in the dialog.
        let complaint = add.complaint.as_ref().map(|(_, text)| text.clone());
        let text = complaint.or_else(|| add.problem.as_ref().map(crate::jobs::Problem::one_line));
        if let Some(text) = text.filter(|_| model.jobs.get(Slot::Add).is_none()) {
            let text = format!("! {}", one_line(&text));
            return canvas.text(area.x + 1, area.y, area.width.saturating_sub(1), &text, theme.bad);
        }
    }
    if let Some(input) = &model.filter {
        let searching = model.section == Section::Playground;
        let masked = model.section == Section::Records
            && model
                .open
                .as_ref()
                .is_some_and(|o| o.masked && o.records.columns.iter().any(|c| c.identifier));
        let reading = filter_of_table(canvas).map_or("", |r| r.reading.as_str());
        let remark = match (reading, input.value(), masked) {
            ("", "", _) => "   words, or age >= 55, sex = Female, event: Week 4",
            ("", _, true) => "   (masked columns are not searched)",
            _ => "",
        };
        let remark =
            if reading.is_empty() { remark.to_owned() } else { format!("   read as: {}", one_line(reading)) };
        let remark = if filter_of_table(canvas).is_some() || masked { remark } else { String::new() };
        let line = Line::from(vec![
            Span::styled(if searching { " Search: " } else { " Filter: " }, theme.title),
            Span::raw(input.value().to_owned()),
            Span::styled("_", theme.focus),
            Span::styled(remark, theme.muted),
        ]);
        return canvas.line(area.x, area.y, area.width, &line);
    }
    let here = [
        Slot::BackUp,
        Slot::Call,
        Slot::Compare,
        Slot::Export,
        Slot::Token,
        Slot::Quality,
        Slot::Logic,
        Slot::Send,
        Slot::Check,
        Slot::Spot,
        Slot::Grid,
        Slot::Log,
        Slot::Timeline,
        Slot::Work,
        Slot::Find,
        Slot::Survey,
        Slot::Records,
        Slot::Record,
        Slot::Access,
        Slot::Open,
        Slot::Projects,
        Slot::Add,
    ];
    let running = here.iter().find_map(|slot| model.jobs.get(*slot));
    if let Some(notice) = &model.notice {
        let (word, style) = match notice.level {
            Level::Done => ("Done: ", theme.good),
            Level::Note => ("Note: ", theme.title),
            Level::Problem => ("Problem: ", theme.bad),
        };
        let room = usize::from(area.width).saturating_sub(word.len() + 1);
        let line = Line::from(vec![
            Span::raw(" "),
            Span::styled(word, style),
            Span::raw(cut(&one_line(&notice.text), room)),
        ]);
        return canvas.line(area.x, area.y, area.width, &line);
    }
    let age = data_age::words(model).map(|age| model.options.keys.say(&age));
    let retry = model.activity.retrying().map_or(String::new(), |why| format!("  {why}"));
    let left = match (running, age) {
        (Some(running), None) => format!("{}{retry}", running.line(model.now)),
        (Some(running), Some(age)) => format!("{age} {}{retry}", running.line(model.now)),
        (None, Some(age)) => age,
        (None, None) => "Ready.".into(),
    };
    canvas.text(area.x + 1, area.y, area.width.saturating_sub(1), &left, theme.muted);
    if running.is_some() {
        canvas.line_right(area.x, area.y, area.width, &Line::styled(" Esc stops ", theme.key));
    }
}

/// The record table, while its filter is being typed.
fn filter_of_table<'a>(canvas: &Canvas<'a>) -> Option<&'a crate::app::records::Records> {
    let model = canvas.model;
    let typed = model.filter.is_some() && actions::place(model) == actions::Scope::Table;
    model.open.as_ref().map(|o| &o.records).filter(|_| typed)
}

/// The last line: what can be done here, from the table of actions, each hint clickable.
pub fn hints(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let model = canvas.model;
    // What is wrong with a filter stands under its box.
    let grid = model.open.as_ref().map(|o| &o.grid);
    let in_grid = model.filter.is_some() && actions::place(model) == actions::Scope::Grid;
    let in_grid = grid.filter(|_| in_grid).and_then(|g| g.mistake.as_ref());
    if let Some(mistake) = filter_of_table(canvas).and_then(|r| r.mistake.as_ref()).or(in_grid) {
        let text = model.options.keys.say(&format!("! {}", one_line(mistake)));
        return canvas.text(area.x + 1, area.y, area.width.saturating_sub(1), &text, theme.bad);
    }
    let at_most = match model.room() {
        Room::Wide => 9,
        Room::Narrow => 5,
        _ => 6,
    };
    let hints = actions::hints(model, at_most);
    let mut x = area.x + 1;
    let mut parts: Vec<(actions::Id, String, &'static str)> = Vec::new();
    for action in hints {
        let (Some(key), Some((_, text))) = (model.options.keys.shown(action), action.hint) else { continue };
        parts.push((action.id, key, text));
    }
    let width_of = |parts: &[(actions::Id, String, &str)]| -> usize {
        parts.iter().map(|(_, key, text)| key.width() + 1 + text.width() + 3).sum()
    };
    // Too many for the width: the place's own last hint goes first; commands, help, quit stay.
    while parts.len() > 1 && width_of(&parts) > usize::from(area.width) + 1 {
        let cut_at = parts.len().saturating_sub(4);
        parts.remove(cut_at);
    }
    for (id, key, text) in parts {
        let width = (key.width() + 1 + text.width()) as u16;
        let line = Line::from(vec![Span::styled(key, theme.key), Span::raw(" "), Span::raw(text.to_owned())]);
        canvas.line(x, area.y, area.right().saturating_sub(x), &line);
        canvas.hit(Rect { x, width, ..area }, Hit::Action(id));
        x += width + 3;
    }
    // In a narrow window the card is not on screen; Tab goes there, and says so.
    let hidden = model.room() != Room::Wide && model.pane == Pane::Main && model.dialog.is_none();
    if hidden && model.filter.is_none() && x + 12 < area.right() {
        let text = model.options.keys.say("{next-pane} panes ");
        canvas.line_right(area.x, area.y, area.width, &Line::styled(text, theme.muted));
    }
}
