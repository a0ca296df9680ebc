//! Writing a project as project XML, record by record (`redcap-api.md` §10).

mod data;
mod structure;

use crate::demo::methods::records::rights::Allowed;
use crate::demo::methods::records::select::Selection;
use crate::demo::model::project::Project;
use crate::demo::wire::encode::xml_text;
use crate::domain::dictionary::{Field, FieldType};
use jiff::civil::DateTime;
use std::io::{self, Write};

/// What to write.
#[derive(Debug, Clone)]
pub struct WriteOptions {
    /// Server time.
    pub now: DateTime,
    /// The server's version.
    pub version: String,
    /// Put the bytes of files into it.
    pub files: bool,
    /// Put survey times and identifiers into it.
    pub survey_fields: bool,
    /// Put the Data Access Groups of records into it.
    pub dags: bool,
    /// Write the settings of the project too, and not only fields and data.
    pub structure: bool,
    /// What the user may export.
    pub allowed: Allowed,
}

/// Writes the structure, and the data if there is a selection.
pub fn write(
    out: &mut dyn Write,
    project: &Project,
    selection: Option<&Selection>,
    options: &WriteOptions,
) -> io::Result<()> {
    let writer = OdmWriter { project, options, groups: groups(project) };
    writer.head(out)?;
    writer.globals(out)?;
    writer.metadata(out)?;
    writeln!(out, "</Study>")?;
    if let Some(selection) = selection {
        writer.data(out, selection)?;
    }
    write!(out, "</ODM>")
}

/// A run of fields of one form with the same section header.
struct Group<'p> {
    form: &'p str,
    oid: String,
    name: &'p str,
    fields: Vec<&'p Field>,
}

/// REDCap begins a group wherever the section header changes from one field to the next.
fn groups(project: &Project) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for instrument in &project.instruments {
        let form = instrument.name.as_str();
        let mut header = None;
        for field in project.fields_of(form) {
            if header != Some(field.section_header.as_str()) {
                header = Some(field.section_header.as_str());
                let first = item_oids(field).into_iter().next().unwrap_or_else(|| field.name.clone());
                // A group without a header bears the instrument's label, but none at all if it
                // begins with a checkbox field (seen in exports of 14.7.3).
                let name = match (field.section_header.as_str(), &field.field_type) {
                    ("", FieldType::Checkbox) => "",
                    ("", _) => &instrument.label,
                    (header, _) => header,
                };
                groups.push(Group { form, oid: format!("{form}.{first}"), name, fields: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.fields.push(field);
            }
        }
    }
    groups
}

fn item_oids(field: &Field) -> Vec<String> {
    match field.field_type {
        FieldType::Descriptive => vec![field.name.clone()],
        _ => field.export_columns(),
    }
}

struct OdmWriter<'p> {
    project: &'p Project,
    options: &'p WriteOptions,
    groups: Vec<Group<'p>>,
}

