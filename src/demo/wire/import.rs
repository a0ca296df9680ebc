//! The rows of an import's `data`, in JSON, CSV or XML (`redcap-api.md` §1.3, §5.1).
//!
//! Structure and people are read here: few rows, with maps in them. Records come by the megabyte
//! and have a reader of their own, `methods::records::import::table`, which keeps no tree.
//!
//! This is the server's own reader: the client writes such data, and a shared one would agree
//! with the client's mistakes.

use super::encode::Format;
use super::error::ApiError;
use crate::demo::odm::tree::{self, Element};
use serde_json::Value as Json;

/// What one key of a row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, or a number or switch written as text.
    Text(String),
    /// Names with values, such as the `forms` of a user in JSON and XML.
    Map(Vec<(String, String)>),
}

/// One row: its keys in the order in which they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    cells: Vec<(String, Value)>,
}

impl Row {
    /// The keys that were sent, blank ones too.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|(key, _)| key.as_str())
    }

    /// The last value sent under a key: PHP keeps the last of several.
    fn value(&self, key: &str) -> Option<&Value> {
        self.cells.iter().rev().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// The text of a key without the blanks around it; `None` if the key was not sent. A blank
    /// that was sent is `Some("")`, because blank and absent often differ.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            Value::Text(text) => Some(text.trim()),
            Value::Map(_) => None,
        }
    }

    /// The text of a key, `""` if it was not sent.
    pub fn get(&self, key: &str) -> &str {
        self.text(key).unwrap_or_default()
    }

    /// Names with values: an object in JSON, elements in XML, `a:1,b:2` in CSV. `None` if the
    /// key was not sent or is blank, which no format can tell from an empty list.
    pub fn map(&self, key: &str) -> Result<Option<Vec<(String, String)>>, ApiError> {
        let pairs = match self.value(key) {
            None => return Ok(None),
            Some(Value::Map(pairs)) => pairs.clone(),
            Some(Value::Text(text)) => text
                .split(',')
                .map(str::trim)
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.rsplit_once(':').ok_or_else(not_in_format)?;
                    Ok((name.trim().to_owned(), value.trim().to_owned()))
                })
                .collect::<Result<_, ApiError>>()?,
        };
        Ok(if pairs.is_empty() { None } else { Some(pairs) })
    }
}

/// The data of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// The usual list of rows.
    List(Vec<Row>),
    /// One object that is not in a list, as project settings are sent.
    Single(Row),
}

/// 400-15 of `redcap-api.md` §1.7: the data cannot be read as what it is said to be.
pub fn not_in_format() -> ApiError {
    ApiError::bad("The data is not in the specified format.")
}

/// Reads `data` in its declared format. The delimiter is that of CSV.
pub fn read(data: &str, format: Format, delimiter: u8) -> Result<Imported, ApiError> {
    let data = data.trim_start_matches('\u{feff}');
    match format {
        Format::Json => read_json(data),
        Format::Csv => read_csv(data, delimiter).map(Imported::List),
        Format::Xml => read_xml(data),
    }
}

/// Reads a list that has some of these columns. One bare object is no list: clients must send an
/// array even for one row (`redcap-api.md` §17 Q12). Text of another format is still a CSV of
/// strange columns, so a CSV that has none of the columns is refused, as a server does.
pub fn read_list(data: &str, format: Format, expected: &[&str]) -> Result<Vec<Row>, ApiError> {
    let Imported::List(rows) = read(data, format, b',')? else { return Err(not_in_format()) };
    let strange = format == Format::Csv
        && !data.trim_start_matches('\u{feff}').trim().is_empty()
        && !header(data).iter().any(|column| expected.contains(&column.as_str()));
    if strange { Err(not_in_format()) } else { Ok(rows) }
}

fn header(data: &str) -> Vec<String> {
    let data = data.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(data.as_bytes());
    reader.headers().map(|h| h.iter().map(|name| name.trim().to_owned()).collect()).unwrap_or_default()
}

fn read_json(data: &str) -> Result<Imported, ApiError> {
    let value: Json = serde_json::from_str(data).map_err(|_| not_in_format())?;
    match value {
        Json::Array(items) => items.iter().map(json_row).collect::<Result<_, _>>().map(Imported::List),
        object => json_row(&object).map(Imported::Single),
    }
}

fn json_row(value: &Json) -> Result<Row, ApiError> {
    let object = value.as_object().ok_or_else(not_in_format)?;
    let cells = object.iter().map(|(key, value)| {
        let value = match value {
            Json::Object(map) => Value::Map(
                map.iter().map(|(k, v)| Ok((k.clone(), json_text(v)?))).collect::<Result<_, ApiError>>()?,
            ),
            // PHP writes an empty map as an empty list.
            Json::Array(list) if list.is_empty() => Value::Map(Vec::new()),
            scalar => Value::Text(json_text(scalar)?),
        };
        Ok((key.clone(), value))
    });
    Ok(Row { cells: cells.collect::<Result<_, ApiError>>()? })
}

/// A scalar as text: values may be strings or numbers (`redcap-api.md` §5.1).
fn json_text(value: &Json) -> Result<String, ApiError> {
    match value {
        Json::Null => Ok(String::new()),
        Json::Bool(on) => Ok(if *on { "1" } else { "0" }.into()),
        Json::Number(number) => Ok(number.to_string()),
        Json::String(text) => Ok(text.clone()),
        Json::Array(_) | Json::Object(_) => Err(not_in_format()),
    }
}

