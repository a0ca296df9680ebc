//! What is missing: reads form statuses, the anchor date and the checked fields by name, and
//! works the list out.

use super::bench::{Workbench, blocking};
use super::open::Listener;
use super::problem::Problem;
use super::records;
use super::types::{JobEvent, Progress, RecordsDone, RecordsWanted, SavedProject, WorklistWanted};
use crate::api::client::Api;
use crate::domain::project::Metadata;
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use crate::domain::worklist::{self, Anchor, Worklist};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Reads what the list needs in batches and works it out.
pub async fn read(
    bench: &Workbench,
    project: &SavedProject,
    wanted: &WorklistWanted,
    metadata: Metadata,
    tell: Listener<'_>,
) -> Result<Worklist, Problem> {
    let api = bench.api(project).await?;
    let anchor = anchor(bench, project, wanted, &metadata);
    let Some(id_field) = metadata.dictionary.record_id_field().map(|f| f.name.clone()) else {
        return Ok(Worklist::default());
    };
    let fields = worklist::fields(&metadata, anchor.as_ref(), wanted.optional);
    let request = RecordsWanted { id_field, fields, dags: true, ..RecordsWanted::default() };
    let tell = |event| match event {
        JobEvent::Progress(progress) => {
            tell(JobEvent::Progress(Progress { step: "Reading what is filled in".into(), ..progress }));
        }
        other => tell(other),
    };
    let (table, _) = collected(&api, &request, &tell).await?;
    let dags = groups(&table, &request.id_field);
    let (optional, today) = (wanted.optional, wanted.today);
    // Worked out here: with many records it takes longer than a frame.
    blocking(move || worklist::build(&table, &metadata, anchor.as_ref(), &dags, optional, today)).await
}

/// Reads wanted rows in batches and gives them back together. A list that says what is missing, or
/// a search, must not be built on a part: that not all records came back is a failure.
pub async fn collected(
    api: &Api,
    wanted: &RecordsWanted,
    tell: Listener<'_>,
) -> Result<(RecordTable, RecordsDone), Problem> {
    let rows: Mutex<Option<RecordTable>> = Mutex::default();
    let collect = |event: JobEvent| match event {
        JobEvent::Rows(part) if part.ids.is_some() => {}
        JobEvent::Rows(part) => {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *rows {
                Some(table) => table.append(&part.rows),
                None => *rows = Some(part.rows),
            }
        }
        other => tell(other),
    };
    let done = records::read(api, wanted, &collect).await?;
    if !done.missing_records.is_empty() {
        return Err(Problem::new(
            "Not all records came back",
            format!(
                "{} were asked for by name and are not in the answer, so what is missing cannot be told.",
                done.missing_records.len()
            ),
            "They were deleted or renamed meanwhile, or the server left them out.",
            "Read again.",
        ));
    }
    Ok((rows.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_default(), done))
}

/// The date to count from: the one that was asked for, which is remembered, or the remembered one
/// if the project still has it, or the most likely.
fn anchor(
    bench: &Workbench,
    project: &SavedProject,
    wanted: &WorklistWanted,
    metadata: &Metadata,
) -> Option<Anchor> {
    let known = worklist::anchors(metadata);
    if let Some(chosen) = &wanted.anchor {
        let kept = (chosen.field.clone(), chosen.event.clone());
        bench.remember(&project.id, |r| r.anchor = Some(kept));
        return Some(chosen.clone());
    }
    let kept = bench.remembered(&project.id).anchor.map(|(field, event)| Anchor { field, event });
    kept.filter(|a| known.contains(a)).or_else(|| known.into_iter().next())
}

/// The Data Access Group of each record; users in a group are never told (`redcap-api.md` §3.10).
fn groups(table: &RecordTable, id_field: &str) -> BTreeMap<String, String> {
    let (Some(id), Some(dag)) = (table.column(id_field), table.column(column::DAG)) else {
        return BTreeMap::new();
    };
    (0..table.n_rows())
        .filter(|&row| !table.cell(row, dag).is_empty())
        .map(|row| (table.cell(row, id).to_owned(), table.cell(row, dag).to_owned()))
        .collect()
}
