//! How a visitor likes the site: shown, and kept in the session.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::address::local;
use super::movies::{Choice, sizes, sorts, views};
use super::page::Page;
use super::query::Query;
use super::redirect;
use super::visitor::{self, PAGE_SIZES, Preferences, SORTS, SeenFilms, Theme, View, Visitor};
use super::{Result, Site};

#[derive(Serialize)]
struct PreferencesPage {
    saved: bool,
    /// What was wrong with the form that was sent.
    problems: Vec<String>,
    sizes: Vec<Choice>,
    sorts: Vec<Choice>,
    views: Vec<Choice>,
    themes: Vec<Choice>,
    seen_films: Vec<Choice>,
    history: Vec<Choice>,
    /// The browser asks not to be tracked.
    untracked: bool,
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
    site.respond(&visitor, &PreferencesPage::new(&visitor, saved, Vec::new()))
}

/// A field left out stays as it is. With one wrong value nothing is kept, and the form comes
/// back with what was wrong.
pub async fn save(
    site: web::Data<Site>,
    mut visitor: Visitor,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let form = Query::parse(&body);
    match read(&form, visitor.preferences()) {
        Ok(wanted) => {
            visitor.prefer(wanted)?;
            let next = form.get("next").map_or("/preferences?saved", local);
            Ok(redirect::to(&same_place(next, &form, wanted)))
        }
        Err(problems) => {
            let page = PreferencesPage::new(&visitor, false, problems);
            let mut response = site.respond(&visitor, &page)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

fn read(form: &Query<'_>, before: Preferences) -> Result<Preferences, Vec<String>> {
    let mut wanted = before;
    let mut problems = Vec::new();
    if let Some(text) = form.get("per_page") {
        match visitor::page_size(text) {
            Some(size) => wanted.per_page = size,
            None => problems.push(refused("Films on a page", &PAGE_SIZES.map(|n| n.to_string()))),
        }
    }
    if let Some(text) = form.get("sort") {
        match visitor::sort(text) {
            Some(sort) => wanted.sort = sort,
            None => problems.push(refused("Order", &SORTS.map(|(name, _)| name.to_owned()))),
        }
    }
    if let Some(text) = form.get("view") {
        match View::parse(text) {
            Some(view) => wanted.view = view,
            None => {
                problems.push(refused("Look", &View::ALL.map(|view| view.as_str().to_owned())));
            }
        }
    }
    if let Some(text) = form.get("theme") {
        match Theme::parse(text) {
            Some(theme) => wanted.theme = theme,
            None => {
                problems
                    .push(refused("Colours", &Theme::ALL.map(|theme| theme.as_str().to_owned())));
            }
        }
    }
    if let Some(text) = form.get("seen_films") {
        match SeenFilms::parse(text) {
            Some(films) => wanted.seen_films = films,
            None => problems.push(refused(
                "Films you have seen",
                &SeenFilms::ALL.map(|films| films.as_str().to_owned()),
            )),
        }
    }
    if let Some(text) = form.get("history") {
        match visitor::switch(text) {
            Some(on) => wanted.history = on,
            None => problems.push(refused("Films you open", &["on".into(), "off".into()])),
        }
    }
    if problems.is_empty() { Ok(wanted) } else { Err(problems) }
}

/// A list in the same order stays at the film that came first on the page (`from`, counted from
/// 0), however many are on a page now.
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

fn refused(field: &str, allowed: &[String]) -> String {
    format!("{field}: choose one of {}.", allowed.join(", "))
}

impl PreferencesPage {
    fn new(visitor: &Visitor, saved: bool, problems: Vec<String>) -> Self {
        let preferences = visitor.preferences();
        let text = |theme| match theme {
            Theme::System => "As the device",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        };
        let theme =
            |theme: Theme| Choice::new(theme.as_str(), text(theme), theme == preferences.theme);
        let text_of_seen = |films| match films {
            SeenFilms::Show => "Like any other",
            SeenFilms::Fade => "With a faded picture",
            SeenFilms::Hide => "Not at all",
        };
        let seen_film = |films: SeenFilms| {
            Choice::new(films.as_str(), text_of_seen(films), films == preferences.seen_films)
        };
        Self {
            untracked: visitor.untracked(),
            seen_films: SeenFilms::ALL.into_iter().map(seen_film).collect(),
            history: vec![
                Choice::new("on", "Remember them", preferences.history),
                Choice::new("off", "Do not record them", !preferences.history),
            ],
            saved,
            problems,
            sizes: sizes(preferences.per_page),
            sorts: sorts(preferences.sort),
            views: views(preferences.view),
            themes: Theme::ALL.into_iter().map(theme).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::assert_complete;

    #[test]
    fn the_template_reads_only_what_the_page_has() {
        assert_complete(&PreferencesPage::new(&Visitor::unknown(), true, vec!["No.".into()]));
    }

    #[test]
    fn a_field_left_out_stays_and_a_wrong_one_is_named() {
        let before = Preferences { per_page: 48, ..Preferences::default() };
        let kept = read(&Query::parse(b"theme=dark&history=off"), before).unwrap();
        assert_eq!((kept.per_page, kept.theme, kept.history), (48, Theme::Dark, false));
        for form in
            ["per_page=0", "per_page=-1", "per_page=abc", "per_page=1000000000", "sort=x", "view=x"]
        {
            assert_eq!(
                read(&Query::parse(form.as_bytes()), before).unwrap_err().len(),
                1,
                "{form}"
            );
        }
    }

    #[test]
    fn another_page_size_keeps_the_first_film_in_sight() {
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
