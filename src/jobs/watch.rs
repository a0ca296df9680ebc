//! Watching a project's log: changes as they come, for those who cannot set up triggers, and for
//! what triggers never tell: imports and deletions.
//!
//! Each look asks for the few minutes since the last one, and leaves a line of its own in the log
//! (`redcap-api.md` §3.20: `Export Logging (API)`). So the pace is the user's to choose, and a
//! server that is in trouble is asked less and less often.

use super::bench::Workbench;
use super::log::probe;
use super::problem::Problem;
use super::types::SavedProject;
use crate::api::client::{Api, LogQuery};
use crate::api::error::{ApiError, ErrorKind};
use crate::domain::changes::{Change, Follow, Reach, before};
use crate::domain::clock::ServerClock;
use crate::domain::log::LogEntry;
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use std::time::Duration;

/// The shortest time between two looks at a server, in seconds.
pub const LEAST_SECONDS: u64 = 15;

/// The longest pause after errors, unless the looks themselves are further apart.
const LONGEST: Duration = Duration::from_secs(600);

/// How far back the first look reaches, so that a clock that is set back later finds lines known.
const FIRST_REACH: SignedDuration = SignedDuration::from_mins(80);

/// How a log is to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchWanted {
    /// The time between two looks.
    pub every: Duration,
    /// Of what was there before the first look: the lines of so many minutes are told.
    pub back_minutes: i64,
    /// Where an earlier watch of this project ended. What it told is not told again.
    pub follow: Option<Follow>,
}

/// What a watch tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// A look was taken.
    Looked(Box<Look>),
    /// A look failed; the next one is after this time.
    Failed(Box<Problem>, Duration),
}

/// One look at a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// The new lines about records, oldest first and as the server gave them. Their details hold
    /// values.
    pub lines: Vec<LogEntry>,
    /// The server's clock, if it could be told.
    pub clock: Option<ServerClock>,
    /// With which the watch goes on.
    pub follow: Follow,
}

/// Watches until it is dropped, or until the server refuses: a refusal is not tried again.
pub async fn watch(
    bench: &Workbench,
    project: &SavedProject,
    wanted: WatchWanted,
    tell: impl Fn(Watched),
) -> Result<Infallible, Problem> {
    let api = bench.api(project).await?;
    let follow = wanted.follow.unwrap_or_default();
    let mut watcher = Watcher { bench, api, url: &project.url, follow, asked_for_clock: false };
    let mut failures = 0;
    loop {
        let pause = match watcher.look(wanted.back_minutes).await {
            Ok(lines) => {
                failures = 0;
                let (at, clock, follow) =
                    (Timestamp::now(), bench.clock(&project.url), watcher.follow.clone());
                tell(Watched::Looked(Box::new(Look { at, lines, clock, follow })));
                wanted.every
            }
            Err(e) if can_pass(&e) => {
                failures += 1;
                let pause = pause_after(wanted.every, failures).max(e.retry_after.unwrap_or_default());
                tell(Watched::Failed(Box::new(e.into()), pause));
                pause
            }
            Err(e) => return Err(refusal(e)),
        };
        tokio::time::sleep(pause).await;
    }
}

struct Watcher<'a> {
    bench: &'a Workbench,
    api: Api,
    url: &'a str,
    follow: Follow,
    asked_for_clock: bool,
}

