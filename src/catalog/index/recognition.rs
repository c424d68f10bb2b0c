//! Recognizes values of dimensions in the words of a search: "french comedy 1960s".

use super::{Document, Filter, Index};
use crate::catalog::countries;
use crate::catalog::dimension::{DimensionId, Value, ValueRef};
use crate::catalog::fold::fold;
use crate::catalog::search::SearchResults;
use crate::catalog::sort::Direction;

/// Maximum number of words in the name of a value.
const MAX_PHRASE: usize = 3;

/// Words that carry no meaning beside the name of a value.
const FILLERS: [&str; 10] =
    ["film", "films", "movie", "movies", "from", "in", "by", "with", "the", "of"];

/// The values that a search names, and its other words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recognition {
    pub facets: Vec<RecognizedFacet>,
    /// The words that name no value.
    pub rest: String,
}

/// A value that a search names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognizedFacet {
    pub dimension: DimensionId,
    pub position: u32,
    /// The search without the name of the value.
    pub without: String,
}

impl Recognition {
    /// Returns the filter by all recognized values.
    pub fn filter(&self) -> Filter {
        let facets = self.facets.iter();
        facets.fold(Filter::default(), |filter, facet| {
            filter.and(facet.dimension, ValueRef::Position(facet.position))
        })
    }
}

impl Index {
    /// Recognizes tags, decades, countries, languages and short movies, by name or adjective.
    pub fn recognize(&self, search: &str) -> Recognition {
        let folded = fold(search);
        let words: Vec<&str> = folded.split(' ').collect();
        let mut found = Vec::new();
        let mut rest = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let lengths = (1..=MAX_PHRASE.min(words.len() - at)).rev();
            let value = lengths.map(|length| at..at + length).find_map(|range| {
                let (dimension, position) = self.named(&words[range.clone()].join(" "))?;
                Some((dimension, position, range))
            });
            match value {
                Some((dimension, position, range)) => {
                    at = range.end;
                    found.push((dimension, position, range));
                }
                None => {
                    rest.push(words[at]);
                    at += 1;
                }
            }
        }
        rest.retain(|word| !FILLERS.contains(word));
        let facet = |(dimension, position, range): (_, _, std::ops::Range<usize>)| {
            let others = [&words[..range.start], &words[range.end..]].concat();
            RecognizedFacet { dimension, position, without: others.join(" ") }
        };
        Recognition { facets: found.into_iter().map(facet).collect(), rest: rest.join(" ") }
    }

    /// Returns the value with this folded name.
    fn named(&self, name: &str) -> Option<(DimensionId, u32)> {
        let singular = match name.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => name.strip_suffix('s').unwrap_or(name).to_owned(),
        };
        let tag = |tag: &Value| {
            let label = fold(&tag.label);
            label == name || label == singular
        };
        if let Some(position) = self.position_where(DimensionId::Tag, tag) {
            return Some((DimensionId::Tag, position));
        }
        if name.len() == 5 && name.ends_with("0s") {
            let decade = self.find(DimensionId::Decade, name);
            return decade.map(|(position, _)| (DimensionId::Decade, position));
        }
        let country = countries::of_adjective(name).map_or_else(|| name.to_owned(), fold);
        if let Some(position) =
            self.position_where(DimensionId::Country, |one| fold(&one.label) == country)
        {
            return Some((DimensionId::Country, position));
        }
        if let Some(position) =
            self.position_where(DimensionId::Language, |one| fold(&one.label) == name)
        {
            return Some((DimensionId::Language, position));
        }
        let short = self.find(DimensionId::RunningTime, "under-40").filter(|_| singular == "short");
        short.map(|(position, _)| (DimensionId::RunningTime, position))
    }

    fn position_where(
        &self,
        dimension: DimensionId,
        matches: impl Fn(&Value) -> bool,
    ) -> Option<u32> {
        let mut values = (0..).zip(&self.values(dimension).0);
        let known = values.find(|(_, (value, movies))| !movies.is_empty() && matches(value));
        known.map(|(position, _)| position)
    }

    /// Removes the movies that do not meet a filter from search results.
    pub fn restrict(&self, results: &mut SearchResults, filter: &Filter) {
        let set = self.matching(filter, None);
        let is_member = |movie: &Document| set.contains(*movie);
        let names = &results.movies[..results.name_matches.min(results.movies.len())];
        results.name_matches = names.iter().filter(|movie| is_member(movie)).count();
        results.movies.retain(is_member);
    }

    /// Returns the movies that meet a filter, newest first.
    pub fn newest(&self, filter: &Filter) -> Vec<Document> {
        let set = self.matching(filter, None);
        self.years.page(&set, Direction::Descending, 0..self.len())
    }
}
