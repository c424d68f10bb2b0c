//! Finds films and directors by the words of their names, however they are spelt.
//!
//! A [`Search`] holds every word of the titles, original titles, directors' names and tags. A query
//! is read as it was written; if no film has all its words, then with those words corrected that
//! the catalogue does not know, then with every word corrected; at last the nearest films are
//! found, which have some of the words. `docs/search.md` says how the films are put in order.

mod builder;
mod dictionary;
mod evidence;
mod marks;
mod meaning;
mod postings;
mod words;

pub use self::builder::{Builder, Numbers};
use self::dictionary::{Candidate, Dictionary};
use self::evidence::{Clue, Evidence, Sum};
pub use self::marks::{Marks, Part};
use self::meaning::{Leniency, Meaning};
use self::postings::{Field, Postings};

/// What a word is worth by where it stands, from 0 to 1.
mod worth {
    pub const TITLE: f32 = 1.0;
    pub const ORIGINAL: f32 = 0.95;
    pub const DIRECTOR: f32 = 0.8;
    pub const YEAR: f32 = 0.8;
    pub const TAG: f32 = 0.5;
}

/// Films that have only some of the words, of which so many are offered.
const NEAREST: usize = 24;

/// A word that more films have is no reason to offer them as near.
const TELLING: usize = 20_000;

/// What the search is told about films by whoever numbered them.
pub trait Films {
    /// The films of a director, ascending.
    fn by(&self, director: u32) -> &[u32];
    /// The films that have a tag, ascending.
    fn tagged(&self, tag: u32) -> impl Iterator<Item = u32>;
    /// The films of a year, ascending.
    fn of_year(&self, year: i16) -> &[u32];
    /// Greater is newer; 0 when nobody knows.
    fn newness(&self, film: u32) -> u16;
}

/// The words of a catalogue.
#[derive(Default, PartialEq)]
pub struct Search {
    dictionary: Dictionary,
    postings: Vec<u8>,
    /// Of each film; 255 stands for more, too.
    title_letters: Vec<u8>,
    original_letters: Vec<u8>,
    director_letters: Vec<u8>,
}

/// How a query had to be read for anything to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    AsWritten,
    /// With typing errors corrected.
    Corrected,
    /// Nothing has all the words: these are the nearest.
    Nearest,
}

/// What was found, the best first.
pub struct Found {
    pub films: Vec<u32>,
    /// How many of the films were found by names; the others by what is told of them.
    pub by_names: usize,
    pub directors: Vec<u32>,
    /// Whether the first director is more like what was typed than the first film.
    pub director_first: bool,
    pub reading: Reading,
    pub marks: Marks,
}

impl Found {
    fn new(films: Vec<Rank>, directors: Vec<Rank>, reading: Reading, marks: Marks) -> Self {
        let first = |ranks: &[Rank]| ranks.first().map_or(u64::MAX, |rank| rank.unlikeness());
        let director_first = first(&directors) < first(&films);
        let numbers = |ranks: Vec<Rank>| ranks.into_iter().map(Rank::number).collect();
        Self {
            by_names: films.len(),
            films: numbers(films),
            directors: numbers(directors),
            director_first,
            reading,
            marks,
        }
    }
}

impl Search {
    /// Bytes held.
    pub fn size(&self) -> usize {
        let letters = [&self.title_letters, &self.original_letters, &self.director_letters];
        let letters: usize = letters.iter().map(|letters| letters.len()).sum();
        self.dictionary.size() + self.postings.len() + letters
    }

    /// What the query means. A query without words finds nothing.
    pub fn find(&self, query: &str, films: &impl Films) -> Found {
        let wanted = words::wanted(query);
        let is_year = |year| !films.of_year(year).is_empty();
        let mut meanings = Vec::new();
        for leniency in [Leniency::AsWritten, Leniency::UnknownWords, Leniency::EveryWord] {
            meanings = meaning::read(&self.dictionary, &wanted, leniency, is_year);
            let clues: Vec<Clue> = meanings.iter().map(|m| self.film_clue(m, films)).collect();
            let numbers = evidence::with_every(&clues);
            let found = self.ranked_films(&clues, numbers, films);
            let directors = self.ranked_directors(&meanings, films);
            if !found.is_empty() || !directors.is_empty() {
                let reading = match leniency {
                    Leniency::AsWritten => Reading::AsWritten,
                    Leniency::UnknownWords | Leniency::EveryWord => Reading::Corrected,
                };
                let marks = Marks::new(wanted, meanings);
                return Found::new(found, directors, reading, marks);
            }
        }
        let clues: Vec<Clue> = meanings.iter().map(|m| self.film_clue(m, films)).collect();
        let numbers = evidence::with_any(&clues, TELLING);
        let mut found = self.ranked_films(&clues, numbers, films);
        found.truncate(NEAREST);
        Found::new(found, Vec::new(), Reading::Nearest, Marks::new(wanted, meanings))
    }

