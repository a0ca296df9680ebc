//! Text to tokens: words, numbers, quoted texts, references, operators (`redcap-logic.md` §2).

use super::error::LogicError;
use super::reference::Reference;
use super::rules::Rules;
use std::ops::Range;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text {
        text: String,
        mark: char,
    },
    Word(String),
    Reference(Reference),
    Open,
    Close,
    Comma,
    /// An operator as it was spelled.
    Operator(&'static str),
}

/// Longer spellings come before the shorter ones that they start with.
const OPERATORS: &[&str] =
    &["<>", "<=", ">=", "!=", "==", "&&", "||", "<", ">", "=", "!", "+", "-", "*", "/", "^"];

/// Spellings that people try and REDCap does not have, with what to write instead.
const NOT_OPERATORS: &[(&str, &str)] = &[
    ("=>", "Write >=."),
    ("=<", "Write <=."),
    ("≥", "Write >=."),
    ("≤", "Write <=."),
    ("≠", "Write <>."),
    ("%", "Write mod(a, b) for the remainder."),
    ("&", "Write and; texts are joined by concat()."),
    ("|", "Write or."),
    ("{", "Curly brackets embed a field in a form; in logic write [field]."),
    ("]", "A reference starts with [."),
    (";", "Arguments are separated by commas."),
];

const CURLY_QUOTES: &[char] = &['\u{2018}', '\u{2019}', '\u{201a}', '\u{201c}', '\u{201d}', '\u{201e}'];

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str, rules: &Rules) -> Result<Vec<(Token, Range<usize>)>, LogicError> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut line_start = true;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if c.is_whitespace() {
            line_start |= matches!(c, '\n' | '\r');
            at += c.len_utf8();
            continue;
        }
        if line_start && (c == '#' || rest.starts_with("//")) {
            at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            continue;
        }
        line_start = false;
        let (token, len) = match c {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '[' => reference(rest, at)?,
            '\'' | '"' => quoted(rest, c, at)?,
            '0'..='9' | '.' => number(rest, at, rules)?,
            c if c.is_alphabetic() || c == '_' => {
                let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                (Token::Word(rest.get(..len).unwrap_or_default().to_owned()), len)
            }
            _ => operator(rest, c, at)?,
        };
        found.push((token, at..at + len));
        at += len;
    }
    Ok(found)
}

fn operator(rest: &str, c: char, at: usize) -> Result<(Token, usize), LogicError> {
    if CURLY_QUOTES.contains(&c) {
        return Err(LogicError::new(
            at..at + c.len_utf8(),
            format!("{c} is a curly quote, which REDCap does not know."),
            "Write straight quotes: ' or \".",
        ));
    }
    if let Some((wrong, hint)) = NOT_OPERATORS.iter().find(|(wrong, _)| {
        // `&&` and `||` are operators although `&` and `|` are none.
        rest.starts_with(wrong) && !OPERATORS.iter().any(|o| o.len() > wrong.len() && rest.starts_with(o))
    }) {
        return Err(LogicError::new(at..at + wrong.len(), format!("{wrong} has no meaning here."), *hint));
    }
    match OPERATORS.iter().find(|o| rest.starts_with(**o)) {
        Some(operator) => Ok((Token::Operator(operator), operator.len())),
        None => Err(LogicError::new(
            at..at + c.len_utf8(),
            format!("The character {c:?} has no meaning here."),
            "Texts stand in quotes, fields in square brackets.",
        )),
    }
}

fn quoted(rest: &str, mark: char, at: usize) -> Result<(Token, usize), LogicError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == mark {
            return Ok((Token::Text { text, mark }, i + 1));
        }
        // A backslash escapes the mark and nothing else.
        if c == '\\' && chars.next_if(|(_, next)| *next == mark).is_some() {
            text.push(mark);
        } else {
            text.push(c);
        }
    }
    Err(LogicError::new(
        at..at + rest.len(),
        format!("The text that starts with {mark} is not closed."),
        format!("End it with the same mark, {mark}."),
    ))
}

