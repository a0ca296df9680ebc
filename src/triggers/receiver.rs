//! The HTTP endpoint. It is the one door of capscope that strangers can knock at, so everything
//! about it is bounded: who may connect, how much, how fast and how long.

use super::{TlsFiles, TriggerError, tls};
use crate::domain::trigger::{self, BadPost, MOST_BYTES, Post, Trigger};
use axum::body::{Body, to_bytes};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The shortest secret path, in characters.
pub const LEAST_SECRET: usize = 16;

/// How the receiver listens.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address; port 0 takes a free one. One that other computers can reach needs a secret.
    pub addr: SocketAddr,
    /// The path under which alone posts are taken; without one it is `/`.
    pub secret: Option<String>,
    /// HTTPS with this certificate; without one it is HTTP.
    pub tls: Option<TlsFiles>,
    /// What strangers may do.
    pub limits: Limits,
}

impl Default for Settings {
    /// This computer only, any free port, no secret.
    fn default() -> Self {
        let addr = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { addr, secret: None, tls: None, limits: Limits::default() }
    }
}

/// What strangers may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; others wait in the system's queue.
    pub connections: usize,
    /// Requests a second, over all senders.
    pub per_second: u32,
    /// How long the head of a request may take, and how long its body.
    pub read_within: Duration,
    /// How long a connection may last.
    pub lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 128,
            per_second: 3000,
            read_within: Duration::from_secs(5),
            lifetime: Duration::from_secs(60),
        }
    }
}

/// Something that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// From which computer.
    pub from: IpAddr,
    /// What.
    pub what: What,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A trigger.
    Trigger(Box<Trigger>),
    /// A look whether the address answers, as REDCap's setup page may do.
    Test,
    /// Something that was turned away.
    Refused(Refusal),
}

/// Why something was turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The path is not the right one.
    WrongPath,
    /// The method is none that REDCap uses.
    WrongMethod,
    /// A web page in a browser sent it. REDCap's own server posts triggers, never a browser.
    FromBrowser,
    /// It did not come to an end in time.
    TooSlow,
    /// The connection broke.
    Broken,
    /// It is no trigger.
    Bad(BadPost),
}

impl fmt::Display for Refusal {
    /// The reason as a sentence. It repeats nothing that was sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongPath => f.write_str("The path is not the right one."),
            Self::WrongMethod => f.write_str("The method is none that REDCap uses."),
            Self::FromBrowser => {
                f.write_str("A web page in a browser sent it; REDCap's server never does that.")
            }
            Self::TooSlow => f.write_str("It did not come to an end in time."),
            Self::Broken => f.write_str("The connection broke before its end."),
            Self::Bad(why) => why.fmt(f),
        }
    }
}

/// An arrival on its way to who works on it. A trigger is acknowledged to REDCap only after
/// `true` was sent back.
#[derive(Debug)]
pub struct Delivery {
    /// What came.
    pub arrival: Arrival,
    /// Whether it is safe now; for triggers only.
    pub kept: Option<oneshot::Sender<bool>>,
}

/// How long a trigger may wait to become safe before the sender is told that it is not.
const KEEP_WITHIN: Duration = Duration::from_secs(5);

/// How many connections may wait until they are taken, if the system allows as many.
const MOST_KNOCKING: u32 = 4096;

/// How long a connection may stay half open while TLS is agreed on.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);

/// A running receiver. Dropping it stops it.
#[derive(Debug)]
pub struct Receiver {
    url: String,
    addr: SocketAddr,
    _stop: DropGuard,
}

impl Receiver {
    /// Listens, and hands over what comes. Inside an async runtime only.
    pub fn start(settings: Settings, to: mpsc::Sender<Delivery>) -> Result<Self, TriggerError> {
        let addr = settings.addr;
        if let Some(secret) = &settings.secret {
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if secret.len() < LEAST_SECRET || !secret.bytes().all(is_plain) {
                return Err(TriggerError::BadSecret);
            }
        } else if !addr.ip().is_loopback() {
            return Err(TriggerError::NeedsSecret(addr));
        }
        let tls = settings.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = bind(addr).map_err(|e| TriggerError::Listen(addr, e))?;
        let addr = listener.local_addr().map_err(|e| TriggerError::Listen(addr, e))?;
        let path = format!("/{}", settings.secret.unwrap_or_default());
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{addr}{path}");
        let stop = CancellationToken::new();
        let per_second = NonZeroU32::new(settings.limits.per_second).unwrap_or(NonZeroU32::MIN);
        let door = Arc::new(Door {
            path,
            tls,
            limits: settings.limits,
            rate: RateLimiter::direct(Quota::per_second(per_second)),
            to,
            stop: stop.clone(),
        });
        tokio::spawn(door.open(listener));
        Ok(Self { url, addr, _stop: stop.drop_guard() })
    }

    /// The address to post to, with its secret path if it has one.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address that is listened on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

/// Listens with a queue that holds a crowd: the usual one drops what comes beyond it, and REDCap
/// does not send again.
fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows this would let another program take the same port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(MOST_KNOCKING)
}

