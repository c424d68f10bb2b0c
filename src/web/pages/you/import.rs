//! Bringing films from elsewhere: an earlier export of this site, or a list of Letterboxd or IMDb.

use std::collections::HashSet;

use actix_multipart::form::MultipartForm;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{NaiveTime, Utc};
use serde::Serialize;

use super::list_file::{self, Line};
use crate::catalog::{lookup, movie_summary};
use crate::db::Connection;
use crate::sessions::Data;
use crate::web::error::{Error, Result};
use crate::web::http::redirect;
use crate::web::render::format::{counted, grouped};
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::{self, Mark, Visitor};

/// Marks that are stored at once: where room ends, fewer than that find none.
const AT_ONCE: usize = 50;

#[derive(MultipartForm)]
pub struct Upload {
    #[multipart(limit = "1MiB")]
    file: Bytes,
    /// `seen`, or else the watchlist; for a list that does not say.
    list: Option<Text<String>>,
}

#[derive(Default, Serialize)]
struct ImportPage {
    /// Why nothing was read.
    problem: Option<String>,
    /// What became of it, a sentence each.
    results: Vec<String>,
    unmatched: Vec<Unmatched>,
}

/// A line for which the catalogue has no film.
#[derive(Serialize)]
struct Unmatched {
    line: String,
    text: String,
}

impl Page for ImportPage {
    const TEMPLATE: &'static str = "you/import.html";
}

/// Whoever comes back to the address of a result finds the form.
pub async fn form() -> HttpResponse {
    redirect::to("/you#bring")
}

pub async fn import(
    site: web::Data<Site>,
    mut visitor: Visitor,
    upload: Result<MultipartForm<Upload>, actix_web::Error>,
) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    let page = match upload {
        Ok(MultipartForm(Upload { file, list })) => {
            let to_seen = list.is_some_and(|list| list.as_str() == "seen");
            let mark = if to_seen { Mark::Seen } else { Mark::Listed };
            match serde_json::from_slice::<Data>(&file.data) {
                Ok(export) => restore(conn, &mut visitor, &export).await?,
                Err(_) => list_films(conn, &mut visitor, &file.data, mark).await?,
            }
        }
        Err(_) => {
            ImportPage::refusing("The file is larger than a megabyte, or did not arrive whole.")
        }
    };
    let mut response = site.respond(&visitor, &page)?;
    if page.problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn restore(
    conn: &mut Connection,
    visitor: &mut Visitor,
    export: &Data,
) -> Result<ImportPage> {
    let films = movie_summary::list(conn, &visitor::films(export)).await?;
    let films: HashSet<i32> = films.into_iter().map(|film| film.id).collect();
    let restored = visitor.restore(export, &films)?;
    let mut results = vec![format!("{} restored.", counted_all(restored.kept, "value"))];
    if restored.gone > 0 {
        let gone = counted_all(restored.gone, "film");
        results.push(format!("{gone} left out, because the catalogue does not have them."));
    }
    if restored.unknown > 0 {
        let unknown = counted_all(restored.unknown, "value");
        results.push(format!("{unknown} left out, because this site does not know them."));
    }
    Ok(ImportPage { results, ..ImportPage::default() })
}

async fn list_films(
    conn: &mut Connection,
    visitor: &mut Visitor,
    file: &[u8],
    mark: Mark,
) -> Result<ImportPage> {
    let (lines, unread) = match list_file::read(file) {
        Ok(read) => read,
        Err(problem) => return Ok(ImportPage::refusing(problem)),
    };
    let wanted: Vec<_> = lines.iter().map(|line| line.film.clone()).collect();
    let found = lookup::find(conn, &wanted).await?;
    let mut marks = Vec::new();
    let mut films = HashSet::new();
    let mut unmatched: Vec<Unmatched> = unread.into_iter().map(Unmatched::unread).collect();
    for (line, found) in lines.into_iter().zip(found) {
        match found {
            Some(film) if films.insert(film) => marks.extend(marks_of(visitor, &line, film, mark)),
            Some(_) => {}
            None => unmatched.push(Unmatched::unknown(line)),
        }
    }
    let new: HashSet<i32> = marks.iter().map(|(_, film, _)| *film).collect();
    let left_out = set(visitor, &marks)?;
    let place = if mark == Mark::Seen { "marked as seen" } else { "put on your watchlist" };
    let mut results = vec![format!("{} {place}.", counted_all(new.len() - left_out.len(), "film"))];
    if films.len() > new.len() {
        results.push(format!("{} there already.", counted_all(films.len() - new.len(), "film")));
    }
    if !left_out.is_empty() {
        let films = counted_all(left_out.len(), "film");
        results.push(format!("{films} left out, because there is no room for more."));
    }
    Ok(ImportPage { results, unmatched, problem: None })
}

/// What a line adds; nothing when all of it is there.
fn marks_of(visitor: &Visitor, line: &Line, film: i32, mark: Mark) -> Vec<(Mark, i32, i64)> {
    let mut marks = Vec::new();
    if !visitor.marks().has(mark, film) {
        let day = line.day.map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp());
        let day = day.filter(|day| (1..=Utc::now().timestamp()).contains(day));
        // Of one day in the order of the file.
        let second = i64::try_from(line.number).unwrap_or_default().min(86_399);
        let time = day.unwrap_or_else(|| Utc::now().timestamp()) + second;
        marks.push((mark, film, time));
    }
    if let Some(stars) = line.stars.filter(|_| mark == Mark::Seen)
        && visitor.marks().get(Mark::Rating, film) != Some(stars)
    {
        marks.push((Mark::Rating, film, stars));
    }
    marks
}

/// As many as there is room for; returns the films of the others.
fn set(visitor: &mut Visitor, marks: &[(Mark, i32, i64)]) -> Result<HashSet<i32>> {
    let mut left = marks.chunks(AT_ONCE);
    for some in left.by_ref() {
        match visitor.set(some) {
            Ok(()) => {}
            Err(Error::Full(_)) => {
                let others = some.iter().chain(left.flatten());
                return Ok(others.map(|(_, film, _)| *film).collect());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(HashSet::new())
}

fn counted_all(number: usize, thing: &str) -> String {
    counted(i64::try_from(number).unwrap_or(i64::MAX), thing)
}

impl ImportPage {
    fn refusing(problem: &str) -> Self {
        Self { problem: Some(problem.to_owned()), ..Self::default() }
    }
}

impl Unmatched {
    fn unread(line: u64) -> Self {
        Self { line: number(line), text: "no title".to_owned() }
    }

    fn unknown(Line { number: line, film, .. }: Line) -> Self {
        let year = film.year.map(|year| format!(" ({year})")).unwrap_or_default();
        Self { line: number(line), text: format!("{}{year}", film.title) }
    }
}

fn number(line: u64) -> String {
    grouped(i64::try_from(line).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn the_template_reads_only_what_the_page_has() {
        assert_complete(&ImportPage::refusing("No."));
        let unmatched = vec![Unmatched::unread(3)];
        let results = vec!["1 film.".into()];
        assert_complete(&ImportPage { problem: None, results, unmatched });
    }
}
