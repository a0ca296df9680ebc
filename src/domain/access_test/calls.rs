//! What a call of one's own and its answer explain: parameters that do more, or less, than meant.

use super::Fired;
use super::cases::fired;
use crate::domain::record::column;
use serde_json::Value;

/// A call that was answered with a success.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The `content` on the wire.
    pub content: &'a str,
    /// The `action` on the wire.
    pub action: &'a str,
    /// The parameters as sent, without the token; lists as `fields[0]`.
    pub params: &'a [(String, String)],
    /// The body, if it is text.
    pub body: &'a str,
    /// The unique names of the project's instruments; empty if they are not known.
    pub instruments: &'a [String],
}

impl Answered<'_> {
    fn value(&self, name: &str) -> &str {
        self.params.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    fn list(&self, name: &str) -> Vec<&str> {
        let numbered = |n: &str| n.strip_prefix(name).is_some_and(|rest| rest.starts_with('['));
        self.params.iter().filter(|(n, _)| numbered(n)).map(|(_, v)| v.as_str()).collect()
    }
}

/// Rows of names and values, from JSON or CSV; `None` if the data are neither.
fn rows(text: &str, format: &str) -> Option<Vec<Vec<(String, Value)>>> {
    match format {
        "json" => {
            let list: Vec<serde_json::Map<String, Value>> = serde_json::from_str(text).ok()?;
            Some(list.into_iter().map(|row| row.into_iter().collect()).collect())
        }
        "csv" => {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            let header = reader.headers().ok()?.clone();
            let row = |r: csv::StringRecord| {
                header.iter().zip(r.iter()).map(|(n, v)| (n.to_owned(), Value::from(v))).collect()
            };
            reader.records().map(|r| r.ok().map(row)).collect()
        }
        _ => None,
    }
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|t| t.trim().is_empty()) || value.is_null()
}

