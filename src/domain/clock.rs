//! A server's wall clock, as far as it can be told from its log.
//!
//! REDCap's log speaks server time and never says in which time zone the server lives
//! (`redcap-api.md` §3.20). Calls of the API are log lines too, so a line that was just caused
//! tells how far the server's clock is from this computer's.

use super::log::LogEntry;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

/// How far off a line may be from a whole quarter of an hour: minutes are cut, and calls take time.
const SLACK: i64 = 3;
/// Time zones are whole quarters of an hour.
const QUARTER: i64 = 15;
/// The earliest and the latest wall clock on earth, in minutes from UTC.
const ZONES: std::ops::RangeInclusive<i64> = -12 * 60..=14 * 60;

/// How far a server's wall clock is from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    minutes: i64,
}

impl ServerClock {
    /// A clock so many minutes ahead of UTC; behind if negative.
    pub fn ahead_of_utc(minutes: i64) -> Self {
        Self { minutes }
    }

    /// The wall clock that is behind all others: a time told by it is never too late.
    pub fn earliest() -> Self {
        Self { minutes: *ZONES.start() }
    }

    /// Tells the clock from log lines, if the newest line of an API call is of this very minute
    /// in some time zone.
    pub fn infer(entries: &[LogEntry], now: Timestamp) -> Option<Self> {
        Self::of_newest(entries, now, |e| e.details.contains("(API)") || e.action.contains("(API)"))
    }

    /// Whether lines prove this clock: an export of the log, as the one that was just made, is
    /// there at this minute.
    pub fn is_proved_by(self, entries: &[LogEntry], now: Timestamp) -> bool {
        Self::of_log_export(entries, now) == Some(self)
    }

    /// Tells the clock from the newest export of the log, if it is of this very minute in some
    /// time zone.
    pub fn of_log_export(entries: &[LogEntry], now: Timestamp) -> Option<Self> {
        Self::of_newest(entries, now, |e| e.details.contains("Export Logging (API)"))
    }

    fn of_newest(entries: &[LogEntry], now: Timestamp, is: impl Fn(&LogEntry) -> bool) -> Option<Self> {
        let newest = entries.iter().filter(|e| is(e)).filter_map(|e| parse(&e.timestamp)).max()?;
        let utc = jiff::tz::TimeZone::UTC.to_datetime(now);
        let off = newest.duration_since(utc).as_secs().div_euclid(60);
        let minutes = (off + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
        ((off - minutes).abs() <= SLACK && ZONES.contains(&minutes)).then_some(Self { minutes })
    }

    /// What the server's clock shows at a moment, as the log writes it: `YYYY-MM-DD HH:MM`.
    pub fn shows(self, at: Timestamp) -> String {
        let at = at.saturating_add(SignedDuration::from_mins(self.minutes)).unwrap_or(at);
        jiff::tz::TimeZone::UTC.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The moment of a time of the log.
    pub fn moment(self, text: &str) -> Option<Timestamp> {
        let utc = jiff::tz::TimeZone::UTC.to_timestamp(parse(text)?).ok()?;
        utc.checked_sub(SignedDuration::from_mins(self.minutes)).ok()
    }

    /// Its distance from UTC in words: `UTC`, `UTC+2`, `UTC-3:30`.
    pub fn words(self) -> String {
        zone_words(self.minutes)
    }
}

/// A distance from UTC, given in minutes, in words.
pub fn zone_words(minutes: i64) -> String {
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes, rest) {
        (0, _) => "UTC".to_owned(),
        (_, 0) => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

/// Reads a time of the log; seconds are taken too.
fn parse(text: &str) -> Option<DateTime> {
    text.trim().replace(' ', "T").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(timestamp: &str, details: &str) -> LogEntry {
        LogEntry { timestamp: timestamp.into(), details: details.into(), ..LogEntry::default() }
    }

    #[test]
    fn the_clock_is_told_by_a_line_of_this_minute_only() {
        let now: Timestamp = "2026-03-10T03:30:40Z".parse().unwrap();
        for (time, expected) in [
            ("2026-03-10 03:30", Some(0)),
            ("2026-03-10 05:29", Some(120)),
            ("2026-03-09 22:30", Some(-300)),
            ("2026-03-10 09:15", Some(345)),
            // Twenty minutes past a quarter: an old line, not a time zone.
            ("2026-03-10 03:22", None),
            ("2026-03-08 03:30", None),
            ("no time", None),
        ] {
            let lines = [entry(time, "Export instruments (API)"), entry("2026-03-01 00:00", "(API)")];
            assert_eq!(ServerClock::infer(&lines, now).map(|c| c.minutes), expected, "{time}");
        }
        assert_eq!(ServerClock::infer(&[entry("2026-03-10 03:30", "Add a field")], now), None);
        let utc = ServerClock::ahead_of_utc(0);
        assert!(utc.is_proved_by(&[entry("2026-03-10 03:30", "Export Logging (API)")], now));
        assert!(!utc.is_proved_by(&[entry("2026-03-10 03:30", "Export instruments (API)")], now));
    }

    #[test]
    fn moments_and_wall_clock_times_belong_together() {
        let clock = ServerClock::ahead_of_utc(-210);
        let at: Timestamp = "2026-03-10T02:15:00Z".parse().unwrap();
        assert_eq!(clock.shows(at), "2026-03-09 22:45");
        assert_eq!(clock.moment("2026-03-09 22:45"), Some(at));
        let words: Vec<String> =
            [0, 120, -300, -210, 345].into_iter().map(|m| ServerClock::ahead_of_utc(m).words()).collect();
        assert_eq!(words, ["UTC", "UTC+2", "UTC-5", "UTC-3:30", "UTC+5:45"]);
    }
}
