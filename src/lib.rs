//! capscope: a terminal explorer for REDCap projects.
pub mod api;
pub mod app;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod jobs;
pub mod runtime;
pub mod store;
pub mod ui;
