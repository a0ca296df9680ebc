//! What the server holds: projects with their structure, people, data, files and log.

pub mod data;
pub mod keep;
pub mod log;
pub mod names;
pub mod project;
pub mod randomization;
pub mod state;
