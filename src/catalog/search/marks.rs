//! Showing a visitor which words were found.

use std::collections::HashMap;

use unicode_normalization::char::is_combining_mark;

use super::meaning::Meaning;
use super::words::{self, Wanted};
use crate::catalog::fold::fold;

/// The words that may have been meant, to be found again in a text.
#[derive(Debug, Default)]
pub struct Marks {
    /// What was typed, in order.
    typed: Vec<String>,
    /// Each word that it may stand for: which of the typed, and how alike.
    words: HashMap<String, (usize, f32)>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    pub text: &'a str,
    pub marked: bool,
}

impl Marks {
    pub(super) fn new(wanted: &[Wanted], meanings: &[Meaning]) -> Self {
        let mut words: HashMap<String, (usize, f32)> = HashMap::new();
        for (at, meaning) in meanings.iter().enumerate() {
            let year = wanted[at].word.as_str();
            for (word, likeness) in meaning.words().chain(meaning.year.map(|_| (year, 1.0))) {
                let best = words.entry(word.to_owned()).or_insert((at, likeness));
                if likeness > best.1 {
                    *best = (at, likeness);
                }
            }
        }
        Self { typed: wanted.iter().map(|wanted| wanted.word.clone()).collect(), words }
    }

    /// The text in pieces, the words that were found marked.
    pub fn parts<'a>(&self, text: &'a str) -> Vec<Part<'a>> {
        let mut parts: Vec<Part<'a>> = Vec::new();
        let mut push = |text: &'a str, marked: bool| {
            if !text.is_empty() {
                parts.push(Part { text, marked });
            }
        };
        for chunk in text.split_inclusive(char::is_whitespace) {
            let name = chunk.trim_end();
            if self.has_whole(name) {
                push(name, true);
                push(&chunk[name.len()..], false);
                continue;
            }
            let mut rest = chunk;
            while let Some(start) = rest.find(is_letter) {
                let length = rest[start..].find(|letter| !is_letter(letter));
                let end = length.map_or(rest.len(), |length| start + length);
                push(&rest[..start], false);
                push(&rest[start..end], self.has(&rest[start..end]));
                rest = &rest[end..];
            }
            push(rest, false);
        }
        parts
    }

    /// The query as it was understood, if that is not as it was typed. `texts` are the names of
    /// what was found first: what was meant stands there.
    pub fn respelt(&self, texts: &[&str]) -> Option<String> {
        let mut meant: Vec<Option<(f32, String)>> = vec![None; self.typed.len()];
        for text in texts {
            words::of_name(text, |word| {
                let Some(&(typed, likeness)) = self.words.get(word) else { return };
                if meant[typed].as_ref().is_none_or(|(best, _)| likeness > *best) {
                    meant[typed] = Some((likeness, word.to_owned()));
                }
            });
        }
        let words = self.typed.iter().zip(meant);
        let words: Vec<String> = words
            .map(|(typed, meant)| meant.map_or_else(|| typed.clone(), |(_, word)| word))
            .collect();
        (words != self.typed).then(|| words.join(" "))
    }

    fn has(&self, word: &str) -> bool {
        let mut found = false;
        words::of_name(word, |word| found |= self.words.contains_key(word));
        found
    }

    /// Whether it is a compound that was found as one word: "Spider-Man".
    fn has_whole(&self, chunk: &str) -> bool {
        let folded = fold(chunk);
        folded.contains(' ') && self.words.contains_key(&folded.replace(' ', ""))
    }
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter) || matches!(letter, '\'' | '\u{2019}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(words: &[(&str, &str)]) -> Marks {
        let found = words.iter().enumerate();
        Marks {
            typed: words.iter().map(|(typed, _)| (*typed).to_owned()).collect(),
            words: found.map(|(at, (_, word))| ((*word).to_owned(), (at, 0.8))).collect(),
        }
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
        assert_eq!(marks(&[("ran", "ran")]).respelt(&texts), None);
    }
}
