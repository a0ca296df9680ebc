//! Testing a token: which calls are made, in which order, and what is made of the answers.
//!
//! Reads run freely. Calls that would write but name what cannot be need a yes, and on a project
//! in production the project's write access as well. Everything else is never sent
//! (`redcap-permissions.md` §6). Where one call answers several questions, one is made.

mod matrix;
mod probe;
mod writes;

use super::bench::{Workbench, blocking};
use super::open::Listener;
use super::problem::Problem;
use super::types::SavedProject;
use crate::api::catalogue::Action;
use crate::api::client::{Api, LogQuery, RecordQuery};
use crate::api::request::Request;
use crate::domain::access_test::doctor::{self, Doctor, Group};
use crate::domain::access_test::judge::Answer;
use crate::domain::access_test::{Owner, Report, Usable, ask, cases};
use crate::domain::dictionary::Dictionary;
use crate::domain::event::Instrument;
use crate::domain::project::ProjectInfo;
use crate::domain::record::column;
use crate::domain::rights::{Dag, User};
use crate::domain::text::without_html;
use crate::store::token_tests;
pub use crate::store::token_tests::Kept;
use jiff::{Timestamp, ToSpan as _};
use probe::Probes;

/// What a person agreed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Calls of class B may be sent: they would write but name what cannot be.
    pub writes: bool,
    /// The one call of class C may be sent: Randomize Record for a record that does not exist.
    pub randomize: bool,
    /// Write access is switched on for the project: only then is class B sent to one in production.
    pub write_access: bool,
}

/// One call of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The method.
    pub call: &'static str,
    /// What it tells.
    pub tells: &'static str,
    /// What it leaves in the project's log, as far as that is attested (`redcap-permissions.md` §6.5).
    pub log: &'static str,
}

const fn planned(call: &'static str, tells: &'static str, log: &'static str) -> Planned {
    Planned { call, tells, log }
}

/// The reads, in order.
pub const READS: &[Planned] = &[
    planned("Export REDCap Version", "whether the token reads at all", ""),
    planned("Export Project Information", "what the project is", "Export project information (API)"),
    planned("Export Metadata (Data Dictionary)", "which fields there are", "Download data dictionary (API)"),
    planned("Export Instruments", "what the instruments are called", "Export instruments (API)"),
    planned("Export Users", "User Rights, and the rights themselves", ""),
    planned("Export User Role Assignments", "whether a role rules", ""),
    planned("Export User Roles", "the name of the role", ""),
    planned("Export Data Access Groups", "Data Access Groups", "Export DAGs (API)"),
    planned("Export Logging", "Logging, and whose token it is", "Export Logging (API)"),
    planned("Export Repeating Instruments and Events", "Project Design and Setup", ""),
    planned("Export a List of Files/Folders from the File Repository", "File Repository", ""),
    planned(
        "Export Records: record ids only",
        "how many records, which group, hashed ids",
        "Data export (API)",
    ),
    planned("Export Records: one record, all fields", "which columns are left out", "Data export (API)"),
    planned("Generate Next Record Name", "a Data Access Group, if the rest leaves it open", ""),
    planned(
        "Export Instrument-Event Mappings",
        "where a survey is, if there are events",
        "Export instrument-event mappings (API)",
    ),
    planned("Export a Survey Participant List", "Survey Distribution Tools; its content is thrown away", ""),
];

/// The calls of class B, in order.
pub const WRITES: &[Planned] = &[
    planned("Import Records: a column that does not exist", "API Import/Update", ""),
    planned("Delete Records: a record that does not exist", "Delete Records", ""),
    planned("Rename Record: a record that does not exist", "Rename Records", ""),
];

/// The calls of class C: each needs a yes of its own (`redcap-permissions.md` §6.4). Locks, entry
/// rights and Create Records are only shown by real changes, so nothing here tries them.
pub const SINGLE: &[Planned] =
    &[planned("Randomize Record: a record that does not exist", "Randomization: Randomize", "")];

