//! What the tests share: a small model for key strings, and the whole loop on the demo server.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use capscope::api::client::{CallEvent, Observer};
use capscope::app::keys::Key;
use capscope::app::model::Options;
use capscope::app::msg::{Effect, Msg};
use capscope::app::open::Open;
use capscope::app::{Model, update};
use capscope::demo::DemoOptions;
use capscope::domain::choices::Choice;
use capscope::domain::dictionary::{Dictionary, Field, FieldType};
use capscope::domain::event::{Event, Instrument, Mapping, Repeating};
use capscope::domain::project::{Metadata, ProjectInfo, Readable};
use capscope::jobs::bench::Workbench;
use capscope::jobs::types::{Answer, SavedProject, Source};
use capscope::runtime::worker::Worker;
use capscope::runtime::{Clipboard, Shell};
use capscope::store::settings::Settings;
use capscope::store::vault::Vault;
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a test waits for what it expects before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A fixed time, so that pictures do not change.
pub fn noon() -> Timestamp {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

/// A saved project that exists nowhere.
pub fn saved(id: &str, name: &str) -> SavedProject {
    SavedProject {
        id: id.into(),
        name: name.into(),
        url: "https://redcap.example.edu/api/".into(),
        project_id: 482,
        title: name.into(),
        ca_file: None,
        token_env: None,
        write_access: false,
        added: noon(),
    }
}

fn field(name: &str, form: &str, kind: &str, label: &str) -> Field {
    Field { field_type: FieldType::from(kind), label: label.into(), ..Field::new(name, form) }
}

/// A small longitudinal project: two instruments, two events, an identifier, a repeating instrument.
pub fn metadata() -> Metadata {
    let mut name = field("last_name", "demographics", "text", "Last name");
    name.identifier = true;
    let mut sex = field("sex", "demographics", "radio", "Sex");
    sex.choices_or_calculations = "1, Male | 2, Female".into();
    let mut sbp = field("sbp", "visit", "text", "Systolic BP");
    sbp.validation = "integer".into();
    sbp.branching_logic = "[sex] = '2'".into();
    sbp.required = true;
    let fields = vec![field("study_id", "demographics", "text", "Study ID"), name, sex, sbp];
    let event = |name: &str, unique: &str| Event {
        name: name.into(),
        arm_num: 1,
        unique_name: unique.into(),
        ..Event::default()
    };
    let map = |event: &str, form: &str| Mapping { arm_num: 1, event: event.into(), form: form.into() };
    Metadata {
        version: "14.5.2".into(),
        info: ProjectInfo {
            project_id: 482,
            title: "HF-301 Heart Failure".into(),
            is_longitudinal: true,
            has_repeating: true,
            missing_data_codes: vec![Choice::new("UNK", "Unknown")],
            ..ProjectInfo::default()
        },
        dictionary: Dictionary::new(fields),
        instruments: vec![
            Instrument { name: "demographics".into(), label: "Demographics".into() },
            Instrument { name: "visit".into(), label: "Visit".into() },
        ],
        events: Readable::Known(vec![event("Baseline", "baseline_arm_1"), event("Week 4", "week_4_arm_1")]),
        mapping: Readable::Known(vec![
            map("baseline_arm_1", "demographics"),
            map("baseline_arm_1", "visit"),
            map("week_4_arm_1", "visit"),
        ]),
        repeating: Readable::Known(vec![Repeating {
            event: "week_4_arm_1".into(),
            form: "visit".into(),
            custom_label: String::new(),
        }]),
        ..Metadata::default()
    }
}

/// A model with that project open, as if the server had just answered.
pub fn model() -> Model {
    let projects = vec![saved("p1", "HF-301 Heart Failure"), saved("p2", "DM-114 Diabetes")];
    let mut model = Model::new(Options::default(), projects, noon());
    model.size = (120, 36);
    let mut open = Open::new(saved("p1", "HF-301 Heart Failure"), true);
    open.metadata = metadata();
    open.source = Some(Source::Server(noon()));
    model.open = Some(open);
    model
}

/// That project with a file checked against two stored rows: a mistake, a change, a warning.
pub fn checked_model() -> Model {
    use capscope::domain::check::{Settings, SourceFile, Stored, rehearse, touched};
    use capscope::domain::table::TableBuilder;
    let mut model = model();
    let text = "study_id,redcap_event_name,last_name,sex,sbp\n1,baseline_arm_1,Nutmouse,Female,120\n2,baseline_arm_1,Wood,1,128\n3,baseline_arm_1,O'Brien,2,\n";
    let settings = Settings::default();
    let file = Arc::new(SourceFile::read(text.as_bytes(), &settings).unwrap());
    let mut rows = TableBuilder::new([
        "study_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "last_name",
        "sex",
        "sbp",
        "demographics_complete",
        "visit_complete",
    ]);
    rows.push_row(["1", "baseline_arm_1", "", "", "Nutmouse", "2", "131", "2", "2"]);
    rows.push_row(["2", "baseline_arm_1", "", "", "Wode", "1", "128", "2", "2"]);
    let ids = Some(["1", "2"].map(str::to_owned).into());
    let stored = Arc::new(Stored { rows: rows.finish(), ids });
    let metadata = metadata();
    let now = jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0);
    let rehearsal = rehearse(&file, &metadata, &settings, Some(&stored), now);
    let checked = capscope::jobs::types::Checked {
        path: "/data/visits.csv".into(),
        hash: capscope::jobs::check::grouped_hash(text.as_bytes()),
        rehearsal: Arc::new(rehearsal),
        touched: touched(&file, &metadata, &settings),
        read_at: Some(noon()),
        remarks: Vec::new(),
    };
    let open = model.open.as_mut().unwrap();
    open.check.choose("/data/visits.csv".into());
    open.check.take(Box::new(checked), true);
    press(&mut model, "5");
    model
}

