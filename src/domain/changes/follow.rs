//! Following a log: which lines of the next answer are new.
//!
//! The log speaks in minutes of the server's clock (`redcap-api.md` §3.20), so a look that began
//! where the last one ended would lose lines of that minute, or tell them twice. Each look
//! therefore goes some minutes further back than the last, and lines that are known already are
//! taken off by number: two equal lines are two lines.
//!
//! In autumn a server's clock goes back an hour. Every look leaves a line of its own in the log,
//! so a look that does not find the line of the one before knows that something is wrong, and
//! looks further back once.

use crate::domain::log::LogEntry;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How far before the newest known line the next look begins, in minutes: a line may be written
/// later than the time it bears.
const OVERLAP: i64 = 5;

/// How far back a look goes that searches for a clock that was set back, and how long lines are
/// known, in minutes.
const FAR_BACK: i64 = 75;

/// How the lines of a log were told so far. It holds no line itself, only what tells lines apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Follow {
    known: HashMap<u64, Known>,
    newest: Option<String>,
    finds_itself: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    times: usize,
    time: String,
}

/// What an answer brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// The new lines, oldest first.
    pub new: Vec<LogEntry>,
    /// The line of the last look is not where it should be: look again, further back.
    pub look_back: bool,
}

/// How far back a look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// As far as is needed while the clock runs on.
    Usual,
    /// As far as a clock may have been set back.
    Far,
}

impl Follow {
    /// Goes on from a server time, `YYYY-MM-DD HH:MM`: where another watch ended.
    pub fn from_time(time: &str) -> Self {
        Self { newest: Some(time.to_owned()), ..Self::default() }
    }

    /// The server time to ask from; `None` before anything is known.
    pub fn begin(&self, reach: Reach) -> Option<String> {
        let minutes = match reach {
            Reach::Usual => OVERLAP,
            Reach::Far => FAR_BACK,
        };
        self.newest.as_deref().map(|time| before(time, minutes))
    }

    /// The newest server time that is known.
    pub fn newest(&self) -> Option<&str> {
        self.newest.as_deref()
    }

    /// Takes an answer in, newest line first as the server gives it.
    pub fn take(&mut self, entries: &[LogEntry], reach: Reach) -> Taken {
        let mut counted: HashMap<u64, usize> = HashMap::new();
        let mut new = Vec::new();
        for entry in entries {
            let mark = mark(entry);
            let times = counted.entry(mark).or_default();
            *times += 1;
            let known = self.known.entry(mark).or_default();
            if *times > known.times {
                *known = Known { times: *times, time: entry.timestamp.clone() };
                new.push(entry.clone());
            }
        }
        new.reverse();
        self.move_on(&new, reach);
        let finds_itself = new.iter().any(is_look);
        let look_back = reach == Reach::Usual && self.finds_itself && !finds_itself;
        if finds_itself || reach == Reach::Far {
            self.finds_itself = finds_itself;
        }
        if let Some(newest) = &self.newest {
            let oldest = before(newest, FAR_BACK + OVERLAP);
            self.known.retain(|_, known| known.time >= oldest);
        }
        Taken { new, look_back }
    }

    /// The newest time goes on with new lines, and back only with a line of this computer's own.
    fn move_on(&mut self, new: &[LogEntry], reach: Reach) {
        let newest_of = |lines: &mut dyn Iterator<Item = &LogEntry>| lines.map(|e| e.timestamp.clone()).max();
        let own = newest_of(&mut new.iter().filter(|e| is_look(e)));
        match (reach, own) {
            (Reach::Far, Some(own)) => self.newest = Some(own),
            _ => self.newest = self.newest.take().max(newest_of(&mut new.iter())),
        }
    }
}

/// What tells lines apart. Two different lines with the same number are too unlikely to matter.
fn mark(entry: &LogEntry) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&entry.timestamp, &entry.username, &entry.action, &entry.details, &entry.record).hash(&mut hasher);
    hasher.finish()
}

/// Whether a line was left by a look at the log through the API.
fn is_look(entry: &LogEntry) -> bool {
    entry.details.contains("Export Logging (API)")
}

