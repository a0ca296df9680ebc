//! What has to be read from the server before a file can be compared.

use super::columns::{self, Target};
use super::finding::Findings;
use super::keys::Keys;
use super::required;
use super::source::{Settings, SourceFile};
use super::view::View;
use crate::domain::dictionary::{Dictionary, FieldType, status_field};
use crate::domain::logic;
use crate::domain::project::Metadata;
use std::collections::BTreeSet;

/// What has to be read to compare a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// The records, in the order of the file.
    pub records: Vec<String>,
    /// The record id field.
    pub id_field: String,
    /// The fields and form statuses, without the record id field.
    pub fields: Vec<String>,
    /// The Data Access Groups as well.
    pub groups: bool,
}

/// What has to be read from the server to compare a file. Needs no values but the record names.
pub fn touched(file: &SourceFile, metadata: &Metadata, settings: &Settings) -> Touched {
    let forms = metadata.dictionary.forms();
    let mut unheard = Findings::default();
    let columns = columns::resolve(file, metadata, &forms, settings, &mut unheard);
    let view = View::new(file, &columns, settings);
    let keys = Keys::of(&columns);
    let mut records: indexmap::IndexSet<&str> = indexmap::IndexSet::new();
    if let Some(id) = keys.record.filter(|_| !settings.auto_number) {
        // In the order of the rows: corrections may make two names one.
        records.extend((0..view.n_rows()).map(|row| view.text(row, Some(id))).filter(|n| !n.is_empty()));
    }
    let dictionary = &metadata.dictionary;
    let mut fields: indexmap::IndexSet<String> = indexmap::IndexSet::new();
    let mut statuses: indexmap::IndexSet<String> = indexmap::IndexSet::new();
    for column in columns.iter().filter(|c| c.is_value()) {
        match &column.target {
            Target::Field(at) | Target::Box(at, _) => {
                let Some(field) = dictionary.fields().get(*at) else { continue };
                fields.insert(field.name.clone());
                fields.extend(branching_fields(&field.branching_logic, dictionary));
            }
            _ => {}
        }
        statuses.extend(forms.get(column.form).map(|form| status_field(form)));
    }
    // Whether a required field is asked for at all, its branching logic tells.
    let touched: BTreeSet<usize> = columns.iter().filter(|c| c.is_value()).map(|c| c.form).collect();
    for form in touched.iter().filter_map(|form| forms.get(*form)) {
        for field in dictionary.fields_of(form).filter(|f| required::is_asked(f)) {
            fields.extend(branching_fields(&field.branching_logic, dictionary));
        }
    }
    fields.extend(statuses);
    let id_field = dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default();
    fields.shift_remove(&id_field);
    Touched {
        records: records.into_iter().map(str::to_owned).collect(),
        id_field,
        fields: fields.into_iter().collect(),
        groups: keys.group.is_some(),
    }
}

/// The fields that a branching logic asks for, as far as they hold data.
fn branching_fields(text: &str, dictionary: &Dictionary) -> Vec<String> {
    let Ok(logic) = logic::parse(text) else { return Vec::new() };
    let holds = |name: &&str| {
        dictionary.status_form(name).is_some()
            || dictionary
                .field(name)
                .is_some_and(|f| f.holds_data() && !matches!(f.field_type, FieldType::File))
    };
    logic.fields().filter(holds).map(str::to_owned).collect()
}
