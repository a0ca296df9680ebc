//! R with httr2.

use super::quote::{comment, escape};
use super::{Call, TOKEN_VARIABLE};

/// An R text, in ASCII: R reads a file in the computer's own encoding.
pub(super) fn quoted(text: &str) -> String {
    let inside = escape(text, "\"\\", true, |c, out| {
        out.push_str(&match u32::from(c) {
            code @ 0..=0xffff => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        });
    });
    format!("\"{inside}\"")
}

/// The first lines of an R program: what it does, and the token.
pub(super) fn head(call: &Call) -> String {
    format!(
        "{}token <- trimws(Sys.getenv(\"{TOKEN_VARIABLE}\"))\n\
         if (token == \"\") stop(\"Set {TOKEN_VARIABLE} to your API token.\")\n",
        comment("#", &call.about())
    )
}

pub(super) fn write(call: &Call) -> String {
    let mut text = head(call);
    let out = format!("answer.{}", call.extension());
    text.push_str("library(httr2)\n\nfields <- list(\n  \"token\" = token");
    for (name, value) in call.pairs() {
        text.push_str(&format!(",\n  {} = {}", quoted(&name), quoted(&value)));
    }
    text.push_str("\n)\n");
    text.push_str(&format!("req <- request({})\n", quoted(call.url)));
    match call.file {
        Some(path) => text.push_str(&format!(
            "fields[[\"file\"]] <- curl::form_file({}, type = \"application/octet-stream\")\n\
             req <- do.call(req_body_multipart, c(list(req), fields))\n",
            quoted(path)
        )),
        // Some versions of req_body_form have an argument of their own that is called data.
        None => text.push_str(
            "pairs <- paste0(curl::curl_escape(names(fields)), \"=\", curl::curl_escape(unlist(fields)))\n\
             req <- req_body_raw(req, paste(pairs, collapse = \"&\"), \"application/x-www-form-urlencoded\")\n",
        ),
    }
    text.push_str(&format!(
        "\
         req <- req_timeout(req, 300)\n\
         req <- req_options(req, followlocation = 0L, ssl_verifypeer = 1L, ssl_verifyhost = 2L)\n\
         req <- req_error(req, is_error = function(resp) FALSE)\n\
         answer <- req_perform(req)\n\
         bytes <- if (length(answer$body) > 0) resp_body_raw(answer) else raw()\n\
         if (resp_status(answer) != 200) {{\n  \
         stop(\"REDCap answered \", resp_status(answer), \": \", rawToChar(bytes))\n}}\n\
         # R's standard output is for text; the answer goes to a file as it came.\n\
         writeBin(bytes, {})\n",
        quoted(&out)
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
            assert!(quoted.is_ascii());
            let inside = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            let read = unescape(inside, "\"\\", |c, chars| {
                let digits = match c { 'u' => 4, 'U' => 8, c => panic!("{c}") };
                char::from_u32(hex(chars, Some(digits))).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
