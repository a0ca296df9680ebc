//! The real program in a pseudo-terminal of its own.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn cells(n: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(n).unwrap()
}

/// What came out of the terminal so far: the screen, the raw bytes, and whether it ended.
pub struct Seen {
    pub parser: vt100::Parser,
    pub bytes: Vec<u8>,
    pub ended: bool,
}

/// The program in a terminal of its own. Killed when dropped, so that a failure never hangs.
pub struct Pty {
    pub master: Box<dyn MasterPty + Send>,
    pub writer: Box<dyn Write + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub seen: Arc<(Mutex<Seen>, Condvar)>,
    pub home: Option<tempfile::TempDir>,
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

impl Pty {
    pub fn start(args: &[&str], env: &[(&str, &str)], cols: u16, rows: u16) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), args, env, cols, rows)
    }

    /// With what an earlier start left in its home.
    pub fn start_in(
        home: tempfile::TempDir,
        args: &[&str],
        env: &[(&str, &str)],
        cols: u16,
        rows: u16,
    ) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_capscope"));
        command.args(args);
        command.env_clear();
        for (name, value) in env {
            command.env(name, value);
        }
        Self::run(home, command, cols, rows)
    }

    /// Any program, with its home, and with a terminal's usual variables where it has no others.
    pub fn run(home: tempfile::TempDir, mut command: CommandBuilder, cols: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin")] {
            if command.get_env(name).is_none() {
                command.env(name, value);
            }
        }
        command.cwd(home.path());
        command.env("HOME", home.path());
        command.env("CAPSCOPE_HOME", home.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(cells(rows), cells(cols), 0),
                bytes: Vec::new(),
                ended: false,
            }),
            Condvar::new(),
        ));
        let shared = seen.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let n = reader.read(&mut buffer).unwrap_or(0);
                let (lock, changed) = &*shared;
                let mut seen = lock.lock().unwrap();
                if n == 0 {
                    seen.ended = true;
                } else {
                    seen.parser.process(&buffer[..n]);
                    seen.bytes.extend(&buffer[..n]);
                }
                changed.notify_all();
                if n == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { master: pair.master, writer, child, seen, home: Some(home) }
    }

    pub fn demo(cols: u16, rows: u16) -> Self {
        let pty = Self::start(&["demo", "--registry-records", "50"], &[], cols, rows);
        pty.wait_for("[READ-ONLY]").wait_for("* online");
        pty
    }

    pub fn type_keys(&mut self, keys: &str) -> &mut Self {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        self
    }

    pub fn wait_until(&self, what: &str, condition: impl Fn(&Seen) -> bool) -> &Self {
        let deadline = Instant::now() + PATIENCE;
        let (lock, changed) = &*self.seen;
        let mut seen = lock.lock().unwrap();
        while !condition(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "{what} did not come; the screen is\n{}",
                seen.parser.screen().contents()
            );
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
        self
    }

    pub fn wait_for(&self, text: &str) -> &Self {
        self.wait_until(text, |seen| seen.parser.screen().contents().contains(text))
    }

    /// Waits for the end and checks that the terminal was left as it was found.
    pub fn ends_clean(&mut self) -> u32 {
        self.wait_until("the end of the program", |seen| seen.ended);
        let status = self.child.wait().unwrap();
        let seen = self.seen.0.lock().unwrap();
        let screen = seen.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is still on");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is still on");
        status.exit_code()
    }

    /// Quits, also where it asks because something is still being read, and checks the end.
    pub fn quit(&mut self) -> u32 {
        self.type_keys("q");
        let asks = |seen: &Seen| seen.parser.screen().contents().contains("Quit while");
        self.wait_until("the end or a question", |seen| seen.ended || asks(seen));
        if !self.seen.0.lock().unwrap().ended {
            self.type_keys("y");
        }
        self.ends_clean()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().bytes.clone()
    }
}
