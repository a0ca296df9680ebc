//! The ways of reading a body: indented, as a table, raw. Lines are safe for a terminal.

use super::answer::{Guard, View, ViewKind};
use super::{table, xml};
use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::api::sniff::{Shape, shape_of};
use crate::domain::text::{many_lines, scrub};
use serde_json::Value;
use std::sync::Arc;

/// So many lines of a body are shown; the whole body can be saved.
const MOST_LINES: usize = 50_000;
/// So many characters of a line are shown.
const LONGEST_LINE: usize = 4_000;
/// What stands for a value that is masked.
pub(super) const MASK: &str = "••••••";

/// Which values are masked.
pub(super) struct Masks<'a> {
    columns: &'a [String],
}

impl Masks<'_> {
    /// Whether anything is masked.
    pub(super) fn any(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Nothing is masked.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { columns: &[] }
    }

    /// Whether the values of this column are masked.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|c| c == column)
    }
}

/// All ways in which a reply can be read. A file has none.
pub(super) fn of(request: &Request, reply: &Reply, failed: bool, guard: &Guard) -> Vec<View> {
    let shape = shape_of(request);
    if shape == Shape::File && !failed {
        return Vec::new();
    }
    let text = reply.text();
    let mut views = Vec::new();
    let mut add = |kind, make: &dyn Fn(&Masks) -> Option<Vec<String>>| {
        let Some(open) = make(&Masks { columns: &[] }) else { return };
        let open = Arc::new(open);
        let masked = match guard {
            Guard::Open => Some(open.clone()),
            Guard::Closed => None,
            // As it came, a value cannot be told from what stands around it.
            Guard::Columns(_) if kind == ViewKind::Raw => None,
            Guard::Columns(columns) => make(&Masks { columns }).map(Arc::new),
        };
        views.push(View { kind, open, masked });
    };
    let trimmed = text.trim_start();
    if trimmed.starts_with(['{', '[']) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            add(ViewKind::Pretty, &|masks| {
                let mut value = value.clone();
                mask_json(&mut value, masks);
                serde_json::to_string_pretty(&value).ok().map(|t| lines(&t))
            });
            add(ViewKind::Table, &|masks| {
                let mut value = value.clone();
                mask_json(&mut value, masks);
                table::of_json(&value).map(|t| lines(&t))
            });
        }
    } else if trimmed.starts_with('<') {
        add(ViewKind::Pretty, &|masks| Some(lines(&xml::indented(&text, masks))));
    } else if shape == Shape::Csv && !failed {
        let delimiter = match request.text("csvDelimiter") {
            "tab" => b'\t',
            other => other.bytes().next().unwrap_or(b','),
        };
        add(ViewKind::Table, &|masks| table::of_csv(&text, delimiter, masks).map(|t| lines(&t)));
    }
    add(ViewKind::Raw, &|_| Some(lines(&text)));
    views
}

/// Masks values of flat rows by their column, and of rows of one value by their field.
fn mask_json(value: &mut Value, masks: &Masks) {
    let Value::Array(rows) = value else { return };
    for row in rows {
        let Value::Object(row) = row else { continue };
        let field = row.get("field_name").and_then(Value::as_str).is_some_and(|name| masks.has(name));
        let id = masks.has(ID);
        for (name, cell) in row.iter_mut() {
            let hidden = masks.has(name) || (field && name == "value") || (id && name == "record");
            if hidden && cell.as_str() != Some("") {
                *cell = Value::String(MASK.into());
            }
        }
    }
}

/// Stands among the masked columns if the record's name itself is masked.
pub const ID: &str = "record";

/// Text as safe lines, no more and no longer than can be read.
fn lines(text: &str) -> Vec<String> {
    let safe = scrub(&many_lines(text));
    let mut all = safe.lines();
    let mut lines: Vec<String> = all
        .by_ref()
        .take(MOST_LINES)
        .map(|line| match line.char_indices().nth(LONGEST_LINE) {
            None => line.to_owned(),
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        })
        .collect();
    let more = all.count();
    if more > 0 {
        lines.push(format!("… {more} more lines are not shown. The saved file has all of them."));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::catalogue::Action;

    fn reply(body: &str) -> Reply {
        Reply { status: 200, headers: vec![], body: body.as_bytes().to_vec(), ms: 1 }
    }

    fn read(format: &str, body: &str, guard: &Guard) -> Vec<View> {
        let request = Request::find("record", Action::Export).unwrap().set("format", format);
        of(&request, &reply(body), false, guard)
    }

    #[test]
    fn identifiers_are_masked_in_every_format_and_raw_is_not_shown_at_all() {
        let guard = Guard::Columns(vec!["last_name".into()]);
        for (format, body) in [
            ("json", r#"[{"study_id":"1","last_name":"Secret","sex":"2"}]"#),
            ("json", r#"[{"record":"1","field_name":"last_name","value":"Secret"}]"#),
            ("csv", "study_id,last_name,sex\n1,\"Secret\",2\n"),
            (
                "xml",
                "<records><item><study_id>1</study_id><last_name><![CDATA[Secret]]></last_name></item></records>",
            ),
            (
                "xml",
                "<records><item><record>1</record><field_name>last_name</field_name><value>Secret</value></item></records>",
            ),
        ] {
            let views = read(format, body, &guard);
            assert!(views.len() >= 2, "{format}");
            for view in &views {
                assert!(view.open.join("\n").contains("Secret"), "{format}");
                match &view.masked {
                    None => assert_eq!(view.kind, ViewKind::Raw),
                    Some(lines) => {
                        let text = lines.join("\n");
                        assert!(!text.contains("Secret") && text.contains(MASK), "{format}: {text}");
                        assert!(text.contains('1'), "{text}");
                    }
                }
            }
            let closed = read(format, body, &Guard::Closed);
            assert!(closed.iter().all(|v| v.masked.is_none()));
        }
    }

    #[test]
    fn rows_of_one_value_hide_the_records_name_where_it_identifies() {
        let guard = Guard::Columns(vec!["mrn".into(), ID.into()]);
        let body = r#"[{"record":"77","field_name":"sex","value":"2"}]"#;
        let views = read("json", body, &guard);
        let text = views[0].masked.as_ref().unwrap().join("\n");
        assert!(!text.contains("77") && text.contains("\"2\""), "{text}");
    }

    #[test]
    fn tokens_and_control_characters_are_not_shown() {
        let body = "\"0123456789ABCDEF0123456789ABCDEF\u{1b}[31m\"";
        let views = read("json", body, &Guard::Open);
        let text = views.last().unwrap().open.join("\n");
        assert!(!text.contains("0123456789ABCDEF") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn a_long_body_is_cut_and_says_so() {
        let views = read("csv", &"1,2\n".repeat(MOST_LINES + 10), &Guard::Open);
        let raw = views.last().unwrap();
        assert_eq!(raw.open.len(), MOST_LINES + 1);
        assert!(raw.open.last().unwrap().starts_with("… 10 more lines"));
    }
}
