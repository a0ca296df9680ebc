//! Playing a trigger, so that a handler can be tested without touching a REDCap.

use super::Target;
use super::target::Answer;
use crate::domain::trigger::Trigger;
use form_urlencoded::Serializer;

/// The body of a trigger, as REDCap writes it (`redcap-api.md` §11).
pub fn body(trigger: &Trigger) -> String {
    Serializer::new(String::new()).extend_pairs(trigger.parameters()).finish()
}

/// Posts a trigger once, as REDCap does: no second try.
pub async fn send(target: &Target, trigger: &Trigger) -> Answer {
    target.post(body(trigger)).await
}
