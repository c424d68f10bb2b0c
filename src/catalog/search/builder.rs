//! Builds a [`Search`] from all names, or from an earlier one and the changed names.

use std::collections::HashMap;

use super::Search;
use super::dictionary;
use super::postings::{self, Field, Postings};
use super::words;
use crate::catalog::adjacency::Adjacency;
use crate::catalog::id_remap::IdRemap;

/// Collects names. Movies, people and tags are numbered in the order in which they are added.
#[derive(Default)]
pub struct Builder {
    words: HashMap<Box<str>, u32>,
    /// Pairs of a word and a posting in the form of [`postings::pack`].
    postings: Vec<(u32, u32)>,
    title_letters: Vec<u8>,
    original_letters: Vec<u8>,
    person_letters: Vec<u8>,
    tags: u32,
}

/// The changes of movie, person and tag numbers between two indexes.
pub struct NumberRemaps<'a> {
    pub movies: &'a IdRemap,
    pub people: &'a IdRemap,
    pub tags: &'a IdRemap,
}

impl Builder {
    /// Adds the titles of the next movie.
    pub fn movie(&mut self, title: &str, original_title: Option<&str>) {
        let movie = number(&self.title_letters);
        let letters = self.name(Field::Title, movie, title);
        self.title_letters.push(letters);
        let letters = original_title.map_or(0, |title| self.name(Field::Original, movie, title));
        self.original_letters.push(letters);
    }

    /// Adds the name of the next person.
    pub fn person(&mut self, name: &str) {
        let letters = self.name(Field::Person, number(&self.person_letters), name);
        self.person_letters.push(letters);
    }

    /// Adds the name of the next tag.
    pub fn tag(&mut self, name: &str) {
        self.name(Field::Tag, self.tags, name);
        self.tags += 1;
    }

    /// Adds a name and returns its number of letters, capped at 255.
    fn name(&mut self, field: Field, number: u32, name: &str) -> u8 {
        let packed = postings::pack(field, number);
        let letters = words::of_name(name, |word| {
            let next = u32::try_from(self.words.len()).expect("fewer words than letters");
            let word = match self.words.get(word) {
                Some(known) => *known,
                None => *self.words.entry(word.into()).or_insert(next),
            };
            self.postings.push((word, packed));
        });
        u8::try_from(letters).unwrap_or(u8::MAX)
    }

    /// Builds a search from the added names.
    pub fn finish(self) -> Search {
        let movies = &IdRemap::from_empty(number(&self.title_letters));
        let people = &IdRemap::from_empty(number(&self.person_letters));
        let tags = &IdRemap::from_empty(self.tags);
        self.finish_onto(&Search::default(), &NumberRemaps { movies, people, tags })
    }

    /// Builds a search from the kept names of `old` and the added names.
    pub fn finish_onto(self, old: &Search, numbers: &NumberRemaps<'_>) -> Search {
        let Self { words, postings, title_letters, original_letters, person_letters, .. } = self;
        let lists = Adjacency::new(words.len(), postings.iter().copied());
        drop(postings);
        let mut words: Vec<(Box<str>, u32)> = words.into_iter().collect();
        words.sort_unstable();
        let mut words = words.into_iter().peekable();

        let (mut dictionary, mut bytes) = (dictionary::DictionaryBuilder::default(), Vec::new());
        let mut list = Vec::new();
        // `known` is the offset of the word's old postings, `added` its number in this builder.
        let mut write = |word: &[u8], known: Option<usize>, added: Option<u32>| {
            let known = known.map(|at| numbers.kept(Postings::read(&old.postings[at..])));
            let added = added.map(|word| numbers.added(lists.get(word)));
            list.clear();
            list.extend(known.into_iter().flatten().chain(added.into_iter().flatten()));
            list.sort_unstable();
            list.dedup();
            if !list.is_empty() {
                dictionary.add(word, bytes.len());
                postings::write(&list, &mut bytes);
            }
        };
        let mut known = old.dictionary.words();
        while let Some((word, at)) = known.next() {
            while let Some((new, added)) = words.next_if(|(new, _)| new.as_bytes() < word) {
                write(new.as_bytes(), None, Some(added));
            }
            let added = words.next_if(|(new, _)| new.as_bytes() == word);
            write(word, Some(at), added.map(|(_, added)| added));
        }
        for (new, added) in words {
            write(new.as_bytes(), None, Some(added));
        }
        bytes.shrink_to_fit();
        let merge = |numbers: &IdRemap, old: &[u8], added: Vec<u8>| {
            numbers.merge(old.iter().copied(), added)
        };
        Search {
            dictionary: dictionary.finish(),
            postings: bytes,
            title_letters: merge(numbers.movies, &old.title_letters, title_letters),
            original_letters: merge(numbers.movies, &old.original_letters, original_letters),
            person_letters: merge(numbers.people, &old.person_letters, person_letters),
        }
    }
}

fn number(letters: &[u8]) -> u32 {
    u32::try_from(letters.len()).expect("fewer than 2^32 names")
}

impl NumberRemaps<'_> {
    fn of(&self, field: Field) -> &IdRemap {
        match field {
            Field::Title | Field::Original => self.movies,
            Field::Person => self.people,
            Field::Tag => self.tags,
        }
    }

    fn kept(&self, postings: Postings<'_>) -> impl Iterator<Item = u32> {
        postings
            .filter_map(|(field, number)| Some(postings::pack(field, self.of(field).kept(number)?)))
    }

    fn added(&self, packed: &[u32]) -> impl Iterator<Item = u32> {
        packed.iter().map(|packed| {
            let (field, number) = postings::unpack(*packed);
            postings::pack(field, self.of(field).added()[number as usize])
        })
    }
}
