//! `MetaDataVersion`: events, instruments, items and code lists.

use super::{OdmWriter, item_oids};
use crate::demo::wire::encode::xml_text;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::event::Event;
use crate::domain::record::column;
use std::io::{self, Write};

impl OdmWriter<'_> {
    pub(super) fn metadata(&self, out: &mut dyn Write) -> io::Result<()> {
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
        for oid in item_oids(field) {
            let oid_text = xml_text(&oid);
            let (data_type, length) = data_type(field);
            write!(
                out,
                "\t<ItemDef OID=\"{oid_text}\" Name=\"{oid_text}\" DataType=\"{data_type}\" Length=\"{length}\" redcap:Variable=\"{}\" redcap:FieldType=\"{}\"",
                xml_text(&field.name),
                inner_type(field)
            )?;
            if field.validation == "number" {
                write!(out, " SignificantDigits=\"1\"")?;
            }
            for (name, value) in [
                ("TextValidationType", inner_validation(field)),
                ("SectionHeader", &field.section_header),
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
            range_checks(out, field)?;
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
}

/// The soft limits of a field, with REDCap's warning.
fn range_checks(out: &mut dyn Write, field: &Field) -> io::Result<()> {
    let or_none = |limit: &str| if limit.is_empty() { "no limit".to_owned() } else { xml_text(limit) };
    let range = format!("{} - {}", or_none(&field.validation_min), or_none(&field.validation_max));
    for (comparator, limit) in [("GE", &field.validation_min), ("LE", &field.validation_max)] {
        if !limit.is_empty() {
            writeln!(
                out,
                "\t\t<RangeCheck Comparator=\"{comparator}\" SoftHard=\"Soft\">\n\t\t\t<CheckValue>{}</CheckValue>\n\
                 \t\t\t<ErrorMessage><TranslatedText>The value you provided is outside the suggested range ({range}). \
                 This value is admissible, but you may wish to double check it.</TranslatedText></ErrorMessage>\n\t\t</RangeCheck>",
                xml_text(limit)
            )?;
        }
    }
    Ok(())
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
