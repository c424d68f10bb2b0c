//! The page of one film.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::catalog::movies::{self, Credited, Filter, Sort};
use crate::catalog::sources::Source;
use crate::catalog::{directors, languages};
use crate::db::Connection;
use crate::web::address::{self, Link, Slug};
use crate::web::card::{self, Art, Card};
use crate::web::marks::FilmMarks;
use crate::web::number::runtime;
use crate::web::page::Page;
use crate::web::visitor::Visitor;
use crate::web::{Error, Result, Site};

/// Other films by the same director on a film's page.
const MORE_FILMS: i64 = 6;

#[derive(Serialize)]
struct DetailPage {
    title: String,
    year: Option<i16>,
    original_title: Option<String>,
    /// Of the original title.
    language: Option<String>,
    directors: Vec<Link>,
    facts: Vec<Fact>,
    synopsis: Option<String>,
    source: Option<SourceLine>,
    actors: Vec<String>,
    tags: Vec<Link>,
    elsewhere: Vec<Link>,
    art: Art,
    marks: FilmMarks,
    more_heading: Option<String>,
    more: Vec<Card>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

/// Where a text is from, and under which licence.
#[derive(Serialize)]
pub struct SourceLine {
    pub name: String,
    pub url: Option<String>,
    pub licence: String,
    pub licence_url: Option<String>,
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "movies/detail.html";
}

pub async fn show(site: web::Data<Site>, mut visitor: Visitor, slug: Slug) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    let film = movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let source = movies::source(conn, &film.movie).await?;
    let identifiers = movies::identifiers(conn, film.movie.id).await?;
    let more = more_films(conn, &film).await?;
    visitor.view(film.movie.id)?;
    site.respond(&visitor, &DetailPage::new(film, source, &identifiers, more))
}

async fn more_films(conn: &mut Connection, film: &Credited) -> Result<Vec<Credited>> {
    let Some(credit) = film.directors.first() else { return Ok(Vec::new()) };
    let Some(director) = directors::find(conn, &credit.slug).await? else { return Ok(Vec::new()) };
    let filter = Filter { director_id: Some(director.id), ..Filter::default() };
    let mut more = movies::list(conn, &filter, Sort::Newest, 0, MORE_FILMS + 1).await?;
    more.retain(|other| other.movie.id != film.movie.id);
    more.truncate(usize::try_from(MORE_FILMS).unwrap_or_default());
    Ok(more)
}

impl DetailPage {
    fn new(
        film: Credited,
        source: Option<Source>,
        identifiers: &[(String, String)],
        more: Vec<Credited>,
    ) -> Self {
        let art = Art::of(&film);
        let Credited { movie, directors, tags } = film;
        let more_heading = directors.first().filter(|_| !more.is_empty());
        let language = movie.languages.first().filter(|_| movie.original_title.is_some()).cloned();
        let spoken: Vec<String> =
            movie.languages.iter().map(|code| languages::name(code)).collect();
        let facts = [
            ("Running time", movie.runtime.map(runtime)),
            (plural("Country", "Countries", movie.countries.len()), joined(&movie.countries)),
            (plural("Language", "Languages", spoken.len()), joined(&spoken)),
            ("Released", movie.released_on.map(|day| day.format("%-d %B %Y").to_string())),
        ];
        Self {
            marks: FilmMarks::new(&movie.slug, movie.id),
            facts: facts
                .into_iter()
                .filter_map(|(name, value)| Some(Fact { name, value: value? }))
                .collect(),
            source: source.map(|source| SourceLine::new(source, movie.synopsis_url)),
            elsewhere: identifiers.iter().filter_map(|(s, value)| elsewhere(s, value)).collect(),
            more_heading: more_heading.map(|credit| format!("More by {}", credit.name)),
            more: more.into_iter().map(Card::from).collect(),
            directors: card::credits(&directors),
            tags: card::tags(&tags),
            title: movie.title,
            year: movie.year,
            original_title: movie.original_title,
            language,
            synopsis: movie.synopsis,
            actors: movie.actors,
            art,
        }
    }
}

impl SourceLine {
    pub fn new(source: Source, page: Option<String>) -> Self {
        let Source { name, url, licence, licence_url, .. } = source;
        Self { name, url: page.or(url), licence, licence_url }
    }
}

fn plural(one: &'static str, more: &'static str, count: usize) -> &'static str {
    if count > 1 { more } else { one }
}

fn joined(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The film's page in another catalogue.
fn elsewhere(scheme: &str, value: &str) -> Option<Link> {
    let (text, href) = match scheme {
        "wikidata" => {
            ("Wikidata", format!("https://www.wikidata.org/wiki/{}", address::escape(value)))
        }
        "imdb" => ("IMDb", format!("https://www.imdb.com/title/{}/", address::escape(value))),
        "wikipedia" if value.starts_with("https://") => ("Wikipedia", value.to_owned()),
        _ => return None,
    };
    Some(Link { href, text: text.to_owned() })
}
