//! XML as a tree of elements, with errors that say where.

use super::OdmError;
use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};

/// One element. Names are without their prefix: files use `redcap:` for REDCap's own, and no
/// name is used both with and without it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// The name without prefix.
    pub name: String,
    /// Names without prefix, and values.
    pub attributes: Vec<(String, String)>,
    /// The elements inside.
    pub children: Vec<Element>,
    /// All text directly inside.
    pub text: String,
    /// Some attribute or element in here has the prefix `redcap`.
    has_redcap_prefix: bool,
    /// Entities that nobody knows (on the root only).
    pub unknown_entities: Vec<String>,
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The value of an attribute, `""` if it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.attribute(name).unwrap_or_default()
    }

    /// The first element with this name inside.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    /// All elements with this name inside.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> + 'a {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// Whether REDCap's own attributes or elements are somewhere in here.
    pub fn mentions_redcap(&self) -> bool {
        self.has_redcap_prefix
    }
}

/// Deeper nesting than project XML ever has is refused, so that no file can exhaust the stack.
const DEEPEST: usize = 100;

/// Reads XML. Line breaks inside attributes stay as they stand: REDCap writes them raw and means
/// them (`redcap-wire.md`), although XML would have them turned to blanks.
pub fn parse(text: &str) -> Result<Element, OdmError> {
    let text = text.trim_start_matches('\u{feff}');
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(OdmError::Empty);
    }
    if !trimmed.starts_with('<') {
        let line = text.len() - trimmed.len();
        let found = trimmed.lines().next().unwrap_or_default().chars().take(40).collect();
        return Err(OdmError::NotXml { line: place(text, line).0, found });
    }
    // The declaration must come first, so blanks before it are not handed to the reader.
    let offset = text.len() - trimmed.len();
    let mut reader = Reader::from_str(trimmed);
    reader.config_mut().allow_dangling_amp = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut unknown = Vec::new();
    loop {
        let event = reader.read_event();
        let at = |position: u64| offset + usize::try_from(position).unwrap_or(0);
        let broken = |position: u64, what: String| {
            let (line, column) = place(text, at(position));
            OdmError::Broken { line, column, what }
        };
        match event {
            Ok(Event::Start(start)) => {
                if open.len() >= DEEPEST {
                    return Err(broken(
                        reader.buffer_position(),
                        "too many elements inside each other".into(),
                    ));
                }
                open.push(
                    element(&start, &mut unknown).map_err(|what| broken(reader.buffer_position(), what))?,
                );
            }
            Ok(Event::Empty(start)) => {
                let done =
                    element(&start, &mut unknown).map_err(|what| broken(reader.buffer_position(), what))?;
                close(done, &mut open, &mut root);
            }
            Ok(Event::End(_)) => {
                if let Some(done) = open.pop() {
                    close(done, &mut open, &mut root);
                }
            }
            Ok(Event::Text(text)) => add_text(&mut open, &text.xml10_content()),
            Ok(Event::CData(text)) => add_text(&mut open, &text.xml10_content()),
            Ok(Event::GeneralRef(name)) => {
                let raw = format!("&{};", name.into_inner());
                add_text(&mut open, &decode(&raw, &mut unknown));
            }
            Ok(Event::Eof) => break,
            // REDCap writes none, and nothing that a text defines in itself is ever expanded.
            Ok(Event::DocType(_)) => {
                return Err(broken(
                    reader.buffer_position(),
                    "a document type, which project XML does not have".into(),
                ));
            }
            Ok(_) => {}
            // A missing end tag at the end is a file that was cut off.
            Err(quick_xml::Error::IllFormed(quick_xml::errors::IllFormedError::MissingEndTag(_))) => break,
            Err(error) => {
                let cut = at(reader.error_position()) + 1 >= text.trim_end().len()
                    || matches!(error, quick_xml::Error::Syntax(_));
                if cut && let Some(last) = open.last() {
                    return Err(OdmError::Cut { line: text.lines().count(), element: last.name.clone() });
                }
                return Err(broken(reader.error_position(), error.to_string()));
            }
        }
    }
    if let Some(last) = open.last() {
        return Err(OdmError::Cut { line: text.lines().count(), element: last.name.clone() });
    }
    let mut root = root.ok_or(OdmError::Empty)?;
    root.unknown_entities = unknown;
    Ok(root)
}

