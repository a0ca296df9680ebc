//! A line of a project's log beside the triggers: what it is about, and whether it tells of the
//! same save as a trigger.

use super::Trigger;
use crate::domain::changes::{Change, Kind, Piece, pieces};
use crate::domain::clock::ServerClock;
use crate::domain::log::LogEntry;
use crate::domain::project::Metadata;
use jiff::{SignedDuration, Timestamp};

/// How far the clocks of the server and of this computer may be apart, besides whole quarters of
/// an hour, and how long a trigger may be on its way.
const SLACK: SignedDuration = SignedDuration::from_secs(90);

/// The log tells minutes, so a line may be that much later than it says.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A line of a project's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The line itself. Its details hold values.
    pub entry: LogEntry,
    /// What it says.
    pub change: Change,
    /// When that was, if the server's clock is known; to the minute.
    pub moment: Option<Timestamp>,
}

impl Logged {
    /// Reads a line.
    pub fn read(entry: LogEntry, clock: Option<ServerClock>) -> Self {
        let change = Change::read(&entry);
        let moment = clock.and_then(|c| c.moment(&entry.timestamp));
        Self { entry, change, moment }
    }

    /// Whether REDCap fires a trigger for such a change: saves of forms and survey pages only, not
    /// imports and not deletions (`redcap-api.md` §11).
    pub fn may_have_trigger(&self) -> bool {
        let by_import =
            ["(api)", "(import)"].iter().any(|way| self.entry.action.to_lowercase().contains(way));
        matches!(self.change.kind, Kind::Created | Kind::Updated | Kind::Response) && !by_import
    }

    /// How the change was made, in words.
    pub fn words(&self) -> String {
        let action = self.entry.action.to_lowercase();
        let way = if action.contains("(api)") {
            " by API"
        } else if action.contains("(import)") {
            " by import"
        } else {
            ""
        };
        format!("{}{way}", self.change.kind.words())
    }

    /// Whether it may be of the time between two moments. Where the server's clock is not known,
    /// nothing speaks against it.
    pub fn is_near(&self, first: Timestamp, last: Timestamp) -> bool {
        self.moment.is_none_or(|moment| {
            moment.duration_since(last) <= SLACK && first.duration_since(moment) <= SLACK + MINUTE
        })
    }

    /// What it is about, in the form of a trigger: what the log does not tell is empty. The
    /// instrument is told by the fields, if all are of one; the event by its label.
    pub fn place(&self, project_id: u64, metadata: &Metadata) -> Trigger {
        Trigger {
            project_id,
            username: self.entry.username.clone(),
            instrument: self.instrument(metadata),
            record: self.change.record.clone(),
            event: self.event(metadata),
            status: self.status(metadata),
            instance: self.change.instance,
            ..Trigger::default()
        }
    }

    fn instrument(&self, metadata: &Metadata) -> String {
        let dictionary = &metadata.dictionary;
        let id = dictionary.record_id_field().map(|f| f.name.as_str());
        let mut found: Option<String> = None;
        for piece in pieces(&self.entry.details, dictionary) {
            let Piece::Value { name, .. } = piece else { continue };
            let name = name.split('(').next().unwrap_or_default();
            if Some(name) == id {
                continue;
            }
            let form = match dictionary.field(name) {
                Some(field) => field.form.clone(),
                None => name.strip_suffix("_complete").unwrap_or_default().to_owned(),
            };
            if found.as_ref().is_some_and(|f| *f != form) {
                return String::new();
            }
            found = Some(form);
        }
        found.unwrap_or_default()
    }

    fn event(&self, metadata: &Metadata) -> String {
        let label = &self.change.place;
        let fits = |name: &str| {
            label == name
                || label.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with("(Arm"))
        };
        let mut events = metadata.events.list().iter().filter(|e| !label.is_empty() && fits(&e.name));
        match (events.next(), events.next()) {
            (Some(event), None) => event.unique_name.clone(),
            // Arms may have events of the same name.
            _ => String::new(),
        }
    }

    fn status(&self, metadata: &Metadata) -> String {
        let status =
            pieces(&self.entry.details, &metadata.dictionary).into_iter().find_map(|piece| match piece {
                Piece::Value { name, value, .. }
                    if name.ends_with("_complete") && metadata.dictionary.field(&name).is_none() =>
                {
                    Some(value)
                }
                _ => None,
            });
        status.unwrap_or_default()
    }
}

/// Whether a trigger and a line of the log tell of the same place and person. What one of them
/// does not tell speaks for nothing.
pub(super) fn same_save(trigger: &Trigger, logged: &Trigger) -> bool {
    let agree = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
    trigger.project_id == logged.project_id
        && trigger.record == logged.record
        && agree(&trigger.username, &logged.username)
        && agree(&trigger.instrument, &logged.instrument)
        && agree(&trigger.event, &logged.event)
        && (logged.instance.is_none() || trigger.instance.is_none() || trigger.instance == logged.instance)
}

