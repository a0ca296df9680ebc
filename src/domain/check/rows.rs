//! What concerns whole rows and records: doubles, empty rows, gaps, required fields, names.

use super::columns::{FileColumn, Target};
use super::compare::Compared;
use super::finding::{Findings, Rule};
use super::fix::Fix;
use super::keys::Keys;
use super::place::{Instance, Place, Places};
use super::value::{Verdict, number_of_tag, text_of_tag};
use super::view::{View, is_number};
use super::{Cell, Settings, Stored};
use crate::domain::dictionary::Field;
use crate::domain::project::Metadata;
use crate::domain::record::{column, natural_cmp};
use crate::domain::text::one_line;
use crate::domain::values::MASK;
use std::collections::{HashMap, HashSet};

/// The file with what was found out about its values.
pub(super) struct Rows<'a> {
    pub view: &'a View<'a>,
    pub columns: &'a [FileColumn],
    pub verdicts: &'a [Vec<Verdict>],
    pub metadata: &'a Metadata,
    pub settings: &'a Settings,
}

impl Rows<'_> {
    pub fn cell(&self, compared: &Compared, row: usize, column: usize) -> Cell {
        compared.cells.get(row * self.columns.len() + column).copied().unwrap_or(Cell::Nothing)
    }

    /// The text that would be stored for a cell.
    fn stored_form(&self, row: usize, column: usize) -> &str {
        let code = self.view.codes(column).get(row).copied().unwrap_or(0) as usize;
        code.checked_sub(1)
            .and_then(|at| self.verdicts.get(column)?.get(at))
            .map_or("", |v| v.stored.as_ref())
    }

    fn field(&self, column: &FileColumn) -> Option<&Field> {
        match &column.target {
            Target::Field(at) | Target::Box(at, _) => self.metadata.dictionary.fields().get(*at),
            _ => None,
        }
    }
}

/// Checks all rows, and marks those that are sent.
pub(super) fn check(
    rows: &Rows<'_>,
    places: &Places<'_>,
    stored: Option<&Stored>,
    compared: &mut Compared,
    findings: &mut Findings,
) {
    mark_sent(rows, compared, findings);
    doubles(rows, places, compared, findings);
    if let Some(stored) = stored {
        gaps(places, compared, findings);
        names(rows, places, compared, stored, findings);
    }
    boxes(rows, compared, findings);
    groups(rows, stored, findings);
    unique(rows, places, findings);
    if rows.settings.overwrite {
        erasing_columns(rows, compared, findings);
    }
}

/// A row is sent if it has a value, or erases one.
fn mark_sent(rows: &Rows<'_>, compared: &mut Compared, findings: &mut Findings) {
    let mut why = None;
    let group = Keys::of(rows.columns).group;
    for row in 0..compared.rows.len() {
        let range = row * rows.columns.len()..(row + 1) * rows.columns.len();
        let cells = compared.cells.get(range).unwrap_or_default();
        let has = |wanted: &[Cell]| cells.iter().any(|c| wanted.contains(c));
        let is_sent = has(&[Cell::New, Cell::Changed, Cell::Same, Cell::Filled, Cell::Erased])
            || !rows.view.text(row, group).is_empty();
        let is_refused = has(&[Cell::Refused]);
        let Some(place) = compared.rows.get_mut(row) else { continue };
        place.is_sent = is_sent && place.place.is_some();
        if !is_sent && !is_refused && place.place.is_some() {
            let why = *why.get_or_insert_with(|| findings.why("The row is not sent.", None));
            findings.add(Some(row), None, Rule::KeysOnly, why);
        }
    }
}

/// Rows for the same place: REDCap keeps one of them (`redcap-permissions.md` §7.1).
fn doubles(rows: &Rows<'_>, places: &Places<'_>, compared: &mut Compared, findings: &mut Findings) {
    let mut first: HashMap<Place, usize> = HashMap::new();
    for row in 0..compared.rows.len() {
        let Some(place) = places.rows.get(row).copied().flatten() else { continue };
        if place.instance == Instance::New {
            continue;
        }
        let Some(&before) = first.get(&place) else {
            first.insert(place, row);
            continue;
        };
        let line = rows.view.file.line(before);
        let differing: Vec<(usize, &FileColumn)> = rows
            .columns
            .iter()
            .enumerate()
            .filter(|(at, c)| {
                (c.is_value() || c.target == Target::Group)
                    && rows.view.text(row, Some(*at)) != rows.view.text(before, Some(*at))
            })
            .collect();
        if differing.is_empty() {
            findings.once(Some(row), None, Rule::IdenticalRows, format!("The same as line {line}."), None);
            if let Some(r) = compared.rows.get_mut(row) {
                r.is_sent = false;
            }
        } else {
            let both = |masked: bool| {
                let shown = |row: usize, at: usize, c: &FileColumn| match rows.view.text(row, Some(at)) {
                    "" => "blank".to_owned(),
                    _ if masked && c.identifier => MASK.to_owned(),
                    text => format!("\"{}\"", shortened(text)),
                };
                let some: Vec<String> = differing
                    .iter()
                    .take(4)
                    .map(|(at, c)| format!("{} {} and {}", c.name, shown(before, *at, c), shown(row, *at, c)))
                    .collect();
                let more = if differing.len() > 4 { ", ..." } else { "" };
                format!("Line {line} is for the same place. There and here: {}{more}.", some.join(", "))
            };
            findings.once_masked(Some(row), None, Rule::ConflictingRows, both(false), both(true));
        }
    }
}

