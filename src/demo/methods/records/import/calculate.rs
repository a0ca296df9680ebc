//! Calculations after an import: `calc` fields, `@CALCTEXT` and `@CALCDATE` that depend on what
//! changed are computed anew, through the logic engine (`redcap-api.md` §5.1).

use super::apply::Applied;
use super::columns::Column;
use super::place::Located;
use crate::demo::methods::records::logic::{StoredRecord, metadata_of};
use crate::demo::methods::records::rows::Layout;
use crate::demo::model::data::{Data, checkbox_key};
use crate::demo::model::log::LogType;
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::logic::tags::{self, Computed};
use crate::domain::logic::{self, EvalError, Logic, RecordContext, Reference, Rules};
use crate::domain::project::Metadata;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Calculations that need each other's result are given up after so many rounds.
const MOST_ROUNDS: usize = 25;

/// What a field is computed from.
enum Source {
    Number(Logic),
    Text(Computed),
}

/// A computed field.
struct ComputedField {
    name: String,
    validation: String,
    form: usize,
    source: Source,
    needs: HashSet<String>,
    /// It looks at other events or instances than its own.
    looks_elsewhere: bool,
}

/// A computed field that may have another result now.
struct Affected<'c> {
    field: &'c ComputedField,
    /// On any row of the record, and not only on those of the events that changed.
    everywhere: bool,
}

impl ComputedField {
    fn read(field: &Field, form: usize, texts: bool) -> Option<Self> {
        // Calculations that cannot be read are left as they are.
        let source = match field.field_type {
            FieldType::Calc => Source::Number(logic::parse(&field.choices_or_calculations).ok()?),
            FieldType::Text if texts && field.annotation.contains("@CALC") => {
                Source::Text(tags::computed(&field.annotation)?.ok()?)
            }
            _ => return None,
        };
        let references: Vec<&Reference> = match &source {
            Source::Number(logic) => logic.references().collect(),
            Source::Text(computed) => computed.references().collect(),
        };
        let needs = references.iter().filter_map(|r| r.field().map(str::to_owned)).collect();
        let looks_elsewhere = references.iter().any(|r| r.event.is_some() || r.instance.is_some());
        let (name, validation) = (field.name.clone(), field.validation.clone());
        Some(Self { name, validation, form, source, needs, looks_elsewhere })
    }

    /// Whether a stored result is the computed one; `25.0` is 25.
    fn is_same(&self, computed: &str, stored: &str) -> bool {
        let numbers = || Some((computed.parse::<f64>().ok()?, stored.parse::<f64>().ok()?));
        computed == stored
            || (matches!(self.source, Source::Number(_))
                && numbers().is_some_and(|(a, b)| (a - b).abs() < f64::EPSILON))
    }

    fn eval(&self, context: &RecordContext<'_>, rules: &Rules) -> Result<String, EvalError> {
        match &self.source {
            Source::Number(logic) => logic.calc(context, rules),
            Source::Text(computed) => computed.eval(context, rules, &self.validation),
        }
    }
}

/// All that the calculations of a project need.
struct Calculator {
    fields: Vec<ComputedField>,
    metadata: Metadata,
    rules: Rules,
    layout: Layout,
    /// Per instrument, the keys of everything on it.
    keys: Vec<Vec<String>>,
}

/// Computes the calculations of all records that an import touched.
pub fn calculate(
    project: &mut Project,
    columns: &[Column],
    applied: &Applied,
    call: &Call<'_>,
    username: &str,
) {
    let behaviour = &call.state.behaviour;
    let changed = applied
        .names
        .iter()
        .any(|(_, name)| applied.touched.get(name).is_some_and(|touched| !touched.columns.is_empty()));
    if !behaviour.import.calculate || !changed {
        return;
    }
    let Some(calculator) = Calculator::new(project, &behaviour.version, behaviour.import.calculate_texts)
    else {
        return;
    };
    let known = logic::Project::new(&calculator.metadata);
    let mut data = std::mem::take(&mut project.data);
    let store = Arc::make_mut(&mut data);
    for (_, name) in &applied.names {
        let Some(touched) = applied.touched.get(name) else { continue };
        let names: HashSet<&str> =
            touched.columns.iter().filter_map(|at| columns.get(*at)).map(base_name).collect();
        if names.is_empty() {
            continue;
        }
        let affected = calculator.affected(&names, &touched.forms);
        if affected.is_empty() {
            continue;
        }
        let events = touched.forms.iter().map(|(place, _)| place.event).collect();
        let run = Run { calculator: &calculator, known: &known, project, call, username, name, events };
        run.record(store, &affected);
    }
    project.data = data;
}

/// The field that a column is of: that of a box without its code.
fn base_name(column: &Column) -> &str {
    let key = column.key().unwrap_or_default();
    key.split('(').next().unwrap_or(key)
}

impl Calculator {
    /// `None` if nothing is computed in this project.
    fn new(project: &Project, version: &str, texts: bool) -> Option<Self> {
        let forms: HashMap<&str, usize> =
            project.instruments.iter().map(|i| i.name.as_str()).zip(0..).collect();
        let fields: Vec<ComputedField> = project
            .dictionary
            .fields()
            .iter()
            .filter_map(|f| ComputedField::read(f, forms.get(f.form.as_str()).copied()?, texts))
            .collect();
        if fields.is_empty() {
            return None;
        }
        let keys = project.instruments.iter().map(|i| keys_of(project, &i.name)).collect();
        Some(Self {
            fields,
            metadata: metadata_of(project, version),
            rules: Rules::default(),
            layout: Layout::new(project),
            keys,
        })
    }

