//! The site: what its handlers and its middleware are given.

use actix_web::web;

use crate::catalog::index::Catalog;
use crate::catalog::read_pool::ReadPool;
use crate::config::Settings;
use crate::db::Pool;
use crate::sessions::{Engine, Sessions};
use crate::web::admin::Admin;
use crate::web::files::posters::Previews;
use crate::web::files::security_txt::SecurityContact;
use crate::web::http::assets::Assets;
use crate::web::http::guard::AllowedHosts;
use crate::web::http::limits::Limits;
use crate::web::http::origin::{Origin, OriginConfig};
use crate::web::http::request_log::RequestLog;
use crate::web::http::request_metrics::RequestMetrics;
use crate::web::http::shutdown::Shutdown;
use crate::web::ops::health::Readiness;
use crate::web::ops::metrics::Metrics;
use crate::web::render::page::Templates;
use crate::web::render::renderer::Renderer;
use crate::web::visitor::SessionStorage;

/// A site before it is served. Cloning is cheap.
#[derive(Clone)]
pub struct Site {
    engine: Engine,
    pub(super) max_connections: u32,
    pub(super) has_ops_address: bool,
    shutdown: Shutdown,
    pub(super) admin: Admin,
    state: State,
}

/// The state of handlers and middleware, each as `web::Data` of its type.
#[derive(Clone)]
struct State {
    allowed_hosts: web::Data<AllowedHosts>,
    assets: web::Data<Assets>,
    catalog: web::Data<Catalog>,
    limits: web::Data<Limits>,
    metrics: web::Data<Metrics>,
    origin: web::Data<OriginConfig>,
    previews: web::Data<Previews>,
    readiness: web::Data<Readiness>,
    reads: web::Data<ReadPool>,
    renderer: web::Data<Renderer>,
    request_log: web::Data<RequestLog>,
    security_contact: web::Data<SecurityContact>,
    session_storage: web::Data<SessionStorage>,
    templates: web::Data<Templates>,
}

impl Site {
    /// # Errors
    /// When a template or static file of the program is broken, or the replica's URL is invalid.
    pub fn new(
        pool: Pool,
        catalog: Catalog,
        engine: Engine,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let assets = Assets::load();
        let connections = settings.database_pool_size.into();
        let replica = settings.database_replica_url.as_deref();
        let replica = replica.map(|url| Pool::for_reading(url, connections)).transpose()?;
        let requests = RequestMetrics::default();
        let templates = Templates::load(assets.clone())?;
        let admin = Admin::new(pool.clone(), catalog.clone(), templates.clone(), settings)?;
        let reads = ReadPool::new(pool.clone(), replica, catalog.clone());
        let shutdown = Shutdown::default();
        let proxies = &settings.trusted_proxies;
        let is_https = settings.public_url.as_ref().is_some_and(Origin::is_https);
        let renderer = Renderer::new(
            templates.clone(),
            catalog.clone(),
            reads.clone(),
            settings.page_cache_size,
        )?;
        let metrics =
            Metrics::new(pool, engine.connections().cloned(), catalog.clone(), |registry| {
                requests.register(registry);
                renderer.register_metrics(registry);
            });
        let state = State {
            allowed_hosts: web::Data::new(AllowedHosts(settings.allowed_hosts.clone())),
            assets: web::Data::new(assets),
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
                shows_hosts: settings.metrics_address.is_some(),
            }),
            catalog: web::Data::new(catalog),
            reads: web::Data::new(reads),
            renderer: web::Data::new(renderer),
            request_log: web::Data::new(RequestLog {
                metrics: requests,
                https_only: is_https || settings.sessions.session_cookie_secure,
                shutdown: shutdown.clone(),
            }),
            security_contact: web::Data::new(SecurityContact(settings.security_contact.clone())),
            session_storage: web::Data::new(SessionStorage {
                cookie_name: settings.sessions.session_cookie_name.clone(),
                days: settings.sessions.session_cookie_age / (24 * 3600),
                in_cookie: engine.keeps_in_cookies(),
                is_independent: engine.stands_alone(),
            }),
            templates: web::Data::new(templates),
        };
        Ok(Self {
            engine,
            max_connections: settings.max_connections,
            has_ops_address: settings.metrics_address.is_some(),
            shutdown,
            admin,
            state,
        })
    }

    /// Begins to shut down: `/readyz` fails, so that load balancers send new visitors elsewhere.
    pub fn stop(&self) {
        self.shutdown.begin();
    }

    /// Gives handlers and middleware their state.
    pub(super) fn configure(&self, config: &mut web::ServiceConfig) {
        let State {
            allowed_hosts,
            assets,
            catalog,
            limits,
            metrics,
            origin,
            previews,
            readiness,
            reads,
            renderer,
            request_log,
            security_contact,
            session_storage,
            templates,
        } = self.state.clone();
        config
            .app_data(allowed_hosts)
            .app_data(assets)
            .app_data(catalog)
            .app_data(limits)
            .app_data(metrics)
            .app_data(origin)
            .app_data(previews)
            .app_data(readiness)
            .app_data(reads)
            .app_data(renderer)
            .app_data(request_log)
            .app_data(security_contact)
            .app_data(session_storage)
            .app_data(templates);
    }

    pub(super) fn sessions(&self) -> Sessions {
        self.engine.sessions().clone()
    }
}
