//! An expression as indented lines for reading, each piece with its kind, so that a screen can
//! highlight it.

use super::Logic;
use super::reference::Reference;
use super::syntax::{Expr, Node, Printed};

/// The kind of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// A field or smart variable.
    Reference,
    /// A text in quotes.
    Text,
    /// A number, `true` or `false`.
    Number,
    /// `and`, `or`, `not`, comparisons, arithmetic.
    Operator,
    /// The name of a function.
    Function,
    /// Parentheses and commas.
    Mark,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineLine {
    /// How far it is indented.
    pub depth: usize,
    /// Its pieces; blanks are part of them.
    pub pieces: Vec<(Piece, String)>,
}

impl OutlineLine {
    /// The line as text, without its indentation.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }
}

type Pieces = Vec<(Piece, String)>;

impl Logic {
    /// The expression as lines of about this many characters, two for each level of depth. What
    /// fits is not broken; what has no place to break may be longer.
    pub fn outline(&self, width: usize) -> Vec<OutlineLine> {
        let mut layout = Layout { references: &self.references, width, lines: Vec::new() };
        if let Some(root) = &self.root {
            layout.lay(root, 0, Vec::new(), Vec::new());
        }
        layout.lines
    }
}

struct Layout<'a> {
    references: &'a [Reference],
    width: usize,
    lines: Vec<OutlineLine>,
}

impl Layout<'_> {
    /// Lays an expression out between pieces that belong before and behind it.
    fn lay(&mut self, expr: &Expr, depth: usize, lead: Pieces, trail: Pieces) {
        let printed = Printed { expr, references: self.references }.to_string();
        let used = 2 * depth + length(&lead) + printed.chars().count() + length(&trail);
        let breaks = matches!(
            expr.node,
            Node::All(_) | Node::Any(_) | Node::Group(_) | Node::Call { .. } | Node::Not(_)
        );
        if used <= self.width || !breaks {
            let mut pieces = lead;
            self.flat(expr, &mut pieces);
            pieces.extend(trail);
            return self.lines.push(OutlineLine { depth, pieces });
        }
        match &expr.node {
            Node::All(parts) => self.chain(parts, "and ", depth, lead, trail),
            Node::Any(parts) => self.chain(parts, "or ", depth, lead, trail),
            Node::Group(of) => self.block(lead, "(", std::slice::from_ref(of.as_ref()), trail, depth),
            Node::Call { name, args, .. } => {
                let mut lead = lead;
                lead.push((Piece::Function, name.clone()));
                self.block(lead, "(", args, trail, depth);
            }
            Node::Not(of) => {
                let mut lead = lead;
                lead.push((Piece::Operator, "not ".to_owned()));
                self.lay(of, depth, lead, trail);
            }
            _ => {}
        }
    }

    fn chain(&mut self, parts: &[Expr], word: &str, depth: usize, lead: Pieces, trail: Pieces) {
        let last = parts.len().saturating_sub(1);
        // `and` inside `or` without parentheses stands deeper than the `or` around it.
        let inside =
            usize::from(lead.iter().any(|(piece, text)| *piece == Piece::Operator && text != "not "));
        let (mut lead, mut trail) = (Some(lead), Some(trail));
        for (i, part) in parts.iter().enumerate() {
            let first = lead.take();
            let depth = if first.is_some() { depth } else { depth + inside };
            let lead = first.unwrap_or_else(|| vec![(Piece::Operator, word.to_owned())]);
            let trail = if i == last { trail.take().unwrap_or_default() } else { Vec::new() };
            self.lay(part, depth, lead, trail);
        }
    }

    /// An opening mark, what is inside with commas between, and the closing mark.
    fn block(&mut self, mut lead: Pieces, mark: &str, inside: &[Expr], trail: Pieces, depth: usize) {
        lead.push((Piece::Mark, mark.to_owned()));
        self.lines.push(OutlineLine { depth, pieces: lead });
        let last = inside.len().saturating_sub(1);
        for (i, part) in inside.iter().enumerate() {
            let comma = if i == last { Vec::new() } else { vec![(Piece::Mark, ",".to_owned())] };
            self.lay(part, depth + 1, Vec::new(), comma);
        }
        let mut pieces = vec![(Piece::Mark, ")".to_owned())];
        pieces.extend(trail);
        self.lines.push(OutlineLine { depth, pieces });
    }

    /// An expression in one line.
    fn flat(&self, expr: &Expr, out: &mut Pieces) {
        let mark = |text: &str| (Piece::Mark, text.to_owned());
        let operator = |text: &str| (Piece::Operator, text.to_owned());
        let between = |parts: &[Expr], between: (Piece, String), out: &mut Pieces| {
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    out.push(between.clone());
                }
                self.flat(part, out);
            }
        };
        let printed = || Printed { expr, references: self.references }.to_string();
        match &expr.node {
            Node::Number(_) | Node::Bool(_) => out.push((Piece::Number, printed())),
            Node::Text { .. } => out.push((Piece::Text, printed())),
            Node::Reference(_) => out.push((Piece::Reference, printed())),
            Node::Call { name, args, .. } => {
                out.push((Piece::Function, name.clone()));
                out.push(mark("("));
                between(args, mark(", "), out);
                out.push(mark(")"));
            }
            Node::Group(of) => {
                out.push(mark("("));
                self.flat(of, out);
                out.push(mark(")"));
            }
            Node::Not(of) => {
                out.push(operator("not "));
                self.flat(of, out);
            }
            Node::Sign { minus, of } => {
                out.push(operator(if *minus { "-" } else { "+" }));
                self.flat(of, out);
            }
            Node::Power(base, exponent) => {
                self.flat(base, out);
                out.push(operator("^"));
                self.flat(exponent, out);
            }
            Node::Arithmetic(first, rest) => {
                self.flat(first, out);
                for (op, part) in rest {
                    out.push(operator(&format!(" {} ", op.as_str())));
                    self.flat(part, out);
                }
            }
            Node::Compare(first, rest) => {
                self.flat(first, out);
                for (op, part) in rest {
                    out.push(operator(&format!(" {} ", op.as_str())));
                    self.flat(part, out);
                }
            }
            Node::All(parts) => between(parts, operator(" and "), out),
            Node::Any(parts) => between(parts, operator(" or "), out),
        }
    }
}

