//! Lints of operators, comparisons and calls.

use super::{Lint, LintKind, Purpose, Severity};
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::logic::Logic;
use crate::domain::logic::functions::{Family, Function, dates::Moment};
use crate::domain::logic::project::Project;
use crate::domain::logic::reference::Reference;
use crate::domain::logic::rules::Rules;
use crate::domain::logic::syntax::{Comparison, Expr, Node};
use crate::domain::logic::value::{Value, compare, parse_number};
use std::collections::HashSet;

pub(super) fn lint(
    root: &Expr,
    logic: &Logic,
    project: &Project<'_>,
    purpose: Purpose<'_>,
    found: &mut Vec<Lint>,
) {
    let seen = Seen { logic, project, purpose, guarded: guarded(root, logic) };
    for expr in root.walk() {
        match &expr.node {
            Node::Any(parts) => {
                if let Some(part) = parts.iter().find(|p| matches!(p.node, Node::All(_))) {
                    found.push(Lint::warning(
                        LintKind::MixedAndOr,
                        part.at.clone(),
                        "and / or are mixed without parentheses; and is worked out first.",
                        "Put parentheses around the part that belongs together.",
                    ));
                }
            }
            Node::Compare(first, rest) => {
                let mut left = &**first;
                for (op, right) in rest {
                    seen.comparison(left, *op, right, found);
                    left = right;
                }
            }
            Node::Call { function: Some(function), args, .. } => seen.call(expr, *function, args, found),
            _ => {}
        }
    }
    if matches!(purpose, Purpose::Calculation { .. }) {
        for leaf in results(root) {
            let is_text = match &leaf.node {
                Node::Text { text, .. } => !text.is_empty() && text != "NaN" && parse_number(text).is_none(),
                Node::Call { function: Some(function), .. } => function.family() == Family::Text,
                _ => false,
            };
            if is_text {
                found.push(Lint::warning(
                    LintKind::TextInCalculation,
                    leaf.at.clone(),
                    "A calculated field stores numbers only; this text is stored as blank.",
                    "Use @CALCTEXT in a text field.",
                ));
            }
        }
    }
}

/// The parts that can be the result of an expression: the branches of `if` at its end.
fn results(root: &Expr) -> Vec<&Expr> {
    let (mut found, mut open) = (Vec::new(), vec![root]);
    while let Some(expr) = open.pop() {
        match &expr.ungrouped().node {
            Node::Call { function: Some(Function::If), args, .. } => open.extend(args.iter().skip(1)),
            _ => found.push(expr.ungrouped()),
        }
    }
    found
}

/// The references that are tested for blank somewhere, or kept above something by `>`, `>=` or `=`.
fn guarded(root: &Expr, logic: &Logic) -> HashSet<String> {
    let name = |expr: &Expr| reference(expr, logic).map(ToString::to_string);
    let mut found = HashSet::new();
    for expr in root.walk() {
        match &expr.node {
            Node::Compare(first, rest) => {
                let mut left = &**first;
                for (op, right) in rest {
                    let above_left = matches!(op, Comparison::Greater | Comparison::GreaterOrEqual);
                    let above_right = matches!(op, Comparison::Less | Comparison::LessOrEqual);
                    let blank = left.literal_text() == Some("") || right.literal_text() == Some("");
                    let is_equal = *op == Comparison::Equal;
                    if above_left || blank || is_equal {
                        found.extend(name(left));
                    }
                    if above_right || blank || is_equal {
                        found.extend(name(right));
                    }
                    left = right;
                }
            }
            Node::Call {
                function:
                    Some(
                        Function::IsBlankOrMissingCode
                        | Function::IsBlankNotMissingCode
                        | Function::IsNumber
                        | Function::IsInteger,
                    ),
                args,
                ..
            } => found.extend(args.first().and_then(name)),
            _ => {}
        }
    }
    found
}

fn reference<'l>(expr: &Expr, logic: &'l Logic) -> Option<&'l Reference> {
    match expr.ungrouped().node {
        Node::Reference(index) => logic.references.get(index),
        _ => None,
    }
}

struct Seen<'s> {
    logic: &'s Logic,
    project: &'s Project<'s>,
    purpose: Purpose<'s>,
    guarded: HashSet<String>,
}

