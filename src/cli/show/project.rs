//! The project and its codebook in words.

use super::Context;
use super::text::{Page, counted};
use crate::domain::dictionary::Field;
use crate::domain::project::{Readable, facts};

/// What the project is, its events, and which instruments are used at them.
pub fn overview(page: &mut Page, context: &Context) {
    let metadata = &context.metadata;
    let info = &metadata.info;
    page.heading(&format!("Overview of {}, project number {}", info.title, info.project_id));
    page.fact("REDCap version", &metadata.version);
    for (name, value) in facts(metadata) {
        page.fact(name, &value);
    }
    page.fact("Notes", &info.notes);
    let identifiers = metadata.dictionary.fields().iter().filter(|f| f.identifier).count();
    page.fact("Fields marked as identifiers", &identifiers.to_string());
    if let Readable::NoRight(why) = &metadata.events {
        page.fact("Events cannot be read", why);
    }
    if let Readable::NoRight(why) = &metadata.repeating {
        page.fact("What repeats cannot be read", why);
    }
    for (i, event) in metadata.events.list().iter().enumerate() {
        page.heading(&format!("Event {}: {}", i + 1, event.name));
        page.fact("Unique name", &event.unique_name);
        page.fact("Arm", &event.arm_num.to_string());
        page.fact("Planned day", &event.day_offset.map_or(String::new(), |d| d.to_string()));
        if metadata.event_repeats(&event.unique_name) {
            page.sentence("The whole event repeats.");
        }
        let used = metadata.mapping.list().iter().filter(|m| m.event == event.unique_name);
        for mapping in used {
            let repeats = metadata
                .repeating
                .list()
                .iter()
                .any(|r| r.event == event.unique_name && r.form == mapping.form);
            let repeats = if repeats { ", repeats" } else { "" };
            page.fact("Instrument", &format!("{}{repeats}", metadata.instrument_label(&mapping.form)));
        }
    }
}

/// The instruments, or the fields of one.
pub fn instruments(page: &mut Page, context: &Context) {
    let metadata = &context.metadata;
    let Some(form) = &context.args.form else {
        page.heading(&format!("Instruments of {}", metadata.info.title));
        page.sentence(&counted(metadata.instruments.len(), "instrument"));
        for instrument in &metadata.instruments {
            page.heading(&instrument.label);
            page.fact("Unique name", &instrument.name);
            page.fact("Fields", &metadata.dictionary.fields_of(&instrument.name).count().to_string());
            let events: Vec<String> = metadata
                .events_of_form(&instrument.name)
                .map(|e| metadata.event_label(&e.unique_name))
                .collect();
            page.fact("Events", &events.join(", "));
            if metadata.form_repeats(&instrument.name) {
                page.sentence("It repeats.");
            }
        }
        page.heading("Fields");
        return page.sentence("Give --form and a unique name to hear the fields of an instrument.");
    };
    page.heading(&format!("Instrument {}", metadata.instrument_label(form)));
    for field in metadata.dictionary.fields_of(form) {
        describe(page, field);
    }
}

/// All about one field.
fn describe(page: &mut Page, field: &Field) {
    page.heading(&format!("Field {}", field.name));
    page.fact("Under the heading", &field.section_header);
    page.fact("Label", &field.label);
    page.fact("Type", field.field_type.as_str());
    page.fact("Validation", &field.validation);
    page.fact("Lowest", &field.validation_min);
    page.fact("Highest", &field.validation_max);
    let choices = field.choices();
    for choice in &choices {
        page.fact("Choice", &format!("{}, {}", choice.code, choice.label));
    }
    if choices.is_empty() {
        page.fact("Calculation", &field.choices_or_calculations);
    }
    page.fact("Shown only if", &field.branching_logic);
    if field.required {
        page.sentence("It is required.");
    }
    if field.identifier {
        page.sentence("It is marked as an identifier.");
    }
    page.fact("Note", &field.note);
    page.fact("Annotation", &field.annotation);
}
