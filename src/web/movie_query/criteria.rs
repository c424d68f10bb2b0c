//! What a list of films is narrowed to: read from its address, written into links.

use std::sync::Arc;

use form_urlencoded::Serializer;
use serde::Serialize;

use super::{parameters, search};
use crate::catalog::index::{Country, Filter, Index, Length, Value};
use crate::catalog::tags::Tag;
use crate::catalog::{directors, languages};
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::query::{Query, join};
use crate::web::http::url;

/// Names in addresses, in the order in which we write them.
const PARAMETERS: [&str; 7] = ["q", "tag", "decade", "director", "country", "language", "runtime"];

/// One thing that all films of a list have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// What was typed, and what a search found by it: best first.
    Words {
        text: String,
        found: Arc<[u32]>,
    },
    Tag(Tag),
    WithoutTag(Tag),
    /// The first year.
    Decade(i16),
    Director {
        id: i32,
        slug: String,
        name: String,
    },
    Country(Country),
    /// An ISO 639 code.
    Language(String),
    Length(Length),
}

/// The criteria of a list, and how it is shown.
#[derive(Debug, Default, Clone)]
pub struct Narrowing {
    criteria: Vec<Criterion>,
    showing: Vec<(&'static str, String)>,
}

impl Narrowing {
    /// Passes over what the catalogue does not know. `own` is what the path says.
    pub async fn read(
        conn: &mut Connection,
        index: &Arc<Index>,
        query: &Query<'_>,
        own: Option<Criterion>,
    ) -> Result<Self> {
        let text = search::typed(query);
        let mut words = None;
        if !text.is_empty() {
            let found = search::everywhere(conn, index, &text).await?.movies.into();
            words = Some(Criterion::Words { text, found });
        }
        let tag = |value: &str| match value.strip_prefix('-') {
            Some(slug) => index.tag(slug).cloned().map(Criterion::WithoutTag),
            None => index.tag(value).cloned().map(Criterion::Tag),
        };
        let tags = query.all("tag").filter_map(tag);
        let one = |name, read: &dyn Fn(&str) -> Option<Criterion>| query.get(name).and_then(read);
        let mut director = None;
        if let Some(slug) = query.get("director") {
            director = directors::find(conn, slug).await?;
        }
        let read = words
            .into_iter()
            .chain(tags)
            .chain(one("decade", &|value| decade(index, value)))
            .chain(director.map(|one| Criterion::Director {
                id: one.id,
                slug: one.slug,
                name: one.name,
            }))
            .chain(one("country", &|value| index.country(value).cloned().map(Criterion::Country)))
            .chain(one("language", &|value| {
                index.language(value).map(|code| Criterion::Language(code.to_owned()))
            }))
            .chain(one("runtime", &|value| length(value).map(Criterion::Length)))
            .chain(own);
        let none = Self { criteria: Vec::new(), showing: showing(query) };
        Ok(read.fold(none, |narrowing, criterion| narrowing.and(criterion)))
    }

    pub fn criteria(&self) -> &[Criterion] {
        &self.criteria
    }

