//! Suggestions for the text typed so far, as JSON for `static/js/suggestions.js`. They are the same
//! for all visitors.

use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context as _;
use serde::Serialize;

use super::{Marked, marked};
use crate::catalog::index::{Catalog, Filter, Index};
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::read_pool::ReadPool;
use crate::catalog::search::{Highlighter, SearchResults};
use crate::catalog::sort::Sort;
use crate::web::components::person::with_names;
use crate::web::error::Result;
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::query::Query;
use crate::web::http::representation::Representation;
use crate::web::http::url;
use crate::web::movie_query::parameters::SEARCH;
use crate::web::movie_query::search::{by_names, typed};
use crate::web::movie_query::{Criterion, MovieQuery};

const MAX_FILMS: usize = 6;
const MAX_PEOPLE: usize = 3;

#[derive(Serialize)]
struct Suggestion {
    href: String,
    name: Vec<Marked>,
    /// Of a film: a matching original title, the year and the directors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
    /// Of a person: the role that names the page. `filter` of a list that the search names.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    /// Of a person or a filter: the number of films.
    #[serde(skip_serializing_if = "Option::is_none")]
    films: Option<usize>,
}

pub async fn list(
    catalog: web::Data<Catalog>,
    reads: web::Data<ReadPool>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let query = Query::canonical(request.query_string(), &[&[SEARCH]]);
    let index = catalog.current();
    let q = typed(&query);
    let SearchResults { movies, people, person_first, highlighter, .. } =
        by_names(&index, &q).await?;
    let conn = &mut reads.get().await?;
    let people = index.found_people(&people).take(MAX_PEOPLE).collect();
    let people = with_names(conn, people).await?;
    let people: Vec<Suggestion> = people
        .into_iter()
        .map(|(person, found)| Suggestion {
            href: url::person(found.role, &person.slug),
            name: marked(&highlighter, &person.name),
            details: Vec::new(),
            role: Some(found.role.name()),
            films: Some(found.movies),
        })
        .collect();
    let ranked = Filter::ranked(movies);
    let ids = index.select(&ranked).page(Sort::Relevance, 0..MAX_FILMS);
    let films = movies::with_ids(conn, &ids).await?;
    let films: Vec<Suggestion> = films.iter().map(|film| suggest(film, &highlighter)).collect();
    let (first, others) = if person_first { (people, films) } else { (films, people) };
    let list = named_list(&index, &q).into_iter();
    let suggestions: Vec<Suggestion> = list.chain(first).chain(others).collect();
    let json = serde_json::to_string(&suggestions).context("writing suggestions")?;
    Ok(Representation::new("application/json", json).respond(&request, CachePolicy::OneMinute))
}

/// Returns the list that the search names, if all its words are values: "french comedies".
fn named_list(index: &Index, q: &str) -> Option<Suggestion> {
    let recognition = index.recognize(q);
    if recognition.facets.is_empty() || !recognition.rest.is_empty() {
        return None;
    }
    let mut list = MovieQuery::default();
    let mut labels = Vec::new();
    for facet in &recognition.facets {
        let value = index.value(facet.dimension, facet.position)?.clone();
        if facet.dimension.range(&value).is_some() {
            // Only templates write ranges.
            return None;
        }
        labels.push(value.label.clone());
        list = list.and(Criterion::chosen(facet.dimension, facet.position, value));
    }
    let films = index.select(&recognition.filter()).total();
    Some(Suggestion {
        href: list.url(),
        name: vec![Marked { text: labels.join(", "), marked: false }],
        details: Vec::new(),
        role: Some("filter"),
        films: Some(usize::try_from(films).ok().filter(|films| *films > 0)?),
    })
}

fn suggest(film: &CreditedMovie, highlighter: &Highlighter) -> Suggestion {
    let movie = &film.movie;
    let name = marked(highlighter, &movie.title);
    // Shown only if it matches and the title does not.
    let original = movie.original_title.clone();
    let original = original.filter(|title| {
        let has_mark = |parts: &[Marked]| parts.iter().any(|part| part.marked);
        !has_mark(&name) && has_mark(&marked(highlighter, title))
    });
    let year = movie.year.map(|year| year.to_string());
    let directors = film.directors.iter().map(|credit| credit.name.clone());
    let details = original.into_iter().chain(year).chain(directors).collect();
    Suggestion { href: url::movie(&movie.slug), name, details, role: None, films: None }
}
