//! The web face of the site: every URL, and the middleware around them.

mod about;
mod address;
mod art;
mod asked;
mod assets;
mod card;
mod client;
mod connections;
mod deadline;
mod directors;
mod error;
mod feed;
mod gpc;
mod guard;
mod health;
mod hidden;
mod hole;
mod home;
mod kept;
mod limits;
mod marks;
mod metrics;
mod movies;
mod notices;
mod number;
mod origin;
mod page;
mod pagination;
mod preferences;
mod query;
mod reason;
mod recommended;
mod redirect;
mod representation;
mod request_log;
mod search;
mod shared;
mod sitemap;
mod tags;
mod visitor;
mod you;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, FromRequest, Handler, HttpResponse, HttpServer, Resource, Responder, web};

use self::art::Previews;
use self::assets::Assets;
pub use self::client::Proxies;
use self::connections::Connections;
pub use self::error::{Error, Result};
use self::limits::{Load, Rates};
use self::metrics::{Metrics, Route};
use self::notices::Notices;
pub use self::origin::Origin;
use self::page::{Page, Templates};
use self::shared::Shared;
use self::visitor::Visitor;
use crate::catalog::index::Catalogue;
use crate::catalog::reads::Reads;
use crate::config::Settings;
use crate::db::Pool;
use crate::sessions::{AnyEngine, SessionConfig, Sessions};

/// Bytes of an answer that go to the operating system in one call: most pages as a whole.
const WRITTEN_AT_ONCE: usize = 128 << 10;

/// For the head of a connection's first request.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

/// An idle connection's time. A proxy's is usually shorter: better that the side which sends ends it.
const KEPT_ALIVE: Duration = Duration::from_secs(75);

/// Pages: they may use the visitor's session. Routes are tried in this order, so of those with parts
/// that vary the most asked for come first.
fn pages(config: &mut web::ServiceConfig) {
    config
        .service(page("/", home::show))
        .service(page("/movies", movies::list))
        .service(page("/movies/random", movies::random::show))
        .service(page("/movies/{slug}", movies::detail::show))
        .service(page("/movies/by/{slug}", movies::values::show))
        .service(page("/movies/tags/{slug}", movies::of_tag))
        .service(page("/movies/decades/{slug}", movies::of_decade))
        .service(page("/movies/countries/{slug}", movies::of_country))
        .service(form("/movies/{slug}/watchlist", marks::watchlist))
        .service(form("/movies/{slug}/seen", marks::seen))
        .service(form("/movies/{slug}/rating", marks::rating))
        .service(page("/directors", directors::list))
        .service(page("/directors/{slug}", directors::detail::show))
        .service(page("/tags", tags::list))
        .service(page("/search", search::show))
        .service(page("/watchlist", kept::watchlist))
        .service(page("/seen", kept::seen))
        .service(
            page("/preferences", preferences::show)
                .post(preferences::save)
                .default_service(web::to(|| async { error::wrong_method("GET, HEAD, POST") })),
        )
        .service(form("/notices/{slug}/dismiss", notices::dismiss))
        .service(page("/about", about::show))
        .service(page("/you", you::show))
        .service(page("/you/export.json", you::export))
        .service(page("/you/{list}/{form}.csv", you::lists::export))
        .service(page("/you/import", you::import::form).post(you::import::import))
        .service(form("/you/history", you::history::forget))
        .service(form("/you/erase", you::erase))
        .default_service(web::to(error::no_such_page));
}

/// What is the same for every visitor, and costs no session.
fn files(config: &mut web::ServiceConfig) {
    config
        .service(page("/static/{hash}/{path:.*}", assets::file))
        .service(page("/favicon.ico", assets::favicon))
        .service(page("/art/{slug}.svg", art::poster))
        .service(page("/art/{slug}.png", art::preview))
        .service(page("/movies.atom", feed::show))
        .service(page("/.well-known/gpc.json", gpc::support))
        .service(page("/robots.txt", sitemap::robots))
        .service(page("/sitemap.xml", sitemap::index))
        .service(page("/sitemap-{part}.xml", sitemap::part))
        .service(page("/search/suggestions", search::suggestions::list));
}

/// For the operator.
fn admin(config: &mut web::ServiceConfig) {
    config
        .service(page("/healthz", health::alive))
        .service(page("/readyz", health::ready))
        .service(page("/metrics", metrics::show));
}

/// `GET` and `HEAD`; any other method that gets no route of its own is a 405.
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
        .default_service(web::to(|| async { error::wrong_method("GET, HEAD") }))
}

/// `POST` alone.
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
        .default_service(web::to(|| async { error::wrong_method("POST") }))
}

