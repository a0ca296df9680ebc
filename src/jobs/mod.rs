//! What capscope does for people, as async functions over `api`, `domain` and `store`.
//!
//! Nothing here knows a screen: the terminal interface and the command line call the same
//! functions. Nothing here asks anybody: who starts a write has shown what it will do and has heard a
//! yes. Every job ends when its future is dropped.

pub mod audit;
pub mod bench;
pub mod call;
pub mod check;
pub mod check_report;
pub mod complete;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod find;
pub mod import;
pub mod log;
pub mod open;
pub mod playground;
pub mod problem;
pub mod projects;
pub mod quality;
pub mod receipt;
pub mod records;
pub mod rows_file;
pub mod send;
pub mod spot_check;
pub mod token_test;
pub mod triggers;
pub mod types;
pub mod undo;
pub mod wanted;
pub mod watch;
pub mod worklist;

pub use problem::{Problem, Remedy};

use crate::api::client::RecordPlace;
use crate::domain::access_test::explain::Context;
use crate::domain::logic::{review, uses};
use crate::domain::project::Metadata;
use crate::store::audit::What;
use crate::store::cache::{self, CacheState};
use audit::Place;
use bench::{Workbench, address, blocking, vault_problem};
use jiff::Timestamp;
use open::Listener;
use types::{Job, JobEvent, OpenPart, Output, SavedProject, SurveySecret};

/// Does a job. What it tells on the way goes to the listener. A failure is explained with what is
/// known of the project.
pub async fn run(bench: &Workbench, job: Job, tell: Listener<'_>) -> Result<Output, Problem> {
    let context = job.project().map(|project| context(bench, project));
    let done = perform(bench, job, tell).await;
    match context {
        Some(context) => done.map_err(|problem| problem.knowing(&context)),
        None => done,
    }
}

/// What is known of a saved project, for the explainer of refusals. Its token worked when it was
/// added: a project is only kept after that.
pub fn context(bench: &Workbench, project: &SavedProject) -> Context {
    let metadata = bench.metadata(&project.id);
    Context {
        server: project.url.clone(),
        project_id: project.number(),
        title: project.title.clone(),
        since: if project.id.starts_with(demo::PREFIX) {
            String::new()
        } else {
            project.added.strftime("%Y-%m-%d").to_string()
        },
        in_production: metadata.map(|m| m.info.in_production),
    }
}

