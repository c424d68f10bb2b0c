//! The search for films and people, and in `suggestions` its suggestions.

pub mod suggestions;

use actix_web::HttpResponse;
use serde::Serialize;

use crate::catalog::fold::fold;
use crate::catalog::fulltext::{self, ExcerptSpan};
use crate::catalog::index::{Filter, FoundPerson, Index, RecognizedFacet};
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::people::PersonSummary;
use crate::catalog::read_pool::ReadPool;
use crate::catalog::search::{Highlighter, MatchMode, SearchResults, Span};
use crate::catalog::sort::Sort;
use crate::web::components::pagination::Pagination;
use crate::web::components::person::{Life, with_names};
use crate::web::components::picture::Picture;
use crate::web::components::tag_link::{TagLink, most_used};
use crate::web::error::Result;
use crate::web::http::query::Parameter;
use crate::web::http::url;
use crate::web::movie_query::parameters::{PAGE, PER_PAGE, SEARCH};
use crate::web::movie_query::search::{Interpretation, by_names, interpret, typed};
use crate::web::movie_query::view::effective_preferences;
use crate::web::movie_query::{Criterion, Label};
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::placeholder::Placeholder;
use crate::web::render::renderer::{CachedPage, PageRequest};

/// People shown above the films.
const MAX_PEOPLE: usize = 6;

/// Tags suggested when nothing was found or searched for.
const SUGGESTED_TAGS: usize = 12;

#[derive(Serialize)]
struct SearchPage {
    q: String,
    searched: bool,
    /// No film matches all words; these are the closest matches.
    closest: bool,
    /// Filters that the search names.
    facets: Vec<RecognizedFilter>,
    /// The corrected search, if there is no exact match.
    correction: Option<Correction>,
    /// The same films as a list with filters.
    list: String,
    people: Vec<Person>,
    films: Vec<Film>,
    suggested_tags: Vec<TagLink>,
    pagination: Pagination,
}

/// A filter that the search names; the link is the search without it.
#[derive(Serialize)]
struct RecognizedFilter {
    label: Label,
    href: String,
}

impl RecognizedFilter {
    fn new(index: &Index, facet: &RecognizedFacet) -> Option<Self> {
        let name = index.value(facet.dimension, facet.position)?.clone();
        let criterion = Criterion::chosen(facet.dimension, facet.position, name);
        Some(Self { label: criterion.label(), href: url::search(&facet.without) })
    }
}

#[derive(Serialize)]
struct Correction {
    href: String,
    text: String,
}

#[derive(Serialize)]
struct Person {
    /// The role that names the person's page.
    role: &'static str,
    href: String,
    slug: String,
    name: Vec<Marked>,
    life: Life,
    films: usize,
}

#[derive(Serialize)]
struct Film {
    href: String,
    slug: String,
    picture: Picture,
    /// The title as plain text, for the labels of buttons.
    name: String,
    title: Vec<Marked>,
    year: Option<Vec<Marked>>,
    original_title: Option<Vec<Marked>>,
    /// The language of the original title.
    language: Option<String>,
    directors: Vec<Name>,
    tags: Vec<Name>,
    /// The matching part of the synopsis, if that is why the film was found.
    excerpt: Option<Vec<Marked>>,
    listed: Placeholder,
    seen: Placeholder,
    rating: Placeholder,
}

#[derive(Serialize)]
struct Name {
    href: String,
    text: Vec<Marked>,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "search/results.html";
}

pub async fn show(page: PageRequest) -> Result<HttpResponse> {
    page.respond_cached::<SearchPage>(()).await
}

