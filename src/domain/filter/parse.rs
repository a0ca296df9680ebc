//! Reads a filter as it is typed, and says what is wrong with it and where.

use super::{Column, Kind, Op, Query, Term, Test};
use crate::domain::choices::Choice;
use crate::domain::text::without_html;
use std::ops::Range;

/// What is wrong with a filter, in a sentence that says what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Mistake {
    /// Where, in bytes of the text.
    pub at: Range<usize>,
    /// What, and what to do.
    pub what: String,
    /// Nothing is wrong yet: the text only ends too early.
    pub unfinished: bool,
}

impl Mistake {
    /// What stands before the mistake, without the word that joins it.
    pub fn text_before<'t>(&self, text: &'t str) -> &'t str {
        let mut before = text.get(..self.at.start).unwrap_or_default().trim_end();
        while let Some(rest) = [" and", " or", ","].iter().find_map(|joint| {
            let at = before.len().checked_sub(joint.len())?;
            before.get(at..)?.eq_ignore_ascii_case(joint).then(|| before.get(..at))?
        }) {
            before = rest.trim_end();
        }
        before
    }
}

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Word,
    /// What stands between double quotes, without them.
    Quoted,
    Sign(Op),
    Comma,
}

#[derive(Debug, Clone)]
struct Token<'a> {
    piece: Piece,
    text: &'a str,
    at: Range<usize>,
}

/// Reads a filter.
pub fn parse(text: &str, columns: &[Column]) -> Result<Query, Mistake> {
    let tokens = tokens(text);
    let mut any = Vec::new();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        let connects = token.piece == Piece::Word && next.is_some() && !(all.is_empty() && any.is_empty());
        match (token.piece, next.map(|t| t.piece)) {
            (Piece::Comma, _) => at += 1,
            (Piece::Word | Piece::Quoted, Some(Piece::Sign(op))) => {
                let place = find(token, columns)?;
                let end = value_end(&tokens, at + 2, columns);
                let value = value(text, &tokens, at + 2, end);
                let quoted = end == at + 3 && tokens.get(at + 2).is_some_and(|t| t.piece == Piece::Quoted);
                let span = token.at.start..tokens.get(end - 1).map_or(text.len(), |t| t.at.end);
                if let Some(column) = columns.get(place) {
                    all.push(Term::Compare(place, test(column, op, value, quoted, span)?));
                }
                at = end;
            }
            (Piece::Word, _) if connects && token.text.eq_ignore_ascii_case("or") => {
                any.push(std::mem::take(&mut all));
                at += 1;
            }
            (Piece::Word, _) if connects && token.text.eq_ignore_ascii_case("and") => at += 1,
            (Piece::Word | Piece::Quoted, _) => {
                if !token.text.trim().is_empty() {
                    all.push(Term::Word(token.text.to_lowercase()));
                }
                at += 1;
            }
            (Piece::Sign(_), _) => {
                return Err(Mistake {
                    at: token.at.clone(),
                    what: format!(
                        "“{}” needs a column before it, as in age >= 55. Put text that has it between quotes.",
                        token.text
                    ),
                    unfinished: false,
                });
            }
        }
    }
    any.push(all);
    any.retain(|terms| !terms.is_empty());
    Ok(Query { any })
}

/// Reads a filter as far as it can be read: where something cannot be, what stands before it counts.
pub fn parse_as_far(text: &str, columns: &[Column]) -> (Query, Option<Mistake>) {
    match parse(text, columns) {
        Ok(query) => (query, None),
        Err(mistake) => (parse(mistake.text_before(text), columns).unwrap_or_default(), Some(mistake)),
    }
}

/// Cuts the text into pieces. A sign counts where a column could stand before it, so that `12:30`
/// and `2024-03-01` are words.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    let token =
        |piece, inner: Range<usize>, at| Token { piece, text: text.get(inner).unwrap_or_default(), at };
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if first == '"' {
            let inner = at + 1;
            let end = text.get(inner..).and_then(|t| t.find('"')).map_or(text.len(), |i| inner + i);
            tokens.push(token(Piece::Quoted, inner..end, at..(end + 1).min(text.len())));
            at = (end + 1).min(text.len()).max(inner);
        } else if first == ',' {
            tokens.push(token(Piece::Comma, at..at + 1, at..at + 1));
            at += 1;
        } else if let Some((op, len)) = sign(&bytes[at..]) {
            tokens.push(token(Piece::Sign(op), at..at + len, at..at + len));
            at += len;
        } else {
            let may_be_name = first.is_alphabetic() || first == '_';
            let mut end = at;
            for (i, c) in rest.char_indices() {
                let ends = c.is_whitespace() || c == '"' || c == ',';
                if ends || may_be_name && i > 0 && sign(&bytes[at + i..]).is_some() {
                    break;
                }
                end = at + i + c.len_utf8();
            }
            tokens.push(token(Piece::Word, at..end, at..end));
            at = end;
        }
    }
    tokens
}