fn number(rest: &str, at: usize, rules: &Rules) -> Result<(Token, usize), LogicError> {
    let digits_from = |start: usize| {
        rest.get(start..).map_or(0, |r| r.find(|c: char| !c.is_ascii_digit()).unwrap_or(r.len()))
    };
    let mut len = digits_from(0);
    if rest.get(len..).is_some_and(|r| r.starts_with('.')) {
        len += 1 + digits_from(len + 1);
    }
    if rules.exponent_numbers && rest.get(len..).is_some_and(|r| r.starts_with(['e', 'E'])) {
        let sign = usize::from(rest.get(len + 1..).is_some_and(|r| r.starts_with(['+', '-'])));
        let digits = digits_from(len + 1 + sign);
        if digits > 0 {
            len += 1 + sign + digits;
        }
    }
    match rest.get(..len).and_then(super::value::parse_number) {
        Some(number) => Ok((Token::Number(number), len)),
        None => Err(LogicError::new(
            at..at + len.max(1),
            format!("{} is no number.", rest.get(..len.max(1)).unwrap_or_default()),
            "Numbers are written with a point: 12.5",
        )),
    }
}

fn reference(rest: &str, at: usize) -> Result<(Token, usize), LogicError> {
    let mut parts = Vec::new();
    let mut len = 0;
    while let Some(inside) = rest.get(len..).and_then(|r| r.strip_prefix('[')) {
        let end = inside.find([']', '[', '\n', '\r', '"']).unwrap_or(inside.len());
        if !inside.get(end..).is_some_and(|r| r.starts_with(']')) {
            return Err(LogicError::new(
                at + len..at + len + 1 + end,
                "The bracket [ is not closed.",
                "Close it with ] right after the name of the field.",
            ));
        }
        let part = inside.get(..end).unwrap_or_default();
        parts.push((part, at + len..at + len + end + 2));
        len += end + 2;
    }
    Ok((Token::Reference(Reference::from_brackets(&parts)?), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Token> {
        tokens(text, &Rules::default()).unwrap().into_iter().map(|(t, _)| t).collect()
    }

    fn text(text: &str, mark: char) -> Token {
        Token::Text { text: text.into(), mark }
    }

    #[test]
    fn texts_keep_the_other_mark_and_escaped_ones() {
        assert_eq!(kinds(r#""it's""#), [text("it's", '"')]);
        assert_eq!(kinds(r"'user\'s'"), [text("user's", '\'')]);
        assert_eq!(kinds(r"'a\b[age]'"), [text(r"a\b[age]", '\'')]);
    }

    #[test]
    fn comments_are_lines_and_nothing_else() {
        assert_eq!(kinds("# one\n  // two\n1"), [Token::Number(1.0)]);
        assert_eq!(kinds("'#'\n"), [text("#", '\'')]);
        assert_eq!(kinds("1 / /2").len(), 4);
        assert!(tokens("1 # no", &Rules::default()).is_err());
    }

    #[test]
    fn numbers_end_where_they_end() {
        assert_eq!(kinds("1and .5"), [Token::Number(1.0), Token::Word("and".into()), Token::Number(0.5)]);
        assert_eq!(kinds("1e3 1e"), [Token::Number(1000.0), Token::Number(1.0), Token::Word("e".into())]);
        let rules = Rules { exponent_numbers: false, ..Rules::default() };
        assert_eq!(tokens("1e3", &rules).unwrap().len(), 2);
        assert!(tokens(".", &rules).is_err());
    }

    #[test]
    fn mistakes_are_named_where_they_are() {
        for (text, at, words) in [
            ("[a] = ‘1’", 6..9, "curly quote"),
            ("[a] => 1", 4..6, "=>"),
            ("[a >1", 0..5, "not closed"),
            ("[a]='1\"", 4..7, "not closed"),
            ("[a] & 1", 4..5, "&"),
        ] {
            let error = tokens(text, &Rules::default()).unwrap_err();
            assert_eq!(error.at, at, "{text}");
            assert!(error.message.contains(words), "{text}: {error}");
        }
    }
}
