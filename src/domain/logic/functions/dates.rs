//! Dates and times (`redcap-logic.md` §7 and §8). Dates are stored as Y-M-D, whatever is shown.

use super::{Call, Function};
use crate::domain::logic::error::{EvalError, Problem};
use crate::domain::logic::rules::Rules;
use crate::domain::logic::value::Value;
use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Span, ToSpan};

/// A unit of time with a fixed length: REDCap does not count calendar months and years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `y`: 365.2425 days.
    Year,
    /// `M`: 30.44 days.
    Month,
    /// `d`
    Day,
    /// `h`
    Hour,
    /// `m`
    Minute,
    /// `s`
    Second,
}

impl Unit {
    /// Reads a unit; case matters.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "y" => Self::Year,
            "M" => Self::Month,
            "d" => Self::Day,
            "h" => Self::Hour,
            "m" => Self::Minute,
            "s" => Self::Second,
            _ => return None,
        })
    }

    /// Its length.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Year => 365.2425 * 86_400.0,
            Self::Month => 30.44 * 86_400.0,
            Self::Day => 86_400.0,
            Self::Hour => 3_600.0,
            Self::Minute => 60.0,
            Self::Second => 1.0,
        }
    }
}

/// A stored date, date-time or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::logic) enum Moment {
    Date(Date),
    DateTime(DateTime),
    Time(Time),
}

impl Moment {
    /// Reads `YYYY-MM-DD`, `YYYY-MM-DD HH:MM[:SS]` or `HH:MM[:SS]`. What is no date is `None`.
    pub fn read(text: &str) -> Option<Self> {
        match text.split_once([' ', 'T']) {
            Some((date, time)) => {
                Some(Self::DateTime(DateTime::from_parts(read_date(date)?, read_time(time)?)))
            }
            None if text.contains(':') => read_time(text).map(Self::Time),
            None => read_date(text).map(Self::Date),
        }
    }

    /// The moment with a date as midnight; `None` for a time of day.
    pub fn date_time(self) -> Option<DateTime> {
        match self {
            Self::Date(date) => Some(date.to_datetime(Time::midnight())),
            Self::DateTime(moment) => Some(moment),
            Self::Time(_) => None,
        }
    }

    fn date(self) -> Option<Date> {
        self.date_time().map(DateTime::date)
    }
}

/// Digits of exactly this many places.
fn digits(text: &str, places: usize) -> Option<i16> {
    let good = text.len() == places && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

fn read_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let part = |text| digits(text, 2).and_then(|n| i8::try_from(n).ok());
    Date::new(digits(year, 4)?, part(month)?, part(day)?).ok()
}

fn read_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    if parts.next().is_some() {
        return None;
    }
    let part = |text| digits(text, 2).and_then(|n| i8::try_from(n).ok());
    Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()
}

/// The moment that an argument of a date function means; `today` and `now` are the caller's clock.
pub(in crate::domain::logic) fn moment(value: &Value<'_>, now: DateTime, rules: &Rules) -> Option<Moment> {
    let text = value.to_text(rules);
    match text.as_ref() {
        "today" => Some(Moment::Date(now.date())),
        "now" => Some(Moment::DateTime(now)),
        text => Moment::read(text),
    }
}

pub(super) fn call<'v>(
    function: Function,
    args: &[Value<'v>],
    call: &Call<'_>,
) -> Result<Value<'v>, EvalError> {
    let at = |i: usize| args.get(i).and_then(|value| moment(value, call.now, call.rules));
    let date = |i: usize| at(i).and_then(Moment::date);
    let whole = |number: Option<f64>| number.map_or(Value::Blank, Value::Number);
    Ok(match function {
        Function::Datediff => return datediff(args, at(0), at(1), call),
        Function::AgeAtDate => match (date(0), date(1)) {
            (Some(birth), Some(day)) => {
                Value::Number(age(birth, day, args.get(2).is_some_and(|v| is_yes(v, call.rules))))
            }
            _ => Value::Blank,
        },
        Function::DayOfTheWeek => whole(date(0).map(|d| d.weekday().to_monday_one_offset().into())),
        Function::Year => whole(date(0).map(|d| d.year().into())),
        Function::Month => whole(date(0).map(|d| d.month().into())),
        _ => whole(date(0).map(|d| d.day().into())),
    })
}

/// A flag at the end of a call: `true`, also in quotes.
fn is_yes(value: &Value<'_>, rules: &Rules) -> bool {
    match value {
        Value::Text(text) => text.eq_ignore_ascii_case("true"),
        other => other.is_true(rules),
    }
}

