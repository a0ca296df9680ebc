//! The fields that a run looks at, and what it needs to be sent.

use super::calculations;
use super::range;
use super::rule::{Checks, Letter, Rule};
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::logic::{Item, Logic, Project, parse};
use crate::domain::project::Metadata;
use std::collections::{HashMap, HashSet};

/// A field with what all rules need of it.
pub(super) struct Checked<'m> {
    pub field: &'m Field,
    /// The record id field: looked at once a record, not once a row.
    pub is_id: bool,
    /// The codes of its choices.
    pub codes: HashSet<String>,
    /// The number of its branching logic among the expressions.
    pub branching: Option<usize>,
}

/// The fields of a run, and the distinct branching logic of them.
pub(super) struct Fields<'m> {
    pub list: Vec<Checked<'m>>,
    /// What stands in branching logic; `None` where it cannot be read.
    pub expressions: Vec<Option<Logic>>,
}

impl<'m> Fields<'m> {
    /// The fields of the instruments asked for, in dictionary order.
    pub fn new(metadata: &'m Metadata, checks: &Checks) -> Self {
        let mut fields = Self { list: Vec::new(), expressions: Vec::new() };
        let mut known: HashMap<&str, usize> = HashMap::new();
        let id = metadata.dictionary.record_id_field().map(|f| f.name.as_str());
        for field in metadata.dictionary.fields() {
            if !field.holds_data() || !checks.includes(&field.form) {
                continue;
            }
            let text = field.branching_logic.trim();
            let branching = (!text.is_empty()).then(|| {
                *known.entry(text).or_insert_with(|| {
                    fields.expressions.push(parse(text).ok());
                    fields.expressions.len() - 1
                })
            });
            let codes = field.choices().into_iter().map(|c| c.code).collect();
            fields.list.push(Checked { field, is_id: id == Some(field.name.as_str()), codes, branching });
        }
        fields
    }
}

/// Whether a rule looks at a field at all, by what the field is.
pub(super) fn concerns(letter: Letter, field: &Field) -> bool {
    let is_text = field.field_type == FieldType::Text;
    match letter {
        Letter::A => super::blanks::can_be_blank(field),
        Letter::B => field.required && super::blanks::can_be_blank(field),
        Letter::C => is_text && !field.validation.is_empty(),
        Letter::D => range::class(field).is_some(),
        Letter::E => super::outliers::is_numerical(field),
        Letter::F => !field.branching_logic.trim().is_empty(),
        Letter::G => super::choices::has_fixed_choices(field),
        Letter::H => calculations::is_computed(field),
        Letter::I => true,
    }
}

/// What must be asked of the server for a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needed {
    /// The fields by name, form statuses among them, without the record id field.
    pub fields: Vec<String>,
    /// The columns that the answer should have, to see what export rights leave out.
    pub columns: Vec<String>,
    /// Some logic asks for the record's Data Access Group.
    pub dags: bool,
}

/// The fields that the rules look at, and those that their logic refers to. No others are asked for.
pub fn needed(metadata: &Metadata, checks: &Checks) -> Needed {
    let dictionary = &metadata.dictionary;
    let project = Project::new(metadata);
    let letters: Vec<Letter> = checks
        .rules
        .iter()
        .filter_map(|rule| match rule {
            Rule::Standard(letter) => Some(*letter),
            Rule::Custom(_) => None,
        })
        .filter(|l| *l != Letter::I || !metadata.info.missing_data_codes.is_empty())
        .collect();
    let mut names: HashSet<String> = HashSet::new();
    for logic in checks.logic() {
        names.extend(logic.fields().map(str::to_owned));
    }
    for field in dictionary.fields().iter().filter(|f| f.holds_data() && checks.includes(&f.form)) {
        let concerned: Vec<Letter> = letters.iter().copied().filter(|l| concerns(*l, field)).collect();
        if concerned.is_empty() {
            continue;
        }
        names.insert(field.name.clone());
        let asks_whether_shown =
            concerned.iter().any(|l| matches!(l, Letter::A | Letter::B | Letter::F | Letter::H));
        if asks_whether_shown && let Ok(logic) = parse(&field.branching_logic) {
            names.extend(logic.fields().map(str::to_owned));
        }
        if concerned.contains(&Letter::D) {
            names.extend(range::references(field));
        }
        if concerned.contains(&Letter::H) {
            names.extend(calculations::references(field));
        }
    }
    // Whether an event or instance holds any data is told by the status of its forms.
    if letters.iter().any(|l| matches!(l, Letter::A | Letter::B | Letter::H)) {
        names.extend(dictionary.forms().into_iter().map(status_field));
    }
    let id = dictionary.record_id_field().map(|f| f.name.as_str()).unwrap_or_default();
    let asks_for_group = |logic: &Logic| {
        let is_group =
            |item: &Item| matches!(item, Item::Smart { name, .. } if name.starts_with("record-dag-"));
        logic.references().any(|r| is_group(&r.item))
    };
    let mut needed = Needed { dags: checks.logic().any(asks_for_group), ..Needed::default() };
    for field in dictionary.fields().iter().filter(|f| f.holds_data() && f.name != id) {
        if names.remove(&field.name) {
            needed.columns.extend(field.export_columns());
            needed.fields.push(field.name.clone());
        }
    }
    for status in dictionary.forms().into_iter().map(status_field) {
        if names.contains(&status) && project.field(&status).is_none() {
            needed.columns.push(status.clone());
            needed.fields.push(status);
        }
    }
    needed
}
