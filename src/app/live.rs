//! The receiver of Data Entry Triggers and what it got: what section 8 shows.

use super::cursor::Cursor;
use super::model::Model;
use crate::domain::text::one_line;
use crate::domain::trigger::Trigger;
use crate::domain::trigger::feed::{Feed, Line};
use crate::domain::trigger::judge::{Known, Verdict, judge};
use crate::domain::values::MASK;
use crate::jobs::Problem;
use crate::jobs::types::{Listening, LiveEvent, SavedProject};
use jiff::Timestamp;

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

/// The receiver and its feed. The feed stays when the receiver is stopped.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// Whether triggers are received.
    pub state: LiveState,
    /// What came.
    pub feed: Feed,
    /// The cursor in the feed.
    pub cursor: Cursor,
    /// How many posts were turned away.
    pub refused: u64,
    /// The last one, and why.
    pub last_refused: Option<(Timestamp, String)>,
    /// When somebody last looked whether the address answers.
    pub tested: Option<Timestamp>,
}

impl Live {
    /// Takes in what the receiver tells.
    pub fn take(&mut self, event: LiveEvent, known: &[Known]) {
        match event {
            LiveEvent::Listening(listening) => self.state = LiveState::On(listening),
            LiveEvent::Came { at, trigger } => {
                // On the first line the cursor stays with what is newest, elsewhere with its line.
                let line = self.chosen().map(|l| l.number).filter(|_| self.cursor.at > 0);
                let verdict = judge(&trigger, known);
                self.feed.take(*trigger, verdict, at);
                if let Some(place) = line.and_then(|number| self.feed.place_of(number)) {
                    let moved = place.saturating_sub(self.cursor.at);
                    self.cursor.at = place;
                    self.cursor.top += moved;
                }
            }
            LiveEvent::Tested(at) => self.tested = Some(at),
            LiveEvent::Refused(at, why) => {
                self.refused += 1;
                self.last_refused = Some((at, why));
            }
        }
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

    /// Why it could not start.
    pub fn problem(&self) -> Option<Problem> {
        match &self.state {
            LiveState::Failed(problem) => Some(problem.clone()),
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
