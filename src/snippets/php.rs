//! PHP with its curl extension.

use super::quote::{braced, comment, escape};
use super::{Call, TOKEN_VARIABLE};

/// A PHP text.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text, "\"\\$", false, braced))
}

pub(super) fn write(call: &Call) -> String {
    let mut text = format!(
        "<?php\n{}$token = trim((string) getenv('{TOKEN_VARIABLE}'));\n\
         if ($token === '') {{\n    fwrite(STDERR, \"Set {TOKEN_VARIABLE} to your API token.\\n\");\n    exit(1);\n}}\n\n\
         $fields = [\n    'token' => $token,\n",
        comment("//", &call.about())
    );
    for (name, value) in call.pairs() {
        text.push_str(&format!("    {} => {},\n", quoted(&name), quoted(&value)));
    }
    text.push_str("];\n");
    let body = match (call.file, call.file_name()) {
        (Some(path), Some(name)) => {
            text.push_str(&format!(
                "$fields['file'] = new CURLFile({}, 'application/octet-stream', {});\n",
                quoted(path),
                quoted(name)
            ));
            "$fields"
        }
        _ => "http_build_query($fields, '', '&')",
    };
    text.push_str(&format!(
        "$curl = curl_init({});\n\
         curl_setopt_array($curl, [\n    \
         CURLOPT_POST => true,\n    \
         CURLOPT_POSTFIELDS => {body},\n    \
         CURLOPT_RETURNTRANSFER => true,\n    \
         CURLOPT_SSL_VERIFYPEER => true,\n    \
         CURLOPT_SSL_VERIFYHOST => 2,\n    \
         CURLOPT_FOLLOWLOCATION => false,\n    \
         CURLOPT_TIMEOUT => 300,\n]);\n\
         $answer = curl_exec($curl);\n\
         if ($answer === false) {{\n    fwrite(STDERR, curl_error($curl) . \"\\n\");\n    exit(1);\n}}\n\
         $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);\n\
         if ($status !== 200) {{\n    fwrite(STDERR, \"REDCap answered $status: $answer\\n\");\n    exit(1);\n}}\n\
         fwrite(STDOUT, $answer);\n",
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
            let read = unescape(inside, "\"\\$", |c, chars| {
                assert_eq!(c, 'u');
                char::from_u32(hex(chars, None)).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
