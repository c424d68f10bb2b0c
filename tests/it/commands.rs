//! Commands as real processes, with the private Postgres and signals.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{PATIENCE, Site, browser, command, kill};
use crate::support::{connect, count, execute, fresh_database};

/// Returns the process id in the private server's pid file.
fn postmaster(folder: &Path) -> Option<u32> {
    let file = fs::read_to_string(folder.join(".marquee/postgres/data/postmaster.pid")).ok()?;
    file.lines().next()?.parse().ok()
}

#[actix_web::test]
async fn sessions_survive_stops_and_kills_of_a_site_without_settings() {
    let folder = TempDir::new().unwrap();
    let (folder, client) = (folder.path(), browser());

    let site = Site::start(folder).await;
    assert_eq!(site.visits(&client).await.as_deref(), Some("0"));
    let postgres = postmaster(folder).unwrap();
    site.signal("INT");
    let (status, took, log) = site.ended().await;
    assert!(status.success() && took < Duration::from_secs(10), "{status} {took:?}\n{log}");
    assert!(!Path::new(&format!("/proc/{postgres}")).exists(), "Postgres still runs");

    let site = Site::start(folder).await;
    assert_eq!(site.visits(&client).await.as_deref(), Some("1"));
    site.signal("KILL");
    site.ended().await;

    let site = Site::start(folder).await;
    assert_eq!(site.visits(&client).await.as_deref(), Some("2"));
    let postgres = postmaster(folder).unwrap();
    kill("KILL", postgres);
    let start = Instant::now();
    let visits = loop {
        assert!(start.elapsed() < PATIENCE, "Postgres does not come back");
        // A connection to the old server may still answer once.
        let new = postmaster(folder).is_some_and(|process| process != postgres);
        match site.visits(&client).await {
            Some(visits) if new => break visits,
            _ => {}
        }
    };
    // A view whose response failed may have counted; none that was answered is lost.
    assert!(visits.parse::<u32>().unwrap() >= 3, "{visits}");
    site.stop().await;
}

#[actix_web::test]
async fn processes_in_one_directory_share_the_private_postgres() {
    let folder = TempDir::new().unwrap();
    let (one, other) = tokio::join!(Site::start(folder.path()), Site::start(folder.path()));
    let client = browser();
    assert_eq!(one.visits(&client).await.as_deref(), Some("0"));
    assert_eq!(other.visits(&client).await.as_deref(), Some("1"));
    one.stop().await;
    assert_eq!(other.visits(&client).await.as_deref(), Some("2"));
    other.stop().await;
}

#[actix_web::test]
async fn sigterm_drains_requests_in_flight() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path());
    command.env("DATABASE_URL", fresh_database().await);
    let site = Site::start_command(command).await;
    let mut stream = TcpStream::connect(site.address.trim_start_matches("http://")).await.unwrap();
    let head = "POST /preferences HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"theme").await.unwrap();
    // A response to another request shows that the first one has arrived.
    site.visits(&browser()).await.unwrap();

    site.signal("TERM");
    // Once the shutdown has begun, new connections are refused.
    let address = site.address.clone();
    while browser().get(format!("{address}/healthz")).send().await.is_ok() {}
    stream.write_all(b"=dark").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(answer.contains("set-cookie: sessionid="), "{answer}");
    let (status, took, log) = site.ended().await;
    assert!(status.success() && took < Duration::from_secs(10), "{status} {took:?}\n{log}");
}

/// Load balancers are told first; requests that still come are served.
#[actix_web::test]
async fn stop_delay_fails_readiness_while_requests_are_served() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path());
    command.env("DATABASE_URL", fresh_database().await).env("STOP_DELAY", "600");
    let site = Site::start_command(command).await;
    let client = browser();
    let get = async |path: &str| {
        let response = client.get(format!("{}{path}", site.address)).send().await.unwrap();
        let connection = response.headers().get("connection").cloned();
        (response.status().as_u16(), connection.map(|value| value.to_str().unwrap().to_owned()))
    };
    assert_eq!(get("/readyz").await, (200, None));
    site.signal("TERM");
    let start = Instant::now();
    while get("/readyz").await.0 != 503 {
        assert!(start.elapsed() < PATIENCE);
    }
    assert_eq!(get("/healthz").await.0, 200);
    assert_eq!(get("/movies").await, (200, Some("close".to_owned())));
    // A second signal skips the delay.
    site.stop().await;
}

