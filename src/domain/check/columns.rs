//! Which column of the file is which field.

use super::finding::{Findings, Rule};
use super::fix::Fix;
use super::source::{Settings, SourceFile};
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::logic::tags;
use crate::domain::project::Metadata;
use crate::domain::record::column;
use crate::domain::text::{one_line, without_html};
use std::collections::{HashMap, HashSet};

/// What a column of the file is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The record's name.
    Record,
    /// The event.
    Event,
    /// The repeating instrument.
    Instrument,
    /// The instance.
    Instance,
    /// The Data Access Group.
    Group,
    /// A field: its place in the dictionary.
    Field(usize),
    /// One choice of a checkbox: the field's place in the dictionary, and the choice's code.
    Box(usize, String),
    /// The form status of an instrument.
    Status,
    /// Nothing that is sent.
    Ignored,
    /// No field of the project.
    Unknown,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileColumn {
    /// Its name in the file.
    pub header: String,
    /// Its name in the project; the same unless a correction renames it.
    pub name: String,
    /// What it is for.
    pub target: Target,
    /// The instrument, as a place in the dictionary's list of instruments.
    pub form: usize,
    /// Its values are personal data.
    pub identifier: bool,
}

impl FileColumn {
    /// Whether its cells are values of a record, to be compared and sent.
    pub fn is_value(&self) -> bool {
        matches!(self.target, Target::Field(_) | Target::Box(..) | Target::Status)
    }
}

/// Whether REDCap computes a field: `calc`, `@CALCTEXT`, `@CALCDATE`.
pub fn is_computed(field: &Field) -> bool {
    field.field_type == FieldType::Calc
        || tags::find(&field.annotation).iter().any(|t| matches!(t.name, "CALCTEXT" | "CALCDATE"))
}

/// All columns that an import knows, by their names.
struct Known<'m> {
    by_name: HashMap<String, (Target, usize, Option<&'m Field>)>,
}

impl<'m> Known<'m> {
    fn new(metadata: &'m Metadata, forms: &[&str]) -> Self {
        let mut by_name = HashMap::new();
        let form_at: HashMap<&str, usize> = forms.iter().copied().zip(0..).collect();
        let missing = &metadata.info.missing_data_codes;
        for (at, field) in metadata.dictionary.fields().iter().enumerate() {
            let form = form_at.get(field.form.as_str()).copied().unwrap_or(0);
            let target = match field.field_type {
                _ if at == 0 => Target::Record,
                FieldType::Descriptive => continue,
                FieldType::Checkbox => {
                    for choice in field.choices().iter().chain(missing) {
                        let target = Target::Box(at, choice.code.clone());
                        by_name.entry(checkbox_column(&field.name, &choice.code)).or_insert((
                            target,
                            form,
                            Some(field),
                        ));
                    }
                    continue;
                }
                FieldType::File => Target::Ignored,
                _ if is_computed(field) => Target::Ignored,
                _ => Target::Field(at),
            };
            by_name.entry(field.name.clone()).or_insert((target, form, Some(field)));
        }
        for (form, name) in forms.iter().enumerate() {
            by_name.entry(status_field(name)).or_insert((Target::Status, form, None));
            by_name.entry(format!("{name}_timestamp")).or_insert((Target::Ignored, form, None));
        }
        for (name, target) in [
            (column::EVENT, Target::Event),
            (column::REPEAT_INSTRUMENT, Target::Instrument),
            (column::REPEAT_INSTANCE, Target::Instance),
            (column::DAG, Target::Group),
            (column::SURVEY_IDENTIFIER, Target::Ignored),
        ] {
            by_name.insert(name.to_owned(), (target, 0, None));
        }
        Self { by_name }
    }

    /// The name that a header probably means: another case, a field's label, or a near spelling.
    fn nearest(&self, header: &str, metadata: &Metadata) -> Option<String> {
        let lower = header.trim().to_lowercase();
        if self.by_name.contains_key(&lower) {
            return Some(lower);
        }
        let by_label =
            metadata.dictionary.fields().iter().filter(|f| {
                self.by_name.contains_key(&f.name) && without_html(&f.label).to_lowercase() == lower
            });
        let labelled: Vec<&str> = by_label.map(|f| f.name.as_str()).collect();
        if let [one] = labelled.as_slice() {
            return Some((*one).to_owned());
        }
        let last = |text: &str| text.bytes().last().unwrap_or(0);
        let allowed = (lower.len() / 3).clamp(1, 3);
        self.by_name
            .keys()
            .filter(|k| k.len().abs_diff(lower.len()) <= allowed)
            // Of the choices of a checkbox the one next to the missing one.
            .map(|k| (strsim::damerau_levenshtein(&lower, k), last(k).abs_diff(last(&lower)), k))
            .filter(|(distance, ..)| *distance <= allowed)
            .min()
            .map(|(_, _, k)| k.clone())
    }
}

