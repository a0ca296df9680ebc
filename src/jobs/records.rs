//! Reading records: the names first, then batches of whole records by name.

use super::open::Listener;
use super::problem::Problem;
use super::types::{
    JobEvent, Progress, ReadBackWanted, RecordWanted, RecordsDone, RecordsPart, RecordsWanted, StatusWanted,
};
use crate::api::client::{Api, RecordQuery};
use crate::api::error::{ApiError, ErrorKind};
use crate::domain::access_test::doctor::are_hashed;
use crate::domain::record::natural_cmp;
use crate::domain::table::RecordTable;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How many records the first request asks for.
const BATCH: usize = 250;

/// How many records a request asks for at most. Long lists of names are refused by some web
/// servers (`needs.md` §5.2 advises a few hundred).
const MOST: usize = 500;

/// An answer that is quicker than this may be twice as long.
const QUICK: Duration = Duration::from_secs(1);

/// An answer that is slower than this holds up the server, the screen and the stop key.
const SLOW: Duration = Duration::from_secs(10);

/// The rows of an answer are kept below this number: wide instances of repeating instruments can
/// be many.
const MANY_ROWS: usize = 20_000;

/// The size of the next batch, after one that took this long and brought this many rows.
fn next_batch(batch: usize, took: Duration, rows: usize) -> usize {
    if took > SLOW || rows > MANY_ROWS {
        (batch / 2).max(1)
    } else if took < QUICK && rows * 2 < MANY_ROWS {
        (batch * 2).min(MOST.max(batch))
    } else {
        batch
    }
}

/// Failures that half as many records may not have: the server ran out of memory or time, or
/// something on the way found the request or the answer too long.
fn is_too_much(error: &ApiError) -> bool {
    error.is_slow()
        || matches!(
            error.kind,
            ErrorKind::OutOfMemory | ErrorKind::Timeout | ErrorKind::TooLarge | ErrorKind::RequestTooLarge
        )
}

/// Reads the wanted fields of the wanted records and tells each batch as it comes.
pub async fn read(api: &Api, wanted: &RecordsWanted, tell: Listener<'_>) -> Result<RecordsDone, Problem> {
    let each = &mut |part| {
        tell(JobEvent::Rows(Box::new(part)));
        Ok(())
    };
    read_each(api, wanted, tell, each).await
}

/// What is done with each batch; its failure ends the reading.
pub type Each<'a> = &'a mut (dyn FnMut(RecordsPart) -> Result<(), Problem> + Send);

