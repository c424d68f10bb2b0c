//! A [`Search`] from the names of the catalogue.

use std::collections::HashMap;

use super::Search;
use super::dictionary::Dictionary;
use super::postings::{self, Field};
use super::words;

/// Takes films in ascending order of number, then directors and tags in any order.
#[derive(Default)]
pub struct Builder {
    words: HashMap<Box<str>, u32>,
    /// Of each word, as [`postings::pack`] packs them.
    postings: Vec<(u32, u32)>,
    title_letters: Vec<u8>,
    original_letters: Vec<u8>,
    director_letters: Vec<u8>,
}

impl Builder {
    pub fn film(&mut self, title: &str, original_title: Option<&str>) {
        let film = u32::try_from(self.title_letters.len()).expect("films are numbered in 32 bits");
        let letters = self.name(Field::Title, film, title);
        self.title_letters.push(letters);
        let letters = original_title.map_or(0, |title| self.name(Field::Original, film, title));
        self.original_letters.push(letters);
    }

    /// The next director: they are numbered as they come.
    pub fn director(&mut self, name: &str) {
        let number = u32::try_from(self.director_letters.len()).expect("as for films");
        let letters = self.name(Field::Director, number, name);
        self.director_letters.push(letters);
    }

    pub fn tag(&mut self, number: u32, name: &str) {
        self.name(Field::Tag, number, name);
    }

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

    pub fn finish(self) -> Search {
        let Self { words, postings, title_letters, original_letters, director_letters } = self;
        let lists = Lists::new(words.len(), postings);
        let mut words: Vec<(Box<str>, u32)> = words.into_iter().collect();
        words.sort_unstable();
        let mut bytes = Vec::with_capacity(lists.packed.len() * 2);
        let mut list = Vec::new();
        let mut places = Vec::with_capacity(words.len());
        for (_, word) in &words {
            list.clear();
            list.extend_from_slice(lists.of(*word));
            list.sort_unstable();
            list.dedup();
            places.push(bytes.len());
            postings::write(&list, &mut bytes);
        }
        bytes.shrink_to_fit();
        let words = words.iter().map(|(word, _)| &**word);
        Search {
            dictionary: Dictionary::new(words.zip(places)),
            postings: bytes,
            title_letters,
            original_letters,
            director_letters,
        }
    }
}

/// The postings of each word side by side.
struct Lists {
    starts: Vec<u32>,
    packed: Vec<u32>,
}

impl Lists {
    fn new(words: usize, postings: Vec<(u32, u32)>) -> Self {
        let mut starts = vec![0; words + 1];
        for (word, _) in &postings {
            starts[*word as usize + 1] += 1;
        }
        for word in 0..words {
            starts[word + 1] += starts[word];
        }
        let mut next = starts.clone();
        let mut packed = vec![0; postings.len()];
        for (word, posting) in postings {
            let at = &mut next[word as usize];
            packed[*at as usize] = posting;
            *at += 1;
        }
        Self { starts, packed }
    }

    fn of(&self, word: u32) -> &[u32] {
        let (from, to) = (self.starts[word as usize], self.starts[word as usize + 1]);
        &self.packed[from as usize..to as usize]
    }
}
