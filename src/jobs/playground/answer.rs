//! An answer as the playground shows it: how it came, and its body in several ways of reading.

use super::views;
use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::domain::access_test::Fired;
use crate::jobs::problem::Problem;
use std::sync::Arc;

/// What of an answer may be shown while identifiers are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// All of it: it holds no record values.
    Open,
    /// The values of these columns are masked; the first is the record id field if it is one.
    Columns(Vec<String>),
    /// Nothing: values that identify a person may stand anywhere in it.
    Closed,
}

/// A way of reading a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    /// Indented, or as a table: the best for the format.
    Pretty,
    /// Rows under one header.
    Table,
    /// As it came.
    Raw,
}

impl ViewKind {
    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pretty => "pretty",
            Self::Table => "table",
            Self::Raw => "raw",
        }
    }
}

/// A body in one way of reading.
#[derive(Clone, PartialEq, Eq)]
pub struct View {
    /// Which way.
    pub kind: ViewKind,
    /// Its lines.
    pub open: Arc<Vec<String>>,
    /// Its lines with identifiers masked; `None` if they cannot be found in it.
    pub masked: Option<Arc<Vec<String>>>,
}

/// What came back.
#[derive(Clone)]
pub struct Answer {
    /// The title of the method that was called.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// From sending to the last byte, in milliseconds.
    pub ms: u64,
    /// The headers in the server's order.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Arc<Vec<u8>>,
    /// The body in every way it can be read; empty for a file.
    pub views: Vec<View>,
    /// What is wrong, if the server refused or failed.
    pub verdict: Option<Problem>,
    /// What the call did besides, or left out: cases that people know.
    pub known: Vec<Fired>,
    /// The name under which the body is best saved.
    pub file_name: String,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The body may hold record values: it is never printed.
        write!(f, "Answer({}, {}, {} bytes)", self.title, self.status, self.body.len())
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "View({}, {} lines)", self.kind.name(), self.open.len())
    }
}

impl Answer {
    /// Prepares a reply for reading. Takes long for large bodies.
    pub fn new(request: &Request, reply: Reply, verdict: Option<Problem>, guard: Guard) -> Self {
        // The server's own words about a refusal are no record.
        let guard = if verdict.is_some() { Guard::Open } else { guard };
        let file_name = crate::jobs::call::name_for(request, &reply);
        let views = views::of(request, &reply, verdict.is_some(), &guard);
        Self {
            title: request.method().title,
            status: reply.status,
            ms: reply.ms,
            headers: reply.headers,
            body: Arc::new(reply.body),
            views,
            verdict,
            known: Vec::new(),
            file_name,
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
}