impl CachedPage for SearchPage {
    type Arguments = ();
    const PARAMETERS: &'static [&'static [Parameter]] = &[&[SEARCH, PER_PAGE, PAGE]];
    const COMPRESS: bool = false;

    async fn build(context: &PageContext, reads: &ReadPool, (): ()) -> Result<Self> {
        let PageContext { index, path, query, .. } = context;
        let q = typed(query);
        let per_page = effective_preferences(query, context.preferences).per_page;
        // Before taking a connection, so that others can use it meanwhile.
        let found = by_names(index, &q).await?;
        let conn = &mut reads.get().await?;

        let Interpretation { results, facets } = interpret(conn, index, &q, found).await?;
        let facets: Vec<_> =
            facets.iter().filter_map(|facet| RecognizedFilter::new(index, facet)).collect();
        let SearchResults { movies, name_matches, people, person_first, mode, .. } = results;
        let highlighter = results.highlighter;
        let total = i64::try_from(movies.len()).unwrap_or(i64::MAX);
        let pagination = Pagination::new(path, query, per_page, total)?;
        let filter = Filter::ranked(movies);
        let places = pagination.places();
        let ids = index.select(&filter).page(Sort::Relevance, places.clone());
        let films = movies::with_ids(conn, &ids).await?;
        let by_text = ids.get(name_matches.saturating_sub(places.start)..).unwrap_or_default();
        let mut excerpts = fulltext::excerpts(conn, &q, by_text).await?;
        let shown = if pagination.number == 1 { MAX_PEOPLE } else { 0 };
        let people: Vec<_> = index.found_people(&people).take(shown).collect();
        let people = with_names(conn, people).await?;

        let is_corrected = mode == MatchMode::Corrected && facets.is_empty();
        let correction = is_corrected.then(|| match people.first() {
            Some((person, _)) if person_first => correction(&highlighter, None, Some(person)),
            _ => correction(&highlighter, films.first(), None),
        });
        let suggested_tags = match films.is_empty() && people.is_empty() {
            true => most_used(index, SUGGESTED_TAGS),
            false => Vec::new(),
        };
        let film = |film: CreditedMovie| {
            let excerpt = excerpts.remove(&film.movie.id);
            Film::new(film, excerpt, &highlighter)
        };
        Ok(Self {
            searched: !fold(&q).is_empty(),
            closest: mode == MatchMode::Nearest,
            facets,
            correction: correction.flatten(),
            list: url::films_with(&q),
            films: films.into_iter().map(film).collect(),
            people: people
                .into_iter()
                .map(|(listed, found)| Person::new(listed, &found, &highlighter))
                .collect(),
            suggested_tags,
            pagination,
            q,
        })
    }
}

/// Returns the search with the words of the first result in place of misspelt ones.
fn correction(
    highlighter: &Highlighter,
    film: Option<&CreditedMovie>,
    person: Option<&PersonSummary>,
) -> Option<Correction> {
    let mut names: Vec<&str> = person.iter().map(|person| person.name.as_str()).collect();
    if let Some(film) = film {
        names.push(&film.movie.title);
        names.extend(film.movie.original_title.as_deref());
        names.extend(film.directors.iter().map(|credit| credit.name.as_str()));
        names.extend(film.tags.iter().map(|tag| tag.name.as_str()));
    }
    let text = highlighter.correction(&names)?;
    Some(Correction { href: url::search(&text), text })
}

impl Person {
    fn new(listed: PersonSummary, found: &FoundPerson, highlighter: &Highlighter) -> Self {
        Self {
            role: found.role.name(),
            href: url::person(found.role, &listed.slug),
            name: marked(highlighter, &listed.name),
            life: Life::new(&listed),
            films: found.movies,
            slug: listed.slug,
        }
    }
}

impl Film {
    fn new(
        film: CreditedMovie,
        excerpt: Option<Vec<ExcerptSpan>>,
        highlighter: &Highlighter,
    ) -> Self {
        let picture = Picture::bare(&film);
        let CreditedMovie { movie, directors, tags } = film;
        Self {
            href: url::movie(&movie.slug),
            picture,
            title: marked(highlighter, &movie.title),
            year: movie.year.map(|year| marked(highlighter, &year.to_string())),
            language: movie.languages.first().filter(|_| movie.original_title.is_some()).cloned(),
            original_title: movie.original_title.map(|title| marked(highlighter, &title)),
            directors: directors
                .iter()
                .map(|credit| Name {
                    href: url::director(&credit.slug),
                    text: marked(highlighter, &credit.name),
                })
                .collect(),
            tags: tags
                .iter()
                .map(|tag| Name { href: url::tag(&tag.slug), text: marked(highlighter, &tag.name) })
                .collect(),
            excerpt: excerpt.map(|pieces| {
                pieces.into_iter().map(|(text, marked)| Marked { text, marked }).collect()
            }),
            listed: Placeholder::Listed(movie.id),
            seen: Placeholder::Seen(movie.id),
            rating: Placeholder::Rating(movie.id),
            name: movie.title,
            slug: movie.slug,
        }
    }
}

/// Part of a text, marked if it matches the search.
#[derive(Debug, Serialize)]
struct Marked {
    text: String,
    marked: bool,
}

fn marked(highlighter: &Highlighter, text: &str) -> Vec<Marked> {
    let parts = highlighter.spans(text).into_iter();
    parts
        .map(|Span { text, highlighted }| Marked { text: text.to_owned(), marked: highlighted })
        .collect()
}
