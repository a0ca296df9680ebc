//! capscope: a terminal explorer for REDCap projects.
pub mod api;
pub mod demo;
pub mod domain;
