//! A set of rows of a table: a bit each, so that sets of half a million rows are joined in
//! microseconds.

/// Bits in a word.
const WORD: usize = 64;

/// Some of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSet {
    words: Vec<u64>,
    n_rows: usize,
}

impl RowSet {
    /// None of so many rows.
    pub fn new(n_rows: usize) -> Self {
        Self { words: vec![0; n_rows.div_ceil(WORD)], n_rows }
    }

    /// Takes a row in. Rows outside the table are left out.
    pub fn add(&mut self, row: usize) {
        if row < self.n_rows
            && let Some(word) = self.words.get_mut(row / WORD)
        {
            *word |= 1 << (row % WORD);
        }
    }

    /// Takes the rows in whose bits are set, 64 rows a word. None may be outside the table.
    pub(super) fn add_words(&mut self, words: &[u64]) {
        for (word, more) in self.words.iter_mut().zip(words) {
            *word |= more;
        }
    }

    /// The 64 rows of a word.
    pub(super) fn word(&self, at: usize) -> u64 {
        self.words.get(at).copied().unwrap_or(0)
    }

    /// Takes in rows of a word. None may be outside the table.
    pub(super) fn add_word(&mut self, at: usize, rows: u64) {
        if let Some(word) = self.words.get_mut(at) {
            *word |= rows;
        }
    }

    /// Takes in all rows of another set of the same table.
    pub fn join(&mut self, other: &Self) {
        self.add_words(&other.words);
    }

    /// Takes in all rows that are not in another set of the same table.
    pub fn join_others(&mut self, other: &Self) {
        let mut left = self.n_rows;
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= !other & if left < WORD { (1 << left) - 1 } else { u64::MAX };
            left = left.saturating_sub(WORD);
        }
    }

    /// Keeps only rows that are also in another set of the same table.
    pub fn keep(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Whether a row is in it.
    pub fn has(&self, row: usize) -> bool {
        self.words.get(row / WORD).is_some_and(|word| word >> (row % WORD) & 1 == 1)
    }

    /// How many rows are in it.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many rows are in both.
    pub fn count_in(&self, other: &Self) -> usize {
        self.words.iter().zip(&other.words).map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// No row is left out.
    pub fn is_full(&self) -> bool {
        let (whole, rest) = (self.n_rows / WORD, self.n_rows % WORD);
        self.words.iter().take(whole).all(|word| *word == u64::MAX)
            && (rest == 0 || self.words.last() == Some(&((1 << rest) - 1)))
    }

    /// The rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    at * WORD + bit
                })
            })
        })
    }
}

impl Extend<usize> for RowSet {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, rows: I) {
        for row in rows {
            self.add(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set(n: usize, rows: &BTreeSet<usize>) -> RowSet {
        let mut set = RowSet::new(n);
        set.extend(rows.iter().copied());
        set
    }

    proptest! {
        #[test]
        fn sets_of_rows_are_sets(
            n in 0..200_usize,
            a in prop::collection::btree_set(0..220_usize, 0..200),
            b in prop::collection::btree_set(0..220_usize, 0..200),
        ) {
            let inside = |rows: &BTreeSet<usize>| -> BTreeSet<usize> { rows.iter().copied().filter(|r| *r < n).collect() };
            let (a, b) = (inside(&a), inside(&b));
            let (left, right) = (set(n, &a), set(n, &b));
            prop_assert_eq!(left.iter().collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!((left.count(), left.count_in(&right)), (a.len(), a.intersection(&b).count()));
            prop_assert_eq!(left.is_full(), a.len() == n);
            prop_assert!((0..250).all(|row| left.has(row) == a.contains(&row)));
            let (mut joined, mut others, mut kept) = (left.clone(), left.clone(), left);
            joined.join(&right);
            others.join_others(&right);
            kept.keep(&right);
            prop_assert_eq!(others.iter().collect::<BTreeSet<_>>(), (0..n).filter(|r| a.contains(r) || !b.contains(r)).collect());
            prop_assert_eq!(joined.iter().collect::<BTreeSet<_>>(), a.union(&b).copied().collect());
            prop_assert_eq!(kept.iter().collect::<BTreeSet<_>>(), a.intersection(&b).copied().collect());
        }
    }

    #[test]
    fn a_full_set_is_full() {
        for n in [0, 1, 63, 64, 65, 128] {
            assert!(set(n, &(0..n).collect()).is_full());
        }
    }
}
