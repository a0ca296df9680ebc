//! Calling any method of the API: what it will do, whether it may be done, and the answer.

use super::problem::Problem;
use super::projects::store_problem;
use super::types::SavedProject;
use crate::api::catalogue::{Action, Effect, Gate, Kind, Method};
use crate::api::client::{Api, RecordPlace};
use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::domain::access_test::Fired;
use crate::domain::access_test::calls::{Answered, explain};
use crate::domain::rights::right_name;
use crate::domain::text::{one_line, without_html};
use crate::store::part_file::PartFile;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a person agreed to before a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// They said yes to a write.
    pub write: bool,
    /// They named the project by its number: needed to delete or replace, and for a write to a
    /// project that is not saved.
    pub project_id: Option<u64>,
}

/// What a call will do, in one sentence for the person who starts it.
pub fn plan(method: &Method, project: &str) -> String {
    match method.effect {
        Effect::Read => format!("{}: reads from {project}. Nothing is changed.", method.title),
        Effect::Write => format!("{}: CHANGES {project}. {}", method.title, method.danger),
        Effect::Destroy => format!("{}: DELETES OR REPLACES in {project}. {}", method.title, method.danger),
    }
}

/// Whether a call may be sent. Reads always may. A write needs a yes and a project for which
/// writing is switched on; where the project is not saved, its number stands for the switch.
/// Deleting and replacing need the number in any case.
pub async fn may_be_sent(
    api: &Api,
    method: &Method,
    saved: Option<&SavedProject>,
    consent: &Consent,
) -> Result<(), Problem> {
    if method.effect == Effect::Read {
        return Ok(());
    }
    let refuse = |what: &str, advice: &str| Err(Problem::new("This call was not sent", what, "", advice));
    if !consent.write {
        return refuse(
            &format!("It would change something. {}", method.danger),
            "If you want that, say so with --yes-write.",
        );
    }
    // A new project is no project's write; the yes is all there is to ask.
    if method.gate == Gate::SuperToken {
        return Ok(());
    }
    if saved.is_some_and(|p| !p.write_access) {
        return refuse(
            "Writing is not switched on for this project.",
            "Switch it on with 'capscope project write NAME on'.",
        );
    }
    if method.effect != Effect::Destroy && saved.is_some() {
        return Ok(());
    }
    let Some(named) = consent.project_id else {
        return refuse(
            "The project's number is missing.",
            "Name the project by its number, with --project-id. It is in the address of every page of the project (pid=).",
        );
    };
    let real = match saved {
        Some(SavedProject { project_id, .. }) if *project_id != 0 => *project_id,
        _ => api.project_info().await?.project_id,
    };
    if real != named {
        return refuse(
            &format!("The token belongs to project {real}, not to project {named}."),
            "Check which project you mean.",
        );
    }
    Ok(())
}

/// Downloads the answer of a call into a file, under the server's name for it if `target` is a
/// folder. Nothing that is there is replaced. Returns where the file is.
pub async fn download(api: &Api, request: &Request, target: &Path) -> Result<PathBuf, Problem> {
    let folder = target.is_dir();
    let draft = if folder { target.join("capscope-download") } else { target.to_owned() };
    // The part is opened by the download and finished here; a retry begins it anew.
    let part = Arc::new(Mutex::new(None::<PartFile>));
    let reply = api
        .download(request, || {
            let file = PartFile::create(&draft).map_err(|e| std::io::Error::other(e.to_string()))?;
            let mut slot = part.lock().unwrap_or_else(PoisonError::into_inner);
            *slot = Some(file);
            drop(slot);
            Ok(Through(part.clone()))
        })
        .await?;
    let file = part.lock().unwrap_or_else(PoisonError::into_inner).take();
    let file = match file {
        Some(file) => file,
        // An answer without a single byte.
        None => PartFile::create(&draft).map_err(|e| store_problem(&e))?,
    };
    let target = if folder { target.join(name_for(request, &reply)) } else { target.to_owned() };
    file.finish(&target).map_err(|e| store_problem(&e))
}

