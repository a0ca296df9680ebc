//! What each reference of an expression gives in the rows of a table.

use super::error::Problem;
use super::eval::{is_unvalidated, stored_value};
use super::record::{Place, field_problem, without_looking};
use super::reference::{Item, Reference};
use super::rows::TableRows;
use super::rules::Rules;
use super::smart::{self, Surroundings};
use super::targets::Targets;
use super::value::Value;
use crate::domain::choices::checkbox_column;
use std::borrow::Cow;
use std::collections::HashMap;

/// What a reference gives in each row: a code per row into a list of values.
#[derive(Debug)]
pub(super) struct Slot<'t> {
    /// Empty if the value is the same in all rows.
    pub codes: Vec<u32>,
    pub values: Vec<Value<'t>>,
    /// The values as numbers.
    pub numbers: Vec<Option<f64>>,
    pub is_unvalidated: bool,
}

impl<'t> Slot<'t> {
    fn new(codes: Vec<u32>, values: Vec<Value<'t>>, is_unvalidated: bool) -> Self {
        let numbers = values.iter().map(Value::as_number).collect();
        Self { codes, values, numbers, is_unvalidated }
    }

    fn same_in_all_rows(value: Value<'t>) -> Self {
        Self::new(Vec::new(), vec![value], false)
    }

    /// The code at a place.
    pub fn code(&self, at: At) -> usize {
        match at {
            _ if self.codes.is_empty() => 0,
            At::Row(row) => self.codes.get(row).map_or(0, |code| *code as usize),
            At::Code(code) => code,
        }
    }
}

/// Where slots are read: in a row, or one slot at one of its codes.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Row(usize),
    Code(usize),
}

/// What a reference gives in each row, or why it gives nothing in any.
pub(super) fn slot_of<'t>(
    reference: &'t Reference,
    rows: &'t TableRows<'t>,
    rules: &Rules,
) -> Result<Slot<'t>, Problem> {
    match &reference.item {
        Item::Field { name, code, .. } => field_slot(reference, name, code.as_deref(), rows, rules),
        Item::Smart { name, params } => smart_slot(reference, name, params, rows),
    }
}

fn field_slot<'t>(
    reference: &'t Reference,
    name: &str,
    code: Option<&str>,
    rows: &'t TableRows<'t>,
    rules: &Rules,
) -> Result<Slot<'t>, Problem> {
    let (project, table) = (rows.project, rows.table);
    let known = field_problem(project, name, code)?;
    if let Some(text) = without_looking(project, &known, code, rules) {
        return Ok(Slot::same_in_all_rows(Value::text(text)));
    }
    if known.field.is_some_and(|f| !f.holds_data()) {
        return Ok(Slot::same_in_all_rows(Value::Blank));
    }
    let column_name = code.map_or(Cow::Borrowed(name), |code| Cow::Owned(checkbox_column(name, code)));
    // Blank would be a lie about a column that was not fetched.
    let Some(column) = rows.column(&column_name) else {
        return Err(Problem::NotLoaded(column_name.into_owned()));
    };
    let value = |text: &'t str| stored_value(reference, known.field, Cow::Borrowed(text), rules);
    let nothing = match known.field {
        // A choice is never blank.
        Some(_) if code.is_some() => Value::text("0"),
        None if rules.unsaved_status_is_zero => Value::text("0"),
        _ => Value::Blank,
    };
    let mut values: Vec<Value<'t>> =
        std::iter::once(nothing).chain(table.distinct(column).map(value)).collect();
    let mut codes = table.codes(column);
    let own_row = project.is_record_id(name) || (reference.is_plain() && !rows.has_instrument_rows());
    if !own_row {
        let mut targets = Targets::new(reference, known.form, rows, rules);
        codes = (0..table.n_rows())
            .map(|row| targets.row(row).map_or(0, |row| table.code(row, column)))
            .collect();
    } else if !project.is_record_id(name) {
        blank_where_not_used(&mut codes, known.form, rows);
    }
    if code.is_some() && !rules.coded_checkbox_is_unticked {
        let targets = Targets::new(reference, known.form, rows, rules);
        codes = mark_coded(&codes, values.len() as u32, name, targets);
        values.push(Value::Blank);
    }
    Ok(Slot::new(codes, values, known.field.is_some_and(is_unvalidated)))
}

