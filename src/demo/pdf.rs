//! Text on pages: a small layer over a PDF writer, with the two fonts every reader has.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

/// A4, in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 50.0;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The name of an instrument.
    Title,
    /// A section's header.
    Section,
    /// A question.
    Question,
    /// A choice or a value.
    Answer,
    /// Notes and what stands on every page.
    Small,
}

impl Style {
    fn size(self) -> f32 {
        match self {
            Self::Title => 15.0,
            Self::Section => 11.5,
            Self::Question | Self::Answer => 10.0,
            Self::Small => 8.0,
        }
    }

    fn font(self) -> Name<'static> {
        match self {
            Self::Title | Self::Section | Self::Question => Name(b"Bold"),
            Self::Answer | Self::Small => Name(b"Plain"),
        }
    }
}

/// Pages that are filled from top to bottom.
pub struct Pages {
    done: Vec<(Content, String)>,
    content: Content,
    /// What stands at the top of this page and those after it.
    head: String,
    y: f32,
    /// Something is on the page.
    used: bool,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").field("done", &self.done.len()).field("y", &self.y).finish_non_exhaustive()
    }
}

impl Pages {
    /// No page yet.
    pub fn new() -> Self {
        Self { done: Vec::new(), content: Content::new(), head: String::new(), y: top(), used: false }
    }

    /// Begins a page with this line at its top.
    pub fn begin(&mut self, head: &str) {
        if self.used {
            self.turn();
        }
        head.clone_into(&mut self.head);
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        !self.used && self.done.is_empty()
    }

    fn turn(&mut self) {
        let full = std::mem::replace(&mut self.content, Content::new());
        self.done.push((full, self.head.clone()));
        self.y = top();
        self.used = false;
    }

    /// Leaves room.
    pub fn gap(&mut self, points: f32) {
        self.y -= points;
    }

    /// Writes text, over as many lines as it needs.
    pub fn text(&mut self, style: Style, indent: f32, text: &str) {
        let width = PAGE.0 - 2.0 * MARGIN - indent;
        for line in text.lines().flat_map(|line| wrapped(line, style.size(), width)) {
            let height = style.size() * 1.35;
            if self.y - height < MARGIN {
                self.turn();
            }
            self.y -= height;
            show(&mut self.content, style, MARGIN + indent, self.y, &line);
            self.used = true;
        }
    }

    /// The bytes of the file.
    pub fn finish(mut self, title: &str) -> Vec<u8> {
        if self.used || self.done.is_empty() {
            self.turn();
        }
        let mut pdf = Pdf::new();
        let mut last = 0;
        let mut next = || {
            last += 1;
            Ref::new(last)
        };
        let (catalog, tree, plain, bold, info) = (next(), next(), next(), next(), next());
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("capscope demo server"));
        for (font, name) in [(plain, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
            pdf.type1_font(font).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let count = self.done.len();
        let mut kids = Vec::with_capacity(count);
        for (number, (mut content, head)) in (1..).zip(self.done) {
            let (page, stream) = (next(), next());
            show(&mut content, Style::Small, MARGIN, PAGE.1 - 32.0, &head);
            show(&mut content, Style::Small, MARGIN, 28.0, &format!("Page {number} of {count}"));
            let mut writer = pdf.page(page);
            writer.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(stream);
            let mut resources = writer.resources();
            resources.fonts().pair(Name(b"Plain"), plain).pair(Name(b"Bold"), bold);
            resources.finish();
            writer.finish();
            pdf.stream(stream, &content.finish());
            kids.push(page);
        }
        pdf.pages(tree).kids(kids).count(i32::try_from(count).unwrap_or(i32::MAX));
        pdf.finish()
    }
}

fn top() -> f32 {
    PAGE.1 - MARGIN
}

fn show(content: &mut Content, style: Style, x: f32, y: f32, text: &str) {
    let bytes: Vec<u8> = text.chars().map(win_ansi).collect();
    content.begin_text();
    content.set_font(style.font(), style.size());
    content.next_line(x, y);
    content.show(Str(&bytes));
    content.end_text();
}

/// A character in the encoding of the fonts every reader has; what they do not know is `?`.
fn win_ansi(c: char) -> u8 {
    match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        '\t' => b' ',
        '€' => 0x80,
        '…' => 0x85,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        _ => b'?',
    }
}

/// The widths of Helvetica's printable ASCII, in thousandths of the size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// How wide a character is; bold ones are a little wider than this tells, which the margin takes.
fn width_of(c: char, size: f32) -> f32 {
    let at = usize::from(win_ansi(c)).checked_sub(32);
    let width = at.and_then(|at| WIDTHS.get(at)).copied().unwrap_or(600);
    f32::from(width) * size / 1000.0
}

/// Cuts a line at blanks where it would be too long, and within words that are longer than a line.
fn wrapped(line: &str, size: f32, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut current, mut used) = (String::new(), 0.0);
    for word in line.split_inclusive(' ') {
        let long: f32 = word.trim_end().chars().map(|c| width_of(c, size)).sum();
        if used + long > width && !current.is_empty() {
            lines.push(std::mem::take(&mut current));
            used = 0.0;
        }
        for c in word.chars() {
            let wide = width_of(c, size);
            if used + wide > width && c != ' ' && !current.is_empty() {
                lines.push(std::mem::take(&mut current));
                used = 0.0;
            }
            current.push(c);
            used += wide;
        }
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_and_nothing_is_lost() {
        for text in ["", "short", &"many words ".repeat(40), &"x".repeat(400)] {
            let lines = wrapped(text, 10.0, 300.0);
            assert_eq!(lines.concat(), *text);
            for line in &lines {
                let width: f32 = line.trim_end().chars().map(|c| width_of(c, 10.0)).sum();
                assert!(width <= 300.0, "{line}");
            }
        }
    }

    #[test]
    fn full_pages_are_turned() {
        let mut pages = Pages::new();
        pages.begin("head");
        for number in 0..200 {
            pages.text(Style::Answer, 0.0, &format!("line {number} Álvaro Ω"));
        }
        let bytes = pages.finish("title");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("%PDF-1.") && text.trim_end().ends_with("%%EOF"));
        assert!(text.contains("(Page 4 of 4)") && !text.contains("(Page 5"));
        assert!(text.contains("(head)"));
    }
}
