//! Showing a visitor which words were found.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::meaning::Meaning;
use super::words::{self, Wanted};
use crate::catalog::fold::fold;

/// The words that may have been meant, to be found again in a text.
#[derive(Debug, Default)]
pub struct Marks(Vec<Typed>);

/// A word of the query and what it may stand for.
#[derive(Debug, Default)]
struct Typed {
    word: String,
    /// With how alike each is.
    candidates: HashMap<String, f32>,
    pairs: Vec<[String; 2]>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    pub text: &'a str,
    pub marked: bool,
}

impl Marks {
    pub(super) fn new(wanted: Vec<Wanted>, meanings: Vec<Meaning>) -> Self {
        let typed = |(wanted, meaning): (Wanted, Meaning)| {
            let candidates = meaning.candidates.into_iter();
            let mut candidates: HashMap<String, f32> =
                candidates.map(|candidate| (candidate.word, candidate.likeness)).collect();
            if meaning.year.is_some() {
                candidates.insert(wanted.word.clone(), 1.0);
            }
            let pairs = meaning.pairs.into_iter();
            let pairs = pairs.map(|pair| pair.map(|candidate| candidate.word)).collect();
            Typed { word: wanted.word, candidates, pairs }
        };
        Self(wanted.into_iter().zip(meanings).map(typed).collect())
    }

    /// The text in pieces, the words that were found marked.
    pub fn parts<'a>(&self, text: &'a str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut from = 0;
        for found in self.found(text) {
            parts.push(Part { text: &text[from..found.start], marked: false });
            from = found.end;
            parts.push(Part { text: &text[found], marked: true });
        }
        parts.push(Part { text: &text[from..], marked: false });
        parts.retain(|part| !part.text.is_empty());
        parts
    }

    /// Where the words stand.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
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

    /// The query as it was understood, if that is not as it was typed. `names` are those of what
    /// was found first: what was meant stands there.
    pub fn respelt(&self, names: &[&str]) -> Option<String> {
        let mut found = HashSet::new();
        for name in names {
            words::of_name(name, |word| _ = found.insert(word.to_owned()));
        }
        let mut words: Vec<String> = self.0.iter().map(|typed| typed.meant(&found)).collect();
        // Two that were typed for one were both understood as that one.
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

    /// Whether it is a compound that was found as one word: "Spider-Man".
    fn has_whole(&self, chunk: &str) -> bool {
        let folded = fold(chunk);
        folded.contains(' ') && self.has_word(&folded.replace(' ', ""))
    }
}

impl Typed {
    /// The likest of the words found, or as it was typed.
    fn meant(&self, found: &HashSet<String>) -> String {
        let candidates = self.candidates.iter().filter(|(word, _)| found.contains(*word));
        let likest =
            candidates.max_by(|(word, a), (other, b)| a.total_cmp(b).then(other.cmp(word)));
        let pair = || self.pairs.iter().find(|pair| pair.iter().all(|word| found.contains(word)));
        match likest {
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

    fn marks(words: &[(&str, &str)]) -> Marks {
        let typed = |(word, meant): &(&str, &str)| {
            let typed = Typed { word: (*word).to_owned(), ..Typed::default() };
            match meant.split_once(' ') {
                Some((one, two)) => Typed { pairs: vec![[one.into(), two.into()]], ..typed },
                None => Typed { candidates: [((*meant).to_owned(), 0.8)].into(), ..typed },
            }
        };
        Marks(words.iter().map(typed).collect())
    }

    fn marked(marks: &Marks, text: &str) -> String {
        let parts = marks.parts(text);
        assert_eq!(parts.iter().map(|part| part.text).collect::<String>(), text);
        parts
            .iter()
            .map(|part| if part.marked { format!("[{}]", part.text) } else { part.text.into() })
            .collect()
    }

    #[test]
    fn words_are_marked_as_they_stand() {
        let found = marks(&[("ameile", "amelie"), ("coeur", "coeur"), ("spiderman", "spiderman")]);
        assert_eq!(marked(&found, "Amélie, cœur <b>"), "[Amélie], [cœur] <b>");
        assert_eq!(marked(&found, "Spider-Man: Home"), "[Spider-Man:] Home");
        let found = marks(&[("avventura", "avventura"), ("七人", "七人")]);
        assert_eq!(marked(&found, "L'Avventura"), "[L'Avventura]");
        assert_eq!(marked(&found, "七人の侍 (1954)"), "[七人の侍] (1954)");
    }

    #[test]
    fn a_query_is_respelt_from_what_was_found() {
        let found = marks(&[("kurosowa", "kurosawa"), ("ran", "ran")]);
        let texts = ["Ran", "Akira Kurosawa"];
        assert_eq!(found.respelt(&texts).as_deref(), Some("kurosawa ran"));
        let found = marks(&[("bladerunner", "blade runner")]);
        assert_eq!(found.respelt(&["Blade Runner"]).as_deref(), Some("blade runner"));
        let found = marks(&[("ground", "groundhog"), ("hog", "groundhog"), ("day", "day")]);
        assert_eq!(found.respelt(&["Groundhog Day"]).as_deref(), Some("groundhog day"));
        assert_eq!(marks(&[("ran", "ran")]).respelt(&texts), None);
    }
}
