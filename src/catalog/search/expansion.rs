//! Expands query terms to the dictionary words that they may stand for.

use super::dictionary::{Candidate, Dictionary};
use super::words::{QueryTerm, letters};

/// Similarity of words that were joined or split in the query.
const REJOINED_SIMILARITY: f32 = 0.95;

/// Minimum length of a prefix that is completed.
const MIN_PREFIX_LETTERS: usize = 2;

/// The tolerance for typing errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fuzziness {
    /// None.
    AsWritten,
    /// Words that are not in the dictionary match similar ones.
    UnknownWords,
    /// Words that are in nobody's name match similar ones.
    OtherThanNames,
    /// Every word also matches similar ones.
    EveryWord,
}

impl Fuzziness {
    /// All, in the order in which they are tried.
    pub const ALL: [Self; 4] =
        [Self::AsWritten, Self::UnknownWords, Self::OtherThanNames, Self::EveryWord];
}

/// The dictionary words that one query term may stand for.
#[derive(Debug, Default, PartialEq)]
pub struct TermExpansion {
    pub candidates: Vec<Candidate>,
    /// Two words that were typed as one.
    pub pairs: Vec<[Candidate; 2]>,
    /// The term as a year that has movies.
    pub year: Option<i16>,
    /// Whether a result may lack the term.
    pub optional: bool,
}

/// Expands each term. `is_year` returns whether a year has movies, `is_name` whether the word with
/// postings at this offset is in somebody's name.
pub fn expand(
    dictionary: &Dictionary,
    terms: &[QueryTerm],
    fuzziness: Fuzziness,
    is_year: impl Fn(i16) -> bool,
    is_name: impl Fn(usize) -> bool,
) -> Vec<TermExpansion> {
    let as_written = |term: &QueryTerm| {
        let mut candidates: Vec<Candidate> = dictionary.exact(&term.word).into_iter().collect();
        if term.is_prefix
            && (term.word.chars().count() >= MIN_PREFIX_LETTERS || !term.word.is_ascii())
        {
            candidates.extend(dictionary.completions(&term.word));
        }
        let year = term.word.parse().ok().filter(|year| is_year(*year));
        TermExpansion { candidates, year, optional: term.optional, ..TermExpansion::default() }
    };
    let mut expansions: Vec<TermExpansion> = terms.iter().map(as_written).collect();
    if fuzziness == Fuzziness::AsWritten {
        return expansions;
    }
    for (term, expansion) in terms.iter().zip(&mut expansions) {
        let known = !expansion.candidates.is_empty() || expansion.year.is_some();
        let is_kept = match fuzziness {
            Fuzziness::AsWritten => true,
            Fuzziness::UnknownWords => known,
            Fuzziness::OtherThanNames => {
                let mut candidates = expansion.candidates.iter();
                candidates.any(|one| one.word == term.word && is_name(one.offset))
            }
            Fuzziness::EveryWord => false,
        };
        if term.optional || is_kept {
            continue;
        }
        expansion.candidates.extend(dictionary.near(&term.word));
        if term.is_prefix {
            expansion.candidates.extend(dictionary.near_completions(&term.word));
        }
        if !known {
            expansion.pairs = pairs(dictionary, &term.word);
        }
    }
    for at in 1..terms.len() {
        let words = [&terms[at - 1].word, &terms[at].word];
        let Some(joined) = dictionary.exact(&words.map(String::as_str).concat()) else { continue };
        for (word, expansion) in words.into_iter().zip(&mut expansions[at - 1..=at]) {
            let joined = Candidate {
                similarity: REJOINED_SIMILARITY,
                letters: letters(word),
                ..joined.clone()
            };
            expansion.candidates.push(joined);
        }
    }
    expansions
}

/// Returns every split of the word into two dictionary words.
fn pairs(dictionary: &Dictionary, word: &str) -> Vec<[Candidate; 2]> {
    let cuts = word.char_indices().map(|(at, _)| at).filter(|at| (2..word.len() - 1).contains(at));
    let known =
        |word: &str| Some(Candidate { similarity: REJOINED_SIMILARITY, ..dictionary.exact(word)? });
    cuts.filter_map(|at| Some([known(&word[..at])?, known(&word[at..])?])).collect()
}
