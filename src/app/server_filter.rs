//! The box for REDCap's own filter logic: only rows for which it is true are sent.

use crate::domain::logic::{self, Lint, LintKind, Project, Purpose, Severity};
use crate::domain::project::Metadata;
use tui_input::Input;

/// The state of the dialog.
#[derive(Debug, Clone, Default)]
pub struct ServerFilter {
    /// The logic as typed.
    pub text: Input,
    /// What is wrong or doubtful with it, worst first.
    pub remarks: Vec<Remark>,
}

/// A remark on the logic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The server will refuse it.
    pub refused: bool,
    /// In words.
    pub text: String,
}

impl ServerFilter {
    /// The dialog with the filter that is in force.
    pub fn new(text: &str, metadata: &Metadata) -> Self {
        let mut dialog = Self { text: Input::new(text.to_owned()), remarks: Vec::new() };
        dialog.check(metadata);
        dialog
    }

    /// Looks at the logic again after it was changed.
    pub fn check(&mut self, metadata: &Metadata) {
        self.remarks = remarks(self.text.value(), metadata);
    }

    /// Whether the server would refuse it.
    pub fn is_refused(&self) -> bool {
        self.remarks.iter().any(|r| r.refused)
    }
}

/// What is wrong or doubtful with a filter, worst first. An empty one has no remarks.
fn remarks(text: &str, metadata: &Metadata) -> Vec<Remark> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let logic = match logic::parse(text) {
        Ok(logic) => logic,
        Err(e) => return vec![Remark { refused: true, text: e.to_string() }],
    };
    let mut lints = logic.lint(&Project::new(metadata), Purpose::Filter);
    lints.sort_by_key(|l| std::cmp::Reverse(l.severity));
    let mut remarks: Vec<Remark> = lints
        .iter()
        // Which event a row is of is the server's question here.
        .filter(|l| !matches!(l.kind, LintKind::NotAtEvent | LintKind::InstanceMissing))
        .map(|l: &Lint| Remark { refused: l.severity == Severity::Error, text: l.message.clone() })
        .collect();
    remarks.dedup();
    remarks
}
