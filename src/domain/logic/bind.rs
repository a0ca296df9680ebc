//! An expression tied to a table: each part is evaluated once per distinct value.
//!
//! Record tables repeat few values per column. A condition that depends on one column is worked
//! out for each distinct value beforehand and then only looked up; conditions joined by `and` /
//! `or` are combined a block of rows at a time. Only what depends on several columns at once
//! (`[a] > [b]`) is evaluated row by row.

use super::Logic;
use super::error::{EvalError, Problem};
use super::eval::{Environment, Evaluator, is_unvalidated, stored_value};
use super::locate::{Spot, locate};
use super::record::{Place, field_problem, without_looking};
use super::reference::{Item, Reference};
use super::rows::TableRows;
use super::rules::Rules;
use super::smart::{self, Surroundings};
use super::syntax::{Expr, Node};
use super::value::Value;
use crate::domain::choices::checkbox_column;
use jiff::civil::DateTime;
use std::borrow::Cow;
use std::collections::HashMap;

/// How many rows are worked on at a time: they stay in the processor's first cache.
const BLOCK: usize = 4096;

/// The three states of a condition in a mask.
const FALSE: u8 = 0;
const TRUE: u8 = 1;
const FAILED: u8 = 2;

/// What a reference gives in each row: a code per row into a list of values.
#[derive(Debug)]
struct Slot<'t> {
    /// Empty if the value is the same in all rows.
    codes: Cow<'t, [u32]>,
    values: Vec<Value<'t>>,
    is_unvalidated: bool,
}

/// An expression tied to the rows of a table.
pub struct Bound<'t> {
    rows: &'t TableRows<'t>,
    root: Option<&'t Expr>,
    plan: Plan<'t>,
    slots: Slots<'t>,
    rules: &'t Rules,
    now: DateTime,
}

#[derive(Debug, Default)]
struct Slots<'t> {
    slots: Vec<Slot<'t>>,
    /// The slot of each reference; equal references share one.
    of_reference: Vec<usize>,
}

