//! The settings: a TOML file that people write.
//!
//! A wrong line never stops capscope: it is reported with its number, its default is used, and
//! the other lines count.

use super::files::{self, StoreError, line_of};
use super::paths::Paths;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use toml::de::{DeTable, DeValue};

/// The words for the colours of the screen, the default first.
pub const THEMES: [&str; 8] = [
    "auto",
    "dark",
    "light",
    "colour-blind",
    "colour-blind-light",
    "high-contrast",
    "high-contrast-light",
    "mono",
];

/// What a person has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The most requests a minute to one server.
    pub per_minute: u32,
    /// A PEM file with authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Only ASCII signs on the screen.
    pub ascii: bool,
    /// The colours of the screen: one of [`THEMES`].
    pub theme: &'static str,
    /// Nothing on the screen changes by itself.
    pub reduced_motion: bool,
    /// Values of identifier fields are masked at the start.
    pub mask_identifiers: bool,
    /// Users are part of the metadata kept on this computer.
    pub cache_users: bool,
    /// What was asked of servers and written to files is noted in the audit log.
    pub audit_log: bool,
    /// After so many seconds a copied value is overwritten in the clipboard; 0 never.
    pub clear_clipboard_after: u32,
    /// After so many minutes without a key the screen is locked; 0 never.
    pub lock_after_minutes: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for the first or next part of an answer.
    pub idle_timeout: Duration,
    /// Other keys for actions.
    pub keys: Vec<KeyWish>,
}

/// A line of the table `keys`: an action, and the keys it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWish {
    /// The line, from 1.
    pub line: usize,
    /// The action's name.
    pub action: String,
    /// Its keys as they were written.
    pub keys: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            per_minute: 60,
            ca_file: None,
            mouse: true,
            ascii: false,
            theme: THEMES[0],
            reduced_motion: false,
            mask_identifiers: true,
            cache_users: false,
            audit_log: true,
            clear_clipboard_after: 45,
            lock_after_minutes: 5,
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(300),
            keys: Vec::new(),
        }
    }
}

/// A settings file with every setting, its meaning and its default. The guide shows it; people take
/// lines from there, so that a file holds only what somebody wanted.
pub const TEMPLATE: &str = "\
# The settings of capscope. Remove the # before a line to change it.

# The most requests a minute to one server, from 2 to 240.
# REDCap bans an address that sends too many.
# per_minute = 60

# A PEM file with certificates of authorities to trust besides the system's.
# ca_file = \"/path/to/ca.pem\"

# How many seconds to wait for a connection, and for the next part of an answer.
# connect_timeout = 15
# idle_timeout = 300

# Whether the mouse is used.
# mouse = true

# Only ASCII signs on the screen.
# ascii = false

# Colours: \"auto\", \"dark\", \"light\", \"colour-blind\", \"colour-blind-light\", \"high-contrast\",
# \"high-contrast-light\" or \"mono\". NO_COLOR in the environment goes before this.
# theme = \"auto\"

# Nothing on the screen changes by itself: no clock beside a running job, and what is said stays
# until a key is pressed.
# reduced_motion = false

# Mask the values of fields marked as identifiers at the start.
# mask_identifiers = true

# After how many minutes without a key the screen is locked and what it showed is dropped, from
# 1 to 240. 0 switches that off.
# lock_after_minutes = 5

# After how many seconds the clipboard is overwritten when a value was copied, from 5 to 600.
# Whatever is in it by then goes: a terminal does not tell. 0 switches that off.
# clear_clipboard_after = 45

# Keep an audit log on this computer: what was asked of servers and written to files, with counts
# and hashes, without values. `capscope audit` shows it.
# audit_log = true

# Keep the project's users in the metadata on this computer.
# cache_users = false

# Other keys for actions: the action's name, and a key or several. `capscope help keys` lists the
# names.
# [keys]
# reload = \"F6\"
# load-all = [\"A\", \"Ctrl+A\"]
";

/// A line of the settings that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, as a sentence.
    pub what: String,
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings.toml, line {}: {}", self.line, self.what)
    }
}

/// The settings and the lines that could not be used. No file means the defaults.
pub fn load(paths: &Paths) -> Result<(Settings, Vec<SettingProblem>), StoreError> {
    match files::read_text(&paths.settings_file())? {
        None => Ok((Settings::default(), Vec::new())),
        Some(text) => Ok(parse(&text)),
    }
}

