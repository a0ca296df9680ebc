//! What every drawing needs: the buffer, the model, the styles, and a note of what went where.

use super::text::{cut, fit, wrap};
use super::theme::Theme;
use crate::app::Model;
use crate::app::model::{Area, Hit, Painted, Pane};
use crate::domain::text::is_unsafe;
use crate::jobs::Problem;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};
use unicode_width::UnicodeWidthStr;

/// The drawing in progress.
pub struct Canvas<'a> {
    /// What is drawn.
    pub model: &'a Model,
    /// The styles.
    pub theme: Theme,
    buffer: &'a mut Buffer,
    painted: Painted,
}

/// A row of a list: its text, and a style that a cursor may cover.
pub type Row = Line<'static>;

impl<'a> Canvas<'a> {
    /// A canvas over the whole buffer.
    pub fn new(model: &'a Model, buffer: &'a mut Buffer) -> Self {
        Self { model, theme: Theme::of(model.options.theme), buffer, painted: Painted::default() }
    }

    /// Ends the drawing: takes out what must not reach a terminal, whoever drew it, and replaces
    /// what plain ASCII cannot show, if that was asked for.
    pub fn finish(self) -> Painted {
        for cell in &mut self.buffer.content {
            if cell.symbol().len() > 1 && cell.symbol().contains(is_unsafe) {
                let safe: String = cell.symbol().chars().filter(|c| !is_unsafe(*c)).collect();
                cell.set_symbol(if safe.is_empty() { " " } else { &safe });
            }
        }
        if self.model.options.ascii {
            for cell in &mut self.buffer.content {
                if let Some(plain) = ascii(cell.symbol()) {
                    cell.set_symbol(plain);
                }
            }
        }
        self.painted
    }

