//! `content=log` (`redcap-api.md` §3.20).

use super::row::rows_with;
use crate::domain::log::LogEntry;

/// The log, newest first. Some actions end in a blank on real servers; it means nothing.
pub fn log(text: &str) -> Result<Vec<LogEntry>, String> {
    let rows = rows_with(text, "timestamp")?;
    Ok(rows
        .iter()
        .map(|r| LogEntry {
            timestamp: r.text("timestamp"),
            username: r.text("username"),
            action: r.text("action").trim_end().to_owned(),
            details: r.text("details"),
            record: r.text("record"),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_log_lines_are_read() {
        let log = log(
            r#"[{"timestamp":"2024-10-11 10:44","username":"alice","action":"Update record (import) 5","details":"mugshot = '26'","record":5},
                {"timestamp":"2024-10-11 10:43","username":"alice","action":"Manage/Design ","details":"Export Logging (API)"}]"#,
        )
        .unwrap();
        assert_eq!((log[0].record.as_str(), log[1].record.as_str()), ("5", ""));
        assert_eq!(log[1].action, "Manage/Design");
    }
}
