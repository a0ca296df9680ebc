//! An address to which triggers are posted, and one post.

use super::TriggerError;
use std::error::Error;
use std::fmt;
use std::time::Duration;
use url::{Host, Url};

/// How long one post may take, connecting and answer together. REDCap's own patience is not
/// publicly known; this is a guess on the patient side.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where triggers are posted to. Its path may be a secret, so it is never shown whole.
#[derive(Clone)]
pub struct Target {
    url: Url,
    client: reqwest::Client,
    patience: Duration,
}

/// What came of one post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The handler answered with this status.
    Status(u16),
    /// There was no answer, and why.
    None(String),
}

impl Target {
    /// Reads an address: https, or http on this computer only, since record names are in clear.
    /// Slow (it reads the system's certificates).
    pub fn parse(text: &str) -> Result<Self, TriggerError> {
        let url = Url::parse(text.trim()).map_err(|_| TriggerError::BadTarget)?;
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => return Err(TriggerError::NotEncrypted),
            _ => return Err(TriggerError::BadTarget),
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("capscope/", env!("CARGO_PKG_VERSION")))
            // Identifiers go where the user said and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(1);
        if is_loopback {
            builder = builder.no_proxy();
        }
        if url.scheme() == "http" {
            // Nothing to verify, so a computer without certificates can still do this.
            builder = builder.tls_certs_only(Vec::new());
        }
        let client = builder.build().map_err(|e| TriggerError::Client(chain(&e)))?;
        Ok(Self { url, client, patience: PATIENCE })
    }

    /// The same with another patience for one post, connecting and answer together.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The address without its path and query, which may be a secret.
    pub fn shown(&self) -> String {
        let origin = self.url.origin().ascii_serialization();
        if self.url.path() == "/" && self.url.query().is_none() { origin } else { format!("{origin}/…") }
    }

    /// The whole address, to tell targets apart. Never to be shown.
    pub(super) fn whole(&self) -> &str {
        self.url.as_str()
    }

    /// Posts a body once.
    pub async fn post(&self, body: String) -> Answer {
        let request = self
            .client
            .post(self.url.clone())
            .timeout(self.patience)
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        match request.send().await {
            Ok(response) => Answer::Status(response.status().as_u16()),
            Err(e) if e.is_timeout() => {
                Answer::None(format!("no answer within {} seconds", self.patience.as_secs_f32().ceil()))
            }
            Err(e) => Answer::None(words(&e.without_url())),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.shown())
    }
}

/// Why there was no answer, in words.
fn words(error: &reqwest::Error) -> String {
    let cause = chain(error);
    let has = |words: &str| cause.contains(words);
    let said = if has("certificate expired") {
        "its certificate has expired"
    } else if has("not valid for name") {
        "its certificate is for another name"
    } else if has("invalid peer certificate") {
        "its certificate is of an authority that this computer does not know"
    } else if has("received fatal alert") || has("peer is incompatible") || has("received corrupt message") {
        "no secure connection could be made; it may not speak HTTPS, or only an old one"
    } else if has("dns error") || has("failed to lookup") {
        "no computer with this name was found"
    } else if error.is_connect() && cause.to_lowercase().contains("refused") {
        "it does not take connections; it may not be running"
    } else if error.is_connect() {
        "it could not be reached"
    } else {
        "the connection broke before it answered"
    };
    said.to_owned()
}

/// The innermost cause of an error: the part that tells a person something.
fn chain(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(inner) = error.source() {
        error = inner;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_names_travel_encrypted_or_not_at_all() {
        for (text, shown) in [
            ("https://handler.example.edu/secret?x=1", Ok("https://handler.example.edu/…")),
            ("http://127.0.0.1:8000/", Ok("http://127.0.0.1:8000")),
            ("http://localhost:8000", Ok("http://localhost:8000")),
            ("http://[::1]:8000/a", Ok("http://[::1]:8000/…")),
            ("http://handler.example.edu/", Err("encrypted")),
            ("http://127.0.0.1.example.edu/", Err("encrypted")),
            ("file:///etc/passwd", Err("not an address")),
            ("handler", Err("not an address")),
        ] {
            match (Target::parse(text), shown) {
                (Ok(target), Ok(shown)) => assert_eq!(target.shown(), shown),
                (Err(e), Err(words)) => assert!(e.to_string().contains(words), "{text}: {e}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
