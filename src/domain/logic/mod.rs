//! REDCap's logic language: one engine for branching logic, calculations, `@CALCTEXT`,
//! `@CALCDATE`, `@IF`, Data Quality rules, report filters and the API's `filterLogic`.
//!
//! ```
//! use capscope::domain::logic::{self, Project, Rules, TableRows};
//! use capscope::domain::{dictionary::*, project::Metadata, table::TableBuilder};
//!
//! let mut metadata = Metadata::default();
//! metadata.dictionary = Dictionary::new(vec![Field::new("id", "base"), Field::new("age", "base")]);
//! let project = Project::new(&metadata);
//! let mut table = TableBuilder::new(["id", "age"]);
//! table.push_row(["1", "20"]);
//! table.push_row(["2", "17"]);
//! let table = table.finish();
//!
//! let adults = logic::parse("[age] >= 18")?;
//! let rules = Rules::default();
//! let rows = TableRows::new(&project, &table);
//! let now = jiff::civil::date(2024, 7, 4).at(13, 45, 30, 0);
//! let bound = adults.bind(&rows, &rules, now)?;
//! assert_eq!(bound.matching()?, [0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of an expression: [`parse`] reads it once into a tree ([`syntax`]); [`Logic::check`] and
//! [`Logic::lint`] compare it with a project; [`Logic::eval`] evaluates it against one [`Context`]
//! (usually a [`RecordContext`], which finds out what `[field]` means at a [`Place`]); and
//! [`Logic::bind`] ties it to a whole table and evaluates each part once per distinct value.
//!
//! Every rule that the public documentation leaves open is a switch in [`Rules`]. Nothing here
//! reads a clock: the caller says what `'now'` is. Section marks refer to `redcap-logic.md`.

mod bind;
mod context;
mod cycles;
mod error;
mod eval;
mod functions;
mod lexer;
mod lint;
mod locate;
mod never;
mod operators;
mod outline;
mod parser;
mod project;
mod record;
mod reference;
mod review;
mod rows;
mod rules;
mod slots;
mod smart;
pub mod syntax;
pub mod tags;
mod targets;
#[cfg(test)]
mod tests;
mod trace;
mod uses;
mod value;

pub use bind::Bound;
pub use context::Context;
pub use cycles::calculation_cycles;
pub use error::{EvalError, LogicError, Problem};
pub use functions::dates::Unit;
pub use functions::{Family, Function};
pub use lint::{Lint, LintKind, Purpose, Severity};
pub use outline::{OutlineLine, Piece};
pub use parser::MAX_DEPTH;
pub use project::Project;
pub use record::{Cell, Place, RecordContext, RecordData, Viewer};
pub use reference::{EventRef, InstanceRef, Item, Reference};
pub use review::{Finding, Review, review};
pub use rows::{TableRecord, TableRows};
pub use rules::{
    BlankOrder, Deviation, ModuloSign, NegativeHalf, NegativeRounding, OrRefuse, OtherInstance, Rules,
};
pub use trace::{MOST_PARTS, Trace};
pub use uses::{Use, Uses, uses};
pub use value::{Value, number_text, parse_number};

use eval::{ContextEnvironment, Evaluator};
use jiff::civil::DateTime;
use std::fmt;

/// An expression that was read. Empty logic is always true: "always show", "no filter" (§3).
#[derive(Debug, Clone, PartialEq)]
pub struct Logic {
    text: String,
    root: Option<syntax::Expr>,
    references: Vec<Reference>,
    /// What the parser saw that is better written otherwise.
    notes: Vec<Lint>,
}

/// Reads an expression under the default rules.
pub fn parse(text: &str) -> Result<Logic, LogicError> {
    parse_with(text, &Rules::default())
}

/// Reads an expression; three of the rules decide what the parser accepts.
pub fn parse_with(text: &str, rules: &Rules) -> Result<Logic, LogicError> {
    let parser::Parsed { root, references, notes } = parser::parse(text, rules)?;
    Ok(Logic { text: text.to_owned(), root, references, notes })
}

