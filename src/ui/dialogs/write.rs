//! The question before something is changed.

use super::centered;
use crate::app::playground::consent::{BackupState, Part, WriteDialog};
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::text::{cut, wrap};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &WriteDialog) {
    let theme = canvas.theme;
    let area = centered(area, 76, 19);
    canvas.clear(area);
    let frame = canvas.frame(area, true, "Before anything is changed", "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    let width = usize::from(inner.width);
    let method = dialog.form.method;
    let mut lines = vec![Line::default()];
    let production = if dialog.production { "  [PRODUCTION]" } else { "" };
    lines.push(Line::from(vec![
        Span::styled(format!("{} ", method.title), theme.title),
        Span::styled(dialog.verb(), theme.bad),
    ]));
    let project = cut(&one_line(&dialog.project), width.saturating_sub(16));
    lines.push(Line::from(vec![Span::raw(project), Span::styled(production, theme.warning)]));
    lines.push(Line::default());
    lines.extend(wrap(method.danger, width).into_iter().map(|l| Line::styled(l, theme.warning)));
    let summary = dialog.form.request().summary();
    if !summary.is_empty() {
        lines.push(Line::raw(cut(&format!("Asked for: {}", one_line(&summary)), width)));
    }
    lines.push(Line::default());
    let mark = |part: Part| if dialog.part == part { "> " } else { "  " };
    let focus = |part: Part| if dialog.part == part { theme.focus } else { Style::new() };
    if let Some((request, path)) = &dialog.backup {
        let (text, style) = match &dialog.state {
            BackupState::None => ("[ Save a backup first ]".to_owned(), focus(Part::Backup)),
            BackupState::Running => ("Writing the backup...".to_owned(), theme.warning),
            BackupState::Done(path) => (format!("The backup is in {}", path.display()), theme.good),
            BackupState::Failed(why) => (format!("No backup: {}", one_line(why)), theme.bad),
        };
        lines.push(Line::styled(cut(&format!("{}{text}", mark(Part::Backup)), width), style));
        let about = format!("{}, identifiers readable, into {}", request.method().title, path.display());
        for line in wrap(&about, width.saturating_sub(4)) {
            lines.push(Line::styled(format!("    {line}"), theme.muted));
        }
        lines.push(Line::default());
    }
    let ask = if dialog.number == 0 {
        "Type yes to send it: ".to_owned()
    } else {
        format!("Type the project's number, {}, to send it: ", dialog.number)
    };
    let caret = if dialog.part == Part::Number { "_" } else { "" };
    lines.push(Line::from(vec![
        Span::styled(format!("{}{ask}", mark(Part::Number)), theme.title),
        Span::raw(format!("{}{caret}", one_line(dialog.typed.value()))),
    ]));
    lines.push(Line::styled(cut(&format!("  {}", dialog.complaint), width), theme.bad));
    lines.push(Line::styled(format!("{}[ Cancel ]", mark(Part::Cancel)), focus(Part::Cancel)));
    for (i, line) in lines.iter().enumerate() {
        let y = inner.y + i as u16;
        if y < inner.bottom() {
            canvas.line(inner.x, y, inner.width, line);
        }
    }
}
