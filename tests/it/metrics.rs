use std::time::{Duration, Instant};

use reqwest::Method;
use tempfile::TempDir;

use crate::program::{Site, browser, command};
use crate::support::{TestApp, fresh_database};

impl TestApp {
    /// The value of a line of the metrics; 0 when there is none.
    async fn metric(&self, name: &str) -> f64 {
        let metrics = self.get("/metrics").await.html;
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }
}

fn requests(method: &str, route: &str, status: u16) -> String {
    format!(
        "marquee_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"
    )
}

#[actix_web::test]
async fn requests_are_counted_by_pattern_method_and_status() {
    let app = TestApp::with_films(r#"{"title":"Ran","year":1985}"#).await;
    for path in ["/movies/ran-1985", "/movies/ran-1985?x=1", "/movies/nope", "/nope", "/nope/x"] {
        app.get(path).await;
    }
    app.send(app.request(Method::HEAD, "/movies/ran-1985")).await;
    app.send(app.request(Method::DELETE, "/movies/ran-1985")).await;
    app.post("/preferences", &[("theme", "dark")]).await;
    for (line, count) in [
        (requests("GET", "/movies/{slug}", 200), 2.0),
        (requests("GET", "/movies/{slug}", 404), 1.0),
        (requests("HEAD", "/movies/{slug}", 200), 1.0),
        (requests("other", "/movies/{slug}", 405), 1.0),
        (requests("POST", "/preferences", 303), 1.0),
        (requests("GET", "none", 404), 2.0),
    ] {
        assert_eq!(app.metric(&line).await, count, "{line}");
    }
    let times = "marquee_http_request_duration_seconds_count{route=\"/movies/{slug}\"}";
    assert_eq!(app.metric(times).await, 5.0);
    assert_eq!(app.metric("marquee_http_requests_in_work").await, 1.0, "this one");
}

#[actix_web::test]
async fn metrics_cover_pool_and_process() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;
    assert_eq!(app.metric("marquee_database_connections_limit").await, 4.0);
    let open = app.metric("marquee_database_connections_idle").await
        + app.metric("marquee_database_connections_in_use").await;
    assert!((1.0..=4.0).contains(&open), "{open}");
    assert!(app.metric("process_resident_memory_bytes").await > 1e6);
    assert!(app.metric("process_open_fds").await > 3.0);
    assert!(app.metric("process_max_fds").await > 100.0);
    assert!(app.metric("process_start_time_seconds").await > 1.7e9);
    assert_eq!(app.metric("marquee_database_timeline").await, 1.0);
}

const HITS: &str = "marquee_session_cache_reads_total{result=\"hit\"}";

/// Other tests of this process count, too.
#[actix_web::test]
async fn metrics_count_sessions_by_outcome() {
    let redis = format!("--session-cache-url={}", std::env::var("TEST_REDIS_URL").unwrap());
    let name = "--session-cookie-name=counted";
    let app = TestApp::spawn_with(&["--session-engine=cached_db", &redis, name]).await;
    let lines = [
        "marquee_session_operations_total{operation=\"insert\",result=\"created\"}",
        "marquee_session_operations_total{operation=\"add\",result=\"applied\"}",
        "marquee_session_operations_total{operation=\"load\",result=\"found\"}",
        "marquee_session_operations_total{operation=\"load\",result=\"missing\"}",
        "marquee_session_cache_reads_total{result=\"miss\"}",
        HITS,
        "marquee_session_rejected_cookies_total",
    ];
    let mut before = Vec::new();
    for line in lines {
        before.push(app.metric(line).await);
    }
    for _ in 0..2 {
        app.get("/movies").await;
    }
    // The cache is used once Redis has been reached.
    let start = Instant::now();
    while app.metric(HITS).await <= before[5] {
        app.get("/about").await;
        assert!(start.elapsed() < Duration::from_secs(20), "no copy is used");
    }
    let unknown = "a".repeat(32);
    for cookie in ["rubbish from elsewhere", unknown.as_str()] {
        let visitor = app.other_visitor();
        let request = visitor.request(Method::GET, "/about");
        visitor.send(request.header("Cookie", format!("counted={cookie}"))).await;
    }
    for (line, before) in lines.into_iter().zip(before) {
        assert!(app.metric(line).await > before, "{line}");
    }
}

