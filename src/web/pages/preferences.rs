//! How a visitor likes the site: shown, and kept in the session.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::web::components::choice::{Choice, sizes, sorts, views};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::local;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::{
    self, HISTORY, PER_PAGE, Preferences, SEEN_FILMS, SORT, SeenFilms, THEME, Theme, VIEW, Visitor,
};

#[derive(Serialize)]
struct PreferencesPage {
    saved: bool,
    /// What was wrong with the form that was sent.
    problems: Vec<String>,
    fields: Vec<Field>,
    /// The browser asks not to be tracked.
    untracked: bool,
}

/// One preference, as the form asks for it.
#[derive(Serialize)]
pub struct Field {
    /// In forms and sessions.
    pub key: &'static str,
    pub label: &'static str,
    /// All choices stand there; else in a list to unfold.
    open: bool,
    choices: Vec<Choice>,
}

impl Field {
    /// The choice that is in force, in words.
    pub fn chosen(&self) -> &str {
        self.choices.iter().find(|choice| choice.selected).map_or("", |choice| &choice.text)
    }

    fn refusal(&self) -> String {
        let allowed: Vec<&str> = self.choices.iter().map(|choice| &*choice.value).collect();
        format!("{}: choose one of {}.", self.label, allowed.join(", "))
    }
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
            visitor.prefer(wanted, |key| form.get(key).is_some())?;
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
    let sent = fields(before).into_iter().filter_map(|field| Some((form.get(field.key)?, field)));
    let wrong = sent.filter(|(text, field)| !wanted.set(field.key, text));
    let problems: Vec<String> = wrong.map(|(_, field)| field.refusal()).collect();
    if problems.is_empty() { Ok(wanted) } else { Err(problems) }
}

/// Every preference with its choices.
pub fn fields(now: Preferences) -> Vec<Field> {
    let theme = |theme: Theme| {
        let text = match theme {
            Theme::System => "As the device",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        };
        Choice::new(theme.as_str(), text, theme == now.theme)
    };
    let seen_films = |films: SeenFilms| {
        let text = match films {
            SeenFilms::Show => "Like any other",
            SeenFilms::Fade => "With a faded picture",
            SeenFilms::Hide => "Not at all",
        };
        Choice::new(films.as_str(), text, films == now.seen_films)
    };
    let history = [
        Choice::new("on", "Remember them", now.history),
        Choice::new("off", "Do not record them", !now.history),
    ];
    let field = |key, label, open, choices| Field { key, label, open, choices };
    let themes = Theme::ALL.into_iter().map(theme).collect();
    let seen = SeenFilms::ALL.into_iter().map(seen_films).collect();
    vec![
        field(PER_PAGE, "Films on a page", false, sizes(now.per_page)),
        field(SORT, "Order of lists", false, sorts(now.sort)),
        field(VIEW, "Look of lists", false, views(now.view)),
        field(THEME, "Colours", true, themes),
        field(SEEN_FILMS, "Films you have seen, in lists", true, seen),
        field(HISTORY, "Films you open", true, history.into()),
    ]
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

impl PreferencesPage {
    fn new(visitor: &Visitor, saved: bool, problems: Vec<String>) -> Self {
        let fields = fields(visitor.preferences());
        Self { saved, problems, fields, untracked: visitor.untracked() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

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
