//! Values, numbers in text, and the comparison of values.

use super::rules::{BlankOrder, Rules};
use super::syntax::Comparison;
use jiff::civil::DateTime;
use std::borrow::Cow;
use std::cmp::Ordering;

/// What an expression gives. REDCap stores everything as text; a number is the result of
/// arithmetic, a truth value that of a comparison (`redcap-logic.md` §6).
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Blank,
    /// Text that is not empty.
    Text(Cow<'a, str>),
    /// A number that is finite.
    Number(f64),
    /// True or false.
    Bool(bool),
}

impl<'a> Value<'a> {
    /// A text; the empty text is blank.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Blank } else { Self::Text(text) }
    }

    /// A number; what is no number (a division by zero) is blank.
    pub fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Blank }
    }

    /// Whether there is nothing.
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The value as a number: numbers, texts that look like one, and truth as 1 or 0.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Blank => None,
            Self::Text(text) => parse_number(text),
            Self::Number(number) => Some(*number),
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
        }
    }

    /// The value as text; blank is empty, truth is `1` or `0`.
    pub fn to_text(&self, rules: &Rules) -> Cow<'a, str> {
        match self {
            Self::Blank => Cow::Borrowed(""),
            Self::Text(text) => text.clone(),
            Self::Number(number) => Cow::Owned(number_text(*number, rules.significant_digits)),
            Self::Bool(truth) => Cow::Borrowed(if *truth { "1" } else { "0" }),
        }
    }

    /// Whether a bare value counts as true: a number that is not 0, a text that is not empty (§6).
    pub fn is_true(&self, rules: &Rules) -> bool {
        match self {
            Self::Blank => false,
            Self::Bool(truth) => *truth,
            Self::Number(number) => is_not_zero(*number),
            Self::Text(text) => parse_number(text).map_or(rules.bare_text_is_true, is_not_zero),
        }
    }

    /// The value with its text owned.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Blank => Value::Blank,
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Number(number) => Value::Number(number),
            Self::Bool(truth) => Value::Bool(truth),
        }
    }
}

fn is_not_zero(number: f64) -> bool {
    number.partial_cmp(&0.0) != Some(Ordering::Equal)
}

