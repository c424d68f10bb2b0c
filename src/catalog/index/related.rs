//! The films that a film leads to: those that share the most with it, rare things first.

use std::borrow::Cow;

use roaring::RoaringBitmap;

use super::{Country, Document, Index};
use crate::catalog::tags::Tag;

/// A set up to this size is looked through film by film; a larger one is narrowed first.
const FEW: u64 = 2_000;

/// A film that shares something with one of those it was sought for.
#[derive(Debug)]
pub struct Related<'a> {
    /// Id of the film.
    pub id: i32,
    /// Id of the film it is related to.
    pub seed: i32,
    /// What they share, what says most first; never empty.
    pub shared: Vec<Shared<'a>>,
}

/// A fact that two films share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared<'a> {
    Tag(&'a Tag),
    /// Id of a director.
    Director(i32),
    /// The first year.
    Decade(i16),
    Country(&'a Country),
    /// An ISO 639 code.
    Language(&'a str),
}

/// A fact of a film, with all the films of which it is true.
struct Trait<'a> {
    shared: Shared<'a>,
    films: Cow<'a, RoaringBitmap>,
    weight: f64,
}

impl Index {
    /// At most `most` films related to the films `seeds`, the nearest to each in turn: none of
    /// them, none of `leave_out`, none twice. The same question has the same answer.
    pub fn related(&self, seeds: &[i32], leave_out: &[i32], most: usize) -> Vec<Related<'_>> {
        let ids = seeds.iter().chain(leave_out);
        let mut taken: RoaringBitmap = ids.filter_map(|&id| self.document(id)).collect();
        let seeds = seeds.iter().filter_map(|&seed| Some((seed, self.document(seed)?)));
        let mut queues: Vec<_> = seeds
            .map(|(seed, document)| {
                let traits = self.traits(document);
                let nearest = nearest(&traits, &taken, most);
                (seed, traits, nearest.into_iter())
            })
            .collect();
        let mut related = Vec::new();
        loop {
            let before = related.len();
            for (seed, traits, nearest) in &mut queues {
                let Some(film) = nearest.find(|&film| taken.insert(film)) else { continue };
                let shared = traits.iter().filter(|one| one.films.contains(film));
                related.push(Related {
                    id: self.ids[film as usize],
                    seed: *seed,
                    shared: shared.map(|one| one.shared).collect(),
                });
                if related.len() == most {
                    return related;
                }
            }
            if related.len() == before {
                return related;
            }
        }
    }

    /// What other films have, too; what says most first.
    fn traits<'a>(&'a self, film: Document) -> Vec<Trait<'a>> {
        let mut traits = Vec::new();
        let mut add = |shared, films: Cow<'a, RoaringBitmap>| {
            if films.len() > 1 {
                let weight = self.weight(shared, films.len());
                traits.push(Trait { shared, films, weight });
            }
        };
        for (tag, films) in self.tags.of(film) {
            add(Shared::Tag(tag), Cow::Borrowed(films));
        }
        for &place in self.directors.of.get(film) {
            let films = self.directors.films.get(place).iter().copied().collect();
            add(Shared::Director(self.directors.ids[place as usize]), Cow::Owned(films));
        }
        for (decade, films) in self.decades.of(film) {
            add(Shared::Decade(*decade), Cow::Borrowed(films));
        }
        for (country, films) in self.countries.of(film) {
            add(Shared::Country(country), Cow::Borrowed(films));
        }
        for (language, films) in self.languages.of(film) {
            add(Shared::Language(language), Cow::Borrowed(films));
        }
        traits.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        traits
    }

    /// What few films have says more of them. What a film is about says more than where and when
    /// it was made, and the language mostly repeats the country.
    fn weight(&self, shared: Shared<'_>, films: u64) -> f64 {
        let telling = match shared {
            Shared::Tag(_) | Shared::Director(_) => 1.0,
            Shared::Decade(_) | Shared::Country(_) => 0.4,
            Shared::Language(_) => 0.2,
        };
        telling * (1.0 + self.all.len() as f64 / films as f64).ln()
    }
}

/// The films with the greatest weight of traits; those of equal weight by title.
fn nearest(traits: &[Trait<'_>], leave_out: &RoaringBitmap, most: usize) -> Vec<Document> {
    let mut looked_at = leave_out.clone();
    let mut nearest: Vec<(f64, Document)> = Vec::new();
    for at in 0..traits.len() {
        // A film without the traits so far has at most all the others.
        let others: f64 = traits[at..].iter().map(|one| one.weight).sum();
        if nearest.len() == most && nearest.last().is_some_and(|(last, _)| *last > others) {
            break;
        }
        let new = &*narrowed(traits, at, leave_out, most as u64) - &looked_at;
        nearest.extend(weighed(traits, &new));
        nearest.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        nearest.truncate(most);
        looked_at |= new;
    }
    nearest.into_iter().map(|(_, film)| film).collect()
}

/// Each of the films with the weight of all its traits.
fn weighed(traits: &[Trait<'_>], films: &RoaringBitmap) -> Vec<(f64, Document)> {
    let mut weighed: Vec<(f64, Document)> = films.iter().map(|film| (0.0, film)).collect();
    for one in traits {
        let mut rest = weighed.iter_mut();
        // Both are in ascending order.
        for film in &(&*one.films & films) {
            if let Some((weight, _)) = rest.find(|(_, other)| *other == film) {
                *weight += one.weight;
            }
        }
    }
    weighed
}

/// The films of one trait; of very many, those that have other traits too: as many of these, in
/// order of their weight, as leave `most` films that are not to be left out.
fn narrowed<'a>(
    traits: &'a [Trait<'_>],
    at: usize,
    leave_out: &RoaringBitmap,
    most: u64,
) -> Cow<'a, RoaringBitmap> {
    let mut films = Cow::Borrowed(&*traits[at].films);
    for other in traits[..at].iter().chain(&traits[at + 1..]) {
        if films.len() <= FEW {
            break;
        }
        let both = &*films & &*other.films;
        if both.len() - both.intersection_len(leave_out) >= most {
            films = Cow::Owned(both);
        }
    }
    films
}
