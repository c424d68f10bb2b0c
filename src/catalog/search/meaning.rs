//! What a visitor may have meant by each word.

use super::dictionary::{Candidate, Dictionary};
use super::words::{Wanted, letters};

/// A word as it stands, beside one that was typed in two or two that were typed in one.
const REJOINED: f32 = 0.95;

/// Letters from which on a word is completed; of one letter nearly everything is a completion.
const UNFINISHED: usize = 2;

/// How far a reading strays from what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leniency {
    /// Not at all.
    AsWritten,
    /// Words that the catalogue does not have stand for those near them.
    UnknownWords,
    /// Every word also stands for those near it.
    EveryWord,
}

/// What one word of the query may stand for.
#[derive(Debug, Default)]
pub struct Meaning {
    pub candidates: Vec<Candidate>,
    /// Two words that were typed as one.
    pub pairs: Vec<[Candidate; 2]>,
    pub year: Option<i16>,
    pub optional: bool,
}

/// What each word stands for. `is_year` tells whether films are from that year.
pub fn read(
    dictionary: &Dictionary,
    wanted: &[Wanted],
    leniency: Leniency,
    is_year: impl Fn(i16) -> bool,
) -> Vec<Meaning> {
    let as_written = |wanted: &Wanted| {
        let mut candidates: Vec<Candidate> = dictionary.exact(&wanted.word).into_iter().collect();
        if wanted.unfinished
            && (wanted.word.chars().count() >= UNFINISHED || !wanted.word.is_ascii())
        {
            candidates.extend(dictionary.completions(&wanted.word));
        }
        let year = wanted.word.parse().ok().filter(|year| is_year(*year));
        Meaning { candidates, year, optional: wanted.optional, ..Meaning::default() }
    };
    let mut meanings: Vec<Meaning> = wanted.iter().map(as_written).collect();
    if leniency == Leniency::AsWritten {
        return meanings;
    }
    for (wanted, meaning) in wanted.iter().zip(&mut meanings) {
        let known = !meaning.candidates.is_empty() || meaning.year.is_some();
        if wanted.optional || (known && leniency == Leniency::UnknownWords) {
            continue;
        }
        meaning.candidates.extend(dictionary.near(&wanted.word));
        if wanted.unfinished {
            meaning.candidates.extend(dictionary.near_completions(&wanted.word));
        }
        if !known {
            meaning.pairs = pairs(dictionary, &wanted.word);
        }
    }
    for at in 1..wanted.len() {
        let words = [&wanted[at - 1].word, &wanted[at].word];
        let Some(joined) = dictionary.exact(&words.map(String::as_str).concat()) else { continue };
        for (word, meaning) in words.into_iter().zip(&mut meanings[at - 1..=at]) {
            let joined = Candidate { likeness: REJOINED, letters: letters(word), ..joined.clone() };
            meaning.candidates.push(joined);
        }
    }
    meanings
}

/// Every way to read the word as two that the catalogue has.
fn pairs(dictionary: &Dictionary, word: &str) -> Vec<[Candidate; 2]> {
    let cuts = word.char_indices().map(|(at, _)| at).filter(|at| (2..word.len() - 1).contains(at));
    let known = |word: &str| Some(Candidate { likeness: REJOINED, ..dictionary.exact(word)? });
    cuts.filter_map(|at| Some([known(&word[..at])?, known(&word[at..])?])).collect()
}
