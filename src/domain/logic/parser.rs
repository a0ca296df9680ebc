//! Tokens to the syntax tree (`redcap-logic.md` §3).
//!
//! One pass, one token of look-ahead. Every way down into a deeper level passes [`Parser::deeper`],
//! which refuses what is nested too deeply before the stack could overflow.

use super::error::LogicError;
use super::functions::{self, Function};
use super::lexer::{Token, tokens};
use super::lint::{Lint, LintKind};
use super::reference::{Item, Reference};
use super::rules::Rules;
use super::syntax::{Arithmetic, Comparison, Expr, Node};
use std::ops::Range;

/// How deep parentheses and calls may be nested. REDCap itself is said to stop at about 80 (§7).
pub const MAX_DEPTH: usize = 150;

/// What the parser found.
pub(super) struct Parsed {
    pub root: Option<Expr>,
    pub references: Vec<Reference>,
    pub notes: Vec<Lint>,
}

/// Reads a text.
pub(super) fn parse(text: &str, rules: &Rules) -> Result<Parsed, LogicError> {
    let mut parser = Parser {
        tokens: tokens(text, rules)?.into_iter().peekable(),
        end: text.len(),
        last_end: 0,
        depth: 0,
        references: Vec::new(),
        notes: Vec::new(),
        rules,
    };
    let root = match parser.tokens.peek() {
        None => None,
        Some(_) => Some(parser.any()?),
    };
    if let Some((token, at)) = parser.tokens.next() {
        return Err(left_over(&token, at));
    }
    Ok(Parsed { root, references: parser.references, notes: parser.notes })
}

fn left_over(token: &Token, at: Range<usize>) -> LogicError {
    match token {
        Token::Close => LogicError::new(
            at,
            "This closing parenthesis has no opening one.",
            "Remove it, or add the missing ( before.",
        ),
        Token::Comma => LogicError::new(
            at,
            "A comma stands outside of a function.",
            "Commas separate the arguments of functions; conditions are joined by and / or.",
        ),
        _ => LogicError::new(
            at,
            "An operator is missing before this.",
            "Between two values stands =, <>, <, >, +, - or the like; between two conditions and / or.",
        ),
    }
}

