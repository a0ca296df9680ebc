//! The operators: how tightly they bind, and the nodes that chains of them make.

use super::lexer::Token;
use super::syntax::{Arithmetic, Comparison, Expr, Node};

/// How tightly operators bind, from loose to tight (`redcap-logic.md` §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Any,
    All,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
    Power,
}

/// An operator with two sides.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operator {
    /// `and`, `or`, `^`: the level says it all.
    Join,
    Compare(Comparison),
    Arithmetic(Arithmetic),
}

/// What a token means between two values: how tightly it binds, what it is, how it is spelled.
pub(super) fn operator(token: &Token) -> Option<(Level, Operator, &'static str)> {
    let spelling = match token {
        Token::Operator(spelling) => *spelling,
        Token::Word(word) if word.eq_ignore_ascii_case("and") => "and",
        Token::Word(word) if word.eq_ignore_ascii_case("or") => "or",
        _ => return None,
    };
    let compare = |op| (Level::Compare, Operator::Compare(op), spelling);
    let arithmetic = |level, op| (level, Operator::Arithmetic(op), spelling);
    Some(match spelling {
        "or" | "||" => (Level::Any, Operator::Join, spelling),
        "and" | "&&" => (Level::All, Operator::Join, spelling),
        "=" | "==" => compare(Comparison::Equal),
        "<>" | "!=" => compare(Comparison::NotEqual),
        "<" => compare(Comparison::Less),
        "<=" => compare(Comparison::LessOrEqual),
        ">" => compare(Comparison::Greater),
        ">=" => compare(Comparison::GreaterOrEqual),
        "+" => arithmetic(Level::Sum, Arithmetic::Add),
        "-" => arithmetic(Level::Sum, Arithmetic::Subtract),
        "*" => arithmetic(Level::Product, Arithmetic::Multiply),
        "/" => arithmetic(Level::Product, Arithmetic::Divide),
        "^" => (Level::Power, Operator::Join, spelling),
        _ => return None,
    })
}

/// Makes one node of a chain of comparisons or operations.
pub(super) fn chain(first: Expr, operators: Vec<Operator>, values: impl Iterator<Item = Expr>) -> Node {
    let mut comparisons = Vec::new();
    let mut operations = Vec::new();
    for (operator, value) in operators.into_iter().zip(values) {
        match operator {
            Operator::Compare(op) => comparisons.push((op, value)),
            Operator::Arithmetic(op) => operations.push((op, value)),
            Operator::Join => {}
        }
    }
    if comparisons.is_empty() {
        Node::Arithmetic(Box::new(first), operations)
    } else {
        Node::Compare(Box::new(first), comparisons)
    }
}
