//! Section Token: what the token may do, what it silently loses, why, and what to ask for.

use super::cursor::Cursor;
use super::open::Open;
use crate::domain::access_test::compare::{Difference, differences, same};
use crate::domain::access_test::print::{group, identity};
use crate::domain::access_test::{Report, Usable, Verdict};
use crate::jobs::Problem;
use crate::jobs::types::{Kept, SavedProject};
use jiff::Timestamp;

/// The result of a test on screen.
#[derive(Debug, Clone, Default)]
pub struct TokenView {
    /// The last test. It stays while another one runs.
    pub report: Option<Box<Report>>,
    /// When it was made.
    pub tested_at: Option<Timestamp>,
    /// What differs from the test before, and when that was made.
    pub changed: Option<(Vec<Difference>, Timestamp)>,
    /// Why the last test failed.
    pub problem: Option<Problem>,
    /// Another token of the same project: its name, and its test. Both are shown side by side.
    pub beside: Option<Beside>,
    /// The chosen row.
    pub cursor: Cursor,
}

/// Two tests side by side.
#[derive(Debug, Clone)]
pub struct Beside {
    /// What the other token is called.
    pub name: String,
    /// What differs: the thing, then both.
    pub differs: Vec<Difference>,
    /// What is the same.
    pub same: Vec<(String, String)>,
}

/// One row of the section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRow {
    /// A heading.
    Heading(&'static str),
    /// A name and its value.
    Pair(&'static str, String),
    /// An instrument, by place.
    Form(usize),
    /// A case that fits, by place.
    Case(usize),
    /// Something that differs from the test before, by place.
    Change(usize),
    /// Something on which two tokens differ, by place.
    Differs(usize),
    /// Something that two tokens have in common, by place.
    Same(usize),
    /// The text to send to the project's owner.
    Ask,
    /// A method, by place.
    Method(usize),
}

impl TokenView {
    /// Takes a new result in. The test before is the kept one, or that of this session.
    pub fn take(&mut self, report: Report, kept: Option<Kept>, now: Timestamp) {
        let mine = self.report.take().zip(self.tested_at).map(|(report, at)| Kept { at, report: *report });
        self.changed = mine.or(kept).map(|before| (differences(&[&before.report, &report]), before.at));
        self.report = Some(Box::new(report));
        self.tested_at = Some(now);
        self.problem = None;
        self.beside = None;
        self.cursor = Cursor::default();
        self.leave_heading(true);
    }

    /// Puts another token's test beside the last one.
    pub fn put_beside(&mut self, name: String, other: &Report) {
        let Some(mine) = &self.report else { return };
        let both = [mine.as_ref(), other];
        self.beside = Some(Beside { name, differs: differences(&both), same: same(&both) });
        self.cursor = Cursor::default();
        self.leave_heading(true);
    }

    /// The rows of two tokens side by side, what differs first.
    fn beside_rows(beside: &Beside) -> Vec<TokenRow> {
        let mut rows = vec![TokenRow::Heading("What differs")];
        if beside.differs.is_empty() {
            rows.push(TokenRow::Pair("Nothing", "the tokens differ in nothing that was tried".into()));
        }
        rows.extend((0..beside.differs.len()).map(TokenRow::Differs));
        rows.push(TokenRow::Heading("What is the same for both"));
        rows.extend((0..beside.same.len()).map(TokenRow::Same));
        rows
    }

    /// The rows: identity, what is left out, why, what to ask for, every method.
    pub fn rows(&self) -> Vec<TokenRow> {
        let Some(report) = &self.report else { return Vec::new() };
        if let Some(beside) = &self.beside {
            return Self::beside_rows(beside);
        }
        let mut rows =
            vec![TokenRow::Heading("Whose token, and where"), TokenRow::Pair("In short", report.headline())];
        rows.extend(identity(report).into_iter().map(|(name, value)| TokenRow::Pair(name, value)));
        if !report.stopped.is_empty() {
            rows.push(TokenRow::Pair("Ended early", report.stopped.clone()));
        }
        if report.usable == Usable::Reads {
            rows.push(TokenRow::Heading("What is left out without a word"));
            rows.extend(report.doctor.lines().into_iter().map(|(name, text)| TokenRow::Pair(name, text)));
            if let Some(n) = report.doctor.records {
                rows.push(TokenRow::Pair("Records", format!("the token sees {n}")));
            }
            rows.push(TokenRow::Pair("Group", group(&report.doctor.group)));
            if report.doctor.hashed {
                rows.push(TokenRow::Pair("Record ids", "hashed: all have 32 hexadecimal digits".into()));
            }
            rows.extend((0..report.doctor.forms.len()).map(TokenRow::Form));
        }
        if let Some((changed, _)) = &self.changed {
            rows.push(TokenRow::Heading("Changed since the test before"));
            if changed.is_empty() {
                rows.push(TokenRow::Pair("Nothing", "all that was tried is as it was".into()));
            }
            rows.extend((0..changed.len()).map(TokenRow::Change));
        }
        if !report.request.is_empty() {
            rows.push(TokenRow::Heading("What to ask for"));
            rows.push(TokenRow::Ask);
        }
        if !report.cases.is_empty() {
            rows.push(TokenRow::Heading("If you wonder why"));
            rows.extend((0..report.cases.len()).map(TokenRow::Case));
        }
        rows.push(TokenRow::Heading("What each method may"));
        rows.extend((0..report.rows.len()).map(TokenRow::Method));
        rows
    }

    /// The chosen row.
    pub fn row(&self) -> Option<TokenRow> {
        self.rows().get(self.cursor.at).cloned()
    }

    /// Headings are no places for the cursor: moves it on to the next row that is none, the other
    /// way if there is none.
    pub fn leave_heading(&mut self, down: bool) {
        let rows = self.rows();
        let is_row = |at: &usize| rows.get(*at).is_some_and(|row| !matches!(row, TokenRow::Heading(_)));
        let at = self.cursor.at;
        let below = (at..rows.len()).find(is_row);
        let above = (0..at).rev().find(is_row);
        if let Some(at) = if down { below.or(above) } else { above.filter(|_| !is_row(&at)).or(below) } {
            self.cursor.at = at;
        }
    }

    /// The text for the project's owner; empty if nothing is missing or nothing was tested.
    pub fn request(&self) -> &str {
        self.report.as_ref().map_or("", |r| r.request.as_str())
    }

    /// What is said when a test is done.
    pub fn done_words(&self) -> String {
        self.report.as_ref().map_or_else(String::new, |r| r.headline())
    }

    /// The text under the cursor, for copying.
    pub fn copied(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        Some(match self.row()? {
            TokenRow::Heading(_) => return None,
            TokenRow::Pair(_, value) => value,
            TokenRow::Form(i) => {
                let form = report.doctor.forms.get(i)?;
                format!("{}: {}. {}", form.label, form.words(), form.evidence)
            }
            TokenRow::Case(i) => {
                let case = report.cases.get(i)?;
                format!("{} {}", case.truth, case.evidence)
            }
            TokenRow::Change(i) => {
                let (name, values) = self.change(i)?;
                format!("{name}: {}", values.join(" -> "))
            }
            TokenRow::Differs(i) => {
                let (name, values) = self.beside.as_ref()?.differs.get(i)?;
                format!("{name}: {}", values.join(" / "))
            }
            TokenRow::Same(i) => {
                let (name, value) = self.beside.as_ref()?.same.get(i)?;
                format!("{name}: {value}")
            }
            TokenRow::Ask => report.request.clone(),
            TokenRow::Method(i) => {
                let row = report.rows.get(i)?;
                format!("{}: {}. {} {}", row.title, row.verdict.word(), row.why, row.evidence)
            }
        })
    }

    /// Something that differs from the test before.
    pub fn change(&self, at: usize) -> Option<&Difference> {
        self.changed.as_ref().and_then(|(list, _)| list.get(at))
    }

    /// How many methods have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.report.as_ref().map_or(0, |r| r.count(verdict))
    }
}