/// Line and column of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..at.min(text.len())).unwrap_or_default();
    let line = before.split(|b| *b == b'\n').count();
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn close(mut done: Element, open: &mut [Element], root: &mut Option<Element>) {
    // Between elements there is only white space; text is kept where it is the whole content.
    if !done.children.is_empty() && done.text.trim().is_empty() {
        done.text.clear();
    }
    match open.last_mut() {
        Some(parent) => {
            parent.has_redcap_prefix |= done.has_redcap_prefix;
            parent.children.push(done);
        }
        None if root.is_none() => *root = Some(done),
        None => {}
    }
}

fn element(start: &BytesStart<'_>, unknown: &mut Vec<String>) -> Result<Element, String> {
    let is_redcap = |name: &quick_xml::name::QName<'_>| {
        name.prefix().is_some_and(|p| p.into_inner().eq_ignore_ascii_case("redcap"))
    };
    let mut element = Element {
        name: start.local_name().into_inner().to_owned(),
        has_redcap_prefix: is_redcap(&start.name()),
        ..Element::default()
    };
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|e| e.to_string())?;
        element.has_redcap_prefix |= is_redcap(&attribute.key);
        let name = attribute.key.local_name().into_inner().to_owned();
        element.attributes.push((name, decode(&attribute.value, unknown)));
    }
    Ok(element)
}

/// Replaces character references and entities: XML's five, numbers, and those of HTML, which
/// turn up in files although XML does not know them.
pub fn decode(raw: &str, unknown: &mut Vec<String>) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let end = tail.find(';').filter(|end| *end <= 40);
        let name = end.and_then(|end| tail.get(1..end)).unwrap_or_default();
        let decoded = match name.strip_prefix('#') {
            Some(number) => {
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => number.parse().ok(),
                };
                code.and_then(char::from_u32).map(String::from)
            }
            None => resolve_html5_entity(name).map(str::to_owned),
        };
        match (decoded, end) {
            (Some(text), Some(end)) => {
                out.push_str(&text);
                rest = tail.get(end + 1..).unwrap_or_default();
            }
            _ => {
                let looks_like_one =
                    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
                if looks_like_one && !unknown.iter().any(|n| n == name) {
                    unknown.push(name.to_owned());
                }
                out.push('&');
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_decoded_and_line_breaks_stay() {
        let root = parse(
            "\u{feff}\n<?xml version=\"1.0\"?>\n<a r:x='1 &lt; 2 &amp; &eacute;&#233;&#xE9; & &foo;\nsecond'><b><![CDATA[<i>]]>&gt;</b><c/></a>",
        )
        .unwrap();
        assert_eq!(root.get("x"), "1 < 2 & ééé & &foo;\nsecond");
        assert_eq!(root.unknown_entities, ["foo"]);
        assert_eq!(root.child("b").unwrap().text, "<i>>");
        assert_eq!(root.children.len(), 2);
    }

    #[test]
    fn what_is_no_xml_says_where() {
        assert_eq!(parse("  \n"), Err(OdmError::Empty));
        assert_eq!(
            parse("\nrecord_id,age\n1,2"),
            Err(OdmError::NotXml { line: 2, found: "record_id,age".into() })
        );
        assert_eq!(parse("<ODM>\n<Study>\n<Form"), Err(OdmError::Cut { line: 3, element: "Study".into() }));
        assert_eq!(parse("<ODM>\n<Study>"), Err(OdmError::Cut { line: 2, element: "Study".into() }));
        let broken = parse("<ODM>\n<Study></Form>\n</ODM>").unwrap_err();
        assert!(matches!(broken, OdmError::Broken { line: 2, .. }), "{broken}");
        let deep = "<a>".repeat(100_000);
        assert!(parse(&deep).is_err());
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]>\n<ODM>&b;</ODM>";
        assert!(matches!(parse(bomb), Err(OdmError::Broken { .. })));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "[<>/a-z\"'=&;#! \n\\[\\]?é-]{0,80}") {
            let _ = parse(&text);
            let _ = parse(&format!("<ODM>{text}</ODM>"));
        }
    }
}
