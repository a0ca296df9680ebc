//! What a value of one column is: each distinct text is looked at once, however many rows have it.

use super::dates::{self, DateOrder, DateProof};
use super::finding::{Findings, Rule, Severity};
use super::fix::Fix;
use super::validation::{self, Comparable};
use crate::domain::choices::Choice;
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::logic::tags;
use crate::domain::project::ProjectInfo;
use crate::domain::text::{one_line, without_html};
use jiff::civil::DateTime;

/// The longest text that is surely taken (`redcap-validation.md` §2: up to 65,535 bytes, measured
/// as about 65,000 characters).
const LONGEST: usize = 65_000;

/// What is known of one distinct text of a column.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    /// The text that REDCap would store.
    pub stored: Box<str>,
    /// It cannot be sent.
    pub is_bad: bool,
    /// The rules it breaks, with their sentences.
    pub found: Vec<(Rule, u32)>,
}

/// A column with what is needed to look at its values.
pub(super) struct Checker<'m> {
    pub name: &'m str,
    kind: Kind<'m>,
    info: &'m ProjectInfo,
    limits: (Option<Comparable>, Option<Comparable>),
    limit_words: String,
    max_chars: Option<usize>,
    max_words: Option<usize>,
    no_missing: bool,
}

enum Kind<'m> {
    Choice(Vec<Choice>),
    Box,
    Status,
    Slider,
    Text(&'m str, Option<DateOrder>, DateProof),
    Sql,
}

impl<'m> Checker<'m> {
    /// For a field. `proof` is what the column tells about its dates.
    pub fn field(
        name: &'m str,
        field: &'m Field,
        proof: DateProof,
        info: &'m ProjectInfo,
        now: DateTime,
    ) -> Self {
        let validation = field.validation.as_str();
        let kind = match field.field_type {
            FieldType::Radio | FieldType::Dropdown | FieldType::YesNo | FieldType::TrueFalse => {
                Kind::Choice(field.choices())
            }
            FieldType::Slider => Kind::Slider,
            FieldType::Sql => Kind::Sql,
            FieldType::Text => Kind::Text(validation, proof.order(), proof),
            _ => Kind::Text("", None, DateProof::Nothing),
        };
        let limit = |text: &str| match text {
            "today" => validation::comparable(validation, &now.date().to_string()),
            "now" => validation::comparable(validation, &now.strftime("%Y-%m-%d %H:%M:%S").to_string()),
            text => validation::comparable(validation, text),
        };
        let limits = match kind {
            Kind::Slider => {
                let or = |text: &str, otherwise: f64| text.parse().unwrap_or(otherwise);
                (
                    Some(Comparable::Number(or(&field.validation_min, 0.0))),
                    Some(Comparable::Number(or(&field.validation_max, 100.0))),
                )
            }
            Kind::Text(..) => (limit(&field.validation_min), limit(&field.validation_max)),
            _ => (None, None),
        };
        let limit_words = match (&*field.validation_min, &*field.validation_max) {
            (min, max) if matches!(kind, Kind::Slider) => {
                let or = |text: &str, otherwise: &str| -> String {
                    if text.is_empty() { otherwise.into() } else { text.into() }
                };
                format!("outside {} to {}", or(min, "0"), or(max, "100"))
            }
            ("", "") => String::new(),
            (min, "") => format!("below {min}"),
            ("", max) => format!("above {max}"),
            (min, max) => format!("outside {min} to {max}"),
        };
        let tagged = |tag: &str| number_of_tag(&field.annotation, tag);
        let no_missing = tags::find(&field.annotation).iter().any(|t| t.name == "NOMISSING");
        Self {
            name,
            kind,
            info,
            limits,
            limit_words,
            max_chars: tagged("CHARLIMIT"),
            max_words: tagged("WORDLIMIT"),
            no_missing,
        }
    }

    /// For one choice of a checkbox.
    pub fn checkbox(name: &'m str, info: &'m ProjectInfo) -> Self {
        Self::plain(name, Kind::Box, info)
    }

    /// For a form status.
    pub fn status(name: &'m str, info: &'m ProjectInfo) -> Self {
        Self::plain(name, Kind::Status, info)
    }

    fn plain(name: &'m str, kind: Kind<'m>, info: &'m ProjectInfo) -> Self {
        Self {
            name,
            kind,
            info,
            limits: (None, None),
            limit_words: String::new(),
            max_chars: None,
            max_words: None,
            no_missing: false,
        }
    }

