//! Rule I: values that are one of the project's missing data codes.

use super::batch::{At, BoxKind};
use super::finding::Note;
use super::run::Hit;

/// Every field type can hold a code; a checkbox holds it as a box of its own.
pub(super) fn check(at: &At<'_>) -> Option<Hit> {
    let of_box = at.ticked().find(|b| b.kind == BoxKind::MissingCode).map(|b| b.code.as_str());
    let code = of_box.unwrap_or_else(|| at.value());
    let label = at.batch.project.metadata().info.missing_label(code)?;
    Some(Hit::plain(Note::Missing(label.to_owned())))
}
