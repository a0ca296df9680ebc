//! Ruby with its standard library.

use super::quote::{braced, comment, escape};
use super::{Call, TOKEN_VARIABLE};

/// A Ruby text.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text, "\"\\#", false, braced))
}

pub(super) fn write(call: &Call) -> String {
    let mut text = format!(
        "#!/usr/bin/env ruby\n# encoding: utf-8\n{}require \"net/http\"\nrequire \"uri\"\n\n\
         token = ENV.fetch(\"{TOKEN_VARIABLE}\", \"\").strip\n\
         abort \"Set {TOKEN_VARIABLE} to your API token.\" if token.empty?\n\
         fields = [\n  [\"token\", token],\n",
        comment("#", &call.about())
    );
    for (name, value) in call.pairs() {
        text.push_str(&format!("  [{}, {}],\n", quoted(&name), quoted(&value)));
    }
    text.push_str("]\n");
    text.push_str(&format!("uri = URI({})\nrequest = Net::HTTP::Post.new(uri)\n", quoted(call.url)));
    match (call.file, call.file_name()) {
        (Some(path), Some(name)) => text.push_str(&format!(
            "fields << [\"file\", File.open({}, \"rb\"), {{ filename: {} }}]\n\
             request.set_form(fields, \"multipart/form-data\", charset: \"UTF-8\")\n",
            quoted(path),
            quoted(name)
        )),
        _ => text.push_str("request.set_form_data(fields)\n"),
    }
    text.push_str(
        "options = { use_ssl: uri.scheme == \"https\", verify_mode: OpenSSL::SSL::VERIFY_PEER, read_timeout: 300 }\n\
         answer = Net::HTTP.start(uri.hostname, uri.port, **options) { |http| http.request(request) }\n\
         abort \"REDCap answered #{answer.code}: #{answer.body}\" if answer.code != \"200\"\n\
         $stdout.binmode\n\
         $stdout.write(answer.body)\n",
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
            let read = unescape(inside, "\"\\#", |c, chars| {
                assert_eq!(c, 'u');
                char::from_u32(hex(chars, None)).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
