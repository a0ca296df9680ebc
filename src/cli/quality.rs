//! `capscope quality`: data quality rules without a screen, for people and for scheduled jobs.

use super::call::{Target, target_api};
use super::{print, quiet_bench, tell, tokio_runtime};
use crate::domain::quality::{Checks, Exclusion, Exclusions, Finding, RuleReport};
use crate::domain::text::one_line;
use crate::jobs::bench::Workbench;
use crate::jobs::rows_file::{FileFormat, RowsFile};
use crate::jobs::types::{Excluded, JobEvent, QualityDone};
use crate::jobs::{Problem, open, quality};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The exit code when there are findings.
const FINDINGS: u8 = 3;
/// The exit code when there are none, but not everything could be checked.
const PARTLY: u8 = 4;
/// How many findings of a rule are printed for people.
const PRINTED: usize = 20;

/// The arguments of `capscope quality`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  no finding
  3  findings that are not excluded
  4  no finding, but something could not be checked (export rights, records that did not come back)
  1  it could not be run
  2  wrong usage")]
pub struct QualityArgs {
    /// A saved project, by its name or id.
    #[arg(long, conflicts_with = "url")]
    project: Option<String>,
    /// The address of a REDCap that is not saved. The token is read from REDCAP_API_TOKEN, or
    /// from stdin.
    #[arg(long)]
    url: Option<String>,
    /// REDCap's rules A to I, separated by commas. Without this and --logic all of them are run.
    #[arg(long, value_delimiter = ',', value_name = "A,D,...")]
    rule: Vec<String>,
    /// A rule of your own in REDCap's logic; true is a discrepancy. May be given several times.
    #[arg(long, value_name = "LOGIC")]
    logic: Vec<String>,
    /// A file with rules of your own as REDCap's Data Quality page exports them: CSV with the
    /// columns rule_name and rule_logic.
    #[arg(long, value_name = "FILE.csv")]
    rules: Option<PathBuf>,
    /// Check the fields of this instrument only. May be given several times.
    #[arg(long, value_name = "INSTRUMENT")]
    form: Vec<String>,
    /// Print JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV, one line a finding.
    #[arg(long)]
    csv: bool,
    /// Print stored values too, those of identifiers among them.
    #[arg(long)]
    values: bool,
    /// Show excluded findings too; they are marked.
    #[arg(long)]
    with_excluded: bool,
    /// Exclude what is found in this record from now on. May be given several times.
    #[arg(long, value_name = "RECORD", requires = "project", conflicts_with = "include")]
    exclude: Vec<String>,
    /// Include what is found in this record again. May be given several times.
    #[arg(long, value_name = "RECORD", requires = "project")]
    include: Vec<String>,
    /// How many findings of a rule are kept; all are counted.
    #[arg(long, value_name = "N", default_value_t = crate::domain::quality::FINDINGS_KEPT)]
    keep: usize,
}

/// Runs the command.
pub fn run(args: &QualityArgs) -> Result<ExitCode, Problem> {
    let (bench, remarks) = quiet_bench()?;
    for remark in remarks {
        tell(&format!("Note: {remark}"));
    }
    let mut logic: Vec<(String, String)> = args.logic.iter().map(|l| (String::new(), l.clone())).collect();
    if let Some(path) = &args.rules {
        logic.extend(rules_of(path)?);
    }
    tokio_runtime()?.block_on(judge(&bench, args, &logic))
}

/// The names and the logic of a file of rules.
fn rules_of(path: &Path) -> Result<Vec<(String, String)>, Problem> {
    let unusable = |what: String| {
        Problem::new(
            "The file of rules cannot be used",
            format!("{}: {what}", path.display()),
            "",
            "Give a CSV file with the columns rule_name and rule_logic.",
        )
    };
    let mut reader = csv::Reader::from_path(path).map_err(|e| unusable(e.to_string()))?;
    let headers = reader.headers().map_err(|e| unusable(e.to_string()))?.clone();
    let column = |name: &str| {
        let found = headers.iter().position(|h| h.trim_start_matches('\u{feff}').trim() == name);
        found.ok_or_else(|| unusable(format!("there is no column {name}.")))
    };
    let (name, logic) = (column("rule_name")?, column("rule_logic")?);
    let mut rules = Vec::new();
    for line in reader.records() {
        let line = line.map_err(|e| unusable(e.to_string()))?;
        let cell = |at: usize| line.get(at).unwrap_or_default().to_owned();
        rules.push((cell(name), cell(logic)));
    }
    Ok(rules)
}