/// Reads a text that looks like a number: sign, digits, point, exponent (§6.2). No blanks around.
pub fn parse_number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let unsigned = match bytes {
        [b'+' | b'-', rest @ ..] => rest,
        _ => bytes,
    };
    // Most numbers in records are short and whole; they need no general reader.
    if !unsigned.is_empty() && unsigned.len() <= 9 && unsigned.iter().all(u8::is_ascii_digit) {
        let whole = unsigned.iter().fold(0_u32, |n, digit| n * 10 + u32::from(digit - b'0'));
        let number = f64::from(whole);
        return Some(if bytes.first() == Some(&b'-') { -number } else { number });
    }
    // Rust also reads `inf` and `NaN`; REDCap has no such numbers.
    let plain = unsigned.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.')
        && unsigned.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !plain {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The shortest decimal text of a number, or the one with this many significant digits.
pub fn number_text(number: f64, significant_digits: Option<u8>) -> String {
    let number = match significant_digits {
        Some(digits) => {
            let after_first = usize::from(digits.clamp(1, 17)) - 1;
            format!("{number:.after_first$e}").parse().unwrap_or(number)
        }
        None => number,
    };
    // Adding 0 turns the negative zero into the usual one.
    (number + 0.0).to_string()
}

/// Compares two values as `redcap-logic.md` §6 recommends.
pub(super) fn compare(op: Comparison, left: &Value<'_>, right: &Value<'_>, rules: &Rules) -> bool {
    if left.is_blank() || right.is_blank() {
        return compare_blank(op, left, right, rules);
    }
    let equality = matches!(op, Comparison::Equal | Comparison::NotEqual);
    let two_texts = matches!((left, right), (Value::Text(_), Value::Text(_)));
    if !(equality && two_texts && !rules.numeric_text_equality)
        && let (Some(a), Some(b)) = (left.as_number(), right.as_number())
    {
        return a.partial_cmp(&b).is_some_and(|order| holds(op, order));
    }
    let (a, b) = (left.to_text(rules), right.to_text(rules));
    if rules.date_is_midnight_in_comparison
        && a.len() != b.len()
        && let (Some(a), Some(b)) = (as_moment(&a), as_moment(&b))
    {
        return holds(op, a.cmp(&b));
    }
    holds(op, a.as_ref().cmp(b.as_ref()))
}

fn compare_blank(op: Comparison, left: &Value<'_>, right: &Value<'_>, rules: &Rules) -> bool {
    if matches!(op, Comparison::Equal | Comparison::NotEqual) {
        let is_bare_zero = |v: &Value<'_>| matches!(v, Value::Number(n) if !is_not_zero(*n));
        let equal = (left.is_blank() && right.is_blank())
            || (rules.blank_equals_zero && (is_bare_zero(left) || is_bare_zero(right)));
        return equal == (op == Comparison::Equal);
    }
    match rules.blank_order {
        BlankOrder::False => false,
        BlankOrder::Low => holds(op, (!left.is_blank()).cmp(&!right.is_blank())),
        BlankOrder::Zero => {
            let zero = |v: &Value<'_>| if v.is_blank() { Some(0.0) } else { v.as_number() };
            match (zero(left), zero(right)) {
                (Some(a), Some(b)) => a.partial_cmp(&b).is_some_and(|order| holds(op, order)),
                _ => false,
            }
        }
    }
}

/// Whether a comparison is true for two values in this order.
fn holds(op: Comparison, order: Ordering) -> bool {
    match op {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn as_moment(text: &str) -> Option<DateTime> {
    super::functions::dates::Moment::read(text).and_then(super::functions::dates::Moment::date_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_number_is_one() {
        for (text, number) in [
            ("12", Some(12.0)),
            ("-12.5", Some(-12.5)),
            (".5", Some(0.5)),
            ("+3", Some(3.0)),
            ("1e3", Some(1000.0)),
            ("08", Some(8.0)),
            ("12345678901", Some(12_345_678_901.0)),
            ("", None),
            ("-", None),
            (" 1", None),
            ("inf", None),
            ("NaN", None),
            ("1,5", None),
            ("9..9", None),
            ("2024-01-01", None),
            ("1e999", None),
        ] {
            assert_eq!(parse_number(text), number, "{text:?}");
        }
    }

    #[test]
    fn numbers_become_their_shortest_text() {
        for (number, text) in [(3.0, "3"), (3.5, "3.5"), (-0.0, "0"), (0.1 + 0.2, "0.30000000000000004")] {
            assert_eq!(number_text(number, None), text);
        }
        assert_eq!(number_text(0.1 + 0.2, Some(14)), "0.3");
        assert_eq!(number_text(123_456.0, Some(2)), "120000");
    }

    #[test]
    fn the_switches_for_blanks_do_what_they_say() {
        let (blank, five, zero) = (Value::Blank, Value::Number(5.0), Value::Number(0.0));
        let mut rules = Rules::default();
        assert!(!compare(Comparison::Less, &blank, &five, &rules));
        rules.blank_order = BlankOrder::Low;
        assert!(compare(Comparison::Less, &blank, &five, &rules));
        assert!(compare(Comparison::Less, &blank, &Value::Number(-5.0), &rules));
        assert!(!compare(Comparison::GreaterOrEqual, &blank, &zero, &rules));
        rules.blank_order = BlankOrder::Zero;
        assert!(!compare(Comparison::Less, &blank, &Value::Number(-5.0), &rules));
        assert!(compare(Comparison::GreaterOrEqual, &blank, &zero, &rules));
        assert!(!compare(Comparison::Equal, &blank, &zero, &rules));
        rules.blank_equals_zero = true;
        assert!(compare(Comparison::Equal, &blank, &zero, &rules));
        assert!(!compare(Comparison::Equal, &blank, &Value::text("0"), &rules));
    }

    #[test]
    fn the_switches_for_texts_do_what_they_say() {
        let (a, b) = (Value::text("08"), Value::text("8"));
        let mut rules = Rules::default();
        assert!(compare(Comparison::Equal, &a, &b, &rules));
        rules.numeric_text_equality = false;
        assert!(!compare(Comparison::Equal, &a, &b, &rules));
        assert!(compare(Comparison::Equal, &a, &Value::Number(8.0), &rules));
        let (day, midnight) = (Value::text("2024-01-01"), Value::text("2024-01-01 00:00"));
        assert!(compare(Comparison::Less, &day, &midnight, &rules));
        rules.date_is_midnight_in_comparison = true;
        assert!(compare(Comparison::Equal, &day, &midnight, &rules));
    }
}
