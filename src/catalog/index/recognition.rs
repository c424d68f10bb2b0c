//! Recognizes values of dimensions in the words of a search: "french comedy 1960s".

use std::collections::HashMap;

use super::{Document, Filter, Index, Values};
use crate::catalog::countries;
use crate::catalog::dimension::{DimensionId, ValueRef};
use crate::catalog::fold::fold;
use crate::catalog::search::SearchResults;
use crate::catalog::sort::Direction;

/// Maximum number of words in the name of a value.
const MAX_PHRASE: usize = 3;

/// Words that carry no meaning beside the names of values and people.
const FILLERS: [&str; 21] = [
    "a",
    "about",
    "an",
    "and",
    "by",
    "directed",
    "featuring",
    "film",
    "films",
    "from",
    "in",
    "movie",
    "movies",
    "of",
    "picture",
    "pictures",
    "set",
    "starring",
    "the",
    "to",
    "with",
];

/// Other names of tags: the first tag that the catalog has is meant.
const OTHER_NAMES: [(&str, &[&str]); 22] = [
    ("animation", &["animated", "anime"]),
    ("animated", &["animation"]),
    ("bio", &["biographical", "biography"]),
    ("biography", &["biographical"]),
    ("biopic", &["biographical", "biography"]),
    ("cartoon", &["animated", "animation"]),
    ("dark comedy", &["black comedy"]),
    ("docu", &["documentary"]),
    ("film noir", &["noir"]),
    ("gay", &["lgbtq", "lgbt related"]),
    ("historical", &["history"]),
    ("history", &["historical"]),
    ("kung fu", &["martial arts"]),
    ("love", &["romance"]),
    ("murder mystery", &["mystery"]),
    ("noir", &["film noir"]),
    ("rom com", &["romantic comedy"]),
    ("romantic", &["romance"]),
    ("romcom", &["romantic comedy"]),
    ("sci fi", &["science fiction"]),
    ("scifi", &["science fiction"]),
    ("scary", &["horror"]),
];

/// Names of decades of the twentieth century.
const DECADES: [(&str, &str); 8] = [
    ("twenties", "1920s"),
    ("thirties", "1930s"),
    ("forties", "1940s"),
    ("fifties", "1950s"),
    ("sixties", "1960s"),
    ("seventies", "1970s"),
    ("eighties", "1980s"),
    ("nineties", "1990s"),
];

/// The values that a search can name, by their folded names.
#[derive(Default, PartialEq)]
pub struct ValueNames(HashMap<Box<str>, (DimensionId, u32)>);

/// The values that a search names, and its other words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recognition {
    pub facets: Vec<RecognizedFacet>,
    /// The words that name no value.
    pub rest: String,
    /// Whether words were left out that carry no meaning.
    pub has_fillers: bool,
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

impl ValueNames {
    /// Collects the names of the values that movies have. A tag comes before a country, and a country
    /// before a language of the same name.
    pub(super) fn new(values: &[Values]) -> Self {
        let mut names = HashMap::new();
        for dimension in [DimensionId::Tag, DimensionId::Country, DimensionId::Language] {
            let used = (0..).zip(&values[dimension as usize].0);
            for (position, (value, _)) in used.filter(|(_, (_, movies))| !movies.is_empty()) {
                let name = fold(&value.label).into_boxed_str();
                names.entry(name).or_insert((dimension, position));
            }
        }
        for (name, tags) in OTHER_NAMES {
            let found = tags.iter().find_map(|tag| names.get(*tag)).copied();
            if let Some(value) = found.filter(|_| !names.contains_key(name)) {
                names.insert(name.into(), value);
            }
        }
        Self(names)
    }

    /// Returns the value with this folded name, in the singular or the plural.
    fn get(&self, name: &str) -> Option<(DimensionId, u32)> {
        let singular = match name.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => name.strip_suffix('s').unwrap_or(name).to_owned(),
        };
        let named = self.0.get(name).or_else(|| self.0.get(singular.as_str()));
        let country = || self.0.get(fold(countries::of_adjective(name)?).as_str());
        // "french" is of France before it is in French.
        let named = named.filter(|(dimension, _)| *dimension != DimensionId::Language);
        named.or_else(country).or_else(|| self.0.get(name)).copied()
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
        let all = rest.len();
        rest.retain(|word| !FILLERS.contains(word));
        let facet = |(dimension, position, range): (_, _, std::ops::Range<usize>)| {
            let others = [&words[..range.start], &words[range.end..]].concat();
            RecognizedFacet { dimension, position, without: others.join(" ") }
        };
        Recognition {
            facets: found.into_iter().map(facet).collect(),
            has_fillers: rest.len() < all,
            rest: rest.join(" "),
        }
    }

    /// Returns the value with this folded name.
    fn named(&self, name: &str) -> Option<(DimensionId, u32)> {
        if let Some(value) = self.value_names.get(name) {
            return Some(value);
        }
        if let Some(decade) = decade(name) {
            let (position, _) = self.find(DimensionId::Decade, &decade)?;
            return Some((DimensionId::Decade, position));
        }
        if matches!(name, "short" | "shorts") {
            let (position, _) = self.find(DimensionId::RunningTime, "under-40")?;
            return Some((DimensionId::RunningTime, position));
        }
        None
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

/// Returns the slug of a decade: of "1960s", "60s" or "sixties".
fn decade(name: &str) -> Option<String> {
    if let Some((_, slug)) = DECADES.iter().find(|(known, _)| *known == name) {
        return Some((*slug).to_owned());
    }
    let digits = name.strip_suffix('s').filter(|digits| digits.ends_with('0'))?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.len() {
        4 if is_number => Some(name.to_owned()),
        2 if is_number && digits < "20" => Some(format!("20{name}")),
        2 if is_number => Some(format!("19{name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_are_recognized_by_digits_and_words() {
        let decades = ["1960s", "60s", "10s", "sixties", "1965s", "s", "x0s"].map(decade);
        let decades = decades.each_ref().map(Option::as_deref);
        let sixties = Some("1960s");
        assert_eq!(decades, [sixties, sixties, Some("2010s"), sixties, None, None, None]);
    }
}
