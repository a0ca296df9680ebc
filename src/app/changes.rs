//! What changed: the project's log since a moment, put together by record.

use super::cursor::Cursor;
use super::open::matches;
use crate::domain::changes::{self, Change, Group, Span};
use crate::jobs::Problem;
use crate::jobs::types::{LogRead, LogWanted};

/// How the load of the log stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum LogLoad {
    /// Nothing was asked for.
    #[default]
    Never,
    /// It runs.
    Running,
    /// It was read at that time.
    Done(jiff::Timestamp),
    /// It failed; what was read before is shown.
    Failed(Problem),
}

impl LogLoad {
    /// Why it failed, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Failed(problem) => Some(problem),
            _ => None,
        }
    }
}

/// What changed, on screen.
#[derive(Debug, Clone, Default)]
pub struct ChangesView {
    /// How its load stands.
    pub load: LogLoad,
    /// What was read.
    pub read: LogRead,
    /// The lines, read.
    pub changes: Vec<Change>,
    /// Since when is asked for next; `None` is since the last look.
    pub wish: Option<Span>,
    /// Where the last look ended when this project was opened. Looking again does not move it.
    pub base: Option<Option<String>>,
    /// Lines that are about no record are shown too.
    pub all: bool,
    /// Words that every shown row must have.
    pub filter: String,
    /// What is on screen, newest first.
    pub groups: Vec<Group>,
    /// The cursor in `groups`.
    pub cursor: Cursor,
}

impl ChangesView {
    /// What to ask for.
    pub fn wanted(&self, id_field: &str, now: jiff::Timestamp) -> LogWanted {
        let span = match (&self.wish, &self.base) {
            (Some(span), _) => Some(span.clone()),
            (None, Some(Some(time))) => Some(Span::Since(time.clone())),
            (None, Some(None)) => Some(Span::Day),
            (None, None) => None,
        };
        LogWanted { span, id_field: id_field.to_owned(), now }
    }

    /// The next span: since the last look, 24 hours, 7 days.
    pub fn next_span(&mut self) {
        self.wish = match &self.wish {
            None if self.is_first_look() => Some(Span::Week),
            None => Some(Span::Day),
            Some(Span::Day | Span::Since(_)) => Some(Span::Week),
            Some(Span::Week) => None,
        };
    }

    /// There was no look before that a span could begin at.
    pub fn is_first_look(&self) -> bool {
        self.base == Some(None)
    }

    /// Takes what was read in.
    pub fn take(&mut self, read: LogRead, now: jiff::Timestamp) {
        self.base.get_or_insert_with(|| read.last_look.clone());
        self.changes = read.entries.iter().map(Change::read).collect();
        self.read = read;
        self.load = LogLoad::Done(now);
        self.refresh();
    }

    /// Works out which rows are shown.
    pub fn refresh(&mut self) {
        self.groups = changes::by_record(&self.read.entries, &self.changes, self.all);
        // Without the log only names are known.
        let touched = self.read.touched.iter().map(|record| Group {
            record: record.clone(),
            lines: Vec::new(),
            kinds: Vec::new(),
            who: Vec::new(),
        });
        self.groups.extend(touched);
        let filter = std::mem::take(&mut self.filter);
        let mut groups = std::mem::take(&mut self.groups);
        groups.retain(|g| {
            let what = self.what(g);
            let who = g.who.join(" ");
            matches(&filter, &[&g.record, &what, &who])
        });
        self.filter = filter;
        self.groups = groups;
        self.cursor.at = self.cursor.at.min(self.groups.len().saturating_sub(1));
    }

    /// What was done, in words: `updated 3 times`, `created, updated`.
    pub fn what(&self, group: &Group) -> String {
        if group.lines.is_empty() {
            return "created or changed".to_owned();
        }
        if group.record.is_empty() {
            // A line about no record is told by its own words.
            let entry = group.lines.first().and_then(|&at| self.read.entries.get(at));
            return entry.map(|e| crate::domain::text::one_line(&e.action)).unwrap_or_default();
        }
        let kinds: Vec<&str> = group.kinds.iter().map(|k| k.words()).collect();
        let times =
            if group.lines.len() > 1 { format!(" ({} lines)", group.lines.len()) } else { String::new() };
        format!("{}{times}", kinds.join(", "))
    }

    /// How many records changed, how many of them were deleted, and how many lines are left out.
    pub fn counts(&self) -> (usize, usize, usize) {
        let all = changes::by_record(&self.read.entries, &self.changes, false);
        let deleted = all.iter().filter(|g| g.kinds.contains(&changes::Kind::Deleted)).count();
        let other = self.changes.iter().filter(|c| !c.kind.is_of_record()).count();
        (all.len() + self.read.touched.len(), deleted, other)
    }

    /// The row under the cursor.
    pub fn chosen(&self) -> Option<&Group> {
        self.groups.get(self.cursor.at)
    }

    /// The record under the cursor.
    pub fn record(&self) -> Option<&str> {
        self.chosen().map(|g| g.record.as_str()).filter(|r| !r.is_empty())
    }
}
