//! The playground: a method, a form for its parameters, the answer, the same as code, and the
//! calls made so far.

pub mod choices;
pub mod consent;
pub mod form;
pub mod notes;
pub mod param_dialog;
pub mod privacy;
pub mod reading;
pub mod save_dialog;
pub mod words;

use super::actions::{Id, Scope};
use super::cursor::Cursor;
use super::open::Open;
use crate::api::catalogue::{Effect, Gate, METHODS, Method};
use crate::api::request::Request;
use crate::jobs::Problem;
use crate::jobs::types::{Answer, DiffKind, DiffLine};
use crate::snippets::{Call, Language};
use form::Form;
use jiff::Timestamp;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use reading::Reading;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many calls are remembered.
const MOST_CALLS: usize = 50;
/// So many bytes of answers are remembered, the newest first.
const MOST_BYTES: usize = 64 << 20;

/// A method in words that name it in every project: content and action.
pub type MethodName = (&'static str, &'static str);

/// The name of a method.
pub fn name_of(method: &Method) -> MethodName {
    (method.content, method.action.as_str())
}

/// The methods with these names, without those that this version does not know.
pub fn named(names: &[(String, String)]) -> Vec<MethodName> {
    names
        .iter()
        .filter_map(|(content, action)| {
            METHODS.iter().map(name_of).find(|(c, a)| c == content && a == action)
        })
        .collect()
}

/// What the main part shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Face {
    /// The form of the chosen method.
    #[default]
    Form,
    /// An answer.
    Answer,
    /// The request as a program.
    Code,
    /// The calls made so far.
    Calls,
    /// Two answers compared.
    Compare,
}

/// A call that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The request, kept in memory to repeat it; its values are not shown in the list.
    pub request: Request,
    /// The form it was made with.
    pub form: Form,
    /// When it was sent.
    pub at: Timestamp,
    /// What came back; `None` while it runs, and once it is forgotten.
    pub answer: Option<Arc<Answer>>,
    /// How it ended, in a few words.
    pub end: String,
    /// Why there was no answer at all.
    pub problem: Option<Problem>,
}

/// Two answers compared.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Which two, in words.
    pub title: String,
    /// The difference; `None` while it is worked out.
    pub lines: Option<Vec<DiffLine>>,
    /// The cursor in the lines.
    pub cursor: Cursor,
    /// The answers were compared unmasked.
    pub unmasked: bool,
}

/// The state of the section.
#[derive(Debug, Clone)]
pub struct Playground {
    /// What is typed to find a method.
    pub filter: String,
    /// The cursor in the methods that are found.
    pub methods: Cursor,
    /// The chosen method's place in the catalogue.
    pub method: usize,
    /// The forms that were filled in, by the method's place in the catalogue.
    pub forms: BTreeMap<usize, Form>,
    /// What the main part shows.
    pub face: Face,
    /// The answer on screen, and where in it one is.
    pub reading: Option<Reading>,
    /// The calls, newest first.
    pub calls: Vec<Made>,
    /// The cursor in the calls.
    pub calls_cursor: Cursor,
    /// The call that is marked for a comparison, by when it was sent.
    pub marked: Option<Timestamp>,
    /// The comparison on screen.
    pub compared: Compared,
    /// The language of the code.
    pub language: Language,
    /// The first line of the code on screen.
    pub code: Cursor,
}

impl Default for Playground {
    fn default() -> Self {
        // A small harmless call is there at the start.
        let method = METHODS.iter().position(|m| m.content == "project" && m.effect == Effect::Read);
        let method = method.unwrap_or_default();
        Self {
            filter: String::new(),
            methods: Cursor { at: method, top: 0 },
            method,
            forms: BTreeMap::new(),
            face: Face::default(),
            reading: None,
            calls: Vec::new(),
            calls_cursor: Cursor::default(),
            marked: None,
            compared: Compared::default(),
            language: Language::Python,
            code: Cursor::default(),
        }
    }
}

