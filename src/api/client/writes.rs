//! A token on a server: one function for each thing that can be changed.
//!
//! None of these is ever sent twice (see [`Server`](super::Server)), and none asks anybody: who
//! calls them has shown the person what will happen and has heard a yes.

use super::api::Api;
use crate::api::catalogue::Action;
use crate::api::decode::{self, ImportAnswer};
use crate::api::encode;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::api::token::Token;
use crate::domain::dictionary::Dictionary;
use crate::domain::event::{Arm, Event, Mapping, Repeating};
use crate::domain::record::Randomized;
use crate::domain::rights::{Dag, DagAssignment, Role, RoleAssignment, User};
use std::collections::BTreeMap;

/// The format of data that is sent as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataFormat {
    /// A JSON list of objects.
    #[default]
    Json,
    /// CSV with a header.
    Csv,
    /// XML.
    Xml,
    /// CDISC ODM.
    Odm,
}

impl DataFormat {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xml => "xml",
            Self::Odm => "odm",
        }
    }
}

/// Which answer a record import gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReturnContent {
    /// The number of records named in the data. It proves nothing about what changed.
    #[default]
    Count,
    /// The names of the records.
    Ids,
    /// Pairs of the new and the given name; only with automatic numbering.
    AutoIds,
    /// Nothing.
    Nothing,
}

/// A record import (`redcap-api.md` §3.11).
#[derive(Debug, Clone, Default)]
pub struct RecordImport {
    /// The rows as text.
    pub data: String,
    /// Their format.
    pub format: DataFormat,
    /// One row a value instead of one a record and event.
    pub eav: bool,
    /// Blanks erase what is stored.
    pub overwrite: bool,
    /// REDCap gives every record a new name.
    pub auto_number: bool,
    /// The order of dates in the data: `YMD`, `MDY` or `DMY`; empty is `YMD`.
    pub date_format: String,
    /// The delimiter of CSV data; empty is a comma.
    pub csv_delimiter: String,
    /// What the answer holds.
    pub returns: ReturnContent,
    /// Queue the import. The answer then says only that it was accepted.
    pub background: bool,
}

/// Which part of which records to delete. Empty parts do not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordDelete {
    /// The records.
    pub records: Vec<String>,
    /// Only in this arm.
    pub arm: Option<u32>,
    /// Only this instrument.
    pub instrument: String,
    /// Only this event.
    pub event: String,
    /// Only this instance.
    pub repeat_instance: Option<u32>,
}

/// The place of a file or a survey: a record, and where in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordPlace {
    /// The record.
    pub record: String,
    /// The file field or the survey instrument.
    pub name: String,
    /// The event; empty in classic projects.
    pub event: String,
    /// The instance, where something repeats.
    pub repeat_instance: Option<u32>,
}

impl RecordPlace {
    /// Adds the place to a request; `key` is what its name is the name of.
    pub fn put(&self, request: Request, key: &'static str) -> Request {
        request
            .set("record", self.record.clone())
            .set(key, self.name.clone())
            .set("event", self.event.clone())
            .set("repeat_instance", self.repeat_instance.map(|n| n.to_string()).unwrap_or_default())
    }
}

impl Api {
    /// Adds and renames arms. `replace` deletes all arms, their events and data first.
    pub async fn import_arms(&self, arms: &[Arm], replace: bool) -> Result<u64, ApiError> {
        self.import("arm", encode::arms(arms), |r| r.set("override", flag(replace))).await
    }

    /// Deletes arms with their events and data.
    pub async fn delete_arms(&self, arms: &[u32]) -> Result<u64, ApiError> {
        self.delete("arm", "arms", arms.iter().map(ToString::to_string)).await
    }

    /// Adds and changes events. `replace` deletes all events first.
    pub async fn import_events(&self, events: &[Event], replace: bool) -> Result<u64, ApiError> {
        self.import("event", encode::events(events), |r| r.set("override", flag(replace))).await
    }

    /// Deletes events with their data.
    pub async fn delete_events(&self, events: &[String]) -> Result<u64, ApiError> {
        self.delete("event", "events", events.iter().cloned()).await
    }

    /// Replaces the whole mapping of instruments to events.
    pub async fn import_mapping(&self, mapping: &[Mapping]) -> Result<u64, ApiError> {
        self.import("formEventMapping", encode::mapping(mapping), |r| r).await
    }

    /// Replaces the whole set-up of what repeats.
    pub async fn import_repeating(&self, repeating: &[Repeating]) -> Result<u64, ApiError> {
        self.import("repeatingFormsEvents", encode::repeating(repeating), |r| r).await
    }

