//! Rules A and B: blank values, and blank values of required fields.
//!
//! Which field types count is not public; these are the recommended ones (`redcap-validation.md`
//! §11): everything that a person fills in.

use super::batch::{At, Shown};
use super::finding::Note;
use super::run::Hit;
use crate::domain::dictionary::{Field, FieldType};

/// Whether a blank of this field counts. The record id is never blank.
pub(super) fn can_be_blank(field: &Field) -> bool {
    !matches!(field.field_type, FieldType::Calc | FieldType::Descriptive | FieldType::Other(_))
}

/// A blank counts where the form shows the field and the event or instance holds any data.
pub(super) fn check(at: &At<'_>) -> Option<Hit> {
    // A missing data code is no blank, and needs no words: it is not empty.
    if at.checked.is_id || !at.is_blank() || !at.batch.holds_data(at.row) {
        return None;
    }
    match at.shown() {
        Shown::No => None,
        Shown::Unknown => Some(Hit::plain(Note::None)),
        Shown::Yes => Some(Hit {
            note: Note::None,
            depends_on_blanks: at.batch.shown_depends_on_blanks(at.checked, at.row),
        }),
    }
}
