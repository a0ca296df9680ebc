//! The order of the rows of a record table.

use crate::domain::choices::Choice;
use crate::domain::columns::Column;
use crate::domain::dictionary::FieldType;
use crate::domain::project::Metadata;
use crate::domain::record::natural_cmp;
use crate::domain::table::RecordTable;
use std::cmp::Ordering;

/// By which column rows are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The column's name.
    pub column: String,
    /// Largest first.
    pub down: bool,
}

/// How the values of a column compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// As numbers.
    Numbers,
    /// As choices, in the order of the dictionary.
    Choices(Vec<String>),
    /// As people sort names; dates, which are stored year first, come right too.
    Names,
}

impl Rule {
    /// The rule for a column.
    pub fn of(column: &Column, metadata: &Metadata) -> Self {
        let choices = metadata
            .dictionary
            .field(&column.name)
            .filter(|f| f.field_type != FieldType::Checkbox)
            .map(crate::domain::dictionary::Field::choices)
            .unwrap_or_default();
        if column.numeric() {
            Self::Numbers
        } else if choices.is_empty() {
            Self::Names
        } else {
            Self::Choices(choices.into_iter().map(|c: Choice| c.code).collect())
        }
    }

    /// Its name.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Choices(_) => "choices in dictionary order",
            Self::Names => "names and dates",
        }
    }

    /// Compares two values that are not blank. Values that do not fit the rule (a missing data
    /// code among numbers) come last.
    fn cmp(&self, a: &str, b: &str) -> Ordering {
        let fits_first = |a: Option<Ordering>, a_fits: bool, b_fits: bool| match (a_fits, b_fits) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => a.unwrap_or(Ordering::Equal),
        };
        match self {
            Self::Names => natural_cmp(a, b),
            Self::Numbers => {
                let (x, y) = (number(a), number(b));
                let order = match (x, y) {
                    (Some(x), Some(y)) => x.partial_cmp(&y),
                    (None, None) => Some(natural_cmp(a, b)),
                    _ => None,
                };
                fits_first(order, x.is_some(), y.is_some())
            }
            Self::Choices(codes) => {
                let place = |v: &str| codes.iter().position(|c| c == v);
                let (x, y) = (place(a), place(b));
                let order = match (x, y) {
                    (Some(x), Some(y)) => Some(x.cmp(&y)),
                    _ => Some(natural_cmp(a, b)),
                };
                fits_first(order, x.is_some(), y.is_some())
            }
        }
    }
}

/// Sorts rows by the values of one column of the table. Blanks are last in either direction.
///
/// The distinct values are sorted once; then each row is only a number, so that half a million
/// rows take no longer than a few hundred values and one pass.
pub fn sort_rows(rows: &mut [usize], table: &RecordTable, column: usize, rule: &Rule, down: bool) {
    let values: Vec<&str> = table.distinct(column).collect();
    let order = order_of(&values, rule);
    let mut rank = vec![0_u32; values.len() + 1];
    for (place, &value) in order.iter().enumerate() {
        let place = place as u32 + 1;
        if let Some(slot) = rank.get_mut(value + 1) {
            *slot = if down { u32::MAX - 1 - place } else { place };
        }
    }
    if let Some(blank) = rank.first_mut() {
        *blank = u32::MAX;
    }
    let codes = table.codes(column);
    rows.sort_by_key(|&row| {
        codes.get(row).and_then(|&code| rank.get(code as usize)).copied().unwrap_or(u32::MAX)
    });
}

/// The places of values in the order of the rule.
fn order_of(values: &[&str], rule: &Rule) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let text = |i: usize| values.get(i).copied().unwrap_or_default();
    match rule {
        Rule::Names => match name_keys(values) {
            Some(keys) => order.sort_by_key(|&i| keys.get(i).copied().unwrap_or_default()),
            None => order.sort_by(|&a, &b| rule.cmp(text(a), text(b))),
        },
        Rule::Numbers => {
            // Each is read once; those that are none come last.
            let numbers: Vec<Option<f64>> = values.iter().map(|v| number(v)).collect();
            let number = |i: usize| numbers.get(i).copied().flatten();
            order.sort_by(|&a, &b| match (number(a), number(b)) {
                (Some(x), Some(y)) => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
                _ => rule.cmp(text(a), text(b)),
            });
        }
        Rule::Choices(_) => order.sort_by(|&a, &b| rule.cmp(text(a), text(b))),
    }
    order
}

