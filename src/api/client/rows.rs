//! Counting the rows of an answer without reading it.

/// How many items a JSON list has, from its commas: `None` for anything but a list. What is in
/// the items is not looked at, so a broken list gives some number and never an error.
pub fn in_json(body: &[u8]) -> Option<u64> {
    let mut bytes =
        body.iter().copied().skip_while(|b| b.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(b));
    if bytes.next() != Some(b'[') {
        return None;
    }
    let (mut depth, mut commas, mut any, mut in_text, mut escaped) = (0_u64, 0, false, false, false);
    for b in bytes {
        if in_text {
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match b {
            b']' | b'}' if depth == 0 => break,
            b']' | b'}' => depth -= 1,
            b',' if depth == 0 => commas += 1,
            b if b.is_ascii_whitespace() => {}
            b => {
                any = true;
                in_text = b == b'"';
                depth += u64::from(b == b'[' || b == b'{');
            }
        }
    }
    Some(if any { commas + 1 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lists_are_counted_and_other_answers_are_not() {
        for (body, rows) in [
            ("[]", Some(0)),
            (" [ ] ", Some(0)),
            ("\u{feff}[{}]", Some(1)),
            (r#"[{"a":"],[\"","b":[1,2]},{"a":"\\"},3]"#, Some(3)),
            (r#"["1","2"]"#, Some(2)),
            (r#"{"count":2}"#, None),
            ("a,b\n1,2\n", None),
            ("", None),
        ] {
            assert_eq!(in_json(body.as_bytes()), rows, "{body}");
        }
    }

    proptest! {
        #[test]
        fn it_counts_what_a_parser_counts(texts in proptest::collection::vec(any::<String>(), 0..9)) {
            let list: Vec<_> = texts.iter().map(|t| serde_json::json!({ t: [t, {"x": t}] })).collect();
            let body = serde_json::to_vec_pretty(&list).unwrap();
            prop_assert_eq!(in_json(&body), Some(list.len() as u64));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = in_json(&bytes);
            let _ = in_json(&[b"[", bytes.as_slice()].concat());
        }
    }
}
