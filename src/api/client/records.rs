//! Exporting records: CSV, read into columns while it is still coming in.

use super::api::{Api, find};
use super::server::{Head, Sink};
use super::table_reader::{TableReader, Trouble};
use crate::api::catalogue::Action;
use crate::api::decode;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::request::Request;
use crate::api::sniff::{self, refusal};
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use std::sync::{Mutex, PoisonError};

/// Which records and fields to export. Empty lists and texts do not restrict.
///
/// Name the record id field among `fields`, or the rows have no id and no event
/// (`redcap-api.md` Q13). Names of REDCap's own columns are left out: newer servers refuse them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Only these records. Keep the list to a few hundred (`needs.md` §5.2).
    pub records: Vec<String>,
    /// Only these fields, together with those of `forms`.
    pub fields: Vec<String>,
    /// Only these instruments, together with `fields`.
    pub forms: Vec<String>,
    /// Only these events, by their unique names. Never for a classic project (Q18).
    pub events: Vec<String>,
    /// Leave the status of untouched instruments blank, so that gray is not red.
    pub blank_for_gray: bool,
    /// Add the survey identifier and the survey times.
    pub survey_fields: bool,
    /// Add the Data Access Group. Users in a group never get it.
    pub dags: bool,
    /// Only rows for which this logic is true.
    pub filter_logic: String,
    /// Only records created or changed after this server time, `YYYY-MM-DD HH:MM:SS`.
    pub date_begin: String,
    /// Only records created or changed before this server time.
    pub date_end: String,
    /// Labels of choices instead of codes.
    pub label: bool,
}

impl RecordQuery {
    /// The request for it, with the answer in this format.
    pub fn request(&self, format: &'static str) -> Result<Request, ApiError> {
        let fields = self.fields.iter().filter(|f| !column::SYSTEM.contains(&f.as_str()));
        let label = if self.label { "label" } else { "" };
        let delimiter = if format == "csv" { "," } else { "" };
        Ok(find("record", Action::Export)?
            .set("format", format)
            .set("returnFormat", "json")
            .set_list("records", &self.records)
            .set_list("fields", fields)
            .set_list("forms", &self.forms)
            .set_list("events", &self.events)
            .set("rawOrLabel", label)
            .set_flag("exportSurveyFields", self.survey_fields)
            .set_flag("exportDataAccessGroups", self.dags)
            .set("filterLogic", self.filter_logic.clone())
            .set("dateRangeBegin", self.date_begin.clone())
            .set("dateRangeEnd", self.date_end.clone())
            // Servers may use a site's own delimiter if none is named.
            .set("csvDelimiter", delimiter)
            .set_flag("exportBlankForGrayFormStatus", self.blank_for_gray))
    }
}

/// How far a record export is. Both start again at 0 when a failed export is repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordProgress {
    /// Rows read.
    pub rows: usize,
    /// Bytes received, after decompression.
    pub bytes: u64,
}

type Progress<'a, 'b> = Mutex<&'a mut (dyn FnMut(RecordProgress) + Send + 'b)>;

impl Api {
    /// Exports records into a table. The body is read as it comes and never held whole.
    ///
    /// An empty table means that the server said there is nothing. Zero bytes are asked for
    /// again as JSON, where nothing is written `[]` (`redcap-api.md` Q5); so is a CSV whose
    /// header cannot be used, or that may have lost its end.
    pub async fn records(
        &self,
        query: &RecordQuery,
        progress: &mut (dyn FnMut(RecordProgress) + Send),
    ) -> Result<RecordTable, ApiError> {
        let progress: Progress = Mutex::new(progress);
        let csv = query.request("csv")?;
        let sink =
            || CsvSink { reader: TableReader::new(), refused: Vec::new(), bytes: 0, progress: &progress };
        match self.run(&csv, sink).await {
            Ok(Some(table)) => return Ok(table),
            Ok(None) => {}
            Err(e) if e.kind == ErrorKind::EmptyAnswer => {}
            Err(e) => return Err(e),
        }
        let reply = self.call(&query.request("json")?).await?;
        let table = decode::records(&reply.text()).map_err(|cause| {
            ApiError { status: Some(reply.status), ..ApiError::new(ErrorKind::Decode, csv.method().title) }
                .because(cause)
        })?;
        let step = RecordProgress { rows: table.n_rows(), bytes: reply.body.len() as u64 };
        (progress.lock().unwrap_or_else(PoisonError::into_inner))(step);
        Ok(table)
    }
}

/// The longest refusal that is kept.
const MAX_REFUSAL: usize = 256 * 1024;

/// Reads a CSV answer into a table. `None` if the header cannot be used.
struct CsvSink<'p, 'a, 'b> {
    reader: TableReader,
    /// The body of an answer that is no success.
    refused: Vec<u8>,
    bytes: u64,
    progress: &'p Progress<'a, 'b>,
}

impl Sink for CsvSink<'_, '_, '_> {
    type Out = Option<RecordTable>;
    // The second try is made as JSON.
    const RETRY_EMPTY: bool = false;

    fn take(&mut self, head: &Head, bytes: &[u8]) -> Result<(), ApiError> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if head.status != 200 {
            let room = MAX_REFUSAL.saturating_sub(self.refused.len());
            self.refused.extend(bytes.iter().take(room));
            return Ok(());
        }
        self.reader.take(bytes);
        let step = RecordProgress { rows: self.reader.n_rows(), bytes: self.bytes };
        (self.progress.lock().unwrap_or_else(PoisonError::into_inner))(step);
        Ok(())
    }

    fn rows(table: &Option<RecordTable>) -> Option<u64> {
        table.as_ref().map(|t| t.n_rows() as u64)
    }

    fn finish(self, head: &Head, _: u64) -> Result<Option<RecordTable>, ApiError> {
        if head.status != 200 {
            return Err(refusal(head.status, &String::from_utf8_lossy(&self.refused), head.method));
        }
        // A body without a length may end anywhere without anyone noticing.
        let has_length =
            !head.header("content-length").is_empty() || !head.header("transfer-encoding").is_empty();
        let trouble = match self.reader.finish(has_length) {
            Ok(table) => return Ok(Some(table)),
            Err(trouble) => trouble,
        };
        let fail = |kind, cause: String| Err(ApiError::new(kind, head.method).because(cause));
        match trouble {
            Trouble::Empty => fail(ErrorKind::EmptyAnswer, String::new()),
            // The end of a JSON list can be told.
            Trouble::NoEnd => Ok(None),
            Trouble::CutShort(cause) => fail(ErrorKind::Incomplete, cause),
            Trouble::Row(cause) => fail(ErrorKind::Decode, cause),
            Trouble::NoCsv(body) => {
                sniff::judge(
                    head.status,
                    head.header("content-type"),
                    &body,
                    sniff::Shape::Csv,
                    head.method,
                )?;
                Ok(None)
            }
        }
    }
}
