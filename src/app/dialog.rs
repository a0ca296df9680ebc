//! What can lie on top of the screen. Only the top thing gets keys.

use super::add_project::AddProject;
use super::ask::Ask;
use super::cell_search::CellSearch;
use super::columns_dialog::ColumnsDialog;
use super::export_dialog::ExportDialog;
use super::find::Find;
use super::live_setup::LiveSetup;
use super::palette::Palette;
use super::picker::Picker;
use super::playground::consent::WriteDialog;
use super::playground::param_dialog::ParamDialog;
use super::playground::save_dialog::SaveDialog;
use super::scratchpad::Scratchpad;
use super::server_filter::ServerFilter;
use super::spot::SpotDialog;
use super::summaries::SummaryView;
use crate::jobs::Problem;
use crate::jobs::types::SavedProject;
use std::path::PathBuf;

/// A dialog.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// Add a project, or give one a new token.
    Add(Box<AddProject>),
    /// All commands, searchable; or only those that work here.
    Palette(Palette),
    /// The keys that work here.
    Help(Help),
    /// A problem, whole.
    Problem(ProblemView),
    /// A question with a safe answer that has the focus.
    Confirm(Confirm),
    /// Write the rows on screen to a file.
    Export(Box<ExportDialog>),
    /// Set up how triggers are received.
    Live(Box<LiveSetup>),
    /// A question with one box.
    Ask(Box<Ask>),
    /// Choose and order the columns of the record table.
    Columns(Box<ColumnsDialog>),
    /// Search all cells of the record table.
    Search(Box<CellSearch>),
    /// What is in a column.
    Summary(Box<SummaryView>),
    /// REDCap's own filter logic, for the server.
    ServerFilter(Box<ServerFilter>),
    /// Find records and fields.
    Find(Box<Find>),
    /// Choose one of several things, or some.
    Pick(Box<Picker>),
    /// A spot check against the paper source.
    Spot(Box<SpotDialog>),
    /// Try logic.
    Logic(Box<Scratchpad>),
    /// Set one parameter of a call.
    Param(Box<ParamDialog>),
    /// Something would be changed.
    Write(Box<WriteDialog>),
    /// Write an answer or a program to a file.
    Save(Box<SaveDialog>),
}

/// The help page.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// What is searched for.
    pub search: tui_input::Input,
    /// The first line that is drawn.
    pub top: usize,
}

/// A problem on screen.
#[derive(Debug, Clone)]
pub struct ProblemView {
    /// The problem.
    pub problem: Problem,
    /// The server's own words are shown.
    pub details: bool,
    /// The first line that is drawn.
    pub top: usize,
}

impl ProblemView {
    /// A problem from its beginning, without the server's words.
    pub fn of(problem: Problem) -> Self {
        Self { problem, details: false, top: 0 }
    }
}

/// A question. Enter never does the dangerous thing.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The question.
    pub question: String,
    /// What happens, in a sentence or two.
    pub text: String,
    /// The label of the button that does it.
    pub yes: &'static str,
    /// The label of the safe button.
    pub no: &'static str,
    /// The dangerous button has the focus.
    pub on_yes: bool,
    /// What is done after a yes.
    pub then: Then,
}

/// What a question is about.
#[derive(Debug, Clone)]
pub enum Then {
    /// Forget a project.
    Forget(Box<SavedProject>),
    /// Delete a credential file whose tokens are kept.
    DeleteFile(PathBuf),
    /// Show identifiers.
    Unmask,
    /// Test the token with calls of class B too.
    TestWrites,
    /// Test the token with this call of class C too.
    TestSingle,
    /// Quit although a job runs.
    Quit,
    /// Switch writing on for the open project.
    AllowWriting,
    /// Send the checked file.
    Send,
    /// Give an interrupted send up.
    AbandonSend,
}