async fn judge(
    bench: &Workbench,
    args: &QualityArgs,
    logic: &[(String, String)],
) -> Result<ExitCode, Problem> {
    let Target { api, saved, context, .. } =
        target_api(bench, args.project.as_deref(), args.url.as_deref()).await?;
    let knowing = |problem: Problem| problem.knowing(&context);
    let metadata = open::read(&api, None, &|_| ()).await.map_err(knowing)?;
    let checks = Checks { kept: args.keep, ..quality::checks(&metadata, &args.rule, logic, &args.form)? };
    let shows_progress = std::io::stderr().is_terminal();
    let listener = |event: JobEvent| {
        if let JobEvent::Progress(p) = event
            && shows_progress
        {
            let total = p.total.map(|t| format!(" of {t}")).unwrap_or_default();
            let _ = write!(std::io::stderr(), "\r{}: {}{total}\x1b[K", p.step, p.done);
        }
    };
    let judged = quality::judge(&api, &metadata, &checks, &listener).await.map_err(knowing);
    if shows_progress {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    let (report, left_out) = judged?;
    let mut excluded = match &saved {
        Some(project) => quality::excluded(bench, project).await?.unwrap_or_default(),
        None => Exclusions::new(),
    };
    if let Some(project) = &saved
        && !(args.exclude.is_empty() && args.include.is_empty())
    {
        let (records, what) = if args.exclude.is_empty() {
            (&args.include, Excluded::No)
        } else {
            (&args.exclude, Excluded::Yes)
        };
        let list: Vec<Exclusion> = report
            .rules
            .iter()
            .flat_map(|r| r.findings.iter().map(|f| (Exclusion::of(&r.rule, f), f)))
            .filter(|(_, f)| records.contains(&f.place.record))
            .map(|(exclusion, _)| exclusion)
            .collect();
        tell(&format!(
            "{} findings of the records named are {}.",
            list.len(),
            if what == Excluded::Yes { "excluded" } else { "included" }
        ));
        excluded = quality::exclude(bench, project, list, what).await?.unwrap_or_default();
    }
    let done = QualityDone { report, left_out, excluded: Some(excluded) };
    let output = Output {
        args,
        done: &done,
        id_field: metadata.dictionary.record_id_field().map_or("record_id", |f| f.name.as_str()),
    };
    let partly = remarks(&done);
    if args.json {
        print(&output.json()?)?;
    } else if args.csv {
        print(&output.csv()?)?;
    } else {
        print(&output.text())?;
    }
    let counted: usize = done.report.rules.iter().map(|r| output.open(r)).sum();
    Ok(match (counted, partly) {
        (0, false) => ExitCode::SUCCESS,
        (0, true) => ExitCode::from(PARTLY),
        _ => ExitCode::from(FINDINGS),
    })
}

/// Tells what was not checked; gives back whether data did not come that was asked for.
fn remarks(done: &QualityDone) -> bool {
    let left_out = &done.left_out;
    if !left_out.missing_columns.is_empty() {
        tell(&format!(
            "Not checked: {} columns did not come back, export rights leave them out: {}.",
            left_out.missing_columns.len(),
            left_out.missing_columns.join(", ")
        ));
    }
    if !left_out.missing_records.is_empty() {
        tell(&format!("Not checked: {} records did not come back.", left_out.missing_records.len()));
    }
    for rule in &done.report.rules {
        for remark in &rule.remarks {
            tell(&format!("Rule {}: {}", rule.rule.sign(), one_line(remark)));
        }
        if rule.not_kept() > 0 {
            tell(&format!(
                "Rule {}: {} findings were counted and are not listed; --keep lists more.",
                rule.rule.sign(),
                rule.not_kept()
            ));
        }
    }
    !(left_out.missing_columns.is_empty() && left_out.missing_records.is_empty())
}

/// What is printed.
struct Output<'a> {
    args: &'a QualityArgs,
    done: &'a QualityDone,
    id_field: &'a str,
}

