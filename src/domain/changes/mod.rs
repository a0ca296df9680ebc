//! What a project's log says about records: who did what, to which record, when.

mod details;
mod follow;

pub use details::{Piece, pieces};
pub use follow::{Follow, Reach, Taken, before};

use super::clock::ServerClock;
use super::log::LogEntry;
use jiff::{SignedDuration, Timestamp};

/// What a log line is about. The action's words are those of `redcap-api.md` §3.20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A record was made.
    Created,
    /// A record was changed.
    Updated,
    /// A participant answered a survey.
    Response,
    /// A record was deleted.
    Deleted,
    /// A record, or a form of it, was locked or unlocked.
    Locked,
    /// Something else about a record.
    OtherRecord,
    /// Data were exported.
    Export,
    /// The project was designed or managed.
    Design,
    /// A user or a role was changed.
    User,
    /// Something else.
    Other,
}

impl Kind {
    /// Whether it is about the data of a record.
    pub fn is_of_record(self) -> bool {
        matches!(
            self,
            Self::Created | Self::Updated | Self::Response | Self::Deleted | Self::Locked | Self::OtherRecord
        )
    }

    /// Its words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Response => "survey",
            Self::Deleted => "DELETED",
            Self::Locked => "locked or unlocked",
            Self::OtherRecord => "other",
            Self::Export => "data export",
            Self::Design => "design or management",
            Self::User => "users or rights",
            Self::Other => "other",
        }
    }
}

/// What a log line says, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub kind: Kind,
    /// The record; empty on other lines.
    pub record: String,
    /// The event as the line words it; empty where it tells none.
    pub place: String,
    /// The instance, where the line tells one.
    pub instance: Option<u32>,
}

/// The user name of people who answered a survey.
pub const RESPONDENT: &str = "[survey respondent]";

/// Who did it, in words: a participant is no user.
pub fn who(username: &str) -> &str {
    if username == RESPONDENT { "participant" } else { username }
}

impl Change {
    /// Reads a log line. Servers before 13.4.9 tell the record only in the words of the action.
    pub fn read(entry: &LogEntry) -> Self {
        let action = entry.action.trim();
        let lower = action.to_lowercase();
        let word = |word: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|w| w == word);
        let on_record = word("record") || word("response");
        let kind = if on_record && lower.starts_with("lock") {
            Kind::Locked
        } else if word("response") && (lower.starts_with("update") || lower.starts_with("create")) {
            Kind::Response
        } else if on_record && lower.starts_with("create") {
            Kind::Created
        } else if on_record && lower.starts_with("update") {
            Kind::Updated
        } else if on_record && lower.starts_with("delete") {
            Kind::Deleted
        } else if lower.starts_with("data export") {
            Kind::Export
        } else if word("user") || word("role") {
            Kind::User
        } else if lower.starts_with("manage/design") {
            Kind::Design
        } else if !entry.record.is_empty() {
            Kind::OtherRecord
        } else {
            Kind::Other
        };
        if !kind.is_of_record() {
            return Self { kind, record: String::new(), place: String::new(), instance: None };
        }
        let tail = after_words(action);
        let (record, place) = match entry.record.as_str() {
            "" => match tail.split_once(" (").filter(|_| tail.ends_with(')')) {
                Some((record, place)) => (record, place.trim_end_matches(')')),
                None => (tail, ""),
            },
            known => (known, tail.strip_prefix(known).map_or("", |rest| in_brackets(rest.trim()))),
        };
        let instance = entry.details.strip_prefix("[instance = ").and_then(|rest| {
            let (number, _) = rest.split_once(']')?;
            number.trim().parse().ok()
        });
        Self { kind, record: record.to_owned(), place: place.to_owned(), instance }
    }
}

/// What follows `Update record (API) `: the name of the record, and perhaps its event in brackets.
fn after_words(action: &str) -> &str {
    let lower = action.to_lowercase();
    let Some(end) = ["record", "response"].iter().filter_map(|w| lower.find(w).map(|at| at + w.len())).min()
    else {
        return "";
    };
    // Lower case may be longer than the text itself, in languages that have such letters.
    let rest = action.get(end..).unwrap_or_default().trim_start();
    for way in ["(API)", "(import)", "(Auto calculation)"] {
        if let Some(rest) = rest.strip_prefix(way) {
            return rest.trim();
        }
    }
    rest.trim()
}

fn in_brackets(text: &str) -> &str {
    text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or_default()
}

/// From when on the log is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Span {
    /// Since that server time, `YYYY-MM-DD HH:MM`: where the last look ended.
    Since(String),
    /// The last 24 hours.
    #[default]
    Day,
    /// The last 7 days.
    Week,
}

impl Span {
    /// The server time from which on lines are asked for, `YYYY-MM-DD HH:MM`.
    pub fn begin(&self, clock: ServerClock, now: Timestamp) -> String {
        let back = |hours: i64| {
            clock.shows(now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN))
        };
        match self {
            Self::Since(time) => time.clone(),
            Self::Day => back(24),
            Self::Week => back(7 * 24),
        }
    }

    /// Its words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Since(_) => "since my last look",
            Self::Day => "last 24 hours",
            Self::Week => "last 7 days",
        }
    }
}