/// The beginning of a long text, on one line.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let line = one_line(text);
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// New instances whose predecessor does not exist, in the file neither.
fn gaps(places: &Places<'_>, compared: &Compared, findings: &mut Findings) {
    let in_file: HashSet<Place> = places.rows.iter().flatten().copied().collect();
    for (row, (place, state)) in places.rows.iter().zip(&compared.rows).enumerate() {
        let (Some(place), None, true) = (place, state.stored, state.is_sent) else { continue };
        let Instance::Number(number) = place.instance else { continue };
        let before = Place { instance: Instance::Number(number.saturating_sub(1)), ..*place };
        if number > 1 && compared.index.find(&before).is_none() && !in_file.contains(&before) {
            let last = compared.index.highest(place);
            let what = match last {
                0 => format!("Instance {number} is the first; there is no instance {}.", number - 1),
                last => format!("The last instance is {last}; instance {number} leaves a gap."),
            };
            findings.once(Some(row), None, Rule::InstanceGap, what, None);
        }
    }
}

/// New records: how many, and whether they look like existing ones without their zeros.
fn names(
    rows: &Rows<'_>,
    places: &Places<'_>,
    compared: &Compared,
    stored: &Stored,
    findings: &mut Findings,
) {
    let mut new: Vec<&str> = places
        .records
        .iter()
        .zip(&compared.is_new)
        .filter(|(_, is_new)| **is_new == Some(true))
        .map(|(name, _)| name.as_str())
        .collect();
    new.sort_by(|a, b| natural_cmp(a, b));
    let id = Keys::of(rows.columns).record;
    let Some(ids) = &stored.ids else { return };
    let bare: HashMap<&str, usize> =
        ids.iter().filter(|i| is_number(i)).map(|i| (i.trim_start_matches('0'), i.len())).collect();
    let shortened: Vec<&str> = new
        .iter()
        .filter(|name| {
            let twin = bare.get(name.trim_start_matches('0'));
            is_number(name) && twin.is_some_and(|width| *width > name.len())
        })
        .copied()
        .collect();
    if let Some(width) = ids.iter().filter(|i| is_number(i)).map(String::len).max()
        && !shortened.is_empty()
        && !rows.settings.fixes.contains(&Fix::KeepIds)
    {
        let what = format!(
            "Would create {} NEW records ({}); existing names have {width} digits.",
            shortened.len(),
            some_of(&shortened)
        );
        findings.once(None, id, Rule::LostZeros, what, Some(Fix::PadIds { width }));
    }
    if !new.is_empty() {
        let what = match new.as_slice() {
            [one] => format!("{} is a new record, or this token cannot see it.", one_line(one)),
            _ => format!("{} records are new, or this token cannot see them: {}.", new.len(), some_of(&new)),
        };
        findings.once(None, id, Rule::NewRecord, what, None);
    }
}

fn some_of(names: &[&str]) -> String {
    let more = if names.len() > 5 { ", ..." } else { "" };
    let names: Vec<String> = names.iter().take(5).map(|n| one_line(n)).collect();
    format!("{}{more}", names.join(", "))
}

