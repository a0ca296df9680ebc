//! The HTTP side: paths, headers, bodies in, bodies out.

use super::form::{Params, Upload};
use crate::demo::model::state::State;
use crate::demo::pipeline::{self, Body as ReplyBody, Reply};
use crate::demo::rng::Rng;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use std::io::Write as _;
use std::sync::Arc;
use tokio_util::io::{ReaderStream, SyncIoBridge};

/// The largest body that is read. Larger than any project XML seen.
const MOST_BYTES: usize = 1 << 30;

/// How much of a streamed answer may wait for a slow client.
const STREAM_BUFFER: usize = 256 * 1024;

/// The service for all paths.
pub fn router(state: Arc<State>) -> Router {
    Router::new()
        .fallback(move |request: Request| answer(Arc::clone(&state), request))
        .layer(DefaultBodyLimit::disable())
}

/// What a path is for.
#[derive(Debug, PartialEq, Eq)]
enum Path {
    Api,
    Help,
    /// The API without its last slash; web servers redirect it (`redcap-api.md` §1.1).
    NoSlash,
    Unknown,
}

/// Sorts out a path. REDCap lies at the root or under `/redcap`, and also answers under
/// `/redcap_vX.Y.Z/API/`.
fn path_of(path: &str) -> Path {
    let inner = path.strip_prefix("/redcap").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    match inner {
        "/api/" | "/api/index.php" => Path::Api,
        "/api/help/" | "/api/help/index.php" => Path::Help,
        "/api" | "/api/help" => Path::NoSlash,
        _ => {
            let versioned = inner.strip_prefix("/redcap_v").and_then(|rest| rest.split_once('/'));
            match versioned {
                Some((_, "API/" | "api/")) => Path::Api,
                Some((_, "API" | "api")) => Path::NoSlash,
                _ => Path::Unknown,
            }
        }
    }
}

async fn answer(state: Arc<State>, request: Request) -> Response {
    match (path_of(request.uri().path()), request.method().clone()) {
        (Path::NoSlash, _) => redirect(request.uri().path()),
        (Path::Unknown, _) => page(StatusCode::NOT_FOUND, NOT_FOUND_PAGE),
        (Path::Help, _) => page(StatusCode::OK, HELP_PAGE),
        (Path::Api, Method::POST) => match read_params(request).await {
            Ok(params) => call(state, params).await,
            Err(words) => page(StatusCode::BAD_REQUEST, &words),
        },
        (Path::Api, _) => page(StatusCode::OK, API_PAGE),
    }
}

/// Reads the parameters of a request: urlencoded, or multipart with files.
async fn read_params(request: Request) -> Result<Params, String> {
    let is_multipart = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("multipart/form-data"));
    if !is_multipart {
        let body = to_bytes(request.into_body(), MOST_BYTES).await.map_err(|e| e.to_string())?;
        return Ok(Params::from_urlencoded(&body));
    }
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|e| e.to_string())?;
    let mut params = Params::default();
    while let Some(part) = multipart.next_field().await.map_err(|e| e.to_string())? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
        let bytes = part.bytes().await.map_err(|e| e.to_string())?;
        match file_name {
            Some(file_name) => {
                params.uploads.push(Upload { field: name, file_name, content_type, bytes: bytes.to_vec() });
            }
            None => params.add(&name, String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
    Ok(params)
}

async fn call(state: Arc<State>, params: Params) -> Response {
    // Reading a large XML or filtering many records takes long: not on the threads that serve.
    match tokio::task::spawn_blocking(move || pipeline::answer(&state, &params)).await {
        Ok(reply) => respond(reply),
        Err(_) => {
            page(StatusCode::INTERNAL_SERVER_ERROR, "<html><body>The demo server stumbled.</body></html>")
        }
    }
}

fn respond(reply: Reply) -> Response {
    let body = match reply.body {
        ReplyBody::Bytes(bytes) => Body::from(bytes),
        ReplyBody::Stream(write) => {
            let (near, far) = tokio::io::duplex(STREAM_BUFFER);
            let mut out = std::io::BufWriter::with_capacity(64 * 1024, SyncIoBridge::new(near));
            tokio::task::spawn_blocking(move || {
                // A client that went away is no error of ours.
                let _ = write(&mut out).and_then(|()| out.flush());
            });
            Body::from_stream(ReaderStream::new(far))
        }
    };
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with_headers(status, body);
    if let Ok(value) = HeaderValue::from_str(&reply.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// The headers of real answers (`redcap-wire.md`).
fn with_headers(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache, must-revalidate"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::X_XSS_PROTECTION, HeaderValue::from_static("1; mode=block"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(text) = HeaderValue::from_str(&random_text()) {
        headers.insert("redcap-random-text", text);
    }
    response
}

/// Random letters of random length, as REDCap sends them with every answer.
fn random_text() -> String {
    let mut seed = [0_u8; 8];
    // Without randomness the text is merely the same each time.
    let _ = getrandom::fill(&mut seed);
    let mut rng = Rng::new(u64::from_le_bytes(seed));
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
    let length = 8 + rng.below(40);
    (0..length).filter_map(|_| letters.get(rng.below(letters.len())).copied()).collect()
}

fn redirect(path: &str) -> Response {
    let mut response = with_headers(StatusCode::MOVED_PERMANENTLY, Body::empty());
    if let Ok(location) = HeaderValue::from_str(&format!("{path}/")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn page(status: StatusCode, html: &str) -> Response {
    let mut response = with_headers(status, Body::from(html.to_owned()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

const API_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>REDCap API (capscope demo server)</title></head><body>\
<p>This is the API of capscope's demo server. Send a POST request; see the <a href=\"help/\">help page</a>.</p></body></html>\n";

const HELP_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>REDCap API documentation (capscope demo server)</title></head><body>\
<h1>REDCap API</h1><p>A demo server with made-up data. Every call is a POST request with the parameters <code>token</code>, \
<code>content</code> and those of the method. It speaks as a REDCap server does; REDCap's own servers carry the full description of \
the methods on this page.</p></body></html>\n";

const NOT_FOUND_PAGE: &str = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head><title>404 Not Found</title></head><body>\
<h1>Not Found</h1><p>The requested URL was not found on this server.</p></body></html>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_servers_as_they_are_installed() {
        for (path, expected) in [
            ("/api/", Path::Api),
            ("/redcap/api/", Path::Api),
            ("/redcap_v14.7.3/API/", Path::Api),
            ("/redcap/redcap_v14.7.3/API/", Path::Api),
            ("/api", Path::NoSlash),
            ("/redcap/api", Path::NoSlash),
            ("/api/help/", Path::Help),
            ("/", Path::Unknown),
            ("/redcapapi/", Path::Unknown),
        ] {
            assert_eq!(path_of(path), expected, "{path}");
        }
    }
}
