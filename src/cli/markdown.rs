//! A page of the guide as plain text: headings, paragraphs, lists, code and tables, set to a
//! width. Pictures are left out; a link is its text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr;

/// Sets a page in so many columns. Code is never broken.
pub fn to_text(page: &str, width: usize) -> String {
    let mut setter = Setter { width, ..Setter::default() };
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        setter.take(event);
    }
    setter.out
}

#[derive(Default)]
struct Setter {
    width: usize,
    out: String,
    /// The words of the paragraph, heading, item or cell that is being read.
    words: String,
    /// How deep in lists.
    depth: usize,
    /// The rows of the table that is being read.
    rows: Vec<Vec<String>>,
    in_code: bool,
    in_picture: bool,
}

impl Setter {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Image { .. }) => self.in_picture = true,
            Event::End(TagEnd::Image) => self.in_picture = false,
            Event::Text(_) | Event::Code(_) if self.in_picture => {}
            Event::Text(text) if self.in_code => {
                for line in text.lines() {
                    self.out.push_str(&format!("    {line}\n"));
                }
            }
            Event::Text(text) => self.words.push_str(&text),
            Event::Code(text) => self.words.push_str(&format!("'{text}'")),
            Event::SoftBreak | Event::HardBreak => self.words.push(' '),
            Event::Start(Tag::CodeBlock(_)) => {
                self.gap();
                self.in_code = true;
            }
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            Event::Start(Tag::List(_)) => {
                // The item around an inner list ends where the list begins.
                self.item();
                self.depth += 1;
                if self.depth == 1 {
                    self.gap();
                }
            }
            Event::End(TagEnd::List(_)) => self.depth -= 1,
            Event::End(TagEnd::Item) => self.item(),
            Event::End(TagEnd::Heading(_)) => {
                self.gap();
                let heading = std::mem::take(&mut self.words);
                let line = "-".repeat(heading.width());
                self.out.push_str(&format!("{heading}\n{line}\n"));
            }
            Event::End(TagEnd::Paragraph) if self.depth == 0 => self.paragraph(),
            Event::End(TagEnd::TableCell) => {
                let cell = std::mem::take(&mut self.words);
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => self.rows.push(Vec::new()),
            Event::End(TagEnd::Table) => self.table(),
            _ => {}
        }
    }

    /// An empty line, unless there is one or nothing stands above.
    fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn paragraph(&mut self) {
        let words = std::mem::take(&mut self.words);
        if !words.trim().is_empty() {
            self.gap();
            self.out.push_str(&format!("{}\n", textwrap::fill(words.trim(), self.width)));
        }
    }

    fn item(&mut self) {
        let words = std::mem::take(&mut self.words);
        if !words.trim().is_empty() {
            let indent = "  ".repeat(self.depth);
            let first = format!("{}- ", "  ".repeat(self.depth.saturating_sub(1)));
            let options =
                textwrap::Options::new(self.width).initial_indent(&first).subsequent_indent(&indent);
            self.out.push_str(&format!("{}\n", textwrap::fill(words.trim(), options)));
        }
    }

    /// A table, with its last but one column wrapped if it would be too wide: there the long texts
    /// are. A table of pictures has nothing left to say.
    fn table(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        if rows.iter().flatten().all(|cell| cell.trim().is_empty()) {
            return;
        }
        self.gap();
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut widths: Vec<usize> = (0..columns)
            .map(|c| rows.iter().filter_map(|r| r.get(c)).map(|t| t.width()).max().unwrap_or_default())
            .collect();
        let gaps = 2 * columns.saturating_sub(1);
        // The widest gives until the line fits; no column gets narrower than a word needs.
        while widths.iter().sum::<usize>() + gaps > self.width {
            match widths.iter_mut().max() {
                Some(widest) if *widest > 12 => *widest -= 1,
                _ => break,
            }
        }
        for row in &rows {
            let cells: Vec<Vec<String>> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| textwrap::wrap(cell, *width).iter().map(ToString::to_string).collect())
                .collect();
            for line in 0..cells.iter().map(Vec::len).max().unwrap_or_default() {
                let mut text = String::new();
                for (cell, width) in cells.iter().zip(&widths) {
                    let part = cell.get(line).map_or("", String::as_str);
                    text.push_str(part);
                    text.push_str(&" ".repeat(width.saturating_sub(part.width()) + 2));
                }
                self.out.push_str(&format!("{}\n", text.trim_end()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_set_as_plain_text() {
        let page = "# Head\n\nSome **bold** words with a [link](x.md) and `code` that is too long \
                    for it.\n\n![picture](p.png)\n\n- one\n- two words and more of them here\n  - \
                    inner\n\n```sh\ncapscope demo   # a long line stays whole as it is\n```\n\n\
                    | Key | What |\n|---|---|\n| a | a long text that must be wrapped |\n| Enter | b |\n";
        let expected = "\
Head
----

Some bold words with a link
and 'code' that is too long
for it.

- one
- two words and more of them
  here
  - inner

    capscope demo   # a long line stays whole as it is

Key    What
a      a long text that must
       be wrapped
Enter  b
";
        assert_eq!(to_text(page, 30), expected);
    }

    #[test]
    fn a_table_of_pictures_only_is_left_out() {
        assert_eq!(to_text("| ![a](a.png) | ![b](b.png) |\n|---|---|\n| ![c](c.png) | |\n", 80), "");
    }
}
