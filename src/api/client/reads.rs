//! The rest of what can be read: reports, surveys, the file repository, and files.

use super::api::Api;
use super::server::{Head, Sink};
use super::writes::{RecordPlace, find, odd};
use crate::api::catalogue::Action;
use crate::api::decode;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::api::sniff::{judge, shape_of};
use crate::domain::repository::RepositoryEntry;
use crate::domain::survey::Participant;
use crate::domain::table::RecordTable;
use std::io::Write;

/// Which instruments to get as PDF. Empty parts do not restrict; without a record they are blank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PdfQuery {
    /// The record whose data is filled in.
    pub record: String,
    /// The event.
    pub event: String,
    /// The instrument.
    pub instrument: String,
    /// The instance.
    pub repeat_instance: Option<u32>,
    /// Every record; the others are then ignored.
    pub all_records: bool,
    /// Only fields with data.
    pub compact: bool,
}

impl Api {
    /// The rows of a report. Its number is the one in its address, not its place in the list.
    pub async fn report(&self, report_id: u64) -> Result<RecordTable, ApiError> {
        let request = find("report", Action::Export)?.json().set("report_id", report_id.to_string());
        self.decoded(&request, decode::records).await
    }

    /// The link to a participant's survey.
    pub async fn survey_link(&self, place: &RecordPlace) -> Result<String, ApiError> {
        self.survey("surveyLink", place).await
    }

    /// The code with which a participant comes back to a survey.
    pub async fn survey_return_code(&self, place: &RecordPlace) -> Result<String, ApiError> {
        self.survey("surveyReturnCode", place).await
    }

    /// The code with which a participant starts a survey.
    pub async fn survey_access_code(&self, place: &RecordPlace) -> Result<String, ApiError> {
        self.survey("surveyAccessCode", place).await
    }

    async fn survey(&self, content: &str, place: &RecordPlace) -> Result<String, ApiError> {
        let request = place.put(find(content, Action::Export)?.json(), "instrument");
        self.decoded(&request, decode::plain).await
    }

    /// The link to a participant's survey queue.
    pub async fn survey_queue_link(&self, record: &str) -> Result<String, ApiError> {
        let request = find("surveyQueueLink", Action::Export)?.json().set("record", record);
        self.decoded(&request, decode::plain).await
    }

    /// The participants of a survey. Holds e-mail addresses.
    pub async fn participants(&self, instrument: &str, event: &str) -> Result<Vec<Participant>, ApiError> {
        let request =
            find("participantList", Action::Export)?.json().set("instrument", instrument).set("event", event);
        self.decoded(&request, decode::participants).await
    }

    /// What is in a folder of the file repository; `None` is the top folder.
    pub async fn repository(&self, folder: Option<u64>) -> Result<Vec<RepositoryEntry>, ApiError> {
        let request = find("fileRepository", Action::List)?
            .json()
            .set("folder_id", folder.map(|n| n.to_string()).unwrap_or_default());
        self.decoded(&request, decode::repository).await
    }

    /// The project as XML, the structure alone or with its data.
    pub async fn project_xml(&self, metadata_only: bool) -> Result<String, ApiError> {
        let request = find("project_xml", Action::Export)?
            .set("returnFormat", "json")
            .set_flag("returnMetadataOnly", metadata_only);
        Ok(self.call(&request).await?.text().into_owned())
    }

    /// The request for instruments as PDF; [`download`](Self::download) fetches it.
    pub fn pdf(query: &PdfQuery) -> Result<Request, ApiError> {
        Ok(find("pdf", Action::Export)?
            .set("returnFormat", "json")
            .set("record", query.record.clone())
            .set("event", query.event.clone())
            .set("instrument", query.instrument.clone())
            .set("repeat_instance", query.repeat_instance.map(|n| n.to_string()).unwrap_or_default())
            .set_flag("allRecords", query.all_records)
            .set_flag("compactDisplay", query.compact))
    }

