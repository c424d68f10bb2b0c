//! TLS on the way to Postgres and to Redis.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use marquee::db;
use tempfile::TempDir;

use crate::certificates::Authority;
use crate::cluster::Cluster;
use crate::program::PATIENCE;
use crate::support::{TestApp, connect, number, own_port};

fn encrypted(authority: &Authority) -> Cluster {
    let cluster = Cluster::new();
    cluster.take(|data| authority.certify(data));
    cluster.set("ssl = on");
    cluster.start()
}

/// Returns the server's view of a connection, if there is one.
async fn reached(url: &str) -> Option<bool> {
    let mut conn = db::connect(url).await.ok()?;
    let query = "SELECT ssl::int::int8 AS number FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let row = diesel_async::RunQueryDsl::get_result::<crate::support::Number>(
        diesel::sql_query(query),
        &mut conn,
    );
    Some(row.await.unwrap().number == 1)
}

#[actix_web::test]
async fn sslmode_means_the_same_as_in_libpq() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cluster = encrypted(&authority);
    let (ours, other) = (authority.root(), stranger.root());
    let ours = format!("sslrootcert={}", ours.display());
    let other = format!("sslrootcert={}", other.display());
    let (tls, plain, refused) = (Some(true), Some(false), None);
    // The certificate names localhost alone, which is the same address.
    for (host, parameters, expected) in [
        ("localhost", format!("sslmode=verify-full&{ours}"), tls),
        ("127.0.0.1", format!("sslmode=verify-full&{ours}"), refused),
        ("localhost", format!("sslmode=verify-full&{other}"), refused),
        ("localhost", "sslmode=verify-full".to_owned(), refused),
        ("127.0.0.1", format!("sslmode=verify-ca&{ours}"), tls),
        ("127.0.0.1", format!("sslmode=verify-ca&{other}"), refused),
        ("127.0.0.1", format!("sslmode=require&{ours}"), tls),
        ("127.0.0.1", format!("sslmode=require&{other}"), refused),
        ("127.0.0.1", "sslmode=require".to_owned(), tls),
        ("127.0.0.1", "sslmode=prefer".to_owned(), tls),
        ("127.0.0.1", String::new(), tls),
        ("127.0.0.1", "sslmode=disable".to_owned(), plain),
    ] {
        let url = format!("postgres://postgres@{host}:{}/postgres?{parameters}", cluster.port);
        assert_eq!(reached(&url).await, expected, "{host} {parameters}");
    }
    let mut conn = connect(&cluster.url()).await;
    for statement in ["ALTER SYSTEM SET ssl = off", "SELECT pg_reload_conf()"] {
        crate::support::execute(&mut conn, statement).await;
    }
    let start = Instant::now();
    while reached(&cluster.url()).await != plain {
        assert!(start.elapsed() < PATIENCE, "prefer takes what there is");
    }
    assert_eq!(reached(&format!("{}?sslmode=require", cluster.url())).await, refused);
}

#[actix_web::test]
async fn database_connections_are_encrypted() {
    let authority = Authority::new();
    let cluster = encrypted(&authority);
    let url = format!(
        "postgres://postgres@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}",
        cluster.port,
        authority.root().display()
    );
    db::migrate(&url).await.unwrap();
    let app = TestApp::spawn_on(url, &[]).await;
    // Told by the connection that listens.
    app.import(r#"{"title":"Ran","year":1985}"#).await.unwrap();
    assert_eq!(app.get("/movies").await.films(), ["ran-1985"]);
    assert_eq!(app.get("/movies").await.visits(), 1);
    for (name, ssl, least) in
        [("marquee", "ssl", 2), ("marquee catalogue", "ssl", 1), ("marquee%", "NOT ssl", 0)]
    {
        let query = format!(
            "SELECT count(*) AS number FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) \
             WHERE application_name LIKE '{name}' AND {ssl}"
        );
        let connections = number(&cluster.url(), &query).await;
        assert!(connections >= least && (least > 0 || connections == 0), "{name}: {connections}");
    }
}

struct Redis(Child, #[expect(dead_code, reason = "it is removed at the end")] TempDir);

impl Drop for Redis {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[actix_web::test]
async fn redis_connections_are_encrypted_and_verified() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let folder = TempDir::new().unwrap();
    authority.certify(folder.path());
    let port = own_port();
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--bind", "127.0.0.1", "--tls-port", &port.to_string()]);
    command.args(["--tls-cert-file", "server.crt", "--tls-key-file", "server.key"]);
    command.args(["--tls-auth-clients", "no", "--save", "", "--appendonly", "no"]);
    command.current_dir(folder.path()).stdout(Stdio::null());
    let _redis = Redis(command.spawn().unwrap(), folder);
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < PATIENCE);
    }
    for (host, authority, reached) in [
        ("localhost", &authority, true),
        ("127.0.0.1", &authority, false),
        ("localhost", &stranger, false),
    ] {
        let root = authority.root();
        let url = format!("rediss://{host}:{port}/?sslrootcert={}", root.display());
        let url = format!("--session-cache-url={url}");
        let app = TestApp::spawn_with(&["--session-engine=cache", &url]).await;
        app.get("/movies").await;
        let page = app.get("/movies").await;
        assert_eq!(page.status, 200, "{url}");
        assert_eq!(page.texts("main .session-unavailable").is_empty(), reached, "{url}");
        if reached {
            assert_eq!(page.visits(), 1);
        }
    }
}
