//! What a comparison asks of one stored value.

use super::Kind;
use crate::domain::choices::{Choice, is_ticked};
use crate::domain::record::natural_cmp;
use crate::domain::text::without_html;
use std::cmp::Ordering;

/// A sign between a column and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `:`, has this text in it
    Has,
}

impl Op {
    /// Whether two values in this order pass.
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal | Self::Has => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::AtMost => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::AtLeast => order != Ordering::Less,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Equal => "is",
            Self::NotEqual => "is not",
            Self::Less => "below",
            Self::AtMost => "at most",
            Self::Greater => "above",
            Self::AtLeast => "at least",
            Self::Has => "has",
        }
    }
}

/// A test of a stored value. A blank passes only [`Test::Blank`] and what says "is not".
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Nothing is stored.
    Blank(bool),
    /// As a number. What is no number passes only "is not".
    Number(Op, f64),
    /// As a date: as many characters are compared as the person gave, so that `2026-03` is a month.
    Date(Op, String),
    /// The code is one of these; `false` means it is none of them.
    Codes(Vec<String>, bool),
    /// The code stands before or after this one in the dictionary's list.
    Place(Op, String),
    /// The choice at this place of a checkbox field is ticked, or is not.
    Ticked(usize, bool),
    /// As text, in small letters.
    Text(Op, String),
    /// As a name, in the order people sort names.
    Name(Op, String),
}

impl Test {
    /// Whether the stored cells of a column pass: one cell, or one a choice of a checkbox field.
    pub fn holds(&self, cells: &[&str], kind: &Kind) -> bool {
        let raw = cells.first().copied().unwrap_or_default();
        let blank = cells.iter().all(|c| c.is_empty());
        match self {
            Self::Blank(wanted) => {
                let none = match kind {
                    Kind::Checkbox(_) => !cells.iter().any(|c| is_ticked(c)),
                    _ => blank,
                };
                none == *wanted
            }
            Self::Ticked(place, wanted) => cells.get(*place).is_some_and(|c| is_ticked(c)) == *wanted,
            Self::Codes(codes, wanted) => codes.iter().any(|c| c == raw) == *wanted,
            Self::Number(op, value) => match raw.trim().parse::<f64>() {
                Ok(number) => number.partial_cmp(value).is_some_and(|order| op.holds(order)),
                Err(_) => *op == Op::NotEqual,
            },
            _ if blank => self.says_not(),
            Self::Date(op, value) => {
                let as_long: String = raw.chars().take(value.chars().count()).collect();
                op.holds(as_long.as_str().cmp(value))
            }
            Self::Place(op, code) => {
                let Kind::Choice(choices) = kind else { return false };
                let place = |code: &str| choices.iter().position(|c| c.code == code);
                match (place(raw), place(code)) {
                    (Some(a), Some(b)) => op.holds(a.cmp(&b)),
                    _ => false,
                }
            }
            Self::Text(Op::Has, text) => raw.to_lowercase().contains(text.as_str()),
            Self::Text(op, text) => op.holds(natural_cmp(&raw.to_lowercase(), text)),
            Self::Name(Op::Has, text) => raw.to_lowercase().contains(text.as_str()),
            Self::Name(op, text) => op.holds(natural_cmp(&raw.to_lowercase(), text)),
        }
    }

    fn says_not(&self) -> bool {
        matches!(
            self,
            Self::Date(Op::NotEqual, _) | Self::Text(Op::NotEqual, _) | Self::Name(Op::NotEqual, _)
        )
    }

    /// The test in words, without the column's name: `is Female (2)`.
    pub fn words(&self, kind: &Kind) -> String {
        let choices: &[Choice] = match kind {
            Kind::Choice(choices) | Kind::Checkbox(choices) => choices,
            _ => &[],
        };
        let named = |code: &str| {
            let label = choices.iter().find(|c| c.code == code).map(|c| without_html(&c.label));
            match label {
                Some(label) if label != code => format!("{label} ({code})"),
                _ => code.to_owned(),
            }
        };
        match self {
            Self::Blank(true) => "is blank".into(),
            Self::Blank(false) => "is filled".into(),
            Self::Ticked(place, yes) => {
                let name = choices.get(*place).map_or_else(String::new, |c| named(&c.code));
                format!("{} {name}", if *yes { "has" } else { "has not" })
            }
            Self::Codes(codes, yes) => {
                let names: Vec<String> = codes.iter().map(|c| named(c)).collect();
                format!("{} {}", if *yes { "is" } else { "is not" }, names.join(" or "))
            }
            Self::Number(op, value) => format!("{} {value}", op.words()),
            Self::Place(op, code) => format!("{} {} in the list", op.words(), named(code)),
            Self::Date(op, value) => match op {
                Op::Equal | Op::Has => format!("in {value}"),
                Op::Less => format!("before {value}"),
                Op::Greater => format!("after {value}"),
                _ => format!("{} {value}", op.words()),
            },
            Self::Text(op, value) | Self::Name(op, value) => format!("{} “{value}”", op.words()),
        }
    }
}
