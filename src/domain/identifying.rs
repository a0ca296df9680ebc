//! Fields that are not marked as identifiers and may tell who somebody is all the same.
//!
//! Only fields marked as identifiers are masked and left out of files. Nobody can know what people
//! write into a notes box, so such fields are named, with the reason, for a person to judge.

use super::dictionary::{Dictionary, Field, FieldType};

/// Why a field may identify somebody, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clue {
    /// Its name or its validation speaks of a name, an address, a number of the person.
    Personal,
    /// A postal code or a place.
    Place,
    /// A box for notes.
    Notes,
    /// A file or a signature.
    File,
    /// A date or a time.
    Date,
    /// One line of any text.
    Text,
}

impl Clue {
    /// Its words, in the singular.
    pub fn words(self) -> &'static str {
        match self {
            Self::Personal => "name, contact or number of a person",
            Self::Place => "place",
            Self::Notes => "notes",
            Self::File => "file",
            Self::Date => "date or time",
            Self::Text => "any text",
        }
    }

    /// Why a field may identify, if it may. A field that is marked as an identifier needs no list.
    pub fn of(field: &Field) -> Option<Self> {
        if field.identifier {
            return None;
        }
        let validation = field.validation.as_str();
        match field.field_type {
            FieldType::Notes => Some(Self::Notes),
            FieldType::File => Some(Self::File),
            FieldType::Text => {
                let is = |words: &[&str]| speaks_of(&field.name, words) || speaks_of(&field.label, words);
                if validation.contains("email")
                    || ["phone", "ssn", "mrn", "vmrn"].iter().any(|v| validation.starts_with(v))
                    || is(PERSONAL)
                {
                    Some(Self::Personal)
                } else if ["zip", "postal"].iter().any(|v| validation.starts_with(v)) || is(PLACES) {
                    Some(Self::Place)
                } else if ["date", "time"].iter().any(|v| validation.starts_with(v)) {
                    Some(Self::Date)
                } else if validation.is_empty() {
                    Some(Self::Text)
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}

/// Words of names and labels that speak of a person.
const PERSONAL: &[&str] = &[
    "name",
    "surname",
    "firstname",
    "lastname",
    "initials",
    "phone",
    "telephone",
    "mobile",
    "fax",
    "email",
    "mail",
    "mrn",
    "ssn",
    "passport",
    "birth",
    "birthday",
    "dob",
    "insurance",
    "ip",
];
/// Words that speak of a place.
const PLACES: &[&str] =
    &["zip", "zipcode", "postcode", "postal", "address", "street", "city", "town", "county", "village"];

/// Whether a text has one of these words as a word of its own.
fn speaks_of(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|w| words.iter().any(|word| w.eq_ignore_ascii_case(word)))
}

/// The fields that are not marked as identifiers and may identify, the most telling first; the
/// record id is not among them, since a record without its name is none.
pub fn may_identify(dictionary: &Dictionary) -> Vec<(&Field, Clue)> {
    let id = dictionary.record_id_field().map(|f| f.name.as_str());
    let fields = dictionary.fields().iter().filter(|f| Some(f.name.as_str()) != id);
    let mut found: Vec<(&Field, Clue)> = fields.filter_map(|f| Some((f, Clue::of(f)?))).collect();
    found.sort_by_key(|(_, clue)| *clue);
    found
}

/// The first of these fields by name with the reasons, and how many there are more:
/// `zip (place), notes_free (notes), and 3 more`. Empty if there are none.
pub fn named(found: &[(&Field, Clue)], room: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (at, (field, clue)) in found.iter().take(room).enumerate() {
        // The reason stands once behind fields that have the same.
        let last = found.get(at + 1).filter(|_| at + 1 < room).is_none_or(|(_, next)| next != clue);
        parts.push(if last { format!("{} ({})", field.name, clue.words()) } else { field.name.clone() });
    }
    match found.len().saturating_sub(room) {
        0 => parts.join(", "),
        more => format!("{}, and {more} more", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, field_type: FieldType, validation: &str, label: &str) -> Field {
        let mut field = Field::new(name, "base");
        field.field_type = field_type;
        field.validation = validation.into();
        field.label = label.into();
        field
    }

    #[test]
    fn fields_that_may_identify_are_named_with_the_reason() {
        let mut marked = field("last_name", FieldType::Text, "", "");
        marked.identifier = true;
        let fields = vec![
            field("id", FieldType::Text, "", ""),
            marked,
            field("visit_date", FieldType::Text, "date_ymd", ""),
            field("zip", FieldType::Text, "zipcode", ""),
            field("weight", FieldType::Text, "number", ""),
            field("notes_free", FieldType::Notes, "", ""),
            field("remarks", FieldType::Notes, "", ""),
            field("sex", FieldType::Radio, "", "Name of the sex"),
            field("contact", FieldType::Text, "", "E-mail, or phone"),
            field("scan", FieldType::File, "", ""),
            field("dose", FieldType::Text, "", "Dose of unnamed drug"),
        ];
        let dictionary = Dictionary::new(fields);
        let found = may_identify(&dictionary);
        let names: Vec<(&str, Clue)> = found.iter().map(|(f, clue)| (f.name.as_str(), *clue)).collect();
        let expected = [
            ("contact", Clue::Personal),
            ("zip", Clue::Place),
            ("notes_free", Clue::Notes),
            ("remarks", Clue::Notes),
            ("scan", Clue::File),
            ("visit_date", Clue::Date),
            ("dose", Clue::Text),
        ];
        assert_eq!(names, expected);
        assert_eq!(named(&found[1..4], 9), "zip (place), notes_free, remarks (notes)");
        assert_eq!(named(&found[1..], 2), "zip (place), notes_free (notes), and 4 more");
        assert_eq!(named(&[], 2), "");
    }
}