impl Watcher<'_> {
    /// Takes one look and gives the new lines about records, oldest first. Nothing is noted before
    /// the last answer is here, so a look that fails loses nothing.
    async fn look(&mut self, back_minutes: i64) -> Result<Vec<LogEntry>, ApiError> {
        let now = Timestamp::now();
        let guess = match self.bench.clock(self.url) {
            None if !self.asked_for_clock => probe(&self.api, now).await?,
            known => known,
        };
        self.asked_for_clock = true;
        let Some(begin) = self.follow.begin(Reach::Usual) else {
            return self.first_look(guess, back_minutes, now).await;
        };
        let mut next = self.follow.clone();
        let entries = self.lines_since(begin).await?;
        self.note_clock(guess, &entries, now);
        let taken = next.take(&entries, Reach::Usual);
        let mut new = taken.new;
        if taken.look_back
            && let Some(begin) = next.begin(Reach::Far)
        {
            new.extend(next.take(&self.lines_since(begin).await?, Reach::Far).new);
        }
        self.follow = next;
        Ok(about_records(new))
    }

    /// The first look learns what is there already.
    async fn first_look(
        &mut self,
        guess: Option<ServerClock>,
        back_minutes: i64,
        now: Timestamp,
    ) -> Result<Vec<LogEntry>, ApiError> {
        let since = |clock: ServerClock| clock.shows(now.saturating_sub(FIRST_REACH).unwrap_or(now));
        let mut entries = match guess {
            Some(clock) => self.lines_since(since(clock)).await?,
            None => Vec::new(),
        };
        if !self.note_clock(guess, &entries, now) {
            // A line of somebody else may have looked like ours: the time may have been too late.
            entries = self.lines_since(since(ServerClock::earliest())).await?;
        }
        let new = self.follow.take(&entries, Reach::Usual).new;
        let from = self.follow.newest().map(|newest| before(newest, back_minutes));
        if from.is_none() {
            // A log without any line: the next look begins where this one did.
            self.follow = Follow::from_time(&since(ServerClock::earliest()));
        }
        let is_told =
            |e: &LogEntry| back_minutes > 0 && from.as_ref().is_none_or(|from| e.timestamp >= *from);
        Ok(about_records(new.into_iter().filter(is_told).collect()))
    }

    /// Notes the server's clock if the lines prove the guess. Gives whether it is known now.
    fn note_clock(&self, guess: Option<ServerClock>, entries: &[LogEntry], now: Timestamp) -> bool {
        if let Some(clock) = guess.filter(|c| c.is_proved_by(entries, now)) {
            self.bench.set_clock(self.url, clock);
        }
        guess.is_some() && self.bench.clock(self.url) == guess
    }

    async fn lines_since(&self, begin: String) -> Result<Vec<LogEntry>, ApiError> {
        self.api.log(LogQuery { begin, ..LogQuery::default() }).await
    }
}

fn about_records(lines: Vec<LogEntry>) -> Vec<LogEntry> {
    lines.into_iter().filter(|line| Change::read(line).kind.is_of_record()).collect()
}

/// Whether a watch may go on after an error, some time later. After a refusal or a ban it may not:
/// asking again would make it worse.
fn can_pass(error: &ApiError) -> bool {
    error.is_passing() || matches!(error.kind, ErrorKind::Timeout | ErrorKind::OutOfMemory | ErrorKind::Proxy)
}

/// The pause after so many failures in a row: twice as long each time.
fn pause_after(every: Duration, failures: u32) -> Duration {
    let longer = every.saturating_mul(2_u32.saturating_pow(failures.min(16)));
    longer.min(LONGEST.max(every))
}

/// Why a watch ended, with what a missing right means for it.
fn refusal(error: ApiError) -> Problem {
    let no_right = matches!(error.kind, ErrorKind::NoRight { .. });
    let problem = Problem::from(error);
    if !no_right {
        return problem;
    }
    Problem {
        title: "This token may not read the log".into(),
        advice: "Watching needs the rights 'API Export' and 'Logging': ask the project's owner for them on the User Rights page. \
                 Data Entry Triggers need no right of yours, but imports and deletions stay unseen."
            .into(),
        ..problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_in_trouble_is_asked_less_and_less_often() {
        let every = Duration::from_secs(60);
        let pauses: Vec<u64> = (1..6).map(|n| pause_after(every, n).as_secs()).collect();
        assert_eq!(pauses, [120, 240, 480, 600, 600]);
        assert_eq!(pause_after(Duration::from_secs(1200), 3).as_secs(), 1200);
        let kind = |kind| can_pass(&ApiError::new(kind, "Export Logging"));
        assert!(kind(ErrorKind::ServerBusy) && kind(ErrorKind::Timeout));
        assert!(!kind(ErrorKind::Blocked) && !kind(ErrorKind::BadToken) && !kind(ErrorKind::Refused));
    }
}