/// A value as a number that can be ordered.
fn number(value: &str) -> Option<f64> {
    value.trim().parse().ok().filter(|n: &f64| !n.is_nan())
}

/// Numbers that are in the order of the names they stand for, where such are found quickly:
/// record names that are numbers, and names that differ in nothing but digits at the same places,
/// as dates do. Half a million names are then put in order without comparing texts.
fn name_keys(values: &[&str]) -> Option<Vec<u128>> {
    const LONGEST: usize = 16;
    let first = values.first()?.as_bytes();
    let is_number = |v: &&str| {
        let bytes = v.as_bytes();
        matches!(bytes, [b'1'..=b'9', ..] | [b'0'])
            && bytes.len() <= LONGEST
            && bytes.iter().all(u8::is_ascii_digit)
    };
    if values.iter().all(is_number) {
        return values.iter().map(|v| v.parse().ok()).collect();
    }
    let is_like_first = |v: &&str| {
        let same = |(a, b): (&u8, &u8)| a == b || a.is_ascii_digit() && b.is_ascii_digit();
        v.len() == first.len() && v.bytes().zip(first).all(|(a, b)| same((&a, b)))
    };
    if first.len() > LONGEST || !values.iter().all(is_like_first) {
        return None;
    }
    let key = |v: &&str| v.bytes().fold(0, |key, byte| key << 8 | u128::from(byte));
    Some(values.iter().map(key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::TableBuilder;
    use proptest::prelude::*;

    fn sorted(values: &[&str], rule: &Rule, down: bool) -> Vec<String> {
        let mut builder = TableBuilder::new(["x"]);
        for value in values {
            builder.push_row([*value]);
        }
        let table = builder.finish();
        let mut rows: Vec<usize> = (0..table.n_rows()).collect();
        sort_rows(&mut rows, &table, 0, rule, down);
        rows.into_iter().map(|r| table.cell(r, 0).to_owned()).collect()
    }

    proptest! {
        /// The quick ways to an order lead to the same as comparing every two values.
        #[test]
        fn the_order_is_that_of_comparing_every_two(
            values in prop_oneof![
                prop::collection::hash_set("0|[1-9][0-9]{0,4}", 0..40),
                prop::collection::hash_set("20[0-9]{2}-[01][0-9]", 0..40),
                prop::collection::hash_set("[0-9]{1,2}[-.aB]?[0-9]{0,2}|NaN|inf|UNK", 0..40),
            ],
        ) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            for rule in [Rule::Names, Rule::Numbers] {
                let mut plain: Vec<usize> = (0..values.len()).collect();
                plain.sort_by(|&a, &b| rule.cmp(values[a], values[b]));
                prop_assert_eq!(order_of(&values, &rule), plain);
            }
        }
    }

    #[test]
    fn numbers_sort_by_value_and_blanks_are_last_both_ways() {
        let values = ["10", "", "9", "UNK", "-1.5"];
        assert_eq!(sorted(&values, &Rule::Numbers, false), ["-1.5", "9", "10", "UNK", ""]);
        assert_eq!(sorted(&values, &Rule::Numbers, true), ["UNK", "10", "9", "-1.5", ""]);
    }

    #[test]
    fn choices_sort_as_the_dictionary_lists_them() {
        let rule = Rule::Choices(vec!["2".into(), "1".into(), "3".into()]);
        assert_eq!(sorted(&["1", "3", "2", "9"], &rule, false), ["2", "1", "3", "9"]);
    }

    #[test]
    fn names_and_dates_sort_as_people_sort_them() {
        assert_eq!(sorted(&["2024-10-01", "2024-09-30"], &Rule::Names, false), ["2024-09-30", "2024-10-01"]);
        assert_eq!(sorted(&["b10", "b9"], &Rule::Names, false), ["b9", "b10"]);
    }
}
