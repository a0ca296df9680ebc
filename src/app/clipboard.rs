//! What was handed to the clipboard, and when it is overwritten.
//!
//! A terminal takes text for the clipboard but does not tell what is in it, so that nobody can
//! know whether it is still ours. Text that holds data is therefore overwritten after a while
//! whatever is there by then, and the screen says so when it is copied.

use super::actions::Scope;
use super::model::{Model, Section};
use super::msg::Effect;
use jiff::{SignedDuration, Timestamp};

/// The clipboard as far as capscope knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Handed {
    /// What is copied next holds data of the project.
    pub data: bool,
    /// When it is to be overwritten.
    pub until: Option<Timestamp>,
}

/// Whether text copied here may hold what was entered into the project, or names a person. Names
/// from the project's design and programs are copied to be used later: they stay.
pub fn holds_data(place: Scope, section: Section) -> bool {
    match place {
        Scope::Table
        | Scope::Grid
        | Scope::Worklist
        | Scope::Changes
        | Scope::Timeline
        | Scope::Record
        | Scope::Findings
        | Scope::Answer
        | Scope::Compare
        | Scope::Users => true,
        Scope::Card => matches!(section, Section::Records | Section::Users),
        _ => false,
    }
}

/// Text was handed over: the words for it, with how long it stays if that is limited. Whatever was
/// there before is gone.
pub fn handed(model: &mut Model, how: &str) -> String {
    let data = std::mem::take(&mut model.clipboard.data);
    let after = model.options.clear_clipboard.filter(|_| data);
    model.clipboard.until = after.and_then(|after| model.now.checked_add(after).ok());
    match after {
        Some(after) => format!("{}, for {} s.", how.trim_end_matches('.'), after.as_secs()),
        None => how.to_owned(),
    }
}

/// Overwrites the clipboard if its time has come.
pub fn clear_if_due(model: &mut Model) -> Vec<Effect> {
    if model.clipboard.until.is_none_or(|until| model.now < until) {
        return Vec::new();
    }
    model.clipboard.until = None;
    vec![Effect::ClearClipboard]
}

/// The setting in seconds as a length of time; 0 switches the overwriting off.
pub fn after_seconds(seconds: u32) -> Option<SignedDuration> {
    (seconds > 0).then(|| SignedDuration::from_secs(seconds.into()))
}
