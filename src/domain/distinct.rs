//! The distinct values of a column, each kept once, all in one piece of memory.
//!
//! Values are short: numbers, dates, codes. One of up to 12 bytes is itself the key in the table
//! that finds it, so that a value which is known costs one look into memory and no comparison of
//! texts. Only longer ones are hashed as texts. Neither table is kept once a load has ended.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Distinct texts in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Distinct {
    text: String,
    /// Where each text ends in `text`.
    ends: Ends,
    /// Some text is not plain.
    odd: bool,
    /// Some text has a capital letter of ASCII.
    capitals: bool,
    /// How the place of a text is found; only while texts are added.
    index: Option<Box<Index>>,
}

/// Ends of texts: four bytes each as long as they fit, which is nearly always.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ends {
    Short(Vec<u32>),
    Long(Vec<u64>),
}

impl Default for Ends {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl Ends {
    fn len(&self) -> usize {
        match self {
            Self::Short(ends) => ends.len(),
            Self::Long(ends) => ends.len(),
        }
    }

    fn get(&self, at: usize) -> Option<usize> {
        match self {
            Self::Short(ends) => ends.get(at).map(|end| *end as usize),
            Self::Long(ends) => ends.get(at).and_then(|end| usize::try_from(*end).ok()),
        }
    }

    fn push(&mut self, end: usize) {
        match self {
            Self::Short(ends) => match u32::try_from(end) {
                Ok(short) => ends.push(short),
                Err(_) => {
                    *self = Self::Long(ends.iter().map(|end| u64::from(*end)).collect());
                    self.push(end);
                }
            },
            Self::Long(ends) => ends.push(end as u64),
        }
    }

    /// The first place from `from` on whose text ends behind a byte. Looks near `from` first.
    fn behind(&self, from: usize, byte: usize) -> usize {
        let mut step = 1;
        let mut low = from;
        while self.get(low + step).is_some_and(|end| end <= byte) {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(|end| end <= byte) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
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
        self.len() == 0
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
        if let Some(key) = Key::of(text.as_bytes()) {
            return self.place_of_key(key);
        }
        let Self { text: all, ends, index, .. } = self;
        let index = index.get_or_insert_with(|| Box::new(Index::of(all, ends)));
        let next = ends.len() as u32;
        let place = index.place_of_long(text, next, |place| text_at(all, ends, place as usize));
        if place == next {
            self.add(text);
        }
        place
    }

    /// The place of a short text, which is added if it is new.
    pub(super) fn place_of_key(&mut self, key: Key) -> u32 {
        let Self { text: all, ends, index, .. } = self;
        let index = index.get_or_insert_with(|| Box::new(Index::of(all, ends)));
        let next = ends.len() as u32;
        let place = index.place_of_key(key, next);
        if place == next {
            key.with_text(|text| self.add(text));
        }
        place
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.odd |= text.bytes().any(is_odd);
        self.capitals |= text.bytes().any(|b| b.is_ascii_uppercase());
    }

    /// Gives back the room that is only needed for adding more; it is made again when one is.
    pub fn shrink(&mut self) {
        self.index = None;
        self.text.shrink_to_fit();
        match &mut self.ends {
            Ends::Short(ends) => ends.shrink_to_fit(),
            Ends::Long(ends) => ends.shrink_to_fit(),
        }
    }

    /// The places of the texts that have a word in them, in order. Capitals of ASCII do not matter.
    ///
    /// The word is plain: ASCII without capitals and control characters. `odd` decides for texts
    /// that are not plain, since what they look like on screen is not what is stored.
    pub fn having(&self, word: &str, odd: &mut dyn FnMut(&str) -> bool) -> Vec<u32> {
        let small = self.capitals.then(|| self.text.to_ascii_lowercase());
        let hay = small.as_ref().unwrap_or(&self.text).as_bytes();
        let mut places = Vec::new();
        let (mut from, mut place) = (0, 0);
        if let [byte] = word.as_bytes() {
            // Most texts have a single letter or digit somewhere.
            for at in memchr::memchr_iter(*byte, hay) {
                if at < from {
                    continue;
                }
                place = self.ends.behind(place, at);
                places.push(place as u32);
                from = self.ends.get(place).unwrap_or(hay.len());
            }
            from = hay.len();
        }
        let finder = memchr::memmem::Finder::new(word);
        while let Some(found) = hay.get(from..).and_then(|rest| finder.find(rest)) {
            let at = from + found;
            place = self.ends.behind(place, at);
            let Some(end) = self.ends.get(place) else { break };
            if at + word.len() <= end {
                places.push(place as u32);
                from = end;
                place += 1;
            } else {
                // It begins in one text and ends in the next.
                from = at + 1;
            }
        }
        if self.odd {
            let text = |place: &u32| self.get(*place as usize).unwrap_or_default();
            places.retain(|place| !text(place).bytes().any(is_odd));
            places.extend(self.odd_having(odd));
            places.sort_unstable();
        }
        places
    }

    /// The places of the texts that are not plain and pass, in order.
    pub fn odd_having(&self, odd: &mut dyn FnMut(&str) -> bool) -> Vec<u32> {
        if !self.odd {
            return Vec::new();
        }
        let all = self.iter().zip(0..);
        all.filter(|(text, _)| text.bytes().any(is_odd) && odd(text)).map(|(_, place)| place).collect()
    }

    /// The place of a text, if it is here, without what is kept for adding.
    pub fn find(&self, text: &str) -> Option<u32> {
        let finder = memchr::memmem::Finder::new(text);
        let (mut from, mut place) = (0, 0);
        while let Some(found) = self.text.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
            let at = from + found;
            place = self.ends.behind(place, at);
            if self.get(place) == Some(text) {
                return Some(place as u32);
            }
            from = at + 1;
        }
        None
    }
}

/// Whether a byte makes a text one that is not plain: it is no ASCII, so that capitals are not
/// simply found, or a control character that is not seen. A line break stands for itself.
fn is_odd(byte: u8) -> bool {
    !matches!(byte, b' '..0x7f | b'\n' | b'\r')
}

fn text_at<'t>(text: &'t str, ends: &Ends, place: usize) -> Option<&'t str> {
    let end = ends.get(place)?;
    let start = place.checked_sub(1).and_then(|before| ends.get(before)).unwrap_or(0);
    text.get(start..end)
}

