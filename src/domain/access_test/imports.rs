//! What the check of a file and the receipt of an import explain.

use super::Fired;
use super::cases::{Case, fired, numbered};
use crate::domain::check::{Cell, Rule};

/// The case that people know a finding by.
pub fn of_finding(rule: Rule) -> Option<&'static Case> {
    numbered(match rule {
        Rule::FileColumn => 26,
        Rule::CalcColumn => 27,
        Rule::OutOfRange => 28,
        Rule::BlankColumnErases => 25,
        _ => return None,
    })
}

/// The case that people know the fate of a cell by.
pub fn of_cell(cell: Cell) -> Option<&'static Case> {
    numbered(match cell {
        Cell::Kept => 24,
        Cell::Erased => 25,
        _ => return None,
    })
}

/// What a receipt explains: nothing of an accepted file was new.
pub fn of_receipt(changed_nothing: bool, records: usize) -> Option<Fired> {
    if !changed_nothing || records == 0 {
        return None;
    }
    fired(
        22,
        format!("{records} records were accepted, and nothing in the file differed from what was stored."),
    )
}
