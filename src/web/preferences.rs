//! How a visitor likes the site: shown, and kept in the session.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::address::local;
use super::movies::{Choice, sizes, sorts};
use super::page::Page;
use super::query::Query;
use super::visitor::{self, PAGE_SIZES, Preferences, SORTS, Theme, Visitor};
use super::{Result, Site};

#[derive(Serialize)]
struct PreferencesPage {
    saved: bool,
    /// What was wrong with the form that was sent.
    problems: Vec<String>,
    sizes: Vec<Choice>,
    sorts: Vec<Choice>,
    themes: Vec<Choice>,
}

impl Page for PreferencesPage {
    const TEMPLATE: &'static str = "preferences.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let saved = Query::parse(request.query_string().as_bytes()).get("saved").is_some();
    site.respond(&visitor, &PreferencesPage::new(visitor.preferences(), saved, Vec::new()))
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
            let next = form.get("next").map_or("/preferences?saved", local).to_owned();
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, next)).finish())
        }
        Err(problems) => {
            let page = PreferencesPage::new(visitor.preferences(), false, problems);
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
    if let Some(text) = form.get("theme") {
        match Theme::parse(text) {
            Some(theme) => wanted.theme = theme,
            None => {
                problems
                    .push(refused("Colours", &Theme::ALL.map(|theme| theme.as_str().to_owned())));
            }
        }
    }
    if problems.is_empty() { Ok(wanted) } else { Err(problems) }
}

fn refused(field: &str, allowed: &[String]) -> String {
    format!("{field}: choose one of {}.", allowed.join(", "))
}

impl PreferencesPage {
    fn new(preferences: Preferences, saved: bool, problems: Vec<String>) -> Self {
        let text = |theme| match theme {
            Theme::System => "As the device",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        };
        let theme =
            |theme: Theme| Choice::new(theme.as_str(), text(theme), theme == preferences.theme);
        Self {
            saved,
            problems,
            sizes: sizes(preferences.per_page),
            sorts: sorts(preferences.sort),
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
        assert_complete(&PreferencesPage::new(Preferences::default(), true, vec!["No.".into()]));
    }

    #[test]
    fn a_field_left_out_stays_and_a_wrong_one_is_named() {
        let before = Preferences { per_page: 48, ..Preferences::default() };
        let kept = read(&Query::parse(b"theme=dark&history=off"), before).unwrap();
        assert_eq!((kept.per_page, kept.theme), (48, Theme::Dark));
        for form in ["per_page=0", "per_page=-1", "per_page=abc", "per_page=1000000000", "sort=x"] {
            assert_eq!(
                read(&Query::parse(form.as_bytes()), before).unwrap_err().len(),
                1,
                "{form}"
            );
        }
    }
}
