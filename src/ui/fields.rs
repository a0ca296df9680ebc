//! The fields of an instrument, and the card of one field.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::{cut, fit};
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::logic::Severity;
use crate::domain::logic::tags::{self, Computed};
use crate::domain::text::{many_lines, one_line, without_html};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the fields of the chosen instrument: name, type, label, and marks in words.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let Some(open) = &canvas.model.open else {
        let inner = canvas.pane(area, Pane::Main, "Fields", "");
        return canvas.no_project(inner);
    };
    let fields = open.shown_fields();
    let Some(instrument) = open.instrument() else {
        let inner = canvas.pane(area, Pane::Main, "Fields", "");
        if open.source.is_none() {
            return super::overview::not_yet(canvas, inner, open);
        }
        return canvas.message(inner, &[("No instrument is chosen.", theme.muted)]);
    };
    let label = without_html(&one_line(&instrument.label));
    let mut title = format!("Fields of {label}   {}", fields.len());
    if !open.fields.filter.is_empty() {
        title.push_str(&format!("   filter: {}", one_line(&open.fields.filter)));
    }
    let at = open.fields.cursor.at;
    let status =
        if fields.is_empty() { String::new() } else { format!("field {} of {}", at + 1, fields.len()) };
    let inner = canvas.pane(area, Pane::Main, &title, &status);
    let page = usize::from(inner.height).saturating_sub(1);
    canvas.note_page(Pane::Main, page);
    if fields.is_empty() {
        let text = if open.fields.filter.is_empty() {
            "This instrument has no fields that the dictionary shows."
        } else {
            "No field matches the filter. Esc clears it."
        };
        return canvas.message(inner, &[(text, theme.muted)]);
    }
    let name_width = fields.iter().map(|f| f.name.len()).max().unwrap_or(8).clamp(8, 24);
    let header = format!(" {} {} label", fit("field", name_width), fit("type", 11));
    canvas.text(inner.x, inner.y, inner.width, &header, theme.muted);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let top = open.fields.cursor.visible_top(fields.len(), page);
    let room = usize::from(inner.width).saturating_sub(name_width + 14);
    let rows: Vec<Row> = fields
        .iter()
        .skip(top)
        .take(page)
        .map(|field| {
            let mut marks = String::new();
            if field.identifier {
                marks.push_str(" identifier");
            }
            if field.required {
                marks.push_str(" required");
            }
            if let Some(worst) = open.review.get(&field.name).and_then(|f| f.first()) {
                marks.push_str(if worst.severity == Severity::Error { " logic!" } else { " logic?" });
            }
            let label = without_html(&one_line(&field.label));
            let label_room = room.saturating_sub(marks.len());
            Row::from(vec![
                Span::raw(fit(&field.name, name_width)),
                Span::raw(" "),
                Span::styled(fit(type_word(field), 11), theme.muted),
                Span::raw(" "),
                Span::raw(fit(&cut(&label, label_room), label_room)),
                Span::styled(marks, theme.warning),
            ])
        })
        .collect();
    canvas.rows(list, Pane::Main, top, Some(at), &rows);
}

/// The type in a word: the validation says more than `text`.
fn type_word(field: &Field) -> &str {
    if field.field_type == FieldType::Text && !field.validation.is_empty() {
        &field.validation
    } else {
        field.field_type.as_str()
    }
}

/// Draws all about the chosen field.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let model = canvas.model;
    let field = model.open.as_ref().and_then(|open| open.field().map(|f| (open, f)));
    let Some((open, field)) = field else {
        let inner = canvas.pane(area, Pane::Card, "Field", "");
        return canvas.message(inner, &[("Choose a field to see all about it.", theme.muted)]);
    };
    let inner = canvas.pane(area, Pane::Card, &field.name, "");
    let lines = card(canvas, open, field, usize::from(inner.width).saturating_sub(2));
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

