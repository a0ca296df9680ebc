//! The dialog that adds a project. The token is never drawn, only how long it is.

use super::centered;
use crate::app::add_project::{AddProject, Part, WAYS, Way};
use crate::app::model::{Hit, Vault};
use crate::app::running::Slot;
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::text::{fit, wrap};
use crate::ui::theme::Theme;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

const WIDTH: u16 = 68;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, add: &AddProject) {
    let theme = canvas.theme;
    let title = if add.replaces.is_some() { "Enter a new token" } else { "Add a REDCap project" };
    let width = usize::from(WIDTH.min(area.width).saturating_sub(6));
    let told = outcome(canvas, add, width);
    let mut lines: Vec<(Option<usize>, Line<'static>)> = Vec::new();
    let mut say = |row: Option<usize>, line: Line<'static>| lines.push((row, line));

    say(None, label("REDCap address", add.part == Part::Address, &theme));
    say(Some(0), text_box(&shown(add.address.value(), width - 4, add.part == Part::Address), width));
    for line in remark(add, Part::Address, "the address of the login page works too", &theme, width) {
        say(None, line);
    }
    let environment = add.way == Way::Environment;
    let name = if environment { "Environment variable" } else { "API token" };
    say(None, label(name, add.part == Part::Token, &theme));
    let token = if environment {
        shown(add.variable.value(), width - 4, add.part == Part::Token)
    } else {
        masked(add, width - 4)
    };
    say(Some(1), text_box(&token, width));
    let hint = if environment {
        "the token is read from it at every start"
    } else {
        "32 characters.  REDCap > your project > API > copy"
    };
    for line in remark(add, Part::Token, hint, &theme, width) {
        say(None, line);
    }
    say(None, label("Keep the token", add.part == Part::Keep, &theme));
    for (i, way) in WAYS.iter().enumerate() {
        let mark = if *way == add.way { "(o)" } else { "( )" };
        let text = match way {
            Way::Keyring => match &canvas.model.vault {
                Vault::NotUsable(problem) => format!("in the password store: {}", problem.what),
                Vault::Unknown => "in the password store of this computer".to_owned(),
                Vault::Usable => "in the password store of this computer  (recommended)".to_owned(),
            },
            Way::Session => "only until I quit".to_owned(),
            Way::Environment => "not at all: read it from an environment variable".to_owned(),
        };
        for (n, part) in wrap(&text, width.saturating_sub(6)).into_iter().enumerate() {
            let mark = if n == 0 { mark } else { "   " };
            say(Some(2 + i), Line::raw(format!("  {mark} {part}")));
        }
    }
    say(None, Line::default());
    // It grows with what is to be said, and at least keeps its size while that changes.
    let height = (lines.len() + 2 + told.len() + 2).max(20);
    let area = centered(area, WIDTH, u16::try_from(height).unwrap_or(u16::MAX));
    canvas.clear(area);
    let frame = canvas.frame(area, true, title, "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    // Where that does not fit, what explains the boxes makes room for it.
    if usize::from(inner.height) < lines.len() + 2 + told.len() {
        lines.retain(|(row, line)| row.is_some() || line.style != theme.muted);
    }
    // A small window has room for the boxes only; what is wrong stands in the status line.
    if inner.height < 16 {
        lines.retain(|(row, line)| row.is_some() || line.style == theme.focus || line.style == theme.title);
    }

    let mut y = inner.y;
    for (row, line) in lines {
        if y >= inner.bottom() {
            break;
        }
        canvas.line(inner.x, y, inner.width, &line);
        if let Some(row) = row {
            canvas.hit(Rect { y, height: 1, ..inner }, Hit::DialogRow(row));
        }
        y += 1;
    }
    if y < inner.bottom() {
        buttons(canvas, inner, y, add);
        y += 2;
    }
    let room = usize::from(inner.bottom().saturating_sub(y));
    for (i, (text, style)) in told.iter().take(room).enumerate() {
        // What is cut says so.
        let more = if i + 1 == room && i + 1 < told.len() { " …" } else { "" };
        let line = Line::styled(format!("{text}{more}"), *style);
        canvas.line(inner.x, y + i as u16, inner.width, &line);
    }
}

fn label(text: &str, focused: bool, theme: &Theme) -> Line<'static> {
    Line::styled(
        format!("{} {text}", if focused { ">" } else { " " }),
        if focused { theme.focus } else { theme.title },
    )
}

fn text_box(text: &str, width: usize) -> Line<'static> {
    Line::raw(format!("[ {} ]", fit(text, width.saturating_sub(4))))
}

