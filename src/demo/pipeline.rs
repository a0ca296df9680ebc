//! The way of a call: the checks in the order of `redcap-permissions.md` §5.2, then the method.

use super::methods;
use super::model::log::LogType;
use super::model::project::Project;
use super::model::state::State;
use super::wire::encode::{Cell, Format, Shape, Spelling, TableWriter};
use super::wire::error::ApiError;
use super::wire::form::Params;
use crate::api::catalogue::{self, Action, Gate, Kind, Method, Need};
use crate::domain::rights::{Rights, User, right_name};
use jiff::civil::DateTime;
use std::io::{self, Write};
use std::sync::Arc;

/// Writes a body that is too long to be held at once.
pub type Stream = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + Send>;

/// The body of an answer.
pub enum Body {
    /// Held whole.
    Bytes(Vec<u8>),
    /// Written while it is sent.
    Stream(Stream),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{}", String::from_utf8_lossy(bytes)),
            Self::Stream(_) => f.write_str("(stream)"),
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: String,
    /// The body.
    pub body: Body,
}

impl Reply {
    /// A plain value, such as a version or a token. Real servers call even these HTML
    /// (`redcap-api.md` §1.4).
    pub fn plain(text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self {
            status: 200,
            content_type: "text/html; charset=utf-8".into(),
            body: Body::Bytes(text.into_bytes()),
        }
    }
}

/// A call that passed the checks, with all that a method needs.
#[derive(Debug)]
pub struct Call<'a> {
    /// The server.
    pub state: &'a State,
    /// The project as it is at this moment.
    pub project: Arc<Project>,
    /// The token's user.
    pub user: User,
    /// The rights in effect.
    pub rights: Rights,
    /// The parameters.
    pub params: &'a Params,
    /// The format of the answer; for `odm` see the methods that have it.
    pub format: Format,
    /// Server time.
    pub now: DateTime,
}

impl Call<'_> {
    /// A list parameter.
    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        self.params.list(name, self.state.behaviour.comma_lists)
    }

    /// Writes a line into the project's log.
    pub fn log(&self, kind: LogType, action: &str, details: &str) {
        self.project.add_log(kind, self.now, &self.user.username, action, details, "");
    }

    /// How this call's answer is spelled.
    pub fn spelling(&self, delimiter: char) -> Spelling {
        Spelling { format: self.format, delimiter, php_escapes: self.state.behaviour.json_php_escapes }
    }

    /// A table that is small enough to be held whole.
    pub fn table(&self, shape: Shape, keys: &[&str], rows: &[Vec<Cell<'_>>]) -> Result<Reply, ApiError> {
        let mut body = Vec::new();
        let keys = keys.iter().map(|k| (*k).to_owned()).collect();
        let mut writer = TableWriter::new(&mut body, self.spelling(','), shape, keys, None);
        rows.iter()
            .try_for_each(|row| writer.row(row))
            .and_then(|()| writer.finish())
            .map_err(|e| ApiError { status: 500, message: e.to_string() })?;
        Ok(Reply { status: 200, content_type: self.format.content_type().into(), body: Body::Bytes(body) })
    }

    /// Whether the group's column is exported if `asked` for: never to users in a group
    /// (`redcap-permissions.md` §4.1).
    pub fn with_dag_column(&self, asked: bool) -> bool {
        let has_dags = !self.project.dags.is_empty() || !self.state.behaviour.dag_column_needs_dags;
        asked && has_dags && self.user.dag.is_empty()
    }

    /// The number of the user's Data Access Group.
    pub fn dag_id(&self) -> Option<u64> {
        if self.user.dag.is_empty() { None } else { self.project.dag_id(&self.user.dag) }
    }
}

/// Answers a call.
pub fn answer(state: &State, params: &Params) -> Reply {
    run(state, params).unwrap_or_else(|error| {
        let format = return_format(params);
        Reply {
            status: error.status,
            content_type: format.content_type().into(),
            body: Body::Bytes(error.body(format, state.behaviour.json_php_escapes).into_bytes()),
        }
    })
}

/// The format of errors and of counts: `returnFormat`, else `format`, else XML
/// (`redcap-api.md` §1.6).
pub fn return_format(params: &Params) -> Format {
    ["returnFormat", "format"]
        .into_iter()
        .find_map(|name| params.text(name).and_then(Format::from_word))
        .unwrap_or(Format::Xml)
}

fn run(state: &State, params: &Params) -> Result<Reply, ApiError> {
    // 1. The content.
    let content = params.text("content").unwrap_or_default();
    if !catalogue::is_content(content) {
        return Err(ApiError::invalid_parameter("content"));
    }
    // 2. The token.
    let token = params.text("token").unwrap_or_default().trim();
    if token == state.super_token {
        return super_call(state, params, content);
    }
    let owner = state.owner(token).ok_or_else(ApiError::no_permission)?;
    let project = state.project(owner.project_id).ok_or_else(ApiError::no_permission)?;
    // 3. The user.
    let user = project.user(&owner.username).cloned().ok_or_else(ApiError::no_permission)?;
    let rights = project.rights_of(&user).clone();
    let now = State::now();
    let expired = !user.expiration.is_empty() && user.expiration <= now.date().to_string();
    if expired || !(rights.has("api_export") || rights.has("api_import")) {
        return Err(ApiError::no_permission());
    }
    // 4. The project.
    if project.deleted {
        return Err(ApiError::bad("The REDCap project no longer exists because it was deleted."));
    }
    let method = method_of(params, content)?;
    // 6. and 7. The rights.
    check_gate(method, &rights)?;
    check_second_right(state, method, &rights)?;
    // 8. What the project is.
    check_needs(state, method, &project)?;
    // 9. The parameters.
    check_parameters(state, method, params)?;
    let format = params.text("format").and_then(Format::from_word).unwrap_or(Format::Xml);
    methods::dispatch(method, &Call { state, project, user, rights, params, format, now })
}

