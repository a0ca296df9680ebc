//! Sending a checked file: whole records, batch by batch, one at a time, each proved by reading it
//! back.
//!
//! Nothing is sent blindly twice. Before a batch goes out the journal says so on the disk; if its
//! answer is lost, the batch is read back and compared, and sending stops until a person says to
//! go on.

mod begin;
mod log;

pub use begin::{INTERRUPTED, SENT_BEFORE, abandon, interrupted};

use self::begin::{Beginning, begin, fits, may_write, reading_hash, refusal, still_the_same_file};
use self::log::{LogBefore, is_of, log_lines, new_lines};
use super::audit::Place;
use super::bench::{Workbench, blocking};
use super::check::{Checked, read_rows};
use super::open::Listener;
use super::problem::Problem;
use super::projects::store_problem;
use super::receipt::{LogProof, Outcome, Receipt};
use super::types::{JobEvent, Progress, SavedProject};
use crate::api::client::{Api, ImportAnswer, RecordImport, ReturnContent};
use crate::api::error::{ApiError, ErrorKind};
use crate::domain::check::Cell;
use crate::domain::check::payload::{Batch, MOST_RECORDS};
use crate::domain::check::receipt::{Landed, Names};
use crate::domain::table::RecordTable;
use crate::store::journal::{BatchState, GivenName, Journal};
use jiff::Timestamp;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A file that is to be sent, and what the person agreed to.
#[derive(Debug, Clone)]
pub struct SendWanted {
    /// The check of the file. Only a file that was checked is sent.
    pub checked: Box<Checked>,
    /// The number of values that will be erased, as the person typed it.
    pub erasures: usize,
    /// Where the old values of the touched cells are to be kept, if they are.
    pub undo: Option<PathBuf>,
    /// Go on with the send that was interrupted.
    pub resume: bool,
    /// Send the file although it was sent before and rows of it would be stored a second time.
    pub again: bool,
    /// Queue the import on the server: it is then accepted, not yet stored.
    pub background: bool,
    /// How many records a request carries at most.
    pub most_records: usize,
}

impl SendWanted {
    /// To send a checked file as usual.
    pub fn new(checked: Box<Checked>) -> Self {
        Self {
            checked,
            erasures: 0,
            undo: None,
            resume: false,
            again: false,
            background: false,
            most_records: MOST_RECORDS,
        }
    }
}

/// A send in the making.
struct Sending<'a> {
    api: Api,
    wanted: &'a SendWanted,
    journal: Arc<Mutex<Journal>>,
    receipt: Receipt,
    /// The names that REDCap gave to records so far.
    names: Names,
    tell: Listener<'a>,
}

/// Sends the file. That a batch was refused or its answer lost is no failure of the job but an end
/// that the receipt tells of.
pub async fn run(
    bench: &Workbench,
    project: &SavedProject,
    wanted: SendWanted,
    tell: Listener<'_>,
) -> Result<Receipt, Problem> {
    let project = may_write(bench, project).await?;
    let r = Arc::clone(&wanted.checked.rehearsal);
    fits(&wanted)?;
    still_the_same_file(&project, &wanted).await?;
    let api = bench.api(&project).await?;
    let real = api.project_info().await?.project_id;
    if real != project.project_id {
        return Err(refusal(
            &format!("The token belongs to project {real}, not to project {}.", project.project_id),
            "Enter the token of this project.",
        ));
    }
    let hashes = (wanted.checked.hash.clone(), reading_hash(&wanted));
    let Beginning { batches, states, names, mut journal } =
        begin(bench, &project, &wanted, hashes, api.server().url().as_str()).await?;
    let undo = match wanted.undo.as_ref().map(|path| super::undo::write(&r, path)).transpose() {
        Ok(undo) => undo,
        Err(problem) => {
            // Nothing was sent, so nothing was interrupted.
            if !wanted.resume {
                journal.end("not begun", Timestamp::now()).map_err(|e| store_problem(&e))?;
            }
            return Err(problem);
        }
    };
    // Noted here and not with the receipt: a send that fails halfway has no receipt.
    if let Some(undo) = &undo {
        bench.note_file(Place::of(&project), undo, None, None).await;
    }
    let touched: HashSet<&str> = batches.iter().flat_map(|b| b.records.iter().map(String::as_str)).collect();
    let log_before = log_lines(&api).await;
    let mut sending = Sending {
        api,
        wanted: &wanted,
        journal: Arc::new(Mutex::new(journal)),
        receipt: Receipt::begin(
            &project,
            &wanted.checked,
            batches.len(),
            touched.len(),
            undo,
            Timestamp::now(),
        ),
        names: Names::new(),
        tell,
    };
    sending.learn(names);
    let end = sending.all(&batches, &states).await?;
    sending.finish(end, log_before).await
}

