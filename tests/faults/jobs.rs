//! The jobs: what each does before a fault strikes, what it tells then, and what is kept.

use crate::door::Kind;
use crate::sends;
use crate::world::{Desk, RECORDS, Study, World};
use capscope::api::catalogue::Action;
use capscope::api::request::Request;
use capscope::demo::chaos::{Fault, Rule};
use capscope::domain::check::Settings;
use capscope::domain::values::Values;
use capscope::jobs::bench::Workbench;
use capscope::jobs::call::Consent;
use capscope::jobs::check::CheckWanted;
use capscope::jobs::export::WholeExport;
use capscope::jobs::rows_file::FileFormat;
use capscope::jobs::types::{
    Agreed, Guard, Job, JobEvent, LogWanted, OpenPart, Output, RecordsWanted, Sending, StatusWanted,
};
use capscope::jobs::{self, Problem};
use capscope::triggers::Target;
use capscope::triggers::forward::{self, Forwarding, Pauses};
use capscope::triggers::queue::Queue;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A job of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Open,
    Load,
    Grid,
    Export,
    Check,
    SendLost,
    SendStored,
    SendAlone,
    Token,
    Call,
    Changes,
    Trigger,
}

impl What {
    pub const ALL: [Self; 12] = [
        Self::Open,
        Self::Load,
        Self::Grid,
        Self::Export,
        Self::Check,
        Self::SendLost,
        Self::SendStored,
        Self::SendAlone,
        Self::Token,
        Self::Call,
        Self::Changes,
        Self::Trigger,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open again",
            Self::Load => "load records",
            Self::Grid => "status grid",
            Self::Export => "export to file",
            Self::Check => "check",
            Self::SendLost => "send (not stored)",
            Self::SendStored => "send (stored)",
            Self::SendAlone => "send, then nothing works",
            Self::Token => "token test",
            Self::Call => "playground call",
            Self::Changes => "changes",
            Self::Trigger => "trigger forward",
        }
    }

    fn study(self) -> Study {
        match self {
            Self::Load | Self::Grid | Self::Export => Study::Registry,
            _ => Study::Breathe,
        }
    }
}

/// What came of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the person reads.
    pub told: String,
    /// What is there afterwards.
    pub kept: String,
}

pub fn outcome(told: impl Into<String>, kept: impl Into<String>) -> Outcome {
    Outcome { told: told.into(), kept: kept.into() }
}

/// The words for a problem, after a look that it is whole.
pub fn words(problem: &Problem) -> String {
    for part in [&problem.title, &problem.what, &problem.reason, &problem.advice] {
        assert!(!part.trim().is_empty(), "a problem leaves something open: {problem:?}");
    }
    problem.one_line()
}

/// Plays a job against a fault.
pub async fn play(
    world: &World,
    what: What,
    kind: Kind,
    fault: Option<&Fault>,
    patience: Duration,
) -> Outcome {
    let desk = world.desk(what.study(), kind, patience).await;
    let rule = |content: &str, from: u32| {
        fault.into_iter().map(|f| Rule::always(f.clone()).on(content, from)).collect::<Vec<Rule>>()
    };
    match what {
        What::Open => open(&desk, world, rule("metadata", 1)).await,
        What::Load => load(&desk, world, rule("record", 3)).await,
        What::Grid => grid(&desk, world, rule("record", 1)).await,
        What::Export => export(&desk, world, rule("record", 3)).await,
        What::Check => check(&desk, world, rule("record", 1)).await,
        What::SendLost => sends::play(&desk, world, &rule("import", 1)).await,
        What::SendStored => {
            // A web server that finds a request too large passes nothing on.
            let reaches = !matches!(fault, Some(Fault::Status { status: 413, .. }));
            let rules: Vec<Rule> = rule("import", 1).into_iter().map(|r| Rule { reaches, ..r }).collect();
            sends::play(&desk, world, &rules).await
        }
        What::SendAlone => {
            let rules: Vec<Rule> =
                rule("import", 1).into_iter().chain(rule("record", 1)).chain(rule("log", 2)).collect();
            sends::play(&desk, world, &rules).await
        }
        What::Token => token(&desk, fault).await,
        What::Call => call(&desk, rule("metadata", 1)).await,
        What::Changes => changes(&desk, rule("log", 1)).await,
        What::Trigger => trigger(world, kind, fault, patience).await,
    }
}

