//! All words of the catalogue, and which of them a visitor may have meant.

use std::sync::LazyLock;

use fst::{IntoStreamer, Map, MapBuilder, Streamer, map};
use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};

use super::words::letters;

/// Finders of words with one and with two typing errors. Letters that changed places are one error.
static ERRORS: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|most| LevenshteinAutomatonBuilder::new(most, true)));

/// What a completed word is worth beside one that was typed whole, at least.
const COMPLETED: f32 = 0.7;

/// Every word, with the place of its postings.
#[derive(Default)]
pub struct Dictionary(Map<Vec<u8>>);

/// All words one after the other.
pub struct Words<'a>(map::Stream<'a>);

/// Makes a dictionary.
pub struct Writer(MapBuilder<Vec<u8>>);

/// A word that a visitor may have meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub word: String,
    /// Where its postings stand.
    pub at: usize,
    /// 1 when it was typed exactly so; towards 0 the less alike it is.
    pub likeness: f32,
    /// Letters of a name that it stands for.
    pub letters: f32,
}

impl Candidate {
    fn new(word: &str, at: u64, likeness: f32) -> Self {
        Self { word: word.to_owned(), at: place(at), likeness, letters: letters(word) }
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self(MapBuilder::memory())
    }
}

impl Writer {
    /// Takes words in ascending order of their bytes, none twice.
    pub fn add(&mut self, word: &[u8], at: usize) {
        self.0.insert(word, at as u64).expect("the words are in order");
    }

    pub fn finish(self) -> Dictionary {
        Dictionary(self.0.into_map())
    }
}

impl Words<'_> {
    /// The next word in order of bytes, with the place of its postings.
    pub fn next(&mut self) -> Option<(&[u8], usize)> {
        let (word, at) = self.0.next()?;
        Some((word, place(at)))
    }
}

/// The same words with the same places make the same bytes.
impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_fst().as_bytes() == other.0.as_fst().as_bytes()
    }
}

impl Dictionary {
    pub fn words(&self) -> Words<'_> {
        Words(self.0.stream())
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.0.as_fst().size()
    }

    pub fn exact(&self, word: &str) -> Option<Candidate> {
        Some(Candidate::new(word, self.0.get(word)?, 1.0))
    }

    /// Longer words that begin so.
    pub fn completions(&self, start: &str) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let mut stream = self.0.range().gt(start).into_stream();
        while let Some((word, at)) = stream.next() {
            let word = text(word);
            if !word.starts_with(start) {
                break;
            }
            let likeness = COMPLETED + (1.0 - COMPLETED) * count(start) / (count(word) + 1.0);
            candidates.push(Candidate::new(word, at, likeness));
        }
        candidates
    }

    /// Other words that it may be a misspelling of: one error in words of three letters and more,
    /// two in those of six and more.
    pub fn near(&self, word: &str) -> Vec<Candidate> {
        let Some(errors) = errors(word) else { return Vec::new() };
        let found = |other: &str, errors| Some(likeness(word, other, errors));
        self.accepted(&errors.build_dfa(word), found)
    }

    /// Longer words whose beginning it may be a misspelling of, by one error.
    pub fn near_completions(&self, start: &str) -> Vec<Candidate> {
        let typed = count(start);
        if typed < 4.0 {
            return Vec::new();
        }
        self.accepted(&ERRORS[0].build_prefix_dfa(start), |word, errors| {
            let longer = count(word) > typed + 1.0;
            let share = COMPLETED * (typed / count(word)).sqrt();
            longer.then(|| likeness(start, word, errors) * share)
        })
    }

    /// The words that are some errors away, with the likeness that each is given.
    fn accepted(&self, dfa: &DFA, likeness: impl Fn(&str, u8) -> Option<f32>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let mut stream = self.0.search_with_state(dfa).into_stream();
        while let Some((word, at, state)) = stream.next() {
            let Distance::Exact(errors @ 1..) = dfa.distance(state) else { continue };
            let word = text(word);
            if let Some(likeness) = likeness(word, errors) {
                candidates.push(Candidate::new(word, at, likeness));
            }
        }
        candidates
    }
}

fn place(at: u64) -> usize {
    usize::try_from(at).expect("postings lie in memory")
}

fn text(word: &[u8]) -> &str {
    str::from_utf8(word).expect("only texts were put in")
}

fn errors(word: &str) -> Option<&'static LevenshteinAutomatonBuilder> {
    match word.chars().count() {
        ..3 => None,
        3..6 => Some(&ERRORS[0]),
        6.. => Some(&ERRORS[1]),
    }
}

/// How likely `typed` is a misspelling of `word`, of which `errors` tell it apart.
fn likeness(typed: &str, word: &str, errors: u8) -> f32 {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    // All letters are there, but one stands elsewhere ("ghandi"): that is one error, not two.
    let errors = if sorted(typed) == sorted(word) { 1.0 } else { f32::from(errors) };
    // Hardly anybody gets the first letter wrong.
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
        let mut writer = Writer::default();
        words.iter().zip(0..).for_each(|(word, at)| writer.add(word.as_bytes(), at));
        writer.finish()
    }

    fn words(mut candidates: Vec<Candidate>) -> Vec<String> {
        candidates.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        candidates.into_iter().map(|candidate| candidate.word).collect()
    }

    #[test]
    fn near_words_are_one_or_two_errors_away() {
        let words_near = |word| words(dictionary().near(word));
        assert_eq!(words_near("ameile"), ["amelie", "emile"]);
        assert_eq!(words_near("kurosowa"), ["kurosawa"]);
        assert_eq!(words_near("ghandi"), ["gandhi"]);
        assert_eq!(words_near("rna"), ["ran", "rana"]);
        assert_eq!(words_near("кини"), ["кино"]);
        assert_eq!(words_near("ra"), [""; 0]);
    }

    #[test]
    fn the_beginning_of_a_word_is_completed_even_when_misspelt() {
        assert_eq!(words(dictionary().completions("kur")), ["kurosawa"]);
        assert_eq!(words(dictionary().completions("ran")), ["rana"]);
        assert_eq!(words(dictionary().near_completions("kuras")), ["kurosawa"]);
    }
}
