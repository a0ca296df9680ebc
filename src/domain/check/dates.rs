//! Dates of a file: in which order day, month and year are written, column by column.
//!
//! The format that the field has on REDCap's pages says nothing about the file, so only the
//! values of the column decide. What they leave open is asked, never guessed.

use jiff::civil::Date;

/// The order in which a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DateOrder {
    /// Year, month, day.
    Ymd,
    /// Month, day, year.
    Mdy,
    /// Day, month, year.
    Dmy,
}

impl DateOrder {
    /// REDCap's word for it (`dateFormat`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ymd => "YMD",
            Self::Mdy => "MDY",
            Self::Dmy => "DMY",
        }
    }
}

/// What the values of a column prove about the order of their dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateProof {
    /// No value tells anything, or the column has none.
    Nothing,
    /// A value can only be read this way; `row` is its first row in the file.
    Proven {
        /// The order.
        order: DateOrder,
        /// The row, from 0.
        row: usize,
    },
    /// Every value can be read both ways.
    Ambiguous,
    /// Values contradict each other.
    Mixed,
    /// The person said which one it is.
    Chosen(DateOrder),
}

impl DateProof {
    /// The order to read with, if it is settled.
    pub fn order(self) -> Option<DateOrder> {
        match self {
            Self::Proven { order, .. } | Self::Chosen(order) => Some(order),
            Self::Nothing => Some(DateOrder::Ymd),
            Self::Ambiguous | Self::Mixed => None,
        }
    }
}

/// The three numbers of a date, in the order of the text, and whether the year comes first.
fn parts(text: &str) -> Option<([i16; 3], bool)> {
    let separator = text.chars().find(|c| matches!(c, '-' | '/'))?;
    let mut pieces = text.split(separator);
    let (a, b, c) = (pieces.next()?, pieces.next()?, pieces.next()?);
    if pieces.next().is_some() {
        return None;
    }
    let year_first = a.len() == 4;
    let number = |text: &str, is_year: bool| -> Option<i16> {
        let fits = if is_year { text.len() == 4 } else { (1..=2).contains(&text.len()) };
        (fits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
    };
    Some(([number(a, year_first)?, number(b, false)?, number(c, !year_first)?], year_first))
}

/// Reads a date of the calendar in this order; a year of four digits in front is always read as
/// such. `None` if it is no date.
pub fn date(text: &str, order: DateOrder) -> Option<Date> {
    let ([a, b, c], year_first) = parts(text)?;
    let (year, month, day) = match order {
        _ if year_first => (a, b, c),
        DateOrder::Ymd => return None,
        DateOrder::Mdy => (c, a, b),
        DateOrder::Dmy => (c, b, a),
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Whether a text has the form of a date, though perhaps not of one in the calendar.
pub fn has_form(text: &str) -> bool {
    parts(day_of(text)).is_some()
}

/// In which order a date is written, as far as it tells by itself. `None` if it is no date.
pub fn written(text: &str) -> Option<&'static str> {
    let day = day_of(text);
    if parts(day)?.1 {
        return Some("year first");
    }
    match (date(day, DateOrder::Mdy), date(day, DateOrder::Dmy)) {
        (Some(_), Some(_)) => Some("year last"),
        (Some(_), None) => Some("month first"),
        (None, Some(_)) => Some("day first"),
        (None, None) => None,
    }
}

/// The day of a date, or of a date with a time after a blank or a `T`.
fn day_of(text: &str) -> &str {
    text.split([' ', 'T']).next().unwrap_or(text)
}

/// Looks through the distinct values of a column, each with its first row.
pub fn prove<'a>(values: impl Iterator<Item = (&'a str, usize)>, chosen: Option<DateOrder>) -> DateProof {
    let mut ymd: Option<usize> = None;
    let mut mdy: Option<usize> = None;
    let mut dmy: Option<usize> = None;
    let mut either = false;
    let mut same = false;
    for (text, row) in values {
        let day = day_of(text);
        let Some(([a, b, _], year_first)) = parts(day) else { continue };
        if year_first {
            ymd = Some(ymd.map_or(row, |r| r.min(row)));
            continue;
        }
        match (date(day, DateOrder::Mdy), date(day, DateOrder::Dmy)) {
            (Some(_), Some(_)) if a == b => same = true,
            (Some(_), Some(_)) => either = true,
            (Some(_), None) => mdy = Some(mdy.map_or(row, |r| r.min(row))),
            (None, Some(_)) => dmy = Some(dmy.map_or(row, |r| r.min(row))),
            (None, None) => {}
        }
    }
    let year_last = mdy.is_some() || dmy.is_some() || either || same;
    match (ymd, mdy, dmy) {
        (Some(_), _, _) if year_last => DateProof::Mixed,
        (Some(row), _, _) => DateProof::Proven { order: DateOrder::Ymd, row },
        (None, Some(_), Some(_)) => DateProof::Mixed,
        (None, Some(row), None) => DateProof::Proven { order: DateOrder::Mdy, row },
        (None, None, Some(row)) => DateProof::Proven { order: DateOrder::Dmy, row },
        (None, None, None) => match chosen {
            Some(order) if year_last => DateProof::Chosen(order),
            _ if either => DateProof::Ambiguous,
            // 05/05/2026 is one day, however it is read.
            _ if same => DateProof::Chosen(DateOrder::Dmy),
            _ => DateProof::Nothing,
        },
    }
}

/// The date that a spreadsheet means by this day number, if it is one of 1954 to 2119.
pub fn of_serial(text: &str) -> Option<Date> {
    let days: i32 = text.parse().ok().filter(|n| (20_000..80_000).contains(n))?;
    // Spreadsheets count from a day that makes 1900 a leap year.
    let start = Date::new(1899, 12, 30).ok()?;
    start.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(values: &[&str]) -> DateProof {
        prove(values.iter().copied().zip(0..), None)
    }

    #[test]
    fn the_values_of_a_column_decide() {
        for (values, expected) in [
            (
                &["03/04/2026", "13/04/2026", "05/06/2026"][..],
                DateProof::Proven { order: DateOrder::Dmy, row: 1 },
            ),
            (&["03/04/2026", "04/13/2026"], DateProof::Proven { order: DateOrder::Mdy, row: 1 }),
            (&["03/04/2026", "05/06/2026"], DateProof::Ambiguous),
            (&["2026-04-03", "03/04/2026"], DateProof::Mixed),
            (&["13/04/2026", "04/13/2026"], DateProof::Mixed),
            (&["2026-04-03 10:00"], DateProof::Proven { order: DateOrder::Ymd, row: 0 }),
            (&["05/05/2026"], DateProof::Chosen(DateOrder::Dmy)),
            (&["46115", "x"], DateProof::Nothing),
        ] {
            assert_eq!(proof(values), expected, "{values:?}");
        }
        let chosen = prove([("03/04/2026", 0)].into_iter(), Some(DateOrder::Mdy));
        assert_eq!(chosen, DateProof::Chosen(DateOrder::Mdy));
    }

    #[test]
    fn day_numbers_of_spreadsheets_are_recognised() {
        assert_eq!(of_serial("46115").unwrap().to_string(), "2026-04-03");
        assert_eq!(of_serial("12"), None);
        assert_eq!(date("31/02/2026", DateOrder::Dmy), None);
        assert_eq!(date("3/4/2026", DateOrder::Dmy).unwrap().to_string(), "2026-04-03");
    }
}
