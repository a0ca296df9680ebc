//! JavaScript with fetch: Node 18 and newer, Deno and Bun.

use super::quote::{braced, comment, escape};
use super::{Call, TOKEN_VARIABLE};

/// A JavaScript text.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text, "\"\\", false, braced))
}

pub(super) fn write(call: &Call) -> String {
    let mut text = comment("//", &call.about());
    text.push_str("// Node 18 or newer: node redcap_call.mjs\n");
    if call.file.is_some() {
        text.push_str("import { readFile } from \"node:fs/promises\";\n");
    }
    text.push_str(&format!(
        "const token = (process.env.{TOKEN_VARIABLE} ?? \"\").trim();\n\
         if (!token) {{\n  console.error(\"Set {TOKEN_VARIABLE} to your API token.\");\n  process.exit(1);\n}}\n\
         const fields = [\n  [\"token\", token],\n"
    ));
    for (name, value) in call.pairs() {
        text.push_str(&format!("  [{}, {}],\n", quoted(&name), quoted(&value)));
    }
    text.push_str("];\n");
    match (call.file, call.file_name()) {
        (Some(path), Some(name)) => text.push_str(&format!(
            "const body = new FormData();\n\
             for (const [name, value] of fields) body.append(name, value);\n\
             body.append(\"file\", new Blob([await readFile({})]), {});\n",
            quoted(path),
            quoted(name)
        )),
        _ => text.push_str("const body = new URLSearchParams(fields);\n"),
    }
    text.push_str(&format!(
        "const answer = await fetch({}, {{ method: \"POST\", body, redirect: \"manual\" }});\n\
         const bytes = Buffer.from(await answer.arrayBuffer());\n\
         if (answer.status !== 200) {{\n  \
         console.error(`REDCap answered ${{answer.status}}: ${{bytes.toString(\"utf8\")}}`);\n  \
         process.exitCode = 1;\n}} else {{\n  process.stdout.write(bytes);\n}}\n",
        quoted(call.url)
    ));
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
                assert_eq!(c, 'u');
                char::from_u32(hex(chars, None)).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