/// How a condition is worked out over many rows.
#[derive(Debug)]
enum Plan<'t> {
    Same(u8),
    /// Depends on one slot: the state for each of its codes.
    ByCode {
        slot: usize,
        states: Vec<u8>,
    },
    Not(Box<Plan<'t>>),
    All(Vec<Plan<'t>>),
    Any(Vec<Plan<'t>>),
    ByRow(&'t Expr),
}

impl<'t> Bound<'t> {
    pub(super) fn new(
        logic: &'t Logic,
        rows: &'t TableRows<'t>,
        rules: &'t Rules,
        now: DateTime,
    ) -> Result<Self, EvalError> {
        let mut slots = Slots::default();
        let mut known: HashMap<String, usize> = HashMap::new();
        for reference in &logic.references {
            let slot = match known.get(&reference.to_string()) {
                Some(&slot) => slot,
                None => {
                    let slot =
                        slot_of(reference, rows, rules).map_err(|problem| problem.at(&reference.at))?;
                    slots.slots.push(slot);
                    known.insert(reference.to_string(), slots.slots.len() - 1);
                    slots.slots.len() - 1
                }
            };
            slots.of_reference.push(slot);
        }
        let root = logic.root.as_ref();
        if let Some(root) = root {
            for expr in root.walk() {
                if let Node::Call { name, function: None, .. } = &expr.node {
                    return Err(Problem::UnknownFunction(name.clone()).at(&expr.at));
                }
            }
        }
        let mut bound = Self { rows, root, plan: Plan::Same(TRUE), slots, rules, now };
        if let Some(root) = root {
            bound.plan = bound.planned(root);
        }
        Ok(bound)
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    /// Whether the expression is true in a row.
    pub fn is_true(&self, row: usize) -> Result<bool, EvalError> {
        let mut state = [FALSE];
        self.fill(&self.plan, row, &mut state);
        match state {
            [FALSE] => Ok(false),
            [TRUE] => Ok(true),
            _ => self.value(row).map(|value| value.is_true(self.rules)),
        }
    }

    /// The value of the expression in a row.
    pub fn value(&self, row: usize) -> Result<Value<'static>, EvalError> {
        let Some(root) = self.root else { return Ok(Value::Bool(true)) };
        let environment = SlotEnvironment { slots: &self.slots, rows: self.rows, at: At::Row(row) };
        let evaluator = Evaluator { environment: &environment, rules: self.rules, now: self.now };
        evaluator.value(root).map(Value::into_owned)
    }

    /// The rows in which the expression is true, in order.
    pub fn matching(&self) -> Result<Vec<u32>, EvalError> {
        let mut found = Vec::new();
        let mut block = [FALSE; BLOCK];
        let mut start = 0;
        while start < self.n_rows() {
            let len = BLOCK.min(self.n_rows() - start);
            let states = block.get_mut(..len).unwrap_or_default();
            self.fill(&self.plan, start, states);
            for (row, state) in (start..).zip(states.iter()) {
                match *state {
                    FALSE => {}
                    TRUE => found.push(row as u32),
                    _ => {
                        if self.is_true(row)? {
                            found.push(row as u32);
                        }
                    }
                }
            }
            start += len;
        }
        Ok(found)
    }

    fn state(&self, expr: &Expr, at: At) -> u8 {
        let environment = SlotEnvironment { slots: &self.slots, rows: self.rows, at };
        let evaluator = Evaluator { environment: &environment, rules: self.rules, now: self.now };
        evaluator.truth(expr).map_or(FAILED, u8::from)
    }

    fn planned(&self, expr: &'t Expr) -> Plan<'t> {
        match self.slots.used_by(expr) {
            Used::Nothing => Plan::Same(self.state(expr, At::Row(0))),
            Used::One(slot) => {
                let codes = self.slots.slots.get(slot).map_or(0, |s| s.values.len());
                let states = (0..codes).map(|code| self.state(expr, At::Code(code))).collect();
                Plan::ByCode { slot, states }
            }
            Used::Several => match &expr.node {
                Node::Group(of) => self.planned(of),
                Node::Not(of) => Plan::Not(Box::new(self.planned(of))),
                Node::All(parts) => Plan::All(parts.iter().map(|p| self.planned(p)).collect()),
                Node::Any(parts) => Plan::Any(parts.iter().map(|p| self.planned(p)).collect()),
                _ => Plan::ByRow(expr),
            },
        }
    }

    /// Writes the state of a plan for the rows from `start`.
    fn fill(&self, plan: &Plan<'t>, start: usize, out: &mut [u8]) {
        match plan {
            Plan::Same(state) => out.fill(*state),
            Plan::ByCode { slot, states } => {
                let codes = self.slots.slots.get(*slot).map_or(&[][..], |s| &s.codes);
                let blank = states.first().copied().unwrap_or(FALSE);
                let codes = codes.get(start..).unwrap_or_default();
                if codes.is_empty() {
                    out.fill(blank);
                }
                for (state, code) in out.iter_mut().zip(codes) {
                    *state = states.get(*code as usize).copied().unwrap_or(blank);
                }
            }
            Plan::Not(of) => {
                self.fill(of, start, out);
                for state in out {
                    *state = if *state == FAILED { FAILED } else { TRUE - *state };
                }
            }
            Plan::All(parts) => self.fill_joined(parts, TRUE, start, out),
            Plan::Any(parts) => self.fill_joined(parts, FALSE, start, out),
            Plan::ByRow(expr) => {
                for (row, state) in (start..).zip(out) {
                    *state = self.state(expr, At::Row(row));
                }
            }
        }
    }

    /// Joins parts from left to right: the next part counts only where all before are in the
    /// state `open` (true for `and`, false for `or`).
    fn fill_joined(&self, parts: &[Plan<'t>], open: u8, start: usize, out: &mut [u8]) {
        out.fill(open);
        let mut scratch = [FALSE; BLOCK];
        for part in parts {
            if let Plan::ByRow(expr) = part {
                for (row, state) in (start..).zip(out.iter_mut()) {
                    if *state == open {
                        *state = self.state(expr, At::Row(row));
                    }
                }
                continue;
            }
            let Some(next) = scratch.get_mut(..out.len()) else { continue };
            self.fill(part, start, next);
            for (state, next) in out.iter_mut().zip(next) {
                *state = if *state == open { *next } else { *state };
            }
        }
    }
}

/// Where slots are read: in a row, or one slot at one of its codes.
#[derive(Debug, Clone, Copy)]
enum At {
    Row(usize),
    Code(usize),
}

enum Used {
    Nothing,
    One(usize),
    Several,
}

impl Slots<'_> {
    fn used_by(&self, expr: &Expr) -> Used {
        let mut used = Used::Nothing;
        for part in expr.walk() {
            let Node::Reference(index) = part.node else { continue };
            let Some(&slot) = self.of_reference.get(index) else { continue };
            // A value that is the same in all rows depends on nothing.
            if self.slots.get(slot).is_some_and(|s| s.codes.is_empty()) {
                continue;
            }
            match used {
                Used::Nothing => used = Used::One(slot),
                Used::One(before) if before == slot => {}
                _ => return Used::Several,
            }
        }
        used
    }
}

struct SlotEnvironment<'b, 't> {
    slots: &'b Slots<'t>,
    rows: &'b TableRows<'t>,
    at: At,
}

impl SlotEnvironment<'_, '_> {
    fn slot(&self, index: usize) -> Option<&Slot<'_>> {
        self.slots.of_reference.get(index).and_then(|slot| self.slots.slots.get(*slot))
    }
}

impl Environment for SlotEnvironment<'_, '_> {
    fn reference(&self, index: usize) -> Result<Value<'_>, EvalError> {
        let Some(slot) = self.slot(index) else { return Ok(Value::Blank) };
        let code = match self.at {
            _ if slot.codes.is_empty() => 0,
            At::Row(row) => slot.codes.get(row).map_or(0, |code| *code as usize),
            At::Code(code) => code,
        };
        Ok(match slot.values.get(code) {
            None | Some(Value::Blank) => Value::Blank,
            Some(Value::Text(text)) => Value::Text(Cow::Borrowed(text)),
            Some(Value::Number(number)) => Value::Number(*number),
            Some(Value::Bool(truth)) => Value::Bool(*truth),
        })
    }

    fn is_unvalidated(&self, index: usize) -> bool {
        self.slot(index).is_some_and(|slot| slot.is_unvalidated)
    }

    fn is_missing_code(&self, text: &str) -> bool {
        self.rows.project.is_missing_code(text)
    }
}

fn same_in_all_rows(value: Value<'_>) -> Slot<'_> {
    Slot { codes: Cow::Borrowed(&[]), values: vec![value], is_unvalidated: false }
}

fn slot_of<'t>(
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
        return Ok(same_in_all_rows(Value::text(text)));
    }
    if known.field.is_some_and(|f| !f.holds_data()) {
        return Ok(same_in_all_rows(Value::Blank));
    }
    let column_name = code.map_or(Cow::Borrowed(name), |code| Cow::Owned(checkbox_column(name, code)));
    // Blank would be a lie about a column that was not fetched.
    let Some(column) = rows.column(&column_name) else {
        return Err(Problem::NotLoaded(column_name.into_owned()));
    };
    let value = |text: &'t str| stored_value(reference, known.field, Cow::Borrowed(text), rules);
    let nothing = if known.field.is_none() && rules.unsaved_status_is_zero { "0" } else { "" };
    let values = std::iter::once(value(nothing)).chain(table.distinct(column).map(value)).collect();
    let mut slot = Slot {
        codes: Cow::Borrowed(table.codes(column)),
        values,
        is_unvalidated: known.field.is_some_and(is_unvalidated),
    };
    let own_row = project.is_record_id(name) || (reference.is_plain() && !rows.has_instrument_rows());
    if !own_row {
        let form = known.form;
        let targets = Targets::of(reference, form, rows, rules);
        let codes = table.codes(column);
        slot.codes = (0..table.n_rows())
            .map(|row| targets.row(row).and_then(|row| codes.get(row)).copied().unwrap_or(0))
            .collect();
    }
    if code.is_some()
        && let Some(first) = slot.values.first_mut()
    {
        *first = Value::text("0");
    }
    if code.is_some() && !rules.coded_checkbox_is_unticked {
        mark_coded(&mut slot, name, reference, known.form, rows, rules);
    }
    Ok(slot)
}

/// Finds for each row the row that holds the value of a reference.
struct Targets<'t, 'r> {
    reference: &'t Reference,
    form: &'t str,
    rows: &'t TableRows<'t>,
    rules: &'r Rules,
}

impl<'t, 'r> Targets<'t, 'r> {
    fn of(reference: &'t Reference, form: &'t str, rows: &'t TableRows<'t>, rules: &'r Rules) -> Self {
        Self { reference, form, rows, rules }
    }

    fn row(&self, row: usize) -> Option<usize> {
        let at = self.rows.row_place(row)?;
        let place = self.rows.place(row);
        // Most references mean the row they stand in.
        let instances = |event: &str, instrument: &str| self.rows.instances(at.record, event, instrument);
        match locate(self.rows.project, self.form, self.reference, &place, self.rules, &instances) {
            Spot::Blank => None,
            Spot::Row { event, instrument, instance } => {
                let same = event == place.event
                    && instrument == place.instrument
                    && instance == place.instance.unwrap_or(0);
                if same { Some(row) } else { self.rows.find(at.record, event, instrument, instance) }
            }
        }
    }
}

/// Gives rows whose checkbox holds a missing data code a blank instead of "not ticked" (§10).
fn mark_coded<'t>(
    slot: &mut Slot<'t>,
    name: &str,
    reference: &'t Reference,
    form: &'t str,
    rows: &'t TableRows<'t>,
    rules: &Rules,
) {
    let codes = &rows.project.metadata().info.missing_data_codes;
    let columns: Vec<usize> =
        codes.iter().filter_map(|c| rows.column(&checkbox_column(name, &c.code))).collect();
    let targets = Targets::of(reference, form, rows, rules);
    let blank = slot.values.len() as u32;
    slot.values.push(Value::Blank);
    let marked = slot.codes.iter().enumerate().map(|(row, &code)| {
        let coded = || {
            let target = targets.row(row).unwrap_or(row);
            columns.iter().any(|&c| rows.table.cell(target, c) == "1")
        };
        if code == 0 && coded() { blank } else { code }
    });
    slot.codes = marked.collect::<Vec<u32>>().into();
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
    let event_codes = rows.columns.event.map_or(&[][..], |c| rows.table.codes(c));
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
    Ok(Slot { codes: codes.into(), values, is_unvalidated: false })
}

/// The exported completion time of a survey instrument, at the place of a row.
fn completed_in_table(rows: &TableRows<'_>, record: u32, form: &str, place: &Place<'_>) -> Option<String> {
    let column = rows.column(&format!("{form}_timestamp"))?;
    let (instrument, instance) = rows.project.row_of_form(form, place);
    let row = rows.find(record, place.event, instrument, instance);
    Some(row.map_or_else(String::new, |row| rows.table.cell(row, column).to_owned()))
}
