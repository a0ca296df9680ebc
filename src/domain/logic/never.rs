//! Logic that nothing can make true: a field with such branching logic is never shown.
//!
//! Only what is certain counts, whatever REDCap does with blanks. Logic of other kinds (functions,
//! fields compared with fields) is taken as possible.

use super::Logic;
use super::project::Project;
use super::reference::{Item, Reference};
use super::rules::Rules;
use super::syntax::{Comparison, Expr, Node};
use super::value::{Value, compare};
use crate::domain::dictionary::FieldType;
use std::collections::HashMap;

/// Parts joined by `and` are compared with each other pair by pair up to this many for a field.
const MOST_COMPARED: usize = 50;

/// Whether no values can make an expression true.
pub(super) fn is_never_true(logic: &Logic, project: &Project<'_>) -> bool {
    let judge = Judge { logic, project, rules: Rules::default().blank_variants() };
    logic.root.as_ref().is_some_and(|root| judge.never(root))
}

struct Judge<'a> {
    logic: &'a Logic,
    project: &'a Project<'a>,
    /// The ways in which blanks may be treated; nothing may be true under any of them.
    rules: Vec<Rules>,
}

/// A reference compared with a constant.
type Limit<'a> = (&'a Reference, Comparison, Value<'a>);

impl<'a> Judge<'a> {
    fn never(&self, expr: &'a Expr) -> bool {
        match &expr.ungrouped().node {
            Node::Bool(truth) => !truth,
            Node::Any(parts) => parts.iter().all(|part| self.never(part)),
            Node::All(_) => {
                let mut parts = Vec::new();
                joined(expr, &mut parts);
                parts.iter().any(|part| self.never(part)) || self.contradict(&parts)
            }
            Node::Compare(left, rest) => match rest.as_slice() {
                [(op, right)] => match (constant(left), constant(right)) {
                    (Some(a), Some(b)) => !self.can_hold(*op, &a, &b),
                    _ => self.contradict(&[expr.ungrouped()]),
                },
                _ => false,
            },
            _ => false,
        }
    }

    fn can_hold(&self, op: Comparison, a: &Value<'_>, b: &Value<'_>) -> bool {
        self.rules.iter().any(|rules| compare(op, a, b, rules))
    }

    /// Whether parts that must all be true leave no value for one of the references.
    fn contradict(&self, parts: &[&'a Expr]) -> bool {
        let mut by_reference: HashMap<String, Vec<Limit<'a>>> = HashMap::new();
        for limit in parts.iter().filter_map(|part| self.limit(part)) {
            by_reference.entry(limit.0.to_string()).or_default().push(limit);
        }
        by_reference.values().any(|limits| {
            let Some((reference, ..)) = limits.first() else { return false };
            match self.values(reference) {
                Some(values) => !values
                    .iter()
                    .any(|value| limits.iter().all(|(_, op, limit)| self.can_hold(*op, value, limit))),
                None => self.excluding(reference, limits),
            }
        })
    }

    /// Whether two limits of a field that can hold anything exclude each other.
    fn excluding(&self, reference: &Reference, limits: &[Limit<'a>]) -> bool {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let limits = limits.get(..limits.len().min(MOST_COMPARED)).unwrap_or_default();
        limits.iter().any(|(_, op, limit)| {
            limits.iter().any(|(_, other_op, other)| match (op, other_op) {
                (Equal, _) => !self.can_hold(*other_op, limit, other),
                (Greater | GreaterOrEqual, Less | LessOrEqual) => {
                    let numbers = limit.as_number().zip(other.as_number());
                    let strict = *op == Greater || *other_op == Less;
                    let by_number = numbers.is_some_and(|(low, high)| low > high || strict && low >= high);
                    // A word is compared with a number as text, where 10 is before 9.
                    let text = |value: &Value<'_>| value.to_text(&Rules::default()).into_owned();
                    by_number && (self.holds_numbers(reference) || text(limit) >= text(other))
                }
                _ => false,
            })
        })
    }

    fn holds_numbers(&self, reference: &Reference) -> bool {
        let field = reference.field().and_then(|name| self.project.field(name));
        field.is_some_and(|f| {
            matches!(f.field_type, FieldType::Calc | FieldType::Slider)
                || f.validation == "integer"
                || f.validation.starts_with("number")
        })
    }

    fn limit(&self, expr: &'a Expr) -> Option<Limit<'a>> {
        let Node::Compare(left, rest) = &expr.ungrouped().node else { return None };
        let [(op, right)] = rest.as_slice() else { return None };
        if let Some(reference) = self.reference(left) {
            return Some((reference, *op, constant(right)?));
        }
        Some((self.reference(right)?, turned(*op), constant(left)?))
    }

    fn reference(&self, expr: &'a Expr) -> Option<&'a Reference> {
        match expr.ungrouped().node {
            Node::Reference(index) => self.logic.references.get(index),
            _ => None,
        }
    }

    /// All values that a field can hold, if they are known.
    fn values(&self, reference: &Reference) -> Option<Vec<Value<'static>>> {
        let Item::Field { name, code, .. } = &reference.item else { return None };
        let field = self.project.field(name)?;
        let text = |text: &str| Value::text(text.to_owned());
        if code.is_some() {
            return (field.field_type == FieldType::Checkbox).then(|| vec![text("0"), text("1")]);
        }
        let has_choices = matches!(
            field.field_type,
            FieldType::Radio | FieldType::Dropdown | FieldType::YesNo | FieldType::TrueFalse
        );
        if !has_choices {
            return None;
        }
        let missing = &self.project.metadata().info.missing_data_codes;
        let codes = field.choices().into_iter().map(|c| c.code).chain(missing.iter().map(|c| c.code.clone()));
        Some(codes.map(|code| text(&code)).chain([Value::Blank]).collect())
    }
}

/// The parts joined by `and`, also those in parentheses.
fn joined<'a>(expr: &'a Expr, parts: &mut Vec<&'a Expr>) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match &expr.ungrouped().node {
            Node::All(inner) => open.extend(inner.iter().rev()),
            _ => parts.push(expr.ungrouped()),
        }
    }
}

