//! Holding a trigger against the projects that are known here.
//!
//! A trigger has no signature. That it names a known server and project is what an honest one
//! does, and what a forger who knows both could do too; that it does not is reason enough not to
//! act on it.

use super::Trigger;
use std::fmt;
use url::Url;

/// A project that is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The id under which it is saved.
    pub id: String,
    /// The name a person gave it.
    pub name: String,
    /// The address of its server's API or its base address, such as `https://host/redcap/api/`.
    pub url: String,
    /// Its number on that server.
    pub project_id: u64,
}

/// What a trigger is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It names this known project and contradicts nothing that is known. No proof.
    Fits {
        /// The id under which the project is saved.
        id: String,
        /// Its name.
        name: String,
    },
    /// It does not, and why. Nothing is done because of it.
    Suspicious(Suspicion),
}

impl Verdict {
    /// Whether the trigger fits a known project.
    pub fn fits(&self) -> bool {
        matches!(self, Self::Fits { .. })
    }
}

/// What is wrong with a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suspicion {
    /// It does not say from which server it is, or in a way that is no address.
    NoServer,
    /// No known project is on that server.
    UnknownServer,
    /// The server is known, the project on it is not.
    UnknownProject,
    /// The address of the project contradicts the server or the project's number.
    Contradiction,
}

impl fmt::Display for Suspicion {
    /// The suspicion in words, as a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoServer => "It does not say from which server it is.",
            Self::UnknownServer => "No saved project is on the server it names.",
            Self::UnknownProject => "The server is known, but no saved project there has this number.",
            Self::Contradiction => "The addresses in it contradict each other.",
        })
    }
}

/// Says what a trigger is worth, given the projects that are known.
pub fn judge(trigger: &Trigger, known: &[Known]) -> Verdict {
    let Some(base) = base_of(&trigger.redcap_url) else {
        return Verdict::Suspicious(Suspicion::NoServer);
    };
    if !trigger.project_url.is_empty() && !belongs(&trigger.project_url, &base, trigger.project_id) {
        return Verdict::Suspicious(Suspicion::Contradiction);
    }
    let mut server_is_known = false;
    for project in known {
        if base_of(&project.url).as_ref() == Some(&base) {
            server_is_known = true;
            if project.project_id == trigger.project_id {
                return Verdict::Fits { id: project.id.clone(), name: project.name.clone() };
            }
        }
    }
    Verdict::Suspicious(if server_is_known { Suspicion::UnknownProject } else { Suspicion::UnknownServer })
}

/// The base address of a server: without `api/`, query and fragment, with a slash at its end.
fn base_of(text: &str) -> Option<Url> {
    let mut url = Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let path = format!("{}/", path.strip_suffix("/api").unwrap_or(path));
    url.set_path(&path);
    Some(url)
}

/// Whether the address of a project's pages is below its server and has its number.
fn belongs(project_url: &str, base: &Url, project_id: u64) -> bool {
    let Ok(url) = Url::parse(project_url) else { return false };
    let below = url.origin() == base.origin() && url.path().starts_with(base.path());
    let pid = url.query_pairs().find(|(name, _)| name == "pid").map(|(_, value)| value.into_owned());
    below && pid.is_none_or(|pid| pid == project_id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> Vec<Known> {
        let project = |id: &str, url: &str, project_id| Known {
            id: id.into(),
            name: format!("Study {id}"),
            url: url.into(),
            project_id,
        };
        vec![
            project("a", "https://redcap.example.edu/redcap/api/", 17),
            project("b", "https://redcap.example.edu/redcap/api/", 18),
            project("c", "http://127.0.0.1:8080/api/", 17),
        ]
    }

    #[test]
    fn only_what_names_a_known_project_fits() {
        use Suspicion::*;
        let fits = |id: &str| Ok(id.to_owned());
        let home = "https://redcap.example.edu/redcap/";
        for (redcap_url, project_url, project_id, expected) in [
            (home, "", 17, fits("a")),
            ("https://REDCAP.example.edu:443/redcap", "", 18, fits("b")),
            (home, "https://redcap.example.edu/redcap/redcap_v14.9.1/index.php?pid=17", 17, fits("a")),
            ("http://127.0.0.1:8080/", "", 17, fits("c")),
            (home, "", 19, Err(UnknownProject)),
            ("https://redcap.example.edu/other/", "", 17, Err(UnknownServer)),
            ("https://redcap.example.edu.evil.org/redcap/", "", 17, Err(UnknownServer)),
            ("http://redcap.example.edu/redcap/", "", 17, Err(UnknownServer)),
            ("https://redcap.example.edu@evil.org/redcap/", "", 17, Err(NoServer)),
            ("", "", 17, Err(NoServer)),
            ("javascript:alert(1)", "", 17, Err(NoServer)),
            (home, "https://evil.org/redcap/redcap_v14.9.1/index.php?pid=17", 17, Err(Contradiction)),
            (
                home,
                "https://redcap.example.edu/redcap/redcap_v14.9.1/index.php?pid=18",
                17,
                Err(Contradiction),
            ),
        ] {
            let trigger = Trigger {
                project_id,
                redcap_url: redcap_url.into(),
                project_url: project_url.into(),
                ..Trigger::default()
            };
            let found = match judge(&trigger, &known()) {
                Verdict::Fits { id, .. } => Ok(id),
                Verdict::Suspicious(why) => Err(why),
            };
            assert_eq!(found, expected, "{redcap_url} {project_url} {project_id}");
        }
    }

    proptest! {
        #[test]
        fn nothing_fits_where_nothing_is_known(url in ".{0,60}", project_id in any::<u64>()) {
            let trigger = Trigger { project_id, redcap_url: url, ..Trigger::default() };
            prop_assert!(!judge(&trigger, &[]).fits());
        }
    }
}
