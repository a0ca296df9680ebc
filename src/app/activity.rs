//! What capscope asked of servers, newest first: the list behind section 9.

use super::cursor::Cursor;
use crate::api::client::{CallEvent, CallState};
use std::collections::VecDeque;

/// How many calls are remembered.
const KEPT: usize = 500;

/// One request to a server.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its number, unique in this session.
    pub id: u64,
    /// The server.
    pub host: String,
    /// The name that the list of projects has for the token; empty if it has none yet.
    pub project: String,
    /// The method's title, such as `Export Records`.
    pub title: &'static str,
    /// What of it, such as `12 fields, 250 records`.
    pub detail: String,
    /// When it was asked for.
    pub at: jiff::Timestamp,
    /// How it stands.
    pub state: CallState,
}

/// The calls of this session.
#[derive(Debug, Clone, Default)]
pub struct Activity {
    /// Newest first.
    pub calls: VecDeque<Call>,
    /// The cursor in the list.
    pub cursor: Cursor,
}

impl Activity {
    /// Notes that a call changed its state.
    pub fn note(&mut self, event: CallEvent, now: jiff::Timestamp) {
        if let Some(call) = self.calls.iter_mut().find(|c| c.id == event.id) {
            call.state = event.state;
            return;
        }
        let CallEvent { id, host, project, title, detail, state } = event;
        self.calls.push_front(Call { id, host, project, title, detail, at: now, state });
        self.calls.truncate(KEPT);
        if self.cursor.at > 0 {
            self.cursor.at = (self.cursor.at + 1).min(self.calls.len().saturating_sub(1));
        }
    }

    /// The call under the cursor.
    pub fn chosen(&self) -> Option<&Call> {
        self.calls.get(self.cursor.at)
    }

    /// Why a request is being tried again, and when, if one is.
    pub fn retrying(&self) -> Option<String> {
        self.calls.iter().take(3).find_map(|call| match &call.state {
            CallState::Retrying { in_ms, reason } => {
                Some(format!("{reason}; again in {:.0} s.", (*in_ms as f64 / 1000.0).ceil()))
            }
            _ => None,
        })
    }

    /// Whether calls were made with the tokens of several projects of the list.
    pub fn several_projects(&self) -> bool {
        let mut names = self.calls.iter().map(|c| c.project.as_str()).filter(|name| !name.is_empty());
        let first = names.next();
        names.any(|name| Some(name) != first)
    }

    /// How many requests wait for their turn.
    pub fn waiting(&self) -> usize {
        self.calls.iter().filter(|c| matches!(c.state, CallState::Waiting)).count()
    }
}

impl Call {
    /// How the call stands, in words.
    pub fn state_words(&self) -> String {
        match &self.state {
            CallState::Waiting => "waiting its turn".into(),
            CallState::Sent => "sent".into(),
            CallState::Receiving { bytes } => format!("receiving, {}", size(*bytes)),
            CallState::Retrying { in_ms, reason } => {
                format!("again in {:.1} s ({reason})", *in_ms as f64 / 1000.0)
            }
            CallState::Done { outcome: Ok(()), bytes, ms, .. } => {
                format!("done, {}, {:.1} s", size(*bytes), *ms as f64 / 1000.0)
            }
            CallState::Done { outcome: Err(why), .. } if why == "Stopped" => "stopped".into(),
            CallState::Done { outcome: Err(why), .. } => format!("failed: {why}"),
        }
    }
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