/// The longest text that is its own key.
const SHORT: usize = 12;

/// A short text as numbers: its bytes and zeros behind them. Its last byte is no zero, so that no
/// two texts have the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// The first eight bytes.
    pub low: u64,
    /// The next four; never all 255, which no text has.
    pub high: u32,
}

impl Key {
    fn of(text: &[u8]) -> Option<Self> {
        if text.len() > SHORT || text.last() == Some(&0) {
            return None;
        }
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(text) {
            *to = *from;
        }
        Some(Self::from_number(u128::from_le_bytes(bytes)))
    }

    /// The key of a part of a text, if it is short.
    pub(super) fn of_part(text: &str, from: usize, to: usize) -> Option<Self> {
        let n = to.checked_sub(from).filter(|n| (1..=SHORT).contains(n))?;
        let Some(bytes) = text.as_bytes().get(from..).and_then(|rest| rest.first_chunk::<16>()) else {
            return Self::of(text.as_bytes().get(from..to)?);
        };
        let number = u128::from_le_bytes(*bytes) & (u128::MAX >> ((16 - n) * 8));
        (number >> ((n - 1) * 8) != 0).then(|| Self::from_number(number))
    }

    fn from_number(number: u128) -> Self {
        Self { low: number as u64, high: (number >> 64) as u32 }
    }

    fn with_text(self, f: impl FnOnce(&str)) {
        let number = u128::from(self.high) << 64 | u128::from(self.low);
        let bytes = number.to_le_bytes();
        let n = 16 - (number.leading_zeros() / 8) as usize;
        // Keys are made of whole texts, so this is one.
        f(std::str::from_utf8(bytes.get(..n).unwrap_or_default()).unwrap_or("\u{fffd}"));
    }
}

/// A slot of the table of short texts: a key, and one more than its place; 0 is an empty slot.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: Key,
    place: u32,
}

/// Finds the place of a text.
#[derive(Debug, Clone, Default)]
struct Index {
    /// Short texts, each in the first slot that was free from its own on: one look into memory
    /// finds a text. Their number is a power of two.
    short: Vec<Slot>,
    n_short: usize,
    /// The places of all others, by hash.
    long: HashTable<u32>,
    /// Another in every table, so that nobody can choose texts that collide.
    hasher: RandomState,
    seeds: Option<[u64; 2]>,
}

impl Index {
    fn of(all: &str, ends: &Ends) -> Self {
        let mut index = Self::default();
        for place in 0..ends.len() {
            let text = text_at(all, ends, place).unwrap_or_default();
            match Key::of(text.as_bytes()) {
                Some(key) => index.place_of_key(key, place as u32),
                None => index.place_of_long(text, place as u32, |p| text_at(all, ends, p as usize)),
            };
        }
        index
    }