/// What every handler can reach. Cloning is cheap.
#[derive(Clone)]
pub struct Site {
    pool: Reads,
    catalogue: Catalogue,
    engine: AnyEngine,
    templates: Templates,
    notices: Notices,
    assets: Arc<Assets>,
    sessions: SessionConfig,
    allowed_hosts: Arc<[String]>,
    trusted_proxies: Proxies,
    rates: Arc<Rates>,
    load: Arc<Load>,
    public_url: Option<Origin>,
    previews: Arc<Previews>,
    metrics: Arc<Metrics>,
    max_connections: u32,
    admin_apart: bool,
    stopping: Arc<AtomicBool>,
    shared: Arc<Shared>,
}

impl Site {
    /// # Errors
    /// When a template or static file of the program is broken, or the replica's URL makes no sense.
    pub fn new(
        pool: Pool,
        catalogue: Catalogue,
        engine: AnyEngine,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let assets = Arc::new(Assets::load());
        let connections = settings.database_pool_size.into();
        let replica = settings.database_replica_url.as_deref();
        let replica = replica.map(|url| Pool::for_reading(url, connections)).transpose()?;
        Ok(Self {
            metrics: Arc::new(Metrics::new(&pool, &catalogue)),
            pool: Reads::new(pool, replica, catalogue.clone()),
            catalogue,
            engine,
            templates: Templates::load(assets.clone())?,
            notices: Notices::default(),
            assets,
            previews: Arc::default(),
            public_url: settings.public_url.clone(),
            sessions: settings.sessions.clone(),
            allowed_hosts: settings.allowed_hosts.clone().into(),
            trusted_proxies: settings.trusted_proxies.clone(),
            rates: Arc::new(Rates::new(settings.rate_limit)),
            load: Arc::new(Load::new(settings.max_requests)),
            max_connections: settings.max_connections,
            admin_apart: settings.admin_address.is_some(),
            stopping: Arc::default(),
            shared: Arc::new(Shared::new(settings.page_cache_size)),
        })
    }

    /// From now on the site says that it is not ready, so that new visitors are sent elsewhere.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Whether visitors come by HTTPS alone.
    fn is_secure(&self) -> bool {
        let https = self.public_url.as_ref().is_some_and(Origin::is_https);
        https || self.sessions.session_cookie_secure
    }

    fn sessions(&self) -> Sessions {
        Sessions::new(self.engine.clone(), self.sessions.clone())
    }

    /// Whether sessions are in the visitors' cookies, and none on the server.
    fn keeps_in_cookies(&self) -> bool {
        matches!(self.engine, AnyEngine::SignedCookies(_))
    }

    /// A page of this visitor's own.
    fn respond<P: Page>(&self, visitor: &Visitor, page: &P) -> Result<HttpResponse> {
        Ok(self.send(visitor, &self.templates.render(page)?))
    }
}

/// Starts answering on `listener`. `wrap` reads bottom up. The error pages stand twice: inside
/// the sessions, where they know the visitor's theme, and outside for what fails there.
///
/// # Errors
/// When the operating system refuses the listener.
pub fn serve(listener: TcpListener, site: Site, workers: usize) -> io::Result<Server> {
    let max_connections = site.max_connections;
    let server = HttpServer::new(move || {
        let pages = web::scope("")
            .configure(pages)
            .wrap(from_fn(error::pages))
            .wrap(from_fn(guard::same_origin))
            .wrap(site.sessions());
        App::new()
            .app_data(web::Data::new(site.clone()))
            .configure(files)
            .configure(|config| {
                if !site.admin_apart {
                    admin(config);
                }
            })
            .service(pages)
            .wrap(Compress::default())
            .wrap(from_fn(guard::admit))
            .wrap(from_fn(deadline::limit))
            .wrap(from_fn(error::panics))
            .wrap(from_fn(error::pages))
            .wrap(from_fn(request_log::log))
    });
    let connections = Connections::new(max_connections);
    actix_web::rt::spawn(connections.clone().watch(connections::LONGEST));
    let server = server
        .on_connect(move |stream, data| connections.add(stream, data))
        .workers(workers)
        .max_connections((max_connections as usize / workers).max(1))
        .client_request_timeout(HEAD_WITHIN)
        // The end of a page does not wait until the client has confirmed its beginning.
        .tcp_nodelay(true)
        .h1_write_buffer_size(WRITTEN_AT_ONCE)
        .keep_alive(KEPT_ALIVE);
    // Signals are the program's: it stops the server, then the database.
    let server = server.shutdown_timeout(8).disable_signals();
    Ok(server.listen(listener)?.run())
}

/// Starts answering the operator's monitoring on a `listener` of its own.
///
/// # Errors
/// When the operating system refuses the listener.
pub fn serve_admin(listener: TcpListener, site: Site) -> io::Result<Server> {
    let server =
        HttpServer::new(move || App::new().app_data(web::Data::new(site.clone())).configure(admin));
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
