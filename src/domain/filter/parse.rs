//! Reads a filter as it is typed, and says what is wrong with it and where.

use super::pieces::{Piece, Token, tokens};
use super::value::test;
use super::{Column, Query, Term};
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
            "{} is masked, and a filter would tell what is in it. {{mask}} shows identifiers.",
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

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;
    use crate::domain::choices::Choice;
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
                "last_name is masked, and a filter would tell what is in it. {mask} shows identifiers.",
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
