//! Writing a project as project XML, record by record (`redcap-api.md` §10).

use super::base64;
use crate::demo::methods::records::rights::{Allowed, shift_date};
use crate::demo::methods::records::rows::Layout;
use crate::demo::methods::records::select::Selection;
use crate::demo::model::data::{Data, Record, Row, checkbox_key};
use crate::demo::model::project::Project;
use crate::demo::wire::encode::xml_text;
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::event::Event;
use crate::domain::record::column;
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
                let name =
                    if field.section_header.is_empty() { &instrument.label } else { &field.section_header };
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

    fn metadata(&self, out: &mut dyn Write) -> io::Result<()> {
        let project = self.project;
        writeln!(
            out,
            "<MetaDataVersion OID=\"{}\" Name=\"{}\" redcap:RecordIdField=\"{}\">",
            self.metadata_oid(),
            xml_text(&project.info.title),
            xml_text(project.record_id_field())
        )?;
        if project.info.is_longitudinal {
            writeln!(out, "\t<Protocol>")?;
            for (number, event) in (1..).zip(&project.events) {
                let oid = xml_text(&event.unique_name);
                writeln!(
                    out,
                    "\t\t<StudyEventRef StudyEventOID=\"Event.{oid}\" OrderNumber=\"{number}\" Mandatory=\"No\"/>"
                )?;
            }
            writeln!(out, "\t</Protocol>")?;
            for event in &project.events {
                self.event(out, event)?;
            }
        }
        for instrument in &project.instruments {
            let form = xml_text(&instrument.name);
            writeln!(
                out,
                "\t<FormDef OID=\"Form.{form}\" Name=\"{}\" Repeating=\"No\" redcap:FormName=\"{form}\">",
                xml_text(&instrument.label)
            )?;
            for group in self.groups.iter().filter(|g| g.form == instrument.name) {
                writeln!(
                    out,
                    "\t\t<ItemGroupRef ItemGroupOID=\"{}\" Mandatory=\"No\"/>",
                    xml_text(&group.oid)
                )?;
            }
            writeln!(out, "\t\t<ItemGroupRef ItemGroupOID=\"{form}.{form}_complete\" Mandatory=\"No\"/>")?;
            writeln!(out, "\t</FormDef>")?;
        }
        for instrument in &project.instruments {
            self.group_definitions(out, &instrument.name)?;
        }
        for instrument in &project.instruments {
            if self.options.survey_fields && project.is_survey(&instrument.name) {
                let stamp = xml_text(&format!("{}_timestamp", instrument.name));
                writeln!(
                    out,
                    "\t<ItemDef OID=\"{stamp}\" Name=\"{stamp}\" DataType=\"datetime\" Length=\"999\" redcap:Variable=\"{stamp}\">\n\
                     \t\t<Question><TranslatedText>Survey Timestamp</TranslatedText></Question>\n\t</ItemDef>"
                )?;
            }
            for field in project.fields_of(&instrument.name) {
                self.item_definition(out, field)?;
            }
            let status = xml_text(&status_field(&instrument.name));
            writeln!(
                out,
                "\t<ItemDef OID=\"{status}\" Name=\"{status}\" DataType=\"text\" Length=\"1\" redcap:Variable=\"{status}\" \
                 redcap:FieldType=\"select\" redcap:SectionHeader=\"Form Status\">\n\
                 \t\t<Question><TranslatedText>Complete?</TranslatedText></Question>\n\
                 \t\t<CodeListRef CodeListOID=\"{status}.choices\"/>\n\t</ItemDef>"
            )?;
        }
        for instrument in &project.instruments {
            for field in project.fields_of(&instrument.name) {
                code_lists(out, field)?;
            }
            let status = status_field(&instrument.name);
            let choices = [("0", "Incomplete"), ("1", "Unverified"), ("2", "Complete")];
            code_list(out, &status, &status, "text", None, &choices)?;
        }
        writeln!(out, "</MetaDataVersion>")
    }

    fn event(&self, out: &mut dyn Write, event: &Event) -> io::Result<()> {
        let project = self.project;
        let arm = project.arms.iter().find(|a| a.num == event.arm_num).map_or("", |a| a.name.as_str());
        let name = if project.arms.len() > 1 {
            format!("{} (Arm {}: {arm})", event.name, event.arm_num)
        } else {
            event.name.clone()
        };
        let unique = xml_text(&event.unique_name);
        writeln!(
            out,
            "\t<StudyEventDef OID=\"Event.{unique}\" Name=\"{}\" Type=\"Common\" Repeating=\"No\" redcap:EventName=\"{}\" \
             redcap:CustomEventLabel=\"{}\" redcap:UniqueEventName=\"{unique}\" redcap:ArmNum=\"{}\" redcap:ArmName=\"{}\" \
             redcap:DayOffset=\"{}\" redcap:OffsetMin=\"{}\" redcap:OffsetMax=\"{}\">",
            xml_text(&name),
            xml_text(&event.name),
            xml_text(&event.custom_label),
            event.arm_num,
            xml_text(arm),
            event.day_offset.unwrap_or(0),
            event.offset_min.unwrap_or(0),
            event.offset_max.unwrap_or(0)
        )?;
        let forms = project.instruments.iter().filter(|i| project.is_designated(&i.name, &event.unique_name));
        for (number, form) in (1..).zip(forms) {
            let form = xml_text(&form.name);
            writeln!(
                out,
                "\t\t<FormRef FormOID=\"Form.{form}\" OrderNumber=\"{number}\" Mandatory=\"No\" redcap:FormName=\"{form}\"/>"
            )?;
        }
        writeln!(out, "\t</StudyEventDef>")
    }

    fn group_definitions(&self, out: &mut dyn Write, form: &str) -> io::Result<()> {
        let project = self.project;
        let reference = |out: &mut dyn Write, oid: &str, variable: &str, required: bool| {
            writeln!(
                out,
                "\t\t<ItemRef ItemOID=\"{}\" Mandatory=\"{}\" redcap:Variable=\"{}\"/>",
                xml_text(oid),
                if required { "Yes" } else { "No" },
                xml_text(variable)
            )
        };
        for group in self.groups.iter().filter(|g| g.form == form) {
            writeln!(
                out,
                "\t<ItemGroupDef OID=\"{}\" Name=\"{}\" Repeating=\"No\">",
                xml_text(&group.oid),
                xml_text(group.name)
            )?;
            for field in &group.fields {
                for oid in item_oids(field) {
                    reference(out, &oid, &field.name, field.required)?;
                }
                if field.name == project.record_id_field() && self.options.dags && !project.dags.is_empty() {
                    reference(out, column::DAG, column::DAG, false)?;
                }
            }
            if let Some(stamp) = self.stamp(group) {
                reference(out, &stamp, &stamp, false)?;
            }
            writeln!(out, "\t</ItemGroupDef>")?;
        }
        let status = status_field(form);
        writeln!(out, "\t<ItemGroupDef OID=\"{form}.{status}\" Name=\"Form Status\" Repeating=\"No\">")?;
        reference(out, &status, &status, false)?;
        writeln!(out, "\t</ItemGroupDef>")
    }

    fn item_definition(&self, out: &mut dyn Write, field: &Field) -> io::Result<()> {
        let y = |on: bool| if on { "y" } else { "" };
        let (calculation, slider) = match field.field_type {
            FieldType::Calc => (field.choices_or_calculations.as_str(), ""),
            FieldType::Slider => ("", field.choices_or_calculations.as_str()),
            _ => ("", ""),
        };
        let oids = item_oids(field);
        for (place, oid) in oids.iter().enumerate() {
            let oid_text = xml_text(oid);
            let (data_type, length) = data_type(field);
            write!(
                out,
                "\t<ItemDef OID=\"{oid_text}\" Name=\"{oid_text}\" DataType=\"{data_type}\" Length=\"{length}\" redcap:Variable=\"{}\" redcap:FieldType=\"{}\"",
                xml_text(&field.name),
                inner_type(field)
            )?;
            for (name, value) in [
                ("TextValidationType", inner_validation(field)),
                // Only the first choice of a checkbox field carries the header.
                ("SectionHeader", if place == 0 { field.section_header.as_str() } else { "" }),
                ("FieldNote", &field.note),
                ("Calculation", calculation),
                ("SliderLabels", slider),
                ("Identifier", y(field.identifier)),
                ("BranchingLogic", &field.branching_logic),
                ("RequiredField", y(field.required)),
                ("CustomAlignment", &field.custom_alignment),
                ("QuestionNumber", &field.question_number),
                ("MatrixGroupName", &field.matrix_group),
                ("MatrixRanking", y(field.matrix_ranking)),
                ("FieldAnnotation", &field.annotation),
            ] {
                if !value.is_empty() {
                    write!(out, " redcap:{name}=\"{}\"", xml_text(value))?;
                }
            }
            writeln!(out, ">")?;
            writeln!(
                out,
                "\t\t<Question><TranslatedText>{}</TranslatedText></Question>",
                xml_text(&field.label)
            )?;
            if !field.choices().is_empty() {
                writeln!(out, "\t\t<CodeListRef CodeListOID=\"{oid_text}.choices\"/>")?;
            }
            for (comparator, limit) in [("GE", &field.validation_min), ("LE", &field.validation_max)] {
                if !limit.is_empty() {
                    writeln!(
                        out,
                        "\t\t<RangeCheck Comparator=\"{comparator}\" SoftHard=\"Soft\"><CheckValue>{}</CheckValue></RangeCheck>",
                        xml_text(limit)
                    )?;
                }
            }
            writeln!(out, "\t</ItemDef>")?;
        }
        if field.name == self.project.record_id_field() && self.options.dags && !self.project.dags.is_empty()
        {
            let dag = column::DAG;
            writeln!(
                out,
                "\t<ItemDef OID=\"{dag}\" Name=\"{dag}\" DataType=\"text\" Length=\"999\" redcap:Variable=\"{dag}\">\n\
                 \t\t<Question><TranslatedText>Data Access Group</TranslatedText></Question>\n\t</ItemDef>"
            )?;
        }
        Ok(())
    }

    fn data(&self, out: &mut dyn Write, selection: &Selection) -> io::Result<()> {
        let project = self.project;
        let data: &Data = &project.data;
        let layout = Layout::new(project);
        writeln!(
            out,
            "<ClinicalData StudyOID=\"{}\" MetaDataVersionOID=\"{}\">",
            self.study_oid(),
            self.metadata_oid()
        )?;
        for (name, record) in data.records() {
            if !selection.wants_record(name, record) {
                continue;
            }
            writeln!(
                out,
                "\t<SubjectData SubjectKey=\"{}\" redcap:RecordIdField=\"{}\">",
                xml_text(&self.options.allowed.record_name(project, name)),
                xml_text(project.record_id_field())
            )?;
            for row in layout.ordered(data, record) {
                if selection.wants_row(project, data, name, record, row) {
                    self.row(out, selection, &layout, name, record, row)?;
                }
            }
            writeln!(out, "\t</SubjectData>")?;
        }
        writeln!(out, "</ClinicalData>")
    }

    fn row(
        &self,
        out: &mut dyn Write,
        selection: &Selection,
        layout: &Layout,
        name: &str,
        record: &Record,
        row: &Row,
    ) -> io::Result<()> {
        let project = self.project;
        let data: &Data = &project.data;
        let is_form_instance = !data.instrument_of(row).is_empty();
        let event = xml_text(layout.event_name(row));
        if project.info.is_longitudinal {
            let key = if is_form_instance { 1 } else { row.instance.max(1) };
            writeln!(
                out,
                "\t\t<StudyEventData StudyEventOID=\"Event.{event}\" StudyEventRepeatKey=\"{key}\" redcap:UniqueEventName=\"{event}\">"
            )?;
        }
        for (place, instrument) in project.instruments.iter().enumerate() {
            let form = instrument.name.as_str();
            if !layout.on_row(data, row, place) || !self.options.allowed.form(form) {
                continue;
            }
            let mut body = Vec::new();
            for group in self.groups.iter().filter(|g| g.form == form) {
                let mut items = Vec::new();
                if let Some(stamp) = self.stamp(group) {
                    let time = data.get(row, &stamp);
                    if !time.is_empty() {
                        items.write_all(item_data(&stamp, time).as_bytes())?;
                    }
                }
                for field in &group.fields {
                    if selection.fields.as_ref().is_none_or(|f| f.contains(&field.name)) {
                        self.items(&mut items, field, name, record, row)?;
                    }
                }
                group_data(&mut body, &group.oid, &items)?;
            }
            let status = status_field(form);
            let code = data.get(row, &status);
            if !code.is_empty() && selection.fields.as_ref().is_none_or(|f| f.contains(&status)) {
                let item = item_data(&status, code);
                group_data(&mut body, &format!("{form}.{status}"), item.as_bytes())?;
            }
            if !body.is_empty() {
                let key = if is_form_instance { row.instance } else { 1 };
                writeln!(
                    out,
                    "\t\t\t<FormData FormOID=\"Form.{}\" FormRepeatKey=\"{key}\">",
                    xml_text(form)
                )?;
                out.write_all(&body)?;
                writeln!(out, "\t\t\t</FormData>")?;
            }
        }
        if project.info.is_longitudinal {
            writeln!(out, "\t\t</StudyEventData>")?;
        }
        Ok(())
    }

    fn items(
        &self,
        out: &mut Vec<u8>,
        field: &Field,
        name: &str,
        record: &Record,
        row: &Row,
    ) -> io::Result<()> {
        let project = self.project;
        let data: &Data = &project.data;
        let allowed = &self.options.allowed;
        if field.name == project.record_id_field() {
            out.write_all(item_data(&field.name, &allowed.record_name(project, name)).as_bytes())?;
            if let (true, Some(dag)) = (self.options.dags, record.dag.and_then(|id| project.dag_by_id(id))) {
                out.write_all(item_data(column::DAG, &dag.unique_name).as_bytes())?;
            }
            return Ok(());
        }
        if !allowed.field(field) {
            return Ok(());
        }
        match field.field_type {
            FieldType::Checkbox => {
                for choice in field.choices() {
                    let ticked = !data.get(row, &checkbox_key(&field.name, &choice)).is_empty();
                    let oid = checkbox_column(&field.name, &choice.code);
                    out.write_all(item_data(&oid, if ticked { "1" } else { "0" }).as_bytes())?;
                }
            }
            FieldType::File if self.options.files => {
                let file = data.get(row, &field.name).parse().ok().and_then(|id: u64| project.files.get(&id));
                if let Some(file) = file {
                    writeln!(
                        out,
                        "\t\t\t\t\t<ItemDataBase64Binary ItemOID=\"{}\" redcap:DocName=\"{}\" redcap:MimeType=\"{}\"><![CDATA[{}]]></ItemDataBase64Binary>",
                        xml_text(&field.name),
                        xml_text(&file.name),
                        xml_text(&file.mime),
                        base64::encode(&file.bytes)
                    )?;
                }
            }
            FieldType::File | FieldType::Descriptive => {}
            _ => {
                let stored = data.get(row, &field.name);
                if !stored.is_empty() {
                    let moved = if allowed.shifts(field) { shift_date(name, stored) } else { None };
                    let value = moved.as_deref().unwrap_or(stored);
                    let value = if field.validation.starts_with("datetime") {
                        value.replacen(' ', "T", 1)
                    } else {
                        value.to_owned()
                    };
                    out.write_all(item_data(&field.name, &value).as_bytes())?;
                }
            }
        }
        Ok(())
    }
}