fn length(pieces: &Pieces) -> usize {
    pieces.iter().map(|(_, text)| text.chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logic::parse;

    fn lines(text: &str, width: usize) -> Vec<String> {
        let outline = parse(text).unwrap().outline(width);
        outline.iter().map(|l| format!("{}{}", "  ".repeat(l.depth), l.text())).collect()
    }

    #[test]
    fn what_fits_stays_in_one_line() {
        assert_eq!(lines("[a]=1 and [b]<>''", 40), ["[a] = 1 and [b] <> ''"]);
        assert!(lines("", 40).is_empty());
        assert_eq!(lines("[a]=1", 2), ["[a] = 1"]);
    }

    #[test]
    fn long_logic_is_broken_where_it_is_joined() {
        assert_eq!(
            lines("([sex]='2' or [sex]='3') and not([age]>=18 and [age]<50) or [x]=1 and [yes]=2", 22),
            [
                "(",
                "  [sex] = '2'",
                "  or [sex] = '3'",
                ")",
                "and not (",
                "  [age] >= 18",
                "  and [age] < 50",
                ")",
                "or [x] = 1",
                "  and [yes] = 2",
            ]
        );
        assert_eq!(
            lines("if([a]>100, round([weight]/2, 1), datediff([date_of_visit], 'today', 'y'))", 30),
            [
                "if(",
                "  [a] > 100,",
                "  round([weight] / 2, 1),",
                "  datediff(",
                "    [date_of_visit],",
                "    'today',",
                "    'y'",
                "  )",
                ")"
            ]
        );
    }

    #[test]
    fn the_pieces_say_what_they_are() {
        use Piece::{Function, Mark, Number, Operator, Reference, Text};
        let line = parse("round([a(1)]*2,'x')").unwrap().outline(80).remove(0);
        let kinds: Vec<Piece> = line.pieces.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Function, Mark, Reference, Operator, Number, Mark, Text, Mark]);
    }

    #[test]
    fn nothing_but_blanks_and_breaks_is_added() {
        for text in ["[a]=1 and ([b]=2 or not [c]=3)", "if([a]>1,'x','y')", "-[a]^2+3*(4)"] {
            let whole = parse(text).unwrap();
            let plain = |text: &str| text.replace([' ', '\n'], "");
            for width in [1, 8, 20, 200] {
                let joined: String = whole.outline(width).iter().map(OutlineLine::text).collect();
                assert_eq!(plain(&joined), plain(&whole.to_string()), "{width}");
            }
        }
    }
}
