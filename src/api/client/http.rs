//! The HTTPS connection: what is trusted, what is refused, and what its failures mean.

use super::settings::ServerSettings;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::url::ApiUrl;
use std::error::Error;

/// Builds the client for one server. Slow (it reads the system's certificates): call it off the
/// threads that must not wait.
pub(super) fn build(url: &ApiUrl, settings: &ServerSettings) -> Result<reqwest::Client, ApiError> {
    let fail = |cause: String| ApiError::new(ErrorKind::TrustStore, "").because(cause);
    let Some(file) = &settings.ca_file else {
        return basics(url, settings).build().map_err(|e| fail(format!("{}.", chain(&e))));
    };
    let shown = file.display();
    let pem = std::fs::read(file).map_err(|e| fail(format!("{shown} cannot be read: {e}.")))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem)
        .map_err(|_| fail(format!("{shown} is not a PEM file with certificates.")))?;
    if certificates.is_empty() {
        return Err(fail(format!("{shown} holds no certificate.")));
    }
    basics(url, settings)
        .tls_certs_merge(certificates.clone())
        .build()
        // A computer without any certificates of its own can still use the file.
        .or_else(|_| basics(url, settings).tls_certs_only(certificates).build())
        .map_err(|e| fail(format!("{shown} cannot be used: {}.", chain(&e))))
}

/// Everything but the file with additional certificates.
fn basics(url: &ApiUrl, settings: &ServerSettings) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("capscope/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.idle_timeout)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        // The default policy would send the token to wherever a server points to.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(1);
    if !url.is_loopback() {
        return builder.https_only(true);
    }
    // A proxy cannot reach this computer's own server.
    let builder = builder.no_proxy();
    if url.url().scheme() == "http" {
        // Nothing to verify, so a computer without certificates can still show the demo.
        builder.tls_certs_only(Vec::new())
    } else {
        builder
    }
}

/// What a failed exchange means. `answered` tells whether the head of an answer had come.
pub(super) fn explain(error: reqwest::Error, answered: bool, method: &'static str) -> ApiError {
    let error = error.without_url();
    let cause = chain(&error);
    let has = |words: &[&str]| words.iter().any(|w| cause.contains(w));
    let kind = if has(&["invalid peer certificate", "certificate not valid"]) {
        ErrorKind::Certificate
    } else if error.is_timeout() || has(&["operation timed out"]) {
        ErrorKind::Timeout
    } else if has(&[
        "received fatal alert",
        "received corrupt message",
        "peer is incompatible",
        "peer misbehaved",
    ]) {
        ErrorKind::Tls
    } else if has(&["proxy", "tunnel"]) {
        ErrorKind::Proxy
    } else if error.is_builder() {
        ErrorKind::BadRequest
    } else if answered {
        ErrorKind::Incomplete
    } else if error.is_connect() {
        ErrorKind::NoNetwork
    } else {
        ErrorKind::Broken
    };
    ApiError::new(kind, method).because(cause)
}

/// An error and everything under it, as one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(" <- ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}
