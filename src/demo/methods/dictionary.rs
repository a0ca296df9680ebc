//! `content=metadata`, import: a new data dictionary in place of the old one (`redcap-api.md`
//! §3.9, `redcap-validation.md` §1, §6).

use super::records::import::{read_rows, table::Table, too_much_data};
use super::structure::METADATA_KEYS;
use crate::demo::model::data::checkbox_key;
use crate::demo::model::log::LogType;
use crate::demo::model::names::label_from_name;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::choices::parse_choices;
use crate::domain::dictionary::{Dictionary, Field, FieldType, status_field};
use crate::domain::event::Instrument;
use crate::domain::record::column;
use crate::domain::rights::Rights;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The headers of a data dictionary file, in the order of the keys of the API (§3.7).
const HEADERS: [&str; 18] = [
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
];

/// Replaces the dictionary, and answers with the bare number of fields. Instruments, mapping,
/// rights and data follow: what is left out is gone.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let data = call.params.text("data").unwrap_or_default();
    if data.len() > call.state.behaviour.import.most_bytes {
        return Err(too_much_data());
    }
    let wrong = || ApiError::bad("The data is not in the specified format.");
    let table = read_rows(call, data).filter(|table| !table.rows.is_empty()).ok_or_else(wrong)?;
    if table.is_too_large() {
        return Err(too_much_data());
    }
    let fields = read_fields(&table)?;
    check(&fields, &call.project)?;
    let number = fields.len();
    let new_codes = call.state.behaviour.at_least((15, 6, 0));
    call.state.edit(call.project.info.project_id, |project| {
        replace(project, fields, new_codes);
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Upload data dictionary (API)");
    Ok(Reply::plain(number.to_string()))
}

/// Makes fields of rows. Columns that no dictionary has are refused in our words.
fn read_fields(table: &Table) -> Result<Vec<Field>, ApiError> {
    let place = |name: &str| {
        METADATA_KEYS.iter().position(|k| *k == name).or_else(|| HEADERS.iter().position(|h| *h == name))
    };
    let unknown: Vec<&str> =
        table.columns.iter().map(String::as_str).filter(|name| place(name).is_none()).collect();
    if !unknown.is_empty() {
        return Err(ApiError::bad(format!(
            "The following columns are not part of a data dictionary: {}",
            unknown.join(", ")
        )));
    }
    let keys: Vec<Option<usize>> = table.columns.iter().map(|name| place(name)).collect();
    let fields = table.rows.iter().map(|row| {
        let mut cells: [&str; 18] = [""; 18];
        for (at, text) in row {
            if let Some(cell) = keys.get(*at).copied().flatten().and_then(|key| cells.get_mut(key)) {
                *cell = text.trim();
            }
        }
        field_of(&cells)
    });
    Ok(fields.collect())
}

fn field_of(cells: &[&str; 18]) -> Field {
    let [
        name,
        form,
        section,
        kind,
        label,
        choices,
        note,
        validation,
        min,
        max,
        identifier,
        branching,
        required,
        alignment,
        number,
        matrix,
        ranking,
        annotation,
    ] = *cells;
    let y = |text: &str| text.eq_ignore_ascii_case("y");
    let field_type = FieldType::from(kind);
    let is_choice = matches!(field_type, FieldType::Radio | FieldType::Dropdown | FieldType::Checkbox);
    // A dictionary writes ` | ` between choices, and numbers labels without codes from 1.
    let choices = if is_choice {
        let pairs: Vec<String> =
            parse_choices(choices).into_iter().map(|c| format!("{}, {}", c.code, c.label)).collect();
        pairs.join(" | ")
    } else {
        choices.to_owned()
    };
    Field {
        // Upper case is lowered on upload (`redcap-validation.md` §6).
        name: name.to_lowercase(),
        form: form.to_lowercase(),
        section_header: section.into(),
        field_type,
        label: label.into(),
        choices_or_calculations: choices,
        note: note.into(),
        validation: validation.into(),
        validation_min: min.into(),
        validation_max: max.into(),
        identifier: y(identifier),
        branching_logic: branching.into(),
        required: y(required),
        custom_alignment: alignment.into(),
        question_number: number.into(),
        matrix_group: matrix.into(),
        matrix_ranking: y(ranking),
        annotation: annotation.into(),
    }
}

/// Names cells as a spreadsheet does; the header is row 1.
fn cell(column: char, row: usize) -> String {
    format!("{column}{}", row + 2)
}

/// Lists what is wrong, each kind with its cells. The first three kinds and the beginning of the
/// fourth are REDCap's words, the others are ours.
fn check(fields: &[Field], project: &Project) -> Result<(), ApiError> {
    let mut errors: Vec<String> = Vec::new();
    let mut add = |text: &str, cells: Vec<String>, separator: &str| {
        if !cells.is_empty() {
            errors.push(format!(
                "{text}{separator}{}",
                cells.join(if separator == "\n" { "\n" } else { ", " })
            ));
        }
    };
    let with_name = |name: &str, column: char, row: usize| format!("{name} ({})", cell(column, row));
    let rows = || fields.iter().enumerate();
    let mut seen = HashSet::new();
    let duplicates = rows()
        .filter(|(_, f)| !f.name.is_empty() && !seen.insert(f.name.as_str()))
        .map(|(row, f)| with_name(&f.name, 'A', row));
    add(
        "The following variable/field names were duplicated. Please rename these field names so that they only appear once.",
        duplicates.collect(),
        "\n",
    );
    let without_form = rows().filter(|(_, f)| f.form.is_empty()).map(|(row, _)| cell('B', row));
    add(
        "Each row MUST have a form name, but the following cells have a form name missing:",
        without_form.collect(),
        " ",
    );
    let mut finished: HashSet<&str> = HashSet::new();
    let mut current = "";
    let mut again = Vec::new();
    for (row, field) in rows().filter(|(_, f)| !f.form.is_empty()) {
        if field.form != current {
            finished.insert(current);
            current = &field.form;
            if finished.contains(current) {
                again.push(with_name(current, 'B', row));
            }
        }
    }
    add(
        "Form names must be sequential and cannot repeat again after being used for another form. Rename the following form names beginning with the values listed below:",
        again,
        "\n",
    );
    let had_sql = |field: &Field| {
        project.dictionary.field(&field.name).is_some_and(|old| old.field_type == FieldType::Sql)
    };
    let bad_types = rows()
        .filter(|(_, f)| match f.field_type {
            FieldType::Other(_) => true,
            // Only administrators can add them (`redcap-api.md` §6.2).
            FieldType::Sql => !had_sql(f),
            _ => false,
        })
        .map(|(row, f)| with_name(f.field_type.as_str(), 'D', row));
    add(
        "The only valid field types are text, notes, radio, dropdown, calc, file, checkbox, yesno, truefalse, descriptive, slider and must all be in lower case. The following are not valid:",
        bad_types.collect(),
        "\n",
    );
    let unnamed = rows().filter(|(_, f)| f.name.is_empty()).map(|(row, _)| cell('A', row));
    add(
        "Each row MUST have a variable/field name, but the following cells have it missing:",
        unnamed.collect(),
        " ",
    );
    let forms: HashSet<String> = fields.iter().map(|f| status_field(&f.form)).collect();
    let reserved = |name: &str| column::SYSTEM.contains(&name) || forms.contains(name);
    let bad_names = rows()
        .filter(|(_, f)| !f.name.is_empty() && (!is_name(&f.name) || reserved(&f.name)))
        .map(|(row, f)| with_name(&f.name, 'A', row));
    add("The following variable/field names are not valid or are reserved:", bad_names.collect(), "\n");
    let bad_forms = rows()
        .filter(|(_, f)| !f.form.is_empty() && !is_name(&f.form))
        .map(|(row, f)| with_name(&f.form, 'B', row));
    add("The following form names are not valid:", bad_forms.collect(), "\n");
    let without_choices = rows()
        .filter(|(_, f)| {
            f.choices_or_calculations.is_empty()
                && matches!(
                    f.field_type,
                    FieldType::Radio
                        | FieldType::Dropdown
                        | FieldType::Checkbox
                        | FieldType::Calc
                        | FieldType::Sql
                )
        })
        .map(|(row, _)| cell('F', row));
    add("The following cells have choices or a calculation missing:", without_choices.collect(), " ");
    let repeated_codes = rows()
        .filter(|(_, f)| {
            let mut codes = HashSet::new();
            f.choices().into_iter().any(|c| !codes.insert(c.code))
        })
        .map(|(row, f)| with_name(&f.name, 'F', row));
    add("The choices of the following fields have a code more than once:", repeated_codes.collect(), "\n");
    if let Some(first) = fields.first().filter(|f| f.field_type != FieldType::Text) {
        add(
            "The first field is the record ID field and must be a text field:",
            vec![with_name(&first.name, 'D', 0)],
            "\n",
        );
    }
    if errors.is_empty() { Ok(()) } else { Err(ApiError::bad(errors.join("\n"))) }
}

/// Whether a name is one: letters, digits and single underscores, a letter first (§6).
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.contains("__")
        && !name.ends_with('_')
        && name.len() <= 100
}

