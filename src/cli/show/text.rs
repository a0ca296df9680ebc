//! Plain text for ears: headings, and one fact a line.

use crate::domain::text::{one_line, without_html};

/// The word for a value that is not shown.
pub const MASKED: &str = "masked";

/// A page of headings and facts.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// A heading: a line of its own after an empty one.
    pub fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.sentence(text);
    }

    /// A line.
    pub fn sentence(&mut self, text: &str) {
        self.text.push_str(clean(text).trim());
        self.text.push('\n');
    }

    /// A fact: its name, a colon, and what it is. Nothing is said of what is empty.
    pub fn fact(&mut self, name: &str, value: &str) {
        let value = clean(value);
        if !value.trim().is_empty() {
            self.sentence(&format!("{}: {}", clean(name), value.trim()));
        }
    }

    /// The page.
    pub fn finish(self) -> String {
        self.text
    }
}

/// Words of the server without HTML, and without anything that could steer a terminal. A line
/// break in them is read as a blank.
fn clean(text: &str) -> String {
    one_line(&without_html(text)).replace('⏎', " ")
}

/// `1 record`, `2 records`.
pub fn counted(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// Says how many did not fit the limit.
pub fn more(page: &mut Page, n: usize, one: &str) {
    if n > 0 {
        page.heading(&format!("And {} more; --limit changes how many are told.", counted(n, one)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_fact_a_line_and_nothing_that_steers_a_terminal() {
        let mut page = Page::default();
        page.heading("Project <b>A</b>\u{1b}[2J");
        page.fact("Notes", "two\nlines");
        page.fact("Empty", "  ");
        page.heading("Events");
        assert_eq!(page.finish(), "Project A[2J\nNotes: two lines\n\nEvents\n");
        assert_eq!((counted(1, "record"), counted(2, "record")), ("1 record".into(), "2 records".into()));
    }
}
