//! `content=report`: the rows of a saved report (`redcap-api.md` §3.19).

use super::columns::{Labels, Plan, Wanted};
use super::filter::Filter;
use super::flat::FlatExport;
use super::rights::{Allowed, some_form};
use super::rows::Layout;
use super::select::Selection;
use super::{csv_delimiter, export_odm, log_export, stream};
use crate::demo::model::data::Row;
use crate::demo::model::project::{Project, Report};
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::record::natural_cmp;
use std::cmp::Ordering;
use std::sync::Arc;

/// Exports a report. A number that is no report of this project is the attested 403-04.
pub fn export(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.needed("report_id")?;
    let project = Arc::clone(&call.project);
    let report =
        id.parse().ok().and_then(|id: u64| project.reports.iter().find(|r| r.id == id)).ok_or_else(|| {
            ApiError::forbidden(format!(
                "The API request cannot complete because report_id={id} does not belong to this project."
            ))
        })?;
    some_form(call)?;
    if call.params.text("format") == Some("odm") {
        let fields = Some(report.fields.clone());
        let selection = Selection { fields, ..selection_of(call, report)? };
        return Ok(export_odm(call, selection, report.output_survey_fields, report.output_dags));
    }
    let labels = Labels::of_call(call)?;
    let allowed = Allowed::of_call(call);
    let dags = call.with_dag_column(report.output_dags);
    let wanted = Wanted { fields: Some(report.fields.clone()), forms: None, in_given_order: true };
    let plan = Plan::build(
        &project,
        &wanted,
        &allowed,
        labels,
        dags,
        report.output_survey_fields,
        report.combine_checkboxes,
    );
    let selection = selection_of(call, report)?;
    let rows = ordered_rows(&project, report, &selection);
    let export = FlatExport {
        selection,
        plan,
        allowed,
        labels,
        decimal: call.params.text("decimalCharacter").and_then(|d| d.chars().next()),
        blank_for_gray: false,
        line_breaks_to_blanks: report.remove_line_breaks,
    };
    let spelling = call.spelling(csv_delimiter(call));
    log_export(call, dags);
    let project = Arc::clone(&call.project);
    Ok(stream(call, move |out| export.write_rows(out, &project, &rows, spelling)))
}

fn selection_of(call: &Call<'_>, report: &Report) -> Result<Selection, ApiError> {
    let project = &call.project;
    let events = (!report.events.is_empty()).then(|| {
        report.events.iter().filter_map(|name| project.event(name)).filter_map(|e| e.event_id).collect()
    });
    let dags = (!report.dags.is_empty())
        .then(|| report.dags.iter().filter_map(|name| project.dag_id(name)).collect());
    let filter = if report.logic.is_empty() {
        None
    } else {
        Some(Filter::parse(&report.logic, call, &format!("The logic of report {}", report.id))?)
    };
    Ok(Selection { events, dag: call.dag_id(), dags, filter, ..Selection::default() })
}

/// The rows of the report in its own order; equal rows stay in record order.
fn ordered_rows(project: &Project, report: &Report, selection: &Selection) -> Vec<(String, Row)> {
    let data = &project.data;
    let layout = Layout::new(project);
    let wanted = selection.rows(project);
    let mut rows = Vec::new();
    for (name, record) in data.records() {
        if !selection.wants_record(name, record) {
            continue;
        }
        for row in layout.ordered(data, record) {
            if wanted.has(name, record, row) {
                rows.push((name.to_owned(), row.clone()));
            }
        }
    }
    let id_field = project.record_id_field();
    rows.sort_by(|(name_a, a), (name_b, b)| {
        for (field, descending) in &report.order_by {
            let order = if field == id_field {
                natural_cmp(name_a, name_b)
            } else {
                natural_cmp(data.get(a, field), data.get(b, field))
            };
            let order = if *descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    });
    rows
}
