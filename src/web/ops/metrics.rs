//! What the operator's monitoring reads: counters of this process in the form of Prometheus. No
//! label holds a session, a search or an address, and none has values without end.

use std::fmt;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::catalog::index::Catalog;
use crate::db::Pool;
use crate::sessions;
use crate::web::error::Result;
use crate::web::http::route::Route;
use crate::web::state::Site;

const FORM: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper ends of the classes of answering times, in seconds.
const TIMES: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The counters of one site.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    times: Family<Timed, Histogram, fn() -> Histogram>,
    in_work: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Timed {
    route: &'static str,
}

impl Metrics {
    pub fn new(pool: &Pool, catalog: &Catalog) -> Self {
        let mut all = Registry::default();
        let registry = all.sub_registry_with_prefix("marquee");
        let requests = Family::<Answered, Counter>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let times = Family::new_with_constructor((|| Histogram::new(TIMES)) as fn() -> Histogram);
        let help = "Time from a request's head to its answer";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, times.clone());
        let in_work = Gauge::default();
        registry.register("http_requests_in_work", "Requests being answered", in_work.clone());
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        registry.register_collector(Box::new(Connections(pool.clone())));
        registry.register_collector(Box::new(Films(catalog.clone())));
        sessions::metrics::register(registry);
        all.register_collector(Box::new(Process));
        Self { registry: all, requests, times, in_work }
    }

    /// A request begins; it is in work as long as the result lives.
    pub fn begin(&self) -> InWork {
        self.in_work.inc();
        InWork(self.in_work.clone())
    }

    /// A request was answered.
    pub fn answered(&self, method: &Method, route: Route, status: StatusCode, time: Duration) {
        let Route(route) = route;
        let method = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            _ => "other",
        };
        let status = status.as_u16();
        self.requests.get_or_create(&Answered { method, route, status }).inc();
        self.times.get_or_create(&Timed { route }).observe(time.as_secs_f64());
    }
}

/// Also when a client goes away before it has its answer.
pub struct InWork(Gauge);

impl Drop for InWork {
    fn drop(&mut self) {
        self.0.dec();
    }
}

pub async fn show(site: web::Data<Site>) -> Result<HttpResponse> {
    let mut metrics = String::new();
    text::encode(&mut metrics, &site.metrics.registry).map_err(anyhow::Error::from)?;
    Ok(HttpResponse::Ok()
        .content_type(FORM)
        .insert_header(("Cache-Control", "no-store"))
        .body(metrics))
}

/// Reads the pool's state when asked.
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
            ("database_connections_in_use", "Connections at work", usage.in_use),
            ("database_connections_idle", "Connections open and free", usage.idle),
            ("database_connections_waiting", "Requests waiting for one", usage.waiting),
        ] {
            gauge(&mut encoder, name, help, None, value as u64)?;
        }
        Ok(())
    }
}

/// Which catalogue the pages are made of.
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
        let (name, help) = ("catalogue_version", "Changes of the catalogue that are served");
        gauge(&mut encoder, name, help, None, index.version().unsigned_abs())
    }
}

/// What the operating system knows of this process, by the names that monitoring expects.
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

/// In bytes, where there is `/proc`.
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
