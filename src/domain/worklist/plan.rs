//! From which date visits are counted, and what must be read to know what is missing.

use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::event::Event;
use crate::domain::logic::{self, tags};
use crate::domain::project::Metadata;
use serde::{Deserialize, Serialize};

/// A date of a record from which its visits are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The field that holds the date.
    pub field: String,
    /// The event at which it is filled in.
    pub event: String,
}

/// All dates that visits can be counted from, the most likely first: at the event whose planned
/// day is 0, then at the others by their planned day. Identifiers, such as a date of birth, and
/// what repeats come last.
pub fn anchors(metadata: &Metadata) -> Vec<Anchor> {
    let mut found: Vec<((bool, bool, i64, usize), Anchor)> = Vec::new();
    for (at, event) in metadata.events.list().iter().enumerate() {
        let repeats = metadata.event_repeats(&event.unique_name);
        for field in metadata.dictionary.fields().iter().filter(|f| is_date(f)) {
            let used =
                |m: &crate::domain::event::Mapping| m.event == event.unique_name && m.form == field.form;
            let form_repeats = metadata
                .repeating
                .list()
                .iter()
                .any(|r| r.event == event.unique_name && r.form == field.form);
            if repeats || form_repeats || !metadata.mapping.list().iter().any(used) {
                continue;
            }
            let day = event.day_offset.unwrap_or(i64::MAX);
            let key = (field.identifier, day != 0, day, at);
            found.push((key, Anchor { field: field.name.clone(), event: event.unique_name.clone() }));
        }
    }
    found.sort_by_key(|(key, _)| *key);
    found.into_iter().map(|(_, anchor)| anchor).collect()
}

fn is_date(field: &Field) -> bool {
    field.field_type == FieldType::Text && field.validation.starts_with("date")
}

/// Whether visits can be planned at all: the events have planned days.
pub fn has_schedule(metadata: &Metadata) -> bool {
    metadata.events.list().iter().any(|e| e.day_offset.is_some())
}

/// Whether a row for this event is expected of every record of its arm.
pub fn is_expected(metadata: &Metadata, event: &Event) -> bool {
    let name = &event.unique_name;
    let repeats = |form: &str| metadata.repeating.list().iter().any(|r| r.event == *name && r.form == form);
    let plain = metadata.mapping.list().iter().any(|m| m.event == *name && !repeats(&m.form));
    // Where nothing but repeating instruments is used, a record without any is complete.
    plain && !metadata.event_repeats(name)
}

/// The fields whose blanks are listed: the required ones that people fill in, or with `optional`
/// all that people fill in and that are no identifiers.
pub fn checked(metadata: &Metadata, optional: bool) -> Vec<&Field> {
    let id = metadata.dictionary.record_id_field().map(|f| f.name.as_str()).unwrap_or_default();
    let by_people = |f: &&Field| {
        let hidden = tags::find(&f.annotation)
            .iter()
            .any(|t| matches!(t.name, "HIDDEN" | "HIDDEN-FORM" | "CALCTEXT" | "CALCDATE"));
        f.holds_data() && f.field_type.as_str() != "calc" && f.name != id && !hidden
    };
    let wanted = |f: &&Field| f.required || (optional && !f.identifier);
    metadata.dictionary.fields().iter().filter(by_people).filter(wanted).collect()
}

/// All fields to ask for, by name and without the record id: every form status, the date that
/// visits are counted from, the fields that are checked, and what their branching logic looks at.
pub fn fields(metadata: &Metadata, anchor: Option<&Anchor>, optional: bool) -> Vec<String> {
    let mut names: Vec<String> = metadata.instruments.iter().map(|i| status_field(&i.name)).collect();
    names.extend(anchor.map(|a| a.field.clone()));
    for field in checked(metadata, optional) {
        names.push(field.name.clone());
        if let Ok(logic) = logic::parse(&field.branching_logic) {
            names.extend(logic.fields().map(str::to_owned));
        }
    }
    let id = metadata.dictionary.record_id_field().map(|f| f.name.clone());
    let mut seen = std::collections::HashSet::new();
    names.retain(|n| Some(n) != id.as_ref() && seen.insert(n.clone()));
    // Logic may name what does not exist; the server would refuse the whole request.
    names.retain(|n| {
        metadata.dictionary.field(n).is_some()
            || metadata.instruments.iter().any(|i| status_field(&i.name) == *n)
    });
    names
}