    /// Notes that a click on this area means this.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        let area = Area { x: area.x, y: area.y, width: area.width, height: area.height };
        self.painted.hits.push((area, hit));
    }

    /// Notes how many scrolling columns of the record table fit.
    pub fn note_columns(&mut self, n: usize) {
        self.painted.columns = n;
    }

    /// Notes how wide a column of the record table is.
    pub fn note_width(&mut self, column: &str, width: usize) {
        self.painted.widths.push((column.to_owned(), width.try_into().unwrap_or(u16::MAX)));
    }

    /// Notes how many rows of the dialog fit.
    pub fn note_dialog_page(&mut self, n: usize) {
        self.painted.dialog_page = n;
    }

    /// Notes how many lines the dialog has in all.
    pub fn note_dialog_lines(&mut self, n: usize) {
        self.painted.dialog_lines = n;
    }

    /// Notes how many rows of a pane fit.
    pub fn note_page(&mut self, pane: Pane, n: usize) {
        self.painted.pages.retain(|(p, _)| *p != pane);
        self.painted.pages.push((pane, n));
    }

    /// Draws one line of text, cut to the width.
    pub fn text(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) {
        let line = Line::styled(cut(text, width.into()), style);
        self.line(x, y, width, &line);
    }

    /// Draws one styled line, cut to the width.
    pub fn line(&mut self, x: u16, y: u16, width: u16, line: &Line) {
        let area = self.buffer.area;
        if y < area.bottom() && x < area.right() {
            self.buffer.set_line(x, y, line, width.min(area.right() - x));
        }
    }

    /// Draws one line at the right end of the width.
    pub fn line_right(&mut self, x: u16, y: u16, width: u16, line: &Line) {
        let own = (line.width() as u16).min(width);
        self.line(x + width - own, y, own, line);
    }

    /// Empties an area.
    pub fn clear(&mut self, area: Rect) {
        Clear.render(area.intersection(self.buffer.area), self.buffer);
    }

    /// Draws the frame of a pane and returns the room inside it. The pane with the focus has a
    /// heavy border, so that focus shows without colour.
    pub fn pane(&mut self, area: Rect, pane: Pane, title: &str, status: &str) -> Rect {
        let focused = self.model.pane == pane && self.model.dialog.is_none();
        self.hit(area, Hit::Pane(pane));
        self.frame(area, focused, title, status)
    }

    /// Draws a frame with a title at the top and a status at the bottom right.
    pub fn frame(&mut self, area: Rect, focused: bool, title: &str, status: &str) -> Rect {
        let (set, style) =
            if focused { (border::THICK, self.theme.focus) } else { (border::PLAIN, self.theme.muted) };
        let block = Block::bordered().border_set(set).border_style(style);
        let inner = block.inner(area);
        block.render(area.intersection(self.buffer.area), self.buffer);
        let room = area.width.saturating_sub(4);
        if !title.is_empty() && room > 2 {
            let title = format!(" {} ", cut(title, usize::from(room).saturating_sub(2)));
            let style = if focused { self.theme.focus } else { self.theme.title };
            self.text(area.x + 2, area.y, room, &title, style);
        }
        if !status.is_empty() && room > 2 && area.height > 1 {
            let status = format!(" {} ", cut(status, usize::from(room).saturating_sub(2)));
            let line = Line::styled(status, style);
            self.line_right(area.x + 2, area.bottom() - 1, room, &line);
        }
        inner
    }

    /// Draws the rows of a list from `top` on, the one at `cursor` marked, each clickable.
    ///
    /// The mark is a `>` besides the reverse video, so that it shows without either.
    pub fn rows(&mut self, inner: Rect, pane: Pane, top: usize, cursor: Option<usize>, rows: &[Row]) {
        let focused = self.model.pane == pane && self.model.dialog.is_none();
        for (i, row) in rows.iter().take(inner.height.into()).enumerate() {
            let area = Rect { y: inner.y + i as u16, height: 1, ..inner };
            self.row(area, row, cursor == Some(top + i), focused);
            self.hit(area, Hit::Row(pane, top + i));
        }
    }

    /// Draws one row of a list.
    pub fn row(&mut self, area: Rect, row: &Line, chosen: bool, focused: bool) {
        let mut line = Line::from(vec![Span::raw(if chosen { ">" } else { " " })]);
        line.spans.extend(row.spans.iter().cloned());
        line.style = row.style;
        if chosen && focused {
            let text: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
            self.text(area.x, area.y, area.width, &fit(&text, area.width.into()), self.theme.selection);
        } else {
            self.line(area.x, area.y, area.width, &line);
            if line.width() > usize::from(area.width) && area.width > 0 {
                // What is cut says so, as where the cursor is.
                let last = area.right() - 1;
                self.text(last, area.y, 1, "…", line.spans.last().map_or(line.style, |s| s.style));
            }
        }
    }

    /// Draws a text of many lines that scrolls. `top` is the first line; it is kept so that the
    /// text fills the area. Returns the first line drawn and the number of lines.
    pub fn scrolled(&mut self, inner: Rect, pane: Pane, top: usize, lines: &[Line]) -> (usize, usize) {
        let page = usize::from(inner.height);
        let top = top.min(lines.len().saturating_sub(page));
        for (i, line) in lines.iter().skip(top).take(page).enumerate() {
            self.line(inner.x, inner.y + i as u16, inner.width, line);
        }
        self.note_page(pane, page);
        self.painted.lengths.push((pane, lines.len()));
        if top + page < lines.len() {
            self.more_below(inner);
        }
        (top, lines.len())
    }

    /// Marks in the frame below an area that its text goes on; a status that stands there stays.
    fn more_below(&mut self, inner: Rect) {
        let mark = " ▾ more ";
        let area = Rect { y: inner.bottom(), width: mark.width() as u16, height: 1, ..inner };
        let in_frame = |p| self.buffer.cell(p).is_some_and(|cell| matches!(cell.symbol(), "─" | "━"));
        if area.width <= inner.width && area.positions().all(in_frame) {
            self.text(area.x, area.y, area.width, mark, self.theme.muted);
        }
    }

    /// A section without a project: what there is to do first.
    pub fn no_project(&mut self, area: Rect) {
        let theme = self.theme;
        self.message(
            area,
            &[
                ("No project is open.", theme.title),
                ("{open-project}  opens the one under the cursor of the list on the left.", Style::new()),
                ("{add-project}  adds a project.   {tour}  starts a tour on invented studies.", theme.muted),
            ],
        );
    }

    /// No record came, and why that may be: nobody tells whether there are none.
    pub fn no_records(&mut self, area: Rect) {
        let theme = self.theme;
        self.message(
            area,
            &[
                ("The server gave no records.", theme.title),
                ("The project may be empty. Or the token's user is in a Data Access Group without records: REDCap then gives none, without a word.", Style::new()),
                ("{section-6}  tests what this token may see.   {section-5}  checks a file of records before you import it.   {reload}  reads again.", theme.muted),
            ],
        );
    }

    /// Why something could not be read, with the keys that help.
    pub fn failed(&mut self, area: Rect, problem: &Problem, keys: &str) {
        let theme = self.theme;
        let mut paragraphs = vec![(problem.title.as_str(), theme.bad), (problem.what.as_str(), Style::new())];
        // The likeliest reason; all of them are one key away.
        if let Some(first) = problem.why.causes.first() {
            paragraphs.push((&first.text, Style::new()));
        }
        paragraphs.extend([(problem.advice.as_str(), Style::new()), (keys, theme.title)]);
        self.message(area, &paragraphs);
    }

    /// Draws wrapped sentences in the middle of an area: an empty pane that explains itself. An
    /// action's name in braces stands for its key: `{reload}  tries again`.
    pub fn message(&mut self, inner: Rect, paragraphs: &[(&str, Style)]) {
        let width = inner.width.saturating_sub(4);
        let mut lines = Vec::new();
        let keys = &self.model.options.keys;
        for (text, style) in paragraphs {
            let text = keys.say(text);
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.extend(wrap(&text, width.into()).into_iter().map(|l| Line::styled(l, *style)));
        }
        let start = inner.y + inner.height.saturating_sub(lines.len() as u16) / 3;
        for (i, line) in lines.iter().enumerate().take(inner.height.into()) {
            let y = start + i as u16;
            if y < inner.bottom() {
                self.line(inner.x + 2, y, width, line);
            }
        }
        // What is cut says so.
        if lines.len() > usize::from(inner.height) {
            self.more_below(inner);
        }
    }
}

