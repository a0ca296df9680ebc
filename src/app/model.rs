//! Everything that is on screen, or decides what is.

use super::activity::Activity;
use super::cursor::Cursor;
use super::dialog::Dialog;
use super::keymap::Keymap;
use super::live::Live;
use super::looks::ThemeKind;
use super::open::Open;
use super::running::Jobs;
use crate::domain::layout::Layout;
use crate::jobs::Problem;
use crate::jobs::types::SavedProject;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A section of the screen, chosen by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    /// The project itself.
    #[default]
    Overview,
    /// Instruments and their fields: the codebook.
    Instruments,
    /// The data.
    Records,
    /// Users, roles and Data Access Groups.
    Users,
    /// A file before it is imported.
    Check,
    /// What the token may do.
    Token,
    /// Any call of the API: composed, sent, read, written as code.
    Playground,
    /// Data Entry Triggers as they arrive.
    Live,
    /// What capscope asked of the server.
    Activity,
}

impl Section {
    /// All sections in the order of the tabs.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Instruments,
        Self::Records,
        Self::Users,
        Self::Check,
        Self::Token,
        Self::Playground,
        Self::Live,
        Self::Activity,
    ];

    /// The number key.
    pub fn number(self) -> u8 {
        match self {
            Self::Overview => 1,
            Self::Instruments => 2,
            Self::Records => 3,
            Self::Users => 4,
            Self::Check => 5,
            Self::Token => 6,
            Self::Playground => 7,
            Self::Live => 8,
            Self::Activity => 9,
        }
    }

    /// The section with this number.
    pub fn from_number(n: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.number() == n)
    }

    /// The name on the tab; short in narrow windows.
    pub fn title(self, short: bool) -> &'static str {
        match (self, short) {
            (Self::Overview, false) => "Overview",
            (Self::Overview, true) => "Over",
            (Self::Instruments, false) => "Instruments",
            (Self::Instruments, true) => "Instr",
            (Self::Records, _) => "Records",
            (Self::Users, _) => "Users",
            (Self::Check, _) => "Check",
            (Self::Token, _) => "Token",
            (Self::Playground, false) => "Playground",
            (Self::Playground, true) => "Play",
            (Self::Live, _) => "Live",
            (Self::Activity, false) => "Activity",
            (Self::Activity, true) => "Act",
        }
    }

    /// The panes of the section, in the order of Tab.
    pub fn panes(self) -> &'static [Pane] {
        match self {
            Self::Overview | Self::Check | Self::Token | Self::Live | Self::Activity => {
                &[Pane::Projects, Pane::Main, Pane::Card]
            }
            Self::Instruments | Self::Records | Self::Users | Self::Playground => {
                &[Pane::Projects, Pane::List, Pane::Main, Pane::Card]
            }
        }
    }
}

/// A part of the screen that can have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pane {
    /// The saved projects.
    #[default]
    Projects,
    /// The section's list: instruments, or users, roles and groups.
    List,
    /// The section's main part.
    Main,
    /// The card about what is chosen in the main part.
    Card,
}

/// How much room there is (`ux.md` §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Lists, main part and card side by side.
    Wide,
    /// The main part; list or card opens beside it.
    Medium,
    /// One part at a time, few hints.
    Narrow,
    /// Too small for anything but a sentence.
    TooSmall,
}

/// What the user may set, as far as the screen needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Lines and marks in plain ASCII.
    pub ascii: bool,
    /// Which colours.
    pub theme: ThemeKind,
    /// Nothing on the screen changes by itself: no clock runs beside a job, and what is said stays
    /// until a key.
    pub reduced_motion: bool,
    /// Other keys for actions.
    pub keys: Keymap,
    /// Identifiers are masked when a project opens.
    pub mask: bool,
    /// The mouse is used.
    pub mouse: bool,
    /// After this time without a key the screen is locked; `None` never.
    pub lock_after: Option<jiff::SignedDuration>,
    /// After this time a copied value is overwritten in the clipboard; `None` never.
    pub clear_clipboard: Option<jiff::SignedDuration>,
    /// capscope runs on its embedded demo server and keeps nothing.
    pub demo: bool,
    /// The time zone of this computer.
    pub zone: jiff::tz::TimeZone,
    /// Where settings, cache and log are, for the help page.
    pub folders: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ascii: false,
            theme: ThemeKind::default(),
            reduced_motion: false,
            keys: Keymap::default(),
            mask: true,
            mouse: true,
            lock_after: super::lock::after_minutes(5),
            clear_clipboard: super::clipboard::after_seconds(45),
            demo: false,
            zone: jiff::tz::TimeZone::UTC,
            folders: Vec::new(),
        }
    }
}