    /// The request for the file of a file field.
    pub fn file(place: &RecordPlace) -> Result<Request, ApiError> {
        Ok(place.put(find("file", Action::Export)?.set("returnFormat", "json"), "field"))
    }

    /// The request for a file of the file repository.
    pub fn repository_file(doc_id: u64) -> Result<Request, ApiError> {
        Ok(find("fileRepository", Action::Export)?
            .set("returnFormat", "json")
            .set("doc_id", doc_id.to_string()))
    }

    /// Downloads an answer piece by piece into what `open` gives, and returns the reply without
    /// its body. An answer that is an error is never written. `open` is called again for a retry,
    /// and must then begin anew.
    pub async fn download<W: Write + Send>(
        &self,
        request: &Request,
        open: impl Fn() -> std::io::Result<W> + Send + Sync,
    ) -> Result<Reply, ApiError> {
        let open = &open;
        let sink = || Download { request, open, out: None, head: Vec::new(), failed: None };
        self.run(request, sink).await
    }

    async fn decoded<T>(
        &self,
        request: &Request,
        decode: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ApiError> {
        let reply = self.call(request).await?;
        decode(&reply.text()).map_err(|why| odd(request, &reply, why))
    }
}

/// How much of an answer is looked at before it is believed to be what was asked for. Errors and
/// pages of servers say what they are well within this.
const LOOK: usize = 64 * 1024;

/// Writes an answer out while it comes, once its beginning has shown that it is a success.
struct Download<'a, F, W> {
    request: &'a Request,
    open: &'a F,
    out: Option<W>,
    head: Vec<u8>,
    failed: Option<std::io::Error>,
}

impl<F, W> Download<'_, F, W>
where
    F: Fn() -> std::io::Result<W> + Send + Sync,
    W: Write + Send,
{
    fn judged(&self, head: &Head) -> Result<(), ApiError> {
        judge(
            head.status,
            head.header("content-type"),
            &self.head,
            shape_of(self.request),
            self.request.method().title,
        )
    }

    /// Writes what was held back.
    fn flush_head(&mut self) -> Result<(), ApiError> {
        let held = std::mem::take(&mut self.head);
        self.write(&held)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        let result = match &mut self.out {
            Some(out) => out.write_all(bytes),
            None => (self.open)().and_then(|mut out| {
                out.write_all(bytes)?;
                self.out = Some(out);
                Ok(())
            }),
        };
        result.map_err(|e| {
            let text = format!("The file could not be written: {e}.");
            self.failed = Some(e);
            ApiError::new(ErrorKind::BadRequest, self.request.method().title).because(text)
        })
    }
}

impl<F, W> Sink for Download<'_, F, W>
where
    F: Fn() -> std::io::Result<W> + Send + Sync,
    W: Write + Send,
{
    type Out = Reply;
    const RETRY_EMPTY: bool = false;

    fn take(&mut self, head: &Head, bytes: &[u8]) -> Result<(), ApiError> {
        if self.out.is_some() {
            return self.write(bytes);
        }
        self.head.extend_from_slice(bytes);
        let success = (200..300).contains(&head.status);
        if success && self.head.len() >= LOOK {
            // Half of a JSON or XML cannot be judged, but a web page shows itself at once.
            let start = String::from_utf8_lossy(self.head.get(..256).unwrap_or_default()).to_lowercase();
            if start.contains("<html") || start.contains("<!doctype html") {
                self.judged(head)?;
            }
            self.flush_head()?;
        }
        Ok(())
    }

    fn finish(mut self, head: &Head, ms: u64) -> Result<Reply, ApiError> {
        if self.out.is_none() {
            self.judged(head)?;
            self.flush_head()?;
        }
        if let Some(mut out) = self.out.take() {
            let title = self.request.method().title;
            out.flush().map_err(|e| {
                ApiError::new(ErrorKind::BadRequest, title)
                    .because(format!("The file could not be written: {e}."))
            })?;
        }
        let headers = head
            .headers
            .iter()
            .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        Ok(Reply { status: head.status, headers, body: Vec::new(), ms })
    }
}
