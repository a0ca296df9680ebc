//! `GlobalVariables`: the settings, groups, roles, surveys and reports of a project XML.

use super::tree::Element;
use super::{LoadOptions, Notes};
use crate::demo::model::names::unique_dag_name;
use crate::demo::model::project::{Project, Report, Survey};
use crate::domain::choices::parse_choices;
use crate::domain::event::Repeating;
use crate::domain::rights::{Dag, RIGHTS, Rights, Role};

/// Reads the settings. What this server has no use for is noted by name if it is set.
pub fn read(globals: &Element, project: &mut Project, options: &LoadOptions, notes: &mut Notes) {
    for element in &globals.children {
        let text = element.text.trim();
        let on = text == "1";
        let info = &mut project.info;
        match element.name.as_str() {
            "StudyName" | "StudyDescription" | "ProtocolName" => {}
            "RecordAutonumberingEnabled" => info.autonumbering = on,
            "CustomRecordLabel" => element.text.clone_into(&mut info.custom_record_label),
            "SecondaryUniqueField" => text.clone_into(&mut info.secondary_unique_field),
            "SchedulingEnabled" => info.scheduling_enabled = on,
            "SurveysEnabled" => info.surveys_enabled = on,
            "RandomizationEnabled" => info.randomization_enabled = on,
            "DisplayTodayNowButton" => info.display_today_now_button = on,
            "PreventBranchingEraseValues" => info.bypass_branching_erase_field_prompt = on,
            "Purpose" => info.purpose = text.parse().unwrap_or(0),
            "PurposeOther" => text.clone_into(&mut info.purpose_other),
            "ProjectNotes" => element.text.clone_into(&mut info.notes),
            "MissingDataCodes" => info.missing_data_codes = parse_choices(&text.replace(['\r', '\n'], "|")),
            "DataAccessGroupsGroup" => read_dags(element, project),
            "UserRolesGroup" => read_roles(element, project, options, notes),
            "ReportsGroup" => read_reports(element, project, notes),
            "SurveysGroup" => read_surveys(element, project),
            "RepeatingInstrumentsAndEvents" => read_repeating(element, project, notes),
            name if element.children.is_empty() => {
                if !matches!(text, "" | "0") {
                    notes.add("Project settings that this server does not use", name);
                }
            }
            name => notes.add("Parts of the project that this server does not have", name),
        }
    }
}

fn read_dags(group: &Element, project: &mut Project) {
    for element in group.all("DataAccessGroups") {
        let name = element.get("group_name");
        let taken: Vec<&str> = project.dags.iter().map(|d| d.unique_name.as_str()).collect();
        let unique_name = unique_dag_name(name, &taken);
        project.dags.push(Dag { name: name.into(), unique_name, id: None });
    }
}

/// The names of rights in project XML and in the API (`redcap-permissions.md` §1.2).
const INNER_NAMES: [(&str, &str); 7] = [
    ("lock_record", "lock_records"),
    ("lock_record_multiform", "lock_records_all_forms"),
    ("lock_record_customize", "lock_records_customization"),
    ("data_logging", "logging"),
    ("graphical", "stats_and_charts"),
    ("participants", "manage_survey_participants"),
    ("data_quality_design", "data_quality_create"),
];

fn read_roles(group: &Element, project: &mut Project, options: &LoadOptions, notes: &mut Notes) {
    for element in group.all("UserRoles") {
        let mut rights = Rights::default();
        let mut all_forms_export = None;
        for (name, value) in &element.attributes {
            let key =
                INNER_NAMES.iter().find(|(inner, _)| inner == name).map_or(name.as_str(), |(_, key)| key);
            match name.as_str() {
                "role_name" | "unique_role_name" => {}
                "data_entry" => rights.forms = pairs(value),
                "data_export_instruments" => rights.forms_export = pairs(value),
                "data_export_tool" => all_forms_export = value.parse().ok(),
                _ if RIGHTS.iter().any(|r| r.key == key) => {
                    rights.flags.insert(key.to_owned(), value.parse().unwrap_or(0));
                }
                _ if matches!(value.as_str(), "" | "0") => {}
                _ => notes.add("Rights of roles that this server does not know", name),
            }
        }
        if let (true, Some(code)) = (rights.forms_export.is_empty(), all_forms_export) {
            rights.forms_export = project.instruments.iter().map(|i| (i.name.clone(), code)).collect();
        }
        if options.new_entry_codes {
            for (_, code) in &mut rights.forms {
                *code = new_entry_code(*code);
            }
        }
        let unique_name = match element.get("unique_role_name") {
            "" => {
                notes.add("Roles without a unique name got a made-up one", element.get("role_name"));
                let made_up = crate::demo::rng::token_from(element.get("role_name"), 10);
                format!("U-{made_up}")
            }
            name => name.to_owned(),
        };
        project.roles.push(Role { unique_name, label: element.get("role_name").into(), rights });
    }
}

