//! Whether somebody writes down what this terminal shows.
//!
//! Only what can be seen from here is found: a recorder among the programs that this one was
//! started from (on Linux), the variables that asciinema sets, and a tmux pane that is piped into a
//! program at the start. Logging by the terminal's own window, by GNU screen or by an SSH gateway
//! cannot be seen.

use std::process::{Command, Stdio};

/// Programs that write down what a terminal shows.
const RECORDERS: &[&str] =
    &["script", "asciinema", "ttyrec", "termrec", "tlog-rec", "t-rec", "terminalizer", "vhs", "sudoreplay"];

/// What records this terminal, as words for the screen; `None` if nothing was found. Starts a
/// program inside tmux: call it off the threads that must not wait.
pub fn find() -> Option<String> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    if set("ASCIINEMA_REC") || set("ASCIINEMA_SESSION") {
        return Some("asciinema".into());
    }
    above(std::process::id(), &|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok())
        .or_else(|| (set("TMUX") && is_piped()).then(|| "tmux (pipe-pane)".into()))
}

/// The first recorder among the programs above this one.
fn above(mut pid: u32, stat: &dyn Fn(u32) -> Option<String>) -> Option<String> {
    // Deep enough for any shell; ends on systems without /proc at once.
    for _ in 0..40 {
        let (name, parent) = of_stat(&stat(pid)?)?;
        if RECORDERS.contains(&name.as_str()) {
            return Some(name);
        }
        if parent <= 1 {
            return None;
        }
        pid = parent;
    }
    None
}

/// Name and parent of a process from its `stat` line. The name stands in brackets and may hold
/// anything, brackets too.
fn of_stat(text: &str) -> Option<(String, u32)> {
    let (_, rest) = text.split_once('(')?;
    let (name, rest) = rest.rsplit_once(')')?;
    let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
    Some((name.to_owned(), parent))
}

/// Whether this tmux pane is piped into a program.
fn is_piped() -> bool {
    let mut command = Command::new("tmux");
    command.args(["display-message", "-p"]);
    if let Some(pane) = std::env::var_os("TMUX_PANE") {
        command.arg("-t").arg(pane);
    }
    let output = command.arg("#{pane_pipe}").stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.is_ok_and(|o| o.stdout.trim_ascii() == b"1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorder_above_the_shell_is_found() {
        let tree = |pid: u32| {
            Some(match pid {
                9 => "9 (capscope) S 7 9 7 0".to_owned(),
                7 => "7 (ba) (sh)) S 5 7 7 0".to_owned(),
                5 => "5 (script) S 3 5 5 0".to_owned(),
                3 => "3 (sshd) S 1 3 3 0".to_owned(),
                20 => "20 (capscope) S 3 9 7 0".to_owned(),
                _ => return None,
            })
        };
        assert_eq!(above(9, &tree).as_deref(), Some("script"));
        assert_eq!(above(20, &tree), None);
        assert_eq!(above(99, &tree), None);
        for text in ["", "1", "1 (x", "1 (x) S", "1 (x) S y"] {
            assert_eq!(of_stat(text), None, "{text}");
        }
    }
}