#[cfg(test)]
mod tests {
    use super::super::feed::Feed;
    use super::super::judge::Verdict;
    use super::*;
    use crate::domain::dictionary::{Dictionary, Field};
    use crate::domain::event::Event;
    use crate::domain::project::Readable;

    fn metadata() -> Metadata {
        let event = |name: &str, unique: &str| Event {
            name: name.into(),
            unique_name: unique.into(),
            arm_num: 1,
            ..Event::default()
        };
        Metadata {
            dictionary: Dictionary::new(vec![
                Field::new("id", "base"),
                Field::new("weight", "visit"),
                Field::new("sex", "base"),
            ]),
            events: Readable::Known(vec![event("Week 1", "week_1_arm_1"), event("Week 12", "week_12_arm_1")]),
            ..Metadata::default()
        }
    }

    fn line(time: &str, user: &str, action: &str, details: &str) -> Logged {
        let entry = LogEntry {
            timestamp: time.into(),
            username: user.into(),
            action: action.into(),
            details: details.into(),
            record: "7".into(),
        };
        // Two hours ahead of UTC.
        Logged::read(entry, Some(ServerClock::ahead_of_utc(120)))
    }

    fn fits() -> Verdict {
        Verdict::Fits { id: "p".into(), name: "P".into() }
    }

    fn trigger() -> Trigger {
        Trigger {
            project_id: 17,
            username: "ann".into(),
            instrument: "visit".into(),
            record: "7".into(),
            event: "week_12_arm_1".into(),
            status: "2".into(),
            redcap_url: "https://redcap.example.edu/".into(),
            ..Trigger::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_log_tells_the_form_by_its_fields_and_the_event_by_its_label() {
        let metadata = metadata();
        for (action, details, expected) in [
            (
                "Update record 7 (Week 12 (Arm 1: Arm 1))",
                "weight = '80', visit_complete = '2'",
                ("visit", "week_12_arm_1", "2"),
            ),
            ("Update record 7 (Week 1)", "id = '7', weight = '80'", ("visit", "week_1_arm_1", "")),
            ("Update record (API) 7", "sex = '1', weight = '80'", ("", "", "")),
            ("Delete record 7", "", ("", "", "")),
        ] {
            let place = line("2026-03-10 14:00", "ann", action, details).place(17, &metadata);
            assert_eq!(
                (place.instrument.as_str(), place.event.as_str(), place.status.as_str()),
                expected,
                "{action}"
            );
        }
    }

    #[test]
    fn a_trigger_and_its_line_of_the_log_stand_together_whichever_came_first() {
        let metadata = metadata();
        let save =
            line("2026-03-10 14:00", "ann", "Update record 7 (Week 12 (Arm 1: Arm 1))", "weight = '80'");
        let came = at("2026-03-10T12:00:20Z");
        for log_first in [false, true] {
            let mut feed = Feed::default();
            let place = save.place(17, &metadata);
            if log_first {
                feed.take_logged(place, save.clone(), fits(), came);
                feed.take(trigger(), fits(), came);
            } else {
                feed.take(trigger(), fits(), came);
                feed.take_logged(place, save.clone(), fits(), came);
            }
            assert_eq!((feed.len(), feed.total, feed.logged), (1, 1, 1), "{log_first}");
            let line = feed.get(0).unwrap();
            assert_eq!((line.times, line.log.len(), &line.trigger), (1, 1, &trigger()));
            // A second save of the same form in that minute has a line of its own in the log.
            feed.take_logged(save.place(17, &metadata), save.clone(), fits(), came);
            assert_eq!(feed.len(), 2);
        }
    }

    #[test]
    fn what_is_not_the_same_save_stays_apart() {
        let metadata = metadata();
        let action = "Update record 7 (Week 12 (Arm 1: Arm 1))";
        for (why, other) in [
            ("an import", line("2026-03-10 14:00", "ann", "Update record (import) 7", "weight = '80'")),
            ("an API import", line("2026-03-10 14:00", "ann", "Update record (API) 7", "weight = '80'")),
            ("a deletion", line("2026-03-10 14:00", "ann", "Delete record 7", "")),
            ("somebody else", line("2026-03-10 14:00", "bob", action, "weight = '80'")),
            ("another form", line("2026-03-10 14:00", "ann", action, "sex = '1'")),
            ("another event", line("2026-03-10 14:00", "ann", "Update record 7 (Week 1)", "weight = '80'")),
            ("too early", line("2026-03-10 13:57", "ann", action, "weight = '80'")),
            ("too late", line("2026-03-10 14:02", "ann", action, "weight = '80'")),
        ] {
            let mut feed = Feed::default();
            feed.take(trigger(), fits(), at("2026-03-10T12:00:20Z"));
            feed.take_logged(other.place(17, &metadata), other, fits(), at("2026-03-10T12:01:00Z"));
            assert_eq!(feed.len(), 2, "{why}");
        }
    }
}
