//! What is wrong or doubtful in an expression, seen with a project (`redcap-logic.md` §11).

mod expressions;
mod references;

use super::error::LogicError;
use super::project::Project;
use super::syntax::Node;
use super::{Logic, functions};
use std::ops::Range;

/// How bad a lint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Hint,
    /// REDCap accepts it, and it probably does not do what was meant.
    Warning,
    /// REDCap refuses it, or it has no useful result.
    Error,
}

/// The kinds of lints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LintKind {
    /// A field that the project does not have.
    UnknownField,
    /// An event that the project does not have; reads as blank.
    UnknownEvent,
    /// A choice that the checkbox does not have; reads as not ticked.
    UnknownChoice,
    /// A checkbox without a choice.
    CheckboxWithoutChoice,
    /// A choice behind a field that is no checkbox.
    ChoiceOfOtherField,
    /// A function that REDCap does not have.
    UnknownFunction,
    /// A smart variable whose value is not known outside of the server.
    UnsupportedVariable,
    /// `!=`, `==`, `&&`, `||`, `not`, `!`.
    UndocumentedOperator,
    /// `^` without parentheses.
    BarePower,
    /// A space between the brackets of one reference.
    SpaceInReference,
    /// A name in upper case.
    UpperCaseName,
    /// A piping modifier such as `:label`.
    PipingModifier,
    /// An event of another arm.
    OtherArm,
    /// The field's form is not used at the event that is meant.
    NotAtEvent,
    /// An instance of something that does not repeat.
    InstanceOfSingle,
    /// A field on a repeating instrument, seen from elsewhere, without an instance.
    InstanceMissing,
    /// A field's own logic refers to the field.
    SelfReference,
    /// `and` and `or` mixed without parentheses.
    MixedAndOr,
    /// `<` or `<=` with a field that may be blank.
    UnguardedLess,
    /// A comparison with an unquoted zero.
    UnquotedZero,
    /// Arithmetic on the right of a comparison.
    RightHandArithmetic,
    /// A value that is not among the field's codes, perhaps its label.
    NotACode,
    /// A date that is not written Y-M-D.
    DateForm,
    /// `'today'` or `'now'` in a stored calculation.
    TodayInCalculation,
    /// A calculation that gives text.
    TextInCalculation,
    /// A function that older versions do not allow in calculations.
    TextTestInCalculation,
    /// A text function on a field that shows its date as M-D-Y or D-M-Y.
    TextOfShownDate,
}

/// One finding about an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// The place in the text, in bytes.
    pub at: Range<usize>,
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub kind: LintKind,
    /// What it is, as a sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl Lint {
    pub(super) fn new(
        severity: Severity,
        kind: LintKind,
        at: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { at, severity, kind, message: message.into(), hint: hint.into() }
    }

    pub(super) fn warning(
        kind: LintKind,
        at: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Warning, kind, at, message, hint)
    }

    pub(super) fn error(
        kind: LintKind,
        at: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, kind, at, message, hint)
    }
}

/// What an expression is for. Some lints only matter in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// The branching logic of a field.
    Branching {
        /// The field.
        field: &'a str,
    },
    /// The calculation of a `calc` field.
    Calculation {
        /// The field.
        field: &'a str,
    },
    /// `@CALCTEXT` or `@CALCDATE` of a field.
    CalcText {
        /// The field.
        field: &'a str,
    },
    /// A filter, a Data Quality rule, or anything that belongs to no field.
    Filter,
}

impl<'a> Purpose<'a> {
    /// The field that the expression belongs to.
    pub fn field(self) -> Option<&'a str> {
        match self {
            Self::Branching { field } | Self::Calculation { field } | Self::CalcText { field } => Some(field),
            Self::Filter => None,
        }
    }
}

pub(super) fn lint(logic: &Logic, project: &Project<'_>, purpose: Purpose<'_>) -> Vec<Lint> {
    let mut found = logic.notes.clone();
    for reference in &logic.references {
        references::lint(reference, logic, project, purpose, &mut found);
    }
    if let Some(root) = &logic.root {
        expressions::lint(root, logic, project, purpose, &mut found);
        for expr in root.walk() {
            if let Node::Call { name, function: None, .. } = &expr.node {
                found.push(Lint::warning(
                    LintKind::UnknownFunction,
                    expr.at.clone(),
                    format!("{name}() is no function of REDCap, so this cannot be evaluated here."),
                    functions::instead_of(name),
                ));
            }
        }
    }
    found.sort_by_key(|lint| (lint.at.start, lint.at.end));
    found
}

pub(super) fn first_error(logic: &Logic, project: &Project<'_>) -> Result<(), LogicError> {
    let refused = |lint: &Lint| lint.severity == Severity::Error || lint.kind == LintKind::UnknownFunction;
    match lint(logic, project, Purpose::Filter).into_iter().find(refused) {
        Some(lint) => Err(LogicError::new(lint.at, lint.message, lint.hint)),
        None => Ok(()),
    }
}
