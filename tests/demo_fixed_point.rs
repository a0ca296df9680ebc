//! What one project exports, an empty copy of it takes, and exports again unchanged.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod demo_support;

use capscope::demo::behaviour::Behaviour;
use capscope::demo::{DemoOptions, DemoServer};
use demo_support::{Caller, encoded};
use std::path::{Path, PathBuf};

fn real_projects() -> Vec<PathBuf> {
    let Some(folder) =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|p| p.join("shared/judge/projects"))
    else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|e| e.path().join("project.xml")).filter(|p| p.exists()).collect();
    files.sort();
    files
}

struct Copier {
    server: DemoServer,
}

impl Copier {
    async fn start(options: DemoOptions) -> Self {
        let mut behaviour = Behaviour::default();
        // EAV exports and imports spell checkboxes differently (`redcap-api.md` §4.5); with this
        // setting imports take what exports give.
        behaviour.import.eav_checkbox_codes = true;
        Self { server: DemoServer::start_with(options, behaviour).await.unwrap() }
    }

    /// An empty project with the structure of another.
    async fn empty_copy(&self, source: &Caller) -> Caller {
        let xml = source.text("content=project_xml&returnMetadataOnly=true").await;
        let creator = Caller::new(&self.server, self.server.super_token());
        let settings = encoded("[{\"project_title\":\"Copy\",\"purpose\":0}]");
        let body = format!("content=project&format=json&data={settings}&odm={}", encoded(&xml));
        Caller::new(&self.server, &creator.text(&body).await)
    }
}

/// Made-up data of the built-in projects that calculations do not agree with: they have no total
/// where a question was skipped, and `sum` gives one; they write `25.0`, and `round` gives 25.
/// An import computes them anew.
const STALE_CALCULATIONS: &[&str] = &["phq_total", "qol_sum", "pro_sum", "bmi"];

/// The fields that an import takes: no files (they have methods of their own).
async fn fields(source: &Caller, without: &[&str]) -> String {
    let metadata = source.json("content=metadata").await;
    let forms = source.json("content=instrument").await;
    let names = metadata
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["field_type"] != "file" && !without.contains(&f["field_name"].as_str().unwrap()))
        .map(|f| f["field_name"].as_str().unwrap().to_owned())
        .chain(
            forms
                .as_array()
                .unwrap()
                .iter()
                .map(|f| format!("{}_complete", f["instrument_name"].as_str().unwrap())),
        );
    names.fold(String::new(), |list, name| list + "&fields[]=" + &name)
}

const SHAPES: &[&str] = &[
    "format=json&type=flat",
    "format=csv&type=flat",
    "format=xml&type=flat",
    "format=json&type=eav",
    "format=csv&type=eav",
    "format=xml&type=eav",
    "format=odm",
];

/// Copies a project in every shape; gives what differs, and the last copy.
async fn check(
    copier: &Copier,
    title: &str,
    source: &Caller,
    without: &[&str],
) -> (Vec<String>, Option<Caller>) {
    let mut wrong = Vec::new();
    let mut last = None;
    let fields = fields(source, without).await;
    for shape in SHAPES {
        let export = format!(
            "content=record&{shape}{fields}&exportBlankForGrayFormStatus=true&exportDataAccessGroups=true"
        );
        let before = source.text(&export).await;
        let copy = copier.empty_copy(source).await;
        let (status, answer) =
            copy.call(&format!("content=record&{shape}&returnFormat=json&data={}", encoded(&before))).await;
        if status != 200 {
            wrong
                .push(format!("{title} {shape}: refused: {}", answer.chars().take(2000).collect::<String>()));
            continue;
        }
        let after = copy.text(&export).await;
        if let Some(difference) = difference(shape, &before, &after) {
            wrong.push(format!("{title} {shape}: {difference}"));
        }
        last = Some(copy);
    }
    (wrong, last)
}

/// The first line or item that differs.
fn difference(shape: &str, before: &str, after: &str) -> Option<String> {
    let pieces = |text: &str| -> Vec<String> {
        let text = if shape == "format=odm" {
            text.split_once("<ClinicalData").map_or(text, |(_, data)| data.split_once('\n').unwrap().1)
        } else {
            text
        };
        text.replace("},{", "}\n{").replace("</item>", "</item>\n").lines().map(str::to_owned).collect()
    };
    let (before, after) = (pieces(before), pieces(after));
    if before == after {
        return None;
    }
    let at = before.iter().zip(&after).position(|(a, b)| a != b).unwrap_or(before.len().min(after.len()));
    Some(format!(
        "piece {at} of {}/{}:\n  before {:?}\n  after  {:?}",
        before.len(),
        after.len(),
        before.get(at),
        after.get(at)
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn built_in_projects_are_fixed_points() {
    let copier = Copier::start(DemoOptions { registry_records: 30, ..DemoOptions::default() }).await;
    let mut wrong = Vec::new();
    for project in copier.server.projects() {
        let source = Caller::new(&copier.server, &project.tokens[0].token);
        let (found, copy) = check(&copier, &project.title, &source, STALE_CALCULATIONS).await;
        wrong.extend(found);
        // A copy has computed them, so of a copy nothing is left out.
        if let Some(copy) = copy {
            let title = format!("copy of {}", project.title);
            wrong.extend(check(&copier, &title, &copy, &[]).await.0);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_projects_are_fixed_points() {
    let load = real_projects();
    if load.is_empty() {
        eprintln!("\n*** SKIPPED: no real projects beside the repository ***\n");
        return;
    }
    let options = DemoOptions { builtin: false, load: load.clone(), ..DemoOptions::default() };
    let copier = Copier::start(options).await;
    let mut wrong = Vec::new();
    for (path, project) in load.iter().zip(copier.server.projects()) {
        let name = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let source = Caller::new(&copier.server, &project.tokens[0].token);
        wrong.extend(check(&copier, &name, &source, &[]).await.0);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
