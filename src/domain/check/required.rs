//! Required fields that stay blank (Data Quality rule B).

use super::compare::Compared;
use super::finding::{Findings, Rule};
use super::hidden::After;
use super::place::Places;
use super::rows::Rows;
use super::{Cell, Stored};
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::logic::{self, Project};
use jiff::civil::DateTime;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Whether a blank of the field is told: it is required and its blank can be seen.
pub(super) fn is_asked(field: &Field) -> bool {
    field.required
        && !matches!(field.field_type, FieldType::Checkbox | FieldType::File | FieldType::Calc)
        && field.holds_data()
}

/// A required field of a form.
#[derive(Clone)]
struct Needed<'m> {
    field: &'m Field,
    column: Option<usize>,
    /// The rows, as they will be, at which its branching logic shows it; `None` without logic.
    shown_at: Option<Rc<HashSet<u32>>>,
}

impl Needed<'_> {
    fn is_shown(&self, shown: &Shown<'_>, row: usize) -> bool {
        self.shown_at.as_ref().is_none_or(|at| {
            let place = shown.after.as_ref().and_then(|a| a.row_of.get(row).copied().flatten());
            place.is_some_and(|p| at.contains(&p))
        })
    }
}

/// Where branching logic shows fields once the file is imported.
struct Shown<'a> {
    project: &'a Project<'a>,
    now: DateTime,
    /// Nothing is known offline.
    after: Option<After>,
    known: HashMap<String, Option<Rc<HashSet<u32>>>>,
}

impl<'a> Shown<'a> {
    fn new(
        rows: &Rows<'_>,
        places: &Places<'_>,
        compared: &Compared,
        stored: Option<&Stored>,
        project: &'a Project<'a>,
        now: DateTime,
        touched: &dyn Fn(usize) -> bool,
    ) -> Self {
        let dictionary = &rows.metadata.dictionary;
        let logics: Vec<logic::Logic> = (0..dictionary.forms().len())
            .filter(|form| touched(*form))
            .flat_map(|form| dictionary.fields_of(places.form_name(form)))
            .filter(|f| is_asked(f) && !f.branching_logic.trim().is_empty())
            .filter_map(|f| logic::parse(&f.branching_logic).ok())
            .collect();
        let asked: HashSet<&str> = logics.iter().flat_map(logic::Logic::fields).collect();
        let after = stored
            .filter(|_| !logics.is_empty())
            .map(|stored| After::new(rows, places, compared, stored, &asked));
        Self { project, now, after, known: HashMap::new() }
    }

    /// The rows at which a logic is surely true; `None` if it cannot be told.
    fn surely(&mut self, text: &str) -> Option<Rc<HashSet<u32>>> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let found = self.after.as_ref().and_then(|after| {
            let logic = logic::parse(text).ok()?;
            after.surely(&logic, self.project, self.now).map(Rc::new)
        });
        self.known.insert(text.to_owned(), found.clone());
        found
    }
}

/// Required fields that stay blank: all of a form that begins, and those the file names.
pub(super) fn check(
    rows: &Rows<'_>,
    places: &Places<'_>,
    compared: &Compared,
    stored: Option<&Stored>,
    project: &Project<'_>,
    now: DateTime,
    findings: &mut Findings,
) {
    let n_forms = rows.metadata.dictionary.forms().len();
    let mut needed: Vec<Vec<Needed<'_>>> = vec![Vec::new(); n_forms];
    let by_name: HashMap<&str, usize> = rows.columns.iter().map(|c| c.name.as_str()).zip(0..).collect();
    let mut of_form: Vec<Vec<usize>> = vec![Vec::new(); n_forms];
    for (at, column) in rows.columns.iter().enumerate().filter(|(_, c)| c.is_value()) {
        if let Some(list) = of_form.get_mut(column.form) {
            list.push(at);
        }
    }
    let touched = |form: usize| of_form.get(form).is_some_and(|c| !c.is_empty());
    let mut shown = Shown::new(rows, places, compared, stored, project, now, &touched);
    for (form, slot) in needed.iter_mut().enumerate().filter(|(form, _)| touched(*form)) {
        for field in rows.metadata.dictionary.fields_of(places.form_name(form)).filter(|f| is_asked(f)) {
            let shown_at = match field.branching_logic.trim() {
                "" => None,
                // Only where the field is surely shown.
                logic => match shown.surely(logic) {
                    Some(rows) => Some(rows),
                    None => continue,
                },
            };
            slot.push(Needed { field, column: by_name.get(field.name.as_str()).copied(), shown_at });
        }
    }
    if needed.iter().all(Vec::is_empty) {
        return;
    }
    let statuses: Vec<Option<usize>> =
        (0..n_forms).map(|form| stored?.rows.column(&status_field(places.form_name(form)))).collect();
    let mut known: HashMap<Vec<&str>, u32> = HashMap::new();
    for (row, state) in compared.rows.iter().enumerate().filter(|(_, r)| r.is_sent) {
        for (form, columns) in of_form.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
            let touches = columns.iter().any(|c| {
                matches!(rows.cell(compared, row, *c), Cell::New | Cell::Changed | Cell::Same | Cell::Filled)
            });
            if !touches {
                continue;
            }
            let status = statuses.get(form).copied().flatten();
            let begins = stored.is_some()
                && state.stored.is_none_or(|r| {
                    stored.zip(status).is_some_and(|(s, c)| s.rows.cell(r as usize, c).is_empty())
                });
            let list = needed.get(form).map_or(&[][..], Vec::as_slice);
            let blank: Vec<&str> = list
                .iter()
                .filter(|n| n.is_shown(&shown, row))
                .filter(|n| match n.column {
                    Some(c) if rows.view.file.is_absent(row, c) => begins,
                    Some(c) => matches!(rows.cell(compared, row, c), Cell::Blank | Cell::Erased),
                    None => begins,
                })
                .map(|n| n.field.name.as_str())
                .collect();
            if !blank.is_empty() {
                let why = *known.entry(blank.clone()).or_insert_with(|| {
                    findings.why(format!("Required and blank: {}.", blank.join(", ")), None)
                });
                findings.add(Some(row), None, Rule::RequiredBlank, why);
            }
        }
    }
}