impl Playground {
    /// The places in the catalogue of the methods that are found: favourites first; while
    /// something is typed, the best match first.
    pub fn found(&self, favourites: &[MethodName]) -> Vec<usize> {
        let favourite = |m: &Method| favourites.contains(&name_of(m));
        let search = self.filter.trim();
        if search.is_empty() {
            let mut all: Vec<usize> = (0..METHODS.len()).collect();
            all.sort_by_key(|i| METHODS.get(*i).is_some_and(|m| !favourite(m)));
            return all;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(search, CaseMatching::Ignore, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut found: Vec<(u32, usize)> = METHODS
            .iter()
            .enumerate()
            .filter_map(|(i, m)| {
                let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
                let title = score(m.title).map(|s| s * 3);
                let name = score(&format!("{} {}", m.content, m.action.as_str())).map(|s| s * 3);
                // Sentences have nearly every letter somewhere: they must have the words as typed.
                let help = super::open::matches(search, &[m.help, m.danger]).then_some(1);
                title.max(name).max(help).map(|score| (score + u32::from(favourite(m)), i))
            })
            .collect();
        found.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        found.into_iter().map(|(_, i)| i).collect()
    }

    /// The chosen method.
    pub fn chosen(&self) -> &'static Method {
        method_at(self.method)
    }

    /// Chooses the method under the cursor of the list.
    pub fn choose(&mut self, favourites: &[MethodName]) {
        if let Some(method) = self.found(favourites).get(self.methods.at).copied()
            && method != self.method
        {
            self.method = method;
            self.code = Cursor::default();
            if matches!(self.face, Face::Answer | Face::Compare) {
                self.face = Face::Form;
            }
        }
    }

    /// The form of the chosen method as it is filled in.
    pub fn form(&self) -> Form {
        self.forms.get(&self.method).cloned().unwrap_or_else(|| Form::new(self.chosen()))
    }

    /// The form of the chosen method, to fill it in.
    pub fn form_mut(&mut self) -> &mut Form {
        let method = self.chosen();
        self.forms.entry(self.method).or_insert_with(|| Form::new(method))
    }

    /// Notes that a call was sent.
    pub fn sent(&mut self, request: Request, at: Timestamp) {
        let form = self.form();
        self.calls.insert(0, Made { request, form, at, answer: None, end: "running".into(), problem: None });
        self.calls.truncate(MOST_CALLS);
        self.calls_cursor = Cursor::default();
    }

    /// Takes the answer of the newest call.
    pub fn answered(&mut self, answer: Answer) {
        let answer = Arc::new(answer);
        if let Some(call) = self.calls.first_mut() {
            let verdict = if answer.verdict.is_some() { "refused" } else { "OK" };
            call.end = format!("{} {verdict}", answer.status);
            call.answer = Some(answer.clone());
        }
        self.reading = Some(Reading::new(answer));
        self.face = Face::Answer;
        let mut kept = 0;
        for call in &mut self.calls {
            kept += call.answer.as_ref().map_or(0, |a| a.body.len());
            if kept > MOST_BYTES && self.reading.as_ref().is_none_or(|r| !r.shows(call.answer.as_ref())) {
                call.answer = None;
            }
        }
    }

    /// Notes that the newest call came to nothing.
    pub fn failed(&mut self, end: &str, problem: Option<Problem>) {
        if let Some(call) = self.calls.first_mut().filter(|c| c.answer.is_none()) {
            end.clone_into(&mut call.end);
            call.problem = problem;
        }
    }

    /// The problem of what is on screen: the server's refusal, or why there was no answer.
    pub fn problem(&self) -> Option<&Problem> {
        match self.face {
            Face::Answer => self.reading.as_ref().and_then(|r| r.answer.verdict.as_ref()),
            Face::Calls => {
                let call = self.calls.get(self.calls_cursor.at)?;
                call.problem.as_ref().or_else(|| call.answer.as_ref()?.verdict.as_ref())
            }
            Face::Form => self.calls.first().and_then(|c| c.problem.as_ref()),
            _ => None,
        }
    }
}

/// The method at this place of the catalogue.
pub fn method_at(place: usize) -> &'static Method {
    METHODS.get(place).unwrap_or(&METHODS[0])
}

/// Which language of how many, from 1.
pub fn language_place(language: Language) -> (usize, usize) {
    let at = Language::ALL.iter().position(|l| *l == language).unwrap_or_default();
    (at + 1, Language::ALL.len())
}

/// Where a key in the main part works.
pub fn scope(open: Option<&Open>) -> Scope {
    match open.map(|o| o.playground.face) {
        Some(Face::Answer) => Scope::Answer,
        Some(Face::Code) => Scope::Code,
        Some(Face::Calls) => Scope::Calls,
        Some(Face::Compare) => Scope::Compare,
        Some(Face::Form) | None => Scope::Form,
    }
}

/// Whether an action depends on what is in this section.
pub fn owns(id: Id) -> bool {
    matches!(
        id,
        Id::SendCall
            | Id::FillIn
            | Id::ShowCode
            | Id::ShowAnswer
            | Id::SaveHere
            | Id::NextMatch
            | Id::PreviousMatch
            | Id::OpenCall
            | Id::MarkCall
            | Id::CompareCalls
    )
}

/// Whether an action of the section can be done now; if not, why not.
pub fn available(open: &Open, favourites: &[MethodName], place: Scope, id: Id) -> Result<(), String> {
    let playground = &open.playground;
    let no = |why: &str| Err(why.to_owned());
    match id {
        Id::SendCall | Id::FillIn | Id::ShowCode
            if place == Scope::Methods && playground.found(favourites).is_empty() =>
        {
            no("no method is found")
        }
        Id::SendCall => ready(open),
        Id::ShowAnswer if playground.reading.is_none() => no("nothing was sent yet"),
        Id::SaveHere => savable(open),
        Id::NextMatch | Id::PreviousMatch
            if playground.reading.as_ref().is_none_or(|r| r.search.is_empty()) =>
        {
            no("nothing is searched for; / does")
        }
        Id::OpenCall | Id::MarkCall | Id::CompareCalls if playground.calls.is_empty() => {
            no("no call was made yet")
        }
        Id::CompareCalls => comparable(open),
        _ => Ok(()),
    }
}

