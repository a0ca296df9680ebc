//! The data dictionary of a built-in project, from its CSV file.

use crate::domain::dictionary::{Dictionary, Field};
use std::collections::HashMap;

/// Reads a data dictionary with the API's eighteen keys as its header.
pub fn read_dictionary(text: &str) -> Result<Dictionary, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut fields = Vec::new();
    for row in reader.deserialize::<HashMap<String, String>>() {
        let row = row.map_err(|e| e.to_string())?;
        let get = |key: &str| row.get(key).cloned().unwrap_or_default();
        let mut field = Field::new(get("field_name"), get("form_name"));
        field.section_header = get("section_header");
        field.field_type = get("field_type").into();
        field.label = get("field_label");
        field.choices_or_calculations = get("select_choices_or_calculations");
        field.note = get("field_note");
        field.validation = get("text_validation_type_or_show_slider_number");
        field.validation_min = get("text_validation_min");
        field.validation_max = get("text_validation_max");
        field.identifier = get("identifier") == "y";
        field.branching_logic = get("branching_logic");
        field.required = get("required_field") == "y";
        field.custom_alignment = get("custom_alignment");
        field.question_number = get("question_number");
        field.matrix_group = get("matrix_group_name");
        field.matrix_ranking = get("matrix_ranking") == "y";
        field.annotation = get("field_annotation");
        fields.push(field);
    }
    Ok(Dictionary::new(fields))
}
