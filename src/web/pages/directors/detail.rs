//! A director's page.

mod timeline;

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use serde::Serialize;

use crate::catalog::dimension::{DimensionId, first_year};
use crate::catalog::index::Filter;
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::people::{self, Person};
use crate::catalog::read_pool::ReadPool;
use crate::catalog::sort::Sort;
use crate::web::components::card::{self, Card};
use crate::web::components::hidden_movies::Hidden;
use crate::web::components::person::Life;
use crate::web::components::tag_link::TagLink;
use crate::web::components::text_source::TextSource;
use crate::web::error::{Error, Result};
use crate::web::http::query::Parameter;
use crate::web::http::url::{self, Link, Slug};
use crate::web::movie_query::parameters::SEEN;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};

/// Films in the table; hardly any director made more.
const MAX_FILMS: usize = 1000;

/// Posters; the table and the list have the other films.
const MAX_CARDS: usize = 48;

#[derive(Serialize)]
struct DetailPage {
    name: String,
    life: Life,
    biography: Option<String>,
    source: Option<TextSource>,
    total: i64,
    /// If the years of at least two films are known.
    career: Option<Career>,
    cards: Vec<Card>,
    /// The list of all films, if there are more than posters.
    all_href: Option<String>,
    hidden: Option<Hidden>,
    url: String,
}

/// The films over time, as a drawing and as a table.
#[derive(Serialize)]
struct Career {
    drawing: String,
    films: usize,
    first_year: i16,
    last_year: i16,
    decades: Vec<TagLink>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    year: Option<i16>,
    film: Link,
    with: Vec<Link>,
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "directors/detail.html";
}

pub async fn show(slug: Slug, page: PageRequest) -> Result<HttpResponse> {
    page.respond_cached::<DetailPage>(slug).await
}

impl CachedPage for DetailPage {
    type Arguments = Slug;
    const PARAMETERS: &'static [&'static [Parameter]] = &[&[SEEN]];

    async fn build(context: &PageContext, reads: &ReadPool, slug: Slug) -> Result<Self> {
        let PageContext { index, origin, .. } = context;
        let conn = &mut reads.get().await?;
        let director = people::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
        let source = people::source(conn, &director).await?;
        let hidden = context.hidden.ids().to_vec();
        let filter = Filter {
            hidden,
            ..Filter::by(DimensionId::Director, index.person(DimensionId::Director, director.id))
        };
        let selection = index.select(&filter);
        let films = selection.page(Sort::Newest, 0..MAX_FILMS);
        let films = movies::with_ids(conn, &films).await?;
        let career = Career::new(&films, &director);
        let Person { slug, name, born, died, country, biography, biography_url, .. } = director;
        Ok(Self {
            life: Life { born, died, country },
            source: source.map(|source| TextSource::new(source, biography_url)),
            all_href: (films.len() > MAX_CARDS).then(|| url::films_of(&slug)),
            hidden: Hidden::new(context, index.hidden_count(&filter)),
            cards: Card::grid(films.into_iter().take(MAX_CARDS).map(Card::from)),
            url: format!("{origin}{}", url::director(&slug)),
            total: selection.total(),
            career,
            name,
            biography,
        })
    }
}

impl Career {
    /// Returns `None` unless the years of two films are known.
    fn new(films: &[CreditedMovie], director: &Person) -> Option<Self> {
        let years: Vec<i16> = films.iter().rev().filter_map(|film| film.movie.year).collect();
        let (Some(first), Some(last), 2..) = (years.first(), years.last(), years.len()) else {
            return None;
        };
        let mut decades: BTreeMap<i16, i64> = BTreeMap::new();
        for year in &years {
            *decades.entry(first_year(*year)).or_default() += 1;
        }
        let link = |(first, films): (i16, i64)| {
            let href = url::films_of_decade(&director.slug, first);
            TagLink::new(href, format!("{first}s"), films)
        };
        let row = |film: &CreditedMovie| Row {
            year: film.movie.year,
            film: Link { href: url::movie(&film.movie.slug), text: film.movie.title.clone() },
            with: card::credits(film.directors.iter().filter(|one| one.id != director.id)),
        };
        Some(Self {
            drawing: timeline::draw(&years)?,
            films: years.len(),
            first_year: *first,
            last_year: *last,
            decades: decades.into_iter().map(link).collect(),
            rows: films.iter().rev().map(row).collect(),
        })
    }
}
