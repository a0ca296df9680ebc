//! Rule G: stored codes that are not among the choices.

use super::batch::{At, BoxKind};
use super::finding::Note;
use super::run::Hit;
use crate::domain::dictionary::{Field, FieldType};

/// Whether the choices of a field are known. Those of an `sql` field are in no API answer.
pub(super) fn has_fixed_choices(field: &Field) -> bool {
    use FieldType::{Checkbox, Dropdown, Radio, TrueFalse, YesNo};
    matches!(field.field_type, Radio | Dropdown | Checkbox | YesNo | TrueFalse)
}

/// Codes are compared as they are: `01` is not `1`. A missing data code is always allowed.
pub(super) fn check(at: &At<'_>) -> Option<Hit> {
    if let Some(odd) = at.ticked().find(|b| b.kind == BoxKind::Unknown) {
        return Some(Hit::plain(Note::NotAChoice(odd.code.clone())));
    }
    let value = at.value();
    if value.is_empty() || at.checked.codes.contains(value) || at.is_missing_code() {
        return None;
    }
    Some(Hit::plain(Note::NotAChoice(String::new())))
}