/// Checkbox fields whose ticks contradict their action tags.
fn boxes(rows: &Rows<'_>, compared: &Compared, findings: &mut Findings) {
    let mut fields: Vec<(usize, Vec<(usize, &str)>)> = Vec::new();
    for (at, column) in rows.columns.iter().enumerate() {
        let Target::Box(field, code) = &column.target else { continue };
        match fields.iter_mut().find(|(f, _)| f == field) {
            Some((_, list)) => list.push((at, code)),
            None => fields.push((*field, vec![(at, code)])),
        }
    }
    for (field, columns) in fields {
        let Some(field) = rows.metadata.dictionary.fields().get(field) else { continue };
        let most = number_of_tag(&field.annotation, "MAXCHECKED");
        let exclusive: Vec<&str> = text_of_tag(&field.annotation, "NONEOFTHEABOVE")
            .map(|codes| codes.split(',').map(str::trim).collect())
            .unwrap_or_default();
        if most.is_none() && exclusive.is_empty() {
            continue;
        }
        for row in 0..compared.rows.len() {
            let ticked: Vec<(usize, &str)> =
                columns.iter().filter(|(at, _)| rows.stored_form(row, *at) == "1").copied().collect();
            let first = ticked.first().map(|(at, _)| *at);
            if most.is_some_and(|most| ticked.len() > most) {
                let what = format!("{} has {} ticks.", field.name, ticked.len());
                findings.once(Some(row), first, Rule::TooManyTicks, what, None);
            }
            if ticked.len() > 1
                && let Some((at, code)) = ticked.iter().find(|(_, code)| exclusive.contains(code))
            {
                let what = format!("Choice {code} of {} stands alone.", field.name);
                findings.once(Some(row), Some(*at), Rule::ExclusiveChoice, what, None);
            }
        }
    }
}

/// The Data Access Group column.
fn groups(rows: &Rows<'_>, stored: Option<&Stored>, findings: &mut Findings) {
    let Some(at) = Keys::of(rows.columns).group else { return };
    if rows.view.file.eav.is_some() {
        let what = "Send the groups in a file with one row a place.";
        findings.once(None, Some(at), Rule::EavGroup, what, None);
    }
    // Users in a group never get the column, however they ask (`redcap-api.md` §9.1).
    if stored.is_some_and(|s| s.rows.n_rows() > 0 && s.rows.column(column::DAG).is_none()) {
        let what = "The server did not send the groups, as it does for users who are in one.";
        findings.once(None, Some(at), Rule::DagInGroup, what, None);
    }
    let Some(groups) = rows.metadata.access.dags.known() else { return };
    for (code, value) in rows.view.values(at).iter().enumerate() {
        if value.is_empty() || groups.iter().any(|g| g.unique_name == *value) {
            continue;
        }
        let label = groups.iter().find(|g| g.name.eq_ignore_ascii_case(value));
        let fix = label.map(|g| Fix::Value {
            column: column::DAG.into(),
            from: value.to_string(),
            to: g.unique_name.clone(),
            sure: false,
        });
        let why = findings.why(format!("There is no group \"{}\".", one_line(value)), fix);
        for (row, c) in rows.view.codes(at).iter().enumerate() {
            if *c as usize == code + 1 {
                findings.add(Some(row), Some(at), Rule::UnknownDag, why);
            }
        }
    }
}

/// The secondary unique field: two records of the file with one value.
fn unique(rows: &Rows<'_>, places: &Places<'_>, findings: &mut Findings) {
    let name = &rows.metadata.info.secondary_unique_field;
    let found = rows.columns.iter().position(|c| c.name == *name && rows.field(c).is_some());
    let Some(at) = found else { return };
    let mut first: HashMap<u32, (u32, usize)> = HashMap::new();
    for (row, code) in rows.view.codes(at).iter().enumerate().filter(|(_, c)| **c > 0) {
        let Some(place) = places.rows.get(row).copied().flatten() else { continue };
        let value = rows.stored_form(row, at);
        if value.is_empty() || rows.metadata.info.missing_label(value).is_some() {
            continue;
        }
        match first.get(code) {
            Some((record, before)) if *record != place.record => {
                let what = format!("Line {} has the same value.", rows.view.file.line_at(*before, at));
                findings.once(Some(row), Some(at), Rule::NotUnique, what, None);
            }
            Some(_) => {}
            None => {
                first.insert(*code, (place.record, row));
            }
        }
    }
}

/// Columns without a value, which erase the field everywhere.
fn erasing_columns(rows: &Rows<'_>, compared: &Compared, findings: &mut Findings) {
    for (at, column) in rows.columns.iter().enumerate().filter(|(_, c)| c.is_value()) {
        let is_blank = rows.view.codes(at).iter().all(|c| *c == 0);
        let erased =
            (0..compared.rows.len()).filter(|row| rows.cell(compared, *row, at) == Cell::Erased).count();
        if is_blank && erased > 0 {
            let what = format!("Column {} is entirely blank: {erased} values are erased.", column.name);
            findings.once(None, Some(at), Rule::BlankColumnErases, what, None);
        }
    }
}