/// Puts the dictionary in place of the old one, and all that hangs on it.
fn replace(project: &mut Project, fields: Vec<Field>, new_codes: bool) {
    let old: HashMap<String, Instrument> =
        std::mem::take(&mut project.instruments).into_iter().map(|i| (i.name.clone(), i)).collect();
    let old_id = project.record_id_field().to_owned();
    project.dictionary = Dictionary::new(fields);
    project.instruments = project
        .dictionary
        .forms()
        .into_iter()
        .map(|name| {
            let known = old.get(name).cloned();
            known.unwrap_or_else(|| Instrument { name: name.to_owned(), label: label_from_name(name) })
        })
        .collect();
    let forms: HashSet<String> = project.instruments.iter().map(|i| i.name.clone()).collect();
    project.mapping.retain(|m| forms.contains(&m.form));
    project.repeating.retain(|r| r.is_event() || forms.contains(&r.form));
    project.info.has_repeating = project.has_repeating();
    project.surveys.retain(|s| forms.contains(&s.form));
    // Added in development, a form is open to all (`redcap-permissions.md` §1.4).
    let added: Vec<&Instrument> = project.instruments.iter().filter(|i| !old.contains_key(&i.name)).collect();
    let entry = if new_codes { 130 } else { 1 };
    let update = |rights: &mut Rights| {
        rights.forms.retain(|(form, _)| forms.contains(form));
        rights.forms_export.retain(|(form, _)| forms.contains(form));
        for form in &added {
            rights.forms.push((form.name.clone(), entry));
            rights.forms_export.push((form.name.clone(), 1));
        }
    };
    project.users.iter_mut().for_each(|user| update(&mut user.rights));
    project.roles.iter_mut().for_each(|role| update(&mut role.rights));
    remove_lost_data(project, &old_id);
}

