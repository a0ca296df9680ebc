//! The actions of places and of everywhere: one entry an action.

use super::{Action, Group, Id, Scope};

const G: &[Scope] = &[Scope::Global];

/// The places that can be filtered.
const FILTERED: &[Scope] = &[
    Scope::Instruments,
    Scope::RecordForms,
    Scope::Fields,
    Scope::Table,
    Scope::Grid,
    Scope::Users,
    Scope::Changes,
    Scope::Worklist,
    Scope::Methods,
    Scope::Check,
];

pub(super) const fn act(
    id: Id,
    title: &'static str,
    help: &'static str,
    keys: &'static [&'static str],
    scopes: &'static [Scope],
    group: Group,
) -> Action {
    Action { id, title, help, keys, scopes, group, hint: None, in_palette: true, also: "", shown_key: None }
}

impl Action {
    pub(super) const fn hint(mut self, rank: u8, text: &'static str) -> Self {
        self.hint = Some((rank, text));
        self
    }

    pub(super) const fn also(mut self, words: &'static str) -> Self {
        self.also = words;
        self
    }

    pub(super) const fn showing(mut self, key: &'static str) -> Self {
        self.shown_key = Some(key);
        self
    }

    pub(super) const fn keys_only(mut self) -> Self {
        self.in_palette = false;
        self
    }
}