    /// The only criterion.
    pub fn single(&self) -> Option<&Criterion> {
        match self.criteria.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    pub fn has_words(&self) -> bool {
        self.criteria.iter().any(|one| matches!(one, Criterion::Words { .. }))
    }

    pub fn labels(&self) -> Vec<Label> {
        self.criteria.iter().map(Criterion::label).collect()
    }

    /// For the index that it was read with.
    pub fn filter(&self, hidden: Vec<i32>) -> Filter {
        let mut filter = Filter { hidden, ..Filter::default() };
        for criterion in &self.criteria {
            match criterion {
                Criterion::Words { found, .. } => filter.found = Some(found.clone()),
                Criterion::Tag(tag) => filter.tags.push(tag.id),
                Criterion::WithoutTag(tag) => filter.without_tags.push(tag.id),
                Criterion::Decade(first) => filter.decade = Some(*first),
                Criterion::Director { id, .. } => filter.director = Some(*id),
                Criterion::Country(country) => filter.country = Some(country.slug.clone()),
                Criterion::Language(code) => filter.language = Some(code.clone()),
                Criterion::Length(length) => filter.length = Some(*length),
            }
        }
        filter
    }

    /// With one more criterion. Tags add up; any other takes the place of one of its kind.
    pub fn and(&self, criterion: Criterion) -> Self {
        let mut criteria = self.criteria.clone();
        let adds_up = criterion.parameter() == "tag";
        criteria.retain(|one| match adds_up {
            true => *one != criterion,
            false => one.parameter() != criterion.parameter(),
        });
        criteria.push(criterion);
        let place = |one: &Criterion| PARAMETERS.iter().position(|name| *name == one.parameter());
        criteria.sort_by_key(place);
        Self { criteria, showing: self.showing.clone() }
    }

    pub fn without(&self, criterion: &Criterion) -> Self {
        let others = self.criteria.iter().filter(|one| *one != criterion);
        Self { criteria: others.cloned().collect(), showing: self.showing.clone() }
    }

    /// With no criterion.
    pub fn nothing(&self) -> Self {
        Self { criteria: Vec::new(), showing: self.showing.clone() }
    }

    /// Shown in that order.
    pub fn sorted(&self, sort: &str) -> Self {
        let mut sorted = self.clone();
        sorted.showing.retain(|(name, _)| *name != "sort");
        sorted.showing.insert(0, ("sort", sort.to_owned()));
        sorted
    }

    /// Without how it is shown: what is the same list for everybody.
    pub fn plain(&self) -> Self {
        Self { criteria: self.criteria.clone(), showing: Vec::new() }
    }

    /// Where that page of the list is.
    pub fn page(&self, number: i64) -> String {
        let list = self.address();
        match (number, list.contains('?')) {
            (1, _) => list,
            (_, true) => format!("{list}&page={number}"),
            (_, false) => format!("{list}?page={number}"),
        }
    }

    /// Where the first page of the list is. A single tag, decade or country has a page of its own.
    pub fn address(&self) -> String {
        match self.single().and_then(Criterion::page) {
            Some(path) => join(&path, &self.query(&[])),
            None => self.address_at("/movies"),
        }
    }

    /// `path` with the criteria.
    pub fn address_at(&self, path: &str) -> String {
        join(path, &self.query(&self.criteria))
    }

    fn query(&self, criteria: &[Criterion]) -> String {
        let criteria = criteria.iter().map(|one| (one.parameter(), one.value()));
        Serializer::new(String::new()).extend_pairs(criteria).extend_pairs(&self.showing).finish()
    }
}

/// A criterion as `components/criterion.html` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    pub kind: &'static str,
    pub name: String,
}

/// A link to a list, named by its criteria.
#[derive(Debug, Serialize)]
pub struct ListLink {
    pub href: String,
    /// All films if empty.
    pub criteria: Vec<Label>,
}

impl Criterion {
    /// `None` for a director who is not in `names`.
    pub fn of(value: Value<'_>, names: &[directors::DirectorSummary]) -> Option<Self> {
        Some(match value {
            Value::Tag(tag) => Self::Tag(tag.clone()),
            Value::Decade(first) => Self::Decade(first),
            Value::Director(id) => {
                let one = names.iter().find(|one| one.id == id)?;
                Self::Director { id, slug: one.slug.clone(), name: one.name.clone() }
            }
            Value::Country(country) => Self::Country(country.clone()),
            Value::Language(code) => Self::Language(code.to_owned()),
            Value::Length(length) => Self::Length(length),
        })
    }

    fn parameter(&self) -> &'static str {
        match self {
            Self::Words { .. } => "q",
            Self::Tag(_) | Self::WithoutTag(_) => "tag",
            Self::Decade(_) => "decade",
            Self::Director { .. } => "director",
            Self::Country(_) => "country",
            Self::Language(_) => "language",
            Self::Length(_) => "runtime",
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Words { text, .. } => text.clone(),
            Self::Tag(tag) => tag.slug.clone(),
            Self::WithoutTag(tag) => format!("-{}", tag.slug),
            Self::Decade(first) => format!("{first}s"),
            Self::Director { slug, .. } => slug.clone(),
            Self::Country(country) => country.slug.clone(),
            Self::Language(code) => code.clone(),
            Self::Length(length) => length_name(*length).to_owned(),
        }
    }

