//! Downloading an answer piece by piece, into a file or wherever it is to go. An answer that is an
//! error never gets there.

use super::api::Api;
use super::server::{Head, Sink};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::api::sniff::{judge, shape_of};
use std::io::Write;

impl Api {
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