/// Reads settings from their text.
pub fn parse(text: &str) -> (Settings, Vec<SettingProblem>) {
    let mut settings = Settings::default();
    let mut problems = Vec::new();
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(e) => {
            let line = e.span().map_or(1, |s| line_of(text, s.start));
            let what = format!("{}. No setting of the file is used.", e.message().replace('\n', " "));
            return (settings, vec![SettingProblem { line, what }]);
        }
    };
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        if name == "keys" {
            key_wishes(text, value.get_ref(), line_of(text, key.span().start), &mut settings, &mut problems);
            continue;
        }
        if let Err(expected) = settings.set(name, value.get_ref()) {
            let what = match expected {
                Some(expected) => format!("'{name}' must be {expected}. The default is used."),
                None => format!("there is no setting '{name}'."),
            };
            problems.push(SettingProblem { line: line_of(text, key.span().start), what });
        }
    }
    problems.sort_by_key(|p| p.line);
    (settings, problems)
}

/// Reads the table `keys`. What the names and keys mean is not known here.
fn key_wishes(
    text: &str,
    value: &DeValue<'_>,
    line: usize,
    settings: &mut Settings,
    problems: &mut Vec<SettingProblem>,
) {
    let DeValue::Table(table) = value else {
        let what = "'keys' must be a table: [keys], and below it lines such as  reload = \"F6\".".to_owned();
        return problems.push(SettingProblem { line, what });
    };
    for (name, value) in table {
        let line = line_of(text, name.span().start);
        let action = name.get_ref().to_string();
        let keys: Option<Vec<String>> = match value.get_ref() {
            DeValue::String(key) => Some(vec![key.to_string()]),
            DeValue::Array(list) => list
                .iter()
                .map(
                    |key| if let DeValue::String(key) = key.get_ref() { Some(key.to_string()) } else { None },
                )
                .collect(),
            _ => None,
        };
        match keys {
            Some(keys) => settings.keys.push(KeyWish { line, action, keys }),
            None => {
                let what = format!("'{action}' must be a key in quotes, or several in brackets.");
                problems.push(SettingProblem { line, what });
            }
        }
    }
    settings.keys.sort_by_key(|wish| wish.line);
}

impl Settings {
    /// Sets one setting. The error is what was expected, or `None` for an unknown name.
    fn set(&mut self, name: &str, value: &DeValue<'_>) -> Result<(), Option<&'static str>> {
        let on = || match value {
            DeValue::Boolean(on) => Ok(*on),
            _ => Err(Some("true or false")),
        };
        let number = |from: u64, to: u64, expected| match value {
            DeValue::Integer(n) => u64::from_str_radix(&n.as_str().replace('_', ""), n.radix())
                .ok()
                .filter(|n| (from..=to).contains(n))
                .ok_or(Some(expected)),
            _ => Err(Some(expected)),
        };
        let seconds = || number(1, 3600, "a number of seconds from 1 to 3600").map(Duration::from_secs);
        match name {
            "per_minute" => {
                let n = number(2, 240, "a number from 2 to 240")?;
                self.per_minute = u32::try_from(n).unwrap_or(self.per_minute);
            }
            "ca_file" => match value {
                DeValue::String(path) if !path.trim().is_empty() => {
                    self.ca_file = Some(PathBuf::from(path.as_ref()));
                }
                _ => return Err(Some("the path of a file, in quotes")),
            },
            "mouse" => self.mouse = on()?,
            "ascii" => self.ascii = on()?,
            "theme" => {
                let word = match value {
                    DeValue::String(word) => word.replace("color", "colour"),
                    _ => String::new(),
                };
                self.theme = THEMES
                    .into_iter()
                    .find(|theme| *theme == word)
                    .ok_or(Some("one of auto, dark, light, colour-blind, colour-blind-light, high-contrast, high-contrast-light, mono, in quotes"))?;
            }
            "reduced_motion" => self.reduced_motion = on()?,
            "mask_identifiers" => self.mask_identifiers = on()?,
            "clear_clipboard_after" => {
                const EXPECTED: &str = "0 or a number of seconds from 5 to 600";
                let n = number(0, 600, EXPECTED)?;
                if (1..5).contains(&n) {
                    return Err(Some(EXPECTED));
                }
                self.clear_clipboard_after = u32::try_from(n).unwrap_or(self.clear_clipboard_after);
            }
            "audit_log" => self.audit_log = on()?,
            "cache_users" => self.cache_users = on()?,
            "lock_after_minutes" => {
                let n = number(0, 240, "a number of minutes from 0 to 240")?;
                self.lock_after_minutes = u32::try_from(n).unwrap_or(self.lock_after_minutes);
            }
            "connect_timeout" => self.connect_timeout = seconds()?,
            "idle_timeout" => self.idle_timeout = seconds()?,
            _ => return Err(None),
        }
        Ok(())
    }
}
