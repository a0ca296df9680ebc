//! What an export left out, explained with what the export itself shows.

use super::cases::{Seen, fitting};
use super::doctor::{Doctor, are_hashed, examine};
use super::{Fired, Report, Usable, ask};
use crate::domain::dictionary::{Dictionary, Field, status_field};
use crate::domain::project::Metadata;

/// The cases that an export can show.
const OF_EXPORTS: std::ops::RangeInclusive<u8> = 1..=9;

/// An export as far as its shape goes: no values.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'a> {
    /// The columns that were asked for and did not come.
    pub missing: &'a [String],
    /// The server that was asked.
    pub server: &'a str,
    /// The names of the records that came.
    pub ids: &'a [String],
}

/// The cases that fit, and the text to send to the project's owner.
pub fn explain(export: &Exported<'_>, metadata: &Metadata) -> (Vec<Fired>, String) {
    let forms = forms_of(&metadata.dictionary, export.missing);
    let part = part(&metadata.dictionary, &forms);
    let mut asked: Vec<String> = part.fields().iter().flat_map(Field::export_columns).collect();
    asked.extend(forms.iter().map(|f| status_field(f)));
    asked.retain(|c| !export.missing.contains(c));
    let label = |form: &str| metadata.instrument_label(form).to_owned();
    let mut verdicts = examine(&part, &asked, &label, &|_| None);
    verdicts.retain(|f| forms.contains(&f.form) && !f.missing.is_empty());
    let hashed = are_hashed(export.ids.iter().map(String::as_str));
    let mut report = Report {
        server: export.server.to_owned(),
        usable: Usable::Reads,
        project_id: Some(metadata.info.project_id).filter(|id| *id > 0),
        title: metadata.info.title.clone(),
        in_production: Some(metadata.info.in_production),
        doctor: Doctor { forms: verdicts, hashed, ..Doctor::default() },
        ..Report::default()
    };
    report.cases = fitting(&Seen { report: &report, dictionary: &part });
    report.cases.retain(|c| OF_EXPORTS.contains(&c.case));
    let request = ask::request(&report);
    (report.cases, request)
}

/// The record id field and the fields of these instruments.
fn part(dictionary: &Dictionary, forms: &[String]) -> Dictionary {
    let id = dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default();
    let fields = dictionary.fields().iter().filter(|f| f.name == id || forms.contains(&f.form));
    Dictionary::new(fields.cloned().collect())
}

/// The instruments of which columns are missing.
fn forms_of(dictionary: &Dictionary, missing: &[String]) -> Vec<String> {
    let has = |form: &&str| {
        missing.contains(&status_field(form))
            || dictionary.fields_of(form).any(|f| f.export_columns().iter().any(|c| missing.contains(c)))
    };
    dictionary.forms().into_iter().filter(has).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::FieldType;

    fn metadata() -> Metadata {
        let mut mrn = Field::new("mrn", "a");
        mrn.identifier = true;
        let mut note = Field::new("note", "a");
        note.field_type = FieldType::Notes;
        let mut age = Field::new("age", "a");
        age.validation = "integer".into();
        let mut other = Field::new("score", "b");
        other.validation = "integer".into();
        let fields = vec![Field::new("id", "a"), mrn, note, age, other];
        Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() }
    }

    #[test]
    fn columns_that_did_not_come_name_the_right_that_fits() {
        for (missing, ids, cases, right) in [
            (&["mrn"][..], &[][..], &[2][..], "Remove All Identifier Fields"),
            (&["mrn", "note"], &[], &[1, 2], "De-Identified"),
            (&["score", "b_complete"], &[], &[3, 4], "No Access"),
            (&[], &["0123456789abcdef0123456789abcdef"], &[7], ""),
            (&[], &["1"], &[], ""),
        ] {
            let missing: Vec<String> = missing.iter().map(|s| (*s).to_owned()).collect();
            let ids: Vec<String> = ids.iter().map(|s| (*s).to_owned()).collect();
            let export = Exported { missing: &missing, server: "", ids: &ids };
            let (fired, request) = explain(&export, &metadata());
            assert_eq!(fired.iter().map(|f| f.case).collect::<Vec<_>>(), cases, "{missing:?}");
            assert!(request.contains(right) && request.is_empty() == right.is_empty(), "{request}");
        }
    }
}
