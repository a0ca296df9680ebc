//! One whole record on screen.

use super::canvas::{Canvas, Row, entry, pair};
use super::records::status_style;
use super::text::{cut, fit};
use crate::app::hidden::Shown as OnForm;
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::app::record_view::{Line as Place, RecordView, ViewState};
use crate::domain::text::{many_lines, one_line, without_html};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws the record: its events, instruments and values under one another.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open, view: &RecordView) {
    let theme = canvas.theme;
    let n = view.lines.len();
    let status = if n == 0 { String::new() } else { format!("line {} of {n}", view.cursor.at + 1) };
    let inner = canvas.pane(area, Pane::Main, &format!("Record {}", record_name(open, view)), &status);
    match &view.state {
        ViewState::Loading if n == 0 => {
            return canvas.message(inner, &[("Reading the record...  Esc stops.", theme.muted)]);
        }
        ViewState::Failed(problem) if n == 0 => {
            return canvas.failed(
                inner,
                problem,
                "{reload}  tries again      {problem-details}  shows all about it      Esc  goes back",
            );
        }
        ViewState::Ready if n == 0 => {
            let text = "The server gave nothing of this record. It may have been deleted or renamed, or moved to another Data Access Group.";
            return canvas.message(inner, &[(text, Style::new())]);
        }
        _ => {}
    }
    let page = usize::from(inner.height);
    canvas.note_page(Pane::Main, page);
    let top = view.cursor.visible_top(n, page);
    let width = usize::from(inner.width).saturating_sub(1);
    let rows: Vec<Row> =
        view.lines.iter().skip(top).take(page).map(|line| row(canvas, open, view, line, width)).collect();
    canvas.rows(inner, Pane::Main, top, Some(view.cursor.at), &rows);
}

/// The record's name; masked when the record id field itself is an identifier.
fn record_name(open: &Open, view: &RecordView) -> String {
    let identifier = open.metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
    if open.masked && identifier { crate::domain::values::MASK.into() } else { one_line(&view.record) }
}

fn row(canvas: &Canvas, open: &Open, view: &RecordView, line: &Place, width: usize) -> Row {
    let theme = canvas.theme;
    match line {
        Place::Note(text) => Row::styled(cut(&one_line(text), width), theme.warning),
        Place::Place(name) => Row::styled(cut(&one_line(name), width), theme.title),
        Place::Instrument { label, status, .. } => Row::from(vec![
            Span::styled(fit(&format!("  {}", one_line(label)), width.saturating_sub(14)), theme.title),
            Span::styled(fit(status, 14), status_style(canvas, status)),
        ]),
        Place::TableHead { fields } => {
            let names = fields.iter().filter_map(|f| open.metadata.dictionary.fields().get(*f));
            let cells = std::iter::once("instance".to_owned()).chain(names.map(|f| f.name.clone()));
            Row::styled(in_columns(cells, width), theme.title)
        }
        Place::TableRow { fields, row } => {
            let instance = view.table.get(*row, crate::domain::record::column::REPEAT_INSTANCE);
            let value = |f: &usize| view.value(*f, *row, open.values, open.masked, &open.metadata);
            let cells = std::iter::once(instance.to_owned()).chain(fields.iter().map(value));
            Row::from(vec![Span::raw(in_columns(cells, width))])
        }
        Place::Field { field, row, shown } => {
            let Some(about) = open.metadata.dictionary.fields().get(*field) else { return Row::default() };
            let value = view.value(*field, *row, open.values, open.masked, &open.metadata);
            let label = without_html(&one_line(&about.label));
            let label = if label.is_empty() { about.name.clone() } else { label };
            let label_width = (width / 2).clamp(10, 40);
            // A field that the form hides is not missing; one that has a value all the same is odd.
            let (value, style) = match (value.is_empty(), shown, about.required) {
                (true, OnForm::Hidden, _) => ("hidden".to_owned(), theme.muted),
                (false, OnForm::Hidden, _) => (format!("{value}  ! hidden on the form"), theme.warning),
                (true, OnForm::Yes, true) => ("[empty] ! required".to_owned(), theme.warning),
                (true, _, _) => ("·".to_owned(), theme.muted),
                (false, _, _) => (value, Style::new()),
            };
            Row::from(vec![
                Span::styled(format!("    {} ", fit(&label, label_width.saturating_sub(5))), theme.muted),
                Span::styled(cut(&value, width.saturating_sub(label_width)), style),
            ])
        }
    }
}

