//! Calculations that need each other's result. REDCap does not prevent them (`redcap-logic.md` §11).

use super::parse;
use super::reference::{EventRef, Reference};
use super::tags;
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use std::collections::HashMap;

/// The computed fields that depend on each other in a circle; each circle once, as field names.
///
/// Only references to the same event and instance count: `[previous-event-name][total]` in `total`
/// is no circle. Calculations that cannot be read are left out.
pub fn calculation_cycles(dictionary: &Dictionary) -> Vec<Vec<String>> {
    let computed: Vec<(&Field, Vec<String>)> =
        dictionary.fields().iter().filter_map(|f| sources(f).map(|sources| (f, sources))).collect();
    let numbers: HashMap<&str, usize> = computed.iter().map(|(f, _)| f.name.as_str()).zip(0..).collect();
    let edges: Vec<Vec<usize>> = computed
        .iter()
        .map(|(_, sources)| sources.iter().filter_map(|s| numbers.get(s.as_str()).copied()).collect())
        .collect();
    let name = |node: usize| computed.get(node).map(|(f, _)| f.name.clone());
    circles(&edges).into_iter().map(|circle| circle.into_iter().filter_map(name).collect()).collect()
}

/// The fields that a computed field is computed from; `None` for other fields.
fn sources(field: &Field) -> Option<Vec<String>> {
    let same_place =
        |r: &&Reference| r.instance.is_none() && matches!(r.event, None | Some(EventRef::Current));
    let names = |references: Vec<&Reference>| {
        references.into_iter().filter(same_place).filter_map(|r| r.field().map(str::to_owned)).collect()
    };
    if field.field_type == FieldType::Calc {
        let logic = parse(&field.choices_or_calculations).ok()?;
        return Some(names(logic.references().collect()));
    }
    let computed = tags::computed(&field.annotation)?.ok()?;
    Some(names(computed.references().collect()))
}

/// Walks a graph without recursion and gives the circles that the walk closes.
fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut done = vec![false; edges.len()];
    // The place of a node on the path that is being walked.
    let mut on_path: Vec<Option<usize>> = vec![None; edges.len()];
    for start in 0..edges.len() {
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut next = Some(start).filter(|n| done.get(*n) == Some(&false));
        loop {
            if let Some(node) = next.take() {
                if let Some(place) = on_path.get_mut(node) {
                    *place = Some(path.len());
                }
                path.push((node, 0));
            }
            let Some((node, edge)) = path.last_mut() else { break };
            let Some(&target) = edges.get(*node).and_then(|e| e.get(*edge)) else {
                if let (Some(done), Some(place)) = (done.get_mut(*node), on_path.get_mut(*node)) {
                    *done = true;
                    *place = None;
                }
                path.pop();
                continue;
            };
            *edge += 1;
            if let Some(Some(from)) = on_path.get(target) {
                found.push(path.iter().skip(*from).map(|(node, _)| *node).collect());
            } else if done.get(target) == Some(&false) {
                next = Some(target);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calc(name: &str, calculation: &str) -> Field {
        let mut field = Field::new(name, "form");
        field.field_type = FieldType::Calc;
        field.choices_or_calculations = calculation.into();
        field
    }

    #[test]
    fn circles_are_found_once_and_earlier_events_are_none() {
        let mut text = Field::new("t", "form");
        text.annotation = "@CALCTEXT(if([a]>1,'x','y'))".into();
        let dictionary = Dictionary::new(vec![
            Field::new("id", "form"),
            calc("a", "[b]+1"),
            calc("b", "[c]*2"),
            calc("c", "[a]-[id]"),
            calc("d", "[a]+1"),
            calc("e", "[previous-event-name][e]+1"),
            calc("f", "[f]"),
            text,
        ]);
        assert_eq!(calculation_cycles(&dictionary), [vec!["a", "b", "c"], vec!["f"]]);
    }

    #[test]
    fn a_long_chain_is_no_problem() {
        let mut fields = vec![Field::new("id", "form")];
        fields.extend((0..5000).map(|i| calc(&format!("c{i}"), &format!("[c{}]", i + 1))));
        assert!(calculation_cycles(&Dictionary::new(fields)).is_empty());
    }
}
