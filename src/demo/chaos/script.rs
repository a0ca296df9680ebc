//! What a fault makes of an answer: the bytes that go out, and what happens between them.

use super::answer::Answer;
use super::{CutAt, Fault, Place};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::time::Duration;

/// One step of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// These bytes go out.
    Send(Vec<u8>),
    /// Nothing goes out for a while.
    Pause(Duration),
    /// Nothing goes out any more, until the client goes away.
    Silence,
    /// These bytes go out again and again, until the client goes away.
    Endless(Vec<u8>),
    /// The connection is reset.
    Reset,
}

/// Between two pieces of a slow body.
const PAUSE: Duration = Duration::from_millis(60);
/// Into how many pieces a slow body falls.
const PIECES: usize = 10;

const LOGIN: &str =
    "<!DOCTYPE html>\n<html><head><title>Log In</title></head><body><h1>Log In</h1></body></html>\n";
const MEMORY: &str = "<br />\n<b>Fatal error</b>:  Allowed memory size of 134217728 bytes exhausted<br />\n\
{\"error\":\"REDCap ran out of server memory. The request cannot be processed.\"}";

impl Fault {
    /// Whether it happens to the server's own answer, so that the request must be carried out.
    pub(super) fn needs_answer(&self) -> bool {
        matches!(
            self,
            Self::Slow
                | Self::StallBody
                | Self::Cut(_)
                | Self::MemoryInData
                | Self::TooLong
                | Self::TooShort
                | Self::Latin1
                | Self::Mark
                | Self::LineEnds
                | Self::Gzip
                | Self::GzipCut
                | Self::LosesValue
        )
    }

    /// What goes out in place of an answer. `base` is the address of this server as the client
    /// sees it, `/path` included.
    pub(super) fn script(&self, answer: &Answer, host: &str, path: &str) -> Vec<Step> {
        let body = answer.body.as_slice();
        let half = body.get(..body.len() / 2).unwrap_or_default();
        let whole = |body: &[u8]| vec![Step::Send(with_length(&answer.head, body.len(), body))];
        match self {
            Self::Slow => slow(answer),
            Self::StallHead => vec![Step::Silence],
            Self::StallBody => vec![Step::Send(with_length(&answer.head, body.len(), half)), Step::Silence],
            Self::Cut(at) => vec![Step::Send(cut(answer, *at))],
            Self::Reset => vec![Step::Reset],
            Self::Page => page(200, "", LOGIN),
            Self::Empty => page(200, "", ""),
            Self::Memory => page(200, "", MEMORY),
            Self::MemoryInData => whole(&[half, b"\n", MEMORY.as_bytes()].concat()),
            Self::HalfJson => page(200, "", "[{\"study_id\":\"1\",\"name\":\"Nut"),
            Self::Ban => page(
                403,
                "",
                "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>",
            ),
            Self::Status { status, retry_after } => {
                let wait = retry_after.map(|s| format!("retry-after: {s}\r\n")).unwrap_or_default();
                let text = format!(
                    "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
                );
                page(*status, &wait, &text)
            }
            Self::Redirect { status, to } => {
                let to = match to {
                    Place::Moved => "/moved/api/".to_owned(),
                    Place::Twice if path.starts_with("/moved") => "/moved/again/api/".to_owned(),
                    Place::Twice => "/moved/api/".to_owned(),
                    Place::Itself => path.to_owned(),
                    Place::PlainHttp => format!("http://{host}{path}"),
                    Place::Elsewhere(url) => (*url).to_owned(),
                    Place::At(url) => url.clone(),
                };
                page(*status, &format!("location: {to}\r\n"), "")
            }
            Self::LosesValue => whole(body),
            Self::TooLong => vec![Step::Send(with_length(&answer.head, body.len() + 100, body))],
            Self::TooShort => vec![Step::Send(with_length(&answer.head, body.len().saturating_sub(3), body))],
            Self::Latin1 => whole(&latin1(body)),
            Self::Mark => whole(&["\u{feff}".as_bytes(), body].concat()),
            Self::LineEnds => whole(String::from_utf8_lossy(body).replace('\n', "\r\n").as_bytes()),
            Self::Gzip => vec![Step::Send(zipped(&answer.head, &gzip(body)))],
            Self::GzipCut => {
                let packed = gzip(body);
                let part = packed.get(..packed.len() - 9).unwrap_or_default();
                vec![Step::Send(zipped(&answer.head, part))]
            }
            Self::GzipBomb => bomb(),
        }
    }
}

