//! What an expression is evaluated against.

use super::error::Problem;
use super::reference::Reference;
use crate::domain::dictionary::Field;
use jiff::civil::DateTime;
use std::borrow::Cow;

/// One place in one record, as an expression sees it.
///
/// [`super::RecordContext`] implements this for a project and the data of a record; tests and
/// special places may implement it themselves.
pub trait Context {
    /// The stored text of a reference; blank if there is none. Codes, never labels.
    fn value(&self, reference: &Reference) -> Result<Cow<'_, str>, Problem>;

    /// The moment that `'now'` and `'today'` mean.
    fn now(&self) -> DateTime;

    /// Whether a text is one of the project's missing data codes.
    fn is_missing_code(&self, _text: &str) -> bool {
        false
    }

    /// The field with this name. Its validation decides about comma decimals (§4) and, under one
    /// switch, about blanks in arithmetic (§6).
    fn field(&self, _name: &str) -> Option<&Field> {
        None
    }
}
