//! Findings that somebody looked at and does not want to see again.

use super::finding::Finding;
use super::rule::Rule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One excluded finding: the rule and the place, and never the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Exclusion {
    /// The rule's [`Rule::key`].
    pub rule: String,
    /// The record's name.
    pub record: String,
    /// The event's unique name; empty in a classic project.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub event: String,
    /// The repeating instrument; empty on other rows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instrument: String,
    /// The instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<u32>,
    /// The field.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
}

/// The excluded findings of a project.
pub type Exclusions = BTreeSet<Exclusion>;

impl Exclusion {
    /// The exclusion that would hide a finding.
    pub fn of(rule: &Rule, finding: &Finding) -> Self {
        Self {
            rule: rule.key(),
            record: finding.place.record.clone(),
            event: finding.place.event.clone(),
            instrument: finding.place.instrument.clone(),
            instance: finding.place.instance,
            field: finding.field.clone(),
        }
    }
}