/// What is certain about a condition, whatever REDCap does with blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// True under every way to treat blanks.
    True,
    /// False under every way to treat blanks.
    False,
    /// True or false depending on how blanks are treated (§6). Say so instead of accusing a record.
    DependsOnBlanks,
}

impl Logic {
    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is no expression at all.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The syntax tree; `None` for empty logic.
    pub fn root(&self) -> Option<&syntax::Expr> {
        self.root.as_ref()
    }

    /// The references in the order of the text. [`syntax::Node::Reference`] counts them from 0.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.references.iter()
    }

    /// The names of the fields that are referred to; a field may come more than once.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.references.iter().filter_map(Reference::field)
    }

    /// The first thing that makes REDCap refuse this logic for this project: a field that does not
    /// exist, a checkbox without a choice, a function that does not exist (§11).
    pub fn check(&self, project: &Project<'_>) -> Result<(), LogicError> {
        lint::first_error(self, project)
    }

    /// All that is wrong or doubtful, in the order of the text.
    pub fn lint(&self, project: &Project<'_>, purpose: Purpose<'_>) -> Vec<Lint> {
        lint::lint(self, project, purpose)
    }

    /// Whether nothing at all can make it true, as far as that is certain: contradictions, and
    /// comparisons with codes that a field does not have. False does not mean that something can.
    pub fn is_never_true(&self, project: &Project<'_>) -> bool {
        never::is_never_true(self, project)
    }

    /// Evaluates the expression. Empty logic is true.
    pub fn eval<'v>(&'v self, context: &'v dyn Context, rules: &'v Rules) -> Result<Value<'v>, EvalError> {
        let Some(root) = &self.root else { return Ok(Value::Bool(true)) };
        let environment = ContextEnvironment { context, references: &self.references, rules };
        Evaluator { environment: &environment, rules, now: context.now() }.value(root).map(Value::into_owned)
    }

    /// Whether the expression is true, as branching logic, filters and Data Quality rules ask.
    pub fn is_true(&self, context: &dyn Context, rules: &Rules) -> Result<bool, EvalError> {
        self.eval(context, rules).map(|value| value.is_true(rules))
    }

    /// Whether the expression is true, and whether that is sure whatever REDCap does with blanks.
    pub fn verdict(&self, context: &dyn Context, rules: &Rules) -> Result<Verdict, EvalError> {
        let truth = self.is_true(context, rules)?;
        for variant in rules.blank_variants() {
            if self.is_true(context, &variant)? != truth {
                return Ok(Verdict::DependsOnBlanks);
            }
        }
        Ok(if truth { Verdict::True } else { Verdict::False })
    }

    /// What a `calc` field with this expression stores: a number, else nothing (§1).
    pub fn calc(&self, context: &dyn Context, rules: &Rules) -> Result<String, EvalError> {
        if self.root.is_none() {
            return Ok(String::new());
        }
        let value = self.eval(context, rules)?;
        Ok(value.as_number().map_or_else(String::new, |n| number_text(n, rules.significant_digits)))
    }

    /// What `@CALCTEXT` of this expression stores (§8).
    pub fn calctext(&self, context: &dyn Context, rules: &Rules) -> Result<String, EvalError> {
        if self.root.is_none() {
            return Ok(String::new());
        }
        Ok(self.eval(context, rules)?.to_text(rules).into_owned())
    }

    /// Ties the expression to the rows of a table, for speed.
    ///
    /// Fails if a reference or function can be evaluated in no row at all.
    pub fn bind<'t>(
        &'t self,
        rows: &'t TableRows<'t>,
        rules: &'t Rules,
        now: DateTime,
    ) -> Result<Bound<'t>, EvalError> {
        Bound::new(self, rows, rules, now)
    }
}

/// Writes the expression in REDCap's documented spelling, without comments.
impl fmt::Display for Logic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Some(expr) => write!(f, "{}", syntax::Printed { expr, references: &self.references }),
            None => Ok(()),
        }
    }
}
