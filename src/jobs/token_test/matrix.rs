//! The permission matrix: every method of the catalogue, predicted and observed.

use super::probe::{Probes, Seen};
use super::{Told, Unsent};
use crate::api::catalogue::{Effect, METHODS, Method, Need, Probe};
use crate::domain::access_test::judge::{self, Answer};
use crate::domain::access_test::predict::{Level, ProjectFacts, predict};
use crate::domain::access_test::{Class, Needs, ProjectNeed, Row, Usable, Verdict};
use crate::domain::dictionary::{Dictionary, FieldType};
use crate::domain::rights::right_name;

/// A method of the catalogue as far as rights are concerned.
fn needs_of(method: &'static Method) -> Needs {
    let mut project: Vec<ProjectNeed> = method
        .needs
        .iter()
        .map(|need| match need {
            Need::Longitudinal => ProjectNeed::Longitudinal,
            Need::Repeating => ProjectNeed::Repeating,
            Need::Surveys => ProjectNeed::Surveys,
            Need::Development => ProjectNeed::Development,
            Need::Randomization => ProjectNeed::Randomization,
        })
        .collect();
    if method.content == "file" {
        project.push(ProjectNeed::FileField);
    }
    Needs {
        title: method.title,
        content: method.content,
        action: method.action.as_str(),
        gate: method.gate.right(),
        second: method.second,
        reads: method.effect == Effect::Read,
        class: match method.probe {
            Probe::A => Class::A,
            Probe::B => Class::B,
            Probe::C => Class::C,
            Probe::X => Class::X,
        },
        project,
    }
}

fn facts(told: &Told) -> Option<ProjectFacts> {
    let info = told.info.as_ref()?;
    let fields = told.dictionary.iter().flat_map(Dictionary::fields);
    Some(ProjectFacts {
        longitudinal: info.is_longitudinal,
        repeating: info.has_repeating || told.repeating,
        surveys: info.surveys_enabled,
        production: info.in_production,
        randomization: info.randomization_enabled,
        file_field: fields.clone().next().is_none()
            || fields.clone().any(|f| f.field_type == FieldType::File),
    })
}

/// The rights that are known: what the server told of the owner, then what calls showed.
pub(super) fn rights(probes: &Probes<'_>, told: &Told) -> Vec<(String, Level)> {
    let mut list: Vec<(String, Level)> = told
        .owner_rights()
        .map(|u| u.rights.flags.iter().map(|(k, n)| (k.clone(), Level::Told(*n))).collect())
        .unwrap_or_default();
    for (key, there) in &probes.observed {
        if !list.iter().any(|(k, _)| k == key) {
            list.push(((*key).to_owned(), if *there { Level::SeenThere } else { Level::SeenMissing }));
        }
    }
    list
}

/// One row a method.
pub(super) fn rows(probes: &Probes<'_>, told: &Told, usable: Usable, unsent: &Unsent) -> Vec<Row> {
    let rights = rights(probes, told);
    let facts = facts(told);
    METHODS
        .iter()
        .map(|method| {
            let needs = needs_of(method);
            let seen = probes.find(method.content, method.action);
            let known = |key: &str| {
                let level = rights.iter().find(|(k, _)| k == key).map(|(_, level)| *level)?;
                // What this very call showed is no prediction of it.
                let own = seen.is_some() && !matches!(level, Level::Told(_));
                (!own).then_some(level)
            };
            let predicted = predict(&needs, &known, facts.as_ref());
            let (verdict, why, evidence) = match seen {
                Some(seen) => observed(&needs, seen, told),
                None => inferred(method, &needs, probes, told, usable, facts.as_ref(), unsent),
            };
            Row {
                title: needs.title.into(),
                content: needs.content.into(),
                action: needs.action.into(),
                reads: needs.reads,
                needs: needs.right_names(),
                predicted,
                verdict,
                why,
                evidence,
            }
        })
        .collect()
}

/// Methods whose answers lack what export rights and groups take out.
fn carries_data(content: &str) -> bool {
    matches!(content, "record" | "report" | "pdf" | "project_xml")
}

fn works(needs: &Needs, told: &Told) -> Verdict {
    if needs.reads && carries_data(needs.content) && told.doctor.leaves_out() {
        Verdict::Filtered
    } else {
        Verdict::Allowed
    }
}