/// A heading and its text as lines of a card: the text is indented and wrapped.
pub fn entry(lines: &mut Vec<Line<'static>>, theme: &Theme, name: &str, text: &str, width: usize) {
    if text.is_empty() {
        return;
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(wrap(name, width).into_iter().map(|l| Line::styled(l, theme.title)));
    for line in wrap(text, width.saturating_sub(2)) {
        lines.push(Line::raw(format!("  {line}")));
    }
}

/// A short name and a short value on one line; the value goes below if it does not fit beside.
pub fn pair(lines: &mut Vec<Line<'static>>, theme: &Theme, name: &str, value: &str, width: usize) {
    let column = 14;
    if name.width() < column && value.width() + column <= width && !value.contains('\n') {
        lines.push(Line::from(vec![
            Span::styled(fit(name, column), theme.muted),
            Span::raw(value.to_owned()),
        ]));
        return;
    }
    lines.extend(wrap(name, width).into_iter().map(|l| Line::styled(l, theme.muted)));
    lines.extend(wrap(value, width.saturating_sub(2)).into_iter().map(|l| Line::raw(format!("  {l}"))));
}

/// What stands for a symbol in plain ASCII; `None` if it is ASCII, or a letter we keep.
fn ascii(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "─" | "━" | "—" | "–" => "-",
        "│" | "┃" => "|",
        "┌" | "┐" | "└" | "┘" | "├" | "┤" | "┬" | "┴" | "┼" | "┏" | "┓" | "┗" | "┛" => {
            "+"
        }
        "…" => "~",
        "›" => ">",
        "‹" => "<",
        "·" => ".",
        "“" | "”" => "\"",
        "•" | "●" => "*",
        "⏎" => "\\",
        "█" => "#",
        "▴" => "^",
        "▾" => "v",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::looks::ThemeKind;

    #[test]
    fn headings_and_names_of_a_card_are_whole_however_narrow_it_is() {
        let theme = Theme::of(ThemeKind::Auto);
        let mut lines = Vec::new();
        entry(&mut lines, &theme, "Not in the expected format", "A date.", 18);
        pair(&mut lines, &theme, "Investigator's name", "x", 18);
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["Not in the", "expected format", "  A date.", "Investigator's", "name", "  x"]);
    }
}