pub async fn run(folder: &Path, args: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = command(folder);
    command.args(args).envs(settings.iter().copied());
    tokio::time::timeout(PATIENCE, command.output()).await.unwrap().unwrap()
}

#[actix_web::test]
async fn invalid_setting_aborts_startup_and_is_named() {
    let folder = TempDir::new().unwrap();
    for (setting, value) in [
        ("PORT", "eighty"),
        ("HOST", "not an address"),
        ("WORKERS", "0"),
        ("DATABASE_URL", "mysql://localhost/films"),
        ("DATABASE_POOL_SIZE", "0"),
        ("SESSION_ENGINE", "mongodb"),
        ("SESSION_COOKIE_AGE", "-1"),
        ("SESSION_COOKIE_NAME", "a b"),
        ("SESSION_COOKIE_SAMESITE", "none"),
        ("SESSION_COOKIE_SECURE", "perhaps"),
        ("SESSION_COOKIE_PATH", "films"),
    ] {
        let output = run(folder.path(), &[], &[(setting, value)]).await;
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{setting}={value}");
        assert!(message.contains(setting), "{setting}={value}: {message}");
    }
    fs::write(folder.path().join(".env"), "PORT=\"eighty").unwrap();
    let output = run(folder.path(), &[], &[]).await;
    assert!(String::from_utf8(output.stderr).unwrap().contains(".env"));
    assert!(!folder.path().join(".marquee").exists(), "nothing was started");
}

#[actix_web::test]
async fn port_in_use_is_reported_before_postgres_starts() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(folder.path(), &[], &[("PORT", &port)]).await;
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains(&format!("PORT={port}")) && message.contains("in use"), "{message}");
    assert!(!folder.path().join(".marquee").exists(), "nothing was started");
}

#[actix_web::test]
async fn import_prints_problems_and_a_summary() {
    let folder = TempDir::new().unwrap();
    let database = fresh_database().await;
    let settings = [("DATABASE_URL", database.as_str())];
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("good.jsonl", "{\"title\":\"Ran\",\"year\":1985}\n{\"year\":1900}\n");
    write("bad.jsonl", "{\"title\":\"Other\"}\n{\"title\"\n");

    let output = run(folder.path(), &["import", "good.jsonl"], &settings).await;
    let (out, report) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    assert!(output.status.success());
    assert!(out.unwrap().contains("\nfilms: 1 added, 0 updated, 0 unchanged\n"));
    assert!(report.unwrap().contains("good.jsonl:2: no title\n"));

    for files in [["good.jsonl", "bad.jsonl"], ["good.jsonl", "absent.jsonl"], ["good.jsonl", "."]]
    {
        let output = run(folder.path(), &["import", files[0], files[1]], &settings).await;
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(files[1]), "{message}");
    }
    for option in
        ["--map=year=Yaer", "--map=titel=x", "--encoding=x", "--date-format=%!", "--where=a"]
    {
        write("good.csv", "title,Year\nRan,1985\n");
        let output = run(folder.path(), &["import", "good.csv", option], &settings).await;
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
    }
    let output = run(folder.path(), &["import", "good.csv", "--dry-run"], &settings).await;
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.starts_with("Nothing was stored."), "{out}");
    assert!(out.contains("{\"title\":\"Ran\",\"year\":1985}"), "{out}");
    assert!(
        out.contains("good.csv: a table") && out.contains("used: title (title), Year (year)"),
        "{out}"
    );
    let output = run(folder.path(), &["import", "good.jsonl"], &settings).await;
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("\nfilms: 0 added, 0 updated, 1 unchanged\n"), "{out}");

    let output = run(folder.path(), &["migrate"], &settings).await;
    assert!(output.status.success());
}