impl Output<'_> {
    fn is_excluded(&self, rule: &RuleReport, finding: &Finding) -> bool {
        self.done.excluded.as_ref().is_some_and(|list| list.contains(&Exclusion::of(&rule.rule, finding)))
    }

    fn excluded(&self, rule: &RuleReport) -> usize {
        rule.findings.iter().filter(|f| self.is_excluded(rule, f)).count()
    }

    /// How many findings count.
    fn open(&self, rule: &RuleReport) -> usize {
        rule.found - self.excluded(rule)
    }

    /// The findings that are listed, and whether each is excluded.
    fn listed<'r>(&'r self, rule: &'r RuleReport) -> impl Iterator<Item = (&'r Finding, bool)> + 'r {
        let all = rule.findings.iter().map(|f| (f, self.is_excluded(rule, f)));
        all.filter(|(_, excluded)| self.args.with_excluded || !excluded)
    }

    fn note(&self, finding: &Finding) -> String {
        let mut note = finding.note.words(!self.args.values, !self.args.values);
        if finding.depends_on_blanks {
            note.push_str(if note.is_empty() { "" } else { "; " });
            note.push_str("depends on blank handling");
        }
        note
    }

    fn text(&self) -> String {
        let report = &self.done.report;
        let mut text = format!("{} records, {} rows were checked.\n\n", report.records, report.rows);
        for rule in &report.rules {
            let excluded = self.excluded(rule);
            let excluded = if excluded == 0 { String::new() } else { format!("   {excluded} excluded") };
            text.push_str(&format!(
                "{:>2} {:>8}  {}{excluded}\n",
                rule.rule.sign(),
                self.open(rule),
                one_line(rule.rule.title())
            ));
        }
        for rule in &report.rules {
            let listed: Vec<(&Finding, bool)> = self.listed(rule).collect();
            if listed.is_empty() {
                continue;
            }
            text.push_str(&format!("\n{} {}\n", rule.rule.sign(), one_line(rule.rule.title())));
            for (finding, excluded) in listed.iter().take(PRINTED) {
                let place = &finding.place;
                let mut line = format!("    {}", place.record);
                for part in [&place.event, &place.instrument] {
                    if !part.is_empty() {
                        line.push_str(&format!("  {part}"));
                    }
                }
                if let Some(instance) = place.instance {
                    line.push_str(&format!("  #{instance}"));
                }
                line.push_str(&format!("  {}", finding.field));
                if self.args.values && !finding.value.is_empty() {
                    line.push_str(&format!(" = {}", finding.value));
                }
                let note = self.note(finding);
                if !note.is_empty() {
                    line.push_str(&format!("  ({note})"));
                }
                if *excluded {
                    line.push_str("  [excluded]");
                }
                text.push_str(&one_line(&line));
                text.push('\n');
            }
            if listed.len() > PRINTED {
                text.push_str(&format!(
                    "    ... and {} more; --csv and --json list them\n",
                    listed.len() - PRINTED
                ));
            }
        }
        text
    }

    fn csv(&self) -> Result<String, Problem> {
        let failed = |e: &dyn std::fmt::Display| {
            Problem::new("The output could not be written", e.to_string(), "", "Try again.")
        };
        let mut header = vec![
            "rule",
            "rule_name",
            self.id_field,
            "redcap_event_name",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            "field",
            "note",
            "excluded",
        ];
        if self.args.values {
            header.push("value");
        }
        let header: Vec<String> = header.into_iter().map(str::to_owned).collect();
        let mut file = RowsFile::new(Vec::new(), FileFormat::Csv, &header).map_err(|e| failed(&e))?;
        for rule in &self.done.report.rules {
            for (finding, excluded) in self.listed(rule) {
                let place = &finding.place;
                let instance = place.instance.map(|n| n.to_string()).unwrap_or_default();
                let note = self.note(finding);
                let mut cells: Vec<&str> = vec![
                    rule.rule.word(),
                    rule.rule.title(),
                    &place.record,
                    &place.event,
                    &place.instrument,
                    &instance,
                    &finding.field,
                    &note,
                    if excluded { "1" } else { "0" },
                ];
                if self.args.values {
                    cells.push(&finding.value);
                }
                file.row(cells).map_err(|e| failed(&e))?;
            }
        }
        let bytes = file.finish().map_err(|e| failed(&e))?;
        String::from_utf8(bytes).map_err(|e| failed(&e))
    }

    fn json(&self) -> Result<String, Problem> {
        let report = &self.done.report;
        let rules: Vec<serde_json::Value> = report
            .rules
            .iter()
            .map(|rule| {
                let findings: Vec<serde_json::Value> = self
                    .listed(rule)
                    .map(|(finding, excluded)| {
                        let place = &finding.place;
                        let mut json = serde_json::json!({
                            "record": place.record,
                            "event": place.event,
                            "instrument": place.instrument,
                            "instance": place.instance,
                            "field": finding.field,
                            "note": finding.note.words(!self.args.values, !self.args.values),
                            "depends_on_blanks": finding.depends_on_blanks,
                            "excluded": excluded,
                        });
                        if self.args.values
                            && let Some(object) = json.as_object_mut()
                        {
                            object.insert("value".into(), finding.value.clone().into());
                        }
                        json
                    })
                    .collect();
                serde_json::json!({
                    "rule": rule.rule.word(),
                    "name": rule.rule.title(),
                    "found": self.open(rule),
                    "excluded": self.excluded(rule),
                    "not_listed": rule.not_kept(),
                    "remarks": rule.remarks,
                    "findings": findings,
                })
            })
            .collect();
        let whole = serde_json::json!({
            "records": report.records,
            "rows": report.rows,
            "missing_columns": self.done.left_out.missing_columns,
            "missing_records": self.done.left_out.missing_records,
            "rules": rules,
        });
        let text = serde_json::to_string_pretty(&whole)
            .map_err(|e| Problem::new("The output could not be written", e.to_string(), "", "Try again."))?;
        Ok(format!("{text}\n"))
    }
}
