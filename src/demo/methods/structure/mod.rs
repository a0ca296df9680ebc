//! Dictionary, instruments, arms, events, mapping, and what repeats: the exports here, the
//! imports in the rooms below.

pub mod arms;
pub mod designation;
pub mod events;
mod rehome;
mod removal;
pub mod settings;

use crate::demo::model::log::LogType;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::encode::{Cell, Shape};
use crate::demo::wire::error::ApiError;
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::{Field, FieldType, status_field};

/// The eighteen keys of a dictionary row (`redcap-api.md` §3.7).
pub const METADATA_KEYS: [&str; 18] = [
    "field_name",
    "form_name",
    "section_header",
    "field_type",
    "field_label",
    "select_choices_or_calculations",
    "field_note",
    "text_validation_type_or_show_slider_number",
    "text_validation_min",
    "text_validation_max",
    "identifier",
    "branching_logic",
    "required_field",
    "custom_alignment",
    "question_number",
    "matrix_group_name",
    "matrix_ranking",
    "field_annotation",
];

fn metadata_row(field: &Field) -> Vec<Cell<'_>> {
    let y = |on: bool| if on { "y" } else { "" };
    [
        field.name.as_str(),
        &field.form,
        &field.section_header,
        field.field_type.as_str(),
        &field.label,
        &field.choices_or_calculations,
        &field.note,
        &field.validation,
        &field.validation_min,
        &field.validation_max,
        y(field.identifier),
        &field.branching_logic,
        y(field.required),
        &field.custom_alignment,
        &field.question_number,
        &field.matrix_group,
        y(field.matrix_ranking),
        &field.annotation,
    ]
    .into_iter()
    .map(Cell::text)
    .collect()
}

/// Checks names against what the project has: the pattern of 400-08.
pub fn check_names(parameter: &str, names: &[String], known: impl Fn(&str) -> bool) -> Result<(), ApiError> {
    let wrong: Vec<String> = names.iter().filter(|n| !known(n)).cloned().collect();
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::invalid_values(parameter, &wrong)) }
}

/// The names in a parameter; `None` where it is not given.
type Names = Option<Vec<String>>;

/// The parameters `fields` and `forms`, checked.
pub fn fields_and_forms(call: &Call<'_>) -> Result<(Names, Names), ApiError> {
    let project = &call.project;
    let fields = call.list("fields")?;
    let forms = call.list("forms")?;
    if let Some(names) = &fields {
        // Pseudo-fields are no fields either (13.4.10 and later).
        check_names("fields", names, |name| project.is_field(name))?;
    }
    if let Some(names) = &forms {
        check_names("forms", names, |name| project.instruments.iter().any(|i| i.name == name))?;
    }
    Ok((fields, forms))
}

/// `content=metadata`. Never cut by rights (`redcap-permissions.md` §3.2).
pub fn metadata(call: &Call<'_>) -> Result<Reply, ApiError> {
    let project = &call.project;
    let (fields, forms) = fields_and_forms(call)?;
    let wanted = |field: &Field| match (&fields, &forms) {
        (None, None) => true,
        (fields, forms) => {
            fields.as_ref().is_some_and(|f| f.contains(&field.name))
                || forms.as_ref().is_some_and(|f| f.contains(&field.form))
        }
    };
    let rows: Vec<_> = project.dictionary.fields().iter().filter(|f| wanted(f)).map(metadata_row).collect();
    call.log(LogType::Manage, "Manage/Design ", "Download data dictionary (API)");
    call.table(Shape::list("records"), &METADATA_KEYS, &rows)
}

/// `content=exportFieldNames`: file and descriptive fields are left out, calculations and form
/// statuses are listed (`redcap-wire.md`).
pub fn field_names(call: &Call<'_>) -> Result<Reply, ApiError> {
    let project = &call.project;
    let only = call.params.text("field");
    if let Some(name) = only {
        check_names("field", &[name.to_owned()], |n| project.is_field(n))?;
    }
    let mut rows = Vec::new();
    for instrument in &project.instruments {
        for field in project.fields_of(&instrument.name) {
            match field.field_type {
                FieldType::File | FieldType::Descriptive => {}
                FieldType::Checkbox => {
                    for choice in field.choices() {
                        let column = checkbox_column(&field.name, &choice.code);
                        rows.push((field.name.clone(), choice.code, column));
                    }
                }
                _ => rows.push((field.name.clone(), String::new(), field.name.clone())),
            }
        }
        let status = status_field(&instrument.name);
        rows.push((status.clone(), String::new(), status));
    }
    let rows: Vec<_> = rows
        .iter()
        .filter(|(name, _, _)| only.is_none_or(|o| o == name))
        .map(|(name, code, column)| vec![Cell::text(name), Cell::text(code), Cell::text(column)])
        .collect();
    call.log(LogType::Manage, "Manage/Design ", "Download export field names (API)");
    let shape = Shape { item: "field", ..Shape::list("fields") };
    call.table(shape, &["original_field_name", "choice_value", "export_field_name"], &rows)
}