fn item_data(oid: &str, value: &str) -> String {
    format!("\t\t\t\t\t<ItemData ItemOID=\"{}\" Value=\"{}\"/>\n", xml_text(oid), xml_text(value))
}

fn group_data(out: &mut Vec<u8>, oid: &str, items: &[u8]) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\t\t\t\t<ItemGroupData ItemGroupOID=\"{}\" ItemGroupRepeatKey=\"1\">", xml_text(oid))?;
    out.write_all(items)?;
    writeln!(out, "\t\t\t\t</ItemGroupData>")
}

fn code_lists(out: &mut dyn Write, field: &Field) -> io::Result<()> {
    let choices = field.choices();
    if choices.is_empty() {
        return Ok(());
    }
    if field.field_type == FieldType::Checkbox {
        for oid in field.export_columns() {
            let boxes = [("1", "Checked"), ("0", "Unchecked")];
            code_list(out, &oid, &field.name, "boolean", Some(&field.choices_or_calculations), &boxes)?;
        }
        return Ok(());
    }
    let pairs: Vec<(&str, &str)> = choices.iter().map(|c| (c.code.as_str(), c.label.as_str())).collect();
    code_list(out, &field.name, &field.name, data_type(field).0, None, &pairs)
}

fn code_list(
    out: &mut dyn Write,
    oid: &str,
    variable: &str,
    data_type: &str,
    checkbox_choices: Option<&str>,
    choices: &[(&str, &str)],
) -> io::Result<()> {
    let oid = xml_text(oid);
    write!(
        out,
        "\t<CodeList OID=\"{oid}.choices\" Name=\"{oid}\" DataType=\"{data_type}\" redcap:Variable=\"{}\"",
        xml_text(variable)
    )?;
    if let Some(all) = checkbox_choices {
        write!(out, " redcap:CheckboxChoices=\"{}\"", xml_text(all))?;
    }
    writeln!(out, ">")?;
    for (code, label) in choices {
        writeln!(
            out,
            "\t\t<CodeListItem CodedValue=\"{}\"><Decode><TranslatedText>{}</TranslatedText></Decode></CodeListItem>",
            xml_text(code),
            xml_text(label)
        )?;
    }
    writeln!(out, "\t</CodeList>")
}