    /// Looks at a text that is not blank.
    pub fn check(&self, text: &str, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::default();
        let mut waits = false;
        let mut tell = |rule: Rule, what: String, fix: Option<Fix>| {
            verdict.is_bad |= matches!(rule.severity(), Severity::Refused | Severity::Stopped);
            verdict.found.push((rule, findings.why(what, fix)));
        };
        let fix = |to: &str, sure| {
            Some(Fix::Value { column: self.name.to_owned(), from: text.to_owned(), to: to.to_owned(), sure })
        };
        let shown = one_line(text);
        let is_free = matches!(&self.kind, Kind::Text("", ..));
        let trimmed = text.trim_matches([' ', '\t']);
        let value = if is_free { text } else { trimmed };
        if text.contains(is_invisible) {
            let clean: String = text.replace(is_invisible, " ").trim().to_owned();
            let what = format!("The value has {}.", invisible_names(text));
            tell(Rule::HiddenCharacters, what, fix(&clean, false));
        } else if trimmed.len() != text.len() {
            tell(Rule::OuterBlanks, "The value begins or ends with a blank.".into(), fix(trimmed, false));
        }
        let mut stored = value.to_owned();
        let is_code = self.info.missing_data_codes.iter().any(|c| c.code == value);
        match &self.kind {
            Kind::Status if matches!(value, "0" | "1" | "2") => {}
            Kind::Status => {
                tell(Rule::BadStatus, format!("\"{shown}\" is no form status."), self.status_fix(text));
            }
            Kind::Box if matches!(value, "0" | "1") => {}
            Kind::Box => {
                tell(Rule::BadCheckbox, format!("\"{shown}\" is not 0 or 1."), self.yes_no_fix(text));
            }
            _ if is_code => {
                if self.no_missing {
                    tell(Rule::NoMissingCodes, format!("{shown} is a missing data code."), None);
                }
            }
            Kind::Sql => tell(
                Rule::NotChecked,
                "The choices of this field come from a query of the server.".into(),
                None,
            ),
            Kind::Choice(choices) => match choices.iter().find(|c| c.code == value) {
                Some(_) => {
                    let other = choices.iter().find(|c| c.code != value && without_html(&c.label) == value);
                    if let Some(other) = other {
                        let what = format!(
                            "{value} is kept as the code {}. The code {} has the label \"{value}\".",
                            described(choices, value),
                            other.code
                        );
                        tell(Rule::LabelIsCode, what, fix(&other.code, false));
                    }
                }
                None => {
                    let what = format!("\"{shown}\" is not one of {}.", listed(choices));
                    tell(Rule::BadCode, what, self.code_fix(text, choices));
                }
            },
            Kind::Slider => {
                let number = value.parse::<i64>().ok().map(|n| Comparable::Number(n as f64));
                match number {
                    None => tell(
                        Rule::BadFormat,
                        format!("\"{shown}\" is not a whole number."),
                        point_zero(value).and_then(|to| fix(&to, true)),
                    ),
                    Some(n) if self.is_outside(&n) => {
                        tell(Rule::OutOfSlider, format!("{shown} is {}.", self.limit_words), None);
                    }
                    Some(_) => {}
                }
            }
            Kind::Text(kind, order, proof) => {
                if value.len() > LONGEST {
                    let what = format!("The text has {} characters.", value.chars().count());
                    tell(Rule::TooLong, what, None);
                }
                if kind.is_empty() && has_exponent(value) {
                    tell(Rule::LostDigits, format!("\"{shown}\" was written by a spreadsheet."), None);
                }
                match (validation::is_date(kind), order) {
                    // Told once, for the whole column.
                    (true, None) if dates_could_be_read(kind, value) => waits = true,
                    _ => match validation::stored(kind, value, order.unwrap_or(DateOrder::Ymd)) {
                        None if validation::is_date(kind) => {
                            let (what, to) = date_hint(kind, value, *proof);
                            tell(Rule::BadDate, what, to.and_then(|to| fix(&to, false)));
                        }
                        None => {
                            let what = format!("\"{shown}\" is not {}.", validation::expected(kind));
                            let to = self.format_fix(kind, value);
                            tell(Rule::BadFormat, what, to.and_then(|(to, sure)| fix(&to, sure)));
                        }
                        Some(text) => {
                            stored = text;
                            let compared = validation::comparable(kind, &stored);
                            if compared.is_some_and(|c| self.is_outside(&c)) {
                                let invented = !self.info.missing_data_codes.is_empty()
                                    && value.strip_prefix('-').is_some_and(|n| {
                                        !n.is_empty() && n.bytes().all(|b| matches!(b, b'8' | b'9'))
                                    });
                                let rule = if invented { Rule::InventedCode } else { Rule::OutOfRange };
                                tell(rule, format!("{shown} is {}.", self.limit_words), None);
                            }
                        }
                    },
                }
                if self.max_chars.is_some_and(|n| value.chars().count() > n)
                    || self.max_words.is_some_and(|n| value.split_whitespace().count() > n)
                {
                    tell(Rule::OverLimit, "The text is longer than the field's limit.".into(), None);
                }
            }
        }
        verdict.is_bad |= waits;
        verdict.stored = stored.into();
        verdict
    }