/// How serious a notice is. Always a word, never only a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Done,
    /// Something to know.
    Note,
    /// Something failed.
    Problem,
}

/// One line above the hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How serious.
    pub level: Level,
    /// The text.
    pub text: String,
    /// When it goes by itself; `None` stays until a key.
    pub until: Option<Timestamp>,
}

/// What is known of the password store of this computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Vault {
    /// Not asked yet.
    #[default]
    Unknown,
    /// It works.
    Usable,
    /// It does not, and why.
    NotUsable(Problem),
}

/// Something on screen that a click can hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A section's tab.
    Section(Section),
    /// A row of a pane, by its place in the whole list.
    Row(Pane, usize),
    /// A pane, outside its rows.
    Pane(Pane),
    /// A hint or an entry: does the action.
    Action(super::actions::Id),
    /// A column of the record table.
    Column(usize),
    /// A row of the dialog on top.
    DialogRow(usize),
}

/// A rectangle on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether this column and row is inside.
    pub fn contains(self, x: u16, y: u16) -> bool {
        (self.x..self.x.saturating_add(self.width)).contains(&x)
            && (self.y..self.y.saturating_add(self.height)).contains(&y)
    }
}

/// What the last drawing put where. Clicks and page keys use it; focus never depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Painted {
    /// What can be clicked; later entries lie on top.
    pub hits: Vec<(Area, Hit)>,
    /// How many rows of each pane fit.
    pub pages: Vec<(Pane, usize)>,
    /// How many lines the scrolled text of a pane has.
    pub lengths: Vec<(Pane, usize)>,
    /// How many rows of the dialog fit.
    pub dialog_page: usize,
    /// How many lines the dialog on top has in all, if it scrolls.
    pub dialog_lines: usize,
    /// How many columns of the record table fit, from its first scrolling one.
    pub columns: usize,
    /// How wide the columns of the record table are.
    pub widths: Vec<(String, u16)>,
}

impl Painted {
    /// How many rows of a pane fit; a guess before the first drawing.
    pub fn page(&self, pane: Pane) -> usize {
        self.pages.iter().find(|(p, _)| *p == pane).map_or(20, |(_, n)| *n)
    }

    /// The last first line at which a pane's scrolled text still fills it.
    pub fn last_top(&self, pane: Pane) -> usize {
        let length = self.lengths.iter().find(|(p, _)| *p == pane).map_or(0, |(_, n)| *n);
        length.saturating_sub(self.page(pane))
    }

    /// What lies on top at this place.
    pub fn hit(&self, x: u16, y: u16) -> Option<Hit> {
        self.hits.iter().rev().find(|(area, _)| area.contains(x, y)).map(|(_, hit)| *hit)
    }
}

