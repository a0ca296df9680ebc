//! The status grid: every record × every instrument at every event, in one look.

use super::cursor::Cursor;
use crate::domain::choices::Choice;
use crate::domain::dictionary::status_field;
use crate::domain::filter::{self, Kind, Term, Test};
use crate::domain::project::Metadata;
pub use crate::domain::status::{Cell, Grid, GridColumn, State};
use crate::jobs::Problem;
use crate::jobs::types::StatusWanted;

/// How the load of the grid stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum GridLoad {
    /// Nothing was asked for.
    #[default]
    Never,
    /// It runs.
    Running,
    /// It was read at that time.
    Done(jiff::Timestamp),
    /// It failed.
    Failed(Problem),
}

/// The status grid on screen.
#[derive(Debug, Clone, Default)]
pub struct GridView {
    /// It is shown in place of the record table.
    pub shown: bool,
    /// How its load stands.
    pub load: GridLoad,
    /// The grid.
    pub grid: Grid,
    /// The records on screen, by their places in the grid, in order.
    pub rows: Vec<usize>,
    /// The filter as it was typed.
    pub filter: String,
    /// What is wrong with it.
    pub mistake: Option<String>,
    /// The records are ordered by this column, what is missing first.
    pub sort: Option<usize>,
    /// The cursor in the rows on screen.
    pub cursor: Cursor,
    /// The cursor in the columns.
    pub column: usize,
}

impl GridView {
    /// The record under the cursor.
    pub fn record(&self) -> Option<&str> {
        self.grid.rows.get(self.chosen()?).map(|(record, _)| record.as_str())
    }

    /// The place in the grid of the record under the cursor.
    pub fn chosen(&self) -> Option<usize> {
        self.rows.get(self.cursor.at).copied()
    }

    /// Takes a grid that was read.
    pub fn take(&mut self, grid: Grid, metadata: &Metadata, masked: bool) {
        self.grid = grid;
        self.column = self.column.min(self.grid.columns.len().saturating_sub(1));
        self.sort = self.sort.filter(|c| *c < self.grid.columns.len());
        self.refresh(metadata, masked);
    }

    /// Orders by the column under the cursor, or by record again.
    pub fn turn_sort(&mut self) {
        self.sort = if self.sort == Some(self.column) { None } else { Some(self.column) };
    }

    /// Works out which records are on screen, and in which order.
    pub fn refresh(&mut self, metadata: &Metadata, masked: bool) {
        let id_masked = masked && metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
        let known = Self::filter_columns(metadata, id_masked);
        let (query, mistake) = filter::parse_as_far(&self.filter, &known);
        let passes = |at: &usize| {
            let holds = |term: &Term| self.holds(*at, term, &known, id_masked);
            query.any.is_empty() || query.any.iter().any(|all| all.iter().all(holds))
        };
        let mut rows: Vec<usize> = (0..self.grid.rows.len()).filter(passes).collect();
        if let Some(column) = self.sort {
            // What needs doing first; what is not used here last. Equal records stay in order.
            let rank = |at: &usize| match self.grid.cell(*at, column).map(|c| c.state) {
                Some(State::NoVisit) => 0,
                Some(State::NotStarted) => 1,
                Some(State::Incomplete) => 2,
                Some(State::SurveyPartial) => 3,
                Some(State::Unverified) => 4,
                Some(State::SurveyComplete) => 5,
                Some(State::Complete) => 6,
                Some(State::NotUsed) | None => 7,
            };
            rows.sort_by_key(rank);
        }
        self.mistake = mistake.map(|m| m.what);
        self.rows = rows;
        self.cursor.at = self.cursor.at.min(self.rows.len().saturating_sub(1));
    }

    /// The names a filter knows here: `record`, `DAG`, and each instrument,
    /// whose values are the states.
    fn filter_columns(metadata: &Metadata, id_masked: bool) -> Vec<filter::Column> {
        let column = |names: Vec<String>, kind, masked| filter::Column { names, kind, masked };
        let id = metadata.dictionary.record_id_field().map(|f| f.name.clone());
        let record = std::iter::once("record".to_owned()).chain(id).collect();
        let states: Vec<Choice> = State::ALL.iter().map(|s| Choice::new(s.words(), s.words())).collect();
        let mut columns = vec![
            column(record, Kind::Names, id_masked),
            column(vec!["DAG".to_owned(), "group".to_owned()], Kind::Text, false),
        ];
        columns.extend(
            metadata
                .instruments
                .iter()
                .map(|i| column(vec![i.name.clone()], Kind::Choice(states.clone()), false)),
        );
        columns
    }

    fn holds(&self, at: usize, term: &Term, known: &[filter::Column], id_masked: bool) -> bool {
        let Some((record, cells)) = self.grid.rows.get(at) else { return false };
        let group = self.grid.groups.get(at).map_or("", String::as_str);
        match term {
            Term::Word(word) => {
                let in_record = !id_masked && record.to_lowercase().contains(word);
                in_record
                    || group.to_lowercase().contains(word)
                    || cells.iter().any(|c| c.state != State::NotUsed && names(c.state).any(|n| n == word))
            }
            Term::Compare(place, test) => {
                let Some(column) = known.get(*place) else { return false };
                match place {
                    0 => test.holds(&[record], &column.kind),
                    1 => test.holds(&[group], &column.kind),
                    // At any event; an event at which the instrument is not used says nothing.
                    _ => self.grid.columns.iter().zip(cells).any(|(c, cell)| {
                        column.names.first() == Some(&c.form)
                            && cell.state != State::NotUsed
                            && passes(test, cell.state, &column.kind)
                    }),
                }
            }
        }
    }
}

/// The words for a state. A survey that is complete is a form that is complete too.
fn names(state: State) -> impl Iterator<Item = &'static str> {
    let of_form = state.is_of_survey().then(|| state.of_form().words());
    std::iter::once(state.words()).chain(of_form)
}

/// Whether a state passes a test under one of its names; what says "is not" must hold for both.
fn passes(test: &Test, state: State, kind: &Kind) -> bool {
    let mut holds = names(state).map(|name| test.holds(&[name], kind));
    if matches!(test, Test::Codes(_, false)) { holds.all(|h| h) } else { holds.any(|h| h) }
}

/// What to ask the server for: the record id and the form status of every instrument, by name.
/// A dictionary field that only ends in `_complete` is no status and is not asked for.
pub fn wanted(metadata: &Metadata) -> Option<StatusWanted> {
    let id_field = metadata.dictionary.record_id_field()?.name.clone();
    let statuses = metadata.instruments.iter().map(|i| status_field(&i.name)).collect();
    Some(StatusWanted { id_field, statuses, surveys: metadata.info.surveys_enabled })
}