#[actix_web::test]
async fn metrics_hold_no_visitor_data() {
    let app = TestApp::with_films(r#"{"title":"Ran","year":1985}"#).await;
    let cookie = app.get("/movies").await.header("set-cookie").to_owned();
    let key = cookie.split(['=', ';']).nth(1).unwrap();
    app.get("/search?q=privatematter").await;
    app.get("/movies/ran-1985").await;
    let metrics = app.get("/metrics").await;
    for secret in ["privatematter", "ran-1985", key] {
        assert!(!metrics.html.contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn format_is_openmetrics_or_text_as_the_scraper_accepts() {
    let app = TestApp::spawn().await;
    let scrape = async |accept: &str| {
        let request = app.request(Method::GET, "/metrics").header("Accept", accept);
        app.send(request).await
    };
    let prometheus =
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2";
    let openmetrics = scrape(prometheus).await;
    assert!(openmetrics.header("content-type").starts_with("application/openmetrics-text"));
    assert!(openmetrics.html.ends_with("# EOF\n"));
    for accept in ["*/*", "text/plain"] {
        let text = scrape(accept).await;
        assert_eq!(text.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        assert!(text.html.contains("# TYPE marquee_http_requests_total counter\n"));
        assert!(!text.html.contains("# EOF") && !text.html.contains("# UNIT"));
    }
}

#[actix_web::test]
async fn session_cache_and_replica_have_a_metric_when_configured() {
    let app = TestApp::spawn().await;
    let metrics = app.get("/metrics").await.html;
    assert!(!metrics.contains("marquee_session_cache_up"), "{metrics}");
    assert!(!metrics.contains("marquee_database_replica_up"), "{metrics}");
    let redis = std::env::var("TEST_REDIS_URL").unwrap();
    for (url, up) in [(&*redis, 1.0), ("redis://127.0.0.1:1", 0.0)] {
        let url = format!("--session-cache-url={url}");
        let replica = "--database-replica-url=postgres://127.0.0.1:1/films";
        let app = TestApp::spawn_with(&["--session-engine=cached_db", &url, replica]).await;
        let metrics = app.get("/metrics").await.html;
        assert!(metrics.contains(&format!("\nmarquee_session_cache_up {up}\n")), "{metrics}");
        assert!(metrics.contains("\nmarquee_database_replica_up 0\n"), "{metrics}");
    }
}

/// Alert rules and dashboard use only metrics that exist.
#[actix_web::test]
async fn alert_rules_and_dashboard_use_existing_metrics() {
    let redis = format!("--session-cache-url={}", std::env::var("TEST_REDIS_URL").unwrap());
    let replica = "--database-replica-url=postgres://127.0.0.1:1/films";
    let app = TestApp::spawn_with(&["--session-engine=cached_db", &redis, replica]).await;
    app.get("/movies").await;
    let metrics = app.get("/metrics").await.html;
    let mut used = 0;
    for file in ["deploy/prometheus/alerts.yaml", "deploy/grafana/marquee.json"] {
        let text = std::fs::read_to_string(file).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_metric = |word: &&str| word.starts_with("marquee_") || word.starts_with("process_");
        for name in words.filter(is_metric) {
            used += 1;
            let sample = |line: &str| {
                line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
            };
            assert!(metrics.lines().any(sample), "{file}: {name}");
        }
    }
    assert!(used > 20, "{used}");
    let dashboard = std::fs::read_to_string("deploy/grafana/marquee.json").unwrap();
    serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
}

#[actix_web::test]
async fn metrics_address_hides_ops_endpoints_from_the_public() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path());
    command.env("DATABASE_URL", fresh_database().await).env("METRICS_ADDRESS", "127.0.0.1:0");
    let site = Site::start_command(command).await;
    let status = async |address: &str, path: &str| {
        browser().get(format!("{address}{path}")).send().await.unwrap().status().as_u16()
    };
    let ops = site.logged("metrics are at ").trim_end_matches("/metrics").to_owned();
    let report = browser().get(format!("{ops}/readyz")).send().await.unwrap().text().await.unwrap();
    assert!(report.contains("\nprimary: /") && report.contains(", timeline 1\n"), "{report}");
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(status(&site.address, path).await, 404, "{path}");
        assert_eq!(status(&ops, path).await, 200, "{path}");
    }
    assert_eq!(status(&ops, "/movies").await, 404);
    site.stop().await;
}

#[actix_web::test]
async fn admin_address_still_works_and_logs_a_warning() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path());
    command.env("DATABASE_URL", fresh_database().await).env("ADMIN_ADDRESS", "127.0.0.1:0");
    let site = Site::start_command(command).await;
    let ops = site.logged("metrics are at ").to_owned();
    assert_eq!(browser().get(&ops).send().await.unwrap().status().as_u16(), 200);
    assert_eq!(site.logged("ADMIN_ADDRESS is deprecated, use "), "METRICS_ADDRESS");
    site.stop().await;
}

#[actix_web::test]
async fn page_cache_keeps_each_list_once_and_none_of_an_unknown_value() {
    let app = TestApp::with_films(r#"{"title":"M","year":1931,"runtime":95,"tags":["war"]}"#).await;
    let requests = async || {
        let mut counts = Vec::new();
        for result in ["hit", "miss"] {
            let line = format!("marquee_page_cache_requests_total{{result=\"{result}\"}}");
            counts.push(app.metric(&line).await);
        }
        (counts[0], counts[1])
    };
    for (first, second, is_cached) in [
        ("decade=1930s", "decade=1930", true),
        ("decade=-1930s", "decade=-1930", true),
        ("runtime=90-99", "runtime=090-0099", true),
        ("tag=war", "tag=war&x=y", true),
        ("tag=zzz", "tag=zzz", false),
        ("director=zzz", "director=zzz", false),
        ("tag=war&country=-zzz", "tag=war&country=-zzz", false),
    ] {
        let (hits, misses) = requests().await;
        for query in [first, second] {
            assert_eq!(app.get(&format!("/movies?{query}")).await.status, 200);
        }
        let expected = if is_cached { (1.0, 1.0) } else { (0.0, 2.0) };
        let (more_hits, more_misses) = requests().await;
        assert_eq!((more_hits - hits, more_misses - misses), expected, "{first}");
    }
}

#[actix_web::test]
async fn metrics_cover_session_connections_sweeps_and_catalogue_loads() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;
    assert_eq!(app.metric("marquee_session_connections_limit").await, 8.0);
    let open = app.metric("marquee_session_connections_idle").await
        + app.metric("marquee_session_connections_in_use").await;
    assert!((1.0..=8.0).contains(&open), "{open}");
    assert_eq!(app.metric("marquee_session_connections_waiting").await, 0.0);
    let loaded = app.metric("marquee_catalogue_load_time_seconds").await;
    assert!(loaded > 1.7e9, "{loaded}");
    let page = app.get("/metrics").await.html;
    assert!(page.contains("marquee_session_last_sweep_time_seconds "), "{page}");
}