/// A server time so many minutes before another; what is no time is given back as it is.
pub fn before(time: &str, minutes: i64) -> String {
    let read: Result<DateTime, _> = time.trim().replace(' ', "T").parse();
    let moved = read.ok().and_then(|t| t.checked_sub(SignedDuration::from_mins(minutes)).ok());
    moved.map_or_else(|| time.to_owned(), |t| t.strftime("%Y-%m-%d %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(time: &str, details: &str) -> LogEntry {
        LogEntry { timestamp: time.into(), details: details.into(), ..LogEntry::default() }
    }

    fn told(taken: &Taken) -> Vec<&str> {
        taken.new.iter().map(|e| e.details.as_str()).collect()
    }

    #[test]
    fn equal_lines_of_one_minute_are_told_each_once() {
        let mut follow = Follow::default();
        assert_eq!(follow.begin(Reach::Usual), None);
        let taken =
            follow.take(&[entry("2026-03-10 12:00", "b"), entry("2026-03-10 12:00", "a")], Reach::Usual);
        assert_eq!(told(&taken), ["a", "b"]);
        assert_eq!(follow.begin(Reach::Usual).unwrap(), "2026-03-10 11:55");
        // The same save once more, within the same minute.
        let more =
            [entry("2026-03-10 12:00", "a"), entry("2026-03-10 12:00", "b"), entry("2026-03-10 12:00", "a")];
        assert_eq!(told(&follow.take(&more, Reach::Usual)), ["a"]);
        assert_eq!(told(&follow.take(&more, Reach::Usual)), [""; 0]);
        assert_eq!(before("no time", 5), "no time");
    }

    #[test]
    fn a_clock_that_goes_back_is_found_by_the_line_of_the_last_look() {
        let look = |time: &str| entry(time, "Export Logging (API)");
        let mut follow = Follow::default();
        follow.take(&[look("2026-10-25 02:58"), entry("2026-10-25 02:01", "first")], Reach::Usual);
        // The clock went from 02:59 to 02:00; nothing of after that is in the window.
        let taken = follow.take(&[look("2026-10-25 02:58")], Reach::Usual);
        assert!(taken.look_back && taken.new.is_empty());
        assert_eq!(follow.begin(Reach::Far).unwrap(), "2026-10-25 01:43");
        let all = [
            look("2026-10-25 02:58"),
            look("2026-10-25 02:00"),
            entry("2026-10-25 02:01", "second"),
            entry("2026-10-25 02:01", "first"),
        ];
        let taken = follow.take(&all, Reach::Far);
        assert_eq!(told(&taken), ["second", "Export Logging (API)"]);
        assert_eq!(follow.begin(Reach::Usual).unwrap(), "2026-10-25 01:55");
        // A server that keeps no line of looks is not looked at twice each time.
        let mut plain = Follow::default();
        plain.take(&[entry("2026-10-25 02:01", "x")], Reach::Usual);
        assert!(!plain.take(&[entry("2026-10-25 02:01", "x")], Reach::Usual).look_back);
    }

    proptest! {
        /// A server whose clock may jump back an hour once; looks at any pace up to ten minutes.
        #[test]
        fn no_line_is_lost_and_none_is_doubled(
            saves in prop::collection::vec((0i64..4, 0u8..3), 1..120),
            looks in prop::collection::vec(1i64..10, 1..60),
            back_at in 80i64..200,
        ) {
            let start: DateTime = "2026-10-25T01:30".parse().unwrap();
            let clock = |minute: i64| {
                let shown = if minute >= back_at { minute - 60 } else { minute };
                (start + SignedDuration::from_mins(shown)).strftime("%Y-%m-%d %H:%M").to_string()
            };
            let mut log: Vec<LogEntry> = vec![entry(&clock(0), "old")];
            let (mut follow, mut told) = (Follow::default(), Vec::new());
            let mut ask = |log: &mut Vec<LogEntry>, minute: i64| {
                let mut reach = Reach::Usual;
                for _ in 0..2 {
                    let begin = follow.begin(reach).unwrap_or_default();
                    // The line of a look is there when the next one comes.
                    let mut found: Vec<LogEntry> = log.iter().filter(|e| e.timestamp >= begin).cloned().collect();
                    found.sort_by(|a, b| b.timestamp.cmp(&a.timestamp));
                    log.push(entry(&clock(minute), "Export Logging (API)"));
                    let taken = follow.take(&found, reach);
                    told.extend(taken.new.into_iter().filter(|e| !is_look(e)));
                    if !taken.look_back {
                        break;
                    }
                    reach = Reach::Far;
                }
            };
            let mut looks = looks.into_iter();
            let (mut minute, mut next) = (0, 0);
            for (pause, what) in &saves {
                minute += pause;
                while next <= minute {
                    ask(&mut log, next);
                    next += looks.next().unwrap_or(1);
                }
                log.push(entry(&clock(minute), &format!("save {what}")));
            }
            for minute in [minute + 1, minute + 2, minute + 3] {
                ask(&mut log, minute.max(next));
            }
            let mut all: Vec<LogEntry> = log.into_iter().filter(|e| !is_look(e)).collect();
            let key = |e: &LogEntry| (e.timestamp.clone(), e.details.clone());
            all.sort_by_key(key);
            told.sort_by_key(key);
            prop_assert_eq!(told, all);
        }
    }
}
