//! Starting the terminal interface.

use super::{Look, bench_with, folders, tell, tokio_runtime};
use crate::api::client::Observer;
use crate::app::Model;
use crate::app::keymap::{Keymap, Wish};
use crate::app::looks::ThemeKind;
use crate::app::model::{Level, Options};
use crate::app::msg::{Msg, Told};
use crate::app::playground;
use crate::demo::DemoOptions;
use crate::demo::chaos::Rule;
use crate::jobs::bench::Workbench;
use crate::jobs::{Problem, demo, projects};
use crate::runtime::clipboard::SystemClipboard;
use crate::runtime::shell::Keeper;
use crate::runtime::worker::Worker;
use crate::runtime::{Shell, input, recorder, terminal};
use crate::store::paths::Paths;
use crate::store::session::{self, Session};
use crate::store::settings::{KeyWish, Settings};
use crate::store::vault::Vault;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, IsTerminal, Write, stdout};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Opens the interface on the saved projects.
pub fn run(look: &Look) -> Result<(), Problem> {
    let (sender, inbox) = channel();
    let (bench, remarks) = bench_with(observer(&sender), not_logged(&sender))?;
    let paths = bench.paths.clone();
    let (mut list, mut last, mut places) = (Vec::new(), None, Session::default());
    let mut notes = remarks;
    if let Some(paths) = &paths {
        list = crate::store::projects::load(paths).map_err(|e| projects::store_problem(&e))?;
        let (session, note) = session::load(paths);
        notes.extend(note);
        last.clone_from(&session.last_project);
        places = session;
    }
    let mut options = options(look, &bench.settings);
    if let Some(paths) = &paths {
        options.folders = folders(paths);
        notes.extend(take_keys(&mut options, &bench.settings, paths));
    }
    let runtime = tokio_runtime()?;
    let section = last.as_ref().and_then(|id| places.projects.get(id)).and_then(|p| p.section.parse().ok());
    let layouts = places.projects.iter().map(|(id, place)| (id.clone(), place.layouts.clone())).collect();
    let favourites = playground::named(&places.favourites);
    let recent_files = places.checked_files.clone();
    let kept_places = places.projects.iter().map(|(id, place)| (id.clone(), place.cursors.clone())).collect();
    let keeper = super::keeping::keeper(places, paths);
    let mut model = Model::new(options, list, jiff::Timestamp::now());
    model.layouts = layouts;
    model.places = kept_places;
    model.favourites = favourites;
    model.recent_files = recent_files;
    let last = last.as_deref().map(|id| (id, section.unwrap_or(1)));
    interface(&runtime, Arc::new(bench), (sender, inbox), model, keeper, last, &notes)
}

/// Opens the interface on the embedded demo server. Nothing is kept on this computer.
pub fn run_demo(look: &Look, registry_records: usize, faults: Vec<Rule>) -> Result<(), Problem> {
    let (sender, inbox) = channel();
    let settings = Settings::default();
    let mut options = options(look, &settings);
    options.demo = true;
    let bench = Workbench::new(None, settings, Vault::in_memory(), observer(&sender));
    let runtime = tokio_runtime()?;
    let demo_options = DemoOptions { registry_records, faults, ..DemoOptions::default() };
    if registry_records > 5000 {
        let _ = writeln!(io::stderr(), "Making a registry of {registry_records} records...");
    }
    let list = runtime.block_on(demo::start(&bench, demo_options))?;
    let mut model = Model::new(options, list, jiff::Timestamp::now());
    model.notify(
        Level::Note,
        model.options.keys.say("{tour} opens a tour in six steps. Everything here is invented."),
    );
    interface(&runtime, Arc::new(bench), (sender, inbox), model, Box::new(|_| {}), None, &[])
}

/// Takes the terminal, runs the loop, and gives the terminal back.
fn interface(
    runtime: &tokio::runtime::Runtime,
    bench: Arc<Workbench>,
    (sender, inbox): (Sender<Msg>, Receiver<Msg>),
    mut model: Model,
    keeper: Keeper,
    last: Option<(&str, u8)>,
    notes: &[String],
) -> Result<(), Problem> {
    if !stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Problem::new(
            "This is no terminal",
            "The interface needs a terminal for its keys and its screen.",
            "Input or output is a pipe or a file.",
            "Start capscope in a terminal, or use its commands; 'capscope --help' lists them.",
        ));
    }
    if let Some(note) = notes.first() {
        model.notify(Level::Problem, note.clone());
    }
    terminal::install_panic_hook();
    // The theme obeys NO_COLOR. The terminal library would do so too, by leaving colours out of
    // its sequences, but that ends reverse video and hides the cursor of a theme chosen by hand.
    crossterm::style::force_color_output(true);
    let worker = Worker::spawn(runtime.handle(), bench, sender.clone());
    on_signals(runtime, sender.clone());
    on_stops(runtime, sender.clone(), model.options.mouse);
    let failed = |e: io::Error| {
        Problem::new(
            "The terminal could not be used",
            e.to_string(),
            "",
            "Try another terminal, or --ascii --no-mouse.",
        )
    };
    let taken = terminal::Taken::take(model.options.mouse).map_err(failed)?;
    if !model.options.demo {
        let sender = sender.clone();
        // Asking tmux takes a moment: the screen does not wait for it.
        std::thread::spawn(move || {
            if let Some(by) = recorder::find() {
                let _ = sender.send(Msg::Told(Told::Recorded(by)));
            }
        });
    }
    input::spawn_reader(sender).map_err(failed)?;
    let screen = Terminal::new(CrosstermBackend::new(stdout())).map_err(failed)?;
    let clipboard = SystemClipboard::find(|name| std::env::var(name).ok());
    let mut shell =
        Shell::new(screen, model, inbox, worker, Box::new(clipboard), keeper, terminal::set_mouse);
    let result = shell.start(last).and_then(|()| shell.run());
    let cleared = shell.clear_clipboard();
    drop(taken);
    shell.settle(Duration::from_secs(2));
    if cleared {
        tell("The clipboard was overwritten: it held data.");
    }
    result.map_err(failed)
}

