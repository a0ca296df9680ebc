//! The unique names REDCap makes from labels (`redcap-api.md` §7).

/// Lower case, only letters, digits, blanks and underscores, blanks to underscores, 18 characters.
fn unique_stem(label: &str) -> String {
    let kept: String = label
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == ' ' || *c == '_')
        .map(|c| if c == ' ' { '_' } else { c })
        .take(18)
        .collect();
    kept.trim_end_matches('_').to_owned()
}

/// The unique name of an event: `Deadline to opt out of study` in arm 2 is
/// `deadline_to_opt_ou_arm_2`; a name that is taken gets a letter at its end.
pub fn unique_event_name(label: &str, arm: u32, taken: &[&str]) -> String {
    let name = format!("{}_arm_{arm}", unique_stem(label));
    free_name(name, taken)
}

/// The unique name of a Data Access Group: `Test DAG` is `test_dag`, `dag-a` is `daga`.
pub fn unique_dag_name(label: &str, taken: &[&str]) -> String {
    free_name(unique_stem(label), taken)
}

fn free_name(name: String, taken: &[&str]) -> String {
    if !taken.contains(&name.as_str()) {
        return name;
    }
    ('b'..='z').map(|letter| format!("{name}{letter}")).find(|n| !taken.contains(&n.as_str())).unwrap_or(name)
}

/// A label for an instrument whose name alone is known: `my_form` is `My Form`
/// (`redcap-api.md` §3.9: unsure).
pub fn label_from_name(name: &str) -> String {
    name.split('_')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
        })
        .collect::<Vec<String>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_attested_examples() {
        for (label, arm, name) in [
            ("Deadline to opt out of study", 2, "deadline_to_opt_ou_arm_2"),
            ("Screening & Enrollment", 1, "screening__enrollm_arm_1"),
            ("Follow-up", 1, "followup_arm_1"),
        ] {
            assert_eq!(unique_event_name(label, arm, &[]), name);
        }
        assert_eq!(
            unique_event_name("Testing long name", 1, &["testing_long_name_arm_1"]),
            "testing_long_name_arm_1b"
        );
        for (label, name) in [("Test DAG", "test_dag"), ("dag-a", "daga"), ("New DAG", "new_dag")] {
            assert_eq!(unique_dag_name(label, &[]), name);
        }
        assert_eq!(label_from_name("race_and_ethnicity"), "Race And Ethnicity");
    }
}
