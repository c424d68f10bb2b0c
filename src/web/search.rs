//! Search over films and directors; in `suggestions` what it offers while somebody types.

pub mod suggestions;

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context as _;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::address;
use super::card::Art;
use super::directors::{life, with_names};
use super::hole::Hole;
use super::movies::wanted;
use super::number::counted;
use super::page::Page;
use super::pagination::Pagination;
use super::query::Query;
use super::visitor::Visitor;
use super::{Error, Result, Site};
use crate::catalog::directors::Listed;
use crate::catalog::fold::fold;
use crate::catalog::index::{Filter, Index};
use crate::catalog::movies::{self, Credited, Sort};
use crate::catalog::search::{Found, Marks, Part, Reading};
use crate::catalog::texts::{self, Piece};
use crate::db::Connection;

/// Directors shown above the films.
const MOST_PEOPLE: usize = 6;

/// Letters of a search that are read.
const MOST_LETTERS: usize = 200;

/// When the names find so many films, what is told of films is not looked through.
const ENOUGH: usize = 100;

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

/// Searches at once: one a core. More would take memory for each, and find nothing sooner.
static AT_ONCE: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(2, Into::into)));

/// The search of this address.
pub fn typed(query: &Query<'_>) -> String {
    query.get("q").unwrap_or_default().trim().chars().take(MOST_LETTERS).collect()
}

/// What the names in the catalogue say to a search, found aside: of a million films it can take
/// longer than a worker may be kept from others.
async fn by_names(index: &Arc<Index>, q: &str) -> Result<Found> {
    let (index, q) = (index.clone(), q.to_owned());
    let _permit = AT_ONCE.acquire().await.context("waiting to search")?;
    let found = web::block(move || index.search(&q)).await.context("searching")?;
    Ok(found)
}

/// The same, and when that is little also films of which the words are told.
pub async fn everywhere(conn: &mut Connection, index: &Arc<Index>, q: &str) -> Result<Found> {
    with_told(conn, index, q, by_names(index, q).await?).await
}

async fn with_told(
    conn: &mut Connection,
    index: &Index,
    q: &str,
    mut found: Found,
) -> Result<Found> {
    if found.films.len() < ENOUGH {
        let told = texts::with_all(conn, q).await?;
        index.add_told(&mut found, &told);
    }
    Ok(found)
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

    let Found { films, by_names, directors, director_first, reading, marks } =
        with_told(conn, index, &q, found).await?;
    let total = i64::try_from(films.len()).unwrap_or(i64::MAX);
    let pagination =
        Pagination::new(request.path(), &query, per_page, total).map_err(Error::BeyondTheEnd)?;
    let filter = Filter { found: Some(films.into()), ..Filter::default() };
    let places = pagination.places();
    let ids = index.select(&filter).page(Sort::Likeness, places.clone());
    let films = movies::with_ids(conn, &ids).await?;
    let told = ids.get(by_names.saturating_sub(places.start)..).unwrap_or_default();
    let mut excerpts = texts::excerpts(conn, &q, told).await?;
    let shown = if pagination.number == 1 { MOST_PEOPLE } else { 0 };
    let people: Vec<_> = index.found_directors(&directors).take(shown).collect();
    let people = with_names(conn, people).await?;

    let respelt = (reading == Reading::Corrected).then(|| match people.first() {
        Some((person, _)) if director_first => respelt(&marks, None, Some(person)),
        _ => respelt(&marks, films.first(), None),
    });
    let film = |film: Credited| {
        let excerpt = excerpts.remove(&film.movie.id);
        Film::new(film, excerpt, &marks)
    };
    Ok(SearchPage {
        searched: !fold(&q).is_empty(),
        nearest: reading == Reading::Nearest,
        respelt: respelt.flatten(),
        count: counted(total, "film"),
        list: address::films_with(&q),
        films: films.into_iter().map(film).collect(),
        people: people
            .into_iter()
            .map(|(listed, films)| Person::new(listed, films, &marks))
            .collect(),
        pagination,
        q,
    })
}

/// What the words were taken for, to be read in the names of what was found first.
fn respelt(marks: &Marks, film: Option<&Credited>, person: Option<&Listed>) -> Option<Respelt> {
    let mut names: Vec<&str> = person.iter().map(|director| director.name.as_str()).collect();
    if let Some(film) = film {
        names.push(&film.movie.title);
        names.extend(film.movie.original_title.as_deref());
        names.extend(film.directors.iter().map(|credit| credit.name.as_str()));
        names.extend(film.tags.iter().map(|tag| tag.name.as_str()));
    }
    let text = marks.respelt(&names)?;
    Some(Respelt { href: address::search(&text), text })
}

impl Person {
    fn new(listed: Listed, films: usize, marks: &Marks) -> Self {
        Self {
            href: address::director(&listed.slug),
            name: marked(marks, &listed.name),
            life: life(listed.born, listed.died, listed.country.as_deref()),
            films: counted(i64::try_from(films).unwrap_or(i64::MAX), "film"),
            slug: listed.slug,
        }
    }
}

impl Film {
    fn new(film: Credited, excerpt: Option<Vec<Piece>>, marks: &Marks) -> Self {
        let poster = Art::of(&film);
        let Credited { movie, directors, tags } = film;
        Self {
            href: address::movie(&movie.slug),
            poster,
            title: marked(marks, &movie.title),
            year: movie.year.map(|year| marked(marks, &year.to_string())),
            language: movie.languages.first().filter(|_| movie.original_title.is_some()).cloned(),
            original_title: movie.original_title.map(|title| marked(marks, &title)),
            directors: directors
                .iter()
                .map(|credit| Name {
                    href: address::director(&credit.slug),
                    text: marked(marks, &credit.name),
                })
                .collect(),
            tags: tags
                .iter()
                .map(|tag| Name { href: address::tag(&tag.slug), text: marked(marks, &tag.name) })
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

fn marked(marks: &Marks, text: &str) -> Vec<Marked> {
    let parts = marks.parts(text).into_iter();
    parts.map(|Part { text, marked }| Marked { text: text.to_owned(), marked }).collect()
}