fn observed(needs: &Needs, seen: &Seen, told: &Told) -> (Verdict, String, String) {
    let (verdict, _) = if needs.reads { judge::read(&seen.answer) } else { judge::write(&seen.answer) };
    let verdict = if verdict == Verdict::Allowed { works(needs, told) } else { verdict };
    let why = match (&seen.answer, verdict) {
        (_, Verdict::Filtered) => told.doctor.overall(),
        (Answer::NoRight(Some(right)), _) => format!("The answer names the right {right}."),
        (Answer::NoRight(None), _) => format!("The answer speaks of rights; the method needs {}.", needs.right_names().join(" and ")),
        (Answer::TokenRefused, _) => "The token is refused for every call; the answer does not say why.".into(),
        (Answer::NotHere, Verdict::NotHere) => "The project has no such thing. The right to ask is there.".into(),
        (Answer::NotSupported, _) => "This REDCap does not know the method.".into(),
        (Answer::Page, _) => "The answer is a page and not REDCap's own.".into(),
        (Answer::None, _) => "There was no usable answer.".into(),
        (Answer::Other, Verdict::Unknown) => "The answer is a refusal that does not speak of rights.".into(),
        (_, Verdict::Allowed) if !needs.reads => "The call was refused for what it named and not for a right: the right is there. Nothing was changed.".into(),
        _ => "It worked.".into(),
    };
    (verdict, why, seen.evidence.clone())
}

/// What can be said of a method that was not called.
fn inferred(
    method: &Method,
    needs: &Needs,
    probes: &Probes<'_>,
    told: &Told,
    usable: Usable,
    facts: Option<&ProjectFacts>,
    unsent: &Unsent,
) -> (Verdict, String, String) {
    let none = String::new;
    let Some(gate) = needs.gate else {
        return (
            Verdict::NotProbed,
            "It creates a project, needs a super token of 64 characters and is never sent.".into(),
            none(),
        );
    };
    if usable == Usable::Refused {
        return (
            Verdict::Refused,
            "The token is refused for every call, as Export REDCap Version showed.".into(),
            none(),
        );
    }
    // Rights are checked in this order, so a missing one decides (§5.2).
    let keys: Vec<&str> = std::iter::once(gate).chain(needs.second).collect();
    if let Some(key) = keys.iter().find(|k| probes.observed.get(**k) == Some(&false)) {
        let by = probes.shown_by(key).map_or("", |s| s.title);
        return (
            Verdict::Refused,
            format!("Inferred: {} is missing, as {by} showed.", right_name(key)),
            none(),
        );
    }
    let there = keys.iter().all(|k| probes.observed.get(*k) == Some(&true));
    if there && let Some(why) = facts.and_then(|f| f.lacks(needs)) {
        return (Verdict::NotHere, why.into(), none());
    }
    let by = keys.last().and_then(|k| probes.shown_by(k)).map_or("", |s| s.title);
    let not = |why: String| (Verdict::NotProbed, why, String::new());
    match (needs.class, there) {
        (_, _) if probes.stopped.is_some() && !there => not("The test ended before it.".into()),
        (Class::A, true) if method.content == "report" => {
            not("No report's number is known to the test, and each report has its own list of readers. API Export, which it needs, is there.".into())
        }
        (Class::A, true) => (works(needs, told), format!("Inferred: it needs no more than {by}, which worked."), none()),
        (Class::A, false) if needs.second == Some("manage_survey_participants") => {
            if facts.is_some_and(|f| !f.surveys) {
                (Verdict::NotHere, "Surveys are not switched on in this project.".into(), none())
            } else {
                not("No survey is known to the test: no column of survey times came back.".into())
            }
        }
        (Class::A, false) => not("What it needs could not be found out.".into()),
        (Class::B, true) => (Verdict::Allowed, format!("Inferred: it needs the same right as {by}, which is there."), none()),
        (Class::B, false) => not(unsent.writes.clone()),
        (Class::C, _) => not(unsent.single.clone()),
        (Class::X, true) => not(format!("Never sent by a test. The rights it needs are there. {}", method.danger)),
        (Class::X, false) => not(format!("Never sent by a test. {}", method.danger)),
    }
}
