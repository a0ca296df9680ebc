//! Whether a server answers at all: one request without a token and without a method.

use super::events::Watch;
use super::http;
use super::server::Server;
use crate::api::error::{ApiError, ErrorKind};
use jiff::Timestamp;
use reqwest::header::DATE;
use tokio::sync::SemaphorePermit;

/// What `capscope` calls this request in its list of calls.
const TITLE: &str = "Look at the server";

/// What a server showed of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// The status of its answer. Any status proves the way to it and its certificate.
    pub status: u16,
    /// The time it says it is, to the second, if it says so.
    pub clock: Option<Timestamp>,
    /// How long the answer took, in milliseconds.
    pub ms: u64,
}

impl Server {
    /// Asks for the address with GET and looks at the head of the answer only. No token is sent,
    /// so nothing here can be refused for its sake: an error is one of the way to the server or
    /// of its certificate.
    pub async fn look(&self) -> Result<Looked, ApiError> {
        let mut turn = None;
        let watch = Watch::begin(self.observer(), (self.url().host(), ""), TITLE, String::new());
        let looked = self.head(&watch, &mut turn).await;
        watch.finish(None, looked.as_ref().map(|_| ()));
        looked
    }

    async fn head<'a>(
        &'a self,
        watch: &Watch<'_>,
        turn: &mut Option<SemaphorePermit<'a>>,
    ) -> Result<Looked, ApiError> {
        *turn = Some(self.turn(TITLE).await?);
        let client = self.http(TITLE).await?;
        let start = watch.ms();
        watch.sent();
        let answer = client.get(self.url().url().clone()).send();
        let answer = tokio::time::timeout(self.settings().connect_timeout * 2, answer)
            .await
            .map_err(|_| ApiError::new(ErrorKind::Timeout, TITLE))?
            .map_err(|e| http::explain(e, false, TITLE))?;
        let status = answer.status().as_u16();
        watch.answered(status);
        let date = answer.headers().get(DATE).and_then(|d| d.to_str().ok());
        let clock = date.and_then(|d| jiff::fmt::rfc2822::parse(d).ok()).map(|d| d.timestamp());
        Ok(Looked { status, clock, ms: watch.ms().saturating_sub(start) })
    }
}