    pub fn label(&self) -> Label {
        let (kind, name) = match self {
            Self::Words { text, .. } => ("words", text.clone()),
            Self::Tag(tag) => ("tag", tag.name.clone()),
            Self::WithoutTag(tag) => ("without_tag", tag.name.clone()),
            Self::Decade(first) => ("decade", first.to_string()),
            Self::Director { name, .. } => ("director", name.clone()),
            Self::Country(country) => ("country", country.name.clone()),
            Self::Language(code) => ("language", languages::name(code)),
            Self::Length(length) => ("runtime", length_name(*length).to_owned()),
        };
        Label { kind, name }
    }

    /// Returns the dimension in URLs and templates, unless no page lists its values.
    pub fn dimension(&self) -> Option<&'static str> {
        match self {
            Self::Words { .. } | Self::WithoutTag(_) => None,
            listed => Some(listed.parameter()),
        }
    }

    fn page(&self) -> Option<String> {
        match self {
            Self::Tag(tag) => Some(url::tag(&tag.slug)),
            Self::Decade(first) => Some(url::decade(*first)),
            Self::Country(country) => Some(url::country(&country.slug)),
            _ => None,
        }
    }
}

/// `1930s` or `1930`, if there are films of it.
pub fn decade(index: &Index, value: &str) -> Option<Criterion> {
    let first = value.strip_suffix('s').unwrap_or(value).parse().ok()?;
    index.decade(first).map(Criterion::Decade)
}

fn length(value: &str) -> Option<Length> {
    Length::ALL.into_iter().find(|length| length_name(*length) == value)
}

fn length_name(length: Length) -> &'static str {
    match length {
        Length::Short => "under-40",
        Length::UnderNinety => "40-89",
        Length::UnderTwoHours => "90-119",
        Length::TwoHours => "120-149",
        Length::Long => "150-up",
    }
}

fn showing(query: &Query<'_>) -> Vec<(&'static str, String)> {
    let said = |name: &'static str| Some((name, query.get(name)?.to_owned()));
    parameters::VIEW.iter().filter_map(|parameter| said(parameter.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(slug: &str) -> Tag {
        Tag { id: 1, slug: slug.to_owned(), name: slug.to_uppercase() }
    }

    #[test]
    fn an_address_has_one_order_and_one_page_for_one_criterion() {
        let noir = Narrowing::default().and(Criterion::Tag(tag("noir")));
        assert_eq!(noir.address(), "/movies/tags/noir");
        let narrower = noir.and(Criterion::Decade(1940)).and(Criterion::WithoutTag(tag("war")));
        assert_eq!(narrower.address(), "/movies?tag=noir&tag=-war&decade=1940s");
        let kinds: Vec<&str> = narrower.labels().iter().map(|label| label.kind).collect();
        assert_eq!(kinds, ["tag", "without_tag", "decade"]);
        let other = narrower.and(Criterion::Decade(1950)).without(&Criterion::Tag(tag("noir")));
        assert_eq!(other.address(), "/movies?tag=-war&decade=1950s");
        assert_eq!(other.sorted("title").address(), "/movies?tag=-war&decade=1950s&sort=title");
        assert_eq!(other.nothing().address(), "/movies");
        assert_eq!(
            [1, 2].map(|page| noir.page(page)),
            ["/movies/tags/noir", "/movies/tags/noir?page=2"]
        );
        assert_eq!(other.page(3), "/movies?tag=-war&decade=1950s&page=3");
        assert_eq!(other.sorted("title").plain().address(), other.address());
        assert_eq!(noir.address_at("/movies/random"), "/movies/random?tag=noir");
    }

    #[test]
    fn every_running_time_has_a_name() {
        for one in Length::ALL {
            assert_eq!(length(length_name(one)), Some(one));
        }
    }
}
