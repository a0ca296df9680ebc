//! Running data quality rules over all records, and keeping what somebody excluded.

use super::bench::{Workbench, address, blocking};
use super::open::Listener;
use super::problem::Problem;
use super::projects::store_problem;
use super::records;
use super::types::{Excluded, QualityDone, RecordsDone, RecordsWanted, SavedProject};
use crate::api::client::Api;
use crate::domain::logic::Project;
use crate::domain::project::Metadata;
use crate::domain::quality::{Checks, CustomRule, Exclusion, Exclusions, Letter, Report, Rule, Run, needed};
use crate::domain::table::RecordTable;
use crate::domain::text::one_line;
use crate::store::exclusions;

/// Reads what the rules need, batch by batch, and judges each batch as it comes. Nothing of a
/// batch is kept but its findings.
pub async fn run(
    bench: &Workbench,
    project: &SavedProject,
    metadata: &Metadata,
    checks: &Checks,
    tell: Listener<'_>,
) -> Result<QualityDone, Problem> {
    let excluded = excluded(bench, project).await?;
    let api = bench.api(project).await?;
    let (report, left_out) = judge(&api, metadata, checks, tell).await?;
    Ok(QualityDone { report, left_out, excluded })
}

/// The same for an API of which nothing is saved.
pub async fn judge(
    api: &Api,
    metadata: &Metadata,
    checks: &Checks,
    tell: Listener<'_>,
) -> Result<(Report, RecordsDone), Problem> {
    let Some(id_field) = metadata.dictionary.record_id_field() else {
        return Err(Problem::new(
            "There are no fields to check",
            "The data dictionary of this project is empty.",
            "",
            "Read the project again, or ask for the right to read its design.",
        ));
    };
    let needed = needed(metadata, checks);
    let wanted = RecordsWanted {
        id_field: id_field.name.clone(),
        fields: needed.fields,
        columns: needed.columns,
        dags: needed.dags,
        ..RecordsWanted::default()
    };
    let now = jiff::ZonedDateTime::now().datetime();
    let mut run = Run::new(metadata, checks, now);
    let left_out = records::read_each(api, &wanted, tell, &mut |batch| {
        run.feed(&batch.rows);
        Ok(())
    })
    .await?;
    Ok((run.finish(), left_out))
}

/// Judges rows that are here already. Takes a while for many rows: not for the screen's thread.
pub fn judge_rows(metadata: &Metadata, checks: &Checks, rows: &RecordTable) -> QualityDone {
    let mut run = Run::new(metadata, checks, jiff::ZonedDateTime::now().datetime());
    run.feed(rows);
    QualityDone { report: run.finish(), ..QualityDone::default() }
}

/// The rules of a command or a dialog: letters, logic, or all if neither is given.
///
/// Rule I is left out where the project has no missing data codes, unless it was asked for.
pub fn checks(
    metadata: &Metadata,
    letters: &[String],
    logic: &[(String, String)],
    forms: &[String],
) -> Result<Checks, Problem> {
    let has_codes = !metadata.info.missing_data_codes.is_empty();
    let mut checks =
        if letters.is_empty() && logic.is_empty() { Checks::all(has_codes) } else { Checks::new(Vec::new()) };
    for text in letters {
        let Some(letter) = Letter::read(text) else {
            return Err(Problem::new(
                "There is no such rule",
                format!("\"{}\" is none of the rules A to I.", one_line(text)),
                "",
                "Give letters such as A,D; rules of your own go into --logic.",
            ));
        };
        if !checks.has(letter) {
            checks.rules.push(Rule::Standard(letter));
        }
    }
    let project = Project::new(metadata);
    for (name, text) in logic {
        let rule = CustomRule::read(name, text, &project).map_err(|e| {
            let part = text.get(e.at.clone()).unwrap_or_default();
            let place = if part.is_empty() { String::new() } else { format!(" At \"{}\".", one_line(part)) };
            Problem::new(
                "The logic of a rule cannot be used",
                format!("{}: {}{place}", one_line(text), e.message),
                "",
                e.hint,
            )
        })?;
        checks.rules.push(Rule::Custom(rule));
    }
    for form in forms {
        if !metadata.instruments.iter().any(|i| i.name == *form) {
            let known: Vec<&str> = metadata.instruments.iter().map(|i| i.name.as_str()).collect();
            return Err(Problem::new(
                "There is no such instrument",
                format!("The project has no instrument {}.", one_line(form)),
                "",
                format!("Its instruments are {}.", known.join(", ")),
            ));
        }
    }
    checks.forms = forms.to_vec();
    Ok(checks)
}

/// What is kept as excluded; `None` where nothing is kept.
pub async fn excluded(bench: &Workbench, project: &SavedProject) -> Result<Option<Exclusions>, Problem> {
    let Some(paths) = bench.paths.clone() else { return Ok(None) };
    let (url, pid) = (address(&project.url)?, project.project_id);
    let kept = blocking(move || exclusions::load(&paths, &url, pid)).await?;
    kept.map(Some).map_err(|e| store_problem(&e))
}

/// Excludes findings or includes them again, and gives back what is kept then.
pub async fn exclude(
    bench: &Workbench,
    project: &SavedProject,
    list: Vec<Exclusion>,
    what: Excluded,
) -> Result<Option<Exclusions>, Problem> {
    let Some(paths) = bench.paths.clone() else { return Ok(None) };
    let (url, pid) = (address(&project.url)?, project.project_id);
    let changed = blocking(move || {
        exclusions::change(&paths, &url, pid, |kept| match what {
            Excluded::Yes => kept.extend(list),
            Excluded::No => list.iter().for_each(|e| {
                kept.remove(e);
            }),
        })
    })
    .await?;
    changed.map(Some).map_err(|e| store_problem(&e))
}