    /// Replaces the whole data dictionary: fields that are left out disappear.
    pub async fn import_metadata(&self, dictionary: &Dictionary) -> Result<u64, ApiError> {
        self.import("metadata", encode::dictionary(dictionary), |r| r).await
    }

    /// Changes project settings by their API keys (`redcap-api.md` §3.21).
    pub async fn import_settings(&self, settings: &BTreeMap<String, String>) -> Result<u64, ApiError> {
        self.import("project_settings", encode::settings(settings), |r| r).await
    }

    /// Adds users and changes their rights. Always send the Data Access Group back: without it
    /// the user sees all records (`redcap-api.md` Q25).
    pub async fn import_users(&self, users: &[User]) -> Result<u64, ApiError> {
        self.import("user", encode::users(users), |r| r).await
    }

    /// Removes users from the project.
    pub async fn delete_users(&self, users: &[String]) -> Result<u64, ApiError> {
        self.delete("user", "users", users.iter().cloned()).await
    }

    /// Adds roles (without a unique name) and changes roles.
    pub async fn import_roles(&self, roles: &[Role]) -> Result<u64, ApiError> {
        self.import("userRole", encode::roles(roles), |r| r).await
    }

    /// Deletes roles by their unique names.
    pub async fn delete_roles(&self, roles: &[String]) -> Result<u64, ApiError> {
        self.delete("userRole", "roles", roles.iter().cloned()).await
    }

    /// Puts users into roles, or out of them with a blank role.
    pub async fn import_role_assignments(&self, list: &[RoleAssignment]) -> Result<u64, ApiError> {
        self.import("userRoleMapping", encode::role_assignments(list), |r| r).await
    }

    /// Adds Data Access Groups (without a unique name) and renames groups.
    pub async fn import_dags(&self, dags: &[Dag]) -> Result<u64, ApiError> {
        self.import("dag", encode::dags(dags), |r| r).await
    }

    /// Deletes Data Access Groups by their unique names.
    pub async fn delete_dags(&self, dags: &[String]) -> Result<u64, ApiError> {
        self.delete("dag", "dags", dags.iter().cloned()).await
    }

    /// Puts users into Data Access Groups, or out of them with a blank group.
    pub async fn import_dag_assignments(&self, list: &[DagAssignment]) -> Result<u64, ApiError> {
        self.import("userDagMapping", encode::dag_assignments(list), |r| r).await
    }

    /// Moves the token's user to another of their groups. It stays so after the call.
    pub async fn switch_dag(&self, dag: &str) -> Result<(), ApiError> {
        let request = find("dag", Action::Switch)?.json().set("dag", dag);
        self.receipt(&request).await.map(|_| ())
    }

    /// Writes records.
    pub async fn import_records(&self, import: &RecordImport) -> Result<ImportAnswer, ApiError> {
        let returns = match import.returns {
            ReturnContent::Count => "count",
            ReturnContent::Ids => "ids",
            ReturnContent::AutoIds => "auto_ids",
            ReturnContent::Nothing => "nothing",
        };
        let request = find("record", Action::Import)?
            .set("format", import.format.as_str())
            .set("returnFormat", "json")
            .set("type", if import.eav { "eav" } else { "flat" })
            .set("overwriteBehavior", if import.overwrite { "overwrite" } else { "normal" })
            .set_flag("forceAutoNumber", import.auto_number)
            .set("dateFormat", import.date_format.clone())
            .set("csvDelimiter", import.csv_delimiter.clone())
            .set("returnContent", returns)
            .set_flag("backgroundProcess", import.background)
            .set("data", import.data.clone());
        let reply = self.call(&request).await?;
        let answer = decode::import_answer(&reply.text(), import.background)
            .map_err(|why| odd(&request, &reply, why))?;
        // Whoever asked for names or a count and gets nothing cannot know what was stored.
        if answer == ImportAnswer::Nothing && import.returns != ReturnContent::Nothing {
            let empty = ApiError::new(ErrorKind::EmptyAnswer, request.method().title);
            return Err(ApiError { status: Some(reply.status), ..empty });
        }
        Ok(answer)
    }

    /// Deletes records or parts of them, and says how many.
    pub async fn delete_records(&self, what: &RecordDelete) -> Result<u64, ApiError> {
        let request = find("record", Action::Delete)?
            .json()
            .set_list("records", &what.records)
            .set("arm", what.arm.map(|n| n.to_string()).unwrap_or_default())
            .set("instrument", what.instrument.clone())
            .set("event", what.event.clone())
            .set("repeat_instance", what.repeat_instance.map(|n| n.to_string()).unwrap_or_default());
        self.receipt(&request).await
    }

