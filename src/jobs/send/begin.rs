//! Before anything is sent: whether it may be, and where an interrupted send goes on.

use super::SendWanted;
use crate::domain::check::payload::Batch;
use crate::domain::check::{Cell, Rehearsal};
use crate::jobs::bench::{Workbench, address, blocking};
use crate::jobs::check::grouped_hash;
use crate::jobs::demo::PREFIX;
use crate::jobs::problem::Problem;
use crate::jobs::projects::store_problem;
use crate::jobs::types::SavedProject;
use crate::store::journal::{self, BatchState, GivenName, Journal, Plan, PlannedBatch, Turn, Unfinished};
use crate::store::projects as saved;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// After so long a check is too old: others may have changed what is stored.
const FRESH: SignedDuration = SignedDuration::from_mins(60);

/// Whether writing is switched on, as it is kept now: the switch may have been turned off since.
pub(super) async fn may_write(bench: &Workbench, project: &SavedProject) -> Result<SavedProject, Problem> {
    let mut project = project.clone();
    if let Some(paths) = bench.paths.clone()
        && !project.id.starts_with(PREFIX)
    {
        let list = blocking(move || saved::load(&paths)).await?.map_err(|e| store_problem(&e))?;
        project.write_access = list.iter().any(|p| p.id == project.id && p.write_access);
    }
    if project.write_access {
        return Ok(project);
    }
    Err(refusal(
        "Writing is not switched on for this project.",
        "Switch it on with W in section 5, or with 'capscope project write NAME on'.",
    ))
}

/// Whether the check allows the file to be sent.
pub(super) fn fits(wanted: &SendWanted) -> Result<(), Problem> {
    let r = &wanted.checked.rehearsal;
    if !r.may_be_sent() {
        return Err(refusal(r.verdict(), "Mend the file or accept suggestions, and check it again."));
    }
    let Some(read_at) = wanted.checked.read_at else {
        return Err(refusal(
            "The file was not compared with what is stored.",
            "Check it again with the server; a file that was only checked offline is not sent.",
        ));
    };
    if Timestamp::now().duration_since(read_at) > FRESH {
        return Err(refusal(
            "The check is more than an hour old; others may have changed the data.",
            "Check the file again.",
        ));
    }
    let erasures = r.count(Cell::Erased);
    if erasures != wanted.erasures {
        return Err(refusal(
            &format!(
                "{erasures} stored values would be erased; the number that was given is {}.",
                wanted.erasures
            ),
            "Give the exact number if you want them erased, or let blanks keep.",
        ));
    }
    // What is left of an interrupted send may be nothing but its end.
    if !wanted.resume && r.sent_cells() == 0 && !r.rows.iter().any(|row| row.is_sent) {
        return Err(refusal("There is nothing to send.", "No row of the file has a value."));
    }
    Ok(())
}

pub(super) async fn still_the_same_file(project: &SavedProject, wanted: &SendWanted) -> Result<(), Problem> {
    let path = wanted.checked.path.clone();
    if crate::jobs::demo::file(project, &path).is_some() {
        return Ok(());
    }
    let bytes = blocking(move || std::fs::read(path)).await?;
    let hash = bytes.map(|b| grouped_hash(&b)).unwrap_or_default();
    if hash == wanted.checked.hash {
        return Ok(());
    }
    Err(refusal("The file was changed since it was checked.", "Check it again."))
}

pub(super) fn refusal(what: &str, advice: &str) -> Problem {
    Problem::new("Nothing was sent", what, "", advice)
}

/// A hash of all that decides how the file is read.
pub(super) fn reading_hash(wanted: &SendWanted) -> String {
    let r = &wanted.checked.rehearsal;
    let text = format!("{:?} {} {}", r.settings, r.file.encoding, wanted.background);
    grouped_hash(text.as_bytes())
}

/// How a send begins.
pub(super) struct Beginning {
    pub batches: Vec<Batch>,
    pub states: Vec<BatchState>,
    /// The names that REDCap gave to records before an interruption.
    pub names: Vec<GivenName>,
    pub journal: Journal,
}

impl Beginning {
    fn new(batches: Vec<Batch>, journal: Journal) -> Self {
        let states = vec![BatchState::Planned; batches.len()];
        Self { batches, states, names: Vec::new(), journal }
    }
}

