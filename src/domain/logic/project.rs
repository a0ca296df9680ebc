//! A project as logic needs it: quick answers about fields, events and what repeats.

use super::record::Place;
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::event::Event;
use crate::domain::project::Metadata;
use std::collections::{HashMap, HashSet};

/// Metadata with look-ups. Make it once and use it for many expressions.
#[derive(Debug)]
pub struct Project<'m> {
    metadata: &'m Metadata,
    /// The place of an event in the list of events.
    events: HashMap<&'m str, usize>,
    /// (event, form); `None` if the mapping is not known, or there is none.
    designated: Option<HashSet<(&'m str, &'m str)>>,
    /// (event, form) for repeating instruments, (event, "") for repeating events.
    repeating: HashSet<(&'m str, &'m str)>,
    forms: HashSet<&'m str>,
    /// The codes of each checkbox.
    choices: HashMap<&'m str, HashSet<String>>,
}

impl<'m> Project<'m> {
    /// Prepares a project.
    pub fn new(metadata: &'m Metadata) -> Self {
        let events =
            metadata.events.list().iter().enumerate().map(|(i, e)| (e.unique_name.as_str(), i)).collect();
        let designated = metadata
            .mapping
            .known()
            .map(|mapping| mapping.iter().map(|m| (m.event.as_str(), m.form.as_str())).collect());
        let repeating =
            metadata.repeating.list().iter().map(|r| (r.event.as_str(), r.form.as_str())).collect();
        let forms = metadata.dictionary.fields().iter().map(|f| f.form.as_str()).collect();
        let codes = |f: &Field| f.choices().into_iter().map(|choice| choice.code).collect();
        let boxes = metadata.dictionary.fields().iter().filter(|f| f.field_type == FieldType::Checkbox);
        let choices = boxes.map(|f| (f.name.as_str(), codes(f))).collect();
        Self { metadata, events, designated, repeating, forms, choices }
    }

    /// The metadata.
    pub fn metadata(&self) -> &'m Metadata {
        self.metadata
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&'m Field> {
        self.metadata.dictionary.field(name)
    }

    /// The form that a field or form status is on.
    pub fn form_of(&self, name: &str) -> Option<&'m str> {
        match self.field(name) {
            Some(field) => Some(field.form.as_str()),
            None => name.strip_suffix("_complete").and_then(|form| self.forms.get(form).copied()),
        }
    }

    /// Whether a field is a checkbox with this choice, or with this missing data code as a choice.
    pub fn has_choice(&self, field: &str, code: &str) -> bool {
        self.choices.get(field).is_some_and(|codes| codes.contains(code) || self.is_missing_code(code))
    }

    /// The repeating instrument and instance of the row that holds a form at a place; empty and 0
    /// where nothing repeats.
    pub(super) fn row_of_form<'f>(&self, form: &'f str, place: &Place<'_>) -> (&'f str, u32) {
        let instrument = if self.form_repeats(place.event, form) { form } else { "" };
        let repeats = !instrument.is_empty() || self.event_repeats(place.event);
        (instrument, if repeats { place.instance.unwrap_or(0) } else { 0 })
    }

    /// Whether this is the record id field.
    pub fn is_record_id(&self, name: &str) -> bool {
        self.metadata.dictionary.record_id_field().is_some_and(|f| f.name == name)
    }

    /// The event with this unique name.
    pub fn event(&self, unique_name: &str) -> Option<&'m Event> {
        self.events.get(unique_name).and_then(|&i| self.metadata.events.list().get(i))
    }

    /// The events of an arm in order.
    pub fn events_of_arm(&self, arm: u32) -> impl DoubleEndedIterator<Item = &'m Event> + '_ {
        self.metadata.events.list().iter().filter(move |e| e.arm_num == arm)
    }

    /// Whether a form is used at an event. Yes if the mapping is not known.
    pub fn is_designated(&self, event: &str, form: &str) -> bool {
        event.is_empty() || self.designated.as_ref().is_none_or(|set| set.contains(&(event, form)))
    }

    /// Whether an instrument repeats at an event (`""` in a classic project).
    pub fn form_repeats(&self, event: &str, form: &str) -> bool {
        !form.is_empty() && self.repeating.contains(&(event, form))
    }

    /// Whether a whole event repeats.
    pub fn event_repeats(&self, event: &str) -> bool {
        self.repeating.contains(&(event, ""))
    }

    /// Whether a text is one of the missing data codes.
    pub fn is_missing_code(&self, text: &str) -> bool {
        self.metadata.info.missing_data_codes.iter().any(|c| c.code == text)
    }

    /// The field whose name is nearest to one that does not exist, if one is near.
    pub fn nearest_field(&self, name: &str) -> Option<&'m str> {
        nearest(name, self.metadata.dictionary.fields().iter().map(|f| f.name.as_str()))
    }

    /// The event whose name is nearest to one that does not exist, if one is near.
    pub fn nearest_event(&self, name: &str) -> Option<&'m str> {
        nearest(name, self.metadata.events.list().iter().map(|e| e.unique_name.as_str()))
    }
}

/// The candidate with the fewest single-letter changes, if they are few for the name's length.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.len() / 3).clamp(1, 3);
    candidates
        .filter(|c| c.len().abs_diff(name.len()) <= allowed)
        .map(|c| (distance(name.as_bytes(), c.as_bytes()), c))
        .filter(|(d, _)| *d <= allowed)
        .min()
        .map(|(_, c)| c)
}

/// The Levenshtein distance of two names.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y)).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["weight", "height", "age"];
        assert_eq!(nearest("wieght", names.into_iter()), Some("weight"));
        assert_eq!(nearest("agee", names.into_iter()), Some("age"));
        assert_eq!(nearest("nosuchfield", names.into_iter()), None);
    }
}
