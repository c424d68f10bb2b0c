//! A film's page.

mod json_ld;
mod place;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::NaiveDate;
use serde::Serialize;

use self::place::Place;
use crate::catalog::editing::Kind;
use crate::catalog::index::{Index, Related};
use crate::catalog::movies::{self, CreditedMovie, Movie, MovieDetails};
use crate::catalog::people::CastMember;
use crate::catalog::read_pool::ReadPool;
use crate::catalog::{fold, languages};
use crate::web::components::card::{self, Card};
use crate::web::components::explanation::Explanation;
use crate::web::components::film_marks::FilmMarks;
use crate::web::components::picture::{self, Picture};
use crate::web::components::text_source::TextSource;
use crate::web::error::Result;
use crate::web::http::origin::Origin;
use crate::web::http::query::Parameter;
use crate::web::http::url::{self, Link, Slug};
use crate::web::movie_query::MovieQuery;
use crate::web::movie_query::parameters::{CRITERIA, VIEW};
use crate::web::movie_query::view::movie_list_preferences;
use crate::web::pages::moved;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};

/// Related films on the page.
const RELATED: usize = 6;

#[derive(Serialize)]
struct DetailPage {
    #[serde(skip)]
    film: i32,
    title: String,
    year: Option<i16>,
    original_title: Option<String>,
    /// The language of the original title.
    language: Option<String>,
    directors: Vec<Link>,
    facts: Facts,
    synopsis: Option<String>,
    source: Option<TextSource>,
    /// In order of credit.
    cast: Vec<Part>,
    tags: Vec<Link>,
    external: Vec<Link>,
    picture: Picture,
    place: Option<Place>,
    marks: FilmMarks,
    related: Vec<Card>,
    /// Absolute.
    url: String,
    /// The image of link previews; absolute.
    preview: String,
    json_ld: String,
}

/// An actor of the film.
#[derive(Serialize)]
struct Part {
    person: Link,
    character: Option<String>,
}

impl Part {
    fn new(index: &Index, member: &CastMember) -> Self {
        let CastMember { person, character } = member;
        let href = url::person(index.page_role(person.id), &person.slug);
        Self { person: Link { href, text: person.name.clone() }, character: character.clone() }
    }
}

/// The known facts, each empty or `None` if unknown.
#[derive(Serialize)]
struct Facts {
    /// Minutes.
    runtime: Option<i16>,
    countries: Vec<Link>,
    languages: Vec<Link>,
    released_on: Option<NaiveDate>,
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "movies/detail.html";

    fn film(&self) -> Option<i32> {
        Some(self.film)
    }
}

pub async fn show(slug: Slug, mut page: PageRequest) -> Result<HttpResponse> {
    let rendered = page.cached::<DetailPage>(slug).await?;
    if let Some(film) = rendered.film {
        page.visitor.view(film)?;
    }
    page.send(StatusCode::OK, &rendered).await
}

impl CachedPage for DetailPage {
    type Arguments = Slug;
    /// Those of the list that the film was reached from.
    const PARAMETERS: &'static [&'static [Parameter]] = &[&CRITERIA, &VIEW];

    async fn build(context: &PageContext, reads: &ReadPool, slug: Slug) -> Result<Self> {
        let PageContext { index, query, origin, .. } = context;
        let conn = &mut reads.get().await?;
        let Some(detailed) = movies::details(conn, &slug.0).await? else {
            return Err(moved::error(conn, Kind::Film, &slug.0, |_, slug| url::movie(slug)).await);
        };
        let id = detailed.film.movie.id;

        let mut hidden = context.hidden.ids().to_vec();
        let related = index.related(&[id], &hidden, RELATED);
        // Marking this film as seen must not remove it from its own list.
        hidden.retain(|other| *other != id);
        let movie_query = MovieQuery::parse(conn, index, query, None).await?;
        let preferences = movie_list_preferences(&movie_query, query, context.preferences);
        let find =
            |movie_query: &MovieQuery| Place::find(index, movie_query, &hidden, preferences, id);
        let mut place = find(&movie_query).or_else(|| find(&movie_query.cleared()));

        let beside = place.iter().flat_map(Place::neighbours);
        let ids: Vec<i32> = related.iter().map(|one| one.id).chain(beside).collect();
        let films = movies::with_ids(conn, &ids).await?;
        place.iter_mut().for_each(|place| place.name(&films));
        let cards = Card::grid(films.into_iter().filter_map(|film| explained(film, &related)));
        let page = Self::new(index, detailed, origin)?;
        Ok(Self { related: cards, place, ..page })
    }
}

/// Makes the card of a related film, with the explanation.
fn explained(film: CreditedMovie, related: &[Related<'_>]) -> Option<Card> {
    let found = related.iter().find(|one| one.id == film.movie.id)?;
    let explanation = Explanation::new(&found.shared, &film.directors, None);
    Some(Card { explanation: Some(explanation), ..Card::from(film) })
}

impl DetailPage {
    fn new(index: &Index, detailed: MovieDetails, origin: &Origin) -> anyhow::Result<Self> {
        let MovieDetails { film, source, cast, identifiers } = detailed;
        let picture = Picture::new(&film);
        let external: Vec<Link> =
            identifiers.iter().filter_map(|(scheme, value)| external(scheme, value)).collect();
        let same_as = external.iter().map(|link| link.href.clone()).collect();
        let preview = format!("{origin}{}", picture::preview_url(&film));
        let cast: Vec<Part> = cast.iter().map(|member| Part::new(index, member)).collect();
        let json_ld = json_ld::Movie::new(&film, &cast, origin, preview.clone(), same_as);
        let CreditedMovie { movie, directors, tags } = film;
        let language = movie.languages.first().filter(|_| movie.original_title.is_some()).cloned();
        let facts = Facts::new(&movie);
        Ok(Self {
            film: movie.id,
            marks: FilmMarks::new(&movie.slug, movie.id),
            facts,
            source: source.map(|source| TextSource::new(source, movie.synopsis_url)),
            external,
            place: None,
            related: Vec::new(),
            url: format!("{origin}{}", url::movie(&movie.slug)),
            preview,
            json_ld: serde_json::to_string(&json_ld)?,
            directors: card::credits(&directors),
            tags: card::tags(&tags),
            title: movie.title,
            year: movie.year,
            original_title: movie.original_title,
            language,
            synopsis: movie.synopsis,
            cast,
            picture,
        })
    }
}

impl Facts {
    fn new(movie: &Movie) -> Self {
        let country = |name: &String| Link {
            text: name.clone(),
            href: url::country(&fold::slug(name, None)),
        };
        let language =
            |code: &String| Link { text: languages::name(code), href: url::films_in(code) };
        Self {
            runtime: movie.runtime,
            countries: movie.countries.iter().map(country).collect(),
            languages: movie.languages.iter().map(language).collect(),
            released_on: movie.released_on,
        }
    }
}

/// Links the film in another catalogue, if the scheme is known.
fn external(scheme: &str, value: &str) -> Option<Link> {
    let (text, href) = match scheme {
        "wikidata" => ("Wikidata", format!("https://www.wikidata.org/wiki/{}", url::escape(value))),
        "imdb" => ("IMDb", format!("https://www.imdb.com/title/{}/", url::escape(value))),
        "wikipedia" if value.starts_with("https://") => ("Wikipedia", value.to_owned()),
        _ => return None,
    };
    Some(Link { href, text: text.to_owned() })
}
