//! A built-in project as its files describe it: `project.toml`, a data dictionary, and perhaps
//! data and a log.

use super::generate::Generate;
use crate::demo::model::project::{Folder, Project, Report, RepositoryFile, StoredFile, Survey};
use crate::demo::model::randomization::{Allocation, Randomization};
use crate::demo::sources::Access;
use crate::domain::choices::parse_choices;
use crate::domain::dictionary::{Dictionary, Field};
use crate::domain::event::{Arm, Event, Instrument, Mapping, Repeating};
use crate::domain::project::ProjectInfo;
use crate::domain::rights::{Dag, Rights, Role, RoleAssignment, User};
use jiff::ToSpan as _;
use jiff::civil::DateTime;
use serde::Deserialize;
use std::collections::HashMap;

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

/// Reads a data dictionary with the API's eighteen keys as its header.
pub fn read_dictionary(text: &str) -> Result<Dictionary, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut fields = Vec::new();
    for row in reader.deserialize::<HashMap<String, String>>() {
        let row = row.map_err(|e| e.to_string())?;
        let get = |key: &str| row.get(key).cloned().unwrap_or_default();
        let mut field = Field::new(get("field_name"), get("form_name"));
        field.section_header = get("section_header");
        field.field_type = get("field_type").into();
        field.label = get("field_label");
        field.choices_or_calculations = get("select_choices_or_calculations");
        field.note = get("field_note");
        field.validation = get("text_validation_type_or_show_slider_number");
        field.validation_min = get("text_validation_min");
        field.validation_max = get("text_validation_max");
        field.identifier = get("identifier") == "y";
        field.branching_logic = get("branching_logic");
        field.required = get("required_field") == "y";
        field.custom_alignment = get("custom_alignment");
        field.question_number = get("question_number");
        field.matrix_group = get("matrix_group_name");
        field.matrix_ranking = get("matrix_ranking") == "y";
        field.annotation = get("field_annotation");
        fields.push(field);
    }
    Ok(Dictionary::new(fields))
}

impl Definition {
    /// Reads `project.toml`.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// The project without data, and its users' tokens.
    pub fn build(&self, dictionary: Dictionary, now: DateTime) -> Result<(Project, Vec<Access>), String> {
        let days_ago = |days: i64| {
            now.checked_sub(days.days()).map(crate::demo::model::log::full_time).map_err(|e| e.to_string())
        };
        // Their order is that of the dictionary, as in REDCap.
        let instruments = dictionary
            .forms()
            .into_iter()
            .map(|name| match self.instruments.get(name) {
                Some(label) => Ok(Instrument { name: name.to_owned(), label: label.clone() }),
                None => Err(format!("project.toml has no label for the instrument {name}")),
            })
            .collect::<Result<Vec<Instrument>, String>>()?;
        let mut project = Project {
            info: ProjectInfo {
                project_id: self.project_id,
                title: self.title.clone(),
                creation_time: days_ago(self.production_days_ago.unwrap_or(100) + 60)?,
                production_time: self.production_days_ago.map_or(Ok(String::new()), days_ago)?,
                in_production: self.production_days_ago.is_some(),
                language: "English".into(),
                purpose: self.purpose,
                purpose_other: self.purpose_other.clone(),
                notes: self.notes.clone(),
                custom_record_label: self.custom_record_label.clone(),
                secondary_unique_field: self.secondary_unique_field.clone(),
                is_longitudinal: self.longitudinal,
                surveys_enabled: self.surveys,
                scheduling_enabled: self.scheduling,
                autonumbering: self.autonumbering,
                irb_number: self.irb_number.clone(),
                pi_firstname: self.pi_firstname.clone(),
                pi_lastname: self.pi_lastname.clone(),
                display_today_now_button: true,
                missing_data_codes: parse_choices(&self.missing_data_codes),
                randomization_enabled: !self.randomization.is_empty(),
                ..ProjectInfo::default()
            },
            dictionary,
            instruments,
            surveys: self
                .survey
                .iter()
                .map(|s| Survey {
                    form: s.form.clone(),
                    title: s.title.clone(),
                    save_and_return: s.save_and_return,
                })
                .collect(),
            dags: self
                .dag
                .iter()
                .map(|d| Dag { name: d.name.clone(), unique_name: d.unique_name.clone(), id: Some(d.id) })
                .collect(),
            folders: self
                .folder
                .iter()
                .map(|f| Folder {
                    id: f.id,
                    name: f.name.clone(),
                    parent: f.parent,
                    dag: f.dag.clone(),
                    role: f.role.clone(),
                })
                .collect(),
            repository: self.file.iter().map(|f| (f.doc_id, f.build())).collect(),
            reports: self.report.iter().map(ReportLine::build).collect(),
            randomizations: self.randomization.iter().map(RandomizationLine::build).collect(),
            ..Project::default()
        };
        self.build_events(&mut project);
        let access = self.build_people(&mut project);
        project.info.has_repeating = project.has_repeating();
        Ok((project, access))
    }

