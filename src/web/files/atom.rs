//! Any film list as an Atom feed (RFC 4287), the latest additions first. A list of a value that no film
//! has is not found: an empty feed would hide a mistyped address from its subscribers.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::catalog::index::Catalog;
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::read_pool::ReadPool;
use crate::catalog::sources::{self, Source};
use crate::web::error::{Error, Result};
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::origin::Origin;
use crate::web::http::query::Query;
use crate::web::http::representation::Representation;
use crate::web::http::url;
use crate::web::movie_query::parameters::CRITERIA;
use crate::web::movie_query::{Label, MovieQuery};
use crate::web::render::page::{Page, Templates};

/// Films in a feed, enough for readers that poll daily.
const MAX_FILMS: usize = 50;

#[derive(Serialize)]
struct Feed {
    /// Absolute.
    url: String,
    /// The list as a page; absolute.
    list: String,
    /// The criteria of the list; all films if empty.
    criteria: Vec<Label>,
    updated: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    url: String,
    title: String,
    year: Option<i16>,
    added: String,
    directors: Vec<String>,
    tags: Vec<String>,
    summary: Option<String>,
    /// The source of the summary and its licence.
    source: Option<String>,
    licence: Option<String>,
    licence_url: Option<String>,
    /// The page that the summary is from.
    via: Option<String>,
}

impl Page for Feed {
    const TEMPLATE: &'static str = "movies/feed.xml";
}

pub(crate) async fn show(
    catalog: web::Data<Catalog>,
    reads: web::Data<ReadPool>,
    templates: web::Data<Templates>,
    origin: Origin,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let index = catalog.current();
    let conn = &mut reads.get().await?;
    let query = Query::canonical(request.query_string(), &[&CRITERIA]);
    let movie_query = MovieQuery::parse(conn, &index, &query, None).await?;
    if movie_query.has_unknown() {
        return Err(Error::NotFound);
    }
    let filter = movie_query.filter(Vec::new());
    let films = movies::with_ids(conn, &index.select(&filter).latest(MAX_FILMS)).await?;
    let ids: Vec<i32> = films.iter().filter_map(|film| film.movie.synopsis_source_id).collect();
    let sources = sources::with_ids(conn, &ids).await?;
    let feed = Feed {
        url: format!("{origin}{}", movie_query.url_at("/movies.atom")),
        list: format!("{origin}{}", movie_query.url()),
        criteria: movie_query.labels().iter().map(xml_label).collect(),
        updated: date(films.iter().map(|film| film.movie.added_at).max().unwrap_or_default()),
        entries: films.into_iter().map(|film| Entry::new(film, &sources, &origin)).collect(),
    };
    let xml = templates.render(&feed)?.render_anonymous()?;
    let feed = Representation::new("application/atom+xml; charset=utf-8", xml);
    Ok(feed.respond(&request, CachePolicy::FiveMinutes))
}

impl Entry {
    fn new(film: CreditedMovie, sources: &HashMap<i32, Source>, origin: &Origin) -> Self {
        let CreditedMovie { movie, directors, tags } = film;
        let source = movie.synopsis_source_id.and_then(|id| sources.get(&id));
        Self {
            url: format!("{origin}{}", url::movie(&movie.slug)),
            title: text(&movie.title),
            year: movie.year,
            added: date(movie.added_at),
            directors: directors.iter().map(|credit| text(&credit.name)).collect(),
            tags: tags.iter().map(|tag| text(&tag.name)).collect(),
            summary: movie.synopsis.as_deref().map(text),
            source: source.map(|source| text(&source.name)),
            licence: source.map(|source| text(&source.licence)),
            licence_url: source.and_then(|source| source.licence_url.as_deref()).map(text),
            via: movie.synopsis_url.as_deref().map(text),
        }
    }
}

/// Removes the characters that XML 1.0 does not allow, even escaped.
fn text(text: &str) -> String {
    let allowed = |letter: &char| {
        matches!(letter, '\t' | '\n' | '\r')
            || !(letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
    };
    text.chars().filter(allowed).collect()
}

fn xml_label(label: &Label) -> Label {
    Label { name: text(&label.name), ..label.clone() }
}

/// Formats a time as in RFC 3339.
fn date(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn characters_not_allowed_in_xml_are_removed() {
        assert_eq!(text("A\u{0}\u{1b}B\u{fffe} &\nC"), "AB &\nC");
    }
}
