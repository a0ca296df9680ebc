//! An expression tied to a table: each part is evaluated once per distinct value.
//!
//! Record tables repeat few values per column. A condition that depends on one column is worked
//! out for each distinct value beforehand and then only looked up; conditions joined by `and` /
//! `or` are combined a block of rows at a time. Only what depends on several columns at once
//! (`[a] > [b]`) is evaluated row by row.

use super::Logic;
use super::error::{EvalError, Problem};
use super::eval::{Environment, Evaluator};
use super::rows::TableRows;
use super::rules::Rules;
use super::slots::{At, Slot, slot_of};
use super::syntax::{Expr, Node};
use super::value::Value;
use jiff::civil::DateTime;
use std::borrow::Cow;
use std::collections::HashMap;

/// How many rows are worked on at a time: they stay in the processor's first cache.
const BLOCK: usize = 4096;

/// The three states of a condition in a mask.
const FALSE: u8 = 0;
const TRUE: u8 = 1;
const FAILED: u8 = 2;

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
        Ok(match slot.values.get(slot.code(self.at)) {
            None | Some(Value::Blank) => Value::Blank,
            Some(Value::Text(text)) => Value::Text(Cow::Borrowed(text)),
            Some(Value::Number(number)) => Value::Number(*number),
            Some(Value::Bool(truth)) => Value::Bool(*truth),
        })
    }

    fn number(&self, index: usize) -> Result<Option<f64>, EvalError> {
        Ok(self.slot(index).and_then(|slot| slot.numbers.get(slot.code(self.at)).copied().flatten()))
    }

    fn is_unvalidated(&self, index: usize) -> bool {
        self.slot(index).is_some_and(|slot| slot.is_unvalidated)
    }

    fn is_missing_code(&self, text: &str) -> bool {
        self.rows.project.is_missing_code(text)
    }
}
