//! What is in a column of a table: how many cells are filled, the middle, the spread, and the
//! values as bars.

use super::filter::Kind;
use super::text::without_html;
use std::collections::HashMap;

/// How many bars there are at most.
pub const MOST_BARS: usize = 12;

/// A summary of a column over some rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// How many rows.
    pub rows: usize,
    /// How many of them have a value; for checkboxes, at least one tick.
    pub filled: usize,
    /// How many distinct values.
    pub distinct: usize,
    /// Lowest, middle and highest value in words, where values have an order.
    pub middle: Option<Middle>,
    /// Values that are no number or no date although the column holds such, missing data codes
    /// among them.
    pub misfits: usize,
    /// Labels and how many rows have them.
    pub bars: Vec<(String, usize)>,
    /// How many rows have values that have no bar.
    pub others: usize,
}

/// The spread of numbers or dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Middle {
    /// The lowest.
    pub min: String,
    /// As many are below as above.
    pub median: String,
    /// The highest.
    pub max: String,
    /// The mean of numbers.
    pub mean: Option<f64>,
}

/// Sums up the distinct values of a column, each with the number of rows that have it. `blank` is
/// how many rows have none.
pub fn of_values(values: &[(&str, usize)], blank: usize, kind: &Kind) -> Summary {
    let values: Vec<(&str, usize)> = values.iter().copied().filter(|(_, n)| *n > 0).collect();
    let filled: usize = values.iter().map(|(_, n)| n).sum();
    let base = Summary { rows: filled + blank, filled, distinct: values.len(), ..Summary::default() };
    match kind {
        Kind::Number => numbers(&values, base),
        Kind::Date => dates(&values, base),
        Kind::Choice(choices) => {
            let mut counts: HashMap<&str, usize> = values.iter().copied().collect();
            let mut bars: Vec<(String, usize)> = choices
                .iter()
                .map(|c| {
                    (
                        format!("{} ({})", without_html(&c.label), c.code),
                        counts.remove(c.code.as_str()).unwrap_or(0),
                    )
                })
                .collect();
            let mut unknown: Vec<(&str, usize)> = counts.into_iter().collect();
            unknown.sort_unstable();
            bars.extend(unknown.into_iter().map(|(code, n)| (format!("{code}, no such choice"), n)));
            // A long list shows what is used.
            if bars.len() > MOST_BARS {
                bars.retain(|(_, n)| *n > 0);
                bars.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
            }
            capped(base, bars)
        }
        Kind::Text | Kind::Names | Kind::Checkbox(_) => {
            let mut bars: Vec<(String, usize)> = values.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect();
            bars.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            // Values that are all different say nothing as bars.
            bars.retain(|(_, n)| *n > 1);
            let shown: usize = bars.iter().map(|(_, n)| n).sum();
            let summary = capped(base, bars);
            Summary { others: summary.others + filled - shown, ..summary }
        }
    }
}

/// Sums up a checkbox field: how many rows have each choice ticked, and how many have any.
pub fn of_ticks(ticks: Vec<(String, usize)>, any: usize, rows: usize) -> Summary {
    let distinct = ticks.iter().filter(|(_, n)| *n > 0).count();
    capped(Summary { rows, filled: any, distinct, ..Summary::default() }, ticks)
}

fn capped(base: Summary, mut bars: Vec<(String, usize)>) -> Summary {
    let rest = bars.split_off(bars.len().min(MOST_BARS));
    Summary { others: rest.iter().map(|(_, n)| n).sum(), bars, ..base }
}

/// The value below and above which as many lie, of values in order with their numbers.
fn median<T: Copy>(sorted: &[(T, usize)]) -> Option<T> {
    let half = sorted.iter().map(|(_, n)| n).sum::<usize>().div_ceil(2);
    let mut seen = 0;
    sorted
        .iter()
        .find(|(_, n)| {
            seen += n;
            seen >= half
        })
        .map(|(v, _)| *v)
}

