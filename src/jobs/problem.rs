//! A problem as people see it: what happened, the likely reason, what to do.

use crate::api::error::{ApiError, ErrorKind};

/// Something went wrong. Plain text throughout, already scrubbed of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A headline, such as `REDCap refused this token`.
    pub title: String,
    /// What happened.
    pub what: String,
    /// The likely reason. Never more certain than the evidence.
    pub reason: String,
    /// What the person can do.
    pub advice: String,
    /// The server's own words and other details; may be empty.
    pub details: String,
    /// What capscope itself can offer as a next step.
    pub remedy: Remedy,
    /// The server could not be reached at all.
    pub unreachable: bool,
    /// Something before REDCap keeps requests out, and capscope sends no more until a person says so.
    pub blocked: bool,
}

/// A next step that is one key away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Remedy {
    /// Try the same again.
    #[default]
    Retry,
    /// Enter a new token.
    NewToken,
    /// Use this other address, to which the server pointed.
    UseAddress(String),
    /// Nothing that a key could do.
    Nothing,
}

impl Problem {
    /// A problem that is not the server's.
    pub fn new(
        title: impl Into<String>,
        what: impl Into<String>,
        reason: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            what: what.into(),
            reason: reason.into(),
            advice: advice.into(),
            details: String::new(),
            remedy: Remedy::Nothing,
            unreachable: false,
            blocked: false,
        }
    }

    /// One line for a status bar or a script: the headline and what happened.
    pub fn one_line(&self) -> String {
        format!("{}: {}", self.title, self.what)
    }

    /// The whole problem as plain paragraphs, for the command line.
    pub fn paragraphs(&self) -> String {
        let mut text = format!("{}\n  {}\n", self.title, self.what);
        for (name, part) in
            [("Likely reason", &self.reason), ("What you can do", &self.advice), ("Details", &self.details)]
        {
            if !part.is_empty() {
                text.push_str(&format!("  {name}: {part}\n"));
            }
        }
        text
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let remedy = match &error.kind {
            ErrorKind::BadToken => Remedy::NewToken,
            // A place without encryption is never offered.
            ErrorKind::Redirect { to_host } if !to_host.contains("://") => {
                Remedy::UseAddress(to_host.clone())
            }
            _ => Remedy::Retry,
        };
        Self {
            title: error.title().to_owned(),
            what: error.what(),
            reason: error.reason(),
            advice: error.advice(),
            details: error.server_text.clone(),
            remedy,
            unreachable: matches!(
                error.kind,
                ErrorKind::NoNetwork | ErrorKind::Broken | ErrorKind::Timeout | ErrorKind::Proxy
            ),
            blocked: error.kind == ErrorKind::Blocked,
        }
    }
}
