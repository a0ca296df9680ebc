//! Looking at the distinct values of every column once: what becomes of each value.

use super::columns::{FileColumn, Target};
use super::dates::DateProof;
use super::finding::{Findings, Rule};
use super::validation;
use super::value::{Checker, Verdict};
use super::view::View;
use crate::domain::dictionary::FieldType;
use crate::domain::project::Metadata;
use jiff::civil::DateTime;

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
