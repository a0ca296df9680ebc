//! The only room that knows how REDCap's API speaks on the wire.

pub mod catalogue;