/// How the sending of a batch ended.
enum Sent {
    Stored(ImportAnswer),
    Refused(ApiError),
    Lost(ApiError),
}

impl Sending<'_> {
    fn step(&self, text: &str, done: usize, total: usize) {
        let (done, total) = (done as u64, Some(total as u64));
        (self.tell)(JobEvent::Progress(Progress { step: text.to_owned(), done, total }));
    }

    /// All batches in their order. Between two of them it can be stopped.
    async fn all(&mut self, batches: &[Batch], states: &[BatchState]) -> Result<Outcome, Problem> {
        let total = batches.len();
        for (n, batch) in batches.iter().enumerate() {
            self.step("Sending batch", n, total);
            match states.get(n).copied().unwrap_or_default() {
                BatchState::Stored => {
                    self.receipt.stored_before += 1;
                    self.prove(batch).await;
                    continue;
                }
                BatchState::Sending | BatchState::Unknown => {
                    // It may have been stored before the interruption.
                    if let Some(end) = self.look_for(n, batch, total).await? {
                        return Ok(end);
                    }
                    continue;
                }
                BatchState::Planned | BatchState::NotStored | BatchState::Refused => {}
            }
            match self.send(n, batch).await? {
                Sent::Stored(answer) => {
                    self.accepted(batch, answer);
                    self.step("Reading the batch back", n, total);
                    self.prove(batch).await;
                }
                Sent::Refused(error) => {
                    let left = batches.get(n + 1..).unwrap_or_default();
                    self.receipt.not_imported = left.iter().flat_map(|b| b.records.clone()).collect();
                    return Ok(self.refused(n, batch, error).await);
                }
                Sent::Lost(error) => {
                    self.step("The answer was lost: reading the batch back", n, total);
                    return self.after_loss(n, batch, error, total).await;
                }
            }
        }
        Ok(Outcome::Finished)
    }

    /// Sends one batch. It runs to its end and into the journal even if the job is stopped
    /// meanwhile, so that nobody has to guess.
    async fn send(&self, n: usize, batch: &Batch) -> Result<Sent, Problem> {
        let r = Arc::clone(&self.wanted.checked.rehearsal);
        let batch = batch.clone();
        let data = {
            let r = Arc::clone(&r);
            blocking(move || r.data(&batch)).await?
        };
        let import = RecordImport {
            data,
            eav: r.file.eav.is_some(),
            overwrite: r.settings.overwrite,
            auto_number: r.settings.auto_number,
            returns: if r.settings.auto_number { ReturnContent::AutoIds } else { ReturnContent::Ids },
            background: self.wanted.background,
            ..RecordImport::default()
        };
        let (api, journal) = (self.api.clone(), Arc::clone(&self.journal));
        let whole = tokio::spawn(async move {
            note(&journal, n, BatchState::Sending, Vec::new()).await?;
            let answer = api.import_records(&import).await;
            let (sent, state) = match answer {
                Ok(answer) => (Sent::Stored(answer), BatchState::Stored),
                Err(e) if is_refusal(&e) => (Sent::Refused(e), BatchState::Refused),
                // What is known of it is noted after it was read back.
                Err(e) => return Ok(Sent::Lost(e)),
            };
            let names = match &sent {
                Sent::Stored(ImportAnswer::AutoIds(pairs)) => pairs.clone(),
                _ => Vec::new(),
            };
            note(&journal, n, state, names).await?;
            Ok::<Sent, Problem>(sent)
        });
        whole.await.map_err(|_| {
            Problem::new("capscope made a mistake", "A step ended unexpectedly.", "", "Check the file again.")
        })?
    }

    /// A batch that REDCap refused. Whether it then stored nothing is looked at, not believed.
    async fn refused(&mut self, n: usize, batch: &Batch, error: ApiError) -> Outcome {
        let landed = match self.read_back(batch).await {
            Ok(now) => self.wanted.checked.rehearsal.landed(batch, &now),
            Err(_) => Landed::Unread,
        };
        if landed == Landed::Nothing {
            let names = std::mem::take(&mut self.receipt.not_imported);
            self.receipt.not_imported = batch.records.iter().cloned().chain(names).collect();
        }
        Outcome::Refused { batch: n + 1, landed, problem: error.into() }
    }

    /// After a lost answer: reads the batch back, notes what became of it, and stops.
    async fn after_loss(
        &mut self,
        n: usize,
        batch: &Batch,
        error: ApiError,
        total: usize,
    ) -> Result<Outcome, Problem> {
        let r = Arc::clone(&self.wanted.checked.rehearsal);
        let landed = match self.read_back(batch).await {
            Ok(now) => {
                let landed = r.landed(batch, &now);
                if landed == Landed::All {
                    self.receipt.proof.add(r.prove(batch, &now, &self.names));
                    self.receipt.stored_batches += 1;
                    self.receipt.sent_records += batch.records.len();
                }
                landed
            }
            Err(_) => Landed::Unread,
        };
        let state = match landed {
            Landed::All => BatchState::Stored,
            Landed::Nothing => BatchState::NotStored,
            Landed::Part | Landed::Unknown | Landed::Unread => BatchState::Unknown,
        };
        note(&self.journal, n, state, Vec::new()).await?;
        Ok(Outcome::Paused {
            batch: n + 1,
            landed,
            left: total - n - usize::from(landed == Landed::All),
            problem: error.into(),
        })
    }

    /// A batch that may have been stored before an interruption: reads it back, and sends the rows
    /// of it that are not there. `Some` if nobody can tell, which ends the sending.
    async fn look_for(&mut self, n: usize, batch: &Batch, total: usize) -> Result<Option<Outcome>, Problem> {
        let r = Arc::clone(&self.wanted.checked.rehearsal);
        if batch.rows.iter().any(|row| r.has_no_key(*row)) {
            note(&self.journal, n, BatchState::Unknown, Vec::new()).await?;
            let problem = Problem::new(
                "A batch cannot be told by its keys",
                "REDCap gives the numbers of its rows, so whether they are stored shows only in their content.",
                "The answer was lost, and with it the numbers of new instances or the names of new records.",
                "Look at the records by eye. Give this send up, and check a file with the rows that are missing.",
            );
            let left = total - n;
            return Ok(Some(Outcome::Paused { batch: n + 1, landed: Landed::Unknown, left, problem }));
        }
        let now = self.read_back(batch).await?;
        let proof = r.prove(batch, &now, &self.names);
        let left = r.left_of(batch, &proof);
        if proof.is_verified() || left.rows.is_empty() {
            note(&self.journal, n, BatchState::Stored, Vec::new()).await?;
            self.receipt.stored_before += 1;
            self.receipt.proof.add(proof);
            return Ok(None);
        }
        // By key, sending again stores nothing twice: it is not there, or only in part.
        note(&self.journal, n, BatchState::NotStored, Vec::new()).await?;
        let stored = Batch {
            records: Vec::new(),
            rows: batch.rows.iter().copied().filter(|row| !left.rows.contains(row)).collect(),
        };
        self.receipt.proof.add(r.prove(&stored, &now, &self.names));
        match self.send(n, &left).await? {
            Sent::Stored(answer) => {
                self.accepted(&left, answer);
                self.prove(&left).await;
                Ok(None)
            }
            Sent::Refused(error) => Ok(Some(self.refused(n, &left, error).await)),
            Sent::Lost(error) => self.after_loss(n, &left, error, total).await.map(Some),
        }
    }

    /// Notes what the answer to a batch told.
    fn accepted(&mut self, batch: &Batch, answer: ImportAnswer) {
        self.receipt.accepted(batch, &answer);
        if let ImportAnswer::AutoIds(pairs) = answer {
            self.learn(pairs);
        }
    }

    /// Notes which name REDCap gave (first) to which record of the file (second).
    fn learn(&mut self, pairs: Vec<GivenName>) {
        self.names.extend(pairs.iter().map(|(new, given)| (given.clone(), new.clone())));
        self.receipt.names.extend(pairs);
    }

    /// What is stored now of the records of a batch.
    async fn read_back(&self, batch: &Batch) -> Result<RecordTable, ApiError> {
        let wanted = &self.wanted.checked;
        if !wanted.rehearsal.settings.auto_number {
            return read_rows(&self.api, &wanted.touched, &batch.records).await;
        }
        let names: Vec<String> = batch.records.iter().filter_map(|r| self.names.get(r).cloned()).collect();
        read_rows(&self.api, &wanted.touched, &names).await
    }

    /// Reads the sent cells of a batch back and compares them.
    async fn prove(&mut self, batch: &Batch) {
        let r = Arc::clone(&self.wanted.checked.rehearsal);
        match self.read_back(batch).await {
            Ok(now) => self.receipt.proof.add(r.prove(batch, &now, &self.names)),
            Err(e) => {
                let cells = batch
                    .rows
                    .iter()
                    .map(|row| (0..r.columns.len()).filter(|c| r.is_sent(*row, *c)).count())
                    .sum();
                self.receipt.proof.sent += cells;
                self.receipt.proof.cannot_tell(&format!("reading back failed: {}", e.what()), cells);
            }
        }
    }

    /// Ends the journal where nothing is left to do, looks at the log, and gives the receipt.
    async fn finish(mut self, end: Outcome, log_before: LogBefore) -> Result<Receipt, Problem> {
        let r = &self.wanted.checked.rehearsal;
        let changed: HashSet<&str> = (0..r.rows.len())
            .filter(|row| {
                (0..r.columns.len())
                    .any(|c| matches!(r.cell(*row, c), Cell::New | Cell::Changed | Cell::Erased))
            })
            .filter_map(|row| {
                let given = r.record_name(row);
                if r.settings.auto_number { self.names.get(given).map(String::as_str) } else { Some(given) }
            })
            .collect();
        let changed_nothing = changed.is_empty();
        self.receipt.log = match log_before {
            Err(why) => LogProof::NotAllowed(why),
            Ok(before) => match log_lines(&self.api).await {
                Err(why) => LogProof::NotAllowed(why),
                Ok(after) => {
                    let lines = new_lines(&before, &after);
                    let found = changed.iter().filter(|name| lines.iter().any(|l| is_of(l, name))).count();
                    LogProof::Lines { found, expected: changed.len() }
                }
            },
        };
        // Only now, when the receipt is whole: who is killed before finds the send unfinished, and
        // gets the receipt by going on with it.
        let how = match &end {
            Outcome::Finished => Some("finished"),
            Outcome::Refused { .. } => Some("refused"),
            Outcome::Paused { .. } => None,
        };
        if let Some(how) = how {
            let journal = Arc::clone(&self.journal);
            let noted = blocking(move || journal.blocking_lock().end(how, Timestamp::now())).await?;
            noted.map_err(|e| store_problem(&e))?;
        }
        self.receipt.changed_nothing = changed_nothing;
        self.receipt.background = self.wanted.background;
        self.receipt.end(end);
        self.receipt.ended = Timestamp::now();
        Ok(self.receipt)
    }
}

async fn note(
    journal: &Arc<Mutex<Journal>>,
    n: usize,
    state: BatchState,
    names: Vec<GivenName>,
) -> Result<(), Problem> {
    let journal = Arc::clone(journal);
    blocking(move || journal.blocking_lock().note_names(n, state, names, Timestamp::now()))
        .await?
        .map_err(|e| store_problem(&e))
}

/// Whether the server surely stored nothing: REDCap itself said no, or nothing was sent.
fn is_refusal(error: &ApiError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Refused
            | ErrorKind::NoRight { .. }
            | ErrorKind::BadToken
            | ErrorKind::BadRequest
            | ErrorKind::RequestTooLarge
            | ErrorKind::NotSupported
    )
}
