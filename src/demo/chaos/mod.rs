//! Faults on the way: what servers, proxies and networks do to answers, played on purpose.
//!
//! A [`Front`] stands before the demo server and does to chosen requests what a [`Rule`] says.
//! `capscope serve --fault` and `capscope demo --fault` show what the client makes of it, and the
//! tests play every fault against every job. A well-behaved HTTP stack can do little of this, so
//! the front speaks raw bytes.

mod answer;
mod front;
mod names;
mod script;

pub use front::{Front, Seen};
pub use names::FAULTS;

use std::fmt;
use std::str::FromStr;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The body comes in small pieces with pauses; nothing is lost.
    Slow,
    /// Nothing is ever said.
    StallHead,
    /// Half of the body comes, and then nothing.
    StallBody,
    /// The connection is closed in the middle.
    Cut(CutAt),
    /// The connection is reset once the request is there.
    Reset,
    /// A web page with status 200, as of a login.
    Page,
    /// Status 200 and not one byte.
    Empty,
    /// A success whose body says that REDCap ran out of memory.
    Memory,
    /// The same, written into the middle of the data.
    MemoryInData,
    /// The first half of a JSON list.
    HalfJson,
    /// A 403 that is not REDCap's own: a firewall or a ban.
    Ban,
    /// Another status with a web page.
    Status {
        /// The status.
        status: u16,
        /// How many seconds the server asks to wait.
        retry_after: Option<u32>,
    },
    /// The API is said to be elsewhere.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where.
        to: Place,
    },
    /// The length says more than comes.
    TooLong,
    /// The length says less than comes: the end is lost without a sign.
    TooShort,
    /// The body is in Latin-1.
    Latin1,
    /// The body begins with a byte order mark.
    Mark,
    /// Lines end in CR LF.
    LineEnds,
    /// The body is compressed, and whole.
    Gzip,
    /// A small body that unpacks without an end.
    GzipBomb,
    /// A compressed body that is cut off.
    GzipCut,
    /// An import is taken and answered as usual, but the last value of its last row is not stored.
    LosesValue,
}

/// Where an answer is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutAt {
    /// In the status line.
    StatusLine,
    /// In a header.
    Header,
    /// After the first byte of the body.
    FirstByte,
    /// Inside a quoted value.
    Quoted,
    /// Inside a letter of several bytes.
    Letter,
    /// Before the last byte.
    LastByte,
    /// Between two chunks.
    Chunk,
    /// Before the last two bytes of a body whose length nobody said.
    NoLength,
}

/// Where a redirect points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Another path of this server, where the API really is.
    Moved,
    /// Another path of this server, which points to a third.
    Twice,
    /// The path that was asked.
    Itself,
    /// This server without encryption.
    PlainHttp,
    /// This address.
    Elsewhere(&'static str),
    /// This address, known only at run time.
    At(String),
}

/// Which requests meet a fault.
///
/// As text: `NAME[@CONTENT][#FROM[-[TO]]][!]`, such as `503@record#2-`. `@import` means an import
/// of records. Without a place every request meets it. `!` lets the request reach the server
/// first, where the fault alone would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// Only requests of this content.
    pub content: Option<String>,
    /// From which of these requests on, from 1.
    pub from: u32,
    /// Up to which one.
    pub to: u32,
    /// The request is carried out although its answer is not the server's.
    pub reaches: bool,
}

impl Rule {
    /// Every request meets it.
    pub fn always(fault: Fault) -> Self {
        Self { fault, content: None, from: 1, to: u32::MAX, reaches: false }
    }

    /// Only requests of this content, from the `from`-th on.
    #[must_use]
    pub fn on(mut self, content: &str, from: u32) -> Self {
        self.content = Some(content.to_owned());
        self.from = from;
        self
    }
}

/// A fault as text that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' names no fault; 'capscope serve --list-faults' shows them all, and how to say which requests meet one"
)]
pub struct NoFault(String);

impl FromStr for Rule {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let wrong = || NoFault(text.chars().take(60).collect());
        let (rest, reaches) = text.strip_suffix('!').map_or((text, false), |rest| (rest, true));
        let (rest, span) = rest.split_once('#').map_or((rest, None), |(rest, span)| (rest, Some(span)));
        let (name, content) = rest.split_once('@').map_or((rest, None), |(name, c)| (name, Some(c)));
        let known = FAULTS.iter().find(|f| f.name == name).ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(wrong);
        let (from, to) = match span.map(|s| s.split_once('-').unwrap_or((s, s))) {
            None => (1, u32::MAX),
            Some((from, "")) => (number(from)?, u32::MAX),
            Some((from, to)) => (number(from)?, number(to)?),
        };
        if content.is_some_and(str::is_empty) {
            return Err(wrong());
        }
        Ok(Self { fault: known.fault.clone(), content: content.map(str::to_owned), from, to, reaches })
    }
}

/// One fault with its name.
#[derive(Debug)]
pub struct Named {
    /// The name on the command line.
    pub name: &'static str,
    /// The fault.
    pub fault: Fault,
    /// What it is, in a few words.
    pub help: &'static str,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20} {}", self.name, self.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_are_written() {
        let rule: Rule = "503@record#2-".parse().unwrap();
        let busy = Fault::Status { status: 503, retry_after: None };
        assert_eq!(rule, Rule::always(busy.clone()).on("record", 2));
        let rule: Rule = "503#3!".parse().unwrap();
        assert_eq!(rule, Rule { from: 3, to: 3, reaches: true, ..Rule::always(busy) });
        let rule: Rule = "reset@import#1-4".parse().unwrap();
        assert_eq!((rule.content.as_deref(), rule.from, rule.to), (Some("import"), 1, 4));
        for wrong in ["", "503@", "503#0", "503#x", "503#1-y", "nothing", "@record"] {
            assert!(wrong.parse::<Rule>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_name_is_there_once() {
        let mut names: Vec<&str> = FAULTS.iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FAULTS.len());
    }
}
