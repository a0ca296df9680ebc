//! Taking the terminal over, and giving it back whatever happens.

use crate::domain::text::scrub;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use std::io::{self, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while capscope has it. Dropping it gives the terminal back.
pub struct Taken(());

impl Taken {
    /// Takes the terminal: alternate screen, raw keys, pasted text as such, and the mouse if wanted.
    pub fn take(mouse: bool) -> io::Result<Self> {
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        if mouse {
            execute!(stdout(), EnableMouseCapture)?;
        }
        Ok(Self(()))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back: everything that was switched on is switched off. May be called twice.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Each step is tried even if the one before failed; nobody is left to tell.
        let _ = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste);
        let _ = execute!(stdout(), LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
        let _ = stdout().flush();
    }
}

/// Gives the terminal back for a while, as before the program is stopped.
pub fn suspend() {
    let taken = TAKEN.load(Ordering::SeqCst);
    restore();
    TAKEN.store(taken, Ordering::SeqCst);
}

/// Takes the terminal again after [`suspend`], or after a stop that nobody announced.
pub fn resume(mouse: bool) {
    if TAKEN.load(Ordering::SeqCst) {
        // Each step is tried even if the one before failed.
        let _ = enable_raw_mode();
        let _ = execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide);
        if mouse {
            let _ = execute!(stdout(), EnableMouseCapture);
        }
    }
}

/// Switches the mouse on or off while the terminal is taken.
pub fn set_mouse(on: bool) -> io::Result<()> {
    if on { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
}

/// Makes a panic of this thread give the terminal back before it is reported, and scrubs what
/// is reported. A panic in a job is caught by the worker and only logged there: the screen stays.
pub fn install_panic_hook() {
    let ui_thread = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() != ui_thread {
            return;
        }
        restore();
        let place = info.location().map_or(String::new(), |l| format!(" at {}:{}", l.file(), l.line()));
        let words = info
            .payload()
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let _ = writeln!(
            io::stderr(),
            "capscope made a mistake and has to stop{place}: {}\nNothing was written to a server. Please report this line.",
            scrub(&words)
        );
    }));
}
