//! A list of small numbers that takes one, two or four bytes each, as the largest of them needs.
//!
//! Most columns of a record table have fewer than 256 distinct values, and a project has many
//! cells: the width of a code is the memory of the table.

use std::ops::Range;

/// The codes of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// All below 256.
    One(Vec<u8>),
    /// All below 65,536.
    Two(Vec<u16>),
    /// Any.
    Four(Vec<u32>),
}

impl Default for Codes {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

impl Codes {
    /// So many zeros.
    pub fn zeros(n: usize) -> Self {
        Self::One(vec![0; n])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::One(codes) => codes.len(),
            Self::Two(codes) => codes.len(),
            Self::Four(codes) => codes.len(),
        }
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code at a place.
    pub fn get(&self, at: usize) -> Option<u32> {
        match self {
            Self::One(codes) => codes.get(at).map(|c| u32::from(*c)),
            Self::Two(codes) => codes.get(at).map(|c| u32::from(*c)),
            Self::Four(codes) => codes.get(at).copied(),
        }
    }

    /// Adds a code, and makes room for a larger one where it is the first.
    pub fn push(&mut self, code: u32) {
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

    /// Adds zeros until there are this many.
    pub fn fill(&mut self, len: usize) {
        match self {
            Self::One(codes) => codes.resize(len, 0),
            Self::Two(codes) => codes.resize(len, 0),
            Self::Four(codes) => codes.resize(len, 0),
        }
    }

    /// Gives back the room that was kept for more.
    pub fn shrink(&mut self) {
        match self {
            Self::One(codes) => codes.shrink_to_fit(),
            Self::Two(codes) => codes.shrink_to_fit(),
            Self::Four(codes) => codes.shrink_to_fit(),
        }
    }

    /// Calls `f` with each place of the range and its code.
    pub fn each(&self, range: Range<usize>, mut f: impl FnMut(usize, u32)) {
        fn all<T: Copy + Into<u32>>(codes: &[T], range: Range<usize>, f: &mut impl FnMut(usize, u32)) {
            for (at, code) in range.clone().zip(codes.get(range).unwrap_or_default()) {
                f(at, (*code).into());
            }
        }
        match self {
            Self::One(codes) => all(codes, range, &mut f),
            Self::Two(codes) => all(codes, range, &mut f),
            Self::Four(codes) => all(codes, range, &mut f),
        }
    }

    /// All of them, in full width.
    pub fn wide(&self) -> Vec<u32> {
        match self {
            Self::One(codes) => codes.iter().map(|c| u32::from(*c)).collect(),
            Self::Two(codes) => codes.iter().map(|c| u32::from(*c)).collect(),
            Self::Four(codes) => codes.clone(),
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
            codes in prop::collection::vec(prop_oneof![0..300_u32, 0..70_000_u32, any::<u32>()], 0..50),
            more in 0..5_usize,
        ) {
            let mut kept = Codes::default();
            for &code in &codes {
                kept.push(code);
            }
            kept.fill(codes.len() + more);
            let expected: Vec<u32> = codes.iter().copied().chain(std::iter::repeat_n(0, more)).collect();
            prop_assert_eq!(kept.wide(), expected.clone());
            prop_assert_eq!(kept.len(), expected.len());
            for (at, code) in expected.into_iter().enumerate() {
                prop_assert_eq!(kept.get(at), Some(code));
            }
        }
    }
}