impl OdmWriter<'_> {
    /// The item of a survey's time, if it belongs into a group: the first of its instrument.
    fn stamp(&self, group: &Group<'_>) -> Option<String> {
        let first = self.groups.iter().find(|g| g.form == group.form)?;
        let wanted =
            self.options.survey_fields && self.project.is_survey(group.form) && first.oid == group.oid;
        wanted.then(|| format!("{}_timestamp", group.form))
    }

    /// The title without blanks and marks, as OIDs hold it.
    fn short_title(&self) -> String {
        self.project.info.title.chars().filter(char::is_ascii_alphanumeric).collect()
    }

    fn study_oid(&self) -> String {
        format!("Project.{}", self.short_title())
    }

    fn metadata_oid(&self) -> String {
        format!("Metadata.{}_{}", self.short_title(), self.options.now.strftime("%Y-%m-%d_%H%M"))
    }

    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let time = self.options.now.strftime("%Y-%m-%dT%H:%M:%S");
        let title = xml_text(&self.project.info.title);
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>")?;
        writeln!(
            out,
            "<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:redcap=\"https://projectredcap.org\" \
             xsi:schemaLocation=\"http://www.cdisc.org/ns/odm/v1.3 schema/odm/ODM1-3-1.xsd\" ODMVersion=\"1.3.1\" \
             FileOID=\"000-00-0000\" FileType=\"Snapshot\" Description=\"{title}\" AsOfDateTime=\"{time}\" \
             CreationDateTime=\"{time}\" SourceSystem=\"REDCap\" SourceSystemVersion=\"{}\">",
            xml_text(&self.options.version)
        )?;
        writeln!(out, "<Study OID=\"{}\">", self.study_oid())
    }

    fn globals(&self, out: &mut dyn Write) -> io::Result<()> {
        let info = &self.project.info;
        let title = xml_text(&info.title);
        writeln!(out, "<GlobalVariables>\n\t<StudyName>{title}</StudyName>")?;
        writeln!(
            out,
            "\t<StudyDescription>This file contains the metadata, events, and data for REDCap project &quot;{title}&quot;.</StudyDescription>"
        )?;
        writeln!(out, "\t<ProtocolName>{title}</ProtocolName>")?;
        let flag = |on: bool| u8::from(on).to_string();
        let codes: Vec<String> =
            info.missing_data_codes.iter().map(|c| format!("{}, {}", c.code, c.label)).collect();
        if self.options.structure {
            for (name, value) in [
                ("RecordAutonumberingEnabled", flag(info.autonumbering)),
                ("CustomRecordLabel", info.custom_record_label.clone()),
                ("SecondaryUniqueField", info.secondary_unique_field.clone()),
                ("SchedulingEnabled", flag(info.scheduling_enabled)),
                ("SurveysEnabled", flag(info.surveys_enabled)),
                ("RandomizationEnabled", flag(info.randomization_enabled)),
                ("DisplayTodayNowButton", flag(info.display_today_now_button)),
                ("PreventBranchingEraseValues", flag(info.bypass_branching_erase_field_prompt)),
                ("Purpose", info.purpose.to_string()),
                ("PurposeOther", info.purpose_other.clone()),
                ("ProjectNotes", info.notes.clone()),
                ("MissingDataCodes", codes.join(" | ")),
            ] {
                writeln!(out, "\t<redcap:{name}>{}</redcap:{name}>", xml_text(&value))?;
            }
            self.global_groups(out)?;
        }
        writeln!(out, "</GlobalVariables>")
    }

    fn global_groups(&self, out: &mut dyn Write) -> io::Result<()> {
        let project = self.project;
        if !project.repeating.is_empty() {
            let first_event = project.events.first().map_or("event_1_arm_1", |e| e.unique_name.as_str());
            writeln!(out, "\t<redcap:RepeatingInstrumentsAndEvents>")?;
            let (events, forms): (Vec<_>, Vec<_>) = project.repeating.iter().partition(|r| r.is_event());
            if !forms.is_empty() {
                writeln!(out, "\t\t<redcap:RepeatingInstruments>")?;
                for line in forms {
                    writeln!(
                        out,
                        "\t\t\t<redcap:RepeatingInstrument redcap:UniqueEventName=\"{}\" redcap:RepeatInstrument=\"{}\" redcap:CustomLabel=\"{}\"/>",
                        xml_text(if line.event.is_empty() { first_event } else { &line.event }),
                        xml_text(&line.form),
                        xml_text(&line.custom_label)
                    )?;
                }
                writeln!(out, "\t\t</redcap:RepeatingInstruments>")?;
            }
            for line in events {
                writeln!(
                    out,
                    "\t\t<redcap:RepeatingEvent redcap:UniqueEventName=\"{}\"/>",
                    xml_text(&line.event)
                )?;
            }
            writeln!(out, "\t</redcap:RepeatingInstrumentsAndEvents>")?;
        }
        if !project.dags.is_empty() {
            writeln!(out, "\t<redcap:DataAccessGroupsGroup>")?;
            for dag in &project.dags {
                writeln!(out, "\t\t<redcap:DataAccessGroups group_name=\"{}\"/>", xml_text(&dag.name))?;
            }
            writeln!(out, "\t</redcap:DataAccessGroupsGroup>")?;
        }
        if !project.surveys.is_empty() {
            writeln!(out, "\t<redcap:SurveysGroup>")?;
            for survey in &project.surveys {
                writeln!(
                    out,
                    "\t\t<redcap:Surveys form_name=\"{}\" title=\"{}\" survey_enabled=\"1\" save_and_return=\"{}\"/>",
                    xml_text(&survey.form),
                    xml_text(&survey.title),
                    u8::from(survey.save_and_return)
                )?;
            }
            writeln!(out, "\t</redcap:SurveysGroup>")?;
        }
        if !project.reports.is_empty() {
            writeln!(out, "\t<redcap:ReportsGroup>")?;
            for report in &project.reports {
                writeln!(
                    out,
                    "\t\t<redcap:Reports title=\"{}\" unique_report_name=\"{}\" combine_checkbox_values=\"{}\" \
                     remove_line_breaks_in_values=\"{}\" advanced_logic=\"{}\" redcap_reports_fields=\"{}\"/>",
                    xml_text(&report.title),
                    xml_text(&report.unique_name),
                    u8::from(report.combine_checkboxes),
                    u8::from(report.remove_line_breaks),
                    xml_text(&report.logic),
                    xml_text(&report.fields.join(","))
                )?;
            }
            writeln!(out, "\t</redcap:ReportsGroup>")?;
        }
        Ok(())
    }
}