/// What the test will do, for the person who starts it.
pub fn plan(writes: bool) -> String {
    let mut text = format!(
        "The test makes up to {} calls that only read, one after the other, at the usual pace.\n",
        READS.len()
    );
    if writes {
        text.push_str(&format!(
            "It then makes up to {} calls that would write, but name a column or a record that does not \
             exist: REDCap checks the right first and then refuses them. Nothing is changed.\n",
            WRITES.len()
        ));
    }
    text.push_str(
        "Calls leave lines under the token owner's name in the project's log, such as 'Export project \
         information (API)', 'Download data dictionary (API)', 'Export DAGs (API)', 'Export Logging (API)' \
         and 'Data export (API)'. Refused calls may be logged by the server as well.\n\
         Of one record all fields are read to see which columns come; the values are thrown away.\n",
    );
    text
}

/// Why calls were not sent.
#[derive(Debug)]
struct Unsent {
    /// Those of class B.
    writes: String,
    /// Those of class C.
    single: String,
}

/// What the calls told, before it is put together.
#[derive(Debug, Default)]
struct Told {
    version: String,
    info: Option<ProjectInfo>,
    dictionary: Option<Dictionary>,
    instruments: Vec<Instrument>,
    users: Vec<User>,
    roles: Vec<(String, String)>,
    dags: Option<Vec<Dag>>,
    owner: Option<Owner>,
    repeating: bool,
    ids: Option<Vec<String>>,
    doctor: Doctor,
}

impl Told {
    /// The rights of the owner, if they are known.
    fn owner_rights(&self) -> Option<&User> {
        let owner = self.owner.as_ref()?;
        self.users.iter().find(|u| u.username.eq_ignore_ascii_case(&owner.username))
    }
}

/// Tests a token. Fails only if not even the first call got an answer; what ends the test later is
/// told in the report.
pub async fn run(api: &Api, agreed: Agreed, tell: Listener<'_>) -> Result<Report, Problem> {
    let total = READS.len()
        + if agreed.writes { WRITES.len() } else { 0 }
        + if agreed.randomize { SINGLE.len() } else { 0 };
    let mut probes = Probes::new(api, tell, total);
    let mut told = Told::default();
    let usable = first(&mut probes, &mut told).await?;
    let mut not_single = "It cannot be undone, so it is sent only if you say yes to this very call. \
                          The user list tells the right as well."
        .to_owned();
    let mut not_written = "Calls that would write were not agreed to.".to_owned();
    if usable == Usable::Reads {
        structure(&mut probes, &mut told).await;
        people(&mut probes, &mut told).await;
        records(&mut probes, &mut told).await;
        surveys(&mut probes, &told).await;
        if agreed.writes {
            not_written = writes::run(&mut probes, &told, agreed.write_access).await;
        }
        if agreed.randomize {
            not_single = writes::randomize(&mut probes, &told, agreed.write_access).await;
        }
    } else if agreed.writes {
        not_written = "Nothing could be read, so nothing was sent that would write.".into();
    }
    Ok(report(probes, told, usable, &Unsent { writes: not_written, single: not_single }))
}

/// Tests the token of a saved project, and keeps the result. Gives back the test before, too.
///
/// That a result could not be kept is no reason to fail: the next test then has none before it.
pub async fn run_and_keep(
    bench: &Workbench,
    project: &SavedProject,
    agreed: Agreed,
    tell: Listener<'_>,
) -> Result<(Report, Option<Kept>), Problem> {
    let api = bench.api(project).await?;
    let report = run(&api, agreed, tell).await?;
    let Some(paths) = bench.paths.clone() else { return Ok((report, None)) };
    let (id, kept) = (project.id.clone(), report.clone());
    let before = blocking(move || {
        let before = token_tests::load(&paths, &id);
        let _ = token_tests::save(&paths, &id, Timestamp::now(), &kept);
        before
    })
    .await?;
    Ok((report, before))
}

