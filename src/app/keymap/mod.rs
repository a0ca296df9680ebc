//! Other keys for the actions of the table, as a person wants them.
//!
//! The table stays the one source of what can be done; this only says which keys do it instead.
//! Keys of dialogs stay as they are: there Enter, Esc, Tab and arrows do everything.

use super::actions::{ACTIONS, Action, Id, Scope};
use super::keys::Key;
use std::collections::BTreeMap;

/// A wish of the settings: an action by its name, and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The line of the settings, from 1.
    pub line: usize,
    /// The action's name, such as `load-all`.
    pub action: String,
    /// Its keys as people write them: `A`, `Ctrl+P`, `F5`, `Enter`. None takes its keys away.
    pub keys: Vec<String>,
}

/// The keys that were changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    changed: BTreeMap<&'static str, Vec<Key>>,
}

/// The name of an action in the settings: its name in the program in small letters, `load-all`.
pub fn name(id: Id) -> String {
    let mut name = String::new();
    for c in format!("{id:?}").chars() {
        if (c.is_uppercase() || c.is_ascii_digit()) && !name.is_empty() {
            name.push('-');
        }
        name.extend(c.to_lowercase());
    }
    name
}

/// Whether an action can have other keys: those of places and of everywhere, but not the two that
/// always lead out.
pub fn can_change(action: &Action) -> bool {
    !matches!(action.id, Id::Back | Id::Interrupt) && action.scopes.iter().any(|s| !s.is_modal())
}

/// A key as people write it: `a`, `Ctrl+P`, `F5`, `PgDn`, `Shift+Tab`.
fn read_key(text: &str) -> Option<Key> {
    let text = text.trim();
    let one = |text: &str| Key::parse_one(text).filter(|(_, rest)| rest.is_empty()).map(|(key, _)| key);
    if text.chars().count() == 1 {
        return text.chars().next().map(Key::char);
    }
    if let Some(letter) = text.strip_prefix("Ctrl+").or_else(|| text.strip_prefix("ctrl+")) {
        return one(&format!("<C-{}>", letter.to_lowercase())).filter(|_| letter.chars().count() == 1);
    }
    let named = match text {
        "Backspace" => "<BS>".to_owned(),
        "Shift+Tab" => "<S-Tab>".to_owned(),
        _ => format!("<{text}>"),
    };
    one(&named).or_else(|| one(text))
}

/// Keys that must keep their meaning: they always lead out.
fn is_fixed(key: Key) -> bool {
    key == Key::plain(super::keys::Code::Esc) || key == Key::ctrl('c') || key == Key::ctrl('q')
}

impl Keymap {
    /// Takes the wishes of the settings. What cannot be is left out, and told with its line.
    pub fn new(wishes: &[Wish]) -> (Self, Vec<(usize, String)>) {
        let mut problems = Vec::new();
        let mut taken: Vec<(&Wish, &'static Action, Vec<Key>)> = Vec::new();
        for wish in wishes {
            match read(wish) {
                Ok((action, keys)) => taken.push((wish, action, keys)),
                Err(what) => problems.push((wish.line, what)),
            }
        }
        // A wish that is left out brings keys back that may clash with another one.
        loop {
            let map = Self { changed: taken.iter().map(|(_, a, k)| (a.title, k.clone())).collect() };
            let clash = taken.iter().enumerate().find_map(|(at, (wish, action, keys))| {
                let clash = keys.iter().find_map(|key| Some((*key, map.other(action, *key)?)));
                clash.map(|(key, other)| (at, wish.line, key, other))
            });
            let Some((at, line, key, other)) = clash else {
                problems.sort();
                return (map, problems);
            };
            let action = taken.remove(at).0.action.clone();
            problems.push((
                line,
                format!(
                    "'{action}' cannot have the key {key}: it is '{}' ({}). Its own key stays.",
                    name(other.id),
                    other.title
                ),
            ));
        }
    }

    /// Another action that this key does in a place of this one.
    fn other(&self, action: &Action, key: Key) -> Option<&'static Action> {
        let meets = |other: &&Action| {
            let global = |a: &Action| a.scopes.contains(&Scope::Global);
            other.title != action.title
                && other.scopes.iter().any(|s| !s.is_modal())
                && (global(action) || global(other) || action.scopes.iter().any(|s| other.scopes.contains(s)))
        };
        ACTIONS.iter().filter(meets).find(|other| self.has(other, key))
    }

    /// The keys of an action.
    pub fn keys(&self, action: &Action) -> Vec<Key> {
        match self.changed.get(action.title).filter(|_| can_change(action)) {
            Some(keys) => keys.clone(),
            None => action.default_keys().collect(),
        }
    }

    /// Whether this key does the action.
    pub fn has(&self, action: &Action, key: Key) -> bool {
        match self.changed.get(action.title).filter(|_| can_change(action)) {
            Some(keys) => keys.contains(&key),
            None => action.default_keys().any(|own| own == key),
        }
    }

    /// The key as hints show it; none for an action without a key.
    pub fn shown(&self, action: &Action) -> Option<String> {
        let fixed = action.shown_key.filter(|_| !self.changed.contains_key(action.title));
        fixed.map(str::to_owned).or_else(|| self.keys(action).first().map(Key::to_string))
    }

    /// All keys of an action in words: `Up, k`.
    pub fn words(&self, action: &Action) -> String {
        self.keys(action).iter().map(Key::to_string).collect::<Vec<_>>().join(", ")
    }

    /// A sentence with the keys that actions have: `{reload}  tries again` becomes `r  tries again`.
    pub fn say(&self, text: &str) -> String {
        let mut said = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, tail)) = rest.split_once('{') {
            let Some((word, after)) = tail.split_once('}') else { break };
            let Some(action) = ACTIONS.iter().find(|a| can_change(a) && name(a.id) == word) else { break };
            said.push_str(before);
            said.push_str(&self.shown(action).unwrap_or_else(|| format!("\"{}\"", action.title)));
            rest = after;
        }
        said + rest
    }
}

/// The action and the keys of a wish, or what is wrong with it.
fn read(wish: &Wish) -> Result<(&'static Action, Vec<Key>), String> {
    let Some(action) = ACTIONS.iter().find(|a| can_change(a) && name(a.id) == wish.action) else {
        return Err(format!("there is no action '{}'. 'capscope help keys' lists their names.", wish.action));
    };
    let mut keys = Vec::new();
    for text in &wish.keys {
        match read_key(text) {
            None => return Err(format!("'{text}' is no key. Keys are written A, Ctrl+P, F5, Enter, PgDn.")),
            Some(key) if is_fixed(key) => {
                return Err(format!("{key} always leads out and cannot be '{}'.", wish.action));
            }
            Some(key) => keys.push(key),
        }
    }
    Ok((action, keys))
}

#[cfg(test)]
mod tests;
