//! Looking at the distinct values of every column once: what order its dates prove, and what
//! becomes of each value.

use super::columns::{FileColumn, Target};
use super::dates::{self, DateOrder, DateProof};
use super::finding::{Findings, Rule};
use super::source::Settings;
use super::validation;
use super::value::{Checker, Verdict};
use super::view::View;
use crate::domain::dictionary::FieldType;
use crate::domain::project::Metadata;
use jiff::civil::DateTime;

/// What each column with dates proves about their order.
pub(super) fn dates_of(
    view: &View<'_>,
    columns: &[FileColumn],
    metadata: &Metadata,
    settings: &Settings,
    findings: &mut Findings,
) -> Vec<(usize, DateProof)> {
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let Target::Field(field) = &column.target else { continue };
        let Some(field) = metadata.dictionary.fields().get(*field) else { continue };
        if field.field_type != FieldType::Text || !validation::is_date(&field.validation) {
            continue;
        }
        let mut first = vec![usize::MAX; view.values(at).len()];
        for (row, code) in view.codes(at).iter().enumerate() {
            if let Some(slot) = (*code as usize).checked_sub(1).and_then(|i| first.get_mut(i)) {
                *slot = (*slot).min(row);
            }
        }
        let values = view.values(at).iter().map(AsRef::as_ref).zip(first.iter().copied());
        let proof = dates::prove(values.clone(), settings.dates);
        let example = values.clone().find(|(v, _)| {
            let day = v.split([' ', 'T']).next().unwrap_or(v);
            dates::date(day, DateOrder::Mdy).is_some() && dates::date(day, DateOrder::Ymd).is_none()
        });
        match proof {
            DateProof::Mixed => {
                let what = format!("{} has dates that can only be read in different orders.", column.name);
                findings.once(None, Some(at), Rule::MixedDates, what, None);
            }
            DateProof::Ambiguous => {
                let both = example.map_or(String::new(), |(text, _)| {
                    let read = |order| dates::date(text, order).map_or(String::new(), |d| d.to_string());
                    format!(" {text} is {} or {}.", read(DateOrder::Dmy), read(DateOrder::Mdy))
                });
                let what = format!("{}:{both} Choose the order.", column.name);
                findings.once(None, Some(at), Rule::AmbiguousDates, what, None);
            }
            _ => {}
        }
        found.push((at, proof));
    }
    found
}

/// Looks at every distinct value of every column that holds values.
pub(super) fn of(
    view: &View<'_>,
    columns: &[FileColumn],
    metadata: &Metadata,
    dates: &[(usize, DateProof)],
    now: DateTime,
    findings: &mut Findings,
) -> Vec<Vec<Verdict>> {
    let info = &metadata.info;
    let mut all = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let checker = match &column.target {
            Target::Field(field) => {
                let Some(field) = metadata.dictionary.fields().get(*field) else {
                    all.push(Vec::new());
                    continue;
                };
                if field.field_type == FieldType::Text && !validation::is_known(&field.validation) {
                    let what = format!(
                        "{} has the validation {}, which only this server knows.",
                        column.name, field.validation
                    );
                    findings.once(None, Some(at), Rule::NotChecked, what, None);
                }
                let proof = dates.iter().find(|(c, _)| *c == at).map_or(DateProof::Nothing, |(_, p)| *p);
                Checker::field(&column.name, field, proof, info, now)
            }
            Target::Box(..) => Checker::checkbox(&column.name, info),
            Target::Status => Checker::status(&column.name, info),
            _ => {
                all.push(Vec::new());
                continue;
            }
        };
        let check = |text: &std::borrow::Cow<'_, str>, findings: &mut Findings| {
            if text.trim().is_empty() { Verdict::default() } else { checker.check(text, findings) }
        };
        all.push(view.values(at).iter().map(|text| check(text, findings)).collect());
    }
    all
}
