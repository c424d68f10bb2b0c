//! The page of one director.

mod timeline;

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use serde::Serialize;

use crate::catalog::directors::{self, Director};
use crate::catalog::index::{Filter, Index, decade};
use crate::catalog::movies::{self, CreditedMovie, Sort};
use crate::web::components::card::{self, Card};
use crate::web::components::person::life;
use crate::web::components::tag_link::TagLink;
use crate::web::components::text_source::SourceLine;
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::http::url::{self, Link};
use crate::web::movie_query::hidden::{self, Hidden};
use crate::web::pages::detail_request::Asked;
use crate::web::render::format::counted;
use crate::web::render::page::Page;

/// Films in the table: more than nearly anybody has made.
const MOST_FILMS: usize = 1000;

/// Posters; the other films stand in the table and the list.
const MOST_CARDS: usize = 48;

#[derive(Serialize)]
struct DetailPage {
    name: String,
    life: String,
    biography: Option<String>,
    source: Option<SourceLine>,
    count: String,
    /// Of a career that takes some room on an axis.
    career: Option<Career>,
    cards: Vec<Card>,
    /// To all films, when there are more than posters.
    all: Option<Link>,
    hidden: Option<Hidden>,
    url: String,
}

/// When the films were made: drawn, and as a table.
#[derive(Serialize)]
struct Career {
    drawing: String,
    /// "12 films, 1943 to 1993"
    summary: String,
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

pub async fn show(asked: Asked) -> Result<HttpResponse> {
    let Asked { site, request, visitor, .. } = &asked;
    site.respond_shared(request, visitor, async |index| page(index, &asked).await).await
}

async fn page(
    index: &Index,
    Asked { site, request, origin, visitor, slug }: &Asked,
) -> Result<DetailPage> {
    let query = Query::parse(request.query_string().as_bytes());
    let conn = &mut site.pool.get().await?;
    let director = directors::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let source = directors::source(conn, &director).await?;
    let hidden = hidden::films(visitor, &query);
    let filter = Filter { director: Some(director.id), hidden, ..Filter::default() };
    let selection = index.select(&filter);
    let films = selection.page(Sort::Newest, 0..MOST_FILMS);
    let films = movies::with_ids(conn, &films).await?;
    let career = Career::new(&films, &director);
    let Director { slug, name, born, died, country, biography, biography_url, .. } = director;
    let count = counted(selection.total(), "film");
    let all = || Link { href: url::films_of(&slug), text: format!("All {count}") };
    Ok(DetailPage {
        life: life(born, died, country.as_deref()),
        source: source.map(|source| SourceLine::new(source, biography_url)),
        all: (films.len() > MOST_CARDS).then(all),
        hidden: Hidden::new(visitor, request.path(), &query, index.left_out(&filter)),
        cards: films.into_iter().take(MOST_CARDS).map(Card::from).collect(),
        url: format!("{origin}{}", url::director(&slug)),
        count,
        career,
        name,
        biography,
    })
}

impl Career {
    /// `None` when the year of at most one film is known.
    fn new(films: &[CreditedMovie], director: &Director) -> Option<Self> {
        let years: Vec<i16> = films.iter().rev().filter_map(|film| film.movie.year).collect();
        let (Some(first), Some(last), 2..) = (years.first(), years.last(), years.len()) else {
            return None;
        };
        let mut decades: BTreeMap<i16, i64> = BTreeMap::new();
        for year in &years {
            *decades.entry(decade(*year)).or_default() += 1;
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
        let count = counted(i64::try_from(years.len()).unwrap_or(i64::MAX), "film");
        Some(Self {
            drawing: timeline::draw(&years)?,
            summary: match first == last {
                true => format!("{count} of {first}"),
                false => format!("{count}, {first} to {last}"),
            },
            decades: decades.into_iter().map(link).collect(),
            rows: films.iter().rev().map(row).collect(),
        })
    }
}
