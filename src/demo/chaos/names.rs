//! All faults by name: the switches of the command line, and the rows of the matrix in the tests.

use super::{CutAt, Fault, Named, Place};

const fn named(name: &'static str, fault: Fault, help: &'static str) -> Named {
    Named { name, fault, help }
}

const fn status(status: u16) -> Fault {
    Fault::Status { status, retry_after: None }
}

const fn wait(status: u16, seconds: u32) -> Fault {
    Fault::Status { status, retry_after: Some(seconds) }
}

const fn redirect(status: u16, to: Place) -> Fault {
    Fault::Redirect { status, to }
}

/// A server that nobody has (RFC 2606).
const ELSEWHERE: Place = Place::Elsewhere("https://elsewhere.example.org/api/");

/// All of them.
pub const FAULTS: &[Named] = &[
    named("slow", Fault::Slow, "the body comes in small pieces; nothing is lost"),
    named("stall-head", Fault::StallHead, "no answer ever comes"),
    named("stall-body", Fault::StallBody, "half of the body comes, and then nothing"),
    named("cut-status", Fault::Cut(CutAt::StatusLine), "closed in the status line"),
    named("cut-header", Fault::Cut(CutAt::Header), "closed in a header"),
    named("cut-first-byte", Fault::Cut(CutAt::FirstByte), "closed after the first byte of the body"),
    named("cut-quoted", Fault::Cut(CutAt::Quoted), "closed inside a quoted value"),
    named("cut-letter", Fault::Cut(CutAt::Letter), "closed inside a letter of several bytes"),
    named("cut-last-byte", Fault::Cut(CutAt::LastByte), "closed before the last byte"),
    named("cut-chunk", Fault::Cut(CutAt::Chunk), "closed between two chunks"),
    named("cut-no-length", Fault::Cut(CutAt::NoLength), "cut before the end; nobody said the length"),
    named("reset", Fault::Reset, "the connection is reset"),
    named("page", Fault::Page, "status 200 with a login page"),
    named("empty", Fault::Empty, "status 200 and not one byte"),
    named("memory", Fault::Memory, "status 200 with REDCap's words that it ran out of memory"),
    named("memory-in-data", Fault::MemoryInData, "the same in the middle of the data"),
    named("half-json", Fault::HalfJson, "status 200 with half a JSON list"),
    named("ban", Fault::Ban, "a 403 page of a firewall, or a ban"),
    named("408", status(408), "the web server's own time limit"),
    named("413", status(413), "too large for the web server"),
    named("429", status(429), "too many requests"),
    named("429-wait", wait(429, 1), "the same; it asks to wait a second"),
    named("500", status(500), "the server stumbled"),
    named("502", status(502), "a proxy without its server"),
    named("503", status(503), "overloaded or under repair"),
    named("503-wait-long", wait(503, 3600), "the same; it asks to wait an hour"),
    named("504", status(504), "a proxy ran out of patience"),
    named("301-moved", redirect(301, Place::Moved), "the API is at another path of this server"),
    named("302-moved", redirect(302, Place::Moved), "the same for now"),
    named("307-moved", redirect(307, Place::Moved), "the same, keeping the method"),
    named("308-moved", redirect(308, Place::Moved), "the same for good"),
    named("301-twice", redirect(301, Place::Twice), "another path, and then a third"),
    named("301-elsewhere", redirect(301, ELSEWHERE), "the API is on another server"),
    named("302-elsewhere", redirect(302, ELSEWHERE), "the same for now"),
    named("307-elsewhere", redirect(307, ELSEWHERE), "the same, keeping the method"),
    named("308-elsewhere", redirect(308, ELSEWHERE), "the same for good"),
    named("301-http", redirect(301, Place::PlainHttp), "this server, without encryption"),
    named("302-loop", redirect(302, Place::Itself), "the same address again"),
    named("too-long", Fault::TooLong, "the length says more than comes"),
    named("too-short", Fault::TooShort, "the length says less: the end is lost"),
    named("latin1", Fault::Latin1, "the body is in Latin-1"),
    named("bom", Fault::Mark, "the body begins with a byte order mark"),
    named("crlf", Fault::LineEnds, "lines end in CR LF"),
    named("gzip", Fault::Gzip, "compressed, and whole"),
    named("gzip-bomb", Fault::GzipBomb, "unpacks without an end"),
    named(
        "loses-value",
        Fault::LosesValue,
        "an import loses the last value of its last row, and nobody says so",
    ),
    named("gzip-cut", Fault::GzipCut, "compressed and cut off"),
];
