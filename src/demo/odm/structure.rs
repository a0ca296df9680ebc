//! `MetaDataVersion`: instruments, fields, arms, events and mapping of a project XML.

use super::tree::Element;
use super::{LoadOptions, Notes};
use crate::demo::model::data::checkbox_key;
use crate::demo::model::names::label_from_name;
use crate::demo::model::project::{Project, Survey};
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::{Dictionary, Field, FieldType, status_field};
use crate::domain::event::{Arm, Event, Instrument, Mapping};
use crate::domain::record::column;
use std::collections::{HashMap, HashSet};

/// What the value of an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The record id field: the record's name says it all.
    RecordId,
    /// The value of a field.
    Value {
        /// The field.
        field: String,
        /// It is a date-time, written with a `T` in XML.
        date_time: bool,
        /// It is computed.
        calculation: bool,
    },
    /// A file field.
    File(String),
    /// One choice of a checkbox field, by its key.
    Choice(String),
    /// Something that is stored as it is: a form status, a survey time, a survey identifier.
    Plain(String),
    /// The record's Data Access Group.
    Dag,
}

/// Items by their OID.
pub type Items = HashMap<String, Item>;

/// Reads the structure into the project.
pub fn read(
    meta: Option<&Element>,
    project: &mut Project,
    options: &LoadOptions,
    notes: &mut Notes,
) -> Items {
    let Some(meta) = meta else {
        notes.add("There is no MetaDataVersion: the project got one instrument with a record id", "");
        let empty = crate::demo::methods::create::empty_project(false);
        project.dictionary = empty.dictionary;
        project.instruments = empty.instruments;
        project.arms = empty.arms;
        project.events = empty.events;
        let items = [("record_id".to_owned(), Item::RecordId)];
        return items.into_iter().collect();
    };
    for child in &meta.children {
        if !matches!(
            child.name.as_str(),
            "Protocol" | "StudyEventDef" | "FormDef" | "ItemGroupDef" | "ItemDef" | "CodeList"
        ) {
            notes.add("Parts of the structure that were left out", &child.name);
        }
    }
    read_events(meta, project);
    let items = Fields { meta, options, notes, seen: HashSet::new() }.read(project);
    order_mapping(project);
    items
}

fn without_prefix<'a>(oid: &'a str, prefix: &str) -> &'a str {
    oid.strip_prefix(prefix).unwrap_or(oid)
}

fn read_events(meta: &Element, project: &mut Project) {
    let mut events: Vec<&Element> = meta.all("StudyEventDef").collect();
    project.info.is_longitudinal = !events.is_empty();
    if events.is_empty() {
        // A classic project has one event that nobody sees; its name turns up in repeating set-ups.
        project.arms = vec![Arm { num: 1, name: "Arm 1".into() }];
        project.events = vec![Event {
            name: "Event 1".into(),
            arm_num: 1,
            unique_name: "event_1_arm_1".into(),
            event_id: Some(1),
            ..Event::default()
        }];
        return;
    }
    let order: HashMap<&str, usize> = meta
        .child("Protocol")
        .into_iter()
        .flat_map(|p| p.all("StudyEventRef"))
        .enumerate()
        .map(|(i, r)| (r.get("StudyEventOID"), r.get("OrderNumber").parse().unwrap_or(i + 1)))
        .collect();
    events.sort_by_key(|e| order.get(e.get("OID")).copied().unwrap_or(usize::MAX));
    for (id, element) in (1..).zip(events) {
        let unique_name = match element.get("UniqueEventName") {
            "" => without_prefix(element.get("OID"), "Event."),
            name => name,
        };
        let arm_num = element
            .get("ArmNum")
            .parse()
            .ok()
            .or_else(|| unique_name.rsplit_once("_arm_").and_then(|(_, n)| n.parse().ok()))
            .unwrap_or(1);
        if !project.arms.iter().any(|a| a.num == arm_num) {
            let name = element.attribute("ArmName").map_or_else(|| format!("Arm {arm_num}"), str::to_owned);
            project.arms.push(Arm { num: arm_num, name });
        }
        let number = |name: &str| element.get(name).parse().ok();
        project.events.push(Event {
            name: element.attribute("EventName").unwrap_or_else(|| element.get("Name")).into(),
            arm_num,
            unique_name: unique_name.into(),
            custom_label: element.get("CustomEventLabel").into(),
            event_id: Some(id),
            day_offset: number("DayOffset"),
            offset_min: number("OffsetMin"),
            offset_max: number("OffsetMax"),
        });
        for form in element.all("FormRef") {
            let form = match form.get("FormName") {
                "" => without_prefix(form.get("FormOID"), "Form."),
                name => name,
            };
            project.mapping.push(Mapping { arm_num, event: unique_name.into(), form: form.into() });
        }
    }
    project.arms.sort_by_key(|a| a.num);
}