fn constant(expr: &Expr) -> Option<Value<'_>> {
    match &expr.ungrouped().node {
        Node::Text { text, .. } => Some(Value::text(text.as_str())),
        Node::Number(number) => Some(Value::number(*number)),
        Node::Sign { minus, of } => match constant(of)? {
            Value::Number(number) => Some(Value::number(if *minus { -number } else { number })),
            _ => None,
        },
        _ => None,
    }
}

fn turned(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::study;
    use super::*;
    use crate::domain::logic::parse;

    #[test]
    fn only_what_is_certainly_never_true_is_said_to_be() {
        let metadata = study();
        let project = Project::new(&metadata);
        for (text, never) in [
            ("[sex]='1' and [sex]='2'", true),
            ("[sex]='1' or [sex]='2'", false),
            ("[sex]='3'", true),
            ("[sex]='01'", false),
            ("[sex]='UNK'", false),
            ("[sex]=''", false),
            ("[sex]<>'3'", false),
            ("[sex]>2", false),
            ("[agrees]=2", true),
            ("[agrees]='Yes' or [agrees]='Ja'", true),
            ("[race(1)]='2'", true),
            ("[race(1)]=''", true),
            ("[race(1)]='1' and ([drug]='x' and [race(1)]=0)", true),
            ("[race(1)]='1' and [race(2)]='0'", false),
            ("[pill]>15 and [pill]<10", true),
            ("10>[pill] and [pill]>=10", true),
            ("[pill]>=10 and [pill]<=10", false),
            ("[pill]=5 and [pill]<>5", true),
            ("[pill]='' and [pill]<>''", true),
            ("[drug]>10 and [drug]<9", false),
            ("[drug]>5 and [drug]<3", true),
            // A blank may count as low.
            ("[pill]='' and [pill]<5", false),
            ("[v1_arm_1][weight]=1 and [v2_arm_1][weight]=2", false),
            ("[drug]='a' and [drug]='b' or [pill]=1", false),
            ("[drug]='a' and [drug]='b' or 1=2", true),
            ("'a'='b'", true),
            ("1=1", false),
            ("[drug]>'a' and [drug]<'A'", false),
            ("not([sex]='3')", false),
            ("[note]=[drug]", false),
            ("", false),
        ] {
            assert_eq!(is_never_true(&parse(text).unwrap(), &project), never, "{text}");
        }
    }
}
