//! A server that says line by line what the test wrote down, over raw TCP.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// What the server does with one request.
#[derive(Clone)]
pub enum Step {
    /// Sends these bytes and closes.
    Answer(Vec<u8>),
    /// Says nothing until the client goes away.
    Silence,
    /// Sends these bytes and then nothing until the client goes away.
    Stall(Vec<u8>),
    /// Closes at once without reading, which resets the connection.
    Reset,
    /// Sends these bytes and then the second ones again and again.
    Endless(Vec<u8>, Vec<u8>),
}

/// An answer with a length.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Step {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    Step::Answer([head.as_bytes(), body].concat())
}

/// A success with this body.
pub fn ok(body: impl AsRef<[u8]>) -> Step {
    answer(200, "", body)
}

/// A running server and what it saw.
pub struct Script {
    pub port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    most_at_once: Arc<AtomicUsize>,
    left: Arc<Notify>,
}

impl Script {
    /// Starts a server with these steps, one a request.
    pub async fn start(steps: Vec<Step>) -> Self {
        Self::start_with(steps, |stream| std::future::ready(Some(stream))).await
    }

    /// Starts a server that turns each connection into another kind first.
    pub async fn start_with<S, F>(
        steps: Vec<Step>,
        accept: impl Fn(tokio::net::TcpStream) -> F + Send + Sync + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = Option<S>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Self {
            port,
            requests: Arc::default(),
            most_at_once: Arc::default(),
            left: Arc::new(Notify::new()),
        };
        let (requests, most, left) =
            (script.requests.clone(), script.most_at_once.clone(), script.left.clone());
        let steps = Arc::new(Mutex::new(std::collections::VecDeque::from(steps)));
        let now = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (requests, most, left) = (requests.clone(), most.clone(), left.clone());
                let (steps, now) = (steps.clone(), now.clone());
                if matches!(steps.lock().unwrap().front(), Some(Step::Reset)) {
                    let _ = stream.readable().await;
                    steps.lock().unwrap().pop_front();
                    continue;
                }
                let accepted = accept(stream);
                tokio::spawn(async move {
                    let Some(mut stream) = accepted.await else { return };
                    let Some(request) = read_request(&mut stream).await else { return };
                    requests.lock().unwrap().push(request);
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let step = steps.lock().unwrap().pop_front();
                    now.fetch_sub(perform(step, &mut stream).await, Ordering::SeqCst);
                    let _ = stream.shutdown().await;
                    left.notify_one();
                });
            }
        });
        script
    }

    /// The address of the API.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api/", self.port)
    }

    /// The requests so far: head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The most requests that were answered at the same time.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    /// Waits until a request is over, for the server's side.
    pub async fn left(&self) {
        self.left.notified().await;
    }
}

/// Does what the step says; gives back 1, the number of requests that are over.
async fn perform(step: Option<Step>, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> usize {
    match step {
        Some(Step::Answer(bytes)) => {
            let _ = stream.write_all(&bytes).await;
        }
        Some(Step::Silence) => gone(stream).await,
        Some(Step::Stall(bytes)) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            gone(stream).await;
        }
        Some(Step::Endless(head, more)) => {
            let _ = stream.write_all(&head).await;
            while stream.write_all(&more).await.is_ok() {}
        }
        Some(Step::Reset) | None => {
            let body = "the script of the test is over";
            let head = format!("HTTP/1.1 599 X\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(head.as_bytes()).await;
        }
    }
    let _ = stream.flush().await;
    1
}

/// Waits until the client closes.
async fn gone(stream: &mut (impl AsyncRead + Unpin)) {
    let mut rest = [0; 64];
    while matches!(stream.read(&mut rest).await, Ok(n) if n > 0) {}
}

/// Reads one request with its body.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let n = stream.read(&mut piece).await.ok()?;
        if n == 0 {
            return None;
        }
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .filter_map(|l| l.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok())
            .unwrap_or(0);
        if body.len() >= length {
            return Some(text);
        }
    }
}
