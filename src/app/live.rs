//! The receiver of Data Entry Triggers and what it got: what section 8 shows.

use super::cursor::Cursor;
use super::model::Model;
use super::open::Open;
use super::read_back::ReadBack;
use crate::domain::changes::Follow;
use crate::domain::text::one_line;
use crate::domain::trigger::Trigger;
use crate::domain::trigger::feed::{Feed, Line};
use crate::domain::trigger::judge::{Known, Verdict, judge};
use crate::domain::trigger::logged::Logged;
use crate::domain::values::MASK;
use crate::jobs::Problem;
use crate::jobs::types::{Delivery, Listening, LiveEvent, Look, SavedProject, Setup};
use jiff::Timestamp;
use std::time::Duration;

/// Whether triggers are received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LiveState {
    /// No.
    #[default]
    Off,
    /// Not yet.
    Starting,
    /// Yes.
    On(Listening),
    /// It could not start.
    Failed(Problem),
}

/// Whether the log of the open project is watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WatchState {
    /// No.
    #[default]
    Off,
    /// Yes.
    On,
    /// The last look failed; the next one is at this time.
    Waiting(Problem, Timestamp),
    /// The server refused, so no more looks are taken.
    Refused(Problem),
}

/// The pauses between two looks that can be chosen, in seconds.
pub const PAUSES: [u64; 5] = [30, 60, 120, 300, 600];

/// The watch of the open project's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Whether it runs.
    pub state: WatchState,
    /// The pause between two looks.
    pub every: Duration,
    /// When the last look was.
    pub looked: Option<Timestamp>,
    /// Where the watch of which project ended, so that it goes on there.
    pub follow: Option<(String, Follow)>,
}

impl Default for Watch {
    fn default() -> Self {
        Self { state: WatchState::Off, every: Duration::from_secs(60), looked: None, follow: None }
    }
}

impl Watch {
    /// The next longer pause, or the shortest again.
    pub fn next_pause(&mut self) {
        let now = self.every.as_secs();
        let next = PAUSES.into_iter().find(|p| *p > now).unwrap_or(PAUSES[0]);
        self.every = Duration::from_secs(next);
    }

    /// The pause in words: `30 s`, `5 min`.
    pub fn every_words(&self) -> String {
        match self.every.as_secs() {
            seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
            seconds => format!("{seconds} s"),
        }
    }
}

/// What becomes of triggers that are passed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOn {
    /// How many the handler took.
    pub delivered: u64,
    /// How many wait for it.
    pub waiting: usize,
    /// How many it does not get any more.
    pub given_up: u64,
    /// Why the last one was not delivered, until the next one is.
    pub trouble: Option<String>,
    /// How often the program did its work.
    pub ran: u64,
    /// How often it did not.
    pub failed: u64,
    /// Why, the last time.
    pub failure: Option<String>,
}

impl PassedOn {
    fn take(&mut self, told: Delivery) {
        self.waiting = told.waiting;
        match told.done {
            Some(true) => self.delivered += 1,
            Some(false) => self.given_up += 1,
            None => {}
        }
        self.trouble = (told.done != Some(true)).then_some(told.words);
    }

    fn ran(&mut self, failure: Option<String>) {
        match failure {
            None => self.ran += 1,
            Some(why) => {
                self.failed += 1;
                self.failure = Some(why);
            }
        }
    }
}

/// The receiver and its feed. The feed stays when the receiver is stopped.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// Whether triggers are received.
    pub state: LiveState,
    /// What came.
    pub feed: Feed,
    /// The cursor in the feed.
    pub cursor: Cursor,
    /// The first line of the card that is shown.
    pub card_top: usize,
    /// How many posts were turned away.
    pub refused: u64,
    /// The last one, and why.
    pub last_refused: Option<(Timestamp, String)>,
    /// When somebody last looked whether the address answers.
    pub tested: Option<Timestamp>,
    /// The watch of the open project's log.
    pub watch: Watch,
    /// What is read back after triggers.
    pub back: ReadBack,
    /// How the receiver is set up.
    pub setup: Setup,
    /// What becomes of triggers that are passed on.
    pub passed_on: PassedOn,
}

