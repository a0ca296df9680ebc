//! The checks of rows and cells: what may be stored, and where (`redcap-api.md` §5.5,
//! `redcap-permissions.md` §7, `redcap-validation.md` §9).
//!
//! Texts that the reference does not give are ours and marked so.

use super::Request;
use super::columns::Column;
use super::place::{Located, Places};
use super::problems::Problems;
use super::table::Table;
use super::value::{self, Checked};
use crate::demo::behaviour::Behaviour;
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::domain::record::column;
use crate::domain::rights::EntryRight;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A row that may be stored.
#[derive(Debug)]
pub struct Row<'t> {
    /// The record's name as it was sent.
    pub record: Cow<'t, str>,
    /// Where it goes.
    pub place: Located,
    /// Columns and values; a blank erases.
    pub cells: Vec<(usize, Cow<'t, str>)>,
    /// What it does to the record's group.
    pub group: GroupChange,
}

/// What a row does to the Data Access Group of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupChange {
    /// Nothing.
    Stay,
    /// It leaves its group.
    Leave,
    /// It joins the group with this number.
    Join(u64),
}

/// The words for records that are locked (`redcap-api.md` §5.5).
pub const LOCKED: &str =
    "This record has been locked at the record level. No value within this record can be modified.";

/// Checks a whole table. Rows of records with a problem are left out of the result.
pub fn check<'t>(
    table: &'t Table,
    columns: &[Column],
    project: &Project,
    call: &Call<'_>,
    request: &Request,
    problems: &mut Problems,
) -> Vec<Row<'t>> {
    let behaviour = &call.state.behaviour;
    let mut checker = Checker {
        columns,
        project,
        call,
        behaviour,
        request,
        id: table.find(project.record_id_field()),
        dag: table.find(column::DAG),
        places: Places::new(table, project, request, behaviour),
        seen: HashMap::new(),
        unique: HashSet::new(),
        problems,
    };
    if checker.dag.is_some() && !call.user.dag.is_empty() {
        checker.problems.everything("Illegal use of 'redcap_data_access_group' field!");
    }
    table.rows.iter().filter_map(|row| checker.row(row)).collect()
}

/// Whether a record is locked as a whole.
pub fn is_locked(call: &Call<'_>, record: &str) -> bool {
    let id = call.project.info.project_id;
    call.state.behaviour.import.locked_records.iter().any(|(p, name)| *p == id && name == record)
}

struct Checker<'c> {
    columns: &'c [Column],
    project: &'c Project,
    call: &'c Call<'c>,
    behaviour: &'c Behaviour,
    request: &'c Request,
    id: Option<usize>,
    dag: Option<usize>,
    places: Places<'c>,
    /// Records that were met, and whether one may write to them.
    seen: HashMap<String, bool>,
    /// The values of the secondary unique field in this request, with their records.
    unique: HashSet<(String, String)>,
    problems: &'c mut Problems,
}

