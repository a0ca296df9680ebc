//! Builds a project as its `project.toml` describes it. What it holds, data and log, comes later.

use super::{Definition, FileLine, RandomizationLine, ReportLine};
use crate::demo::methods::create::empty_project;
use crate::demo::model::log::full_time;
use crate::demo::model::project::{Folder, Project, Report, RepositoryFile, StoredFile, Survey};
use crate::demo::model::randomization::{Allocation, Randomization};
use crate::demo::rng::token_from;
use crate::demo::sources::Access;
use crate::domain::choices::parse_choices;
use crate::domain::dictionary::Dictionary;
use crate::domain::event::{Event, Instrument, Mapping, Repeating};
use crate::domain::project::ProjectInfo;
use crate::domain::rights::{Dag, Rights, Role, RoleAssignment, User};
use jiff::ToSpan as _;
use jiff::civil::DateTime;
use std::collections::HashMap;

impl Definition {
    /// The project without data, and its users' tokens.
    pub fn build(&self, dictionary: Dictionary, now: DateTime) -> Result<(Project, Vec<Access>), String> {
        let days_ago = |days: i64| now.checked_sub(days.days()).map(full_time).map_err(|e| e.to_string());
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
            let classic = empty_project(false);
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
            unique_name: format!("R-{}", token_from(&self.title, 10)),
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
