//! Keys as the app knows them: free of any terminal library, and writable as text in tests.

use std::fmt;

/// What was pressed, without modifiers. A shifted letter is its capital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A character as typed.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift+Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

/// A key press: a code, perhaps with Ctrl.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// What was pressed.
    pub code: Code,
    /// Ctrl was held.
    pub ctrl: bool,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false }
    }

    /// A character without modifiers.
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// Ctrl and a letter.
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true }
    }

    /// Reads one key from text: a character, or a name in angle brackets such as `<Enter>`,
    /// `<PgDn>`, `<C-p>`, `<F5>`, `<Space>`, `<lt>`. Returns it with the rest of the text.
    pub fn parse_one(text: &str) -> Option<(Self, &str)> {
        if let Some(tail) = text.strip_prefix('<')
            && let Some((name, rest)) = tail.split_once('>')
        {
            return Some((Self::named(name)?, rest));
        }
        let c = text.chars().next()?;
        Some((Self::char(c), text.get(c.len_utf8()..).unwrap_or_default()))
    }

    /// Reads a run of keys, such as `3/age<Enter>`; blanks are keys too. `None` if a name is unknown.
    pub fn parse_all(mut text: &str) -> Option<Vec<Self>> {
        let mut keys = Vec::new();
        while !text.is_empty() {
            let (key, rest) = Self::parse_one(text)?;
            keys.push(key);
            text = rest;
        }
        Some(keys)
    }

    fn named(name: &str) -> Option<Self> {
        if let Some(letter) = name.strip_prefix("C-") {
            return letter.chars().next().map(Self::ctrl);
        }
        if let Some(n) = name.strip_prefix('F').and_then(|n| n.parse().ok()) {
            return Some(Self::plain(Code::F(n)));
        }
        Some(Self::plain(match name {
            "Enter" => Code::Enter,
            "Esc" => Code::Esc,
            "Tab" => Code::Tab,
            "S-Tab" => Code::BackTab,
            "BS" => Code::Backspace,
            "Del" => Code::Delete,
            "Up" => Code::Up,
            "Down" => Code::Down,
            "Left" => Code::Left,
            "Right" => Code::Right,
            "Home" => Code::Home,
            "End" => Code::End,
            "PgUp" => Code::PageUp,
            "PgDn" => Code::PageDown,
            "Space" => Code::Char(' '),
            "lt" => Code::Char('<'),
            "gt" => Code::Char('>'),
            _ => return None,
        }))
    }
}

impl fmt::Display for Key {
    /// The key as hints and help show it: `Ctrl+P`, `PgDn`, `a`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl+")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "F{n}"),
            Code::Enter => f.write_str("Enter"),
            Code::Esc => f.write_str("Esc"),
            Code::Tab => f.write_str("Tab"),
            Code::BackTab => f.write_str("Shift+Tab"),
            Code::Backspace => f.write_str("Backspace"),
            Code::Delete => f.write_str("Del"),
            Code::Up => f.write_str("Up"),
            Code::Down => f.write_str("Down"),
            Code::Left => f.write_str("Left"),
            Code::Right => f.write_str("Right"),
            Code::Home => f.write_str("Home"),
            Code::End => f.write_str("End"),
            Code::PageUp => f.write_str("PgUp"),
            Code::PageDown => f.write_str("PgDn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_strings_are_read_key_by_key() {
        let keys = Key::parse_all("3/a<Enter><C-p><lt><F5><S-Tab>").unwrap();
        let shown: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["3", "/", "a", "Enter", "Ctrl+P", "<", "F5", "Shift+Tab"]);
        assert_eq!(Key::parse_all("<Nothing>"), None);
        assert_eq!(Key::parse_all("<").unwrap(), [Key::char('<')]);
    }
}
