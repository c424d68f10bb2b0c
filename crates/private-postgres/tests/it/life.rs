//! One process: start, stop, start again.

use std::fs;
use std::time::Duration;

use private_postgres::PrivatePostgres;

use crate::support::{Project, group, is_alive, mode, until};

#[test]
fn data_survives_a_restart() {
    let project = Project::new();
    let site = project.start();
    println!("first start: {:?}", site.took);
    assert!(site.took < Duration::from_secs(15));
    site.query("CREATE TABLE film (title text); INSERT INTO film VALUES ('Alien')").unwrap();
    let server = project.server();
    println!("stop: {:?}", site.stop());
    assert!(!is_alive(server));
    let site = project.start();
    println!("second start: {:?}", site.took);
    assert!(site.took < Duration::from_secs(5));
    assert_eq!(site.query("SELECT title FROM film").unwrap(), "Alien");
    site.terminate();
    assert_eq!(project.postmaster(), None);
    assert!(!project.log().contains("starting up"), "{}", project.log());
}

#[test]
fn server_is_durable_private_and_uses_utf_8() {
    let project = Project::new();
    let site = project.start();
    for (setting, expected) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("jit", "off"),
        ("server_encoding", "UTF8"),
        ("shared_buffers", "128MB"),
    ] {
        assert_eq!(site.query(&format!("SHOW {setting}")).unwrap(), expected, "{setting}");
    }
    let collation = "SELECT datcollate FROM pg_database WHERE datname = 'example'";
    assert_eq!(site.query(collation).unwrap(), "C.UTF-8");
    for name in ["data", "socket"] {
        assert_eq!(mode(&project.location().join(name)), 0o700, "{name}");
    }
    assert_eq!(mode(&project.directory().join("postgres.log")), 0o600);
    let server = project.server();
    assert_eq!(group(server), server, "Ctrl-C would reach the server");
}

#[test]
fn idle_client_does_not_delay_the_stop() {
    let project = Project::new();
    let site = project.start();
    let session = site.session().unwrap();
    session.query("BEGIN; CREATE TABLE unfinished ()").unwrap();
    let took = site.stop();
    println!("stop with a client in a transaction: {took:?}");
    assert!(took < Duration::from_secs(5));
    assert!(session.query("SELECT 1").is_err());
}

#[test]
fn missing_version_is_named() {
    let project = Project::new();
    project.start().stop();
    fs::write(project.data().join("PG_VERSION"), "14\n").unwrap();
    let failure = project.spawn().failure();
    assert!(failure.contains("created by PostgreSQL 14, which is not installed"), "{failure}");
}

#[test]
fn failed_start_quotes_the_log() {
    let project = Project::new();
    project.start().stop();
    let settings = project.data().join("postgresql.conf");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text + "\nno_such_setting = 1\n").unwrap();
    let failure = project.spawn().failure();
    assert!(failure.contains("no_such_setting"), "{failure}");
    assert!(!failure.contains("shut down"), "the log of an earlier start: {failure}");
}

#[test]
fn long_log_is_truncated() {
    let project = Project::new();
    project.start().stop();
    let log = project.directory().join("postgres.log");
    fs::write(&log, "x\n".repeat(5_000_001)).unwrap();
    project.start().stop();
    assert!(fs::metadata(&log).unwrap().len() < 10_000);
}

#[test]
fn dropped_database_is_created_again() {
    let project = Project::new();
    let site = project.start();
    let other = site.url.strip_suffix("/example").unwrap().to_owned() + "/postgres";
    let elsewhere = crate::support::session(&other).unwrap();
    elsewhere.query("DROP DATABASE example WITH (FORCE)").unwrap();
    let second = project.start();
    assert_eq!(second.query("SELECT 1").unwrap(), "1");
    second.stop();
    let server = project.server();
    site.stop();
    until("the end of the server", || !is_alive(server));
}

#[test]
fn dropping_the_handle_stops_the_server() {
    let project = Project::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let postgres =
        runtime.block_on(PrivatePostgres::start(&project.directory(), "example")).unwrap();
    let server = project.server();
    drop(postgres);
    assert!(!is_alive(server));
}