async fn perform(bench: &Workbench, job: Job, tell: Listener<'_>) -> Result<Output, Problem> {
    match job {
        Job::ProbeVault => {
            let vault = bench.vault.clone();
            let found = blocking(move || vault.probe()).await?;
            Ok(Output::Vault(found.map_err(|e| vault_problem(&e))))
        }
        Job::Unlock(project) => bench.token(&project).await.map(|_| Output::Unlocked),
        Job::Add(draft) => projects::add(bench, *draft).await.map(Output::Added),
        Job::TakeOver(file) => {
            let mut on_place = |place: &str| {
                let step = format!("Testing the token of {place}");
                tell(JobEvent::Progress(types::Progress { step, ..types::Progress::default() }));
            };
            let all = import::take_over(bench, &file, &mut on_place).await?;
            Ok(Output::TakenOver(file, all))
        }
        Job::DeleteFile(file) => import::delete(&file).await.map(|()| Output::Deleted(file)),
        Job::Forget(project) => {
            let remark = projects::forget(bench, &project).await?;
            Ok(Output::Forgotten(project.id, remark))
        }
        Job::StartDemo => demo::start(bench, crate::demo::DemoOptions::default()).await.map(Output::Demo),
        Job::Open(project) => open_project(bench, &project, tell).await,
        Job::Listen(setup) => {
            triggers::listen_here(bench.paths.as_ref(), *setup, tell).await.map(|()| Output::Received)
        }
        Job::ReadBack(project, wanted) => {
            let api = bench.api(&project).await?;
            records::read_back(&api, &wanted).await.map(Output::ReadBack)
        }
        Job::WatchLog(project, wanted) => {
            let tell = |watched| tell(JobEvent::Watched(watched));
            match watch::watch(bench, &project, *wanted, tell).await? {}
        }
        Job::SaveAForm(project_id, url) => {
            demo::save_a_form(bench, project_id, &url).await.map(Output::SavedForm)
        }
        Job::Access(project, metadata) => {
            let api = bench.api(&project).await?;
            let (access, arms) = open::read_access(&api, &metadata, tell).await?;
            let mut metadata = *metadata;
            metadata.access = access.clone();
            save(bench, &project, &metadata, Timestamp::now());
            Ok(Output::Access(Box::new(access), arms))
        }
        Job::Records(project, wanted) => {
            let api = bench.api(&project).await?;
            records::read(&api, &wanted, tell).await.map(Output::Records)
        }
        Job::Grid(project, wanted, metadata) => {
            let api = bench.api(&project).await?;
            let table = records::read_statuses(&api, &wanted, tell).await?;
            // Worked out here: with many records it takes longer than a frame.
            let grid = blocking(move || crate::domain::status::Grid::build(&table, &metadata)).await?;
            Ok(Output::Grid(Box::new(grid)))
        }
        Job::Changes(project, wanted) => {
            let read = log::changes(bench, &project, &wanted, tell).await?;
            Ok(Output::Changes(Box::new(read)))
        }
        Job::Timeline(project, record, begin) => {
            let read = log::timeline(bench, &project, &record, &begin).await?;
            Ok(Output::Timeline(record, Box::new(read)))
        }
        Job::Survey(project, place, what) => {
            let api = bench.api(&project).await?;
            let at = RecordPlace {
                record: place.record.clone(),
                name: place.form.clone(),
                event: place.event.clone(),
                repeat_instance: place.instance,
            };
            let text = match what {
                SurveySecret::Link => api.survey_link(&at).await?,
                SurveySecret::ReturnCode => api.survey_return_code(&at).await?,
            };
            Ok(Output::Survey(place, what, text))
        }
        Job::Find(project, chosen, metadata) => {
            let (index, missing) = find::index(bench, &project, chosen, *metadata, tell).await?;
            Ok(Output::Index(Box::new(index), missing))
        }
        Job::Codebooks(projects, id) => {
            let chosen = bench.remembered(&id).search_fields;
            Ok(Output::Codebooks(find::codebooks(bench, &projects).await?, id, chosen))
        }
        Job::Worklist(project, wanted, metadata) => {
            let list = worklist::read(bench, &project, &wanted, *metadata, tell).await?;
            Ok(Output::Worklist(Box::new(list)))
        }
        Job::Check(project, wanted) => {
            let checked = check::run(bench, &project, *wanted, tell).await?;
            Ok(Output::Checked(Box::new(checked)))
        }
        Job::Send(project, wanted) => {
            let receipt = send::run(bench, &project, *wanted, tell).await?;
            bench.note_sent(&receipt);
            Ok(Output::Sent(Box::new(receipt)))
        }
        Job::AbandonSend(project) => {
            send::abandon(bench, &project).await?;
            Ok(Output::SendAbandoned)
        }
        Job::DrawSpot(project, wanted, metadata) => {
            let api = bench.api(&project).await?;
            let sample = spot_check::gather(&api, &metadata, &wanted, tell).await?;
            Ok(Output::Spot(Box::new(sample)))
        }
        Job::Complete(typed) => Ok(Output::Completed(blocking(move || complete::complete(&typed)).await?)),
        Job::SaveText(text, target, place) => {
            let exported = blocking(move || export::write_text(&text, &target)).await??;
            bench.note_file(place, &exported.path, Some(exported.rows), None).await;
            Ok(Output::Exported(exported))
        }
        Job::SetWrite(project, on) => projects::set_write(bench, &project, on).await.map(Output::WriteAccess),
        Job::Export(sheet, format, target) => {
            let (place, fields) = (sheet.project.clone(), sheet.columns.len());
            let exported = blocking(move || export::write_sheet(&sheet, format, &target)).await??;
            bench.note_file(place, &exported.path, Some(exported.rows), Some(fields)).await;
            Ok(Output::Exported(exported))
        }
        Job::ExportWhole(project, wanted) => {
            let api = bench.api(&project).await?;
            let exported = export::whole(&api, &wanted, tell).await?;
            let fields = wanted.wanted.fields.len();
            bench.note_file(Place::of(&project), &exported.path, Some(exported.rows), Some(fields)).await;
            Ok(Output::Exported(exported))
        }
        Job::Quality(project, metadata, checks) => {
            let done = quality::run(bench, &project, &metadata, &checks, tell).await?;
            Ok(Output::Quality(Box::new(done)))
        }
        Job::Match(project, metadata, checks, rows) => {
            let done = match rows {
                Some(rows) => blocking(move || quality::judge_rows(&metadata, &checks, &rows)).await?,
                None => quality::run(bench, &project, &metadata, &checks, tell).await?,
            };
            Ok(Output::Matched(Box::new(done)))
        }
        Job::Exclude(project, list, what) => {
            quality::exclude(bench, &project, list, what).await.map(Output::Excluded)
        }
        Job::Call(sending) => playground::send(bench, *sending).await.map(|a| Output::Answer(Box::new(a))),
        Job::Compare(comparison) => {
            Ok(Output::Compared(blocking(move || playground::compare(&comparison)).await?))
        }
        Job::Save(bytes, target, place) => {
            let path = blocking(move || playground::save(&bytes.0, &target)).await??;
            bench.note_file(place, &path, None, None).await;
            Ok(Output::Saved(path))
        }
        Job::Download(project, place, target) => {
            let api = bench.api(&project).await?;
            let path = call::download_file(&api, &place, &target).await?;
            bench.note_file(Place::of(&project), &path, None, None).await;
            Ok(Output::Saved(path))
        }
        Job::BackUp(project, request, target) => {
            let path = playground::back_up(bench, &project, &request, &target).await?;
            bench.note_file(Place::of(&project), &path, None, None).await;
            Ok(Output::BackedUp(path))
        }
        Job::TestToken(project, agreed) => {
            let (report, before) = token_test::run_and_keep(bench, &project, agreed, tell).await?;
            Ok(Output::TokenTested(Box::new(report), before.map(Box::new)))
        }
        Job::TestBeside(project) => {
            let agreed = token_test::Agreed::default();
            let (report, _) = token_test::run_and_keep(bench, &project, agreed, tell).await?;
            Ok(Output::TokenBeside(project.name, Box::new(report)))
        }
        Job::Record(project, wanted) => {
            let api = bench.api(&project).await?;
            let table = records::read_one(&api, &wanted).await?;
            Ok(Output::Record(wanted.record, table))
        }
    }
}

