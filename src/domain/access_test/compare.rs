//! Several tests beside each other: of several tokens, or of one token over time.

use super::doctor::Group;
use super::print::right;
use super::{Report, Usable, Verdict};
use std::collections::HashSet;

/// One thing on which tests differ: what it is, and what each says; empty where it says nothing.
pub type Difference = (String, Vec<String>);

/// What a test says, thing by thing, in the order of the screen. Things that it left open are
/// left out: that something was not tried is no difference.
fn facts(report: &Report) -> Vec<(String, String)> {
    let usable = match report.usable {
        Usable::Reads => "reads",
        Usable::NoExport => "has no API Export",
        Usable::Refused => "is refused",
        Usable::Unknown => "no answer of REDCap",
    };
    let mut facts = vec![("Token".to_owned(), usable.to_owned())];
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push((name.to_owned(), value));
        }
    };
    add("REDCap", report.version.clone());
    let status = |production: bool| if production { "production" } else { "development" };
    add("Status", report.in_production.map(|p| status(p).to_owned()).unwrap_or_default());
    add("Owner", report.owner.as_ref().map(|o| o.username.clone()).unwrap_or_default());
    if report.owner.is_some() {
        add("Role", report.role.clone().unwrap_or_else(|| "none".into()));
    }
    let doctor = &report.doctor;
    add("Records the token sees", doctor.records.map(|n| n.to_string()).unwrap_or_default());
    let group = match &doctor.group {
        Group::Sees => "sees all groups",
        Group::In(_) | Group::Probably(_) => "one group only",
        Group::NoGroups => "no groups",
        Group::NotLooked | Group::Unknown(_) => "",
    };
    add("Data Access Group", group.to_owned());
    for form in &doctor.forms {
        let missing = match form.missing.len() {
            0 => "nothing missing".to_owned(),
            n => format!("{n} of {} fields missing: {}", form.fields, form.words()),
        };
        add(&format!("Export of {}", form.label), missing);
    }
    for (key, level) in &report.rights {
        let (name, words) = right(key, *level);
        // How a right is known is not what it is.
        let words = words.split(" (").next().unwrap_or_default();
        let words = match words {
            "there" => "yes",
            "missing" => "no",
            other => other,
        };
        add(&format!("Right: {name}"), words.to_owned());
    }
    let open = [Verdict::NotProbed, Verdict::Unknown];
    for row in report.rows.iter().filter(|r| !open.contains(&r.verdict)) {
        add(&row.title, row.verdict.word().to_owned());
    }
    facts
}

/// What is the same for all of them, among the things that each of them found out.
pub fn same(reports: &[&Report]) -> Vec<(String, String)> {
    let all: Vec<Vec<(String, String)>> = reports.iter().map(|r| facts(r)).collect();
    let Some((first, others)) = all.split_first() else { return Vec::new() };
    first.iter().filter(|fact| others.iter().all(|list| list.contains(fact))).cloned().collect()
}

/// What differs between the tests. A thing that one of them left open is shown only if others
/// differ among themselves.
pub fn differences(reports: &[&Report]) -> Vec<Difference> {
    let all: Vec<Vec<(String, String)>> = reports.iter().map(|r| facts(r)).collect();
    let mut names: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    for (name, _) in all.iter().flatten() {
        if seen.insert(name.as_str()) {
            names.push(name);
        }
    }
    let value = |list: &[(String, String)], name: &str| {
        list.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    names
        .into_iter()
        .map(|name| (name.to_owned(), all.iter().map(|list| value(list, name)).collect::<Vec<_>>()))
        .filter(|(_, values)| values.iter().filter(|v| !v.is_empty()).collect::<HashSet<_>>().len() > 1)
        .collect()
}

/// The same report with nothing but what a later comparison needs: no answers of the server, no
/// text to send.
pub fn slim(report: &Report) -> Report {
    let mut slim = report.clone();
    for row in &mut slim.rows {
        row.evidence.clear();
        row.why.clear();
    }
    slim.cases.clear();
    slim.request.clear();
    slim
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::super::predict::{Level, Predicted};
    use super::*;

    fn report(verdict: Verdict, right: Level) -> Report {
        let row = Row {
            title: "Export Logging".into(),
            content: "log".into(),
            action: "export".into(),
            reads: true,
            needs: Vec::new(),
            predicted: Predicted::Unknown,
            verdict,
            why: "why".into(),
            evidence: "words of the server".into(),
        };
        Report {
            usable: Usable::Reads,
            rights: vec![("logging".into(), right)],
            rows: vec![row],
            ..Report::default()
        }
    }

    #[test]
    fn only_what_differs_is_told_and_what_was_left_open_is_no_difference() {
        let full = report(Verdict::Allowed, Level::Told(1));
        let less = report(Verdict::Refused, Level::SeenMissing);
        let open = report(Verdict::NotProbed, Level::SeenThere);
        assert!(differences(&[&full, &full]).is_empty());
        assert!(differences(&[&full, &open]).is_empty(), "told and seen rights are the same");
        assert_eq!(
            differences(&[&full, &less, &open]),
            [
                ("Right: Logging".into(), vec!["yes".into(), "no".into(), "yes".into()]),
                ("Export Logging".into(), vec!["allowed".into(), "refused".into(), String::new()]),
            ]
        );
    }

    #[test]
    fn what_is_kept_has_no_words_of_the_server() {
        let kept = format!("{:?}", slim(&report(Verdict::Allowed, Level::Told(1))));
        assert!(!kept.contains("words of the server") && kept.contains("Export Logging"));
    }
}
