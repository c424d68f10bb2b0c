//! One site: start, stop, start again.

use std::fs;
use std::time::Duration;

use private_postgres::PrivatePostgres;

use crate::support::{Checkout, group, is_alive, mode, until};

#[test]
fn a_database_outlives_its_server() {
    let checkout = Checkout::new();
    let site = checkout.start();
    println!("first start: {:?}", site.took);
    assert!(site.took < Duration::from_secs(15));
    site.query("CREATE TABLE film (title text); INSERT INTO film VALUES ('Alien')").unwrap();
    let server = checkout.server();
    println!("stop: {:?}", site.stop());
    assert!(!is_alive(server));
    let site = checkout.start();
    println!("second start: {:?}", site.took);
    assert!(site.took < Duration::from_secs(5));
    assert_eq!(site.query("SELECT title FROM film").unwrap(), "Alien");
    site.terminate();
    assert_eq!(checkout.postmaster(), None);
    assert!(!checkout.log().contains("starting up"), "{}", checkout.log());
}

#[test]
fn the_server_is_durable_private_and_speaks_utf_8() {
    let checkout = Checkout::new();
    let site = checkout.start();
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
    let collation = "SELECT datcollate FROM pg_database WHERE datname = 'marquee'";
    assert_eq!(site.query(collation).unwrap(), "C.UTF-8");
    for folder in ["data", "socket"] {
        assert_eq!(mode(&checkout.home().join(folder)), 0o700, "{folder}");
    }
    assert_eq!(mode(&checkout.folder().join("postgres.log")), 0o600);
    let server = checkout.server();
    assert_eq!(group(server), server, "Ctrl-C would reach the server");
}

#[test]
fn an_idle_client_does_not_hold_up_the_stop() {
    let checkout = Checkout::new();
    let site = checkout.start();
    let session = site.session().unwrap();
    session.query("BEGIN; CREATE TABLE unfinished ()").unwrap();
    let took = site.stop();
    println!("stop with a client in a transaction: {took:?}");
    assert!(took < Duration::from_secs(5));
    assert!(session.query("SELECT 1").is_err());
}

#[test]
fn a_missing_version_is_named() {
    let checkout = Checkout::new();
    checkout.start().stop();
    fs::write(checkout.data().join("PG_VERSION"), "14\n").unwrap();
    let failure = checkout.spawn().failure();
    assert!(failure.contains("made by PostgreSQL 14, which this machine has not"), "{failure}");
    assert!(failure.contains("DATABASE_URL"), "{failure}");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let checkout = Checkout::new();
    checkout.start().stop();
    let settings = checkout.data().join("postgresql.conf");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text + "\nno_such_setting = 1\n").unwrap();
    let failure = checkout.spawn().failure();
    assert!(failure.contains("no_such_setting"), "{failure}");
    assert!(!failure.contains("shut down"), "the log of an earlier start: {failure}");
}

#[test]
fn a_long_log_is_begun_anew() {
    let checkout = Checkout::new();
    checkout.start().stop();
    let log = checkout.folder().join("postgres.log");
    fs::write(&log, "x\n".repeat(5_000_001)).unwrap();
    checkout.start().stop();
    assert!(fs::metadata(&log).unwrap().len() < 10_000);
}

#[test]
fn a_dropped_database_is_made_again() {
    let checkout = Checkout::new();
    let site = checkout.start();
    let other = site.url.strip_suffix("/marquee").unwrap().to_owned() + "/postgres";
    let elsewhere = crate::support::session(&other).unwrap();
    elsewhere.query("DROP DATABASE marquee WITH (FORCE)").unwrap();
    let second = checkout.start();
    assert_eq!(second.query("SELECT 1").unwrap(), "1");
    second.stop();
    let server = checkout.server();
    site.stop();
    until("the end of the server", || !is_alive(server));
}

#[test]
fn a_site_that_fails_after_the_start_leaves_no_server() {
    let checkout = Checkout::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let postgres = runtime.block_on(PrivatePostgres::start(&checkout.folder())).unwrap();
    let server = checkout.server();
    drop(postgres);
    assert!(!is_alive(server));
}
