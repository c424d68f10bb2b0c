//! The facts of every film in memory: what a list holds, counts and orders is answered from here
//! without a statement, and costs the same on its first page as on its last.
//!
//! A film is a *document*: a number from 0 in order of title, so that a set of documents is in that
//! order by itself. An [`Index`] never changes; [`Catalog`] puts a new one in its place.

mod delta;
mod directors;
mod facets;
mod filter;
mod live;
mod load;
mod neighbours;
mod order;
mod places;
mod related;
mod rows;
mod search;
mod select;
mod value_sets;

use roaring::RoaringBitmap;

pub use self::delta::delta;
use self::directors::Directors;
pub use self::directors::{DirectorList, FoundDirector};
pub use self::facets::{Dimension, Facet, Value};
pub use self::filter::{Filter, Length, decade};
pub use self::live::Catalog;
pub use self::load::{load, version};
use self::order::Order;
pub use self::related::{Related, Shared};
use self::rows::MovieColumns;
pub use self::select::Selection;
use super::languages;
use super::search::Search;
use super::tags::Tag;

/// The number of a film in this index: its place by title.
type Document = u32;

/// A country of origin; the slug stands in addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    pub slug: String,
    pub name: String,
}

/// The whole catalogue at one moment.
#[derive(PartialEq)]
pub struct Index {
    version: i64,
    /// Film of each document.
    ids: Vec<i32>,
    /// Documents in order of film id.
    by_id: Vec<Document>,
    all: RoaringBitmap,
    /// Those that have a synopsis.
    has_synopsis: RoaringBitmap,
    years: Order,
    runtimes: Order,
    /// By slug.
    tags: Values<Tag>,
    /// First years, ascending.
    decades: Values<i16>,
    /// By name.
    countries: Values<Country>,
    /// ISO 639 codes, by English name.
    languages: Values<String>,
    /// Ascending.
    lengths: Values<Length>,
    directors: Directors,
    /// Movies are numbered there as here; directors and tags by their place.
    words: Search,
}

/// The values of one fact, in their order, with the documents that have each.
#[derive(PartialEq)]
struct Values<T>(Vec<(T, RoaringBitmap)>);

impl Index {
    fn new(
        version: i64,
        movies: MovieColumns,
        by_id: Vec<Document>,
        tags: Values<Tag>,
        directors: Directors,
        words: Search,
    ) -> Self {
        let (years, runtimes) = (Order::new(&movies.years), Order::new(&movies.runtimes));
        Self {
            version,
            all: (0..number(movies.ids.len())).collect(),
            has_synopsis: movies.has_synopsis,
            decades: years.classes(decade),
            lengths: runtimes.classes(Length::of),
            years,
            runtimes,
            tags,
            countries: movies.countries.sorted_by_key(|country| country.name.clone()),
            languages: movies.languages.sorted_by_key(|code| (languages::name(code), code.clone())),
            directors,
            words,
            ids: movies.ids,
            by_id,
        }
    }

    /// The catalogue version that this is the picture of; greater is newer.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many films there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ids of the films, by title.
    pub fn ids(&self) -> impl Iterator<Item = i32> {
        self.ids.iter().copied()
    }

    /// Every tag that has films, with how many; by slug.
    pub fn tags(&self) -> impl Iterator<Item = (&Tag, i64)> {
        self.counts(&self.tags, &self.all).into_iter()
    }

    /// Id of the `nth` film that has a synopsis, in order of title, counted round and round.
    pub fn nth_with_synopsis(&self, nth: u32) -> Option<i32> {
        self::nth(&self.has_synopsis, nth).map(|document| self.ids[document as usize])
    }

    /// The tag of that slug.
    pub fn tag(&self, slug: &str) -> Option<&Tag> {
        let found = self.tags.0.binary_search_by(|(tag, _)| tag.slug.as_str().cmp(slug));
        found.ok().map(|at| &self.tags.0[at].0)
    }

    /// The country of that slug, if any film is from there.
    pub fn country(&self, slug: &str) -> Option<&Country> {
        self.countries.labels().find(|country| country.slug == slug)
    }

    /// The ISO 639 code, if any film is in that language.
    pub fn language(&self, code: &str) -> Option<&str> {
        self.languages.labels().find(|language| *language == code).map(String::as_str)
    }

    /// The decade that begins with this year, if any film is of it.
    pub fn decade(&self, first: i16) -> Option<i16> {
        self.decades.labels().find(|decade| **decade == first).copied()
    }

    /// Whether the set holds every film.
    fn is_whole(&self, set: &RoaringBitmap) -> bool {
        set.len() == self.all.len()
    }

    /// Where the film stands by title.
    fn document(&self, id: i32) -> Option<Document> {
        place(&self.ids, &self.by_id, id)
    }
}

/// Where `id` stands in `ids`, whose places in order of id are `by_id`.
fn place(ids: &[i32], by_id: &[u32], id: i32) -> Option<u32> {
    let at = by_id.binary_search_by_key(&id, |&place| ids[place as usize]);
    at.ok().map(|at| by_id[at])
}

/// The places in `ids` in order of id, from places that are in this order but for a few.
fn places_by_id(ids: &[i32], nearly: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut places: Vec<u32> = nearly.into_iter().collect();
    places.sort_by_key(|&place| ids[place as usize]);
    places
}

/// Rows are numbered with 32 bits: their ids have no more.
fn number(rows: usize) -> u32 {
    u32::try_from(rows).expect("ids of 32 bits are unique")
}

/// The `nth` of the set, counted round and round.
fn nth(set: &RoaringBitmap, nth: u32) -> Option<u32> {
    let size = u32::try_from(set.len()).ok().filter(|size| *size > 0)?;
    set.select(nth % size)
}

impl<T> Values<T> {
    fn labels(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(label, _)| label)
    }

    /// The values of one document, with all that have each.
    fn of(&self, document: Document) -> impl Iterator<Item = &(T, RoaringBitmap)> {
        self.0.iter().filter(move |(_, documents)| documents.contains(document))
    }

    /// The documents that have the value which `is` knows.
    fn having(&self, is: impl Fn(&T) -> bool) -> Option<&RoaringBitmap> {
        self.0.iter().find(|(label, _)| is(label)).map(|(_, documents)| documents)
    }
}
