//! Tells a real answer from everything that only looks like one.
//!
//! Status and body are each not to be trusted alone (`redcap-api.md` §1.5): a 200 may hold a
//! login page, the text of a memory failure, half a list or nothing. A success is a 2xx whose
//! body has the expected shape and says no error. Texts differ by version and language, so they
//! are looked at for words, after the status (Q45).

use super::catalogue::{Action, Effect};
use super::error::{ApiError, ErrorKind};
use super::request::Request;
use crate::domain::rights::{RIGHTS, right_name};
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// What the body of a success looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// JSON.
    Json,
    /// CSV.
    Csv,
    /// XML, ODM among it.
    Xml,
    /// One plain value, such as a version or a link.
    Text,
    /// The bytes of a file.
    File,
    /// A write's answer: a count, ids or nothing at all (Q37).
    Receipt,
}

/// The shape of a request's success.
pub fn shape_of(request: &Request) -> Shape {
    let method = request.method();
    match (method.content, method.action) {
        ("file" | "fileRepository", Action::Export) | ("pdf", _) => Shape::File,
        ("project_xml", _) => Shape::Xml,
        _ if method.effect != Effect::Read => Shape::Receipt,
        _ if method.param("format").is_none() => Shape::Text,
        // REDCap's default format is XML (Q38).
        _ => match request.text("format") {
            "json" => Shape::Json,
            "csv" => Shape::Csv,
            _ => Shape::Xml,
        },
    }
}

/// Judges a whole answer. `content_type` may be empty.
pub fn judge(
    status: u16,
    content_type: &str,
    body: &[u8],
    shape: Shape,
    method: &'static str,
) -> Result<(), ApiError> {
    let success = (200..300).contains(&status);
    // A file export names the file in its content type; such a body may be anything, HTML too.
    if success && shape == Shape::File && content_type.contains("name=") {
        return Ok(());
    }
    let text = text_of(body);
    let fail = |kind| Err(ApiError::new(kind, method).answered(status, &text));
    if !success {
        return Err(refusal(status, &text, method));
    }
    if text.trim().is_empty() {
        // A CSV without rows is one line end; nothing at all is a failure under load (Q5).
        let fine = shape == Shape::Receipt || (shape == Shape::Csv && !body.is_empty());
        return if fine { Ok(()) } else { fail(ErrorKind::EmptyAnswer) };
    }
    if shape == Shape::File && !looks_like_text(body) {
        return Ok(());
    }
    if shape == Shape::Json && is_json(&text) && error_message(&text).is_none() {
        return Ok(());
    }
    if let Some(kind) = trouble(&text) {
        return fail(kind);
    }
    if let Some(message) = error_message(&text) {
        return Err(ApiError::new(kind_of_refusal(&message), method).answered(status, &message));
    }
    if is_page(&text) && (shape != Shape::Xml || is_html(&text)) {
        return fail(ErrorKind::NotRedcap);
    }
    match shape {
        Shape::Json => {
            let broken = serde_json::from_str::<IgnoredAny>(&text).err();
            let cut_off = text.trim_start().starts_with(['[', '{'])
                && broken.as_ref().is_some_and(serde_json::Error::is_eof);
            let kind = if cut_off { ErrorKind::Incomplete } else { ErrorKind::Decode };
            let cause = broken.map(|e| e.to_string()).unwrap_or_default();
            Err(ApiError::new(kind, method).answered(status, shown(&text)).because(cause))
        }
        Shape::Xml if !text.trim_start().starts_with('<') => fail(ErrorKind::Decode),
        Shape::Xml if !text.trim_end().ends_with('>') => {
            Err(ApiError::new(ErrorKind::Incomplete, method).answered(status, ""))
        }
        _ => Ok(()),
    }
}

/// The words of an answer that is not a success.
pub(crate) fn refusal(status: u16, text: &str, method: &'static str) -> ApiError {
    let message = error_message(text);
    let kind = match (trouble(text), &message, status) {
        (Some(kind), ..) => kind,
        (_, _, 407) => ErrorKind::Proxy,
        (_, _, 408 | 429 | 500 | 502..=599) => ErrorKind::ServerBusy,
        (_, _, 501) => ErrorKind::NotSupported,
        (_, None, 413 | 414) => ErrorKind::RequestTooLarge,
        (_, Some(_), 401) => ErrorKind::BadToken,
        (_, Some(message), 400..500) => kind_of_refusal(message),
        // REDCap's words without the wrapping of a format: some errors come bare (§1.6).
        (_, None, 400 | 403 | 406) if !is_page(text) && sounds_like_redcap(text) => kind_of_refusal(text),
        (_, None, 403) => ErrorKind::Blocked,
        (_, None, 400 | 406) if !is_page(text) && !text.trim().is_empty() => ErrorKind::Refused,
        _ => ErrorKind::NotRedcap,
    };
    ApiError::new(kind, method).answered(status, message.as_deref().unwrap_or(text))
}

