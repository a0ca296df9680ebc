//! The status of every instrument at every event, for every record.

use super::dictionary::status_field;
use super::project::Metadata;
use super::record::{column, natural_cmp};
use super::table::RecordTable;
use std::collections::HashMap;

/// How an instrument of a record stands at an event. From worst to best, as far as that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The instrument is not used at this event, or the event is of another arm.
    NotUsed,
    /// The record has no row for this event: REDCap exports none where nothing was entered.
    NoVisit,
    /// The visit is there, the instrument was never saved (gray).
    NotStarted,
    /// Saved, status Incomplete (red).
    Incomplete,
    /// A participant began the survey and did not finish it.
    SurveyPartial,
    /// Status Unverified (yellow).
    Unverified,
    /// A participant finished the survey, and the status is Complete.
    SurveyComplete,
    /// Status Complete (green).
    Complete,
}

impl State {
    /// All states that a cell can show, for the legend.
    pub const ALL: [Self; 8] = [
        Self::Complete,
        Self::SurveyComplete,
        Self::Unverified,
        Self::Incomplete,
        Self::SurveyPartial,
        Self::NotStarted,
        Self::NoVisit,
        Self::NotUsed,
    ];

    /// Only instruments that are surveys have it.
    pub fn is_of_survey(self) -> bool {
        matches!(self, Self::SurveyPartial | Self::SurveyComplete)
    }

    /// The state by the form status alone.
    #[must_use]
    pub fn of_form(self) -> Self {
        match self {
            Self::SurveyPartial => Self::Incomplete,
            Self::SurveyComplete => Self::Complete,
            other => other,
        }
    }

    /// One sign, different for each state without any colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::NotUsed => " ",
            Self::NoVisit => "·",
            Self::NotStarted => "o",
            Self::Incomplete => "I",
            Self::SurveyPartial => "P",
            Self::Unverified => "U",
            Self::SurveyComplete => "S",
            Self::Complete => "C",
        }
    }

    /// Its words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotUsed => "not used here",
            Self::NoVisit => "no visit",
            Self::NotStarted => "not started",
            Self::Incomplete => "incomplete",
            Self::SurveyPartial => "survey partial",
            Self::Unverified => "unverified",
            Self::SurveyComplete => "survey complete",
            Self::Complete => "complete",
        }
    }

    /// Reads a form status that was exported with blanks for gray.
    fn from_status(code: &str) -> Self {
        match code {
            "2" => Self::Complete,
            "1" => Self::Unverified,
            "" => Self::NotStarted,
            _ => Self::Incomplete,
        }
    }

    /// Reads a form status beside the time of the survey: when it was finished, the words
    /// `[not completed]` while it is not, and blank where a participant never began or staff
    /// entered the data (`redcap-api.md` §4.8). Where the two disagree, as after staff changed the
    /// status by hand, the form status is told: what REDCap shows then is not known.
    fn read(status: &str, time: &str) -> Self {
        match (Self::from_status(status), time) {
            (Self::Incomplete, NOT_COMPLETED) => Self::SurveyPartial,
            (Self::Complete, time) if !time.is_empty() && time != NOT_COMPLETED => Self::SurveyComplete,
            (state, _) => state,
        }
    }
}

/// What stands in place of the time of a survey that was begun and not finished.
const NOT_COMPLETED: &str = "[not completed]";

/// A cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The state; of several instances the worst.
    pub state: State,
    /// How many instances there are, where the instrument or the event repeats.
    pub instances: usize,
}

/// A column of the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridColumn {
    /// The event's unique name; empty in a classic project.
    pub event: String,
    /// The instrument.
    pub form: String,
}

