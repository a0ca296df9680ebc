//! Data Quality rules A to I and custom rules, computed here: the API has no method to run them.
//!
//! The definitions are those of `redcap-validation.md` §11; what it leaves open is decided there
//! as "recommended", and each decision is told where it is made. A run takes the data batch by
//! batch, each with whole records, so it can show its progress and be stopped between batches:
//!
//! ```
//! use capscope::domain::quality::{Checks, Letter, Rule, Run};
//! use capscope::domain::{dictionary::*, project::Metadata, table::TableBuilder};
//!
//! let mut age = Field::new("age", "base");
//! age.validation = "integer".into();
//! age.validation_max = "120".into();
//! let metadata =
//!     Metadata { dictionary: Dictionary::new(vec![Field::new("id", "base"), age]), ..Metadata::default() };
//! let checks = Checks::new(vec![Rule::Standard(Letter::D)]);
//! let mut table = TableBuilder::new(["id", "age"]);
//! table.push_row(["1", "20"]);
//! table.push_row(["2", "130"]);
//!
//! let now = jiff::civil::date(2024, 7, 4).at(13, 45, 30, 0);
//! let mut run = Run::new(&metadata, &checks, now);
//! run.feed(&table.finish());
//! let report = run.finish();
//! assert_eq!(report.rules[0].found, 1);
//! assert_eq!(report.rules[0].findings[0].place.record, "2");
//! ```
//!
//! What a run keeps is what it found, up to a limit for each rule, and for rule E each number with
//! its place, because the mean is known only at the end.

mod batch;
mod blanks;
mod calculations;
mod choices;
mod custom;
mod exclusion;
mod fields;
mod finding;
mod hidden;
mod missing;
mod outliers;
mod range;
mod rule;
mod run;
#[cfg(test)]
mod tests;
mod types;

pub use exclusion::{Exclusion, Exclusions};
pub use fields::{Needed, needed};
pub use finding::{Finding, Limit, Note, Report, RuleReport};
pub use rule::{Checks, CustomRule, FINDINGS_KEPT, Letter, Rule};
pub use run::Run;
