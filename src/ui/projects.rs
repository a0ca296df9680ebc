//! The list of saved projects.

use super::canvas::{Canvas, Row};
use super::text::{cut, fit};
use crate::app::actions::Id;
use crate::app::model::{Hit, Pane};
use crate::domain::text::one_line;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the projects: two lines each, the name, then its number and server; then what can be added.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let model = canvas.model;
    let theme = canvas.theme;
    let n = model.projects.len();
    let status = if n == 0 { String::new() } else { format!("{} of {n}", model.projects_cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Projects, "Projects", &status);
    let page = (usize::from(inner.height).saturating_sub(1) / 2).max(1);
    canvas.note_page(Pane::Projects, page);
    let top = model.projects_cursor.visible_top(n, page);
    let focused = model.pane == Pane::Projects && model.dialog.is_none();
    let width = usize::from(inner.width).saturating_sub(3);
    let mut y = inner.y;
    for (i, project) in model.projects.iter().enumerate().skip(top).take(page) {
        let is_open = model.open.as_ref().is_some_and(|o| o.project.id == project.id);
        let mark = if is_open { "*" } else { " " };
        let name = Row::from(vec![
            Span::raw(mark),
            Span::styled(
                fit(&one_line(&project.name), width),
                if is_open { theme.title } else { ratatui::style::Style::new() },
            ),
        ]);
        let row = Rect { y, height: 1, ..inner };
        canvas.row(row, &name, i == model.projects_cursor.at, focused);
        let below = detail(canvas, project);
        canvas.line(
            inner.x + 2,
            y + 1,
            inner.width.saturating_sub(2),
            &Line::styled(cut(&below, width), theme.muted),
        );
        canvas.hit(Rect { height: 2, ..row }, Hit::Row(Pane::Projects, i));
        y += 2;
    }
    if model.options.demo {
        return;
    }
    let demo_there = model.projects.iter().any(|p| p.id.starts_with("demo-"));
    let offers = [
        (Id::AddProject, "+ Add a project  ({add-project})", true),
        (Id::TakeOver, "+ Take over a file  ({take-over})", model.projects.is_empty()),
        (Id::Demo, "+ Try the demo  ({demo})", !demo_there),
    ];
    for (id, text, shown) in offers {
        if shown && y < inner.bottom() {
            canvas.text(
                inner.x + 1,
                y,
                inner.width.saturating_sub(1),
                &model.options.keys.say(text),
                theme.key,
            );
            canvas.hit(Rect { y, height: 1, ..inner }, Hit::Action(id));
            y += 1;
        }
    }
}

/// The second line of a project: its number and what is known of it.
fn detail(canvas: &Canvas, project: &crate::jobs::types::SavedProject) -> String {
    let open = canvas.model.open.as_ref().filter(|o| o.project.id == project.id);
    let mut parts = vec![project.number_words()];
    if let Some(open) = open {
        if open.problem.as_ref().is_some_and(crate::jobs::Problem::reads_nothing) {
            parts.push("! reads nothing".into());
        } else if open.problem.is_some() {
            parts.push("! not connected".into());
        } else if open.source.is_some() {
            parts.push(if open.metadata.info.is_longitudinal { "longitudinal" } else { "classic" }.into());
        }
    } else {
        let host = project.url.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
        parts.push(host.to_owned());
    }
    parts.join("  ")
}