fn numbers(values: &[(&str, usize)], base: Summary) -> Summary {
    let parsed = values.iter().filter_map(|(v, n)| Some((v.trim().parse::<f64>().ok()?, *v, *n)));
    let mut sorted: Vec<(f64, &str, usize)> = parsed.filter(|(x, _, _)| x.is_finite()).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n: usize = sorted.iter().map(|(_, _, n)| n).sum();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return Summary { misfits: base.filled, ..base };
    };
    let texts: Vec<(&str, usize)> = sorted.iter().map(|(_, v, n)| (*v, *n)).collect();
    let mean = sorted.iter().map(|(x, _, n)| x * *n as f64).sum::<f64>() / n as f64;
    let middle = Middle {
        min: first.1.to_owned(),
        median: median(&texts).unwrap_or_default().to_owned(),
        max: last.1.to_owned(),
        mean: Some(mean),
    };
    // Scores and doses are told value by value, measurements by ranges: few of them are equal.
    let whole = sorted.iter().all(|(x, _, _)| x.fract() == 0.0) && last.0 - first.0 < MOST_BARS as f64;
    let few = sorted.len() <= 3 || (sorted.len() <= MOST_BARS && (whole || n >= 3 * sorted.len()));
    let bars = if few {
        texts.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect()
    } else {
        histogram(&sorted, first.0, last.0)
    };
    Summary { middle: Some(middle), misfits: base.filled - n, bars, ..base }
}

/// Bars of equal width with round borders; none if the numbers are too far apart for that.
fn histogram(sorted: &[(f64, &str, usize)], min: f64, max: f64) -> Vec<(String, usize)> {
    // A handful of numbers gets a handful of ranges.
    let n: usize = sorted.iter().map(|(_, _, n)| n).sum();
    let ranges = ((n as f64).sqrt().ceil()).clamp(3.0, (MOST_BARS - 2) as f64);
    let step = round_step((max - min) / ranges);
    let mut from = (min / step).floor() * step;
    let mut rest = sorted;
    let mut bars = Vec::new();
    while !rest.is_empty() && bars.len() <= MOST_BARS && step.is_finite() {
        let to = from + step;
        let (inside, above) = rest.split_at(rest.partition_point(|(x, _, _)| *x < to));
        let n = inside.iter().map(|(_, _, n)| n).sum();
        bars.push((format!("{} to below {}", short(from), short(to)), n));
        (from, rest) = (to, above);
    }
    bars
}

/// The next of 1, 2, 5, 10, 20, 50 and so on.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= least).unwrap_or(10.0 * power)
}