/// Whether the single calls of class C make sense for the open project; if not, why not.
pub fn may_test_single(open: &Open) -> Result<(), &'static str> {
    may_write(open)?;
    if !open.metadata.info.randomization_enabled {
        return Err("the only such call is Randomize Record, and this project has no randomization");
    }
    Ok(())
}

/// The other saved tokens of the project: the same server and the same number.
pub fn other_tokens(open: &Open, projects: &[SavedProject]) -> Vec<SavedProject> {
    let own = &open.project;
    let pid = open.metadata.info.project_id;
    let is_other = |p: &&SavedProject| p.id != own.id && p.url == own.url && pid != 0 && p.project_id == pid;
    projects.iter().filter(is_other).cloned().collect()
}

/// Whether another token can be put beside; if not, why not.
pub fn may_compare(open: &Open, projects: &[SavedProject]) -> Result<(), &'static str> {
    if open.token.beside.is_some() {
        return Ok(());
    }
    if open.token.report.is_none() {
        return Err("test this token first ({test-token})");
    }
    if other_tokens(open, projects).is_empty() {
        return Err("no other token of this project is saved: {add-project} adds one");
    }
    Ok(())
}

/// Whether calls of class B may be sent to the open project; if not, why not.
pub fn may_write(open: &Open) -> Result<(), &'static str> {
    if open.metadata.info.in_production && !open.project.write_access {
        return Err(
            "the project is in production and its write access is not switched on ({write-access} in section 1 or 5)",
        );
    }
    Ok(())
}
