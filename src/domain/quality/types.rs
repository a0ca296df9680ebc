//! Rule C: text that does not fit the validation type of its field.

use super::batch::At;
use super::finding::Note;
use super::run::Hit;
use crate::domain::validation;

/// A missing data code is no error, and a type that only this server has is not judged.
pub(super) fn check(at: &At<'_>) -> Option<Hit> {
    let kind = at.checked.field.validation.as_str();
    if validation::fits(kind, at.value()) || at.is_missing_code() {
        return None;
    }
    Some(Hit::plain(Note::NotOfType(kind.to_owned())))
}

/// What to say once about a field whose type is not known.
pub(super) fn remark(field: &crate::domain::dictionary::Field) -> Option<String> {
    let kind = field.validation.as_str();
    (!kind.is_empty() && !validation::is_known(kind)).then(|| {
        format!("{} has the validation type {kind}, which only this server knows: not checked.", field.name)
    })
}
