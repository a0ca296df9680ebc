//! A token on a server: one function for each thing that can be read.

use super::server::{Head, Server, Sink};
use crate::api::catalogue::Action;
use crate::api::decode;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::api::sniff::{Shape, judge, shape_of};
use crate::api::token::Token;
use crate::domain::dictionary::Dictionary;
use crate::domain::event::{Arm, Event, Instrument, Mapping, Repeating};
use crate::domain::log::LogEntry;
use crate::domain::project::{ProjectInfo, Readable};
use crate::domain::rights::{Dag, DagAssignment, Role, RoleAssignment, User};
use std::sync::{Arc, OnceLock};

/// A server and a token. Cheap to clone; all clones share the server's queue and pace.
///
/// Every future stops when it is dropped: the connection is closed and nothing goes on.
#[derive(Debug, Clone)]
pub struct Api {
    server: Arc<Server>,
    token: Token,
    project: Arc<OnceLock<u64>>,
    name: Arc<str>,
}

/// Which lines of a project's log to read (`redcap-api.md` §3.20). Empty parts do not restrict.
///
/// Always give a time window: whole logs of serious projects time out (Q22).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// One of the words of the method's `logtype`.
    pub logtype: String,
    /// Only this user.
    pub user: String,
    /// Only this record.
    pub record: String,
    /// Only this Data Access Group, by its number.
    pub dag: Option<u64>,
    /// From this server time on, `YYYY-MM-DD HH:MM`.
    pub begin: String,
    /// Before this server time, `YYYY-MM-DD HH:MM`.
    pub end: String,
}

/// Turns "the project has no such thing" and "the token may not read it" from errors into what
/// they are: knowledge about the project. Other errors stay errors.
pub fn readable<T>(result: Result<T, ApiError>) -> Result<Readable<T>, ApiError> {
    match result {
        Ok(value) => Ok(Readable::Known(value)),
        Err(e) if e.kind == ErrorKind::NotHere => Ok(Readable::NotHere(e.server_text)),
        Err(e) if e.kind == ErrorKind::NotSupported => Ok(Readable::NotHere(e.what())),
        Err(e) if matches!(e.kind, ErrorKind::NoRight { .. }) => {
            Ok(Readable::NoRight(format!("{} {}", e.what(), e.reason())))
        }
        Err(e) => Err(e),
    }
}

impl Api {
    /// A token on a server.
    pub fn new(server: Arc<Server>, token: Token) -> Self {
        Self { server, token, project: Arc::default(), name: Arc::from("") }
    }

    /// The same, with the number of the token's project for those who witness calls.
    #[must_use]
    pub fn of_project(self, project: u64) -> Self {
        Self { project: Arc::new(OnceLock::from(project)), ..self }
    }

