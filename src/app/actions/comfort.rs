//! The actions that suit the screen to the person before it. They are few and seldom used, so
//! the list of all commands is their place, and most have no key of their own.

use super::table::act;
use super::{Action, Group, Id, Scope};
use crate::app::model::Model;

/// The part of the table for them.
pub(super) const TABLE: &[Action] = &[
    act(
        Id::Tour,
        "Tour of the demo",
        "Six steps through what people do with capscope, on invented studies. Again ends it.",
        &["T"],
        &[Scope::Global],
        Group::Find,
    ),
    act(
        Id::TourNext,
        "Next step of the tour",
        "Done or not: the tour never keeps you from anything.",
        &["."],
        &[Scope::Global],
        Group::Find,
    ),
    act(
        Id::Colours,
        "Colours",
        "Dark, light, colour-blind-safe, high contrast or none; each is shown as you go through them.",
        &[],
        &[Scope::Global],
        Group::Do,
    ),
];

/// Whether one of these actions can be done now; `None` for other actions.
pub(super) fn available(model: &Model, id: Id) -> Option<Result<(), String>> {
    match id {
        Id::Tour | Id::Colours => Some(Ok(())),
        Id::TourNext if model.tour.is_none() => {
            Some(Err(model.options.keys.say("the tour is not open; {tour} opens it")))
        }
        Id::TourNext => Some(Ok(())),
        _ => None,
    }
}