/// The whole state of the screen.
#[derive(Debug, Clone)]
pub struct Model {
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// The time, as the runtime last told it.
    pub now: Timestamp,
    /// Settings that matter for the screen.
    pub options: Options,
    /// The section that is shown.
    pub section: Section,
    /// The pane with the focus.
    pub pane: Pane,
    /// The saved projects.
    pub projects: Vec<SavedProject>,
    /// The cursor in the projects.
    pub projects_cursor: Cursor,
    /// The project that is open.
    pub open: Option<Open>,
    /// The dialog on top.
    pub dialog: Option<Dialog>,
    /// The filter line while it is typed.
    pub filter: Option<tui_input::Input>,
    /// The running jobs.
    pub jobs: Jobs,
    /// What capscope asked of servers.
    pub activity: Activity,
    /// When a key was pressed last, or the mouse did something.
    pub last_input: Timestamp,
    /// The screen is locked.
    pub locked: Option<super::lock::Locked>,
    /// The receiver of Data Entry Triggers, and what came.
    pub live: Live,
    /// The tour, while it is open.
    pub tour: Option<super::tour::Tour>,
    /// The line above the hints.
    pub notice: Option<Notice>,
    /// The password store.
    pub vault: Vault,
    /// What the last drawing put where.
    pub painted: Painted,
    /// When Ctrl+C was pressed, for the second press.
    pub interrupted: Option<Timestamp>,
    /// Masks may be lifted without asking again in this session.
    pub unmask_agreed: bool,
    /// The user was told how to select text with the mouse.
    pub drag_told: bool,
    /// What was handed to the clipboard.
    pub clipboard: super::clipboard::Handed,
    /// What writes down all that this terminal shows, as far as it was found.
    pub recorder: Option<String>,
    /// What to say once text was copied, before its length.
    pub copy_note: Option<String>,
    /// The codebooks of projects, for the search.
    pub codebooks: Vec<crate::domain::find::Codebook>,
    /// Actions run from the palette, newest first.
    pub recent: Vec<super::actions::Id>,
    /// How the user wants the columns of record tables: by project, by instrument.
    pub layouts: Layouts,
    /// Where the cursors of each project were, by the saved project's id.
    pub places: BTreeMap<String, super::place::Cursors>,
    /// The methods that stand first in the playground.
    pub favourites: Vec<super::playground::MethodName>,
    /// The files that were checked last, the newest first. Paths, never contents.
    pub recent_files: Vec<String>,
    /// The spot checks of projects that are not open now, without names and values.
    pub spots: BTreeMap<String, super::spot::SpotView>,
}

/// How the user wants the columns of record tables: by the saved project's id, by instrument.
pub type Layouts = BTreeMap<String, BTreeMap<String, Layout>>;

impl Model {
    /// A model at the start of the program: a list of projects, nothing open.
    pub fn new(options: Options, projects: Vec<SavedProject>, now: Timestamp) -> Self {
        Self {
            size: (80, 24),
            now,
            options,
            section: Section::default(),
            pane: Pane::default(),
            projects,
            projects_cursor: Cursor::default(),
            open: None,
            dialog: None,
            filter: None,
            jobs: Jobs::default(),
            activity: Activity::default(),
            last_input: now,
            locked: None,
            live: Live::default(),
            tour: None,
            notice: None,
            vault: Vault::default(),
            painted: Painted::default(),
            interrupted: None,
            unmask_agreed: false,
            drag_told: false,
            clipboard: super::clipboard::Handed::default(),
            recorder: None,
            copy_note: None,
            codebooks: Vec::new(),
            recent: Vec::new(),
            layouts: Layouts::default(),
            places: BTreeMap::new(),
            favourites: Vec::new(),
            recent_files: Vec::new(),
            spots: BTreeMap::new(),
        }
    }

    /// How much room the window gives.
    pub fn room(&self) -> Room {
        match self.size {
            (w, h) if w < 60 || h < 16 => Room::TooSmall,
            (w, h) if w >= 110 && h >= 24 => Room::Wide,
            (w, h) if w >= 80 && h >= 20 => Room::Medium,
            _ => Room::Narrow,
        }
    }

    /// Nothing runs: what is on screen is final until a key.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_idle()
    }

    /// When something happens by itself: a notice goes, a running job's time left moves on, the
    /// clipboard is overwritten, or the screen locks.
    pub fn next_change(&self) -> Option<Timestamp> {
        let notice = self.notice.as_ref().and_then(|n| n.until);
        let ticks = !self.jobs.is_idle() && !self.options.reduced_motion;
        let running = ticks.then(|| self.now + jiff::SignedDuration::from_secs(1));
        let clipboard = self.clipboard.until;
        notice.into_iter().chain(running).chain(clipboard).chain(super::lock::due(self)).min()
    }

    /// Shows a line above the hints. Problems stay until a key, everything else for four seconds.
    pub fn notify(&mut self, level: Level, text: impl Into<String>) {
        let text = self.options.keys.say(&text.into());
        let goes = level != Level::Problem && !self.options.reduced_motion;
        let until = goes.then(|| self.now + jiff::SignedDuration::from_secs(4));
        self.notice = Some(Notice { level, text, until });
    }

    /// The project under the cursor of the project list.
    pub fn chosen_project(&self) -> Option<&SavedProject> {
        self.projects.get(self.projects_cursor.at)
    }
}
