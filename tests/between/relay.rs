//! The plain way through a server in between: it listens, and hands requests on.

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

/// Hands requests on to one server.
pub struct Relay {
    target: String,
    client: reqwest::Client,
}

impl Relay {
    pub fn to(target: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only(Vec::new()).build().unwrap();
        Self { target: target.to_owned(), client }
    }

    pub async fn forward(&self, headers: &HeaderMap, body: Bytes) -> Response {
        self.forward_changed(headers, body, |answer| answer).await
    }

    /// The answer of the server is changed on its way back.
    pub async fn forward_changed(
        &self,
        headers: &HeaderMap,
        body: Bytes,
        change: impl FnOnce(Bytes) -> Bytes,
    ) -> Response {
        let mut request = self.client.post(&self.target).body(body);
        if let Some(kind) = headers.get(header::CONTENT_TYPE) {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let answer = request.send().await.unwrap();
        let status: StatusCode = answer.status();
        let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
        let mut response = (status, change(answer.bytes().await.unwrap())).into_response();
        if let Some(kind) = kind {
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        response
    }
}

/// Listens for calls of the API, of any size. Gives its address.
pub async fn listen<S: Clone + Send + Sync + 'static>(handler: MethodRouter<S>, state: S) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/", listener.local_addr().unwrap());
    let router = Router::new().route("/api/", handler).layer(DefaultBodyLimit::disable()).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}
