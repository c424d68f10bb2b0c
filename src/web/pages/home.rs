//! The home page: a film and a director of the day, the newest films, common tags.

mod recommended;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Datelike, Utc};
use serde::Serialize;

use crate::catalog::directors::{self, Director};
use crate::catalog::index::{Filter, Index};
use crate::catalog::movies::{self, CreditedMovie, Sort};
use crate::db::Connection;
use crate::web::components::card::{self, Art, Card};
use crate::web::components::person::Life;
use crate::web::components::tag_link::{TagLink, most_used};
use crate::web::components::viewed::{self, Viewed};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::url;
use crate::web::movie_query::hidden;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

const NEWEST: i64 = 12;

/// Films of the latest years, and as many of those added last, among which the newest are found.
const NEWEST_CANDIDATES: usize = 200;

const TAGS: usize = 16;
const FILMS_OF_DIRECTOR: usize = 6;

/// Coprime to most sizes of a catalogue, so that consecutive days select distant films.
const STRIDE: u32 = 7919;

#[derive(Serialize)]
struct HomePage {
    films: usize,
    directors: i64,
    tag_count: usize,
    film_of_the_day: Option<FilmOfTheDay>,
    recent: Vec<Viewed>,
    recommended: Vec<Card>,
    newest: Vec<Card>,
    tags: Vec<TagLink>,
    director_of_the_day: Option<DirectorOfTheDay>,
}

#[derive(Serialize)]
struct FilmOfTheDay {
    title: String,
    href: String,
    year: Option<i16>,
    directors: Vec<url::Link>,
    synopsis: String,
    tags: Vec<url::Link>,
    art: Art,
}

#[derive(Serialize)]
struct DirectorOfTheDay {
    name: String,
    href: String,
    life: Life,
    biography: String,
    cards: Vec<Card>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    // It shows recommendations and recently viewed films of this visitor.
    if !visitor.marks().is_empty() {
        let index = site.catalog.current();
        return site.respond(&visitor, &page(&site, &index, &visitor).await?);
    }
    let make = async |index: &Arc<Index>| page(&site, index, &visitor).await;
    site.respond_shared(&request, &visitor, make).await
}

async fn page(site: &Site, index: &Index, visitor: &Visitor) -> Result<HomePage> {
    let nth = Utc::now().num_days_from_ce().unsigned_abs().wrapping_mul(STRIDE);
    let conn = &mut site.pool.get().await?;
    let hidden = hidden::films(visitor, &Query::parse(b""));
    let newest = Filter { hidden: hidden.clone(), ..Filter::default() };
    let newest = index.select(&newest);
    let mut candidates = newest.page(Sort::Newest, 0..NEWEST_CANDIDATES);
    candidates.extend(newest.latest(NEWEST_CANDIDATES));
    let newest = movies::newest(conn, &candidates, NEWEST).await?;
    let of_the_day = index.nth_with_synopsis(nth);
    let of_the_day = movies::with_ids(conn, of_the_day.as_slice()).await?.pop();
    Ok(HomePage {
        films: index.len(),
        directors: index.directors(None, directors::Sort::Name).total(),
        tag_count: index.tags().count(),
        film_of_the_day: of_the_day.map(Into::into),
        recent: viewed::list(conn, visitor).await?,
        recommended: recommended::cards(conn, index, visitor).await?,
        newest: cards(movies::with_ids(conn, &newest).await?),
        tags: most_used(index, TAGS),
        director_of_the_day: director_of_the_day(conn, index, nth, hidden).await?,
    })
}

async fn director_of_the_day(
    conn: &mut Connection,
    index: &Index,
    nth: u32,
    hidden: Vec<i32>,
) -> Result<Option<DirectorOfTheDay>> {
    let Some(id) = index.nth_with_biography(nth) else { return Ok(None) };
    let director = directors::with_id(conn, id).await?;
    let Some(Director { slug, name, born, died, country, biography, .. }) = director else {
        return Ok(None);
    };
    let filter = Filter { director: Some(id), hidden, ..Filter::default() };
    let films = index.select(&filter).page(Sort::Newest, 0..FILMS_OF_DIRECTOR);
    let films = movies::with_ids(conn, &films).await?;
    Ok(Some(DirectorOfTheDay {
        href: url::director(&slug),
        life: Life { born, died, country },
        biography: biography.unwrap_or_default(),
        cards: cards(films),
        name,
    }))
}

fn cards(films: Vec<CreditedMovie>) -> Vec<Card> {
    films.into_iter().map(Card::from).collect()
}

impl From<CreditedMovie> for FilmOfTheDay {
    fn from(film: CreditedMovie) -> Self {
        Self {
            art: Art::of(&film),
            href: url::movie(&film.movie.slug),
            year: film.movie.year,
            directors: card::credits(&film.directors),
            tags: card::tags(&film.tags),
            synopsis: film.movie.synopsis.unwrap_or_default(),
            title: film.movie.title,
        }
    }
}