/// Failures of the server that are told in the body, whatever the status.
///
/// The same words may stand in someone's notes: they count only where a message can begin.
pub(crate) fn trouble(text: &str) -> Option<ErrorKind> {
    // The texts stand at the beginning or, after a page or a part of the data, at the end.
    let ends = [head(text, 16 * 1024), tail(text, 16 * 1024)].map(str::to_ascii_lowercase);
    let says = |words: &str| ends.iter().any(|t| begins_message(t, words));
    if says("redcap ran out of server memory") || says("allowed memory size of") {
        return Some(ErrorKind::OutOfMemory);
    }
    let [start, _] = &ends;
    let is_error = error_message(text).is_some();
    let alone = is_page(text) || (text.len() < 1000 && text.lines().count() <= 3);
    if (alone || is_error) && start.contains("could not connect to the mysql server") {
        return Some(ErrorKind::Database);
    }
    // The wording of the ban is not attested; these two words together are (§1.8).
    let has_word = |word| start.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w == word);
    let is_data = text.trim_start().starts_with(['[', '{', '"']);
    if alone && !is_error && !is_data && has_word("banned") && has_word("ip") {
        return Some(ErrorKind::Blocked);
    }
    None
}

/// Whether the words stand at the beginning of a line or behind a colon or a tag, as messages do.
fn begins_message(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default().trim_end_matches(' ');
        before.is_empty() || before.ends_with(['\n', ':', '>']) || before.ends_with(":\"")
    })
}

/// What REDCap's own refusal is about, judged by its words.
fn kind_of_refusal(message: &str) -> ErrorKind {
    let lower = message.to_ascii_lowercase();
    let has = |words: &str| lower.contains(words);
    if let Some(kind) = trouble(message) {
        kind
    } else if has("permissions to use the api") {
        ErrorKind::BadToken
    } else if has("for classic projects") || has("does not contain any repeating") {
        ErrorKind::NotHere
    } else if has("method is not implemented") || has("the parameter \"content\" is not valid") {
        ErrorKind::NotSupported
    } else if !has("does not exist") && (has("privilege") || has("permission") || has("rights")) {
        ErrorKind::NoRight { right: named_right(message) }
    } else {
        ErrorKind::Refused
    }
}

/// The right that a refusal names. Of several the last counts: the first is API Export, which a
/// token that got so far has (`redcap-api.md` §1.7, 400-11).
fn named_right(message: &str) -> Option<String> {
    if message.contains("API Import") {
        return Some(right_name("api_import").to_owned());
    }
    if message.contains("Delete Record") {
        return Some(right_name("record_delete").to_owned());
    }
    RIGHTS
        .iter()
        .filter(|r| r.key != "api_export")
        .map(|r| r.name)
        .filter(|name| message.contains(name))
        .max_by_key(|name| name.len())
        .or_else(|| message.contains("API Export").then_some(right_name("api_export")))
        .map(str::to_owned)
}

/// The message of an error in any of the three formats, also behind a page (`redcap-api.md` §1.6).
pub(crate) fn error_message(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('{') {
        return json_error(text);
    }
    if let Some(start) = text.get(..6)
        && start.eq_ignore_ascii_case("error:")
    {
        return Some(text.get(6..).unwrap_or_default().trim().to_owned());
    }
    if text.starts_with('<') {
        let start = head(text, 1024);
        if start.contains("<error>") && !is_html(text) {
            let (_, rest) = text.split_once("<error>")?;
            let message = rest.split_once("</error>").map_or(rest, |(message, _)| message);
            let message = message.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
            return Some(crate::domain::text::without_html(message));
        }
        let end = tail(text, 16 * 1024);
        return end.rfind("{\"error\"").and_then(|at| json_error(end.get(at..).unwrap_or_default()));
    }
    None
}

/// The message of `{"error": ...}`, also of one that is cut off.
fn json_error(text: &str) -> Option<String> {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(object) => object.get("error").map(|e| match e {
            serde_json::Value::String(message) => message.clone(),
            other => other.to_string(),
        }),
        Err(_) => {
            let rest = text.strip_prefix('{')?.trim_start().strip_prefix("\"error\"")?;
            Some(rest.trim_start_matches([' ', ':', '"']).to_owned())
        }
    }
}

/// Whether it is a web page or a piece of one.
pub(crate) fn is_page(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').starts_with('<')
}

/// Whether it is HTML and not some XML.
fn is_html(text: &str) -> bool {
    let start = head(text, 1024).to_ascii_lowercase();
    let start = start.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<br",
        "<b>",
        "<p",
        "<div",
        "<script",
        "<meta",
        "<title",
        "<center",
    ]
    .iter()
    .any(|tag| start.starts_with(tag))
        || start.contains("<html")
        || start.contains("<!doctype html")
}

/// Whether bare words are such as REDCap uses in a refusal.
fn sounds_like_redcap(text: &str) -> bool {
    ["API", "privileges", "REDCap", "parameter", "project", "record"].iter().any(|w| text.contains(w))
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Whether the beginning of a file could be a text, and so an error or a page.
fn looks_like_text(body: &[u8]) -> bool {
    let start = body.get(..body.len().min(512)).unwrap_or_default();
    !start.iter().any(|b| matches!(b, 0..=8 | 14..=31))
}

/// Only what tells about the failure is kept of a broken list: never a part of the data.
fn shown(text: &str) -> &str {
    if text.trim_start().starts_with(['[', '{']) { "" } else { text }
}

fn text_of(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body))
}

/// The first bytes of a text, at a character's border.
fn head(text: &str, bytes: usize) -> &str {
    text.get(..border(text, bytes)).unwrap_or(text)
}

/// The character border at or before a byte.
fn border(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The last bytes of a text, at a character's border.
fn tail(text: &str, bytes: usize) -> &str {
    text.get(border(text, text.len().saturating_sub(bytes))..).unwrap_or(text)
}

#[cfg(test)]
mod tests;
