//! The pure core of the terminal interface.
//!
//! One [`Model`] holds everything on screen. [`update()`] changes it, given one [`Msg`], and
//! returns [`Effect`]s for the runtime to perform. Nothing here waits, reads a clock, touches
//! a file or the network, or knows a terminal library, so every behaviour can be tested with
//! key strings alone.

pub mod actions;
pub mod activity;
pub mod add_project;
pub mod ask;
pub mod cell_search;
pub mod changes;
pub mod check;
pub mod clipboard;
pub mod columns_dialog;
pub mod cursor;
pub mod dialog;
pub mod export_dialog;
pub mod find;
pub mod grid;
pub mod hidden;
pub mod keymap;
pub mod keys;
pub mod live;
pub mod live_setup;
pub mod lock;
pub mod looks;
pub mod model;
pub mod msg;
pub mod open;
pub mod palette;
pub mod picker;
pub mod place;
pub mod playground;
pub mod quality;
pub mod read_back;
pub mod record_view;
pub mod records;
mod rows;
pub mod running;
pub mod scratchpad;
pub mod server_filter;
pub mod sorting;
pub mod spot;
pub mod summaries;
pub mod timeline;
pub mod token;
pub mod tour;
pub mod trace;
pub mod update;
pub mod users;
pub mod worklist;

pub use model::Model;
pub use msg::{Effect, Msg};
pub use update::update;