/// The grid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// The columns: events in project order, and their instruments in project order.
    pub columns: Vec<GridColumn>,
    /// The records in human order, each with a cell a column.
    pub rows: Vec<(String, Vec<Cell>)>,
    /// The Data Access Group of each record, empty where there is none; empty if the server did
    /// not tell groups.
    pub groups: Vec<String>,
    /// Instruments whose status the server did not send.
    pub unreadable: Vec<String>,
    /// The server told when surveys were finished, so survey states can be told.
    pub surveys: bool,
}

impl Grid {
    /// Builds the grid from an export of the statuses with blanks for gray.
    pub fn build(table: &RecordTable, metadata: &Metadata) -> Self {
        let columns = columns(metadata);
        let unreadable = metadata
            .instruments
            .iter()
            .filter(|i| table.n_rows() > 0 && table.column(&status_field(&i.name)).is_none())
            .map(|i| i.name.clone())
            .collect();
        let id =
            metadata.dictionary.record_id_field().and_then(|f| table.column(&f.name)).unwrap_or_default();
        let read = Read {
            table,
            metadata,
            event: table.column(column::EVENT),
            instrument: table.column(column::REPEAT_INSTRUMENT),
            instance: table.column(column::REPEAT_INSTANCE),
        };
        let surveys = metadata.instruments.iter().any(|i| table.column(&time_field(&i.name)).is_some());
        let placed: Vec<Placed> = columns.iter().map(|c| read.place(c)).collect();
        let mut place: HashMap<&str, usize> = HashMap::new();
        let mut records: Vec<Record> = Vec::new();
        for row in 0..table.n_rows() {
            let name = table.cell(row, id);
            let at = *place.entry(name).or_insert_with(|| {
                records.push(Record { name, rows: Vec::new() });
                records.len() - 1
            });
            if let Some(record) = records.get_mut(at) {
                record.rows.push(row);
            }
        }
        records.sort_by(|a, b| natural_cmp(a.name, b.name));
        let rows = records
            .iter()
            .map(|record| {
                let cells = placed.iter().map(|p| read.cell(record, p)).collect();
                (record.name.to_owned(), cells)
            })
            .collect();
        let groups = table.column(column::DAG).map_or_else(Vec::new, |dag| {
            let of = |r: &Record| r.rows.iter().map(|&row| table.cell(row, dag)).find(|d| !d.is_empty());
            records.iter().map(|r| of(r).unwrap_or_default().to_owned()).collect()
        });
        Self { columns, rows, groups, unreadable, surveys }
    }

    /// The cell of a record, by its place, in a column.
    pub fn cell(&self, record: usize, column: usize) -> Option<Cell> {
        self.rows.get(record)?.1.get(column).copied()
    }

    /// How often a state is in a column of these records, instances of what repeats not counted.
    pub fn count(&self, records: &[usize], column: usize, state: State) -> usize {
        let cells = records.iter().filter_map(|&r| self.cell(r, column));
        cells.filter(|c| c.instances == 0 && c.state == state).count()
    }

    /// How many instances a column has over these records.
    pub fn instances(&self, records: &[usize], column: usize) -> usize {
        records.iter().filter_map(|&r| self.cell(r, column)).map(|c| c.instances).sum()
    }
}

/// The column with the time at which the survey of an instrument was finished.
fn time_field(form: &str) -> String {
    format!("{form}_timestamp")
}

struct Record<'a> {
    name: &'a str,
    rows: Vec<usize>,
}

fn columns(metadata: &Metadata) -> Vec<GridColumn> {
    let forms = metadata.instruments.iter().map(|i| i.name.clone());
    if !metadata.info.is_longitudinal {
        return forms.map(|form| GridColumn { event: String::new(), form }).collect();
    }
    let forms: Vec<String> = forms.collect();
    let events = metadata.events.list().iter();
    events
        .flat_map(|e| {
            let used = |form: &&String| {
                metadata.mapping.list().iter().any(|m| m.event == e.unique_name && m.form == **form)
            };
            let columns: Vec<GridColumn> = forms
                .iter()
                .filter(used)
                .map(|form| GridColumn { event: e.unique_name.clone(), form: form.clone() })
                .collect();
            columns
        })
        .collect()
}

