//! The receiver of Data Entry Triggers (`redcap-api.md` §11), and what is done with what it got.
//!
//! ```text
//!  REDCap ──POST──> receiver ──> work ──> feed (screen, or lines for a pipe)
//!                      │           ├────> queue on disk ──> forward to the user's own handler
//!                      └──200──┘    └────> exec: start the user's own program
//! ```
//!
//! REDCap fires and forgets: no second try, and survey pages wait for the answer. So the receiver
//! answers as soon as a trigger is safe (in memory, or on disk if it is to be forwarded) and only
//! then works. Nothing posted is believed: what fits no known project is shown and goes no further.
//!
//! This room knows neither the demo server, which fires triggers, nor the client of the API.

mod error;
pub mod exec;
pub mod forward;
pub mod queue;
pub mod receiver;
pub mod send;
mod target;
mod tls;
pub mod work;

pub use error::TriggerError;
pub use target::{Answer, Target};
pub use tls::TlsFiles;
