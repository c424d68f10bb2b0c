//! The page of all data stored about the visitor, with export, import and deletion.

mod export;
pub mod history;
pub mod import;
mod list_file;
pub mod lists;

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

pub use self::export::export;
use crate::catalog::notices;
use crate::catalog::read_pool::ReadPool;
use crate::db::Connection;
use crate::web::components::viewed::{self, Viewed};
use crate::web::error::Result;
use crate::web::http::redirect;
use crate::web::movie_query::parameters::flag;
use crate::web::render::notices::plain_text;
use crate::web::render::page::Page;
use crate::web::render::renderer::PageRequest;
use crate::web::visitor::{Kind, MAX_FILMS, MAX_VIEWED, Mark, SessionStorage, Visitor};

#[derive(Default, Serialize)]
struct YouPage {
    /// The site has sessions.
    has_sessions: bool,
    /// The data has just been deleted.
    deleted: bool,
    /// Nothing is stored.
    empty: bool,
    kept_until: Option<DateTime<Utc>>,
    /// The name of the session cookie.
    cookie: String,
    /// Session data is stored in the cookie, not on the server.
    in_cookie: bool,
    /// Bytes of JSON.
    size: usize,
    visits: Option<i64>,
    preferences: Vec<Fact>,
    /// Numbers of films.
    watchlist: usize,
    seen: usize,
    rated: usize,
    history: Vec<Viewed>,
    keeps_history: bool,
    /// The browser asks sites not to track it.
    untracked: bool,
    /// The texts of dismissed notices, or the slugs of those that no longer exist.
    dismissed_notices: Vec<String>,
    /// Values that this version of the site does not use.
    others: Vec<Fact>,
    max_films: usize,
    max_viewed: usize,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: String,
}

impl Page for YouPage {
    const TEMPLATE: &'static str = "you/page.html";
}

pub async fn show(
    page: PageRequest,
    reads: web::Data<ReadPool>,
    sessions: web::Data<SessionStorage>,
) -> Result<HttpResponse> {
    let visitor = &page.visitor;
    visitor.require_session()?;
    visitor.extend_session();
    let query = page.context(&[&[flag("erased")]]).query;
    let conn = &mut reads.get().await?;
    let mut you = YouPage::new(visitor);
    you.deleted = query.get("erased").is_some();
    you.cookie.clone_from(&sessions.cookie_name);
    you.in_cookie = sessions.in_cookie;
    you.history = viewed::list(conn, visitor).await?;
    name_notices(conn, &mut you.dismissed_notices).await?;
    page.respond(&you).await
}

/// Replaces the slugs of notices by their texts.
async fn name_notices(conn: &mut Connection, slugs: &mut [String]) -> Result<()> {
    if slugs.is_empty() {
        return Ok(());
    }
    let notices = notices::list(conn).await?.into_iter();
    let mut texts: HashMap<_, _> =
        notices.map(|notice| (notice.slug, plain_text(&notice.text))).collect();
    for slug in slugs {
        if let Some(text) = texts.remove(slug) {
            *slug = text;
        }
    }
    Ok(())
}

pub async fn erase(mut visitor: Visitor) -> Result<HttpResponse> {
    visitor.erase()?;
    Ok(redirect::to("/you?erased"))
}

impl YouPage {
    /// Makes the page from the session alone.
    fn new(visitor: &Visitor) -> Self {
        let (record, marks) = (visitor.record(), visitor.marks());
        let mut page = Self {
            has_sessions: visitor.is_remembered(),
            empty: record.is_empty(),
            kept_until: visitor.expires_at(),
            size: Value::Object(record.clone()).to_string().len(),
            watchlist: marks.count(Mark::Listed),
            seen: marks.count(Mark::Seen),
            rated: marks.count(Mark::Rating),
            keeps_history: visitor.preferences().history,
            untracked: visitor.do_not_track(),
            max_films: MAX_FILMS,
            max_viewed: MAX_VIEWED,
            ..Self::default()
        };
        for (key, value) in record {
            let text = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match Kind::of(&key, &value) {
                Kind::Visits => page.visits = Some(visitor.visits()),
                Kind::Preference => page.preferences.push(Fact { value: text(), name: key }),
                Kind::Mark(..) => {}
                Kind::Notice(slug) => page.dismissed_notices.push(slug.to_owned()),
                Kind::Unknown => page.others.push(Fact { value: text(), name: key }),
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&YouPage::new(&Visitor::anonymous()));
    }
}
