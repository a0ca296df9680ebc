//! Reading a project's log: since a moment for all records, or of one record.

use super::bench::Workbench;
use super::open::Listener;
use super::problem::Problem;
use super::types::{JobEvent, LogRead, LogWanted, Progress, SavedProject};
use crate::api::client::{Api, LogQuery, RecordQuery};
use crate::api::error::{ApiError, ErrorKind};
use crate::domain::changes::Span;
use crate::domain::clock::ServerClock;
use crate::domain::record::natural_cmp;
use jiff::{SignedDuration, Timestamp};

/// Reads what changed in a project since a moment, and notes how far it looked.
///
/// The server's clock is told first, from the lines that capscope's own calls left, so that the
/// log is asked for in server time. Where the token may not read the log, the names of the
/// records that changed are read instead; who changed them and what was deleted stays unknown.
pub async fn changes(
    bench: &Workbench,
    project: &SavedProject,
    wanted: &LogWanted,
    tell: Listener<'_>,
) -> Result<LogRead, Problem> {
    let api = bench.api(project).await?;
    let last_look = bench.remembered(&project.id).last_look;
    let span = match &wanted.span {
        Some(span) => span.clone(),
        None => last_look.clone().map_or(Span::Day, Span::Since),
    };
    let step = |text: &str| {
        tell(JobEvent::Progress(Progress { step: text.to_owned(), ..Progress::default() }));
    };
    step("Reading the log");
    let mut read = LogRead { span: span.clone(), last_look, ..LogRead::default() };
    match read_since(bench, &api, project, &span, wanted.now, &mut read).await {
        Ok(()) => {}
        Err(e) if matches!(e.kind, ErrorKind::NoRight { .. }) => {
            read.refused = Some(format!("{} {}", e.what(), e.reason()).trim().to_owned());
            step("Reading the names of changed records");
            read.touched = touched(&api, &wanted.id_field, &span, wanted.now, &mut read.begin).await?;
        }
        Err(e) => return Err(e.into()),
    }
    if let Some(newest) = read.entries.iter().map(|e| e.timestamp.clone()).max() {
        bench.remember(&project.id, |kept| kept.last_look = Some(newest));
    }
    Ok(read)
}

async fn read_since(
    bench: &Workbench,
    api: &Api,
    project: &SavedProject,
    span: &Span,
    now: Timestamp,
    read: &mut LogRead,
) -> Result<(), ApiError> {
    let known = match bench.clock(&project.url) {
        Some(clock) => Some(clock),
        None => probe(api, now).await?,
    };
    read.begin = span.begin(known.unwrap_or_else(ServerClock::earliest), now);
    read.entries = api.log(LogQuery { begin: read.begin.clone(), ..LogQuery::default() }).await?;
    let proved = known.filter(|c| c.is_proved_by(&read.entries, now));
    match (known, proved) {
        (_, Some(clock)) => bench.set_clock(&project.url, clock),
        // A clock that was proved before in this session need not be proved again.
        (Some(clock), None) if bench.clock(&project.url) == Some(clock) => {}
        // A line of somebody else only looked like ours: the time asked for may be too late.
        (Some(_), None) => {
            read.begin = span.begin(ServerClock::earliest(), now);
            read.entries = api.log(LogQuery { begin: read.begin.clone(), ..LogQuery::default() }).await?;
        }
        // The first look asked before any line of ours was there; its own line is there now. The
        // newest line is never of the future, so a clock told by it is at most behind.
        (None, None) => {
            if let Some(clock) = ServerClock::of_log_export(&read.entries, now) {
                bench.set_clock(&project.url, clock);
                let begin = span.begin(clock, now);
                read.entries.retain(|line| line.timestamp >= begin);
                read.begin = begin;
            }
        }
    }
    read.clock = bench.clock(&project.url);
    Ok(())
}

/// Tells the server's clock from lines that its management left since a moment ago: the earliest
/// wall clock on earth is not after any server's.
pub(super) async fn probe(api: &Api, now: Timestamp) -> Result<Option<ServerClock>, ApiError> {
    let before = now.saturating_sub(SignedDuration::from_mins(10)).unwrap_or(now);
    let begin = ServerClock::earliest().shows(before);
    let entries = api.log(LogQuery { logtype: "manage".into(), begin, ..LogQuery::default() }).await?;
    Ok(ServerClock::infer(&entries, now))
}

/// The names of records that were made or changed since then (`redcap-api.md` §3.10). The server's
/// clock cannot be told without its log, so the earliest one is taken: nothing is missed.
async fn touched(
    api: &Api,
    id_field: &str,
    span: &Span,
    now: Timestamp,
    begin: &mut String,
) -> Result<Vec<String>, Problem> {
    *begin = span.begin(ServerClock::earliest(), now);
    let query = RecordQuery {
        fields: vec![id_field.to_owned()],
        date_begin: format!("{begin}:00"),
        ..RecordQuery::default()
    };
    let table = api.records(&query, &mut |_| {}).await?;
    let mut names: Vec<String> = match table.column(id_field) {
        Some(column) => table.distinct(column).filter(|n| !n.is_empty()).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    names.sort_by(|a, b| natural_cmp(a, b));
    Ok(names)
}

/// Reads the log of one record since a server time. A refusal is told, not failed.
pub async fn timeline(
    bench: &Workbench,
    project: &SavedProject,
    record: &str,
    begin: &str,
) -> Result<LogRead, Problem> {
    let api = bench.api(project).await?;
    let mut read = LogRead { begin: begin.to_owned(), ..LogRead::default() };
    let query = LogQuery { record: record.to_owned(), begin: begin.to_owned(), ..LogQuery::default() };
    match api.log(query).await {
        Ok(entries) => read.entries = entries,
        Err(e) if matches!(e.kind, ErrorKind::NoRight { .. }) => {
            read.refused = Some(format!("{} {}", e.what(), e.reason()).trim().to_owned());
        }
        Err(e) => return Err(e.into()),
    }
    read.clock = bench.clock(&project.url);
    Ok(read)
}
