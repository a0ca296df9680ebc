//! The feed: what arrived, newest first, bounded, with repeats joined.
//!
//! Two things tell of a save: its trigger, and its line in the project's log. Both stand in one
//! line of the feed.

use super::Trigger;
use super::judge::Verdict;
use super::logged::{self, Logged};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// How many lines are kept.
pub const MOST_LINES: usize = 1000;

/// How long after the last one an equal trigger counts as a repeat of it.
pub const JOIN_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// How many of the newest lines are looked through for an equal one.
const LOOK_BACK: usize = 50;

/// One line of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1. The number of a line never changes.
    pub number: u64,
    /// The trigger.
    pub trigger: Trigger,
    /// What it is worth.
    pub verdict: Verdict,
    /// When it came first.
    pub first: Timestamp,
    /// When it came last.
    pub last: Timestamp,
    /// How often its trigger came; 0 if only the log tells of it.
    pub times: u64,
    /// What the log says of it, oldest first.
    pub log: Vec<Logged>,
    /// What was read back after it.
    pub now: Option<Now>,
}

/// What was in a record when it was read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Now {
    /// When it was read.
    pub at: Timestamp,
    /// Names of fields and what they hold, in words. None is an identifier.
    pub values: Vec<(String, String)>,
    /// What else there is to say; may be empty.
    pub remark: String,
}

impl Line {
    /// Whether a trigger and a line of the log tell of the same save. Each trigger has one line.
    fn is_told_by(&self, place: &Trigger, logged: &Logged) -> bool {
        logged.may_have_trigger()
            && logged.is_near(self.first, self.last)
            && logged::same_save(&self.trigger, place)
    }
}

/// What arrived, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    lines: VecDeque<Line>,
    /// How many triggers ever came.
    pub total: u64,
    /// How many of them were suspicious.
    pub suspicious: u64,
    /// How many lines of logs ever came.
    pub logged: u64,
    next: u64,
}

impl Feed {
    /// Takes a trigger in, and gives the number of its line. A trigger that is equal in everything
    /// to one that came shortly before joins that line and moves it to the top.
    pub fn take(&mut self, trigger: Trigger, verdict: Verdict, at: Timestamp) -> u64 {
        self.total += 1;
        self.suspicious += u64::from(!verdict.fits());
        let equal = self.position(|line| {
            line.times > 0
                && line.trigger == trigger
                && line.verdict == verdict
                && at.duration_since(line.last) <= JOIN_WITHIN
        });
        if let Some(mut line) = equal.and_then(|at| self.lines.remove(at)) {
            line.times += 1;
            return self.put_first(line, at);
        }
        let logged = self.position(|line| {
            line.times == 0
                && line.verdict == verdict
                && line.log.iter().all(|l| l.may_have_trigger() && l.is_near(at, at))
                && logged::same_save(&trigger, &line.trigger)
        });
        if let Some(mut line) = logged.and_then(|at| self.lines.remove(at)) {
            line.times = 1;
            line.trigger = trigger;
            return self.put_first(line, at);
        }
        self.put_new(Line {
            number: 0,
            trigger,
            verdict,
            first: at,
            last: at,
            times: 1,
            log: Vec::new(),
            now: None,
        })
    }

    /// Takes a line of a project's log in, and gives the number of its line here. `place` says
    /// what it is about, as far as the log tells. If the trigger of the same save came already,
    /// it joins that line, which stays where it is.
    pub fn take_logged(&mut self, place: Trigger, logged: Logged, verdict: Verdict, at: Timestamp) -> u64 {
        self.logged += 1;
        let found = self.position(|line| {
            line.verdict == verdict
                && (line.log.len() as u64) < line.times
                && line.is_told_by(&place, &logged)
        });
        if let Some(line) = found.and_then(|at| self.lines.get_mut(at)) {
            line.log.push(logged);
            return line.number;
        }
        let log = vec![logged];
        self.put_new(Line {
            number: 0,
            trigger: place,
            verdict,
            first: at,
            last: at,
            times: 0,
            log,
            now: None,
        })
    }

    /// The first of the newest lines for which this holds.
    fn position(&self, is: impl Fn(&Line) -> bool) -> Option<usize> {
        self.lines.iter().take(LOOK_BACK).position(is)
    }

    fn put_first(&mut self, mut line: Line, at: Timestamp) -> u64 {
        line.last = line.last.max(at);
        let number = line.number;
        self.lines.push_front(line);
        number
    }

    fn put_new(&mut self, line: Line) -> u64 {
        self.next += 1;
        self.lines.push_front(Line { number: self.next, ..line });
        self.lines.truncate(MOST_LINES);
        self.next
    }

    /// Forgets what came, but not how much.
    pub fn forget(&mut self) {
        self.lines.clear();
    }

    /// The lines, newest first.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &Line> {
        self.lines.iter()
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing came yet.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line at a place, 0 being the newest.
    pub fn get(&self, at: usize) -> Option<&Line> {
        self.lines.get(at)
    }

    /// Notes what was read back for a line.
    pub fn note(&mut self, number: u64, now: Now) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.number == number) {
            line.now = Some(now);
        }
    }

    /// Where the line with this number is now.
    pub fn place_of(&self, number: u64) -> Option<usize> {
        self.lines.iter().position(|line| line.number == number)
    }

    /// When the last trigger came.
    pub fn last(&self) -> Option<Timestamp> {
        self.lines.front().map(|line| line.last)
    }
}

#[cfg(test)]
mod tests {
    use super::super::judge::Suspicion;
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn trigger(record: &str) -> Trigger {
        Trigger { project_id: 1, record: record.into(), ..Trigger::default() }
    }

    fn odd() -> Verdict {
        Verdict::Suspicious(Suspicion::NoServer)
    }

    #[test]
    fn repeats_join_their_line_and_move_it_to_the_top() {
        let mut feed = Feed::default();
        let first = feed.take(trigger("1"), odd(), at(0));
        feed.take(trigger("2"), odd(), at(1));
        assert_eq!(feed.take(trigger("1"), odd(), at(10)), first);
        let lines: Vec<_> = feed.lines().map(|l| (l.trigger.record.as_str(), l.times)).collect();
        assert_eq!(lines, [("1", 2), ("2", 1)]);
        assert_eq!((feed.total, feed.suspicious, feed.last()), (3, 3, Some(at(10))));
        // Another status is news, and so is the same thing later.
        let done = Trigger { status: "2".into(), ..trigger("1") };
        assert_ne!(feed.take(done, odd(), at(11)), first);
        assert_ne!(feed.take(trigger("1"), odd(), at(71)), first);
        assert_eq!(feed.len(), 4);
        assert_eq!(feed.place_of(first), Some(2));
        feed.forget();
        assert!(feed.is_empty());
        assert_eq!(feed.total, 5);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_in_counting_and_the_feed_stays_bounded(
            records in prop::collection::vec((0u16..1500, 0i64..3), 0..2500),
        ) {
            let mut feed = Feed::default();
            let mut now = 0;
            for (record, pause) in &records {
                now += pause;
                feed.take(trigger(&record.to_string()), odd(), at(now));
            }
            prop_assert_eq!(feed.total, records.len() as u64);
            prop_assert!(feed.len() <= MOST_LINES);
            let shown: u64 = feed.lines().map(|l| l.times).sum();
            prop_assert!(shown <= feed.total);
            if feed.len() < MOST_LINES {
                prop_assert_eq!(shown, feed.total);
            }
            let times: Vec<_> = feed.lines().map(|l| l.last).collect();
            prop_assert!(times.windows(2).all(|w| w[0] >= w[1]));
        }
    }
}
