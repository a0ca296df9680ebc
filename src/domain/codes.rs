//! A list of small numbers, most of which are 0, in as little memory as they need.
//!
//! Four of five cells of a record table are blank, and a blank has code 0. So one bit tells
//! whether a cell has something, and only the codes of those that have are kept, in one, two or
//! four bytes each, as the largest of them needs. Whatever looks for a value passes over the
//! blanks without reading them.

use super::row_set::RowSet;
use std::ops::Range;

/// Bits in a word of the map.
const WORD: usize = 64;

/// The codes of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    /// A bit for each place that is not 0, up to the last of them.
    filled: Vec<u64>,
    /// How many codes stand before each word of `filled`.
    before: Vec<u32>,
    /// The codes that are not 0, in order.
    packed: Packed,
    len: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Packed {
    /// All below 256.
    One(Vec<u8>),
    /// All below 65,536.
    Two(Vec<u16>),
    /// Any.
    Four(Vec<u32>),
}

impl Default for Packed {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

impl Packed {
    fn len(&self) -> usize {
        match self {
            Self::One(codes) => codes.len(),
            Self::Two(codes) => codes.len(),
            Self::Four(codes) => codes.len(),
        }
    }

    fn get(&self, at: usize) -> Option<u32> {
        match self {
            Self::One(codes) => codes.get(at).map(|c| u32::from(*c)),
            Self::Two(codes) => codes.get(at).map(|c| u32::from(*c)),
            Self::Four(codes) => codes.get(at).copied(),
        }
    }

    /// Adds a code, and makes room for a larger one where it is the first.
    fn push(&mut self, code: u32) {
        match self {
            Self::One(codes) => match u8::try_from(code) {
                Ok(small) => codes.push(small),
                Err(_) => {
                    *self = Self::Two(codes.iter().map(|c| u16::from(*c)).collect());
                    self.push(code);
                }
            },
            Self::Two(codes) => match u16::try_from(code) {
                Ok(small) => codes.push(small),
                Err(_) => {
                    *self = Self::Four(codes.iter().map(|c| u32::from(*c)).collect());
                    self.push(code);
                }
            },
            Self::Four(codes) => codes.push(code),
        }
    }
}

impl Codes {
    /// So many zeros.
    pub fn zeros(n: usize) -> Self {
        Self { len: n, ..Self::default() }
    }

    /// How many are not 0.
    pub fn n_filled(&self) -> usize {
        self.packed.len()
    }

    /// The code at a place.
    pub fn get(&self, at: usize) -> Option<u32> {
        if at >= self.len {
            return None;
        }
        let word = self.filled.get(at / WORD).copied().unwrap_or(0);
        let bit = 1_u64 << (at % WORD);
        if word & bit == 0 {
            return Some(0);
        }
        let before = self.before.get(at / WORD).copied().unwrap_or(0) + (word & (bit - 1)).count_ones();
        self.packed.get(before as usize)
    }

    /// Adds a code.
    pub fn push(&mut self, code: u32) {
        let at = self.len;
        self.len += 1;
        if code != 0 {
            self.put(at, code);
        }
    }

    /// Adds a code that is not 0 at a place behind all others, and zeros before it.
    pub fn put(&mut self, at: usize, code: u32) {
        self.len = self.len.max(at + 1);
        if self.filled.len() <= at / WORD {
            self.filled.resize(at / WORD + 1, 0);
            self.before.resize(at / WORD + 1, self.packed.len() as u32);
        }
        if let Some(word) = self.filled.last_mut() {
            *word |= 1 << (at % WORD);
        }
        self.packed.push(code);
    }

    /// Adds zeros until there are this many.
    pub fn fill(&mut self, len: usize) {
        self.len = self.len.max(len);
    }

    /// Gives back the room that was kept for more.
    pub fn shrink(&mut self) {
        self.filled.shrink_to_fit();
        self.before.shrink_to_fit();
        match &mut self.packed {
            Packed::One(codes) => codes.shrink_to_fit(),
            Packed::Two(codes) => codes.shrink_to_fit(),
            Packed::Four(codes) => codes.shrink_to_fit(),
        }
    }

    /// Calls `f` with each place of the range and its code.
    pub fn each(&self, range: Range<usize>, mut f: impl FnMut(usize, u32)) {
        let range = range.start..range.end.min(self.len);
        let mut next = self.first_packed(range.start);
        for at in range {
            let word = self.filled.get(at / WORD).copied().unwrap_or(0);
            let code = if word >> (at % WORD) & 1 == 0 {
                0
            } else {
                next += 1;
                self.packed.get(next - 1).unwrap_or(0)
            };
            f(at, code);
        }
    }