/// Sorts out the columns of a file.
pub(super) fn resolve(
    file: &SourceFile,
    metadata: &Metadata,
    forms: &[&str],
    settings: &Settings,
    findings: &mut Findings,
) -> Vec<FileColumn> {
    let table = &file.table;
    let known = Known::new(metadata, forms);
    let mut seen: HashSet<String> = HashSet::new();
    let mut columns = Vec::with_capacity(table.n_columns());
    for (at, header) in table.column_names().enumerate() {
        let name = settings.fixes.iter().find_map(|fix| match fix {
            Fix::Rename { from, to } if from == header => Some(to.clone()),
            _ => None,
        });
        let name = name.unwrap_or_else(|| header.to_owned());
        let dropped = settings.fixes.iter().any(|f| matches!(f, Fix::Drop { column } if column == header));
        let mut column = FileColumn {
            header: header.to_owned(),
            name: name.clone(),
            target: Target::Ignored,
            form: 0,
            identifier: false,
        };
        match known.by_name.get(&name) {
            _ if dropped => {}
            Some((target, form, field)) => {
                column.target = target.clone();
                column.form = *form;
                column.identifier = field.is_some_and(|f| f.identifier);
                if !seen.insert(name.clone()) {
                    findings.once(None, Some(at), Rule::ColumnTwice, format!("{name} comes twice."), None);
                    column.target = Target::Unknown;
                }
                if column.target == Target::Event && !metadata.info.is_longitudinal {
                    column.target = Target::Ignored;
                }
                if column.target == Target::Ignored {
                    ignored(at, &name, *field, findings);
                }
            }
            None if is_unnamed(&name) && table.n_distinct(at) == 0 => {
                let what = format!("Column {} has no name and no values.", at + 1);
                findings.once(None, Some(at), Rule::EmptyColumn, what, None);
            }
            None => {
                column.target = Target::Unknown;
                if file.eav.is_some()
                    && let Some(field) = checkbox_of(metadata, &name)
                {
                    exported_box(at, field, findings);
                } else {
                    unknown(at, &name, &known, metadata, findings);
                }
            }
        }
        columns.push(column);
    }
    if !columns.iter().any(|c| c.target == Target::Record) {
        let id = metadata.dictionary.record_id_field().map_or("", |f| f.name.as_str());
        let what = match header_below(file, id) {
            Some(line) => format!(
                "The first line has no column {id}, but line {line} has. Is that the header? Delete the lines above it."
            ),
            None => format!("The file has no column {id}."),
        };
        findings.once(None, None, Rule::NoIdColumn, what, None);
    }
    columns
}

/// The line below the first one that looks like the header: people leave titles above a table.
pub(super) fn header_below(file: &SourceFile, id: &str) -> Option<u32> {
    const FIRST_ROWS: usize = 20;
    let table = &file.table;
    let is_header = |row: &usize| (0..table.n_columns()).any(|c| table.cell(*row, c).trim() == id);
    (0..table.n_rows().min(FIRST_ROWS)).find(is_header).map(|row| file.line(row))
}

/// The checkbox field of a name.
pub(super) fn checkbox_of<'m>(metadata: &'m Metadata, name: &str) -> Option<&'m Field> {
    metadata.dictionary.field(name).filter(|f| f.field_type == FieldType::Checkbox)
}

/// A checkbox field as exports with one value a row write it; imports name the box itself.
fn exported_box(at: usize, field: &Field, findings: &mut Findings) {
    let example = field.export_columns().into_iter().next().unwrap_or_default();
    let what = format!(
        "{} is a checkbox field. An export has a row for each ticked code; an import has the box's own name, such as {example}, with 1 or 0.",
        field.name
    );
    findings.once(None, Some(at), Rule::UnknownColumn, what, Some(Fix::ExportedBoxes));
}

/// The names that spreadsheets and pandas give to columns without one.
fn is_unnamed(name: &str) -> bool {
    name.is_empty() || name.starts_with("Unnamed:")
}

fn ignored(at: usize, name: &str, field: Option<&Field>, findings: &mut Findings) {
    let (rule, what) = match field {
        Some(f) if f.field_type == FieldType::File => {
            (Rule::FileColumn, format!("{name} is a file field; its values are not sent."))
        }
        Some(_) => (Rule::CalcColumn, format!("{name} is computed by REDCap; its values are not sent.")),
        None => (Rule::SystemColumn, format!("{name} is not sent.")),
    };
    findings.once(None, Some(at), rule, what, None);
}

fn unknown(at: usize, name: &str, known: &Known<'_>, metadata: &Metadata, findings: &mut Findings) {
    let shown = one_line(name);
    let mut what = format!("The project has no field \"{shown}\".");
    let field = metadata.dictionary.field(name);
    if field.is_some_and(|f| f.field_type == FieldType::Checkbox) {
        what = format!(
            "{shown} is a checkbox field: it has one column for each choice, such as {}.",
            field.and_then(|f| f.export_columns().into_iter().next()).unwrap_or_default()
        );
    } else if field.is_some() {
        what = format!("{shown} is text on the form and holds no data.");
    }
    let near = known.nearest(name, metadata);
    let fix = match near {
        Some(near) => {
            what.push_str(&format!(" The nearest is {near}."));
            Fix::Rename { from: name.to_owned(), to: near }
        }
        None => Fix::Drop { column: name.to_owned() },
    };
    findings.once(None, Some(at), Rule::UnknownColumn, what, Some(fix));
}
