//! Tokens to the syntax tree (`redcap-logic.md` §3).
//!
//! One pass, one token of look-ahead. Every way down into a deeper level passes `enter`,
//! which refuses what is nested too deeply before the stack could overflow.

use super::error::LogicError;
use super::functions::{self, Function};
use super::lexer::{Token, tokens};
use super::lint::{Lint, LintKind};
use super::operators::{Level, Operator, chain, operator};
use super::reference::{Item, Reference};
use super::rules::Rules;
use super::syntax::{Expr, Node};
use std::ops::Range;

/// How deep parentheses and calls may be nested. REDCap itself is said to stop at about 80 (§7).
pub const MAX_DEPTH: usize = 100;

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
        None if rules.refuse_white_space && !text.is_empty() => {
            return Err(LogicError::new(0..text.len(), "There is no logic here.", "Remove the white space."));
        }
        None => None,
        Some(_) => Some(parser.expression()?),
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

/// What waits for its right side.
struct Open {
    level: Level,
    /// The place of the operator.
    at: Range<usize>,
    /// For a sign: it is `-`.
    minus: bool,
    /// The parts so far, each with the operator after it.
    parts: Vec<(Operator, Expr)>,
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

    /// Goes one level down, unless that is too deep.
    fn enter(&mut self) -> Result<(), LogicError> {
        if self.depth >= MAX_DEPTH {
            return Err(LogicError::new(
                self.here(),
                format!("The logic is nested more than {MAX_DEPTH} levels deep."),
                "Use fewer parentheses and fewer functions inside functions.",
            ));
        }
        self.depth += 1;
        Ok(())
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

    /// Reads an expression up to where no operator follows.
    ///
    /// What waits for its right side is kept on a list of its own, ordered from loose to tight,
    /// so that an expression needs one frame of the stack and not one per level of operators.
    fn expression(&mut self) -> Result<Expr, LogicError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            if let Some(prefix) = self.prefix(open.last().map(|o| o.level))? {
                open.push(prefix);
                continue;
            }
            let mut value = self.primary()?;
            let next = self.tokens.peek().and_then(|(token, _)| operator(token));
            // Everything that binds tighter than the next operator has its right side now.
            // A power takes the power on its right first.
            while let Some(top) = open.pop_if(|top| next.is_none_or(|(level, ..)| top.level > level)) {
                value = self.finish(top, value);
            }
            let Some((level, operator, spelling)) = next else { return Ok(value) };
            let at = self.next().map_or(0..0, |(_, at)| at);
            if matches!(spelling, "||" | "&&" | "!=" | "==") {
                let better = match operator {
                    Operator::Compare(op) => op.as_str(),
                    _ if level == Level::Any => "or",
                    _ => "and",
                };
                self.lenient(at.clone(), spelling, better)?;
            }
            match open.last_mut() {
                Some(top) if top.level == level && level != Level::Power => top.parts.push((operator, value)),
                _ => {
                    if level == Level::Power {
                        self.enter()?;
                    }
                    open.push(Open { level, at, minus: false, parts: vec![(operator, value)] });
                }
            }
        }
    }

    /// Takes a sign or a `not`, where one may stand.
    fn prefix(&mut self, after: Option<Level>) -> Result<Option<Open>, LogicError> {
        let (level, minus, spelling) = match self.tokens.peek() {
            Some((Token::Operator("-"), _)) => (Level::Sign, true, "-"),
            Some((Token::Operator("+"), _)) => (Level::Sign, false, "+"),
            Some((Token::Operator("!"), _)) => (Level::Not, false, "!"),
            Some((Token::Word(word), _)) if word.eq_ignore_ascii_case("not") => (Level::Not, false, "not"),
            _ => return Ok(None),
        };
        // `not` stands before whole comparisons; a sign stands before one value, once.
        let allowed = after.is_none_or(|after| match level {
            Level::Not => after <= Level::Not,
            _ => after != Level::Sign,
        });
        if !allowed {
            return Ok(None);
        }
        let Some((_, at)) = self.next() else { return Ok(None) };
        if level == Level::Not {
            self.lenient(at.clone(), spelling, "the opposite comparison, such as <> instead of =")?;
            self.enter()?;
        }
        Ok(Some(Open { level, at, minus, parts: Vec::new() }))
    }

    /// Gives what waited its right side.
    fn finish(&mut self, open: Open, right: Expr) -> Expr {
        let Open { level, at: operator_at, minus, mut parts } = open;
        if matches!(level, Level::Not | Level::Power) {
            self.depth -= 1;
        }
        let start = parts.first().map_or(operator_at.start, |(_, first)| first.at.start);
        let at = start..right.at.end;
        let node = match level {
            Level::Not => Node::Not(Box::new(right)),
            Level::Sign => Node::Sign { minus, of: Box::new(right) },
            Level::Any | Level::All => {
                let mut all: Vec<Expr> = parts.into_iter().map(|(_, part)| part).collect();
                all.push(right);
                if level == Level::Any { Node::Any(all) } else { Node::All(all) }
            }
            Level::Power => match parts.pop() {
                Some((_, base)) => {
                    let grouped = |e: &Expr| matches!(e.node, Node::Group(_));
                    if !grouped(&base) || !grouped(&right) {
                        self.notes.push(Lint::warning(
                            LintKind::BarePower,
                            operator_at,
                            "A power without parentheses may not work in REDCap.",
                            "Write (base)^(exponent).",
                        ));
                    }
                    Node::Power(Box::new(base), Box::new(right))
                }
                None => return right,
            },
            Level::Compare | Level::Sum | Level::Product => {
                // Each part is kept with the operator after it; the tree wants the one before it.
                let mut operators = Vec::with_capacity(parts.len());
                let mut values = Vec::with_capacity(parts.len());
                for (operator, value) in parts {
                    operators.push(operator);
                    values.push(value);
                }
                values.push(right);
                let mut values = values.into_iter();
                let Some(first) = values.next() else {
                    return Expr { at, node: Node::Bool(false) };
                };
                chain(first, operators, values)
            }
        };
        Expr { at, node }
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
                self.enter()?;
                let inner = self.expression()?;
                self.depth -= 1;
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
                format!(
                    "Because of the space REDCap ignores {reference} and takes {next} of the current event."
                ),
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
        self.enter()?;
        let mut args = Vec::new();
        if !matches!(self.tokens.peek(), Some((Token::Close, _))) {
            args.push(self.expression()?);
            while matches!(self.tokens.peek(), Some((Token::Comma, _))) {
                self.next();
                args.push(self.expression()?);
            }
        }
        self.depth -= 1;
        self.close(&open)?;
        let whole = at.start..self.last_end;
        let function = Function::from_name(&name);
        if let Some(function) = function {
            functions::check_arguments(function, &args, &whole)?;
        }
        Ok(Expr { at: whole, node: Node::Call { name, function, args } })
    }
}
