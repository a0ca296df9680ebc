//! The actions that suit the screen to the person before it. They are few and seldom used, so
//! the list of all commands is their place, and most have no key of their own.

use super::table::act;
use super::{Action, Group, Id, Scope};

/// The part of the table for them.
pub(super) const TABLE: &[Action] = &[act(
    Id::Colours,
    "Colours",
    "Dark, light, colour-blind-safe, high contrast or none; each is shown as you go through them.",
    &[],
    &[Scope::Global],
    Group::Do,
)];
