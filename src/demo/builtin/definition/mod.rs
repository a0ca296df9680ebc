//! `project.toml` of a built-in project: its set-up, its users, and how its records are generated.

use super::generate::Generate;
use crate::domain::event::Arm;
use serde::Deserialize;
use std::collections::HashMap;

mod build;

/// `project.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    project_id: u64,
    title: String,
    #[serde(default)]
    purpose: u8,
    #[serde(default)]
    purpose_other: String,
    #[serde(default)]
    notes: String,
    production_days_ago: Option<i64>,
    #[serde(default)]
    longitudinal: bool,
    #[serde(default)]
    surveys: bool,
    #[serde(default)]
    scheduling: bool,
    #[serde(default)]
    autonumbering: bool,
    #[serde(default)]
    custom_record_label: String,
    #[serde(default)]
    secondary_unique_field: String,
    #[serde(default)]
    missing_data_codes: String,
    #[serde(default)]
    irb_number: String,
    #[serde(default)]
    pi_firstname: String,
    #[serde(default)]
    pi_lastname: String,
    instruments: HashMap<String, String>,
    #[serde(default)]
    survey: Vec<SurveyLine>,
    #[serde(default)]
    arm: Vec<Arm>,
    #[serde(default)]
    event: Vec<EventLine>,
    #[serde(default)]
    dag: Vec<DagLine>,
    #[serde(default)]
    role: Vec<RoleLine>,
    #[serde(default)]
    user: Vec<UserLine>,
    #[serde(default)]
    report: Vec<ReportLine>,
    #[serde(default)]
    randomization: Vec<RandomizationLine>,
    #[serde(default)]
    folder: Vec<FolderLine>,
    #[serde(default)]
    file: Vec<FileLine>,
    /// How records are generated, if they are.
    pub generate: Option<Generate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyLine {
    form: String,
    title: String,
    #[serde(default)]
    save_and_return: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventLine {
    name: String,
    unique_name: String,
    #[serde(default = "one")]
    arm: u32,
    day_offset: Option<i64>,
    #[serde(default)]
    offset_min: i64,
    #[serde(default)]
    offset_max: i64,
    #[serde(default)]
    custom_label: String,
    forms: Vec<String>,
    #[serde(default)]
    repeating: bool,
    #[serde(default)]
    repeating_forms: HashMap<String, String>,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DagLine {
    id: u64,
    name: String,
    unique_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RandomizationLine {
    id: u64,
    field: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    strata: Vec<String>,
    #[serde(default)]
    concealed: bool,
    /// Each the values of the strata, the code, and the randomization number.
    allocations: Vec<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FolderLine {
    id: u64,
    name: String,
    parent: Option<u64>,
    #[serde(default)]
    dag: String,
    #[serde(default)]
    role: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLine {
    doc_id: u64,
    name: String,
    folder: Option<u64>,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleLine {
    unique_name: String,
    label: String,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default = "view_and_edit")]
    entry: i64,
    #[serde(default = "full_data_set")]
    export: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserLine {
    username: String,
    #[serde(default)]
    firstname: String,
    #[serde(default)]
    lastname: String,
    #[serde(default)]
    email: String,
    /// What the token is good for; without it the user has none.
    token: Option<String>,
    #[serde(default)]
    all_rights: bool,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default = "view_and_edit")]
    entry: i64,
    #[serde(default = "full_data_set")]
    export: i64,
    #[serde(default)]
    export_of: HashMap<String, i64>,
    #[serde(default)]
    dag: String,
    /// The groups of the DAG switcher.
    #[serde(default)]
    dags: Vec<String>,
    #[serde(default)]
    role: String,
    #[serde(default)]
    expiration: String,
}

fn view_and_edit() -> i64 {
    130
}

fn full_data_set() -> i64 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportLine {
    id: u64,
    title: String,
    fields: Vec<String>,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    logic: String,
    /// Field names; a leading `-` is descending.
    #[serde(default)]
    order_by: Vec<String>,
}

impl Definition {
    /// Reads `project.toml`.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }
}
