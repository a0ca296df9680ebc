//! Cutting, padding and wrapping text by its width on screen.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Cuts text to a width; a cut is always marked with `…`.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = grapheme.width();
        if used + w + 1 > width {
            break;
        }
        out.push_str(grapheme);
        used += w;
    }
    out.push('…');
    out
}

/// Cuts and fills text with blanks to exactly this width.
pub fn fit(text: &str, width: usize) -> String {
    let mut out = cut(text, width);
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(out.width())));
    out
}

/// Cuts and fills text to exactly this width, at the right.
pub fn fit_right(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let mut out = " ".repeat(width.saturating_sub(text.width()));
    out.push_str(&text);
    out
}

/// A number with its word: `1 record`, `2 records`.
pub fn counted(n: usize, word: &str) -> String {
    format!("{} {word}{}", crate::app::running::grouped(n as u64), if n == 1 { "" } else { "s" })
}

/// Wraps text to lines of at most this width. An empty text is one empty line.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    if width == 0 {
        return Vec::new();
    }
    let options = textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::Custom(hyphens));
    let mut lines: Vec<String> = text
        .lines()
        .flat_map(|line| textwrap::wrap(line, &options))
        .map(std::borrow::Cow::into_owned)
        .collect();
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// Where a word may be broken: after a hyphen between letters. A date or a record id is read as one.
fn hyphens(word: &str) -> Vec<usize> {
    let splits = textwrap::WordSplitter::HyphenSplitter.split_points(word);
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let between = |&at: &usize| {
        let before = word.get(..at).and_then(|b| b.strip_suffix('-')).and_then(|b| b.chars().next_back());
        letter(before) && letter(word.get(at..).and_then(|a| a.chars().next()))
    };
    splits.into_iter().filter(between).collect()
}

/// How long ago something was, in words.
pub fn age(seconds: i64) -> String {
    match seconds {
        ..=9 => "just now".into(),
        10..=119 => format!("{seconds} s ago"),
        120..=7_199 => format!("{} min ago", seconds / 60),
        7_200..=172_799 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cut_text_is_marked() {
        for (text, width, expected) in [
            ("Heart rate", 10, "Heart rate"),
            ("Heart rate", 6, "Heart…"),
            ("Heart rate", 1, "…"),
            ("Heart rate", 0, ""),
            ("漢字漢字", 5, "漢字…"),
            ("漢字漢字", 4, "漢…"),
        ] {
            assert_eq!(cut(text, width), expected);
        }
    }

    #[test]
    fn dates_and_record_ids_are_not_broken_but_words_are() {
        assert_eq!(wrap("window 2026-02-27", 14), ["window", "2026-02-27"]);
        assert_eq!(wrap("record 1732-12", 12), ["record", "1732-12"]);
        assert_eq!(wrap("is De-Identified", 8), ["is De-", "Identifi", "ed"]);
    }

    proptest! {
        #[test]
        fn fitted_text_has_exactly_its_width(text in "[a-z漢é ]{0,20}", width in 0usize..12) {
            prop_assert_eq!(fit(&text, width).width(), width);
            prop_assert_eq!(fit_right(&text, width).width(), width);
        }

        #[test]
        fn wrapped_lines_are_not_too_wide(text in "[a-z漢\n ]{0,40}", width in 2usize..12) {
            for line in wrap(&text, width) {
                prop_assert!(line.width() <= width, "{:?}", line);
            }
        }
    }
}