    fn film_clue(&self, meaning: &Meaning, films: &impl Films) -> Clue {
        let mut evidence = Vec::new();
        for candidate in &meaning.candidates {
            self.speak_for_films(candidate, films, &mut evidence);
        }
        for pair in &meaning.pairs {
            let clues = pair.each_ref().map(|candidate| {
                let mut evidence = Vec::new();
                self.speak_for_films(candidate, films, &mut evidence);
                Clue::new(evidence, false)
            });
            let both = evidence::with_every(&clues);
            let sums = evidence::weigh(&clues, &both, self.title_letters.len());
            evidence.extend(both.into_iter().zip(sums).map(|(number, sum)| Evidence {
                number,
                strength: sum.strength,
                letters: sum.letters,
                original: sum.original,
            }));
        }
        if let Some(year) = meaning.year {
            let of_year = films.of_year(year).iter();
            evidence.extend(of_year.map(|film| Evidence::weak(*film, worth::YEAR)));
        }
        Clue::new(evidence, meaning.optional)
    }

    fn speak_for_films(
        &self,
        candidate: &Candidate,
        films: &impl Films,
        evidence: &mut Vec<Evidence>,
    ) {
        let Candidate { at, likeness, letters, .. } = *candidate;
        let letters = letters * likeness;
        for (field, number) in Postings::read(&self.postings[at..]) {
            match field {
                Field::Title => {
                    let strength = likeness * worth::TITLE;
                    evidence.push(Evidence { number, strength, letters, original: 0.0 });
                }
                Field::Original => {
                    let strength = likeness * worth::ORIGINAL;
                    evidence.push(Evidence { number, strength, letters: 0.0, original: letters });
                }
                Field::Director => {
                    let strength = likeness * worth::DIRECTOR;
                    let directed = films.by(number).iter();
                    evidence.extend(directed.map(|film| Evidence::weak(*film, strength)));
                }
                Field::Tag => {
                    let strength = likeness * worth::TAG;
                    let tagged = films.tagged(number);
                    evidence.extend(tagged.map(|film| Evidence::weak(film, strength)));
                }
            }
        }
    }

    /// Films whose titles the words fill come first, the newest of equals before the others.
    fn ranked_films(&self, clues: &[Clue], numbers: Vec<u32>, films: &impl Films) -> Vec<Rank> {
        let sums = evidence::weigh(clues, &numbers, self.title_letters.len());
        let key = |(film, sum): (u32, Sum)| {
            let title = share(sum.letters, self.title_letters[film as usize]);
            let original = share(sum.original, self.original_letters[film as usize]);
            let title = title.max(worth::ORIGINAL * original);
            Rank::new(sum.strength, title, films.newness(film), film)
        };
        sorted(numbers.into_iter().zip(sums).map(key))
    }

    /// Directors in whose names every word stands; those with more films before others.
    fn ranked_directors(&self, meanings: &[Meaning], films: &impl Films) -> Vec<Rank> {
        let clue = |meaning: &Meaning| {
            let mut evidence = Vec::new();
            for candidate in &meaning.candidates {
                let postings = Postings::read(&self.postings[candidate.at..]);
                evidence.extend(postings.filter(|(field, _)| *field == Field::Director).map(
                    |(_, number)| Evidence {
                        number,
                        strength: candidate.likeness,
                        letters: candidate.letters * candidate.likeness,
                        original: 0.0,
                    },
                ));
            }
            Clue::new(evidence, false)
        };
        let clues: Vec<Clue> = meanings.iter().map(clue).collect();
        let numbers = evidence::with_every(&clues);
        let sums = evidence::weigh(&clues, &numbers, self.director_letters.len());
        let key = |(director, sum): (u32, Sum)| {
            let name = share(sum.letters, self.director_letters[director as usize]);
            let films = u16::try_from(films.by(director).len()).unwrap_or(u16::MAX);
            Rank::new(sum.strength, name, films, director)
        };
        sorted(numbers.into_iter().zip(sums).map(key))
    }
}

/// How much of the name's letters the words account for, from 0 to 1.
fn share(letters: f32, of: u8) -> f32 {
    (letters / f32::from(of.max(1))).min(1.0)
}

/// A place in the order of what was found, as one number that sorts fast: by likeness in thousandths,
/// then the greater precedence first, then by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u64);

impl Rank {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    fn new(strength: f32, share: f32, precedence: u16, number: u32) -> Self {
        let likeness = (500.0 * (strength + share)) as u16;
        let behind = u64::from(u16::MAX - likeness) << 16 | u64::from(u16::MAX - precedence);
        Self(behind << 32 | u64::from(number))
    }

    /// Less is more like what was typed.
    fn unlikeness(self) -> u64 {
        self.0 >> 48
    }

    fn number(self) -> u32 {
        u32::try_from(self.0 & u64::from(u32::MAX)).expect("32 bits are left")
    }
}

fn sorted(ranks: impl Iterator<Item = Rank>) -> Vec<Rank> {
    let mut ranks: Vec<Rank> = ranks.collect();
    ranks.sort_unstable();
    ranks
}