/// The smallest call: it tells whether there is anything to test.
async fn first(probes: &mut Probes<'_>, told: &mut Told) -> Result<Usable, Problem> {
    let request = Request::find("version", Action::Export).map(Request::json);
    let version = probes.ask(request, probes.api.version(), String::clone).await;
    if let Some(error) = probes.fatal.take() {
        return Err(Problem::from(error));
    }
    told.version = version.unwrap_or_default();
    Ok(match probes.answer("version", Action::Export) {
        Some(Answer::Success) => Usable::Reads,
        Some(Answer::TokenRefused) => Usable::Refused,
        Some(Answer::NoRight(_)) => Usable::NoExport,
        _ => Usable::Unknown,
    })
}

async fn structure(probes: &mut Probes<'_>, told: &mut Told) {
    let api = probes.api;
    let request = Request::find("project", Action::Export).map(Request::json);
    told.info = probes.ask(request, api.project_info(), |_| String::new()).await;
    let request = Request::find("metadata", Action::Export).map(Request::json);
    let fields = |d: &Dictionary| format!("{} fields", d.fields().len());
    told.dictionary = probes.ask(request, api.metadata(), fields).await;
    let request = Request::find("instrument", Action::Export).map(Request::json);
    let count = |i: &Vec<Instrument>| format!("{} instruments", i.len());
    told.instruments = probes.ask(request, api.instruments(), count).await.unwrap_or_default();
}

async fn people(probes: &mut Probes<'_>, told: &mut Told) {
    let api = probes.api;
    let request = Request::find("user", Action::Export).map(Request::json);
    let users = probes.ask(request, api.users(), |u| format!("{} users", u.len())).await;
    if let Some(users) = users {
        told.users = users;
        let request = Request::find("userRoleMapping", Action::Export).map(Request::json);
        let assigned =
            probes.ask(request, api.role_assignments(), |_| String::new()).await.unwrap_or_default();
        if assigned.iter().any(|a| !a.role.is_empty()) {
            let request = Request::find("userRole", Action::Export).map(Request::json);
            let roles = probes.ask(request, api.roles(), |r| format!("{} roles", r.len())).await;
            let label = |unique: &str| {
                let known = roles.iter().flatten().find(|r| r.unique_name == unique);
                known.map_or(unique.to_owned(), |r| r.label.clone())
            };
            told.roles = assigned
                .iter()
                .filter(|a| !a.role.is_empty())
                .map(|a| (a.username.clone(), label(&a.role)))
                .collect();
        }
    }
    let request = Request::find("dag", Action::Export).map(Request::json);
    told.dags = probes.ask(request, api.dags(), |d| format!("{} groups", d.len())).await;
    // The server's clock may be in any time zone; the window reaches over all of them.
    let begin = (Timestamp::now() - 14.hours()).strftime("%Y-%m-%d %H:%M").to_string();
    let query = LogQuery { logtype: "manage".into(), begin: begin.clone(), ..LogQuery::default() };
    let request = Request::find("log", Action::Export)
        .map(|r| r.json().set("logtype", "manage").set("beginTime", begin));
    let log = probes.ask(request, api.log(query), |l| format!("{} lines", l.len())).await.unwrap_or_default();
    // The newest lines of two calls that this test just made (§6.2, §6.5).
    let newest = |details: &str| log.iter().find(|l| l.details == details).map(|l| l.username.clone());
    let mine = (newest("Export project information (API)"), newest("Download data dictionary (API)"));
    if let (Some(a), Some(b)) = mine
        && a == b
    {
        let how = "inferred: the newest lines of the log for the calls of this test carry this name".into();
        told.owner = Some(Owner { username: a, how });
    }
    let request = Request::find("repeatingFormsEvents", Action::Export).map(Request::json);
    let repeating = probes.ask(request, api.repeating(), |r| format!("{} entries", r.len())).await;
    told.repeating = repeating.is_some_and(|r| !r.is_empty());
    if let Some(request) = Request::find("fileRepository", Action::List).map(Request::json) {
        let call = request.clone();
        probes.ask(Some(request), api.call(&call), |_| String::new()).await;
    }
    if told.owner.is_none() {
        told.owner = only_user(probes, &told.users);
    }
}

