//! How the server reads requests and writes answers. Shared with nobody: the client has its own.

pub mod encode;
pub mod error;
pub mod form;
pub mod http;
pub mod import;
