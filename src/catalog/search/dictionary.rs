//! The term dictionary: exact, prefix and fuzzy lookups of words.

use std::sync::LazyLock;

use fst::{IntoStreamer, Map, MapBuilder, Streamer, map};
use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};

use super::words::letters;

/// Levenshtein automata for one and two errors; a transposition counts as one.
static AUTOMATA: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|most| LevenshteinAutomatonBuilder::new(most, true)));

/// Minimum similarity of a completed word.
const MIN_COMPLETION_SIMILARITY: f32 = 0.7;

/// A map from each word to the offset of its postings.
#[derive(Default)]
pub struct Dictionary(Map<Vec<u8>>);

/// An iterator over all words.
pub struct Words<'a>(map::Stream<'a>);

/// Builds a dictionary from sorted words.
pub struct DictionaryBuilder(MapBuilder<Vec<u8>>);

/// A dictionary word that a query term may stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub word: String,
    /// Offset of the word's postings.
    pub offset: usize,
    /// Similarity to the query term; 1 is an exact match.
    pub similarity: f32,
    /// Number of letters of a name that the word covers.
    pub letters: f32,
}

impl Candidate {
    fn new(word: &str, offset: u64, similarity: f32) -> Self {
        Self { word: word.to_owned(), offset: as_usize(offset), similarity, letters: letters(word) }
    }
}

impl Default for DictionaryBuilder {
    fn default() -> Self {
        Self(MapBuilder::memory())
    }
}

impl DictionaryBuilder {
    /// Adds a word. Words must be added in ascending order of bytes, without duplicates.
    pub fn add(&mut self, word: &[u8], offset: usize) {
        self.0.insert(word, offset as u64).expect("the words are in order");
    }

    pub fn finish(self) -> Dictionary {
        Dictionary(self.0.into_map())
    }
}

impl Words<'_> {
    /// Returns the next word, in order of bytes, with the offset of its postings.
    pub fn next(&mut self) -> Option<(&[u8], usize)> {
        let (word, offset) = self.0.next()?;
        Some((word, as_usize(offset)))
    }
}

/// Equal maps have equal bytes.
impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_fst().as_bytes() == other.0.as_fst().as_bytes()
    }
}

impl Dictionary {
    pub fn words(&self) -> Words<'_> {
        Words(self.0.stream())
    }

    /// Returns the word itself, if it is in the dictionary.
    pub fn exact(&self, word: &str) -> Option<Candidate> {
        Some(Candidate::new(word, self.0.get(word)?, 1.0))
    }

    /// Returns longer words with this prefix.
    pub fn completions(&self, start: &str) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let mut stream = self.0.range().gt(start).into_stream();
        while let Some((word, offset)) = stream.next() {
            let word = text(word);
            if !word.starts_with(start) {
                break;
            }
            let similarity = MIN_COMPLETION_SIMILARITY
                + (1.0 - MIN_COMPLETION_SIMILARITY) * count(start) / (count(word) + 1.0);
            candidates.push(Candidate::new(word, offset, similarity));
        }
        candidates
    }

    /// Returns other words within the edit distance allowed for a word of this length: one error
    /// from three letters, two errors from six.
    pub fn near(&self, word: &str) -> Vec<Candidate> {
        let Some(errors) = errors(word) else { return Vec::new() };
        let found = |other: &str, errors| Some(similarity(word, other, errors));
        self.accepted(&errors.build_dfa(word), found)
    }

    /// Returns longer words with a prefix within one error of `start`.
    pub fn near_completions(&self, start: &str) -> Vec<Candidate> {
        let typed = count(start);
        if typed < 4.0 {
            return Vec::new();
        }
        self.accepted(&AUTOMATA[0].build_prefix_dfa(start), |word, errors| {
            let longer = count(word) > typed + 1.0;
            let share = MIN_COMPLETION_SIMILARITY * (typed / count(word)).sqrt();
            longer.then(|| similarity(start, word, errors) * share)
        })
    }

    /// Returns the words that the automaton accepts with at least one error.
    fn accepted(&self, dfa: &DFA, similarity: impl Fn(&str, u8) -> Option<f32>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let mut stream = self.0.search_with_state(dfa).into_stream();
        while let Some((word, offset, state)) = stream.next() {
            let Distance::Exact(errors @ 1..) = dfa.distance(state) else { continue };
            let word = text(word);
            if let Some(similarity) = similarity(word, errors) {
                candidates.push(Candidate::new(word, offset, similarity));
            }
        }
        candidates
    }
}

fn as_usize(offset: u64) -> usize {
    usize::try_from(offset).expect("postings are in memory")
}

fn text(word: &[u8]) -> &str {
    str::from_utf8(word).expect("only strings are added")
}

/// Returns the automaton for the number of errors allowed in `word`.
fn errors(word: &str) -> Option<&'static LevenshteinAutomatonBuilder> {
    match word.chars().count() {
        ..3 => None,
        3..6 => Some(&AUTOMATA[0]),
        6.. => Some(&AUTOMATA[1]),
    }
}

/// Returns the similarity of `typed` and `word`, which are `errors` edits apart.
fn similarity(typed: &str, word: &str, errors: u8) -> f32 {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    // An anagram ("ghandi") counts as one error.
    let errors = if sorted(typed) == sorted(word) { 1.0 } else { f32::from(errors) };
    // The first letter is rarely wrong.
    let same_start = typed.chars().next() == word.chars().next();
    let start = if same_start { 1.0 } else { 0.9 };
    start * (1.0 - 1.25 * errors / count(typed).max(4.0)).max(0.1)
}

fn count(word: &str) -> f32 {
    u16::try_from(word.chars().count()).map_or(f32::MAX, f32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary() -> Dictionary {
        let mut words = ["amelie", "emile", "gandhi", "kurosawa", "кино", "кийо", "ran", "rana"];
        words.sort_unstable();
        let mut builder = DictionaryBuilder::default();
        words.iter().zip(0..).for_each(|(word, at)| builder.add(word.as_bytes(), at));
        builder.finish()
    }

    fn words(mut candidates: Vec<Candidate>) -> Vec<String> {
        candidates.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        candidates.into_iter().map(|candidate| candidate.word).collect()
    }

    #[test]
    fn near_returns_words_within_one_or_two_errors() {
        let words_near = |word| words(dictionary().near(word));
        assert_eq!(words_near("ameile"), ["amelie", "emile"]);
        assert_eq!(words_near("kurosowa"), ["kurosawa"]);
        assert_eq!(words_near("ghandi"), ["gandhi"]);
        assert_eq!(words_near("rna"), ["ran", "rana"]);
        assert_eq!(words_near("кини"), ["кино"]);
        assert_eq!(words_near("ra"), [""; 0]);
    }

    #[test]
    fn completions_match_prefixes_exactly_or_with_one_error() {
        assert_eq!(words(dictionary().completions("kur")), ["kurosawa"]);
        assert_eq!(words(dictionary().completions("ran")), ["rana"]);
        assert_eq!(words(dictionary().near_completions("kuras")), ["kurosawa"]);
    }
}