/// Ends the loop when the system asks for it, so that the terminal is given back.
fn on_signals(runtime: &tokio::runtime::Runtime, sender: Sender<Msg>) {
    #[cfg(unix)]
    runtime.spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut hangup), Ok(mut terminate)) =
            (signal(SignalKind::hangup()), signal(SignalKind::terminate()))
        else {
            return;
        };
        tokio::select! {
            _ = hangup.recv() => {}
            _ = terminate.recv() => {}
        }
        let _ = sender.send(Msg::Terminate);
    });
    #[cfg(not(unix))]
    let _ = (runtime, sender);
}

/// Gives the terminal back before the program is stopped, and takes it again when it goes on.
fn on_stops(runtime: &tokio::runtime::Runtime, sender: Sender<Msg>, mouse: bool) {
    #[cfg(unix)]
    runtime.spawn(async move {
        use rustix::process::{Signal, getpid, kill_process};
        use tokio::signal::unix::{SignalKind, signal};
        let kind = |signal: Signal| SignalKind::from_raw(signal.as_raw());
        let (Ok(mut stop), Ok(mut go_on)) = (signal(kind(Signal::TSTP)), signal(kind(Signal::CONT))) else {
            return;
        };
        loop {
            tokio::select! {
                _ = stop.recv() => {
                    terminal::suspend();
                    // The program stands still here until somebody lets it go on.
                    let _ = kill_process(getpid(), Signal::STOP);
                }
                _ = go_on.recv() => {
                    terminal::resume(mouse);
                    let _ = sender.send(Msg::Resumed);
                }
            }
        }
    });
    #[cfg(not(unix))]
    let _ = (runtime, sender, mouse);
}

/// Tells on screen that the audit log cannot be written.
fn not_logged(sender: &Sender<Msg>) -> impl Fn(&str) + Send + 'static {
    let sender = sender.clone();
    move |why| {
        let _ = sender.send(Msg::Told(Told::NotLogged(why.to_owned())));
    }
}

fn observer(sender: &Sender<Msg>) -> Observer {
    let sender = sender.clone();
    Arc::new(move |event| {
        let _ = sender.send(Msg::Call(event));
    })
}

/// The keys of the settings, and with its line what cannot be.
pub(super) fn keymap(settings: &Settings) -> (Keymap, Vec<(usize, String)>) {
    let wish = |w: &KeyWish| Wish { line: w.line, action: w.action.clone(), keys: w.keys.clone() };
    let wishes: Vec<Wish> = settings.keys.iter().map(wish).collect();
    Keymap::new(&wishes)
}

/// Takes the keys of the settings; gives a line for each that cannot be.
fn take_keys(options: &mut Options, settings: &Settings, paths: &Paths) -> Vec<String> {
    let (keys, problems) = keymap(settings);
    options.keys = keys;
    let file = paths.settings_file();
    problems.iter().map(|(line, what)| format!("{}, line {line}: {what}", file.display())).collect()
}

/// The command line's wishes go before the settings, and those before what the system says.
fn options(look: &Look, settings: &Settings) -> Options {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let theme = match look.theme {
        Some(theme) => theme,
        None if no_color || dumb => ThemeKind::Mono,
        None => ThemeKind::from_word(settings.theme).unwrap_or_default(),
    };
    let theme = match theme {
        ThemeKind::Auto => ThemeKind::guess(std::env::var("COLORFGBG").ok().as_deref()),
        named => named,
    };
    Options {
        ascii: look.ascii || settings.ascii || !locale_is_utf8(),
        theme,
        reduced_motion: settings.reduced_motion,
        mask: settings.mask_identifiers,
        lock_after: crate::app::lock::after_minutes(settings.lock_after_minutes),
        clear_clipboard: crate::app::clipboard::after_seconds(settings.clear_clipboard_after),
        mouse: settings.mouse && !look.no_mouse,
        zone: jiff::tz::TimeZone::system(),
        ..Options::default()
    }
}

/// Whether the locale says UTF-8. Where no locale is set at all, as in many containers, modern
/// terminals still take UTF-8.
fn locale_is_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    set.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8") || locale == "c" || locale == "posix"
    })
}