/// Reads the wanted fields of the wanted records, hands each batch over as it comes, and tells how
/// far it is.
pub async fn read_each(
    api: &Api,
    wanted: &RecordsWanted,
    tell: Listener<'_>,
    each: Each<'_>,
) -> Result<RecordsDone, Problem> {
    let step = |text: &str, done: usize, total: Option<usize>| {
        tell(JobEvent::Progress(Progress {
            step: text.to_owned(),
            done: done as u64,
            total: total.map(|t| t as u64),
        }));
    };
    let (ids, mut read) = match &wanted.after {
        // The names were read before; only the rest of the records is missing.
        Some((ids, read)) => (ids.clone(), *read),
        None => {
            step("Reading record names", 0, None);
            let ids = names(api, wanted, &mut |n| step("Reading record names", n, None)).await?;
            each(RecordsPart { ids: Some(ids.clone()), ..RecordsPart::default() })?;
            (ids, 0)
        }
    };
    let chosen = &ids[..wanted.limit.unwrap_or(ids.len()).min(ids.len())];

    // Hashed names cannot be asked for again, so everything has to come in one request.
    let by_name = !are_hashed(ids.iter().map(String::as_str));
    let mut done = RecordsDone::default();
    let mut unseen: Vec<String> = Vec::new();
    let mut columns_seen: HashSet<String> = HashSet::new();
    let mut batch = BATCH;
    // After a refusal the batches do not grow again: the server said what it can hold.
    let mut most = MOST;
    // A network that is gone is slow with half as many records too.
    let mut patience = 2;
    while read < chosen.len() {
        let names = if by_name { &chosen[read..(read + batch).min(chosen.len())] } else { chosen };
        step("Reading records", read, Some(chosen.len()));
        let mut fields = vec![wanted.id_field.clone()];
        fields.extend(wanted.fields.iter().cloned());
        let query = RecordQuery {
            records: if by_name { names.to_vec() } else { Vec::new() },
            fields,
            events: wanted.events.clone(),
            blank_for_gray: true,
            filter_logic: wanted.filter_logic.clone(),
            dags: wanted.dags,
            survey_fields: wanted.surveys,
            ..RecordQuery::default()
        };
        let asked = Instant::now();
        let table = match api.records(&query, &mut |_| {}).await {
            Ok(table) => table,
            Err(e) if is_too_much(&e) && by_name && batch > 1 && patience > 0 => {
                patience -= usize::from(e.kind == ErrorKind::Timeout || e.is_slow());
                batch = (batch / 2).max(1);
                most = batch;
                done.remark = format!("{} {batch} records are asked for at a time now.", e.what());
                continue;
            }
            Err(e) => return Err(e.into()),
        };
        columns_seen.extend(table.column_names().map(str::to_owned));
        let gone = missing(names, &table, wanted);
        if wanted.events.is_empty() { &mut done.missing_records } else { &mut unseen }.extend(gone);
        done.unreadable += table.n_unreadable();
        read += names.len();
        batch = next_batch(batch, asked.elapsed(), table.n_rows()).min(most);
        each(RecordsPart { ids: None, rows: table, records_read: read })?;
    }
    if !unseen.is_empty() {
        match lost(api, wanted, &unseen).await {
            Ok(lost) => done.missing_records.extend(lost),
            // The rows are here; only the proof that none is missing is not.
            Err(e) => {
                done.remark = format!("Whether records are missing could not be checked. {}", e.what());
            }
        }
    }
    if read > 0 && !columns_seen.is_empty() {
        done.missing_columns =
            wanted.columns.iter().filter(|c| !columns_seen.contains(*c)).cloned().collect();
    }
    Ok(done)
}

/// The names of all records that the token can see, as people sort them.
async fn names(
    api: &Api,
    wanted: &RecordsWanted,
    progress: &mut (dyn FnMut(usize) + Send),
) -> Result<Vec<String>, Problem> {
    let id_field = wanted.id_field.as_str();
    // With a filter only rows of the instrument's own events count, or names would come whose rows
    // do not.
    let events = if wanted.filter_logic.is_empty() { Vec::new() } else { wanted.events.clone() };
    let query = RecordQuery {
        fields: vec![id_field.to_owned()],
        events,
        filter_logic: wanted.filter_logic.clone(),
        ..RecordQuery::default()
    };
    let table = api.records(&query, &mut |p| progress(p.rows)).await?;
    let Some(column) = table.column(id_field) else {
        if table.n_rows() == 0 {
            return Ok(Vec::new());
        }
        return Err(Problem::new(
            "The server left the record id out",
            format!("The field {id_field} was asked for, but the answer has no such column."),
            "The token's export rights may leave it out, or the field was renamed since the dictionary was read.",
            "Load the project again in section 1: that reads the dictionary.",
        ));
    };
    let mut ids: Vec<String> = table.distinct(column).map(str::to_owned).collect();
    ids.sort_by(|a, b| natural_cmp(a, b));
    Ok(ids)
}

/// Which of the names asked for have no row.
fn missing(names: &[String], table: &RecordTable, wanted: &RecordsWanted) -> Vec<String> {
    let Some(column) = table.column(&wanted.id_field) else { return names.to_vec() };
    let got: HashSet<&str> = table.distinct(column).collect();
    names.iter().filter(|n| !got.contains(n.as_str())).cloned().collect()
}

