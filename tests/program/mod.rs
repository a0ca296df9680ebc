//! The real program in processes of its own: the server alone, and commands against it.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// `capscope serve` in a process of its own, stopped when dropped.
pub struct Server {
    child: Child,
    pub url: String,
    pub super_token: String,
    pub projects: serde_json::Value,
    pub home: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(["serve", "--registry-records", "5"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self {
            child,
            url: ready["url"].as_str().unwrap().to_owned(),
            super_token: ready["super_token"].as_str().unwrap().to_owned(),
            projects: ready["projects"].clone(),
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// The token of a project whose note begins with this.
    pub fn token(&self, title: &str, note: &str) -> String {
        let find = |list: &serde_json::Value, key: &str, start: &str| {
            let list = list.as_array().unwrap();
            list.iter().find(|p| p[key].as_str().unwrap().starts_with(start)).unwrap().clone()
        };
        let project = find(&self.projects, "title", title);
        find(&project["tokens"], "note", note)["token"].as_str().unwrap().to_owned()
    }

    pub fn capscope(&self, token: &str, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(args)
            .env("CAPSCOPE_HOME", self.home.path())
            .env("REDCAP_API_TOKEN", token)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Saves the project of a token under a name; the token stays in the environment.
    pub fn add(&self, token: &str, name: &str) {
        let args = ["project", "add", &self.url, "--name", name, "--token-env", "REDCAP_API_TOKEN"];
        let added = self.capscope(token, &args);
        let (out, err) = (String::from_utf8_lossy(&added.stdout), String::from_utf8_lossy(&added.stderr));
        assert!(added.status.success() && out.contains(&format!("Added {name}")), "{out}{err}");
    }

    /// A call to the server that is not saved.
    pub fn call(&self, token: &str, args: &[&str]) -> (Option<i32>, String, String) {
        let mut all = vec!["call"];
        all.extend(args);
        all.extend(["--url", &self.url]);
        let output = self.capscope(token, &all);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }
}

/// A command that goes on and prints lines, ended when dropped.
pub struct Running {
    pub child: Child,
    lines: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub fn json(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.line()).unwrap()
    }
}
