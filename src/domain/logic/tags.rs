//! Action tags that hold logic: `@CALCTEXT`, `@CALCDATE`, `@IF` (`redcap-logic.md` §8).

use super::context::Context;
use super::error::{EvalError, LogicError};
use super::functions::dates::{Unit, moment, shifted};
use super::reference::Reference;
use super::rules::Rules;
use super::{Logic, parse};
use std::ops::Range;

/// An action tag of a field annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name without the `@`, such as `CALCTEXT`.
    pub name: &'a str,
    /// What stands in its parentheses.
    pub argument: Option<&'a str>,
    /// The place of the tag, in bytes.
    pub at: Range<usize>,
    /// The place of the argument, in bytes.
    pub argument_at: Range<usize>,
    /// Its opening parenthesis is never closed.
    pub is_open: bool,
}

/// The tags of an annotation that are not inside another tag.
pub fn find(annotation: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = annotation.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at) {
        let name_at = start + 1;
        let rest = annotation.get(name_at..).unwrap_or_default();
        let len = rest
            .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_')))
            .unwrap_or(rest.len());
        from = name_at + len;
        // `a@B.org` is an e-mail address.
        let in_word =
            annotation.get(..start).and_then(|b| b.chars().next_back()).is_some_and(char::is_alphanumeric);
        if in_word || !rest.starts_with(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        let name = rest.get(..len).unwrap_or_default();
        let after = rest.get(len..).unwrap_or_default();
        let mut tag = Tag { name, argument: None, at: start..from, argument_at: from..from, is_open: false };
        if after.starts_with('(') {
            match closing(after) {
                Some(end) => {
                    tag.argument = after.get(1..end);
                    tag.argument_at = from + 1..from + end;
                    from += end + 1;
                    tag.at.end = from;
                }
                None => {
                    tag.is_open = true;
                    from = annotation.len();
                }
            }
        } else if let Some(value) = after.strip_prefix('=')
            && let Some(mark @ ('"' | '\'')) = value.chars().next()
            && let Some(end) = value.get(1..).and_then(|v| v.find(mark))
        {
            // Nothing inside the quotes of `@DEFAULT='...'` is a tag.
            from += end + 3;
            tag.at.end = from;
        }
        found.push(tag);
    }
    found
}

/// The place of the parenthesis that closes the one the text starts with. Quotes are honoured.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in outside_quotes(text) {
        match c {
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The characters of a text that are not in quotes, with their places.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut open: Option<char> = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, c)| {
        match open {
            Some(mark) => {
                if *c == mark && !escaped {
                    open = None;
                }
                escaped = *c == '\\' && !escaped;
            }
            None if matches!(c, '"' | '\'') => {
                open = Some(*c);
                escaped = false;
            }
            None => return true,
        }
        false
    })
}

/// Cuts the argument of a tag at its commas, leaving those in quotes, parentheses and brackets.
fn arguments(text: &str) -> Vec<Range<usize>> {
    let mut depth = 0_usize;
    let mut start = 0;
    let mut found = Vec::new();
    for (at, c) in outside_quotes(text) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(start..text.len());
    found
}

/// Reads a part of an annotation as logic; places of errors are those in the annotation.
fn parse_part(annotation: &str, at: Range<usize>) -> Result<Logic, LogicError> {
    parse(annotation.get(at.clone()).unwrap_or_default()).map_err(|mut error| {
        error.at = error.at.start + at.start..error.at.end + at.start;
        error
    })
}

fn not_closed(tag: &Tag<'_>) -> LogicError {
    LogicError::new(
        tag.at.clone(),
        format!("The parenthesis of @{} is not closed.", tag.name),
        "Add the missing ).",
    )
}

/// What a text field is computed from.
#[derive(Debug, Clone, PartialEq)]
pub enum Computed {
    /// `@CALCTEXT`
    Text(Logic),
    /// `@CALCDATE`
    Date(CalcDate),
}

/// `@CALCDATE(source, offset, 'unit')`
#[derive(Debug, Clone, PartialEq)]
pub struct CalcDate {
    /// The date to start from.
    pub source: Logic,
    /// How many units are added.
    pub offset: Logic,
    /// The unit, of fixed length.
    pub unit: Unit,
}

