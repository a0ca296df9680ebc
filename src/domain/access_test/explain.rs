//! Why a call failed: the likely reasons, the likeliest first, and whom to ask for what.
//!
//! One answer of REDCap often means several things. What ranks them is evidence: the words of the
//! answer, its status, the method that was called, and whether the token worked here before. Every
//! failure in the program goes through here, so that a refusal reads the same wherever it happens.

use super::Fired;
use super::ask;
use super::cases::CASES;
use super::judge::Answer;

/// A call that failed, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The method's title in REDCap's API help.
    pub title: String,
    /// The `content` on the wire; empty if the method is not known.
    pub content: String,
    /// The `action` on the wire.
    pub action: String,
    /// The rights it needs, by name: the gate first.
    pub needs: Vec<String>,
    /// What came back, sorted.
    pub answer: Answer,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// The server's own words, without tokens.
    pub words: String,
    /// The refusal came as JSON although another format was asked for.
    pub other_format: bool,
}

/// What is known besides the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The address of the API.
    pub server: String,
    /// The project's number.
    pub project_id: Option<u64>,
    /// The project's title.
    pub title: String,
    /// The day on which the token was seen to work here; empty if it is not known to have worked.
    pub since: String,
    /// Production status, if it is known.
    pub in_production: Option<bool>,
}

/// A likely reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// The number of the case in the reference; 0 if it is none of them.
    pub case: u8,
    /// The reason, in a sentence.
    pub text: String,
    /// What speaks for it; empty if nothing does more than for the others.
    pub evidence: String,
    /// Who can change it, and what to ask for.
    pub whom: String,
}

impl Cause {
    fn new(case: u8, text: impl Into<String>, evidence: impl Into<String>, whom: impl Into<String>) -> Self {
        Self { case, text: text.into(), evidence: evidence.into(), whom: whom.into() }
    }

    /// The cause in one paragraph.
    pub fn sentence(&self) -> String {
        let mut text = self.text.clone();
        if !self.evidence.is_empty() {
            text.push_str(&format!(" Seen: {}", self.evidence));
        }
        if !self.whom.is_empty() {
            text.push_str(&format!(" -> {}", self.whom));
        }
        text
    }
}

impl From<&Fired> for Cause {
    fn from(fired: &Fired) -> Self {
        Self::new(fired.case, fired.truth.clone(), fired.evidence.clone(), "")
    }
}

const OWNER: &str = "the project's owner (User Rights page)";
const ADMIN: &str = "your REDCap administrator";

/// The likely reasons, the likeliest first; empty where the error's own words say all there is.
pub fn causes(refusal: &Refusal, context: &Context) -> Vec<Cause> {
    match &refusal.answer {
        Answer::TokenRefused => token(context),
        Answer::NoRight(named) => right(refusal, named.as_deref(), context),
        Answer::Page => page(refusal),
        Answer::Other => words(refusal, context),
        Answer::Success | Answer::NotHere | Answer::NotSupported | Answer::None => Vec::new(),
    }
}

/// "You do not have permissions to use the API": one answer, five causes
/// (`redcap-permissions.md` §4.5).
fn token(context: &Context) -> Vec<Cause> {
    let shape = "it has the right shape: hexadecimal digits of the right number, nothing around them.";
    let place = Cause::new(
        10,
        "It is the token of another server or of another project.",
        if context.since.is_empty() { shape.to_owned() } else { String::new() },
        "you: compare it with the API page of the project",
    );
    let replaced = Cause::new(
        10,
        "The token was replaced or deleted.",
        if context.since.is_empty() {
            String::new()
        } else {
            format!("it worked here when the project was added on {}; {shape}", context.since)
        },
        "you: the API page of the project shows the token that counts",
    );
    let rights = Cause::new(
        10,
        "Neither API Export nor API Import/Update is given to the user, or to the user's role.",
        "",
        OWNER,
    );
    let over = Cause::new(10, "The user's access expired, or the user was removed.", "", OWNER);
    let suspended = Cause::new(10, "The user's account is suspended.", "", ADMIN);
    if context.since.is_empty() {
        vec![place, rights, replaced, over, suspended]
    } else {
        vec![replaced, rights, over, suspended, place]
    }
}

