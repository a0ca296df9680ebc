//! Rule E: numbers more than two standard deviations from the mean of their field.
//!
//! Only fields validated as `integer` or `number`, sliders and calculations count; the spread is
//! the sample standard deviation over all records, events and instances of the field pooled
//! (`redcap-validation.md` §11, where both are marked as derived or unsure).

use super::batch::At;
use super::finding::{Finding, Note, RuleReport};
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::logic::parse_number;
use crate::domain::record::RowKey;
use indexmap::IndexSet;

/// Whether a field is one of those that the rule tests.
pub(super) fn is_numerical(field: &Field) -> bool {
    match field.field_type {
        FieldType::Calc | FieldType::Slider => true,
        FieldType::Text => matches!(field.validation.as_str(), "integer" | "number"),
        _ => false,
    }
}

/// The numbers seen so far: twenty bytes and the distinct names are all that is kept of a value.
#[derive(Default)]
pub(super) struct Numbers {
    fields: Vec<OfField>,
    names: IndexSet<Box<str>>,
}

#[derive(Default)]
struct OfField {
    name: String,
    values: Vec<f64>,
    /// Record, event and instrument as numbers of names, and the instance; 0 is none.
    places: Vec<[u32; 4]>,
}

impl Numbers {
    /// Room for the fields with these names; others stay empty.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let fields = names.map(|name| OfField { name: name.to_owned(), ..OfField::default() }).collect();
        Self { fields, names: IndexSet::new() }
    }

    /// Takes a value in. Missing data codes are no measurements and are left out.
    pub fn take(&mut self, field: usize, at: &At<'_>) {
        let Some(number) = parse_number(at.value()).filter(|_| !at.is_missing_code()) else { return };
        let key = at.batch.key(at.row);
        let mut name = |text: String| self.names.insert_full(text.into()).0 as u32;
        let place = [name(key.record), name(key.event), name(key.instrument), key.instance.unwrap_or(0)];
        if let Some(of_field) = self.fields.get_mut(field) {
            of_field.values.push(number);
            of_field.places.push(place);
        }
    }

    /// Reports the outliers of all fields.
    pub fn report(self, report: &mut RuleReport, kept: usize) {
        let text =
            |name: u32| self.names.get_index(name as usize).map(ToString::to_string).unwrap_or_default();
        for field in &self.fields {
            let Some((mean, deviation)) = spread(&field.values) else { continue };
            for (value, [record, event, instrument, instance]) in field.values.iter().zip(&field.places) {
                if (value - mean).abs() <= 2.0 * deviation {
                    continue;
                }
                report.found += 1;
                if report.findings.len() < kept {
                    report.findings.push(Finding {
                        place: RowKey {
                            record: text(*record),
                            event: text(*event),
                            instrument: text(*instrument),
                            instance: (*instance > 0).then_some(*instance),
                        },
                        field: field.name.clone(),
                        value: crate::domain::logic::number_text(*value, None),
                        note: Note::Outlier { mean, deviation, n: field.values.len() },
                        depends_on_blanks: false,
                    });
                }
            }
        }
    }
}

/// Mean and sample standard deviation; `None` for fewer than two values. One pass that does not
/// lose digits (Welford).
fn spread(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let (mut mean, mut squares) = (0.0, 0.0);
    for (value, n) in values.iter().zip(1_u32..) {
        let from_old = value - mean;
        mean += from_old / f64::from(n);
        squares += from_old * (value - mean);
    }
    Some((mean, (squares / (values.len() - 1) as f64).sqrt()))
}
