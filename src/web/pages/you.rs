//! All that is remembered of a visitor, in words; the ways to take it along and to be forgotten.

pub mod history;
pub mod import;
mod list_file;
pub mod lists;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;

use super::preferences;
use crate::web::components::viewed::{self, Viewed};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::render::format::{counted, grouped};
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::{Kind, LARGEST, MOST_FILMS, Mark, Visitor};

#[derive(Serialize)]
struct YouPage {
    /// Whether this site remembers anybody.
    remembers: bool,
    erased: bool,
    empty: bool,
    /// "9 December 2026, 14:05 UTC"
    until: String,
    days: i64,
    cookie: String,
    /// All of it is in the cookie, and nothing here.
    in_cookie: bool,
    /// "1,234 bytes"
    size: String,
    visits: Option<String>,
    preferences: Vec<Fact>,
    /// Kinds of marks: how many, and where they are to be seen.
    shelves: Vec<Shelf>,
    history: Vec<Viewed>,
    records: bool,
    untracked: bool,
    /// Notices that were put away.
    notices: Vec<String>,
    /// What the site does not know any more.
    others: Vec<Fact>,
    most_films: String,
    /// "65,536 bytes"
    room: String,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Shelf {
    films: String,
    what: &'static str,
    href: &'static str,
}

impl Page for YouPage {
    const TEMPLATE: &'static str = "you/page.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    visitor.in_reach()?;
    visitor.prolong();
    let erased = Query::parse(request.query_string().as_bytes()).get("erased").is_some();
    let conn = &mut site.pool.get().await?;
    let page = YouPage {
        erased,
        days: site.sessions.session_cookie_age / (24 * 3600),
        cookie: site.sessions.session_cookie_name.clone(),
        in_cookie: site.keeps_in_cookies(),
        history: viewed::list(conn, &visitor).await?,
        ..YouPage::of(&visitor)
    };
    site.respond(&visitor, &page)
}

/// What is stored, as it is stored: an object of every key and value.
pub async fn export(visitor: Visitor) -> Result<HttpResponse> {
    visitor.in_reach()?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"marquee.json\""))
        .json(visitor.record()))
}

pub async fn erase(mut visitor: Visitor) -> Result<HttpResponse> {
    visitor.erase()?;
    Ok(redirect::to("/you?erased"))
}

impl YouPage {
    /// But for what does not come from the session.
    fn of(visitor: &Visitor) -> Self {
        let record = visitor.record();
        let mut page = Self {
            remembers: visitor.is_remembered(),
            erased: false,
            empty: record.is_empty(),
            until: visitor
                .kept_until()
                .map(|until| until.format("%-d %B %Y, %H:%M UTC").to_string())
                .unwrap_or_default(),
            days: 0,
            cookie: String::new(),
            in_cookie: false,
            size: counted(bytes(&record), "byte"),
            visits: None,
            preferences: Vec::new(),
            shelves: shelves(visitor),
            history: Vec::new(),
            records: visitor.preferences().history,
            untracked: visitor.untracked(),
            notices: Vec::new(),
            others: Vec::new(),
            most_films: grouped(i64::try_from(MOST_FILMS).unwrap_or_default()),
            room: counted(i64::try_from(LARGEST).unwrap_or_default(), "byte"),
        };
        let fields = preferences::fields(visitor.preferences());
        for (key, value) in record {
            match Kind::of(&key, &value) {
                Kind::Visits => page.visits = Some(counted(visitor.visits(), "time")),
                Kind::Preference => {
                    let field = fields.iter().filter(|field| field.key == key);
                    page.preferences.extend(field.map(|field| Fact {
                        name: field.label.to_owned(),
                        value: field.chosen().to_owned(),
                    }));
                }
                Kind::Mark(..) => {}
                Kind::Notice(slug) => page.notices.push(slug.to_owned()),
                Kind::Unknown => {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    page.others.push(Fact { name: key, value });
                }
            }
        }
        page
    }
}

fn shelves(visitor: &Visitor) -> Vec<Shelf> {
    let shelves = [
        (Mark::Listed, "on your watchlist", "/watchlist"),
        (Mark::Seen, "marked as seen", "/seen"),
        (Mark::Rating, "rated", "/seen?view=table"),
    ];
    let shelf = |(mark, what, href)| {
        let films = i64::try_from(visitor.marks().count(mark)).unwrap_or_default();
        (films > 0).then(|| Shelf { films: counted(films, "film"), what, href })
    };
    shelves.into_iter().filter_map(shelf).collect()
}

fn bytes(record: &crate::sessions::Data) -> i64 {
    i64::try_from(Value::Object(record.clone()).to_string().len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn the_template_reads_only_what_the_page_has() {
        assert_complete(&YouPage::of(&Visitor::unknown()));
    }
}
