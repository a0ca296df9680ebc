//! One line of a project's log.

use serde::{Deserialize, Serialize};

/// A row of the logging export (`redcap-api.md` §3.20). Its details can hold record values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Server time, `YYYY-MM-DD HH:MM`.
    pub timestamp: String,
    /// Who did it: a user name or `[survey respondent]`.
    pub username: String,
    /// What was done, such as `Update record (API) 5`.
    pub action: String,
    /// New values or a sentence.
    pub details: String,
    /// The record, where there is one; servers before 13.4.9 do not tell it.
    pub record: String,
}
