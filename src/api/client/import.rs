//! Importing records: the one write that capscope composes itself. Every other one a person
//! composes as a call of the catalogue.
//!
//! It is never sent twice (see [`Server`](super::Server)), and asks nobody: who calls it has shown
//! the person what will happen and has heard a yes.

use super::api::{Api, find, odd};
use crate::api::catalogue::Action;
use crate::api::decode::{self, ImportAnswer};
use crate::api::error::{ApiError, ErrorKind};

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
    /// What the answer holds.
    pub returns: ReturnContent,
    /// Queue the import. The answer then says only that it was accepted.
    pub background: bool,
}

impl Api {
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
}
