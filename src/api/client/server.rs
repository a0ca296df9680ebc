//! A server: one address, one queue, one pace.

use super::events::{Observer, Watch, Witness};
use super::http;
use super::pace::Pace;
use super::settings::ServerSettings;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::request::Request;
use crate::api::token::Token;
use crate::api::url::ApiUrl;
use backon::{ExponentialBuilder, Retryable};
use reqwest::Url;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

/// The longest wait that a server can ask for and get; beyond it the failure is shown instead.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// A server under one address. All tokens of that address share it, so that there is one request
/// under way at a time and one pace, whatever the user does.
pub struct Server {
    url: ApiUrl,
    settings: ServerSettings,
    observer: Observer,
    witness: Option<Witness>,
    queue: Semaphore,
    pace: Pace,
    http: OnceCell<reqwest::Client>,
    /// Where the server said on its own host that the API is, once a read succeeded there.
    moved: Mutex<Option<Url>>,
    blocked: Mutex<Option<ApiError>>,
}

/// The head of an answer.
pub(super) struct Head {
    pub status: u16,
    pub headers: HeaderMap,
    pub method: &'static str,
}

impl Head {
    /// The text of a header, `""` if it is missing.
    pub fn header(&self, name: impl reqwest::header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

/// Takes an answer in, piece by piece. A retry starts with a new one.
pub(super) trait Sink: Send {
    /// What it makes of the answer.
    type Out: Send;
    /// Whether an empty success is worth a second try.
    const RETRY_EMPTY: bool;
    /// Takes the next bytes. An error ends the download.
    fn take(&mut self, head: &Head, bytes: &[u8]) -> Result<(), ApiError>;
    /// The answer is complete.
    fn finish(self, head: &Head, ms: u64) -> Result<Self::Out, ApiError>;
    /// How many rows came, if it can be told.
    fn rows(_: &Self::Out) -> Option<u64> {
        None
    }
}

impl Server {
    /// A server. Nothing is sent or read before the first call.
    pub fn new(url: ApiUrl, settings: ServerSettings, observer: Observer) -> Arc<Self> {
        Self::witnessed(url, settings, observer, None)
    }

    /// A server whose calls somebody witnesses.
    pub(super) fn witnessed(
        url: ApiUrl,
        settings: ServerSettings,
        observer: Observer,
        witness: Option<Witness>,
    ) -> Arc<Self> {
        let pace = Pace::new(&settings, url.is_loopback());
        Arc::new(Self {
            url,
            settings,
            observer,
            witness,
            queue: Semaphore::new(1),
            pace,
            http: OnceCell::new(),
            moved: Mutex::new(None),
            blocked: Mutex::new(None),
        })
    }

    /// Its address.
    pub fn url(&self) -> &ApiUrl {
        &self.url
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &ServerSettings {
        &self.settings
    }

    /// Why all requests are stopped, if something before REDCap turned one away.
    pub fn blocked(&self) -> Option<ApiError> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets requests through again. Only after a person said so: each request to a server that
    /// bans may make the ban last.
    pub fn resume(&self) {
        *self.blocked.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Stops all requests if something before REDCap turned this one away.
    pub(super) fn stop_if_blocked(&self, error: &ApiError) {
        if error.kind == ErrorKind::Blocked {
            *self.blocked.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
        }
    }

    /// Runs a call from its place in the queue to its last byte.
    ///
    /// Reads are tried again after passing failures. Writes are sent once, whatever happens: the
    /// server may have stored a write whose answer was lost. `whose` is the number of the token's
    /// project and its name in the list, for those who watch.
    pub(super) async fn run<S: Sink>(
        &self,
        request: &Request,
        whose: (Option<u64>, &str),
        token: &Token,
        new_sink: impl Fn() -> S + Send + Sync,
    ) -> Result<S::Out, ApiError> {
        let (project, name) = whose;
        let method = request.method().title;
        // Given back after the end was told, also where the call is dropped: otherwise the next
        // call would be told to be under way beside this one.
        let mut turn = None;
        let mut watch = Watch::begin(&self.observer, (self.url.host(), name), method, request.summary());
        if let Some(witness) = &self.witness {
            watch = watch.witnessed(witness, request, project);
        }
        let result = self.queued(request, token, &watch, new_sink, &mut turn).await;
        let rows = result.as_ref().ok().and_then(S::rows);
        watch.finish(rows, result.as_ref().map(|_| ()));
        result
    }

    async fn queued<'a, S: Sink>(
        &'a self,
        request: &Request,
        token: &Token,
        watch: &Watch<'_>,
        new_sink: impl Fn() -> S + Send + Sync,
        turn: &mut Option<SemaphorePermit<'a>>,
    ) -> Result<S::Out, ApiError> {
        let method = request.method().title;
        let missing = request.missing();
        if !missing.is_empty() {
            let cause = format!("It needs {}.", missing.join(", "));
            return Err(ApiError::new(ErrorKind::BadRequest, method).because(cause));
        }
        // The turn is kept through all retries: others must not lean on a server in trouble.
        *turn = Some(self.turn(method).await?);
        let http = self.http(method).await?;
        let attempt = || async {
            self.pace.wait().await;
            if let Some(stop) = self.blocked() {
                return Err(ApiError { method, ..stop });
            }
            let result = self.exchange(http, request, token, watch, new_sink()).await;
            if let Err(error) = &result {
                self.stop_if_blocked(error);
            }
            result
        };
        let waits = ExponentialBuilder::default()
            .with_min_delay(self.settings.retry_wait)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(self.settings.retries as usize);
        let mut empty = 0;
        attempt
            .retry(waits)
            // A list of names can be asked for in smaller pieces, which helps more than patience.
            .when(|e: &ApiError| {
                let smaller = e.is_slow() && request.get("records").is_some();
                request.is_read() && e.is_passing() && !smaller
            })
            .adjust(|e, planned| {
                if e.kind == ErrorKind::EmptyAnswer {
                    empty += 1;
                    if empty > 1 || !S::RETRY_EMPTY {
                        return None;
                    }
                }
                wait_for(e.retry_after, planned)
            })
            .notify(|e, wait| watch.retrying(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), e))
            .await
    }

    /// Who hears of the calls.
    pub(super) fn observer(&self) -> &Observer {
        &self.observer
    }

    /// A place in the queue: there is one request under way at a time.
    pub(super) async fn turn(&self, method: &'static str) -> Result<SemaphorePermit<'_>, ApiError> {
        self.queue.acquire().await.map_err(|_| ApiError::new(ErrorKind::Cancelled, method))
    }

    /// The connection, made at the first call and off the runtime's threads.
    pub(super) async fn http(&self, method: &'static str) -> Result<&reqwest::Client, ApiError> {
        let build = || async {
            let (url, settings) = (self.url.clone(), self.settings.clone());
            tokio::task::spawn_blocking(move || http::build(&url, &settings))
                .await
                .unwrap_or_else(|_| Err(ApiError::new(ErrorKind::Cancelled, "")))
        };
        self.http.get_or_try_init(build).await.map_err(|e| ApiError { method, ..e })
    }

    /// One request and its answer, with at most one redirect on the same host.
    async fn exchange<S: Sink>(
        &self,
        http: &reqwest::Client,
        request: &Request,
        token: &Token,
        watch: &Watch<'_>,
        mut sink: S,
    ) -> Result<S::Out, ApiError> {
        let method = request.method().title;
        let known = self.moved.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut url = known.unwrap_or_else(|| self.url.url().clone());
        let mut moved = None;
        let mut response = loop {
            watch.sent();
            let start = watch.ms();
            let post = request.post(http, &url, token);
            let response = post.send().await.map_err(|e| http::explain(e, false, method))?;
            watch.answered(response.status().as_u16());
            let Some(location) = redirect(&response) else { break (response, start) };
            let failed = |kind| ApiError::new(kind, method).answered(response.status().as_u16(), "");
            let target = follow(&url, location).map_err(failed)?;
            if moved.is_some() || target == url {
                return Err(failed(ErrorKind::RedirectLoop));
            }
            if !request.is_read() {
                // Whether the write was done before the redirect cannot be known.
                return Err(failed(ErrorKind::Redirect {
                    to_host: format!("{}{}", place(&target), target.path()),
                }));
            }
            moved = Some(target.clone());
            url = target;
            self.pace.wait().await;
        };
        let head = Head {
            status: response.0.status().as_u16(),
            headers: std::mem::take(response.0.headers_mut()),
            method,
        };
        let result = self.receive(&mut response.0, &head, watch, &mut sink).await;
        let result = result.and_then(|()| sink.finish(&head, watch.ms().saturating_sub(response.1)));
        match result {
            Ok(out) => {
                if moved.is_some() {
                    *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = moved;
                }
                Ok(out)
            }
            Err(mut error) => {
                error.status = Some(head.status);
                error.retry_after = retry_after(head.header(RETRY_AFTER));
                Err(error)
            }
        }
    }

    /// The body, up to the limit. The bytes are counted after decompression, so a small answer
    /// that unpacks into an endless one is stopped too.
    async fn receive<S: Sink>(
        &self,
        response: &mut reqwest::Response,
        head: &Head,
        watch: &Watch<'_>,
        sink: &mut S,
    ) -> Result<(), ApiError> {
        let mut bytes = 0_u64;
        while let Some(chunk) = response.chunk().await.map_err(|e| http::explain(e, true, head.method))? {
            bytes = bytes.saturating_add(chunk.len() as u64);
            watch.received(bytes);
            if bytes > self.settings.max_bytes {
                return Err(ApiError::new(ErrorKind::TooLarge, head.method));
            }
            sink.take(head, &chunk)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({})", self.url)
    }
}

/// The place a redirect points to. Not every 3xx is one.
fn redirect(response: &reqwest::Response) -> Option<&str> {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        .then(|| response.headers().get(LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default())
}

/// Where to send the same request again: the same host only, never from HTTPS to HTTP.
fn follow(from: &Url, location: &str) -> Result<Url, ErrorKind> {
    let mut to = match from.join(location) {
        Ok(to) if !location.is_empty() => to,
        _ => return Err(ErrorKind::NotRedcap),
    };
    to.set_fragment(None);
    let same_server = to.host() == from.host() && to.port_or_known_default() == from.port_or_known_default();
    let upgrade = to.host() == from.host()
        && from.scheme() == "http"
        && to.scheme() == "https"
        && (to.port().is_none() || to.port() == from.port());
    let has_user = !to.username().is_empty() || to.password().is_some();
    if !has_user && ((same_server && to.scheme() == from.scheme()) || upgrade) {
        Ok(to)
    } else {
        Err(ErrorKind::Redirect { to_host: place(&to) })
    }
}

/// A server as people read it: its name, with its port or scheme where they are unusual.
fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("an address without a server");
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    match url.scheme() {
        "https" => format!("{host}{port}"),
        scheme => format!("{scheme}://{host}{port}"),
    }
}

/// The wait before the next try: what the server asked for, but not less than planned.
fn wait_for(asked: Option<Duration>, planned: Option<Duration>) -> Option<Duration> {
    let planned = planned?;
    match asked {
        Some(asked) if asked > LONGEST_WAIT => None,
        Some(asked) => Some(asked.max(planned)),
        None => Some(planned),
    }
}

/// Reads a `Retry-After` header: seconds, or a date.
fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let wait = date.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_follows_a_redirect_on_the_same_server_only() {
        let follows = |from: &str, to: &str| follow(&Url::parse(from).unwrap(), to).map(String::from);
        let elsewhere = |host: &str| Err(ErrorKind::Redirect { to_host: host.to_owned() });
        for (from, location, expected) in [
            ("https://h.org/api", "/api/", Ok("https://h.org/api/".to_owned())),
            ("https://h.org/api", "https://h.org:443/rc/api/#x", Ok("https://h.org/rc/api/".to_owned())),
            ("http://localhost/api/", "https://localhost/api/", Ok("https://localhost/api/".to_owned())),
            ("https://h.org/api/", "https://evil.org/api/", elsewhere("evil.org")),
            ("https://h.org/api/", "//evil.org/", elsewhere("evil.org")),
            ("https://h.org/api/", "https://h.org:8443/api/", elsewhere("h.org:8443")),
            ("https://h.org/api/", "http://h.org/api/", elsewhere("http://h.org")),
            ("https://h.org/api/", "https://h.org.evil.org/", elsewhere("h.org.evil.org")),
            ("https://h.org/api/", "https://x@h.org/api/", elsewhere("h.org")),
            ("https://h.org/api/", "ftp://h.org/", elsewhere("ftp://h.org")),
            ("https://h.org/api/", "", Err(ErrorKind::NotRedcap)),
        ] {
            assert_eq!(follows(from, location), expected, "{from} -> {location}");
        }
    }

    #[test]
    fn the_server_decides_how_long_to_wait_within_reason() {
        let s = Duration::from_secs;
        assert_eq!(retry_after("7"), Some(s(7)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert!(retry_after("Wed, 21 Oct 2065 07:28:00 GMT") > Some(LONGEST_WAIT));
        assert_eq!(retry_after("soon"), None);
        assert_eq!(retry_after(""), None);
        assert_eq!(wait_for(Some(s(7)), Some(s(1))), Some(s(7)));
        assert_eq!(wait_for(Some(s(1)), Some(s(4))), Some(s(4)));
        assert_eq!(wait_for(Some(s(1000)), Some(s(1))), None);
        assert_eq!(wait_for(Some(s(1)), None), None);
        assert_eq!(wait_for(None, Some(s(2))), Some(s(2)));
    }
}
