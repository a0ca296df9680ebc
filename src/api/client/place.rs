//! What hangs at a place of a record: the survey of an instrument, and the file of a field.

use super::api::{Api, find};
use crate::api::catalogue::Action;
use crate::api::decode;
use crate::api::error::ApiError;
use crate::api::request::Request;

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
    fn put(&self, request: Request, key: &'static str) -> Request {
        request
            .set("record", self.record.clone())
            .set(key, self.name.clone())
            .set("event", self.event.clone())
            .set("repeat_instance", self.repeat_instance.map(|n| n.to_string()).unwrap_or_default())
    }
}

impl Api {
    /// The link to a participant's survey.
    pub async fn survey_link(&self, place: &RecordPlace) -> Result<String, ApiError> {
        self.survey("surveyLink", place).await
    }

    /// The code with which a participant comes back to a survey.
    pub async fn survey_return_code(&self, place: &RecordPlace) -> Result<String, ApiError> {
        self.survey("surveyReturnCode", place).await
    }

    async fn survey(&self, content: &str, place: &RecordPlace) -> Result<String, ApiError> {
        self.read(content, |request| place.put(request, "instrument"), decode::plain).await
    }

    /// The request for the file of a file field.
    pub fn file(place: &RecordPlace) -> Result<Request, ApiError> {
        Ok(place.put(find("file", Action::Export)?.json(), "field"))
    }
}