impl Seen<'_> {
    fn field(&self, expr: &Expr) -> Option<(&Reference, &Field)> {
        let reference = reference(expr, self.logic)?;
        Some((reference, self.project.field(reference.field()?)?))
    }

    fn comparison(&self, left: &Expr, op: Comparison, right: &Expr, found: &mut Vec<Lint>) {
        self.less(left, op, right, found);
        self.zero(left, op, right, found);
        let right_is_computed = matches!(right.ungrouped().node, Node::Arithmetic(..))
            && right.walk().iter().any(|e| matches!(e.node, Node::Reference(_)));
        if right_is_computed && matches!(self.purpose, Purpose::Branching { .. }) {
            found.push(Lint::warning(
                LintKind::RightHandArithmetic,
                right.at.clone(),
                "Arithmetic on the right of a comparison has been seen to misbehave in branching logic.",
                "Move it to the left: [a] - [b] > 2.",
            ));
        }
        for (field, value) in [(left, right), (right, left)] {
            self.code(field, op, value, found);
            self.date(field, value, found);
        }
    }

    /// `<` and `<=` on a field that may be blank: nobody documents what REDCap makes of it (§6).
    fn less(&self, left: &Expr, op: Comparison, right: &Expr, found: &mut Vec<Lint>) {
        let lower = match op {
            Comparison::Less | Comparison::LessOrEqual => left,
            Comparison::Greater | Comparison::GreaterOrEqual => right,
            Comparison::Equal | Comparison::NotEqual => return,
        };
        let Some(reference) = reference(lower, self.logic) else { return };
        let never_blank = reference.code().is_some()
            || reference.field().is_none_or(|name| self.project.is_record_id(name));
        if !never_blank && !self.guarded.contains(&reference.to_string()) {
            found.push(Lint::warning(
                LintKind::UnguardedLess,
                left.at.start..right.at.end,
                format!("If {reference} is blank, this may be true or false."),
                format!("Add: and {reference} <> \"\"."),
            ));
        }
    }

    fn zero(&self, left: &Expr, op: Comparison, right: &Expr, found: &mut Vec<Lint>) {
        let is_zero = |e: &Expr| matches!(e.ungrouped().node, Node::Number(n) if n.abs() <= 0.0);
        let may_be_blank =
            |e: &Expr| reference(e, self.logic).is_some_and(|r| r.code().is_none() && r.field().is_some());
        let bare = (is_zero(left) && may_be_blank(right)) || (is_zero(right) && may_be_blank(left));
        if bare && matches!(op, Comparison::Equal | Comparison::NotEqual) {
            found.push(Lint::warning(
                LintKind::UnquotedZero,
                left.at.start..right.at.end,
                "An unquoted 0 has been seen to equal a blank in the browser.",
                "Write '0' in quotes.",
            ));
        }
    }

    /// A value that is none of the field's codes can never be equal.
    fn code(&self, field: &Expr, op: Comparison, value: &Expr, found: &mut Vec<Lint>) {
        let Some((reference, field)) = self.field(field) else { return };
        let value_text = match &value.ungrouped().node {
            Node::Text { text, .. } if !text.is_empty() => text.clone(),
            Node::Number(number) => number.to_string(),
            _ => return,
        };
        if !matches!(op, Comparison::Equal | Comparison::NotEqual)
            || self.project.is_missing_code(&value_text)
        {
            return;
        }
        let choices = match (field.field_type == FieldType::Checkbox, reference.code()) {
            (true, Some(_)) => {
                vec![
                    crate::domain::choices::Choice::new("1", "Checked"),
                    crate::domain::choices::Choice::new("0", "Unchecked"),
                ]
            }
            (true, None) => return,
            _ => field.choices(),
        };
        let rules = Rules::default();
        let wanted = Value::text(value_text.as_str());
        let is_code = |code: &str| compare(Comparison::Equal, &Value::text(code), &wanted, &rules);
        if choices.is_empty() || choices.iter().any(|c| is_code(&c.code)) {
            return;
        }
        let by_label = choices.iter().find(|c| c.label.eq_ignore_ascii_case(&value_text));
        let codes: Vec<String> =
            choices.iter().take(12).map(|c| format!("{} ({})", c.code, c.label)).collect();
        found.push(Lint::warning(
            LintKind::NotACode,
            value.at.clone(),
            match by_label {
                Some(_) => {
                    format!("{value_text:?} is a label; logic compares codes, so this is never equal.")
                }
                None => format!("[{}] never holds {value_text:?}.", field.name),
            },
            match by_label {
                Some(choice) => format!("Write '{}'.", choice.code),
                None => format!("Its codes are {}.", codes.join(", ")),
            },
        ));
    }

    fn date(&self, field: &Expr, value: &Expr, found: &mut Vec<Lint>) {
        let Some((_, field)) = self.field(field) else { return };
        let Some(text) = value.literal_text() else { return };
        if field.validation.starts_with("date")
            && !text.is_empty()
            && Moment::read(text).is_none()
            && !self.project.is_missing_code(text)
        {
            found.push(date_form(value, text));
        }
    }

    fn call(&self, expr: &Expr, function: Function, args: &[Expr], found: &mut Vec<Lint>) {
        let stored = matches!(self.purpose, Purpose::Calculation { .. } | Purpose::CalcText { .. });
        if function.family() == Family::Date {
            for arg in args.iter().take(2) {
                let Some(text) = arg.literal_text().filter(|t| !t.is_empty()) else { continue };
                if matches!(text, "today" | "now") {
                    if stored {
                        found.push(Lint::warning(
                            LintKind::TodayInCalculation,
                            arg.at.clone(),
                            format!("'{text}' in a stored calculation is out of date the next day."),
                            "Compare with a date field instead.",
                        ));
                    }
                } else if Moment::read(text).is_none() {
                    found.push(date_form(arg, text));
                }
            }
        }
        if function.takes_text() {
            for arg in args {
                if let Some((reference, field)) = self.field(arg)
                    && (field.validation.ends_with("_mdy") || field.validation.ends_with("_dmy"))
                {
                    found.push(Lint::warning(
                        LintKind::TextOfShownDate,
                        arg.at.clone(),
                        format!("The browser passes {reference} as it is shown, not as it is stored."),
                        "Use year(), month(), day() or datediff() on dates.",
                    ));
                }
            }
        }
        if function.family() == Family::TextTest && matches!(self.purpose, Purpose::Calculation { .. }) {
            found.push(Lint::new(
                Severity::Hint,
                LintKind::TextTestInCalculation,
                expr.at.clone(),
                format!("{}() did not work in calculated fields of REDCap 12.", function.name()),
                "",
            ));
        }
    }
}

fn date_form(at: &Expr, text: &str) -> Lint {
    Lint::warning(
        LintKind::DateForm,
        at.at.clone(),
        format!("{text:?} is no date as REDCap stores it."),
        "Write dates as 'YYYY-MM-DD', whatever format is shown; lower-case 'today' and 'now' only in date functions.",
    )
}
