//! The dialog that writes rows to a file.

use super::centered;
use crate::app::export_dialog::{ExportDialog, Part, What};
use crate::app::model::Hit;
use crate::app::running::grouped;
use crate::domain::text::one_line;
use crate::ui::canvas::Canvas;
use crate::ui::text::{fit, wrap};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, dialog: &ExportDialog) {
    let theme = canvas.theme;
    let area = centered(area, 76, 16);
    canvas.clear(area);
    let frame = canvas.frame(area, true, "Export", "");
    let inner = Rect { x: frame.x + 2, width: frame.width.saturating_sub(4), ..frame };
    let (rows, columns) = dialog.shown;
    let label = |text: &str, part: Part| {
        let focused = part == dialog.part;
        let mark = if focused { ">" } else { " " };
        Span::styled(fit(&format!("{mark} {text}"), 12), if focused { theme.focus } else { theme.title })
    };
    let form = canvas.model.open.as_ref().and_then(|o| o.records.form.clone()).unwrap_or_default();
    let what = match dialog.what {
        What::Shown => format!("what is shown: {} rows, {columns} columns", grouped(rows as u64)),
        What::Findings => format!("{} findings of data quality", grouped(rows as u64)),
        What::Instrument => format!("all records of {form}, read from the server"),
        What::Project => "all records of all instruments, read from the server".to_owned(),
    };
    let personal = match (dialog.n_identifiers(), dialog.identifiers) {
        (0, _) => "no field here is marked as an identifier".to_owned(),
        (n, false) => format!("[ ] {n} identifiers are left out (Space: include)"),
        (n, true) => format!("[x] {n} identifiers are written, READABLE"),
    };
    let width = usize::from(inner.width).saturating_sub(16);
    let caret = if dialog.part == Part::File { "_" } else { "" };
    let name = format!("{}{caret}", one_line(dialog.file.value()));
    let style = if dialog.identifiers && dialog.n_identifiers() > 0 { theme.bad } else { Style::new() };
    let choice = |text: &str, part: Part| {
        let text = if part == dialog.part { format!("< {text} >") } else { text.to_owned() };
        Span::raw(text)
    };
    let unmarked = match dialog.unmarked() {
        "" => Vec::new(),
        fields => wrap(&format!("not marked, may identify, written: {fields}"), width),
    };
    let mut lines = vec![
        Line::default(),
        Line::from(vec![label("Rows", Part::What), choice(&what, Part::What)]),
        Line::from(vec![label("Values", Part::Values), choice(dialog.values.name(), Part::Values)]),
        Line::from(vec![label("Format", Part::Format), choice(dialog.format.words(), Part::Format)]),
        Line::from(vec![label("Personal", Part::Identifiers), Span::styled(personal, style)]),
    ];
    lines.extend(unmarked.into_iter().map(|l| Line::styled(format!("{:12}{l}", ""), theme.warning)));
    lines.extend([
        Line::from(vec![label("File", Part::File), Span::raw(format!("[ {} ]", fit(&name, width)))]),
        Line::default(),
        Line::styled("  The file is readable by you only, appears when complete,", theme.muted),
        Line::styled("  and never replaces another.", theme.muted),
    ]);
    for (i, line) in lines.iter().enumerate() {
        let y = inner.y + i as u16;
        if y < inner.bottom() {
            canvas.line(inner.x, y, inner.width, line);
        }
    }
    let y = inner.y + lines.len() as u16 + 1;
    if y >= inner.bottom() {
        return;
    }
    let mut x = inner.x + 12;
    for (row, part, text) in [(0, Part::Write, "[ Write ]"), (1, Part::Cancel, "[ Cancel ]")] {
        let style = if dialog.part == part { theme.selection } else { Style::new() };
        canvas.line(x, y, text.len() as u16, &Line::styled(text, style));
        canvas.hit(Rect { x, y, width: text.len() as u16, height: 1 }, Hit::DialogRow(row));
        x += text.len() as u16 + 4;
    }
}