fn sign(rest: &[u8]) -> Option<(Op, usize)> {
    Some(match rest {
        [b'>', b'=', ..] => (Op::AtLeast, 2),
        [b'<', b'=', ..] => (Op::AtMost, 2),
        [b'!', b'=', ..] | [b'<', b'>', ..] => (Op::NotEqual, 2),
        [b'>', ..] => (Op::Greater, 1),
        [b'<', ..] => (Op::Less, 1),
        [b'=', ..] => (Op::Equal, 1),
        [b':', ..] => (Op::Has, 1),
        _ => return None,
    })
}

fn place_of(name: &str, columns: &[Column]) -> Option<usize> {
    columns.iter().position(|c| c.names.iter().any(|n| n.eq_ignore_ascii_case(name)))
}

/// The column that a comparison names.
fn find(token: &Token, columns: &[Column]) -> Result<usize, Mistake> {
    let mistake = |what| Mistake { at: token.at.clone(), what, unfinished: false };
    let Some(place) = place_of(token.text, columns) else {
        let name = token.text.to_lowercase();
        let names = columns.iter().filter_map(|c| c.names.first());
        let near = names
            .map(|n| (strsim::damerau_levenshtein(&name, &n.to_lowercase()), n))
            .filter(|(far, n)| *far <= 1 + n.chars().count() / 6)
            .min_by_key(|(far, _)| *far);
        return Err(mistake(match near {
            Some((_, near)) => format!("There is no column “{}” here. Is it {near}?", token.text),
            None => format!(
                "There is no column “{}” here. Put text that has a sign such as : or = between quotes.",
                token.text
            ),
        }));
    };
    if columns.get(place).is_some_and(|c| c.masked) {
        return Err(mistake(format!(
            "{} is masked, and a filter would tell what is in it. m shows identifiers.",
            token.text
        )));
    }
    Ok(place)
}

/// Where the value that begins at a token ends: before a comma, `and`, `or`, or the next comparison.
fn value_end(tokens: &[Token], from: usize, columns: &[Column]) -> usize {
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        let compares = matches!(tokens.get(at + 1).map(|t| t.piece), Some(Piece::Sign(_)));
        let connects = token.piece == Piece::Word
            && (token.text.eq_ignore_ascii_case("and") || token.text.eq_ignore_ascii_case("or"));
        let names = token.piece == Piece::Word && compares && place_of(token.text, columns).is_some();
        if token.piece == Piece::Comma || connects || (names && at > from) {
            break;
        }
        at += 1;
        if token.piece == Piece::Quoted {
            break;
        }
    }
    at
}