    fn is_outside(&self, value: &Comparable) -> bool {
        let (min, max) = &self.limits;
        // A date without a time is compared with the day of a limit only.
        let cut = |limit: &Comparable| match (limit, value) {
            (Comparable::Text(limit), Comparable::Text(value)) if limit.len() > value.len() => {
                Comparable::Text(limit.chars().take(value.chars().count()).collect())
            }
            _ => limit.clone(),
        };
        min.as_ref().is_some_and(|min| *value < cut(min)) || max.as_ref().is_some_and(|max| *value > cut(max))
    }

    fn value_fix(&self, from: &str, to: &str, sure: bool) -> Fix {
        Fix::Value { column: self.name.to_owned(), from: from.to_owned(), to: to.to_owned(), sure }
    }

    /// A code that a text probably means. A label is a suggestion only: labels and codes overlap.
    fn code_fix(&self, text: &str, choices: &[Choice]) -> Option<Fix> {
        let value = text.trim().trim_matches(is_invisible);
        if let Some(to) = point_zero(value).filter(|to| choices.iter().any(|c| c.code == *to)) {
            return Some(self.value_fix(text, &to, true));
        }
        let lower = value.to_lowercase();
        let by_label: Vec<&Choice> =
            choices.iter().filter(|c| without_html(&c.label).to_lowercase() == lower).collect();
        if let [one] = by_label.as_slice() {
            return Some(self.value_fix(text, &one.code, false));
        }
        let bare = value.trim_start_matches('0');
        let same = |c: &&Choice| c.code.to_lowercase() == lower || (!bare.is_empty() && c.code == bare);
        let by_code: Vec<&Choice> = choices.iter().filter(same).collect();
        if let [one] = by_code.as_slice() {
            return Some(self.value_fix(text, &one.code, false));
        }
        let is_yes_no = choices.len() == 2 && choices.iter().all(|c| matches!(&*c.code, "0" | "1"));
        if is_yes_no { self.yes_no_fix(text) } else { self.missing_fix(text) }
    }

    fn yes_no_fix(&self, text: &str) -> Option<Fix> {
        let value = text.trim();
        if let Some(to) = point_zero(value).filter(|to| matches!(&**to, "0" | "1")) {
            return Some(self.value_fix(text, &to, true));
        }
        let to = match &*value.to_lowercase() {
            "true" | "yes" | "y" | "x" | "checked" => "1",
            "false" | "no" | "n" | "unchecked" => "0",
            _ => return None,
        };
        Some(self.value_fix(text, to, false))
    }

    fn status_fix(&self, text: &str) -> Option<Fix> {
        let value = text.trim();
        if let Some(to) = point_zero(value).filter(|to| matches!(&**to, "0" | "1" | "2")) {
            return Some(self.value_fix(text, &to, true));
        }
        let to = match &*value.to_lowercase() {
            "incomplete" => "0",
            "unverified" => "1",
            "complete" => "2",
            _ => return None,
        };
        Some(self.value_fix(text, to, false))
    }

    /// A missing data code in another case.
    fn missing_fix(&self, text: &str) -> Option<Fix> {
        let value = text.trim();
        let code = self.info.missing_data_codes.iter().find(|c| c.code.eq_ignore_ascii_case(value))?;
        Some(self.value_fix(text, &code.code, false))
    }

    /// A value in the form that a validation takes, and whether it can only be meant so.
    fn format_fix(&self, kind: &str, value: &str) -> Option<(String, bool)> {
        if let Some(Fix::Value { to, .. }) = self.missing_fix(value) {
            return Some((to, false));
        }
        let mut tries: Vec<(String, bool)> = Vec::new();
        if let Some(whole) = point_zero(value) {
            tries.push((whole, kind == "integer"));
        }
        // 1,000 may be a thousand or one; one comma with other than three digits is a decimal.
        if let Some((whole, decimals)) = value.split_once(',')
            && decimals.len() != 3
            && !decimals.contains([',', '.'])
        {
            tries.push((format!("{whole}.{decimals}"), false));
        }
        if kind.ends_with("comma_decimal") {
            tries.push((value.replace('.', ","), false));
        }
        for (decimals, zeros) in [("1dp", "0"), ("2dp", "00"), ("3dp", "000"), ("4dp", "0000")] {
            if kind.contains(decimals) && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
                let point = if kind.ends_with("comma_decimal") { ',' } else { '.' };
                tries.push((format!("{value}{point}{zeros}"), false));
            }
        }
        tries.push((value.replace(is_invisible, ""), false));
        tries.into_iter().find(|(t, _)| validation::stored(kind, t, DateOrder::Ymd).is_some())
    }
}