/// Events come arm by arm, whatever their order in the file; the mapping follows them.
fn order_mapping(project: &mut Project) {
    project.events.sort_by_key(|e| e.arm_num);
    let place: HashMap<String, usize> =
        project.events.iter().enumerate().map(|(i, e)| (e.unique_name.clone(), i)).collect();
    project.mapping.sort_by_key(|m| place.get(&m.event).copied());
}

struct Fields<'a> {
    meta: &'a Element,
    options: &'a LoadOptions,
    notes: &'a mut Notes,
    seen: HashSet<String>,
}

impl Fields<'_> {
    fn read(mut self, project: &mut Project) -> Items {
        let meta = self.meta;
        let definitions: HashMap<&str, &Element> = meta.all("ItemDef").map(|d| (d.get("OID"), d)).collect();
        let groups: HashMap<&str, &Element> = meta.all("ItemGroupDef").map(|g| (g.get("OID"), g)).collect();
        let lists: HashMap<&str, &Element> = meta.all("CodeList").map(|l| (l.get("OID"), l)).collect();
        let mut fields: Vec<Field> = Vec::new();
        let mut items = Items::new();
        for form in meta.all("FormDef") {
            let name = match form.get("FormName") {
                "" => without_prefix(form.get("OID"), "Form.").to_owned(),
                name => name.to_owned(),
            };
            let label = form.attribute("Name").map_or_else(|| label_from_name(&name), str::to_owned);
            project.instruments.push(Instrument { name: name.clone(), label });
            for reference in form.all("ItemGroupRef") {
                let Some(group) = groups.get(reference.get("ItemGroupOID")) else {
                    self.notes
                        .add("Groups of items that are used but not defined", reference.get("ItemGroupOID"));
                    continue;
                };
                for item in group.all("ItemRef") {
                    let oid = item.get("ItemOID");
                    match definitions.get(oid) {
                        Some(definition) => {
                            self.item(&name, definition, item, &lists, &mut fields, &mut items);
                        }
                        None => self.notes.add("Items that are used but not defined", oid),
                    }
                }
            }
        }
        for (oid, _) in definitions.iter().filter(|(oid, _)| !items.contains_key(**oid)) {
            if !self.seen.contains(*oid) {
                self.notes.add("Items that are on no instrument were left out", oid);
            }
        }
        let id_field = meta.get("RecordIdField");
        if let Some(at) = fields.iter().position(|f| f.name == id_field) {
            let field = fields.remove(at);
            fields.insert(0, field);
        }
        if let Some(first) = fields.first() {
            items.insert(first.name.clone(), Item::RecordId);
        }
        project.dictionary = Dictionary::new(fields);
        items
    }

    fn item(
        &mut self,
        form: &str,
        definition: &Element,
        reference: &Element,
        lists: &HashMap<&str, &Element>,
        fields: &mut Vec<Field>,
        items: &mut Items,
    ) {
        let oid = definition.get("OID").to_owned();
        self.seen.insert(oid.clone());
        let variable = match definition.get("Variable") {
            "" => definition.get("Name"),
            name => name,
        };
        let is_field = definition.attribute("FieldType").is_some();
        if !is_field {
            // These are listed as items of forms but are no fields (`redcap-wire.md`).
            let plain = variable == column::SURVEY_IDENTIFIER || variable == format!("{form}_timestamp");
            if variable == column::DAG {
                items.insert(oid, Item::Dag);
                return;
            } else if plain {
                items.insert(oid, Item::Plain(variable.to_owned()));
                return;
            }
        }
        if variable == status_field(form) {
            items.insert(oid, Item::Plain(variable.to_owned()));
            return;
        }
        let is_checkbox = definition.get("FieldType") == "checkbox";
        let known = fields.iter().any(|f| f.name == variable);
        if !known {
            fields.push(self.field(form, variable, definition, reference, lists));
        } else if !is_checkbox {
            self.notes.add("Items that are defined twice; the first counts", variable);
            return;
        }
        let Some(field) = fields.iter().find(|f| f.name == variable) else { return };
        let item = match field.field_type {
            FieldType::Descriptive => return,
            FieldType::File => Item::File(field.name.clone()),
            FieldType::Checkbox => {
                // Two codes may share a column name; each item takes the first that is still free.
                let choices = field.choices();
                let free = choices
                    .iter()
                    .filter(|c| checkbox_column(&field.name, &c.code) == oid)
                    .map(|c| checkbox_key(&field.name, c))
                    .next();
                if let Some(key) = free {
                    Item::Choice(key)
                } else {
                    self.notes.add("Checkbox items that match no choice were left out", &oid);
                    return;
                }
            }
            _ => Item::Value {
                field: field.name.clone(),
                date_time: field.validation.starts_with("datetime"),
                calculation: field.field_type == FieldType::Calc,
            },
        };
        items.insert(oid, item);
    }

    fn field(
        &mut self,
        form: &str,
        name: &str,
        definition: &Element,
        reference: &Element,
        lists: &HashMap<&str, &Element>,
    ) -> Field {
        let mut field = Field::new(name, form);
        if definition.attribute("FieldType").is_none() {
            self.notes.add("Items without a field type became text fields", name);
        }
        let question = definition.child("Question");
        let text = |name: &str| question.and_then(|q| q.child(name)).map(|t| t.text.clone());
        field.label = text("FormattedTranslatedText").or_else(|| text("TranslatedText")).unwrap_or_default();
        let list = definition.child("CodeListRef").and_then(|r| lists.get(r.get("CodeListOID")).copied());
        for (key, value) in &definition.attributes {
            let value = value.as_str();
            match key.as_str() {
                "OID" | "Name" | "DataType" | "Length" | "SignificantDigits" | "Variable" => {}
                "FieldType" => field.field_type = field_type(value),
                "TextValidationType" => validation(value).clone_into(&mut field.validation),
                "FieldNote" => value.clone_into(&mut field.note),
                "SectionHeader" => value.clone_into(&mut field.section_header),
                "Calculation" | "SliderLabels" => value.clone_into(&mut field.choices_or_calculations),
                "Identifier" => field.identifier = value == "y",
                "RequiredField" => field.required = value == "y",
                "BranchingLogic" => value.clone_into(&mut field.branching_logic),
                "CustomAlignment" => value.clone_into(&mut field.custom_alignment),
                "QuestionNumber" | "QuestionNum" => value.clone_into(&mut field.question_number),
                "MatrixGroupName" => value.clone_into(&mut field.matrix_group),
                "MatrixRanking" => field.matrix_ranking = value == "y",
                "FieldAnnotation" => value.clone_into(&mut field.annotation),
                other => self.notes.add("Attributes of fields that were left out", other),
            }
        }
        field.required |= reference.get("Mandatory") == "Yes";
        for check in definition.all("RangeCheck") {
            let limit = check.child("CheckValue").map(|v| v.text.clone()).unwrap_or_default();
            match check.get("Comparator") {
                "GE" | "GT" => field.validation_min = limit,
                "LE" | "LT" => field.validation_max = limit,
                other => self.notes.add("Range checks that were not understood", other),
            }
        }
        match field.field_type {
            FieldType::Radio | FieldType::Dropdown => {
                field.choices_or_calculations = list.map(|l| self.choices(l)).unwrap_or_default();
            }
            FieldType::Checkbox => {
                if let Some(choices) = list.and_then(|l| l.attribute("CheckboxChoices")) {
                    choices.clone_into(&mut field.choices_or_calculations);
                }
            }
            FieldType::Sql => self.notes.add("SQL fields whose query is not in the file", name),
            FieldType::Other(_) => self.notes.add("Fields of a type that is not known", name),
            _ => {}
        }
        field
    }

    fn choices(&self, list: &Element) -> String {
        list.all("CodeListItem")
            .map(|item| {
                let decode = item.child("Decode");
                let text = |name: &str| decode.and_then(|d| d.child(name)).map(|t| t.text.clone());
                let label =
                    text("FormattedTranslatedText").or_else(|| text("TranslatedText")).unwrap_or_default();
                format!("{}, {label}", item.get("CodedValue"))
            })
            .collect::<Vec<String>>()
            .join(&self.options.choice_separator)
    }
}

/// Project XML uses REDCap's inner words (`redcap-wire.md`).
fn field_type(word: &str) -> FieldType {
    FieldType::from(match word {
        "select" => "dropdown",
        "textarea" => "notes",
        other => other,
    })
}

fn validation(word: &str) -> &str {
    match word {
        "int" => "integer",
        "float" => "number",
        other => other,
    }
}

/// Older files have no list of surveys; an item `<form>_timestamp` tells that a form is one.
pub fn surveys_from_items(project: &mut Project, items: &Items) {
    if !project.surveys.is_empty() {
        return;
    }
    for instrument in &project.instruments {
        let stamp = format!("{}_timestamp", instrument.name);
        if items.values().any(|item| *item == Item::Plain(stamp.clone())) {
            project.surveys.push(Survey {
                form: instrument.name.clone(),
                title: instrument.label.clone(),
                save_and_return: false,
            });
        }
    }
}