/// The one user whose rights fit everything that was seen, if there is just one (§6.2).
fn only_user(probes: &Probes<'_>, users: &[User]) -> Option<Owner> {
    let fits = |user: &&User| probes.observed.iter().all(|(key, there)| user.rights.has(key) == *there);
    let mut fitting = users.iter().filter(fits);
    let (user, more) = (fitting.next()?, fitting.next());
    let how = "inferred: of all users only this one has rights that fit what was seen".into();
    more.is_none().then(|| Owner { username: user.username.clone(), how })
}

async fn records(probes: &mut Probes<'_>, told: &mut Told) {
    let Some(dictionary) = told.dictionary.clone() else {
        told.doctor.not_looked =
            "The data dictionary could not be read, so nothing can be said of columns.".into();
        return;
    };
    let Some(id_field) = dictionary.record_id_field().map(|f| f.name.clone()) else {
        told.doctor.not_looked = "The data dictionary has no fields.".into();
        return;
    };
    let api = probes.api;
    let query = RecordQuery { fields: vec![id_field.clone()], dags: true, ..RecordQuery::default() };
    let mut quiet = |_| {};
    let request = query.request("csv").ok();
    let table =
        probes.ask(request, api.records(&query, &mut quiet), |t| format!("{} rows", t.n_rows())).await;
    let Some(table) = table else {
        let refused = matches!(probes.answer("record", Action::Export), Some(Answer::NoRight(_)));
        told.doctor.not_looked = if refused {
            "The export of records is refused: no instrument may be exported, as it seems.".into()
        } else {
            "The export of records gave no usable answer.".into()
        };
        return;
    };
    let at = table.column(&id_field);
    let ids: Vec<String> = at
        .map(|at| table.distinct(at).filter(|v| !v.is_empty()).map(str::to_owned).collect())
        .unwrap_or_default();
    told.doctor.hashed = doctor::are_hashed(ids.iter().map(String::as_str));
    told.doctor.records = Some(ids.len());
    let dag_column = table.column(column::DAG).is_some();
    match ids.first() {
        None => {
            told.doctor.not_looked = "The token sees no record, so nothing can be said of columns.".into();
        }
        Some(id) => columns(probes, told, &dictionary, id).await,
    }
    told.doctor.group = group(probes, told, ids.len(), dag_column).await;
    told.ids = Some(ids);
}

/// All fields of one record: which columns come. The values are dropped with the table.
async fn columns(probes: &mut Probes<'_>, told: &mut Told, dictionary: &Dictionary, id: &str) {
    let query = RecordQuery { records: vec![id.to_owned()], survey_fields: true, ..RecordQuery::default() };
    let mut quiet = |_| {};
    let request = query.request("csv").ok();
    let columns = |t: &crate::domain::table::RecordTable| format!("{} columns", t.n_columns());
    let Some(table) = probes.ask(request, probes.api.records(&query, &mut quiet), columns).await else {
        told.doctor.not_looked = "The export of one record gave no usable answer.".into();
        return;
    };
    if table.n_rows() == 0 {
        let hashed =
            if told.doctor.hashed { ": record names are hashed and cannot be used to ask" } else { "" };
        told.doctor.not_looked =
            format!("One record could not be read by its name{hashed}. Nothing can be said of columns.");
        return;
    }
    let returned: Vec<String> = table.column_names().map(str::to_owned).collect();
    let label = |form: &str| {
        let label = told.instruments.iter().find(|i| i.name == form).map(|i| without_html(&i.label));
        label.filter(|l| !l.is_empty()).unwrap_or_else(|| form.to_owned())
    };
    let rights = told.owner_rights().map(|u| u.rights.clone());
    let right = |form: &str| rights.as_ref().and_then(|r| r.export_of(form));
    let forms = doctor::examine(dictionary, &returned, &label, &right);
    told.doctor.forms = forms;
    let surveys = returned.iter().filter_map(|c| doctor::survey_form(dictionary, c)).map(str::to_owned);
    told.doctor.surveys = surveys.collect();
    told.doctor.no_survey_identifier =
        !told.doctor.surveys.is_empty() && !returned.iter().any(|c| c == column::SURVEY_IDENTIFIER);
}