fn datediff<'v>(
    args: &[Value<'v>],
    from: Option<Moment>,
    to: Option<Moment>,
    call: &Call<'_>,
) -> Result<Value<'v>, EvalError> {
    let unit_text = args.get(2).map(|unit| unit.to_text(call.rules)).unwrap_or_default();
    let Some(unit) = Unit::read(&unit_text) else {
        return Err(Problem::UnknownUnit(unit_text.into_owned()).at(call.at));
    };
    // The fourth argument is the flag, or an old date format that is ignored before the flag.
    let signed = args.iter().skip(3).any(|value| is_yes(value, call.rules));
    let (Some(from), Some(to)) = (from, to) else { return Ok(Value::Blank) };
    let mixed =
        matches!((from, to), (Moment::Date(_), Moment::DateTime(_)) | (Moment::DateTime(_), Moment::Date(_)));
    if mixed && !call.rules.datediff_mixes_dates_and_times {
        return Ok(Value::Blank);
    }
    let between: SignedDuration = match (from, to) {
        (Moment::Time(from), Moment::Time(to)) => from.duration_until(to),
        _ => match (from.date_time(), to.date_time()) {
            (Some(from), Some(to)) => from.duration_until(to),
            _ => return Ok(Value::Blank),
        },
    };
    let amount = between.as_secs_f64() / unit.seconds();
    Ok(Value::number(if signed { amount } else { amount.abs() }))
}

/// Completed calendar years. With decimals: days over the documented length of a year, since the
/// reference does not say how REDCap gets them.
fn age(birth: Date, day: Date, decimals: bool) -> f64 {
    if decimals {
        return birth.duration_until(day).as_secs_f64() / Unit::Year.seconds();
    }
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    f64::from(day.year() - birth.year() - i16::from(!had_birthday))
}

/// Adds an amount of time to a moment, to the second (`@CALCDATE`, §8).
pub(in crate::domain::logic) fn shifted(
    from: DateTime,
    amount: f64,
    unit: Unit,
    by_calendar: bool,
) -> Option<DateTime> {
    if by_calendar && matches!(unit, Unit::Year | Unit::Month) && amount.fract().abs() <= 0.0 {
        let span = match unit {
            Unit::Year => Span::new().try_years(amount as i64),
            _ => Span::new().try_months(amount as i64),
        };
        return from.checked_add(span.ok()?).ok();
    }
    let seconds = (amount * unit.seconds()).round();
    // Beyond any date that can be stored, and within what an i64 holds.
    if seconds.abs() > 1e12 {
        return None;
    }
    from.checked_add((seconds as i64).seconds()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn only_stored_forms_are_dates() {
        for text in ["2024-02-29", "2024-01-01 08:30", "2024-01-01 08:30:10", "08:30", "23:59:59"] {
            assert!(Moment::read(text).is_some(), "{text}");
        }
        for text in [
            "",
            "2023-02-29",
            "01-02-2024",
            "2024-1-1",
            "24:00",
            "2024-01-01 8",
            "x",
            "2024-01-01-01",
            "+024-01-01",
        ] {
            assert!(Moment::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn shifting_uses_fixed_lengths() {
        let start = date(2024, 1, 31).at(0, 0, 0, 0);
        let shift = |amount, unit| shifted(start, amount, unit, false).unwrap().to_string();
        assert_eq!(shift(7.0, Unit::Day), "2024-02-07T00:00:00");
        assert_eq!(shift(-30.0, Unit::Day), "2024-01-01T00:00:00");
        assert_eq!(&shift(1.0, Unit::Month)[..10], "2024-03-01");
        assert_eq!(shift(1.0, Unit::Year), "2025-01-30T05:49:12");
        for by_calendar in [false, true] {
            assert_eq!(shifted(start, 1e300, Unit::Year, by_calendar), None);
        }
        let calendar = |amount, unit| shifted(start, amount, unit, true).map(DateTime::date);
        assert_eq!(calendar(1.0, Unit::Month), Some(date(2024, 2, 29)));
        assert_eq!(calendar(1.0, Unit::Year), Some(date(2025, 1, 31)));
        assert_eq!(calendar(1.0, Unit::Day), Some(date(2024, 2, 1)));
    }

    #[test]
    fn an_age_counts_birthdays() {
        assert_eq!(age(date(2010, 10, 14), date(2019, 10, 14), false).to_string(), "9");
        assert_eq!(age(date(2010, 10, 15), date(2019, 10, 14), false).to_string(), "8");
        assert_eq!(age(date(2000, 2, 29), date(2001, 2, 28), false).to_string(), "0");
    }
}
