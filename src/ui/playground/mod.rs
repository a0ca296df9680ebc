//! The playground: the list of methods, and the form of the chosen one.

mod answer;
mod calls;
mod card;

pub use card::draw_card;

use super::canvas::{Canvas, Row};
use super::text::{cut, fit, wrap};
use crate::app::model::Pane;
use crate::app::open::Open;
use crate::app::playground::notes::remarks;
use crate::app::playground::{Face, code, method_at, name_of, words};
use crate::domain::text::one_line;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws the methods that are found.
pub fn draw_list(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let Some(open) = canvas.model.open.as_ref() else {
        canvas.pane(area, Pane::List, "Methods", "");
        return;
    };
    let playground = &open.playground;
    let favourites = &canvas.model.favourites;
    let found = playground.found(favourites);
    let title = if playground.filter.is_empty() {
        "Methods".to_owned()
    } else {
        format!("Methods: {}", one_line(&playground.filter))
    };
    let at = playground.methods.at;
    let status = if found.is_empty() { String::new() } else { format!("{} of {}", at + 1, found.len()) };
    let inner = canvas.pane(area, Pane::List, &title, &status);
    let page = usize::from(inner.height);
    canvas.note_page(Pane::List, page);
    if found.is_empty() {
        let text = "No method has these letters. Esc clears the search.";
        return canvas.message(inner, &[(text, Style::new())]);
    }
    let width = usize::from(inner.width).saturating_sub(1);
    let top = playground.methods.visible_top(found.len(), page);
    let rows: Vec<Row> = found
        .iter()
        .skip(top)
        .take(page)
        .map(|&i| {
            let method = method_at(i);
            let effect = words::effect(method);
            let mark = if favourites.contains(&name_of(method)) { "*" } else { " " };
            let room = width.saturating_sub(effect.len() + 2);
            Row::from(vec![
                Span::raw(format!("{mark}{} ", fit(&words::short_title(method), room))),
                Span::styled(effect, if effect.is_empty() { theme.muted } else { theme.warning }),
            ])
        })
        .collect();
    canvas.rows(inner, Pane::List, top, Some(at), &rows);
}

/// Draws what the main part shows.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let Some(open) = canvas.model.open.as_ref() else {
        let inner = canvas.pane(area, Pane::Main, "Playground", "");
        return canvas.no_project(inner);
    };
    match open.playground.face {
        Face::Form => draw_form(canvas, area, open),
        Face::Answer => answer::draw(canvas, area, open),
        Face::Code => draw_code(canvas, area, open),
        Face::Calls => calls::draw(canvas, area, open),
        Face::Compare => calls::draw_comparison(canvas, area, open),
    }
}

/// Whether the request stands below the form; otherwise it is in the card.
fn preview_fits(open: &Open, area: Rect) -> bool {
    let form = open.playground.form();
    let wide = form.preview("").iter().any(|l| l.chars().count() + 6 > usize::from(area.width));
    !wide && form.n_rows() + form.preview("").len() + 8 <= usize::from(area.height)
}

fn draw_form(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let form = open.playground.form();
    let method = form.method;
    let n = method.params.len();
    let status = format!("{} of {}", (form.cursor.at + 1).min(n + 1), n + 1);
    let inner = canvas.pane(area, Pane::Main, method.title, &status);
    let width = usize::from(inner.width).saturating_sub(1);
    let remarks = remarks(&form, open, &canvas.model.options.keys);
    // What it does stands above, so that it is read before the form.
    let mut head = vec![Line::styled(cut(&format!(" {}", method.help), width), theme.muted)];
    if let Some(remark) = remarks.first() {
        let (mark, style) = if remark.blocks { ("!", theme.bad) } else { ("Note:", theme.warning) };
        let more = match remarks.len() {
            1 => String::new(),
            n => format!("  (+{} in the card)", n - 1),
        };
        let text = format!("{mark} {}{more}", remark.text);
        // Two lines hold what matters; the card has all of it.
        let lines = wrap(&text, width.saturating_sub(1));
        let cut_off = lines.len() > 2;
        for (i, line) in lines.into_iter().take(2).enumerate() {
            let line =
                if cut_off && i == 1 { cut(&format!("{line}…"), width.saturating_sub(1)) } else { line };
            head.push(Line::styled(format!(" {line}"), style));
        }
    }
    if head.len() < 2 {
        head.push(Line::default());
    }
    for (i, line) in head.iter().enumerate() {
        canvas.line(inner.x, inner.y + i as u16, inner.width, line);
    }
    let used = head.len() as u16;
    let list = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
    let page = usize::from(list.height);
    canvas.note_page(Pane::Main, page);
    let top = form.cursor.visible_top(n + 1, page);
    let name_width = method.params.iter().map(|p| p.name.len()).max().unwrap_or(8).clamp(8, 28) + 3;
    let rows: Vec<Row> = (top..=n)
        .take(page)
        .map(|i| match method.params.get(i) {
            Some(param) => {
                let values = form.values.get(i).map_or(&[][..], Vec::as_slice);
                let complaint = remarks.iter().any(|r| r.blocks && r.param == param.name);
                let mark = if complaint { "!" } else { " " };
                let name = Span::styled(fit(&format!("{mark} {}", param.name), name_width), theme.title);
                let room = width.saturating_sub(name_width);
                let (text, style) = match words::values(param, values) {
                    Some(text) => (one_line(&text), Style::new()),
                    None if param.required => (words::default(param), theme.bad),
                    None => (words::default(param), theme.muted),
                };
                Row::from(vec![name, Span::styled(cut(&text, room), style)])
            }
            None => {
                let blocked = remarks.iter().any(|r| r.blocks);
                let text = if blocked { "  [ Send ]  not yet: see above" } else { "  [ Send ]" };
                Row::styled(text, if blocked { theme.muted } else { theme.focus })
            }
        })
        .collect();
    canvas.rows(list, Pane::Main, top, Some(form.cursor.at), &rows);
    if preview_fits(open, area) {
        let mut y = list.y + n as u16 + 2;
        canvas.text(list.x + 1, y, list.width, "The request as it goes out", theme.title);
        for line in form.preview(&open.project.url) {
            y += 1;
            canvas.text(list.x + 3, y, list.width.saturating_sub(4), &one_line(&line), theme.muted);
        }
    }
}

fn draw_code(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let playground = &open.playground;
    let title = format!("{}: {}", playground.language.title(), playground.chosen().title);
    let at = crate::app::playground::language_place(playground.language);
    let inner = canvas.pane(area, Pane::Main, &title, &format!("language {} of {}", at.0, at.1));
    let hint = " Left and Right choose the language. The token is read from REDCAP_API_TOKEN.";
    canvas.text(inner.x, inner.y, inner.width, hint, theme.muted);
    let text = Rect {
        y: inner.y + 2,
        height: inner.height.saturating_sub(2),
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
    };
    let lines: Vec<Line> = match code(open) {
        Ok(code) => {
            let width = usize::from(text.width);
            code.lines().map(|l| Line::raw(cut(&crate::domain::text::many_lines(l), width))).collect()
        }
        Err(why) => {
            wrap(&why, text.width.into()).into_iter().map(|l| Line::styled(l, theme.warning)).collect()
        }
    };
    canvas.scrolled(text, Pane::Main, playground.code.at, &lines);
}
