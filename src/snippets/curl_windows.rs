//! cURL in a Windows command file.
//!
//! The command interpreter has no quoting that holds every text, so the body is percent-encoded
//! here: letters, digits and `%`, which is doubled in a command file. Beside an uploaded file the
//! values cannot be encoded; there they are quoted, and line breaks are refused for all languages.

use super::quote::percent;
use super::{Call, Refusal, TOKEN_VARIABLE};

/// The longest line the command interpreter takes.
const LONGEST: usize = 8191;

/// A text between double quotes in a command file. `""` is a quote for the program and leaves the
/// interpreter inside the quotes; `%%` is a percent sign; backslashes count only before a quote.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut backslashes = 0;
    for c in text.chars() {
        match c {
            '\\' => {
                backslashes += 1;
                continue;
            }
            '"' => {
                out.push_str(&"\\".repeat(backslashes * 2));
                out.push_str("\"\"");
            }
            '%' => {
                out.push_str(&"\\".repeat(backslashes));
                out.push_str("%%");
            }
            c => {
                out.push_str(&"\\".repeat(backslashes));
                out.push(c);
            }
        }
        backslashes = 0;
    }
    out.push_str(&"\\".repeat(backslashes * 2));
    out.push('"');
    out
}

pub(super) fn write(call: &Call) -> Result<String, Refusal> {
    let mut text = String::from("@echo off\nsetlocal DisableDelayedExpansion\n");
    for line in call.about() {
        text.push_str(&format!("rem {line}\n"));
    }
    text.push_str("rem Needs curl 7.76 or newer. The token goes in through a pipe, never as an argument.\n");
    text.push_str(&format!(
        "if not defined {TOKEN_VARIABLE} (\n  echo Set {TOKEN_VARIABLE} to your API token. 1>&2\n  exit /b 1\n)\n"
    ));
    let mut command = String::new();
    match call.file {
        None => {
            command.push_str(&format!(
                "echo token=%{TOKEN_VARIABLE}%| curl --silent --show-error --fail-with-body --data @-"
            ));
            for (name, value) in call.pairs() {
                let pair = format!("{}={}", percent(&name), percent(&value)).replace('%', "%%");
                command.push_str(&format!(" ^\n  --data \"{pair}\""));
            }
        }
        Some(path) => {
            // Values stand in the file as they are, so it is read as UTF-8.
            text.push_str("chcp 65001 >nul\n");
            command.push_str(&format!(
                "<nul set /p \"=%{TOKEN_VARIABLE}%\"| curl --silent --show-error --fail-with-body --form \"token=<-\""
            ));
            for (name, value) in call.pairs() {
                command.push_str(&format!(" ^\n  --form-string {}", quoted(&format!("{name}={value}"))));
            }
            command.push_str(&format!(" ^\n  --form {}", quoted(&super::curl::form_file(path))));
        }
    }
    command.push_str(&format!(" ^\n  {}\n", quoted(call.url)));
    if command.len() > LONGEST {
        let longest = call.pairs().into_iter().max_by_key(|(_, value)| value.len());
        return Err(Refusal::TooLong {
            name: longest.map(|(name, _)| name).unwrap_or_default(),
            language: "a Windows command file",
            limit: "8,191 characters for the whole command",
            advice: "PowerShell can send it.",
        });
    }
    text.push_str(&command);
    // The exit code of curl is that of the pipe, and so of the file.
    Ok(text.replace('\n', "\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snippets::quote::nasty;
    use proptest::prelude::*;

    /// Reads one quoted word: first as the interpreter expands percent signs, then as the
    /// program's own start-up code splits its command line.
    fn read(word: &str) -> String {
        // Outside of quotes `&|<>^` would act; the interpreter counts every quote.
        let mut inside = false;
        for c in word.chars() {
            match c {
                '"' => inside = !inside,
                '&' | '|' | '<' | '>' | '^' | '(' | ')' | '!' => assert!(inside, "{c} acts in {word}"),
                _ => {}
            }
        }
        assert!(!inside);
        assert!(!word.replace("%%", "").contains('%'));
        let line = word.replace("%%", "%");
        let body: Vec<char> = line.strip_prefix('"').unwrap().chars().collect();
        let (mut out, mut at) = (String::new(), 0);
        loop {
            let mut slashes = 0;
            while body[at] == '\\' {
                slashes += 1;
                at += 1;
            }
            if body[at] != '"' {
                out.push_str(&"\\".repeat(slashes));
                out.push(body[at]);
                at += 1;
                continue;
            }
            out.push_str(&"\\".repeat(slashes / 2));
            if slashes % 2 == 1 || body.get(at + 1) == Some(&'"') {
                out.push('"');
                at += if slashes % 2 == 1 { 1 } else { 2 };
            } else {
                assert_eq!(at + 1, body.len(), "the word ends early");
                return out;
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_without_line_breaks_is_one_word(text in nasty()) {
            let text = text.replace(['\n', '\r'], "");
            prop_assert_eq!(read(&quoted(&text)), text);
        }
    }
}
