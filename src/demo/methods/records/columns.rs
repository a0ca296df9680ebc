//! The columns of a flat export (`redcap-api.md` §4.2, §4.3).

use super::rights::Allowed;
use crate::demo::model::data::checkbox_key;
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::demo::wire::error::ApiError;
use crate::domain::choices::{Choice, checkbox_column};
use crate::domain::dictionary::{Field, FieldType, status_field, status_label};
use crate::domain::record::column;
use std::collections::HashMap;

/// Codes or labels, in cells and in headers.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_field_names)]
pub struct Labels {
    /// Cells hold labels.
    pub values: bool,
    /// CSV headers hold labels.
    pub headers: bool,
    /// A ticked box shows its label, an unticked one nothing. Only with labels.
    pub checkboxes: bool,
    /// Event labels name the arm when there are several.
    pub name_the_arm: bool,
}

impl Labels {
    /// Reads the parameters of a call.
    pub fn of_call(call: &Call<'_>) -> Result<Self, ApiError> {
        let values = call.params.choice("rawOrLabel", &["raw", "label"])? == "label";
        Ok(Self {
            values,
            headers: call.params.choice("rawOrLabelHeaders", &["raw", "label"])? == "label",
            checkboxes: values && call.params.flag("exportCheckboxLabel"),
            name_the_arm: call.state.behaviour.event_labels_name_the_arm,
        })
    }
}

/// Which fields are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only these fields.
    pub fields: Option<Vec<String>>,
    /// Only these instruments, together with the fields.
    pub forms: Option<Vec<String>>,
    /// The columns stand in the order of `fields` (reports) and not in that of the dictionary.
    pub in_given_order: bool,
}

impl Wanted {
    /// Whether a field, or the status of a form, is asked for.
    pub fn has(&self, name: &str, form: &str) -> bool {
        match (&self.fields, &self.forms) {
            (None, None) => true,
            (fields, forms) => {
                fields.as_ref().is_some_and(|f| f.iter().any(|n| n == name))
                    || forms.as_ref().is_some_and(|f| f.iter().any(|n| n == form))
            }
        }
    }
}

/// What a column shows.
#[derive(Debug)]
pub enum Content {
    /// The record's name.
    RecordId,
    /// The event.
    Event,
    /// The repeating instrument.
    RepeatInstrument,
    /// The instance.
    RepeatInstance,
    /// The Data Access Group.
    Dag,
    /// The participant's identifier.
    SurveyIdentifier,
    /// A value.
    Value {
        /// Labels of codes, if labels are asked for.
        labels: HashMap<String, String>,
        /// Its decimal sign follows `decimalCharacter`.
        number: bool,
        /// It is a date that is moved for this user.
        shifted: bool,
    },
    /// The name of a file.
    File,
    /// One choice of a checkbox field: what a ticked and an unticked box show.
    Checkbox {
        /// A ticked box.
        ticked: String,
        /// An unticked box on a row that has the instrument.
        unticked: &'static str,
    },
    /// All ticked choices of a checkbox field: keys, and what each shows.
    Combined(Vec<(String, String)>),
    /// When a survey was completed.
    Timestamp,
    /// A form status.
    Status,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What a label header says.
    pub header: String,
    /// The instrument it is of, by its place; `None` for columns of every row.
    pub form: Option<usize>,
    /// The key its values are stored under; empty if there is none.
    pub key: String,
    /// What it shows.
    pub content: Content,
}

/// All columns of an export.
#[derive(Debug)]
pub struct Plan {
    /// The columns in order.
    pub columns: Vec<Column>,
}

/// Label headers of the columns that are no fields. The survey ones are attested (project XML),
/// the others are not.
fn system(name: &str, content: Content) -> Column {
    let header = match content {
        Content::Event => "Event Name",
        Content::RepeatInstrument => "Repeat Instrument",
        Content::RepeatInstance => "Repeat Instance",
        Content::Dag => "Data Access Group",
        Content::SurveyIdentifier => "Survey Identifier",
        _ => name,
    };
    let key = if matches!(content, Content::SurveyIdentifier) { name } else { "" };
    Column { name: name.into(), header: header.into(), form: None, key: key.into(), content }
}

