//! What every handler can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpResponse;

use crate::catalog::index::Catalog;
use crate::catalog::read_pool::ReadPool;
use crate::config::Settings;
use crate::db::Pool;
use crate::sessions::{AnyEngine, SessionConfig, Sessions};
use crate::web::error::Result;
use crate::web::files::posters::Previews;
use crate::web::http::assets::Assets;
use crate::web::http::client::Proxies;
use crate::web::http::limits::{Load, Rates};
use crate::web::http::origin::Origin;
use crate::web::ops::metrics::Metrics;
use crate::web::render::notices::Notices;
use crate::web::render::page::{Page, Templates};
use crate::web::render::page_cache::Shared;
use crate::web::visitor::Visitor;

/// What every handler can reach. Cloning is cheap.
#[derive(Clone)]
pub struct Site {
    pub(super) pool: ReadPool,
    pub(super) catalog: Catalog,
    pub(super) engine: AnyEngine,
    pub(super) templates: Templates,
    pub(super) notices: Notices,
    pub(super) assets: Arc<Assets>,
    pub(super) sessions: SessionConfig,
    pub(super) allowed_hosts: Arc<[String]>,
    pub(super) trusted_proxies: Proxies,
    pub(super) rates: Arc<Rates>,
    pub(super) load: Arc<Load>,
    pub(super) public_url: Option<Origin>,
    pub(super) previews: Arc<Previews>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) max_connections: u32,
    pub(super) admin_apart: bool,
    pub(super) stopping: Arc<AtomicBool>,
    pub(super) shared: Arc<Shared>,
}

impl Site {
    /// # Errors
    /// When a template or static file of the program is broken, or the replica's URL makes no sense.
    pub fn new(
        pool: Pool,
        catalog: Catalog,
        engine: AnyEngine,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let assets = Arc::new(Assets::load());
        let connections = settings.database_pool_size.into();
        let replica = settings.database_replica_url.as_deref();
        let replica = replica.map(|url| Pool::for_reading(url, connections)).transpose()?;
        Ok(Self {
            metrics: Arc::new(Metrics::new(&pool, &catalog)),
            pool: ReadPool::new(pool, replica, catalog.clone()),
            catalog,
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

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Whether visitors come by HTTPS alone.
    pub(super) fn is_secure(&self) -> bool {
        let https = self.public_url.as_ref().is_some_and(Origin::is_https);
        https || self.sessions.session_cookie_secure
    }

    pub(super) fn sessions(&self) -> Sessions {
        Sessions::new(self.engine.clone(), self.sessions.clone())
    }

    /// Whether sessions are in the visitors' cookies, and none on the server.
    pub(super) fn keeps_in_cookies(&self) -> bool {
        matches!(self.engine, AnyEngine::SignedCookies(_))
    }

    /// A page of this visitor's own.
    pub(super) fn respond<P: Page>(&self, visitor: &Visitor, page: &P) -> Result<HttpResponse> {
        Ok(self.send(visitor, &self.templates.render(page)?))
    }
}
