//! The data and the log of a built-in project, from its CSV files.

use crate::demo::model::data::{Data, Place, checkbox_key};
use crate::demo::model::log::{Log, LogType, log_time};
use crate::demo::model::project::Project;
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::FieldType;
use crate::domain::log::LogEntry;
use crate::domain::record::column;
use jiff::ToSpan as _;
use jiff::civil::DateTime;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads `data.csv`, a flat export with codes.
pub fn read_data(project: &mut Project, text: &str, now: DateTime) -> Result<(), String> {
    let mut data = std::mem::take(&mut project.data);
    let target: &mut Data = Arc::make_mut(&mut data);
    let boxes = box_keys(project);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|e| e.to_string())?.clone();
    for row in reader.records() {
        let row = row.map_err(|e| e.to_string())?;
        let cells: HashMap<&str, &str> = headers.iter().zip(row.iter()).collect();
        let get = |key: &str| cells.get(key).copied().unwrap_or_default();
        let record = get(project.record_id_field());
        let event = match get(column::EVENT) {
            "" => project.first_event_id(),
            name => project.event(name).and_then(|e| e.event_id).ok_or_else(|| format!("no event {name}"))?,
        };
        let instance = get(column::REPEAT_INSTANCE).parse().unwrap_or(0);
        let place = Place { event, instrument: get(column::REPEAT_INSTRUMENT), instance };
        target.add_row(record, place, now);
        if !get(column::DAG).is_empty() {
            let dag = project.dag_id(get(column::DAG));
            target.add_record(record, now).dag = dag;
        }
        for (header, value) in headers.iter().zip(row.iter()) {
            if header == project.record_id_field() || column::SYSTEM.contains(&header) {
                continue;
            }
            match boxes.get(header) {
                Some(key) => target.set(record, place, key, if value == "1" { "1" } else { "" }, now),
                None if project.is_field(header) || header.ends_with("_timestamp") => {
                    target.set(record, place, header, value, now);
                }
                None => return Err(format!("no field {header}")),
            }
        }
    }
    project.data = data;
    Ok(())
}

/// The key of each checkbox column.
pub fn box_keys(project: &Project) -> HashMap<String, String> {
    let mut keys = HashMap::new();
    for field in project.dictionary.fields().iter().filter(|f| f.field_type == FieldType::Checkbox) {
        for choice in field.choices() {
            keys.insert(checkbox_column(&field.name, &choice.code), checkbox_key(&field.name, &choice));
        }
    }
    keys
}

/// Reads `log.csv`. Its times are minutes before the server started, so that the log always
/// looks alive; records take the times of their lines.
pub fn read_log(project: &mut Project, text: &str, now: DateTime) -> Result<(), String> {
    let mut log = Log::default();
    let mut data = std::mem::take(&mut project.data);
    let target: &mut Data = Arc::make_mut(&mut data);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for row in reader.deserialize::<HashMap<String, String>>() {
        let row = row.map_err(|e| e.to_string())?;
        let get = |key: &str| row.get(key).cloned().unwrap_or_default();
        let minutes: i64 = get("minutes_ago").parse().map_err(|_| "a log line without a time".to_owned())?;
        let time = now.checked_sub(minutes.minutes()).map_err(|e| e.to_string())?;
        let kind = log_type(&get("type")).ok_or_else(|| format!("no log type {}", get("type")))?;
        let entry = LogEntry {
            timestamp: log_time(time),
            username: get("username"),
            action: get("action"),
            details: get("details"),
            record: get("record"),
        };
        lines.push((time, kind, entry));
    }
    lines.sort_by_key(|(time, _, _)| *time);
    for (time, kind, entry) in lines {
        if target.record(&entry.record).is_some() {
            let record = target.add_record(&entry.record, time);
            match kind {
                LogType::RecordAdd => (record.created, record.modified) = (time, time),
                LogType::RecordEdit => record.modified = time,
                _ => {}
            }
        }
        log.add(kind, entry);
    }
    project.data = data;
    project.log = Arc::new(std::sync::Mutex::new(log));
    Ok(())
}

fn log_type(word: &str) -> Option<LogType> {
    Some(match word {
        "export" => LogType::Export,
        "manage" => LogType::Manage,
        "user" => LogType::User,
        "record_add" => LogType::RecordAdd,
        "record_edit" => LogType::RecordEdit,
        "record_delete" => LogType::RecordDelete,
        "lock_record" => LogType::LockRecord,
        "page_view" => LogType::PageView,
        _ => return None,
    })
}
