//! How the parts of a project are written into a state file and read back.
//!
//! Data is written record by record and key by key, not as it lies in memory: the file can be
//! read by people, and the memory may change.

use super::data::{Data, Place};
use super::log::Log;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// All records.
pub mod data {
    use super::{Arc, BTreeMap, Data, Deserialize, Deserializer, Place, Serialize, Serializer};
    use jiff::civil::DateTime;

    #[derive(Serialize)]
    struct RecordOut<'a> {
        name: &'a str,
        dag: Option<u64>,
        created: DateTime,
        modified: DateTime,
        rows: Vec<RowOut<'a>>,
    }

    #[derive(Serialize)]
    struct RowOut<'a> {
        event: u64,
        instrument: &'a str,
        instance: u32,
        values: BTreeMap<&'a str, &'a str>,
    }

    #[derive(Deserialize)]
    struct RecordIn {
        name: String,
        dag: Option<u64>,
        created: DateTime,
        modified: DateTime,
        rows: Vec<RowIn>,
    }

    #[derive(Deserialize)]
    struct RowIn {
        event: u64,
        instrument: String,
        instance: u32,
        values: BTreeMap<String, String>,
    }

    /// Writes one record after the other.
    pub fn serialize<S: Serializer>(data: &Arc<Data>, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(data.records().map(|(name, record)| {
            RecordOut {
                name,
                dag: record.dag,
                created: record.created,
                modified: record.modified,
                rows: record
                    .rows()
                    .iter()
                    .map(|row| RowOut {
                        event: row.event,
                        instrument: data.instrument_of(row),
                        instance: row.instance,
                        values: row.cells().iter().map(|(k, v)| (data.key(*k), data.text(*v))).collect(),
                    })
                    .collect(),
            }
        }))
    }

    /// Reads all records.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Data>, D::Error> {
        let mut data = Data::default();
        for saved in Vec::<RecordIn>::deserialize(from)? {
            let record = data.add_record(&saved.name, saved.created);
            record.dag = saved.dag;
            record.modified = saved.modified;
            for row in saved.rows {
                let place = Place { event: row.event, instrument: &row.instrument, instance: row.instance };
                let cells: Vec<(&str, &str)> =
                    row.values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                data.set_many(&saved.name, place, &cells, saved.modified);
            }
        }
        Ok(Arc::new(data))
    }
}

/// The log.
pub mod log {
    use super::{Arc, Deserialize, Deserializer, Log, Mutex, PoisonError, Serialize, Serializer};

    /// Writes the lines.
    pub fn serialize<S: Serializer>(log: &Arc<Mutex<Log>>, out: S) -> Result<S::Ok, S::Error> {
        log.lock().unwrap_or_else(PoisonError::into_inner).serialize(out)
    }

    /// Reads the lines.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Mutex<Log>>, D::Error> {
        Log::deserialize(from).map(|log| Arc::new(Mutex::new(log)))
    }
}

/// The bytes of a file, as base64.
pub mod bytes {
    use super::{Arc, Deserialize, Deserializer, Serializer};
    use crate::demo::odm::base64;

    /// Writes the bytes.
    pub fn serialize<S: Serializer>(bytes: &Arc<[u8]>, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&base64::encode(bytes))
    }

    /// Reads the bytes.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<[u8]>, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = base64::decode(&text).ok_or_else(|| serde::de::Error::custom("no base64"))?;
        Ok(bytes.into())
    }
}