/// The case that people know a missing right by.
fn case_of(content: &str, action: &str) -> u8 {
    match (content, action) {
        ("version", _) => 12,
        ("record" | "file", "import") => 11,
        ("record", "delete") => 17,
        ("dag" | "userDagMapping", "export") => 13,
        ("user" | "userRole" | "userRoleMapping", "export") => 14,
        ("metadata", "import") => 16,
        _ => 0,
    }
}

/// The rights that are missing: those the answer names, else those the status points to. The gate
/// is refused with 403, a second right with 400 (`redcap-permissions.md` §3, §5.1).
pub fn missing(refusal: &Refusal) -> Vec<String> {
    let Answer::NoRight(named) = &refusal.answer else { return Vec::new() };
    match (named, refusal.needs.as_slice()) {
        (Some(named), _) => vec![named.clone()],
        (None, [_, second]) if refusal.status == Some(400) => vec![second.clone()],
        (None, all) => all.to_vec(),
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|n| format!("'{n}'")).collect::<Vec<_>>().join(" or ")
}

fn right(refusal: &Refusal, named: Option<&str>, context: &Context) -> Vec<Cause> {
    let missing = missing(refusal);
    let case = case_of(&refusal.content, &refusal.action);
    let mut list = Vec::new();
    let text = if missing.is_empty() {
        "The user, or the user's role, lacks a right for this.".to_owned()
    } else {
        format!("'{}' needs {}, which is missing.", refusal.title, quoted(&missing))
    };
    let evidence = match (named, refusal.status) {
        (Some(_), _) => "the answer names the right.".to_owned(),
        (None, Some(status)) => format!("status {status}, and words about rights."),
        (None, None) => String::new(),
    };
    list.push(Cause::new(case, text, evidence, OWNER));
    if refusal.other_format {
        let odd = Cause::new(
            31,
            "An add-on of the site refuses this one method.",
            "the refusal came as JSON although another format was asked for.",
            ADMIN,
        );
        list.insert(0, odd);
    }
    if refusal.content == "metadata" && refusal.action == "import" && context.in_production == Some(true) {
        list.push(Cause::new(
            16,
            "A data dictionary is only imported in development status.",
            "the project is in production.",
            "the project's owner",
        ));
    }
    list.push(Cause::new(
        18,
        "The right is ticked for the user, but the user is in a role: then only the role counts.",
        "",
        OWNER,
    ));
    list
}

/// An answer that is not REDCap's (`redcap-permissions.md` §2.1).
fn page(refusal: &Refusal) -> Vec<Cause> {
    let status = refusal.status.map_or(String::new(), |s| format!("status {s}, "));
    let proxy = |evidence: String| {
        Cause::new(30, "A proxy, a firewall or a login page stands before REDCap.", evidence, ADMIN)
    };
    let address = |evidence: &str| {
        Cause::new(30, "The address is not that of the API.", evidence, "you: it ends in /api/")
    };
    match refusal.status {
        Some(403) => vec![
            proxy(format!("{status}and none of REDCap's words.")),
            Cause::new(
                0,
                "REDCap or a firewall banned the address of this network, for too many requests.",
                "",
                ADMIN,
            ),
        ],
        Some(404 | 405 | 411) => {
            vec![address(&format!("{status}which servers give for a wrong path.")), proxy(String::new())]
        }
        _ => {
            let mut list = vec![proxy(format!("{status}and a page in place of data.")), address("")];
            if refusal.action == "export" {
                list.push(Cause::new(
                    12,
                    "The token has API Import/Update only: one site answers its reads with a page.",
                    "",
                    OWNER,
                ));
            }
            list
        }
    }
}

