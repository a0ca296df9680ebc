//! Making text from servers and files safe to show, and scrubbing secrets out of it.

use std::borrow::Cow;

/// Names for a sentence: the first `most` of them, and how many more there are.
pub fn first_of(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Makes any text safe for one line of a terminal.
///
/// Line breaks become `⏎`, tabs a space, every other control character (ESC among them, so that
/// data can never steer the terminal) and every bidirectional override is dropped.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('⏎');
                }
            }
            '\n' => out.push('⏎'),
            '\t' | '\u{a0}' => out.push(' '),
            c if is_unsafe(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Makes text safe for a terminal and keeps its lines. Tabs become a space.
pub fn many_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter_map(|c| match c {
            '\n' => Some('\n'),
            '\t' | '\u{a0}' => Some(' '),
            c if is_unsafe(c) => None,
            c => Some(c),
        })
        .collect()
}

/// What never reaches a terminal: control characters (those that steer it among them), marks that
/// turn the direction of writing around, and signs without width, by which two texts could look
/// the same and be different. Blanks and line ends that only Unicode has are no control characters
/// but break a line all the same.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What stands before a cell that a spreadsheet would run as a formula, so that it does not.
const GUARD: char = '\'';

/// Whether a spreadsheet would run a cell as a formula: it begins like one, in narrow or wide signs,
/// and is no number.
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
        && cell.parse::<f64>().is_err()
}

/// A cell for a spreadsheet: one that would be run as a formula gets an apostrophe before it.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("{GUARD}{cell}")) } else { Cow::Borrowed(cell) }
}

/// A table as CSV for a spreadsheet, every cell [`guarded`]. Rows may differ in length.
pub fn guarded_csv<C: AsRef<str>>(rows: impl IntoIterator<Item = impl IntoIterator<Item = C>>) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        // Writing into memory does not fail.
        let _ = writer.write_record(row.into_iter().map(|cell| guarded(cell.as_ref()).into_owned()));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A label without its HTML: tags dropped, the common entities decoded, blanks joined.
///
/// REDCap lets people write HTML into labels; a terminal shows only the words. A `<` that
/// starts no tag (`a < b`) stays.
pub fn without_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let is_tag = tail
            .strip_prefix("</")
            .or_else(|| tail.strip_prefix("<!"))
            .or_else(|| tail.strip_prefix('<'))
            .is_some_and(|t| t.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'));
        match (is_tag, tail.find('>')) {
            (true, Some(end)) => {
                let tag = tail.get(1..end).unwrap_or_default().to_ascii_lowercase();
                if ["br", "p", "/p", "div", "/div", "li", "tr"].iter().any(|t| {
                    tag == *t || tag.starts_with(&format!("{t} ")) || tag.starts_with(&format!("{t}/"))
                }) {
                    out.push(' ');
                }
                rest = tail.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push('<');
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    let decoded = out
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#039;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    decoded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is shown in place of a token, anywhere.
pub const REDACTED: &str = "••••";

/// Replaces every run of exactly 32 or 64 hexadecimal digits: the shapes of REDCap tokens.
///
/// Servers repeat tokens in error texts, so every sink (screen, log, error, panic) passes
/// through here.
pub fn scrub(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(c) if c.is_ascii_hexdigit() => run.push(c),
            other => {
                if matches!(run.len(), 32 | 64) {
                    out.push_str(REDACTED);
                } else {
                    out.push_str(&run);
                }
                run.clear();
                out.extend(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_never_reach_the_terminal() {
        for (text, safe) in [
            ("red\ttab", "red tab"),
            ("a\u{1b}[31mb", "a[31mb"),
            ("one\r\ntwo\nthree\rfour", "one⏎two⏎three⏎four"),
            ("x\u{202e}y\u{feff}", "xy"),
            ("a\u{a0}b\u{7}", "a b"),
            ("a\u{9b}31mb\u{9d}0;x\u{9c}", "a31mb0;x"),
            ("pass\u{200b}wo\u{ad}rd\u{2060}\u{e0041}", "password"),
            ("one\u{2028}two", "onetwo"),
        ] {
            assert_eq!(one_line(text), safe);
        }
        assert_eq!(many_lines("a\r\nb\u{1b}c"), "a\nbc");
    }

    #[test]
    fn html_leaves_only_words() {
        for (html, words) in [
            ("<b>Age</b> (years)", "Age (years)"),
            ("<p style=\"x\">One</p><p>Two</p>", "One Two"),
            ("a < b and c > d", "a < b and c > d"),
            ("x<br>y<br/>z", "x y z"),
            ("5 &lt; 6 &amp; &quot;q&quot;", "5 < 6 & \"q\""),
            ("unclosed <b", "unclosed <b"),
        ] {
            assert_eq!(without_html(html), words, "{html}");
        }
    }

    #[test]
    fn tokens_are_scrubbed_wherever_they_stand() {
        let token = "0123456789ABCDEF0123456789abcdef";
        for (text, scrubbed) in [
            (format!("token={token}&x=1"), "token=••••&x=1".to_owned()),
            (format!("{token}{token}"), REDACTED.to_owned()),
            (format!("{token}0"), format!("{token}0")),
            (token.to_owned(), REDACTED.to_owned()),
            ("deadbeef".to_owned(), "deadbeef".to_owned()),
        ] {
            assert_eq!(scrub(&text), scrubbed);
        }
    }

    proptest! {
        #[test]
        fn no_text_leaves_a_control_character(text in "\\PC*|.*") {
            let has_control = one_line(&text).chars().any(char::is_control);
            prop_assert!(!has_control);
        }

        #[test]
        fn html_never_panics(text in "[<>a-z/&;!\" é-]*") {
            let _ = without_html(&text);
        }
    }
}
