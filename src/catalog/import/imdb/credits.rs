//! Credits of films as numbers, and the names of the credited people.

use super::super::diagnostics::Diagnostics;
use super::super::input::Opened;
use super::tsv::{Tsv, number};

/// Credits, each in one number that sorts by film and position: eight bytes for each of millions.
#[derive(Default)]
pub struct Credits(Vec<u64>);

/// Characters of credits, in one text.
#[derive(Default)]
pub struct Characters {
    /// Film and position in one number, and the start of the characters in the text.
    starts: Vec<(u64, u32)>,
    /// Each ends with a line break.
    text: String,
}

/// Bits of a film, of a position in its credits, and of a person's number, which has eight digits at most.
const FILM: u32 = 25;
const POSITION: u32 = 12;
const PERSON: u32 = 27;

impl Credits {
    /// Adds a credit; returns whether its numbers fit.
    pub fn add(&mut self, film: u32, position: u16, person: u32) -> bool {
        let fits = film < 1 << FILM && position < 1 << POSITION && person < 1 << PERSON;
        if fits {
            self.0.push(key(film, position) << PERSON | u64::from(person));
        }
        fits
    }

    /// Must be called when all are added.
    pub fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.shrink_to_fit();
    }

    /// Returns the people of one film with their positions, in order.
    pub fn of(&self, film: u32) -> impl Iterator<Item = (u16, u32)> {
        let of = |credit: &u64| credit >> (POSITION + PERSON);
        let film = u64::from(film);
        let first = self.0.partition_point(|credit| of(credit) < film);
        let credits = self.0[first..].iter().take_while(move |credit| of(credit) == film);
        credits.map(|credit| {
            let position = ((credit >> PERSON) & ((1 << POSITION) - 1)) as u16;
            (position, person(credit))
        })
    }

    fn people(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(person)
    }
}

fn person(credit: &u64) -> u32 {
    (credit & ((1 << PERSON) - 1)) as u32
}

impl Characters {
    /// Adds the characters of a credit, as title.principals has them: a JSON array of texts. Returns
    /// whether they are that.
    pub fn add(&mut self, film: u32, position: u16, characters: &str) -> bool {
        let Ok(names) = serde_json::from_str::<Vec<String>>(characters) else { return false };
        if let Ok(start) = u32::try_from(self.text.len()) {
            self.starts.push((key(film, position), start));
            self.text.extend(names.join(" / ").chars().filter(|letter| *letter != '\n'));
            self.text.push('\n');
        }
        true
    }

    /// Must be called when all are added.
    pub fn sort(&mut self) {
        self.starts.sort_unstable();
        self.starts.shrink_to_fit();
    }

    pub fn get(&self, film: u32, position: u16) -> Option<&str> {
        let key = key(film, position);
        let at = self.starts.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.text[self.starts[at].1 as usize..].split('\n').next()
    }
}

fn key(film: u32, position: u16) -> u64 {
    u64::from(film) << POSITION | u64::from(position)
}

/// Names of people by their numbers.
pub struct Names {
    /// The credited people, in order.
    people: Vec<u32>,
    /// Start and length of each name in the text; no name is empty.
    spans: Vec<(u32, u16)>,
    text: String,
}

impl Names {
    pub fn of(credits: &[&Credits]) -> Self {
        let mut people: Vec<u32> = credits.iter().flat_map(|credits| credits.people()).collect();
        people.sort_unstable();
        people.dedup();
        people.shrink_to_fit();
        let spans = vec![(0, 0); people.len()];
        Self { people, spans, text: String::new() }
    }

    pub fn read(&mut self, file: Opened, diagnostics: &mut Diagnostics) -> anyhow::Result<()> {
        let mut tsv = Tsv::new(file, &["nconst", "primaryName"])?;
        while let Some(([person, name], location)) = tsv.next(diagnostics)? {
            let Some(at) =
                number(person).and_then(|person| self.people.binary_search(&person).ok())
            else {
                continue;
            };
            let start = u32::try_from(self.text.len());
            let length = u16::try_from(name.len());
            if let (Ok(start), Ok(length)) = (start, length) {
                self.spans[at] = (start, length);
                self.text.push_str(name);
            } else {
                diagnostics.fix(location, "a name that is too long", "the name is too long");
            }
        }
        Ok(())
    }

    pub fn get(&self, person: u32) -> Option<&str> {
        let (start, length) = self.spans[self.people.binary_search(&person).ok()?];
        let name = &self.text[start as usize..][..length.into()];
        (!name.is_empty()).then_some(name)
    }
}
