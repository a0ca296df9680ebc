//! The methods of the API, a file for each family.

pub mod create;
pub mod dictionary;
pub mod import;
pub mod pdf;
pub mod people;
pub mod project_info;
pub mod records;
pub mod repository;
pub mod structure;
pub mod surveys;

use super::pipeline::{Call, Reply};
use super::wire::error::ApiError;
use crate::api::catalogue::{Action, Method};

/// Runs the method of a call that passed all checks.
pub fn dispatch(method: &Method, call: &Call<'_>) -> Result<Reply, ApiError> {
    match (method.content, method.action) {
        ("version", Action::Export) => project_info::version(call),
        ("project", Action::Export) => project_info::project(call),
        ("log", Action::Export) => project_info::log(call),
        ("metadata", Action::Export) => structure::metadata(call),
        ("metadata", Action::Import) => dictionary::import(call),
        ("exportFieldNames", Action::Export) => structure::field_names(call),
        ("instrument", Action::Export) => structure::instruments(call),
        ("arm", Action::Export) => structure::arms(call),
        ("event", Action::Export) => structure::events(call),
        ("formEventMapping", Action::Export) => structure::mapping(call),
        ("repeatingFormsEvents", Action::Export) => structure::repeating(call),
        ("arm", Action::Import) => structure::arms::import(call),
        ("arm", Action::Delete) => structure::arms::delete(call),
        ("event", Action::Import) => structure::events::import(call),
        ("event", Action::Delete) => structure::events::delete(call),
        ("formEventMapping", Action::Import) => structure::designation::import_mapping(call),
        ("repeatingFormsEvents", Action::Import) => structure::designation::import_repeating(call),
        ("project_settings", Action::Import) => structure::settings::import(call),
        ("user", Action::Export) => people::users(call),
        ("userRole", Action::Export) => people::roles(call),
        ("userRoleMapping", Action::Export) => people::role_assignments(call),
        ("dag", Action::Export) => people::dags(call),
        ("userDagMapping", Action::Export) => people::dag_assignments(call),
        ("user", Action::Import) => people::users::import(call),
        ("user", Action::Delete) => people::users::delete(call),
        ("userRole", Action::Import) => people::roles::import(call),
        ("userRole", Action::Delete) => people::roles::delete(call),
        ("userRoleMapping", Action::Import) => people::roles::import_assignments(call),
        ("dag", Action::Import) => people::groups::import(call),
        ("dag", Action::Delete) => people::groups::delete(call),
        ("dag", Action::Switch) => people::groups::switch(call),
        ("userDagMapping", Action::Import) => people::groups::import_assignments(call),
        ("record", Action::Export) => records::export(call),
        ("record", Action::Import) => records::import::import(call),
        ("record", Action::Delete) => records::delete::delete(call),
        ("record", Action::Rename) => records::rename::rename(call),
        ("record", Action::Randomize) => records::randomize::randomize(call),
        ("report", Action::Export) => records::report::export(call),
        ("generateNextRecordName", Action::Export) => records::next_record_name(call),
        ("file", Action::Export) => records::file::export(call),
        ("file", Action::Import) => records::file::import(call),
        ("file", Action::Delete) => records::file::delete(call),
        ("fileRepository", Action::List) => repository::list(call),
        ("fileRepository", Action::Export) => repository::export(call),
        ("fileRepository", Action::CreateFolder) => repository::create_folder(call),
        ("fileRepository", Action::Import) => repository::import(call),
        ("fileRepository", Action::Delete) => repository::delete(call),
        ("surveyLink", Action::Export) => surveys::link(call),
        ("surveyAccessCode", Action::Export) => surveys::access_code(call),
        ("surveyReturnCode", Action::Export) => surveys::return_code(call),
        ("surveyQueueLink", Action::Export) => surveys::queue_link(call),
        ("participantList", Action::Export) => surveys::participants(call),
        ("pdf", Action::Export) => pdf::export(call),
        ("project_xml", Action::Export) => project_info::project_xml(call),
        _ => Err(ApiError::not_implemented()),
    }
}
