//! Everything a person can do, as one table: hints, help, palette, key dispatch and clicks
//! all come from it, so a key that is shown is a key that works.

mod check;
mod comfort;
mod dialogs;
mod hints;
mod joined;
mod lists;
mod live;
mod playground;
mod problem;
mod rights;
mod scope;
mod table;

pub use hints::hints;
pub use joined::ACTIONS;
pub use problem::problem_here;
pub use scope::Scope;

use super::dialog::Dialog;
use super::keymap::Keymap;
use super::keys::Key;
use super::model::{Model, Pane, Section};
use super::open::Over;
use super::running::Slot;
use super::users::name_of;
use crate::domain::quality::Rule;

/// What an action is about, for the help page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Moving around.
    Move,
    /// Doing something here.
    Do,
    /// Finding.
    Find,
    /// Going away.
    Leave,
}

/// The name of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says in words what each one is")]
pub enum Id {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
    NextPane,
    PreviousPane,
    Section1,
    Section2,
    Section3,
    Section4,
    Section6,
    Section7,
    Section5,
    Section8,
    Section9,
    Listen,
    OpenTriggered,
    WatchLog,
    WatchPause,
    ReadBack,
    SetUpLive,
    SaveAForm,
    OpenProject,
    AddProject,
    TakeOver,
    NewToken,
    Forget,
    Demo,
    ShowFields,
    LoadRecords,
    OpenRecord,
    ShowCard,
    ShowRights,
    Filter,
    ClearFilter,
    Values,
    Mask,
    Copy,
    LoadAll,
    Sort,
    Columns,
    HideColumn,
    FreezeColumn,
    MoveLeft,
    MoveRight,
    Narrower,
    Wider,
    Summary,
    SearchCells,
    ServerFilter,
    Pause,
    Grid,
    Changes,
    Timeline,
    NextSpan,
    SurveyLink,
    ReturnCode,
    Find,
    FindFields,
    Worklist,
    ChooseAnchor,
    OptionalBlanks,
    NextGroup,
    OtherLines,
    Quality,
    ShowFindings,
    OpenFinding,
    Exclude,
    ShowExcluded,
    RemoveRule,
    Logic,
    LogicFind,
    LogicKeep,
    LogicClose,
    Export,
    SaveFile,
    CompareUsers,
    TestToken,
    TestWrites,
    TestSingle,
    CompareTokens,
    ExportRights,
    CopyRequest,
    Reload,
    ProblemDetails,
    Palette,
    ActionsHere,
    Help,
    Mouse,
    Back,
    Interrupt,
    Quit,
    BoxNext,
    BoxAccept,
    BoxPaste,
    BoxCancel,
    ListMove,
    ListRun,
    ListClose,
    HelpScroll,
    HelpClose,
    DetailsHere,
    CopyRequestHere,
    RetryHere,
    TokenHere,
    AddressHere,
    ProblemClose,
    Yes,
    No,
    FillIn,
    EditParam,
    CycleParam,
    ClearParam,
    SendCall,
    ShowForm,
    ShowAnswer,
    ShowCode,
    ShowCalls,
    Favourite,
    NextView,
    Headers,
    SearchHere,
    NextMatch,
    PreviousMatch,
    SaveHere,
    OtherLanguage,
    OpenCall,
    MarkCall,
    CompareCalls,
    TickHere,
    SendHere,
    FilterKeep,
    FilterDrop,
    ToggleColumn,
    AllColumns,
    NoColumns,
    PlainColumns,
    SearchGo,
    NextColumn,
    ChooseFile,
    SpotCheck,
    SpotAgree,
    SpotDiffer,
    SpotUnclear,
    SpotBack,
    SpotNext,
    SpotNote,
    SpotShow,
    SpotReport,
    SpotReportValues,
    SpotNew,
    CheckList,
    CheckKind,
    AcceptFix,
    AcceptSureFixes,
    DropFixes,
    CheckDates,
    CheckBlanks,
    CheckNumbers,
    BoxComplete,
    CheckEncoding,
    CheckDelimiter,
    ExportFindings,
    SendFile,
    AbandonSend,
    WriteAccess,
    Colours,
    Tour,
    TourNext,
}

