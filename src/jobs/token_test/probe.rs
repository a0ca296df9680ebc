//! One call of the test after the other, and what each showed.

use crate::api::catalogue::Action;
use crate::api::client::Api;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::request::Request;
use crate::domain::access_test::judge::{self, Answer};
use crate::domain::text::{one_line, scrub};
use crate::jobs::open::Listener;
use crate::jobs::problem::sorted;
use crate::jobs::types::{JobEvent, Progress};
use std::collections::BTreeMap;

/// The longest piece of an answer in evidence (`redcap-permissions.md` §6.6).
const FIRST_WORDS: usize = 200;

/// What one call showed.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub content: &'static str,
    pub action: Action,
    pub title: &'static str,
    pub answer: Answer,
    pub evidence: String,
}

/// The calls made so far.
pub(super) struct Probes<'a> {
    pub api: &'a Api,
    tell: Listener<'a>,
    total: usize,
    pub calls: usize,
    pub seen: Vec<Seen>,
    /// Rights that calls showed to be there or missing.
    pub observed: BTreeMap<&'static str, bool>,
    /// Why no further call is made.
    pub stopped: Option<String>,
    /// The error that stopped the test.
    pub fatal: Option<ApiError>,
    /// How many of the last calls in a row got nothing that REDCap's API says.
    unusable: u32,
}

/// After so many calls in a row without a usable answer no more is sent: what is wrong is not the
/// single call, and each one is tried several times.
const MOST_UNUSABLE: u32 = 3;

/// The one right that a call decides once the gate before it is known to be open.
fn decides(content: &str, action: Action) -> Option<&'static str> {
    Some(match (content, action) {
        ("version", Action::Export) => "api_export",
        ("user" | "userRole" | "userRoleMapping", Action::Export) => "user_rights",
        ("dag", Action::Export) => "data_access_groups",
        ("log", Action::Export) => "logging",
        ("repeatingFormsEvents", Action::Export) => "design",
        ("fileRepository", Action::List) => "file_repository",
        ("participantList", Action::Export) => "manage_survey_participants",
        ("record", Action::Import) => "api_import",
        ("record", Action::Delete) => "record_delete",
        ("record", Action::Rename) => "record_rename",
        ("record", Action::Randomize) => "random_perform",
        _ => return None,
    })
}

impl<'a> Probes<'a> {
    pub fn new(api: &'a Api, tell: Listener<'a>, total: usize) -> Self {
        Self {
            api,
            tell,
            total,
            calls: 0,
            seen: Vec::new(),
            observed: BTreeMap::new(),
            stopped: None,
            fatal: None,
            unusable: 0,
        }
    }

    /// What a method answered; the first answer counts.
    pub fn answer(&self, content: &str, action: Action) -> Option<&Answer> {
        self.find(content, action).map(|s| &s.answer)
    }

    /// What a method showed.
    pub fn find(&self, content: &str, action: Action) -> Option<&Seen> {
        self.seen.iter().find(|s| s.content == content && s.action == action)
    }

    /// The call that showed a right to be there or missing.
    pub fn shown_by(&self, right: &str) -> Option<&Seen> {
        self.seen.iter().find(|s| decides(s.content, s.action) == Some(right))
    }

    /// Makes a call unless the test was stopped, and notes what it showed. `describe` says of a
    /// success what may be kept of it: never a value.
    pub async fn ask<T>(
        &mut self,
        request: Option<Request>,
        call: impl Future<Output = Result<T, ApiError>>,
        describe: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        let request = request?;
        if self.stopped.is_some() {
            return None;
        }
        let method = request.method();
        let (done, total) = (self.calls as u64, self.total as u64);
        let step = format!("Testing: {}", method.title);
        (self.tell)(JobEvent::Progress(Progress { step, done, total: Some(total.max(done + 1)) }));
        self.calls += 1;
        let result = call.await;
        let (answer, came) = match &result {
            Ok(value) => (Answer::Success, came_back(&describe(value))),
            Err(error) => (sorted(error), refused(error)),
        };
        let unusable = matches!(answer, Answer::Page | Answer::None);
        self.unusable = if unusable { self.unusable + 1 } else { 0 };
        let (_, right) = if request.is_read() { judge::read(&answer) } else { judge::write(&answer) };
        if let (Some(key), Some(there)) = (decides(method.content, method.action), right) {
            self.observed.entry(key).or_insert(there);
        }
        let evidence = format!("{} -> {came}", sent(&request));
        self.seen.push(Seen {
            content: method.content,
            action: method.action,
            title: method.title,
            answer,
            evidence,
        });
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                if ends_the_test(&error.kind) {
                    self.stopped = Some(format!("{} {}", error.what(), error.advice()));
                    self.fatal = Some(error);
                } else if self.unusable >= MOST_UNUSABLE {
                    let (what, advice) = (error.what(), error.advice());
                    self.stopped =
                        Some(format!("{MOST_UNUSABLE} calls in a row got no usable answer. {what} {advice}"));
                }
                None
            }
        }
    }
}

/// The request as evidence: everything but the token, and no record's name.
fn sent(request: &Request) -> String {
    let hide = |name: &str| name.starts_with("records[") || name == "record" || name == "new_record_name";
    let pairs = request.pairs();
    let text: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "returnFormat" | "csvDelimiter"))
        .map(|(name, value)| if hide(name) { format!("{name}=(a name)") } else { format!("{name}={value}") })
        .collect();
    scrub(&one_line(&text.join(" ")))
}

fn came_back(what: &str) -> String {
    if what.is_empty() { "200".into() } else { format!("200, {}", one_line(what)) }
}

fn refused(error: &ApiError) -> String {
    let words = if error.server_text.is_empty() { error.what() } else { error.server_text.clone() };
    let words: String = one_line(&words).chars().take(FIRST_WORDS).collect();
    match error.status {
        Some(status) => format!("{status}: {words}"),
        None => words,
    }
}

/// Failures after which nothing else is sent: the next call would fail alike, or make it worse.
fn ends_the_test(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NoNetwork
            | ErrorKind::Broken
            | ErrorKind::Timeout
            | ErrorKind::Certificate
            | ErrorKind::Tls
            | ErrorKind::TrustStore
            | ErrorKind::Proxy
            | ErrorKind::Redirect { .. }
            | ErrorKind::RedirectLoop
            | ErrorKind::Blocked
            | ErrorKind::ServerBusy
            | ErrorKind::Database
            | ErrorKind::Cancelled
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_names_no_record() {
        let request = Request::find("record", Action::Rename)
            .unwrap()
            .json()
            .set("record", "Nutmeg")
            .set("new_record_name", "Mouse");
        assert_eq!(sent(&request), "content=record action=rename record=(a name) new_record_name=(a name)");
        let list = Request::find("record", Action::Export).unwrap().set_list("records", ["Nutmeg"]);
        assert_eq!(sent(&list), "content=record records[0]=(a name)");
    }

    #[test]
    fn a_ban_ends_the_test_and_a_missing_right_does_not() {
        assert!(ends_the_test(&ErrorKind::Blocked));
        assert!(!ends_the_test(&ErrorKind::NoRight { right: None }));
        assert!(!ends_the_test(&ErrorKind::NotRedcap));
    }
}