/// Presses keys and returns all effects.
pub fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let keys = Key::parse_all(keys).unwrap_or_else(|| panic!("unknown key in {keys:?}"));
    keys.into_iter().flat_map(|key| update(model, Msg::Key(key))).collect()
}

/// Draws a model as text, with the marks of its styles below.
pub fn picture(model: &Model) -> String {
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let mut buffer = Buffer::empty(area);
    capscope::ui::render(model, &mut buffer);
    describe(&buffer)
}

/// The characters of a buffer, then its styles: one letter a cell, so that a colour that is lost
/// fails a test. `R` reversed, `B` bold, `D` dim, a colour's first letter in small, `.` plain.
pub fn describe(buffer: &Buffer) -> String {
    let mut text = String::new();
    let mut marks = String::new();
    for y in 0..buffer.area.height {
        let (mut line, mut styles) = (String::new(), String::new());
        let mut hidden = 0;
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            if hidden > 0 {
                hidden -= 1;
            } else {
                line.push_str(cell.symbol());
                hidden = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            }
            let mark = if cell.modifier.contains(Modifier::REVERSED) {
                'R'
            } else {
                match (cell.fg, cell.modifier.contains(Modifier::BOLD), cell.modifier.contains(Modifier::DIM))
                {
                    (Color::Reset, true, _) => 'B',
                    (Color::Reset, _, true) => 'D',
                    (Color::Reset, ..) => '.',
                    (Color::Cyan, ..) => 'c',
                    (Color::Green, ..) => 'g',
                    (Color::Yellow, ..) => 'y',
                    (Color::Red, ..) => 'r',
                    _ => '?',
                }
            };
            styles.push(mark);
        }
        text.push_str(line.trim_end());
        text.push('\n');
        marks.push_str(styles.trim_end_matches('.'));
        marks.push('\n');
    }
    format!("{text}--- styles ---\n{marks}")
}

/// A clipboard that remembers.
#[derive(Clone, Default)]
pub struct Copied(pub Arc<Mutex<Vec<String>>>);

