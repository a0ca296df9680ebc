//! Which records and rows a call is about.

use super::filter::{Filter, ReadyFilter};
use crate::demo::methods::structure::{check_names, fields_and_forms};
use crate::demo::model::data::{Record, Row};
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::demo::wire::error::ApiError;
use jiff::civil::DateTime;
use std::collections::HashSet;

/// The records, rows and fields of an export.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these records; names that do not exist give no rows.
    pub records: Option<HashSet<String>>,
    /// Only these fields.
    pub fields: Option<Vec<String>>,
    /// Only these instruments, together with the fields.
    pub forms: Option<Vec<String>>,
    /// Only these events, by number.
    pub events: Option<HashSet<u64>>,
    /// Only records of this group.
    pub dag: Option<u64>,
    /// Only records of these groups (reports).
    pub dags: Option<HashSet<u64>>,
    /// Only records made or changed after this.
    pub after: Option<DateTime>,
    /// Only records made or changed before this.
    pub before: Option<DateTime>,
    /// Only rows for which this is true.
    pub filter: Option<Filter>,
}

impl Selection {
    /// Reads and checks the parameters of a call.
    pub fn of_call(call: &Call<'_>) -> Result<Self, ApiError> {
        let project = &call.project;
        let (fields, forms) = fields_and_forms(call)?;
        let events = match call.list("events")? {
            // A classic project does not refuse events (`redcap-api.md` §3.10).
            Some(names) if project.info.is_longitudinal => {
                check_names("events", &names, |name| project.event(name).is_some())?;
                Some(names.iter().filter_map(|n| project.event(n)).filter_map(|e| e.event_id).collect())
            }
            _ => None,
        };
        let filter = match call.params.text("filterLogic") {
            Some(logic) => Some(Filter::parse(logic, call, "The filterLogic")?),
            None => None,
        };
        Ok(Self {
            records: call.list("records")?.map(|names| names.into_iter().collect()),
            fields,
            forms,
            events,
            dag: call.dag_id(),
            dags: None,
            after: date_time(call, "dateRangeBegin")?,
            before: date_time(call, "dateRangeEnd")?,
            filter,
        })
    }

    /// Whether a record is wanted.
    pub fn wants_record(&self, name: &str, record: &Record) -> bool {
        let within = |time: DateTime| {
            self.after.is_none_or(|after| time > after) && self.before.is_none_or(|before| time < before)
        };
        self.records.as_ref().is_none_or(|names| names.contains(name))
            && self.dag.is_none_or(|dag| record.dag == Some(dag))
            && self.dags.as_ref().is_none_or(|dags| record.dag.is_some_and(|dag| dags.contains(&dag)))
            && (within(record.created) || within(record.modified))
    }

    /// Whether a field, or the status of a form, is asked for by name or with its form.
    pub fn wants_field(&self, name: &str, form: &str) -> bool {
        let has = |list: &Option<Vec<String>>, name: &str| {
            list.as_ref().is_some_and(|list| list.iter().any(|n| n == name))
        };
        (self.fields.is_none() && self.forms.is_none()) || has(&self.fields, name) || has(&self.forms, form)
    }

    /// The choice of rows of wanted records, ready for many of them.
    pub fn rows<'s>(&'s self, project: &'s Project) -> WantedRows<'s> {
        let filter = self.filter.as_ref().map(|filter| filter.ready(project));
        WantedRows { events: self.events.as_ref(), filter }
    }
}

/// Which rows of wanted records are wanted.
pub struct WantedRows<'s> {
    events: Option<&'s HashSet<u64>>,
    filter: Option<ReadyFilter<'s>>,
}

impl WantedRows<'_> {
    /// Whether a row of a wanted record is wanted.
    pub fn has(&self, name: &str, record: &Record, row: &Row) -> bool {
        self.events.is_none_or(|events| events.contains(&row.event))
            && self.filter.as_ref().is_none_or(|filter| filter.is_true(name, record, row))
    }
}

/// A date range parameter: `YYYY-MM-DD HH:MM:SS`, shorter forms tolerated.
fn date_time(call: &Call<'_>, name: &str) -> Result<Option<DateTime>, ApiError> {
    let Some(text) = call.params.text(name) else { return Ok(None) };
    let full = match text.len() {
        10 => format!("{text} 00:00:00"),
        16 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    full.parse().map(Some).map_err(|_| ApiError::invalid_parameter(name))
}
