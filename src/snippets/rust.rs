//! Rust with reqwest.

use super::quote::{braced, comment, escape};
use super::{Call, TOKEN_VARIABLE};

/// A Rust text.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text, "\"\\", false, braced))
}

pub(super) fn write(call: &Call) -> String {
    let mut text = comment("//", &call.about());
    text.push_str(
        "//\n// Cargo.toml:\n//   [dependencies]\n\
         //   reqwest = { version = \"0.13\", features = [\"form\", \"multipart\"] }\n\
         //   tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n\n\
         use std::io::Write;\n\n\
         #[tokio::main(flavor = \"current_thread\")]\n\
         async fn main() -> Result<(), Box<dyn std::error::Error>> {\n",
    );
    text.push_str(&format!(
        "    let token = std::env::var(\"{TOKEN_VARIABLE}\").map_err(|_| \"Set {TOKEN_VARIABLE} to your API token.\")?;\n    \
         let fields = vec![\n        (\"token\", token.trim()),\n"
    ));
    for (name, value) in call.pairs() {
        text.push_str(&format!("        ({}, {}),\n", quoted(&name), quoted(&value)));
    }
    text.push_str(&format!(
        "    ];\n    \
         let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;\n    \
         let request = client.post({}).timeout(std::time::Duration::from_secs(300));\n",
        quoted(call.url)
    ));
    match (call.file, call.file_name()) {
        (Some(path), Some(name)) => text.push_str(&format!(
            "    let file = reqwest::multipart::Part::bytes(std::fs::read({})?).file_name({});\n    \
             let mut form = reqwest::multipart::Form::new().part(\"file\", file);\n    \
             for (name, value) in fields {{\n        form = form.text(name, value.to_owned());\n    }}\n    \
             let answer = request.multipart(form).send().await?;\n",
            quoted(path),
            quoted(name)
        )),
        _ => text.push_str("    let answer = request.form(&fields).send().await?;\n"),
    }
    text.push_str(
        "    let status = answer.status();\n    \
         let body = answer.bytes().await?;\n    \
         if status != reqwest::StatusCode::OK {\n        \
         return Err(format!(\"REDCap answered {status}: {}\", String::from_utf8_lossy(&body)).into());\n    }\n    \
         std::io::stdout().write_all(&body)?;\n    \
         Ok(())\n}\n",
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
                assert_eq!(c, 'u');
                char::from_u32(hex(chars, None)).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
