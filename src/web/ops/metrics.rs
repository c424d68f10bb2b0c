//! Prometheus metrics of this process. No label contains a session, a search or a URL, and the
//! number of label values is bounded.

mod exposition;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse, web};
use nix::sys::resource::{Resource, getrlimit};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::catalog::index::Catalog;
use crate::catalog::read_pool::ReplicaState;
use crate::db::{Pool, PoolUsage};
use crate::web::error::Result;
use crate::web::http::cache_policy::CachePolicy;
use crate::web::ops::health::Readiness;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics of a site.
pub(crate) struct Metrics {
    registry: Registry,
    optional_servers: OptionalServers,
}

impl Metrics {
    /// `sessions` are the connections of the session store, if it has any. `register` adds the metrics
    /// that other parts of the site count.
    pub(crate) fn new(
        pool: Pool,
        sessions: Option<Pool>,
        catalog: Catalog,
        register: impl FnOnce(&mut Registry),
    ) -> Self {
        let mut all = Registry::default();
        let registry = all.sub_registry_with_prefix("marquee");
        register(registry);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        let optional_servers = OptionalServers::default();
        registry.register_collector(Box::new(Connections(pool)));
        if let Some(pool) = sessions {
            registry.register_collector(Box::new(SessionConnections(pool)));
        }
        registry.register_collector(Box::new(Films(catalog)));
        registry.register_collector(Box::new(optional_servers.clone()));
        crate::sessions::metrics::register(registry);
        all.register_collector(Box::new(Process { start: SystemTime::now() }));
        Self { registry: all, optional_servers }
    }
}

/// Responds in the OpenMetrics format if the scraper accepts it, otherwise in Prometheus' text format.
pub(crate) async fn show(
    request: HttpRequest,
    metrics: web::Data<Metrics>,
    readiness: web::Data<Readiness>,
) -> Result<HttpResponse> {
    metrics.optional_servers.update(&readiness).await;
    let mut report = String::new();
    text::encode(&mut report, &metrics.registry).map_err(anyhow::Error::from)?;
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let (media_type, report) = match accepted.into_iter().any(|a| a.contains("openmetrics-text")) {
        true => (OPENMETRICS, report),
        false => (TEXT, exposition::to_text_format(&report)),
    };
    Ok(HttpResponse::Ok().content_type(media_type).insert_header(CachePolicy::NoStore).body(report))
}

/// Reads the state of the connection pool at each scrape.
struct Connections(Pool);

impl fmt::Debug for Connections {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.0.usage())
    }
}

impl Collector for Connections {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        encode_usage(&mut encoder, "database_connections", &self.0.usage())?;
        let Some(primary) = self.0.primary() else { return Ok(()) };
        let info = Info::new([("host", primary.host)]);
        let help = "Server of the latest connection";
        let descriptor =
            encoder.encode_descriptor("database_primary", help, None, info.metric_type())?;
        info.encode(descriptor)?;
        if let Some(timeline) = primary.timeline {
            let (name, help) =
                ("database_timeline", "Timeline of the primary, raised by a fail-over");
            gauge(&mut encoder, name, help, None, timeline.into())?;
        }
        Ok(())
    }
}

/// Reads the state of the session store's connections at each scrape.
struct SessionConnections(Pool);

impl fmt::Debug for SessionConnections {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.0.usage())
    }
}

impl Collector for SessionConnections {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        encode_usage(&mut encoder, "session_connections", &self.0.usage())
    }
}

fn encode_usage(
    encoder: &mut DescriptorEncoder<'_>,
    prefix: &str,
    usage: &PoolUsage,
) -> fmt::Result {
    for (name, help, value) in [
        ("limit", "Connections that the pool may open", usage.limit),
        ("in_use", "Connections in use", usage.in_use),
        ("idle", "Idle connections", usage.idle),
        ("waiting", "Requests waiting for a connection", usage.waiting),
    ] {
        gauge(encoder, &format!("{prefix}_{name}"), help, None, value as u64)?;
    }
    Ok(())
}

/// Reads the catalog version and size at each scrape.
struct Films(Catalog);

impl fmt::Debug for Films {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.current().version())
    }
}

impl Collector for Films {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let index = self.0.current();
        let (name, help) = ("catalogue_films", "Films in the catalogue");
        gauge(&mut encoder, name, help, None, index.len() as u64)?;
        let (name, help) = ("catalogue_version", "Catalog version that is served");
        gauge(&mut encoder, name, help, None, index.version().unsigned_abs())?;
        let (name, help) = ("catalogue_load_time", "When this process last read a new version");
        let loaded = index.loaded_at().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        gauge(&mut encoder, name, help, Some(&Unit::Seconds), loaded)
    }
}

/// The state of the servers that the site can do without: [`UP`], [`DOWN`], or 0 if not configured.
/// Clones share it.
#[derive(Clone, Debug, Default)]
struct OptionalServers {
    replica: Arc<AtomicU8>,
    session_cache: Arc<AtomicU8>,
}

const DOWN: u8 = 1;
const UP: u8 = 2;

impl OptionalServers {
    async fn update(&self, Readiness { reads, engine, .. }: &Readiness) {
        let replica = reads.replica_state().await.map(|state| state == ReplicaState::UpToDate);
        let session_cache = engine.cache_answers().await;
        for (state, is_up) in [(&self.replica, replica), (&self.session_cache, session_cache)] {
            let value = is_up.map_or(0, |is_up| if is_up { UP } else { DOWN });
            state.store(value, Ordering::Relaxed);
        }
    }
}

impl Collector for OptionalServers {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (name, help, state) in [
            ("database_replica_up", "1 if the replica is reachable and up to date", &self.replica),
            ("session_cache_up", "1 if the session cache answers", &self.session_cache),
        ] {
            let state = state.load(Ordering::Relaxed);
            if state != 0 {
                gauge(&mut encoder, name, help, None, u64::from(state == UP))?;
            }
        }
        Ok(())
    }
}

/// Process metrics under Prometheus' standard names.
#[derive(Debug)]
struct Process {
    start: SystemTime,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let start = self.start.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (name, help) = ("process_start_time", "Start of this process since the Unix epoch");
        gauge(&mut encoder, name, help, Some(&Unit::Seconds), start)?;
        if let Some(bytes) = resident_memory() {
            let (name, help) = ("process_resident_memory", "Memory of this process");
            gauge(&mut encoder, name, help, Some(&Unit::Bytes), bytes)?;
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            let (name, help) = ("process_open_fds", "Open files and connections");
            gauge(&mut encoder, name, help, None, files.count() as u64)?;
        }
        if let Ok((limit, _)) = getrlimit(Resource::RLIMIT_NOFILE) {
            gauge(&mut encoder, "process_max_fds", "Limit of open files", None, limit)?;
        }
        Ok(())
    }
}

/// Returns the resident memory in bytes, on systems with `/proc`.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: u64,
) -> fmt::Result {
    let gauge = ConstGauge::<u64>::new(value);
    gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
}
