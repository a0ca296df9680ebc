//! Perl with core modules; HTTPS needs `IO::Socket::SSL` beside them.

use super::quote::{comment, escape};
use super::{Call, TOKEN_VARIABLE};

/// A Perl text.
pub(super) fn quoted(text: &str) -> String {
    let inside = escape(text, "\"\\$@", false, |c, out| {
        out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
    });
    format!("\"{inside}\"")
}

pub(super) fn write(call: &Call) -> String {
    let mut text = format!(
        "#!/usr/bin/env perl\n{}# HTTPS needs the module IO::Socket::SSL.\n\
         use strict;\nuse warnings;\nuse utf8;\nuse Encode qw(encode);\nuse HTTP::Tiny;\n\n\
         my $token = $ENV{{{TOKEN_VARIABLE}}} // '';\n\
         $token =~ s/^\\s+|\\s+$//g;\n\
         die \"Set {TOKEN_VARIABLE} to your API token.\\n\" if $token eq '';\n\
         my @fields = (\n    [\"token\", $token],\n",
        comment("#", &call.about())
    );
    for (name, value) in call.pairs() {
        text.push_str(&format!("    [{}, {}],\n", quoted(&name), quoted(&value)));
    }
    text.push_str(");\nmy $http = HTTP::Tiny->new(verify_SSL => 1, max_redirect => 0, timeout => 300);\n");
    let url = quoted(call.url);
    match (call.file, call.file_name()) {
        (Some(path), Some(name)) => text.push_str(&format!(
            "open my $file, '<:raw', encode('UTF-8', {}) or die \"The file cannot be read: $!\\n\";\n\
             my $bytes = do {{ local $/; <$file> }};\n\
             my $name = encode('UTF-8', {});\n\
             $name =~ s/\"/%22/g;\n\
             my $boundary = join '', 'capscope', map {{ int rand 10 }} 1 .. 30;\n\
             my $body = join '', map {{\n    \
             qq(--$boundary\\r\\nContent-Disposition: form-data; name=\"$_->[0]\"\\r\\n\\r\\n) . encode('UTF-8', $_->[1]) . \"\\r\\n\"\n\
             }} @fields;\n\
             $body .= qq(--$boundary\\r\\nContent-Disposition: form-data; name=\"file\"; filename=\"$name\"\\r\\n)\n    \
             . qq(Content-Type: application/octet-stream\\r\\n\\r\\n) . ($bytes // '') . \"\\r\\n--$boundary--\\r\\n\";\n\
             my $answer = $http->post({url}, {{\n    \
             headers => {{ 'Content-Type' => \"multipart/form-data; boundary=$boundary\" }},\n    \
             content => $body,\n}});\n",
            quoted(path),
            quoted(name)
        )),
        _ => text.push_str(&format!(
            "my $body = $http->www_form_urlencode([map {{ @$_ }} @fields]);\n\
             my $answer = $http->post({url}, {{\n    \
             headers => {{ 'Content-Type' => 'application/x-www-form-urlencoded' }},\n    \
             content => $body,\n}});\n"
        )),
    }
    text.push_str(
        "die \"REDCap answered $answer->{status}: $answer->{content}\\n\" if $answer->{status} != 200;\n\
         binmode STDOUT;\n\
         print $answer->{content};\n",
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
            let read = unescape(inside, "\"\\$@", |c, chars| {
                assert_eq!(c, 'x');
                char::from_u32(hex(chars, None)).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
