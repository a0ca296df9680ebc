//! A check as text and as JSON.

use super::check::Checked;
use crate::domain::check::payload::place_words;
use crate::domain::check::{Cell, Finding, Rehearsal, Severity};
use crate::domain::text::one_line;
use crate::domain::values::MASK;
use serde_json::{Value, json};

/// How many findings and changes are printed before the rest is only counted.
const MOST: usize = 200;

/// The whole check for people, with each cell of these kinds. Values of identifiers are masked unless
/// asked for.
pub fn text(checked: &Checked, cells: &[Cell], identifiers: bool) -> String {
    let r = &checked.rehearsal;
    let mut out = format!("{}\nSHA-256 {}\n", checked.path.display(), checked.hash);
    for line in r.summary() {
        out.push_str(&format!("{line}\n"));
    }
    for remark in &checked.remarks {
        out.push_str(&format!("Note: {remark}\n"));
    }
    if !r.findings.is_empty() {
        out.push('\n');
    }
    for finding in r.findings.iter().take(MOST) {
        out.push_str(&format!(
            "{:<8} {}: {} [{}] {}\n",
            finding.rule.severity().word(),
            r.where_is(finding),
            finding.rule.title(),
            finding.rule.tag(),
            r.sentence(finding, !identifiers)
        ));
        if let Some(fix) = r.fix_words(finding, !identifiers) {
            out.push_str(&format!("         suggestion: {fix}\n"));
        }
    }
    if r.findings.len() > MOST {
        out.push_str(&format!("... and {} more\n", r.findings.len() - MOST));
    }
    push_cells(&mut out, r, cells, identifiers);
    out.push('\n');
    for sentence in r.effects.sentences() {
        out.push_str(&format!("{sentence}\n"));
    }
    out
}

/// What becomes of each cell of these kinds, one a line.
fn push_cells(out: &mut String, r: &Rehearsal, kinds: &[Cell], identifiers: bool) {
    let all = (0..r.rows.len()).flat_map(|row| (0..r.columns.len()).map(move |column| (row, column)));
    let mut listed = 0;
    for (row, column) in all {
        let cell = r.cell(row, column);
        let Some(of) = r.columns.get(column).filter(|_| kinds.contains(&cell)) else { continue };
        listed += 1;
        if listed > MOST {
            continue;
        }
        if listed == 1 {
            out.push('\n');
        }
        let shown = |text: &str| match text {
            "" => "[empty]".to_owned(),
            _ if of.identifier && !identifiers => MASK.to_owned(),
            text => one_line(text),
        };
        let (word, change) = match cell {
            Cell::New => ("new", shown(r.value(row, column))),
            Cell::Erased => ("ERASED", format!("{} -> [empty]", shown(r.stored_value(row, column)))),
            _ => (
                "changed",
                format!("{} -> {}", shown(r.stored_value(row, column)), shown(r.value(row, column))),
            ),
        };
        let id_masked = !identifiers && r.columns.iter().any(|c| c.name == r.id_field() && c.identifier);
        let place = if id_masked { format!("line {}", r.file.line(row)) } else { place_words(r, row) };
        out.push_str(&format!("{word:<8} {place} {}: {change}\n", of.name));
    }
    if listed > MOST {
        out.push_str(&format!("... and {} more cells\n", listed - MOST));
    }
}

/// The whole check for scripts.
pub fn json(checked: &Checked, identifiers: bool) -> Value {
    let r = &checked.rehearsal;
    let cells: serde_json::Map<String, Value> = Cell::ALL
        .into_iter()
        .filter(|c| *c != Cell::Nothing)
        .map(|c| (c.tag().to_owned(), json!(r.count(c))))
        .collect();
    let severities: serde_json::Map<String, Value> =
        Severity::ALL.into_iter().map(|s| (s.word().to_owned(), json!(r.count_of(s)))).collect();
    json!({
        "file": checked.path.display().to_string(),
        "sha256": checked.hash,
        "read_as": r.file.describe(),
        "encoding": r.file.encoding,
        "compared": r.stored.is_some(),
        "rows": r.rows.len(),
        "records": r.records.len(),
        "new_records": r.effects.new_records,
        "new_visits": r.effects.new_visits.len(),
        "gray_to_red": r.effects.gray_to_red,
        "cells": cells,
        "severities": severities,
        "verdict": r.verdict(),
        "may_be_sent": r.may_be_sent(),
        "remarks": checked.remarks,
        "effects": r.effects.sentences(),
        "findings": r.findings.iter().map(|f| finding_json(r, f, identifiers)).collect::<Vec<_>>(),
    })
}

fn finding_json(r: &Rehearsal, f: &Finding, identifiers: bool) -> Value {
    let masked = !identifiers && r.is_identifier(f);
    let row = f.row.map(|row| row as usize);
    let value = match (row, f.column) {
        (Some(row), Some(column)) if !masked => json!(r.file.table.cell(row, column as usize)),
        _ => Value::Null,
    };
    json!({
        "severity": f.rule.severity().word(),
        "rule": f.rule.tag(),
        "title": f.rule.title(),
        "line": row.map(|row| r.line_of(f, row)),
        "record": row.map(|row| r.record_name(row)),
        "column": f.column.and_then(|c| r.columns.get(c as usize)).map(|c| c.header.clone()),
        "value": value,
        "what": r.sentence(f, !identifiers),
        "why": f.rule.why(),
        "suggestion": r.fix_words(f, !identifiers),
    })
}