/// An entry right in the coding of 15.6 and later (`redcap-permissions.md` §1.3).
fn new_entry_code(code: i64) -> i64 {
    match code {
        0 => 128,
        1 => 130,
        2 => 129,
        3 => 138,
        other => other,
    }
}

/// Reads `[demographics,1][labs,0]`.
fn pairs(text: &str) -> Vec<(String, i64)> {
    text.split(['[', ']'])
        .filter_map(|part| part.rsplit_once(','))
        .filter_map(|(form, code)| Some((form.trim().to_owned(), code.trim().parse().ok()?)))
        .collect()
}

fn read_surveys(group: &Element, project: &mut Project) {
    for element in group.all("Surveys") {
        if element.attribute("survey_enabled").unwrap_or("1") == "1" {
            project.surveys.push(Survey {
                form: element.get("form_name").into(),
                title: element.get("title").into(),
                save_and_return: element.get("save_and_return") == "1",
            });
        }
    }
}

fn read_repeating(group: &Element, project: &mut Project, notes: &mut Notes) {
    let longitudinal = project.info.is_longitudinal;
    let lines = group.children.iter().flat_map(|child| {
        if child.children.is_empty() { vec![child] } else { child.children.iter().collect() }
    });
    for line in lines {
        let event = if longitudinal { line.get("UniqueEventName").to_owned() } else { String::new() };
        let form = match line.name.as_str() {
            "RepeatingInstrument" => line.get("RepeatInstrument").to_owned(),
            "RepeatingEvent" => String::new(),
            "RepeatingInstruments" | "RepeatingEvents" => continue,
            name => {
                notes.add("Repeating parts that were not understood", name);
                continue;
            }
        };
        project.repeating.push(Repeating { event, form, custom_label: line.get("CustomLabel").into() });
    }
}

fn read_reports(group: &Element, project: &mut Project, notes: &mut Notes) {
    let list = |text: &str| {
        text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect::<Vec<String>>()
    };
    for (number, element) in (1..).zip(group.all("Reports")) {
        let mut logic: Vec<&str> = [element.get("advanced_logic"), element.get("limiter_logic")]
            .into_iter()
            .filter(|l| !l.trim().is_empty())
            .collect();
        let logic = match logic.len() {
            0 | 1 => logic.pop().unwrap_or_default().to_owned(),
            _ => format!("({}) and ({})", logic.remove(0), logic.remove(0)),
        };
        let order_by = (1..=3)
            .map(|i| (element.get(&format!("orderby_field{i}")), element.get(&format!("orderby_sort{i}"))))
            .filter(|(field, _)| !field.is_empty())
            .map(|(field, sort)| (field.to_owned(), sort.eq_ignore_ascii_case("DESC")))
            .collect();
        let title = element.get("title").to_owned();
        if !matches!(element.get("user_access"), "" | "ALL") {
            notes.add("Reports that not everybody may see; here everybody may", &title);
        }
        project.reports.push(Report {
            id: number,
            unique_name: element.get("unique_report_name").into(),
            fields: list(element.get("redcap_reports_fields")),
            events: list(element.get("redcap_reports_filter_events")),
            dags: list(element.get("redcap_reports_filter_dags")),
            logic,
            order_by,
            output_dags: element.get("output_dags") == "1",
            output_survey_fields: element.get("output_survey_fields") == "1",
            combine_checkboxes: element.get("combine_checkbox_values") == "1",
            remove_line_breaks: element.get("remove_line_breaks_in_values") == "1",
            title,
        });
    }
}