fn card(canvas: &Canvas, open: &Open, field: &Field, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let mut lines = Vec::new();
    entry(&mut lines, &theme, "Label", &without_html(&many_lines(&field.label)), width);
    lines.push(Line::default());
    let kind = if field.validation.is_empty() {
        field.field_type.as_str().to_owned()
    } else {
        format!("{}, {}", field.field_type.as_str(), field.validation)
    };
    pair(&mut lines, &theme, "Type", &kind, width);
    if !field.validation_min.is_empty() || !field.validation_max.is_empty() {
        let (min, max) = (&field.validation_min, &field.validation_max);
        let range = match (min.is_empty(), max.is_empty()) {
            (false, false) => format!("{min} to {max}"),
            (false, true) => format!("from {min}"),
            _ => format!("up to {max}"),
        };
        pair(&mut lines, &theme, "Range", &one_line(&format!("{range} (a soft limit)")), width);
    }
    pair(&mut lines, &theme, "Required", if field.required { "yes" } else { "no" }, width);
    pair(&mut lines, &theme, "Identifier", if field.identifier { "yes: personal data" } else { "no" }, width);
    if !field.matrix_group.is_empty() {
        pair(&mut lines, &theme, "Matrix", &field.matrix_group, width);
    }
    let choices = field.choices();
    if !choices.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled(format!("Choices   {}", choices.len()), theme.title));
        for choice in &choices {
            let text = format!("{}  {}", choice.code, without_html(&one_line(&choice.label)));
            for (i, line) in super::text::wrap(&text, width.saturating_sub(4)).into_iter().enumerate() {
                lines.push(Line::raw(format!("{}{line}", if i == 0 { "  " } else { "    " })));
            }
        }
    }
    let raw = many_lines(&field.choices_or_calculations);
    match field.field_type {
        FieldType::Calc => super::logic::expression(&mut lines, &theme, "Calculation", &raw, width),
        FieldType::Slider => entry(&mut lines, &theme, "Slider labels", &raw, width),
        FieldType::Sql => entry(&mut lines, &theme, "Query", &raw, width),
        _ => {}
    }
    match tags::computed(&field.annotation) {
        Some(Ok(Computed::Text(logic))) => {
            super::logic::expression(&mut lines, &theme, "@CALCTEXT", logic.text(), width);
        }
        Some(Ok(Computed::Date(date))) => {
            super::logic::expression(&mut lines, &theme, "@CALCDATE: the date", date.source.text(), width);
            super::logic::expression(&mut lines, &theme, "@CALCDATE: how many", date.offset.text(), width);
        }
        _ => {}
    }
    super::logic::expression(&mut lines, &theme, "Shown only if", &field.branching_logic, width);
    findings(canvas, open, field, width, &mut lines);
    entry(&mut lines, &theme, "Section", &without_html(&many_lines(&field.section_header)), width);
    entry(&mut lines, &theme, "Field note", &without_html(&many_lines(&field.note)), width);
    entry(&mut lines, &theme, "Action tags and notes", &many_lines(&field.annotation), width);
    let used = open.used_by(&field.name);
    if !used.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled("Used by", theme.title));
        for (place, fields) in used {
            let text = format!("{}: {}", place, fields.join(", "));
            lines.extend(
                super::text::wrap(&text, width.saturating_sub(2))
                    .into_iter()
                    .map(|l| Line::raw(format!("  {l}"))),
            );
        }
    }
    let events: Vec<String> = open
        .metadata
        .events_of_form(&field.form)
        .map(|e| open.metadata.event_label(&e.unique_name))
        .collect();
    if !events.is_empty() {
        entry(&mut lines, &theme, "Events with this instrument", &events.join(", "), width);
    }
    lines
}

/// What is wrong or doubtful in the logic of a field, and what to do.
fn findings(canvas: &Canvas, open: &Open, field: &Field, width: usize, lines: &mut Vec<Line<'static>>) {
    let theme = canvas.theme;
    for finding in open.review.get(&field.name).into_iter().flatten() {
        let (word, style) = match finding.severity {
            Severity::Error => ("Mistake", theme.bad),
            Severity::Warning | Severity::Hint => ("Doubtful", theme.warning),
        };
        lines.push(Line::default());
        lines.push(Line::styled(word, style));
        let place = match finding.part.as_str() {
            "" => format!("{}:", finding.place),
            part => format!("{}, at {part}:", finding.place),
        };
        for text in [&place, &finding.message, &finding.hint] {
            for line in super::text::wrap(&one_line(text), width.saturating_sub(2)) {
                if !line.is_empty() {
                    lines.push(Line::raw(format!("  {line}")));
                }
            }
        }
    }
}