impl Computed {
    /// The references of all parts.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let (first, second) = match self {
            Self::Text(logic) => (logic, None),
            Self::Date(date) => (&date.source, Some(&date.offset)),
        };
        first.references().chain(second.into_iter().flat_map(Logic::references))
    }

    /// What the field stores. The validation of the field decides whether a time is kept.
    pub fn eval(&self, context: &dyn Context, rules: &Rules, validation: &str) -> Result<String, EvalError> {
        match self {
            Self::Text(logic) => logic.calctext(context, rules),
            Self::Date(date) => date.eval(context, rules, validation),
        }
    }
}

impl CalcDate {
    /// The date that is stored; blank if the source or the offset is blank.
    pub fn eval(&self, context: &dyn Context, rules: &Rules, validation: &str) -> Result<String, EvalError> {
        if self.source.is_empty() || self.offset.is_empty() {
            return Ok(String::new());
        }
        let source = self.source.eval(context, rules)?;
        let offset = self.offset.eval(context, rules)?.as_number();
        let start =
            moment(&source, context.now(), rules).and_then(super::functions::dates::Moment::date_time);
        let (Some(start), Some(offset)) = (start, offset) else { return Ok(String::new()) };
        let Some(end) = shifted(start, offset, self.unit, rules.calcdate_by_calendar) else {
            return Ok(String::new());
        };
        let form = if validation.starts_with("datetime_seconds") {
            "%Y-%m-%d %H:%M:%S"
        } else if validation.starts_with("datetime") {
            "%Y-%m-%d %H:%M"
        } else {
            "%Y-%m-%d"
        };
        Ok(end.strftime(form).to_string())
    }
}

/// What a field is computed from, if its annotation has `@CALCTEXT` or `@CALCDATE`.
pub fn computed(annotation: &str) -> Option<Result<Computed, LogicError>> {
    let tag = find(annotation).into_iter().find(|t| matches!(t.name, "CALCTEXT" | "CALCDATE"))?;
    Some(read_computed(annotation, &tag))
}

fn read_computed(annotation: &str, tag: &Tag<'_>) -> Result<Computed, LogicError> {
    let Some(argument) = tag.argument else { return Err(not_closed(tag)) };
    if tag.name == "CALCTEXT" {
        return parse_part(annotation, tag.argument_at.clone()).map(Computed::Text);
    }
    let base = tag.argument_at.start;
    let parts = arguments(argument);
    let [source, offset, unit] = parts.as_slice() else {
        return Err(LogicError::new(
            tag.at.clone(),
            format!("@CALCDATE has {} parts, but takes 3.", parts.len()),
            "Write @CALCDATE([date], 7, 'd').",
        ));
    };
    let part = |at: &Range<usize>| parse_part(annotation, base + at.start..base + at.end);
    let unit_logic = part(unit)?;
    let unit_text = unit_logic.root().and_then(super::syntax::Expr::literal_text).unwrap_or_default();
    let Some(unit) = Unit::read(unit_text) else {
        return Err(LogicError::new(
            base + unit.start..base + unit.end,
            format!("{unit_text:?} is no unit of time."),
            "Units are y, M (month), d, h, m (minute) and s; case matters.",
        ));
    };
    Ok(Computed::Date(CalcDate { source: part(source)?, offset: part(offset)?, unit }))
}

/// `@IF(condition, tags, tags)`
#[derive(Debug, Clone, PartialEq)]
pub struct IfTag<'a> {
    /// The condition.
    pub condition: Logic,
    /// The tags if it is true.
    pub then: &'a str,
    /// The tags if it is not.
    pub otherwise: &'a str,
}

/// Reads an `@IF`.
pub fn read_if<'a>(annotation: &'a str, tag: &Tag<'a>) -> Result<IfTag<'a>, LogicError> {
    let Some(argument) = tag.argument else { return Err(not_closed(tag)) };
    let parts = arguments(argument);
    let [condition, then, otherwise] = parts.as_slice() else {
        return Err(LogicError::new(
            tag.at.clone(),
            format!("@IF has {} parts, but takes 3.", parts.len()),
            "Write @IF(condition, tags, tags); '' stands for no tags.",
        ));
    };
    let base = tag.argument_at.start;
    let condition = parse_part(annotation, base + condition.start..base + condition.end)?;
    let branch = |at: &Range<usize>| {
        let text = argument.get(at.clone()).unwrap_or_default().trim();
        if matches!(text, "''" | "\"\"") { "" } else { text }
    };
    Ok(IfTag { condition, then: branch(then), otherwise: branch(otherwise) })
}
