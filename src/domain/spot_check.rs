//! A spot check against the paper source: a seeded sample, and the error rate it gives.

use super::record::natural_cmp;
use std::collections::BTreeMap;

/// The mean that a published study found for trials with electronic data capture, errors per
/// 10,000 fields (Nahm 2008, doi 10.1371/journal.pone.0003049).
pub const PUBLISHED_RATE: f64 = 14.3;

/// Draws so many records. The same seed and records give the same sample on every machine, in
/// whatever order the records come; with groups each gets its share.
///
/// Records are pairs of a name and a group; one group for all if it does not matter.
pub fn sample(records: &[(String, String)], n: usize, seed: u64) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, group) in records {
        groups.entry(group).or_default().push(name);
    }
    let total = records.len();
    let n = n.min(total);
    // Whole shares first, then the largest remainders; equal ones in the order of the groups.
    let mut shares: Vec<(&str, usize, usize)> = groups
        .iter()
        .map(|(group, names)| (*group, names.len() * n / total.max(1), names.len() * n % total.max(1)))
        .collect();
    let mut left = n - shares.iter().map(|(_, share, _)| share).sum::<usize>();
    let mut by_remainder: Vec<usize> = (0..shares.len()).collect();
    by_remainder.sort_by_key(|at| std::cmp::Reverse(shares.get(*at).map_or(0, |s| s.2)));
    for at in by_remainder {
        if left > 0
            && let Some(share) = shares.get_mut(at)
        {
            share.1 += 1;
            left -= 1;
        }
    }
    let mut drawn: Vec<String> = Vec::with_capacity(n);
    for (group, share, _) in shares {
        let mut names = groups.get(group).cloned().unwrap_or_default();
        names.sort_by_key(|name| (mixed(seed, name), (*name).to_owned()));
        drawn.extend(names.into_iter().take(share).map(str::to_owned));
    }
    drawn.sort_by(|a, b| natural_cmp(a, b));
    drawn
}

/// A number that looks random, of a seed and a name: FNV-1a, then mixed. Never changes.
fn mixed(seed: u64, name: &str) -> u64 {
    let fnv = name.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let x = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A number by which a text is known again without keeping it.
pub(super) fn seen(text: &str) -> u64 {
    mixed(0, text)
}

/// How many cells agree with the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The stored value is that of the source.
    pub agree: usize,
    /// It is not.
    pub differ: usize,
    /// The source does not tell. Not counted in the rate.
    pub unclear: usize,
    /// Not looked at yet.
    pub open: usize,
}

impl Tally {
    /// Cells that count.
    pub fn judged(&self) -> usize {
        self.agree + self.differ
    }

    /// Differing cells per 10,000; `None` if none was judged.
    pub fn rate(&self) -> Option<f64> {
        (self.judged() > 0).then(|| self.differ as f64 / self.judged() as f64 * 10_000.0)
    }

    /// The 95 % confidence interval of the rate (Wilson's score interval), per 10,000.
    pub fn interval(&self) -> Option<(f64, f64)> {
        let n = self.judged() as f64;
        if self.judged() == 0 {
            return None;
        }
        let z = 1.959_963_984_540_054_f64;
        let p = self.differ as f64 / n;
        let center = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        Some(((center - half).max(0.0) * 10_000.0, (center + half).min(1.0) * 10_000.0))
    }

    /// The result in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} cells: {} agree, {} differ, {} unclear, {} not looked at.",
            self.judged() + self.unclear + self.open,
            self.agree,
            self.differ,
            self.unclear,
            self.open
        )];
        if let (Some(rate), Some((low, high))) = (self.rate(), self.interval()) {
            lines.push(format!(
                "{}/{}: {rate:.0} per 10,000 fields, 95 % interval {low:.0} to {high:.0}.",
                self.differ,
                self.judged()
            ));
            lines.push(format!(
                "For comparison: {PUBLISHED_RATE} per 10,000 in published trials with electronic data capture (Nahm 2008)."
            ));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_records_in_any_order() {
        let mut list =
            records(&[("001", ""), ("002", ""), ("003", ""), ("004", ""), ("005", ""), ("010", "")]);
        let drawn = sample(&list, 3, 42);
        assert_eq!(drawn.len(), 3);
        list.reverse();
        assert_eq!(sample(&list, 3, 42), drawn);
        // Written down: it must never change, on no machine.
        assert_eq!(drawn, PINNED);
        assert!((0..20).any(|seed| sample(&list, 3, seed) != drawn), "the seed matters");
        assert_eq!(sample(&list, 99, 1).len(), 6);
    }

    const PINNED: [&str; 3] = ["001", "003", "004"];

    #[test]
    fn each_group_gets_its_share() {
        let list: Vec<(String, String)> = (0..30)
            .map(|i| (i.to_string(), if i < 20 { "site_a".to_owned() } else { "site_b".to_owned() }))
            .collect();
        let drawn = sample(&list, 9, 7);
        let in_a = drawn.iter().filter(|n| n.parse::<u32>().unwrap() < 20).count();
        assert_eq!((drawn.len(), in_a), (9, 6));
    }

    #[test]
    fn the_rate_has_an_interval() {
        let tally = Tally { agree: 11, differ: 1, ..Tally::default() };
        assert_eq!(tally.rate().map(f64::round), Some(833.0));
        let (low, high) = tally.interval().unwrap();
        // Wilson, 1 of 12: 1.5 % to 35.4 %.
        assert_eq!((low.round(), high.round()), (149.0, 3539.0));
        assert!(tally.sentences().join(" ").contains("1/12: 833 per 10,000 fields"));
        assert_eq!(Tally::default().rate(), None);
        let none = Tally { agree: 100, ..Tally::default() };
        assert!(none.interval().unwrap().0 < 0.001 && none.interval().unwrap().1 > 300.0);
    }
}
