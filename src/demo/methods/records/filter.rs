//! A small evaluator for `filterLogic` and report filters: references, comparisons, `and`, `or`,
//! parentheses, checkbox syntax and blanks (`redcap-api.md` §4.9). Everything else is a 400.
//!
//! This is the only door to logic in this room, so that another engine can stand behind it.

use crate::demo::model::data::{Data, Place, Record, Row};
use crate::demo::model::project::Project;
use crate::demo::wire::error::ApiError;
use crate::domain::dictionary::FieldType;
use std::cmp::Ordering;

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Expr);

#[derive(Debug, Clone, PartialEq)]
enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Compare(Operand, Comparison, Operand),
    /// A bare value: true if it is neither blank nor 0.
    Truth(Operand),
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Text(String),
    Field { event: Option<u64>, name: String, code: Option<String> },
    RecordName,
    EventName,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Nesting deeper than this is refused, so that no request can exhaust the stack.
const DEEPEST: usize = 64;

impl Filter {
    /// Reads a logic text. The words of the refusal are ours: they are not attested.
    pub fn parse(text: &str, project: &Project) -> Result<Self, ApiError> {
        let mut parser = Parser { project, rest: text.trim(), depth: 0 };
        let expr = parser.or()?;
        if parser.rest.is_empty() { Ok(Self(expr)) } else { Err(parser.refuse("something after its end")) }
    }

    /// Whether the filter is true for a row.
    pub fn is_true(&self, project: &Project, data: &Data, name: &str, record: &Record, row: &Row) -> bool {
        Evaluation { project, data, name, record, row }.truth(&self.0)
    }
}