    /// The same, with the name that the list of projects has for this token, for those who observe
    /// calls.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Arc::from(name), ..self }
    }

    /// The number of the token's project, as far as it is known.
    pub fn project(&self) -> Option<u64> {
        self.project.get().copied()
    }

    /// The server.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// REDCap's version, such as `14.5.2`.
    pub async fn version(&self) -> Result<String, ApiError> {
        self.read("version", |r| r, decode::version).await
    }

    /// What the project says about itself.
    pub async fn project_info(&self) -> Result<ProjectInfo, ApiError> {
        let info = self.read("project", |r| r, decode::project).await?;
        let _ = self.project.set(info.project_id);
        Ok(info)
    }

    /// The data dictionary.
    pub async fn metadata(&self) -> Result<Dictionary, ApiError> {
        self.read("metadata", |r| r, decode::metadata).await
    }

    /// The instruments in project order.
    pub async fn instruments(&self) -> Result<Vec<Instrument>, ApiError> {
        self.read("instrument", |r| r, decode::instruments).await
    }

    /// The arms. [`ErrorKind::NotHere`] in a classic project.
    pub async fn arms(&self) -> Result<Vec<Arm>, ApiError> {
        self.read("arm", |r| r, decode::arms).await
    }

    /// The events. [`ErrorKind::NotHere`] in a classic project.
    pub async fn events(&self) -> Result<Vec<Event>, ApiError> {
        self.read("event", |r| r, decode::events).await
    }

    /// Which instrument is used at which event. [`ErrorKind::NotHere`] in a classic project.
    pub async fn mapping(&self) -> Result<Vec<Mapping>, ApiError> {
        self.read("formEventMapping", |r| r, decode::mapping).await
    }

    /// What repeats. [`ErrorKind::NotHere`] where nothing does.
    pub async fn repeating(&self) -> Result<Vec<Repeating>, ApiError> {
        self.read("repeatingFormsEvents", |r| r, decode::repeating).await
    }

    /// The users with their rights.
    pub async fn users(&self) -> Result<Vec<User>, ApiError> {
        self.read("user", |r| r, decode::users).await
    }

    /// The user roles.
    pub async fn roles(&self) -> Result<Vec<Role>, ApiError> {
        self.read("userRole", |r| r, decode::roles).await
    }

    /// Which user is in which role.
    pub async fn role_assignments(&self) -> Result<Vec<RoleAssignment>, ApiError> {
        self.read("userRoleMapping", |r| r, decode::role_assignments).await
    }

    /// The Data Access Groups.
    pub async fn dags(&self) -> Result<Vec<Dag>, ApiError> {
        self.read("dag", |r| r, decode::dags).await
    }

    /// Which user is in which Data Access Group.
    pub async fn dag_assignments(&self) -> Result<Vec<DagAssignment>, ApiError> {
        self.read("userDagMapping", |r| r, decode::dag_assignments).await
    }

    /// Lines of the project's log, newest first.
    pub async fn log(&self, query: LogQuery) -> Result<Vec<LogEntry>, ApiError> {
        let dag = query.dag.map(|d| d.to_string()).unwrap_or_default();
        let narrow = move |r: Request| {
            r.set("logtype", query.logtype)
                .set("user", query.user)
                .set("record", query.record)
                .set("dag", dag)
                .set("beginTime", query.begin)
                .set("endTime", query.end)
        };
        self.read("log", narrow, decode::log).await
    }

    /// The name REDCap would give to the next record. It is not reserved.
    pub async fn next_record_name(&self) -> Result<String, ApiError> {
        self.read("generateNextRecordName", |r| r, decode::plain).await
    }

    /// Calls any method and judges the answer: a reply is a success of the expected shape.
    pub async fn call(&self, request: &Request) -> Result<Reply, ApiError> {
        let shape = shape_of(request);
        let sink = || WholeBody { body: Vec::new(), judged: Some(shape) };
        self.server.run(request, (self.project(), &self.name), &self.token, sink).await
    }

    /// Calls any method and gives back whatever came, refusals and pages included. Only failures
    /// of the connection are errors. For the playground and the permission test, which show
    /// answers as they are; [`judge_reply`](Self::judge_reply) tells what such a reply means.
    ///
    /// Passing refusals (a busy server) are tried again only by [`call`](Self::call).
    pub async fn call_raw(&self, request: &Request) -> Result<Reply, ApiError> {
        let sink = || WholeBody { body: Vec::new(), judged: None };
        let reply = self.server.run(request, (self.project(), &self.name), &self.token, sink).await?;
        // Whoever shows the answer as it is must not go on against a ban.
        if let Err(error) = Self::judge_reply(request, &reply) {
            self.server.stop_if_blocked(&error);
        }
        Ok(reply)
    }

    /// What a reply to a request means.
    pub fn judge_reply(request: &Request, reply: &Reply) -> Result<(), ApiError> {
        let content_type = reply.header("content-type").unwrap_or_default();
        judge(reply.status, content_type, &reply.body, shape_of(request), request.method().title).map_err(
            |e| {
                let asked = request.text("returnFormat");
                let other_format = !matches!(asked, "" | "json")
                    && reply.body.trim_ascii_start().starts_with(b"{")
                    && e.status.is_some_and(|s| s >= 400);
                ApiError { other_format, ..e }
            },
        )
    }

    /// Reads one thing as JSON, or as plain text where REDCap has nothing else.
    pub(super) async fn read<T>(
        &self,
        content: &str,
        narrow: impl FnOnce(Request) -> Request,
        decode: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ApiError> {
        let request = narrow(find(content, Action::Export)?.json());
        let reply = self.call(&request).await?;
        decode(&reply.text()).map_err(|why| odd(&request, &reply, why))
    }

    /// Runs a request into a sink.
    pub(super) async fn run<S: Sink>(
        &self,
        request: &Request,
        sink: impl Fn() -> S + Send + Sync,
    ) -> Result<S::Out, ApiError> {
        self.server.run(request, (self.project(), &self.name), &self.token, sink).await
    }
}

/// Collects a whole answer, and judges it unless it is to be shown as it is.
struct WholeBody {
    body: Vec<u8>,
    judged: Option<Shape>,
}

impl Sink for WholeBody {
    type Out = Reply;
    const RETRY_EMPTY: bool = true;

    fn take(&mut self, _: &Head, bytes: &[u8]) -> Result<(), ApiError> {
        self.body.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(self, head: &Head, ms: u64) -> Result<Reply, ApiError> {
        if let Some(shape) = self.judged {
            judge(head.status, head.header("content-type"), &self.body, shape, head.method)?;
        }
        let headers = head
            .headers
            .iter()
            .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        Ok(Reply { status: head.status, headers, body: self.body, ms })
    }

    fn rows(reply: &Reply) -> Option<u64> {
        super::rows::in_json(&reply.body)
    }
}

/// The request of a method of the catalogue.
pub(super) fn find(content: &str, action: Action) -> Result<Request, ApiError> {
    Request::find(content, action).ok_or_else(|| {
        ApiError::new(ErrorKind::BadRequest, "")
            .because(format!("There is no {} of {content}.", action.as_str()))
    })
}

/// A success whose answer is not of the expected shape. If it was a write, it may well have happened.
pub(super) fn odd(request: &Request, reply: &Reply, why: String) -> ApiError {
    ApiError { status: Some(reply.status), ..ApiError::new(ErrorKind::Decode, request.method().title) }
        .because(why)
}
