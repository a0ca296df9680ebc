//! A report as plain text, for the command line.

use super::doctor::Group;
use super::{Report, Usable};
use crate::domain::rights::{right_name, right_words};
use crate::domain::text::{one_line, without_html};

/// The identity: name and value, what is not known said so.
pub fn identity(report: &Report) -> Vec<(&'static str, String)> {
    let unknown = || "not known".to_owned();
    let project = match report.project_id {
        Some(id) => format!("{} (PID {id})", one_line(&without_html(&report.title))),
        None => unknown(),
    };
    let status = match report.in_production {
        Some(true) => "production (or later: Analysis/Cleanup looks the same)".into(),
        Some(false) => "development".into(),
        None => unknown(),
    };
    let owner = match &report.owner {
        Some(owner) => format!("{} ({})", one_line(&owner.username), owner.how),
        None if report.usable == Usable::Reads => "not known: neither the log nor the user list tells".into(),
        None => unknown(),
    };
    let version = if report.version.is_empty() { unknown() } else { one_line(&report.version) };
    let mut list = vec![
        ("Server", report.server.clone()),
        ("REDCap", version),
        ("Project", project),
        ("Status", status),
        ("Token", "•••• (never shown)".to_owned()),
        ("Owner", owner),
    ];
    if let Some(role) = &report.role {
        list.push(("Role", format!("{}: the rights of the role count", one_line(role))));
    }
    list
}

/// What is said of the Data Access Group.
pub fn group(group: &Group) -> String {
    match group {
        Group::NotLooked => "not looked at".into(),
        Group::Sees => "none: the token sees the records of all groups".into(),
        Group::In(how) => format!("in a Data Access Group. {how}"),
        Group::Probably(how) => format!("probably inside a Data Access Group (inferred). {how}"),
        Group::NoGroups => "the project has none".into(),
        Group::Unknown(why) => format!("cannot be told. {why}"),
    }
}

/// A right that is known, with its level in words.
pub fn right(key: &str, level: super::predict::Level) -> (String, String) {
    use super::predict::Level;
    let words = match level {
        Level::Told(n) => format!("{} (told)", right_words(key, n)),
        Level::SeenThere => "there (a call showed it)".into(),
        Level::SeenMissing => "missing (a call showed it)".into(),
    };
    (right_name(key).to_owned(), words)
}

/// The whole report.
pub fn text(report: &Report) -> String {
    let mut text = format!("{}\n\n", report.headline());
    for (name, value) in identity(report) {
        text.push_str(&format!("{name:<10}{value}\n"));
    }
    if report.usable == Usable::Reads {
        text.push_str("\nWHAT IS LEFT OUT\n");
        text.push_str(&format!("  {}\n", report.doctor.overall()));
        if let Some(n) = report.doctor.records {
            text.push_str(&format!("  Records the token sees: {n}\n"));
        }
        text.push_str(&format!("  Data Access Group: {}\n", group(&report.doctor.group)));
        if report.doctor.hashed {
            text.push_str("  Record names are hashed.\n");
        }
        for form in &report.doctor.forms {
            text.push_str(&format!("  {}: {}\n", form.label, form.words()));
            text.push_str(&format!("      {}\n", form.evidence));
            if !form.missing.is_empty() {
                text.push_str(&format!("      {}\n", form.missing.join(", ")));
            }
        }
    }
    text.push_str("\nWHAT EACH METHOD MAY\n");
    text.push_str(&format!("  {:<57}{:<16}{}\n", "METHOD", "BY THE RIGHTS", "OBSERVED"));
    for row in &report.rows {
        let finding = if row.disagrees() { "  <- DISAGREES" } else { "" };
        text.push_str(&format!(
            "  {:<57}{:<16}{}{finding}\n",
            row.title,
            row.predicted.word(),
            row.observed()
        ));
    }
    if !report.cases.is_empty() {
        text.push_str("\nWHY\n");
        for case in &report.cases {
            text.push_str(&format!(
                "  \"{}\"\n      {}\n      Seen: {}\n",
                case.says, case.truth, case.evidence
            ));
        }
    }
    if !report.request.is_empty() {
        text.push_str("\nWHAT TO ASK FOR (leave out what you do not need)\n");
        for line in report.request.lines() {
            text.push_str(format!("  {line}").trim_end());
            text.push('\n');
        }
    }
    if !report.stopped.is_empty() {
        text.push_str(&format!("\nThe test ended early: {}\n", report.stopped));
    }
    text.push_str(&format!("\n{} calls were made. Nothing was changed.\n", report.calls));
    text
}
