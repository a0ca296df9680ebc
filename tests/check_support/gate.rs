//! A server between capscope and the demo server that holds one chosen request back for ever, so
//! that a test can kill capscope exactly there; and a desk with a project behind it.

#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use capscope::demo::behaviour::Behaviour;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::jobs::types::SavedProject;
use capscope::store::Paths;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Where a request is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Before it reaches the server.
    Before,
    /// After the server did what it asks, before the answer.
    After,
}

struct Shared {
    target: String,
    client: reqwest::Client,
    hold: Mutex<Option<(usize, Hold)>>,
    /// The kinds of requests, in their order.
    seen: Mutex<Vec<String>>,
    /// The whole bodies of the imports that reached the server.
    imports: Mutex<Vec<Bytes>>,
    held: Notify,
}

/// The demo server behind the gate, and a home folder with the project.
pub struct Desk {
    _server: DemoServer,
    shared: Arc<Shared>,
    pub url: String,
    pub token: String,
    pub home: tempfile::TempDir,
}

impl Desk {
    pub async fn new() -> Self {
        let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
        let server = DemoServer::start_with(options, Behaviour::default()).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only(Vec::new()).build().unwrap();
        let shared = Arc::new(Shared {
            target: server.url().to_owned(),
            client,
            hold: Mutex::default(),
            seen: Mutex::default(),
            imports: Mutex::default(),
            held: Notify::new(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/", listener.local_addr().unwrap());
        let router = Router::new().route("/api/", any(handle)).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let token = server.projects()[0].tokens.iter().find(|t| t.note.starts_with("FULL")).unwrap();
        let token = token.token.clone();
        let desk = Self { _server: server, shared, url, token, home: tempfile::tempdir().unwrap() };
        let mut project =
            SavedProject::new("breathe", &desk.url, 101, "BREATHE", jiff::Timestamp::UNIX_EPOCH).unwrap();
        project.token_env = Some("BREATHE_TOKEN".into());
        project.write_access = true;
        capscope::store::projects::add(&desk.paths(), project).unwrap();
        std::fs::write(desk.paths().settings_file(), "per_minute = 240\n").unwrap();
        desk
    }

    pub fn paths(&self) -> Paths {
        Paths::under(self.home.path())
    }

    pub fn file(&self, text: &str) -> PathBuf {
        let path = self.home.path().join("rows.csv");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Holds a request back, by its number from 0.
    pub fn hold(&self, n: usize, how: Hold) {
        *self.shared.hold.lock().unwrap() = Some((n, how));
    }

    pub fn let_go(&self) {
        *self.shared.hold.lock().unwrap() = None;
    }

    /// The kinds of all requests that came: `import`, or what was asked for.
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().clone()
    }

    pub fn forget_seen(&self) {
        self.shared.seen.lock().unwrap().clear();
    }

    pub fn imports(&self) -> Vec<Bytes> {
        self.shared.imports.lock().unwrap().clone()
    }

    /// How often a row with these words in its data reached the server.
    pub fn times(&self, words: &str) -> usize {
        let has = |body: &Bytes| {
            let data = form_urlencoded::parse(body).find(|(k, _)| k == "data").unwrap().1.into_owned();
            let rows: Vec<serde_json::Value> = serde_json::from_str(&data).unwrap();
            rows.iter().filter(|row| row.to_string().contains(words)).count()
        };
        self.imports().iter().map(has).sum()
    }

    /// Imports as another capscope had done it.
    pub async fn replay(&self, imports: &[Bytes]) {
        for body in imports {
            let request = self.shared.client.post(&self.shared.target).body(body.clone());
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            assert!(request.send().await.unwrap().status().is_success());
        }
    }

    /// What the server has of some fields, as CSV.
    pub async fn stored(&self, fields: &[&str]) -> String {
        let form = {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("token", &self.token);
            form.append_pair("content", "record").append_pair("format", "csv");
            for field in fields {
                form.append_pair("fields[]", field);
            }
            form.finish()
        };
        let request = self.shared.client.post(&self.shared.target).body(form);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.send().await.unwrap().text().await.unwrap()
    }

    /// The real program, on its way.
    pub fn spawn(&self, more: &[&str]) -> Child {
        let file = self.home.path().join("rows.csv");
        Command::new(env!("CARGO_BIN_EXE_capscope"))
            .arg("check")
            .arg(file)
            .args(["--project", "breathe", "--send", "--yes-write", "--batch", "1"])
            .args(more)
            .env("CAPSCOPE_HOME", self.home.path())
            .env("BREATHE_TOKEN", &self.token)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The real program to its end: exit code and all it said.
    pub async fn run(&self, more: &[&str]) -> (i32, String) {
        let child = self.spawn(more);
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    /// Starts the program and kills it where a request is held back. Says whether it came so far.
    pub async fn killed_at(&self, n: usize, how: Hold, more: &[&str]) {
        self.hold(n, how);
        let mut child = self.spawn(more);
        tokio::time::timeout(std::time::Duration::from_secs(60), self.shared.held.notified()).await.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        self.let_go();
    }

    /// The text of the only journal.
    pub fn journal(&self) -> (PathBuf, String) {
        let mut found: Vec<PathBuf> = std::fs::read_dir(self.home.path().join("state/sends"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
        let path = found.remove(0);
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    }
}

async fn handle(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(&body).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    let value = |key: &str| pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone()).unwrap_or_default();
    let is_import = value("content") == "record" && !value("data").is_empty();
    let n = {
        let mut seen = shared.seen.lock().unwrap();
        seen.push(if is_import { "import".into() } else { value("content") });
        seen.len() - 1
    };
    let hold = *shared.hold.lock().unwrap();
    if hold == Some((n, Hold::Before)) {
        shared.held.notify_one();
        return std::future::pending().await;
    }
    if is_import {
        shared.imports.lock().unwrap().push(body.clone());
    }
    let mut request = shared.client.post(&shared.target).body(body);
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let answer = request.send().await.unwrap();
    let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
    let body = answer.bytes().await.unwrap();
    if hold == Some((n, Hold::After)) {
        shared.held.notify_one();
        return std::future::pending().await;
    }
    let mut response = (status, body).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}
