//! Related movies: those that share the most facts with a movie, rare facts first.

use std::borrow::Cow;

use roaring::RoaringBitmap;

use super::{Document, Index};
use crate::catalog::dimension::{DimensionId, Value};

/// Larger sets of movies are narrowed by another fact before they are scored one by one.
const MAX_SCORED: u64 = 2_000;

/// A movie that shares facts with another one.
#[derive(Debug)]
pub struct Related<'a> {
    /// Id of the movie.
    pub id: i32,
    /// Id of the movie to which it is related.
    pub seed: i32,
    /// The common facts, the most significant first; never empty.
    pub shared: Vec<SharedFact<'a>>,
}

/// A fact that two movies have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedFact<'a> {
    Value(DimensionId, &'a Value),
    /// A person, by id.
    Person(DimensionId, i32),
}

impl SharedFact<'_> {
    /// Returns the dimension of the fact.
    pub fn dimension(&self) -> DimensionId {
        match self {
            Self::Value(dimension, _) | Self::Person(dimension, _) => *dimension,
        }
    }
}

/// A fact of a movie, with all movies that share it.
struct Fact<'a> {
    shared: SharedFact<'a>,
    movies: Cow<'a, RoaringBitmap>,
    weight: f64,
}

impl Index {
    /// Returns at most `max` movies related to `seeds`, the closest to each seed in turn. Seeds and
    /// the movies of `excluded` are not among them. The result is deterministic.
    pub fn related(&self, seeds: &[i32], excluded: &[i32], max: usize) -> Vec<Related<'_>> {
        let ids = seeds.iter().chain(excluded);
        let mut taken: RoaringBitmap = ids.filter_map(|&id| self.document(id)).collect();
        let seeds = seeds.iter().filter_map(|&seed| Some((seed, self.document(seed)?)));
        let mut queues: Vec<_> = seeds
            .map(|(seed, document)| {
                let facts = self.facts(document);
                let closest = closest(&facts, &taken, max);
                (seed, facts, closest.into_iter())
            })
            .collect();
        let mut related = Vec::new();
        loop {
            let before = related.len();
            for (seed, facts, closest) in &mut queues {
                let Some(movie) = closest.find(|&movie| taken.insert(movie)) else { continue };
                let shared = facts.iter().filter(|one| one.movies.contains(movie));
                related.push(Related {
                    id: self.ids[movie as usize],
                    seed: *seed,
                    shared: shared.map(|one| one.shared).collect(),
                });
                if related.len() == max {
                    return related;
                }
            }
            if related.len() == before {
                return related;
            }
        }
    }

    /// Returns the facts that other movies share, by descending weight.
    fn facts<'a>(&'a self, movie: Document) -> Vec<Fact<'a>> {
        let mut facts = Vec::new();
        for dimension in DimensionId::ALL {
            let relatedness = dimension.relatedness();
            if relatedness == 0.0 {
                continue;
            }
            let mut add = |shared: SharedFact<'a>, movies: Cow<'a, RoaringBitmap>| {
                if movies.len() > 1 {
                    // The inverse document frequency: rare facts weigh more.
                    let rarity = (1.0 + self.all.len() as f64 / movies.len() as f64).ln();
                    facts.push(Fact { shared, movies, weight: relatedness * rarity });
                }
            };
            if let Some(role) = dimension.role() {
                let credits = self.people.credits(role);
                for &at in credits.of.get(movie) {
                    let movies = credits.movies.get(at).iter().copied().collect();
                    add(SharedFact::Person(dimension, self.people.id(at)), Cow::Owned(movies));
                }
            }
            let values = self.values(dimension);
            for (at, movies) in values.of(movie) {
                add(SharedFact::Value(dimension, values.get(at)), Cow::Borrowed(movies));
            }
        }
        facts.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        facts
    }
}

/// Returns the movies with the greatest total weight of common facts; ties in order of title.
fn closest(facts: &[Fact<'_>], excluded: &RoaringBitmap, max: usize) -> Vec<Document> {
    let mut seen = excluded.clone();
    let mut closest: Vec<(f64, Document)> = Vec::new();
    for at in 0..facts.len() {
        // The greatest possible weight of a movie without the facts so far.
        let rest: f64 = facts[at..].iter().map(|one| one.weight).sum();
        if closest.len() == max && closest.last().is_some_and(|(last, _)| *last > rest) {
            break;
        }
        let new = &*narrowed(facts, at, excluded, max as u64) - &seen;
        closest.extend(weights(facts, &new));
        closest.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        closest.truncate(max);
        seen |= new;
    }
    closest.into_iter().map(|(_, movie)| movie).collect()
}

/// Returns each of the movies with the total weight of its facts.
fn weights(facts: &[Fact<'_>], movies: &RoaringBitmap) -> Vec<(f64, Document)> {
    let mut weights: Vec<(f64, Document)> = movies.iter().map(|movie| (0.0, movie)).collect();
    for one in facts {
        let mut rest = weights.iter_mut();
        // Both are ascending.
        for movie in &(&*one.movies & movies) {
            if let Some((weight, _)) = rest.find(|(_, other)| *other == movie) {
                *weight += one.weight;
            }
        }
    }
    weights
}

/// Returns the movies of one fact. A large set is intersected with those of further facts, in order
/// of weight, as long as that leaves at least `min` movies which are not excluded.
fn narrowed<'a>(
    facts: &'a [Fact<'_>],
    at: usize,
    excluded: &RoaringBitmap,
    min: u64,
) -> Cow<'a, RoaringBitmap> {
    let mut movies = Cow::Borrowed(&*facts[at].movies);
    for other in facts[..at].iter().chain(&facts[at + 1..]) {
        if movies.len() <= MAX_SCORED {
            break;
        }
        let both = &*movies & &*other.movies;
        if both.len() - both.intersection_len(excluded) >= min {
            movies = Cow::Owned(both);
        }
    }
    movies
}
