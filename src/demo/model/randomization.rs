//! Randomizations: allocation tables as a trial has them.

use serde::{Deserialize, Serialize};

/// One place of an allocation table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Allocation {
    /// The values of the strata, in their order.
    pub strata: Vec<String>,
    /// The code for the field; in a concealed randomization a number that tells nothing.
    pub target: String,
    /// The randomization number.
    pub number: String,
    /// The record that took it; empty while it is free.
    pub record: String,
}

/// One randomization of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Randomization {
    /// Its number.
    pub id: u64,
    /// The field that gets the result.
    pub field: String,
    /// The event of the field and of the strata, by unique name; empty in classic projects.
    pub event: String,
    /// The fields that must have a value first.
    pub strata: Vec<String>,
    /// The people of the study must not see the group.
    pub concealed: bool,
    /// Its table.
    pub allocations: Vec<Allocation>,
}