/// A refusal whose own words tell the case. Words are looked for, never the whole text: few texts
/// are attested (`redcap-permissions.md` §2.2).
fn words(refusal: &Refusal, context: &Context) -> Vec<Cause> {
    let lower = refusal.words.to_ascii_lowercase();
    let has = |words: &str| lower.contains(words);
    let told = "the server's own words.";
    let known = |case: u8, whom: &str| {
        let truth = CASES.iter().find(|c| c.number == case).map_or("", |c| c.truth);
        Cause::new(case, truth, told, whom)
    };
    let mut list = Vec::new();
    if refusal.content == "report" && has("does not belong to this project") {
        list.push(known(15, "you: the number stands beside the report's name in REDCap"));
    }
    if has("\"fields\"") && has("not valid") {
        if has("record_id") {
            list.push(known(32, "you: its name is in the first row of the data dictionary"));
        } else {
            list.push(Cause::new(
                0,
                "A name in the list of fields is no field of this project. Form status and system columns have parameters of their own.",
                told,
                "you: section Instruments has the names",
            ));
        }
    }
    if has("locked") {
        list.push(known(33, "somebody with the right to lock records"));
    }
    if has("create new records") {
        list.push(known(34, OWNER));
    }
    if has("belongs to a user role") {
        list.push(known(19, OWNER));
        list.push(known(18, ""));
    }
    if has("redcap_data_access_group") && has("illegal") {
        list.push(Cause::new(
            9,
            "The token's user is in a Data Access Group and may not send the group's column.",
            told,
            "you: leave the column out",
        ));
    }
    if has("folder") && has("permission") {
        list.push(Cause::new(
            0,
            "The folder does not exist, or it is for one Data Access Group or role only.",
            told,
            "the project's owner",
        ));
    }
    let structure = refusal.content == "metadata" && refusal.action == "import";
    if structure && (has("production") || has("development") || context.in_production == Some(true)) {
        let evidence =
            if context.in_production == Some(true) { "the project is in production." } else { told };
        let truth = "The project is in production: a data dictionary is only imported in development status.";
        list.push(Cause::new(16, truth, evidence, "the project's owner"));
    }
    list
}

/// The text to send, naming what is missing; empty if nobody could give what is missing.
pub fn request(refusal: &Refusal, context: &Context) -> String {
    let lines = match &refusal.answer {
        Answer::TokenRefused => ask::token_lines(),
        Answer::NoRight(_) => {
            missing(refusal).iter().map(|right| ask::right_line(right, &[&refusal.title])).collect()
        }
        Answer::Other if causes(refusal, context).iter().any(|c| c.case == 34) => {
            vec![ask::right_line("Create Records", &["Import Records of new records"])]
        }
        _ => Vec::new(),
    };
    ask::letter(
        &ask::Place { server: &context.server, project_id: context.project_id, title: &context.title },
        "",
        "",
        &lines,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(content: &str, action: &str, answer: Answer, status: u16, words: &str) -> Refusal {
        Refusal {
            title: "T".into(),
            content: content.into(),
            action: action.into(),
            needs: vec!["API Export".into(), "Logging".into()],
            answer,
            status: Some(status),
            words: words.into(),
            other_format: false,
        }
    }

    #[test]
    fn a_token_that_worked_here_ranks_the_causes_another_way() {
        let refused = refusal("version", "export", Answer::TokenRefused, 403, "");
        let new = causes(&refused, &Context::default());
        assert_eq!(new.len(), 5);
        assert!(new[0].text.contains("another server") && new[0].evidence.contains("right shape"));
        let since = Context { since: "2026-01-02".into(), ..Context::default() };
        let old = causes(&refused, &since);
        assert!(old[0].text.contains("replaced") && old[0].evidence.contains("2026-01-02"));
        assert!(old[4].text.contains("another server"));
        let sorted = |list: &[Cause]| {
            let mut texts: Vec<String> = list.iter().map(|c| c.text.clone()).collect();
            texts.sort();
            texts
        };
        assert_eq!(sorted(&new), sorted(&old), "both name every cause");
    }

    #[test]
    fn the_status_points_to_the_missing_right_where_the_words_do_not() {
        let missing = |answer, status| missing(&refusal("log", "export", answer, status, ""));
        assert_eq!(missing(Answer::NoRight(None), 400), ["Logging"]);
        assert_eq!(missing(Answer::NoRight(None), 403), ["API Export", "Logging"]);
        assert_eq!(missing(Answer::NoRight(Some("Alerts".into())), 400), ["Alerts"]);
        assert!(missing(Answer::Other, 400).is_empty());
    }

    #[test]
    fn the_text_to_send_names_rights_and_nothing_else() {
        let context = Context {
            server: "https://r.example.edu/api/".into(),
            project_id: Some(7),
            title: "Study".into(),
            ..Context::default()
        };
        let denied = refusal("log", "export", Answer::NoRight(None), 400, "record Nutmeg");
        let text = request(&denied, &context);
        assert!(text.contains("- 'Logging'. It is needed for: T.") && text.contains("PID 7"), "{text}");
        assert!(!text.contains("Nutmeg") && !text.contains("'API Export'"), "{text}");
        let locked = refusal("record", "import", Answer::Other, 400, "This record has been locked");
        assert_eq!(request(&locked, &context), "");
    }
}