impl Clipboard for Copied {
    fn copy(&mut self, text: &str) -> Result<String, String> {
        self.0.lock().unwrap().push(text.to_owned());
        Ok(format!("{} characters copied.", text.chars().count()))
    }
}

/// The whole program on a test screen: real loop, real worker, real requests to a real server.
pub struct App {
    pub shell: Shell<TestBackend>,
    pub copied: Copied,
    pub calls: Arc<Mutex<Vec<CallEvent>>>,
    pub inbox: Sender<Msg>,
    pub bench: Arc<Workbench>,
    runtime: tokio::runtime::Runtime,
}

impl App {
    /// On the embedded demo server, as `capscope demo` starts.
    pub fn demo(width: u16, height: u16) -> Self {
        Self::demo_with(width, height, &[])
    }

    /// The same with faults on the way to the server.
    pub fn demo_with(width: u16, height: u16, faults: &[&str]) -> Self {
        let mut app = Self::start(width, height, None, |bench, runtime| {
            // Where something goes wrong, a small server does.
            let registry_records = if faults.is_empty() { 700 } else { 5 };
            let faults = faults.iter().map(|f| f.parse().unwrap()).collect();
            let options = DemoOptions { registry_records, faults, ..DemoOptions::default() };
            runtime.block_on(capscope::jobs::demo::start(bench, options)).unwrap()
        });
        app.wait(|m| m.open.as_ref().is_some_and(|o| o.source.is_some()) && m.is_idle());
        app
    }

