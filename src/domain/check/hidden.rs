//! Values that branching logic hides once the file is imported (Data Quality rule F).

use super::columns::Target;
use super::compare::{Compared, without_returns};
use super::finding::{Findings, Rule};
use super::place::{Instance, Places};
use super::rows::Rows;
use super::{Cell, Stored};
use crate::domain::logic::{self, Project, Rules, TableRows};
use crate::domain::record::column;
use crate::domain::table::{RecordTable, TableBuilder};
use jiff::civil::DateTime;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Tells of values that are stored although their field is not shown. Only what is certain however
/// blanks are treated is told.
pub(super) fn check(
    facts: &Rows<'_>,
    places: &Places<'_>,
    project: &Project<'_>,
    compared: &Compared,
    stored: &Stored,
    now: DateTime,
    findings: &mut Findings,
) {
    let Rows { view, columns, .. } = *facts;
    // Columns with the same logic are looked at together.
    let mut by_logic: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        let (Target::Field(field) | Target::Box(field, _)) = &column.target else { continue };
        let Some(field) = project.metadata().dictionary.fields().get(*field) else { continue };
        if !field.branching_logic.trim().is_empty() && view.codes(at).iter().any(|c| *c > 0) {
            by_logic.entry(field.branching_logic.as_str()).or_default().push(at);
        }
    }
    if by_logic.is_empty() {
        return;
    }
    let read: Vec<(logic::Logic, Vec<usize>)> =
        by_logic.into_iter().filter_map(|(text, at)| Some((logic::parse(text).ok()?, at))).collect();
    // Only what the logic asks for is laid out anew.
    let asked: HashSet<&str> = read.iter().flat_map(|(logic, _)| logic.fields()).collect();
    let after = After::new(facts, places, compared, stored, &asked);
    let rows = TableRows::new(project, &after.table);
    let rules = Rules::default();
    for (logic, hidden_columns) in &read {
        // Shown by any way to treat blanks is not surely hidden.
        let mut shown: HashSet<u32> = HashSet::new();
        let mut is_known = true;
        for variant in rules.blank_variants().iter().chain([&rules]) {
            match logic.bind(&rows, variant, now).and_then(|bound| bound.matching()) {
                Ok(matching) => shown.extend(matching),
                Err(_) => is_known = false,
            }
        }
        if !is_known {
            for &at in hidden_columns {
                let what = "Its branching logic needs something that is not known here.";
                findings.once(None, Some(at), Rule::NotChecked, what, None);
            }
            continue;
        }
        let mut why = None;
        for (row, place) in after.row_of.iter().enumerate() {
            if place.is_none_or(|p| shown.contains(&p)) {
                continue;
            }
            for &at in hidden_columns {
                let cell = compared.cells.get(row * columns.len() + at).copied();
                let is_box = columns.get(at).is_some_and(|c| matches!(c.target, Target::Box(..)));
                if matches!(cell, Some(Cell::New | Cell::Changed))
                    && !(is_box && view.text(row, Some(at)) == "0")
                {
                    let why = *why.get_or_insert_with(|| {
                        findings.why(format!("Hidden; it is shown only if {}.", logic.text().trim()), None)
                    });
                    findings.add(Some(row), Some(at), Rule::HiddenValue, why);
                }
            }
        }
    }
}

/// The rows as they will be: what is stored, with the file laid over it.
pub(super) struct After {
    table: RecordTable,
    /// For each row of the file its row here.
    pub row_of: Vec<Option<u32>>,
}

impl After {
    /// The rows at which a logic is true however blanks are treated; `None` if it cannot be told.
    pub fn surely(&self, logic: &logic::Logic, project: &Project<'_>, now: DateTime) -> Option<HashSet<u32>> {
        let rows = TableRows::new(project, &self.table);
        let rules = Rules::default();
        let mut surely: Option<HashSet<u32>> = None;
        for variant in rules.blank_variants().iter().chain([&rules]) {
            let matching = logic.bind(&rows, variant, now).and_then(|bound| bound.matching()).ok()?;
            let matching: HashSet<u32> = matching.into_iter().collect();
            surely = Some(match surely {
                None => matching,
                Some(before) => before.intersection(&matching).copied().collect(),
            });
        }
        surely
    }

