//! Styles by role: default background always, default foreground for plain text.
//!
//! `auto` uses the terminal's own sixteen colours, whose values nobody knows here. All other
//! themes use numbers of the 256-colour cube, which mean the same on every terminal, so that a
//! test can compute their contrast.

use crate::app::looks::ThemeKind;
use ratatui::style::{Color, Modifier, Style};

/// The styles of the screen by what they mean.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Less important text.
    pub muted: Style,
    /// Titles and headings.
    pub title: Style,
    /// The border of the pane with the focus.
    pub focus: Style,
    /// The row under the cursor in the pane with the focus.
    pub selection: Style,
    /// Complete, allowed, connected.
    pub good: Style,
    /// Look at this.
    pub warning: Style,
    /// Failed, refused.
    pub bad: Style,
    /// A masked value.
    pub masked: Style,
    /// A key that can be pressed.
    pub key: Style,
}

/// The colours of a theme by their numbers.
struct Palette {
    muted: u8,
    focus: u8,
    good: u8,
    warning: u8,
    bad: u8,
}

const DARK: Palette = Palette { muted: 248, focus: 81, good: 114, warning: 221, bad: 210 };
const LIGHT: Palette = Palette { muted: 240, focus: 25, good: 22, warning: 94, bad: 124 };
// Told apart by people with any of the three kinds of colour blindness: by hue and by brightness.
const COLOUR_BLIND: Palette = Palette { muted: 248, focus: 255, good: 75, warning: 230, bad: 208 };
const COLOUR_BLIND_LIGHT: Palette = Palette { muted: 240, focus: 16, good: 20, warning: 94, bad: 52 };
const STRONG: Palette = Palette { muted: 255, focus: 226, good: 120, warning: 226, bad: 217 };
const STRONG_LIGHT: Palette = Palette { muted: 16, focus: 18, good: 22, warning: 54, bad: 88 };

impl Theme {
    /// The styles of a theme. Selection is reverse video in all of them, because it works on
    /// every background and without colours.
    pub fn of(kind: ThemeKind) -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let selection = plain.add_modifier(Modifier::REVERSED);
        match kind {
            ThemeKind::Auto => Self {
                muted: dim,
                title: bold,
                focus: bold.fg(Color::Cyan),
                selection,
                good: plain.fg(Color::Green),
                warning: plain.fg(Color::Yellow),
                bad: bold.fg(Color::Red),
                masked: dim,
                key: bold.fg(Color::Cyan),
            },
            ThemeKind::Mono => Self {
                muted: plain,
                title: bold,
                focus: bold,
                selection,
                good: plain,
                warning: bold,
                bad: bold,
                masked: plain,
                key: bold,
            },
            ThemeKind::Dark => Self::coloured(&DARK),
            ThemeKind::Light => Self::coloured(&LIGHT),
            ThemeKind::ColourBlind => Self::coloured(&COLOUR_BLIND),
            ThemeKind::ColourBlindLight => Self::coloured(&COLOUR_BLIND_LIGHT),
            ThemeKind::HighContrast => Self::strong(&STRONG),
            ThemeKind::HighContrastLight => Self::strong(&STRONG_LIGHT),
        }
    }

    fn coloured(palette: &Palette) -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let muted = plain.fg(Color::Indexed(palette.muted));
        Self {
            muted,
            title: bold,
            focus: bold.fg(Color::Indexed(palette.focus)),
            selection: plain.add_modifier(Modifier::REVERSED),
            good: plain.fg(Color::Indexed(palette.good)),
            warning: plain.fg(Color::Indexed(palette.warning)),
            bad: bold.fg(Color::Indexed(palette.bad)),
            masked: muted,
            key: bold.fg(Color::Indexed(palette.focus)),
        }
    }

    /// The same, but nothing is muted, and whatever has a meaning is bold.
    fn strong(palette: &Palette) -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let own = Self::coloured(palette);
        Self {
            muted: Style::new(),
            masked: bold,
            selection: own.selection.add_modifier(Modifier::BOLD),
            good: own.good.add_modifier(Modifier::BOLD),
            warning: own.warning.add_modifier(Modifier::BOLD),
            ..own
        }
    }
}

#[cfg(test)]
mod tests;
