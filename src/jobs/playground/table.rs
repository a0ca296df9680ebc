//! Rows as a table of text: columns under one header, wide cells cut.

use super::views::{MASK, Masks};
use crate::domain::text::one_line;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// The widest a column gets.
const WIDEST: usize = 32;
/// So many rows are laid out.
const MOST_ROWS: usize = 20_000;

/// A CSV as a table; `None` if it has no header.
pub(super) fn of_csv(text: &str, delimiter: u8, masks: &Masks) -> Option<String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut hidden: Vec<bool> = Vec::new();
    let mut field_name = None;
    for record in reader.records().take(MOST_ROWS) {
        let record = record.ok()?;
        if rows.is_empty() {
            hidden = record.iter().map(|name| masks.has(name)).collect();
            field_name = record.iter().position(|name| name == "field_name");
            rows.push(record.iter().map(one_line).collect());
            continue;
        }
        let of_field = field_name.and_then(|i| record.get(i)).is_some_and(|name| masks.has(name));
        let header = rows.first()?;
        let cells = record
            .iter()
            .enumerate()
            .map(|(i, cell)| {
                let value = of_field && header.get(i).is_some_and(|name| name == "value");
                let masked = hidden.get(i).copied().unwrap_or(false) || value;
                if masked && !cell.is_empty() { MASK.to_owned() } else { one_line(cell) }
            })
            .collect();
        rows.push(cells);
    }
    laid_out(&rows)
}

/// A JSON array of flat objects as a table; `None` for anything else.
pub(super) fn of_json(value: &Value) -> Option<String> {
    let objects = value.as_array().filter(|a| !a.is_empty())?;
    let mut header: Vec<String> = Vec::new();
    for object in objects.iter().take(MOST_ROWS) {
        for name in object.as_object()?.keys() {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
    }
    let mut rows = vec![header.iter().map(|name| one_line(name)).collect::<Vec<String>>()];
    for object in objects.iter().take(MOST_ROWS) {
        let cell = |name: &String| match object.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => one_line(text),
            Some(other) => other.to_string(),
        };
        rows.push(header.iter().map(cell).collect());
    }
    laid_out(&rows)
}

fn laid_out(rows: &[Vec<String>]) -> Option<String> {
    let header = rows.first().filter(|h| !h.is_empty())?;
    let width = |i: usize| rows.iter().filter_map(|r| r.get(i)).map(|c| c.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(|i| width(i).clamp(1, WIDEST)).collect();
    let mut text = String::new();
    for (n, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (i, width) in widths.iter().enumerate() {
            line.push_str(&fitted(row.get(i).map_or("", String::as_str), *width));
            line.push_str("  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if n == 0 {
            let rule: Vec<String> = widths.iter().map(|w| "─".repeat(*w)).collect();
            text.push_str(&rule.join("  "));
            text.push('\n');
        }
    }
    Some(text)
}

/// Cut or filled to exactly this width.
fn fitted(text: &str, width: usize) -> String {
    let own = text.width();
    if own <= width {
        return format!("{text}{}", " ".repeat(width - own));
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used + w + 1 > width {
            break;
        }
        out.push(c);
        used += w;
    }
    out.push('…');
    out.push_str(&" ".repeat(width.saturating_sub(used + 1)));
    out
}
