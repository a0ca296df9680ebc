//! Survey links, codes and participants (`redcap-api.md` §3.25).
//!
//! Links and codes are made from the place they belong to, so they are always the same; they
//! lead nowhere.

use crate::demo::methods::structure::check_names;
use crate::demo::model::data::{Place, Record};
use crate::demo::model::project::Survey;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::rng::token_from;
use crate::demo::wire::encode::{Cell, Shape};
use crate::demo::wire::error::ApiError;
use crate::domain::event::Event;

/// Where the links of the demo server point to.
const SURVEY_URL: &str = "https://redcap.example.org/surveys/";

/// What was asked for: a survey of a record at a place.
struct Asked<'a> {
    survey: &'a Survey,
    /// A text that is different for every place.
    place: String,
}

/// The survey that `instrument` names. The words for one that is none are ours.
fn survey_of<'a>(call: &'a Call<'_>) -> Result<&'a Survey, ApiError> {
    let (params, project) = (call.params, &call.project);
    let form = params.needed("instrument")?;
    check_names("instrument", &[form.to_owned()], |f| project.instruments.iter().any(|i| i.name == f))?;
    project
        .surveys
        .iter()
        .find(|s| s.form == form)
        .ok_or_else(|| ApiError::bad(format!("The instrument '{form}' is not enabled as a survey")))
}

/// The record that `record` names, if the user may see it.
fn record_of<'a>(call: &'a Call<'_>) -> Result<(&'a str, &'a Record), ApiError> {
    let name = call.params.needed("record")?;
    call.project
        .data
        .record(name)
        .filter(|r| call.dag_id().is_none_or(|dag| r.dag == Some(dag)))
        .map(|record| (name, record))
        .ok_or_else(|| ApiError::bad(format!("The record \"{name}\" does not exist")))
}

fn event_of<'a>(call: &'a Call<'_>, form: &str) -> Result<Option<&'a Event>, ApiError> {
    let project = &call.project;
    if !project.info.is_longitudinal {
        return Ok(project.events.first());
    }
    let name = call.params.needed("event")?;
    check_names("event", &[name.to_owned()], |e| project.event(e).is_some())?;
    if !project.is_designated(form, name) {
        return Err(ApiError::bad(format!(
            "The instrument '{form}' is not designated for the event '{name}'"
        )));
    }
    Ok(project.event(name))
}

fn asked<'a>(call: &'a Call<'_>) -> Result<Asked<'a>, ApiError> {
    let survey = survey_of(call)?;
    let (record, _) = record_of(call)?;
    let event = event_of(call, &survey.form)?.and_then(|e| e.event_id).unwrap_or(0);
    let instance = call.params.text("repeat_instance").unwrap_or("1");
    let project = call.project.info.project_id;
    Ok(Asked { survey, place: format!("survey {project} {} {record} {event} {instance}", survey.form) })
}

fn link_of(place: &str) -> String {
    format!("{SURVEY_URL}?s={}", token_from(&format!("link {place}"), 16))
}

fn access_code_of(place: &str) -> String {
    token_from(&format!("access {place}"), 9)
}

/// `content=surveyLink`.
pub fn link(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::plain(link_of(&asked(call)?.place)))
}

/// `content=surveyAccessCode`: nine characters (`redcap-wire.md`).
pub fn access_code(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::plain(access_code_of(&asked(call)?.place)))
}

/// `content=surveyReturnCode`: eight characters, for surveys that can be continued.
pub fn return_code(call: &Call<'_>) -> Result<Reply, ApiError> {
    let asked = asked(call)?;
    if !asked.survey.save_and_return {
        return Err(ApiError::bad(format!(
            "The \"Save & Return Later\" option is not enabled for the survey '{}'",
            asked.survey.form
        )));
    }
    Ok(Reply::plain(token_from(&format!("return {}", asked.place), 8)))
}

/// `content=surveyQueueLink`.
pub fn queue_link(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (record, _) = record_of(call)?;
    let place = format!("queue {} {record}", call.project.info.project_id);
    Ok(Reply::plain(format!("{SURVEY_URL}?sq={}", token_from(&place, 16))))
}

/// `content=participantList`: one participant a record. Status fields are numbers.
pub fn participants(call: &Call<'_>) -> Result<Reply, ApiError> {
    let survey = survey_of(call)?;
    let event = event_of(call, &survey.form)?.and_then(|e| e.event_id).unwrap_or(0);
    let project = &call.project;
    let data = &project.data;
    let email_field = project.dictionary.fields().iter().find(|f| f.validation == "email");
    let stamp_key = format!("{}_timestamp", survey.form);
    let mut rows = Vec::new();
    for (name, record) in data.records() {
        if call.dag_id().is_some_and(|dag| record.dag != Some(dag)) {
            continue;
        }
        let email = email_field
            .and_then(|field| {
                record.rows().iter().map(|row| data.get(row, &field.name)).find(|e| !e.is_empty())
            })
            .unwrap_or_default();
        let stamp = data.row(record, Place::base(event)).map_or("", |row| data.get(row, &stamp_key));
        let response = match stamp {
            "" => 0,
            "[not completed]" => 1,
            _ => 2,
        };
        let place = format!("survey {} {} {name} {event} 1", project.info.project_id, survey.form);
        rows.push(vec![
            Cell::text(email),
            Cell::Int(1),
            Cell::text(""),
            Cell::text(name),
            Cell::Int(i64::from(response > 0)),
            Cell::text(""),
            Cell::Int(response),
            Cell::text(access_code_of(&place)),
            Cell::text(link_of(&place)),
        ]);
    }
    let keys = [
        "email",
        "email_occurrence",
        "identifier",
        "record",
        "invitation_sent_status",
        "invitation_send_time",
        "response_status",
        "survey_access_code",
        "survey_link",
    ];
    call.table(Shape::list("items"), &keys, &rows)
}
