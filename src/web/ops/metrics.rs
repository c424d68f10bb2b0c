//! Prometheus metrics of this process. No label contains a session, a search or a URL, and the
//! number of label values is bounded.

use std::fmt;

use actix_web::{HttpResponse, web};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::catalog::index::Catalog;
use crate::db::Pool;
use crate::sessions;
use crate::web::error::Result;
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::request_metrics::RequestMetrics;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of a site.
pub(crate) struct Metrics(Registry);

impl Metrics {
    pub(crate) fn new(requests: &RequestMetrics, pool: Pool, catalog: Catalog) -> Self {
        let mut all = Registry::default();
        let registry = all.sub_registry_with_prefix("marquee");
        requests.register(registry);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        registry.register_collector(Box::new(Connections(pool)));
        registry.register_collector(Box::new(Films(catalog)));
        sessions::metrics::register(registry);
        all.register_collector(Box::new(Process));
        Self(all)
    }
}

pub(crate) async fn show(metrics: web::Data<Metrics>) -> Result<HttpResponse> {
    let mut report = String::new();
    text::encode(&mut report, &metrics.0).map_err(anyhow::Error::from)?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).insert_header(CachePolicy::NoStore).body(report))
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
        let usage = self.0.usage();
        for (name, help, value) in [
            ("database_connections_limit", "Connections that the pool may open", usage.limit),
            ("database_connections_in_use", "Connections in use", usage.in_use),
            ("database_connections_idle", "Idle connections", usage.idle),
            ("database_connections_waiting", "Requests waiting for a connection", usage.waiting),
        ] {
            gauge(&mut encoder, name, help, None, value as u64)?;
        }
        Ok(())
    }
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
        gauge(&mut encoder, name, help, None, index.version().unsigned_abs())
    }
}

/// Process metrics under Prometheus' standard names.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(bytes) = resident_memory() {
            let (name, help) = ("process_resident_memory", "Memory of this process");
            gauge(&mut encoder, name, help, Some(&Unit::Bytes), bytes)?;
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            let (name, help) = ("process_open_fds", "Open files and connections");
            gauge(&mut encoder, name, help, None, files.count() as u64)?;
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