struct Door {
    path: String,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    rate: DefaultDirectRateLimiter,
    to: mpsc::Sender<Delivery>,
    stop: CancellationToken,
}

impl Door {
    async fn open(self: Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let stop = self.stop.clone();
        let accept = async {
            loop {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                let Ok((stream, sender)) = listener.accept().await else {
                    // Out of file handles, most likely: some will be given back.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let door = Arc::clone(&self);
                tokio::spawn(async move {
                    let served = timeout(door.limits.lifetime, door.connection(stream, sender.ip()));
                    tokio::select! {
                        () = door.stop.cancelled() => {}
                        _ = served => {}
                    }
                    drop(place);
                });
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = accept => {}
        }
    }

    async fn connection(&self, stream: TcpStream, from: IpAddr) {
        match &self.tls {
            None => self.serve(stream, from).await,
            Some(tls) => {
                // Who cannot agree on TLS has said nothing that could be shown.
                if let Ok(Ok(stream)) = timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await {
                    self.serve(stream, from).await;
                }
            }
        }
    }

    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin, from: IpAddr) {
        let service = service_fn(|request| async move {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = self.answer(request, from).await;
            Ok::<_, Infallible>(response)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.limits.read_within)
            .max_buf_size(MOST_BYTES)
            .max_headers(64);
        // A connection that breaks is the sender's affair; the next one starts anew.
        let _ = http.serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Incoming>, from: IpAddr) -> StatusCode {
        // Who does not know the path must not use up the rate of those who do.
        if same(request.uri().path(), &self.path) && self.rate.check().is_err() {
            return StatusCode::TOO_MANY_REQUESTS;
        }
        match self.read(request).await {
            Ok(Post::Trigger(trigger)) => self.keep(trigger, from).await,
            Ok(Post::Empty) => {
                self.tell(from, What::Test);
                StatusCode::OK
            }
            Err(why) => {
                let status = match &why {
                    Refusal::WrongPath => StatusCode::NOT_FOUND,
                    Refusal::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
                    Refusal::FromBrowser => StatusCode::FORBIDDEN,
                    Refusal::TooSlow => StatusCode::REQUEST_TIMEOUT,
                    Refusal::Bad(BadPost::TooLong) => StatusCode::PAYLOAD_TOO_LARGE,
                    Refusal::Broken | Refusal::Bad(_) => StatusCode::BAD_REQUEST,
                };
                self.tell(from, What::Refused(why));
                status
            }
        }
    }

    async fn read(&self, request: Request<Incoming>) -> Result<Post, Refusal> {
        if !same(request.uri().path(), &self.path) {
            return Err(Refusal::WrongPath);
        }
        let headers = request.headers();
        if headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site") {
            return Err(Refusal::FromBrowser);
        }
        match *request.method() {
            Method::POST => {}
            // REDCap's setup page may look in this way (`redcap-api.md` §11, unsure).
            Method::GET | Method::HEAD => return Ok(Post::Empty),
            _ => return Err(Refusal::WrongMethod),
        }
        let told =
            headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
        if told.is_some_and(|n| n > MOST_BYTES as u64) {
            return Err(Refusal::Bad(BadPost::TooLong));
        }
        let body = to_bytes(Body::new(request.into_body()), MOST_BYTES);
        let body = timeout(self.limits.read_within, body).await.map_err(|_| Refusal::TooSlow)?;
        let body = body.map_err(|e| {
            // axum's own error for a body over the limit lies one level down.
            let is_limit = std::error::Error::source(&e).is_some_and(|s| s.to_string().contains("limit"));
            if is_limit { Refusal::Bad(BadPost::TooLong) } else { Refusal::Broken }
        })?;
        trigger::parse(&body).map_err(Refusal::Bad)
    }

    /// Hands a trigger over and waits until it is safe.
    async fn keep(&self, trigger: Box<Trigger>, from: IpAddr) -> StatusCode {
        let (kept, answer) = oneshot::channel();
        let arrival = Arrival { at: Timestamp::now(), from, what: What::Trigger(trigger) };
        let delivery = Delivery { arrival, kept: Some(kept) };
        let safe = async {
            self.to.send(delivery).await.ok()?;
            answer.await.ok()
        };
        match timeout(KEEP_WITHIN, safe).await {
            Ok(Some(true)) => StatusCode::OK,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Tells of something that is no trigger. If there is no room it is not told: such things
    /// must not push triggers away.
    fn tell(&self, from: IpAddr, what: What) {
        let arrival = Arrival { at: Timestamp::now(), from, what };
        // Half of the room is for triggers alone.
        if self.to.capacity() > self.to.max_capacity() / 2 {
            let _ = self.to.try_send(Delivery { arrival, kept: None });
        }
    }
}

/// Compares without telling by the time it takes how much of a secret was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |diff, (x, y)| diff | (x ^ y)) == 0
}
