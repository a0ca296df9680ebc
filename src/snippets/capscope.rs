//! `capscope call` in a POSIX shell.

use super::curl::{too_long, word};
use super::quote::comment;
use super::{Call, Refusal, TOKEN_VARIABLE};
use crate::api::catalogue::{Effect, Gate, Kind};

pub(super) fn write(call: &Call) -> Result<String, Refusal> {
    too_long(call, "the shell")?;
    let method = call.method();
    let mut text = String::from("#!/bin/sh\n");
    text.push_str(&comment("#", &call.about()));
    text.push_str(&format!(": \"${{{TOKEN_VARIABLE}:?Set {TOKEN_VARIABLE} to your API token.}}\"\n"));
    text.push_str(&format!("capscope call {} {} \\\n", method.content, method.action.as_str()));
    for param in method.params.iter().filter(|p| p.kind != Kind::File) {
        let mut values: Vec<String> = call.values(param.name).into_iter().map(str::to_owned).collect();
        // What is not given would be JSON for `capscope call`; REDCap's own choice is said aloud.
        if values.is_empty() {
            let format = Some(call.request.text("format")).filter(|f| !f.is_empty()).unwrap_or("xml");
            match param.name {
                "format" => values.push("xml".into()),
                "returnFormat" => values.push(if format == "odm" { "xml" } else { format }.to_owned()),
                _ => {}
            }
        }
        for value in values {
            let reads_files = matches!(param.kind, Kind::Data | Kind::Text);
            let at = if reads_files && value.starts_with('@') { "@" } else { "" };
            text.push_str(&format!("  -p {} \\\n", word(&format!("{}={at}{value}", param.name))));
        }
    }
    if let Some(path) = call.file {
        text.push_str(&format!("  --file {} \\\n", word(path)));
    }
    if method.effect != Effect::Read {
        text.push_str("  --yes-write \\\n");
        match call.project_id {
            _ if method.gate == Gate::SuperToken => {}
            Some(id) => text.push_str(&format!("  --project-id {id} \\\n")),
            None => text.push_str(
                "  --project-id \"${REDCAP_PROJECT_ID:?Set REDCAP_PROJECT_ID to the number of the project.}\" \\\n",
            ),
        }
    }
    text.push_str(&format!("  --url {}\n", word(call.url)));
    Ok(text)
}
