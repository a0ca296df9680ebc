//! Records: their names, their order, and the place a row of data belongs to.

use std::cmp::Ordering;

/// Names of columns that REDCap adds to a record export and that are no fields.
pub mod column {
    /// The unique event name of the row.
    pub const EVENT: &str = "redcap_event_name";
    /// The repeating instrument of the row.
    pub const REPEAT_INSTRUMENT: &str = "redcap_repeat_instrument";
    /// The instance number of the row.
    pub const REPEAT_INSTANCE: &str = "redcap_repeat_instance";
    /// The unique name of the record's Data Access Group.
    pub const DAG: &str = "redcap_data_access_group";
    /// The participant's identifier of a survey.
    pub const SURVEY_IDENTIFIER: &str = "redcap_survey_identifier";

    /// All of them. They must never be named in the `fields` parameter (`redcap-api.md` §4.3).
    pub const SYSTEM: &[&str] = &[EVENT, REPEAT_INSTRUMENT, REPEAT_INSTANCE, DAG, SURVEY_IDENTIFIER];
}

/// The place of a row: record, event, repeating instrument, instance. Empty parts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RowKey {
    /// The record's name.
    pub record: String,
    /// The event's unique name; empty in a classic project.
    pub event: String,
    /// The repeating instrument; empty on other rows.
    pub instrument: String,
    /// The instance; `None` where nothing repeats.
    pub instance: Option<u32>,
}

/// Orders record names as people do: numbers by value, words as words.
///
/// `2` before `10`, `1732-4` before `1732-12`, `A-2` before `A-10`, numbers before letters.
/// Capitals and accents do not matter. Names that are equal that way (`01` and `1`) are ordered by
/// their text, so the order is total.
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(x), Some(y)) = (next_part(&mut left), next_part(&mut right)) else {
            return left.len().cmp(&right.len()).then_with(|| a.len().cmp(&b.len())).then_with(|| a.cmp(b));
        };
        let order = match (x, y) {
            (Part::Number(x), Part::Number(y)) => {
                let (x, y) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
                x.len().cmp(&y.len()).then_with(|| x.cmp(y))
            }
            (Part::Text(x), Part::Text(y)) => folded(x).cmp(folded(y)),
            (Part::Number(_), Part::Text(_)) => Ordering::Less,
            (Part::Text(_), Part::Number(_)) => Ordering::Greater,
        };
        if order != Ordering::Equal {
            return order;
        }
        if left.is_empty() != right.is_empty() {
            return if left.is_empty() { Ordering::Less } else { Ordering::Greater };
        }
    }
}

/// The letters of a text without accents and capitals, as people order names: `Núñez` before
/// `Nutmouse`.
fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    use nucleo_matcher::chars::{normalize, to_lower_case};
    text.chars().map(|c| if c.is_ascii() { c.to_ascii_lowercase() } else { to_lower_case(normalize(c)) })
}

/// A text in small letters and without accents, for searching.
pub fn fold(text: &str) -> String {
    folded(text).collect()
}

enum Part<'a> {
    Number(&'a str),
    Text(&'a str),
}

/// Takes the run of digits or of other characters from the front.
fn next_part<'a>(rest: &mut &'a str) -> Option<Part<'a>> {
    let digits = rest.chars().next()?.is_ascii_digit();
    let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
    let (part, tail) = rest.split_at(end);
    *rest = tail;
    Some(if digits { Part::Number(part) } else { Part::Text(part) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn record_names_sort_as_people_sort_them() {
        let sorted = ["", "1", "01", "2", "10", "1732-4", "1732-12", "A-2", "A-10", "A-10b"];
        let mut names = sorted.to_vec();
        names.reverse();
        names.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(names, sorted);
        let people = ["Núñez", "Nutmouse", "O'Brien", "Walker", "wood", "Wood-2"];
        let mut names = people.to_vec();
        names.reverse();
        names.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(names, people);
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[aAá0-9-]{0,6}", b in "[aAá0-9-]{0,6}", c in "[aAá0-9-]{0,6}") {
            prop_assert_eq!(natural_cmp(&a, &b), natural_cmp(&b, &a).reverse());
            prop_assert_eq!(natural_cmp(&a, &b) == Ordering::Equal, a == b);
            if natural_cmp(&a, &b).is_le() && natural_cmp(&b, &c).is_le() {
                prop_assert!(natural_cmp(&a, &c).is_le());
            }
        }
    }
}
