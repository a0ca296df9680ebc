//! A server between capscope and the demo server that plays what goes wrong on the way.

#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../between/relay.rs"]
mod relay;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use relay::{Relay, listen};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What happens to an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It goes through.
    None,
    /// It is stored, and the answer is a 504.
    StoredThen504,
    /// It is not stored, and the answer is a 504.
    LostThen504,
    /// It is stored, and no answer ever comes.
    StoredThenSilence,
    /// It never arrives, and no answer ever comes.
    LostThenSilence,
    /// Everything is stored but the field `sbp` of the last row.
    LosesSbp,
}

pub struct Faults {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    relay: Relay,
    plan: Mutex<Vec<Fault>>,
    /// The bodies of imports as they came.
    imports: Mutex<Vec<String>>,
    seen: Notify,
}

impl Faults {
    /// In front of a server; each import in turn meets one fault of the plan, the rest none.
    pub async fn before(target: &str, plan: &[Fault]) -> Self {
        let shared = Arc::new(Shared {
            relay: Relay::to(target),
            plan: Mutex::new(plan.to_vec()),
            imports: Mutex::default(),
            seen: Notify::new(),
        });
        let url = listen(any(handle), shared.clone()).await;
        Self { url, shared }
    }

    /// The record names of each import that came, in order.
    pub fn imported(&self, id_field: &str) -> Vec<Vec<String>> {
        let imports = self.shared.imports.lock().unwrap();
        imports
            .iter()
            .map(|data| {
                let rows: Vec<serde_json::Value> = serde_json::from_str(data).unwrap();
                rows.iter().map(|r| r[id_field].as_str().unwrap().to_owned()).collect()
            })
            .collect()
    }

    /// Waits until an import met a fault that never answers.
    pub async fn silence(&self) {
        self.shared.seen.notified().await;
    }

    pub fn plan(&self, plan: &[Fault]) {
        *self.shared.plan.lock().unwrap() = plan.to_vec();
    }
}

async fn handle(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(&body).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    let value = |key: &str| pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let data = (value("content").as_deref() == Some("record")).then(|| value("data")).flatten();
    let Some(data) = data else { return shared.relay.forward(&headers, body).await };
    let fault = {
        let mut plan = shared.plan.lock().unwrap();
        if plan.is_empty() { Fault::None } else { plan.remove(0) }
    };
    shared.imports.lock().unwrap().push(data.clone());
    match fault {
        Fault::None => shared.relay.forward(&headers, body).await,
        Fault::StoredThen504 => {
            shared.relay.forward(&headers, body).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Fault::LostThen504 => StatusCode::GATEWAY_TIMEOUT.into_response(),
        Fault::StoredThenSilence => {
            shared.relay.forward(&headers, body).await;
            shared.seen.notify_one();
            std::future::pending().await
        }
        Fault::LostThenSilence => {
            shared.seen.notify_one();
            std::future::pending().await
        }
        Fault::LosesSbp => {
            let mut rows: Vec<serde_json::Value> = serde_json::from_str(&data).unwrap();
            rows.last_mut().unwrap()["sbp"] = "".into();
            let changed = serde_json::to_string(&rows).unwrap();
            let form = {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (key, value) in &pairs {
                    form.append_pair(key, if key == "data" { &changed } else { value });
                }
                form.finish()
            };
            shared.relay.forward(&headers, Bytes::from(form)).await
        }
    }
}
