//! Rules written in logic: true is a discrepancy. Every row is judged: records, events and
//! instances, each seeing the fields around it (`redcap-logic.md` §9).

use super::batch::{Batch, bind};
use super::finding::{Finding, Note, RuleReport};
use super::rule::CustomRule;
use crate::domain::logic::Verdict;

/// Judges all rows of a batch.
pub(super) fn check(rule: &CustomRule, batch: &Batch<'_>, report: &mut RuleReport, kept: usize) {
    let logic = &rule.logic;
    let field = logic.fields().next().unwrap_or_default();
    let bound = bind(logic, batch.rows, batch.rules, batch.now);
    for row in 0..batch.table.n_rows() {
        let truth = match &bound {
            Some(bound) => bound.is_true(row),
            None => batch.at(row, "", |context| logic.is_true(context, batch.rules)),
        };
        match truth {
            Ok(false) => {}
            Err(error) => report.remark(format!("Rows that cannot be judged: {error}.")),
            Ok(true) => {
                report.found += 1;
                if report.findings.len() < kept {
                    let verdict = batch.at(row, "", |context| logic.verdict(context, batch.rules));
                    report.findings.push(Finding {
                        place: batch.key(row),
                        field: field.to_owned(),
                        value: String::new(),
                        note: Note::None,
                        depends_on_blanks: verdict == Ok(Verdict::DependsOnBlanks),
                    });
                }
            }
        }
    }
}