/// Downloads the file of a record's file field. Nothing that is there is replaced.
pub async fn download_file(api: &Api, place: &RecordPlace, target: &Path) -> Result<PathBuf, Problem> {
    download(api, &Api::file(place)?, &super::export::from_home(target)).await
}

/// Writes through to the part, which stays ours to finish.
struct Through(Arc<Mutex<Option<PartFile>>>);

impl std::io::Write for Through {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_mut().map_or(Ok(()), std::io::Write::flush)
    }
}

/// The server's name for a file, or one made of the method and the format.
pub fn name_for(request: &Request, reply: &Reply) -> String {
    reply.file_name().unwrap_or_else(|| {
        let format = request.text("format");
        let extension = match (request.method().content, format) {
            ("pdf", _) => "pdf",
            ("project_xml", _) | (_, "xml" | "odm" | "") => "xml",
            (_, other) => other,
        };
        format!("{}.{extension}", request.method().content)
    })
}

/// The table of all methods, for `capscope call --list`.
pub fn table(methods: &[Method]) -> String {
    let mut text =
        format!("{:<22} {:<13} {:<8} {:<48} {}\n", "CONTENT", "ACTION", "EFFECT", "RIGHTS", "TITLE");
    for method in methods {
        let line = format!(
            "{:<22} {:<13} {:<8} {:<48} {}",
            method.content,
            method.action.as_str(),
            effect_word(method.effect),
            rights_words(method),
            method.title
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What a method does to the project, in a word.
pub fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write => "write",
        Effect::Destroy => "destroy",
    }
}

/// The rights that a method needs, as the page User Rights calls them.
pub fn rights_words(method: &Method) -> String {
    let gate = method.gate.right().map_or("super token", right_name);
    match method.second {
        Some(second) => format!("{gate} + {}", right_name(second)),
        None => gate.to_owned(),
    }
}

/// All about one method: what it is for, what it needs, its parameters.
pub fn describe(method: &Method) -> String {
    let mut text = format!("{}\n  {}\n", method.title, method.help);
    text.push_str(&format!("  content={} action={}\n", method.content, method.action.as_str()));
    text.push_str(&format!("  Needs: {}. Since REDCap {}.\n", rights_words(method), method.since));
    if !method.danger.is_empty() {
        text.push_str(&format!("  Danger: {}\n", method.danger));
    }
    text.push_str("  Parameters:\n");
    for param in method.params {
        let kind = match param.kind {
            Kind::Text => "text".to_owned(),
            Kind::Number => "number".to_owned(),
            Kind::Bool => "true or false".to_owned(),
            Kind::ZeroOne => "0 or 1".to_owned(),
            Kind::DateTime => "date and time".to_owned(),
            Kind::Choice(words) => words.join(" | "),
            Kind::Array(of) => format!("list of {of:?} names").to_lowercase(),
            Kind::Name(of) => format!("{of:?} name").to_lowercase(),
            Kind::Data => "rows; @FILE reads a file".to_owned(),
            Kind::File => "--file FILE".to_owned(),
        };
        let needed = if param.required { "  (required)" } else { "" };
        text.push_str(&format!("    {:<30} {kind}{needed}\n", param.name));
        text.push_str(&format!("    {:<30} {}\n", "", param.help));
    }
    text
}

/// Reads the files that texts name: `@FILE` stands for the file's text, `@@` for one `@`.
pub fn read_files(request: Request) -> Result<Request, Problem> {
    let mut request = request;
    for param in request.method().params.iter().filter(|p| matches!(p.kind, Kind::Data | Kind::Text)) {
        let text = match request.text(param.name).strip_prefix('@') {
            None => continue,
            Some(rest) if rest.starts_with('@') => rest.to_owned(),
            Some(path) => read_text(Path::new(path))?,
        };
        request = request.set(param.name, text);
    }
    Ok(request)
}

/// Adds the file to upload.
pub fn with_upload(request: Request, path: &Path) -> Result<Request, Problem> {
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(request.set_file(name, bytes))
}

fn read_text(path: &Path) -> Result<String, Problem> {
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        Problem::new(
            "The file is not UTF-8",
            format!("{} has other bytes from byte {} on.", path.display(), e.utf8_error().valid_up_to() + 1),
            "It may be in Windows-1252 or UTF-16.",
            "Save it as UTF-8 and try again.",
        )
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    super::check::unreadable(path, error)
}

/// What is wrong with the parameters of a call, before it is sent: names that the method does not
/// have, words that are not allowed, and required ones that are missing.
pub fn check(request: &Request, given: &[(String, String)]) -> Result<(), Problem> {
    let method = request.method();
    let wrong = |what: String| {
        Err(Problem::new(
            "This call was not sent",
            what,
            "",
            format!(
                "'capscope call {} {} --explain' shows its parameters.",
                method.content,
                method.action.as_str()
            ),
        ))
    };
    for (name, value) in given {
        let Some(param) = method.param(name) else {
            let near = nearest(name, method.params.iter().map(|p| p.name));
            let hint = near.map_or(String::new(), |n| format!(" Did you mean \"{n}\"?"));
            return wrong(format!("{} has no parameter \"{}\".{hint}", method.title, one_line(name)));
        };
        if let Kind::Choice(words) = param.kind
            && !words.contains(&value.as_str())
        {
            return wrong(format!("{name} is one of {}, not \"{}\".", words.join(", "), one_line(value)));
        }
    }
    let missing = request.missing();
    if missing.is_empty() { Ok(()) } else { wrong(format!("Missing: {}.", missing.join(", "))) }
}

/// The known name that is most like a mistyped one.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .map(|k| (strsim::damerau_levenshtein(&name, &k.to_lowercase()), k))
        .filter(|(distance, k)| *distance <= 2.max(k.len() / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}

/// The action of a word on the command line, with a helpful refusal.
pub fn action_of(
    content: &str,
    word: Option<&str>,
    methods: &'static [Method],
) -> Result<&'static Method, Problem> {
    let wanted = word.map_or(Some(Action::Export), Action::from_word);
    let of_content: Vec<&Method> = methods.iter().filter(|m| m.content == content).collect();
    if of_content.is_empty() {
        let near = nearest(content, methods.iter().map(|m| m.content));
        let hint = near.map_or(String::new(), |n| format!(" Did you mean \"{n}\"?"));
        return Err(Problem::new(
            "There is no such content",
            format!("REDCap's API has no content \"{}\".{hint}", one_line(content)),
            "",
            "'capscope call --list' shows all methods.",
        ));
    }
    // Without a word the one method of a content is meant, whatever its action is.
    if word.is_none() && of_content.len() == 1 {
        return of_content.first().copied().ok_or_else(no_action);
    }
    wanted.and_then(|action| of_content.into_iter().find(|m| m.action == action)).ok_or_else(no_action)
}

fn no_action() -> Problem {
    Problem::new(
        "There is no such action",
        "This content has no method of that name.",
        "",
        "'capscope call --list' shows all methods.",
    )
}

/// The project for a sentence: its title and number.
pub fn project_words(project: &SavedProject) -> String {
    format!("\"{}\" (PID {}) at {}", one_line(&without_html(&project.title)), project.project_id, project.url)
}
/// What a call that was answered did besides, or left out.
pub fn known(request: &Request, reply: &Reply, instruments: &[String]) -> Vec<Fired> {
    let method = request.method();
    let params = request.pairs();
    let body = std::str::from_utf8(&reply.body).unwrap_or_default();
    explain(&Answered {
        content: method.content,
        action: method.action.as_str(),
        params: &params,
        body,
        instruments,
    })
}