/// Which of these records, that did not come, have a row at the wanted events. Where only some
/// events are asked for, a record without a row there is no loss; one request for nothing but the
/// names tells the two apart.
async fn lost(api: &Api, wanted: &RecordsWanted, unseen: &[String]) -> Result<Vec<String>, ApiError> {
    let query = RecordQuery {
        fields: vec![wanted.id_field.clone()],
        events: wanted.events.clone(),
        filter_logic: wanted.filter_logic.clone(),
        // A long list of names would be a request for each of its parts.
        records: if unseen.len() <= MOST { unseen.to_vec() } else { Vec::new() },
        ..RecordQuery::default()
    };
    let table = api.records(&query, &mut |_| {}).await?;
    let Some(column) = table.column(&wanted.id_field) else { return Ok(Vec::new()) };
    let here: HashSet<&str> = table.distinct(column).collect();
    Ok(unseen.iter().filter(|n| here.contains(n.as_str())).cloned().collect())
}

/// Reads one whole record, in one request.
pub async fn read_one(api: &Api, wanted: &RecordWanted) -> Result<RecordTable, Problem> {
    let query = RecordQuery {
        records: vec![wanted.record.clone()],
        fields: vec![wanted.id_field.clone()],
        forms: wanted.forms.clone(),
        blank_for_gray: true,
        ..RecordQuery::default()
    };
    Ok(api.records(&query, &mut |_| {}).await?)
}

/// Reads the chosen fields of one record.
pub async fn read_back(api: &Api, wanted: &ReadBackWanted) -> Result<RecordTable, Problem> {
    let mut fields = vec![wanted.id_field.clone()];
    fields.extend(wanted.fields.iter().cloned());
    let query = RecordQuery {
        records: vec![wanted.record.clone()],
        fields,
        events: wanted.events.clone(),
        blank_for_gray: true,
        ..RecordQuery::default()
    };
    Ok(api.records(&query, &mut |_| {}).await?)
}

/// Reads the form status of every instrument of every record: the record id and the status fields
/// by name, with blanks for what was never saved, so that gray is not red. One request; if that is
/// too much for the server, batches of records.
pub async fn read_statuses(
    api: &Api,
    wanted: &StatusWanted,
    tell: Listener<'_>,
) -> Result<RecordTable, Problem> {
    let mut fields = vec![wanted.id_field.clone()];
    fields.extend(wanted.statuses.iter().cloned());
    let query = RecordQuery {
        fields,
        blank_for_gray: true,
        dags: true,
        survey_fields: wanted.surveys,
        ..RecordQuery::default()
    };
    let mut progress = |p: crate::api::client::RecordProgress| {
        tell(JobEvent::Progress(Progress {
            step: "Reading the status of all instruments".into(),
            done: p.rows as u64,
            total: None,
        }));
    };
    match api.records(&query, &mut progress).await {
        Err(e) if is_too_much(&e) => {}
        Err(e) => return Err(e.into()),
        Ok(table) => return Ok(table),
    }
    let batches = RecordsWanted {
        id_field: wanted.id_field.clone(),
        fields: wanted.statuses.clone(),
        dags: true,
        surveys: wanted.surveys,
        ..RecordsWanted::default()
    };
    let mut all = RecordTable::default();
    read_each(api, &batches, tell, &mut |part| {
        if all.n_rows() == 0 {
            all = part.rows;
        } else {
            all.append(&part.rows);
        }
        Ok(())
    })
    .await?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_the_server_is_quick_and_shrink_when_it_is_slow() {
        let (ms, s) = (Duration::from_millis, Duration::from_secs);
        for (batch, took, rows, next) in [
            (250, ms(300), 250, 500),
            (500, ms(300), 500, 500),
            (250, s(3), 250, 250),
            (250, s(11), 250, 125),
            (1, s(11), 1, 1),
            (250, ms(300), 12_000, 250),
            (250, ms(300), 30_000, 125),
        ] {
            assert_eq!(next_batch(batch, took, rows), next, "{batch} in {took:?} with {rows} rows");
        }
    }
}
