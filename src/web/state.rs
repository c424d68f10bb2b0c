//! The site: what its handlers and its middleware are given.

use std::sync::Arc;

use actix_web::{HttpResponse, web};

use crate::catalog::index::Catalog;
use crate::catalog::read_pool::ReadPool;
use crate::config::Settings;
use crate::db::Pool;
use crate::sessions::{AnyEngine, SessionConfig, Sessions};
use crate::web::error::Result;
use crate::web::files::posters::Previews;
use crate::web::http::assets::Assets;
use crate::web::http::guard::AllowedHosts;
use crate::web::http::limits::Limits;
use crate::web::http::origin::{Origin, OriginConfig};
use crate::web::http::request_log::RequestLog;
use crate::web::http::request_metrics::RequestMetrics;
use crate::web::http::shutdown::Shutdown;
use crate::web::ops::health::Readiness;
use crate::web::ops::metrics::Metrics;
use crate::web::render::notices::Notices;
use crate::web::render::page::{Page, Templates};
use crate::web::render::page_cache::Shared;
use crate::web::visitor::Visitor;

/// What page handlers share. Cloning is cheap.
#[derive(Clone)]
pub struct Site {
    pub(super) pool: ReadPool,
    pub(super) catalog: Catalog,
    pub(super) engine: AnyEngine,
    pub(super) templates: Templates,
    pub(super) notices: Notices,
    pub(super) sessions: SessionConfig,
    pub(super) shared: Arc<Shared>,
    pub(super) max_connections: u32,
    pub(super) has_ops_address: bool,
    mechanisms: Mechanisms,
    shutdown: Shutdown,
}

/// The state of each mechanism, which takes it as `web::Data` of its own type.
#[derive(Clone)]
struct Mechanisms {
    allowed_hosts: web::Data<AllowedHosts>,
    assets: web::Data<Assets>,
    catalog: web::Data<Catalog>,
    limits: web::Data<Limits>,
    metrics: web::Data<Metrics>,
    origin: web::Data<OriginConfig>,
    previews: web::Data<Previews>,
    readiness: web::Data<Readiness>,
    reads: web::Data<ReadPool>,
    request_log: web::Data<RequestLog>,
    templates: web::Data<Templates>,
}

impl Site {
    /// # Errors
    /// When a template or static file of the program is broken, or the replica's URL is invalid.
    pub fn new(
        pool: Pool,
        catalog: Catalog,
        engine: AnyEngine,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let assets = Assets::load();
        let connections = settings.database_pool_size.into();
        let replica = settings.database_replica_url.as_deref();
        let replica = replica.map(|url| Pool::for_reading(url, connections)).transpose()?;
        let requests = RequestMetrics::default();
        let metrics = Metrics::new(&requests, pool.clone(), catalog.clone());
        let reads = ReadPool::new(pool, replica, catalog.clone());
        let shutdown = Shutdown::default();
        let templates = Templates::load(assets.clone())?;
        let proxies = &settings.trusted_proxies;
        let is_https = settings.public_url.as_ref().is_some_and(Origin::is_https);
        let mechanisms = Mechanisms {
            allowed_hosts: web::Data::new(AllowedHosts(settings.allowed_hosts.clone())),
            assets: web::Data::new(assets),
            catalog: web::Data::new(catalog.clone()),
            limits: web::Data::new(Limits::new(
                proxies.clone(),
                settings.rate_limit,
                settings.max_requests,
            )),
            metrics: web::Data::new(metrics),
            origin: web::Data::new(OriginConfig {
                public_url: settings.public_url.clone(),
                proxies: proxies.clone(),
            }),
            previews: web::Data::new(Previews::default()),
            readiness: web::Data::new(Readiness {
                reads: reads.clone(),
                engine: engine.clone(),
                catalog: catalog.clone(),
                shutdown: shutdown.clone(),
            }),
            reads: web::Data::new(reads.clone()),
            request_log: web::Data::new(RequestLog {
                metrics: requests,
                https_only: is_https || settings.sessions.session_cookie_secure,
                shutdown: shutdown.clone(),
            }),
            templates: web::Data::new(templates.clone()),
        };
        Ok(Self {
            pool: reads,
            catalog,
            engine,
            templates,
            notices: Notices::default(),
            sessions: settings.sessions.clone(),
            shared: Arc::new(Shared::new(settings.page_cache_size)),
            max_connections: settings.max_connections,
            has_ops_address: settings.metrics_address.is_some(),
            mechanisms,
            shutdown,
        })
    }

    /// Begins to shut down: `/readyz` fails, so that load balancers send new visitors elsewhere.
    pub fn stop(&self) {
        self.shutdown.begin();
    }

    /// Gives handlers and middleware their state.
    pub(super) fn configure(&self, config: &mut web::ServiceConfig) {
        let Mechanisms {
            allowed_hosts,
            assets,
            catalog,
            limits,
            metrics,
            origin,
            previews,
            readiness,
            reads,
            request_log,
            templates,
        } = self.mechanisms.clone();
        config
            .app_data(web::Data::new(self.clone()))
            .app_data(allowed_hosts)
            .app_data(assets)
            .app_data(catalog)
            .app_data(limits)
            .app_data(metrics)
            .app_data(origin)
            .app_data(previews)
            .app_data(readiness)
            .app_data(reads)
            .app_data(request_log)
            .app_data(templates);
    }

    pub(super) fn sessions(&self) -> Sessions {
        Sessions::new(self.engine.clone(), self.sessions.clone())
    }

    /// Returns whether sessions are stored in the visitors' cookies, and nothing on the server.
    pub(super) fn keeps_in_cookies(&self) -> bool {
        matches!(self.engine, AnyEngine::SignedCookies(_))
    }

    /// Responds with a page of this visitor's own.
    pub(super) fn respond<P: Page>(&self, visitor: &Visitor, page: &P) -> Result<HttpResponse> {
        Ok(self.send(visitor, &self.templates.render(page)?))
    }
}
