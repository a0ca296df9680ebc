//! Reads what a column is compared with, as its kind has it.

use super::{Column, Kind, Mistake, Op, Test};
use crate::domain::choices::Choice;
use crate::domain::text::without_html;
use std::ops::Range;

/// What a comparison asks of a cell; `at` is where it stands.
pub(super) fn test(
    column: &Column,
    op: Op,
    value: &str,
    quoted: bool,
    at: Range<usize>,
) -> Result<Test, Mistake> {
    let name = column.names.first().map_or("", String::as_str);
    let mistake = |what: String| Mistake { at: at.clone(), what, unfinished: false };
    if value.is_empty() && !quoted {
        let example = match &column.kind {
            Kind::Choice(choices) | Kind::Checkbox(choices) => some(choices),
            Kind::Number => "a number".into(),
            Kind::Date => "a date such as 2026-03-31, or 2026-03 for the month".into(),
            Kind::Text | Kind::Names => "a text".into(),
        };
        let what = format!("What is {name} compared with? {example}; \"\" is blank.");
        return Err(Mistake { at, what, unfinished: true });
    }
    let blank = value.is_empty() || !quoted && value.eq_ignore_ascii_case("blank");
    if blank {
        return match op {
            Op::Equal => Ok(Test::Blank(true)),
            Op::NotEqual => Ok(Test::Blank(false)),
            _ => Err(mistake(format!(
                "Blank is neither more nor less: write {name} = \"\" or {name} != \"\"."
            ))),
        };
    }
    let small = value.to_lowercase();
    match &column.kind {
        Kind::Text => Ok(Test::Text(op, small)),
        Kind::Names => Ok(Test::Name(op, small)),
        Kind::Number if op == Op::Has => Ok(Test::Text(op, small)),
        Kind::Number => match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Test::Number(op, number)),
            _ => {
                Err(mistake(format!("{name} holds numbers, and “{value}” is none. Write 70.5 with a point.")))
            }
        },
        Kind::Date => date(op, value)
            .ok_or_else(|| mistake(format!("{name} holds dates: write 2026-03-31, 2026-03 or 2026."))),
        Kind::Checkbox(choices) => {
            let found = matching(choices, value);
            let [code] = found.as_slice() else {
                return Err(mistake(no_choice(name, value, choices, &found)));
            };
            let place = choices.iter().position(|c| c.code == *code).unwrap_or_default();
            match op {
                Op::Equal | Op::Has => Ok(Test::Ticked(place, true)),
                Op::NotEqual => Ok(Test::Ticked(place, false)),
                _ => Err(mistake(format!("{name} is a set of choices: use = or != with one of them."))),
            }
        }
        Kind::Choice(choices) => {
            let found = matching(choices, value);
            match (op, found.as_slice()) {
                (Op::Has, [_, ..]) => Ok(Test::Codes(found, true)),
                (Op::Equal, [_]) => Ok(Test::Codes(found, true)),
                (Op::NotEqual, [_]) => Ok(Test::Codes(found, false)),
                (Op::Less | Op::AtMost | Op::Greater | Op::AtLeast, [code]) => {
                    Ok(Test::Place(op, code.clone()))
                }
                _ => Err(mistake(no_choice(name, value, choices, &found))),
            }
        }
    }
}

/// The codes of the choices that a person may mean: the label as a whole, the code, or else every
/// label that has the text in it.
fn matching(choices: &[Choice], value: &str) -> Vec<String> {
    let small = value.to_lowercase();
    let label = |c: &Choice| without_html(&c.label).to_lowercase();
    let codes = |test: &dyn Fn(&Choice) -> bool| -> Vec<String> {
        choices.iter().filter(|c| test(c)).map(|c| c.code.clone()).collect()
    };
    let exact = codes(&|c| label(c) == small);
    if !exact.is_empty() {
        return exact;
    }
    let code = codes(&|c| c.code.eq_ignore_ascii_case(value));
    if !code.is_empty() {
        return code;
    }
    codes(&|c| label(c).contains(&small))
}

fn no_choice(name: &str, value: &str, choices: &[Choice], found: &[String]) -> String {
    if found.len() > 1 {
        let several: Vec<&Choice> = choices.iter().filter(|c| found.contains(&c.code)).collect();
        let labels: Vec<String> = several.iter().take(4).map(|c| without_html(&c.label)).collect();
        return format!("“{value}” may be {}. Write more of it, or : for all of them.", labels.join(" or "));
    }
    format!("{name} has no choice “{value}”. {}.", some(choices))
}

/// The first choices, as many as a line has room for.
fn some(choices: &[Choice]) -> String {
    let labels: Vec<String> = choices.iter().take(5).map(|c| without_html(&c.label)).collect();
    let more = if choices.len() > 5 { ", ..." } else { "" };
    format!("One of {}{more}", labels.join(", "))
}

/// The shapes of dates and times, from a year to the second.
const DATES: [&str; 8] = [
    "9999",
    "9999-99",
    "9999-99-99",
    "9999-99-99 99",
    "9999-99-99 99:99",
    "9999-99-99 99:99:99",
    "99:99",
    "99:99:99",
];

/// A date, or as much of one as a person gave.
fn date(op: Op, value: &str) -> Option<Test> {
    let shape: String = value.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    DATES.contains(&shape.as_str()).then(|| Test::Date(op, value.to_owned()))
}
