//! The only room that knows how REDCap's API speaks on the wire.
//!
//! A [`client::Server`] stands for one address: it has one request under way at a time, keeps
//! the pace and repeats reads that failed for a passing reason. A [`client::Api`] is a server
//! and a token: it asks for one thing and gives back `domain` types. Every future stops by
//! being dropped; nothing goes on in the background.

pub mod catalogue;
pub mod client;
mod decode;
pub mod error;
pub mod reply;
pub mod request;
pub mod sniff;
pub mod token;
pub mod url;
