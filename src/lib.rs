//! capscope: a terminal explorer for REDCap projects.
pub mod api;
pub mod domain;
pub mod store;
