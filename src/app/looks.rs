//! The colours of the screen by name, and choosing them while the program runs.

use super::cursor::Cursor;
use super::dialog::Dialog;
use super::model::{Level, Model};
use super::picker::{About, Picker};

/// The colours of the screen. None of them sets a background, so each is made for dark or for
/// light terminals, or uses only what the terminal itself makes readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeKind {
    /// The terminal's own sixteen colours, where its background is not known.
    #[default]
    Auto,
    /// For dark terminals.
    Dark,
    /// For light terminals.
    Light,
    /// No colour at all.
    Mono,
    /// Bold and bright, for dark terminals.
    HighContrast,
    /// Bold and deep, for light terminals.
    HighContrastLight,
    /// Blue, yellow and orange, for dark terminals.
    ColourBlind,
    /// Blue, ochre and brown, for light terminals.
    ColourBlindLight,
}

impl ThemeKind {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 8] = [
        Self::Auto,
        Self::Dark,
        Self::Light,
        Self::ColourBlind,
        Self::ColourBlindLight,
        Self::HighContrast,
        Self::HighContrastLight,
        Self::Mono,
    ];

    /// The word for it, in the settings and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
            Self::HighContrast => "high-contrast",
            Self::HighContrastLight => "high-contrast-light",
            Self::ColourBlind => "colour-blind",
            Self::ColourBlindLight => "colour-blind-light",
        }
    }

    /// What it is for.
    pub fn help(self) -> &'static str {
        match self {
            Self::Auto => "the terminal's own sixteen",
            Self::Dark => "for dark terminals",
            Self::Light => "for light terminals",
            Self::Mono => "no colour at all",
            Self::HighContrast => "for dark terminals",
            Self::HighContrastLight => "for light terminals",
            Self::ColourBlind => "blue, yellow, orange; dark terminals",
            Self::ColourBlindLight => "blue, ochre, brown; light terminals",
        }
    }

    /// The theme with this word. American spelling is read too.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.replace("color", "colour");
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What `auto` means on a terminal that tells its colours in `COLORFGBG`, as a few do: the
    /// number of its background among the sixteen, last. Anything else says nothing.
    pub fn guess(colorfgbg: Option<&str>) -> Self {
        let background = colorfgbg.and_then(|v| v.rsplit(';').next()).and_then(|n| n.parse::<u8>().ok());
        match background {
            Some(7 | 9..=15) => Self::Light,
            Some(0..=6 | 8) => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// Opens the list of themes. The one under the cursor is shown at once.
pub fn choose(model: &mut Model) {
    let now = model.options.theme;
    let items = ThemeKind::ALL.iter().map(|kind| (kind.word().to_owned(), kind.help().to_owned())).collect();
    let at = ThemeKind::ALL.iter().position(|kind| *kind == now).unwrap_or_default();
    model.dialog = Some(Dialog::Pick(Box::new(Picker {
        title: "Colours".into(),
        help: "The screen shows each as you go through them. Esc leaves them as they were.",
        items,
        ticked: None,
        search: tui_input::Input::default(),
        cursor: Cursor { at, top: 0 },
        about: About::Colours { before: now },
    })));
}

/// Shows the theme under the cursor of the list.
pub fn preview(model: &mut Model, picker: &Picker) {
    if let Some(kind) = picker.found().get(picker.cursor.at).and_then(|at| ThemeKind::ALL.get(*at)) {
        model.options.theme = *kind;
    }
}

/// Takes a theme until capscope ends, and says how it is kept.
pub fn take(model: &mut Model, kind: ThemeKind) {
    model.options.theme = kind;
    let word = kind.word();
    model.notify(Level::Done, format!("Until you quit. The setting  theme = \"{word}\"  keeps it."));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    #[test]
    fn a_background_is_guessed_only_from_what_the_terminal_says() {
        let guess = ThemeKind::guess;
        assert_eq!(guess(Some("15;0")), ThemeKind::Dark);
        assert_eq!(guess(Some("0;15")), ThemeKind::Light);
        assert_eq!(guess(Some("0;default;7")), ThemeKind::Light);
        assert_eq!(guess(Some("default;default")), ThemeKind::Auto);
        assert_eq!(guess(Some("")), ThemeKind::Auto);
        assert_eq!(guess(None), ThemeKind::Auto);
    }

    #[test]
    fn every_theme_is_found_by_its_word() {
        for kind in ThemeKind::ALL {
            assert_eq!(ThemeKind::from_word(kind.word()).unwrap(), kind);
        }
        assert_eq!(ThemeKind::from_word("color-blind"), Some(ThemeKind::ColourBlind));
        assert_eq!(ThemeKind::from_word("pink"), None);
    }
}
