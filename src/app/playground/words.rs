//! The catalogue in words for the screen.

use crate::api::catalogue::{Effect, Kind, Method, Of, Param};
use crate::domain::rights::right_name;

/// What a method does to the project, in a word; empty for a read.
pub fn effect(method: &Method) -> &'static str {
    match method.effect {
        Effect::Read => "",
        Effect::Write => "writes",
        Effect::Destroy => "deletes",
    }
}

/// A method's title where the room is small: without the word that says least.
pub fn short_title(method: &Method) -> String {
    let Some(rest) = method.title.strip_prefix("Export ") else { return method.title.to_owned() };
    let rest = rest.strip_prefix("a ").unwrap_or(rest);
    let mut chars = rest.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The rights a call of the method needs.
pub fn rights(method: &Method) -> String {
    let gate = method.gate.right().map_or("super token", right_name);
    match method.second {
        Some(second) => format!("{gate} and {}", right_name(second)),
        None => gate.to_owned(),
    }
}

/// What a parameter takes.
pub fn kind(param: &Param) -> String {
    match param.kind {
        Kind::Text => "text".into(),
        Kind::Number => "whole number".into(),
        Kind::Bool => "true or false".into(),
        Kind::ZeroOne => "0 or 1".into(),
        Kind::DateTime => "time, YYYY-MM-DD HH:MM:SS".into(),
        Kind::Choice(words) => words.join("  "),
        Kind::Array(of) => format!("names of {}, several", things(of)),
        Kind::Name(of) => format!("one name of {}", things(of)),
        Kind::Data => "rows in the declared format".into(),
        Kind::File => "a file of this computer".into(),
    }
}

fn things(of: Of) -> &'static str {
    match of {
        Of::Record => "records",
        Of::Field => "fields",
        Of::Form => "instruments",
        Of::Event => "events",
        Of::Arm => "arms",
        Of::User => "users",
        Of::Role => "roles",
        Of::Dag => "Data Access Groups",
    }
}

/// The values of a parameter as a row of the form shows them; `None` if it is not sent.
pub fn values(param: &Param, values: &[String]) -> Option<String> {
    let first = values.first()?;
    Some(match (param.kind, values.len()) {
        (Kind::Array(_), n) if n > 1 => format!("{n}: {}", values.join(", ")),
        _ => first.clone(),
    })
}

/// What REDCap takes if a parameter is not sent.
pub fn default(param: &Param) -> String {
    if param.required {
        "needed".into()
    } else if param.default.is_empty() {
        "not sent".into()
    } else {
        format!("not sent ({})", param.default)
    }
}