/// One action.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// Its name in the program.
    pub id: Id,
    /// Its title, such as `Filter this list`.
    pub title: &'static str,
    /// One sentence more.
    pub help: &'static str,
    /// Its keys in the notation of [`Key::parse_one`]; the first is the one that is shown.
    pub keys: &'static [&'static str],
    /// Where it works.
    pub scopes: &'static [Scope],
    /// What it is about.
    pub group: Group,
    /// A word or two for the footer, with a rank; the lowest rank stands first.
    pub hint: Option<(u8, &'static str)>,
    /// It is one of the commands of the palette.
    pub in_palette: bool,
    /// Other words that people look for it by, in the list of all commands.
    pub also: &'static str,
    /// What is shown in place of the first key, where two keys belong together.
    pub shown_key: Option<&'static str>,
}

impl Action {
    /// Its keys, if nobody wished for others.
    pub fn default_keys(&self) -> impl Iterator<Item = Key> {
        self.keys.iter().filter_map(|k| Key::parse_one(k)).map(|(key, _)| key)
    }
}

/// The action with this name.
pub fn find(id: Id) -> Option<&'static Action> {
    ACTIONS.iter().find(|a| a.id == id)
}

/// The action of a key in a scope: the place's own, or else the global one.
pub fn lookup(keymap: &Keymap, scope: Scope, key: Key) -> Option<&'static Action> {
    let in_scope = |s: Scope| ACTIONS.iter().find(move |a| a.scopes.contains(&s) && keymap.has(a, key));
    in_scope(scope).or_else(|| if scope.is_modal() { None } else { in_scope(Scope::Global) })
}

/// Where a key pressed now would work.
pub fn scope(model: &Model) -> Scope {
    match &model.dialog {
        Some(Dialog::Add(_)) => return Scope::AddDialog,
        Some(Dialog::Palette(_)) => return Scope::PaletteDialog,
        Some(Dialog::Help(_)) => return Scope::HelpDialog,
        Some(Dialog::Problem(_)) => return Scope::ProblemDialog,
        Some(Dialog::Confirm(_)) => return Scope::ConfirmDialog,
        Some(Dialog::Export(_)) => return Scope::ExportDialog,
        Some(Dialog::Find(_)) => return Scope::FindDialog,
        Some(Dialog::Pick(_)) => return Scope::PickDialog,
        Some(Dialog::Spot(spot)) => return spot.scope(),
        Some(Dialog::Live(_)) => return Scope::LiveDialog,
        Some(Dialog::Ask(_)) => return Scope::AskDialog,
        Some(Dialog::Columns(_)) => return Scope::ColumnsDialog,
        Some(Dialog::Search(_)) => return Scope::SearchDialog,
        Some(Dialog::Summary(_)) => return Scope::SummaryDialog,
        Some(Dialog::ServerFilter(_)) => return Scope::ServerFilterDialog,
        Some(Dialog::Logic(_)) => return Scope::LogicDialog,
        Some(Dialog::Param(_)) => return Scope::ParamDialog,
        Some(Dialog::Write(_)) => return Scope::WriteDialog,
        Some(Dialog::Save(_)) => return Scope::SaveDialog,
        None => {}
    }
    if model.filter.is_some() { Scope::FilterLine } else { place(model) }
}

