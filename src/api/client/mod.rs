//! Talking to a server: one request at a time, at a polite pace, with typed answers.
//!
//! Every future here is cancelled by dropping it: its connection is closed, its place in the
//! queue is free, nothing continues in the background, and its observer hears `Done`.

mod api;
mod download;
mod events;
mod http;
mod import;
mod look;
mod pace;
mod place;
mod records;
mod rows;
mod server;
mod servers;
mod settings;
mod table_reader;

pub use super::decode::ImportAnswer;
pub use api::{Api, LogQuery, readable};
pub use events::{CallEnd, CallEvent, CallState, Observer, Witness, Witnessed, silent};
pub use import::{DataFormat, RecordImport, ReturnContent};
pub use look::Looked;
pub use place::RecordPlace;
pub use records::{RecordProgress, RecordQuery};
pub use server::Server;
pub use servers::Servers;
pub use settings::ServerSettings;
