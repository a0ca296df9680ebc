//! A server between capscope and the demo server: it lets requests through, or answers itself.

#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod relay;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use relay::{Relay, listen};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub pairs: Vec<(String, String)>,
    /// How many came before it since the rule was set.
    pub before: usize,
}

impl Asked {
    pub fn value(&self, name: &str) -> &str {
        self.pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// How many records are named.
    pub fn records(&self) -> usize {
        self.pairs.iter().filter(|(n, _)| n.starts_with("records[")).count()
    }
}

/// What happens to a request.
pub enum Fate {
    /// It goes through.
    Through,
    /// This is answered in place of the server: status, type, body.
    Instead(u16, &'static str, String),
    /// The client is sent elsewhere.
    Elsewhere(String),
    /// The answer of the server is changed.
    Changed(fn(&str) -> String),
}

type Rule = Box<dyn Fn(&Asked) -> Fate + Send>;

pub struct Between {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    relay: Relay,
    rule: Mutex<Rule>,
    seen: Mutex<Vec<Asked>>,
    wait: Mutex<Duration>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Between {
    /// In front of a server; everything goes through until a rule is set.
    pub async fn before(target: &str) -> Self {
        let shared = Arc::new(Shared {
            relay: Relay::to(target),
            rule: Mutex::new(Box::new(|_| Fate::Through)),
            seen: Mutex::default(),
            wait: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let url = listen(any(handle), shared.clone()).await;
        Self { url, shared }
    }

    /// From now on.
    pub fn rule(&self, rule: impl Fn(&Asked) -> Fate + Send + 'static) {
        self.shared.seen.lock().unwrap().clear();
        *self.shared.rule.lock().unwrap() = Box::new(rule);
    }

    /// Every answer takes so long.
    pub fn slow(&self, wait: Duration) {
        *self.shared.wait.lock().unwrap() = wait;
    }

    /// What came since the rule was set.
    pub fn seen(&self) -> Vec<Asked> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The most requests under way at one time.
    pub fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }
}

async fn handle(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let under_way = shared.now.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most.fetch_max(under_way, Ordering::SeqCst);
    let pairs = form_urlencoded::parse(&body).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    let asked = {
        let mut seen = shared.seen.lock().unwrap();
        let asked = Asked { pairs, before: seen.len() };
        seen.push(asked.clone());
        asked
    };
    let wait = *shared.wait.lock().unwrap();
    tokio::time::sleep(wait).await;
    let fate = (shared.rule.lock().unwrap())(&asked);
    let response = match fate {
        Fate::Through => shared.relay.forward(&headers, body).await,
        Fate::Changed(change) => {
            let change = |answer: Bytes| change(std::str::from_utf8(&answer).unwrap()).into();
            shared.relay.forward_changed(&headers, body, change).await
        }
        Fate::Instead(status, kind, text) => {
            (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Fate::Elsewhere(to) => {
            (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)], "moved").into_response()
        }
    };
    shared.now.fetch_sub(1, Ordering::SeqCst);
    response
}
