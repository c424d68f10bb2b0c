//! The films of a person in one role.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::timeline;
use crate::catalog::dimension::{DimensionId, first_year};
use crate::catalog::index::{Filter, Index};
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::people::{self, Person, Role};
use crate::catalog::sort::Sort;
use crate::db::Connection;
use crate::web::components::card::{self, Card};
use crate::web::components::tag_link::TagLink;
use crate::web::error::Result;
use crate::web::http::url::{self, Link};

/// Films in the table; hardly anybody made more.
const MAX_FILMS: usize = 1000;

/// Posters; the table and the list have the other films.
const MAX_CARDS: usize = 48;

#[derive(Serialize)]
pub struct Filmography {
    role: &'static str,
    total: i64,
    /// If the years of at least two films are known.
    career: Option<Career>,
    cards: Vec<Card>,
    /// The list of all films, if there are more than posters.
    all_href: Option<String>,
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
    /// Co-directors of a film that the person directed, directors of one that the person acts in.
    with: Vec<Link>,
    character: Option<String>,
}

impl Filmography {
    pub async fn load(
        conn: &mut Connection,
        index: &Index,
        role: Role,
        person: &Person,
        hidden: &[i32],
    ) -> Result<Self> {
        let dimension = DimensionId::of_role(role);
        let filter = Filter {
            hidden: hidden.to_vec(),
            ..Filter::by(dimension, index.person(dimension, person.id))
        };
        let selection = index.select(&filter);
        let films = selection.page(Sort::Newest, 0..MAX_FILMS);
        let films = movies::with_ids(conn, &films).await?;
        let characters = match role {
            Role::Director => HashMap::new(),
            Role::Actor => people::characters(conn, person.id).await?,
        };
        Ok(Self {
            role: role.name(),
            career: Career::new(&films, role, person, characters),
            all_href: (films.len() > MAX_CARDS).then(|| url::films_of(role, &person.slug)),
            cards: Card::grid(films.into_iter().take(MAX_CARDS).map(Card::from)),
            total: selection.total(),
        })
    }
}

impl Career {
    /// Returns `None` unless the years of two films are known.
    fn new(
        films: &[CreditedMovie],
        role: Role,
        person: &Person,
        mut characters: HashMap<i32, String>,
    ) -> Option<Self> {
        let years: Vec<i16> = films.iter().rev().filter_map(|film| film.movie.year).collect();
        let (Some(first), Some(last), 2..) = (years.first(), years.last(), years.len()) else {
            return None;
        };
        let mut decades: BTreeMap<i16, i64> = BTreeMap::new();
        for year in &years {
            *decades.entry(first_year(*year)).or_default() += 1;
        }
        let link = |(first, films): (i16, i64)| {
            let href = url::films_of_decade(role, &person.slug, first);
            TagLink::new(href, format!("{first}s"), films)
        };
        let is_other = |id: i32| role == Role::Actor || id != person.id;
        let row = |film: &CreditedMovie| Row {
            year: film.movie.year,
            film: Link { href: url::movie(&film.movie.slug), text: film.movie.title.clone() },
            with: card::credits(film.directors.iter().filter(|one| is_other(one.id))),
            character: characters.remove(&film.movie.id),
        };
        Some(Self {
            drawing: timeline::draw(&years)?,
            films: years.len(),
            first_year: *first,
            last_year: *last,
            rows: films.iter().rev().map(row).collect(),
            decades: decades.into_iter().map(link).collect(),
        })
    }
}
