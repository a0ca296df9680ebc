//! Why an expression has its result: every reference with its value and every part with its result.

use super::Logic;
use super::context::Context;
use super::error::EvalError;
use super::eval::{ContextEnvironment, Evaluator};
use super::functions::Function;
use super::reference::Reference;
use super::rules::Rules;
use super::syntax::{Expr, Node};
use super::value::Value;
use std::ops::Range;

/// The most parts that are explained. An expression of more is not read by anybody.
pub const MOST_PARTS: usize = 500;

/// One part of an expression with its result.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The place in the text, in bytes.
    pub at: Range<usize>,
    /// Which reference it is, counted as [`Logic::references`] does; `None` for all else.
    pub reference: Option<usize>,
    /// The references in it, itself among them.
    pub references: Vec<usize>,
    /// What it gives, or why it gives nothing.
    pub result: Result<Value<'static>, EvalError>,
    /// False for parts that REDCap does not look at: what follows a decided `and` / `or`, and the
    /// branch of an `if` that was not taken.
    pub needed: bool,
    /// The parts in it. Numbers and texts explain themselves and are no parts.
    pub parts: Vec<Self>,
}

impl Logic {
    /// Explains the expression for one place of one record; `None` for empty logic. At most
    /// [`MOST_PARTS`] parts are explained.
    pub fn trace(&self, context: &dyn Context, rules: &Rules) -> Option<Trace> {
        let environment = ContextEnvironment { context, references: &self.references, rules };
        let evaluator = Evaluator { environment: &environment, rules, now: context.now() };
        let tracer = Tracer { evaluator: &evaluator, rules };
        let mut left = MOST_PARTS;
        self.root.as_ref().map(|root| tracer.trace(root, true, &mut left))
    }

    /// The reference with this number.
    pub fn reference(&self, number: usize) -> Option<&Reference> {
        self.references.get(number)
    }
}

struct Tracer<'t, 'v> {
    evaluator: &'t Evaluator<'v, ContextEnvironment<'v>>,
    rules: &'t Rules,
}

impl<'v> Tracer<'_, 'v> {
    fn trace(&self, expr: &'v Expr, needed: bool, left: &mut usize) -> Trace {
        let expr = expr.ungrouped();
        let result = self.evaluator.value(expr).map(Value::into_owned);
        let reference = if let Node::Reference(number) = expr.node { Some(number) } else { None };
        let references = expr
            .walk()
            .iter()
            .filter_map(|part| if let Node::Reference(number) = part.node { Some(number) } else { None })
            .collect();
        let mut trace =
            Trace { at: expr.at.clone(), reference, references, result, needed, parts: Vec::new() };
        // Whether the parts after this one are still looked at.
        let mut decided = false;
        for (i, part) in expr.children().into_iter().enumerate() {
            if matches!(part.ungrouped().node, Node::Number(_) | Node::Text { .. } | Node::Bool(_)) {
                continue;
            }
            if *left == 0 {
                break;
            }
            *left -= 1;
            let taken = match &expr.node {
                Node::Call { function: Some(Function::If), .. } if i > 0 => {
                    let condition = trace.parts.first().map(|t| self.is_true(t));
                    let condition = condition.unwrap_or_else(|| self.constant(expr));
                    (i == 1) == condition
                }
                _ => !decided,
            };
            let part = self.trace(part, needed && taken, left);
            decided |= match expr.node {
                Node::All(_) => !self.is_true(&part),
                Node::Any(_) => self.is_true(&part),
                _ => false,
            };
            trace.parts.push(part);
        }
        trace
    }

    fn is_true(&self, trace: &Trace) -> bool {
        trace.result.as_ref().is_ok_and(|value| value.is_true(self.rules))
    }

    /// The truth of a condition that is a constant, and so no part.
    fn constant(&self, expr: &'v Expr) -> bool {
        let condition = expr.children().into_iter().next();
        condition.is_some_and(|c| self.evaluator.truth(c) == Ok(true))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{data, now, study};
    use super::super::{Project, RecordContext, TableRows, parse};
    use super::*;

    /// The trace as lines: depth, part, result; `-` before what was not needed.
    fn lines(text: &str, row: usize) -> Vec<String> {
        let (metadata, table, rules) = (study(), data(), Rules::default());
        let project = Project::new(&metadata);
        let rows = TableRows::new(&project, &table);
        let record = rows.record(row);
        let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
        let logic = parse(text).unwrap();
        let mut out = Vec::new();
        let mut open = vec![(0, logic.trace(&context, &rules).unwrap())];
        while let Some((depth, trace)) = open.pop() {
            let result = match &trace.result {
                Ok(Value::Bool(truth)) => truth.to_string(),
                Ok(value) => value.to_text(&rules).into_owned(),
                Err(error) => format!("! {error}"),
            };
            let skipped = if trace.needed { "" } else { "-" };
            out.push(format!("{}{skipped}{} = {result}", "  ".repeat(depth), &text[trace.at.clone()]));
            open.extend(trace.parts.into_iter().rev().map(|part| (depth + 1, part)));
        }
        out
    }

    #[test]
    fn every_part_has_its_result_and_what_was_not_looked_at_is_marked() {
        assert_eq!(
            lines("([sex]='1' or [race(1)]='1' or [race(2)]='1') and [born]<>''", 0),
            [
                "([sex]='1' or [race(1)]='1' or [race(2)]='1') and [born]<>'' = true",
                "  [sex]='1' or [race(1)]='1' or [race(2)]='1' = true",
                "    [sex]='1' = false",
                "      [sex] = 2",
                "    [race(1)]='1' = true",
                "      [race(1)] = 1",
                "    -[race(2)]='1' = false",
                "      -[race(2)] = 0",
                "  [born]<>'' = true",
                "    [born] = 1990-06-15",
            ]
        );
        assert_eq!(
            lines("if([sex]='2', [v1_arm_1][weight]*2, [nothing])", 0),
            [
                "if([sex]='2', [v1_arm_1][weight]*2, [nothing]) = 141",
                "  [sex]='2' = true",
                "    [sex] = 2",
                "  [v1_arm_1][weight]*2 = 141",
                "    [v1_arm_1][weight] = 70.5",
                "  -[nothing] = ! there is no field [nothing]",
            ]
        );
        assert_eq!(lines("if(1=1, [sex], [born])", 0)[2..], ["  [sex] = 2", "  -[born] = 1990-06-15"]);
        assert_eq!(lines("if(1, [sex], [born])", 0)[1..], ["  [sex] = 2", "  -[born] = 1990-06-15"]);
    }

    #[test]
    fn a_long_expression_is_explained_in_part() {
        let text = vec!["[sex]='1'"; 5000].join(" or ");
        assert!(lines(&text, 0).len() <= MOST_PARTS + 1);
    }
}