    /// The demo, with this word in the name of the open project.
    pub fn demo_of(width: u16, height: u16, name: &str) -> Self {
        let mut app = Self::demo(width, height);
        let at = app.shell.model.projects.iter().position(|p| p.name.contains(name)).expect(name);
        while app.shell.model.pane != capscope::app::model::Pane::Projects {
            app.keys("<Tab>");
        }
        app.keys(&format!("<Home>{}<Enter>", "j".repeat(at)));
        app.wait(|m| {
            m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some() || o.problem.is_some())
        });
        app
    }

    /// The demo, with files kept in this place.
    pub fn demo_in(paths: capscope::store::Paths) -> Self {
        let mut app = Self::start(120, 36, Some(paths), |bench, runtime| {
            let options = DemoOptions { registry_records: 20, ..DemoOptions::default() };
            runtime.block_on(capscope::jobs::demo::start(bench, options)).unwrap()
        });
        app.wait(|m| m.open.as_ref().is_some_and(|o| o.source.is_some()) && m.is_idle());
        app
    }

    /// On a bench with these files, and the projects that `projects` gives.
    pub fn start(
        width: u16,
        height: u16,
        home: Option<capscope::store::Paths>,
        projects: impl FnOnce(&Workbench, &tokio::runtime::Runtime) -> Vec<SavedProject>,
    ) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (inbox, receiver) = channel();
        let calls: Arc<Mutex<Vec<CallEvent>>> = Arc::default();
        let observer: Observer = {
            let (inbox, calls) = (inbox.clone(), calls.clone());
            Arc::new(move |event: CallEvent| {
                calls.lock().unwrap().push(event.clone());
                let _ = inbox.send(Msg::Call(event));
            })
        };
        let demo = home.is_none();
        let mut bench = Workbench::new(home, Settings::default(), Vault::in_memory(), observer);
        // Tests do not wait for servers that are in trouble.
        bench.limits.retry_wait = Duration::from_millis(1);
        let bench = Arc::new(bench);
        let list = projects(&bench, &runtime);
        let options = Options { demo, ..Options::default() };
        let model = Model::new(options, list, Timestamp::now());
        let worker = Worker::spawn(runtime.handle(), bench.clone(), inbox.clone());
        let copied = Copied::default();
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut shell =
            Shell::new(terminal, model, receiver, worker, Box::new(copied.clone()), Box::new(|_| {}), |_| {
                Ok(())
            });
        shell.start(None).unwrap();
        Self { shell, copied, calls, inbox, bench, runtime }
    }

    /// Presses keys, one after the other.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in Key::parse_all(keys).unwrap_or_else(|| panic!("unknown key in {keys:?}")) {
            self.shell.send(Msg::Key(key)).unwrap();
        }
        // Draws what the keys changed.
        self.wait(|_| true)
    }

    /// Waits until the condition holds; fails with the screen if it does not in time.
    pub fn wait(&mut self, condition: impl Fn(&Model) -> bool) -> &mut Self {
        let met = self.shell.run_until(PATIENCE, condition).unwrap();
        assert!(met, "this did not happen in time; the screen was\n{}", self.screen());
        self
    }

    /// Waits until nothing runs.
    pub fn idle(&mut self) -> &mut Self {
        self.wait(Model::is_idle)
    }

    /// The text on the screen.
    pub fn screen(&self) -> String {
        let text = describe(self.shell.terminal().backend().buffer());
        text.split("--- styles ---").next().unwrap().to_owned()
    }

    /// Whether the screen has this text.
    pub fn shows(&self, text: &str) -> bool {
        self.screen().contains(text)
    }

    /// Fails unless the screen has this text.
    pub fn assert_shows(&self, text: &str) -> &Self {
        assert!(self.shows(text), "{text:?} is not on the screen\n{}", self.screen());
        self
    }

    /// The titles of the requests that were sent, in order.
    pub fn requests(&self) -> Vec<&'static str> {
        let sent = |e: &CallEvent| matches!(e.state, capscope::api::client::CallState::Sent);
        self.calls.lock().unwrap().iter().filter(|e| sent(e)).map(|e| e.title).collect()
    }

    /// Runs a future on the program's own runtime.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A copy of the model with everything fixed that changes from run to run.
    pub fn still(&self) -> Model {
        let mut model = self.shell.model.clone();
        model.now = noon();
        for project in &mut model.projects {
            project.url = "http://127.0.0.1:8000/api/".into();
        }
        if let Some(open) = &mut model.open {
            open.project.url = "http://127.0.0.1:8000/api/".into();
            open.source = open.source.take().map(|_| Source::Server(noon()));
            // The demo's projects were made some weeks before today.
            for time in [&mut open.metadata.info.creation_time, &mut open.metadata.info.production_time] {
                if !time.is_empty() {
                    *time = "2025-10-20 09:00:00".into();
                }
            }
            if let capscope::app::records::Load::Done(_, at) = &mut open.records.load {
                *at = noon();
            }
            if let capscope::app::quality::QualityLoad::Done(at) = &mut open.quality.load {
                *at = noon();
            }
            if let Some(report) = &mut open.token.report {
                report.server = "http://127.0.0.1:8000/api/".into();
                open.token.tested_at = Some(noon());
            }
            if let capscope::app::grid::GridLoad::Done(at) = &mut open.grid.load {
                *at = noon();
            }
            if let Some(checked) = &mut open.check.checked {
                checked.read_at = checked.read_at.map(|_| noon());
            }
            if let Some(view) = &mut open.records.view {
                view.read_at = Some(noon());
            }
            let still = |answer: &Arc<Answer>| Arc::new(Answer { ms: 12, ..answer.as_ref().clone() });
            if let Some(reading) = &mut open.playground.reading {
                reading.answer = still(&reading.answer);
            }
            if open.playground.marked.is_some() {
                open.playground.marked = Some(noon());
            }
            for (i, call) in (0_i64..).zip(&mut open.playground.calls) {
                call.at = noon() - jiff::SignedDuration::from_mins(i);
                call.answer = call.answer.as_ref().map(still);
            }
        }
        for call in &mut model.activity.calls {
            call.at = noon();
            if let capscope::api::client::CallState::Done { ms, .. } = &mut call.state {
                *ms = 12;
            }
        }
        model
    }
}
