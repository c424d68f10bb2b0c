//! Imports an export of this site, or lists from Letterboxd, IMDb or Trakt.

mod marking;
mod report;

use std::collections::{BTreeMap, HashMap};

use actix_multipart::form::MultipartForm;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use self::report::{Ambiguous, Choice, ImportPage, LineText, MAX_CHOICES, MAX_SHOWN};
use super::export::{ExportedFilm, FILMS};
use super::list_file::{self, Lists, MAX_LINES, Refusal};
use crate::catalog::lookup::{self, MovieRef, Resolved};
use crate::catalog::movies::{self, Movie};
use crate::catalog::read_pool::ReadPool;
use crate::db::Connection;
use crate::sessions::Data;
use crate::web::error::Result;
use crate::web::http::redirect;
use crate::web::render::renderer::PageRequest;
use crate::web::visitor::{Kind, Mark, Visitor};

#[derive(MultipartForm)]
pub struct Upload {
    #[multipart(limit = "1MiB")]
    file: Bytes,
    /// The list for films of a file that does not tell: `seen`, or by default the watchlist.
    list: Option<Text<String>>,
}

/// An upload after parsing.
enum Parsed {
    Export(Data, Vec<ExportedFilm>),
    Lists(Lists),
    Refused(Refusal),
}

/// Shows the form to visitors who return to the URL of a result.
pub async fn form() -> HttpResponse {
    redirect::to("/you#import")
}

pub async fn import(
    mut page: PageRequest,
    reads: web::Data<ReadPool>,
    upload: Result<MultipartForm<Upload>, actix_web::Error>,
) -> Result<HttpResponse> {
    let visitor = &mut page.visitor;
    let result = match upload {
        Ok(MultipartForm(Upload { file, list })) => {
            let is_seen = list.is_some_and(|list| list.as_str() == "seen");
            // Parsing a megabyte would block the worker's other requests.
            let parsed = web::block(move || parse(&file.data));
            let parsed = parsed.await.map_err(anyhow::Error::from)?;
            let conn = &mut reads.get().await?;
            match parsed {
                Parsed::Export(export, films) => restore(conn, visitor, &export, films).await?,
                Parsed::Lists(lists) => marking::add(conn, visitor, lists, is_seen).await?,
                Parsed::Refused(refusal) => ImportPage::refused(&refusal),
            }
        }
        Err(_) => ImportPage::refused(&Refusal::TooLarge),
    };
    let status = match result.is_refused() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page.respond_with(status, &result).await
}

fn parse(bytes: &[u8]) -> Parsed {
    let Ok(mut export) = serde_json::from_slice::<Data>(bytes) else {
        return match list_file::read(bytes) {
            Ok(lists) => Parsed::Lists(lists),
            Err(refusal) => Parsed::Refused(refusal),
        };
    };
    let films = export.remove(FILMS).map_or(Ok(Vec::new()), serde_json::from_value);
    let has_values = || {
        export.is_empty() || export.iter().any(|(key, value)| Kind::of(key, value) != Kind::Unknown)
    };
    match films {
        Ok(films) if films.len() + export.len() > MAX_LINES => {
            Parsed::Refused(Refusal::TooManyLines)
        }
        Ok(films) if !films.is_empty() || has_values() => Parsed::Export(export, films),
        Ok(_) | Err(_) => Parsed::Refused(Refusal::NotAList),
    }
}

/// Restores an export. Films are found as in lists, so that the export of another catalogue marks the
/// right ones.
async fn restore(
    conn: &mut Connection,
    visitor: &mut Visitor,
    export: &Data,
    mut films: Vec<ExportedFilm>,
) -> Result<ImportPage> {
    // A film without marks has nothing to restore.
    films.retain(|film| film.marks().next().is_some());
    let references: Vec<MovieRef> = films.iter().map(|film| film.film.clone()).collect();
    let resolved = lookup::find(conn, &references).await?;
    let mut page = ImportPage::default();
    let mut marks: BTreeMap<(usize, i32), (Mark, i32, i64)> = BTreeMap::new();
    let mut ambiguous = Vec::new();
    for (film, resolved) in films.into_iter().zip(resolved) {
        let text = LineText::new("", 0, &film.film);
        match resolved {
            Resolved::One(id) => {
                marks.extend(
                    film.marks().map(|(mark, value)| ((mark as usize, id), (mark, id, value))),
                );
            }
            Resolved::None => page.missing.push(text),
            Resolved::Several(ids) => ambiguous.push((text, ids)),
        }
    }
    let marks: Vec<(Mark, i32, i64)> = marks.into_values().collect();
    let restored = visitor.restore(export, &marks)?;
    let numbered: Vec<i32> = restored.numbered.iter().copied().collect();
    page.set_numbered(numbered.len(), choices(conn, &numbered).await?);
    page.restored = Some(restored);
    page.ambiguous = name_choices(conn, ambiguous).await?;
    page.shorten();
    Ok(page)
}

/// Loads the first of these films.
async fn choices(conn: &mut Connection, ids: &[i32]) -> Result<Vec<Choice>> {
    let films = movies::with_ids(conn, &ids[..ids.len().min(MAX_SHOWN)]).await?;
    Ok(films.iter().map(|film| Choice::new(&film.movie)).collect())
}

/// Loads the films that ambiguous lines may mean, as far as they are shown.
async fn name_choices(
    conn: &mut Connection,
    ambiguous: Vec<(LineText, Vec<i32>)>,
) -> Result<Vec<Ambiguous>> {
    let shown = ambiguous.iter().take(MAX_SHOWN).flat_map(|(_, ids)| ids.iter().take(MAX_CHOICES));
    let shown: Vec<i32> = shown.copied().collect();
    let films = movies::with_ids(conn, &shown).await?;
    let films: HashMap<i32, Movie> =
        films.into_iter().map(|film| (film.movie.id, film.movie)).collect();
    let named = ambiguous.into_iter().map(|(line, ids)| Ambiguous {
        line,
        choices: ids
            .iter()
            .take(MAX_CHOICES)
            .filter_map(|id| films.get(id))
            .map(Choice::new)
            .collect(),
    });
    Ok(named.collect())
}