    pub fn new(
        facts: &Rows<'_>,
        places: &Places<'_>,
        compared: &Compared,
        stored: &Stored,
        asked: &HashSet<&str>,
    ) -> Self {
        let Rows { view, columns, verdicts, .. } = *facts;
        let is_asked = |name: &str| {
            name == places.id_field()
                || column::SYSTEM.contains(&name)
                || asked.contains(name.split("___").next().unwrap_or(name))
        };
        let (mut names, mut places_of): (Vec<&str>, Vec<Option<usize>>) = stored
            .rows
            .column_names()
            .enumerate()
            .filter(|(_, name)| is_asked(name))
            .map(|(at, name)| (name, Some(at)))
            .unzip();
        for name in [column::EVENT, column::REPEAT_INSTRUMENT, column::REPEAT_INSTANCE] {
            if !names.contains(&name) {
                names.push(name);
                places_of.push(None);
            }
        }
        let file_columns: HashMap<&str, usize> = columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.is_value())
            .map(|(at, c)| (c.name.as_str(), at))
            .collect();
        let sources: Vec<Option<usize>> = names.iter().map(|n| file_columns.get(n).copied()).collect();
        let n_stored = stored.rows.n_rows();
        let mut over: HashMap<u32, usize> = HashMap::new();
        let mut row_of = vec![None; compared.rows.len()];
        let mut next_new: HashMap<(u32, Option<u32>, Option<u32>), u32> = HashMap::new();
        for (row, state) in compared.rows.iter().enumerate() {
            if let Some(stored) = state.stored {
                over.insert(stored, row);
                if let Some(slot) = row_of.get_mut(row) {
                    *slot = Some(stored);
                }
            }
        }
        let text = |row: usize, at: usize| -> &str {
            let code = view.codes(at).get(row).copied().unwrap_or(0) as usize;
            let verdict = code.checked_sub(1).and_then(|i| verdicts.get(at)?.get(i));
            verdict.map_or("", |v| v.stored.as_ref())
        };
        let mut builder = TableBuilder::new(names.iter().copied());
        for row in 0..n_stored {
            let file_row = over.get(&(row as u32)).copied();
            let cells: Vec<std::borrow::Cow<'_, str>> = places_of
                .iter()
                .zip(&sources)
                .map(|(at, source)| {
                    let new = file_row.zip(*source).map_or("", |(r, c)| text(r, c));
                    let old = at.map_or("", |at| stored.rows.cell(row, at));
                    without_returns(if new.is_empty() { old } else { new })
                })
                .collect();
            builder.push_row(cells.iter().map(AsRef::as_ref));
        }
        for (row, state) in compared.rows.iter().enumerate() {
            let (Some(place), None) = (state.place, state.stored) else { continue };
            let number = match place.instance {
                Instance::None => String::new(),
                Instance::Number(n) => n.to_string(),
                Instance::New => {
                    let highest = compared.index.highest(&place);
                    let next =
                        next_new.entry((place.record, place.event, place.instrument)).or_insert(highest);
                    *next += 1;
                    next.to_string()
                }
            };
            let key = |name: &str| match name {
                column::EVENT => place.event.map_or("", |e| places.event_name(e)),
                column::REPEAT_INSTRUMENT => place.instrument.map_or("", |i| places.form_name(i as usize)),
                column::REPEAT_INSTANCE => number.as_str(),
                name if name == places.id_field() => {
                    places.records.get(place.record as usize).map_or("", String::as_str)
                }
                _ => "",
            };
            builder.push_row(
                names.iter().zip(&sources).map(|(name, source)| source.map_or(key(name), |c| text(row, c))),
            );
            if let Some(slot) = row_of.get_mut(row) {
                *slot = Some(builder.n_rows() as u32 - 1);
            }
        }
        Self { table: builder.finish(), row_of }
    }
}