/// Runs a job and gives everything it told.
pub async fn run(bench: &Workbench, job: Job) -> (Result<Output, Problem>, Vec<JobEvent>) {
    let events = Mutex::new(Vec::new());
    let result = jobs::run(bench, job, &|event| events.lock().unwrap().push(event)).await;
    (result, events.into_inner().unwrap())
}

async fn open(desk: &Desk, world: &World, rules: Vec<Rule>) -> Outcome {
    let known = world.metadata(Study::Breathe);
    // Where the connection itself is bad, the copy of the last time came over a good one.
    let paths = desk.bench.paths.clone().unwrap();
    let url = capscope::jobs::bench::address(&desk.project.url).unwrap();
    capscope::store::cache::save(&paths, &url, known, jiff::Timestamp::now(), false).unwrap();
    desk.door.set(rules);
    let (result, events) = run(&desk.bench, Job::Open(Box::new(desk.project.clone()))).await;
    let shown = events.iter().filter_map(|e| match e {
        JobEvent::Opening(OpenPart::Saved(m, _) | OpenPart::Fresh(m)) => Some(m),
        _ => None,
    });
    let mut parts = 0;
    for metadata in shown {
        parts += 1;
        assert_eq!(metadata.info.title, known.info.title);
        assert_eq!(metadata.instruments, known.instruments);
        assert_eq!(metadata.dictionary.fields().len(), known.dictionary.fields().len(), "nothing goes blank");
    }
    assert!(parts > 0, "something is on screen");
    match result {
        Ok(Output::Opened(metadata, _)) => {
            let label = |m: &capscope::domain::project::Metadata| m.dictionary.fields()[0].label.clone();
            assert_eq!(label(&metadata), label(known));
            outcome("", "the project as it is now")
        }
        Err(problem) => outcome(words(&problem), "the project as it was saved last time"),
        other => panic!("{other:?}"),
    }
}

/// How many records came, each once.
fn records_of(events: &[JobEvent]) -> usize {
    let mut seen = HashSet::new();
    let mut read = 0;
    for event in events {
        let JobEvent::Rows(part) = event else { continue };
        read = part.records_read;
        for row in 0..part.rows.n_rows() {
            let place =
                part.rows.column_names().filter(|n| n.starts_with("redcap_")).map(|n| part.rows.get(row, n));
            let key: Vec<&str> = std::iter::once(part.rows.cell(row, 0)).chain(place).collect();
            assert!(seen.insert(key.join("\u{1f}")), "a row came twice: {key:?}");
        }
    }
    let ids: HashSet<&str> = seen.iter().map(|key| key.split('\u{1f}').next().unwrap()).collect();
    assert_eq!(ids.len(), read, "as many records as it says");
    read
}

fn wanted(world: &World) -> RecordsWanted {
    let metadata = world.metadata(Study::Registry);
    let form = metadata.instruments[0].name.clone();
    RecordsWanted::of_forms(metadata, &[&form], None).unwrap()
}

pub async fn load(desk: &Desk, world: &World, rules: Vec<Rule>) -> Outcome {
    desk.door.set(rules);
    let (result, events) =
        run(&desk.bench, Job::Records(Box::new(desk.project.clone()), wanted(world))).await;
    let read = records_of(&events);
    match result {
        Ok(Output::Records(seal)) => {
            assert!(seal.missing_records.is_empty(), "{seal:?}");
            assert_eq!(read, RECORDS, "a part is never shown as the whole");
            outcome(seal.unreadable_words().unwrap_or_default(), "all records")
        }
        Err(problem) => outcome(words(&problem), format!("{read} of {RECORDS} records, as a part")),
        other => panic!("{other:?}"),
    }
}