impl Plan {
    /// Lays out the columns.
    pub fn build(
        project: &Project,
        wanted: &Wanted,
        allowed: &Allowed,
        labels: Labels,
        dags: bool,
        survey_fields: bool,
        combine: bool,
    ) -> Self {
        let mut columns = Vec::new();
        let id_field = project.dictionary.record_id_field();
        if let Some(field) = id_field.filter(|f| wanted.has(&f.name, &f.form)) {
            // Without the record id the event and repeat columns vanish too (§4.3).
            columns.push(Column { header: field.label.clone(), ..system(&field.name, Content::RecordId) });
            if project.info.is_longitudinal {
                columns.push(system(column::EVENT, Content::Event));
            }
            if project.has_repeating() {
                columns.push(system(column::REPEAT_INSTRUMENT, Content::RepeatInstrument));
                columns.push(system(column::REPEAT_INSTANCE, Content::RepeatInstance));
            }
        }
        if dags {
            columns.push(system(column::DAG, Content::Dag));
        }
        let first_form = project.instruments.first().map_or("", |i| i.name.as_str());
        if survey_fields && project.info.surveys_enabled && allowed.survey_identifier(first_form) {
            columns.push(system(column::SURVEY_IDENTIFIER, Content::SurveyIdentifier));
        }
        let mut of_fields = Vec::new();
        for (place, instrument) in project.instruments.iter().enumerate() {
            let form = instrument.name.as_str();
            if !allowed.form(form) {
                continue;
            }
            let status = status_field(form);
            let fields: Vec<&Field> = project
                .fields_of(form)
                .filter(|f| Some(&f.name) != id_field.map(|id| &id.name) && wanted.has(&f.name, form))
                .collect();
            let status_wanted = wanted.has(&status, form);
            if survey_fields && project.is_survey(form) && (status_wanted || !fields.is_empty()) {
                let name = format!("{form}_timestamp");
                of_fields.push(Column {
                    header: "Survey Timestamp".into(),
                    name: name.clone(),
                    form: Some(place),
                    key: name,
                    content: Content::Timestamp,
                });
            }
            for field in fields.into_iter().filter(|f| allowed.field(f)) {
                field_columns(&mut of_fields, field, place, project, allowed, labels, combine);
            }
            if status_wanted {
                of_fields.push(Column {
                    header: "Complete?".into(),
                    name: status.clone(),
                    form: Some(place),
                    key: status,
                    content: Content::Status,
                });
            }
        }
        if let (true, Some(order)) = (wanted.in_given_order, &wanted.fields) {
            let place_of = |column: &Column| {
                let base = column.name.split("___").next().unwrap_or_default();
                order.iter().position(|n| *n == column.name || n == base).unwrap_or(usize::MAX)
            };
            of_fields.sort_by_key(place_of);
        }
        columns.extend(of_fields);
        Self { columns }
    }
}

fn field_columns(
    columns: &mut Vec<Column>,
    field: &Field,
    form: usize,
    project: &Project,
    allowed: &Allowed,
    labels: Labels,
    combine: bool,
) {
    let plain = |content| Column {
        name: field.name.clone(),
        header: field.label.clone(),
        form: Some(form),
        key: field.name.clone(),
        content,
    };
    match field.field_type {
        FieldType::Descriptive => {}
        FieldType::File => columns.push(plain(Content::File)),
        FieldType::Checkbox if combine => {
            let choices = field
                .choices()
                .into_iter()
                .map(|c| (checkbox_key(&field.name, &c), if labels.values { c.label } else { c.code }))
                .collect();
            columns.push(plain(Content::Combined(choices)));
        }
        FieldType::Checkbox => {
            for choice in field.choices().into_iter().chain(used_codes(project, field)) {
                let (ticked, unticked) = match (labels.values, labels.checkboxes) {
                    (false, _) => ("1".to_owned(), "0"),
                    (true, false) => ("Checked".to_owned(), "Unchecked"),
                    (true, true) => (choice.label.clone(), ""),
                };
                columns.push(Column {
                    name: checkbox_column(&field.name, &choice.code),
                    header: format!("{} (choice={})", field.label, choice.label),
                    form: Some(form),
                    key: checkbox_key(&field.name, &choice),
                    content: Content::Checkbox { ticked, unticked },
                });
            }
        }
        _ => {
            let labels = if labels.values {
                field.choices().into_iter().map(|c| (c.code, c.label)).collect()
            } else {
                HashMap::new()
            };
            columns.push(plain(Content::Value {
                labels,
                number: is_number(field),
                shifted: allowed.shifts(field),
            }));
        }
    }
}

/// The missing data codes that some record has in a checkbox field: they are extra choices, with
/// columns only where they are used (`redcap-validation.md` §7).
pub fn used_codes(project: &Project, field: &Field) -> Vec<Choice> {
    let codes = project.info.missing_data_codes.iter();
    let known: Vec<String> = field.choices().into_iter().map(|c| c.code).collect();
    codes
        .filter(|c| !known.contains(&c.code))
        .filter(|c| project.data.key_number(&checkbox_key(&field.name, c)).is_some())
        .cloned()
        .collect()
}

/// Whether `decimalCharacter` changes the values of a field: calculations and numbers.
pub fn is_number(field: &Field) -> bool {
    field.field_type == FieldType::Calc
        || (field.field_type == FieldType::Text && field.validation.starts_with("number"))
}

/// A number with another decimal sign.
pub fn with_decimal(value: &str, decimal: char) -> Option<String> {
    let other = if decimal == ',' { '.' } else { ',' };
    let numeric = value.bytes().all(|b| b.is_ascii_digit() || b".,-+eE".contains(&b));
    (numeric && value.contains(other)).then(|| value.replace(other, &decimal.to_string()))
}

/// A form status in words or as its code.
pub fn status_text(code: &str, labels: bool) -> &str {
    if labels { status_label(code).unwrap_or(code) } else { code }
}
