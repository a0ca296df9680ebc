//! A problem as people see it: what happened, the likely reason, what to do.

use crate::api::catalogue::METHODS;
use crate::api::error::{ApiError, ErrorKind};
use crate::domain::access_test::explain::{Cause, Context, Refusal, causes, request};
use crate::domain::access_test::judge::Answer;
use crate::domain::rights::right_name;

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
    /// Why it happened, in detail.
    pub why: Box<Why>,
}

/// Why something happened: what the one explainer of the program says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Why {
    /// The likely reasons, the likeliest first; empty if `reason` says all there is.
    pub causes: Vec<Cause>,
    /// A text to send to the project's owner, without token and data; empty if nothing can be
    /// asked for.
    pub request: String,
    /// The call that failed, to explain it again when more is known.
    refusal: Option<Refusal>,
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
            why: Box::default(),
            blocked: false,
        }
    }

    /// With likely reasons and a text to send.
    #[must_use]
    pub fn explained(mut self, causes: Vec<Cause>, request: String) -> Self {
        self.why.causes = causes;
        self.why.request = request;
        self
    }

    /// Explained again, with what is known of the project.
    #[must_use]
    pub fn knowing(mut self, context: &Context) -> Self {
        if let Some(refusal) = &self.why.refusal {
            self.why.causes = causes(refusal, context);
            self.why.request = request(refusal, context);
        }
        self
    }

    /// One line for a status bar or a script: the headline and what happened.
    pub fn one_line(&self) -> String {
        format!("{}: {}", self.title, self.what)
    }

    /// The whole problem as plain paragraphs, for the command line.
    pub fn paragraphs(&self) -> String {
        let mut text = format!("{}\n  {}\n", self.title, self.what);
        let mut say = |name: &str, part: &str| {
            if !part.is_empty() {
                text.push_str(&format!("  {name}: {part}\n"));
            }
        };
        if self.why.causes.is_empty() {
            say("Likely reason", &self.reason);
        } else {
            let causes: Vec<String> = self.numbered().iter().map(|c| format!("\n    {c}")).collect();
            say("Likely reasons, the likeliest first", &causes.concat());
        }
        say("What you can do", &self.advice);
        say("Details", &self.details);
        if !self.why.request.is_empty() {
            let line = |l: &str| if l.is_empty() { "\n".to_owned() } else { format!("\n    {l}") };
            say("A text to send", &self.why.request.trim_end().lines().map(line).collect::<String>());
        }
        text
    }

    /// Whether REDCap knows the token, but lets it read nothing at all for want of API Export.
    pub fn reads_nothing(&self) -> bool {
        let answer = self.why.refusal.as_ref().map(|refusal| &refusal.answer);
        matches!(answer, Some(Answer::NoRight(Some(right))) if right == right_name("api_export"))
    }

    /// The likely reasons with their numbers.
    pub fn numbered(&self) -> Vec<String> {
        self.why.causes.iter().enumerate().map(|(i, c)| format!("{}. {}", i + 1, c.sentence())).collect()
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
        let refusal = refusal(&error);
        let none = Context::default();
        let why = Why {
            causes: causes(&refusal, &none),
            request: request(&refusal, &none),
            refusal: Some(refusal),
        };
        Self {
            why: Box::new(why),
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

/// An answer that is no success, sorted by its kind.
pub fn sorted(error: &ApiError) -> Answer {
    match &error.kind {
        ErrorKind::NoRight { right } => Answer::NoRight(right.clone()),
        ErrorKind::BadToken => Answer::TokenRefused,
        ErrorKind::NotHere => Answer::NotHere,
        ErrorKind::NotSupported => Answer::NotSupported,
        ErrorKind::Refused => Answer::Other,
        ErrorKind::NotRedcap | ErrorKind::Blocked => Answer::Page,
        _ => Answer::None,
    }
}

/// A failed call as the explainer takes it.
fn refusal(error: &ApiError) -> Refusal {
    let method = METHODS.iter().find(|m| m.title == error.method);
    Refusal {
        title: error.method.to_owned(),
        content: method.map_or("", |m| m.content).to_owned(),
        action: method.map_or("", |m| m.action.as_str()).to_owned(),
        needs: method
            .map(|m| m.gate.right().into_iter().chain(m.second).map(|k| right_name(k).to_owned()).collect())
            .unwrap_or_default(),
        answer: sorted(error),
        status: error.status,
        words: error.server_text.clone(),
        other_format: error.other_format,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_whole_on_the_command_line() {
        let mut error = ApiError::new(ErrorKind::NoRight { right: Some("Logging".into()) }, "Export Logging");
        error.status = Some(400);
        let text = Problem::from(error).paragraphs();
        for words in [
            "the likeliest first",
            "1. 'Export Logging' needs 'Logging', which is missing.",
            "2. The right is ticked for the user, but the user is in a role",
            "A text to send",
            "- 'Logging'. It is needed for: Export Logging.",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }

    #[test]
    fn what_is_learned_later_changes_the_order() {
        let problem = Problem::from(ApiError::new(ErrorKind::BadToken, "Export Records"));
        assert!(problem.why.causes[0].text.contains("another server"));
        let context = Context { since: "2026-01-02".into(), ..Context::default() };
        assert!(problem.knowing(&context).why.causes[0].text.contains("replaced"));
    }
}
