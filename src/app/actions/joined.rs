//! The whole table of actions, put together from its parts.

use super::{Action, check, comfort, dialogs, lists, live, playground, rights, table};

/// The table: one entry an action.
pub static ACTIONS: &[Action] = &JOINED;

/// The table is written in parts, so that each can be read.
const PARTS: &[&[Action]] = &[
    table::TABLE,
    lists::TABLE,
    check::TABLE,
    playground::TABLE,
    live::TABLE,
    rights::TABLE,
    comfort::TABLE,
    dialogs::TABLE,
];

static JOINED: [Action; count()] = {
    let mut all = [table::TABLE[0]; count()];
    let (mut part, mut at, mut filled) = (0, 0, 0);
    while part < PARTS.len() {
        if at < PARTS[part].len() {
            all[filled] = PARTS[part][at];
            filled += 1;
            at += 1;
        } else {
            part += 1;
            at = 0;
        }
    }
    all
};

const fn count() -> usize {
    let (mut part, mut n) = (0, 0);
    while part < PARTS.len() {
        n += PARTS[part].len();
        part += 1;
    }
    n
}
