//! Styles by role. Sixteen ANSI colours, default foreground, never a background.

use crate::app::model::ThemeKind;
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
            ThemeKind::HighContrast => Self {
                muted: plain,
                title: bold,
                focus: bold.fg(Color::LightYellow),
                selection: selection.add_modifier(Modifier::BOLD),
                good: bold.fg(Color::LightGreen),
                warning: bold.fg(Color::LightYellow),
                bad: bold.fg(Color::LightRed),
                masked: bold,
                key: bold.fg(Color::LightYellow),
            },
        }
    }
}
