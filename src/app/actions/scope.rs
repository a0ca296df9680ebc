//! The places in which a key works.

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere outside dialogs, unless the place has its own meaning for the key.
    Global,
    /// The list of projects.
    Projects,
    /// The list of instruments in section Instruments.
    Instruments,
    /// The list of instruments in section Records.
    RecordForms,
    /// The fields of an instrument.
    Fields,
    /// A card.
    Card,
    /// The record table.
    Table,
    /// One whole record.
    Record,
    /// The status grid.
    Grid,
    /// What changed.
    Changes,
    /// The log of one record.
    Timeline,
    /// What is missing.
    Worklist,
    /// The data quality rules.
    Quality,
    /// The findings of a rule.
    Findings,
    /// Users, roles and groups.
    Users,
    /// The rights of a user or role.
    Rights,
    /// The test of the token.
    Token,
    /// The overview.
    Overview,
    /// Data Entry Triggers as they arrive.
    Live,
    /// What capscope asked of the server.
    Activity,
    /// A file before it is imported.
    Check,
    /// The card about a finding or a cell of that file.
    CheckCard,
    /// The methods of the playground.
    Methods,
    /// The form of a call.
    Form,
    /// An answer.
    Answer,
    /// A call as code.
    Code,
    /// The calls that were made.
    Calls,
    /// Two answers compared.
    Compare,
    /// The filter line.
    FilterLine,
    /// The dialog that adds a project.
    AddDialog,
    /// All commands.
    PaletteDialog,
    /// The help page.
    HelpDialog,
    /// A problem.
    ProblemDialog,
    /// A question.
    ConfirmDialog,
    /// The dialog that writes a file.
    ExportDialog,
    /// The dialog that sets up how triggers are received.
    LiveDialog,
    /// A question with one box to type into.
    AskDialog,
    /// What a spot check draws.
    SpotSetupDialog,
    /// A spot check, cell by cell.
    SpotDialog,
    /// The dialog that chooses one of several things.
    PickDialog,
    /// The search.
    FindDialog,
    /// The dialog that chooses columns.
    ColumnsDialog,
    /// The search in all cells.
    SearchDialog,
    /// The summary of a column.
    SummaryDialog,
    /// The box for the filter on the server.
    ServerFilterDialog,
    /// The logic scratchpad.
    LogicDialog,
    /// The dialog that sets a parameter.
    ParamDialog,
    /// The question before a write.
    WriteDialog,
    /// The dialog that saves an answer or a program.
    SaveDialog,
}

impl Scope {
    /// The name of the place, for the title of the help page.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "everywhere",
            Self::Projects => "Projects",
            Self::Instruments | Self::RecordForms => "Instruments",
            Self::Fields => "Fields",
            Self::Card => "Card",
            Self::Table => "Records",
            Self::Record => "Record",
            Self::Grid => "Status grid",
            Self::Changes => "What changed",
            Self::Timeline => "Timeline",
            Self::Worklist => "What is missing",
            Self::Quality => "Data quality",
            Self::Findings => "Findings",
            Self::Users => "Users",
            Self::Rights => "Rights",
            Self::Token => "Token",
            Self::Overview => "Overview",
            Self::Live => "Live",
            Self::Activity => "Activity",
            Self::Check => "Check",
            Self::CheckCard => "Card of Check",
            Self::Methods => "Methods",
            Self::Form => "Call",
            Self::Answer => "Answer",
            Self::Code => "Code",
            Self::Calls => "Calls",
            Self::Compare => "Comparison",
            Self::FilterLine => "Filter",
            Self::AddDialog => "Add a project",
            Self::PaletteDialog => "Commands",
            Self::HelpDialog => "Help",
            Self::ProblemDialog => "Problem",
            Self::ConfirmDialog => "Question",
            Self::ExportDialog => "Export",
            Self::AskDialog => "Question",
            Self::SpotSetupDialog => "Before a spot check",
            Self::SpotDialog => "Spot check",
            Self::LiveDialog => "Receive triggers",
            Self::PickDialog => "Choose",
            Self::FindDialog => "Find",
            Self::ColumnsDialog => "Columns",
            Self::SearchDialog => "Search",
            Self::SummaryDialog => "Summary",
            Self::ServerFilterDialog => "Filter on the server",
            Self::LogicDialog => "Logic",
            Self::ParamDialog => "Parameter",
            Self::WriteDialog => "Before a write",
            Self::SaveDialog => "Save",
        }
    }

    /// A dialog or the filter line: keys are not passed on to the screen below.
    pub fn is_modal(self) -> bool {
        matches!(
            self,
            Self::FilterLine
                | Self::AddDialog
                | Self::PaletteDialog
                | Self::HelpDialog
                | Self::ProblemDialog
                | Self::ConfirmDialog
                | Self::ExportDialog
                | Self::AskDialog
                | Self::SpotSetupDialog
                | Self::SpotDialog
                | Self::LiveDialog
                | Self::PickDialog
                | Self::FindDialog
                | Self::ColumnsDialog
                | Self::SearchDialog
                | Self::SummaryDialog
                | Self::ServerFilterDialog
                | Self::LogicDialog
                | Self::ParamDialog
                | Self::WriteDialog
                | Self::SaveDialog
        )
    }
}
