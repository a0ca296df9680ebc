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
                let (x, y) = (a.trim().parse::<f64>().ok(), b.trim().parse::<f64>().ok());
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
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| {
        let text = |i: usize| values.get(i).copied().unwrap_or_default();
        rule.cmp(text(a), text(b))
    });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::TableBuilder;

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
