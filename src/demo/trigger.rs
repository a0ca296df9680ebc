//! Firing a Data Entry Trigger as REDCap does (`redcap-api.md` §11): one POST after a save, with
//! no second try, and what came of it interests nobody.
//!
//! Written out by hand down to the bytes: a server that shared code with the receiver would agree
//! with its mistakes.

use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Host, Url};

/// How long REDCap waits for an answer, as far as is known: seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why triggers cannot be sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TriggerUrlError {
    /// It is no address.
    #[error("This is no address of the form http://127.0.0.1:PORT/.")]
    Unreadable,
    /// It is not on this computer, or not plain HTTP.
    #[error("The demo server fires triggers over http to this computer only.")]
    NotHere,
}

/// Where a project's triggers go: an `http` address on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerUrl {
    ip: IpAddr,
    port: u16,
    host: String,
    path: String,
}

impl TriggerUrl {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, TriggerUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| TriggerUrlError::Unreadable)?;
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain("localhost")) => IpAddr::from([127, 0, 0, 1]),
            _ => return Err(TriggerUrlError::NotHere),
        };
        if url.scheme() != "http" || !ip.is_loopback() {
            return Err(TriggerUrlError::NotHere);
        }
        let port = url.port_or_known_default().ok_or(TriggerUrlError::Unreadable)?;
        let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
        let host = url.host_str().unwrap_or_default();
        Ok(Self { ip, port, host: format!("{host}:{port}"), path: format!("{}{query}", url.path()) })
    }
}

/// What a trigger tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Saved {
    pub project_id: u64,
    pub username: String,
    pub instrument: String,
    pub record: String,
    /// The unique name of the event; empty in a classic project.
    pub event: String,
    /// The unique name of the record's group; empty without one.
    pub dag: String,
    /// The code of the form status.
    pub status: String,
    /// The instance of what repeats.
    pub instance: Option<u32>,
    /// The instrument repeats by itself.
    pub repeats: bool,
    /// The server's base address.
    pub redcap_url: String,
    /// The version it says it has.
    pub version: String,
}

impl Saved {
    /// The body, with what is not there left out.
    fn body(&self) -> String {
        let mut body = format!(
            "project_id={}&username={}&instrument={}&record={}",
            self.project_id,
            escape(&self.username),
            escape(&self.instrument),
            escape(&self.record)
        );
        for (name, value) in [("redcap_event_name", &self.event), ("redcap_data_access_group", &self.dag)] {
            if !value.is_empty() {
                body += &format!("&{name}={}", escape(value));
            }
        }
        if let Some(instance) = self.instance {
            body += &format!("&redcap_repeat_instance={instance}");
            if self.repeats {
                body += &format!("&redcap_repeat_instrument={}", escape(&self.instrument));
            }
        }
        let pages = format!("{}redcap_v{}/index.php?pid={}", self.redcap_url, self.version, self.project_id);
        body + &format!(
            "&{}_complete={}&redcap_url={}&project_url={}",
            escape(&self.instrument),
            escape(&self.status),
            escape(&self.redcap_url),
            escape(&pages)
        )
    }
}

/// Escapes as PHP's `urlencode` does: letters, digits and `-_.` stay, a blank becomes `+`.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

/// Posts a trigger once. Gives the status of the answer; `None` if there was none in time.
pub(super) async fn fire(to: &TriggerUrl, saved: &Saved) -> Option<u16> {
    tokio::time::timeout(PATIENCE, post(to, &saved.body())).await.ok()?
}

async fn post(to: &TriggerUrl, body: &str) -> Option<u16> {
    let mut stream = TcpStream::connect((to.ip, to.port)).await.ok()?;
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        to.path,
        to.host,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    // Nobody reads the body; a status line is a few bytes.
    stream.take(4096).read_to_end(&mut answer).await.ok()?;
    let line = String::from_utf8_lossy(&answer);
    line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_that_of_the_reference() {
        let saved = Saved {
            project_id: 17,
            username: "[survey respondent]".into(),
            instrument: "visit".into(),
            record: "10 01ä".into(),
            event: "visit_arm_1".into(),
            dag: String::new(),
            status: "2".into(),
            instance: Some(2),
            repeats: false,
            redcap_url: "https://host/".into(),
            version: "14.9.1".into(),
        };
        assert_eq!(
            saved.body(),
            "project_id=17&username=%5Bsurvey+respondent%5D&instrument=visit&record=10+01%C3%A4&redcap_event_name=visit_arm_1\
             &redcap_repeat_instance=2&visit_complete=2&redcap_url=https%3A%2F%2Fhost%2F\
             &project_url=https%3A%2F%2Fhost%2Fredcap_v14.9.1%2Findex.php%3Fpid%3D17"
        );
    }

    #[test]
    fn triggers_stay_on_this_computer() {
        for (text, is_good) in [
            ("http://127.0.0.1:8000/", true),
            ("http://localhost:8000/secret?a=b", true),
            ("http://[::1]:8000", true),
            ("https://127.0.0.1:8000/", false),
            ("http://192.168.1.1/", false),
            ("http://example.edu/", false),
            ("8000", false),
        ] {
            assert_eq!(TriggerUrl::parse(text).is_ok(), is_good, "{text}");
        }
    }
}
