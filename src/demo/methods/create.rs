//! `content=project` with a super token: a new project, empty or from project XML.

use crate::demo::model::names::unique_event_name;
use crate::demo::model::project::Project;
use crate::demo::model::state::{State, TokenOwner};
use crate::demo::odm;
use crate::demo::pipeline::Reply;
use crate::demo::rng::random_token;
use crate::demo::wire::error::ApiError;
use crate::demo::wire::form::Params;
use crate::domain::dictionary::{Dictionary, Field};
use crate::domain::event::{Arm, Event, Instrument, Mapping};
use crate::domain::project::ProjectInfo;
use crate::domain::rights::User;
use std::collections::HashMap;

/// The user a super token acts for.
const CREATOR: &str = "super_user";

/// Creates a project and answers with its bare token (`redcap-api.md` §3.22).
pub fn create_project(state: &State, params: &Params) -> Result<Reply, ApiError> {
    let settings = read_settings(params)?;
    let get = |key: &str| settings.get(key).map_or("", |v| v.trim());
    let title = get("project_title");
    if title.is_empty() {
        return Err(ApiError::missing_parameter("project_title"));
    }
    let purpose: u8 = get("purpose")
        .parse()
        .ok()
        .filter(|p| *p <= 4)
        .ok_or_else(|| ApiError::invalid_parameter("purpose"))?;
    if purpose == 1 && get("purpose_other").is_empty() {
        return Err(ApiError::bad(
            "You must provide some text for 'purpose_other' since you specified 'purpose' as '1' (Other).",
        ));
    }
    let mut project = match params.text("odm") {
        Some(xml) => {
            let options = odm::LoadOptions {
                choice_separator: state.behaviour.created_choice_separator.clone(),
                keep_calculations: !state.behaviour.created_projects_lose_calculations,
                now: State::now(),
                new_entry_codes: state.behaviour.at_least((15, 6, 0)),
            };
            odm::load(xml, &options).map_err(|e| ApiError::bad(e.to_string()))?.project
        }
        None => empty_project(get("is_longitudinal") == "1"),
    };
    let info = &mut project.info;
    title.clone_into(&mut info.title);
    if !(state.behaviour.xml_purpose_wins && info.purpose > 0) {
        info.purpose = purpose;
        get("purpose_other").clone_into(&mut info.purpose_other);
    }
    if settings.contains_key("project_notes") {
        get("project_notes").clone_into(&mut info.notes);
    }
    if settings.contains_key("surveys_enabled") {
        info.surveys_enabled = get("surveys_enabled") == "1";
    }
    if settings.contains_key("record_autonumbering_enabled") {
        info.autonumbering = get("record_autonumbering_enabled") == "1";
    }
    info.project_id = 0;
    info.creation_time = crate::demo::model::log::full_time(State::now());
    let rights = project.all_rights(state.behaviour.at_least((15, 6, 0)), 1);
    project.users.push(User { username: CREATOR.into(), rights, ..User::default() });
    let token = random_token()
        .ok_or_else(|| ApiError { status: 500, message: "This computer gives no random numbers.".into() })?;
    let project_id = state.add_project(project);
    state.add_token(token.clone(), TokenOwner { project_id, username: CREATOR.into() });
    Ok(Reply::plain(token))
}

/// Reads `data`: a JSON array of one object, a CSV of one row, or XML with one item.
fn read_settings(params: &Params) -> Result<HashMap<String, String>, ApiError> {
    let wrong = || ApiError::bad("The data is not in the specified format.");
    let data = params.needed("data")?;
    match params.choice("format", &["xml", "json", "csv"])? {
        "json" => {
            let value: serde_json::Value = serde_json::from_str(data).map_err(|_| wrong())?;
            let object = value.get(0).unwrap_or(&value).as_object().ok_or_else(wrong)?;
            Ok(object
                .iter()
                .map(|(key, value)| {
                    (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                })
                .collect())
        }
        "csv" => {
            let mut reader = csv::Reader::from_reader(data.as_bytes());
            let mut rows = reader.deserialize::<HashMap<String, String>>();
            rows.next().and_then(Result::ok).ok_or_else(wrong)
        }
        _ => {
            let root = odm::tree::parse(data).map_err(|_| wrong())?;
            let item = root.children.first().ok_or_else(wrong)?;
            Ok(item.children.iter().map(|child| (child.name.clone(), child.text.clone())).collect())
        }
    }
}

/// A new project has one default instrument and, if longitudinal, one default arm and event
/// (`redcap-api.md` §3.22). Their names are not attested.
pub fn empty_project(longitudinal: bool) -> Project {
    let mut id_field = Field::new("record_id", "my_first_instrument");
    id_field.label = "Record ID".into();
    let event_name = unique_event_name("Event 1", 1, &[]);
    Project {
        info: ProjectInfo {
            language: "English".into(),
            is_longitudinal: longitudinal,
            autonumbering: true,
            display_today_now_button: true,
            ..ProjectInfo::default()
        },
        dictionary: Dictionary::new(vec![id_field]),
        instruments: vec![Instrument {
            name: "my_first_instrument".into(),
            label: "My First Instrument".into(),
        }],
        arms: vec![Arm { num: 1, name: "Arm 1".into() }],
        events: vec![Event {
            name: "Event 1".into(),
            arm_num: 1,
            unique_name: event_name.clone(),
            event_id: Some(1),
            ..Event::default()
        }],
        mapping: if longitudinal {
            vec![Mapping { arm_num: 1, event: event_name, form: "my_first_instrument".into() }]
        } else {
            Vec::new()
        },
        ..Project::default()
    }
}
