//! Rule D: values below the minimum or above the maximum (`redcap-validation.md` §4).

use super::batch::At;
use super::finding::{Limit, Note};
use super::run::Hit;
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::logic::{Logic, Project, parse, parse_number};
use jiff::civil::{Date, DateTime, Time};

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Number,
    CommaNumber,
    Date,
    DateTime,
    Time,
    /// `MM:SS`
    MinutesSeconds,
}

/// How a field's values are compared; `None` for fields without a range.
pub(super) fn class(field: &Field) -> Option<Class> {
    if field.field_type == FieldType::Slider {
        return Some(Class::Number);
    }
    if field.field_type != FieldType::Text {
        return None;
    }
    let kind = field.validation.as_str();
    let class = match kind {
        "integer" => Class::Number,
        "time" | "time_hh_mm_ss" => Class::Time,
        "time_mm_ss" => Class::MinutesSeconds,
        _ if kind.ends_with("comma_decimal") => Class::CommaNumber,
        _ if kind.starts_with("number") => Class::Number,
        _ if kind.starts_with("datetime_") => Class::DateTime,
        _ if kind.starts_with("date_") => Class::Date,
        _ => return None,
    };
    let has_limit = !(field.validation_min.trim().is_empty() && field.validation_max.trim().is_empty());
    has_limit.then_some(class)
}

/// The fields that a field's limits refer to.
pub(super) fn references(field: &Field) -> Vec<String> {
    [&field.validation_min, &field.validation_max]
        .into_iter()
        .filter(|text| text.contains('['))
        .filter_map(|text| parse(text).ok())
        .flat_map(|logic| logic.fields().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// The two limits of a field.
pub(super) struct Range {
    class: Class,
    low: Option<Bound>,
    high: Option<Bound>,
}

/// A limit: a constant with its place in the order, or a field that gives one.
enum Bound {
    Fixed { text: String, order: f64 },
    Field { logic: Logic, personal: bool },
}

impl Range {
    /// The range of a field, and what to say of its limits.
    pub fn new(field: &Field, project: &Project<'_>, now: DateTime) -> Option<(Self, Vec<String>)> {
        let class = class(field)?;
        let is_slider = field.field_type == FieldType::Slider;
        let mut remarks = Vec::new();
        let mut bound = |text: &str, default: &str| {
            let text = if text.trim().is_empty() && is_slider { default } else { text.trim() };
            let (bound, remark) = read(text, class, project, now);
            remarks.extend(remark.map(|remark| format!("{}: {remark}", field.name)));
            bound
        };
        let low = bound(&field.validation_min, "0");
        let high = bound(&field.validation_max, "100");
        Some((Self { class, low, high }, remarks))
    }

    /// Both ends are allowed. What does not fit the type is rule C's, and missing data codes are
    /// no values.
    pub fn check(&self, at: &At<'_>) -> Option<Hit> {
        let value = order(self.class, at.value())?;
        if at.is_missing_code() {
            return None;
        }
        if let Some((bound, limit)) = self.low.as_ref().and_then(|b| self.limit(b, at))
            && value < bound
        {
            return Some(Hit::plain(Note::Below(limit)));
        }
        let (bound, limit) = self.high.as_ref().and_then(|b| self.limit(b, at))?;
        (value > bound).then(|| Hit::plain(Note::Above(limit)))
    }

    /// The limit at a place. A field that is blank there or does not fit gives none.
    fn limit(&self, bound: &Bound, at: &At<'_>) -> Option<(f64, Limit)> {
        match bound {
            Bound::Fixed { text, order } => {
                Some((*order, Limit { text: text.clone(), from_data: false, personal: false }))
            }
            Bound::Field { logic, personal } => {
                let rules = at.batch.rules;
                let text = at.batch.at(at.row, &at.checked.field.form, |context| {
                    logic.eval(context, rules).map(|value| value.to_text(rules).into_owned())
                });
                let text = text.ok()?;
                Some((order(self.class, &text)?, Limit { text, from_data: true, personal: *personal }))
            }
        }
    }
}

/// Reads a limit, with a remark where it cannot be used or is written in an old form.
fn read(text: &str, class: Class, project: &Project<'_>, now: DateTime) -> (Option<Bound>, Option<String>) {
    if text.is_empty() {
        return (None, None);
    }
    let fixed = |order| Some(Bound::Fixed { text: text.to_owned(), order });
    if text.contains('[') {
        let Ok(logic) = parse(text) else {
            return (None, Some(format!("its limit {text} cannot be read, so there is none.")));
        };
        let personal = logic.fields().filter_map(|name| project.field(name)).any(|f| f.identifier);
        return (Some(Bound::Field { logic, personal }), None);
    }
    let moment = match text.to_ascii_lowercase().as_str() {
        "today" => Some(now.date().at(0, 0, 0, 0)),
        "now" => Some(now),
        _ => None,
    };
    if let Some(moment) = moment {
        // A date is compared with the date part of `now`.
        let order = match class {
            Class::Date => seconds(moment.date().at(0, 0, 0, 0)),
            Class::DateTime => seconds(moment),
            Class::Time => time_order(moment.time()),
            _ => return (None, Some(format!("its limit {text} is no number, so there is none."))),
        };
        return (fixed(order), None);
    }
    if let Some(order) = order(class, text) {
        return (fixed(order), None);
    }
    // Older dictionaries hold M/D/Y.
    if let Some(order) = year_first(text).and_then(|text| order(class, &text)) {
        return (fixed(order), Some(format!("its limit {text} is taken as month/day/year.")));
    }
    (None, Some(format!("its limit {text} does not fit its type, so there is none.")))
}

/// `12/31/2024 ...` as `2024-12-31 ...`.
fn year_first(text: &str) -> Option<String> {
    let (day, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
    let mut parts = day.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && year.len() == 4).then(|| format!("{year}-{month:0>2}-{day:0>2}{rest}"))
}

/// The place of a value in the order of its class; `None` if it is none of the class.
fn order(class: Class, text: &str) -> Option<f64> {
    match class {
        Class::Number => parse_number(text),
        // A limit may be written with a point as well (§4).
        Class::CommaNumber => parse_number(&text.replace(',', ".")),
        Class::Date => date(text.get(..10)?).map(|d| seconds(d.at(0, 0, 0, 0))),
        Class::DateTime => {
            let day = date(text.get(..10)?)?;
            let time = match text.get(10..)? {
                "" => Time::midnight(),
                clock => time(clock.strip_prefix(' ')?)?,
            };
            Some(seconds(day.to_datetime(time)))
        }
        Class::Time => time(text).map(time_order),
        Class::MinutesSeconds => {
            let (minutes, seconds) = text.split_once(':')?;
            Some(digits(minutes)? * 60.0 + digits(seconds)?)
        }
    }
}

fn digits(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let shaped = parts.next().is_none() && (year.len(), month.len(), day.len()) == (4, 2, 2);
    if shaped { Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok() } else { None }
}

fn time(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| digits(part).map(|n| n as i8));
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() { None } else { Time::new(hour, minute, second, 0).ok() }
}

fn time_order(time: Time) -> f64 {
    f64::from(time.hour()) * 3600.0 + f64::from(time.minute()) * 60.0 + f64::from(time.second())
}

/// Seconds since a fixed moment, exact for every year that a date can have.
fn seconds(moment: DateTime) -> f64 {
    moment.duration_since(jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0)).as_secs_f64()
}
