//! The distinct values of a column, each kept once, all in one piece of memory.
//!
//! A value is found by its hash with two looks into memory, and costs its own length, a place and
//! a hash slot; a table of hundreds of columns is as quick to fill as memory allows.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Distinct texts in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Distinct {
    text: String,
    /// Where each text ends in `text`.
    ends: Vec<usize>,
    /// The places of the texts, by hash.
    places: HashTable<u32>,
    /// Another in every table, so that nobody can choose texts that collide.
    hasher: RandomState,
}

impl PartialEq for Distinct {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.ends) == (&other.text, &other.ends)
    }
}

impl Distinct {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at a place.
    pub fn get(&self, place: usize) -> Option<&str> {
        text_at(&self.text, &self.ends, place)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// The place of a text, which is added if it is new.
    pub fn place(&mut self, text: &str) -> u32 {
        let Self { text: all, ends, places, hasher } = self;
        let hash = hasher.hash_one(text);
        let same = |&place: &u32| text_at(all, ends, place as usize) == Some(text);
        if let Some(&place) = places.find(hash, same) {
            return place;
        }
        let place = ends.len() as u32;
        all.push_str(text);
        ends.push(all.len());
        places.insert_unique(hash, place, |&p| {
            text_at(all, ends, p as usize).map_or(0, |t| hasher.hash_one(t))
        });
        place
    }
}

fn text_at<'t>(text: &'t str, ends: &[usize], place: usize) -> Option<&'t str> {
    let end = *ends.get(place)?;
    let start = place.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    text.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_get_places_in_the_order_they_came_and_come_back(texts in prop::collection::vec("[a-cé]{0,3}", 0..40)) {
            let mut distinct = Distinct::default();
            let mut expected: Vec<String> = Vec::new();
            for text in &texts {
                let known = expected.iter().position(|t| t == text);
                if known.is_none() {
                    expected.push(text.clone());
                }
                let place = known.unwrap_or(expected.len() - 1);
                prop_assert_eq!(distinct.place(text) as usize, place);
            }
            prop_assert_eq!(distinct.iter().collect::<Vec<_>>(), expected.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(distinct.get(expected.len()), None);
        }
    }
}
