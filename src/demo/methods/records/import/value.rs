//! The checks of one value (`redcap-validation.md` §2, §3, §9).

use super::columns::{Column, Target};
use crate::demo::behaviour::Behaviour;
use crate::demo::model::project::Project;
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::logic::tags;
use crate::domain::validation::{self, DateRules};
use std::borrow::Cow;

/// The verdict on a value.
#[derive(Debug)]
pub enum Checked<'t> {
    /// What is stored. An unticked box is a blank.
    Store(Cow<'t, str>),
    /// Why it is refused.
    Refuse(String),
}

/// The words for a value that does not fit its validation type.
const WRONG_FORMAT: &str = "The value you provided could not be validated because it does not follow the expected format. Please try again.";

/// A text without the outer characters that PHP takes for blank.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\0', '\u{b}'])
}

/// Checks a value that is not blank.
pub fn check<'t>(
    text: &'t str,
    column: &Column,
    project: &Project,
    behaviour: &Behaviour,
    dates: DateRules,
) -> Checked<'t> {
    // Free text is stored as it came: real projects hold texts that end in a blank.
    let is_free = match &column.target {
        Target::Value(at) => project.dictionary.fields().get(*at).is_some_and(|f| match f.field_type {
            FieldType::Text => f.validation.is_empty(),
            FieldType::Notes => true,
            _ => false,
        }),
        _ => false,
    };
    let text = if behaviour.import.trim_values && !is_free { trimmed(text) } else { text };
    let no_category = || Checked::Refuse(format!("The value is not a valid category for {}", column.name));
    match &column.target {
        Target::Box(_) => match text {
            "1" => Checked::Store(Cow::Borrowed("1")),
            "0" => Checked::Store(Cow::Borrowed("")),
            _ => no_category(),
        },
        Target::Status if matches!(text, "0" | "1" | "2") => Checked::Store(Cow::Borrowed(text)),
        Target::Status => no_category(),
        Target::Value(at) => match project.dictionary.fields().get(*at) {
            Some(field) => of_field(text, field, project, behaviour, dates, no_category),
            None => Checked::Store(Cow::Borrowed(text)),
        },
        _ => Checked::Store(Cow::Borrowed("")),
    }
}

fn of_field<'t>(
    text: &'t str,
    field: &Field,
    project: &Project,
    behaviour: &Behaviour,
    dates: DateRules,
    no_category: impl Fn() -> Checked<'t>,
) -> Checked<'t> {
    let wrong = || Checked::Refuse(WRONG_FORMAT.to_owned());
    let is_missing_code = project.info.missing_data_codes.iter().any(|c| c.code == text);
    // A code of the project stands for any value, unless the field does not offer codes (§7).
    if is_missing_code && !tags::find(&field.annotation).iter().any(|tag| tag.name == "NOMISSING") {
        return Checked::Store(Cow::Borrowed(text));
    }
    if text.len() > behaviour.import.longest_text {
        // The words are ours: they are not attested.
        return Checked::Refuse(format!(
            "The value is too long: {} bytes. A field can hold {}.",
            text.len(),
            behaviour.import.longest_text
        ));
    }
    match field.field_type {
        FieldType::Radio | FieldType::Dropdown | FieldType::YesNo | FieldType::TrueFalse => {
            // Codes are compared literally: `01` is not `1`.
            if field.choices().iter().any(|c| c.code == text) {
                Checked::Store(Cow::Borrowed(text))
            } else {
                no_category()
            }
        }
        FieldType::Slider => {
            let Ok(number) = text.parse::<i64>() else { return wrong() };
            let (least, most) = slider_range(field);
            if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
                // The words are ours: those of the range of a slider are not attested.
                let shown = |bound: Option<i64>| bound.map_or_else(String::new, |b| b.to_string());
                return Checked::Refuse(format!(
                    "The value you provided must be within the range of the slider ({} - {}).",
                    shown(least),
                    shown(most)
                ));
            }
            Checked::Store(Cow::Borrowed(text))
        }
        FieldType::Text => {
            let is_number = field.validation == "number" && behaviour.import.number_with_trailing_point;
            let shown = text.strip_suffix('.').filter(|_| is_number).unwrap_or(text);
            match validation::stored(&field.validation, shown, dates) {
                Some(stored) if stored == shown => Checked::Store(Cow::Borrowed(text)),
                Some(stored) => Checked::Store(Cow::Owned(stored)),
                None => wrong(),
            }
        }
        // The rows of an `sql` query are not known here, so any code may be one of them.
        _ => Checked::Store(Cow::Borrowed(text)),
    }
}

/// The range of a slider, 0 to 100 by default. A bound that is no number is none (§4).
fn slider_range(field: &Field) -> (Option<i64>, Option<i64>) {
    let bound = |text: &str, default: i64| {
        if text.trim().is_empty() { Some(default) } else { text.trim().parse().ok() }
    };
    (bound(&field.validation_min, 0), bound(&field.validation_max, 100))
}
