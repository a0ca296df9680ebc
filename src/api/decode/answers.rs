//! What writes answer, and the smaller reads: participants, folders, allocations.

use super::row::{Row, number_of, rows, rows_with, text_of};
use crate::domain::record::Randomized;
use crate::domain::repository::RepositoryEntry;
use crate::domain::survey::Participant;
use serde_json::Value;

/// What a server answered to a record import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportAnswer {
    /// The number of records named in the data.
    Count(u64),
    /// The names of the records.
    Ids(Vec<String>),
    /// The new name and the given name of each record.
    AutoIds(Vec<(String, String)>),
    /// Nothing, as asked.
    Nothing,
    /// Queued, or not.
    Queued(bool),
}

/// A count: a bare number in any format, or `{"count": 3}` (`redcap-api.md` §2.1).
pub fn count(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let number = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(map)) => map.get("count").and_then(number_of),
        Ok(value) => number_of(&value),
        Err(_) => text.parse().ok(),
    };
    number
        .and_then(|n| u64::try_from(n).ok())
        .ok_or_else(|| "The answer is not a number of things that were changed.".into())
}

/// The answer to a record import, in any of its shapes.
pub fn import_answer(text: &str, background: bool) -> Result<ImportAnswer, String> {
    let text = text.trim();
    if background {
        // The exact bytes are not attested; all forms say `success` and true or false.
        let lower = text.to_lowercase();
        return if lower.contains("success") {
            Ok(ImportAnswer::Queued(lower.contains("true") || lower.contains('1')))
        } else {
            Err("The answer does not say whether the import was queued.".into())
        };
    }
    if matches!(text, "" | "{}" | "[{}]" | "[]") {
        return Ok(ImportAnswer::Nothing);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(list)) => {
            let names: Vec<String> = list.iter().map(text_of).collect();
            let pairs: Option<Vec<(String, String)>> = names
                .iter()
                .map(|n| n.split_once(',').map(|(new, given)| (new.to_owned(), given.to_owned())))
                .collect();
            Ok(pairs.map_or(ImportAnswer::Ids(names), ImportAnswer::AutoIds))
        }
        _ => count(text).map(ImportAnswer::Count),
    }
}

/// The allocation of a record.
pub fn randomized(text: &str) -> Result<Randomized, String> {
    let row = rows_with(text, "target_field")?.into_iter().next().ok_or("The answer is empty.")?;
    Ok(Randomized { target_field: row.text("target_field"), target_field_alt: row.text("target_field_alt") })
}

/// The number of a folder that was created.
pub fn folder_id(text: &str) -> Result<u64, String> {
    let rows = rows_with(text, "folder_id")?;
    rows.first().and_then(|r| r.number("folder_id")).ok_or_else(|| "The answer has no folder number.".into())
}

/// The content of a folder of the file repository.
pub fn repository(text: &str) -> Result<Vec<RepositoryEntry>, String> {
    let entry = |row: Row| RepositoryEntry {
        folder_id: row.number("folder_id"),
        doc_id: row.number("doc_id"),
        name: row.text("name"),
        role: row.text("role"),
        dag: row.text("dag"),
    };
    Ok(rows(text)?.into_iter().map(entry).collect())
}

/// The participants of a survey.
pub fn participants(text: &str) -> Result<Vec<Participant>, String> {
    let participant = |row: Row| Participant {
        email: row.text("email"),
        identifier: row.text("identifier"),
        record: row.text("record"),
        invitation_sent: row.flag("invitation_sent_status"),
        next_invitation: row.text("invitation_send_time"),
        response_status: row.number("response_status").unwrap_or_default(),
        survey_access_code: row.text("survey_access_code"),
        survey_link: row.text("survey_link"),
        survey_queue_link: row.text("survey_queue_link"),
    };
    Ok(rows(text)?.into_iter().map(participant).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_in_three_shapes() {
        for text in ["3", "\"3\"", "{\"count\": 3}", " 3\n"] {
            assert_eq!(count(text), Ok(3), "{text}");
        }
        assert!(count("three").is_err());
        assert!(count("-1").is_err());
    }

    #[test]
    fn an_import_answers_in_the_shape_that_was_asked_for() {
        let ids = |list: &[&str]| ImportAnswer::Ids(list.iter().map(|s| (*s).to_owned()).collect());
        for (text, answer) in [
            ("{\"count\": 2}", ImportAnswer::Count(2)),
            ("2", ImportAnswer::Count(2)),
            ("[\"1\",\"2\"]", ids(&["1", "2"])),
            ("[\"323,10\"]", ImportAnswer::AutoIds(vec![("323".into(), "10".into())])),
            ("[{}]", ImportAnswer::Nothing),
            ("", ImportAnswer::Nothing),
        ] {
            assert_eq!(import_answer(text, false), Ok(answer), "{text}");
        }
        assert_eq!(import_answer("{\"success\": true}", true), Ok(ImportAnswer::Queued(true)));
        assert_eq!(import_answer("success:false", true), Ok(ImportAnswer::Queued(false)));
    }
}