/// `content=instrument`.
pub fn instruments(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows: Vec<_> =
        call.project.instruments.iter().map(|i| vec![Cell::text(&i.name), Cell::text(&i.label)]).collect();
    call.log(LogType::Manage, "Manage/Design ", "Export instruments (API)");
    call.table(Shape::list("instruments"), &["instrument_name", "instrument_label"], &rows)
}

/// The arms a call asks for; names that are no arm select nothing.
fn wanted_arms(call: &Call<'_>) -> Result<impl Fn(u32) -> bool, ApiError> {
    let arms = call.list("arms")?;
    Ok(move |num: u32| arms.as_ref().is_none_or(|list| list.iter().any(|a| a.trim().parse() == Ok(num))))
}

/// `content=arm`: only arms that own an event (`redcap-api.md` §3.1).
pub fn arms(call: &Call<'_>) -> Result<Reply, ApiError> {
    let wanted = wanted_arms(call)?;
    let project = &call.project;
    let rows: Vec<_> = project
        .arms
        .iter()
        .filter(|arm| wanted(arm.num) && project.events.iter().any(|e| e.arm_num == arm.num))
        .map(|arm| vec![Cell::Int(arm.num.into()), Cell::text(&arm.name)])
        .collect();
    call.log(LogType::Manage, "Manage/Design ", "Export arms (API)");
    let shape = Shape { last_line_feed: false, ..Shape::list("arms") };
    call.table(shape, &["arm_num", "name"], &rows)
}

/// `content=event`; the day columns only with scheduling (`redcap-wire.md`).
pub fn events(call: &Call<'_>) -> Result<Reply, ApiError> {
    let wanted = wanted_arms(call)?;
    let scheduling = call.project.info.scheduling_enabled;
    let number = |n: Option<i64>| n.map_or_else(|| Cell::text(""), |n| Cell::text(n.to_string()));
    let rows: Vec<_> = call
        .project
        .events
        .iter()
        .filter(|event| wanted(event.arm_num))
        .map(|event| {
            let mut row = vec![Cell::text(&event.name), Cell::Int(event.arm_num.into())];
            if scheduling {
                row.extend([number(event.day_offset), number(event.offset_min), number(event.offset_max)]);
            }
            let id = event.event_id.and_then(|id| i64::try_from(id).ok()).unwrap_or(0);
            row.extend([Cell::text(&event.unique_name), Cell::text(&event.custom_label), Cell::Int(id)]);
            row
        })
        .collect();
    let mut keys = vec!["event_name", "arm_num"];
    if scheduling {
        keys.extend(["day_offset", "offset_min", "offset_max"]);
    }
    keys.extend(["unique_event_name", "custom_event_label", "event_id"]);
    call.log(LogType::Manage, "Manage/Design ", "Export events (API)");
    call.table(Shape::list("events"), &keys, &rows)
}

/// `content=formEventMapping`.
pub fn mapping(call: &Call<'_>) -> Result<Reply, ApiError> {
    let wanted = wanted_arms(call)?;
    let project = &call.project;
    let mut lines: Vec<_> = project.mapping.iter().filter(|m| wanted(m.arm_num)).collect();
    let event_at = |name: &str| project.events.iter().position(|e| e.unique_name == name);
    let form_at = |name: &str| project.instruments.iter().position(|i| i.name == name);
    lines.sort_by_key(|m| (event_at(&m.event), form_at(&m.form)));
    let rows: Vec<_> = lines
        .into_iter()
        .map(|m| vec![Cell::Int(m.arm_num.into()), Cell::text(&m.event), Cell::text(&m.form)])
        .collect();
    call.log(LogType::Manage, "Manage/Design ", "Export instrument-event mappings (API)");
    let shape = Shape { last_line_feed: false, ..Shape::list("items") };
    call.table(shape, &["arm_num", "unique_event_name", "form"], &rows)
}

/// `content=repeatingFormsEvents` (`redcap-api.md` §3.5).
pub fn repeating(call: &Call<'_>) -> Result<Reply, ApiError> {
    let project = &call.project;
    let longitudinal = project.info.is_longitudinal;
    let rows: Vec<_> = project
        .repeating
        .iter()
        .map(|r| {
            let mut row = Vec::new();
            if longitudinal {
                row.push(Cell::text(&r.event));
            }
            row.extend([Cell::text(&r.form), Cell::text(&r.custom_label)]);
            row
        })
        .collect();
    let keys: &[&str] = if longitudinal {
        &["event_name", "form_name", "custom_form_label"]
    } else {
        &["form_name", "custom_form_label"]
    };
    call.log(LogType::Manage, "Manage/Design ", "Export repeating instruments and events (API)");
    call.table(Shape::list("items"), keys, &rows)
}