/// A call with the super token: it creates projects and tells the version (`redcap-api.md` §1.2).
fn super_call(state: &State, params: &Params, content: &str) -> Result<Reply, ApiError> {
    match (content, method_of(params, content)?.action) {
        ("version", _) => Ok(Reply::plain(state.behaviour.version.clone())),
        ("project", Action::Import) => methods::create::create_project(state, params),
        _ => Err(ApiError::no_permission()),
    }
}

/// Which method is meant. Without an `action`, `data` means import where the content knows
/// imports without one (`redcap-api.md` §1.3).
fn method_of(params: &Params, content: &str) -> Result<&'static Method, ApiError> {
    let action = match params.text("action") {
        Some(word) => Action::from_word(word).ok_or_else(ApiError::not_implemented)?,
        None if params.is_sent("data") || content == "project_settings" => {
            match catalogue::find(content, Action::Import) {
                // PyCap, which is tested against real servers, sends `userRoleMapping` without one.
                Some(method) if !method.send_action || content == "userRoleMapping" => Action::Import,
                _ => Action::Export,
            }
        }
        None => Action::Export,
    };
    catalogue::find(content, action).ok_or_else(ApiError::not_implemented)
}

/// The first right. Import and delete are attested; the other words follow their pattern.
fn check_gate(method: &Method, rights: &Rights) -> Result<(), ApiError> {
    if method.gate.right().is_some_and(|right| rights.has(right)) {
        return Ok(());
    }
    Err(match method.gate {
        Gate::Import => ApiError::forbidden("You do not have API Import/Update privileges"),
        Gate::Export => ApiError::forbidden("You do not have API Export privileges"),
        Gate::DeleteRecord => ApiError::forbidden("You do not have Delete Record privileges"),
        Gate::RenameRecord => ApiError::forbidden("You do not have Rename Record privileges"),
        Gate::Randomize => ApiError::forbidden("You do not have Randomize privileges"),
        // A project token cannot create projects; the words are unknown.
        Gate::SuperToken => ApiError::no_permission(),
    })
}

/// The second right: a 400 that names both (attested for the DAG right).
fn check_second_right(state: &State, method: &Method, rights: &Rights) -> Result<(), ApiError> {
    let Some(right) = method.second else { return Ok(()) };
    if method.content == "repeatingFormsEvents" && !state.behaviour.repeating_needs_design {
        return Ok(());
    }
    // Read-only User Rights (2) are enough to export (`redcap-permissions.md` §3.3).
    let enough = match (right, method.gate) {
        ("user_rights", Gate::Import) => rights.get(right) == 1,
        _ => rights.has(right),
    };
    if enough {
        return Ok(());
    }
    let first = method.gate.right().map_or("API Export", right_name);
    Err(ApiError::insufficient(first, right_name(right)))
}

fn check_needs(state: &State, method: &Method, project: &Project) -> Result<(), ApiError> {
    for need in method.needs {
        match need {
            Need::Longitudinal if !project.info.is_longitudinal => {
                let what = match method.content {
                    "arm" => "arms",
                    "event" => "events",
                    _ => "form/event mappings",
                };
                let verb = match method.action {
                    Action::Import => "import",
                    Action::Delete => "delete",
                    _ => "export",
                };
                return Err(ApiError::bad(format!("You cannot {verb} {what} for classic projects")));
            }
            Need::Repeating if !project.has_repeating() => {
                return Err(ApiError::bad(
                    "You cannot export repeating instruments and events because the project does not contain any repeating instruments and events",
                ));
            }
            // The words of the next three are ours: none is attested.
            Need::Surveys if !project.info.surveys_enabled => {
                return Err(ApiError::bad("Surveys are not enabled in this project"));
            }
            Need::Development
                if project.info.in_production && state.behaviour.structure_needs_development =>
            {
                return Err(ApiError::bad(
                    "This method can only be used while the project is in development status",
                ));
            }
            Need::Randomization if !project.info.randomization_enabled => {
                return Err(ApiError::bad("Randomization is not enabled in this project"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks what the catalogue says about the parameters: words that are none, and what is missing.
fn check_parameters(state: &State, method: &Method, params: &Params) -> Result<(), ApiError> {
    for param in method.params {
        if let (Kind::Choice(words), Some(word)) = (param.kind, params.text(param.name))
            && !words.contains(&word)
            && !(param.name == "csvDelimiter" && word == "\t")
        {
            return Err(ApiError::invalid_parameter(param.name));
        }
        let sent = params.is_sent(param.name) || params.uploads.iter().any(|u| u.field == param.name);
        let has_default = param.name == "override" && state.behaviour.missing_override_is_zero;
        if param.required && !sent && !has_default {
            return Err(ApiError::missing_parameter(param.name));
        }
    }
    Ok(())
}
