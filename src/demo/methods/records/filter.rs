//! `filterLogic` and the advanced logic of reports, through the logic engine of the domain.

use super::logic::{StoredRecord, metadata_of, viewer_of};
use crate::demo::model::data::{Record, Row};
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::demo::wire::error::ApiError;
use crate::domain::logic::{self, EvalError, Logic, LogicError, RecordContext, Rules, Viewer};
use crate::domain::project::Metadata;
use jiff::civil::DateTime;
use std::sync::Arc;

/// A filter that was understood.
#[derive(Debug, Clone)]
pub struct Filter {
    logic: Logic,
    metadata: Arc<Metadata>,
    rules: Rules,
    viewer: Viewer,
    now: DateTime,
}

impl Filter {
    /// Reads a logic text and compares it with the project. The words of the refusal are ours:
    /// REDCap's are not attested. `what` names where the logic stands.
    pub fn parse(text: &str, call: &Call<'_>, what: &str) -> Result<Self, ApiError> {
        let refuse = |error: LogicError| {
            ApiError::bad(format!("{what} is not valid: {} {}", error.message, error.hint).trim_end())
        };
        let logic = logic::parse(text).map_err(refuse)?;
        let metadata = Arc::new(metadata_of(&call.project, &call.state.behaviour.version));
        logic.check(&logic::Project::new(&metadata)).map_err(refuse)?;
        let filter =
            Self { logic, metadata, rules: Rules::default(), viewer: viewer_of(call), now: call.now };
        filter
            .probe(&call.project)
            .map_err(|error| ApiError::bad(format!("{what} cannot be evaluated by this server: {error}")))?;
        Ok(filter)
    }

    /// Evaluates the filter on the first record, so that what is not known here (such as a smart
    /// variable of REDCap's pages) is refused before any row is sent.
    fn probe(&self, project: &Project) -> Result<(), EvalError> {
        let ready = self.ready(project);
        let Some((name, record)) = project.data.records().next() else { return Ok(()) };
        for row in record.rows() {
            ready.evaluate(name, record, row)?;
        }
        Ok(())
    }

    /// The filter with what it needs to look at many rows of a project.
    pub fn ready<'f>(&'f self, project: &'f Project) -> ReadyFilter<'f> {
        ReadyFilter { filter: self, project, names: logic::Project::new(&self.metadata) }
    }
}

/// A filter at work.
pub struct ReadyFilter<'f> {
    filter: &'f Filter,
    project: &'f Project,
    names: logic::Project<'f>,
}

impl ReadyFilter<'_> {
    /// Whether the filter is true for a row. A row for which it cannot be evaluated is left out.
    pub fn is_true(&self, name: &str, record: &Record, row: &Row) -> bool {
        self.evaluate(name, record, row).unwrap_or(false)
    }

    fn evaluate(&self, name: &str, record: &Record, row: &Row) -> Result<bool, EvalError> {
        let Filter { logic, rules, viewer, now, .. } = self.filter;
        let stored = StoredRecord { project: self.project, data: &self.project.data, name, record };
        let place = stored.place(row, "");
        let context = RecordContext::new(&self.names, &stored, place, rules, *now).seen_by(viewer);
        logic.is_true(&context, rules)
    }
}