/// The actions of most places, and the global ones.
pub(super) const TABLE: &[Action] = &[
    // Places first: their meaning of a key goes before the global one.
    act(
        Id::OpenProject,
        "Open the project",
        "Reads its metadata and shows it.",
        &["<Enter>"],
        &[Scope::Projects],
        Group::Do,
    )
    .hint(1, "open"),
    act(Id::AddProject, "Add a project", "Asks for the address and an API token.", &["a"], G, Group::Do)
        .hint(4, "add a project"),
    act(
        Id::TakeOver,
        "Take over a credential file",
        "The CSV of tokens that REDCapR uses: each is tested and kept in the password store; the file can be deleted.",
        &["i"],
        &[Scope::Projects],
        Group::Do,
    )
    .hint(8, "take over a file"),
    act(
        Id::Demo,
        "Open the demo projects",
        "Starts the embedded demo server: invented studies, no token needed.",
        &["d"],
        &[Scope::Projects],
        Group::Do,
    )
    .hint(5, "demo"),
    act(
        Id::NewToken,
        "Enter a new token",
        "For this project, after the old one was changed.",
        &["t"],
        &[Scope::Projects],
        Group::Do,
    )
    .hint(6, "new token"),
    act(
        Id::Forget,
        "Forget the project",
        "Removes its token and its saved metadata from this computer. Nothing changes in REDCap.",
        &["<Del>", "D"],
        &[Scope::Projects],
        Group::Do,
    )
    .also("delete remove")
    .hint(7, "forget"),
    act(
        Id::ShowFields,
        "Show the instrument's fields",
        "Goes to the list of its fields.",
        &["<Enter>"],
        &[Scope::Instruments],
        Group::Do,
    )
    .hint(1, "fields"),
    act(
        Id::LoadRecords,
        "Load the instrument's records",
        "Reads the first 500 records of this instrument.",
        &["<Enter>"],
        &[Scope::RecordForms],
        Group::Do,
    )
    .hint(1, "load records"),
    act(
        Id::OpenRecord,
        "Open the whole record",
        "Reads every instrument of this record, in one request, and goes to the place under the cursor.",
        &["<Enter>"],
        &[Scope::Table, Scope::Grid, Scope::Changes, Scope::Worklist],
        Group::Do,
    )
    .hint(1, "open record"),
    act(
        Id::ShowCard,
        "Go to the card",
        "Shows all about what is chosen.",
        &["<Enter>"],
        &[Scope::Fields, Scope::Activity, Scope::Token, Scope::Record, Scope::Timeline, Scope::Check],
        Group::Do,
    )
    .hint(1, "card"),
    act(
        Id::ShowRights,
        "Show the rights",
        "Goes to the rights in words.",
        &["<Enter>"],
        &[Scope::Users],
        Group::Do,
    )
    .hint(1, "rights"),
    act(
        Id::Filter,
        "Filter this list",
        "Shows only rows with the words you type.",
        &["/"],
        FILTERED,
        Group::Find,
    )
    .also("search narrow where only")
    .hint(2, "filter"),
    act(
        Id::ClearFilter,
        "Clear the filter",
        "Shows all rows again; Esc does the same.",
        &["<BS>"],
        FILTERED,
        Group::Find,
    )
    .hint(1, "clear filter"),
    act(
        Id::Values,
        "Labels, codes or both",
        "Changes how choices are shown. Nothing is read again.",
        &["v"],
        &[Scope::Table, Scope::Record, Scope::Card, Scope::RecordForms, Scope::Findings],
        Group::Do,
    )
    .also("raw coded")
    .hint(5, "codes"),
    act(
        Id::Mask,
        "Show or mask identifiers",
        "Fields marked as identifiers are masked until you ask; asks once.",
        &["m"],
        G,
        Group::Do,
    )
    .also("privacy hide PHI names anonymous")
    .hint(6, "identifiers"),
    act(
        Id::Copy,
        "Copy",
        "Copies the value, name or text under the cursor. Masked stays masked.",
        &["c"],
        &[
            Scope::Fields,
            Scope::Table,
            Scope::Grid,
            Scope::Quality,
            Scope::Findings,
            Scope::Record,
            Scope::Instruments,
            Scope::RecordForms,
            Scope::Token,
            Scope::Users,
            Scope::Projects,
            Scope::Live,
            Scope::Card,
            Scope::Changes,
            Scope::Timeline,
            Scope::Worklist,
            Scope::Form,
            Scope::Answer,
            Scope::Code,
            Scope::Compare,
        ],
        Group::Do,
    )
    .hint(5, "copy"),
    act(
        Id::LoadAll,
        "Load all records",
        "Reads the rest of the records, batch by batch.",
        &["A"],
        &[Scope::Table, Scope::RecordForms],
        Group::Do,
    )
    .also("more rows")
    .hint(2, "load all"),
    act(
        Id::Grid,
        "Status of all instruments",
        "Every record, event and instrument in one grid; one request. Again goes back to the table.",
        &["S"],
        &[Scope::Table, Scope::RecordForms, Scope::Grid, Scope::Quality, Scope::Changes, Scope::Worklist],
        Group::Do,
    )
    .also("completeness progress dashboard forms")
    .hint(2, "status grid"),
    act(
        Id::Quality,
        "Data quality",
        "Runs REDCap's rules A to I over all records. Again goes back to the table.",
        &["Q"],
        &[Scope::Table, Scope::RecordForms, Scope::Grid, Scope::Quality, Scope::Findings],
        Group::Do,
    )
    .also("rules errors outliers validation")
    .hint(4, "data quality"),
    act(
        Id::Logic,
        "Try logic",
        "Type an expression: its mistakes, its result for this record, and the records where it is true.",
        &["="],
        G,
        Group::Find,
    )
    .also("branching calculation formula expression")
    .hint(9, "try logic"),
    act(
        Id::ShowFindings,
        "Show the findings of the rule",
        "Each with its record, event, instance and field.",
        &["<Enter>"],
        &[Scope::Quality],
        Group::Do,
    )
    .hint(1, "findings"),
    act(
        Id::OpenFinding,
        "Open the record at the field",
        "Reads the whole record and goes to the field of the finding.",
        &["<Enter>"],
        &[Scope::Findings],
        Group::Do,
    )
    .hint(1, "open record"),
    act(
        Id::Exclude,
        "Exclude or include the finding",
        "An excluded finding no longer counts. Rule, record and field are kept, never the value.",
        &["X"],
        &[Scope::Findings],
        Group::Do,
    )
    .hint(2, "exclude"),
    act(
        Id::RemoveRule,
        "Remove the rule",
        "Takes a rule of your own out of the list.",
        &["<Del>"],
        &[Scope::Quality],
        Group::Do,
    ),
    act(
        Id::ShowExcluded,
        "List excluded findings too",
        "They are marked, and X includes them again.",
        &["V"],
        &[Scope::Findings, Scope::Quality],
        Group::Do,
    ),
    act(
        Id::Sort,
        "Sort by this column",
        "Up, then down, then as before. Blanks are last.",
        &["s"],
        &[Scope::Table, Scope::Grid],
        Group::Do,
    )
    .also("order")
    .hint(3, "sort"),
    act(
        Id::Columns,
        "Choose columns",
        "Which columns are shown, in which order, and which stay when the table scrolls. Remembered.",
        &["o"],
        &[Scope::Table],
        Group::Do,
    )
    .also("fields hide show")
    .hint(4, "columns"),
    act(
        Id::HideColumn,
        "Hide this column",
        "The column chooser shows it again.",
        &["-"],
        &[Scope::Table],
        Group::Do,
    ),
    act(
        Id::FreezeColumn,
        "Freeze this column",
        "It stays beside the record when the table scrolls; again lets it scroll.",
        &["f"],
        &[Scope::Table],
        Group::Do,
    ),
    act(Id::MoveLeft, "Move this column left", "One place.", &["<lt>"], &[Scope::Table], Group::Do),
    act(Id::MoveRight, "Move this column right", "One place.", &[">"], &[Scope::Table], Group::Do),
    act(Id::Narrower, "Make this column narrower", "By two characters.", &["["], &[Scope::Table], Group::Do),
    act(Id::Wider, "Make this column wider", "By two characters.", &["]"], &[Scope::Table], Group::Do),
    act(
        Id::Summary,
        "What is in this column",
        "How many are filled, the middle and the spread, and the values as bars. Of the rows shown.",
        &["i"],
        &[Scope::Table],
        Group::Find,
    )
    .also("statistics mean frequencies histogram")
    .hint(4, "summary"),
    act(
        Id::SearchCells,
        "Search in all cells",
        "Lists every cell with the text; Enter goes there. Masked columns are not searched.",
        &["F"],
        &[Scope::Table],
        Group::Find,
    ),
    act(
        Id::ServerFilter,
        "Filter on the server",
        "Reads only rows for which REDCap's own filter logic is true, such as [age] >= 55.",
        &["L"],
        &[Scope::Table, Scope::RecordForms],
        Group::Find,
    )
    .also("query"),
    act(
        Id::Pause,
        "Pause reading, or go on",
        "Nothing that was read is read again.",
        &["p"],
        &[Scope::Table, Scope::RecordForms],
        Group::Do,
    ),
    act(
        Id::Export,
        "Export",
        "What is shown, whole instruments, or findings, as CSV or JSON. Identifiers only when asked for.",
        &["e"],
        &[Scope::Table, Scope::Quality, Scope::Findings],
        Group::Do,
    )
    .also("download save Excel spreadsheet")
    .hint(4, "export"),
    act(
        Id::ProblemDetails,
        "Show the problem",
        "What happened, the likely reason, and what to do.",
        &["d"],
        &[
            Scope::Table,
            Scope::Quality,
            Scope::Findings,
            Scope::Grid,
            Scope::Record,
            Scope::RecordForms,
            Scope::Live,
            Scope::Overview,
            Scope::Instruments,
            Scope::Fields,
            Scope::Users,
            Scope::Rights,
            Scope::Changes,
            Scope::Timeline,
            Scope::Worklist,
            Scope::Form,
            Scope::Answer,
            Scope::Calls,
            Scope::Check,
        ],
        Group::Do,
    ),
    act(
        Id::SaveFile,
        "Save the file",
        "Reads the file of this field from the server into a file here.",
        &["w"],
        &[Scope::Record],
        Group::Do,
    )
    .hint(1, "save the file"),
    act(Id::Reload, "Load again", "Reads this part again from the server.", &["r", "<F5>"], G, Group::Do)
        .also("refresh update")
        .hint(8, "load again"),
    act(
        Id::Section1,
        "Overview",
        "The project: status, events, what this token may read.",
        &["1"],
        G,
        Group::Move,
    ),
    act(Id::Section2, "Instruments", "Instruments and their fields: the codebook.", &["2"], G, Group::Move)
        .also("variables data dictionary"),
    act(Id::Section3, "Records", "The data, one instrument at a time.", &["3"], G, Group::Move),
    act(
        Id::Section4,
        "Users",
        "Users, roles and Data Access Groups, rights in words.",
        &["4"],
        G,
        Group::Move,
    )
    .also("permissions DAG"),
    act(Id::Section5, "Check", "A file before it is imported: what would change.", &["5"], G, Group::Move)
        .also("import upload spreadsheet"),
    act(
        Id::Section6,
        "Token",
        "What this token may do, what it silently loses, and why.",
        &["6"],
        G,
        Group::Move,
    )
    .also("permissions rights"),
    act(
        Id::Section7,
        "Playground",
        "Any call of the API: composed, sent, read, and written as code.",
        &["7"],
        G,
        Group::Move,
    )
    .also("request method curl Python R"),
    act(Id::Section8, "Live", "Saves as they happen: triggers, and the log.", &["8"], G, Group::Move)
        .also("data entry trigger changes"),
    act(Id::Section9, "Activity", "What capscope asked of the server.", &["9", "!"], G, Group::Move)
        .also("history requests log"),
    act(Id::Up, "Up", "", &["<Up>", "k"], G, Group::Move).keys_only(),
    act(Id::Down, "Down", "", &["<Down>", "j"], G, Group::Move).keys_only(),
    act(Id::Left, "Left", "", &["<Left>", "h"], G, Group::Move).keys_only(),
    act(Id::Right, "Right", "", &["<Right>", "l"], G, Group::Move).keys_only(),
    act(Id::PageUp, "One page up", "", &["<PgUp>"], G, Group::Move).keys_only(),
    act(Id::PageDown, "One page down", "", &["<PgDn>", "<Space>"], G, Group::Move).keys_only(),
    act(Id::First, "First", "", &["<Home>", "g"], G, Group::Move).keys_only(),
    act(Id::Last, "Last", "", &["<End>", "G"], G, Group::Move).keys_only(),
    act(Id::NextPane, "Next pane", "Goes to the next part of the screen.", &["<Tab>"], G, Group::Move),
    act(Id::PreviousPane, "Previous pane", "Goes to the part before.", &["<S-Tab>"], G, Group::Move),
    act(
        Id::Palette,
        "All commands",
        "Finds a command by its name and shows its key.",
        &["<C-p>", ":"],
        G,
        Group::Find,
    )
    .hint(90, "all commands"),
    act(Id::ActionsHere, "Actions for here", "Only the commands of this place.", &["x"], G, Group::Find),
    act(Id::Help, "Help", "The keys that work here.", &["?", "<F1>"], G, Group::Find)
        .also("manual shortcuts")
        .hint(91, "help"),
    act(Id::Mouse, "Mouse on or off", "Off lets the terminal select text.", &["%"], G, Group::Do),
    act(
        Id::Back,
        "Back",
        "Closes the top thing: filter, running job, card. Never quits.",
        &["<Esc>"],
        G,
        Group::Leave,
    ),
    act(Id::Interrupt, "Stop, or quit", "Stops a running job; twice quits.", &["<C-c>"], G, Group::Leave)
        .keys_only(),
    act(
        Id::Quit,
        "Quit",
        "Ends capscope; asks only if a job would be lost.",
        &["q", "<C-q>"],
        G,
        Group::Leave,
    )
    .also("exit close")
    .hint(92, "quit"),
];
