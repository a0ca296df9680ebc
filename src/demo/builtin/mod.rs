//! The projects that come with the server. All people in them are made up.
//!
//! Each lies in `assets/demo/` as files that people can read: `project.toml` for its set-up and
//! its users, `dictionary.csv` as REDCap has it, and for small projects `data.csv` and `log.csv`.

mod definition;
mod dictionary;
mod generate;
mod records;
mod values;

use self::definition::Definition;
use self::dictionary::read_dictionary;
use super::model::state::State;
use super::rng::token_from;
use super::sources::publish;
use super::{DemoError, DemoProject, DemoToken};

/// The files of one project.
struct Files {
    name: &'static str,
    project: &'static str,
    dictionary: &'static str,
    data: Option<&'static str>,
    log: Option<&'static str>,
}

const BREATHE: Files = Files {
    name: "BREATHE",
    project: include_str!("../../../assets/demo/breathe/project.toml"),
    dictionary: include_str!("../../../assets/demo/breathe/dictionary.csv"),
    data: Some(include_str!("../../../assets/demo/breathe/data.csv")),
    log: Some(include_str!("../../../assets/demo/breathe/log.csv")),
};
const CARDIO: Files = Files {
    name: "HEARTBEAT",
    project: include_str!("../../../assets/demo/cardio/project.toml"),
    dictionary: include_str!("../../../assets/demo/cardio/dictionary.csv"),
    data: None,
    log: None,
};
const ALBA: Files = Files {
    name: "ALBA",
    project: include_str!("../../../assets/demo/alba/project.toml"),
    dictionary: include_str!("../../../assets/demo/alba/dictionary.csv"),
    data: None,
    log: None,
};
const REGISTRY: Files = Files {
    name: "REG-02",
    project: include_str!("../../../assets/demo/registry/project.toml"),
    dictionary: include_str!("../../../assets/demo/registry/dictionary.csv"),
    data: None,
    log: None,
};

/// A well-formed token that no server knows, for trying out how that looks.
pub fn unknown_token() -> String {
    token_from("capscope demo BAD", 32)
}

/// Adds all built-in projects to the server.
pub fn publish_all(state: &State, registry_records: usize) -> Result<Vec<DemoProject>, DemoError> {
    let mut projects = Vec::new();
    for (files, records) in
        [(BREATHE, None), (CARDIO, None), (ALBA, None), (REGISTRY, Some(registry_records))]
    {
        let project = build(state, &files, records).map_err(|what| DemoError::Builtin(files.name, what))?;
        projects.push(project);
    }
    if let Some(breathe) = projects.first_mut() {
        breathe.tokens.push(DemoToken {
            token: unknown_token(),
            username: String::new(),
            note: "BAD: no server knows this token".into(),
        });
    }
    Ok(projects)
}

fn build(state: &State, files: &Files, records: Option<usize>) -> Result<DemoProject, String> {
    let now = State::now();
    let definition = Definition::read(files.project)?;
    let (mut project, access) = definition.build(read_dictionary(files.dictionary)?, now)?;
    if let Some(data) = files.data {
        records::read_data(&mut project, data, now)?;
    }
    if let Some(log) = files.log {
        records::read_log(&mut project, log, now)?;
    }
    if let Some(mut how) = definition.generate.clone() {
        how.records = records.unwrap_or(how.records);
        generate::fill(&mut project, &how, now)?;
    }
    Ok(publish(state, project, access))
}
