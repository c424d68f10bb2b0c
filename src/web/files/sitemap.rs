//! `robots.txt` and sitemaps (<https://www.sitemaps.org/protocol.html>) for search engines.

use std::fmt::Write as _;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::catalog::index::Catalog;
use crate::catalog::people::Role;
use crate::catalog::read_pool::ReadPool;
use crate::catalog::slugs::{self, PageKind};
use crate::web::error::{Error, Result};
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::origin::Origin;
use crate::web::http::representation::Representation;
use crate::web::http::url;

/// Public pages beside those of movies, people and tags.
const PAGES: [&str; 6] = ["/", "/movies", "/directors", "/actors", "/tags", "/about"];

/// Excludes personal pages and searches, and movies with the list that they were reached from in
/// their URL, which are duplicates.
pub(crate) async fn robots(request: HttpRequest, origin: Origin) -> HttpResponse {
    let text = format!(
        "User-agent: *\n\
         Disallow: /admin\n\
         Disallow: /preferences\n\
         Disallow: /search\n\
         Disallow: /watchlist\n\
         Disallow: /seen\n\
         Disallow: /you\n\
         Disallow: /movies/*?\n\
         \n\
         Sitemap: {origin}/sitemap.xml\n"
    );
    Representation::new("text/plain; charset=utf-8", text).respond(&request, CachePolicy::OneHour)
}

/// The sitemap index, `sitemap.xml`.
pub(crate) async fn index(
    catalog: web::Data<Catalog>,
    request: HttpRequest,
    origin: Origin,
) -> HttpResponse {
    let index = catalog.current();
    let mut xml = opening("sitemapindex");
    let mut map = |name: &str| {
        // Writing to a `String` cannot fail.
        _ = writeln!(xml, "<sitemap><loc>{origin}/sitemap-{name}.xml</loc></sitemap>");
    };
    map("pages");
    for kind in PageKind::ALL {
        for part in slugs::parts(&index, kind) {
            map(&format!("{}-{part}", name(kind)));
        }
    }
    xml.push_str("</sitemapindex>\n");
    Representation::new(XML, xml).respond(&request, CachePolicy::OneHour)
}

/// `sitemap-pages.xml`, `sitemap-movies-3.xml`.
pub(crate) async fn part(
    reads: web::Data<ReadPool>,
    request: HttpRequest,
    origin: Origin,
    part: web::Path<String>,
) -> Result<HttpResponse> {
    let mut xml = opening("urlset");
    let mut page = |path: &str| _ = writeln!(xml, "<url><loc>{origin}{path}</loc></url>");
    if *part == "pages" {
        PAGES.into_iter().for_each(&mut page);
    } else {
        let (kind, number) = part.rsplit_once('-').ok_or(Error::NotFound)?;
        let kind = PageKind::ALL.into_iter().find(|known| name(*known) == kind);
        let (Some(kind), Ok(number)) = (kind, number.parse()) else { return Err(Error::NotFound) };
        let conn = &mut reads.get().await?;
        let slugs = slugs::part(conn, kind, number).await?;
        if slugs.is_empty() {
            return Err(Error::NotFound);
        }
        let address = |slug: &String| match kind {
            PageKind::Movie => url::movie(slug),
            PageKind::Person(role) => url::person(role, slug),
            PageKind::Tag => url::tag(slug),
        };
        slugs.iter().for_each(|slug| page(&address(slug)));
    }
    xml.push_str("</urlset>\n");
    Ok(Representation::new(XML, xml).respond(&request, CachePolicy::OneHour))
}

const XML: &str = "application/xml; charset=utf-8";

fn opening(root: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{root} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    )
}

const fn name(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Movie => "movies",
        PageKind::Person(Role::Director) => "directors",
        PageKind::Person(Role::Actor) => "actors",
        PageKind::Tag => "tags",
    }
}
