//! The locked screen: nothing of a project is on it.

use super::canvas::Canvas;
use crate::app::lock::Locked;
use crate::app::running::Slot;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Draws it over the whole screen.
pub fn draw(canvas: &mut Canvas, area: Rect, locked: &Locked) {
    let theme = canvas.theme;
    let asking = canvas.model.jobs.get(Slot::Unlock).is_some();
    let minutes = canvas.model.options.lock_after.map_or(0, |d| d.as_mins());
    let why =
        format!("Nobody touched capscope for {minutes} minutes. What it showed was dropped from memory.");
    let what =
        if asking { "Asking the password store..." } else { "Press a key: it asks for the token again." };
    let mut lines = vec![
        ("capscope is locked", theme.title),
        (why.as_str(), Style::new()),
        (what, Style::new()),
        ("q  quits      lock_after_minutes in the settings changes the time, 0 switches it off", theme.muted),
    ];
    if let Some(problem) = &locked.problem {
        lines.insert(1, (problem.title.as_str(), theme.bad));
        lines.insert(2, (problem.what.as_str(), Style::new()));
        lines.insert(3, (problem.advice.as_str(), Style::new()));
    }
    canvas.message(area, &lines);
}
