//! A question. The safe button has the focus.

use super::centered;
use crate::app::dialog::Confirm;
use crate::app::model::Hit;
use crate::ui::canvas::Canvas;
use crate::ui::text::wrap;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, confirm: &Confirm) {
    let theme = canvas.theme;
    let width = 60.min(area.width);
    let text = wrap(&canvas.model.options.keys.say(&confirm.text), usize::from(width).saturating_sub(6));
    let area = centered(area, width, text.len() as u16 + 6);
    canvas.clear(area);
    let frame = canvas.frame(area, true, &confirm.question, "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    for (i, line) in text.iter().enumerate() {
        canvas.text(inner.x, inner.y + 1 + i as u16, inner.width, line, Style::new());
    }
    let y = inner.y + text.len() as u16 + 2;
    let mut x = inner.x + 6;
    for (row, text, focused, key) in
        [(0, confirm.yes, confirm.on_yes, "y"), (1, confirm.no, !confirm.on_yes, "Esc")]
    {
        let label = format!("[ {text} ]  {key}");
        let style = if focused { theme.selection } else { Style::new() };
        canvas.line(x, y, label.len() as u16, &Line::styled(label.clone(), style));
        canvas.hit(Rect { x, y, width: label.len() as u16, height: 1 }, Hit::DialogRow(row));
        x += label.len() as u16 + 4;
    }
}
