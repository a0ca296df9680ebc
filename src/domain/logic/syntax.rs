//! The syntax tree, and how it is written back as text.
//!
//! Chains of one level (`a or b or c`, `1 + 2 - 3`) are one node, so the depth of the tree is
//! the depth of its parentheses and calls, which the parser bounds, and never the length of the text.

use super::functions::Function;
use super::reference::Reference;
use std::fmt;
use std::ops::Range;

/// The comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// The four operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// A part of an expression and its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// The place in the text, in bytes.
    pub at: Range<usize>,
    /// What it is.
    pub node: Node,
}

/// The kinds of parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text {
        /// What is between the quotes, with escapes resolved.
        text: String,
        /// The quote: `'` or `"`.
        mark: char,
    },
    /// `true` or `false`.
    Bool(bool),
    /// The reference with this number in [`super::Logic::references`].
    Reference(usize),
    /// A function.
    Call {
        /// Its name in lower case.
        name: String,
        /// Which it is; `None` if REDCap has no such function.
        function: Option<Function>,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// Something in parentheses.
    Group(Box<Expr>),
    /// `not` something.
    Not(Box<Expr>),
    /// A sign before something.
    Sign {
        /// `-`, not `+`.
        minus: bool,
        /// What follows.
        of: Box<Expr>,
    },
    /// `(base)^(exponent)`
    Power(Box<Expr>, Box<Expr>),
    /// `+ - * /` of one level, from left to right.
    Arithmetic(Box<Expr>, Vec<(Arithmetic, Expr)>),
    /// Comparisons, from left to right; nearly always one.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    /// `and`: two or more parts.
    All(Vec<Expr>),
    /// `or`: two or more parts.
    Any(Vec<Expr>),
}

impl Expr {
    /// The expression without the parentheses around it.
    pub fn ungrouped(&self) -> &Self {
        let mut inner = self;
        while let Node::Group(next) = &inner.node {
            inner = next;
        }
        inner
    }

    /// The text, if this is nothing but a text in quotes.
    pub fn literal_text(&self) -> Option<&str> {
        match &self.ungrouped().node {
            Node::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The parts of this part, in the order of the text.
    pub fn children(&self) -> Vec<&Self> {
        match &self.node {
            Node::Number(_) | Node::Text { .. } | Node::Bool(_) | Node::Reference(_) => Vec::new(),
            Node::Call { args, .. } => args.iter().collect(),
            Node::Group(of) | Node::Not(of) | Node::Sign { of, .. } => vec![of],
            Node::Power(base, exponent) => vec![base, exponent],
            Node::Arithmetic(first, rest) => {
                std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e)).collect()
            }
            Node::Compare(first, rest) => {
                std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e)).collect()
            }
            Node::All(parts) | Node::Any(parts) => parts.iter().collect(),
        }
    }

    /// This part and all below it, in the order of the text.
    pub fn walk(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            found.push(expr);
            open.extend(expr.children().into_iter().rev());
        }
        found
    }
}

impl Comparison {
    /// The operator as REDCap documents it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Arithmetic {
    /// The operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

/// Writes an expression in REDCap's documented spelling.
pub(super) struct Printed<'a> {
    pub expr: &'a Expr,
    pub references: &'a [Reference],
}

impl Printed<'_> {
    fn of<'b>(&'b self, expr: &'b Expr) -> Printed<'b> {
        Printed { expr, references: self.references }
    }

    fn joined(&self, f: &mut fmt::Formatter<'_>, parts: &[Expr], between: &str) -> fmt::Result {
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                f.write_str(between)?;
            }
            write!(f, "{}", self.of(part))?;
        }
        Ok(())
    }
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expr.node {
            Node::Number(number) => write!(f, "{number}"),
            Node::Text { text, mark } => {
                let escaped = text.replace(*mark, &format!("\\{mark}"));
                write!(f, "{mark}{escaped}{mark}")
            }
            Node::Bool(truth) => write!(f, "{truth}"),
            Node::Reference(index) => match self.references.get(*index) {
                Some(reference) => write!(f, "{reference}"),
                None => Ok(()),
            },
            Node::Call { name, args, .. } => {
                write!(f, "{name}(")?;
                self.joined(f, args, ", ")?;
                f.write_str(")")
            }
            Node::Group(of) => write!(f, "({})", self.of(of)),
            Node::Not(of) => write!(f, "not {}", self.of(of)),
            Node::Sign { minus, of } => write!(f, "{}{}", if *minus { "-" } else { "+" }, self.of(of)),
            Node::Power(base, exponent) => write!(f, "{}^{}", self.of(base), self.of(exponent)),
            Node::Arithmetic(first, rest) => {
                write!(f, "{}", self.of(first))?;
                rest.iter().try_for_each(|(op, part)| write!(f, " {} {}", op.as_str(), self.of(part)))
            }
            Node::Compare(first, rest) => {
                write!(f, "{}", self.of(first))?;
                rest.iter().try_for_each(|(op, part)| write!(f, " {} {}", op.as_str(), self.of(part)))
            }
            Node::All(parts) => self.joined(f, parts, " and "),
            Node::Any(parts) => self.joined(f, parts, " or "),
        }
    }
}
