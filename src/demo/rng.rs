//! Repeatable pseudo-random numbers: demo data and demo tokens are the same on every machine.

use std::fmt::Write as _;

/// SplitMix64: small, good enough for demo data, and stable for ever.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// Numbers that follow from this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Numbers that follow from this text (FNV-1a).
    pub fn from_text(text: &str) -> Self {
        Self(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next_u64() >> 11).unwrap_or(0).checked_rem(end).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> Option<&'a T> {
        let at = self.below(of.len());
        of.get(at).copied()
    }

    /// A roughly normal number: the sum of twelve even ones.
    pub fn normal(&mut self, mean: f64, spread: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.below(10_000) as f64 / 10_000.0).sum();
        mean + spread * (sum - 6.0)
    }
}

/// A token of `digits` upper-case hexadecimal digits that follows from a text.
///
/// Demo tokens open nothing but made-up data on this computer, so they may be the same on every
/// run: scripts and tests can name them.
pub fn token_from(text: &str, digits: usize) -> String {
    let mut rng = Rng::from_text(text);
    let mut token = String::with_capacity(digits + 16);
    while token.len() < digits {
        let _ = write!(token, "{:016X}", rng.next_u64());
    }
    token.truncate(digits);
    token
}

/// A token that nobody can guess, for projects created through the API.
pub fn random_token() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().fold(String::new(), |mut token, byte| {
        let _ = write!(token, "{byte:02X}");
        token
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_look_like_redcaps_and_are_repeatable() {
        let token = token_from("101 full", 32);
        assert_eq!(token.len(), 32);
        assert!(token.chars().all(|c| c.is_ascii_digit() || ('A'..='F').contains(&c)));
        assert_eq!(token, token_from("101 full", 32));
        assert_ne!(token, token_from("101 deid", 32));
        assert_eq!(random_token().unwrap().len(), 32);
    }
}
