//! `content=metadata`: the data dictionary (`redcap-api.md` §3.7).

use super::row::lenient;
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use serde::Deserialize;

/// One row. It is read without an intermediate tree: dictionaries of 40,000 fields exist.
#[derive(Deserialize)]
struct Raw {
    #[serde(deserialize_with = "lenient")]
    field_name: String,
    #[serde(default, deserialize_with = "lenient")]
    form_name: String,
    #[serde(default, deserialize_with = "lenient")]
    section_header: String,
    #[serde(default, deserialize_with = "lenient")]
    field_type: String,
    #[serde(default, deserialize_with = "lenient")]
    field_label: String,
    #[serde(default, deserialize_with = "lenient")]
    select_choices_or_calculations: String,
    #[serde(default, deserialize_with = "lenient")]
    field_note: String,
    #[serde(default, deserialize_with = "lenient")]
    text_validation_type_or_show_slider_number: String,
    #[serde(default, deserialize_with = "lenient")]
    text_validation_min: String,
    #[serde(default, deserialize_with = "lenient")]
    text_validation_max: String,
    #[serde(default, deserialize_with = "lenient")]
    identifier: String,
    #[serde(default, deserialize_with = "lenient")]
    branching_logic: String,
    #[serde(default, deserialize_with = "lenient")]
    required_field: String,
    #[serde(default, deserialize_with = "lenient")]
    custom_alignment: String,
    #[serde(default, deserialize_with = "lenient")]
    question_number: String,
    #[serde(default, deserialize_with = "lenient")]
    matrix_group_name: String,
    #[serde(default, deserialize_with = "lenient")]
    matrix_ranking: String,
    #[serde(default, deserialize_with = "lenient")]
    field_annotation: String,
}

/// Every field in dictionary order. Fields without a form and other oddities are kept (Q43).
pub fn metadata(text: &str) -> Result<Dictionary, String> {
    let rows: Vec<Raw> =
        serde_json::from_str(text).map_err(|e| format!("It is not a data dictionary: {e}."))?;
    Ok(Dictionary::new(rows.into_iter().map(field).collect()))
}

fn field(raw: Raw) -> Field {
    Field {
        name: raw.field_name,
        form: raw.form_name,
        section_header: raw.section_header,
        field_type: FieldType::from(raw.field_type),
        label: raw.field_label,
        choices_or_calculations: raw.select_choices_or_calculations,
        note: raw.field_note,
        validation: raw.text_validation_type_or_show_slider_number,
        validation_min: raw.text_validation_min,
        validation_max: raw.text_validation_max,
        identifier: is_yes(&raw.identifier),
        branching_logic: raw.branching_logic,
        required: is_yes(&raw.required_field),
        custom_alignment: raw.custom_alignment,
        question_number: raw.question_number,
        matrix_group: raw.matrix_group_name,
        matrix_ranking: is_yes(&raw.matrix_ranking),
        annotation: raw.field_annotation,
    }
}

/// The dictionary's own sign for yes is `y`.
fn is_yes(text: &str) -> bool {
    matches!(text.trim(), "y" | "Y" | "yes" | "Yes" | "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_is_read_with_its_oddities() {
        let d = metadata(
            r#"[{"field_name":"record_id","form_name":"demographics","section_header":"","field_type":"text","field_label":"Study ID",
            "select_choices_or_calculations":"","field_note":"","text_validation_type_or_show_slider_number":"","text_validation_min":"",
            "text_validation_max":"","identifier":"","branching_logic":"","required_field":"","custom_alignment":"","question_number":"",
            "matrix_group_name":"","matrix_ranking":"","field_annotation":""},
            {"field_name":"race","form_name":"demographics","field_type":"checkbox","field_label":"Race \u003cb\u003eall\u003c/b\u003e",
            "select_choices_or_calculations":"0, Asian | 1, Black","identifier":"y","required_field":"y","text_validation_min":5,
            "from_the_future":"x","branching_logic":null},
            {"field_name":"odd","field_type":"hologram"}]"#,
        )
        .unwrap();
        assert_eq!(d.fields().len(), 3);
        let race = d.field("race").unwrap();
        assert!(race.identifier && race.required && !race.matrix_ranking);
        assert_eq!((race.label.as_str(), race.validation_min.as_str()), ("Race <b>all</b>", "5"));
        assert_eq!(race.export_columns(), ["race___0", "race___1"]);
        let odd = d.field("odd").unwrap();
        assert_eq!((odd.form.as_str(), odd.field_type.as_str()), ("", "hologram"));
        assert_eq!(metadata("[]").unwrap().fields().len(), 0);
    }

    #[test]
    fn what_is_no_dictionary_is_said() {
        for text in ["{}", "[{}]", "[1]", "3", ""] {
            assert!(metadata(text).unwrap_err().starts_with("It is not a data dictionary"), "{text}");
        }
    }
}