/// Shows the saved copy at once, then reads the project again and keeps what it read.
async fn open_project(
    bench: &Workbench,
    project: &SavedProject,
    tell: Listener<'_>,
) -> Result<Output, Problem> {
    let saved = match &bench.paths {
        Some(paths) => {
            let (paths, url, pid) = (paths.clone(), address(&project.url)?, project.project_id);
            blocking(move || cache::load(&paths, &url, pid)).await?
        }
        None => CacheState::None,
    };
    let saved = match saved {
        CacheState::None => None,
        CacheState::Fresh { metadata, saved_at } => {
            tell(JobEvent::Opening(OpenPart::Saved(metadata.clone(), saved_at)));
            tell(JobEvent::Opening(OpenPart::Reviewed(review(&metadata), uses(&metadata.dictionary))));
            Some(*metadata)
        }
        CacheState::Unusable { why } => {
            tell(JobEvent::Opening(OpenPart::SavedUnusable(why)));
            None
        }
    };
    let api = bench.api(project).await?;
    if !bench.settings.mask_identifiers {
        bench.note(What::MasksOff, Place::of(project));
    }
    // What was read in this session is newer than what is on the disk, or the only copy.
    let before = bench.metadata(&project.id).map(|known| (*known).clone()).or(saved);
    let metadata = open::read(&api, before, tell).await?;
    let now = Timestamp::now();
    tell(JobEvent::Opening(OpenPart::Reviewed(review(&metadata), uses(&metadata.dictionary))));
    bench.keep_metadata(&project.id, &metadata);
    projects::learn(bench, project, &metadata.info)?;
    save(bench, project, &metadata, now);
    Ok(Output::Opened(Box::new(metadata), now))
}

/// Keeps the metadata for the next start. That it could not be kept is no reason to fail: the
/// next start then reads it again.
fn save(bench: &Workbench, project: &SavedProject, metadata: &Metadata, at: Timestamp) {
    if let Some(paths) = &bench.paths
        && let Ok(url) = address(&project.url)
    {
        let _ = cache::save(paths, &url, metadata, at, bench.settings.cache_users);
    }
}
