//! XML as an indented tree, for reading only: the markup stays as it came.

use super::views::{ID, MASK, Masks};

/// A piece of XML.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Open(&'a str),
    Close(&'a str),
    /// Declarations, comments and tags that close themselves.
    Alone(&'a str),
    Text(&'a str),
}

/// One tag or text a line, children indented; a tag with a short text stays on one line.
pub(super) fn indented(text: &str, masks: &Masks) -> String {
    let pieces = pieces(text);
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut at = 0;
    let mut field = false;
    let line = |out: &mut String, depth: usize, text: &str| {
        out.push_str(&"  ".repeat(depth.min(40)));
        out.push_str(text);
        out.push('\n');
    };
    while let Some(piece) = pieces.get(at) {
        match piece {
            Piece::Open(tag) => {
                let name = name_of(tag);
                let hidden =
                    masks.has(name) || (field && name == "value") || (masks.has(ID) && name == "record");
                let shown = |text: &str| {
                    if hidden && !bare(text).is_empty() { MASK.to_owned() } else { text.to_owned() }
                };
                match (pieces.get(at + 1), pieces.get(at + 2)) {
                    (Some(Piece::Text(text)), Some(Piece::Close(end))) => {
                        if name == "field_name" {
                            field = masks.has(bare(text));
                        }
                        line(&mut out, depth, &format!("{tag}{}{end}", shown(text)));
                        at += 3;
                        continue;
                    }
                    (Some(Piece::Close(end)), _) => {
                        line(&mut out, depth, &format!("{tag}{end}"));
                        at += 2;
                        continue;
                    }
                    _ => {
                        line(&mut out, depth, tag);
                        depth += 1;
                    }
                }
            }
            Piece::Close(tag) => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth, tag);
            }
            Piece::Alone(tag) => line(&mut out, depth, tag),
            // Text between other tags belongs to no column; where columns are masked it is too.
            Piece::Text(text) => line(&mut out, depth, if masks.any() { MASK } else { text }),
        }
        at += 1;
    }
    out
}

/// The name of a tag: `<a b="c">` is `a`.
fn name_of(tag: &str) -> &str {
    let inside = tag.trim_start_matches('<');
    inside.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default()
}

/// A text without the marks of a CDATA section.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("<![CDATA[").and_then(|t| t.strip_suffix("]]>")).unwrap_or(text)
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut start_of_text = 0;
    let mut at = 0;
    while let Some(found) = rest.find('<') {
        let tag_start = at + found;
        let tail = text.get(tag_start..).unwrap_or_default();
        let (end, is_text) = if tail.starts_with("<![CDATA[") {
            (tail.find("]]>").map(|i| i + 3), true)
        } else if tail.starts_with("<!--") {
            (tail.find("-->").map(|i| i + 3), false)
        } else {
            (tail.find('>').map(|i| i + 1), false)
        };
        let end = tag_start + end.unwrap_or(tail.len());
        if !is_text {
            let before = text.get(start_of_text..tag_start).unwrap_or_default();
            // Texts and CDATA sections that follow one another are one text.
            if !before.trim().is_empty() {
                pieces.push(Piece::Text(before.trim()));
            }
            let tag = text.get(tag_start..end).unwrap_or_default();
            pieces.push(if tag.starts_with("</") {
                Piece::Close(tag)
            } else if tag.ends_with("/>") || tag.starts_with("<?") || tag.starts_with("<!") {
                Piece::Alone(tag)
            } else {
                Piece::Open(tag)
            });
            start_of_text = end;
        }
        at = end;
        rest = text.get(at..).unwrap_or_default();
    }
    let last = text.get(start_of_text..).unwrap_or_default();
    if !last.trim().is_empty() {
        pieces.push(Piece::Text(last.trim()));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn children_are_indented_and_short_texts_stay_with_their_tag() {
        let text =
            "<?xml version=\"1.0\"?><a><b x=\"1\">one</b><c/><d><e><![CDATA[< two >]]></e></d><f></f></a>";
        let shown = indented(text, &Masks::none());
        let expected = "<?xml version=\"1.0\"?>\n<a>\n  <b x=\"1\">one</b>\n  <c/>\n  <d>\n    <e><![CDATA[< two >]]></e>\n  </d>\n  <f></f>\n</a>\n";
        assert_eq!(shown, expected);
    }

    proptest! {
        #[test]
        fn nothing_of_any_text_is_lost(text in "([<>/a-c é\\[\\]!-]|<!\\[CDATA\\[|\\]\\]>|</a>|<b>){0,40}") {
            let squeeze = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
            prop_assert_eq!(squeeze(&indented(&text, &Masks::none())), squeeze(&text));
        }
    }
}