#[actix_web::test]
async fn clear_sessions_counts_and_deletes_expired_sessions_only() {
    let folder = TempDir::new().unwrap();
    let database = fresh_database().await;
    let settings = [("DATABASE_URL", database.as_str())];
    let sessions = "INSERT INTO sessions (key_hash, data, expires_at, sweep_hour)
        SELECT sha256(n::text::bytea), '{}', moment, ceil(extract(epoch FROM moment) / 3600)
        FROM (SELECT n, now() + (n % 2 * 2 - 1) * n * interval '1 minute' AS moment
              FROM generate_series(1, 2500) AS n) AS made";
    execute(&mut connect(&database).await, sessions).await;
    let says = async |args: &[&str]| {
        let output = run(folder.path(), args, &settings).await;
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let dry = says(&["clear-sessions", "--dry-run"]).await;
    assert_eq!(dry, "1250 expired sessions would be removed.\n");
    let some = says(&["clear-sessions", "--batch", "100", "--max-seconds", "0"]).await;
    assert_eq!(some, "100 expired sessions removed. Time limit reached; more may remain.\n");
    assert_eq!(
        says(&["clearsessions", "--batch", "100"]).await,
        "1150 expired sessions removed.\n"
    );
    assert_eq!(says(&["clear-sessions"]).await, "0 expired sessions removed.\n");
    assert_eq!(count(&database, "sessions").await, 1250);
    assert_eq!(count(&database, "sessions WHERE expires_at < now()").await, 0);
}

#[actix_web::test]
async fn site_deletes_expired_sessions_periodically() {
    let folder = TempDir::new().unwrap();
    let database = fresh_database().await;
    let sessions = "INSERT INTO sessions VALUES (sha256('1'), '{}', now() - interval '1 s', 0),
        (sha256('2'), '{}', now() + interval '1 hour', 999999)";
    execute(&mut connect(&database).await, sessions).await;
    let mut command = command(folder.path());
    command.env("DATABASE_URL", &database).env("SESSION_SWEEP_INTERVAL", "1");
    let site = Site::start_command(command).await;
    let start = Instant::now();
    while count(&database, "sessions").await > 1 {
        assert!(start.elapsed() < PATIENCE, "nothing is swept");
    }
    site.stop().await;
}

#[actix_web::test]
async fn notices_can_be_set_listed_and_removed() {
    let database = fresh_database().await;
    let folder = TempDir::new().unwrap();
    let notices = async |args: &[&str]| {
        let mut command = command(folder.path());
        let output = command.env("DATABASE_URL", &database).arg("notices").args(args).output();
        let output = output.await.unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    assert!(notices(&["remove", "no-account"]).await.0);
    assert!(notices(&["set", "upkeep", "Closed tonight.", "--warning"]).await.0);
    assert!(notices(&["set", "upkeep", "Closed tomorrow.", "--warning", "--inactive"]).await.0);
    let listed = notices(&[]).await;
    assert_eq!(listed, (true, "upkeep (warning, inactive): Closed tomorrow.\n".to_owned()));
    for wrong in [&["remove", "nope"][..], &["set", "No Slug", "x"], &["set", "empty", ""]] {
        assert!(!notices(wrong).await.0, "{wrong:?}");
    }
}

#[actix_web::test]
async fn export_overwrites_no_file_through_a_link() {
    let folder = TempDir::new().unwrap();
    let (own, other) = (folder.path().join("films.jsonl"), folder.path().join("other"));
    fs::write(&other, "kept").unwrap();
    std::os::unix::fs::symlink(&other, folder.path().join("films.jsonl.part")).unwrap();
    let mut command = command(folder.path());
    command.env("DATABASE_URL", fresh_database().await).arg("export").arg(&own);
    let output = command.output().await.unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && log.contains("films.jsonl.part"), "{log}");
    assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
}