async fn grid(desk: &Desk, world: &World, rules: Vec<Rule>) -> Outcome {
    let metadata = world.metadata(Study::Registry);
    let statuses = metadata.instruments.iter().map(|i| format!("{}_complete", i.name)).collect();
    let id_field = metadata.dictionary.record_id_field().unwrap().name.clone();
    desk.door.set(rules);
    let job = Job::Grid(
        Box::new(desk.project.clone()),
        StatusWanted { id_field, statuses, surveys: true },
        Box::new(metadata.clone()),
    );
    match run(&desk.bench, job).await.0 {
        Ok(Output::Grid(grid)) => {
            let n = grid.rows.len();
            assert_eq!(n, RECORDS);
            outcome("", "all records")
        }
        Err(problem) => outcome(words(&problem), "the grid as it was before"),
        other => panic!("{other:?}"),
    }
}

async fn export(desk: &Desk, world: &World, rules: Vec<Rule>) -> Outcome {
    let folder = desk.home.path().join("out");
    std::fs::create_dir(&folder).unwrap();
    let export = WholeExport {
        wanted: wanted(world),
        metadata: world.metadata(Study::Registry).clone(),
        values: Values::Codes,
        format: FileFormat::Exact,
        path: folder.join("rows.csv"),
    };
    desk.door.set(rules);
    let (result, _) =
        run(&desk.bench, Job::ExportWhole(Box::new(desk.project.clone()), Box::new(export))).await;
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name()).collect();
    match result {
        Ok(Output::Exported(done)) => {
            let text = std::fs::read_to_string(&done.path).unwrap();
            let rows = csv::Reader::from_reader(text.as_bytes()).records().count();
            assert_eq!((rows, done.rows, files.len()), (RECORDS, RECORDS, 1));
            let remark = done.remark().unwrap_or_default();
            outcome(remark, "the whole file")
        }
        Err(problem) => {
            assert!(files.is_empty(), "no half file: {files:?}");
            outcome(words(&problem), "no file")
        }
        other => panic!("{other:?}"),
    }
}

async fn check(desk: &Desk, world: &World, rules: Vec<Rule>) -> Outcome {
    let path = desk.file(
        "good.csv",
        "study_id,redcap_event_name,first_name,weight\n001,baseline_arm_1,,73\n003,screening_arm_1,Siân,\n",
    );
    let wanted = CheckWanted {
        path,
        settings: Settings::default(),
        metadata: Box::new(world.metadata(Study::Breathe).clone()),
        offline: false,
        before: None,
    };
    desk.door.set(rules);
    match run(&desk.bench, Job::Check(Box::new(desk.project.clone()), Box::new(wanted))).await.0 {
        Ok(Output::Checked(checked)) => {
            assert!(checked.read_at.is_some());
            outcome(checked.remarks.join(" "), format!("the verdict: {}", checked.rehearsal.verdict()))
        }
        Err(problem) => outcome(words(&problem), "no verdict; nothing can be sent"),
        other => panic!("{other:?}"),
    }
}

async fn token(desk: &Desk, fault: Option<&Fault>) -> Outcome {
    let rules = fault.into_iter().map(|f| Rule { from: 4, ..Rule::always(f.clone()) }).collect();
    desk.door.set(rules);
    match run(&desk.bench, Job::TestToken(Box::new(desk.project.clone()), Agreed::default())).await.0 {
        Ok(Output::TokenTested(report, _)) => {
            assert_eq!(report.version, "16.1.3", "what was told before is kept");
            let told = if report.stopped.is_empty() {
                String::new()
            } else {
                format!("stopped: {}", report.stopped)
            };
            let unclear =
                report.rows.iter().filter(|r| r.evidence.contains("->") && r.why.is_empty()).count();
            assert_eq!(unclear, 0);
            let whole = if told.is_empty() && report.calls > 12 {
                "all calls made"
            } else {
                "what the calls before told"
            };
            assert_eq!(told.is_empty(), report.calls > 12, "{told} {}", report.calls);
            outcome(told, format!("{whole}: {}", report.headline()))
        }
        Err(problem) => outcome(words(&problem), "the test before"),
        other => panic!("{other:?}"),
    }
}

