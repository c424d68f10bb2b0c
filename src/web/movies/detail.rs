//! The page of one film.

mod json_ld;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::catalog::index::Related;
use crate::catalog::languages;
use crate::catalog::movies::{self, Credited};
use crate::catalog::sources::Source;
use crate::web::address::{self, Link, Slug};
use crate::web::art;
use crate::web::card::{self, Art, Card};
use crate::web::hidden;
use crate::web::marks::FilmMarks;
use crate::web::number::runtime;
use crate::web::origin::Origin;
use crate::web::page::Page;
use crate::web::query::Query;
use crate::web::reason::Reason;
use crate::web::visitor::Visitor;
use crate::web::{Error, Result, Site};

/// Films that a film's page leads to.
const RELATED: usize = 12;

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
    related: Vec<Card>,
    /// Absolute.
    url: String,
    preview: String,
    json_ld: String,
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

pub async fn show(
    site: web::Data<Site>,
    origin: Origin,
    mut visitor: Visitor,
    slug: Slug,
) -> Result<HttpResponse> {
    let index = site.catalogue.current();
    let conn = &mut site.pool.get().await?;
    let film = movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let source = movies::source(conn, &film.movie).await?;
    let identifiers = movies::identifiers(conn, film.movie.id).await?;
    let hidden = hidden::films(&visitor, &Query::parse(b""));
    let related = index.related(&[film.movie.id], &hidden, RELATED);
    let ids: Vec<i32> = related.iter().map(|one| one.id).collect();
    let films = movies::with_ids(conn, &ids).await?;
    let cards = films.into_iter().filter_map(|film| because(film, &related)).collect();
    visitor.view(film.movie.id)?;
    site.respond(&visitor, &DetailPage::new(film, source, &identifiers, cards, &origin)?)
}

/// The card of a related film, with the reason.
fn because(film: Credited, related: &[Related<'_>]) -> Option<Card> {
    let found = related.iter().find(|one| one.id == film.movie.id)?;
    let reason = Reason::new(&found.shared, &film.directors, None);
    Some(Card { reason: Some(reason), ..Card::from(film) })
}

impl DetailPage {
    fn new(
        film: Credited,
        source: Option<Source>,
        identifiers: &[(String, String)],
        related: Vec<Card>,
        origin: &Origin,
    ) -> anyhow::Result<Self> {
        let poster = Art::of(&film);
        let elsewhere: Vec<Link> =
            identifiers.iter().filter_map(|(scheme, value)| elsewhere(scheme, value)).collect();
        let same_as = elsewhere.iter().map(|link| link.href.clone()).collect();
        let preview = format!("{origin}{}", art::preview_address(&film));
        let json_ld = json_ld::Movie::new(&film, origin, preview.clone(), same_as);
        let Credited { movie, directors, tags } = film;
        let language = movie.languages.first().filter(|_| movie.original_title.is_some()).cloned();
        let spoken: Vec<String> =
            movie.languages.iter().map(|code| languages::name(code)).collect();
        let facts = [
            ("Running time", movie.runtime.map(runtime)),
            (plural("Country", "Countries", movie.countries.len()), joined(&movie.countries)),
            (plural("Language", "Languages", spoken.len()), joined(&spoken)),
            ("Released", movie.released_on.map(|day| day.format("%-d %B %Y").to_string())),
        ];
        Ok(Self {
            marks: FilmMarks::new(&movie.slug, movie.id),
            facts: facts
                .into_iter()
                .filter_map(|(name, value)| Some(Fact { name, value: value? }))
                .collect(),
            source: source.map(|source| SourceLine::new(source, movie.synopsis_url)),
            elsewhere,
            related,
            url: format!("{origin}{}", address::movie(&movie.slug)),
            preview,
            json_ld: serde_json::to_string(&json_ld)?,
            directors: card::credits(&directors),
            tags: card::tags(&tags),
            title: movie.title,
            year: movie.year,
            original_title: movie.original_title,
            language,
            synopsis: movie.synopsis,
            actors: movie.actors,
            art: poster,
        })
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