struct Parser<'a> {
    project: &'a Project,
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn refuse(&self, what: &str) -> ApiError {
        let near: String = self.rest.chars().take(20).collect();
        ApiError::bad(format!("The filterLogic has a syntax error: {what} near \"{near}\""))
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default().trim_start();
    }

    fn word(&mut self, word: &str) -> bool {
        let is_word = self.rest.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word))
            && !self
                .rest
                .get(word.len()..)
                .unwrap_or_default()
                .starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if is_word {
            self.skip(word.len());
        }
        is_word
    }

    fn or(&mut self) -> Result<Expr, ApiError> {
        let mut parts = vec![self.and()?];
        while self.word("or") {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn and(&mut self) -> Result<Expr, ApiError> {
        let mut parts = vec![self.term()?];
        while self.word("and") {
            parts.push(self.term()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn term(&mut self) -> Result<Expr, ApiError> {
        if self.rest.starts_with('(') {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.refuse("too many parentheses"));
            }
            self.skip(1);
            let inner = self.or()?;
            if !self.rest.starts_with(')') {
                return Err(self.refuse("a missing \")\""));
            }
            self.skip(1);
            self.depth -= 1;
            return Ok(inner);
        }
        let left = self.operand()?;
        let comparisons = [
            ("<>", Comparison::NotEqual),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let Some((sign, comparison)) = comparisons.into_iter().find(|(sign, _)| self.rest.starts_with(sign))
        else {
            return Ok(Expr::Truth(left));
        };
        self.skip(sign.len());
        Ok(Expr::Compare(left, comparison, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, ApiError> {
        let first = self.rest.chars().next();
        match first {
            Some(mark @ ('\'' | '"')) => {
                let Some(end) = self.rest.get(1..).and_then(|r| r.find(mark)) else {
                    return Err(self.refuse("an open quotation mark"));
                };
                let text = self.rest.get(1..=end).unwrap_or_default().to_owned();
                self.skip(end + 2);
                Ok(Operand::Text(text))
            }
            Some('[') => self.reference(),
            Some(c) if c.is_ascii_digit() || c == '-' || c == '.' => {
                let end = self
                    .rest
                    .char_indices()
                    .skip(1)
                    .find(|(_, c)| !c.is_ascii_digit() && *c != '.')
                    .map_or(self.rest.len(), |(i, _)| i);
                let number = self.rest.get(..end).unwrap_or_default().to_owned();
                if number.parse::<f64>().is_err() {
                    return Err(self.refuse("no number"));
                }
                self.skip(end);
                Ok(Operand::Text(number))
            }
            _ => Err(self.refuse("something that is not understood")),
        }
    }

    fn bracket(&mut self) -> Result<String, ApiError> {
        let Some(end) = self.rest.find(']') else { return Err(self.refuse("a missing \"]\"")) };
        let inner = self.rest.get(1..end).unwrap_or_default().trim().to_owned();
        // Only a bracket that follows at once belongs to the same reference.
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Ok(inner)
    }

    fn reference(&mut self) -> Result<Operand, ApiError> {
        let mut inner = self.bracket()?;
        let mut event = None;
        if self.rest.starts_with('[') {
            let found = self.project.event(&inner).and_then(|e| e.event_id);
            event = Some(found.ok_or_else(|| self.refuse(&format!("the unknown event [{inner}]")))?);
            inner = self.bracket()?;
            if self.rest.starts_with('[') {
                return Err(self.refuse("an instance, which this server does not understand"));
            }
        }
        self.rest = self.rest.trim_start();
        match inner.as_str() {
            "record-name" => return Ok(Operand::RecordName),
            "event-name" => return Ok(Operand::EventName),
            _ => {}
        }
        let (name, code) = match inner.split_once('(') {
            Some((name, code)) => (name.to_owned(), Some(code.trim_end_matches(')').to_owned())),
            None => (inner, None),
        };
        if !self.project.is_field(&name) {
            return Err(self.refuse(&format!("the unknown field [{name}]")));
        }
        let is_checkbox =
            self.project.dictionary.field(&name).is_some_and(|f| f.field_type == FieldType::Checkbox);
        if is_checkbox != code.is_some() {
            return Err(self.refuse(&format!("[{name}] with or without a code")));
        }
        Ok(Operand::Field { event, name, code })
    }
}

struct Evaluation<'a> {
    project: &'a Project,
    data: &'a Data,
    name: &'a str,
    record: &'a Record,
    row: &'a Row,
}

impl Evaluation<'_> {
    fn truth(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Or(parts) => parts.iter().any(|p| self.truth(p)),
            Expr::And(parts) => parts.iter().all(|p| self.truth(p)),
            Expr::Truth(operand) => {
                let value = self.value(operand);
                !value.is_empty() && value.parse() != Ok(0.0)
            }
            Expr::Compare(left, comparison, right) => {
                compare(&self.value(left), *comparison, &self.value(right))
            }
        }
    }

    fn value(&self, operand: &Operand) -> String {
        match operand {
            Operand::Text(text) => text.clone(),
            Operand::RecordName => self.name.to_owned(),
            Operand::EventName => {
                self.project.event_by_id(self.row.event).map_or(String::new(), |e| e.unique_name.clone())
            }
            Operand::Field { event, name, code } => {
                if event.is_none() && name == self.project.record_id_field() {
                    return self.name.to_owned();
                }
                let key = code.as_ref().map_or_else(|| name.clone(), |code| format!("{name}({code})"));
                let stored = match event {
                    Some(event) => self
                        .data
                        .row(self.record, Place::base(*event))
                        .map_or("", |row| self.data.get(row, &key)),
                    None => self.own_value(&key),
                };
                match code {
                    Some(_) => (if stored.is_empty() { "0" } else { "1" }).to_owned(),
                    None => stored.to_owned(),
                }
            }
        }
    }

    /// The row's own value; on an instance also the plain fields of its event
    /// (`redcap-logic.md` §9).
    fn own_value(&self, key: &str) -> &str {
        let own = self.data.get(self.row, key);
        if !own.is_empty() || !self.row.repeats() {
            return own;
        }
        self.data.row(self.record, Place::base(self.row.event)).map_or("", |base| self.data.get(base, key))
    }
}

/// Compares as `redcap-logic.md` §6 recommends: numbers if both look like numbers, else text;
/// a blank is equal to a blank only, and neither smaller nor larger than anything.
fn compare(left: &str, comparison: Comparison, right: &str) -> bool {
    let (left, right) = (left.trim(), right.trim());
    let order = if left.is_empty() || right.is_empty() {
        if left == right { Some(Ordering::Equal) } else { None }
    } else {
        match (left.replace(',', ".").parse::<f64>(), right.replace(',', ".").parse::<f64>()) {
            (Ok(a), Ok(b)) => a.partial_cmp(&b),
            _ => Some(left.cmp(right)),
        }
    };
    match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        _ if left.is_empty() || right.is_empty() => false,
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::{Dictionary, Field};
    use crate::domain::event::{Event, Instrument};
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn project() -> Project {
        let mut race = Field::new("race", "form");
        race.field_type = FieldType::Checkbox;
        race.choices_or_calculations = "1, A | 2, B".into();
        let mut data = Data::default();
        let now = date(2026, 1, 1).at(0, 0, 0, 0);
        for (key, value) in [("age", "61"), ("race(2)", "1"), ("name", "O'Brien")] {
            data.set("7", Place::base(1), key, value, now);
        }
        Project {
            dictionary: Dictionary::new(vec![
                Field::new("id", "form"),
                Field::new("age", "form"),
                Field::new("name", "form"),
                Field::new("empty", "form"),
                race,
            ]),
            instruments: vec![Instrument { name: "form".into(), label: "Form".into() }],
            events: vec![Event { unique_name: "e_arm_1".into(), event_id: Some(1), ..Event::default() }],
            data: Arc::new(data),
            ..Project::default()
        }
    }

    #[test]
    fn filters_are_evaluated() {
        let project = project();
        let record = project.data.record("7").unwrap();
        for (logic, expected) in [
            ("[age] >= 61", true),
            ("[age]>'61'", false),
            ("[race(2)] = '1' and [race(1)] = \"0\"", true),
            ("[empty] = ''", true),
            ("[empty] < 5 or [empty] > 5", false),
            ("[empty] <> '1'", true),
            ("([age] = 1 OR [age] = 61) AND [name] <> ''", true),
            ("[e_arm_1][age] = 61", true),
            ("[id] = '7' and [record-name] = 7", true),
            ("[form_complete] = '2'", false),
            ("[name] = \"O'Brien\"", true),
        ] {
            let filter = Filter::parse(logic, &project).unwrap();
            let found = filter.is_true(&project, &project.data, "7", record, &record.rows()[0]);
            assert_eq!(found, expected, "{logic}");
        }
    }

    #[test]
    fn what_is_not_understood_is_a_400() {
        for logic in
            ["", "[age", "[age] =", "[nothing] = 1", "round([age]) = 1", "[race] = 1", "[age] = 1)", "'x"]
        {
            assert_eq!(Filter::parse(logic, &project()).unwrap_err().status, 400, "{logic}");
        }
        let deep = "(".repeat(100_000);
        assert!(Filter::parse(&deep, &project()).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(logic in "[\\[\\]()'\"a-z=<>é 0-9.-]*") {
            let _ = Filter::parse(&logic, &project());
        }
    }
}
