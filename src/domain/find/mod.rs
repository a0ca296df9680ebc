//! Finding records by what people know of them, and fields in the codebooks of all projects.

mod codebook;

pub use codebook::{Codebook, FieldHit, Part};

use super::project::Metadata;
use super::record::{fold, natural_cmp};
use super::table::RecordTable;
use std::collections::HashMap;

/// The fields that a search for records looks into besides the record id: those of the custom
/// record label, the secondary unique field, and the chosen ones, each once.
pub fn fields(metadata: &Metadata, chosen: &[String]) -> Vec<String> {
    let info = &metadata.info;
    let mut names = in_brackets(&info.custom_record_label);
    names.push(info.secondary_unique_field.clone());
    names.extend(chosen.iter().cloned());
    let id = metadata.dictionary.record_id_field().map(|f| f.name.as_str());
    let mut seen = std::collections::HashSet::new();
    names.retain(|n| {
        let known = metadata.dictionary.field(n).is_some_and(super::dictionary::Field::holds_data);
        known && Some(n.as_str()) != id && seen.insert(n.clone())
    });
    names
}

/// The field names in square brackets of a text with piping: `[last_name], [first_name]`.
fn in_brackets(text: &str) -> Vec<String> {
    text.split('[')
        .skip(1)
        .filter_map(|part| part.split(']').next())
        .map(|name| name.split([':', '(']).next().unwrap_or_default().trim().to_owned())
        .collect()
}

/// How a value has what is looked for; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is that.
    Is,
    /// It begins with it.
    Begins,
    /// It has it somewhere.
    Contains,
}

impl How {
    /// Its word.
    pub fn words(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::Begins => "begins with",
            Self::Contains => "contains",
        }
    }
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHit {
    /// The record.
    pub record: String,
    /// The field whose value matched; the record id field for the name itself.
    pub field: String,
    /// How it matched.
    pub how: How,
    /// The value.
    pub value: String,
}

/// What is known of the records of a project, for searching. Holds record values: it is never kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// The record id field, then the fields that are looked into.
    fields: Vec<String>,
    people: Vec<Person>,
    places: HashMap<String, usize>,
    /// The fields of the record label, and the secondary unique field, as places in `fields`.
    label: Vec<usize>,
    unique: Option<usize>,
    /// The records with one value of the secondary unique field, or with one label.
    alike: HashMap<String, Vec<usize>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Person {
    record: String,
    /// The name first, then what is in the fields at any event and instance, each value once.
    values: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq)]
struct Value {
    field: usize,
    text: String,
    folded: String,
}

impl Person {
    fn add(&mut self, field: usize, text: &str) {
        if !self.values.iter().any(|v| v.field == field && v.text == text) {
            self.values.push(Value { field, text: text.to_owned(), folded: fold(text.trim()) });
        }
    }

    fn of(&self, field: usize) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |v| v.field == field).map(|v| v.folded.as_str())
    }

    fn equals(&self, other: &Self, field: usize) -> bool {
        self.of(field).any(|own| other.of(field).any(|v| v == own))
    }
}

impl Index {
    /// Makes the index from an export of these fields. Missing data codes are no values.
    pub fn build(table: &RecordTable, metadata: &Metadata, fields: &[String]) -> Self {
        let id_field = metadata.dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default();
        let Some(id) = table.column(&id_field) else { return Self::default() };
        let fields: Vec<String> = std::iter::once(id_field).chain(fields.iter().cloned()).collect();
        let columns: Vec<(usize, usize)> =
            fields.iter().enumerate().skip(1).filter_map(|(at, f)| Some((at, table.column(f)?))).collect();
        let (mut people, mut places): (Vec<Person>, HashMap<String, usize>) = Default::default();
        for row in 0..table.n_rows() {
            let name = table.cell(row, id);
            let place = places.get(name).copied().unwrap_or_else(|| {
                let mut person = Person { record: name.to_owned(), values: Vec::new() };
                person.add(0, name);
                people.push(person);
                places.insert(name.to_owned(), people.len() - 1);
                people.len() - 1
            });
            let Some(person) = people.get_mut(place) else { continue };
            for &(field, column) in &columns {
                let value = table.cell(row, column);
                if !value.trim().is_empty() && metadata.info.missing_label(value).is_none() {
                    person.add(field, value);
                }
            }
        }
        people.sort_by(|a, b| natural_cmp(&a.record, &b.record));
        let place_of = |name: &String| fields.iter().position(|f| f == name);
        let label = in_brackets(&metadata.info.custom_record_label).iter().filter_map(place_of).collect();
        let unique = place_of(&metadata.info.secondary_unique_field);
        let mut index = Self { fields, label, unique, ..Self::default() };
        for (at, person) in people.iter().enumerate() {
            index.places.insert(person.record.clone(), at);
            for key in index.keys(person) {
                index.alike.entry(key).or_default().push(at);
            }
        }
        index.people = people;
        index
    }

    /// What a record has in common with others that may be the same person: its values of the
    /// secondary unique field, and its label if that has several fields.
    fn keys(&self, person: &Person) -> Vec<String> {
        let unique = self.unique.into_iter().flat_map(|f| person.of(f)).map(|v| format!("id {v}"));
        let parts: Vec<&str> = self.label.iter().filter_map(|&f| person.of(f).next()).collect();
        let whole = self.label.len() > 1 && parts.len() == self.label.len();
        unique.chain(whole.then(|| format!("label {}", parts.join("\n")))).collect()
    }

