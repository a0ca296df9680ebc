//! Papers made from the commands themselves: man pages and completions for shells.

use super::{Cli, print};
use crate::jobs::Problem;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::path::PathBuf;

/// The arguments of `capscope completions`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// The arguments of `capscope man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for every command into this folder. Without it the main page is printed.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// Prints a script that teaches a shell capscope's commands and options.
pub fn completions(args: &CompletionArgs) -> Result<(), Problem> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "capscope", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Prints the main man page, or writes all of them.
pub fn man(args: &ManArgs) -> Result<(), Problem> {
    let failed = |e: std::io::Error| {
        Problem::new(
            "The man pages could not be written",
            e.to_string(),
            "",
            "Give a folder that exists and that you may write to.",
        )
    };
    let command = Cli::command();
    if let Some(dir) = &args.dir {
        return clap_mangen::generate_to(command, dir).map_err(failed);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(failed)?;
    print(&String::from_utf8_lossy(&page))
}
