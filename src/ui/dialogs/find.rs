//! The search over records and codebooks.

use super::centered;
use crate::app::changes::LogLoad;
use crate::app::find::{Find, LISTED, Line as Found, searched, told};
use crate::app::model::Hit;
use crate::app::running::{Slot, grouped};
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;

use crate::ui::text::{counted, fit, wrap};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, find: &Find) {
    let theme = canvas.theme;
    let area = centered(area, 100, 26);
    canvas.clear(area);
    let inner =
        canvas.frame(area, true, "Find records, and fields of all projects", "Enter open   Esc close");
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let line = Line::from(vec![
        Span::styled("Find: ", theme.title),
        Span::raw(find.text.value().to_owned()),
        Span::styled("_", theme.focus),
    ]);
    canvas.line(inner.x, inner.y, inner.width, &line);
    let mut y = inner.y + 1;
    for line in wrap(&state(canvas, find), inner.width.into()).into_iter().take(3) {
        canvas.text(inner.x, y, inner.width, &line, theme.muted);
        y += 1;
    }
    // The last lines tell all of the chosen hit.
    let about = about(canvas, find);
    let about: Vec<String> = wrap(&about, inner.width.into()).into_iter().take(2).collect();
    for (i, line) in about.iter().enumerate() {
        let y = inner.bottom().saturating_sub(2) + i as u16;
        canvas.text(inner.x, y, inner.width, line, theme.title);
    }
    let list = Rect { y: y + 1, height: inner.bottom().saturating_sub(y + 4), ..inner };
    let lines = find.lines();
    let page = usize::from(list.height);
    canvas.note_dialog_page(page);
    let top = find.cursor.visible_top(lines.len(), page);
    let width = usize::from(list.width);
    for (i, line) in lines.iter().enumerate().skip(top).take(page) {
        let chosen = i == find.cursor.at;
        let mark = if chosen { ">" } else { " " };
        let text = format!("{mark} {}", text_of(canvas, find, *line));
        let style = match (chosen, line) {
            (true, _) => theme.selection,
            (false, Found::Read) => theme.title,
            (false, _) => Style::new(),
        };
        let y = list.y + (i - top) as u16;
        canvas.text(list.x, y, list.width, &fit(&text, width), style);
        canvas.hit(Rect { y, height: 1, ..list }, Hit::DialogRow(i));
    }
}

/// What was searched, and what was not.
fn state(canvas: &Canvas, find: &Find) -> String {
    let model = canvas.model;
    if let Some(running) = model.jobs.get(Slot::Find) {
        return running.line(model.now);
    }
    let mut text = String::new();
    if let Some(open) = &model.open {
        if let LogLoad::Failed(problem) = &open.find.load {
            text = format!("Problem: {} ", one_line(&problem.one_line()));
        }
        if let Some(index) = &open.find.index {
            let id = open.metadata.dictionary.record_id_field().map_or("", |f| f.name.as_str());
            let names: Vec<String> = std::iter::once(id.to_owned()).chain(searched(open)).collect();
            text.push_str(&format!(
                "{} records searched by {}. Tab other fields.",
                grouped(index.len() as u64),
                names.join(", ")
            ));
            if !open.find.missing.is_empty() {
                text.push_str(&format!(" Left out by export rights: {}.", open.find.missing.join(", ")));
            }
        }
    }
    let books = model.codebooks.len();
    let projects = if books == 1 { "1 project".to_owned() } else { format!("{books} projects") };
    text.push_str(&format!(" Codebooks of {projects} that were read on this computer."));
    if !find.text.value().trim().is_empty() {
        let fields = counted(find.totals.1, "field");
        // Nothing is said of records that were not looked at.
        if find.offer {
            text.push_str(&format!(" Found: {fields}. The records were not searched yet."));
        } else {
            text.push_str(&format!(" Found: {}, {fields}.", counted(find.totals.0, "record")));
        }
        if find.totals.0.max(find.totals.1) > LISTED {
            text.push_str(&format!(" The first {LISTED} of each are listed."));
        }
    }
    text.trim().to_owned()
}

/// The chosen hit, whole.
fn about(canvas: &Canvas, find: &Find) -> String {
    match (find.chosen(), &canvas.model.open) {
        (Some(Found::Record(at)), Some(open)) => find.records.get(at).map_or(String::new(), |hit| {
            format!("Record {}: {} {}", open.shown_record(&hit.record), hit.field, told(open, hit))
        }),
        (Some(Found::Field(at)), _) => find.fields.get(at).map_or(String::new(), |hit| {
            let events =
                if hit.events.is_empty() { String::new() } else { format!(", at {}", hit.events.join(", ")) };
            let used = match hit.used_by {
                0 => String::new(),
                1 => "; 1 field uses it".to_owned(),
                n => format!("; {n} fields use it"),
            };
            format!("{} on {}{events}{used}. {}", hit.field, hit.form, hit.label)
        }),
        _ => String::new(),
    }
}

fn text_of(canvas: &Canvas, find: &Find, line: Found) -> String {
    let model = canvas.model;
    match line {
        Found::Read => {
            let Some(open) = &model.open else { return String::new() };
            let names = searched(open);
            let also = if names.is_empty() { String::new() } else { format!(" and {}", names.join(", ")) };
            format!("Search records too: reads the record ids{also} of all records")
        }
        Found::Record(at) => {
            let (Some(open), Some(hit)) = (&model.open, find.records.get(at)) else { return String::new() };
            format!(
                "record {} {} {}",
                fit(&open.shown_record(&hit.record), 12),
                fit(&hit.field, 14),
                told(open, hit)
            )
        }
        Found::Field(at) => {
            let Some(hit) = find.fields.get(at) else { return String::new() };
            format!(
                "field  {} {} {} ({})",
                fit(&hit.field, 18),
                fit(&one_line(&hit.project_name), 20),
                fit(&hit.label, 34),
                hit.part.words(),
            )
        }
    }
}
