//! Python with requests.

use super::quote::escape;
use super::{Call, TOKEN_VARIABLE};

/// A Python text.
pub(super) fn quoted(text: &str) -> String {
    let inside = escape(text, "\"\\", false, |c, out| {
        out.push_str(&match u32::from(c) {
            code @ 0..=0xffff => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        });
    });
    format!("\"{inside}\"")
}

/// The first lines of a Python program: what it does, and the token.
pub(super) fn head(call: &Call, imports: &str) -> String {
    let about = call.about().join("\n");
    format!(
        "#!/usr/bin/env python3\n\"\"\"{about}\"\"\"\n{imports}\n\
         token = os.environ.get(\"{TOKEN_VARIABLE}\", \"\").strip()\n\
         if not token:\n    sys.exit(\"Set {TOKEN_VARIABLE} to your API token.\")\n"
    )
}

pub(super) fn write(call: &Call) -> String {
    let mut text = head(call, "import os\nimport sys\n\nimport requests\n");
    text.push_str("\nfields = [\n    (\"token\", token),\n");
    for (name, value) in call.pairs() {
        text.push_str(&format!("    ({}, {}),\n", quoted(&name), quoted(&value)));
    }
    text.push_str("]\n");
    let url = quoted(call.url);
    match (call.file, call.file_name()) {
        (Some(path), Some(name)) => text.push_str(&format!(
            "with open({}, \"rb\") as file:\n    \
             answer = requests.post(\n        {url},\n        data=fields,\n        \
             files={{\"file\": ({}, file)}},\n        timeout=300,\n        allow_redirects=False,\n    )\n",
            quoted(path),
            quoted(name)
        )),
        _ => text.push_str(&format!(
            "answer = requests.post({url}, data=fields, timeout=300, allow_redirects=False)\n"
        )),
    }
    text.push_str(
        "if answer.status_code != 200:\n    \
         sys.exit(f\"REDCap answered {answer.status_code}: {answer.text}\")\n\
         sys.stdout.buffer.write(answer.content)\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snippets::quote::{hex, nasty, unescape};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_can_be_read_back(text in nasty()) {
            let quoted = quoted(&text);
            let inside = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            let read = unescape(inside, "\"\\", |c, chars| {
                let digits = match c { 'u' => 4, 'U' => 8, c => panic!("{c}") };
                char::from_u32(hex(chars, Some(digits))).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
