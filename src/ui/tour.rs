//! The tour's box above the status line: for whom, which question, and which key is next.

use super::canvas::Canvas;
use super::text::{cut, wrap};
use crate::app::model::Hit;
use crate::app::{actions, tour};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// How many rows it takes.
pub const HEIGHT: u16 = 5;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let Some(at) = canvas.model.tour else { return };
    let theme = canvas.theme;
    let keys = &canvas.model.options.keys;
    let step = at.now();
    let title = format!("Tour, step {} of {}   {}", at.step + 1, tour::STEPS.len(), step.title);
    let inner = canvas.frame(area, true, &title, "");
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let text = if at.done { keys.say(step.seen) } else { step.question.to_owned() };
    let lines = wrap(&text, inner.width.into());
    for (i, line) in lines.iter().take(2).enumerate() {
        canvas.text(inner.x, inner.y + i as u16, inner.width, line, Style::new());
    }
    let advice = keys.say(&tour::advice(canvas.model));
    let mark = if at.done { "Done. " } else { "Next: " };
    let style = if at.done { theme.good } else { theme.title };
    let line = Line::from(vec![
        Span::styled(mark, style),
        Span::styled(cut(&advice, usize::from(inner.width).saturating_sub(mark.len())), theme.key),
    ]);
    canvas.line(inner.x, inner.bottom() - 1, inner.width, &line);
    // The two ways on lie in the frame, each to be clicked.
    let mut right = area.right().saturating_sub(2);
    let scope = actions::scope(canvas.model);
    for (id, what) in [(actions::Id::Tour, "ends the tour"), (actions::Id::TourNext, "next step")] {
        let name = crate::app::keymap::name(id);
        // Here the key may mean something else, or be a letter that is typed.
        let own = actions::find(id).map(|a| keys.keys(a)).unwrap_or_default();
        let works =
            own.first().is_some_and(|key| actions::lookup(keys, scope, *key).is_some_and(|a| a.id == id));
        let text = match (works, id) {
            (true, _) => format!(" {} ", keys.say(&format!("{{{name}}} {what}"))),
            (false, actions::Id::Tour) if !scope.is_modal() => {
                format!(" {} ", keys.say("{palette}, then tour: ends it"))
            }
            _ => continue,
        };
        let width = text.width() as u16;
        right = right.saturating_sub(width + 1);
        let place = Rect { x: right, y: area.bottom() - 1, width, height: 1 };
        canvas.text(place.x, place.y, width, &text, theme.key);
        canvas.hit(place, Hit::Action(id));
    }
}
