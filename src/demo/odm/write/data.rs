//! `ClinicalData`: the records.

use super::OdmWriter;
use crate::demo::methods::records::rights::shift_date;
use crate::demo::methods::records::rows::Layout;
use crate::demo::methods::records::select::Selection;
use crate::demo::model::data::{Data, Record, Row, checkbox_key};
use crate::demo::odm::base64;
use crate::demo::wire::encode::xml_text;
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::record::column;
use std::io::{self, Write};

impl OdmWriter<'_> {
    pub(super) fn data(&self, out: &mut dyn Write, selection: &Selection) -> io::Result<()> {
        let project = self.project;
        let data: &Data = &project.data;
        let layout = Layout::new(project);
        writeln!(
            out,
            "<ClinicalData StudyOID=\"{}\" MetaDataVersionOID=\"{}\">",
            self.study_oid(),
            self.metadata_oid()
        )?;
        let wanted = selection.rows(project);
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
                if wanted.has(name, record, row) {
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
                    if selection.wants_field(&field.name, form) {
                        self.items(&mut items, field, name, record, row)?;
                    }
                }
                group_data(&mut body, &group.oid, &items)?;
            }
            let status = status_field(form);
            let code = data.get(row, &status);
            if !code.is_empty() && selection.wants_field(&status, form) {
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