/// A number without digits that only rounding made.
fn short(x: f64) -> String {
    let text = format!("{x:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn dates(values: &[(&str, usize)], base: Summary) -> Summary {
    let is_date = |v: &str| v.len() >= 4 && v.bytes().take(4).all(|b| b.is_ascii_digit()) || v.contains(':');
    let mut sorted: Vec<(&str, usize)> = values.iter().copied().filter(|(v, _)| is_date(v)).collect();
    sorted.sort_unstable();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return Summary { misfits: base.filled, ..base };
    };
    let middle = Middle {
        min: first.0.to_owned(),
        median: median(&sorted).unwrap_or_default().to_owned(),
        max: last.0.to_owned(),
        mean: None,
    };
    // Months if there are few, else years.
    let group = |len: usize| {
        let mut bars: Vec<(String, usize)> = Vec::new();
        for (v, n) in &sorted {
            let key: String = v.chars().take(len).collect();
            match bars.last_mut().filter(|(k, _)| *k == key) {
                Some(bar) => bar.1 += n,
                None => bars.push((key, *n)),
            }
        }
        bars
    };
    let (days, months) = (group(10), group(7));
    let bars = if days.len() <= MOST_BARS {
        days
    } else if months.len() <= MOST_BARS {
        months
    } else {
        group(4)
    };
    let n: usize = sorted.iter().map(|(_, n)| n).sum();
    let misfits = base.filled - n;
    Summary { middle: Some(middle), misfits, ..capped(base, bars) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::choices::Choice;

    #[test]
    fn numbers_have_a_middle_and_round_bars() {
        let values: Vec<String> = (0..40).map(|i| (20 + i * 3).to_string()).collect();
        let mut values: Vec<(&str, usize)> = values.iter().map(|v| (v.as_str(), 2)).collect();
        values.push(("UNK", 3));
        let s = of_values(&values, 5, &Kind::Number);
        assert_eq!((s.rows, s.filled, s.distinct, s.misfits), (88, 83, 41, 3));
        let middle = s.middle.unwrap();
        assert_eq!((middle.min.as_str(), middle.median.as_str(), middle.max.as_str()), ("20", "77", "137"));
        assert!((middle.mean.unwrap() - 78.5).abs() < 1e-9);
        assert_eq!(s.bars.first().unwrap(), &("20 to below 40".to_owned(), 14));
        assert_eq!(s.bars.iter().map(|(_, n)| n).sum::<usize>(), 80);
        assert!(s.bars.len() <= MOST_BARS, "{:?}", s.bars);
    }

    #[test]
    fn few_measurements_are_told_by_ranges_and_scores_or_doses_by_value() {
        let bars = |values: &[(&str, usize)]| of_values(values, 0, &Kind::Number).bars;
        let weights = ["58.1", "64", "64.2", "70.5", "71", "71.8", "72.5", "82", "93.4"].map(|w| (w, 1));
        let told = bars(&weights);
        assert_eq!(told.first().unwrap(), &("40 to below 60".to_owned(), 1));
        assert_eq!(told.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 6, 2]);
        assert_eq!(bars(&[("0", 1), ("1", 1), ("3", 1), ("9", 1)]).len(), 4, "a score");
        assert_eq!(bars(&[("2.5", 9), ("5", 9), ("10", 9), ("40", 9)]).len(), 4, "a dose");
        assert_eq!(bars(&[("64.2", 1), ("71", 1)]).len(), 2);
    }

    #[test]
    fn choices_are_in_the_order_of_the_dictionary_and_unknown_codes_are_told() {
        let kind = Kind::Choice(vec![Choice::new("2", "Female"), Choice::new("1", "Male")]);
        let s = of_values(&[("1", 3), ("9", 1)], 2, &kind);
        let bars: Vec<(&str, usize)> = s.bars.iter().map(|(l, n)| (l.as_str(), *n)).collect();
        assert_eq!(bars, [("Female (2)", 0), ("Male (1)", 3), ("9, no such choice", 1)]);
        assert_eq!((s.rows, s.filled), (6, 4));
    }

    #[test]
    fn dates_become_months_or_years() {
        let s = of_values(&[("2026-01-05", 1), ("2026-02-01", 2), ("NASK", 1)], 0, &Kind::Date);
        assert_eq!((s.middle.unwrap().median.as_str(), s.misfits), ("2026-02-01", 1));
        let many: Vec<String> =
            (0..90).map(|i| format!("20{:02}-{:02}-03", i % 9 + 10, i % 12 + 1)).collect();
        let many: Vec<(&str, usize)> = many.iter().map(|v| (v.as_str(), 1)).collect();
        let s = of_values(&many, 0, &Kind::Date);
        assert_eq!((s.bars.first().unwrap().0.as_str(), s.bars.len()), ("2010", 9));
    }

    #[test]
    fn text_that_is_all_different_has_no_bars() {
        let s = of_values(&[("a", 1), ("b", 1), ("c", 2)], 0, &Kind::Text);
        assert_eq!((s.bars, s.others), (vec![("c".to_owned(), 2)], 2));
        assert_eq!(of_values(&[], 3, &Kind::Number).rows, 3);
    }
}
