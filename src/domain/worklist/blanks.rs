//! Fields that a form shows and that are blank.

use super::plan::checked;
use super::{Item, Verdict, Worklist};
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::logic::{self, Logic, Place, Project, RecordContext, Rules, TableRows};
use crate::domain::project::Metadata;
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use jiff::civil::Date;

/// A checked field with what is the same for all rows.
struct Checked<'a> {
    field: &'a Field,
    cells: Vec<usize>,
    /// `None` if it has no branching logic; an error if that cannot be read.
    logic: Option<Result<Logic, ()>>,
}

/// Adds an item for each form that was started and has blanks. A missing data code is an answer;
/// a field that branching logic hides is not missing.
pub fn add(
    list: &mut Worklist,
    table: &RecordTable,
    metadata: &Metadata,
    dag_of: &dyn Fn(&str) -> String,
    optional: bool,
    today: Date,
) {
    let project = Project::new(metadata);
    let rows = TableRows::new(&project, table);
    let rules = Rules::default();
    let now = today.at(12, 0, 0, 0);
    let id = metadata.dictionary.record_id_field().and_then(|f| table.column(&f.name));
    let forms: Vec<(&str, usize, Vec<Checked>)> = metadata
        .instruments
        .iter()
        .filter_map(|i| {
            let status = table.column(&status_field(&i.name))?;
            let fields = checked(metadata, optional).into_iter().filter(|f| f.form == i.name);
            let mut known = Vec::new();
            for field in fields {
                let cells: Vec<usize> =
                    field.export_columns().iter().filter_map(|c| table.column(c)).collect();
                if cells.is_empty() {
                    list.unreadable.push(field.name.clone());
                    continue;
                }
                let text = field.branching_logic.trim();
                let logic = (!text.is_empty()).then(|| logic::parse(text).map_err(|_| ()));
                known.push(Checked { field, cells, logic });
            }
            Some((i.name.as_str(), status, known))
        })
        .collect();
    let Some(id) = id else { return };
    for row in 0..table.n_rows() {
        for (form, status, fields) in &forms {
            // Gray: nobody was asked these questions yet.
            if table.cell(row, *status).is_empty() {
                continue;
            }
            let (mut required, mut others) = (Vec::new(), Vec::new());
            for checked in fields.iter().filter(|c| is_blank(c, table, row)) {
                let shown = match &checked.logic {
                    None => Ok(true),
                    Some(Ok(logic)) => {
                        let place = Place { form, ..rows.place(row) };
                        let record = rows.record(row);
                        let context = RecordContext::new(&project, &record, place, &rules, now);
                        logic.is_true(&context, &rules).map_err(|_| ())
                    }
                    Some(Err(())) => Err(()),
                };
                match shown {
                    Ok(true) if checked.field.required => required.push(checked.field.name.clone()),
                    Ok(true) => others.push(checked.field.name.clone()),
                    Ok(false) => {}
                    Err(()) => list.unknown += 1,
                }
            }
            let record = table.cell(row, id);
            for (fields, verdict) in [
                (required, Verdict::RequiredBlank as fn(Vec<String>) -> Verdict),
                (others, Verdict::Blank as fn(Vec<String>) -> Verdict),
            ] {
                if fields.is_empty() {
                    continue;
                }
                list.items.push(Item {
                    record: record.to_owned(),
                    dag: dag_of(record),
                    event: table.get(row, column::EVENT).to_owned(),
                    form: (*form).to_owned(),
                    instance: table.get(row, column::REPEAT_INSTANCE).parse().ok(),
                    window: None,
                    verdict: verdict(fields),
                });
            }
        }
    }
}

/// A checkbox without a tick is blank: an unticked box is exported as 0.
fn is_blank(checked: &Checked, table: &RecordTable, row: usize) -> bool {
    let boxes = checked.field.field_type == FieldType::Checkbox;
    checked.cells.iter().all(|&c| {
        let cell = table.cell(row, c);
        cell.is_empty() || boxes && (cell == "0" || cell.eq_ignore_ascii_case("unchecked"))
    })
}
