//! Every URL of the site.

use actix_web::http::header::{ALLOW, LOCATION};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, guard, web};

use crate::web::error::{Error, Result};
use crate::web::files::{atom, posters, security_txt, sitemap};
use crate::web::http::query::join;
use crate::web::http::route::Route;
use crate::web::http::url::local;
use crate::web::http::{assets, gpc, redirect};
use crate::web::ops::{health, metrics};
use crate::web::pages::{
    about, film_actions, home, movies, my_lists, notices, people, preferences, search, tags, views,
    you,
};

/// Pages, which may use the visitor's session. Routes are tried in this order: among patterns, the
/// most frequently requested come first.
pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(page("/", home::show))
        .service(page("/movies", movies::list))
        .service(page("/movies/random", movies::random::show))
        .service(page("/movies/{slug}", movies::detail::show))
        // A film may be called "Tags": its forms have the URLs that other films' forms have.
        .service(form("/movies/{slug}/watchlist", film_actions::watchlist).guard(guard::Post()))
        .service(form("/movies/{slug}/seen", film_actions::seen).guard(guard::Post()))
        .service(form("/movies/{slug}/rating", film_actions::rating).guard(guard::Post()))
        .service(page("/movies/by/{slug}", movies::values::show))
        .service(page("/movies/tags/{slug}", movies::of_value))
        .service(page("/movies/decades/{slug}", movies::of_value))
        .service(page("/movies/countries/{slug}", movies::of_value))
        .service(post_only("/movies/{slug}/{form:watchlist|seen|rating}"))
        .service(page("/directors", people::directors))
        .service(page("/directors/{slug}", people::detail::director))
        .service(page("/actors", people::actors))
        .service(page("/actors/{slug}", people::detail::actor))
        .service(page("/tags", tags::list))
        .service(page("/search", search::show))
        .service(page("/watchlist", my_lists::watchlist))
        .service(page("/seen", my_lists::seen))
        .service(with_form(page("/preferences", preferences::show).post(preferences::save)))
        .service(form("/notices/{slug}/dismiss", notices::dismiss))
        .service(form("/views", views::record))
        .service(page("/about", about::show))
        .service(page("/you", you::show))
        .service(page("/you/export.json", you::export))
        .service(page("/you/{list}/{form}.csv", you::lists::export))
        .service(with_form(page("/you/import", you::import::form).post(you::import::import)))
        .service(form("/you/history", you::history::forget))
        .service(form("/you/erase", you::erase))
        .default_service(web::to(no_such_page));
}

/// Files that are the same for every visitor and use no session.
pub fn files(config: &mut web::ServiceConfig) {
    config
        .service(page("/static/{hash}/{path:.*}", assets::file))
        .service(page("/favicon.ico", assets::favicon))
        .service(page("/art/{slug}.svg", posters::poster))
        .service(page("/art/{slug}.png", posters::preview))
        .service(page("/movies.atom", atom::show))
        .service(page("/.well-known/gpc.json", gpc::support))
        .service(page("/.well-known/security.txt", security_txt::show))
        .service(page("/robots.txt", sitemap::robots))
        .service(page("/sitemap.xml", sitemap::index))
        .service(page("/sitemap-{part}.xml", sitemap::part))
        .service(page("/search/suggestions", search::suggestions::list));
}

/// The ops endpoints, for monitoring.
pub fn ops(config: &mut web::ServiceConfig) {
    config
        .service(page("/healthz", health::alive))
        .service(page("/readyz", health::ready))
        .service(page("/metrics", metrics::show));
}

/// A route for `GET` and `HEAD`. Other methods are answered with 405, unless they are added.
fn page<F, Args>(path: &'static str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .app_data(Route(path))
        .get(handler.clone())
        .head(handler)
        .default_service(web::to(|| async { wrong_method("GET, HEAD") }))
}

/// Adds `POST` to the methods that a 405 response names.
fn with_form(page: Resource) -> Resource {
    page.default_service(web::to(|| async { wrong_method("GET, HEAD, POST") }))
}

/// A route for `POST` alone.
fn form<F, Args>(path: &'static str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .name(redirect::FORM)
        .app_data(Route(path))
        .post(handler)
        .default_service(web::to(|| async { wrong_method("POST") }))
}

/// A route whose forms are routes of their own: other methods are answered with 405.
fn post_only(path: &'static str) -> Resource {
    let wrong_method = web::to(|| async { wrong_method("POST") });
    web::resource(path).app_data(Route(path)).default_service(wrong_method)
}

/// Redirects an unknown URL with a trailing slash to the same URL without it; any other one is not
/// found.
async fn no_such_page(request: HttpRequest) -> Result<HttpResponse> {
    let path = request.path().trim_end_matches('/');
    let target = join(path, request.query_string());
    if path == request.path() || local(&target) != target {
        return Err(Error::NotFound);
    }
    Ok(HttpResponse::MovedPermanently().insert_header((LOCATION, target)).finish())
}

/// Responds to a method that a route does not accept.
fn wrong_method(allowed: &'static str) -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((ALLOW, allowed)).finish()
}
