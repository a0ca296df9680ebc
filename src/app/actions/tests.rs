//! The table of actions is whole and free of clashes.

use super::*;
use std::collections::HashMap;

#[test]
fn every_key_can_be_read_and_none_is_bound_twice_in_one_place() {
    let mut bound: HashMap<(Scope, Key), Id> = HashMap::new();
    for action in ACTIONS {
        for text in action.keys {
            let (key, rest) = Key::parse_one(text).unwrap_or_else(|| panic!("{text}"));
            assert!(rest.is_empty(), "{text}");
            for scope in action.scopes {
                let twin = bound.insert((*scope, key), action.id);
                assert!(twin.is_none(), "{key} is bound to {twin:?} and {:?} in {scope:?}", action.id);
            }
        }
    }
}

#[test]
fn every_command_of_the_palette_explains_itself() {
    for action in ACTIONS.iter().filter(|a| a.in_palette) {
        assert!(!action.help.is_empty(), "{}", action.title);
    }
}