/// The place on the screen below any dialog.
pub fn place(model: &Model) -> Scope {
    let grid_open = model.open.as_ref().is_some_and(|o| o.grid.shown);
    let view = model.open.as_ref().and_then(|o| o.records.view.as_ref());
    let record_open = view.is_some();
    let timeline_open = view.is_some_and(|v| v.timeline.shown);
    let over = model.open.as_ref().and_then(|o| o.over);
    let quality = model.open.as_ref().map(|o| &o.quality).filter(|q| q.shown);
    match (model.pane, model.section) {
        // Without a project there is nothing else to do than to choose or add one.
        (Pane::Projects, _) => Scope::Projects,
        (Pane::Main, Section::Overview) if model.open.is_none() => Scope::Projects,
        (Pane::Card, Section::Check) if model.open.is_some() => Scope::CheckCard,
        (Pane::Card, _) => Scope::Card,
        (Pane::List, Section::Records) => Scope::RecordForms,
        (Pane::List, Section::Users) => Scope::Users,
        (Pane::List, Section::Playground) => Scope::Methods,
        (Pane::List, _) => Scope::Instruments,
        (Pane::Main, Section::Overview) => Scope::Overview,
        (Pane::Main, Section::Instruments) => Scope::Fields,
        (Pane::Main, Section::Records) if timeline_open => Scope::Timeline,
        (Pane::Main, Section::Records) if record_open => Scope::Record,
        (Pane::Main, Section::Records) if over == Some(Over::Changes) => Scope::Changes,
        (Pane::Main, Section::Records) if over == Some(Over::Worklist) => Scope::Worklist,
        (Pane::Main, Section::Records) if quality.is_some_and(|q| q.opened) => Scope::Findings,
        (Pane::Main, Section::Records) if quality.is_some() => Scope::Quality,
        (Pane::Main, Section::Records) if grid_open => Scope::Grid,
        (Pane::Main, Section::Records) => Scope::Table,
        (Pane::Main, Section::Users) => Scope::Rights,
        (Pane::Main, Section::Playground) => super::playground::scope(model.open.as_ref()),
        (Pane::Main, Section::Check) => Scope::Check,
        (Pane::Main, Section::Token) => Scope::Token,
        (Pane::Main, Section::Live) => Scope::Live,
        (Pane::Main, Section::Activity) => Scope::Activity,
    }
}

/// Whether an action can be done now; if not, why not, with the keys as they are.
pub fn available(model: &Model, id: Id) -> Result<(), String> {
    possible(model, id).map_err(|why| model.options.keys.say(&why))
}