/// Whether the token sees the records of one group only (`redcap-permissions.md` §4.1, §6.3).
async fn group(probes: &mut Probes<'_>, told: &Told, records: usize, dag_column: bool) -> Group {
    if dag_column {
        return Group::Sees;
    }
    let more = format!("You see {records} records; the project may have more.");
    if let Some(user) = told.owner_rights().filter(|u| !u.dag.is_empty()) {
        return Group::In(format!(
            "The user list says that {} is in the group {}. {more}",
            user.username, user.dag
        ));
    }
    match &told.dags {
        Some(list) if list.is_empty() => return Group::NoGroups,
        Some(_) if records > 0 => {
            return Group::In(format!(
                "The project has groups, and the group's column did not come although it was asked for. {more}"
            ));
        }
        _ => {}
    }
    let request = Request::find("generateNextRecordName", Action::Export).map(Request::json);
    let name =
        probes.ask(request, probes.api.next_record_name(), |_| String::new()).await.unwrap_or_default();
    match doctor::group_of_next_name(&name) {
        Some(number) => Group::Probably(format!(
            "The group's column did not come although it was asked for, and the name of the next record would \
             begin with the number of a group, {number}. {more}"
        )),
        None => Group::Unknown(
            "The group's column did not come although it was asked for: the token's user is in a group, or \
             the project has no groups. The name of the next record points to none."
                .into(),
        ),
    }
}

/// Survey Distribution Tools. The list has e-mail addresses, so it is dropped unread.
async fn surveys(probes: &mut Probes<'_>, told: &Told) {
    if told.info.as_ref().is_some_and(|i| !i.surveys_enabled) {
        return;
    }
    let Some(form) = told.doctor.surveys.first() else { return };
    let mut event = String::new();
    if told.info.as_ref().is_some_and(|i| i.is_longitudinal) {
        let request = Request::find("formEventMapping", Action::Export).map(Request::json);
        let mapping = probes.ask(request, probes.api.mapping(), |m| format!("{} entries", m.len())).await;
        let Some(found) = mapping.and_then(|m| m.into_iter().find(|m| m.form == *form)) else { return };
        event = found.event;
    }
    let request = Request::find("participantList", Action::Export)
        .map(|r| r.json().set("instrument", form.clone()).set("event", event));
    if let Some(request) = request {
        let call = request.clone();
        probes.ask(Some(request), probes.api.call(&call), |_| String::new()).await;
    }
}

/// Puts everything together.
fn report(probes: Probes<'_>, mut told: Told, usable: Usable, unsent: &Unsent) -> Report {
    let rights = matrix::rights(&probes, &told);
    let rows = matrix::rows(&probes, &told, usable, unsent);
    let role = told.owner.as_ref().and_then(|owner| {
        told.roles.iter().find(|(name, _)| name.eq_ignore_ascii_case(&owner.username)).map(|(_, r)| r.clone())
    });
    let mut report = Report {
        server: probes.api.server().url().to_string(),
        version: told.version,
        project_id: told.info.as_ref().map(|i| i.project_id),
        title: told.info.as_ref().map(|i| i.title.clone()).unwrap_or_default(),
        in_production: told.info.as_ref().map(|i| i.in_production),
        usable,
        owner: told.owner,
        role,
        rights,
        rows,
        doctor: std::mem::take(&mut told.doctor),
        cases: Vec::new(),
        request: String::new(),
        calls: probes.calls,
        stopped: probes.stopped.unwrap_or_default(),
    };
    let dictionary = told.dictionary.unwrap_or_default();
    report.cases = cases::fitting(&cases::Seen { report: &report, dictionary: &dictionary });
    report.request = ask::request(&report);
    report
}
