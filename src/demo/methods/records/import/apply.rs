//! Writing checked rows: only what changes is stored, and only what was stored is logged
//! (`redcap-permissions.md` §7.3, §7.6).

use super::Request;
use super::check::{GroupChange, Row};
use super::columns::{Column, Target};
use super::place::Located;
use crate::demo::behaviour::KeyRows;
use crate::demo::model::data::Data;
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::domain::dictionary::status_field;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What an import did to one record.
#[derive(Debug, Default)]
pub struct Touched {
    /// The columns whose values changed.
    pub columns: HashSet<usize>,
    /// The rows that got values, with the instruments of those.
    pub forms: HashSet<(Located, usize)>,
}

/// The records of an import in the order in which they first came.
#[derive(Debug, Default)]
pub struct Applied {
    /// The name as it was sent, and as it is stored.
    pub names: Vec<(String, String)>,
    /// What was done to each stored record.
    pub touched: HashMap<String, Touched>,
}

/// Stores all rows.
pub fn apply(
    rows: &[Row<'_>],
    columns: &[Column],
    project: &mut Project,
    call: &Call<'_>,
    request: &Request,
    username: &str,
) -> Applied {
    let mut applied = Applied::default();
    let mut data = std::mem::take(&mut project.data);
    let store = Arc::make_mut(&mut data);
    let mut names: HashMap<String, String> = HashMap::new();
    let mut next_number = request.auto_number.then(|| next_number(store, call.dag_id()));
    for row in rows {
        let stored_name = names.entry(row.record.clone().into_owned()).or_insert_with(|| {
            let stored = match &mut next_number {
                Some((prefix, number)) => {
                    let name = format!("{prefix}{number}");
                    *number = number.saturating_add(1);
                    name
                }
                None => row.record.clone().into_owned(),
            };
            applied.names.push((row.record.clone().into_owned(), stored.clone()));
            stored
        });
        let touched = applied.touched.entry(stored_name.clone()).or_default();
        let writer = Writer { columns, project, call, username };
        writer.row(row, stored_name, store, touched);
    }
    project.data = data;
    applied
}

/// The next record name: the prefix of the user's group, and the number.
pub fn next_number(data: &Data, dag: Option<u64>) -> (String, u64) {
    let prefix = dag.map(|id| format!("{id}-")).unwrap_or_default();
    let highest = data
        .records()
        .filter_map(|(name, _)| name.strip_prefix(&prefix))
        .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        .filter_map(|rest| rest.parse::<u64>().ok())
        .max()
        .unwrap_or(0);
    (prefix, highest.saturating_add(1))
}

struct Writer<'a> {
    columns: &'a [Column],
    project: &'a Project,
    call: &'a Call<'a>,
    username: &'a str,
}

impl Writer<'_> {
    fn row(&self, row: &Row<'_>, name: &str, data: &mut Data, touched: &mut Touched) {
        let now = self.call.now;
        let behaviour = &self.call.state.behaviour.import;
        let place = row.place.place(self.project);
        let stored_record = data.record(name);
        let is_new = stored_record.is_none();
        let stored_row = stored_record.and_then(|record| data.row(record, place));
        let mut details = Vec::new();
        let mut changes: Vec<(&str, &str)> = Vec::new();
        let mut filled_forms = Vec::new();
        for (at, value) in &row.cells {
            let Some(column) = self.columns.get(*at) else { continue };
            let Some(key) = column.key() else { continue };
            if !value.is_empty() && !filled_forms.contains(&column.form) {
                filled_forms.push(column.form);
            }
            if stored_row.map_or("", |stored| data.get(stored, key)) == value {
                continue;
            }
            details.push(match &column.target {
                Target::Box(key) => {
                    format!("{key} = {}", if value.is_empty() { "unchecked" } else { "checked" })
                }
                _ => format!("{key} = '{value}'"),
            });
            touched.columns.insert(*at);
            touched.forms.insert((row.place, column.form));
            changes.push((key, value));
        }
        if !changes.is_empty() {
            data.set_cells(name, place, &changes, now);
        }
        if behaviour.values_set_status {
            for form in filled_forms {
                self.begin_form(name, row.place, form, data);
            }
        }
        let creates = match behaviour.key_rows {
            KeyRows::Nothing => false,
            KeyRows::Record => is_new,
            KeyRows::Row => true,
        };
        if creates {
            data.add_row(name, place, now);
        }
        let is_new = is_new && data.record(name).is_some();
        if is_new {
            details.insert(0, format!("{} = '{name}'", self.project.record_id_field()));
        }
        if row.place.instance > 0 && !details.is_empty() {
            details.insert(0, format!("[instance = {}]", row.place.instance));
        }
        if !details.is_empty() {
            let kind = if is_new { LogType::RecordAdd } else { LogType::RecordEdit };
            self.log(kind, &action(self.call, is_new, name), &details.join(",\n"), name);
        }
        self.join_group(row, name, is_new, data);
    }

    /// An instrument that gets its first value becomes incomplete.
    fn begin_form(&self, name: &str, place: Located, form: usize, data: &mut Data) {
        let Some(form) = self.project.instruments.get(form) else { return };
        let status = status_field(&form.name);
        let place = place.place(self.project);
        let stored = data.record(name).and_then(|r| data.row(r, place)).map_or("", |r| data.get(r, &status));
        if stored.is_empty() {
            data.set(name, place, &status, "0", self.call.now);
        }
    }

    /// Puts a record into the group that its row names, or a new one into that of its maker.
    fn join_group(&self, row: &Row<'_>, name: &str, is_new: bool, data: &mut Data) {
        let (group, is_told) = match (row.group, self.call.dag_id()) {
            (GroupChange::Join(id), _) => (Some(id), true),
            (GroupChange::Leave, _) => (None, true),
            (GroupChange::Stay, Some(own)) if is_new => (Some(own), false),
            (GroupChange::Stay, _) => return,
        };
        if data.record(name).is_none_or(|record| record.dag == group) {
            return;
        }
        data.add_record(name, self.call.now).dag = group;
        if is_told {
            let unique_name = group.and_then(|id| self.project.dag_by_id(id)).map_or("", |d| &d.unique_name);
            let details =
                format!("Assign record to Data Access Group (redcap_data_access_group = '{unique_name}')");
            self.log(LogType::RecordEdit, &action(self.call, false, name), &details, name);
        }
    }

    fn log(&self, kind: LogType, action: &str, details: &str, record: &str) {
        self.project.add_log(kind, self.call.now, self.username, action, details, record);
    }
}

/// The action of a log line; its words changed with 12 (`redcap-api.md` §3.20).
pub fn action(call: &Call<'_>, is_new: bool, record: &str) -> String {
    let verb = match (is_new, call.state.behaviour.at_least((12, 0, 0))) {
        (true, true) => "Create record",
        (true, false) => "Created Record",
        (false, true) => "Update record",
        (false, false) => "Updated Record",
    };
    format!("{verb} (API) {record}")
}
