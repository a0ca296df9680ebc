//! One JSON object, read leniently.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::{Map, Value};

/// A JSON object whose values are read as what they mean, not as what they are.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Row(Map<String, Value>);

impl Row {
    /// A key as text, `""` if it is missing or null.
    pub fn text(&self, key: &str) -> String {
        self.0.get(key).map(text_of).unwrap_or_default()
    }

    /// A key as a number, if it is one in either form.
    pub fn number<T: TryFrom<i64>>(&self, key: &str) -> Option<T> {
        self.0.get(key).and_then(number_of).and_then(|n| T::try_from(n).ok())
    }

    /// A key as a flag: anything but 0 and blank is on.
    pub fn flag(&self, key: &str) -> bool {
        self.number::<i64>(key).is_some_and(|n| n != 0) || self.0.get(key) == Some(&Value::Bool(true))
    }

    /// Takes a key out.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        // The order of the other keys must stay.
        self.0.shift_remove(key)
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// All keys in the server's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }
}

/// The rows of a JSON list. An object is a list of one, `{}` and blanks are an empty list.
pub fn rows(text: &str) -> Result<Vec<Row>, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rows {
        Many(Vec<Row>),
        One(Row),
    }
    match serde_json::from_str::<Vec<Row>>(text) {
        Ok(rows) => Ok(rows),
        Err(error) => match serde_json::from_str(text) {
            Ok(Rows::Many(rows)) => Ok(rows),
            Ok(Rows::One(row)) if row.0.is_empty() => Ok(Vec::new()),
            Ok(Rows::One(row)) => Ok(vec![row]),
            Err(_) => Err(format!("It is not a list of objects: {error}.")),
        },
    }
}

/// The rows of a list, each of which must have this key.
pub fn rows_with(text: &str, key: &str) -> Result<Vec<Row>, String> {
    let rows = rows(text)?;
    match rows.iter().position(|r| !r.has(key)) {
        None => Ok(rows),
        Some(at) => Err(format!("Item {} of the list has no '{key}'.", at + 1)),
    }
}

/// A value as text.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "1".into(),
        Value::Bool(false) => "0".into(),
        other => other.to_string(),
    }
}

/// A value as a whole number.
pub fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(on) => Some(i64::from(*on)),
        _ => None,
    }
}

/// For `serde`: a text that may come as a number, a flag or null.
pub fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer) {
        Ok(Value::String(text)) => Ok(text),
        Ok(other) => Ok(text_of(&other)),
        Err(error) => Err(D::Error::custom(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_in_every_form() {
        let rows = rows(r#"[{"a":1,"b":"1","c":"","d":null,"e":true,"f":" 7 ","g":"x"}]"#).unwrap();
        let row = &rows[0];
        assert_eq!([row.text("a"), row.text("b"), row.text("d"), row.text("z")], ["1", "1", "", ""]);
        assert_eq!([row.flag("a"), row.flag("b"), row.flag("c"), row.flag("e")], [true, true, false, true]);
        assert_eq!(row.number::<u32>("f"), Some(7));
        assert_eq!(row.number::<u32>("g"), None);
    }

    #[test]
    fn one_object_is_a_list_of_one() {
        assert_eq!(rows("[]").unwrap().len(), 0);
        assert_eq!(rows("{}").unwrap().len(), 0);
        assert_eq!(rows(r#"{"a":1}"#).unwrap().len(), 1);
        assert!(rows("[1]").is_err());
        assert!(rows("3").is_err());
        assert_eq!(rows_with(r#"[{"a":1},{"b":1}]"#, "a").unwrap_err(), "Item 2 of the list has no 'a'.");
    }
}
