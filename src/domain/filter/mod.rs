//! A filter in plain language: `age >= 55, sex = Female or event: Week 4`.
//!
//! It is for people who look at a table, and no logic of REDCap's: it knows the names of the
//! columns on screen and the labels of their choices. Words that compare nothing are looked for in
//! all columns. `and` or a comma joins what must all hold, `or` separates alternatives, and double
//! quotes keep a text together.

mod parse;
mod pieces;
mod test;
mod value;

pub use parse::{Mistake, parse, parse_as_far};
pub use test::{Op, Test};

use super::choices::Choice;

/// A column as a filter knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name first, then what else it may be called. Capitals do not matter.
    pub names: Vec<String>,
    /// What its stored values are.
    pub kind: Kind,
    /// Its values are masked: a filter on it would tell what they are.
    pub masked: bool,
}

/// What the stored values of a column are.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Free text.
    Text,
    /// Names of records: text that sorts as people sort names.
    Names,
    /// Numbers.
    Number,
    /// Dates or times, stored year first.
    Date,
    /// One code of these.
    Choice(Vec<Choice>),
    /// A set of these codes, a cell each.
    Checkbox(Vec<Choice>),
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// Some column has this text, in small letters.
    Word(String),
    /// A column, by its place in the list given to [`parse()`], passes a test.
    Compare(usize, Test),
}

/// A filter that was understood: alternatives, each a list of conditions that must all hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Empty lets every row through.
    pub any: Vec<Vec<Term>>,
}

impl Query {
    /// The filter in words, for a person to see how it was read; empty if it only looks for words.
    pub fn words(&self, columns: &[Column]) -> String {
        let compares = self.any.iter().flatten().any(|t| matches!(t, Term::Compare(..)));
        if !compares {
            return String::new();
        }
        let term = |term: &Term| match term {
            Term::Word(word) => format!("“{word}” anywhere"),
            Term::Compare(at, test) => {
                let column = columns.get(*at);
                let name = column.and_then(|c| c.names.first()).map_or("", String::as_str);
                format!("{name} {}", test.words(column.map_or(&Kind::Text, |c| &c.kind)))
            }
        };
        let all: Vec<String> =
            self.any.iter().map(|terms| terms.iter().map(term).collect::<Vec<_>>().join(" and ")).collect();
        all.join(", or ")
    }
}
