//! What is missing in a form, and what in it does not go together, said before anything is sent.

use super::consent::may_write;
use super::form::Form;
use crate::api::catalogue::{Effect, Gate, Kind, Need};
use crate::app::keymap::Keymap;
use crate::app::open::Open;
use crate::domain::project::{Metadata, Readable};

/// A remark on a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The parameter it is about; empty for the whole call.
    pub param: &'static str,
    /// One sentence.
    pub text: String,
    /// The call cannot be sent like this.
    pub blocks: bool,
}

/// All remarks on a form in this project, those that block first.
pub fn notes(form: &Form, metadata: &Metadata) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |param: &'static str, blocks: bool, text: String| notes.push(Note { param, text, blocks });
    let method = form.method;
    for param in method.params {
        let values = form.get(param.name);
        if param.required && values.is_empty() {
            note(param.name, true, format!("{} is needed.", param.name));
        }
        let Some(value) = values.first() else { continue };
        match param.kind {
            Kind::Number if !value.bytes().all(|b| b.is_ascii_digit()) => {
                note(param.name, true, format!("{} is a whole number.", param.name));
            }
            Kind::DateTime if !looks_like_time(value) => {
                note(param.name, true, format!("{} is a time, YYYY-MM-DD HH:MM:SS.", param.name));
            }
            _ => {}
        }
    }
    let set = |name: &str| !form.get(name).is_empty();
    let longitudinal = metadata.info.is_longitudinal;
    let known = metadata.info.project_id != 0;
    if known {
        for need in method.needs {
            let text = match need {
                Need::Longitudinal if !longitudinal => {
                    "This project is classic: it has no arms and events. The server will refuse."
                }
                Need::Repeating if matches!(metadata.repeating, Readable::NotHere(_)) => {
                    "Nothing repeats in this project. The server will refuse."
                }
                Need::Surveys if !metadata.info.surveys_enabled => {
                    "Surveys are not switched on in this project."
                }
                Need::Development if metadata.info.in_production => {
                    "This project is in production; the method is for projects in development."
                }
                Need::Randomization if !metadata.info.randomization_enabled => {
                    "Randomization is not switched on in this project."
                }
                _ => continue,
            };
            note("", false, text.to_owned());
        }
        for name in ["event", "events", "arm", "arms"] {
            if set(name) && !longitudinal && !method.needs.contains(&Need::Longitudinal) {
                let param = method.param(name).map_or("", |p| p.name);
                note(param, false, format!("{name} has no meaning here: this project is classic."));
            }
        }
        if longitudinal
            && method.param("event").is_some()
            && !set("event")
            && method.param("record").is_some_and(|p| p.required)
        {
            note("event", false, "This project is longitudinal: name the event.".to_owned());
        }
    }
    let format = form.text("format");
    if set("csvDelimiter") && format != "csv" {
        note("csvDelimiter", false, "csvDelimiter counts only with format csv.".to_owned());
    }
    if form.text("rawOrLabelHeaders") == "label" && (format != "csv" || form.text("type") == "eav") {
        note("rawOrLabelHeaders", false, "rawOrLabelHeaders counts only in a flat CSV.".to_owned());
    }
    if form.text("exportCheckboxLabel") == "true" && form.text("rawOrLabel") != "label" {
        note(
            "exportCheckboxLabel",
            false,
            "exportCheckboxLabel counts only with rawOrLabel label.".to_owned(),
        );
    }
    if set("allRecords") && (set("record") || set("instrument") || set("event")) {
        note("allRecords", false, "With allRecords the record, instrument and event are ignored.".to_owned());
    }
    if method.gate == Gate::SuperToken {
        note("", false, "This needs a super token; a project's token is refused.".to_owned());
    }
    if method.effect != Effect::Read {
        note("", false, method.danger.to_owned());
    }
    notes.sort_by_key(|n| !n.blocks);
    notes
}

/// All remarks on a form, with the reason if writing is not allowed here.
pub fn remarks(form: &Form, open: &Open, keys: &Keymap) -> Vec<Note> {
    let mut remarks = notes(form, &open.metadata);
    if form.method.effect != Effect::Read
        && let Err(why) = may_write(open)
    {
        let text = keys.say(&format!("It cannot be sent here: {why}."));
        remarks.insert(0, Note { param: "", text, blocks: true });
    }
    remarks
}

/// `YYYY-MM-DD HH:MM`, with seconds or without.
fn looks_like_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    matches!(shape.as_str(), "9999-99-99 99:99:99" | "9999-99-99 99:99")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::catalogue::{Action, find};

    fn texts(form: &Form, metadata: &Metadata) -> String {
        let lines: Vec<String> =
            notes(form, metadata).iter().map(|n| format!("{} {}\n", n.blocks, n.text)).collect();
        lines.concat()
    }

    #[test]
    fn what_is_missing_blocks_and_what_does_not_fit_is_explained() {
        let mut metadata = Metadata::default();
        metadata.info.project_id = 7;
        let mut form = Form::new(find("report", Action::Export).unwrap());
        assert!(texts(&form, &metadata).starts_with("true report_id is needed."));
        form.set("report_id", vec!["x".into()]);
        assert!(texts(&form, &metadata).contains("true report_id is a whole number."));
        form.set("report_id", vec!["12".into()]);
        form.set("csvDelimiter", vec!["tab".into()]);
        assert_eq!(texts(&form, &metadata), "false csvDelimiter counts only with format csv.\n");
        let form = Form::new(find("event", Action::Export).unwrap());
        assert!(texts(&form, &metadata).contains("classic"));
        let mut form = Form::new(find("record", Action::Export).unwrap());
        form.set("dateRangeBegin", vec!["yesterday".into()]);
        form.set("events", vec!["e".into()]);
        let said = texts(&form, &metadata);
        assert!(
            said.contains("true dateRangeBegin is a time") && said.contains("events has no meaning"),
            "{said}"
        );
    }
}