    /// How many codes that are not 0 stand before a place.
    fn first_packed(&self, at: usize) -> usize {
        let Some((word, before)) = self.filled.get(at / WORD).zip(self.before.get(at / WORD)) else {
            return self.packed.len();
        };
        (before + (word & ((1 << (at % WORD)) - 1)).count_ones()) as usize
    }

    /// All of them, in full width.
    pub fn wide(&self) -> Vec<u32> {
        let mut all = vec![0; self.len];
        let mut next = 0;
        for (at, word) in self.filled.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let place = at * WORD + left.trailing_zeros() as usize;
                if let Some(code) = all.get_mut(place) {
                    *code = self.packed.get(next).unwrap_or(0);
                }
                next += 1;
                left &= left - 1;
            }
        }
        all
    }

    /// Adds to `rows` the places whose code is wanted. Zeros are passed over.
    pub fn mark(&self, wanted: &Wanted, rows: &mut RowSet) {
        match wanted {
            Wanted::None => {}
            Wanted::All => rows.add_words(&self.filled),
            Wanted::One(code) => match &self.packed {
                Packed::One(codes) => {
                    if let Ok(code) = u8::try_from(*code) {
                        self.mark_where(codes, rows, |c| c == code);
                    }
                }
                Packed::Two(codes) => {
                    if let Ok(code) = u16::try_from(*code) {
                        self.mark_where(codes, rows, |c| c == code);
                    }
                }
                Packed::Four(codes) => self.mark_where(codes, rows, |c| c == *code),
            },
            Wanted::Some(known) => {
                let is = |code: usize| known.get(code).copied().unwrap_or(false);
                match &self.packed {
                    Packed::One(codes) => self.mark_each(codes, rows, |c| is(c.into())),
                    Packed::Two(codes) => self.mark_each(codes, rows, |c| is(c.into())),
                    Packed::Four(codes) => self.mark_each(codes, rows, |c| is(c as usize)),
                }
            }
        }
    }

    /// How many codes are wanted.
    pub fn count(&self, wanted: &Wanted) -> usize {
        fn count<T: Copy>(codes: &[T], passes: impl Fn(T) -> bool) -> usize {
            codes.iter().filter(|code| passes(**code)).count()
        }
        match wanted {
            Wanted::None => 0,
            Wanted::All => self.packed.len(),
            Wanted::One(code) => match &self.packed {
                Packed::One(codes) => u8::try_from(*code).map_or(0, |code| count(codes, |c| c == code)),
                Packed::Two(codes) => u16::try_from(*code).map_or(0, |code| count(codes, |c| c == code)),
                Packed::Four(codes) => count(codes, |c| c == *code),
            },
            Wanted::Some(known) => {
                let is = |code: usize| known.get(code).copied().unwrap_or(false);
                match &self.packed {
                    Packed::One(codes) => count(codes, |c| is(c.into())),
                    Packed::Two(codes) => count(codes, |c| is(c.into())),
                    Packed::Four(codes) => count(codes, |c| is(c as usize)),
                }
            }
        }
    }

    /// Adds the places whose code passes, where that may be any of them. A place that is marked
    /// already is not looked at.
    fn mark_each<T: Copy>(&self, codes: &[T], rows: &mut RowSet, passes: impl Fn(T) -> bool) {
        for (at, (&filled, &before)) in self.filled.iter().zip(&self.before).enumerate() {
            let mut left = filled & !rows.word(at);
            if left == 0 {
                continue;
            }
            let mut found = 0;
            if left == filled {
                let own = codes.get(before as usize..).unwrap_or_default();
                for &code in own.iter().take(filled.count_ones() as usize) {
                    let lowest = left & left.wrapping_neg();
                    found |= if passes(code) { lowest } else { 0 };
                    left ^= lowest;
                }
            } else {
                while left != 0 {
                    let lowest = left & left.wrapping_neg();
                    let nth = before + (filled & (lowest - 1)).count_ones();
                    if codes.get(nth as usize).is_some_and(|code| passes(*code)) {
                        found |= lowest;
                    }
                    left ^= lowest;
                }
            }
            rows.add_word(at, found);
        }
    }

    /// Adds the places of one code. Codes are looked at in blocks, so that a block without a hit,
    /// as most are, costs no more than a comparison a code.
    fn mark_where<T: Copy>(&self, codes: &[T], rows: &mut RowSet, passes: impl Fn(T) -> bool) {
        const BLOCK: usize = 64;
        let mut word_at = 0;
        for (block, codes) in codes.chunks(BLOCK).enumerate() {
            let any = codes.iter().fold(false, |any, &code| any | passes(code));
            if !any {
                continue;
            }
            for (at, _) in codes.iter().enumerate().filter(|(_, code)| passes(**code)) {
                let nth = block * BLOCK + at;
                while self.before.get(word_at + 1).is_some_and(|&before| before as usize <= nth) {
                    word_at += 1;
                }
                let before = self.before.get(word_at).copied().unwrap_or(0) as usize;
                let mut word = self.filled.get(word_at).copied().unwrap_or(0);
                for _ in before..nth {
                    word &= word.wrapping_sub(1);
                }
                rows.add(word_at * WORD + word.trailing_zeros() as usize);
            }
        }
    }
}