/// The cases that fit. Nothing of the data is repeated but names of fields and instruments.
pub fn explain(call: &Answered<'_>) -> Vec<Fired> {
    let data = call.value("data");
    match (call.content, call.action) {
        ("user", "import") => users(call, data),
        ("record", "import") => records(call, data),
        ("record", "export") => export(call),
        ("dag", "switch") => fired(35, "The call switched the group; the list of users in groups shows it.")
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn users(call: &Answered<'_>, data: &str) -> Vec<Fired> {
    let Some(rows) = rows(data, call.value("format")) else { return Vec::new() };
    let mut list = Vec::new();
    let without = rows.iter().filter(|r| !r.iter().any(|(n, _)| n == "data_access_group")).count();
    if without > 0 {
        list.extend(fired(
            20,
            format!("{without} of {} users in the data have no data_access_group.", rows.len()),
        ));
    }
    let partial = rows.iter().find_map(|row| {
        let (_, forms) = row.iter().find(|(n, _)| n == "forms")?;
        let named: Vec<&str> = match forms {
            Value::Object(map) => map.keys().map(String::as_str).collect(),
            Value::String(text) => {
                text.split(',').filter_map(|p| p.split(':').next()).map(str::trim).collect()
            }
            _ => return None,
        };
        let left: Vec<&str> =
            call.instruments.iter().map(String::as_str).filter(|i| !named.contains(i)).collect();
        let known = !call.instruments.is_empty();
        let some = !named.is_empty() && named.iter().any(|n| !n.is_empty());
        match (known, left.is_empty()) {
            (true, false) if some => Some(format!("forms left these out: {}.", left.join(", "))),
            (false, _) if some => Some(format!("forms named only {}.", named.join(", "))),
            _ => None,
        }
    });
    list.extend(partial.and_then(|evidence| fired(21, evidence)));
    list
}

fn records(call: &Answered<'_>, data: &str) -> Vec<Fired> {
    let mut list = Vec::new();
    let zero = call.body.chars().filter(char::is_ascii_digit).eq(['0']);
    if call.value("format") == "json" && data.trim_start().starts_with('{') && zero {
        list.extend(fired(23, "The data begin with a brace, and the answer is 0."));
    }
    let flat = matches!(call.value("type"), "" | "flat");
    if let Some(rows) = rows(data, call.value("format")).filter(|_| flat) {
        let key = |name: &str| name.starts_with("redcap_");
        let mut blank: Vec<&str> = rows
            .iter()
            .flat_map(|r| r.iter().skip(1))
            .filter(|(n, v)| !key(n) && is_blank(v))
            .map(|(n, _)| n.as_str())
            .collect();
        blank.sort_unstable();
        blank.dedup();
        let names = blank.iter().take(6).copied().collect::<Vec<_>>().join(", ");
        if !blank.is_empty() && call.value("overwriteBehavior") == "overwrite" {
            list.extend(fired(
                25,
                format!("overwriteBehavior was overwrite, and there were blanks in {names}."),
            ));
        } else if !blank.is_empty() {
            list.extend(fired(
                24,
                format!("overwriteBehavior was normal, and there were blanks in {names}."),
            ));
        }
    }
    list
}

fn export(call: &Answered<'_>) -> Vec<Fired> {
    if !matches!(call.value("type"), "" | "flat") || matches!(call.value("rawOrLabelHeaders"), "label") {
        return Vec::new();
    }
    let columns: Vec<String> = match call.value("format") {
        "csv" => {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(call.body.as_bytes());
            let header = reader.headers().map(|h| h.iter().map(str::to_owned).collect()).unwrap_or_default();
            if reader.records().next().is_none() {
                return Vec::new();
            }
            header
        }
        "json" => match rows(call.body, "json").and_then(|rows| rows.into_iter().next()) {
            Some(row) => row.into_iter().map(|(n, _)| n).collect(),
            None => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let mut list = Vec::new();
    let came = |field: &str| columns.iter().any(|c| c == field || c.starts_with(&format!("{field}___")));
    let gone: Vec<&str> = call.list("fields").into_iter().filter(|f| !came(f)).collect();
    if !gone.is_empty() {
        list.extend(fired(4, format!("Asked for by name and not in the answer: {}.", gone.join(", "))));
    }
    if call.value("exportDataAccessGroups") == "true" && !came(column::DAG) {
        list.extend(fired(
            9,
            "The group's column was asked for and is not in the answer. A project without groups has none.",
        ));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(content: &str, action: &str, params: &[(&str, &str)], body: &str) -> Vec<u8> {
        let params: Vec<(String, String)> =
            params.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let instruments = ["a".to_owned(), "b".to_owned()];
        let call = Answered { content, action, params: &params, body, instruments: &instruments };
        explain(&call).iter().map(|f| f.case).collect()
    }

    #[test]
    fn calls_explain_what_they_do_besides() {
        let json = |data: &'static str| [("format", "json"), ("data", data)];
        for (content, action, params, body, expected) in [
            ("user", "import", &json(r#"[{"username":"x"}]"#)[..], "1", vec![20]),
            ("user", "import", &json(r#"[{"username":"x","data_access_group":"g"}]"#), "1", vec![]),
            (
                "user",
                "import",
                &json(r#"[{"username":"x","data_access_group":"","forms":{"a":1}}]"#),
                "1",
                vec![21],
            ),
            (
                "user",
                "import",
                &json(r#"[{"username":"x","data_access_group":"","forms":{"a":1,"b":0}}]"#),
                "1",
                vec![],
            ),
            ("record", "import", &json(r#"{"id":"1","x":"2"}"#), r#"{"count":0}"#, vec![23]),
            ("record", "import", &json(r#"[{"id":"1","x":""}]"#), r#"{"count":1}"#, vec![24]),
            (
                "record",
                "import",
                &[("format", "csv"), ("data", "id,x\n1,\n"), ("overwriteBehavior", "overwrite")],
                "1",
                vec![25],
            ),
            ("record", "import", &json(r#"[{"id":"1","x":"2"}]"#), r#"{"count":1}"#, vec![]),
            ("record", "export", &[("format", "csv"), ("fields[0]", "gone")], "id,x\n1,2\n", vec![4]),
            ("record", "export", &[("format", "csv"), ("fields[0]", "x")], "id,x___1\n1,0\n", vec![]),
            (
                "record",
                "export",
                &[("format", "json"), ("exportDataAccessGroups", "true")],
                r#"[{"id":"1"}]"#,
                vec![9],
            ),
            ("record", "export", &[("format", "json"), ("fields[0]", "gone")], "[]", vec![]),
            ("dag", "switch", &[("dag", "g")], "1", vec![35]),
        ] {
            assert_eq!(cases(content, action, params, body), expected, "{content} {action} {params:?}");
        }
    }
}
