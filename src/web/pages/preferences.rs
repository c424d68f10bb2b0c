//! The page of the visitor's preferences.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::catalog::index::{Filter, Index};
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::read_pool::ReadPool;
use crate::catalog::sort::Sort;
use crate::web::components::choice::{Choice, sizes, sorts, views};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::url::{self, local};
use crate::web::http::{form, redirect};
use crate::web::movie_query::parameters::flag;
use crate::web::render::page::Page;
use crate::web::render::renderer::PageRequest;
use crate::web::visitor::{
    HISTORY, KEEP_SEEN_LISTED, PER_PAGE, Preferences, SEEN_FILMS, SORT, SeenFilms, THEME, Theme,
    VIEW, Visitor,
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

pub async fn show(page: PageRequest, reads: web::Data<ReadPool>) -> Result<HttpResponse> {
    page.visitor.require_session()?;
    let context = page.context(&[&[flag("saved")]]);
    let saved = context.query.get("saved").is_some();
    let preview = preview(&reads, &context.index).await?;
    page.respond(&PreferencesPage::new(&page.visitor, saved, Vec::new(), preview)).await
}

/// Saves the fields of the form; fields that are left out keep their values. If one value is
/// invalid, saves nothing and shows the form with the problems.
pub async fn save(
    mut page: PageRequest,
    reads: web::Data<ReadPool>,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let form: HashMap<String, String> = form::parse(&body)?;
    match read(&form, page.visitor.preferences()) {
        Ok(changed) => {
            page.visitor.set_preferences(changed, |key| form.contains_key(key))?;
            let next = form.get("next").map_or("/preferences?saved", |next| local(next));
            Ok(redirect::to(&same_position(next, &form, changed)))
        }
        Err(problems) => {
            let preview = preview(&reads, &page.context(&[]).index).await?;
            let form = PreferencesPage::new(&page.visitor, false, problems, preview);
            page.respond_with(StatusCode::UNPROCESSABLE_ENTITY, &form).await
        }
    }
}

fn read(form: &HashMap<String, String>, before: Preferences) -> Result<Preferences, Vec<Field>> {
    let mut changed = before;
    let sent = fields(before).into_iter().filter_map(|field| Some((form.get(field.key)?, field)));
    let wrong = sent.filter(|(text, field)| !changed.set(field.key, text));
    let problems: Vec<Field> = wrong.map(|(_, field)| field).collect();
    if problems.is_empty() { Ok(changed) } else { Err(problems) }
}

fn fields(now: Preferences) -> Vec<Field> {
    let theme = |theme: Theme| Choice::new(theme.as_str(), theme == now.theme);
    let seen_films = |films: SeenFilms| Choice::new(films.as_str(), films == now.seen_films);
    let switch = |on: bool| vec![Choice::new("on", on), Choice::new("off", !on)];
    let select = |key, choices| Field { key, is_radio: false, choices };
    let radio = |key, choices| Field { key, is_radio: true, choices };
    vec![
        select(PER_PAGE, sizes(now.per_page)),
        select(SORT, sorts(Sort::ALL, now.sort)),
        select(VIEW, views(now.view)),
        radio(THEME, Theme::ALL.into_iter().map(theme).collect()),
        radio(SEEN_FILMS, SeenFilms::ALL.into_iter().map(seen_films).collect()),
        radio(KEEP_SEEN_LISTED, switch(now.keep_seen_listed).into_iter().rev().collect()),
        radio(HISTORY, switch(now.history)),
    ]
}

async fn preview(reads: &ReadPool, index: &Index) -> Result<Vec<PreviewFilm>> {
    let ids = index.select(&Filter::default()).page(Sort::Newest, 0..PREVIEW_FILMS);
    let conn = &mut reads.get().await?;
    let films = movies::with_ids(conn, &ids).await?;
    let film = |CreditedMovie { movie, .. }: CreditedMovie| PreviewFilm {
        title: movie.title,
        year: movie.year,
        poster: url::poster(&movie.slug),
    };
    Ok(films.into_iter().map(film).collect())
}

/// Returns the URL of the list page that has the film that was first before (`from`, its position
/// from 0), if the list is still in the same `order`. Preferences do not change that of a search.
fn same_position(next: &str, form: &HashMap<String, String>, now: Preferences) -> String {
    let from: Option<u32> = form.get("from").and_then(|from| from.parse().ok());
    let same_order = form
        .get("order")
        .is_some_and(|order| [now.sort, Sort::Relevance].map(Sort::name).contains(&order.as_str()));
    match from.filter(|from| *from > 0 && same_order) {
        Some(from) => {
            let (path, query) = next.split_once('?').unwrap_or((next, ""));
            let (page, position) = (from / now.per_page + 1, from % now.per_page + 1);
            let url = Query::parse(query.as_bytes()).with("page", page).at(path);
            format!("{url}#films-{position}")
        }
        None => next.to_owned(),
    }
}

impl PreferencesPage {
    fn new(
        visitor: &Visitor,
        saved: bool,
        problems: Vec<Field>,
        preview: Vec<PreviewFilm>,
    ) -> Self {
        let fields = fields(visitor.preferences());
        Self { saved, problems, fields, untracked: visitor.do_not_track(), preview }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    fn form(text: &str) -> HashMap<String, String> {
        form_urlencoded::parse(text.as_bytes()).into_owned().collect()
    }

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&PreferencesPage::new(
            &Visitor::anonymous(),
            true,
            fields(Preferences::default()),
            Vec::new(),
        ));
    }

    #[test]
    fn missing_field_keeps_its_value_and_invalid_one_is_reported() {
        let before = Preferences { per_page: 48, ..Preferences::default() };
        let Ok(kept) = read(&form("theme=dark&history=off"), before) else { panic!() };
        assert_eq!((kept.per_page, kept.theme, kept.history), (48, Theme::Dark, false));
        for text in
            ["per_page=0", "per_page=-1", "per_page=abc", "per_page=1000000000", "sort=x", "view=x"]
        {
            let problems = read(&form(text), before).err();
            assert_eq!(problems.map(|problems| problems.len()), Some(1), "{text}");
        }
    }

    #[test]
    fn changed_page_size_returns_to_the_page_of_the_first_film() {
        let now = Preferences { per_page: 48, ..Preferences::default() };
        let place =
            |next, text: &str| same_position(next, &form(&format!("{text}&order=newest")), now);
        assert_eq!(place("/movies", "from=72"), "/movies?page=2#films-25");
        assert_eq!(place("/movies?tag=noir", "from=47"), "/movies?tag=noir&page=1#films-48");
        for odd in ["from=0", "from=-1", "from=x", "", "from=99999999999999"] {
            assert_eq!(place("/movies", odd), "/movies");
        }
        let place = |text| same_position("/movies?q=ran", &form(text), now);
        assert_eq!(place("from=72&order=title"), "/movies?q=ran");
        assert_eq!(place("from=72&order=relevance"), "/movies?q=ran&page=2#films-25");
    }
}