/// A row has no value of a form that its event does not use, or that repeats there on rows of its
/// own, whatever the table says.
fn blank_where_not_used(codes: &mut [u32], form: &str, rows: &TableRows<'_>) {
    let holds =
        |event: &str| rows.project.is_designated(event, form) && !rows.project.form_repeats(event, form);
    let Some(column) = rows.columns.event else {
        if !holds("") {
            codes.fill(0);
        }
        return;
    };
    let by_code: Vec<bool> = std::iter::once("").chain(rows.table.distinct(column)).map(holds).collect();
    if by_code.iter().all(|held| *held) {
        return;
    }
    for (code, event) in codes.iter_mut().zip(rows.table.codes(column)) {
        if by_code.get(event as usize) == Some(&false) {
            *code = 0;
        }
    }
}

/// Gives rows whose checkbox holds a missing data code the code of a blank (§10).
fn mark_coded(codes: &[u32], blank: u32, name: &str, mut targets: Targets<'_, '_>) -> Vec<u32> {
    let rows = targets.rows;
    let missing = &rows.project.metadata().info.missing_data_codes;
    let columns: Vec<usize> =
        missing.iter().filter_map(|c| rows.column(&checkbox_column(name, &c.code))).collect();
    let mut marked = Vec::with_capacity(codes.len());
    for (row, &code) in codes.iter().enumerate() {
        let is_coded = code == 0
            && targets.row(row).is_some_and(|row| columns.iter().any(|&c| rows.table.cell(row, c) == "1"));
        marked.push(if is_coded { blank } else { code });
    }
    marked
}

/// The smart variables that are the same for all rows with the same event.
fn depends_on_event_alone(name: &str) -> bool {
    name.starts_with("event-") || name.starts_with("arm-") || name.contains("-event-")
}

fn smart_slot<'t>(
    reference: &'t Reference,
    name: &str,
    params: &[String],
    rows: &'t TableRows<'t>,
) -> Result<Slot<'t>, Problem> {
    let text_in = |row: usize, place: &Place<'t>| {
        let record = rows.row_place(row).map_or(0, |p| p.record);
        let surroundings = Surroundings {
            project: rows.project,
            record: rows.columns.record.map_or("", |c| rows.table.cell(row, c)),
            dag: rows.columns.dag.map(|c| rows.table.cell(row, c)),
            place,
            viewer: rows.viewer,
            instances: &|event, instrument| rows.instances(record, event, instrument),
            completed: &|form| completed_in_table(rows, record, form, place),
        };
        smart::value(name, params, reference, &surroundings).map(Cow::into_owned)
    };
    let by_event = depends_on_event_alone(name);
    let event_codes = rows.columns.event.map_or_else(Vec::new, |c| rows.table.codes(c));
    let mut by_event_code: HashMap<u32, u32> = HashMap::new();
    let mut codes = Vec::with_capacity(rows.n_rows());
    let mut values = vec![Value::Blank];
    let mut known: HashMap<String, u32> = HashMap::from([(String::new(), 0)]);
    for row in 0..rows.n_rows() {
        let event = event_codes.get(row).copied().unwrap_or(0);
        if by_event && let Some(&code) = by_event_code.get(&event) {
            codes.push(code);
            continue;
        }
        let text = text_in(row, &rows.place(row))?;
        let code = *known.entry(text).or_insert_with_key(|text| {
            values.push(Value::text(text.clone()));
            values.len() as u32 - 1
        });
        by_event_code.insert(event, code);
        codes.push(code);
    }
    Ok(Slot::new(codes, values, false))
}

/// The exported completion time of a survey instrument, at the place of a row.
fn completed_in_table(rows: &TableRows<'_>, record: u32, form: &str, place: &Place<'_>) -> Option<String> {
    let column = rows.column(&format!("{form}_timestamp"))?;
    let (instrument, instance) = rows.project.row_of_form(form, place);
    let row = rows.find(record, place.event, instrument, instance);
    Some(row.map_or_else(String::new, |row| rows.table.cell(row, column).to_owned()))
}
