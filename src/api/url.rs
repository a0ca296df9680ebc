//! The address of a server's API, made from whatever address people have at hand.

use std::fmt;
use thiserror::Error;
use url::{Host, Url};

/// The address of an API: `https://HOST[:PORT][/PREFIX]/api/`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ApiUrl {
    url: Url,
    host: String,
}

/// Why a text is no address of an API. It never repeats the text: a token may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlProblem {
    /// There is nothing.
    #[error("There is no address here: the text is empty.")]
    Empty,
    /// It cannot be read as an address.
    #[error("This is not an address. It should look like https://redcap.example.org/api/.")]
    Unreadable,
    /// Plain HTTP to another computer.
    #[error(
        "The address starts with http://. A token must not travel unencrypted: \
         use https://, or ask your REDCap administrator for the https address."
    )]
    NotEncrypted,
    /// Neither HTTPS nor HTTP.
    #[error("The address must start with https://.")]
    Scheme,
    /// A user name or password is part of it.
    #[error("The address holds a user name or a password (the part before @). Leave it out.")]
    UserInfo,
    /// There is no host in it.
    #[error("The address names no server. It should look like https://redcap.example.org/api/.")]
    NoHost,
}

impl ApiUrl {
    /// Reads an address and turns it into that of the API.
    ///
    /// Addresses of the login page, of a project's pages (`/redcap_v14.5.2/...`), of the API's
    /// help and of surveys are cut back to the part before them; `/api/` and the slash at its
    /// end are added, since without the slash servers redirect and the request is lost
    /// (`redcap-api.md` §1.1, Q7). A prefix such as `/apps/redcap` is kept. Query and fragment
    /// are dropped. Plain HTTP is for this computer only.
    pub fn parse(text: &str) -> Result<Self, UrlProblem> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
        if text.is_empty() {
            return Err(UrlProblem::Empty);
        }
        let mut url = if text.contains("://") {
            Url::parse(text).map_err(|e| match e {
                url::ParseError::EmptyHost => UrlProblem::NoHost,
                _ => UrlProblem::Unreadable,
            })?
        } else {
            let guess = Url::parse(&format!("https://{text}")).map_err(|_| UrlProblem::Unreadable)?;
            if is_loopback(&guess) {
                Url::parse(&format!("http://{text}")).map_err(|_| UrlProblem::Unreadable)?
            } else {
                guess
            }
        };
        if !matches!(url.scheme(), "https" | "http") {
            return Err(UrlProblem::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlProblem::UserInfo);
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        if host.is_empty() {
            return Err(UrlProblem::NoHost);
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(UrlProblem::NotEncrypted);
        }
        let path = format!("{}/api/", prefix(url.path()));
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self { url, host })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The server's name, without its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the server is this computer.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The parsed address.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }
}

/// Whether an address leads to this computer itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The part of a path that stands before REDCap's own pages, without a slash at its end.
fn prefix(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let versioned = segments.iter().position(|s| {
        s.to_ascii_lowercase()
            .strip_prefix("redcap_v")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    let api = || segments.iter().rposition(|s| s.eq_ignore_ascii_case("api"));
    let page = || segments.iter().position(|s| *s == "surveys" || s.contains(".php"));
    let end = versioned.or_else(api).or_else(page).unwrap_or(segments.len());
    segments.iter().take(end).flat_map(|s| ["/", s]).collect()
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_become_the_address_of_the_api() {
        for (text, expected) in [
            ("https://h.org/api/", "https://h.org/api/"),
            ("https://h.org/api", "https://h.org/api/"),
            ("https://h.org", "https://h.org/api/"),
            ("h.org/redcap", "https://h.org/redcap/api/"),
            (" https://h.org/redcap/\n", "https://h.org/redcap/api/"),
            ("https://h.org/apps/redcap/api/?type=1#x", "https://h.org/apps/redcap/api/"),
            ("https://h.org/api/help/?content=exp_records", "https://h.org/api/"),
            ("https://h.org/redcap/index.php?action=myprojects", "https://h.org/redcap/api/"),
            ("https://h.org/redcap_v14.5.2/index.php?pid=12", "https://h.org/api/"),
            ("https://h.org/rc/redcap_v14.5.2/ProjectSetup/index.php?pid=12", "https://h.org/rc/api/"),
            ("https://h.org/rc/redcap_v14.5.2/API/", "https://h.org/rc/api/"),
            ("https://h.org/surveys/?s=ABC", "https://h.org/api/"),
            ("https://H.ORG:8443/API", "https://h.org:8443/api/"),
            ("https://h.org//redcap//api//", "https://h.org/redcap/api/"),
            ("http://127.0.0.1:8099", "http://127.0.0.1:8099/api/"),
            ("localhost:8099/api/", "http://localhost:8099/api/"),
            ("http://[::1]:1/x", "http://[::1]:1/x/api/"),
            ("https://localhost/api/", "https://localhost/api/"),
        ] {
            assert_eq!(ApiUrl::parse(text).unwrap().as_str(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_explained() {
        for (text, problem) in [
            ("", UrlProblem::Empty),
            ("\n ", UrlProblem::Empty),
            ("http://h.org/api/", UrlProblem::NotEncrypted),
            ("http://localhost.evil.org/", UrlProblem::NotEncrypted),
            ("http://127.0.0.1.evil.org/", UrlProblem::NotEncrypted),
            ("ftp://h.org/", UrlProblem::Scheme),
            ("https://me:secret@h.org/", UrlProblem::UserInfo),
            ("https://me@h.org/", UrlProblem::UserInfo),
            ("https://", UrlProblem::NoHost),
            ("two words", UrlProblem::Unreadable),
            ("https://h.org:99999/", UrlProblem::Unreadable),
        ] {
            assert_eq!(ApiUrl::parse(text).unwrap_err(), problem, "{text}");
        }
    }

    #[test]
    fn the_host_is_told_without_its_port() {
        let url = ApiUrl::parse("https://Redcap.Example.org:8443/x").unwrap();
        assert_eq!((url.host(), url.is_loopback()), ("redcap.example.org", false));
        assert!(ApiUrl::parse("http://127.9.9.9/").unwrap().is_loopback());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_reading_twice_changes_nothing(text in "\\PC*|(https?://)?[a-z./:@?#_v0-9-]{0,40}") {
            if let Ok(url) = ApiUrl::parse(&text) {
                prop_assert!(url.as_str().ends_with("/api/"));
                prop_assert_eq!(ApiUrl::parse(url.as_str()).unwrap(), url);
            }
        }
    }
}