/// Removes the data of fields and choices that are gone, and their files.
fn remove_lost_data(project: &mut Project, old_id: &str) {
    let mut keys: HashSet<String> = HashSet::from([column::SURVEY_IDENTIFIER.to_owned()]);
    for instrument in &project.instruments {
        keys.insert(status_field(&instrument.name));
        keys.insert(format!("{}_timestamp", instrument.name));
    }
    let missing = &project.info.missing_data_codes;
    for field in project.dictionary.fields() {
        if field.field_type == FieldType::Checkbox {
            let choices = field.choices();
            keys.extend(choices.iter().chain(missing).map(|c| checkbox_key(&field.name, c)));
        } else {
            keys.insert(field.name.clone());
        }
    }
    // Names of instruments are kept among the keys for rows that repeat.
    keys.extend(project.instruments.iter().map(|i| i.name.clone()));
    keys.insert(old_id.to_owned());
    Arc::make_mut(&mut project.data).remove_keys(|key| !keys.contains(key));
    let mut used: HashSet<u64> = HashSet::new();
    let files = project.dictionary.fields().iter().filter(|f| f.field_type == FieldType::File);
    for field in files {
        for (_, record) in project.data.records() {
            used.extend(
                record.rows().iter().filter_map(|row| project.data.get(row, &field.name).parse::<u64>().ok()),
            );
        }
    }
    project.files.retain(|id, _| used.contains(id));
}
