//! What a parameter can be set to in this project: its own fields, instruments, events, records.

use crate::api::catalogue::{Kind, Method, Of, Param};
use crate::app::open::Open;
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::text::{one_line, without_html};

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent; empty sends nothing.
    pub value: String,
    /// What it is.
    pub label: String,
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: one_line(&without_html(label)) }
}

/// The values to choose from, as far as capscope knows them; and why there are none.
pub fn choices(method: &Method, param: &Param, open: &Open) -> (Vec<Choice>, &'static str) {
    let metadata = &open.metadata;
    let words = |words: &[&str]| {
        let default = if param.default.is_empty() { String::new() } else { format!(": {}", param.default) };
        let mut all =
            vec![Choice { value: String::new(), label: format!("not sent, REDCap's own choice{default}") }];
        if param.required {
            all.clear();
        }
        all.extend(words.iter().map(|w| choice(w, "")));
        all
    };
    let of = match param.kind {
        Kind::Choice(list) => return (words(list), ""),
        Kind::Bool => return (words(&["true", "false"]), ""),
        Kind::ZeroOne => return (words(&["0", "1"]), ""),
        Kind::Array(of) | Kind::Name(of) => of,
        Kind::Number if param.name == "report_id" => {
            return (Vec::new(), "The API has no list of reports: the number is in the report's address.");
        }
        Kind::Number if param.name == "randomization_id" => {
            return (Vec::new(), "The number is on REDCap's Randomization page.");
        }
        Kind::Data => return (Vec::new(), "Type or paste the rows on one line, or @FILE to read a file."),
        Kind::Text => return (Vec::new(), "@FILE reads a file; @@ stands for one @ at the start."),
        Kind::File => return (Vec::new(), "The path of the file on this computer."),
        Kind::DateTime => return (Vec::new(), "YYYY-MM-DD HH:MM:SS, in the server's time."),
        Kind::Number => return (Vec::new(), ""),
    };
    match of {
        Of::Field => {
            let fields = metadata.dictionary.fields().iter();
            let files = method.content == "file";
            let fits = |f: &&Field| f.holds_data() && (!files || f.field_type == FieldType::File);
            let none = "No field of this project that is known here fits; type one.";
            (fields.filter(fits).map(|f| choice(&f.name, &f.label)).collect(), none)
        }
        Of::Form => (metadata.instruments.iter().map(|i| choice(&i.name, &i.label)).collect(), ""),
        Of::Event => {
            let events = metadata.events.list().iter();
            let known: Vec<Choice> =
                events.map(|e| choice(&e.unique_name, &metadata.event_label(&e.unique_name))).collect();
            (known, "This project has no events that are known here.")
        }
        Of::Arm => {
            let arms = metadata.arms.list().iter();
            let mut known: Vec<Choice> = arms.map(|a| choice(&a.num.to_string(), &a.name)).collect();
            if known.is_empty() {
                let mut numbers: Vec<u32> = metadata.events.list().iter().map(|e| e.arm_num).collect();
                numbers.sort_unstable();
                numbers.dedup();
                known = numbers.iter().map(|n| choice(&n.to_string(), "")).collect();
            }
            (known, "This project has no arms that are known here.")
        }
        Of::Record => {
            let personal = metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
            if open.masked && personal {
                return (Vec::new(), "Record names identify people here and are masked; type one.");
            }
            let ids = open.records.ids.as_deref().unwrap_or_default();
            (
                ids.iter().map(|id| choice(id, "")).collect(),
                "Records are listed once section 3 has read some; type one.",
            )
        }
        Of::User => {
            let users = metadata.access.users.list().iter();
            (
                users.map(|u| choice(&u.username, "")).collect(),
                "Users are listed once section 4 has read them.",
            )
        }
        Of::Role => {
            let roles = metadata.access.roles.list().iter();
            (
                roles.map(|r| choice(&r.unique_name, &r.label)).collect(),
                "Roles are listed once section 4 has read them.",
            )
        }
        Of::Dag => {
            let dags = metadata.access.dags.list().iter();
            (
                dags.map(|d| choice(&d.unique_name, &d.name)).collect(),
                "Groups are listed once section 4 has read them.",
            )
        }
    }
}
