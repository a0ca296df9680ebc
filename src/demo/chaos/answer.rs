//! Requests and answers as bytes: just enough of HTTP/1.1 to stand between a client and the demo
//! server.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest head that is read.
const MAX_HEAD: usize = 64 * 1024;

/// A request with its body.
#[derive(Debug)]
pub(super) struct Request {
    pub path: String,
    pub host: String,
    pub body: Vec<u8>,
    kind: String,
    method: String,
    accept_encoding: bool,
}

impl Request {
    /// Reads one request. `None` if the client closed without one.
    pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let Some((head, mut body)) = read_head(stream).await? else { return Ok(None) };
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let length: usize = header(&head, "content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
        while body.len() < length {
            if stream.read_buf(&mut body).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(Self {
            path: path.to_owned(),
            host: header(&head, "host").unwrap_or_default().to_owned(),
            kind: header(&head, "content-type").unwrap_or_default().to_owned(),
            accept_encoding: header(&head, "accept-encoding").is_some_and(|v| v.contains("gzip")),
            method: method.to_owned(),
            body,
        }))
    }

    /// A parameter of the call.
    pub fn param(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(&self.body).find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
    }

    /// Takes the last value out of the last row of an import in JSON. Keys of the place stay.
    pub fn lose_last_value(&mut self) {
        let Some(data) = self.param("data") else { return };
        let Ok(mut rows) = serde_json::from_str::<Vec<serde_json::Map<String, serde_json::Value>>>(&data)
        else {
            return;
        };
        let Some(row) = rows.last_mut() else { return };
        let has_value = |(name, value): &(&String, &serde_json::Value)| {
            !name.starts_with("redcap_") && value.as_str().is_none_or(|text| !text.is_empty())
        };
        let last = row.iter().skip(1).rfind(has_value).map(|(name, _)| name.clone());
        let Some(name) = last else { return };
        row.insert(name, "".into());
        let Ok(changed) = serde_json::to_string(&rows) else { return };
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (key, value) in form_urlencoded::parse(&self.body) {
            form.append_pair(&key, if key == "data" { &changed } else { &value });
        }
        self.body = form.finish().into_bytes();
    }

    /// Whether the client takes compressed answers.
    pub fn takes_gzip(&self) -> bool {
        self.accept_encoding
    }

    /// Carries the request out at the server behind, and gives the connection from which the
    /// answer comes.
    pub async fn forward(&self, target: std::net::SocketAddr) -> io::Result<TcpStream> {
        let mut behind = TcpStream::connect(target).await?;
        let path = self.path.strip_prefix("/moved").unwrap_or(&self.path);
        let head = format!(
            "{} {path} HTTP/1.1\r\nhost: {target}\r\nconnection: close\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
            self.method,
            self.kind,
            self.body.len()
        );
        behind.write_all(head.as_bytes()).await?;
        behind.write_all(&self.body).await?;
        Ok(behind)
    }
}

/// A whole answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    /// Status line and headers, without those that frame the body.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads an answer to its end.
    pub async fn read(mut stream: TcpStream) -> io::Result<Self> {
        let Some((head, mut body)) = read_head(&mut stream).await? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        stream.read_to_end(&mut body).await?;
        let chunked = header(&head, "transfer-encoding").is_some_and(|v| v.contains("chunked"));
        let framing = ["content-length:", "transfer-encoding:", "connection:"];
        let kept = head.lines().filter(|line| {
            let line = line.to_ascii_lowercase();
            !framing.iter().any(|name| line.starts_with(name))
        });
        let head = kept.fold(String::new(), |head, line| head + line + "\r\n");
        Ok(Self { head, body: if chunked { without_chunks(&body) } else { body } })
    }
}

/// Reads up to the blank line; what came after it belongs to the body.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::with_capacity(4096);
    loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let body = bytes.split_off(at + 4);
            bytes.truncate(at);
            return Ok(Some((String::from_utf8_lossy(&bytes).into_owned(), body)));
        }
        if bytes.len() > MAX_HEAD || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

/// The value of a header.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// The body without the sizes of its chunks.
fn without_chunks(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(at) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size = bytes.get(..at).and_then(|s| std::str::from_utf8(s).ok());
        let size = size.and_then(|s| usize::from_str_radix(s.trim(), 16).ok()).unwrap_or(0);
        let rest = bytes.get(at + 2..).unwrap_or_default();
        if size == 0 {
            break;
        }
        body.extend_from_slice(rest.get(..size).unwrap_or(rest));
        bytes = rest.get(size + 2..).unwrap_or_default();
    }
    body
}
