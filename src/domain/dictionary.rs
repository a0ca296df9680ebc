//! The data dictionary: every field of a project with its eighteen attributes.

use super::choices::{Choice, checkbox_column, parse_choices};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The type of a field, in REDCap's dictionary words (`redcap-api.md` §6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum FieldType {
    /// One line of text, perhaps validated.
    Text,
    /// A notes box: many lines.
    Notes,
    /// Radio buttons: one code.
    Radio,
    /// A drop-down list: one code.
    Dropdown,
    /// Checkboxes: a set of codes, one export column each.
    Checkbox,
    /// Yes (1) or No (0).
    YesNo,
    /// True (1) or False (0).
    TrueFalse,
    /// A number that REDCap computes.
    Calc,
    /// A visual analogue scale.
    Slider,
    /// An uploaded file or a signature.
    File,
    /// Text on the form; holds no data and is never exported.
    Descriptive,
    /// Choices from a query of the server; the query is not always readable.
    Sql,
    /// A type this version does not know, kept as the server wrote it.
    Other(String),
}

impl FieldType {
    /// REDCap's word for the type, as in the dictionary's fourth column.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text => "text",
            Self::Notes => "notes",
            Self::Radio => "radio",
            Self::Dropdown => "dropdown",
            Self::Checkbox => "checkbox",
            Self::YesNo => "yesno",
            Self::TrueFalse => "truefalse",
            Self::Calc => "calc",
            Self::Slider => "slider",
            Self::File => "file",
            Self::Descriptive => "descriptive",
            Self::Sql => "sql",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for FieldType {
    fn from(word: String) -> Self {
        match word.as_str() {
            "text" => Self::Text,
            "notes" => Self::Notes,
            "radio" => Self::Radio,
            "dropdown" => Self::Dropdown,
            "checkbox" => Self::Checkbox,
            "yesno" => Self::YesNo,
            "truefalse" => Self::TrueFalse,
            "calc" => Self::Calc,
            "slider" => Self::Slider,
            "file" => Self::File,
            "descriptive" => Self::Descriptive,
            "sql" => Self::Sql,
            _ => Self::Other(word),
        }
    }
}

impl From<&str> for FieldType {
    fn from(word: &str) -> Self {
        word.to_owned().into()
    }
}

impl From<FieldType> for String {
    fn from(kind: FieldType) -> Self {
        kind.as_str().to_owned()
    }
}

/// One row of the data dictionary. Texts are as REDCap gave them; labels may hold HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The variable name, such as `weight_kg`.
    pub name: String,
    /// The unique name of the instrument the field is on.
    pub form: String,
    /// Text above the field that starts a section; empty for most fields.
    pub section_header: String,
    /// What kind of field it is.
    pub field_type: FieldType,
    /// The question.
    pub label: String,
    /// Choices, the calculation, the slider's labels, or the query; see [`Field::choices`].
    pub choices_or_calculations: String,
    /// The small text under the field.
    pub note: String,
    /// The validation type (`date_ymd`, `integer`, ...), or `number` for a slider that shows
    /// its number, `signature` for a signature file, `autocomplete` for a drop-down.
    pub validation: String,
    /// The lowest value that raises no warning. A soft limit.
    pub validation_min: String,
    /// The highest value that raises no warning. A soft limit.
    pub validation_max: String,
    /// Marked as personal data.
    pub identifier: bool,
    /// The field is shown only if this logic is true; empty means always.
    pub branching_logic: String,
    /// REDCap asks for a value when the form is saved. Imports do not check it.
    pub required: bool,
    /// `RV`, `RH`, `LV`, `LH` or empty.
    pub custom_alignment: String,
    /// The number shown on surveys.
    pub question_number: String,
    /// The name of the matrix the field is part of, or empty.
    pub matrix_group: String,
    /// The matrix ranks its choices.
    pub matrix_ranking: bool,
    /// Notes and action tags.
    pub annotation: String,
}

impl Field {
    /// A plain text field with this name on this instrument; everything else is empty.
    pub fn new(name: impl Into<String>, form: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            form: form.into(),
            section_header: String::new(),
            field_type: FieldType::Text,
            label: String::new(),
            choices_or_calculations: String::new(),
            note: String::new(),
            validation: String::new(),
            validation_min: String::new(),
            validation_max: String::new(),
            identifier: false,
            branching_logic: String::new(),
            required: false,
            custom_alignment: String::new(),
            question_number: String::new(),
            matrix_group: String::new(),
            matrix_ranking: false,
            annotation: String::new(),
        }
    }

    /// The codes and labels that the field can hold: its own choice list, or the fixed pair of
    /// a yes/no or true/false field. Empty for fields that hold free values, and for `sql`
    /// fields, whose dictionary row holds the query and not its result.
    pub fn choices(&self) -> Vec<Choice> {
        match self.field_type {
            FieldType::Radio | FieldType::Dropdown | FieldType::Checkbox => {
                parse_choices(&self.choices_or_calculations)
            }
            FieldType::YesNo => vec![Choice::new("1", "Yes"), Choice::new("0", "No")],
            FieldType::TrueFalse => vec![Choice::new("1", "True"), Choice::new("0", "False")],
            _ => Vec::new(),
        }
    }

    /// Whether a record export has a column for this field (all but descriptive ones).
    pub fn holds_data(&self) -> bool {
        self.field_type != FieldType::Descriptive
    }

    /// The columns a flat record export has for this field: none, one, or one per checkbox choice.
    pub fn export_columns(&self) -> Vec<String> {
        match self.field_type {
            FieldType::Descriptive => Vec::new(),
            FieldType::Checkbox => {
                self.choices().iter().map(|c| checkbox_column(&self.name, &c.code)).collect()
            }
            _ => vec![self.name.clone()],
        }
    }
}