/// Whether the form can be sent; if not, why not.
fn ready(open: &Open) -> Result<(), String> {
    let form = match open.playground.face {
        Face::Calls => match open.playground.calls.get(open.playground.calls_cursor.at) {
            Some(call) => call.form.clone(),
            None => return Err("no call was made yet".into()),
        },
        _ => open.playground.form(),
    };
    if let Some(note) = notes::notes(&form, &open.metadata).into_iter().find(|n| n.blocks) {
        return Err(note.text.trim_end_matches('.').to_owned());
    }
    if form.method.effect == Effect::Destroy
        && form.method.gate != Gate::SuperToken
        && open.project.number().is_none()
    {
        return Err("this token does not tell its project's number, so that nobody could be asked for it before something is deleted or replaced".into());
    }
    if form.method.effect == Effect::Read { Ok(()) } else { consent::may_write(open) }
}

/// Whether there is something to save; if not, why not.
fn savable(open: &Open) -> Result<(), String> {
    match open.playground.face {
        Face::Code => code(open).map(|_| ()),
        _ if open.playground.reading.is_none() => Err("nothing was sent yet".into()),
        _ => Ok(()),
    }
}

/// Whether the call under the cursor and the marked one can be compared; if not, why not.
fn comparable(open: &Open) -> Result<(), String> {
    let playground = &open.playground;
    let here = playground.calls.get(playground.calls_cursor.at);
    let marked = playground.calls.iter().find(|c| Some(c.at) == playground.marked);
    match (here, marked) {
        (_, None) => Err("mark another call with {mark-call} first".into()),
        (Some(here), Some(marked)) if here.at == marked.at => {
            Err("this is the marked call; go to another one".into())
        }
        (Some(here), Some(marked)) if here.answer.is_none() || marked.answer.is_none() => {
            Err("one of the two has no answer here".into())
        }
        (Some(here), Some(marked)) => {
            let empty = |call: &Made| call.answer.as_ref().is_none_or(|a| a.views.is_empty());
            if empty(here) || empty(marked) { Err("a file cannot be compared here".into()) } else { Ok(()) }
        }
        (None, _) => Err("no call was made yet".into()),
    }
}

/// The lines of an answer in its best view, as far as they may be shown.
pub fn lines_of(answer: &Answer, masked: bool) -> Option<Arc<Vec<String>>> {
    let view = answer.views.first()?;
    if masked { view.masked.clone() } else { Some(view.open.clone()) }
}

/// A line of a comparison with its mark.
pub fn diff_text(line: &DiffLine) -> String {
    match line.kind {
        DiffKind::Same => format!("  {}", line.text),
        DiffKind::Gone => format!("- {}", line.text),
        DiffKind::Added => format!("+ {}", line.text),
        DiffKind::LeftOut => format!("  ... {}", line.text),
    }
}

/// The request on screen as a program, or why it cannot be written.
pub fn code(open: &Open) -> Result<String, String> {
    let playground = &open.playground;
    let form = playground.form();
    if form.reads_file() {
        return Err(format!(
            "A value is read from a file only when the call is sent. On the command line, 'capscope snippet {} {} {} ...' takes it as KEY=@FILE and writes the program with it.",
            playground.language.key(),
            form.method.content,
            form.method.action.as_str()
        ));
    }
    let request = form.request();
    let upload = form.upload().map(|p| p.display().to_string());
    let call = Call {
        request: &request,
        url: &open.project.url,
        file: upload.as_deref(),
        project_id: Some(open.project.project_id),
    };
    crate::snippets::write(playground.language, &call).map_err(|refusal| refusal.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_found_by_name_by_job_and_by_content() {
        let mut playground = Playground::default();
        for (search, title) in [
            ("export rec", "Export Records"),
            ("record delete", "Delete Records"),
            ("participant list", "Export a Survey Participant List"),
            ("fileRepository list", "Export a List of Files/Folders from the File Repository"),
            ("who may see", "Import Data Access Groups"),
        ] {
            playground.filter = search.into();
            let found = playground.found(&[]);
            assert_eq!(METHODS[found[0]].title, title, "{search}");
        }
    }

    #[test]
    fn favourites_come_first() {
        let playground = Playground::default();
        let found = playground.found(&[("version", "export")]);
        assert_eq!((METHODS[found[0]].content, found.len()), ("version", METHODS.len()));
    }
}
