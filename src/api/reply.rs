//! A whole answer as it came, before anyone judged it.

use std::borrow::Cow;
use std::fmt;

/// An HTTP answer: status, headers, decoded body.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status, such as 200.
    pub status: u16,
    /// The headers in the server's order; names are lower-case.
    pub headers: Vec<(String, String)>,
    /// The body, with any compression undone.
    pub body: Vec<u8>,
    /// How long it took from sending to the last byte, in milliseconds.
    pub ms: u64,
}

impl Reply {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The body as text. Bytes that are no UTF-8 are shown as `�` (`redcap-api.md` Q23).
    pub fn text(&self) -> Cow<'_, str> {
        let body = self.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.body);
        String::from_utf8_lossy(body)
    }

    /// The name of the file that the answer is, from its content type (`redcap-api.md` §1.4) or
    /// its content disposition. Folders in it are dropped: a name never decides where to write.
    pub fn file_name(&self) -> Option<String> {
        let from = |header, key| parameter(self.header(header)?, key);
        let name = from("content-type", "name").or_else(|| from("content-disposition", "filename"))?;
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let name = name.trim().trim_start_matches('.');
        (!name.is_empty()).then(|| name.to_owned())
    }
}

/// The value of `key=` in a header such as `text/plain; name="a;b.txt";charset=UTF-8`.
fn parameter(header: &str, key: &str) -> Option<String> {
    let mut rest = header;
    loop {
        let (_, tail) = rest.split_once(';')?;
        let (name, value) = tail.split_once('=')?;
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_at(value.find(';').unwrap_or(value.len())),
        };
        if name.trim().eq_ignore_ascii_case(key) {
            return Some(value.trim().to_owned());
        }
        rest = after;
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body may hold record values or a new token: it is never printed.
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(header: &str, value: &str) -> Option<String> {
        let headers = vec![(header.to_owned(), value.to_owned())];
        Reply { status: 200, headers, body: Vec::new(), ms: 0 }.file_name()
    }

    #[test]
    fn file_names_are_found_however_they_are_written() {
        for (value, name) in [
            ("text/plain; name=\"x.txt\";charset=UTF-8", Some("x.txt")),
            ("text/plain; name=\"x.txt\"", Some("x.txt")),
            ("application/pdf; name=a b.pdf", Some("a b.pdf")),
            ("application/pdf;charset=UTF-8; name=a.pdf", Some("a.pdf")),
            ("image/png; name=\"a;b.png\"", Some("a;b.png")),
            ("image/png; name=\"../../.ssh/keys\"", Some("keys")),
            ("image/png; name=\"C:\\x\\y.png\"", Some("y.png")),
            ("image/png; name=\"..\"", None),
            ("text/html; charset=utf-8", None),
            ("", None),
        ] {
            assert_eq!(named("content-type", value).as_deref(), name, "{value}");
        }
        assert_eq!(named("content-disposition", "attachment; filename=\"r.pdf\"").as_deref(), Some("r.pdf"));
    }

    #[test]
    fn text_is_read_leniently() {
        let reply = Reply { status: 200, headers: vec![], body: b"\xef\xbb\xbfSi\xe2n".to_vec(), ms: 1 };
        assert_eq!(reply.text(), "Si\u{fffd}n");
        assert!(!format!("{reply:?}").contains("Si"));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(value in "\\PC*|[a-z;=\" /.]{0,30}") {
            let _ = named("content-type", &value);
        }
    }
}
