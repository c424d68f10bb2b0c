//! The page of the visitor's preferences.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::index::Filter;
use crate::catalog::movies::{self, CreditedMovie, Sort};
use crate::web::components::choice::{Choice, sizes, sorts, views};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::{self, local};
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::{
    self, HISTORY, KEEP_SEEN_LISTED, PER_PAGE, Preferences, SEEN_FILMS, SORT, SeenFilms, THEME,
    Theme, VIEW, Visitor,
};

const PREVIEW_FILMS: usize = 3;

#[derive(Serialize)]
struct PreferencesPage {
    saved: bool,
    /// The fields with an invalid value in the submitted form.
    problems: Vec<Field>,
    fields: Vec<Field>,
    /// The browser asks sites not to track it.
    untracked: bool,
    /// Films to show the preferences by.
    preview: Vec<PreviewFilm>,
}

/// A preference as a form field.
#[derive(Serialize)]
struct Field {
    /// The key in forms and sessions.
    key: &'static str,
    /// Shown as radio buttons instead of a drop-down list.
    is_radio: bool,
    choices: Vec<Choice>,
}

#[derive(Serialize)]
struct PreviewFilm {
    title: String,
    year: Option<i16>,
    poster: String,
}

impl Page for PreferencesPage {
    const TEMPLATE: &'static str = "preferences.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    visitor.in_reach()?;
    let saved = Query::parse(request.query_string().as_bytes()).get("saved").is_some();
    let page = PreferencesPage::new(&visitor, saved, Vec::new());
    site.respond(&visitor, &PreferencesPage { preview: preview(&site).await?, ..page })
}

/// Saves the fields of the form; fields that are left out keep their values. If one value is
/// invalid, saves nothing and shows the form with the problems.
pub async fn save(
    site: web::Data<Site>,
    mut visitor: Visitor,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let form = Query::parse(&body);
    match read(&form, visitor.preferences()) {
        Ok(wanted) => {
            visitor.prefer(wanted, |key| form.get(key).is_some())?;
            let next = form.get("next").map_or("/preferences?saved", local);
            Ok(redirect::to(&same_place(next, &form, wanted)))
        }
        Err(problems) => {
            let page = PreferencesPage::new(&visitor, false, problems);
            let page = PreferencesPage { preview: preview(&site).await?, ..page };
            let mut response = site.respond(&visitor, &page)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

fn read(form: &Query<'_>, before: Preferences) -> Result<Preferences, Vec<Field>> {
    let mut wanted = before;
    let sent = fields(before).into_iter().filter_map(|field| Some((form.get(field.key)?, field)));
    let wrong = sent.filter(|(text, field)| !wanted.set(field.key, text));
    let problems: Vec<Field> = wrong.map(|(_, field)| field).collect();
    if problems.is_empty() { Ok(wanted) } else { Err(problems) }
}

fn fields(now: Preferences) -> Vec<Field> {
    let theme = |theme: Theme| Choice::new(theme.as_str(), theme == now.theme);
    let seen_films = |films: SeenFilms| Choice::new(films.as_str(), films == now.seen_films);
    let switch = |on: bool| vec![Choice::new("on", on), Choice::new("off", !on)];
    let select = |key, choices| Field { key, is_radio: false, choices };
    let radio = |key, choices| Field { key, is_radio: true, choices };
    vec![
        select(PER_PAGE, sizes(now.per_page)),
        select(SORT, sorts(now.sort)),
        select(VIEW, views(now.view)),
        radio(THEME, Theme::ALL.into_iter().map(theme).collect()),
        radio(SEEN_FILMS, SeenFilms::ALL.into_iter().map(seen_films).collect()),
        radio(KEEP_SEEN_LISTED, switch(now.keep_seen_listed).into_iter().rev().collect()),
        radio(HISTORY, switch(now.history)),
    ]
}

async fn preview(site: &Site) -> Result<Vec<PreviewFilm>> {
    let index = site.catalog.current();
    let ids = index.select(&Filter::default()).page(Sort::Newest, 0..PREVIEW_FILMS);
    let conn = &mut site.pool.get().await?;
    let films = movies::with_ids(conn, &ids).await?;
    let film = |CreditedMovie { movie, .. }: CreditedMovie| PreviewFilm {
        title: movie.title,
        year: movie.year,
        poster: url::poster(&movie.slug),
    };
    Ok(films.into_iter().map(film).collect())
}

/// Returns the page of a list that has the film that was first before (`from`, its position from
/// 0), if the order is the same.
fn same_place(next: &str, form: &Query<'_>, now: Preferences) -> String {
    let from: Option<u32> = form.get("from").and_then(|from| from.parse().ok());
    let same_order = form.get("order") == Some(visitor::sort_name(now.sort));
    match from.filter(|from| *from > 0 && same_order) {
        Some(from) => {
            let separator = if next.contains('?') { '&' } else { '?' };
            let (page, place) = (from / now.per_page + 1, from % now.per_page + 1);
            format!("{next}{separator}page={page}#films-{place}")
        }
        None => next.to_owned(),
    }
}

impl PreferencesPage {
    fn new(visitor: &Visitor, saved: bool, problems: Vec<Field>) -> Self {
        let fields = fields(visitor.preferences());
        let (untracked, preview) = (visitor.untracked(), Vec::new());
        Self { saved, problems, fields, untracked, preview }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&PreferencesPage::new(
            &Visitor::unknown(),
            true,
            fields(Preferences::default()),
        ));
    }

    #[test]
    fn missing_field_keeps_its_value_and_invalid_one_is_reported() {
        let before = Preferences { per_page: 48, ..Preferences::default() };
        let Ok(kept) = read(&Query::parse(b"theme=dark&history=off"), before) else { panic!() };
        assert_eq!((kept.per_page, kept.theme, kept.history), (48, Theme::Dark, false));
        for form in
            ["per_page=0", "per_page=-1", "per_page=abc", "per_page=1000000000", "sort=x", "view=x"]
        {
            let problems = read(&Query::parse(form.as_bytes()), before).err();
            assert_eq!(problems.map(|problems| problems.len()), Some(1), "{form}");
        }
    }

    #[test]
    fn changed_page_size_returns_to_the_page_of_the_first_film() {
        let now = Preferences { per_page: 48, ..Preferences::default() };
        let place = |next, form: &str| {
            let form = format!("{form}&order=newest");
            same_place(next, &Query::parse(form.as_bytes()), now)
        };
        assert_eq!(place("/movies", "from=72"), "/movies?page=2#films-25");
        assert_eq!(place("/movies?tag=noir", "from=47"), "/movies?tag=noir&page=1#films-48");
        for odd in ["from=0", "from=-1", "from=x", "", "from=99999999999999"] {
            assert_eq!(place("/movies", odd), "/movies");
        }
        assert_eq!(same_place("/movies", &Query::parse(b"from=72&order=title"), now), "/movies");
    }
}
