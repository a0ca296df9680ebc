//! Cuts the text of a filter into pieces: words, signs, commas.

use super::Op;
use std::ops::Range;

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece {
    Word,
    /// What stands between double quotes, without them.
    Quoted,
    Sign(Op),
    Comma,
}

/// A piece, its text, and where it stands in bytes of the filter.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub piece: Piece,
    pub text: &'a str,
    pub at: Range<usize>,
}

/// Cuts the text into pieces. A sign counts where a column could stand before it, so that `12:30`
/// and `2024-03-01` are words.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    let token =
        |piece, inner: Range<usize>, at| Token { piece, text: text.get(inner).unwrap_or_default(), at };
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if first == '"' {
            let inner = at + 1;
            let end = text.get(inner..).and_then(|t| t.find('"')).map_or(text.len(), |i| inner + i);
            tokens.push(token(Piece::Quoted, inner..end, at..(end + 1).min(text.len())));
            at = (end + 1).min(text.len()).max(inner);
        } else if first == ',' {
            tokens.push(token(Piece::Comma, at..at + 1, at..at + 1));
            at += 1;
        } else if let Some((op, len)) = sign(&bytes[at..]) {
            tokens.push(token(Piece::Sign(op), at..at + len, at..at + len));
            at += len;
        } else {
            let may_be_name = first.is_alphabetic() || first == '_';
            let mut end = at;
            for (i, c) in rest.char_indices() {
                let ends = c.is_whitespace() || c == '"' || c == ',';
                if ends || may_be_name && i > 0 && sign(&bytes[at + i..]).is_some() {
                    break;
                }
                end = at + i + c.len_utf8();
            }
            tokens.push(token(Piece::Word, at..end, at..end));
            at = end;
        }
    }
    tokens
}

fn sign(rest: &[u8]) -> Option<(Op, usize)> {
    Some(match rest {
        [b'>', b'=', ..] => (Op::AtLeast, 2),
        [b'<', b'=', ..] => (Op::AtMost, 2),
        [b'!', b'=', ..] | [b'<', b'>', ..] => (Op::NotEqual, 2),
        [b'>', ..] => (Op::Greater, 1),
        [b'<', ..] => (Op::Less, 1),
        [b'=', ..] => (Op::Equal, 1),
        [b':', ..] => (Op::Has, 1),
        _ => return None,
    })
}