    /// The computed fields that depend on these fields, however far, or that stand on an
    /// instrument that got values; in dictionary order.
    fn affected(&self, names: &HashSet<&str>, forms: &HashSet<(Located, usize)>) -> Vec<Affected<'_>> {
        // What is known of each: not affected, at the events that changed, everywhere.
        let reach = |field: &ComputedField| if field.looks_elsewhere { 2_u8 } else { 1 };
        let is_hit = |field: &ComputedField| {
            forms.iter().any(|(_, form)| *form == field.form)
                || field.needs.iter().any(|n| names.contains(n.as_str()))
        };
        let mut hits: Vec<u8> = self.fields.iter().map(|f| if is_hit(f) { reach(f) } else { 0 }).collect();
        loop {
            let known: HashMap<&str, u8> =
                self.fields.iter().map(|f| f.name.as_str()).zip(hits.iter().copied()).collect();
            let next: Vec<u8> = self
                .fields
                .iter()
                .zip(&hits)
                .map(|(field, own)| {
                    let most = field.needs.iter().filter_map(|n| known.get(n.as_str()).copied()).max();
                    match most.unwrap_or(0) {
                        0 => *own,
                        most => most.max(reach(field)).max(*own),
                    }
                })
                .collect();
            if next == hits {
                break;
            }
            hits = next;
        }
        self.fields
            .iter()
            .zip(hits)
            .filter(|(_, hit)| *hit > 0)
            .map(|(field, hit)| Affected { field, everywhere: hit > 1 })
            .collect()
    }
}

/// Results by row: event, instrument and instance; then fields and values.
type Changes = BTreeMap<(u64, Option<usize>, u32), Vec<(String, String)>>;

/// The calculations of one record after one import.
struct Run<'r> {
    calculator: &'r Calculator,
    known: &'r logic::Project<'r>,
    project: &'r Project,
    call: &'r Call<'r>,
    username: &'r str,
    /// The record.
    name: &'r str,
    /// The events at which something changed.
    events: HashSet<u64>,
}

impl Run<'_> {
    /// Computes fields of one record until nothing changes any more, and logs the result row by
    /// row.
    fn record(&self, data: &mut Data, fields: &[Affected<'_>]) {
        let (project, call, name) = (self.project, self.call, self.name);
        let mut changes = Changes::new();
        for _ in 0..MOST_ROUNDS {
            let mut changed = false;
            for affected in fields {
                let field = affected.field;
                for (place, value) in self.results(data, affected) {
                    data.set(name, place.place(project), &field.name, &value, call.now);
                    let row = changes.entry((place.event, place.instrument, place.instance)).or_default();
                    match row.iter_mut().find(|(key, _)| *key == field.name) {
                        Some(known) => known.1 = value,
                        None => row.push((field.name.clone(), value)),
                    }
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        for ((_, _, instance), values) in changes {
            let mut details: Vec<String> =
                values.iter().map(|(key, value)| format!("{key} = '{value}'")).collect();
            if instance > 0 {
                details.insert(0, format!("[instance = {instance}]"));
            }
            let action = format!("Update record (Auto calculation) {name}");
            project.add_log(
                LogType::RecordEdit,
                call.now,
                self.username,
                &action,
                &details.join(",\n"),
                name,
            );
        }
    }

    /// Where the stored value of a field is not what it computes to. Only rows on which its
    /// instrument was begun count: a calculation does not make a gray form red.
    fn results(&self, data: &Data, affected: &Affected<'_>) -> Vec<(Located, String)> {
        let Affected { field, everywhere } = affected;
        let (project, name) = (self.project, self.name);
        let Calculator { keys, layout, rules, .. } = self.calculator;
        let Some(record) = data.record(name) else { return Vec::new() };
        let stored = StoredRecord { project, data, name, record };
        let form = project.instruments.get(field.form).map_or("", |i| i.name.as_str());
        let mut results = Vec::new();
        for row in record.rows() {
            let begun = keys
                .get(field.form)
                .is_some_and(|keys| keys.iter().any(|key| !data.get(row, key).is_empty()));
            let is_hit = *everywhere || self.events.contains(&row.event);
            if !begun || !is_hit || !layout.on_row(data, row, field.form) {
                continue;
            }
            let place = stored.place(row, form);
            let context = RecordContext::new(self.known, &stored, place, rules, self.call.now);
            // What cannot be evaluated here keeps its value.
            let Ok(value) = field.eval(&context, rules) else { continue };
            if !field.is_same(&value, data.get(row, &field.name)) {
                let instrument = data.instrument_of(row);
                let instrument = project.instruments.iter().position(|i| i.name == instrument);
                results.push((Located { event: row.event, instrument, instance: row.instance }, value));
            }
        }
        results
    }
}

/// Every key of an instrument, its status first: the one that is there if any is.
fn keys_of(project: &Project, form: &str) -> Vec<String> {
    let mut keys = vec![status_field(form)];
    for field in project.fields_of(form).filter(|f| f.name != project.record_id_field()) {
        if field.field_type == FieldType::Checkbox {
            keys.extend(field.choices().iter().map(|c| checkbox_key(&field.name, c)));
        } else {
            keys.push(field.name.clone());
        }
    }
    keys
}