    /// The place of a long text; `next` if it was not here, and from now on.
    fn place_of_long<'t>(&mut self, text: &str, next: u32, text_at: impl Fn(u32) -> Option<&'t str>) -> u32 {
        let Self { long, hasher, .. } = self;
        let hash = hasher.hash_one(text);
        if let Some(&place) = long.find(hash, |&place| text_at(place) == Some(text)) {
            return place;
        }
        long.insert_unique(hash, next, |&p| text_at(p).map_or(0, |t| hasher.hash_one(t)));
        next
    }

    /// The place of a short text; `next` if it was not here, and from now on.
    fn place_of_key(&mut self, key: Key, next: u32) -> u32 {
        if self.n_short * 4 >= self.short.len() * 3 {
            self.grow();
        }
        let slot = self.slot_of(key);
        match self.short.get_mut(slot) {
            Some(slot) if slot.place != 0 => slot.place - 1,
            Some(slot) => {
                *slot = Slot { key, place: next + 1 };
                self.n_short += 1;
                next
            }
            None => next,
        }
    }

    /// The slot in which a key is, or the empty one for it.
    fn slot_of(&self, key: Key) -> usize {
        let [a, b] = self.seeds.unwrap_or_default();
        let product = u128::from(key.low ^ a) * u128::from(u64::from(key.high) ^ b);
        let hash = (product as u64) ^ ((product >> 64) as u64);
        let mask = self.short.len().wrapping_sub(1);
        // The high bits of a product depend on most bits of what was multiplied.
        let mut at = (hash ^ (hash >> 32)) as usize & mask;
        while self.short.get(at).is_some_and(|slot| slot.place != 0 && slot.key != key) {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        let hasher = &self.hasher;
        // Odd, and never small, so that no factor is zero for short keys.
        self.seeds
            .get_or_insert_with(|| [hasher.hash_one(1_u64) | 1 << 63, hasher.hash_one(2_u64) | 1 << 63]);
        let n = (self.short.len() * 2).max(8);
        for slot in std::mem::replace(&mut self.short, vec![Slot::default(); n]) {
            if slot.place != 0 {
                let at = self.slot_of(slot.key);
                if let Some(to) = self.short.get_mut(at) {
                    *to = slot;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn distinct(texts: &[String]) -> Distinct {
        let mut distinct = Distinct::default();
        for text in texts {
            distinct.place(text);
        }
        distinct
    }

    proptest! {
        #[test]
        fn texts_get_places_in_the_order_they_came_and_come_back(
            texts in prop::collection::vec("[a-cé\0]{0,3}|[ab]{11,18}", 0..60),
            shrink in any::<bool>(),
        ) {
            let mut distinct = Distinct::default();
            let mut expected: Vec<String> = Vec::new();
            for (at, text) in texts.iter().enumerate() {
                let known = expected.iter().position(|t| t == text);
                if known.is_none() {
                    expected.push(text.clone());
                }
                let place = known.unwrap_or(expected.len() - 1);
                let longer = format!("é{text}{}", if at % 2 == 0 { "" } else { "a longer text behind" });
                let key = Key::of_part(&longer, 2, 2 + text.len()).filter(|_| at % 3 != 0);
                let found = match key {
                    Some(key) => distinct.place_of_key(key),
                    None => distinct.place(text),
                };
                prop_assert_eq!(found as usize, place);
                if shrink && at % 7 == 0 {
                    distinct.shrink();
                }
            }
            prop_assert_eq!(distinct.iter().collect::<Vec<_>>(), expected.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(distinct.get(expected.len()), None);
            for (place, text) in expected.iter().enumerate().filter(|(_, t)| !t.is_empty()) {
                prop_assert_eq!(distinct.find(text), Some(place as u32));
            }
            prop_assert_eq!(distinct.find("d"), None);
        }

        /// A word is found in the texts that have it, and not across two of them.
        #[test]
        fn a_word_is_found_in_the_texts_that_have_it(
            texts in prop::collection::vec("[abAB\né]{0,5}", 0..60), word in "[ab]{1,3}|a",
        ) {
            let distinct = distinct(&texts);
            let expected: Vec<u32> = distinct.iter().zip(0..)
                .filter(|(text, _)| text.to_lowercase().contains(&word)).map(|(_, place)| place).collect();
            let mut odd = |text: &str| text.to_lowercase().contains(&word);
            prop_assert_eq!(distinct.having(&word, &mut odd), expected);
        }
    }

    #[test]
    fn ends_go_on_beyond_four_gigabytes() {
        let mut ends = Ends::default();
        for end in [3, u32::MAX as usize, u32::MAX as usize + 5] {
            ends.push(end);
        }
        assert_eq!(ends, Ends::Long(vec![3, u64::from(u32::MAX), u64::from(u32::MAX) + 5]));
        assert_eq!([ends.behind(0, 3), ends.behind(0, 2), ends.behind(1, u32::MAX as usize)], [1, 0, 2]);
    }
}
