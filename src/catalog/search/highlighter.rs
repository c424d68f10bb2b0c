//! Highlights the matched words in names and texts.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::expansion::TermExpansion;
use super::words::{self, QueryTerm};
use crate::catalog::fold::fold;

/// The words that a query may stand for, to be highlighted in results.
#[derive(Debug, Default)]
pub struct Highlighter(Vec<Typed>);

/// A query term with its expansion.
#[derive(Debug, Default)]
struct Typed {
    word: String,
    /// Dictionary words with their similarity.
    candidates: HashMap<String, f32>,
    pairs: Vec<[String; 2]>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<'a> {
    pub text: &'a str,
    pub highlighted: bool,
}

impl Highlighter {
    pub(super) fn new(terms: Vec<QueryTerm>, expansions: Vec<TermExpansion>) -> Self {
        let typed = |(term, expansion): (QueryTerm, TermExpansion)| {
            let candidates = expansion.candidates.into_iter();
            let mut candidates: HashMap<String, f32> =
                candidates.map(|candidate| (candidate.word, candidate.similarity)).collect();
            if expansion.year.is_some() {
                candidates.insert(term.word.clone(), 1.0);
            }
            let pairs = expansion.pairs.into_iter();
            let pairs = pairs.map(|pair| pair.map(|candidate| candidate.word)).collect();
            Typed { word: term.word, candidates, pairs }
        };
        Self(terms.into_iter().zip(expansions).map(typed).collect())
    }

    /// Splits a text into highlighted and plain spans.
    pub fn spans<'a>(&self, text: &'a str) -> Vec<Span<'a>> {
        let mut spans = Vec::new();
        let mut from = 0;
        for found in self.matched_ranges(text) {
            spans.push(Span { text: &text[from..found.start], highlighted: false });
            from = found.end;
            spans.push(Span { text: &text[found], highlighted: true });
        }
        spans.push(Span { text: &text[from..], highlighted: false });
        spans.retain(|span| !span.text.is_empty());
        spans
    }

    /// Returns the ranges of the matched words.
    fn matched_ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = 0;
        for chunk in text.split_inclusive(char::is_whitespace) {
            let name = chunk.trim_end();
            if self.has_whole(name) {
                found.push(start..start + name.len());
            } else {
                let ends =
                    name.split_inclusive(|letter| !is_letter(letter)).scan(start, |at, word| {
                        let from = *at;
                        *at += word.len();
                        Some(from..from + word.trim_end_matches(|letter| !is_letter(letter)).len())
                    });
                found.extend(ends.filter(|word| self.has(&text[word.clone()])));
            }
            start += chunk.len();
        }
        found
    }

    /// Returns the corrected query, if it differs from the typed one. The corrections are looked up
    /// in `names`, those of the best result.
    pub fn correction(&self, names: &[&str]) -> Option<String> {
        let mut found = HashSet::new();
        for name in names {
            words::of_name(name, |word| _ = found.insert(word.to_owned()));
        }
        let mut words: Vec<String> = self.0.iter().map(|typed| typed.corrected(&found)).collect();
        // Two terms that were joined expand to the same word.
        words.dedup();
        let typed = self.0.iter().map(|typed| &typed.word);
        (!words.iter().eq(typed)).then(|| words.join(" "))
    }

    fn has(&self, name: &str) -> bool {
        let mut found = false;
        words::of_name(name, |word| found |= self.has_word(word));
        found
    }

    fn has_word(&self, word: &str) -> bool {
        self.0.iter().any(|typed| {
            typed.candidates.contains_key(word)
                || typed.pairs.iter().flatten().any(|part| part == word)
        })
    }

    /// Returns whether a compound such as "Spider-Man" matches as one word.
    fn has_whole(&self, chunk: &str) -> bool {
        let folded = fold(chunk);
        folded.contains(' ') && self.has_word(&folded.replace(' ', ""))
    }
}

impl Typed {
    /// Returns the most similar of the words found, or the word as typed.
    fn corrected(&self, found: &HashSet<String>) -> String {
        let candidates = self.candidates.iter().filter(|(word, _)| found.contains(*word));
        let best = candidates.max_by(|(word, a), (other, b)| a.total_cmp(b).then(other.cmp(word)));
        let pair = || self.pairs.iter().find(|pair| pair.iter().all(|word| found.contains(word)));
        match best {
            Some((word, _)) => word.clone(),
            None => pair().map_or_else(|| self.word.clone(), |pair| pair.join(" ")),
        }
    }
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter) || matches!(letter, '\'' | '\u{2019}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn highlighter(words: &[(&str, &str)]) -> Highlighter {
        let typed = |(word, meant): &(&str, &str)| {
            let typed = Typed { word: (*word).to_owned(), ..Typed::default() };
            match meant.split_once(' ') {
                Some((one, two)) => Typed { pairs: vec![[one.into(), two.into()]], ..typed },
                None => Typed { candidates: [((*meant).to_owned(), 0.8)].into(), ..typed },
            }
        };
        Highlighter(words.iter().map(typed).collect())
    }

    fn marked(highlighter: &Highlighter, text: &str) -> String {
        let parts = highlighter.spans(text);
        assert_eq!(parts.iter().map(|part| part.text).collect::<String>(), text);
        parts
            .iter()
            .map(
                |part| if part.highlighted { format!("[{}]", part.text) } else { part.text.into() },
            )
            .collect()
    }

    #[test]
    fn spans_highlight_words_as_written() {
        let found =
            highlighter(&[("ameile", "amelie"), ("coeur", "coeur"), ("spiderman", "spiderman")]);
        assert_eq!(marked(&found, "Amélie, cœur <b>"), "[Amélie], [cœur] <b>");
        assert_eq!(marked(&found, "Spider-Man: Home"), "[Spider-Man:] Home");
        let found = highlighter(&[("avventura", "avventura"), ("七人", "七人")]);
        assert_eq!(marked(&found, "L'Avventura"), "[L'Avventura]");
        assert_eq!(marked(&found, "七人の侍 (1954)"), "[七人の侍] (1954)");
    }

    #[test]
    fn correction_uses_the_words_of_the_best_result() {
        let found = highlighter(&[("kurosowa", "kurosawa"), ("ran", "ran")]);
        let texts = ["Ran", "Akira Kurosawa"];
        assert_eq!(found.correction(&texts).as_deref(), Some("kurosawa ran"));
        let found = highlighter(&[("bladerunner", "blade runner")]);
        assert_eq!(found.correction(&["Blade Runner"]).as_deref(), Some("blade runner"));
        let found = highlighter(&[("ground", "groundhog"), ("hog", "groundhog"), ("day", "day")]);
        assert_eq!(found.correction(&["Groundhog Day"]).as_deref(), Some("groundhog day"));
        assert_eq!(highlighter(&[("ran", "ran")]).correction(&texts), None);
    }
}
