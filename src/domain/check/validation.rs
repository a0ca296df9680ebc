//! Text validation types: which values an import takes, and the form that is stored
//! (`redcap-validation.md` §3, §4).

use super::dates::{self, DateOrder};
use regex::Regex;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The family of a validation type, for comparing values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Numbers with a point.
    Number,
    /// Numbers with a comma.
    CommaNumber,
    /// Dates, with or without a time.
    Date,
    /// Times.
    Time,
    /// Everything else.
    Text,
}

/// The family of a validation type.
pub fn family(validation: &str) -> Family {
    if validation.ends_with("comma_decimal") {
        Family::CommaNumber
    } else if validation == "integer" || validation.starts_with("number") {
        Family::Number
    } else if validation.starts_with("date") {
        Family::Date
    } else if validation.starts_with("time") {
        Family::Time
    } else {
        Family::Text
    }
}

/// The patterns, anchored when they are built. In the order of the reference's table.
const TYPES: &[(&str, &str, &str)] = &[
    ("time", r"(?:[01]?\d|2[0-3]):[0-5]\d", "a time of 24 hours, HH:MM"),
    ("time_hh_mm_ss", r"(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d", "a time, HH:MM:SS"),
    ("time_mm_ss", r"[0-5]\d:[0-5]\d", "minutes and seconds, MM:SS"),
    ("integer", r"[-+]?\d+", "a whole number"),
    ("number", r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?", "a number with a decimal point"),
    ("number_1dp", r"-?\d+\.\d", "a number with exactly 1 decimal, such as 22.0"),
    ("number_2dp", r"-?\d+\.\d{2}", "a number with exactly 2 decimals, such as 22.00"),
    ("number_3dp", r"-?\d+\.\d{3}", "a number with exactly 3 decimals"),
    ("number_4dp", r"-?\d+\.\d{4}", "a number with exactly 4 decimals"),
    ("number_comma_decimal", r"[-+]?\d*,?\d+(?:[eE][-+]?\d+)?", "a number with a decimal comma"),
    ("number_1dp_comma_decimal", r"-?\d+,\d", "a number with exactly 1 decimal, such as 22,0"),
    ("number_2dp_comma_decimal", r"-?\d+,\d{2}", "a number with exactly 2 decimals, such as 22,00"),
    ("number_3dp_comma_decimal", r"-?\d+,\d{3}", "a number with exactly 3 decimals and a comma"),
    ("number_4dp_comma_decimal", r"-?\d+,\d{4}", "a number with exactly 4 decimals and a comma"),
    ("alpha_only", r"[A-Za-z]+", "letters from A to Z only"),
    (
        "email",
        r"(?i)[\p{L}0-9!#$%&'*+/=?^_{|}~`-]+(?:\.[\p{L}0-9!#$%&'*+/=?^_{|}~`-]+)*@[a-z0-9-][a-z0-9.-]*\.[a-z]{2,63}",
        "an e-mail address",
    ),
    (
        "phone",
        r"(?i)\(?(?:[2-9]0[1-9]|[2-9]1[02-9]|[2-9][2-9]\d|800|811)\)?[\s.-]*\d{3}[\s.-]*\d{4}(?:\s*(?:#|x\.?|ext\.?|extension)\s*\d+)?",
        "a North American phone number of 10 digits",
    ),
    ("phone_australia", r"\(?0[2-8]\)?\s*\d{4}\s*\d{4}", "an Australian phone number"),
    (
        "phone_uk",
        r"(?:\+44|0044|0)\s?(?:\d{4}\s?\d{3}\s?\d{3}|\d{3}\s?\d{3}\s?\d{4}|\d{2}\s?\d{4}\s?\d{4})(?:\s?#\d{3,4})?",
        "a British phone number",
    ),
    ("ssn", r"\d{3}-\d{2}-\d{4}", "a number like 123-45-6789"),
    ("zipcode", r"\d{5}(?:-\d{4})?", "a ZIP code of 5 or 9 digits, such as 94043 or 94043-1234"),
    ("postalcode_australia", r"\d{4}", "4 digits"),
    ("postalcode_canada", r"(?i)[ABCEGHJKLMNPRSTVXY]\d[A-Z]\s*\d[A-Z]\d", "a code like A0A 0A0"),
    ("postalcode_french", r"(?:0?[1-9]|[1-8]\d|9[0-8])\d{3}", "5 digits"),
    ("postalcode_germany", r"(?:0[1-9]|[1-9]\d)\d{3}", "5 digits"),
    ("postalcode_uk", r"[A-Z]{1,2}(?:\d{1,2}|\d[A-Z]) \d[ABD-HJLNP-Z]{2}", "a code like M1 1AA"),
    ("mrn_10d", r"\d{10}", "10 digits"),
    ("mrn_generic", r"[A-Za-z0-9_-]+", "letters, digits, _ and - only"),
    ("vmrn", r"\d{4,9}", "4 to 9 digits"),
];

fn types() -> &'static HashMap<&'static str, (Regex, &'static str)> {
    static KNOWN: OnceLock<HashMap<&'static str, (Regex, &'static str)>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        // Digits are those of ASCII; \d of the pattern language would take every script's.
        let ascii = |pattern: &str| pattern.replace(r"\d", "[0-9]").replace(r"\s", r"[ \t]");
        let build = |pattern: &str| Regex::new(&format!("^(?:{})$", ascii(pattern))).ok();
        TYPES.iter().filter_map(|(name, pattern, words)| Some((*name, (build(pattern)?, *words)))).collect()
    })
}