impl Checker<'_> {
    fn row<'t>(&mut self, row: &'t [(usize, String)]) -> Option<Row<'t>> {
        let record = value::trimmed(Table::text(row, self.id));
        if !self.may_write(record) {
            return None;
        }
        let values: Vec<(usize, &'t str)> = row
            .iter()
            .filter(|(at, _)| self.columns.get(*at).is_some_and(|c| c.key().is_some()))
            .map(|(at, text)| (*at, text.as_str()))
            .collect();
        let filled: Vec<usize> = values
            .iter()
            .filter(|(_, text)| !value::trimmed(text).is_empty())
            .filter_map(|(at, _)| self.columns.get(*at).map(|c| c.form))
            .collect();
        let place = self.places.locate(record, row, &filled, self.problems);
        let mut refused_forms: Vec<usize> = Vec::new();
        let mut cells = Vec::with_capacity(values.len());
        for (at, text) in values {
            let Some(column) = self.columns.get(at) else { continue };
            let is_blank = value::trimmed(text).is_empty();
            if is_blank {
                // Blanks of columns that do not belong to the row erase nothing.
                let here = place.as_ref().is_some_and(|p| self.places.has_form(p, column.form));
                if self.request.overwrite && here {
                    cells.push((at, Cow::Borrowed("")));
                }
                continue;
            }
            if let Some(place) = &place
                && let Some(message) = self.places.refuses(place, column)
            {
                self.problems.cell(record, &column.name, text, &message);
                continue;
            }
            if !self.may_edit(column.form) {
                // One line an instrument: the reason is the same for all of its fields.
                if !refused_forms.contains(&column.form) {
                    refused_forms.push(column.form);
                    let form = self.project.instruments.get(column.form).map_or("", |i| i.name.as_str());
                    let message = format!(
                        "You do not have the right to edit the instrument '{form}'. No value of it can be modified."
                    );
                    self.problems.cell(record, &column.name, text, &message);
                }
                continue;
            }
            match value::check(text, column, self.project, self.behaviour, self.request.dates) {
                Checked::Store(stored) => {
                    if let Some(message) = self.not_unique(record, column, &stored) {
                        self.problems.cell(record, &column.name, text, &message);
                    } else {
                        cells.push((at, stored));
                    }
                }
                Checked::Refuse(message) => self.problems.cell(record, &column.name, text, &message),
            }
        }
        let group = self.group(record, row);
        let place = place?;
        let is_good = !self.problems.has_record(record);
        is_good.then_some(Row { record: Cow::Borrowed(record), place, cells, group })
    }

    /// Whether one may write to a record; what forbids it is told once.
    fn may_write(&mut self, record: &str) -> bool {
        if let Some(&known) = self.seen.get(record) {
            // A locked record is told row by row (`redcap-permissions.md` §7.2).
            if !known && self.is_locked(record) {
                self.problems.cell(record, self.project.record_id_field(), record, LOCKED);
            }
            return known;
        }
        let before = self.problems.has_record(record);
        let id_field = self.project.record_id_field();
        let stored = if self.request.auto_number { None } else { self.project.data.record(record) };
        if record.is_empty() {
            // The words are ours: they are not attested.
            self.problems.cell(
                record,
                id_field,
                record,
                "The record name is blank. Every row must have one.",
            );
        } else if record.chars().count() > 100 {
            // The words are ours: they are not attested.
            self.problems.cell(record, id_field, record, "The record name is longer than 100 characters.");
        }
        match stored {
            Some(stored) => {
                if self.is_locked(record) {
                    self.problems.cell(record, id_field, record, LOCKED);
                }
                if self.call.dag_id().is_some_and(|own| stored.dag != Some(own)) {
                    // The words are ours: they are not attested.
                    let message = "This record does not belong to your Data Access Group. No value within this record can be modified.";
                    self.problems.cell(record, id_field, record, message);
                }
            }
            None => {
                if self.behaviour.import.create_right && !self.call.rights.has("record_create") {
                    let message = "Your user privileges do NOT allow you to create new records.";
                    self.problems.whole(record, message);
                }
            }
        }
        let may = before || !self.problems.has_record(record);
        self.seen.insert(record.to_owned(), may);
        may
    }

    fn is_locked(&self, record: &str) -> bool {
        !self.request.auto_number && is_locked(self.call, record)
    }

    /// Whether the user may edit an instrument. A code that is not known is no refusal.
    fn may_edit(&self, form: usize) -> bool {
        let Some(form) = self.project.instruments.get(form) else { return true };
        !self.behaviour.import.entry_rights
            || !matches!(
                self.call.rights.entry_of(&form.name),
                None | Some(EntryRight::NoAccess | EntryRight::ReadOnly)
            )
    }

    /// The group that a row names.
    fn group(&mut self, record: &str, row: &[(usize, String)]) -> GroupChange {
        let cell = self.dag.and_then(|column| row.iter().find(|(at, _)| *at == column));
        let Some((_, name)) = cell else { return GroupChange::Stay };
        let name = value::trimmed(name);
        if name.is_empty() {
            // A blank leaves the record in its group unless blanks overwrite.
            return if self.request.overwrite { GroupChange::Leave } else { GroupChange::Stay };
        }
        let group = self.project.dag_id(name);
        if group.is_none() {
            let message = format!("The value is not a valid category for {}", column::DAG);
            self.problems.cell(record, column::DAG, name, &message);
        }
        group.map_or(GroupChange::Stay, GroupChange::Join)
    }

    /// Why a value of the secondary unique field is refused. The words are ours.
    fn not_unique(&mut self, record: &str, column: &Column, stored: &str) -> Option<String> {
        let field = &self.project.info.secondary_unique_field;
        if !self.behaviour.import.secondary_unique_field || field.is_empty() || *field != column.name {
            return None;
        }
        let data = &self.project.data;
        let elsewhere = data
            .records()
            .filter(|(name, _)| *name != record)
            .any(|(_, other)| other.rows().iter().any(|row| data.get(row, field) == stored))
            || self.unique.iter().any(|(value, name)| value == stored && name != record);
        self.unique.insert((stored.to_owned(), record.to_owned()));
        elsewhere.then(|| {
            format!("The value of the secondary unique field '{field}' already exists in another record.")
        })
    }
}
