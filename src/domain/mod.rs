//! What REDCap things *are*: projects, dictionaries, instruments, events, rights, records.
//!
//! This room is pure. It does no input or output, knows no clock, no network and no screen,
//! and nothing here knows how REDCap spells these things on the wire (that is `api` for the
//! client and `demo` for the embedded server; they share these types and nothing else).
//! The `serde` derives serve the metadata cache only.

pub mod access_test;
pub mod belonging;
pub mod changes;
pub mod check;
pub mod choices;
pub mod clock;
pub mod codes;
pub mod columns;
pub mod dictionary;
pub mod distinct;
pub mod event;
pub mod filter;
pub mod find;
pub mod identifying;
pub mod layout;
pub mod log;
pub mod logic;
pub mod project;
pub mod quality;
pub mod record;
pub mod rights;
pub mod rights_review;
pub mod row_set;
pub mod search;
pub mod spot_bench;
pub mod spot_check;
pub mod status;
pub mod summary;
pub mod table;
pub mod text;
pub mod trigger;
pub mod validation;
pub mod values;
pub mod worklist;
