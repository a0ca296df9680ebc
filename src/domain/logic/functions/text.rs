//! Functions of text (`redcap-logic.md` §7). Positions count characters, from 1.

use super::{Call, Function, count};
use crate::domain::logic::error::{EvalError, Problem};
use crate::domain::logic::value::Value;
use std::borrow::Cow;

/// The longest text that a function makes: far more than a field of REDCap holds.
const MAX_BYTES: usize = 1 << 20;

pub(super) fn call<'v>(
    function: Function,
    args: &[Value<'v>],
    call: &Call<'_>,
) -> Result<Value<'v>, EvalError> {
    let rules = call.rules;
    let text = |i: usize| args.get(i).map_or(Cow::Borrowed(""), |value| value.to_text(rules));
    let number = |i: usize| args.get(i).and_then(Value::as_number).map(count);
    let too_long = || Problem::TooLong(MAX_BYTES).at(call.at);
    Ok(match function {
        Function::Contains => Value::Bool(text(0).to_lowercase().contains(&text(1).to_lowercase())),
        Function::NotContain => Value::Bool(!text(0).to_lowercase().contains(&text(1).to_lowercase())),
        Function::StartsWith => Value::Bool(text(0).to_lowercase().starts_with(&text(1).to_lowercase())),
        Function::EndsWith => Value::Bool(text(0).to_lowercase().ends_with(&text(1).to_lowercase())),
        Function::Find => Value::Number(find(&text(0), &text(1))),
        Function::Left => number(1).map_or(Value::Blank, |n| slice(text(0), 0, n)),
        Function::Right => number(1).map_or(Value::Blank, |n| {
            let text = text(0);
            let length = text.chars().count();
            slice(text, length.saturating_sub(n), n)
        }),
        Function::Mid => match (args.get(1).and_then(Value::as_number), number(2)) {
            (Some(start), Some(n)) => slice(text(0), count(start - 1.0), n),
            _ => Value::Blank,
        },
        Function::Length => Value::Number(text(0).chars().count() as f64),
        Function::Upper => Value::text(text(0).to_uppercase()),
        Function::Lower => Value::text(text(0).to_lowercase()),
        Function::Trim => match text(0) {
            Cow::Borrowed(text) => Value::text(text.trim()),
            Cow::Owned(text) => Value::text(text.trim().to_owned()),
        },
        Function::ConcatWs => {
            let separator = text(0);
            let items: Vec<Cow<'_, str>> = (1..args.len()).map(text).filter(|t| !t.is_empty()).collect();
            let length = items.iter().map(|t| t.len() + separator.len()).sum::<usize>();
            if length > MAX_BYTES {
                return Err(too_long());
            }
            Value::text(items.join(&separator))
        }
        Function::ReplaceText => {
            let replaced = replace(&text(0), &text(1), &text(2), rules.replace_text_any_case);
            Value::text(replaced.ok_or_else(too_long)?)
        }
        _ => {
            let mut joined = String::new();
            for i in 0..args.len() {
                joined.push_str(&text(i));
                if joined.len() > MAX_BYTES {
                    return Err(too_long());
                }
            }
            Value::text(joined)
        }
    })
}

/// The place of a part in a text in any case, from 1; 0 if it is not there.
fn find(part: &str, text: &str) -> f64 {
    let (part, text) = (part.to_lowercase(), text.to_lowercase());
    match text.find(&part) {
        Some(at) => (text.get(..at).map_or(0, |before| before.chars().count()) + 1) as f64,
        None => 0.0,
    }
}

fn slice(text: Cow<'_, str>, skip: usize, take: usize) -> Value<'_> {
    let end_of = |text: &str, n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let cut = |text: &str| {
        let start = end_of(text, skip);
        let end = text.get(start..).map_or(start, |rest| start + end_of(rest, take));
        start..end
    };
    match text {
        Cow::Borrowed(text) => Value::text(text.get(cut(text)).unwrap_or_default()),
        Cow::Owned(text) => Value::text(text.get(cut(&text)).unwrap_or_default().to_owned()),
    }
}

/// The text with every occurrence replaced; `None` if that is too long.
fn replace(text: &str, search: &str, replacement: &str, any_case: bool) -> Option<String> {
    if search.is_empty() {
        return Some(text.to_owned());
    }
    // Characters are compared one by one, since lower case may have another length in bytes.
    let wanted: Vec<char> = search.chars().flat_map(char::to_lowercase).collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let found = if any_case {
            matching_prefix(rest, &wanted)
        } else if rest.starts_with(search) {
            search.len()
        } else {
            0
        };
        if found > 0 {
            out.push_str(replacement);
        } else {
            out.push(first);
        }
        if out.len() > MAX_BYTES {
            return None;
        }
        rest = rest.get(if found > 0 { found } else { first.len_utf8() }..).unwrap_or_default();
    }
    Some(out)
}

/// How many bytes of the text match these lower-case characters at its start; 0 if they do not.
fn matching_prefix(text: &str, wanted: &[char]) -> usize {
    let mut wanted = wanted.iter();
    let mut len = 0;
    for c in text.chars() {
        if wanted.as_slice().is_empty() {
            break;
        }
        for lower in c.to_lowercase() {
            if wanted.next() != Some(&lower) {
                return 0;
            }
        }
        len += c.len_utf8();
    }
    if wanted.as_slice().is_empty() { len } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        assert_eq!(slice("äöü".into(), 1, 1), Value::text("ö"));
        assert_eq!(slice("abc".into(), 5, 1), Value::Blank);
        assert_eq!(find("ü", "äöü").to_string(), "3");
    }

    #[test]
    fn replacing_follows_its_switch() {
        assert_eq!(replace("aXax", "x", "-", false).unwrap(), "aXa-");
        assert_eq!(replace("aXax", "x", "-", true).unwrap(), "a-a-");
        assert_eq!(replace("ÄÖä", "ä", "", true).unwrap(), "Ö");
        assert_eq!(replace("abc", "", "-", true).unwrap(), "abc");
    }
}