/// The name of the field that holds an instrument's form status: `<instrument>_complete`.
pub fn status_field(form: &str) -> String {
    format!("{form}_complete")
}

/// The words of a form status code: 0 Incomplete, 1 Unverified, 2 Complete.
pub fn status_label(code: &str) -> Option<&'static str> {
    match code {
        "0" => Some("Incomplete"),
        "1" => Some("Unverified"),
        "2" => Some("Complete"),
        _ => None,
    }
}

/// All fields of a project in dictionary order, with a look-up by name.
///
/// The first field is the record id field, whatever its name is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Field>", into = "Vec<Field>")]
pub struct Dictionary {
    fields: Vec<Field>,
    index: HashMap<String, usize>,
}

impl Dictionary {
    /// A dictionary of these fields, in this order. Of two fields with one name the first is found.
    pub fn new(fields: Vec<Field>) -> Self {
        let mut index = HashMap::with_capacity(fields.len());
        for (i, field) in fields.iter().enumerate() {
            index.entry(field.name.clone()).or_insert(i);
        }
        Self { fields, index }
    }

    /// The fields in dictionary order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.index.get(name).and_then(|&i| self.fields.get(i))
    }

    /// The record id field: the first of the dictionary.
    pub fn record_id_field(&self) -> Option<&Field> {
        self.fields.first()
    }

    /// The fields of one instrument, in order.
    pub fn fields_of<'a>(&'a self, form: &'a str) -> impl Iterator<Item = &'a Field> + 'a {
        self.fields.iter().filter(move |f| f.form == form)
    }

    /// The unique names of the instruments, in the order in which their first field comes.
    pub fn forms(&self) -> Vec<&str> {
        let mut seen = std::collections::HashSet::new();
        self.fields.iter().map(|f| f.form.as_str()).filter(|f| seen.insert(*f)).collect()
    }

    /// Whether this is the name of an instrument's form status field, and of which instrument.
    ///
    /// A dictionary field may itself end in `_complete`; such a field is not a status.
    pub fn status_form<'a>(&'a self, name: &str) -> Option<&'a str> {
        if self.index.contains_key(name) {
            return None;
        }
        let form = name.strip_suffix("_complete")?;
        self.fields.iter().map(|f| f.form.as_str()).find(|f| *f == form)
    }

    /// Whether any field is marked as an identifier.
    pub fn has_identifiers(&self) -> bool {
        self.fields.iter().any(|f| f.identifier)
    }
}

impl From<Vec<Field>> for Dictionary {
    fn from(fields: Vec<Field>) -> Self {
        Self::new(fields)
    }
}

impl From<Dictionary> for Vec<Field> {
    fn from(dictionary: Dictionary) -> Self {
        dictionary.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Dictionary {
        let mut race = Field::new("race", "demographics");
        race.field_type = FieldType::Checkbox;
        race.choices_or_calculations = "0, None | 1, White".into();
        let mut trap = Field::new("moca4_complete", "moca");
        trap.field_type = FieldType::YesNo;
        let mut text = Field::new("intro", "moca");
        text.field_type = FieldType::Descriptive;
        Dictionary::new(vec![Field::new("study_id", "demographics"), race, trap, text])
    }

    #[test]
    fn the_first_field_is_the_record_id_whatever_its_name() {
        assert_eq!(sample().record_id_field().unwrap().name, "study_id");
    }

    #[test]
    fn a_field_that_ends_in_complete_is_no_form_status() {
        let d = sample();
        assert_eq!(d.status_form("moca4_complete"), None);
        assert_eq!(d.status_form("moca_complete"), Some("moca"));
        assert_eq!(d.status_form("nothing_complete"), None);
    }

    #[test]
    fn export_columns_follow_the_field_type() {
        let d = sample();
        assert_eq!(d.field("race").unwrap().export_columns(), ["race___0", "race___1"]);
        assert!(d.field("intro").unwrap().export_columns().is_empty());
        assert_eq!(d.forms(), ["demographics", "moca"]);
    }
}
