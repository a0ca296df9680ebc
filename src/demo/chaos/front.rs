//! The server in front: takes requests, passes them on, and does to the answers what the rules say.

use super::answer::{Answer, Request};
use super::script::Step;
use super::{Fault, Place, Rule};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server before another one on this computer. Dropping it stops it.
#[derive(Debug)]
pub struct Front {
    addr: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// A request that came. It holds no parameter but the content, so no token and no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its `content`; empty for what is no call of the API.
    pub content: String,
    /// It is an import of records.
    pub import: bool,
    /// What happened to it, if something did.
    pub fault: Option<Fault>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    /// The rules, and how many requests each of them has seen.
    rules: Mutex<Vec<(Rule, u32)>>,
    seen: Mutex<Vec<Seen>>,
}

/// How a connection ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Close,
    Reset,
}

impl Front {
    /// Stands before the server at `target`.
    pub fn before(target: SocketAddr, listener: TcpListener, rules: Vec<Rule>) -> io::Result<Self> {
        Self::start(target, listener, rules, |shared, stream| async move {
            let mut stream = stream;
            let _ = stream.set_nodelay(true);
            if shared.serve(&mut stream).await.unwrap_or(End::Close) == End::Reset {
                let _ = stream.set_zero_linger();
            }
        })
    }

    /// The same over another kind of connection, such as TLS: `accept` makes it.
    pub fn before_over<S, F>(
        target: SocketAddr,
        listener: TcpListener,
        rules: Vec<Rule>,
        accept: impl Fn(TcpStream) -> F + Send + Sync + 'static,
    ) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = Option<S>> + Send + 'static,
    {
        let accept = Arc::new(accept);
        Self::start(target, listener, rules, move |shared, stream| {
            let accept = Arc::clone(&accept);
            async move {
                if let Some(mut stream) = accept(stream).await {
                    let _ = shared.serve(&mut stream).await;
                }
            }
        })
    }

    fn start<F>(
        target: SocketAddr,
        listener: TcpListener,
        rules: Vec<Rule>,
        serve: impl Fn(Arc<Shared>, TcpStream) -> F + Send + 'static,
    ) -> io::Result<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared { target, rules: Mutex::default(), seen: Mutex::default() });
        let for_task = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            // Connections end with the front: an aborted set aborts what is in it.
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(Arc::clone(&for_task), stream));
                while open.try_join_next().is_some() {}
            }
        });
        let front = Self { addr, shared, task };
        front.set(rules);
        Ok(front)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// From now on these rules hold; they count from anew.
    pub fn set(&self, rules: Vec<Rule>) {
        let rules = rules.into_iter().map(|rule| (rule, 0)).collect();
        *self.shared.rules.lock().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    /// Answers one request. Each connection is for one.
    async fn serve(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<End> {
        let Some(mut request) = Request::read(stream).await? else { return Ok(End::Close) };
        let Some((fault, reaches)) = self.judge(&request) else {
            let mut behind = request.forward(self.target).await?;
            tokio::io::copy(&mut behind, stream).await?;
            stream.shutdown().await?;
            return Ok(End::Close);
        };
        if fault == Fault::LosesValue {
            request.lose_last_value();
        }
        let answer = if reaches || fault.needs_answer() {
            Answer::read(request.forward(self.target).await?).await?
        } else {
            Answer::default()
        };
        for step in fault.script(&answer, &request.host, &request.path) {
            match step {
                Step::Send(bytes) => {
                    stream.write_all(&bytes).await?;
                    stream.flush().await?;
                }
                Step::Pause(time) => tokio::time::sleep(time).await,
                Step::Endless(bytes) => while stream.write_all(&bytes).await.is_ok() {},
                Step::Reset => return Ok(End::Reset),
                Step::Silence => {
                    let mut rest = [0; 64];
                    while stream.read(&mut rest).await? > 0 {}
                }
            }
        }
        stream.shutdown().await?;
        Ok(End::Close)
    }

    /// What happens to a request. The first rule that fits counts.
    fn judge(&self, request: &Request) -> Option<(Fault, bool)> {
        let content = request.param("content").unwrap_or_default();
        let import = content == "record" && request.param("data").is_some();
        let mut found = None;
        for (rule, count) in self.rules.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let fits = match rule.content.as_deref() {
                None => true,
                Some("import") => import,
                Some(wanted) => wanted == content,
            };
            if !fits {
                continue;
            }
            *count = count.saturating_add(1);
            let strikes = (rule.from..=rule.to).contains(count) && is_possible(&rule.fault, request);
            if strikes && found.is_none() {
                found = Some((rule.fault.clone(), rule.reaches));
            }
        }
        let seen = Seen { content, import, fault: found.as_ref().map(|(fault, _)| fault.clone()) };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        found
    }
}

/// Whether a fault can happen to this request: who was sent to another path finds the API there,
/// and nobody gets compressed bytes who did not ask for them.
fn is_possible(fault: &Fault, request: &Request) -> bool {
    match fault {
        Fault::Redirect { to: Place::Moved, .. } => !request.path.starts_with("/moved"),
        Fault::LosesValue => request.param("data").is_some(),
        Fault::Gzip | Fault::GzipBomb | Fault::GzipCut => request.takes_gzip(),
        _ => true,
    }
}
