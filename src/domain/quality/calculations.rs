//! Rule H: calculated fields whose stored value differs from a fresh calculation.

use super::batch::{At, Shown};
use super::finding::Note;
use super::run::Hit;
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::logic::syntax::Node;
use crate::domain::logic::tags::{self, Computed};
use crate::domain::logic::{
    Context, EvalError, Logic, LogicError, Project, Reference, Rules, parse, parse_number,
};

/// Differences up to this part of the value are rounding noise (`redcap-logic.md` §6).
const TOLERANCE: f64 = 1e-9;

/// Whether REDCap computes the field.
pub(super) fn is_computed(field: &Field) -> bool {
    field.field_type == FieldType::Calc
        || field.field_type == FieldType::Text
            && tags::find(&field.annotation).iter().any(|t| matches!(t.name, "CALCTEXT" | "CALCDATE"))
}

/// The fields that a field is computed from.
pub(super) fn references(field: &Field) -> Vec<String> {
    match Source::read(field) {
        Some(Ok(source)) => source.references().filter_map(|r| r.field().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

enum Source {
    Number(Logic),
    Text(Computed),
}

impl Source {
    fn read(field: &Field) -> Option<Result<Self, LogicError>> {
        match field.field_type {
            FieldType::Calc => Some(parse(&field.choices_or_calculations).map(Self::Number)),
            FieldType::Text => tags::computed(&field.annotation).map(|read| read.map(Self::Text)),
            _ => None,
        }
    }

    fn references(&self) -> Box<dyn Iterator<Item = &Reference> + '_> {
        match self {
            Self::Number(logic) => Box::new(logic.references()),
            Self::Text(computed) => Box::new(computed.references()),
        }
    }

    fn logic(&self) -> Vec<&Logic> {
        match self {
            Self::Number(logic) | Self::Text(Computed::Text(logic)) => vec![logic],
            Self::Text(Computed::Date(date)) => vec![&date.source, &date.offset],
        }
    }

    fn eval(&self, context: &dyn Context, rules: &Rules, validation: &str) -> Result<String, EvalError> {
        match self {
            Self::Number(logic) => logic.calc(context, rules),
            Self::Text(computed) => computed.eval(context, rules, validation),
        }
    }
}

/// A field that is computed.
pub(super) struct Calculation {
    source: Source,
    /// It is made of fields that are marked as identifiers.
    personal: bool,
}

impl Calculation {
    /// Reads the calculation of a field, with what is to be said of it.
    pub fn new(field: &Field, project: &Project<'_>) -> (Option<Self>, Option<String>) {
        let source = match Source::read(field) {
            None => return (None, None),
            Some(Ok(source)) => source,
            Some(Err(error)) => {
                return (None, Some(format!("{} is not checked: {error}", field.name)));
            }
        };
        let names = source.references().filter_map(Reference::field);
        let personal = names.filter_map(|name| project.field(name)).any(|f| f.identifier);
        let moves = source.logic().iter().filter_map(|l| l.root()).any(|root| {
            root.walk().iter().any(
                |e| matches!(&e.node, Node::Text { text, .. } if matches!(text.as_str(), "today" | "now")),
            )
        });
        let remark = moves.then(|| {
            format!("{} uses 'today' or 'now': its value is right only on the day it was saved.", field.name)
        });
        (Some(Self { source, personal }), remark)
    }

    /// Whether the stored value is another one than a fresh calculation gives; an error says why
    /// it cannot be known.
    pub fn check(&self, at: &At<'_>) -> Result<Option<Hit>, EvalError> {
        if !at.batch.holds_data(at.row) {
            return Ok(None);
        }
        let field = at.checked.field;
        let stored = at.value();
        let eval = |rules: &Rules| {
            at.batch.at(at.row, &field.form, |context| self.source.eval(context, rules, &field.validation))
        };
        let computed = eval(at.batch.rules)?;
        if is_same(stored, &computed) {
            return Ok(None);
        }
        if stored.is_empty() {
            // Branching logic that is false erases the value.
            if at.shown() == Shown::No {
                return Ok(None);
            }
            // A statistic of nothing but blanks may give 0, but a calculation whose inputs are all
            // blank is blank unless it yields a constant (`redcap-validation.md` §11).
            let strict = Rules { sum_of_blanks_is_zero: false, ..at.batch.rules.clone() };
            if eval(&strict)?.is_empty() {
                return Ok(None);
            }
        }
        let variants = at.batch.rules.blank_variants();
        let depends_on_blanks =
            variants.iter().any(|rules| eval(rules).is_ok_and(|other| is_same(stored, &other)));
        let note = Note::Computed { value: computed, personal: self.personal };
        Ok(Some(Hit { note, depends_on_blanks }))
    }
}

/// Whether two results are the same: as text, or as numbers up to rounding noise. Two blanks agree.
fn is_same(stored: &str, computed: &str) -> bool {
    if stored == computed {
        return true;
    }
    // A comma decimal is the same number.
    let number = |text: &str| parse_number(text).or_else(|| parse_number(&text.replace(',', ".")));
    match (number(stored), number(computed)) {
        (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1e-3),
        _ => false,
    }
}