/// Cells of a table of instances, as many as there is room for; what is left out is told.
fn in_columns(cells: impl Iterator<Item = String>, width: usize) -> String {
    const WIDTH: usize = 14;
    let cells: Vec<String> = cells.collect();
    let room = (width.saturating_sub(4 + 6) / (WIDTH + 1)).max(1);
    let mut line = "    ".to_owned();
    for (at, cell) in cells.iter().take(room).enumerate() {
        let cell = if cell.is_empty() { "·" } else { cell };
        let width = if at == 0 { 9 } else { WIDTH };
        line.push_str(&fit(&one_line(cell), width));
        line.push(' ');
    }
    if cells.len() > room {
        line.push_str(&format!("{} ›", cells.len() - room));
    }
    cut(&line, width)
}

/// Draws the value under the cursor whole, with the field it belongs to.
pub fn draw_card(canvas: &mut Canvas, area: Rect, open: &Open, view: &RecordView) {
    let theme = canvas.theme;
    let chosen = view.lines.get(view.cursor.at);
    let (title, lines) = match chosen {
        Some(Place::Field { field, row, shown }) => {
            let Some(about) = open.metadata.dictionary.fields().get(*field) else { return };
            let width = usize::from(area.width).saturating_sub(4);
            let mut lines = Vec::new();
            let value = view.value(*field, *row, open.values, open.masked, &open.metadata);
            let value = if value.is_empty() { "[empty]".to_owned() } else { value };
            entry(&mut lines, &theme, "Value", &many_lines(&value), width);
            entry(&mut lines, &theme, "Label", &without_html(&many_lines(&about.label)), width);
            lines.push(Line::default());
            pair(&mut lines, &theme, "Instrument", open.metadata.instrument_label(&about.form), width);
            let event = view.table.get(*row, crate::domain::record::column::EVENT);
            if !event.is_empty() {
                pair(&mut lines, &theme, "Event", &open.metadata.event_label(event), width);
            }
            let instance = view.table.get(*row, crate::domain::record::column::REPEAT_INSTANCE);
            if !instance.is_empty() {
                pair(&mut lines, &theme, "Instance", instance, width);
            }
            pair(&mut lines, &theme, "Type", about.field_type.as_str(), width);
            let verdict = match shown {
                _ if about.branching_logic.trim().is_empty() => "",
                OnForm::Yes => "True for this record: the form shows the field.",
                OnForm::Hidden => "False for this record: the form hides the field.",
                OnForm::Unknown => "It cannot be worked out here.",
            };
            super::logic::expression(&mut lines, &theme, "Shown only if", &about.branching_logic, width);
            entry(&mut lines, &theme, "For this record", verdict, width);
            for (name, traced) in &view.trace.sections {
                lines.push(Line::default());
                lines.push(Line::styled(format!("Why ({name})"), theme.title));
                super::logic::trace(&mut lines, &theme, traced, width);
            }
            (about.name.clone(), lines)
        }
        Some(Place::Instrument { label, status, row, .. }) => {
            let width = usize::from(area.width).saturating_sub(4);
            let mut lines = vec![Line::raw(format!("Status: {status}"))];
            let event = view.table.get(*row, crate::domain::record::column::EVENT);
            if !event.is_empty() {
                pair(&mut lines, &theme, "Event", &one_line(&open.metadata.event_label(event)), width);
            }
            (one_line(label), lines)
        }
        Some(Place::TableHead { .. }) => ("Instances".to_owned(), Vec::new()),
        Some(Place::TableRow { fields, row }) => {
            let width = usize::from(area.width).saturating_sub(4);
            let mut lines = Vec::new();
            for field in fields {
                let Some(about) = open.metadata.dictionary.fields().get(*field) else { continue };
                let value = view.value(*field, *row, open.values, open.masked, &open.metadata);
                let value = if value.is_empty() { "[empty]".to_owned() } else { value };
                entry(&mut lines, &theme, &about.name, &many_lines(&value), width);
            }
            let instance = view.table.get(*row, crate::domain::record::column::REPEAT_INSTANCE);
            (format!("Instance {instance}"), lines)
        }
        Some(Place::Place(name)) => (one_line(name), Vec::new()),
        Some(Place::Note(text)) => {
            let mut lines = Vec::new();
            let width = usize::from(area.width).saturating_sub(4);
            entry(&mut lines, &theme, "About this record", &one_line(text), width);
            ("Left out".to_owned(), lines)
        }
        None => (String::new(), Vec::new()),
    };
    let inner = canvas.pane(area, Pane::Card, &title, "");
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}