/// `1.0` and `1.00` without their decimals.
fn point_zero(value: &str) -> Option<String> {
    let (whole, zeros) = value.split_once('.')?;
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let fits = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !zeros.is_empty()
        && zeros.bytes().all(|b| b == b'0');
    fits.then(|| whole.to_owned())
}

/// Whether a spreadsheet shortened a long number: `1.2345E+04`.
pub(super) fn has_exponent(value: &str) -> bool {
    let Some((mantissa, exponent)) = value.split_once(['E', 'e']) else { return false };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.strip_prefix('+');
    exponent.is_some_and(digits)
        && mantissa.split_once('.').map_or(digits(mantissa), |(a, b)| digits(a) && digits(b))
}

/// A character that is there and cannot be seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}' | '\u{ad}')
        || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn invisible_names(text: &str) -> String {
    let mut names: Vec<String> = text
        .chars()
        .filter(|c| is_invisible(*c))
        .map(|c| match c {
            '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
            '\u{feff}' => "a byte order mark (U+FEFF)".to_owned(),
            c => format!("U+{:04X}", u32::from(c)),
        })
        .collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

fn described(choices: &[Choice], code: &str) -> String {
    let label = choices.iter().find(|c| c.code == code).map_or("", |c| c.label.as_str());
    format!("{code} (\"{}\")", one_line(&without_html(label)))
}

/// The choices for a sentence: codes with labels, or only codes where there are many.
fn listed(choices: &[Choice]) -> String {
    let shown: Vec<String> = if choices.len() <= 5 {
        choices.iter().map(Choice::whole).collect()
    } else {
        choices.iter().take(12).map(|c| c.code.clone()).collect()
    };
    let more = if choices.len() > 12 { ", ..." } else { "" };
    format!("the choices {}{more}", shown.join(", "))
}

/// Whether a value is a date that only waits for its order.
fn dates_could_be_read(kind: &str, value: &str) -> bool {
    [DateOrder::Ymd, DateOrder::Mdy, DateOrder::Dmy]
        .into_iter()
        .any(|order| validation::stored(kind, value, order).is_some())
}

/// What is wrong with a date, and what it probably means.
fn date_hint(kind: &str, value: &str, proof: DateProof) -> (String, Option<String>) {
    let shown = one_line(value);
    if let Some(date) = dates::of_serial(value).filter(|_| kind.starts_with("date_")) {
        let date = date.to_string();
        return (format!("{shown} is the day number of a spreadsheet: {date}."), Some(date));
    }
    let as_stored = |text: &str| validation::stored(kind, text, proof.order().unwrap_or(DateOrder::Ymd));
    if let Some(date) = as_stored(&value.replacen('T', " ", 1)) {
        return (format!("\"{shown}\" has a T between day and time; REDCap takes a blank."), Some(date));
    }
    let dotted = value.replacen('.', "/", 2);
    if dotted != value
        && let Some(date) = validation::stored(kind, &dotted, DateOrder::Dmy)
    {
        return (format!("\"{shown}\" has dots; REDCap takes - or /."), Some(date));
    }
    if kind.starts_with("date_")
        && let Some((day, clock)) = value.split_once([' ', 'T'])
        && clock.bytes().all(|b| matches!(b, b'0' | b':' | b'.'))
        && let Some(date) = as_stored(day)
    {
        return (format!("\"{shown}\" has a time, the field is a date."), Some(date));
    }
    let is_day = kind.starts_with("date_") && !value.contains([' ', 'T']);
    if dates::has_form(value) && (is_day || dates::written(value).is_none()) {
        let order = proof.order().map_or(String::new(), |o| format!(", read as {}", o.as_str()));
        return (format!("\"{shown}\" is not in the calendar{order}."), None);
    }
    (format!("\"{shown}\" is not {}.", validation::expected(kind)), None)
}

/// The number of a tag such as `@CHARLIMIT=20`.
pub(super) fn number_of_tag(annotation: &str, tag: &str) -> Option<usize> {
    text_of_tag(annotation, tag)?.parse().ok()
}

/// The text of a tag such as `@NONEOFTHEABOVE='98,99'`.
pub(super) fn text_of_tag<'a>(annotation: &'a str, tag: &str) -> Option<&'a str> {
    let found = tags::find(annotation).into_iter().find(|t| t.name == tag)?;
    let after =
        annotation.get(found.at.start + 1 + tag.len()..)?.trim_start().strip_prefix('=')?.trim_start();
    match after.chars().next()? {
        mark @ ('\'' | '"') => after.get(1..)?.split(mark).next(),
        _ => after.split_whitespace().next(),
    }
}