/// The end of the text, with a caret where the focus is.
fn shown(text: &str, width: usize, focused: bool) -> String {
    let caret = usize::from(focused);
    let text = one_line(text);
    let skip = text.chars().count().saturating_sub(width.saturating_sub(caret + 1));
    let mut end: String = text.chars().skip(skip).collect();
    if focused {
        end.push('_');
    }
    end
}

fn masked(add: &AddProject, width: usize) -> String {
    let n = add.token_length().min(width.saturating_sub(2));
    let mut text = "*".repeat(n);
    if add.part == Part::Token {
        text.push('_');
    }
    text
}

/// What is wrong with the box; or the hint that explains it.
fn remark(add: &AddProject, part: Part, hint: &str, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    match &add.complaint {
        Some((at, text)) if *at == part => wrap(&format!("! {text}"), width.saturating_sub(4))
            .into_iter()
            .map(|line| Line::styled(format!("    {line}"), theme.bad))
            .collect(),
        _ => vec![Line::styled(format!("    {hint}"), theme.muted)],
    }
}

fn buttons(canvas: &mut Canvas, inner: Rect, y: u16, add: &AddProject) {
    let theme = canvas.theme;
    let mut x = inner.x + 8;
    for (row, part, text) in [(5, Part::Continue, "[ Test and continue ]"), (6, Part::Cancel, "[ Cancel ]")] {
        let style = if add.part == part { theme.selection } else { Style::new() };
        canvas.line(x, y, text.len() as u16, &Line::styled(text, style));
        canvas.hit(Rect { x, y, width: text.len() as u16, height: 1 }, Hit::DialogRow(row));
        x += text.len() as u16 + 4;
    }
}

/// What became of the test; or the promise about the token, and the way into the demo.
fn outcome(canvas: &Canvas, add: &AddProject, width: usize) -> Vec<(String, Style)> {
    let theme = canvas.theme;
    let mut lines: Vec<(String, Style)> = Vec::new();
    if let Some(running) = canvas.model.jobs.get(Slot::Add) {
        lines.push((format!("{}  Esc stops.", running.line(canvas.model.now)), theme.warning));
    } else if let Some(problem) = &add.problem {
        // Where there are several reasons they are listed below.
        let reason = if problem.why.causes.len() > 1 { "" } else { problem.reason.as_str() };
        let text = format!("{}. {} {reason} {}", problem.title, problem.what, problem.advice);
        lines.extend(wrap(&one_line(&text), width.saturating_sub(2)).into_iter().map(|l| (l, theme.bad)));
        // The answer may fit several reasons, and here nothing else tells them.
        if problem.why.causes.len() > 1 {
            lines.push(("Likely reasons:".to_owned(), theme.title));
        }
        for (i, cause) in problem.why.causes.iter().enumerate().filter(|_| problem.why.causes.len() > 1) {
            let text = one_line(&format!("{}. {}", i + 1, cause.text));
            lines.extend(wrap(&text, width.saturating_sub(2)).into_iter().map(|l| (l, Style::new())));
        }
    } else {
        let promise = "The token is never written to a file or to the log.";
        lines.push((promise.to_owned(), theme.muted));
        if canvas.model.projects.is_empty() {
            lines.push((
                canvas.model.options.keys.say("No REDCap at hand?  Esc, then {demo} opens the demo."),
                theme.key,
            ));
        }
    }
    lines
}
