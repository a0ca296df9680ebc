//! Finding fields in the codebooks of all projects that were read.

use super::fold;
use crate::domain::dictionary::Field;
use crate::domain::project::Metadata;
use crate::domain::text::{one_line, without_html};
use std::collections::HashMap;

/// The codebook of one project, ready for searching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codebook {
    /// The saved project's id.
    pub id: String,
    /// Its name in the list.
    pub name: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    form: String,
    field: String,
    label: String,
    /// Name, label, choices, note, in small letters and without accents.
    texts: [String; 4],
    events: Vec<String>,
    used_by: usize,
}

/// Which part of a field has what was looked for; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The whole name.
    WholeName,
    /// The name.
    Name,
    /// The label.
    Label,
    /// A choice.
    Choices,
    /// The field note.
    Note,
    /// Some words in one part, some in another.
    Several,
}

impl Part {
    /// Its word.
    pub fn words(self) -> &'static str {
        match self {
            Self::WholeName | Self::Name => "name",
            Self::Label => "label",
            Self::Choices => "choices",
            Self::Note => "note",
            Self::Several => "several parts",
        }
    }
}

/// A field that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldHit {
    /// The saved project's id.
    pub project: String,
    /// The project's name in the list.
    pub project_name: String,
    /// The instrument.
    pub form: String,
    /// The field.
    pub field: String,
    /// Its label.
    pub label: String,
    /// Where the words were found.
    pub part: Part,
    /// The events at which its instrument is used.
    pub events: Vec<String>,
    /// How many other fields name it in logic or calculations.
    pub used_by: usize,
}

impl Codebook {
    /// Makes a codebook ready.
    pub fn new(id: &str, name: &str, metadata: &Metadata) -> Self {
        let used = uses(metadata.dictionary.fields());
        let entries = metadata
            .dictionary
            .fields()
            .iter()
            .map(|f| {
                let label = without_html(&one_line(&f.label));
                let choices: Vec<String> =
                    f.choices().into_iter().map(|c| format!("{} {}", c.code, c.label)).collect();
                Entry {
                    texts: [fold(&f.name), fold(&label), fold(&choices.join(" | ")), fold(&f.note)],
                    events: metadata
                        .events_of_form(&f.form)
                        .map(|e| metadata.event_label(&e.unique_name))
                        .collect(),
                    used_by: used.get(f.name.as_str()).copied().unwrap_or_default(),
                    form: f.form.clone(),
                    field: f.name.clone(),
                    label,
                }
            })
            .collect();
        Self { id: id.to_owned(), name: name.to_owned(), entries }
    }

    /// The fields of these codebooks that have every word, the best first.
    pub fn search(books: &[Self], text: &str) -> Vec<FieldHit> {
        let words: Vec<String> = text.split_whitespace().map(fold).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let whole = words.join(" ");
        let mut hits: Vec<FieldHit> = Vec::new();
        for book in books {
            for entry in &book.entries {
                let Some(part) = entry.part(&words, &whole) else { continue };
                hits.push(FieldHit {
                    project: book.id.clone(),
                    project_name: book.name.clone(),
                    form: entry.form.clone(),
                    field: entry.field.clone(),
                    label: entry.label.clone(),
                    part,
                    events: entry.events.clone(),
                    used_by: entry.used_by,
                });
            }
        }
        hits.sort_by_key(|h| h.part);
        hits
    }
}

impl Entry {
    fn part(&self, words: &[String], whole: &str) -> Option<Part> {
        let [name, ..] = &self.texts;
        if name == whole {
            return Some(Part::WholeName);
        }
        let parts = [Part::Name, Part::Label, Part::Choices, Part::Note];
        let has_all = |text: &String| words.iter().all(|w| text.contains(w.as_str()));
        let single = self.texts.iter().zip(parts).find(|(text, _)| has_all(text)).map(|(_, part)| part);
        let anywhere = |w: &String| self.texts.iter().any(|t| t.contains(w.as_str()));
        single.or_else(|| words.iter().all(anywhere).then_some(Part::Several))
    }
}

/// How many fields name each field in branching logic, a calculation or an annotation.
fn uses(fields: &[Field]) -> HashMap<&str, usize> {
    let mut used: HashMap<&str, usize> = HashMap::new();
    for field in fields {
        let mut named: Vec<&str> =
            [&field.branching_logic, &field.choices_or_calculations, &field.annotation]
                .into_iter()
                .flat_map(|text| text.split('[').skip(1))
                .filter_map(|part| part.split([']', '(', ':']).next())
                .filter(|name| *name != field.name)
                .collect();
        named.sort_unstable();
        named.dedup();
        for name in named {
            *used.entry(name).or_default() += 1;
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::{Dictionary, FieldType};

    fn book() -> Vec<Codebook> {
        let mut fields = ["sbp", "sbp_late", "smoker", "pregnant"].map(|n| Field::new(n, "visit")).to_vec();
        fields[0].label = "Systolic <b>blood pressure</b>".into();
        fields[1].note = "Sitting, as sbp".into();
        fields[2].field_type = FieldType::Radio;
        fields[2].choices_or_calculations = "1, Never | 2, Früher".into();
        fields[3].branching_logic = "[smoker] = '2' and [smoker] <> ''".into();
        let metadata = Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() };
        vec![Codebook::new("p1", "HF-301", &metadata)]
    }

    #[test]
    fn names_labels_choices_and_notes_are_searched() {
        let books = book();
        let told = |text: &str| -> Vec<(String, Part)> {
            Codebook::search(&books, text).into_iter().map(|h| (h.field, h.part)).collect()
        };
        assert_eq!(told("SBP"), [("sbp".into(), Part::WholeName), ("sbp_late".into(), Part::Name)]);
        assert_eq!(told("blood systolic"), [("sbp".into(), Part::Label)]);
        assert_eq!(told("fruher"), [("smoker".into(), Part::Choices)]);
        assert_eq!(told("sitting"), [("sbp_late".into(), Part::Note)]);
        assert_eq!(told("late sitting"), [("sbp_late".into(), Part::Several)]);
        assert_eq!(told(""), []);
        let smoker = Codebook::search(&books, "smoker").remove(0);
        assert_eq!((smoker.used_by, smoker.project_name.as_str()), (1, "HF-301"));
    }
}
