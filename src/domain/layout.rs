//! How a person wants the columns of an instrument's record table. Names of fields only: it is
//! kept between sessions.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The least width of a column.
pub const NARROWEST: u16 = 3;
/// The greatest width a person can give a column.
pub const WIDEST: u16 = 120;

/// The wishes for the columns of one table; those without a wish are as the dictionary has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// Columns that are not shown.
    pub hidden: BTreeSet<String>,
    /// Columns that stay when the table scrolls sideways, beside the record id and REDCap's own.
    pub frozen: BTreeSet<String>,
    /// The order of the columns; those that are not in it come after, in dictionary order.
    pub order: Vec<String>,
    /// Widths in characters; a column without one is as wide as what is in it.
    pub widths: BTreeMap<String, u16>,
}

impl Layout {
    /// Nothing differs from the dictionary.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The order of these columns, by their places: the `fixed` first ones stay where they are,
    /// then the frozen ones, then the others. Hidden ones are among them.
    pub fn arrange(&self, names: &[&str], fixed: usize) -> Vec<usize> {
        let place: BTreeMap<&str, usize> = self.order.iter().map(String::as_str).zip(0..).collect();
        let mut places: Vec<usize> = (0..names.len()).collect();
        let rest = places.get_mut(fixed.min(names.len())..).unwrap_or_default();
        rest.sort_by_key(|&at| {
            let name = names.get(at).copied().unwrap_or_default();
            (!self.frozen.contains(name), place.get(name).copied().unwrap_or(usize::MAX), at)
        });
        places
    }

    /// Moves a column one place among `names`, which are the columns in their order now.
    pub fn shift(&mut self, names: &[&str], name: &str, right: bool) {
        let mut order: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        let Some(at) = order.iter().position(|n| n == name) else { return };
        let to = if right { at + 1 } else { at.wrapping_sub(1) };
        if to < order.len() {
            order.swap(at, to);
            self.order = order;
        }
    }

    /// Shows a hidden column, or hides it.
    pub fn toggle(&mut self, name: &str) {
        if !self.hidden.remove(name) {
            self.hidden.insert(name.to_owned());
        }
    }

    /// Freezes a column, or lets it scroll again.
    pub fn freeze(&mut self, name: &str) {
        if !self.frozen.remove(name) {
            self.frozen.insert(name.to_owned());
        }
    }

    /// Makes a column wider or narrower than `now`, in steps of two.
    pub fn widen(&mut self, name: &str, now: u16, wider: bool) {
        let width = if wider { now.saturating_add(2) } else { now.saturating_sub(2) };
        self.widths.insert(name.to_owned(), width.clamp(NARROWEST, WIDEST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(layout: &Layout) -> String {
        let names = ["id", "event", "a", "b", "c", "d"];
        layout.arrange(&names, 2).into_iter().map(|at| names[at]).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_record_id_stays_first_whatever_a_person_wants() {
        let mut layout = Layout::default();
        assert_eq!(arranged(&layout), "id event a b c d");
        layout.order = ["d", "id", "a"].map(str::to_owned).to_vec();
        assert_eq!(arranged(&layout), "id event d a b c");
        layout.freeze("c");
        assert_eq!(arranged(&layout), "id event c d a b");
        layout.freeze("c");
        layout.shift(&["d", "a", "b", "c"], "b", false);
        assert_eq!(arranged(&layout), "id event d b a c");
        layout.shift(&["d", "b", "a", "c"], "c", true);
        assert_eq!(arranged(&layout), "id event d b a c");
    }

    #[test]
    fn widths_have_limits() {
        let mut layout = Layout::default();
        layout.widen("a", 4, false);
        layout.widen("a", 2, false);
        assert_eq!(layout.widths["a"], NARROWEST);
        layout.widen("a", u16::MAX, true);
        assert_eq!(layout.widths["a"], WIDEST);
    }
}
