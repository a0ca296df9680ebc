//! The text to send to the project's owner: the exact names of what is missing, and nothing else.
//!
//! It holds no token and no data: names of rights, methods, instruments and the project only.

use super::{Report, Usable, Verdict};
use crate::domain::text::{one_line, scrub, without_html};

/// The rights that a refused read lacks, by name, each with the methods it would open.
fn missing_rights(report: &Report) -> Vec<(String, Vec<String>)> {
    let mut list: Vec<(String, Vec<String>)> = Vec::new();
    for row in report.rows.iter().filter(|r| r.verdict == Verdict::Refused) {
        // A row needs one or two rights; those that other calls showed to be there are not asked for.
        let there = |name: &String| {
            report
                .rights
                .iter()
                .any(|(key, level)| level.is_some() && crate::domain::rights::right_name(key) == name)
        };
        for name in row.needs.iter().filter(|n| !there(n) && *n != "a super token") {
            match list.iter_mut().find(|(right, _)| right == name) {
                Some((_, methods)) => methods.push(row.title.clone()),
                None => list.push((name.clone(), vec![row.title.clone()])),
            }
        }
    }
    list
}

/// The text; empty if nothing is missing.
pub fn request(report: &Report) -> String {
    let mut lines = Vec::new();
    if report.usable == Usable::Refused {
        lines = token_lines();
    } else {
        for (right, methods) in missing_rights(report) {
            let methods: Vec<&str> = methods.iter().map(String::as_str).collect();
            lines.push(right_line(&right, &methods));
        }
    }
    for form in report.doctor.forms.iter().filter(|f| !f.missing.is_empty() || f.fits == ["No Access"]) {
        lines.push(format!(
            "- Data Exports right of the instrument '{}': it seems to be {}. 'Full Data Set' would include the {} fields that are left out now.",
            one_line(&without_html(&form.label)),
            form.told.clone().unwrap_or_else(|| if form.fits.is_empty() { "limited".into() } else { form.fits.join(" or ") }),
            form.missing.len()
        ));
    }
    if matches!(report.doctor.group, super::doctor::Group::In(_) | super::doctor::Group::Probably(_)) {
        lines.push("- Data Access Group: I seem to be assigned to one, so I see the records of that group only. If I should see all records, please change the assignment on the Data Access Groups page.".to_owned());
    }
    let place = Place { server: &report.server, project_id: report.project_id, title: &report.title };
    let who = report.owner.as_ref().map_or("", |o| o.username.as_str());
    letter(&place, who, report.role.as_deref().unwrap_or_default(), &lines)
}

/// What to check for a token that is refused altogether.
pub(super) fn token_lines() -> Vec<String> {
    [
        "- REDCap refuses my API token for every call. Please check that:",
        "  the API page of the project still shows a token for me;",
        "  my account is active and my access to the project has not expired;",
        "  my user or my role has the right 'API Export'.",
    ]
    .map(str::to_owned)
    .into()
}

/// A missing right, and what it would open.
pub(super) fn right_line(right: &str, methods: &[&str]) -> String {
    let shown: Vec<&str> = methods.iter().copied().take(4).collect();
    let more = methods.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("- '{right}'. It is needed for: {}{more}.", shown.join(", "))
}

/// The project a text is about; what is not known is left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub server: &'a str,
    pub project_id: Option<u64>,
    pub title: &'a str,
}

/// The text around what is asked for; empty if nothing is.
pub(super) fn letter(place: &Place<'_>, user: &str, role: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let project = match (place.project_id, place.title) {
        (Some(id), title) if !title.is_empty() => {
            format!("the project \"{}\" (PID {id})", one_line(&without_html(title)))
        }
        (Some(id), _) => format!("the project with PID {id}"),
        (None, _) => "our project".to_owned(),
    };
    let server = if place.server.is_empty() { String::new() } else { format!(" at {}", place.server) };
    let who = if user.is_empty() { String::new() } else { format!(" as user '{}'", one_line(user)) };
    let role = if role.is_empty() {
        String::new()
    } else {
        format!(" I am in the role '{}', so the change has to be made in the role.", one_line(role))
    };
    let text = format!(
        "I use the REDCap API of {project}{server}{who}. For my work I would need, on the User Rights page:\n\n{}\n{role}\nThank you!\n",
        lines.join("\n"),
    );
    scrub(&text)
}