/// The text of a value: what was quoted, or all from its first to its last word.
fn value<'a>(text: &'a str, tokens: &[Token<'a>], from: usize, end: usize) -> &'a str {
    match tokens.get(from..end) {
        Some([one]) => one.text,
        Some([first, .., last]) => text.get(first.at.start..last.at.end).unwrap_or_default(),
        _ => "",
    }
}

fn test(column: &Column, op: Op, value: &str, quoted: bool, at: Range<usize>) -> Result<Test, Mistake> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns() -> Vec<Column> {
        let column = |names: &[&str], kind| Column {
            names: names.iter().map(|n| (*n).to_owned()).collect(),
            kind,
            masked: false,
        };
        let choices = |pairs: &[(&str, &str)]| pairs.iter().map(|(c, l)| Choice::new(*c, *l)).collect();
        let mut name = column(&["last_name"], Kind::Text);
        name.masked = true;
        vec![
            column(&["study_id"], Kind::Names),
            column(
                &["redcap_event_name", "event"],
                Kind::Choice(choices(&[("w4", "Week 4"), ("w12", "Week 12")])),
            ),
            column(&["age"], Kind::Number),
            column(&["sex"], Kind::Choice(choices(&[("1", "Male"), ("2", "Female")]))),
            column(&["race"], Kind::Checkbox(choices(&[("0", "None"), ("3", "Asian")]))),
            column(&["visit_date"], Kind::Date),
            column(&["smoker"], Kind::Choice(choices(&[("1", "0 per day"), ("2", "1"), ("3", "2")]))),
            column(&["city"], Kind::Text),
            name,
        ]
    }

    fn read(text: &str) -> String {
        let columns = columns();
        match parse(text, &columns) {
            Ok(query) if query.words(&columns).is_empty() => format!("{:?}", query.any),
            Ok(query) => query.words(&columns),
            Err(mistake) => format!("! {mistake}"),
        }
    }

    #[test]
    fn people_see_how_a_filter_was_read() {
        for (text, words) in [
            ("", "[]"),
            ("oslo 12:30", r#"[[Word("oslo"), Word("12:30")]]"#),
            ("age >= 55", "age at least 55"),
            ("age>=55", "age at least 55"),
            ("AGE < 70.5", "age below 70.5"),
            ("sex = Female", "sex is Female (2)"),
            ("sex=fem", "sex is Female (2)"),
            ("sex = 2", "sex is Female (2)"),
            ("sex != female", "sex is not Female (2)"),
            ("event: Week 4", "redcap_event_name is Week 4 (w4)"),
            ("event: week", "redcap_event_name is Week 4 (w4) or Week 12 (w12)"),
            ("event > Week 4", "redcap_event_name above Week 4 (w4) in the list"),
            ("sex = Female age >= 55", "sex is Female (2) and age at least 55"),
            ("sex = Female, age >= 55", "sex is Female (2) and age at least 55"),
            ("sex = Female and age >= 55", "sex is Female (2) and age at least 55"),
            ("age < 20 or age > 80, oslo", "age below 20, or age above 80 and “oslo” anywhere"),
            ("race = Asian", "race has Asian (3)"),
            ("race != 3", "race has not Asian (3)"),
            ("race = \"\"", "race is blank"),
            ("visit_date = 2026-03", "visit_date in 2026-03"),
            ("visit_date >= 2026-03-31", "visit_date at least 2026-03-31"),
            ("age != blank", "age is filled"),
            ("city = \"\"", "city is blank"),
            ("city: \"San Sebastián\"", "city has “san sebastián”"),
            ("smoker = 1", "smoker is 1 (2)"),
            ("study_id >= 002", "study_id at least “002”"),
            ("\"a = b\"", r#"[[Word("a = b")]]"#),
            ("\"open", r#"[[Word("open")]]"#),
            ("and", r#"[[Word("and")]]"#),
        ] {
            assert_eq!(read(text), words, "{text}");
        }
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        for (text, words, at) in [
            ("agee > 3", "There is no column “agee” here. Is it age?", 0..4),
            (
                "x ty = 3",
                "There is no column “ty” here. Put text that has a sign such as : or = between quotes.",
                2..4,
            ),
            ("age > old", "age holds numbers, and “old” is none. Write 70.5 with a point.", 0..9),
            ("age > 80 oslo", "age holds numbers, and “80 oslo” is none. Write 70.5 with a point.", 0..13),
            ("sex = Other", "sex has no choice “Other”. One of Male, Female.", 0..11),
            (
                "event = week",
                "“week” may be Week 4 or Week 12. Write more of it, or : for all of them.",
                0..12,
            ),
            ("visit_date > 31/03/2026", "visit_date holds dates: write 2026-03-31, 2026-03 or 2026.", 0..23),
            (
                "last_name = Wood",
                "last_name is masked, and a filter would tell what is in it. m shows identifiers.",
                0..9,
            ),
            (
                ">= 3",
                "“>=” needs a column before it, as in age >= 55. Put text that has it between quotes.",
                0..2,
            ),
            ("age > \"\"", "Blank is neither more nor less: write age = \"\" or age != \"\".", 0..8),
            ("race > Asian", "race is a set of choices: use = or != with one of them.", 0..12),
        ] {
            let mistake = parse(text, &columns()).expect_err(text);
            assert_eq!((mistake.what.as_str(), mistake.at), (words, at), "{text}");
            assert!(!mistake.unfinished);
        }
        let text = "age > 3 and sex = Male or sex = Other";
        let mistake = parse(text, &columns()).expect_err(text);
        assert_eq!(mistake.text_before(text), "age > 3 and sex = Male");
        let unfinished = parse("sex =", &columns()).expect_err("no value");
        assert_eq!(unfinished.what, "What is sex compared with? One of Male, Female; \"\" is blank.");
        assert!(unfinished.unfinished);
    }

    #[test]
    fn stored_values_pass_or_do_not() {
        for (text, cells, holds) in [
            ("age >= 55", &["55"][..], true),
            ("age >= 55", &["9"], false),
            ("age >= 55", &[""], false),
            ("age >= 55", &["UNK"], false),
            ("age != 55", &["UNK"], true),
            ("age != 55", &[""], true),
            ("age: 5", &["150"], true),
            ("sex = Female", &["2"], true),
            ("sex != Female", &[""], true),
            ("event > Week 4", &["w12"], true),
            ("event > Week 4", &["w4"], false),
            ("race = Asian", &["0", "1"], true),
            ("race = Asian", &["1", "0"], false),
            ("race = \"\"", &["0", "0"], true),
            ("visit_date = 2026-03", &["2026-03-31"], true),
            ("visit_date < 2026-03-31", &["2026-03-30 23:59"], true),
            ("visit_date < 2026-03-31", &[""], false),
            ("study_id >= 10", &["9"], false),
            ("study_id >= 10", &["10-2"], true),
            ("city: OSL", &["Oslo"], true),
            ("city = oslo", &["Oslo"], true),
            ("city != oslo", &[""], true),
            ("city = blank", &[""], true),
        ] {
            let columns = columns();
            let query = parse(text, &columns).expect(text);
            let [Term::Compare(at, test)] = query.any[0].as_slice() else { panic!("{text}") };
            assert_eq!(test.holds(cells, &columns[*at].kind), holds, "{text} on {cells:?}");
        }
    }

    proptest! {
        /// Any text is read or refused with a place inside it.
        #[test]
        fn any_text_is_read_or_refused_with_its_place(text in r#"[a-z =<>!:,"é0-9-]{0,40}|\PC{0,40}"#) {
            if let Err(mistake) = parse(&text, &columns()) {
                prop_assert!(text.get(mistake.at.clone()).is_some(), "{:?} of {:?}", mistake.at, text);
            }
        }
    }
}
