//! The rows of an import as XML: any root, any item, one element a cell (`redcap-api.md` §5.1).

use super::table::Table;
use crate::demo::odm::tree::decode;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Reads XML. `None` if it is broken, has another shape, or a document type: nothing that is
/// defined in the text itself or lies elsewhere is ever expanded.
pub fn from_xml(text: &str) -> Option<Table> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    reader.config_mut().allow_dangling_amp = true;
    let mut table = Table::default();
    // The names of the open elements: root, item, cell.
    let mut open: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut roots = 0_usize;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                begin(&mut open, &mut table, &mut cell, &mut roots, start.local_name().into_inner())?;
            }
            Event::Empty(start) => {
                begin(&mut open, &mut table, &mut cell, &mut roots, start.local_name().into_inner())?;
                end(&mut open, &mut table, &mut cell);
            }
            Event::End(_) => end(&mut open, &mut table, &mut cell),
            Event::Text(text) => add(&open, &mut cell, &text.xml10_content())?,
            Event::CData(text) => add(&open, &mut cell, &text.xml10_content())?,
            Event::GeneralRef(name) => {
                let raw = format!("&{};", name.into_inner());
                add(&open, &mut cell, &decode(&raw, &mut Vec::new()))?;
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            _ => {}
        }
    }
    (open.is_empty() && roots == 1).then_some(table)
}

fn begin(
    open: &mut Vec<String>,
    table: &mut Table,
    cell: &mut String,
    roots: &mut usize,
    name: &str,
) -> Option<()> {
    match open.len() {
        0 => *roots += 1,
        1 => table.begin_row(),
        2 => cell.clear(),
        _ => return None,
    }
    open.push(name.to_owned());
    Some(())
}

fn end(open: &mut Vec<String>, table: &mut Table, cell: &mut String) {
    let depth = open.len();
    if let (3, Some(name)) = (depth, open.pop()) {
        table.cell(&name, std::mem::take(cell));
    }
}

/// Text belongs to a cell; between elements there may only be white space.
fn add(open: &[String], cell: &mut String, text: &str) -> Option<()> {
    if open.len() == 3 {
        cell.push_str(text);
    } else if !text.trim().is_empty() {
        return None;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn items_become_rows() {
        let table = from_xml(
            "\u{feff}<?xml version=\"1.0\"?>\n<records>\n <item><a>1</a><b><![CDATA[x < y]]> &amp; &#233;</b></item><item><a/></item></records>\n",
        )
        .unwrap();
        assert_eq!(table.columns, ["a", "b"]);
        let texts: Vec<Vec<&str>> =
            table.rows.iter().map(|r| r.iter().map(|(_, t)| t.as_str()).collect()).collect();
        assert_eq!(texts, [vec!["1", "x < y & é"], vec![""]]);
        assert_eq!(from_xml("<records/>").unwrap().rows.len(), 0);
    }

    #[test]
    fn what_is_no_such_xml_is_refused() {
        for text in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a>x</a>",
            "<a><b>x</b></a>",
            "<a><b><c><d/></c></b></a>",
            "<a/><b/>",
            "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a><b><c>&c;</c></b></a>",
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        ] {
            assert!(from_xml(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "[<>/a-c\"'=&;#!\\[\\]? \n-]{0,80}") {
            let _ = from_xml(&text);
            let _ = from_xml(&format!("<a><b>{text}</b></a>"));
        }
    }
}