    /// How many records it knows.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The records with this text in their name or in one of the fields, the best first; each
    /// once, by its best field. Capitals and accents do not matter; zeros at the front do.
    pub fn search(&self, text: &str) -> Vec<RecordHit> {
        let wanted = fold(text.trim());
        if wanted.is_empty() {
            return Vec::new();
        }
        let best = |person: &Person| {
            let all = person.values.iter().filter_map(|v| Some((matched(&v.folded, &wanted)?, v)));
            let (how, value) = all.min_by_key(|m| m.0)?;
            Some(RecordHit {
                record: person.record.clone(),
                field: self.fields.get(value.field).cloned().unwrap_or_default(),
                how,
                value: value.text.clone(),
            })
        };
        let mut hits: Vec<RecordHit> = self.people.iter().filter_map(best).collect();
        hits.sort_by_key(|h| h.how);
        hits
    }

    /// The records that may be the same person as this one: equal in the secondary unique field,
    /// or in all of several fields of the record label; with the fields in which they are equal.
    pub fn twins(&self, record: &str) -> Vec<(String, Vec<String>)> {
        let Some((at, own)) = self.places.get(record).and_then(|&at| Some((at, self.people.get(at)?))) else {
            return Vec::new();
        };
        let mut others: Vec<usize> =
            self.keys(own).iter().filter_map(|key| self.alike.get(key)).flatten().copied().collect();
        others.sort_unstable();
        others.dedup();
        let fields: Vec<usize> = {
            let unique = self.unique.filter(|u| !self.label.contains(u));
            unique.into_iter().chain(self.label.iter().copied()).collect()
        };
        others
            .into_iter()
            .filter(|&other| other != at)
            .filter_map(|other| self.people.get(other))
            .map(|other| {
                let equal = fields.iter().filter(|&&f| own.equals(other, f));
                (other.record.clone(), equal.filter_map(|&f| self.fields.get(f)).cloned().collect())
            })
            .collect()
    }
}

fn matched(value: &str, wanted: &str) -> Option<How> {
    if value == wanted {
        Some(How::Is)
    } else if value.starts_with(wanted) {
        Some(How::Begins)
    } else {
        value.contains(wanted).then_some(How::Contains)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::choices::Choice;
    use crate::domain::dictionary::{Dictionary, Field};
    use crate::domain::table::TableBuilder;

    fn metadata() -> Metadata {
        let names = ["study_id", "first_name", "last_name", "mrn", "zip"];
        let mut metadata = Metadata {
            dictionary: Dictionary::new(names.map(|n| Field::new(n, "base")).to_vec()),
            ..Metadata::default()
        };
        metadata.info.custom_record_label = "[last_name], [first_name]".into();
        metadata.info.secondary_unique_field = "mrn".into();
        metadata.info.missing_data_codes = vec![Choice::new("UNK", "Unknown")];
        metadata
    }

    fn index() -> Index {
        let metadata = metadata();
        let mut table = TableBuilder::new(["study_id", "first_name", "last_name", "mrn"]);
        for row in [
            ["001", "Nutmeg", "Nutmouse", "0012345"],
            ["002", "Marcus", "Wood", "0054321"],
            ["002", "", "", ""],
            ["005", "Álvaro", "Núñez", "UNK"],
            ["006", "Ana", "Núñez", "UNK"],
            ["010", "Marcus", "Wood", "0054321"],
        ] {
            table.push_row(row);
        }
        Index::build(&table.finish(), &metadata, &fields(&metadata, &[]))
    }

    #[test]
    fn the_fields_of_label_and_secondary_id_are_looked_into_and_the_chosen_ones() {
        assert_eq!(fields(&metadata(), &[]), ["last_name", "first_name", "mrn"]);
        let chosen = ["zip".to_owned(), "mrn".to_owned(), "gone".to_owned()];
        assert_eq!(fields(&metadata(), &chosen), ["last_name", "first_name", "mrn", "zip"]);
    }

    #[test]
    fn s3_leading_zeros_count() {
        let index = index();
        let told = |text: &str| -> Vec<(String, String, How)> {
            index.search(text).into_iter().map(|h| (h.record, h.field, h.how)).collect()
        };
        assert_eq!(told("0012345"), [("001".into(), "mrn".into(), How::Is)]);
        assert_eq!(told("12345"), [("001".into(), "mrn".into(), How::Contains)]);
        assert_eq!(told("00123"), [("001".into(), "mrn".into(), How::Begins)]);
        assert_eq!(told("000012345"), []);
        assert_eq!(told("nunez").len(), 2);
        assert_eq!(told("010"), [("010".into(), "study_id".into(), How::Is)]);
        assert_eq!(told("unk"), []);
        assert_eq!(told("  "), []);
    }

    #[test]
    fn s3_the_same_person_twice_is_told() {
        let index = index();
        let found: Vec<String> = index.search("wood").into_iter().map(|h| h.record).collect();
        assert_eq!(found, ["002", "010"]);
        let fields = ["mrn", "last_name", "first_name"].map(str::to_owned).to_vec();
        assert_eq!(index.twins("002"), [("010".to_owned(), fields)]);
        // A missing data code in common is no sign, nor is a family name alone.
        assert_eq!(index.twins("005"), []);
    }
}
