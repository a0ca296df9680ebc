//! Rule F: fields that branching logic hides and that hold a value all the same.

use super::batch::{At, Shown};
use super::finding::Note;
use super::run::Hit;

/// Logic that cannot be evaluated hides nothing. Boxes not ticked are no value, and branching
/// never erases a missing data code, so a code is not counted (`redcap-validation.md` §7 and §11).
pub(super) fn check(at: &At<'_>) -> Option<Hit> {
    if at.is_blank() || at.is_missing_code() || at.shown() != Shown::No {
        return None;
    }
    let depends_on_blanks = at.batch.shown_depends_on_blanks(at.checked, at.row);
    Some(Hit { note: Note::None, depends_on_blanks })
}