/// Whether a validation type is a date, and what follows the day.
fn date_kind(validation: &str) -> Option<&'static str> {
    let (kind, order) = validation.rsplit_once('_')?;
    if !matches!(order, "ymd" | "mdy" | "dmy") {
        return None;
    }
    match kind {
        "date" => Some(""),
        "datetime" => Some("time"),
        "datetime_seconds" => Some("time_hh_mm_ss"),
        _ => None,
    }
}

/// Whether values of this type are dates.
pub fn is_date(validation: &str) -> bool {
    date_kind(validation).is_some()
}

/// Whether it is known what values of this type look like. Servers have types of their own.
pub fn is_known(validation: &str) -> bool {
    validation.is_empty() || is_date(validation) || types().contains_key(validation)
}

/// What is expected, for a sentence.
pub fn expected(validation: &str) -> &'static str {
    match date_kind(validation) {
        Some("") => "a date, Y-M-D",
        Some("time") => "a date and a time, Y-M-D HH:MM",
        Some(_) => "a date and a time, Y-M-D HH:MM:SS",
        None => types().get(validation).map_or("another format", |(_, words)| words),
    }
}

/// The stored form of a value; `None` if it does not fit. Types that are not known take all.
pub fn stored(validation: &str, value: &str, order: DateOrder) -> Option<String> {
    let Some(time) = date_kind(validation) else {
        return match types().get(validation) {
            Some((pattern, _)) => pattern.is_match(value).then(|| value.to_owned()),
            None => Some(value.to_owned()),
        };
    };
    if time.is_empty() {
        return dates::date(value, order).map(|d| d.to_string());
    }
    let (day, clock) = value.split_once(' ')?;
    let (pattern, _) = types().get(time)?;
    let zero = if clock.find(':') == Some(1) { "0" } else { "" };
    let day = dates::date(day, order)?;
    pattern.is_match(clock).then(|| format!("{day} {zero}{clock}"))
}

/// A value as a number of its family, for limits: dates and times keep the order of their texts.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Comparable {
    /// A number.
    Number(f64),
    /// A date or a time in its stored form.
    Text(String),
}

/// What a stored value or a limit of this type compares as; `None` if it is neither a constant nor
/// fits the type, which means that there is no limit.
pub fn comparable(validation: &str, value: &str) -> Option<Comparable> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    match family(validation) {
        Family::Number => value.parse().ok().map(Comparable::Number),
        Family::CommaNumber => value.replace(',', ".").parse().ok().map(Comparable::Number),
        Family::Date => {
            // A limit may lack its time.
            let day = dates::date(value.split(' ').next()?, DateOrder::Ymd)?;
            let clock = value.split_once(' ').map(|(_, clock)| clock).unwrap_or_default();
            Some(Comparable::Text(format!("{day} {clock}").trim_end().to_owned()))
        }
        Family::Time => {
            let zero = if value.find(':') == Some(1) { "0" } else { "" };
            value.contains(':').then(|| Comparable::Text(format!("{zero}{value}")))
        }
        Family::Text => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_take_what_the_reference_says() {
        assert_eq!(types().len(), TYPES.len(), "a pattern is broken");
        for (kind, good, bad) in [
            ("integer", "5 -5 007", "5.0 x ５"),
            ("number", ".5 1.5 -2 1e5", "5. 1,000 x"),
            ("number_1dp", "22.0 -1.5", "22 +1.5 .5"),
            ("number_comma_decimal", "2,0 7", "2.0"),
            ("zipcode", "02138 70115-1234", "2138 98105.0"),
            ("email", "joe@user.com", "a..b@x.org a@b.c"),
            ("phone", "555-867-5309 6153222222x12", "1-615-322-2222"),
            ("time", "4:32 23:19", "24:00"),
            ("made_up_by_a_site", "anything", ""),
        ] {
            for value in good.split(' ') {
                assert!(stored(kind, value, DateOrder::Ymd).is_some(), "{kind} must take {value}");
            }
            for value in bad.split(' ').filter(|v| !v.is_empty()) {
                assert_eq!(stored(kind, value, DateOrder::Ymd), None, "{kind} must refuse {value}");
            }
        }
    }

    #[test]
    fn dates_are_stored_year_first_and_compared_by_time() {
        for (kind, value, order, expected) in [
            ("date_dmy", "2024/03/01", DateOrder::Dmy, Some("2024-03-01")),
            ("date_ymd", "03/04/2026", DateOrder::Dmy, Some("2026-04-03")),
            ("date_ymd", "31/02/2026", DateOrder::Dmy, None),
            ("datetime_mdy", "03/04/2026 9:05", DateOrder::Mdy, Some("2026-03-04 09:05")),
            ("datetime_ymd", "2026-03-04T09:05", DateOrder::Ymd, None),
            ("date_ymd", "2026-03-04 09:05", DateOrder::Ymd, None),
        ] {
            assert_eq!(stored(kind, value, order).as_deref(), expected, "{kind} {value}");
        }
        assert!(comparable("number", "9") < comparable("number", "10"));
        assert!(comparable("date_mdy", "2024-03-01") > comparable("date_mdy", "2023-12-31"));
        assert_eq!(comparable("date_mdy", "today"), None);
        assert!(comparable("time", "9:30") < comparable("time", "10:00"));
    }
}
