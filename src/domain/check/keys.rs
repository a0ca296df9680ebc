//! The columns that say where a row lands, and what their distinct values mean.

use super::columns::{FileColumn, Target};
use super::finding::{Findings, Rule};
use super::fix::Fix;
use super::place::Instance;
use super::view::{View, is_number};
use crate::domain::event::Event;
use crate::domain::project::Metadata;
use crate::domain::record::column;
use crate::domain::text::one_line;
use std::collections::HashMap;

/// The columns that say where a row lands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keys {
    pub record: Option<usize>,
    pub event: Option<usize>,
    pub instrument: Option<usize>,
    pub instance: Option<usize>,
    pub group: Option<usize>,
}

impl Keys {
    pub fn of(columns: &[FileColumn]) -> Self {
        let find = |target: &Target| columns.iter().position(|c| c.target == *target);
        Self {
            record: find(&Target::Record),
            event: find(&Target::Event),
            instrument: find(&Target::Instrument),
            instance: find(&Target::Instance),
            group: find(&Target::Group),
        }
    }
}

/// What a distinct value of a key column means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known {
    Blank,
    At(u32),
    Bad(u32),
}

/// The distinct values of the key columns, each looked up once. Code 0 is blank.
pub(super) struct Resolved {
    pub events: Vec<Known>,
    pub instruments: Vec<Known>,
    pub instances: Vec<Result<Instance, u32>>,
    whys: HashMap<Rule, u32>,
}

impl Resolved {
    /// Looks them up. Where it is unknown what repeats, every instrument may.
    pub fn new(
        metadata: &Metadata,
        forms: &[&str],
        knows_repeats: bool,
        view: &View<'_>,
        keys: Keys,
        findings: &mut Findings,
    ) -> Self {
        let values = |column: Option<usize>| column.map_or(&[][..], |c| view.values(c));
        let events: HashMap<&str, u32> =
            metadata.events.list().iter().map(|e| e.unique_name.as_str()).zip(0..).collect();
        let knows_events = metadata.events.known().is_some();
        let mut resolved = Self {
            events: vec![Known::Blank],
            instruments: vec![Known::Blank],
            instances: vec![Ok(Instance::None)],
            whys: HashMap::new(),
        };
        for value in values(keys.event) {
            resolved.events.push(match events.get(value.as_ref()) {
                _ if value.is_empty() => Known::Blank,
                Some(at) => Known::At(*at),
                None => {
                    let (what, fix) = unknown_event(value, metadata, knows_events);
                    Known::Bad(findings.why(what, fix))
                }
            });
        }
        for value in values(keys.instrument) {
            let at = forms.iter().position(|f| *f == value.as_ref());
            let repeats = metadata.form_repeats(value) || !knows_repeats;
            resolved.instruments.push(match at {
                _ if value.is_empty() => Known::Blank,
                Some(at) if repeats => Known::At(at as u32),
                _ => {
                    let what = match at {
                        Some(_) => format!("{value} is an instrument, but does not repeat."),
                        None => format!("There is no instrument \"{}\".", one_line(value)),
                    };
                    let labelled = metadata
                        .instruments
                        .iter()
                        .find(|i| i.label.eq_ignore_ascii_case(value) && at.is_none());
                    let fix = labelled.map(|i| key_fix(column::REPEAT_INSTRUMENT, value, &i.name));
                    Known::Bad(findings.why(what, fix))
                }
            });
        }
        for value in values(keys.instance) {
            let number = value.parse::<u32>().ok().filter(|n| *n > 0 && is_number(value));
            resolved.instances.push(match (&**value, number) {
                ("", _) => Ok(Instance::None),
                ("new", _) if view.file.eav.is_some() => {
                    Err(findings.why("REDCap takes \"new\" only in files with one row a place.", None))
                }
                ("new", _) => Ok(Instance::New),
                (_, Some(number)) => Ok(Instance::Number(number)),
                (_, None) => {
                    let whole = value.strip_suffix(".0").filter(|w| is_number(w));
                    let fix = whole.map(|w| Fix::Value {
                        column: column::REPEAT_INSTANCE.into(),
                        from: value.to_string(),
                        to: w.into(),
                        sure: true,
                    });
                    Err(findings.why(format!("\"{}\" is no instance.", one_line(value)), fix))
                }
            });
        }
        resolved
    }

    /// The place of a sentence that many rows share.
    pub fn why(
        &mut self,
        findings: &mut Findings,
        rule: Rule,
        words: impl FnOnce() -> (String, Option<Fix>),
    ) -> u32 {
        *self.whys.entry(rule).or_insert_with(|| {
            let (what, fix) = words();
            findings.why(what, fix)
        })
    }
}

fn key_fix(column: &str, from: &str, to: &str) -> Fix {
    Fix::Value { column: column.to_owned(), from: from.to_owned(), to: to.to_owned(), sure: false }
}

fn unknown_event(value: &str, metadata: &Metadata, knows_events: bool) -> (String, Option<Fix>) {
    let shown = one_line(value);
    if !knows_events {
        return (format!("This token may not read the events, so \"{shown}\" cannot be checked."), None);
    }
    let events = metadata.events.list();
    let labelled: Vec<&Event> = events.iter().filter(|e| e.name.eq_ignore_ascii_case(value)).collect();
    if let [one] = labelled.as_slice() {
        let what = format!("\"{shown}\" is the label of the event {}.", one.unique_name);
        return (what, Some(key_fix(column::EVENT, value, &one.unique_name)));
    }
    let near = events
        .iter()
        .map(|e| (strsim::damerau_levenshtein(value, &e.unique_name), &e.unique_name))
        .filter(|(distance, _)| *distance <= 4)
        .min();
    match near {
        Some((_, name)) => (
            format!("There is no event \"{shown}\". The nearest is {name}."),
            Some(key_fix(column::EVENT, value, name)),
        ),
        None => {
            let names: Vec<&str> = events.iter().map(|e| e.unique_name.as_str()).take(12).collect();
            (format!("There is no event \"{shown}\". Events are {}.", names.join(", ")), None)
        }
    }
}
