//! The list of films, whole or of one tag, and the page of one film.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::address::{self, Link, Slug};
use super::card::{self, Art, Card};
use super::number::{counted, runtime};
use super::page::Page;
use super::pagination::Pagination;
use super::query::Query;
use super::visitor::{self, PAGE_SIZES, Preferences, Visitor};
use super::{Error, Result, Site};
use crate::catalog::movies::{self, Credited, Filter, Sort};
use crate::catalog::sources::Source;
use crate::catalog::tags::{self as catalog_tags, Tag};
use crate::catalog::{directors, languages};
use crate::db::Connection;

/// Other films by the same director on a film's page.
const MORE_FILMS: i64 = 6;

#[derive(Serialize)]
struct ListPage {
    heading: String,
    tag: Option<String>,
    count: String,
    cards: Vec<Card>,
    pagination: Pagination,
    controls: Controls,
}

/// The form above a list. What the address says wins over what the visitor prefers.
#[derive(Serialize)]
pub struct Controls {
    sizes: Vec<Choice>,
    sorts: Vec<Choice>,
    /// Where the choice is to be seen: the first page, without what would override it.
    next: String,
}

#[derive(Serialize)]
pub struct Choice {
    value: String,
    text: String,
    selected: bool,
}

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

impl Page for ListPage {
    const TEMPLATE: &'static str = "movies/list.html";
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "movies/detail.html";
}

pub async fn list(site: web::Data<Site>, request: HttpRequest) -> Result<HttpResponse> {
    respond(&site, &request, None).await
}

pub async fn tagged(
    site: web::Data<Site>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let tag = {
        let conn = &mut site.pool.get().await?;
        catalog_tags::find(conn, &slug.0).await?.ok_or(Error::NotFound)?
    };
    respond(&site, &request, Some(tag)).await
}

async fn respond(site: &Site, request: &HttpRequest, tag: Option<Tag>) -> Result<HttpResponse> {
    let visitor = Visitor::counting(request).await?;
    let query = Query::parse(request.query_string().as_bytes());
    let wanted = wanted(&query, visitor.preferences());
    let filter = Filter { tag_id: tag.as_ref().map(|tag| tag.id), ..Filter::default() };
    let path = request.path();

    let conn = &mut site.pool.get().await?;
    let total = movies::count(conn, &filter).await?;
    let pagination =
        Pagination::new(path, &query, wanted.per_page, total).map_err(Error::BeyondTheEnd)?;
    let films =
        movies::list(conn, &filter, wanted.sort, pagination.offset(), pagination.limit()).await?;
    let page = ListPage {
        heading: tag.as_ref().map_or_else(|| "All films".to_owned(), |tag| tag.name.clone()),
        tag: tag.map(|tag| tag.name),
        count: counted(total, "film"),
        cards: films.into_iter().map(Card::from).collect(),
        pagination,
        controls: Controls::new(path, &query, wanted),
    };
    site.respond(&visitor, &page)
}

pub async fn detail(site: web::Data<Site>, visitor: Visitor, slug: Slug) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    let film = movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let source = movies::source(conn, &film.movie).await?;
    let identifiers = movies::identifiers(conn, film.movie.id).await?;
    let more = more_films(conn, &film).await?;
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

/// The visitor's preferences, with what this address says instead.
pub fn wanted(query: &Query<'_>, preferred: Preferences) -> Preferences {
    Preferences {
        per_page: query.get("per").and_then(visitor::page_size).unwrap_or(preferred.per_page),
        sort: query.get("sort").and_then(visitor::sort).unwrap_or(preferred.sort),
        ..preferred
    }
}

impl Controls {
    pub fn new(path: &str, query: &Query<'_>, wanted: Preferences) -> Self {
        let rest = query.without(&["page", "per", "sort"]);
        Self {
            sizes: sizes(wanted.per_page),
            sorts: sorts(wanted.sort),
            next: super::query::join(path, &rest),
        }
    }
}

pub fn sizes(selected: u32) -> Vec<Choice> {
    let choice = |size: u32| Choice {
        value: size.to_string(),
        text: size.to_string(),
        selected: size == selected,
    };
    PAGE_SIZES.into_iter().map(choice).collect()
}

pub fn sorts(selected: Sort) -> Vec<Choice> {
    let text = |sort| match sort {
        Sort::Newest | Sort::Likeness => "Newest first",
        Sort::Oldest => "Oldest first",
        Sort::Title => "Title",
        Sort::Shortest => "Shortest first",
        Sort::Longest => "Longest first",
    };
    let choice = |(name, sort): (&str, Sort)| Choice {
        value: name.to_owned(),
        text: text(sort).to_owned(),
        selected: sort == selected,
    };
    visitor::SORTS.into_iter().map(choice).collect()
}

impl Choice {
    pub fn new(value: &str, text: &str, selected: bool) -> Self {
        Self { value: value.to_owned(), text: text.to_owned(), selected }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::assert_complete;

    #[test]
    fn the_list_template_reads_only_what_the_page_has() {
        let query = Query::parse(b"");
        let preferences = Preferences::default();
        assert_complete(&ListPage {
            heading: "All films".into(),
            tag: None,
            count: "0 films".into(),
            cards: vec![],
            pagination: Pagination::new("/movies", &query, 24, 0).unwrap(),
            controls: Controls::new("/movies", &query, preferences),
        });
    }

    #[test]
    fn the_address_wins_over_the_preference_when_it_makes_sense() {
        let preferred = Preferences { per_page: 48, ..Preferences::default() };
        let per_page = |query: &str| wanted(&Query::parse(query.as_bytes()), preferred).per_page;
        assert_eq!(per_page("per=12"), 12);
        for query in ["", "per=", "per=0", "per=-1", "per=1000000000", "per=abc", "per=13"] {
            assert_eq!(per_page(query), 48, "{query}");
        }
    }
}