/// All that happened to one record, or one line that is about no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The record; empty for a line about none.
    pub record: String,
    /// The places of its lines in the log, newest first.
    pub lines: Vec<usize>,
    /// What was done, each once, the newest first.
    pub kinds: Vec<Kind>,
    /// Who did it, each once, the newest first.
    pub who: Vec<String>,
}

/// Puts the lines of a log, newest first, together by record; what is about no record stays
/// alone, and is left out unless `all` is asked for.
pub fn by_record(entries: &[LogEntry], changes: &[Change], all: bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for (at, (entry, change)) in entries.iter().zip(changes).enumerate() {
        let of_record = change.kind.is_of_record();
        if !of_record && !all {
            continue;
        }
        let new = |groups: &mut Vec<Group>| {
            groups.push(Group {
                record: change.record.clone(),
                lines: Vec::new(),
                kinds: Vec::new(),
                who: Vec::new(),
            });
            groups.len() - 1
        };
        let place = if of_record {
            *places.entry(change.record.as_str()).or_insert_with(|| new(&mut groups))
        } else {
            new(&mut groups)
        };
        let Some(group) = groups.get_mut(place) else { continue };
        group.lines.push(at);
        if !group.kinds.contains(&change.kind) {
            group.kinds.push(change.kind);
        }
        let by = who(&entry.username).to_owned();
        if !group.who.contains(&by) {
            group.who.push(by);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(time: &str, user: &str, action: &str, record: &str) -> LogEntry {
        LogEntry {
            timestamp: time.into(),
            username: user.into(),
            action: action.into(),
            details: String::new(),
            record: record.into(),
        }
    }

    #[test]
    fn actions_are_read_with_and_without_the_record_column() {
        for (action, record, kind, expected, place) in [
            ("Update record (API) 002", "002", Kind::Updated, "002", ""),
            ("Update record (API) 002", "", Kind::Updated, "002", ""),
            ("Created Record (API) 1200", "", Kind::Created, "1200", ""),
            ("Update record (import) 5", "5", Kind::Updated, "5", ""),
            ("Update Response 001", "001", Kind::Response, "001", ""),
            ("Delete record 009", "", Kind::Deleted, "009", ""),
            (
                "Update record 001 (Week 12 (Arm 1: Arm 1))",
                "001",
                Kind::Updated,
                "001",
                "Week 12 (Arm 1: Arm 1)",
            ),
            ("Lock/Unlock Record 001", "001", Kind::Locked, "001", ""),
            ("Manage/Design", "", Kind::Design, "", ""),
            ("Data Export (API) ", "", Kind::Export, "", ""),
            ("Edit user role", "", Kind::User, "", ""),
            ("Update record (API) Müller (2)", "Müller (2)", Kind::Updated, "Müller (2)", ""),
            ("Something new", "7", Kind::OtherRecord, "7", ""),
            ("Page View", "", Kind::Other, "", ""),
        ] {
            let change = Change::read(&entry("", "", action, record));
            assert_eq!(
                (change.kind, change.record.as_str(), change.place.as_str()),
                (kind, expected, place),
                "{action}"
            );
        }
        let mut line = entry("", "", "Update record 001", "001");
        line.details = "[instance = 2], ae_term = 'Rash'".into();
        assert_eq!(Change::read(&line).instance, Some(2));
    }

    #[test]
    fn s6_three_records_changed_and_design_is_apart() {
        let entries = [
            entry("2026-03-10 03:00", "dm", "Manage/Design", ""),
            entry("2026-03-10 02:15", "coord1", "Update record (API) 002", "002"),
            entry("2026-03-09 23:50", RESPONDENT, "Update Response 001", "001"),
            entry("2026-03-09 22:00", "dm", "Delete record 009", "009"),
            entry("2026-03-09 21:00", "dm", "Update record 002", "002"),
        ];
        let changes: Vec<Change> = entries.iter().map(Change::read).collect();
        let groups = by_record(&entries, &changes, false);
        let told: Vec<(&str, usize, &str)> =
            groups.iter().map(|g| (g.record.as_str(), g.lines.len(), g.kinds[0].words())).collect();
        assert_eq!(told, [("002", 2, "updated"), ("001", 1, "survey"), ("009", 1, "DELETED")]);
        assert_eq!(groups[0].who, ["coord1", "dm"]);
        assert_eq!(groups[1].who, ["participant"]);
        assert_eq!(by_record(&entries, &changes, true).len(), 4);
    }

    #[test]
    fn s6_the_window_is_told_in_server_time() {
        // 22:30 on the 9th at UTC-5.
        let now: Timestamp = "2026-03-10T03:30:00Z".parse().unwrap();
        let utc = ServerClock::ahead_of_utc(0);
        assert_eq!(Span::Day.begin(utc, now), "2026-03-09 03:30");
        assert_eq!(Span::Week.begin(ServerClock::ahead_of_utc(120), now), "2026-03-03 05:30");
        assert_eq!(Span::Since("2026-03-08 10:00".into()).begin(utc, now), "2026-03-08 10:00");
    }
}
