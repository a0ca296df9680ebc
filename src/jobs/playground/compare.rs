//! What is different between two answers, line by line.

use similar::{DiffTag, TextDiff};
use std::sync::Arc;
use std::time::Duration;

/// How long a comparison may look for the smallest difference; then it takes a larger one.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many same lines are shown around a difference.
const AROUND: usize = 3;

/// Two answers to compare.
#[derive(Clone)]
pub struct Comparison {
    /// The lines of the older one.
    pub old: Arc<Vec<String>>,
    /// The lines of the newer one.
    pub new: Arc<Vec<String>>,
}

impl std::fmt::Debug for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Comparison({} lines, {} lines)", self.old.len(), self.new.len())
    }
}

/// What a line of a comparison is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffKind {
    /// In both.
    Same,
    /// Only in the older one.
    Gone,
    /// Only in the newer one.
    Added,
    /// Stands for same lines that are left out.
    LeftOut,
}

/// A line of a comparison.
#[derive(Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// What it is.
    pub kind: DiffKind,
    /// The line.
    pub text: String,
}

impl std::fmt::Debug for DiffLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

/// The difference, with a few same lines around. Empty if there is none.
pub fn compare(comparison: &Comparison) -> Vec<DiffLine> {
    let (old, new) = (comparison.old.as_slice(), comparison.new.as_slice());
    if old == new {
        return Vec::new();
    }
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    let new: Vec<&str> = new.iter().map(String::as_str).collect();
    let diff = TextDiff::configure().timeout(PATIENCE).diff_slices(&old, &new);
    // Where each step begins is counted here: of the places that a step names, only those of the
    // side it takes lines from can be relied on.
    let (mut from_old, mut from_new) = (old.iter(), new.iter());
    let mut lines = Vec::new();
    let mut same: Vec<&str> = Vec::new();
    for op in diff.ops() {
        let (tag, in_old, in_new) = op.as_tag_tuple();
        match tag {
            DiffTag::Equal => {
                same.extend(from_old.by_ref().take(in_old.len()));
                from_new.by_ref().take(in_old.len()).for_each(drop);
                continue;
            }
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => keep_around(&mut lines, &mut same, false),
        }
        if tag != DiffTag::Insert {
            lines.extend(from_old.by_ref().take(in_old.len()).map(|text| line(DiffKind::Gone, text)));
        }
        if tag != DiffTag::Delete {
            lines.extend(from_new.by_ref().take(in_new.len()).map(|text| line(DiffKind::Added, text)));
        }
    }
    keep_around(&mut lines, &mut same, true);
    lines
}

fn line(kind: DiffKind, text: &str) -> DiffLine {
    DiffLine { kind, text: text.to_owned() }
}

/// Adds a run of same lines: whole if it is short, else its ends beside what is different.
fn keep_around(lines: &mut Vec<DiffLine>, same: &mut Vec<&str>, at_end: bool) {
    let before = if lines.is_empty() { 0 } else { AROUND };
    let after = if at_end { 0 } else { AROUND };
    let n = same.len();
    let left_out = n.saturating_sub(before + after);
    for (i, text) in same.drain(..).enumerate() {
        if left_out > 1 && i == before {
            lines.push(line(DiffKind::LeftOut, &format!("{left_out} same lines")));
        }
        if left_out <= 1 || i < before || i >= n - after {
            lines.push(line(DiffKind::Same, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &[String]) -> Arc<Vec<String>> {
        Arc::new(text.to_vec())
    }

    proptest! {
        #[test]
        fn both_answers_can_be_read_off_the_difference(
            old in prop::collection::vec("[ab]", 0..30),
            new in prop::collection::vec("[ab]", 0..30),
        ) {
            let diff = compare(&Comparison { old: lines(&old), new: lines(&new) });
            prop_assert_eq!(diff.is_empty(), old == new);
            if !diff.is_empty() {
                let count = |kinds: &[DiffKind]| -> usize {
                    diff.iter()
                        .map(|l| match l.kind {
                            DiffKind::LeftOut => l.text.split(' ').next().unwrap().parse().unwrap(),
                            kind => usize::from(kinds.contains(&kind)),
                        })
                        .sum()
                };
                prop_assert_eq!(count(&[DiffKind::Same, DiffKind::Gone]), old.len());
                prop_assert_eq!(count(&[DiffKind::Same, DiffKind::Added]), new.len());
                // And line by line, where nothing is left out.
                if diff.iter().all(|l| l.kind != DiffKind::LeftOut) {
                    let side = |other: DiffKind| -> Vec<String> {
                        diff.iter().filter(|l| l.kind != other).map(|l| l.text.clone()).collect()
                    };
                    prop_assert_eq!(side(DiffKind::Added), old);
                    prop_assert_eq!(side(DiffKind::Gone), new);
                }
            }
        }
    }
}
