//! The list of all commands, searched by title, help and key.

use super::actions::{ACTIONS, Action, Id, Scope};
use super::cursor::Cursor;
use super::model::Model;
use super::open::matches;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

/// The state of the palette.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What is searched for.
    pub search: Input,
    /// The cursor in the found commands.
    pub cursor: Cursor,
    /// Only the commands of this scope.
    pub only: Option<Scope>,
    /// The scope the palette was opened in: it decides what is available.
    pub from: Option<Scope>,
}

impl Palette {
    /// The commands that the search leaves, best match first; recently used ones first
    /// while nothing is typed.
    pub fn found(&self, recent: &[Id]) -> Vec<&'static Action> {
        let actions =
            ACTIONS.iter().filter(|a| a.in_palette && self.only.is_none_or(|s| a.scopes.contains(&s)));
        let search = self.search.value().trim();
        if search.is_empty() {
            let mut all: Vec<&Action> = actions.collect();
            // What was used lately first, then what works in this place.
            let here = |a: &Action| self.from.is_some_and(|s| a.scopes.contains(&s));
            all.sort_by_key(|a| (recent.iter().position(|r| *r == a.id).unwrap_or(usize::MAX), !here(a)));
            return all;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(search, CaseMatching::Ignore, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut found: Vec<(u32, &Action)> = actions
            .filter_map(|action| {
                let mut score = |text: &str, weight: u32| {
                    pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher).map(|s| s * weight)
                };
                let title = score(action.title, 3);
                // A word that people use for it counts nearly as much as its title; typed whole, more.
                let typed = search.to_lowercase();
                let also = action.also.split(' ').map(|word| (word, word.to_lowercase()));
                let also = also
                    .filter(|(_, word)| word.contains(&typed))
                    .filter_map(|(shown, word)| score(shown, if word == typed { 4 } else { 2 }));
                let also = also.max();
                // A sentence has nearly every letter somewhere, so it must have the words as typed.
                let help = matches(search, &[action.title, action.help, action.also]).then_some(1);
                title.max(also).max(help).map(|score| (score, action))
            })
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, action)| action).collect()
    }

    /// The command under the cursor.
    pub fn chosen(&self, model: &Model) -> Option<&'static Action> {
        self.found(&model.recent).get(self.cursor.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_the_words_that_people_use() {
        for (typed, title) in [
            ("yesterday", "What changed"),
            ("changes", "What changed"),
            ("missing", "What is missing"),
            ("overdue", "What is missing"),
            ("late visits", "What is missing"),
            ("search", "Find a record or a field"),
            ("MRN", "Find a record or a field"),
            ("sort", "Sort by this column"),
            ("order", "Sort by this column"),
            ("progress", "Status of all instruments"),
            ("outliers", "Data quality"),
            ("hide names", "Show or mask identifiers"),
            ("refresh", "Load again"),
            ("excel", "Export"),
            ("dictionary", "Instruments"),
            ("import", "Check"),
            ("audit", "Timeline of the record"),
            ("exit", "Quit"),
        ] {
            let palette = Palette { search: typed.into(), ..Palette::default() };
            let found: Vec<&str> = palette.found(&[]).iter().map(|a| a.title).collect();
            assert!(found.iter().take(4).any(|t| *t == title), "{typed}: {found:?}");
        }
    }
}
