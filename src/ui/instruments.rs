//! The list of instruments.

use super::canvas::{Canvas, Row};
use super::text::{cut, fit, fit_right};
use crate::app::model::{Pane, Section};
use crate::domain::text::{one_line, without_html};
use ratatui::layout::Rect;
use ratatui::text::Span;

/// Draws the instruments with the number of their fields and what is special about them.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let model = canvas.model;
    let theme = canvas.theme;
    let Some(open) = &model.open else {
        let inner = canvas.pane(area, Pane::List, "Instruments", "");
        return canvas.no_project(inner);
    };
    let shown = open.shown_instruments();
    let all = open.metadata.instruments.len();
    let at = open.instruments.cursor.at;
    let title = if open.instruments.filter.is_empty() {
        "Instruments".to_owned()
    } else {
        format!("Instruments   {} of {all}   filter: {}", shown.len(), one_line(&open.instruments.filter))
    };
    let status = if shown.is_empty() { String::new() } else { format!("{} of {}", at + 1, shown.len()) };
    let inner = canvas.pane(area, Pane::List, &title, &status);
    let page = usize::from(inner.height);
    canvas.note_page(Pane::List, page);
    if shown.is_empty() {
        if open.source.is_none() {
            return super::overview::not_yet(canvas, inner, open);
        }
        let text = match all {
            0 => "This project has no instruments yet. They are made in REDCap; then  {reload}  reads them.",
            _ => "No instrument matches the filter. Esc clears it.",
        };
        return canvas.message(inner, &[(text, theme.muted)]);
    }
    let top = open.instruments.cursor.visible_top(shown.len(), page);
    let width = usize::from(inner.width).saturating_sub(2);
    let loaded = open.records.form.as_deref().filter(|_| model.section == Section::Records);
    let rows: Vec<Row> = shown
        .iter()
        .skip(top)
        .take(page)
        .map(|instrument| {
            let n = open.metadata.dictionary.fields_of(&instrument.name).count();
            let right = if open.metadata.form_repeats(&instrument.name) {
                format!("repeats {n:>3}")
            } else {
                format!("{n:>3}")
            };
            let label = without_html(&one_line(&instrument.label));
            let label = if label.is_empty() { instrument.name.clone() } else { label };
            let room = width.saturating_sub(right.len() + 2);
            let mark = if loaded == Some(instrument.name.as_str()) { "*" } else { " " };
            Row::from(vec![
                Span::raw(mark),
                Span::raw(fit(&cut(&label, room), room)),
                Span::styled(fit_right(&right, right.len() + 1), theme.muted),
            ])
        })
        .collect();
    canvas.rows(inner, Pane::List, top, Some(at), &rows);
}