impl Live {
    /// Takes in what the receiver tells. Gives the line of the feed that a trigger belongs to.
    pub fn take(&mut self, event: LiveEvent, known: &[Known]) -> Option<u64> {
        match event {
            LiveEvent::Listening(listening) => {
                self.passed_on = PassedOn { waiting: listening.waiting, ..PassedOn::default() };
                self.state = LiveState::On(listening);
            }
            LiveEvent::Forward(told) => self.passed_on.take(told),
            LiveEvent::Ran(failure) => self.passed_on.ran(failure),
            LiveEvent::Came { at, trigger } => {
                let verdict = judge(&trigger, known);
                return Some(self.keep_cursor(|feed| feed.take(*trigger, verdict, at)));
            }
            LiveEvent::Tested(at) => self.tested = Some(at),
            LiveEvent::Refused(at, why) => {
                self.refused += 1;
                self.last_refused = Some((at, why));
            }
        }
        None
    }

    /// Takes in what a look at the log of the open project brought.
    pub fn looked(&mut self, look: Look, open: &Open) {
        let project = &open.project;
        let verdict = Verdict::Fits { id: project.id.clone(), name: project.name.clone() };
        for entry in look.lines {
            let logged = Logged::read(entry, look.clock);
            let place = logged.place(project.project_id, &open.metadata);
            self.keep_cursor(|feed| feed.take_logged(place, logged, verdict.clone(), look.at));
        }
        self.watch.state = WatchState::On;
        self.watch.looked = Some(look.at);
        self.watch.follow = Some((project.id.clone(), look.follow));
    }

    /// Changes the feed. On the first line the cursor stays with what is newest, elsewhere with
    /// its line.
    fn keep_cursor(&mut self, change: impl FnOnce(&mut Feed) -> u64) -> u64 {
        let line = self.chosen().map(|l| l.number).filter(|_| self.cursor.at > 0);
        let taken = change(&mut self.feed);
        if let Some(place) = line.and_then(|number| self.feed.place_of(number)) {
            let moved = place.saturating_sub(self.cursor.at);
            self.cursor.at = place;
            self.cursor.top += moved;
        }
        taken
    }

    /// The line under the cursor.
    pub fn chosen(&self) -> Option<&Line> {
        self.feed.get(self.cursor.at)
    }

    /// What the receiver is, while it listens.
    pub fn listening(&self) -> Option<&Listening> {
        match &self.state {
            LiveState::On(listening) => Some(listening),
            _ => None,
        }
    }

    /// Why it could not start, or why the log is not watched.
    pub fn problem(&self) -> Option<&Problem> {
        match (&self.state, &self.watch.state) {
            (LiveState::Failed(problem), _)
            | (_, WatchState::Waiting(problem, _) | WatchState::Refused(problem)) => Some(problem),
            _ => None,
        }
    }
}

/// The saved project that a trigger fits.
pub fn project_of<'a>(model: &'a Model, line: &Line) -> Option<&'a SavedProject> {
    match &line.verdict {
        Verdict::Fits { id, .. } => model.projects.iter().find(|p| p.id == *id),
        Verdict::Suspicious(_) => None,
    }
}

/// Whether a trigger fits the project that is open, maybe by another of its tokens.
pub fn fits_open(model: &Model, line: &Line) -> bool {
    let (Some(open), Some(project)) = (&model.open, project_of(model, line)) else { return false };
    open.project.url == project.url && open.project.project_id == project.project_id
}

/// The record's name as it may be shown. Whether it identifies a person is known of the open
/// project alone; everywhere else it is masked while identifiers are.
pub fn shown_record(model: &Model, line: &Line) -> String {
    let record = &line.trigger.record;
    match &model.open {
        Some(open) if fits_open(model, line) && !open.metadata.dictionary.fields().is_empty() => {
            open.shown_record(record)
        }
        Some(open) if !open.masked => one_line(record),
        None if !model.options.mask => one_line(record),
        _ => MASK.to_owned(),
    }
}

/// The instrument, and the instance if something repeats.
pub fn place(trigger: &Trigger) -> String {
    match trigger.instance {
        Some(instance) => format!("{} no. {instance}", one_line(&trigger.instrument)),
        None => one_line(&trigger.instrument),
    }
}
