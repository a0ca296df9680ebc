//! API tokens: checked when they come in, hidden wherever they are shown.

use crate::domain::text::REDACTED;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A REDCap API token. Shown as `••••` wherever it is printed, wiped from memory when dropped.
///
/// A project token has 32 hexadecimal digits, a super token 64 (`redcap-api.md` §1.2).
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

/// Why a text is no token. It never repeats the text: a password may have been pasted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenProblem {
    /// There is nothing but blanks.
    #[error("There is no token here: the text is empty.")]
    Empty,
    /// It looks like the address of the server.
    #[error("This looks like an address. The token is the text of 32 letters and digits.")]
    Address,
    /// A character that no token has.
    #[error("A token has only the digits 0-9 and the letters A-F, but character {place} is {kind}.")]
    Character {
        /// The place of the character, from 1, without the blanks around the text.
        place: usize,
        /// What kind of character it is, such as `a blank`.
        kind: &'static str,
    },
    /// The right characters, but not the right number of them.
    #[error("A token has 32 characters (a super token 64), but this has {found}.{}", hint(*.found))]
    Length {
        /// How many characters there are.
        found: usize,
    },
}

/// What a wrong length usually means.
fn hint(found: usize) -> &'static str {
    match found {
        0..32 => " Perhaps the end was not copied.",
        _ => " Perhaps it was pasted twice.",
    }
}

impl Token {
    /// Reads a token from what a person pasted.
    ///
    /// Blanks, line ends and invisible marks around it are dropped: a line end that came along
    /// is a usual mistake and REDCap would answer it with a misleading refusal.
    pub fn parse(text: &str) -> Result<Self, TokenProblem> {
        let text = text.trim_matches(is_around);
        if text.is_empty() {
            return Err(TokenProblem::Empty);
        }
        if text.contains("://") {
            return Err(TokenProblem::Address);
        }
        if let Some((place, c)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_hexdigit()) {
            return Err(TokenProblem::Character { place: place + 1, kind: kind_of(c) });
        }
        match text.len() {
            32 | 64 => Ok(Self(Zeroizing::new(text.to_owned()))),
            found => Err(TokenProblem::Length { found }),
        }
    }

    /// Whether two tokens are the same, capitals or not.
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// Whether it is a super token, which creates projects and belongs to none.
    pub fn is_super(&self) -> bool {
        self.0.len() == 64
    }

    /// The secret itself. Only `api::request` (to build a body) and `store::vault` (to keep it
    /// in the keyring) may call this; a test reads the source and says so.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// What may stand around a pasted token: blanks, line ends, marks without width.
fn is_around(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// The kind of a character that does not belong into a token. Never the character itself.
fn kind_of(c: char) -> &'static str {
    match c {
        '\n' | '\r' => "a line end",
        c if c.is_whitespace() => "a blank",
        c if c.is_control() => "a control character",
        c if c.is_ascii_alphabetic() => "another letter",
        c if c.is_ascii() => "a sign",
        c if is_around(c) => "an invisible mark",
        _ => "something else",
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "0123456789ABCDEF0123456789abcdef";

    #[test]
    fn tokens_are_taken_with_the_blanks_that_came_along() {
        for text in [
            GOOD.to_owned(),
            format!("  {GOOD}\r\n"),
            format!("\u{feff}{GOOD}\n"),
            format!("\u{200b}{GOOD}\u{a0}"),
        ] {
            let token = Token::parse(&text).unwrap();
            assert_eq!(token.expose(), GOOD);
            assert!(!token.is_super());
        }
        assert!(Token::parse(&GOOD.repeat(2)).unwrap().is_super());
    }

    #[test]
    fn what_is_no_token_is_explained_without_repeating_it() {
        let character = |place, kind| TokenProblem::Character { place, kind };
        for (text, problem) in [
            (String::new(), TokenProblem::Empty),
            (" \r\n".to_owned(), TokenProblem::Empty),
            ("https://redcap.example.org/api/".to_owned(), TokenProblem::Address),
            (GOOD[..31].to_owned(), TokenProblem::Length { found: 31 }),
            (format!("{GOOD}0"), TokenProblem::Length { found: 33 }),
            (format!("{}O{}", &GOOD[..4], &GOOD[5..]), character(5, "another letter")),
            (format!("{GOOD} {GOOD}"), character(33, "a blank")),
            (format!("{GOOD}\n{GOOD}"), character(33, "a line end")),
            (format!("\"{GOOD}\""), character(1, "a sign")),
            ("é".to_owned(), character(1, "something else")),
        ] {
            let found = Token::parse(&text).unwrap_err();
            assert_eq!(found, problem);
            let said = found.to_string();
            assert!(text.trim().is_empty() || !said.contains(text.trim()), "{said}");
        }
    }

    #[test]
    fn a_token_never_shows_itself() {
        let token = Token::parse(GOOD).unwrap();
        assert_eq!(format!("{token} {token:?} {:?}", Some(&token)), "•••• •••• Some(••••)");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|[0-9a-f \n]{30,70}") {
            let _ = Token::parse(&text);
        }
    }
}
