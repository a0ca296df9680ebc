//! A raw HTTP caller for the tests of the demo server. It shares no code with the program's client.

#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use capscope::demo::behaviour::Behaviour;
use capscope::demo::{DemoOptions, DemoServer};
use std::path::PathBuf;

/// A value as a form body has it.
pub fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The demo server with a small registry and this behaviour.
pub async fn server_with(behaviour: Behaviour) -> DemoServer {
    let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
    DemoServer::start_with(options, behaviour).await.unwrap()
}

/// The demo server with a small registry.
pub async fn server() -> DemoServer {
    server_with(Behaviour::default()).await
}

/// The token of a project whose note begins with this word.
pub fn token(server: &DemoServer, project: u64, word: &str) -> String {
    let project = server.projects().iter().find(|p| p.project_id == project).unwrap();
    project.tokens.iter().find(|t| t.note.starts_with(word)).unwrap().token.clone()
}

/// A caller with that token.
pub fn caller(server: &DemoServer, project: u64, word: &str) -> Caller {
    Caller::new(server, &token(server, project, word))
}

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// An HTTP client for loopback: no proxy, no redirects, no system certificates.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only(Vec::new())
        .build()
        .unwrap()
}

/// Calls a server with one token.
pub struct Caller {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Caller {
    pub fn new(server: &DemoServer, token: &str) -> Self {
        Self { client: client(), url: server.url().to_owned(), token: token.to_owned() }
    }

    /// Sends a body as it stands, with the token in front.
    pub async fn send(&self, body: &str) -> reqwest::Response {
        self.client
            .post(&self.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("token={}&{body}", self.token))
            .send()
            .await
            .unwrap()
    }

    /// Status and body.
    pub async fn call(&self, body: &str) -> (u16, String) {
        let response = self.send(body).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// The body of a call that must be allowed.
    pub async fn text(&self, body: &str) -> String {
        let (status, text) = self.call(body).await;
        assert_eq!(status, 200, "{body}: {text}");
        text
    }

    /// The JSON of a call that must be allowed.
    pub async fn json(&self, body: &str) -> serde_json::Value {
        let text = self.text(&format!("{body}&format=json")).await;
        serde_json::from_str(&text).unwrap()
    }
}

/// A text as the value of a form parameter.
pub fn data(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Sends a call that must be refused with this status and some of these words.
pub async fn is_refused(caller: &Caller, body: &str, status: u16, words: &str) {
    let (found, text) = caller.call(&format!("{body}&returnFormat=csv")).await;
    assert_eq!(found, status, "{body}: {text}");
    assert!(text.starts_with("ERROR: ") && text.contains(words), "{body}: {text}");
}
