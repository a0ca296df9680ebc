//! The answers of a record import (`redcap-api.md` §2.1).

use super::{Request, ReturnContent};
use crate::demo::pipeline::{Body, Reply};
use crate::demo::wire::encode::{Format, json_string, xml_text};

/// The answer to an import of records with these names: as sent, and as stored.
pub fn reply(request: &Request, names: &[(String, String)], php_escapes: bool) -> Reply {
    let format = request.return_format;
    let body = match request.return_content {
        ReturnContent::Count => count(format, names.len()),
        ReturnContent::Ids => {
            ids(format, names.iter().map(|(_, stored)| stored.clone()).collect(), php_escapes)
        }
        ReturnContent::AutoIds => {
            ids(format, names.iter().map(|(sent, stored)| format!("{stored},{sent}")).collect(), php_escapes)
        }
        // PyCap reads a list with one empty object.
        ReturnContent::Nothing if format == Format::Json => "[{}]".to_owned(),
        ReturnContent::Nothing => String::new(),
    };
    with_body(format, body)
}

/// The answer to an import in the background: it was accepted. The exact bytes are not attested.
pub fn accepted(format: Format) -> Reply {
    let body = match format {
        Format::Json => "{\"success\":true}".to_owned(),
        Format::Csv => "success:true".to_owned(),
        Format::Xml => {
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><hash><success>true</success></hash>".to_owned()
        }
    };
    with_body(format, body)
}

fn with_body(format: Format, body: String) -> Reply {
    Reply { status: 200, content_type: format.content_type().into(), body: Body::Bytes(body.into_bytes()) }
}

/// The number of distinct records, changed or not (`redcap-api.md` §5.4).
fn count(format: Format, number: usize) -> String {
    match format {
        Format::Json => format!("{{\"count\":{number}}}"),
        Format::Csv => number.to_string(),
        Format::Xml => format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?><count>{number}</count>"),
    }
}

fn ids(format: Format, names: Vec<String>, php_escapes: bool) -> String {
    match format {
        Format::Json => {
            let quoted: Vec<String> = names.iter().map(|name| json_string(name, php_escapes)).collect();
            format!("[{}]", quoted.join(","))
        }
        Format::Csv => {
            let mut text = String::from("id");
            for name in names {
                text.push('\n');
                if name.contains([',', '"', ' ', '\n', '\r', '\t']) {
                    text.push_str(&format!("\"{}\"", name.replace('"', "\"\"")));
                } else {
                    text.push_str(&name);
                }
            }
            text
        }
        Format::Xml => {
            let items: Vec<String> =
                names.iter().map(|name| format!("<id>{}</id>", xml_text(name))).collect();
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?><ids>{}</ids>", items.concat())
        }
    }
}
