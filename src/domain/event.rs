//! Arms, events, the mapping of instruments to events, and what repeats.

use serde::{Deserialize, Serialize};

/// An instrument: one data collection form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// The unique name, such as `adverse_events`.
    pub name: String,
    /// The name people see.
    pub label: String,
}

/// An arm of a longitudinal project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Its number, from 1.
    pub num: u32,
    /// Its name.
    pub name: String,
}

/// An event (a visit) of a longitudinal project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The name people see, such as `Week 4`.
    pub name: String,
    /// The arm it belongs to.
    pub arm_num: u32,
    /// The unique name, such as `week_4_arm_1`. Fetched, never computed: REDCap cuts and suffixes it.
    pub unique_name: String,
    /// The custom event label, often with piping; may be empty.
    pub custom_label: String,
    /// The number of the event; older servers do not tell it.
    pub event_id: Option<u64>,
    /// Planned day; only from projects with scheduling.
    pub day_offset: Option<i64>,
    /// Days before the planned day that are still in the window.
    pub offset_min: Option<i64>,
    /// Days after the planned day that are still in the window.
    pub offset_max: Option<i64>,
}

/// One instrument is used at one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The arm.
    pub arm_num: u32,
    /// The event's unique name.
    pub event: String,
    /// The instrument's unique name.
    pub form: String,
}

/// One line of the set-up of repeating instruments and events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeating {
    /// The event's unique name; empty in a classic project.
    pub event: String,
    /// The instrument that repeats; empty means that the whole event repeats.
    pub form: String,
    /// The custom label of an instance; may be empty.
    pub custom_label: String,
}

impl Repeating {
    /// Whether the whole event repeats, not one instrument of it.
    pub fn is_event(&self) -> bool {
        self.form.is_empty()
    }
}
