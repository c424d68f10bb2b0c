//! Who is credited for which film, as numbers, and the names of those people alone.

use super::super::bytes::Opened;
use super::super::report::Notes;
use super::tsv::{Tsv, number};

/// Film, place in its credits, person.
#[derive(Default)]
pub struct Credits(Vec<(u32, u16, u32)>);

impl Credits {
    pub fn add(&mut self, film: u32, order: u16, person: u32) {
        self.0.push((film, order, person));
    }

    /// To be called when all are added.
    pub fn sort(&mut self) {
        self.0.sort_unstable();
    }

    /// Those of one film, in order.
    pub fn of(&self, film: u32) -> impl Iterator<Item = u32> {
        let first = self.0.partition_point(|(of, ..)| *of < film);
        self.0[first..].iter().take_while(move |(of, ..)| *of == film).map(|(.., person)| *person)
    }
}

/// Names by number.
pub struct Names {
    /// Whose names are wanted, in order.
    people: Vec<u32>,
    /// Of each of them, start and length in the text; nobody's name is empty.
    spans: Vec<(u32, u16)>,
    text: String,
}

impl Names {
    pub fn wanted(credits: &[&Credits]) -> Self {
        let mut people: Vec<u32> =
            credits.iter().flat_map(|credits| &credits.0).map(|(.., person)| *person).collect();
        people.sort_unstable();
        people.dedup();
        people.shrink_to_fit();
        let spans = vec![(0, 0); people.len()];
        Self { people, spans, text: String::new() }
    }

    pub fn read(&mut self, file: Opened, notes: &mut Notes) -> anyhow::Result<()> {
        let mut tsv = Tsv::new(file, &["nconst", "primaryName"])?;
        while let Some(([person, name], place)) = tsv.next(notes)? {
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
                notes.mend(place, "a name too long", "the name is too long");
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
