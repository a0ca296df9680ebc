//! `content=record` and its kin: which rows, which columns, in which spelling.

pub mod columns;
pub mod delete;
pub mod eav;
pub mod file;
pub mod filter;
pub mod flat;
pub mod import;
pub mod logic;
pub mod randomize;
pub mod rename;
pub mod report;
pub mod rights;
pub mod rows;
pub mod select;

use self::columns::{Labels, Plan, Wanted};
use self::flat::FlatExport;
use self::select::Selection;
use crate::demo::model::log::LogType;
use crate::demo::odm::write as odm_write;
use crate::demo::pipeline::{Body, Call, Reply};
use crate::demo::wire::error::ApiError;
use std::sync::Arc;

/// `content=record`, export.
pub fn export(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    rights::some_form(call)?;
    let selection = Selection::of_call(call)?;
    if params.text("format") == Some("odm") {
        let survey_fields = params.flag("exportSurveyFields");
        return Ok(export_odm(call, selection, survey_fields, params.flag("exportDataAccessGroups")));
    }
    let labels = Labels::of_call(call)?;
    let spelling = call.spelling(csv_delimiter(call));
    let decimal = params.text("decimalCharacter").and_then(|d| d.chars().next());
    let dags = call.with_dag_column(params.flag("exportDataAccessGroups"));
    let survey_fields = params.flag("exportSurveyFields");
    log_export(call, dags);
    let project = Arc::clone(&call.project);
    let wanted =
        Wanted { fields: selection.fields.clone(), forms: selection.forms.clone(), in_given_order: false };
    let allowed = rights::Allowed::of_call(call);
    if params.choice("type", &["flat", "eav"])? == "eav" {
        let export = eav::EavExport { selection, wanted, allowed, labels, decimal };
        return Ok(stream(call, move |out| export.write(out, &project, spelling)));
    }
    let plan = Plan::build(
        &project,
        &wanted,
        &allowed,
        labels,
        dags,
        survey_fields,
        params.flag("combineCheckboxOptions"),
    );
    let export = FlatExport {
        selection,
        plan,
        allowed,
        labels,
        decimal,
        blank_for_gray: params.flag("exportBlankForGrayFormStatus"),
        line_breaks_to_blanks: false,
    };
    Ok(stream(call, move |out| export.write(out, &project, spelling)))
}

fn stream(
    call: &Call<'_>,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()> + Send + 'static,
) -> Reply {
    Reply {
        status: 200,
        content_type: call.format.content_type().into(),
        body: Body::Stream(Box::new(write)),
    }
}

/// `format=odm`: the data as CDISC ODM (`redcap-api.md` §4.10).
fn export_odm(call: &Call<'_>, selection: Selection, survey_fields: bool, dags: bool) -> Reply {
    let options = odm_write::WriteOptions {
        now: call.now,
        version: call.state.behaviour.version.clone(),
        files: false,
        survey_fields,
        dags: call.with_dag_column(dags),
        structure: false,
        allowed: rights::Allowed::of_call(call),
    };
    log_export(call, options.dags);
    let project = Arc::clone(&call.project);
    Reply {
        status: 200,
        content_type: "text/xml; charset=utf-8".into(),
        body: Body::Stream(Box::new(move |out| odm_write::write(out, &project, Some(&selection), &options))),
    }
}

/// The character between CSV cells.
fn csv_delimiter(call: &Call<'_>) -> char {
    match call.params.text("csvDelimiter") {
        Some("tab" | "\t") => '\t',
        Some(word) => word.chars().next().unwrap_or(','),
        None => ',',
    }
}

/// The log line of a data export; its first word changed with 17 (`redcap-wire.md`).
fn log_export(call: &Call<'_>, dags: bool) {
    let format = call.params.text("format").unwrap_or("xml").to_uppercase();
    let raw_or_label = call.params.text("rawOrLabel").unwrap_or("raw");
    let mut details = format!("export_format: {format}, rawOrLabel: {raw_or_label}");
    if dags {
        details.push_str(", export_data_access_group: Yes");
    }
    let action =
        if call.state.behaviour.at_least((17, 0, 0)) { "Data export (API) " } else { "Data Export (API) " };
    call.log(LogType::Export, action, &details);
}

/// `content=generateNextRecordName`: the highest whole number plus one, or `<group>-<n>` for a
/// user in a Data Access Group (`redcap-api.md` §3.15).
#[allow(clippy::unnecessary_wraps)]
pub fn next_record_name(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (prefix, number) = import::next_number(&call.project.data, call.dag_id());
    Ok(Reply::plain(format!("{prefix}{number}")))
}
