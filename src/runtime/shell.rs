//! The event loop: one queue in, the model in the middle, effects and pictures out.

use super::worker::Worker;
use crate::app::model::Level;
use crate::app::msg::{Effect, Msg, Remember, Told};
use crate::app::{Model, update};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::Backend;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Where copied text goes; in tests it goes to a list.
pub trait Clipboard {
    /// Hands text over, and says in words how, or why not.
    fn copy(&mut self, text: &str) -> Result<String, String>;

    /// Overwrites what is there with a blank: some terminals ignore an empty text.
    fn clear(&mut self) -> Result<(), String> {
        self.copy(" ").map(|_| ())
    }
}

/// Keeps something for the next start.
pub type Keeper = Box<dyn FnMut(Remember)>;

/// The running interface, over any terminal.
pub struct Shell<B: Backend> {
    terminal: Terminal<B>,
    /// The state of the screen.
    pub model: Model,
    inbox: Receiver<Msg>,
    worker: Worker,
    clipboard: Box<dyn Clipboard>,
    keeper: Keeper,
    set_mouse: fn(bool) -> io::Result<()>,
    dirty: bool,
    done: bool,
}

impl<B: Backend> Shell<B>
where
    B::Error: std::error::Error + Send + Sync + 'static,
{
    /// A shell that has drawn nothing yet.
    pub fn new(
        terminal: Terminal<B>,
        model: Model,
        inbox: Receiver<Msg>,
        worker: Worker,
        clipboard: Box<dyn Clipboard>,
        keeper: Keeper,
        set_mouse: fn(bool) -> io::Result<()>,
    ) -> Self {
        Self { terminal, model, inbox, worker, clipboard, keeper, set_mouse, dirty: true, done: false }
    }

    /// Performs the effects of the start: opening the last project, or the dialog that adds one.
    pub fn start(&mut self, last: Option<(&str, u8)>) -> io::Result<()> {
        if let Ok(size) = self.terminal.size() {
            self.model.size = (size.width, size.height);
        }
        let effects = update::start(&mut self.model, last);
        self.perform(effects)
    }

    /// Runs until the user quits.
    pub fn run(&mut self) -> io::Result<()> {
        while !self.done {
            self.draw()?;
            self.step(None)?;
        }
        Ok(())
    }

    /// Overwrites the clipboard if it holds data whose time has not come yet; for the end of the
    /// program. Whether it did.
    pub fn clear_clipboard(&mut self) -> bool {
        self.model.clipboard.until.take().is_some() && self.clipboard.clear().is_ok()
    }

    /// Waits until the worker has taken all that was asked of it, such as lines of the audit log,
    /// but no longer than `within`; for the end of the program. Whether it has.
    pub fn settle(&self, within: Duration) -> bool {
        self.worker.settle(within)
    }

    /// Runs until the condition holds for the model, drawing as it goes; `false` if it did not
    /// within the time. For tests, which wait for what they expect and never for a duration.
    pub fn run_until(&mut self, within: Duration, condition: impl Fn(&Model) -> bool) -> io::Result<bool> {
        let deadline = Instant::now() + within;
        loop {
            self.draw()?;
            if condition(&self.model) {
                return Ok(true);
            }
            if self.done || Instant::now() >= deadline {
                return Ok(false);
            }
            self.step(Some(deadline))?;
        }
    }

    /// The terminal, for looking at what was drawn.
    pub fn terminal(&self) -> &Terminal<B> {
        &self.terminal
    }

    /// Takes a message as if it had come from outside.
    pub fn send(&mut self, msg: Msg) -> io::Result<()> {
        let mut effects = update(&mut self.model, Msg::Clock(Timestamp::now()));
        effects.extend(update(&mut self.model, msg));
        self.dirty = true;
        self.perform(effects)
    }

    fn draw(&mut self) -> io::Result<()> {
        if !self.dirty {
            return Ok(());
        }
        self.dirty = false;
        let mut painted = None;
        let model = &self.model;
        self.terminal
            .draw(|frame| painted = Some(crate::ui::render(model, frame.buffer_mut())))
            .map_err(io::Error::other)?;
        if let Some(painted) = painted {
            update(&mut self.model, Msg::Painted(painted));
        }
        Ok(())
    }

    /// Waits for the next message, takes everything that is in the queue, and performs what comes
    /// of it. Nothing is drawn while messages wait.
    fn step(&mut self, deadline: Option<Instant>) -> io::Result<()> {
        let now = Timestamp::now();
        let change = self.model.next_change().map(|at| {
            // What was due before now is due now, as after the computer slept.
            let left = Duration::try_from(at.duration_since(now)).unwrap_or_default();
            left.clamp(Duration::from_millis(1), Duration::from_secs(60))
        });
        let limit = deadline.map(|d| d.saturating_duration_since(Instant::now()));
        let first = match change.into_iter().chain(limit).min() {
            Some(wait) => self.inbox.recv_timeout(wait),
            None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let mut effects = update(&mut self.model, Msg::Clock(Timestamp::now()));
        self.dirty = true;
        match first {
            Ok(msg) => {
                effects.extend(self.take(msg));
                while let Ok(msg) = self.inbox.try_recv() {
                    effects.extend(self.take(msg));
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.done = true,
        }
        self.perform(effects)
    }

    fn take(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Terminate => self.done = true,
            // Everything is drawn anew: on an empty screen, against an empty picture. The library's own
            // way asks the terminal where the cursor is, and the answer would go to the keys. A
            // terminal that cannot be cleared shows it at the next drawing.
            Msg::Resumed => {
                self.terminal.swap_buffers();
                let _ = self.terminal.backend_mut().clear();
            }
            _ => {}
        }
        update(&mut self.model, msg)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Start { slot, generation, job } => self.worker.start(slot, generation, job),
                Effect::Cancel(slot, generation) => self.worker.cancel(slot, generation),
                Effect::Copy(text) => {
                    let told = match self.clipboard.copy(&text) {
                        Ok(how) => Told::Copied(how),
                        Err(why) => Told::NotCopied(why),
                    };
                    update(&mut self.model, Msg::Told(told));
                }
                Effect::ClearClipboard => {
                    let text = match self.clipboard.clear() {
                        Ok(()) => "The clipboard was overwritten: it held data.".to_owned(),
                        Err(why) => format!("The clipboard could not be overwritten: {why}"),
                    };
                    self.model.notify(Level::Note, text);
                    self.dirty = true;
                }
                Effect::Mouse(on) => (self.set_mouse)(on)?,
                Effect::MasksLifted(place) => self.worker.masks_lifted(place),
                Effect::ForgetTokens => self.worker.forget_tokens(),
                Effect::Resume(project) => self.worker.resume(project),
                Effect::Remember(what) => (self.keeper)(what),
                Effect::Quit => self.done = true,
            }
        }
        Ok(())
    }
}