/// The batches with their states, and the journal: a new one, or the one that was interrupted.
pub(super) async fn begin(
    bench: &Workbench,
    project: &SavedProject,
    wanted: &SendWanted,
    hashes: (String, String),
    server: &str,
) -> Result<Beginning, Problem> {
    let r = Arc::clone(&wanted.checked.rehearsal);
    let paths = bench.paths.clone().filter(|_| !project.id.starts_with(PREFIX));
    let Some(paths) = paths else {
        return Ok(Beginning::new(r.batches(wanted.most_records), Journal::nowhere()));
    };
    let (server, project_id) = (server.to_owned(), project.project_id);
    let (resume, again, most) = (wanted.resume, wanted.again, wanted.most_records);
    blocking(move || {
        // First the turn, then the look: what another capscope did until now is on the disk.
        let turn = Turn::take(&paths, project_id).map_err(|e| store_problem(&e))?;
        let found = journal::unfinished(&paths, &server, project_id).map_err(|e| store_problem(&e))?;
        match found {
            Some(found) if !resume => Err(interrupted(&found)),
            Some(found) => {
                if (&found.plan.file_hash, &found.plan.reading_hash) != (&hashes.0, &hashes.1) {
                    return Err(Problem::new(
                        "The interrupted send is of another file",
                        format!(
                            "It began {} with the file {}.",
                            found.plan.started.strftime("%F %T UTC"),
                            short(&found.plan.file_hash)
                        ),
                        "The file, or the way it is read, is not the same as then.",
                        "Check that very file in the same way; or give the interrupted send up.",
                    ));
                }
                let journal = Journal::go_on(&found, turn).map_err(|e| store_problem(&e))?;
                let batches = again_of(&r, &found);
                Ok(Beginning { batches, states: found.states, names: found.names, journal })
            }
            None => {
                let before = journal::ended(&paths, &server, project_id, &hashes.0);
                let before = before.map_err(|e| store_problem(&e))?;
                if let Some((sent, at)) = before.filter(|_| !again)
                    && may_be_there(&sent)
                {
                    return Err(sent_before(&sent, at));
                }
                let batches = r.batches(most);
                let planned = batches
                    .iter()
                    .map(|b| PlannedBatch {
                        records: b.records.clone(),
                        data_hash: grouped_hash(r.data(b).as_bytes()),
                        new_instances: b.rows.iter().any(|row| r.has_no_key(*row)),
                    })
                    .collect();
                let plan = Plan::new(server, project_id, hashes, planned, Timestamp::now());
                let journal = Journal::begin(&paths, &plan, turn).map_err(|e| store_problem(&e))?;
                Ok(Beginning::new(batches, journal))
            }
        }
    })
    .await?
}

/// Whether rows of an ended send may be stored that would be stored a second time if they were sent
/// again, because REDCap numbers them.
fn may_be_there(sent: &Unfinished) -> bool {
    sent.plan.batches.iter().zip(&sent.states).any(|(batch, state)| {
        batch.new_instances && !matches!(state, BatchState::Planned | BatchState::Refused)
    })
}

fn sent_before(sent: &Unfinished, at: Timestamp) -> Problem {
    let stored = sent.states.iter().filter(|s| **s == BatchState::Stored).count();
    Problem::new(
        SENT_BEFORE,
        format!(
            "The send of it ended {}; {stored} of its {} batches were stored.",
            at.strftime("%F %T UTC"),
            sent.states.len()
        ),
        "REDCap numbers some of its rows itself, so rows that are sent again are stored a second time.",
        "Look whether the rows are there. If they are to be stored once more: send again, on the command line with --again.",
    )
}

/// The title of the problem that this very file was sent before and would be stored twice.
pub const SENT_BEFORE: &str = "This very file was sent before";

fn short(hash: &str) -> &str {
    hash.get(..17).unwrap_or(hash)
}

/// The problem of a send that was interrupted.
pub fn interrupted(found: &Unfinished) -> Problem {
    let done = found.states.iter().filter(|s| **s == BatchState::Stored).count();
    Problem::new(
        INTERRUPTED,
        format!(
            "It began {} and stored {done} of {} batches of the file {}.",
            found.plan.started.strftime("%F %T UTC"),
            found.states.len(),
            short(&found.plan.file_hash)
        ),
        "capscope was stopped, or an answer was lost.",
        "Check the same file again and go on with it, or give it up.",
    )
}

/// Gives an interrupted send up: what was not sent of it will not be.
pub async fn abandon(bench: &Workbench, project: &SavedProject) -> Result<(), Problem> {
    let Some(paths) = bench.paths.clone() else { return Ok(()) };
    let (server, pid) = (address(&project.url)?.as_str().to_owned(), project.project_id);
    blocking(move || {
        let turn = Turn::take(&paths, pid)?;
        match journal::unfinished(&paths, &server, pid)? {
            Some(found) => journal::abandon(&found, turn, Timestamp::now()),
            None => Ok(()),
        }
    })
    .await?
    .map_err(|e| store_problem(&e))
}

/// The title of the problem that an earlier send was interrupted.
pub const INTERRUPTED: &str = "A send was interrupted";

/// The batches of an interrupted send, with the rows that the file has for their records.
fn again_of(r: &Rehearsal, found: &Unfinished) -> Vec<Batch> {
    let mut rows_of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (row, state) in r.rows.iter().enumerate() {
        if state.is_sent {
            rows_of.entry(r.record_name(row)).or_default().push(row);
        }
    }
    found
        .plan
        .batches
        .iter()
        .map(|planned| Batch {
            records: planned.records.clone(),
            rows: planned
                .records
                .iter()
                .flat_map(|name| rows_of.get(name.as_str()).cloned().unwrap_or_default())
                .collect(),
        })
        .collect()
}