/// Blank lines are skipped (since 6.10), also those that hold only delimiters.
fn read_csv(data: &str, delimiter: u8) -> Result<Vec<Row>, ApiError> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(data.as_bytes());
    let columns: Vec<String> =
        reader.headers().map_err(|_| not_in_format())?.iter().map(|name| name.trim().to_owned()).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| not_in_format())?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.iter().skip(columns.len()).any(|cell| !cell.is_empty()) {
            return Err(not_in_format());
        }
        let cells =
            columns.iter().zip(&record).map(|(key, cell)| (key.clone(), Value::Text(cell.to_owned())));
        rows.push(Row { cells: cells.collect() });
    }
    Ok(rows)
}

/// `<items><item>…</item></items>`; the names of the root and of the items do not matter.
fn read_xml(data: &str) -> Result<Imported, ApiError> {
    let root = tree::parse(data).map_err(|_| not_in_format())?;
    if root.children.is_empty() {
        return if root.text.trim().is_empty() {
            Ok(Imported::List(Vec::new()))
        } else {
            Err(not_in_format())
        };
    }
    let is_item = |child: &Element| child.name == "item" || !child.children.is_empty();
    if root.children.iter().any(is_item) {
        if !root.children.iter().all(is_item) {
            return Err(not_in_format());
        }
        return Ok(Imported::List(root.children.iter().map(xml_row).collect()));
    }
    Ok(Imported::Single(xml_row(&root)))
}

fn xml_row(item: &Element) -> Row {
    let cells = item.children.iter().map(|child| {
        let value = if child.children.is_empty() {
            Value::Text(child.text.clone())
        } else {
            Value::Map(child.children.iter().map(|c| (c.name.clone(), c.text.trim().to_owned())).collect())
        };
        (child.name.clone(), value)
    });
    Row { cells: cells.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arms(data: &str, format: Format) -> Result<Vec<(String, String)>, ApiError> {
        let rows = read_list(data, format, &["arm_num", "name"])?;
        Ok(rows.iter().map(|r| (r.get("arm_num").to_owned(), r.get("name").to_owned())).collect())
    }

    #[test]
    fn one_list_in_three_formats() {
        let expected = vec![("1".to_owned(), "Drug, A".to_owned()), ("2".to_owned(), "Ünd \"B\"".to_owned())];
        for (format, data) in [
            (Format::Json, r#"[{"arm_num":1,"name":"Drug, A"},{"arm_num":"2","name":"\u00dcnd \"B\""}]"#),
            (Format::Csv, "arm_num,name\n1,\"Drug, A\"\n2,\"Ünd \"\"B\"\"\"\n"),
            (Format::Csv, "\u{feff}arm_num,name\r\n1,\"Drug, A\"\r\n\r\n,\r\n2,\"Ünd \"\"B\"\"\"\r\n"),
            (
                Format::Xml,
                "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><arms><item><arm_num>1</arm_num><name><![CDATA[Drug, A]]></name></item>\
                 <item><arm_num>2</arm_num><name>&#220;nd &quot;B&quot;</name></item></arms>",
            ),
        ] {
            assert_eq!(arms(data, format).unwrap(), expected, "{data}");
        }
        let tabs = read("a\tb\n1\t2\n", Format::Csv, b'\t').unwrap();
        assert!(matches!(tabs, Imported::List(rows) if rows[0].get("b") == "2"));
    }

    #[test]
    fn what_is_not_in_the_format_is_refused() {
        for (format, data) in [
            (Format::Json, "x"),
            (Format::Json, ""),
            (Format::Json, "{\"arm_num\":1}"),
            (Format::Json, "[1]"),
            (Format::Json, "[{\"name\":[1]}]"),
            (Format::Csv, "[{\"arm_num\":1}]"),
            (Format::Csv, "arm_num,name\n1,a,b\n"),
            (Format::Xml, "arm_num,name\n"),
            (Format::Xml, "<arms>text</arms>"),
            (Format::Xml, "<arms><item></arms>"),
            (Format::Xml, "<arms><arm_num>1</arm_num></arms>"),
        ] {
            assert_eq!(arms(data, format), Err(not_in_format()), "{data}");
        }
    }

    #[test]
    fn an_empty_list_is_a_list() {
        for (format, data) in [
            (Format::Json, "[]"),
            (Format::Csv, ""),
            (Format::Csv, "arm_num,name\n"),
            (Format::Xml, "<items></items>"),
            (Format::Xml, "<items/>"),
        ] {
            assert_eq!(arms(data, format), Ok(Vec::new()), "{data}");
        }
    }

    #[test]
    fn maps_follow_the_format() {
        let expected = vec![("demo".to_owned(), "130".to_owned()), ("labs".to_owned(), "0".to_owned())];
        for (format, data) in [
            (Format::Json, r#"[{"forms":{"demo":130,"labs":"0"}}]"#),
            (Format::Csv, "forms\n\"demo:130,labs:0\"\n"),
            (Format::Xml, "<users><item><forms><demo>130</demo><labs>0</labs></forms></item></users>"),
        ] {
            let rows = read_list(data, format, &["forms"]).unwrap();
            assert_eq!(rows[0].map("forms"), Ok(Some(expected.clone())), "{data}");
            assert_eq!(rows[0].map("other"), Ok(None));
        }
        let rows = read_list("forms\ndemo\n", Format::Csv, &["forms"]).unwrap();
        assert_eq!(rows[0].map("forms"), Err(not_in_format()));
    }

    proptest! {
        #[test]
        fn any_data_is_read_or_refused(data in "\\PC*|[\\[\\]{}<>/a-c\":,\n\r 0-9]*") {
            for format in [Format::Json, Format::Csv, Format::Xml] {
                let _ = read(&data, format, b',');
                let _ = read_list(&data, format, &["a"]);
            }
        }
    }
}
