//! `capscope help`: the pages of the guide in the terminal, and the help of each command.
//!
//! The pages are those of `assets/guide`, which people read on the web with their pictures: there
//! is one text, so the two cannot differ.

use super::{Cli, markdown, print};
use crate::jobs::Problem;
use clap::CommandFactory;
use std::io::IsTerminal;

/// One page of the guide.
pub struct Page {
    /// The word that names it: its file's name.
    pub name: &'static str,
    /// Its text, in Markdown.
    pub text: &'static str,
}

/// Names the pages and includes their files.
macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        &[$(Page { name: $name, text: include_str!(concat!("../../assets/guide/", $name, ".md")) }),*]
    };
}

/// All pages, in the order in which a newcomer would read them.
pub const PAGES: &[Page] = pages![
    "start",
    "records",
    "quality",
    "check",
    "token",
    "playground",
    "triggers",
    "privacy",
    "settings",
    "troubles",
    "keys",
    "methods",
];

/// The widest that a page is set, in columns.
const WIDEST: usize = 100;

/// Prints a page, the help of a command, or the list of both.
pub fn run(words: &[String]) -> Result<(), Problem> {
    let Some(first) = words.first() else { return print(&contents()) };
    let page = PAGES.iter().find(|p| p.name.eq_ignore_ascii_case(first));
    // A word can be both: the guide tells more, and ends with the way to the command's own help.
    match (page, command_help(words)) {
        (Some(page), help) if words.len() == 1 => {
            let mut text = markdown::to_text(page.text, width());
            if help.is_some() {
                text.push_str(&format!("\nThe options of the command: capscope {} --help\n", page.name));
            }
            print(&text)
        }
        (_, Some(help)) => print(&help),
        _ => {
            let names: Vec<&str> = PAGES.iter().map(|p| p.name).collect();
            Err(Problem::new(
                "There is no such page",
                format!("\"{}\" is neither a page nor a command.", words.join(" ")),
                "",
                format!("The pages are {}; 'capscope --help' lists the commands.", names.join(", ")),
            ))
        }
    }
}

/// The list of pages, each with its first heading.
fn contents() -> String {
    let mut text = String::from("Pages of the guide: capscope help PAGE\n\n");
    for page in PAGES {
        text.push_str(&format!("  {:<12}{}\n", page.name, page.title()));
    }
    text.push_str("\nHelp of a command: capscope help COMMAND, such as 'capscope help project add'.\n");
    text.push_str("All commands: capscope --help. Keys in the interface: press ?\n");
    text
}

impl Page {
    /// Its first heading.
    pub fn title(&self) -> &'static str {
        self.text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(self.name)
    }
}

/// The long help of the command that these words name, if they name one.
fn command_help(words: &[String]) -> Option<String> {
    let mut command = Cli::command();
    command.build();
    let mut command = &mut command;
    for word in words {
        command = command.find_subcommand_mut(word)?;
    }
    Some(command.render_long_help().to_string())
}

/// How wide the text may be here.
fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return WIDEST;
    }
    crossterm::terminal::size().map_or(WIDEST, |(columns, _)| usize::from(columns).clamp(40, WIDEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_heading_and_every_file_is_a_page() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/guide");
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
            .collect();
        files.sort();
        let mut names: Vec<&str> = PAGES.iter().map(|p| p.name).collect();
        names.sort_unstable();
        assert_eq!(files, names);
        for page in PAGES {
            assert!(page.text.starts_with("# "), "{}", page.name);
        }
    }

    #[test]
    fn commands_of_two_words_have_help_too() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(command_help(&words("project add")).unwrap().contains("--token-env"));
        assert!(command_help(&words("project sing")).is_none());
        assert!(run(&words("nonsense")).is_err());
    }

    /// A command that a page shows must be one of the program, with options that it has.
    #[test]
    fn every_command_that_a_page_shows_is_understood() {
        let mut seen = 0;
        for page in PAGES {
            // Every other piece between fences is code.
            let code = page.text.split("```").skip(1).step_by(2);
            for line in code.flat_map(str::lines).map(str::trim) {
                let Some(at) = line.find("capscope ").filter(|at| {
                    // Alone on its line, or after a variable of the environment.
                    line[..*at].split(' ').all(|word| word.is_empty() || word.contains('='))
                }) else {
                    continue;
                };
                let line = line[at..].split("  #").next().unwrap_or_default();
                let line = line.split(" > ").next().unwrap_or_default();
                let words = shell_words(line);
                if let Err(e) = <Cli as clap::Parser>::try_parse_from(&words) {
                    assert!(!e.use_stderr(), "{}: {line}\n{e}", page.name);
                }
                seen += 1;
            }
        }
        assert!(seen > 20, "{seen}");
    }

    /// Words as a shell takes them, with double quotes and backslashes within them.
    fn shell_words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
        for c in line.chars() {
            match c {
                '"' => (quoted, any) = (!quoted, true),
                ' ' if !quoted => {
                    if any {
                        words.push(std::mem::take(&mut word));
                    }
                    any = false;
                }
                _ => {
                    word.push(c);
                    any = true;
                }
            }
        }
        if any {
            words.push(word);
        }
        words
    }
}
