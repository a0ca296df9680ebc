//! What goes into `update` and what comes out of it.

use super::keys::Key;
use super::model::Painted;
use super::running::Slot;
use crate::api::client::CallEvent;
use crate::domain::layout::Layout;
use crate::jobs::types::{Job, JobEvent, Place, SavedProject};

/// Everything that can happen, in one queue.
#[derive(Debug, Clone)]
pub enum Msg {
    /// The time of the messages that follow. The runtime sends it before each batch.
    Clock(jiff::Timestamp),
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something at this column and row.
    Mouse(Mouse, u16, u16),
    /// The window has this many columns and rows now.
    Resize(u16, u16),
    /// The last drawing put these things at these places.
    Painted(Painted),
    /// A job tells something. `generation` says which start of the slot it belongs to.
    Job {
        /// The place the job works for.
        slot: Slot,
        /// Which start of that slot.
        generation: u64,
        /// What it tells.
        event: Box<JobEvent>,
    },
    /// A request to a server changed its state.
    Call(CallEvent),
    /// The terminal did what an effect asked, or could not.
    Told(Told),
    /// The program goes on after it was stopped: what is on the terminal is not ours any more.
    Resumed,
    /// The terminal is gone, or the system asks the program to end.
    Terminate,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// Left button down.
    Click,
    /// Moved with the button held.
    Drag,
    /// Wheel up.
    ScrollUp,
    /// Wheel down.
    ScrollDown,
}

/// What became of an effect that the terminal performed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Text was handed to the clipboard; how, in words.
    Copied(String),
    /// It could not be.
    NotCopied(String),
    /// Something writes down what this terminal shows; its name.
    Recorded(String),
    /// The audit log could not be written: the sentences to show.
    NotLogged(String),
}

/// What the runtime is asked to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Run a job and send its events back with this slot and generation.
    Start {
        /// The place the job works for.
        slot: Slot,
        /// Which start of that slot.
        generation: u64,
        /// The work.
        job: Job,
    },
    /// Stop the job of this slot and generation.
    Cancel(Slot, u64),
    /// Hand text to the clipboard.
    Copy(String),
    /// Overwrite the clipboard.
    ClearClipboard,
    /// Switch the mouse on or off.
    Mouse(bool),
    /// Note in the audit log that the masks over identifiers were lifted.
    MasksLifted(Place),
    /// Drop the tokens that the password store gave.
    ForgetTokens,
    /// Let requests to this project's server through again, after something turned one away.
    Resume(Box<SavedProject>),
    /// Remember something for the next start.
    Remember(Remember),
    /// End the program.
    Quit,
}

/// What is remembered between starts. Never a value of a record, never a record's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remember {
    /// The methods that stand first in the playground.
    Favourites(Vec<super::playground::MethodName>),
    /// The files that were checked last.
    Files(Vec<String>),
    /// Where we are.
    Place {
        /// The saved project's id.
        project: String,
        /// The number of the section.
        section: u8,
        /// The row of the cursor in each list.
        cursors: super::place::Cursors,
    },
    /// How the columns of an instrument's table are.
    Layout {
        /// The saved project's id.
        project: String,
        /// The instrument.
        form: String,
        /// Its columns.
        layout: Layout,
    },
}
