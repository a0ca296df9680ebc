//! What can go wrong with a request, in words for people.
//!
//! A kind says what is known, never more: REDCap answers a wrong token, a revoked one and a
//! suspended user with the same sentence, so no text here calls the token wrong as a fact.

mod words;

use crate::domain::text::{many_lines, scrub, without_html};
use std::fmt;
use std::time::Duration;

/// The longest piece of a server's answer that an error keeps.
const MAX_TEXT: usize = 2000;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// The server could not be reached.
    NoNetwork,
    /// The connection was made, and broke before an answer. The request may have arrived.
    Broken,
    /// No answer, or no further part of it, within the time allowed.
    Timeout,
    /// The server's certificate was not accepted.
    Certificate,
    /// No encrypted connection could be agreed on for another reason.
    Tls,
    /// The file with additional certificates could not be used, or the system has none.
    TrustStore,
    /// The proxy between this computer and the server refused or failed.
    Proxy,
    /// The server says that the API is elsewhere. Nothing was sent there.
    Redirect {
        /// The other server, with its port if it has an unusual one; on the same server with the
        /// path. Begins with the scheme if that is not HTTPS.
        to_host: String,
    },
    /// The server sends the request round in circles.
    RedirectLoop,
    /// The answer is not one of REDCap's API: a web page, or a refusal by the web server.
    NotRedcap,
    /// "You do not have permissions to use the API". There are several causes.
    BadToken,
    /// The token's user lacks a right.
    NoRight {
        /// The right as REDCap's User Rights page calls it, if the answer tells it.
        right: Option<String>,
    },
    /// The project has no such thing: no events, or nothing repeats. No fault of anyone.
    NotHere,
    /// This REDCap does not know the method.
    NotSupported,
    /// REDCap refused the request; its own words say why.
    Refused,
    /// Something before REDCap keeps this computer out: a firewall or the ban of its address.
    /// All requests to the server stop.
    Blocked,
    /// The server is overloaded or under repair.
    ServerBusy,
    /// REDCap ran out of memory while it made the answer.
    OutOfMemory,
    /// REDCap could not reach its database.
    Database,
    /// A success without any content where there must be some.
    EmptyAnswer,
    /// The answer ends in the middle.
    Incomplete,
    /// The answer is larger than allowed.
    TooLarge,
    /// The request is larger than the server takes.
    RequestTooLarge,
    /// The answer has not the shape it should have.
    Decode,
    /// The request cannot be built.
    BadRequest,
    /// It was stopped before it was done.
    Cancelled,
}

/// A request that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The server's own words: without tokens, without HTML, cut. Empty if it said nothing.
    pub server_text: String,
    /// What this computer observed, such as `invalid peer certificate: Expired`. May be empty.
    pub cause: String,
    /// The title of the method that was called, such as `Export Records`.
    pub method: &'static str,
    /// How long the server asked to wait, if it did.
    pub retry_after: Option<Duration>,
    /// The refusal came as JSON although another format was asked for: so do add-ons of a site that
    /// limit single methods (`redcap-permissions.md` §6.6).
    pub other_format: bool,
}

impl ApiError {
    /// An error of this kind without any further knowledge.
    pub fn new(kind: ErrorKind, method: &'static str) -> Self {
        Self {
            kind,
            status: None,
            server_text: String::new(),
            cause: String::new(),
            method,
            retry_after: None,
            other_format: false,
        }
    }

    /// Adds what this computer observed.
    pub(crate) fn because(mut self, cause: impl AsRef<str>) -> Self {
        self.cause = cut(&scrub(&many_lines(cause.as_ref())));
        self
    }

    /// Adds the status and the server's own words.
    pub(crate) fn answered(mut self, status: u16, text: &str) -> Self {
        self.status = Some(status);
        self.server_text = clean(text);
        self
    }

    /// Whether something before REDCap gave up waiting for it (408, 504): it may still be at work.
    pub fn is_slow(&self) -> bool {
        self.kind == ErrorKind::ServerBusy && matches!(self.status, Some(408 | 504))
    }

    /// Whether the same read may be tried again at once without harm and with hope. Not after a
    /// timeout: the server may still be at work on the first request.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::NoNetwork
                | ErrorKind::Broken
                | ErrorKind::ServerBusy
                | ErrorKind::Database
                | ErrorKind::EmptyAnswer
                | ErrorKind::Incomplete
        )
    }
}

/// The words of an answer as they may be shown: no token, no HTML, no control character.
fn clean(text: &str) -> String {
    // Tokens go first, so that no cut can leave a part of one.
    let scrubbed = scrub(text);
    let words = if scrubbed.trim_start().starts_with('<') { without_html(&scrubbed) } else { scrubbed };
    cut(many_lines(&words).trim())
}

/// The beginning of a text.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_repeats_the_token_is_not_repeated() {
        let token = "0123456789ABCDEF0123456789ABCDEF";
        let e = ApiError::new(ErrorKind::Refused, "Export Records")
            .answered(400, &format!("bad token {token} \u{1b}[31m"))
            .because(format!("url?token={token}"));
        assert!(!format!("{e:?} {} {} {}", e.what(), e.reason(), e.advice()).contains(token));
        assert_eq!(e.server_text, "bad token •••• [31m");
    }

    #[test]
    fn long_answers_are_cut_after_scrubbing() {
        let token = "0123456789ABCDEF0123456789ABCDEF";
        let text = format!("{}{token}", "x".repeat(MAX_TEXT - 10));
        let e = ApiError::new(ErrorKind::Refused, "").answered(400, &format!("{} {token}", &text[..1980]));
        assert!(!e.server_text.contains("01234567"));
        let long = ApiError::new(ErrorKind::Refused, "").answered(400, &"é".repeat(5000));
        assert_eq!(long.server_text.chars().count(), MAX_TEXT + 1);
    }

    #[test]
    fn pages_are_reduced_to_their_words() {
        let e =
            ApiError::new(ErrorKind::NotRedcap, "").answered(200, "<html><h1>Log In</h1><p>now</p></html>");
        assert_eq!(e.server_text, "Log In now");
    }
}