    /// Renames a record, in one arm or in all.
    pub async fn rename_record(&self, from: &str, to: &str, arm: Option<u32>) -> Result<(), ApiError> {
        let request = find("record", Action::Rename)?
            .json()
            .set("record", from)
            .set("new_record_name", to)
            .set("arm", arm.map(|n| n.to_string()).unwrap_or_default());
        self.receipt(&request).await.map(|_| ())
    }

    /// Randomizes a record. It cannot be undone through the API.
    pub async fn randomize(&self, record: &str, randomization_id: u64) -> Result<Randomized, ApiError> {
        let request = find("record", Action::Randomize)?
            .json()
            .set("record", record)
            .set("randomization_id", randomization_id.to_string())
            .set_flag("returnAlt", true);
        let reply = self.call(&request).await?;
        decode::randomized(&reply.text()).map_err(|why| odd(&request, &reply, why))
    }

    /// Creates a project, from a project XML if one is given. Needs a super token, and gives the
    /// new project's token.
    pub async fn create_project(
        &self,
        settings: &BTreeMap<String, String>,
        odm: Option<&str>,
    ) -> Result<Token, ApiError> {
        let request = find("project", Action::Import)?
            .json()
            .set("data", format!("[{}]", encode::settings(settings)))
            .set("odm", odm.unwrap_or_default());
        let reply = self.call(&request).await?;
        decode::plain(&reply.text())
            .and_then(|text| Token::parse(&text).map_err(|e| e.to_string()))
            .map_err(|why| odd(&request, &reply, why))
    }

    /// Uploads a file into a file field. A file that is there is replaced.
    pub async fn import_file(&self, place: &RecordPlace, name: &str, bytes: Vec<u8>) -> Result<(), ApiError> {
        let request = place.put(find("file", Action::Import)?.json(), "field").set_file(name, bytes);
        self.call(&request).await.map(|_| ())
    }

    /// Deletes the file of a file field.
    pub async fn delete_file(&self, place: &RecordPlace) -> Result<(), ApiError> {
        let request = place.put(find("file", Action::Delete)?.json(), "field");
        self.call(&request).await.map(|_| ())
    }

    /// Creates a folder in the file repository and gives its number.
    pub async fn create_folder(&self, name: &str, parent: Option<u64>) -> Result<u64, ApiError> {
        let request = find("fileRepository", Action::CreateFolder)?
            .json()
            .set("name", name)
            .set("folder_id", parent.map(|n| n.to_string()).unwrap_or_default());
        let reply = self.call(&request).await?;
        decode::folder_id(&reply.text()).map_err(|why| odd(&request, &reply, why))
    }

    /// Uploads a file into the file repository.
    pub async fn import_to_repository(
        &self,
        folder: Option<u64>,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), ApiError> {
        let request = find("fileRepository", Action::Import)?
            .json()
            .set("folder_id", folder.map(|n| n.to_string()).unwrap_or_default())
            .set_file(name, bytes);
        self.call(&request).await.map(|_| ())
    }

    /// Moves a file of the file repository to the recycle bin.
    pub async fn delete_from_repository(&self, doc_id: u64) -> Result<(), ApiError> {
        let request = find("fileRepository", Action::Delete)?.json().set("doc_id", doc_id.to_string());
        self.call(&request).await.map(|_| ())
    }

    async fn import(
        &self,
        content: &str,
        data: String,
        more: impl FnOnce(Request) -> Request,
    ) -> Result<u64, ApiError> {
        let request = more(find(content, Action::Import)?.json().set("data", data));
        self.receipt(&request).await
    }

    async fn delete(
        &self,
        content: &str,
        list: &'static str,
        names: impl IntoIterator<Item = String>,
    ) -> Result<u64, ApiError> {
        let request = find(content, Action::Delete)?.json().set_list(list, names);
        self.receipt(&request).await
    }

    /// Sends a write whose answer is a count.
    async fn receipt(&self, request: &Request) -> Result<u64, ApiError> {
        let reply = self.call(request).await?;
        decode::count(&reply.text()).map_err(|why| odd(request, &reply, why))
    }
}

fn flag(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}

pub(super) fn find(content: &str, action: Action) -> Result<Request, ApiError> {
    Request::find(content, action).ok_or_else(|| {
        ApiError::new(ErrorKind::BadRequest, "")
            .because(format!("There is no {} of {content}.", action.as_str()))
    })
}

/// A success whose answer is not of the expected shape. The write may well have happened.
pub(super) fn odd(request: &Request, reply: &Reply, why: String) -> ApiError {
    ApiError { status: Some(reply.status), ..ApiError::new(ErrorKind::Decode, request.method().title) }
        .because(why)
}
