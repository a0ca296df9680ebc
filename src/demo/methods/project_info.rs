//! Version, project information, log, and the project as XML.

use crate::demo::model::log::LogType;
use crate::demo::odm;
use crate::demo::pipeline::{Body, Call, Reply};
use crate::demo::wire::encode::{Cell, Shape};
use crate::demo::wire::error::ApiError;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

/// `content=version`.
#[allow(clippy::unnecessary_wraps)]
pub fn version(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.log(LogType::Manage, "Manage/Design ", "Export REDCap version (API)");
    Ok(Reply::plain(call.state.behaviour.version.clone()))
}

/// `content=project`: one object (`redcap-api.md` §3.21).
pub fn project(call: &Call<'_>) -> Result<Reply, ApiError> {
    let info = &call.project.info;
    let with_email = call.state.behaviour.at_least((15, 8, 2));
    let codes: Vec<String> =
        info.missing_data_codes.iter().map(|c| format!("{}, {}", c.code, c.label)).collect();
    let mut cells = vec![
        ("project_id", Cell::Int(i64::try_from(info.project_id).unwrap_or(0))),
        ("project_title", Cell::text(&info.title)),
        ("creation_time", Cell::text(&info.creation_time)),
        ("production_time", Cell::text(&info.production_time)),
        ("in_production", Cell::flag(info.in_production)),
        ("project_language", Cell::text(&info.language)),
        ("purpose", Cell::Int(info.purpose.into())),
        ("purpose_other", Cell::text(&info.purpose_other)),
        ("project_notes", Cell::text(&info.notes)),
        ("custom_record_label", Cell::text(&info.custom_record_label)),
        ("secondary_unique_field", Cell::text(&info.secondary_unique_field)),
        ("is_longitudinal", Cell::flag(info.is_longitudinal)),
        ("has_repeating_instruments_or_events", Cell::flag(call.project.has_repeating())),
        ("surveys_enabled", Cell::flag(info.surveys_enabled)),
        ("scheduling_enabled", Cell::flag(info.scheduling_enabled)),
        ("record_autonumbering_enabled", Cell::flag(info.autonumbering)),
        ("randomization_enabled", Cell::flag(info.randomization_enabled)),
        ("ddp_enabled", Cell::flag(info.ddp_enabled)),
        ("project_irb_number", Cell::text(&info.irb_number)),
        ("project_grant_number", Cell::text(&info.grant_number)),
        ("project_pi_firstname", Cell::text(&info.pi_firstname)),
        ("project_pi_lastname", Cell::text(&info.pi_lastname)),
    ];
    if with_email {
        cells.push((
            "project_pi_email",
            Cell::text(info.other.get("project_pi_email").map_or("", |e| e.as_str())),
        ));
    }
    cells.extend([
        ("display_today_now_button", Cell::flag(info.display_today_now_button)),
        ("missing_data_codes", Cell::text(codes.join(" | "))),
        ("external_modules", Cell::text(&info.external_modules)),
        ("bypass_branching_erase_field_prompt", Cell::flag(info.bypass_branching_erase_field_prompt)),
    ]);
    let (keys, row): (Vec<&str>, Vec<Cell<'_>>) = cells.into_iter().unzip();
    call.log(LogType::Manage, "Manage/Design ", "Export project information (API)");
    call.table(Shape { single: true, ..Shape::list("items") }, &keys, &[row])
}

/// `content=log`: newest first, begin inclusive, end exclusive, minutes (`redcap-api.md` §3.20).
pub fn log(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let project = &call.project;
    // Times are compared as text, which takes `24:00` and seconds as clients send them.
    let begin = params.text("beginTime").map(|t| t.replace('T', " "));
    let end = params.text("endTime").map(|t| t.replace('T', " "));
    let logtype = params.text("logtype").unwrap_or_default();
    let dag = params.text("dag").map(|d| d.parse::<u64>().unwrap_or(0));
    let own_dag = if call.state.behaviour.log_follows_dag { call.dag_id() } else { None };
    let visible: Option<HashSet<&str>> = dag
        .or(own_dag)
        .map(|id| project.data.records().filter(|(_, r)| r.dag == Some(id)).map(|(name, _)| name).collect());
    let lines = {
        let log = project.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.newest_first()
            .filter(|(kind, entry)| {
                kind.matches(logtype)
                    && begin.as_deref().is_none_or(|b| entry.timestamp.as_str() >= b.get(..16).unwrap_or(b))
                    && end.as_deref().is_none_or(|e| entry.timestamp.as_str() < e)
                    && params.text("user").is_none_or(|u| u == entry.username)
                    && params.text("record").is_none_or(|r| r == entry.record)
                    && visible.as_ref().is_none_or(|v| v.contains(entry.record.as_str()))
            })
            .map(|(_, entry)| entry.clone())
            .collect::<Vec<_>>()
    };
    let rows: Vec<_> = lines
        .iter()
        .map(|e| {
            [&e.timestamp, &e.username, &e.action, &e.details, &e.record]
                .into_iter()
                .map(Cell::text)
                .collect()
        })
        .collect();
    call.log(LogType::Manage, "Manage/Design ", "Export Logging (API)");
    call.table(Shape::list("items"), &["timestamp", "username", "action", "details", "record"], &rows)
}

/// `content=project_xml`: the structure, and unless `returnMetadataOnly` the data.
pub fn project_xml(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let selection = if params.flag("returnMetadataOnly") {
        None
    } else {
        Some(super::records::select::Selection::of_call(call)?)
    };
    let options = odm::write::WriteOptions {
        now: call.now,
        version: call.state.behaviour.version.clone(),
        files: params.flag("exportFiles"),
        survey_fields: params.flag("exportSurveyFields"),
        dags: call.with_dag_column(params.flag("exportDataAccessGroups")),
        structure: true,
        allowed: super::records::rights::Allowed::of_call(call),
    };
    call.log(LogType::Manage, "Manage/Design ", "Download REDCap project XML file (API)");
    let project = Arc::clone(&call.project);
    Ok(Reply {
        status: 200,
        content_type: "text/xml; charset=utf-8".into(),
        body: Body::Stream(Box::new(move |out| {
            odm::write::write(out, &project, selection.as_ref(), &options)
        })),
    })
}
