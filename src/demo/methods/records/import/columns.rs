//! What each column of an import means (`redcap-api.md` §5.1, `redcap-permissions.md` §7.1).

use super::table::Table;
use crate::demo::model::data::checkbox_key;
use crate::demo::model::project::Project;
use crate::demo::wire::error::ApiError;
use crate::domain::choices::{Choice, checkbox_column};
use crate::domain::dictionary::{FieldType, status_field};
use crate::domain::logic::tags;
use crate::domain::record::column;
use std::collections::HashMap;

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The record's name.
    Record,
    /// The event.
    Event,
    /// The repeating instrument.
    RepeatInstrument,
    /// The instance.
    RepeatInstance,
    /// The Data Access Group.
    Dag,
    /// Taken and not looked at: calculations, files, survey columns.
    Ignored,
    /// The value of a field, by its place in the dictionary.
    Value(usize),
    /// One choice of a checkbox field, by its key.
    Box(String),
    /// A form status.
    Status,
}

/// A column that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name as it was sent.
    pub name: String,
    /// What it means.
    pub target: Target,
    /// The place of the instrument that its values are on.
    pub form: usize,
}

impl Column {
    /// The key that its values are stored under; `None` if it holds none.
    pub fn key(&self) -> Option<&str> {
        match &self.target {
            Target::Value(_) | Target::Status => Some(&self.name),
            Target::Box(key) => Some(key),
            _ => None,
        }
    }
}

/// Whether a field is computed: what is sent for it is not stored.
pub fn is_computed(field_type: &FieldType, annotation: &str) -> bool {
    *field_type == FieldType::Calc
        || (*field_type == FieldType::Text
            && annotation.contains("@CALC")
            && tags::computed(annotation).is_some())
}

/// All columns that a project takes, by name.
fn known(project: &Project) -> HashMap<String, (Target, usize)> {
    let mut known = HashMap::new();
    let mut add = |name: String, target, form| {
        known.entry(name).or_insert((target, form));
    };
    add(project.record_id_field().to_owned(), Target::Record, 0);
    let missing: &[Choice] = &project.info.missing_data_codes;
    let forms: HashMap<&str, usize> = project.instruments.iter().map(|i| i.name.as_str()).zip(0..).collect();
    for (at, field) in project.dictionary.fields().iter().enumerate() {
        let form = forms.get(field.form.as_str()).copied().unwrap_or(0);
        match field.field_type {
            FieldType::Descriptive => {}
            FieldType::Checkbox => {
                for choice in field.choices().iter().chain(missing) {
                    let key = checkbox_key(&field.name, choice);
                    add(checkbox_column(&field.name, &choice.code), Target::Box(key), form);
                }
            }
            FieldType::File => add(field.name.clone(), Target::Ignored, form),
            ref kind if is_computed(kind, &field.annotation) => {
                add(field.name.clone(), Target::Ignored, form);
            }
            _ => add(field.name.clone(), Target::Value(at), form),
        }
    }
    for (form, instrument) in project.instruments.iter().enumerate() {
        add(status_field(&instrument.name), Target::Status, form);
        add(format!("{}_timestamp", instrument.name), Target::Ignored, form);
    }
    for (name, target) in [
        (column::EVENT, Target::Event),
        (column::REPEAT_INSTRUMENT, Target::RepeatInstrument),
        (column::REPEAT_INSTANCE, Target::RepeatInstance),
        (column::DAG, Target::Dag),
        (column::SURVEY_IDENTIFIER, Target::Ignored),
    ] {
        add(name.to_owned(), target, 0);
    }
    known
}

/// Sorts out the columns of a flat table; unknown ones refuse the whole request.
pub fn resolve(table: &Table, project: &Project) -> Result<Vec<Column>, ApiError> {
    let known = known(project);
    let mut unknown = Vec::new();
    let mut columns = Vec::with_capacity(table.columns.len());
    for name in &table.columns {
        match known.get(name) {
            Some((target, form)) => {
                columns.push(Column { name: name.clone(), target: target.clone(), form: *form });
            }
            None => unknown.push(name.as_str()),
        }
    }
    if !unknown.is_empty() {
        return Err(ApiError::bad(format!(
            "The following fields were not found in the project as real data fields: {}",
            unknown.join(", ")
        )));
    }
    if !table.rows.is_empty() && table.find(project.record_id_field()).is_none() {
        // The words are ours: they are not attested (`redcap-validation.md` §14).
        return Err(ApiError::bad(format!(
            "The record ID field '{}' was not found among the fields of the data",
            project.record_id_field()
        )));
    }
    Ok(columns)
}

/// Makes flat rows of EAV rows: one value a row.
///
/// With `checkbox_codes` the shape of EAV exports is taken for checkbox fields too, where the
/// name is that of the field and the value is a ticked code (`redcap-api.md` §4.5 says that
/// imports do not take it).
pub fn flat_of_eav(table: &Table, project: &Project, checkbox_codes: bool) -> Result<Table, ApiError> {
    let find = |names: &[&str]| names.iter().find_map(|name| table.find(name));
    let record = find(&["record", project.record_id_field()]);
    let (field_name, value) = (find(&["field_name"]), find(&["value"]));
    let keys = [column::EVENT, column::REPEAT_INSTRUMENT, column::REPEAT_INSTANCE];
    let others: Vec<&str> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(at, name)| {
            ![record, field_name, value].contains(&Some(*at)) && !keys.contains(&name.as_str())
        })
        .map(|(_, name)| name.as_str())
        .collect();
    if !others.is_empty() {
        return Err(ApiError::bad(format!(
            "The following fields were not found in the project as real data fields: {}",
            others.join(", ")
        )));
    }
    let (Some(record), Some(field_name), Some(value)) = (record, field_name, value) else {
        if table.rows.is_empty() {
            return Ok(Table::default());
        }
        // The words are ours: they are not attested.
        return Err(ApiError::bad("Data of the type EAV must have the fields record, field_name and value"));
    };
    let mut flat = Table::default();
    for row in &table.rows {
        flat.begin_row();
        flat.cell(project.record_id_field(), Table::text(row, Some(record)).to_owned());
        for key in keys {
            if let Some(at) = table.find(key) {
                flat.cell(key, Table::text(row, Some(at)).to_owned());
            }
        }
        let (name, text) = (Table::text(row, Some(field_name)).trim(), Table::text(row, Some(value)));
        let is_checkbox = project.dictionary.field(name).is_some_and(|f| f.field_type == FieldType::Checkbox);
        if name == project.record_id_field() {
            // The record's name says it all.
        } else if checkbox_codes && is_checkbox {
            flat.cell(&checkbox_column(name, text), "1".into());
        } else {
            flat.cell(name, text.to_owned());
        }
    }
    Ok(flat)
}