/// The ODM data type and length of a field, as REDCap writes them.
fn data_type(field: &Field) -> (&'static str, &'static str) {
    match &field.field_type {
        FieldType::Checkbox | FieldType::YesNo | FieldType::TrueFalse => ("boolean", "1"),
        FieldType::Radio | FieldType::Dropdown | FieldType::Sql => ("text", "1"),
        FieldType::Calc => ("float", "999"),
        FieldType::Slider => ("integer", "999"),
        FieldType::Text => match field.validation.as_str() {
            "integer" => ("integer", "999"),
            "time" => ("partialTime", "999"),
            v if v.starts_with("datetime_seconds") => ("datetime", "999"),
            v if v.starts_with("datetime") => ("partialDatetime", "999"),
            v if v.starts_with("date") => ("date", "999"),
            v if v.starts_with("number") && !v.contains("comma") => ("float", "999"),
            _ => ("text", "999"),
        },
        _ => ("text", "999"),
    }
}

fn inner_type(field: &Field) -> String {
    match field.field_type.as_str() {
        "dropdown" => "select".into(),
        "notes" => "textarea".into(),
        other => xml_text(other),
    }
}

fn inner_validation(field: &Field) -> &str {
    match field.validation.as_str() {
        "integer" => "int",
        "number" => "float",
        other => other,
    }
}
