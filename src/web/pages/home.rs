//! The home page: a film and a director of the day, the newest films, common tags.

mod recommended;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::catalog::dimension::DimensionId;
use crate::catalog::index::{Filter, Index};
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::people::{self, Person, Role, Sort as PeopleSort};
use crate::catalog::read_pool::ReadPool;
use crate::catalog::sort::Sort;
use crate::db::Connection;
use crate::web::components::card::{self, Card};
use crate::web::components::person::Life;
use crate::web::components::picture::Picture;
use crate::web::components::tag_link::{TagLink, most_used};
use crate::web::components::viewed::{self, Viewed};
use crate::web::error::Result;
use crate::web::http::query::Parameter;
use crate::web::http::url;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};

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
    actors: i64,
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
    picture: Picture,
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

pub async fn show(page: PageRequest, reads: web::Data<ReadPool>) -> Result<HttpResponse> {
    if page.visitor.marks().is_empty() {
        return page.respond_cached::<HomePage>(()).await;
    }
    // Recommendations and recently viewed films are this visitor's own.
    let context = page.context(HomePage::PARAMETERS);
    let home = HomePage::build(&context, &reads, ()).await?;
    let conn = &mut reads.get().await?;
    let recent = viewed::list(conn, &page.visitor).await?;
    let recommended = recommended::cards(conn, &context.index, &page.visitor).await?;
    page.respond(&HomePage { recent, recommended, ..home }).await
}

impl CachedPage for HomePage {
    type Arguments = ();
    const PARAMETERS: &'static [&'static [Parameter]] = &[];

    /// Makes the page of a visitor without marks.
    async fn build(context: &PageContext, reads: &ReadPool, (): ()) -> Result<Self> {
        let PageContext { index, hidden, .. } = context;
        let nth = context.day.unsigned_abs().wrapping_mul(STRIDE);
        let conn = &mut reads.get().await?;
        let newest = Filter { hidden: hidden.ids().to_vec(), ..Filter::default() };
        let newest = index.select(&newest);
        let mut candidates = newest.page(Sort::Newest, 0..NEWEST_CANDIDATES);
        candidates.extend(newest.latest(NEWEST_CANDIDATES));
        let of_the_day = index.nth_with_synopsis(nth);
        let of_the_day = movies::with_ids(conn, of_the_day.as_slice()).await?.pop();
        Ok(Self {
            films: index.len(),
            directors: index.people(Role::Director, None, None, PeopleSort::Name).total(),
            actors: index.people(Role::Actor, None, None, PeopleSort::Name).total(),
            tag_count: index.value_counts(DimensionId::Tag).count(),
            film_of_the_day: of_the_day.map(Into::into),
            recent: Vec::new(),
            recommended: Vec::new(),
            newest: cards(movies::newest(conn, &candidates, NEWEST).await?),
            tags: most_used(index, TAGS),
            director_of_the_day: director_of_the_day(conn, index, nth, hidden.ids()).await?,
        })
    }
}

async fn director_of_the_day(
    conn: &mut Connection,
    index: &Index,
    nth: u32,
    hidden: &[i32],
) -> Result<Option<DirectorOfTheDay>> {
    let Some(id) = index.nth_with_biography(nth) else { return Ok(None) };
    let director = people::with_id(conn, id).await?;
    let Some(Person { slug, name, born, died, country, biography, .. }) = director else {
        return Ok(None);
    };
    let person = index.person(DimensionId::Director, id);
    let hidden = hidden.to_vec();
    let filter = Filter { hidden, ..Filter::by(DimensionId::Director, person) };
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
    Card::grid(films.into_iter().map(Card::from))
}

impl From<CreditedMovie> for FilmOfTheDay {
    fn from(film: CreditedMovie) -> Self {
        Self {
            picture: Picture::new(&film),
            href: url::movie(&film.movie.slug),
            year: film.movie.year,
            directors: card::credits(&film.directors),
            tags: card::tags(&film.tags),
            synopsis: film.movie.synopsis.unwrap_or_default(),
            title: film.movie.title,
        }
    }
}
