//! Search over films and directors; in `suggestions` what it offers while somebody types.

pub mod suggestions;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::directors::DirectorSummary;
use crate::catalog::fold::fold;
use crate::catalog::fulltext::{self, ExcerptSpan};
use crate::catalog::index::{Filter, Index};
use crate::catalog::movies::{self, CreditedMovie, Sort};
use crate::catalog::search::{Highlighter, MatchMode, SearchResults, Span};
use crate::web::components::card::Art;
use crate::web::components::pagination::Pagination;
use crate::web::components::person::{life, with_names};
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::http::url;
use crate::web::movie_query::search::{by_names, typed, with_told};
use crate::web::movie_query::view::wanted;
use crate::web::render::format::counted;
use crate::web::render::page::Page;
use crate::web::render::placeholder::Hole;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

/// Directors shown above the films.
const MOST_PEOPLE: usize = 6;

#[derive(Serialize)]
struct SearchPage {
    q: String,
    searched: bool,
    /// No film has all the words: these are the nearest.
    nearest: bool,
    /// The search as it was understood, where that is not as it was typed.
    respelt: Option<Respelt>,
    count: String,
    /// The same films as a list that can be narrowed.
    list: String,
    people: Vec<Person>,
    films: Vec<Film>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Respelt {
    href: String,
    text: String,
}

#[derive(Serialize)]
struct Person {
    href: String,
    slug: String,
    name: Vec<Marked>,
    /// "1910–1998, Japan"
    life: String,
    films: String,
}

#[derive(Serialize)]
struct Film {
    href: String,
    slug: String,
    poster: Art,
    /// For the names of buttons.
    name: String,
    title: Vec<Marked>,
    year: Option<Vec<Marked>>,
    original_title: Option<Vec<Marked>>,
    /// Of the original title.
    language: Option<String>,
    directors: Vec<Name>,
    tags: Vec<Name>,
    /// Where the words stand in what is told of the film, if that is why it was found.
    excerpt: Option<Vec<Marked>>,
    listed: Hole,
    seen: Hole,
    rating: Hole,
}

#[derive(Serialize)]
struct Name {
    href: String,
    text: Vec<Marked>,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "search/results.html";
    const PACKED: bool = false;
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let make = async |index: &Arc<Index>| page(&site, index, &request, &visitor).await;
    site.respond_shared(&request, &visitor, make).await
}

async fn page(
    site: &Site,
    index: &Arc<Index>,
    request: &HttpRequest,
    visitor: &Visitor,
) -> Result<SearchPage> {
    let query = Query::parse(request.query_string().as_bytes());
    let q = typed(&query);
    let per_page = wanted(&query, visitor.preferences()).per_page;
    // Without a connection yet: others can use it meanwhile.
    let found = by_names(index, &q).await?;
    let conn = &mut site.pool.get().await?;

    let SearchResults { movies, name_matches, directors, director_first, mode, highlighter } =
        with_told(conn, index, &q, found).await?;
    let total = i64::try_from(movies.len()).unwrap_or(i64::MAX);
    let pagination =
        Pagination::new(request.path(), &query, per_page, total).map_err(Error::BeyondTheEnd)?;
    let filter = Filter { found: Some(movies.into()), ..Filter::default() };
    let places = pagination.places();
    let ids = index.select(&filter).page(Sort::Relevance, places.clone());
    let films = movies::with_ids(conn, &ids).await?;
    let told = ids.get(name_matches.saturating_sub(places.start)..).unwrap_or_default();
    let mut excerpts = fulltext::excerpts(conn, &q, told).await?;
    let shown = if pagination.number == 1 { MOST_PEOPLE } else { 0 };
    let people: Vec<_> = index.found_directors(&directors).take(shown).collect();
    let people = with_names(conn, people).await?;

    let respelt = (mode == MatchMode::Corrected).then(|| match people.first() {
        Some((person, _)) if director_first => respelt(&highlighter, None, Some(person)),
        _ => respelt(&highlighter, films.first(), None),
    });
    let film = |film: CreditedMovie| {
        let excerpt = excerpts.remove(&film.movie.id);
        Film::new(film, excerpt, &highlighter)
    };
    Ok(SearchPage {
        searched: !fold(&q).is_empty(),
        nearest: mode == MatchMode::Nearest,
        respelt: respelt.flatten(),
        count: counted(total, "film"),
        list: url::films_with(&q),
        films: films.into_iter().map(film).collect(),
        people: people
            .into_iter()
            .map(|(listed, films)| Person::new(listed, films, &highlighter))
            .collect(),
        pagination,
        q,
    })
}

/// What the words were taken for, to be read in the names of what was found first.
fn respelt(
    highlighter: &Highlighter,
    film: Option<&CreditedMovie>,
    person: Option<&DirectorSummary>,
) -> Option<Respelt> {
    let mut names: Vec<&str> = person.iter().map(|director| director.name.as_str()).collect();
    if let Some(film) = film {
        names.push(&film.movie.title);
        names.extend(film.movie.original_title.as_deref());
        names.extend(film.directors.iter().map(|credit| credit.name.as_str()));
        names.extend(film.tags.iter().map(|tag| tag.name.as_str()));
    }
    let text = highlighter.correction(&names)?;
    Some(Respelt { href: url::search(&text), text })
}

impl Person {
    fn new(listed: DirectorSummary, films: usize, highlighter: &Highlighter) -> Self {
        Self {
            href: url::director(&listed.slug),
            name: marked(highlighter, &listed.name),
            life: life(listed.born, listed.died, listed.country.as_deref()),
            films: counted(i64::try_from(films).unwrap_or(i64::MAX), "film"),
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
        let poster = Art::of(&film);
        let CreditedMovie { movie, directors, tags } = film;
        Self {
            href: url::movie(&movie.slug),
            poster,
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
            listed: Hole::Listed(movie.id),
            seen: Hole::Seen(movie.id),
            rating: Hole::Rating(movie.id),
            name: movie.title,
            slug: movie.slug,
        }
    }
}

/// A text as templates and scripts show it: what was looked for stands out.
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