async fn call(desk: &Desk, rules: Vec<Rule>) -> Outcome {
    desk.door.set(rules);
    let sending = Sending {
        project: desk.project.clone(),
        request: Request::find("metadata", Action::Export).unwrap().json(),
        upload: None,
        consent: Consent::default(),
        guard: Guard::Open,
    };
    match run(&desk.bench, Job::Call(Box::new(sending))).await.0 {
        Ok(Output::Answer(answer)) => {
            let told = answer.verdict.as_ref().map(words).unwrap_or_default();
            outcome(told, "the answer as it came")
        }
        Err(problem) => outcome(words(&problem), "the form and the answer before"),
        other => panic!("{other:?}"),
    }
}

async fn changes(desk: &Desk, rules: Vec<Rule>) -> Outcome {
    let seen = Some("2026-01-01 08:00".to_owned());
    desk.bench.remember(&desk.project.id, |kept| kept.last_look.clone_from(&seen));
    desk.door.set(rules);
    let wanted = LogWanted { span: None, id_field: "study_id".into(), now: jiff::Timestamp::now() };
    let result = run(&desk.bench, Job::Changes(Box::new(desk.project.clone()), wanted)).await.0;
    let last_look = desk.bench.remembered(&desk.project.id).last_look;
    match result {
        Ok(Output::Changes(read)) => {
            assert!(!read.entries.is_empty() && read.refused.is_none());
            assert_ne!(last_look, seen);
            outcome("", "the lines of the log")
        }
        Err(problem) => {
            assert_eq!(last_look, seen, "nothing is passed over the next time");
            outcome(words(&problem), "the lines as they were before; the next look begins where this one did")
        }
        other => panic!("{other:?}"),
    }
}

/// A handler that counts what it takes.
async fn handler() -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let router = axum::Router::new().fallback(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { "Taken: \"Siân\".\n" }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (addr, taken)
}

async fn trigger(_: &World, kind: Kind, fault: Option<&Fault>, patience: Duration) -> Outcome {
    let (addr, taken) = handler().await;
    let home = tempfile::tempdir().unwrap();
    let door = crate::door::Door::open(kind, addr, home.path()).await;
    door.set(fault.into_iter().map(|f| Rule::always(f.clone())).collect());
    let target = Target::parse(&door.url).unwrap().with_patience(patience);
    let queue = Queue::open(home.path(), &target).unwrap();
    queue.add(vec!["project_id=101&record=1".into()]).unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let pauses = Pauses { first: Duration::from_millis(1), longest: Duration::from_millis(5) };
    let forwarding = {
        let queue = queue.clone();
        tokio::spawn(async move {
            let tell = move |what| {
                let _ = tell.send(what);
            };
            forward::run(queue, target, pauses, tell, tokio::time::sleep).await;
        })
    };
    let (mut first, mut tries) = (String::new(), 0);
    // A handler that never answers is tried for ever: three times are enough to see it.
    let end = loop {
        match told.recv().await.unwrap() {
            Forwarding::WillRetry { why, waiting, .. } => {
                assert_eq!(waiting, 1, "nothing is lost");
                tries += 1;
                if first.is_empty() {
                    first = why;
                }
                if tries >= 20 || (tries >= 3 && !first.starts_with("it answered")) {
                    break None;
                }
            }
            other => break Some(other),
        }
    };
    let outcome = match end {
        Some(Forwarding::Delivered { .. }) => {
            // A handler may answer with anything: its status is all there is to go by.
            let came = taken.load(Ordering::SeqCst) > 0;
            outcome(first, if came { "delivered" } else { "taken for delivered: the status said so" })
        }
        Some(Forwarding::GivenUp { status, .. }) => outcome(
            "the handler refused it",
            format!("given up, and told so (status {})", status / 100 * 100),
        ),
        Some(Forwarding::WillRetry { .. }) => unreachable!(),
        None => {
            // Once the fault is over it arrives, where the connection is not bad in itself.
            if kind == Kind::Plain {
                door.set(Vec::new());
                while !matches!(told.recv().await.unwrap(), Forwarding::Delivered { .. }) {}
                assert!(queue.is_empty() && taken.load(Ordering::SeqCst) > 0);
            }
            outcome(first, "waits in the queue on disk and is tried again")
        }
    };
    forwarding.abort();
    outcome
}
