//! Imports an export of this site, or a list from Letterboxd or IMDb.

use std::collections::HashSet;

use actix_multipart::form::MultipartForm;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{NaiveTime, Utc};
use serde::Serialize;

use super::list_file::{self, Line};
use crate::catalog::read_pool::ReadPool;
use crate::catalog::{lookup, movies};
use crate::db::Connection;
use crate::sessions::Data;
use crate::web::error::{Error, Result};
use crate::web::http::redirect;
use crate::web::render::page::Page;
use crate::web::render::renderer::PageRequest;
use crate::web::visitor::{self, Mark, Restored, Visitor};

/// Marks that are stored at once. When a list fills up, fewer than these are left out needlessly.
const BATCH_SIZE: usize = 50;

#[derive(MultipartForm)]
pub struct Upload {
    #[multipart(limit = "1MiB")]
    file: Bytes,
    /// The list to add films to: `seen`, or by default the watchlist.
    list: Option<Text<String>>,
}

#[derive(Default, Serialize)]
struct ImportPage {
    /// Why nothing was imported.
    problem: Option<Problem>,
    restored: Option<Restored>,
    added: Option<Added>,
    unmatched: Vec<Unmatched>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Problem {
    /// The upload is too large or incomplete.
    BadUpload,
    /// The file has no column with titles.
    NotAList,
}

/// Numbers of films of a list.
#[derive(Serialize)]
struct Added {
    to_seen: bool,
    added: usize,
    /// Skipped because they are on the list already.
    present: usize,
    /// Skipped because the list is full.
    left_out: usize,
}

/// A line of the file for which the catalogue has no film.
#[derive(Serialize)]
struct Unmatched {
    line: u64,
    /// `None` if the line has no title.
    title: Option<String>,
    year: Option<i16>,
}

impl Page for ImportPage {
    const TEMPLATE: &'static str = "you/import.html";
}

/// Redirects to the form, for visitors who reload the result.
pub async fn form() -> HttpResponse {
    redirect::to("/you#import")
}

pub async fn import(
    mut page: PageRequest,
    reads: web::Data<ReadPool>,
    upload: Result<MultipartForm<Upload>, actix_web::Error>,
) -> Result<HttpResponse> {
    let conn = &mut reads.get().await?;
    let visitor = &mut page.visitor;
    let result = match upload {
        Ok(MultipartForm(Upload { file, list })) => {
            let to_seen = list.is_some_and(|list| list.as_str() == "seen");
            let mark = if to_seen { Mark::Seen } else { Mark::Listed };
            match serde_json::from_slice::<Data>(&file.data) {
                Ok(export) => restore(conn, visitor, &export).await?,
                Err(_) => list_films(conn, visitor, &file.data, mark).await?,
            }
        }
        Err(_) => ImportPage::refusal(Problem::BadUpload),
    };
    let status = match result.problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    page.respond_with(status, &result).await
}

async fn restore(
    conn: &mut Connection,
    visitor: &mut Visitor,
    export: &Data,
) -> Result<ImportPage> {
    let films = movies::existing(conn, &visitor::films(export)).await?;
    let restored = visitor.restore(export, &films)?;
    Ok(ImportPage { restored: Some(restored), ..ImportPage::default() })
}

async fn list_films(
    conn: &mut Connection,
    visitor: &mut Visitor,
    file: &[u8],
    mark: Mark,
) -> Result<ImportPage> {
    let Ok((lines, unread)) = list_file::read(file) else {
        return Ok(ImportPage::refusal(Problem::NotAList));
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
    let added = Added {
        to_seen: mark == Mark::Seen,
        added: new.len() - left_out.len(),
        present: films.len() - new.len(),
        left_out: left_out.len(),
    };
    Ok(ImportPage { added: Some(added), unmatched, ..ImportPage::default() })
}

/// Returns the marks that a line adds to those of the visitor.
fn marks_of(visitor: &Visitor, line: &Line, film: i32, mark: Mark) -> Vec<(Mark, i32, i64)> {
    let mut marks = Vec::new();
    if !visitor.marks().has(mark, film) {
        let day = line.day.map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp());
        let day = day.filter(|day| (1..=Utc::now().timestamp()).contains(day));
        // Keeps films of the same day in the order of the file.
        let second = i64::try_from(line.number).unwrap_or_default().min(86_399);
        let time = day.unwrap_or_else(|| Utc::now().timestamp()) + second;
        marks.push((mark, film, time));
    }
    if let Some(rating) = line.half_stars.filter(|_| mark == Mark::Seen)
        && visitor.marks().get(Mark::Rating, film) != Some(rating)
    {
        marks.push((Mark::Rating, film, rating));
    }
    marks
}

/// Sets as many marks as there is room for. Returns the films of the others.
fn set(visitor: &mut Visitor, marks: &[(Mark, i32, i64)]) -> Result<HashSet<i32>> {
    let mut left = marks.chunks(BATCH_SIZE);
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

impl ImportPage {
    fn refusal(problem: Problem) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }
}

impl Unmatched {
    fn unread(line: u64) -> Self {
        Self { line, title: None, year: None }
    }

    fn unknown(Line { number: line, film, .. }: Line) -> Self {
        Self { line, title: Some(film.title), year: film.year }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        for problem in [Problem::BadUpload, Problem::NotAList] {
            assert_complete(&ImportPage::refusal(problem));
        }
        assert_complete(&ImportPage {
            restored: Some(Restored::default()),
            added: Some(Added { to_seen: true, added: 1, present: 1, left_out: 1 }),
            unmatched: vec![Unmatched::unread(3)],
            problem: None,
        });
    }
}
