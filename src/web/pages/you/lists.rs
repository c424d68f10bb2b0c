//! Exports lists as CSV in the formats of Letterboxd and IMDb.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use anyhow::Context;
use chrono::DateTime;

use crate::catalog::movies::CreditedMovie;
use crate::catalog::read_pool::ReadPool;
use crate::catalog::{lookup, movies};
use crate::web::error::{Error, Result};
use crate::web::http::cache_policy::CachePolicy;
use crate::web::visitor::{self, Mark, Visitor};

const LETTERBOXD: [&str; 5] = ["Date", "Name", "Year", "Letterboxd URI", "Rating"];
const IMDB: [&str; 14] = [
    "Const",
    "Your Rating",
    "Date Rated",
    "Title",
    "Original Title",
    "URL",
    "Title Type",
    "IMDb Rating",
    "Runtime (mins)",
    "Year",
    "Genres",
    "Num Votes",
    "Release Date",
    "Directors",
];

/// A film of a list.
struct Entry {
    film: CreditedMovie,
    imdb: Option<String>,
    /// `2026-11-24`
    day: String,
    half_stars: Option<i64>,
}

/// Serves `/you/{watchlist,seen}/{letterboxd,imdb}.csv`.
pub async fn export(
    reads: web::Data<ReadPool>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (list, form) = path.into_inner();
    let mark = match list.as_str() {
        "watchlist" => Mark::Listed,
        "seen" => Mark::Seen,
        _ => return Err(Error::NotFound),
    };
    let entries = entries(&reads, &visitor, mark).await?;
    let csv = match form.as_str() {
        "letterboxd" => written(&LETTERBOXD, entries.iter().map(Entry::letterboxd)),
        "imdb" => written(&IMDB, entries.iter().map(Entry::imdb)),
        _ => return Err(Error::NotFound),
    };
    let name = format!("attachment; filename=\"{list}-{form}.csv\"");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header(CachePolicy::PrivateNoStore)
        .insert_header((CONTENT_DISPOSITION, name))
        .body(csv?))
}

/// Loads the films of a list, the first marked first, so that an import restores their order.
async fn entries(reads: &ReadPool, visitor: &Visitor, mark: Mark) -> Result<Vec<Entry>> {
    let mut ids: Vec<i32> = visitor.marks().films(mark).into_iter().map(|(film, _)| film).collect();
    ids.reverse();
    let conn = &mut reads.get().await?;
    let mut imdb = lookup::imdb(conn, &ids).await?;
    let films = movies::with_ids(conn, &ids).await?;
    let entry = |film: CreditedMovie| {
        let id = film.movie.id;
        let time = visitor.marks().get(mark, id).and_then(|at| DateTime::from_timestamp(at, 0));
        Entry {
            imdb: imdb.remove(&id),
            day: time.map(|time| time.date_naive().to_string()).unwrap_or_default(),
            half_stars: visitor.marks().get(Mark::Rating, id).filter(|_| mark == Mark::Seen),
            film,
        }
    };
    Ok(films.into_iter().map(entry).collect())
}

fn written<const N: usize>(
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().context("writing a list")
}

impl Entry {
    fn letterboxd(&self) -> [String; 5] {
        let imdb = self.imdb.as_ref();
        [
            self.day.clone(),
            self.film.movie.title.clone(),
            text(self.film.movie.year),
            imdb.map(|imdb| format!("https://letterboxd.com/imdb/{imdb}/")).unwrap_or_default(),
            text(self.half_stars.map(visitor::stars)),
        ]
    }

    fn imdb(&self) -> [String; 14] {
        let movie = &self.film.movie;
        let tags: Vec<&str> = self.film.tags.iter().map(|tag| tag.name.as_str()).collect();
        let directors: Vec<&str> = self.film.directors.iter().map(|by| by.name.as_str()).collect();
        let url = |imdb| format!("https://www.imdb.com/title/{imdb}/");
        [
            self.imdb.clone().unwrap_or_default(),
            text(self.half_stars),
            self.day.clone(),
            movie.title.clone(),
            movie.original_title.clone().unwrap_or_else(|| movie.title.clone()),
            self.imdb.as_ref().map(url).unwrap_or_default(),
            "Movie".to_owned(),
            String::new(),
            text(movie.runtime),
            text(movie.year),
            tags.join(", "),
            String::new(),
            text(movie.released_on),
            directors.join(", "),
        ]
    }
}

fn text(fact: Option<impl ToString>) -> String {
    fact.map(|fact| fact.to_string()).unwrap_or_default()
}
