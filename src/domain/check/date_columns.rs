//! Which columns of a file hold dates, and in which order each writes them.

use super::columns::{FileColumn, Target};
use super::dates::{self, DateOrder, DateProof};
use super::finding::{Findings, Rule};
use super::source::Settings;
use super::validation;
use super::view::View;
use crate::domain::dictionary::FieldType;
use crate::domain::project::Metadata;
use crate::domain::values::MASK;

/// What each column with dates proves about their order.
pub(super) fn of(
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
                let mixed = first_of_each_order(values);
                let told = |masked: bool| {
                    let some: Vec<String> = mixed
                        .iter()
                        .map(|(order, text, row)| {
                            let text = if masked && column.identifier { MASK } else { text };
                            format!("line {} has {text} ({order})", view.file.line_at(*row, at))
                        })
                        .collect();
                    format!("{}: {}. Write all dates as Y-M-D.", column.name, some.join(", "))
                };
                findings.once_masked(None, Some(at), Rule::MixedDates, told(false), told(true));
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

/// For each order in which a date of the column is written, the first such date and its row, in the
/// order of the file.
fn first_of_each_order<'a>(
    values: impl Iterator<Item = (&'a str, usize)>,
) -> Vec<(&'static str, &'a str, usize)> {
    let mut found: Vec<(&'static str, &str, usize)> = Vec::new();
    for (text, row) in values {
        let Some(order) = dates::written(text) else { continue };
        match found.iter_mut().find(|(o, ..)| *o == order) {
            Some(first) if first.2 > row => *first = (order, text, row),
            Some(_) => {}
            None => found.push((order, text, row)),
        }
    }
    found.sort_by_key(|(.., row)| *row);
    found
}
