//! The clipboard: this computer's own where its tool is there, else the terminal's (OSC 52).
//!
//! Over SSH the clipboard of the computer that capscope runs on is not the one before the person,
//! so there only the terminal's helps. Whether a terminal took the text cannot be known, and
//! nothing more is claimed.

use super::shell::Clipboard;
use crossterm::clipboard::CopyToClipboard;
use std::io::{Write, stdout};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Terminals cut or drop longer texts.
const MOST: usize = 64 * 1024;
/// How long a tool may take. They only hand text to the desktop.
const PATIENCE: Duration = Duration::from_secs(1);

/// A tool of the desktop that takes text on its standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name, or its path.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl Tool {
    fn new(name: &str, arguments: &[&str]) -> Self {
        Self { name: name.into(), arguments: arguments.iter().map(|a| (*a).to_owned()).collect() }
    }
}

/// The clipboard that a person before this terminal can paste from.
#[derive(Debug, Clone)]
pub struct SystemClipboard {
    tools: Vec<Tool>,
    in_tmux: bool,
}

impl SystemClipboard {
    /// What this environment offers.
    pub fn find(env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).is_some_and(|v| !v.is_empty());
        Self { tools: tools(&set), in_tmux: set("TMUX") }
    }

    /// With these tools only.
    pub fn with(tools: Vec<Tool>) -> Self {
        Self { tools, in_tmux: false }
    }

    fn through_terminal(&self, text: &str) -> Result<String, String> {
        if text.len() > MOST {
            return Err("The text is too long for the terminal's clipboard.".into());
        }
        crossterm::execute!(stdout(), CopyToClipboard::to_clipboard_from(text)).map_err(|e| e.to_string())?;
        let n = text.chars().count();
        let tmux = if self.in_tmux { "; tmux passes it on if its set-clipboard is on" } else { "" };
        Ok(format!("{n} characters were handed to the terminal's clipboard (OSC 52){tmux}."))
    }
}

/// The tools of the desktop before the person; none over SSH.
fn tools(set: &dyn Fn(&str) -> bool) -> Vec<Tool> {
    if set("SSH_TTY") || set("SSH_CONNECTION") {
        return Vec::new();
    }
    let mut tools = Vec::new();
    if cfg!(target_os = "macos") {
        tools.push(Tool::new("pbcopy", &[]));
    }
    if set("WAYLAND_DISPLAY") {
        tools.push(Tool::new("wl-copy", &[]));
    }
    if set("DISPLAY") {
        tools.push(Tool::new("xclip", &["-selection", "clipboard", "-in"]));
        tools.push(Tool::new("xsel", &["--clipboard", "--input"]));
    }
    tools
}

impl Clipboard for SystemClipboard {
    fn copy(&mut self, text: &str) -> Result<String, String> {
        for tool in &self.tools {
            if run(tool, text) {
                let n = text.chars().count();
                return Ok(format!("{n} characters are in this computer's clipboard ({}).", tool.name));
            }
        }
        self.through_terminal(text)
    }
}

/// Hands text to a tool. A tool that is not there, fails or hangs is passed over.
fn run(tool: &Tool, text: &str) -> bool {
    let spawned = Command::new(&tool.name)
        .args(&tool.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = spawned else { return false };
    let text = zeroize::Zeroizing::new(text.to_owned());
    let (done, waiting) = channel();
    std::thread::spawn(move || {
        let written = child.stdin.take().is_some_and(|mut pipe| pipe.write_all(text.as_bytes()).is_ok());
        let ended = child.wait().is_ok_and(|status| status.success());
        // Nobody waits any more if it took too long.
        let _ = done.send(written && ended);
    });
    waiting.recv_timeout(PATIENCE).unwrap_or(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<String> {
        let env = |name: &str| names.contains(&name).then(|| "1".to_owned());
        SystemClipboard::find(env).tools.into_iter().map(|t| t.name).collect()
    }

    #[test]
    fn the_clipboard_is_that_of_the_person_not_of_a_server_far_away() {
        let desktop = found(&["WAYLAND_DISPLAY", "DISPLAY"]);
        assert!(desktop.ends_with(&["wl-copy".into(), "xclip".into(), "xsel".into()]), "{desktop:?}");
        assert!(found(&["WAYLAND_DISPLAY", "DISPLAY", "SSH_TTY"]).is_empty());
        assert!(found(&["DISPLAY", "SSH_CONNECTION"]).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_tool_gets_the_text_and_is_named_and_those_that_fail_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copied");
        let shell = |script: &str| Tool::new("sh", &["-c", script]);
        let mut clipboard = SystemClipboard::with(vec![
            Tool::new("/no/such/tool", &[]),
            shell("cat > /dev/null; exit 1"),
            shell(&format!("cat > '{}'", target.display())),
        ]);
        let said = clipboard.copy("Grüße").unwrap();
        assert_eq!(said, "5 characters are in this computer's clipboard (sh).");
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "Grüße");
    }
}
