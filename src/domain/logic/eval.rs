//! The evaluator: a walk over the tree. The parser bounds the depth of the tree.

use super::context::Context;
use super::error::{EvalError, Problem};
use super::functions::{self, Function};
use super::reference::Reference;
use super::rules::Rules;
use super::syntax::{Arithmetic, Expr, Node};
use super::value::{Value, compare};
use crate::domain::dictionary::{Field, FieldType};
use jiff::civil::DateTime;

/// Where the evaluator gets its values from: a context, or a row of a bound table.
pub(super) trait Environment {
    /// The value of the reference with this number.
    fn reference(&self, index: usize) -> Result<Value<'_>, EvalError>;
    /// The same as a number, if it is one.
    fn number(&self, index: usize) -> Result<Option<f64>, EvalError> {
        self.reference(index).map(|value| value.as_number())
    }
    /// Whether the reference is a text field without validation.
    fn is_unvalidated(&self, index: usize) -> bool;
    /// Whether a text is a missing data code.
    fn is_missing_code(&self, text: &str) -> bool;
}

/// Evaluates parts of one expression.
pub(super) struct Evaluator<'v, E> {
    pub environment: &'v E,
    pub rules: &'v Rules,
    pub now: DateTime,
}

impl<'v, E: Environment> Evaluator<'v, E> {
    /// The value of a part.
    pub fn value(&self, expr: &'v Expr) -> Result<Value<'v>, EvalError> {
        match &expr.node {
            Node::Number(number) => Ok(Value::number(*number)),
            Node::Text { text, .. } => Ok(Value::text(text.as_str())),
            Node::Bool(truth) => Ok(Value::Bool(*truth)),
            Node::Reference(index) => self.environment.reference(*index),
            Node::Group(of) => self.value(of),
            Node::Not(of) => Ok(Value::Bool(!self.truth(of)?)),
            Node::Sign { minus, of } => Ok(match self.operand(of)? {
                Some(number) => Value::Number(if *minus { -number } else { number }),
                None => Value::Blank,
            }),
            Node::Power(base, exponent) => Ok(match (self.operand(base)?, self.operand(exponent)?) {
                (Some(base), Some(exponent)) => Value::number(base.powf(exponent)),
                _ => Value::Blank,
            }),
            Node::Arithmetic(first, rest) => self.arithmetic(first, rest),
            Node::Compare(first, rest) => {
                let mut left = self.value(first)?;
                for (op, right) in rest {
                    left = Value::Bool(compare(*op, &left, &self.value(right)?, self.rules));
                }
                Ok(left)
            }
            Node::All(parts) => {
                for part in parts {
                    if !self.truth(part)? {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
            Node::Any(parts) => {
                for part in parts {
                    if self.truth(part)? {
                        return Ok(Value::Bool(true));
                    }
                }
                Ok(Value::Bool(false))
            }
            Node::Call { name, function, args } => self.call(expr, name, *function, args),
        }
    }

    /// Whether a part is true.
    pub fn truth(&self, expr: &'v Expr) -> Result<bool, EvalError> {
        Ok(self.value(expr)?.is_true(self.rules))
    }

    /// A side of an operation. Blanks and texts that are no numbers make the result blank (§6).
    fn operand(&self, expr: &'v Expr) -> Result<Option<f64>, EvalError> {
        let Node::Reference(index) = expr.ungrouped().node else {
            return self.value(expr).map(|value| value.as_number());
        };
        let number = self.environment.number(index)?;
        if number.is_none()
            && self.rules.unvalidated_blank_is_zero
            && self.environment.is_unvalidated(index)
            && self.environment.reference(index)?.is_blank()
        {
            return Ok(Some(0.0));
        }
        Ok(number)
    }

    fn arithmetic(&self, first: &'v Expr, rest: &'v [(Arithmetic, Expr)]) -> Result<Value<'v>, EvalError> {
        let mut left = self.operand(first)?;
        for (op, part) in rest {
            let right = self.operand(part)?;
            left = match (left, right) {
                (Some(a), Some(b)) => Some(match op {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                })
                // Division by zero is blank at once, so that 1 / (1 / 0) is blank as well.
                .filter(|n| n.is_finite()),
                _ => None,
            };
        }
        Ok(left.map_or(Value::Blank, Value::number))
    }

    fn call(
        &self,
        expr: &'v Expr,
        name: &str,
        function: Option<Function>,
        args: &'v [Expr],
    ) -> Result<Value<'v>, EvalError> {
        let Some(function) = function else {
            return Err(Problem::UnknownFunction(name.to_owned()).at(&expr.at));
        };
        if let (Function::If, [condition, then, otherwise]) = (function, args) {
            let branch = if self.truth(condition)? { then } else { otherwise };
            // The literal "NaN" is an accepted way to say blank in `if` (§6).
            return if branch.literal_text() == Some("NaN") { Ok(Value::Blank) } else { self.value(branch) };
        }
        let call = functions::Call {
            at: &expr.at,
            rules: self.rules,
            now: self.now,
            is_missing_code: &|text| self.environment.is_missing_code(text),
        };
        // Few arguments need no memory of their own.
        match args {
            [one] => functions::call(function, &[self.value(one)?], &call),
            [one, two] => functions::call(function, &[self.value(one)?, self.value(two)?], &call),
            args => {
                let values: Vec<Value<'v>> =
                    args.iter().map(|arg| self.value(arg)).collect::<Result<_, _>>()?;
                functions::call(function, &values, &call)
            }
        }
    }
}

/// The value of a reference with this stored text.
///
/// A checkbox choice is 1 or 0, never blank; a comma decimal gets a point (§4).
pub(super) fn stored_value<'v>(
    reference: &Reference,
    field: Option<&Field>,
    text: std::borrow::Cow<'v, str>,
    rules: &Rules,
) -> Value<'v> {
    if text.is_empty() {
        // With one of these switches off, the context itself tells 0 from blank.
        let unticked = reference.code().is_some()
            && rules.coded_checkbox_is_unticked
            && rules.unknown_choice_is_unticked;
        return if unticked { Value::text("0") } else { Value::Blank };
    }
    if text.contains(',') && field.is_some_and(|f| f.validation.contains("comma_decimal")) {
        return Value::text(text.replace(',', "."));
    }
    Value::text(text)
}

/// Whether a field is one line of text that nothing checks.
pub(super) fn is_unvalidated(field: &Field) -> bool {
    matches!(field.field_type, FieldType::Text | FieldType::Notes) && field.validation.is_empty()
}

/// The environment of one context.
pub(super) struct ContextEnvironment<'v> {
    pub context: &'v dyn Context,
    pub references: &'v [Reference],
    pub rules: &'v Rules,
}

impl ContextEnvironment<'_> {
    fn field(&self, index: usize) -> Option<&Field> {
        self.references.get(index).and_then(Reference::field).and_then(|name| self.context.field(name))
    }
}

impl Environment for ContextEnvironment<'_> {
    fn reference(&self, index: usize) -> Result<Value<'_>, EvalError> {
        let Some(reference) = self.references.get(index) else { return Ok(Value::Blank) };
        let text = self.context.value(reference).map_err(|problem| problem.at(&reference.at))?;
        Ok(stored_value(reference, self.field(index), text, self.rules))
    }

    fn is_unvalidated(&self, index: usize) -> bool {
        self.field(index).is_some_and(is_unvalidated)
    }

    fn is_missing_code(&self, text: &str) -> bool {
        self.context.is_missing_code(text)
    }
}
