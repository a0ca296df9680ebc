//! The project's log before and after a send.

use crate::api::client::{Api, LogQuery};
use crate::domain::log::LogEntry;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Its lines, or why they cannot be read.
pub(super) type LogBefore = Result<Vec<LogEntry>, String>;

/// The last lines of the log about records. The server's clock may be in any time zone, so the
/// window is wide; what was there before is not counted.
pub(super) async fn log_lines(api: &Api) -> LogBefore {
    let begin = Timestamp::now() - SignedDuration::from_hours(15);
    let query = LogQuery {
        logtype: "record".into(),
        begin: begin.strftime("%Y-%m-%d %H:%M").to_string(),
        ..LogQuery::default()
    };
    api.log(query).await.map_err(|e| e.what())
}

/// The lines that are more often in the log than before.
pub(super) fn new_lines<'a>(before: &[LogEntry], after: &'a [LogEntry]) -> Vec<&'a LogEntry> {
    let key = |l: &LogEntry| (l.timestamp.clone(), l.username.clone(), l.action.clone(), l.details.clone());
    let mut counts: HashMap<_, usize> = HashMap::new();
    for line in before {
        *counts.entry(key(line)).or_default() += 1;
    }
    after
        .iter()
        .filter(|line| match counts.get_mut(&key(line)) {
            Some(n) if *n > 0 => {
                *n -= 1;
                false
            }
            _ => true,
        })
        .collect()
}

/// Whether a log line is an API write of this record: by its column, or by the action's last words
/// on servers that have no such column (`redcap-permissions.md` §7.6).
pub(super) fn is_of(line: &LogEntry, record: &str) -> bool {
    if !line.action.contains("(API)") {
        return false;
    }
    line.record == record
        || line.action.split(" (API) ").nth(1).is_some_and(|rest| {
            rest == record || rest.strip_prefix(record).is_some_and(|after| after.starts_with(" ("))
        })
}