fn possible(model: &Model, id: Id) -> Result<(), String> {
    if let Some(result) = lists::available(model, id)
        .or_else(|| live::available(model, id))
        .or_else(|| comfort::available(model, id))
    {
        return result;
    }
    let open = model.open.as_ref().ok_or("open a project first");
    let no = |why: &str| Err(why.to_owned());
    if let Some(why) = open.ok().and_then(|open| check::why_not(model, open, id)) {
        return no(why);
    }
    match id {
        Id::Section1
        | Id::Section2
        | Id::Section3
        | Id::Section4
        | Id::Section5
        | Id::Section6
        | Id::TestToken
        | Id::Section7 => open.map(|_| ()).map_err(Into::into),
        Id::OpenProject | Id::NewToken | Id::Forget if model.chosen_project().is_none() => {
            no("there is no project in the list")
        }
        Id::Copy if place(model) == Scope::Projects && model.chosen_project().is_none() => {
            no("there is nothing to copy here")
        }
        Id::NewToken | Id::Forget if model.options.demo => no("the demo's projects are built in"),
        Id::AddProject if model.options.demo => no("the demo keeps nothing; start capscope without 'demo'"),
        Id::BoxComplete if !matches!(&model.dialog, Some(Dialog::Ask(ask)) if ask.is_file()) => {
            no("what is asked for is no file")
        }
        Id::TakeOver if model.options.demo => no("the demo keeps nothing; start capscope without 'demo'"),
        Id::Demo if model.options.demo || model.projects.iter().any(|p| p.id.starts_with("demo-")) => {
            no("the demo projects are in the list already")
        }
        Id::Mask if model.section == Section::Live => open.map(|_| ()).map_err(Into::into),
        Id::Mask => {
            // Answers may identify people by what no field is marked for.
            if open?.metadata.dictionary.has_identifiers() || model.section == Section::Playground {
                Ok(())
            } else {
                no("no field of this project is marked as an identifier")
            }
        }
        Id::OpenRecord => match open?.chosen_record() {
            Some(_) => Ok(()),
            None => no("no record is chosen"),
        },
        Id::Grid if open?.metadata.instruments.is_empty() => no("the project was not read yet"),
        Id::LoadRecords | Id::ShowFields if open?.instrument().is_none() => no("no instrument is chosen"),
        Id::LoadAll => {
            let records = &open?.records;
            match &records.ids {
                Some(ids) if records.records_read < ids.len() => Ok(()),
                Some(_) => no("all records are here"),
                None => no("load the first records first"),
            }
        }
        Id::Sort if place(model) == Scope::Grid => {
            if open?.grid.rows.is_empty() {
                no("there are no rows")
            } else {
                Ok(())
            }
        }
        Id::Export if open?.quality.shown => {
            if open?.quality.done.report.found() > 0 {
                Ok(())
            } else {
                no("there are no findings")
            }
        }
        Id::Sort | Id::Export | Id::Summary | Id::SearchCells if open?.records.rows.is_empty() => {
            no("there are no rows")
        }
        Id::Columns
        | Id::HideColumn
        | Id::FreezeColumn
        | Id::MoveLeft
        | Id::MoveRight
        | Id::Narrower
        | Id::Wider
            if open?.records.all.is_empty() =>
        {
            no("no records are loaded")
        }
        Id::ServerFilter if open?.records.form.is_none() && open?.instrument().is_none() => {
            no("no instrument is chosen")
        }
        Id::Pause if model.jobs.get(Slot::Records).is_none() && !open?.records.can_go_on() => {
            no("no records are being read")
        }
        Id::Quality | Id::Logic if open?.metadata.dictionary.fields().is_empty() => {
            no("the project was not read yet")
        }
        Id::ShowFindings if open?.quality.chosen_rule().is_none_or(|r| r.findings.is_empty()) => {
            no("this rule found nothing")
        }
        Id::OpenFinding | Id::Exclude if open?.quality.chosen().is_none() => no("no finding is chosen"),
        Id::RemoveRule if !open?.quality.chosen_rule().is_some_and(|r| matches!(r.rule, Rule::Custom(_))) => {
            no("only a rule of your own can be removed")
        }
        Id::ShowExcluded if open?.quality.excluded.is_empty() => no("no finding is excluded"),
        id if super::playground::owns(id) => {
            super::playground::available(open?, &model.favourites, place(model), id)
        }
        Id::SaveFile => match open?.records.view.as_ref().and_then(|v| v.file(&open.ok()?.metadata)) {
            Some(_) => Ok(()),
            None => no("there is no file under the cursor"),
        },
        id if check::needs_project(id) => open.map(|_| ()).map_err(Into::into),
        Id::ProblemDetails if problem_here(model).is_none() => no("there is no problem here"),
        Id::ClearFilter if current_filter(model).is_none_or(str::is_empty) => no("nothing is filtered"),
        Id::Filter if current_filter(model).is_none() => no("there is nothing to filter here"),
        Id::CompareUsers
            if {
                let open = open?;
                open.user_row().and_then(|r| name_of(&open.metadata.access, r)).is_none()
            } =>
        {
            no("choose a user or a role")
        }
        Id::TestWrites => super::token::may_write(open?).map_err(Into::into),
        Id::TestSingle => super::token::may_test_single(open?).map_err(Into::into),
        Id::CompareTokens => super::token::may_compare(open?, &model.projects).map_err(Into::into),
        Id::ExportRights if open?.metadata.access.users.list().is_empty() => no("there are no users"),
        Id::CopyRequest if open?.token.request().is_empty() => {
            no("nothing is missing, or nothing was tested")
        }
        Id::Reload if model.open.is_none() => no("open a project first"),
        Id::Values if model.section != Section::Records => no("only records have values"),
        _ => Ok(()),
    }
}

/// The filter of the list with the focus, if it can be filtered.
pub fn current_filter(model: &Model) -> Option<&str> {
    let open = model.open.as_ref()?;
    match place(model) {
        Scope::Instruments | Scope::RecordForms => Some(&open.instruments.filter),
        Scope::Fields => Some(&open.fields.filter),
        Scope::Users => Some(&open.users.filter),
        Scope::Table => Some(&open.records.filter),
        Scope::Changes => Some(&open.changes.filter),
        Scope::Worklist => Some(&open.work.filter),
        Scope::Grid => Some(&open.grid.filter),
        Scope::Methods => Some(&open.playground.filter),
        Scope::Answer => open.playground.reading.as_ref().map(|r| r.search.as_str()),
        Scope::Check if open.check.checked.is_some() => Some(&open.check.filter),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
