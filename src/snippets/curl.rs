//! cURL in a POSIX shell.

use super::quote::comment;
use super::{Call, Refusal, TOKEN_VARIABLE};

/// What a Linux shell can hand to a program as one argument, less some room for the name.
const LONGEST: usize = 120_000;

/// A text as one word of a POSIX shell: nothing in single quotes has a meaning but their end.
pub(super) fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

pub(super) fn write(call: &Call) -> Result<String, Refusal> {
    too_long(call, "the shell")?;
    let mut text = String::from("#!/bin/sh\n");
    text.push_str(&comment("#", &call.about()));
    text.push_str("# Needs curl 7.76 or newer. The token goes in through a pipe, never as an argument.\n");
    text.push_str(&format!(
        ": \"${{{TOKEN_VARIABLE}:?Set {TOKEN_VARIABLE} to your API token.}}\"\n\
         printf '{}%s' \"${TOKEN_VARIABLE}\" |\n  \
         curl --silent --show-error --fail-with-body \\\n",
        if call.file.is_some() { "" } else { "token=" }
    ));
    let mut line = |option: &str, value: &str| {
        text.push_str(&format!("    {option} {} \\\n", word(value)));
    };
    match call.file {
        None => {
            line("--data", "@-");
            for (name, value) in call.pairs() {
                line("--data-urlencode", &format!("{name}={value}"));
            }
        }
        Some(path) => {
            line("--form", "token=<-");
            for (name, value) in call.pairs() {
                line("--form-string", &format!("{name}={value}"));
            }
            line("--form", &form_file(path));
        }
    }
    text.push_str(&format!("    {}\n", word(call.url)));
    Ok(text)
}

/// The argument of `--form` for a file: quoted, since `;` and `,` have a meaning to curl.
pub(super) fn form_file(path: &str) -> String {
    format!("file=@\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Refuses a value that no shell can hand over.
pub(super) fn too_long(call: &Call, language: &'static str) -> Result<(), Refusal> {
    match call.pairs().into_iter().find(|(_, value)| value.len() > LONGEST) {
        None => Ok(()),
        Some((name, _)) => Err(Refusal::TooLong {
            name,
            language,
            limit: "120,000 bytes",
            advice: "Python, R or 'capscope call' with data=@FILE can send it.",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snippets::quote::nasty;
    use proptest::prelude::*;

    /// Reads one word as a POSIX shell does, where it has single quotes and `\'` only.
    fn read(word: &str) -> String {
        let mut out = String::new();
        let mut rest = word;
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix("\\'") {
                out.push('\'');
                rest = tail;
            } else {
                let (inside, tail) = rest.strip_prefix('\'').unwrap().split_once('\'').unwrap();
                out.push_str(inside);
                rest = tail;
            }
        }
        out
    }

    proptest! {
        #[test]
        fn any_text_is_one_word(text in nasty()) {
            prop_assert_eq!(read(&word(&text)), text);
        }

        #[test]
        fn any_path_is_quoted_for_curl(path in "[ -~é]{0,20}") {
            let argument = form_file(&path);
            let inside = argument.strip_prefix("file=@\"").unwrap().strip_suffix('"').unwrap();
            let read = crate::snippets::quote::unescape(inside, "\"\\", |_, _| panic!());
            prop_assert_eq!(read, path);
        }
    }
}
