//! What an import of records answers.

use super::row::{number_of, text_of};
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
fn count(text: &str) -> Result<u64, String> {
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