struct Parser<'r> {
    tokens: std::iter::Peekable<std::vec::IntoIter<(Token, Range<usize>)>>,
    /// Where the text ends.
    end: usize,
    /// Where the token that was taken last ends.
    last_end: usize,
    depth: usize,
    references: Vec<Reference>,
    notes: Vec<Lint>,
    rules: &'r Rules,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<(Token, Range<usize>)> {
        let taken = self.tokens.next();
        if let Some((_, at)) = &taken {
            self.last_end = at.end;
        }
        taken
    }

    fn here(&mut self) -> Range<usize> {
        let end = self.end;
        self.tokens.peek().map_or(end..end, |(_, at)| at.clone())
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Expr, LogicError>,
    ) -> Result<Expr, LogicError> {
        if self.depth >= MAX_DEPTH {
            return Err(LogicError::new(
                self.here(),
                format!("The logic is nested more than {MAX_DEPTH} levels deep."),
                "Use fewer parentheses and fewer functions inside functions.",
            ));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Takes the next token if it is an operator that means one of these.
    fn take<T: Copy>(&mut self, wanted: &[(&'static str, T)]) -> Option<(T, &'static str, Range<usize>)> {
        let (token, _) = self.tokens.peek()?;
        let (spelling, meaning) = match token {
            Token::Operator(operator) => *wanted.iter().find(|(spelling, _)| spelling == operator)?,
            Token::Word(word) => {
                *wanted.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(word))?
            }
            _ => return None,
        };
        let (_, at) = self.next()?;
        Some((meaning, spelling, at))
    }

    /// Notes a spelling that REDCap does not document, or refuses it if the rules say so.
    fn lenient(&mut self, at: Range<usize>, spelling: &str, better: &str) -> Result<(), LogicError> {
        let message = format!("{spelling} is not documented as an operator of REDCap.");
        // `!=` is seen in tested examples, so it is never refused (§5).
        if !self.rules.lenient_operators && spelling != "!=" {
            return Err(LogicError::new(at, message, format!("Write {better}.")));
        }
        self.notes.push(Lint::warning(
            LintKind::UndocumentedOperator,
            at,
            message,
            format!("Write {better}."),
        ));
        Ok(())
    }

    fn any(&mut self) -> Result<Expr, LogicError> {
        let first = self.all()?;
        let mut parts = vec![first];
        while let Some(((), spelling, at)) = self.take(&[("or", ()), ("||", ())]) {
            if spelling == "||" {
                self.lenient(at, spelling, "or")?;
            }
            parts.push(self.all()?);
        }
        Ok(joined(parts, Node::Any))
    }

    fn all(&mut self) -> Result<Expr, LogicError> {
        let first = self.not()?;
        let mut parts = vec![first];
        while let Some(((), spelling, at)) = self.take(&[("and", ()), ("&&", ())]) {
            if spelling == "&&" {
                self.lenient(at, spelling, "and")?;
            }
            parts.push(self.not()?);
        }
        Ok(joined(parts, Node::All))
    }

    fn not(&mut self) -> Result<Expr, LogicError> {
        let Some(((), spelling, at)) = self.take(&[("not", ()), ("!", ())]) else {
            return self.compare();
        };
        self.lenient(at.clone(), spelling, "the opposite comparison, such as <> instead of =")?;
        let of = self.deeper(Self::not)?;
        Ok(Expr { at: at.start..of.at.end, node: Node::Not(Box::new(of)) })
    }

    fn compare(&mut self) -> Result<Expr, LogicError> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let first = self.sum()?;
        let mut rest = Vec::new();
        while let Some((op, spelling, at)) = self.take(&[
            ("=", Equal),
            ("<>", NotEqual),
            ("<", Less),
            ("<=", LessOrEqual),
            (">", Greater),
            (">=", GreaterOrEqual),
            ("!=", NotEqual),
            ("==", Equal),
        ]) {
            if matches!(spelling, "!=" | "==") {
                self.lenient(at, spelling, op.as_str())?;
            }
            rest.push((op, self.sum()?));
        }
        Ok(chain(first, rest, Node::Compare))
    }

    fn sum(&mut self) -> Result<Expr, LogicError> {
        let first = self.product()?;
        let mut rest = Vec::new();
        while let Some((op, _, _)) = self.take(&[("+", Arithmetic::Add), ("-", Arithmetic::Subtract)]) {
            rest.push((op, self.product()?));
        }
        Ok(chain(first, rest, Node::Arithmetic))
    }

    fn product(&mut self) -> Result<Expr, LogicError> {
        let first = self.unary()?;
        let mut rest = Vec::new();
        while let Some((op, _, _)) = self.take(&[("*", Arithmetic::Multiply), ("/", Arithmetic::Divide)]) {
            rest.push((op, self.unary()?));
        }
        Ok(chain(first, rest, Node::Arithmetic))
    }

    fn unary(&mut self) -> Result<Expr, LogicError> {
        let Some((minus, _, at)) = self.take(&[("-", true), ("+", false)]) else {
            return self.power();
        };
        let of = self.power()?;
        Ok(Expr { at: at.start..of.at.end, node: Node::Sign { minus, of: Box::new(of) } })
    }

    fn power(&mut self) -> Result<Expr, LogicError> {
        let base = self.primary()?;
        let Some(((), _, at)) = self.take(&[("^", ())]) else {
            return Ok(base);
        };
        let exponent = self.deeper(Self::unary)?;
        let grouped = |e: &Expr| matches!(e.node, Node::Group(_));
        if !grouped(&base) || !grouped(&exponent) {
            self.notes.push(Lint::warning(
                LintKind::BarePower,
                at,
                "A power without parentheses may not work in REDCap.",
                "Write (base)^(exponent).",
            ));
        }
        Ok(Expr { at: base.at.start..exponent.at.end, node: Node::Power(Box::new(base), Box::new(exponent)) })
    }

    fn primary(&mut self) -> Result<Expr, LogicError> {
        let Some((token, at)) = self.next() else {
            return Err(LogicError::new(
                self.end..self.end,
                "The logic ends where a value is expected.",
                "Complete it, or remove the last operator.",
            ));
        };
        let node = match token {
            Token::Number(number) => Node::Number(number),
            Token::Text { text, mark } => Node::Text { text, mark },
            Token::Reference(reference) => return self.reference(reference),
            Token::Open => {
                let inner = self.deeper(Self::any)?;
                self.close(&at)?;
                return Ok(Expr { at: at.start..self.last_end, node: Node::Group(Box::new(inner)) });
            }
            Token::Word(word) => return self.word(&word, at),
            Token::Close | Token::Comma | Token::Operator(_) => {
                return Err(LogicError::new(
                    at,
                    "A value is expected here.",
                    "A value is a number, a text in quotes, a [field] or a function.",
                ));
            }
        };
        Ok(Expr { at, node })
    }

    /// Takes the closing parenthesis that belongs to the opening one at `open`.
    fn close(&mut self, open: &Range<usize>) -> Result<(), LogicError> {
        match self.tokens.peek() {
            Some((Token::Close, _)) => {
                self.next();
                Ok(())
            }
            Some((token @ (Token::Word(_) | Token::Number(_) | Token::Text { .. } | Token::Open), at)) => {
                Err(left_over(token, at.clone()))
            }
            Some((Token::Comma, at)) => Err(left_over(&Token::Comma, at.clone())),
            _ => Err(LogicError::new(
                open.clone(),
                "This opening parenthesis is not closed.",
                "Add the missing ).",
            )),
        }
    }

    fn reference(&mut self, mut reference: Reference) -> Result<Expr, LogicError> {
        // With a blank between, REDCap ignores the event and takes the field from the current
        // event (`redcap-logic.md` §2).
        while let Some((Token::Reference(next), at)) = self.tokens.peek() {
            let could_be_event = reference.is_plain() && reference.code().is_none();
            let says_instance = matches!(&next.item, Item::Smart { name, .. } if name.ends_with("-instance"));
            if !could_be_event || says_instance {
                return Err(left_over(&Token::Open, at.clone()));
            }
            self.notes.push(Lint::warning(
                LintKind::SpaceInReference,
                reference.at.start..at.end,
                format!("Because of the space REDCap ignores {reference} and takes {next} of the current event."),
                "Remove the space between the brackets.",
            ));
            reference = next.clone();
            self.next();
        }
        let at = reference.at.clone();
        self.references.push(reference);
        Ok(Expr { at, node: Node::Reference(self.references.len() - 1) })
    }

    fn word(&mut self, word: &str, at: Range<usize>) -> Result<Expr, LogicError> {
        let name = word.to_ascii_lowercase();
        let opens = matches!(self.tokens.peek(), Some((Token::Open, _)));
        if !opens {
            return match name.as_str() {
                "true" => Ok(Expr { at, node: Node::Bool(true) }),
                "false" => Ok(Expr { at, node: Node::Bool(false) }),
                "and" | "or" | "not" => Err(LogicError::new(
                    at,
                    format!("A value is expected before {word}."),
                    "Each side of and / or is a condition.",
                )),
                _ => Err(LogicError::new(
                    at,
                    format!("{word} is neither a field nor a text."),
                    format!("Write [{word}] for a field, '{word}' for a text."),
                )),
            };
        }
        if !self.rules.any_case_functions && name != word {
            return Err(LogicError::new(at, format!("{word} is no function."), format!("Write {name}.")));
        }
        let open = self.here();
        self.next();
        let mut args = Vec::new();
        if !matches!(self.tokens.peek(), Some((Token::Close, _))) {
            args.push(self.deeper(Self::any)?);
            while matches!(self.tokens.peek(), Some((Token::Comma, _))) {
                self.next();
                args.push(self.deeper(Self::any)?);
            }
        }
        self.close(&open)?;
        let whole = at.start..self.last_end;
        let function = Function::from_name(&name);
        if let Some(function) = function {
            functions::check_arguments(function, &args, &whole)?;
        }
        Ok(Expr { at: whole, node: Node::Call { name, function, args } })
    }
}

fn span(parts: &[Expr]) -> Range<usize> {
    match (parts.first(), parts.last()) {
        (Some(first), Some(last)) => first.at.start..last.at.end,
        _ => 0..0,
    }
}

/// One part stays as it is; several become one node.
fn joined(mut parts: Vec<Expr>, node: fn(Vec<Expr>) -> Node) -> Expr {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            Expr { at: span(&parts), node: node(parts) }
        }
    }
}

fn chain<T>(first: Expr, rest: Vec<(T, Expr)>, node: fn(Box<Expr>, Vec<(T, Expr)>) -> Node) -> Expr {
    match rest.last() {
        None => first,
        Some((_, last)) => Expr { at: first.at.start..last.at.end, node: node(Box::new(first), rest) },
    }
}
