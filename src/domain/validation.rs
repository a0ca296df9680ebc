//! Text validation types: what fits them, what an import takes, and the form in which it is stored
//! (`redcap-validation.md` §3).

use jiff::civil::Date;
use regex::Regex;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The order of the parts of incoming dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// Year, month, day.
    Ymd,
    /// Month, day, year.
    Mdy,
    /// Day, month, year.
    Dmy,
}

/// How dates are read.
#[derive(Debug, Clone, Copy)]
pub struct DateRules {
    /// The order of the parts.
    pub order: DateOrder,
    /// Month and day may have one digit (`redcap-validation.md` §9.1: unsure).
    pub one_digit: bool,
}

/// The patterns of the reference, one a type. Dates are read apart.
const PATTERNS: &[(&str, &str)] = &[
    ("time", r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"),
    ("time_hh_mm_ss", r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"),
    ("time_mm_ss", r"[0-5][0-9]:[0-5][0-9]"),
    ("integer", r"[-+]?[0-9]+"),
    ("number", r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"),
    ("number_1dp", r"-?[0-9]+\.[0-9]{1}"),
    ("number_2dp", r"-?[0-9]+\.[0-9]{2}"),
    ("number_3dp", r"-?[0-9]+\.[0-9]{3}"),
    ("number_4dp", r"-?[0-9]+\.[0-9]{4}"),
    ("number_comma_decimal", r"[-+]?[0-9]*,?[0-9]+(?:[eE][-+]?[0-9]+)?"),
    ("number_1dp_comma_decimal", r"-?[0-9]+,[0-9]{1}"),
    ("number_2dp_comma_decimal", r"-?[0-9]+,[0-9]{2}"),
    ("number_3dp_comma_decimal", r"-?[0-9]+,[0-9]{3}"),
    ("number_4dp_comma_decimal", r"-?[0-9]+,[0-9]{4}"),
    ("alpha_only", r"[A-Za-z]+"),
    (
        "email",
        r"(?i)[\p{L}0-9!#$%&'*+/=?^_{|}~`-]+(?:\.[\p{L}0-9!#$%&'*+/=?^_{|}~`-]+)*@[a-z0-9-][a-z0-9.-]*\.[a-z]{2,63}",
    ),
    (
        "phone",
        r"(?i)\(?(?:[2-9]0[1-9]|[2-9]1[02-9]|[2-9][2-9][0-9]|800|811)\)?[ \t.-]*[0-9]{3}[ \t.-]*[0-9]{4}(?:[ \t]*(?:#|x\.?|ext\.?|extension)[ \t]*[0-9]+)?",
    ),
    ("phone_australia", r"\(?0[2-8]\)?[ \t]*[0-9]{4}[ \t]*[0-9]{4}"),
    (
        "phone_uk",
        r"(?:\+44|0044|0)[ \t]?(?:[0-9]{4}[ \t]?[0-9]{3}[ \t]?[0-9]{3}|[0-9]{3}[ \t]?[0-9]{3}[ \t]?[0-9]{4}|[0-9]{2}[ \t]?[0-9]{4}[ \t]?[0-9]{4})(?:[ \t]?#[0-9]{3,4})?",
    ),
    ("phone_france", r"0[1-9](?:[ .-]?[0-9]{2}){4}"),
    ("ssn", r"[0-9]{3}-[0-9]{2}-[0-9]{4}"),
    ("zipcode", r"[0-9]{5}(?:-[0-9]{4})?"),
    ("postalcode_australia", r"[0-9]{4}"),
    ("postalcode_canada", r"(?i)[ABCEGHJKLMNPRSTVXY][0-9][A-Z][ \t]*[0-9][A-Z][0-9]"),
    ("postalcode_french", r"(?:0?[1-9]|[1-8][0-9]|9[0-8])[0-9]{3}"),
    ("postalcode_germany", r"(?:0[1-9]|[1-9][0-9])[0-9]{3}"),
    ("postalcode_uk", r"[A-Z]{1,2}(?:[0-9]{1,2}|[0-9][A-Z]) [0-9][ABD-HJLNP-Z]{2}"),
    ("mrn_10d", r"[0-9]{10}"),
    ("mrn_generic", r"[A-Za-z0-9_-]+"),
    ("vmrn", r"[0-9]{4,9}"),
];

fn patterns() -> &'static HashMap<&'static str, Regex> {
    static KNOWN: OnceLock<HashMap<&'static str, Regex>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        PATTERNS
            .iter()
            .filter_map(|(name, pattern)| Some((*name, Regex::new(&format!("^(?:{pattern})$")).ok()?)))
            .collect()
    })
}

/// The stored form of a value, or `None` if it does not fit its validation type. A type that is
/// not known (servers have their own) takes everything.
pub fn stored(validation: &str, value: &str, dates: DateRules) -> Option<String> {
    let date_kind = validation.strip_suffix("_ymd").or_else(|| validation.strip_suffix("_mdy"));
    match date_kind.or_else(|| validation.strip_suffix("_dmy")) {
        Some("date") => date(value, dates),
        Some("datetime") => date_time(value, dates, "time"),
        Some("datetime_seconds") => date_time(value, dates, "time_hh_mm_ss"),
        _ => match patterns().get(validation) {
            Some(pattern) => pattern.is_match(value).then(|| value.to_owned()),
            None => Some(value.to_owned()),
        },
    }
}

/// Whether a stored value fits its validation type. Blank always fits, and so does anything where
/// the type is not known.
///
/// Stored dates are Y-M-D with hyphens, whatever the field shows.
pub fn fits(validation: &str, value: &str) -> bool {
    if value.is_empty() {
        return true;
    }
    let is_date = ["_ymd", "_mdy", "_dmy"].iter().any(|order| validation.ends_with(order));
    stored(validation, value, DateRules { order: DateOrder::Ymd, one_digit: false }).is_some()
        && !(is_date && value.contains('/'))
}

/// Whether REDCap's public lists have a type of this name. Sites may add types of their own.
pub fn is_known(validation: &str) -> bool {
    let kind = ["_ymd", "_mdy", "_dmy"].iter().find_map(|order| validation.strip_suffix(order));
    matches!(kind, Some("date" | "datetime" | "datetime_seconds")) || patterns().contains_key(validation)
}

/// A date with the same separator twice, `-` or `/`, that is in the calendar. Every order also
/// takes Y-M-D, as the Data Import Tool says it does (`redcap-validation.md` §9.1).
fn date(value: &str, rules: DateRules) -> Option<String> {
    let separator = value.chars().find(|c| matches!(c, '-' | '/'))?;
    let parts: Vec<&str> = value.split(separator).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) = match rules.order {
        _ if first.len() == 4 => (first, second, third),
        DateOrder::Ymd => return None,
        DateOrder::Mdy => (third, first, second),
        DateOrder::Dmy => (third, second, first),
    };
    let number = |text: &str, shortest: usize, longest: usize| -> Option<i16> {
        let fits = (shortest..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if fits { text.parse().ok() } else { None }
    };
    let shortest = if rules.one_digit { 1 } else { 2 };
    let (year, month, day) = (number(year, 4, 4)?, number(month, shortest, 2)?, number(day, shortest, 2)?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date.to_string())
}

/// A date, one blank and a time. An hour of one digit is stored with two.
fn date_time(value: &str, rules: DateRules, time: &str) -> Option<String> {
    let (day, clock) = value.split_once(' ')?;
    if !patterns().get(time)?.is_match(clock) {
        return None;
    }
    let zero = if clock.find(':') == Some(1) { "0" } else { "" };
    Some(format!("{} {zero}{clock}", date(day, rules)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const YMD: DateRules = DateRules { order: DateOrder::Ymd, one_digit: false };

    #[test]
    fn every_type_takes_and_refuses_what_the_reference_says() {
        assert_eq!(patterns().len(), PATTERNS.len(), "a pattern is broken");
        for (types, good, bad) in [
            (
                "date_ymd date_mdy date_dmy",
                "2024-02-29 2024/03/01",
                "2023-02-29 2024-3-1 24-01-01 01/02/2024 2024-01/02 2024-01-01-01 x",
            ),
            ("time", "4:32 23:19 00:00", "24:00 4 12:60 4:3"),
            ("time_hh_mm_ss", "4:32:10 23:59:59", "23:59 24:00:00"),
            ("time_mm_ss", "59:30", "60:00 5:3"),
            ("integer", "5 -5 +5 007", "5.0 5, x"),
            ("number", ".5 1.5 -2 1e5 +3.2E-4", "5. 1,000 1,5 x"),
            ("number_1dp", "22.0 -1.5", "22 +1.5 .5 22.00"),
            ("number_2dp", "22.00", "22.0 22"),
            ("number_comma_decimal", "2,0 ,5 7", "2.0 5,"),
            ("number_3dp_comma_decimal", "2,000", "2.000 2,0"),
            ("alpha_only", "Abc", "Ab1 é"),
            ("email", "joe@user.com o'b@x.co.uk é@x.org", "a..b@x.org .a@x.org a@b.c x"),
            ("phone", "(615)322-2222 555-867-5309 6153222222x12", "1-615-322-2222 123-456-7890 615"),
            ("ssn", "123-45-6789", "123456789"),
            ("zipcode", "02138 70115-1234", "2138 98105.0 98105-12"),
            ("postalcode_canada", "A0A0A0 k1a0b1", "D0A0A0"),
            ("postalcode_uk", "M1", ""),
            ("mrn_10d", "0123456789", "123456789"),
            ("mrn_generic", "A_1-b", "a.b"),
            ("vmrn", "1234 123456789", "123 1234567890"),
            ("made_up_by_a_site", "anything", ""),
        ] {
            for kind in types.split(' ') {
                for value in good.split(' ').filter(|v| *v != "M1") {
                    assert!(stored(kind, value, YMD).is_some(), "{kind} must take {value:?}");
                }
                for value in bad.split(' ').filter(|v| !v.is_empty()) {
                    assert_eq!(stored(kind, value, YMD), None, "{kind} must refuse {value:?}");
                }
            }
        }
        assert!(stored("postalcode_uk", "M1 1AA", YMD).is_some());
        assert!(stored("postalcode_canada", "A0A 0A0", YMD).is_some());
        assert!(stored("phone", "(615) 322-2222", YMD).is_some());
    }

    #[test]
    fn dates_are_stored_year_first() {
        let mdy = DateRules { order: DateOrder::Mdy, one_digit: false };
        let dmy = DateRules { order: DateOrder::Dmy, one_digit: false };
        let loose = DateRules { order: DateOrder::Dmy, one_digit: true };
        for (kind, value, rules, expected) in [
            ("date_dmy", "2024/03/01", YMD, Some("2024-03-01")),
            ("date_ymd", "03/04/2026", mdy, Some("2026-03-04")),
            ("date_ymd", "03/04/2026", dmy, Some("2026-04-03")),
            ("date_ymd", "13/04/2026", mdy, None),
            ("date_ymd", "31/02/2026", dmy, None),
            ("date_ymd", "2026-04-03", dmy, Some("2026-04-03")),
            ("date_ymd", "3/4/2026", dmy, None),
            ("date_ymd", "3/4/2026", loose, Some("2026-04-03")),
            ("datetime_mdy", "03/04/2026 9:05", mdy, Some("2026-03-04 09:05")),
            ("datetime_ymd", "2026-03-04T09:05", YMD, None),
            ("datetime_ymd", "2026-03-04  09:05", YMD, None),
            ("datetime_seconds_dmy", "2026-03-04 09:05:07", YMD, Some("2026-03-04 09:05:07")),
            ("datetime_seconds_dmy", "2026-03-04 09:05", YMD, None),
            ("date_ymd", "2026-03-04 09:05", YMD, None),
        ] {
            assert_eq!(stored(kind, value, rules).as_deref(), expected, "{kind} {value}");
        }
    }

    #[test]
    fn what_is_stored_is_year_first_with_hyphens() {
        for (kind, value, good) in [
            ("date_mdy", "2024-02-29", true),
            ("date_mdy", "02/29/2024", false),
            ("date_ymd", "2024/02/29", false),
            ("datetime_dmy", "2024-02-29 08:30", true),
            ("datetime_dmy", "2024-02-30 08:30", false),
            ("integer", "", true),
            ("integer", "5.0", false),
            ("made_up_by_a_site", "x", true),
        ] {
            assert_eq!(fits(kind, value), good, "{kind} {value:?}");
        }
        assert!(is_known("datetime_seconds_mdy") && is_known("vmrn") && !is_known("made_up_by_a_site"));
    }

    proptest! {
        #[test]
        fn no_value_makes_it_stumble(value in "\\PC{0,30}|[0-9/: -]{0,20}", at in 0..PATTERNS.len()) {
            for kind in [PATTERNS[at].0, "date_mdy", "datetime_dmy", "datetime_seconds_ymd"] {
                for order in [DateOrder::Ymd, DateOrder::Mdy, DateOrder::Dmy] {
                    let _ = stored(kind, &value, DateRules { order, one_digit: true });
                }
            }
        }
    }
}
