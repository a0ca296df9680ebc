//! `capscope snippet`: a request as a program in another language. Nothing is sent.

use super::call::saved_project;
use super::request::{RequestArgs, Upload};
use super::{print, quiet_bench};
use crate::jobs::Problem;
use crate::jobs::bench::address;
use crate::snippets::{Call, Language, write};
use clap::Args;

/// The address that stands in a program if none was given.
const PLACEHOLDER: &str = "https://redcap.example.org/api/";

/// The arguments of `capscope snippet`.
#[derive(Debug, Args)]
pub struct SnippetArgs {
    /// The language: curl, curl-windows, powershell, python, pycap, r, redcapr, redcapapi, php,
    /// java, perl, ruby, javascript, rust, capscope.
    language: String,
    #[command(flatten)]
    words: RequestArgs,
    /// Take the address of this saved project.
    #[arg(long, conflicts_with = "url")]
    project: Option<String>,
    /// The address of the REDCap.
    #[arg(long)]
    url: Option<String>,
}

/// Runs the command.
pub fn run(args: &SnippetArgs) -> Result<(), Problem> {
    let language = Language::from_key(&args.language).ok_or_else(|| {
        let known: Vec<&str> = Language::ALL.iter().map(|l| l.key()).collect();
        let near = crate::jobs::call::nearest(&args.language, known.iter().copied());
        let hint = near.map_or(String::new(), |n| format!(" Did you mean \"{n}\"?"));
        Problem::new(
            "There is no such language",
            format!("\"{}\" is not known.{hint}", crate::domain::text::one_line(&args.language)),
            "",
            format!("The languages are {}.", known.join(", ")),
        )
    })?;
    let method = args.words.method()?;
    let request = args.words.request(method, Upload::Named)?;
    let (url, project_id) = match (&args.project, &args.url) {
        (Some(name), _) => {
            let (bench, _) = quiet_bench()?;
            let saved = saved_project(&bench, name)?;
            (saved.url, Some(saved.project_id))
        }
        (None, Some(url)) => (address(url)?.as_str().to_owned(), None),
        (None, None) => {
            super::tell(&format!(
                "No address was given: {PLACEHOLDER} stands in its place. Give --project NAME or --url ADDRESS."
            ));
            (PLACEHOLDER.to_owned(), None)
        }
    };
    let file = args.words.file.as_ref().map(|path| path.to_string_lossy().into_owned());
    let call = Call { request: &request, url: &url, file: file.as_deref(), project_id };
    let text = write(language, &call).map_err(|refusal| {
        Problem::new(
            format!("This cannot be written in {}", language.title()),
            refusal.to_string(),
            "",
            "Choose another language.",
        )
    })?;
    print(&text)
}
