//! What capscope asked of servers.

use super::canvas::{Canvas, Row, entry, pair};
use super::live::clock;
use super::text::{cut, fit};
use crate::api::client::CallState;
use crate::app::model::Pane;
use crate::domain::clock::zone_words;
use crate::domain::text::one_line;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the calls, newest first.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let activity = &canvas.model.activity;
    let n = activity.calls.len();
    let status = if n == 0 { String::new() } else { format!("{} of {n}", activity.cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Main, "Activity: what capscope asked of the server", &status);
    let page = usize::from(inner.height);
    canvas.note_page(Pane::Main, page);
    if n == 0 {
        return canvas.message(
            inner,
            &[
                ("Nothing was asked of a server yet.", theme.title),
                (
                    "Each request is listed here: when, what, how long, how the server answered. Never a token, never a value.",
                    theme.muted,
                ),
            ],
        );
    }
    let top = activity.cursor.visible_top(n, page);
    let width = usize::from(inner.width).saturating_sub(2);
    // Whose call it was needs a column only if there is more than one project.
    let project_width = if activity.several_projects() { (width / 4).min(24) } else { 0 };
    let title_width = width.saturating_sub(32 + project_width).clamp(14, 44);
    let rows: Vec<Row> = activity
        .calls
        .iter()
        .skip(top)
        .take(page)
        .map(|call| {
            let failed = matches!(call.state, CallState::Done { outcome: Err(_), .. });
            let words = one_line(&call.state_words());
            let project = if project_width == 0 {
                String::new()
            } else {
                format!("{} ", fit(&one_line(&call.project), project_width - 1))
            };
            Row::from(vec![
                Span::styled(format!("{}  ", clock(canvas, call.at)), theme.muted),
                Span::raw(project),
                Span::raw(fit(&asked(call), title_width)),
                Span::raw(" "),
                Span::styled(
                    cut(&words, width.saturating_sub(project_width + title_width + 11)),
                    if failed { theme.bad } else { theme.muted },
                ),
            ])
        })
        .collect();
    canvas.rows(inner, Pane::Main, top, Some(activity.cursor.at), &rows);
}

/// The method, and what of it was asked for.
fn asked(call: &crate::app::activity::Call) -> String {
    let title = call.title.strip_prefix("Export ").unwrap_or(call.title);
    if call.detail.is_empty() { title.to_owned() } else { format!("{title}: {}", one_line(&call.detail)) }
}

/// Draws one call whole.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Card, "Request", "");
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    if let Some(call) = canvas.model.activity.chosen() {
        pair(&mut lines, &theme, "Method", call.title, width);
        if !call.detail.is_empty() {
            pair(&mut lines, &theme, "Asked for", &one_line(&call.detail), width);
        }
        if !call.project.is_empty() {
            pair(&mut lines, &theme, "Project", &one_line(&call.project), width);
        }
        pair(&mut lines, &theme, "Server", &one_line(&call.host), width);
        let zone = &canvas.model.options.zone;
        let offset = zone_words(i64::from(zone.to_offset(call.at).seconds()) / 60);
        let at = zone.to_datetime(call.at).strftime("%Y-%m-%d %H:%M:%S");
        pair(&mut lines, &theme, "Time", &format!("{at} {offset}"), width);
        if let CallState::Done { status: Some(status), .. } = &call.state {
            pair(&mut lines, &theme, "Status", &status.to_string(), width);
        }
        entry(&mut lines, &theme, "How it stands", &one_line(&call.state_words()), width);
        entry(
            &mut lines,
            &theme,
            "On the server",
            "REDCap logs most calls under the name of the token's owner.",
            width,
        );
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, 0, &lines);
}
