//! What can be wrong with an expression, and why one cannot be evaluated.

use std::ops::Range;

/// The text is no valid logic. Says where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LogicError {
    /// The place in the text, in bytes.
    pub at: Range<usize>,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl LogicError {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at, message: message.into(), hint: hint.into() }
    }
}

/// Why an expression that was read cannot be evaluated here.
///
/// Such an expression is neither true nor false. In particular a field whose branching logic
/// cannot be evaluated is not hidden (`redcap-logic.md` §11).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct EvalError {
    /// The part of the text that cannot be evaluated, in bytes.
    pub at: Range<usize>,
    /// What is the matter with it.
    pub problem: Problem,
}

/// The reasons of an [`EvalError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The project has no such field.
    #[error("there is no field [{0}]")]
    UnknownField(String),
    /// A checkbox was named without one of its choices.
    #[error("[{0}] is a checkbox: name a choice, as in [{0}(1)]")]
    CheckboxWithoutChoice(String),
    /// A smart variable whose value is not known here.
    #[error("the value of [{0}] is not known here")]
    Unavailable(String),
    /// A column that is not among the data at hand: it was not fetched, or may not be.
    #[error("the data at hand have no column {0}: fetch it too, or ask for the right to export it")]
    NotLoaded(String),
    /// A function that REDCap does not have; an external module of the server may.
    #[error("{0}() is no REDCap function; if an external module adds it, only the server can evaluate it")]
    UnknownFunction(String),
    /// A unit that is none of `y`, `M`, `d`, `h`, `m`, `s`.
    #[error("{0:?} is no unit of time: use y, M, d, h, m or s")]
    UnknownUnit(String),
    /// A text that no field could hold. Nested `replace_text` doubles a text with every level.
    #[error("the text grows beyond {0} bytes")]
    TooLong(usize),
    /// The rules ask not to guess.
    #[error("{0} has no result that is known for sure")]
    Undefined(&'static str),
}

impl Problem {
    pub(super) fn at(self, at: &Range<usize>) -> EvalError {
        EvalError { at: at.clone(), problem: self }
    }
}
