//! REDCap project XML: CDISC ODM 1.3.1 with REDCap's extensions (`redcap-api.md` §10), read and
//! written.
//!
//! Reading is tolerant: files of many versions differ in order, attributes and parts. What is
//! not understood ends up in the notes by its name; only a file that is no project XML at all is
//! an error.

pub mod base64;
mod data;
mod globals;
mod structure;
pub mod tree;
pub mod write;

use crate::demo::model::project::Project;
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// Why a file could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OdmError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It does not begin like XML.
    #[error("this is no XML: line {line} begins with {found:?}")]
    NotXml {
        /// The line.
        line: usize,
        /// How the line begins.
        found: String,
    },
    /// It is XML with a mistake.
    #[error("the XML is broken at line {line}, column {column}: {what}")]
    Broken {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The mistake.
        what: String,
    },
    /// It ends too early.
    #[error("the XML ends at line {line} in the middle of <{element}>")]
    Cut {
        /// The last line.
        line: usize,
        /// The innermost element that is still open.
        element: String,
    },
    /// It is XML of another kind.
    #[error("this XML is no CDISC ODM: its root is <{0}>")]
    NotOdm(String),
    /// It is ODM of another system.
    #[error("this ODM was not made by REDCap ({0})")]
    NotRedcap(String),
}

/// How to load a project.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// What stands between the choices of a field.
    pub choice_separator: String,
    /// Keep stored calculations.
    pub keep_calculations: bool,
    /// The time of loading: records count as made then.
    pub now: DateTime,
    /// Roles get the entry codes of 15.6 and later.
    pub new_entry_codes: bool,
}

/// A loaded project, and what of its file was not understood.
#[derive(Debug)]
pub struct Loaded {
    /// The project, without users.
    pub project: Project,
    /// One sentence for each kind of thing that was left out or guessed.
    pub notes: Vec<String>,
}

/// Collects what was not understood: each kind once, with the names it concerns.
#[derive(Debug, Default)]
pub struct Notes {
    kinds: BTreeMap<String, Vec<String>>,
}

/// So many names are listed for one kind; of more only the number.
const MOST_NAMES: usize = 20;

impl Notes {
    /// Notes a thing of a kind by its name.
    pub fn add(&mut self, kind: &str, name: &str) {
        let names = self.kinds.entry(kind.to_owned()).or_default();
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }

    fn sentences(self) -> Vec<String> {
        self.kinds
            .into_iter()
            .map(|(kind, names)| {
                let listed: Vec<&str> =
                    names.iter().take(MOST_NAMES).map(String::as_str).filter(|n| !n.is_empty()).collect();
                let more = names.len().saturating_sub(MOST_NAMES);
                match (listed.is_empty(), more) {
                    (true, _) => format!("{kind}."),
                    (false, 0) => format!("{kind}: {}.", listed.join(", ")),
                    (false, more) => format!("{kind}: {} and {more} more.", listed.join(", ")),
                }
            })
            .collect()
    }
}

/// Loads a project from the text of a project XML.
pub fn load(xml: &str, options: &LoadOptions) -> Result<Loaded, OdmError> {
    let root = tree::parse(xml)?;
    if root.name != "ODM" {
        return Err(OdmError::NotOdm(root.name));
    }
    let source = root.attribute("SourceSystem");
    let study = root.child("Study");
    if source != Some("REDCap") && !root.mentions_redcap() {
        let said = source.map_or_else(
            || "it names no source system and has no REDCap attributes".to_owned(),
            |source| format!("its source system is {source:?}"),
        );
        return Err(OdmError::NotRedcap(said));
    }
    let mut notes = Notes::default();
    for entity in &root.unknown_entities {
        notes.add("Entities that are not known were kept as they stand", entity);
    }
    let mut project = Project::default();
    project.info.language = "English".into();
    project.info.display_today_now_button = true;
    let globals = study.and_then(|s| s.child("GlobalVariables"));
    let meta = study.and_then(|s| s.child("MetaDataVersion"));
    let title = globals
        .and_then(|g| g.child("StudyName"))
        .map(|n| n.text.clone())
        .or_else(|| root.attribute("Description").map(str::to_owned))
        .unwrap_or_default();
    project.info.title = title;
    let items = structure::read(meta, &mut project, options, &mut notes);
    if let Some(globals) = globals {
        globals::read(globals, &mut project, options, &mut notes);
    } else {
        notes.add("There is no GlobalVariables: all settings are defaults", "");
    }
    structure::surveys_from_items(&mut project, &items);
    project.info.has_repeating = project.has_repeating();
    for clinical in root.children.iter().filter(|c| c.name == "ClinicalData") {
        data::read(clinical, &mut project, &items, options, &mut notes);
    }
    data::number_groups(&mut project);
    project.info.creation_time = crate::demo::model::log::full_time(options.now);
    for other in &root.children {
        if !matches!(other.name.as_str(), "Study" | "ClinicalData") {
            notes.add("Parts of the file that were left out", &other.name);
        }
    }
    Ok(Loaded { project, notes: notes.sentences() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const SMALL: &str = r#"<ODM SourceSystem="REDCap"><Study><GlobalVariables><StudyName>S</StudyName>
<redcap:UserRolesGroup><redcap:UserRoles role_name="r" data_entry="[f,1]"/></redcap:UserRolesGroup></GlobalVariables>
<MetaDataVersion redcap:RecordIdField="id"><FormDef OID="Form.f" Name="F"><ItemGroupRef ItemGroupOID="g"/></FormDef>
<ItemGroupDef OID="g"><ItemRef ItemOID="id"/><ItemRef ItemOID="c___1"/></ItemGroupDef>
<ItemDef OID="id" redcap:Variable="id" redcap:FieldType="text"/>
<ItemDef OID="c___1" redcap:Variable="c" redcap:FieldType="checkbox"><CodeListRef CodeListOID="l"/></ItemDef>
<CodeList OID="l" redcap:CheckboxChoices="1, One"/></MetaDataVersion></Study>
<ClinicalData><SubjectData SubjectKey="1"><FormData FormOID="Form.f" FormRepeatKey="1"><ItemGroupData>
<ItemData ItemOID="c___1" Value="1"/></ItemGroupData></FormData></SubjectData></ClinicalData></ODM>"#;

    fn options() -> LoadOptions {
        LoadOptions {
            choice_separator: " | ".into(),
            keep_calculations: true,
            now: date(2026, 1, 1).at(0, 0, 0, 0),
            new_entry_codes: true,
        }
    }

    #[test]
    fn the_small_project_is_whole() {
        let loaded = load(SMALL, &options()).unwrap();
        let project = loaded.project;
        assert_eq!(project.dictionary.fields().len(), 2);
        let record = project.data.record("1").unwrap();
        assert_eq!(project.data.get(&record.rows()[0], "c(1)"), "1");
        assert_eq!(project.roles[0].rights.forms, [("f".to_owned(), 130)]);
        assert_eq!(loaded.notes.len(), 1, "{:?}", loaded.notes);
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_stumble(from in 0..SMALL.len(), length in 0..60_usize, put in "[<>/=\" a-z0-9]{0,8}") {
            let mut text = SMALL.to_owned();
            let to = (from + length).min(text.len());
            text.replace_range(from..to, &put);
            let _ = load(&text, &options());
        }
    }
}