/// Which codes are looked for; never 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// None of them.
    None,
    /// This one.
    One(u32),
    /// Those noted here, which has a place for each code from 0.
    Some(Vec<bool>),
    /// All but 0.
    All,
}

impl Wanted {
    /// Whether a code that is not 0 is wanted.
    pub fn has(&self, code: u32) -> bool {
        match self {
            Self::None => false,
            Self::One(one) => code == *one,
            Self::Some(known) => known.get(code as usize).copied().unwrap_or(false),
            Self::All => code != 0,
        }
    }

    /// Those at the given places of a column of so many distinct values, which come in order.
    pub fn values(places: &[u32], n_values: usize) -> Self {
        match places {
            [] => Self::None,
            _ if places.len() == n_values => Self::All,
            [one] => Self::One(one + 1),
            _ => {
                let mut known = vec![false; n_values + 1];
                for &place in places {
                    if let Some(known) = known.get_mut(place as usize + 1) {
                        *known = true;
                    }
                }
                Self::Some(known)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the width, what goes in comes out.
        #[test]
        fn codes_come_back_as_they_went_in(
            codes in prop::collection::vec(
                prop_oneof![3 => Just(0), 1 => 0..300_u32, 1 => 0..70_000_u32, 1 => any::<u32>()], 0..200),
            more in 0..200_usize,
            from in 0..100_usize,
        ) {
            let mut kept = Codes::default();
            for &code in &codes {
                kept.push(code);
            }
            kept.fill(codes.len() + more);
            let expected: Vec<u32> = codes.iter().copied().chain(std::iter::repeat_n(0, more)).collect();
            prop_assert_eq!(kept.wide(), expected.clone());
            prop_assert_eq!(kept.len, expected.len());
            prop_assert_eq!(kept.n_filled(), expected.iter().filter(|c| **c != 0).count());
            prop_assert_eq!(kept.get(expected.len()), None);
            for (at, &code) in expected.iter().enumerate() {
                prop_assert_eq!(kept.get(at), Some(code));
            }
            let mut seen = Vec::new();
            kept.each(from..expected.len() + 9, |at, code| seen.push((at, code)));
            let wanted: Vec<(usize, u32)> = expected.iter().copied().enumerate().skip(from).collect();
            prop_assert_eq!(seen, wanted);
        }

        /// Places are marked as if each had been looked at.
        #[test]
        fn places_are_marked_where_the_code_is_wanted(
            codes in prop::collection::vec(prop_oneof![2 => Just(0), 1 => 0..6_u32, 1 => 0..400_u32], 0..300),
            wanted in prop::collection::btree_set(0..400_u32, 0..5),
        ) {
            let mut kept = Codes::default();
            for &code in &codes {
                kept.push(code);
            }
            let places: Vec<u32> = wanted.iter().copied().collect();
            let cases = [Wanted::values(&places, 400), Wanted::All, Wanted::values(&[], 3)];
            for case in cases {
                let mut rows = RowSet::new(codes.len());
                kept.mark(&case, &mut rows);
                let count = kept.count(&case);
                // Rows that are marked already stay so.
                let mut more = RowSet::new(codes.len());
                more.extend((0..codes.len()).step_by(3));
                let mut both = more.clone();
                kept.mark(&case, &mut both);
                more.join(&rows);
                prop_assert_eq!(both, more);
                let passes = |code: u32| code != 0 && match &case {
                    Wanted::All => true,
                    Wanted::None => false,
                    _ => wanted.contains(&(code - 1)),
                };
                let expected: Vec<usize> =
                    codes.iter().enumerate().filter(|(_, c)| passes(**c)).map(|(at, _)| at).collect();
                prop_assert_eq!(count, expected.len());
                prop_assert_eq!(rows.iter().collect::<Vec<_>>(), expected);
                prop_assert!(codes.iter().all(|&c| case.has(c) == passes(c)));
            }
        }
    }
}