/// An answer with a length, which need not be true.
fn with_length(head: &str, length: usize, body: &[u8]) -> Vec<u8> {
    [format!("{head}content-length: {length}\r\nconnection: close\r\n\r\n").as_bytes(), body].concat()
}

/// A page of the web server.
fn page(status: u16, headers: &str, text: &str) -> Vec<Step> {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: text/html; charset=utf-8\r\n{headers}");
    vec![Step::Send(with_length(&head, text.len(), text.as_bytes()))]
}

fn slow(answer: &Answer) -> Vec<Step> {
    let mut steps = vec![Step::Send(with_length(&answer.head, answer.body.len(), b""))];
    for piece in answer.body.chunks((answer.body.len() / PIECES).max(1)) {
        steps.push(Step::Pause(PAUSE));
        steps.push(Step::Send(piece.to_vec()));
    }
    steps
}

/// The beginning of an answer.
fn cut(answer: &Answer, at: CutAt) -> Vec<u8> {
    let body = answer.body.as_slice();
    let part = |length: usize| with_length(&answer.head, body.len(), body.get(..length).unwrap_or(body));
    let behind = |is: fn(&u8) -> bool| body.iter().position(is).map_or(body.len() / 2, |at| at + 1);
    match at {
        CutAt::StatusLine => b"HTTP/1.1 20".to_vec(),
        CutAt::Header => b"HTTP/1.1 200 OK\r\ncontent-ty".to_vec(),
        CutAt::FirstByte => part(1),
        CutAt::Quoted => part(behind(|b| *b == b'"')),
        CutAt::Letter => part(behind(|b| *b >= 0xc2)),
        CutAt::LastByte => part(body.len().saturating_sub(1)),
        CutAt::Chunk => {
            let half = body.get(..body.len() / 2).unwrap_or_default();
            let head = format!("{}transfer-encoding: chunked\r\nconnection: close\r\n\r\n", answer.head);
            [head.as_bytes(), format!("{:x}\r\n", half.len()).as_bytes(), half, b"\r\n"].concat()
        }
        CutAt::NoLength => {
            let part = body.get(..body.len().saturating_sub(2)).unwrap_or_default();
            [format!("{}connection: close\r\n\r\n", answer.head).as_bytes(), part].concat()
        }
    }
}

/// The text in Latin-1; what Latin-1 does not have becomes a question mark.
fn latin1(body: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(body).chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn zipped(head: &str, packed: &[u8]) -> Vec<u8> {
    with_length(&format!("{head}content-encoding: gzip\r\n"), packed.len(), packed)
}

/// A compressed body without an end: a megabyte of line ends, packed so that its bytes can be
/// sent again and again.
fn bomb() -> Vec<Step> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let mut sizes = Vec::new();
    for _ in 0..2 {
        let _ = encoder.write_all(&vec![b' '; 1 << 20]);
        // A flush ends at a byte's border, so the second block can follow itself.
        let _ = encoder.flush();
        sizes.push(encoder.get_ref().len());
    }
    let packed = encoder.get_ref();
    let first = sizes.first().copied().unwrap_or(0);
    let (start, block) = packed.split_at(first.min(packed.len()));
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
    vec![Step::Send([head, start].concat()), Step::Endless(block.to_vec())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        Answer { head: "HTTP/1.1 200 OK\r\n".into(), body: "id,name\n1,\"Siân, A\"\n".into() }
    }

    fn sent(fault: &Fault) -> String {
        match fault.script(&answer(), "h:1", "/api/").first() {
            Some(Step::Send(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cuts_are_where_they_say() {
        for (at, end) in [
            (CutAt::FirstByte, "\r\n\r\ni"),
            (CutAt::Quoted, "1,\""),
            (CutAt::Letter, "Si\u{fffd}"),
            (CutAt::LastByte, "A\""),
            (CutAt::Chunk, "1,\r\n"),
            (CutAt::NoLength, "n, A"),
        ] {
            let text = sent(&Fault::Cut(at));
            assert!(text.ends_with(end), "{at:?}: {text:?}");
        }
    }

    #[test]
    fn redirects_point_where_they_say() {
        let to = |place| sent(&Fault::Redirect { status: 301, to: place });
        assert!(to(Place::Itself).contains("location: /api/\r\n"));
        assert!(to(Place::PlainHttp).contains("location: http://h:1/api/\r\n"));
        assert!(to(Place::At("https://x.org/".into())).contains("location: https://x.org/\r\n"));
    }
}
