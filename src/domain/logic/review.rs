//! What is wrong or doubtful in the logic of a data dictionary, field by field.

use super::cycles::calculation_cycles;
use super::error::LogicError;
use super::lint::{Lint, Purpose, Severity};
use super::project::Project;
use super::tags::{self, Computed};
use super::{Logic, parse};
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::project::Metadata;
use std::collections::HashMap;

/// One finding about the logic of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where it stands, in REDCap's words: `Branching logic`, `Calculation`, `@CALCTEXT` or `@CALCDATE`.
    pub place: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The part of the text that is meant; may be empty.
    pub part: String,
    /// What it is, as a sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// The findings of each field that has any, by its name.
pub type Review = HashMap<String, Vec<Finding>>;

/// Reads the logic of all fields. Mistakes stand before what is only doubtful.
///
/// Hints are left out: they are about style, and would hide what matters.
pub fn review(metadata: &Metadata) -> Review {
    let project = Project::new(metadata);
    let mut review = Review::new();
    for field in metadata.dictionary.fields() {
        let mut findings = of_field(field, &project);
        findings.retain(|f| f.severity > Severity::Hint);
        if !findings.is_empty() {
            review.insert(field.name.clone(), findings);
        }
    }
    for circle in calculation_cycles(&metadata.dictionary) {
        for name in &circle {
            review.entry(name.clone()).or_default().push(Finding {
                place: "Calculation",
                severity: Severity::Error,
                part: String::new(),
                message: format!("These fields are calculated from each other: {}.", circle.join(", ")),
                hint: "REDCap does not prevent it, and the values never settle.".to_owned(),
            });
        }
    }
    for findings in review.values_mut() {
        findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    }
    review
}

fn of_field(field: &Field, project: &Project<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let name = field.name.as_str();
    let branching = &field.branching_logic;
    check(
        "Branching logic",
        branching,
        parse(branching),
        project,
        Purpose::Branching { field: name },
        &mut found,
    );
    if parse(branching).is_ok_and(|logic| logic.is_never_true(project)) {
        found.push(Finding {
            place: "Branching logic",
            severity: Severity::Warning,
            part: String::new(),
            message: "The field is never shown: nothing can make this true.".to_owned(),
            hint: "Look for codes that do not exist, and for parts that exclude each other.".to_owned(),
        });
    }
    if field.field_type == FieldType::Calc {
        let text = &field.choices_or_calculations;
        check("Calculation", text, parse(text), project, Purpose::Calculation { field: name }, &mut found);
    }
    let place = if field.annotation.contains("@CALCTEXT") { "@CALCTEXT" } else { "@CALCDATE" };
    let purpose = Purpose::CalcText { field: name };
    match tags::computed(&field.annotation) {
        None => {}
        Some(Err(error)) => found.push(mistake(place, &field.annotation, error)),
        Some(Ok(Computed::Text(logic))) => {
            let text = logic.text().to_owned();
            check(place, &text, Ok(logic), project, purpose, &mut found);
        }
        Some(Ok(Computed::Date(date))) => {
            for logic in [date.source, date.offset] {
                let text = logic.text().to_owned();
                check(place, &text, Ok(logic), project, purpose, &mut found);
            }
        }
    }
    found
}

fn check(
    place: &'static str,
    text: &str,
    logic: Result<Logic, LogicError>,
    project: &Project<'_>,
    purpose: Purpose<'_>,
    found: &mut Vec<Finding>,
) {
    match logic {
        Err(error) => found.push(mistake(place, text, error)),
        Ok(logic) => found.extend(logic.lint(project, purpose).into_iter().map(|lint| {
            let Lint { at, severity, message, hint, .. } = lint;
            Finding { place, severity, part: part(text, at), message, hint }
        })),
    }
}

fn mistake(place: &'static str, text: &str, error: LogicError) -> Finding {
    let part = part(text, error.at);
    Finding { place, severity: Severity::Error, part, message: error.message, hint: error.hint }
}

fn part(text: &str, at: std::ops::Range<usize>) -> String {
    text.get(at).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::Dictionary;

    fn field(name: &str, kind: FieldType) -> Field {
        Field { field_type: kind, ..Field::new(name, "base") }
    }

    /// The findings of one field as `severity place: part`.
    fn said(fields: Vec<Field>, name: &str) -> Vec<String> {
        let metadata = Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() };
        let findings = review(&metadata).remove(name).unwrap_or_default();
        findings.iter().map(|f| format!("{:?} {}: {}", f.severity, f.place, f.part)).collect()
    }

    #[test]
    fn each_place_of_logic_is_read_and_good_logic_is_silent() {
        let weight = || field("weight", FieldType::Text);
        let with = |change: &dyn Fn(&mut Field)| {
            let mut f = field("x", FieldType::Text);
            change(&mut f);
            said(vec![field("record_id", FieldType::Text), weight(), f], "x")
        };
        for (what, change, expected) in [
            ("nothing", &(|_: &mut Field| ()) as &dyn Fn(&mut Field), vec![]),
            ("good", &|f: &mut Field| f.branching_logic = "[weight] = '1'".into(), vec![]),
            (
                "an unknown field",
                &|f: &mut Field| f.branching_logic = "[wieght] = '1'".into(),
                vec!["Error Branching logic: [wieght]"],
            ),
            (
                "never true",
                &|f: &mut Field| f.branching_logic = "[weight] = '1' and [weight] = '2'".into(),
                vec!["Warning Branching logic: "],
            ),
            (
                "a calculation that cannot be read",
                &|f: &mut Field| {
                    f.field_type = FieldType::Calc;
                    f.choices_or_calculations = "([weight]".into();
                },
                vec!["Error Calculation: ("],
            ),
            (
                "choices are no calculation",
                &|f: &mut Field| {
                    f.field_type = FieldType::Radio;
                    f.choices_or_calculations = "1, [wieght]".into();
                },
                vec![],
            ),
            (
                "a tag",
                &|f: &mut Field| f.annotation = "@CALCTEXT([wieght])".into(),
                vec!["Error @CALCTEXT: [wieght]"],
            ),
            (
                "a date tag",
                &|f: &mut Field| f.annotation = "@CALCDATE([wieght], 7, 'd')".into(),
                vec!["Error @CALCDATE: [wieght]"],
            ),
        ] {
            assert_eq!(with(change), expected, "{what}");
        }
    }

    #[test]
    fn fields_calculated_from_each_other_are_named() {
        let calc = |name: &str, text: &str| {
            let mut f = field(name, FieldType::Calc);
            f.choices_or_calculations = text.into();
            f
        };
        let fields = vec![field("record_id", FieldType::Text), calc("a", "[b]+1"), calc("b", "[a]+1")];
        let metadata = Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() };
        let review = review(&metadata);
        for name in ["a", "b"] {
            assert!(review[name].iter().any(|f| f.message.contains("calculated from each other")), "{name}");
        }
    }
}