    fn build_events(&self, project: &mut Project) {
        if !self.longitudinal {
            let classic = crate::demo::methods::create::empty_project(false);
            project.arms = classic.arms;
            project.events = classic.events;
            return;
        }
        project.arms.clone_from(&self.arm);
        for (number, line) in (1..).zip(&self.event) {
            project.events.push(Event {
                name: line.name.clone(),
                arm_num: line.arm,
                unique_name: line.unique_name.clone(),
                custom_label: line.custom_label.clone(),
                event_id: Some(self.project_id * 100 + number),
                day_offset: line.day_offset,
                offset_min: Some(line.offset_min),
                offset_max: Some(line.offset_max),
            });
            for form in &line.forms {
                let event = line.unique_name.clone();
                project.mapping.push(Mapping { arm_num: line.arm, event, form: form.clone() });
            }
            if line.repeating {
                project.repeating.push(Repeating {
                    event: line.unique_name.clone(),
                    form: String::new(),
                    custom_label: String::new(),
                });
            }
            for (form, label) in &line.repeating_forms {
                project.repeating.push(Repeating {
                    event: line.unique_name.clone(),
                    form: form.clone(),
                    custom_label: label.clone(),
                });
            }
        }
    }

    fn build_people(&self, project: &mut Project) -> Vec<Access> {
        let rights = |flags: &[String], entry: i64, export: i64, export_of: &HashMap<String, i64>| Rights {
            flags: flags.iter().map(|f| (f.clone(), 1)).collect(),
            forms: project.instruments.iter().map(|i| (i.name.clone(), entry)).collect(),
            forms_export: project
                .instruments
                .iter()
                .map(|i| (i.name.clone(), export_of.get(&i.name).copied().unwrap_or(export)))
                .collect(),
        };
        let none = HashMap::new();
        let roles = self
            .role
            .iter()
            .map(|r| Role {
                unique_name: r.unique_name.clone(),
                label: r.label.clone(),
                rights: rights(&r.flags, r.entry, r.export, &none),
            })
            .collect();
        let users: Vec<User> = self
            .user
            .iter()
            .map(|u| User {
                username: u.username.clone(),
                email: u.email.clone(),
                firstname: u.firstname.clone(),
                lastname: u.lastname.clone(),
                expiration: u.expiration.clone(),
                dag: u.dag.clone(),
                dag_id: None,
                rights: if u.all_rights {
                    project.all_rights(true, 1)
                } else {
                    rights(&u.flags, u.entry, u.export, &u.export_of)
                },
            })
            .collect();
        project.roles = roles;
        project.users = users;
        project.dag_switcher = self
            .user
            .iter()
            .filter(|u| !u.dags.is_empty())
            .map(|u| (u.username.clone(), u.dags.clone()))
            .collect();
        project.role_assignments = self
            .user
            .iter()
            .filter(|u| !u.role.is_empty())
            .map(|u| RoleAssignment { username: u.username.clone(), role: u.role.clone() })
            .collect();
        self.user
            .iter()
            .filter_map(|u| Some(Access { username: u.username.clone(), note: u.token.clone()? }))
            .collect()
    }
}

impl RandomizationLine {
    fn build(&self) -> Randomization {
        let allocation = |line: &Vec<String>| {
            let (strata, rest) = line.split_at_checked(self.strata.len())?;
            let [target, number] = rest else { return None };
            Some(Allocation {
                strata: strata.to_vec(),
                target: target.clone(),
                number: number.clone(),
                record: String::new(),
            })
        };
        Randomization {
            id: self.id,
            field: self.field.clone(),
            event: self.event.clone(),
            strata: self.strata.clone(),
            concealed: self.concealed,
            allocations: self.allocations.iter().filter_map(allocation).collect(),
        }
    }
}

impl FileLine {
    fn build(&self) -> RepositoryFile {
        let bytes = self.text.clone().into_bytes().into();
        let file = StoredFile { name: self.name.clone(), mime: "text/plain".into(), bytes };
        RepositoryFile { folder: self.folder, file }
    }
}

impl ReportLine {
    fn build(&self) -> Report {
        Report {
            id: self.id,
            title: self.title.clone(),
            unique_name: format!("R-{}", crate::demo::rng::token_from(&self.title, 10)),
            fields: self.fields.clone(),
            events: self.events.clone(),
            logic: self.logic.clone(),
            order_by: self
                .order_by
                .iter()
                .map(|f| f.strip_prefix('-').map_or_else(|| (f.clone(), false), |f| (f.to_owned(), true)))
                .collect(),
            ..Report::default()
        }
    }
}