/// A table with the places of REDCap's own columns looked up once.
struct Read<'a> {
    table: &'a RecordTable,
    metadata: &'a Metadata,
    event: Option<usize>,
    instrument: Option<usize>,
    instance: Option<usize>,
}

/// A column of the grid with what is the same for all records.
struct Placed<'a> {
    column: &'a GridColumn,
    status: Option<usize>,
    time: Option<usize>,
    arm: Option<u32>,
    repeats: bool,
}

impl<'a> Read<'a> {
    fn place(&self, column: &'a GridColumn) -> Placed<'a> {
        let repeats = |r: &super::event::Repeating| r.event == column.event && r.form == column.form;
        // Where the set-up is not known, what has an instance here repeats here.
        let has_instance = |row: usize| {
            self.at(row, self.event) == column.event && self.at(row, self.instrument) == column.form
        };
        Placed {
            column,
            status: self.table.column(&status_field(&column.form)),
            time: self.table.column(&time_field(&column.form)),
            arm: self.metadata.event(&column.event).map(|e| e.arm_num),
            repeats: match self.metadata.repeating.known() {
                Some(list) => list.iter().any(repeats),
                None => self.instrument.is_some() && (0..self.table.n_rows()).any(has_instance),
            },
        }
    }

    fn at(&self, row: usize, place: Option<usize>) -> &str {
        place.map_or("", |column| self.table.cell(row, column))
    }

    fn cell(&self, record: &Record, place: &Placed) -> Cell {
        let plain = |state| Cell { state, instances: 0 };
        let mut worst: Option<State> = None;
        let mut instances = 0;
        let mut visit = false;
        for &row in &record.rows {
            if self.at(row, self.event) != place.column.event {
                continue;
            }
            visit = true;
            let instrument = self.at(row, self.instrument);
            let holds = if place.repeats { instrument == place.column.form } else { instrument.is_empty() };
            if !holds {
                continue;
            }
            let state = State::read(self.at(row, place.status), self.at(row, place.time));
            // An instance of a repeating event counts where the instrument was saved in it.
            let is_instance = !self.at(row, self.instance).is_empty();
            if is_instance && (place.repeats || state != State::NotStarted) {
                instances += 1;
            }
            worst = Some(worst.map_or(state, |w| w.min(state)));
        }
        if let Some(state) = worst {
            return Cell { state, instances };
        }
        if !self.metadata.info.is_longitudinal || visit {
            return plain(State::NotStarted);
        }
        let in_arm = record
            .rows
            .iter()
            .any(|&row| self.metadata.event(self.at(row, self.event)).map(|e| e.arm_num) == place.arm);
        plain(if in_arm { State::NoVisit } else { State::NotUsed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::{Dictionary, Field};
    use crate::domain::event::{Event, Instrument, Mapping, Repeating};
    use crate::domain::project::{ProjectInfo, Readable};
    use crate::domain::table::TableBuilder;

    fn metadata() -> Metadata {
        let event = |name: &str, arm| Event { unique_name: name.into(), arm_num: arm, ..Event::default() };
        let map = |event: &str, form: &str| Mapping { arm_num: 1, event: event.into(), form: form.into() };
        let form = |name: &str| Instrument { name: name.into(), label: name.into() };
        Metadata {
            info: ProjectInfo { is_longitudinal: true, ..ProjectInfo::default() },
            dictionary: Dictionary::new(vec![Field::new("id", "a"), Field::new("x", "ae")]),
            instruments: vec![form("a"), form("ae")],
            events: Readable::Known(vec![event("e1", 1), event("e2", 1), event("e3", 2)]),
            mapping: Readable::Known(vec![map("e1", "a"), map("e2", "a"), map("e2", "ae"), map("e3", "a")]),
            repeating: Readable::Known(vec![Repeating {
                event: "e2".into(),
                form: "ae".into(),
                custom_label: String::new(),
            }]),
            ..Metadata::default()
        }
    }

    #[test]
    fn gray_is_not_red_a_missing_visit_is_not_a_blank_form_and_instances_are_counted() {
        let mut table = TableBuilder::new([
            "id",
            "redcap_event_name",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            "a_complete",
            "ae_complete",
        ]);
        table.push_row(["10", "e1", "", "", "0", ""]);
        table.push_row(["2", "e1", "", "", "2", ""]);
        table.push_row(["2", "e2", "", "", "", ""]);
        table.push_row(["2", "e2", "ae", "1", "", "2"]);
        table.push_row(["2", "e2", "ae", "3", "", "0"]);
        let grid = Grid::build(&table.finish(), &metadata());
        let columns: Vec<(&str, &str)> =
            grid.columns.iter().map(|c| (c.event.as_str(), c.form.as_str())).collect();
        assert_eq!(columns, [("e1", "a"), ("e2", "a"), ("e2", "ae"), ("e3", "a")]);
        let records: Vec<&str> = grid.rows.iter().map(|(r, _)| r.as_str()).collect();
        assert_eq!(records, ["2", "10"]);
        let states = |row: usize| -> Vec<(State, usize)> {
            grid.rows[row].1.iter().map(|c| (c.state, c.instances)).collect()
        };
        assert_eq!(
            states(0),
            [(State::Complete, 0), (State::NotStarted, 0), (State::Incomplete, 2), (State::NotUsed, 0)]
        );
        assert_eq!(
            states(1),
            [(State::Incomplete, 0), (State::NoVisit, 0), (State::NoVisit, 0), (State::NotUsed, 0)]
        );
        assert_eq!((grid.count(&[0, 1], 0, State::Incomplete), grid.instances(&[0, 1], 2)), (1, 2));
    }

    #[test]
    fn what_repeats_is_seen_in_the_data_where_the_token_may_not_read_the_set_up() {
        let mut table = TableBuilder::new([
            "id",
            "redcap_event_name",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            "a_complete",
            "ae_complete",
        ]);
        table.push_row(["2", "e2", "", "", "2", ""]);
        table.push_row(["2", "e2", "ae", "1", "", "2"]);
        table.push_row(["2", "e2", "ae", "3", "", "0"]);
        let unknown = Metadata { repeating: Readable::default(), ..metadata() };
        assert!(unknown.repeating.known().is_none());
        let grid = Grid::build(&table.finish(), &unknown);
        let cells: Vec<(State, usize)> = grid.rows[0].1.iter().map(|c| (c.state, c.instances)).collect();
        assert_eq!(cells[1..3], [(State::Complete, 0), (State::Incomplete, 2)]);
    }

    #[test]
    fn every_state_has_a_sign_of_its_own() {
        let signs: std::collections::HashSet<&str> = State::ALL.iter().map(|s| s.sign()).collect();
        assert_eq!(signs.len(), State::ALL.len());
    }

    #[test]
    fn the_time_of_a_survey_tells_a_response_from_what_staff_entered() {
        for (status, time, state) in [
            ("0", "[not completed]", State::SurveyPartial),
            ("2", "2026-03-01 10:00:00", State::SurveyComplete),
            ("2", "", State::Complete),
            ("", "", State::NotStarted),
            // Staff changed the status after the response.
            ("1", "2026-03-01 10:00:00", State::Unverified),
            ("2", "[not completed]", State::Complete),
        ] {
            assert_eq!(State::read(status, time), state, "{status} {time}");
        }
        let signs: std::collections::HashSet<_> = State::ALL.iter().map(|s| s.sign()).collect();
        assert_eq!(signs.len(), State::ALL.len());
        assert!(State::Incomplete < State::SurveyPartial && State::SurveyComplete < State::Complete);
    }
}
