//! What the quoting of the languages has in common.

/// Escapes a text for between quotes. `special` characters get a backslash, a line end becomes
/// `\n`, and whatever cannot be seen as itself is written by `hidden`: controls, blanks that are
/// no space, marks that turn the direction of reading. With `ascii`, everything beyond ASCII too.
pub(super) fn escape(
    text: &str,
    special: &str,
    ascii: bool,
    mut hidden: impl FnMut(char, &mut String),
) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if special.contains(c) => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            ' '..='~' => out.push(c),
            c if !ascii && !c.is_ascii() && c.is_alphanumeric() => out.push(c),
            c => hidden(c, &mut out),
        }
    }
    out
}

/// `\u{2028}`, as PHP, Ruby, JavaScript and Rust write a character.
pub(super) fn braced(c: char, out: &mut String) {
    out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(super) fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Lines as comments, each behind this mark.
pub(super) fn comment(mark: &str, lines: &[String]) -> String {
    lines.iter().fold(String::new(), |text, line| text + mark + " " + line + "\n")
}

/// Reads what [`escape`] wrote, for tests: the rules that the languages share. `hidden` reads what
/// follows a backslash that is no `special` one and no `n`.
#[cfg(test)]
pub(super) fn unescape(
    text: &str,
    special: &str,
    hidden: impl Fn(char, &mut std::iter::Peekable<std::str::Chars>) -> char,
) -> String {
    let mut chars = text.chars().peekable();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        assert!(c != '\n' && c != '\r', "a raw line end in {text:?}");
        if c != '\\' {
            assert!(!special.contains(c), "{c:?} is not escaped in {text:?}");
            out.push(c);
            continue;
        }
        let next = chars.next().unwrap();
        out.push(match next {
            'n' => '\n',
            c if special.contains(c) => c,
            c => hidden(c, &mut chars),
        });
    }
    out
}

/// Reads hexadecimal digits, for tests: within braces, or exactly this many.
#[cfg(test)]
pub(super) fn hex(chars: &mut std::iter::Peekable<std::str::Chars>, digits: Option<usize>) -> u32 {
    let text: String = match digits {
        Some(n) => chars.by_ref().take(n).collect(),
        None => {
            assert_eq!(chars.next(), Some('{'));
            chars.by_ref().take_while(|c| *c != '}').collect()
        }
    };
    u32::from_str_radix(&text, 16).unwrap()
}

/// Texts that break quoting if anything does.
#[cfg(test)]
pub(super) fn nasty() -> impl proptest::strategy::Strategy<Value = String> {
    proptest::string::string_regex(
        "(?s)([ -~]|[\"'\\\\$`%!@#&^|<>;{}()\\[\\]\n\r\t=]|[\u{1}-\u{1f}]|[é漢😀\u{2018}\u{2019}\u{201b}\u{2028}\u{202e}\u{85}\u{a0}\u{feff}]|%[A-Z]+%|\\$\\{?[a-z]+\\}?|\\$\\(id\\)|`id`|#\\{1\\}|\\\\u0022|\\\\){0,25}",
    )
    .unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percent_encoding_can_be_read_and_has_only_safe_signs(text in nasty()) {
            let encoded = percent(&text);
            prop_assert!(encoded.chars().all(|c| c.is_ascii_alphanumeric() || "-._~%".contains(c)));
            let form = format!("x={encoded}");
            let read: Vec<_> = form_urlencoded::parse(form.as_bytes()).collect();
            prop_assert_eq!(read[0].1.as_ref(), text.as_str());
        }
    }
}
