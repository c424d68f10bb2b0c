//! What is left when a process dies without warning.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::{Checkout, is_alive, owner, send, servers_of, until};

#[test]
fn a_killed_site_leaves_its_server_to_the_next() {
    let checkout = Checkout::new();
    checkout.start().kill();
    let server = checkout.server();
    let site = checkout.start();
    println!("join of an orphan: {:?}", site.took);
    assert_eq!(checkout.server(), server);
    println!("stop of an orphan: {:?}", site.stop());
    assert!(!is_alive(server));
}

#[test]
fn a_killed_server_comes_back() {
    let checkout = Checkout::new();
    let site = checkout.start();
    let second = checkout.start();
    let idle = site.session().unwrap();
    for round in 1..=2 {
        site.query(&format!("CREATE TABLE kept{round} ()")).unwrap();
        let server = checkout.server();
        send(server, Signal::SIGKILL);
        let took = until("a new server", || site.query("SELECT 1").is_ok());
        println!("back after kill -9: {took:?}");
        assert_ne!(checkout.server(), server);
        site.query(&format!("TABLE kept{round}")).unwrap();
    }
    assert!(idle.query("SELECT 1").is_err());
    until("the news", || {
        let said = site.said() + &second.said();
        said.contains("Postgres ended (signal: 9 (SIGKILL))") && said.contains("Postgres is back")
    });
    let server = checkout.server();
    site.stop();
    assert_eq!(checkout.server(), server);
    second.stop();
    assert!(!is_alive(server));
}

#[test]
fn a_site_stopped_while_its_server_comes_back_leaves_none() {
    let checkout = Checkout::new();
    for round in 0..4 {
        let site = checkout.start();
        send(checkout.server(), Signal::SIGKILL);
        until("the news", || site.said().contains("starting it again"));
        // Each time at another place of the new start.
        let began = Instant::now();
        until("a moment", || began.elapsed() > Duration::from_millis(round * 100));
        println!("stop in the middle of a restart: {:?}", site.stop());
        let data = checkout.data().canonicalize().unwrap();
        until("the end of all servers", || servers_of(&data) == 0);
    }
}

#[test]
fn a_server_asked_to_leave_when_its_clients_do_is_replaced() {
    let checkout = Checkout::new();
    let site = checkout.start();
    let _client = site.session().unwrap();
    let server = checkout.server();
    send(server, Signal::SIGTERM);
    let back = || checkout.postmaster() != Some(server) && site.query("SELECT 1").is_ok();
    println!("back after a smart shutdown: {:?}", until("a new server", back));
    site.stop();
}

#[test]
fn a_server_that_lost_its_socket_is_replaced() {
    let checkout = Checkout::new();
    let site = checkout.start();
    fs::remove_file(checkout.home().join("socket/.s.PGSQL.5432")).unwrap();
    println!("back with a socket: {:?}", until("a socket", || site.query("SELECT 1").is_ok()));
    site.stop();
}

#[test]
fn a_deleted_database_is_missed_but_not_replaced_by_an_empty_one() {
    let checkout = Checkout::new();
    let site = checkout.start();
    let server = checkout.server();
    fs::remove_dir_all(checkout.data()).unwrap();
    send(server, Signal::SIGKILL);
    until("the news", || site.said().contains("is gone"));
    assert!(site.query("SELECT 1").is_err());
    let anew = checkout.start();
    until("the new server", || site.query("SELECT 1").is_ok());
    let server = checkout.server();
    anew.stop();
    assert_eq!(checkout.server(), server);
    site.stop();
    assert!(!is_alive(server));
}

#[test]
fn a_server_whose_folder_was_deleted_is_stopped_too() {
    let checkout = Checkout::new();
    for deleted in [checkout.data(), checkout.folder()] {
        let site = checkout.start();
        let server = checkout.server();
        fs::remove_dir_all(deleted).unwrap();
        println!("stop of a deleted one: {:?}", site.stop());
        assert!(!is_alive(server));
    }
}

#[test]
fn the_death_of_site_and_server_is_survived() {
    let checkout = Checkout::new();
    let site = checkout.start();
    site.query("CREATE TABLE film ()").unwrap();
    let server = checkout.server();
    // Its session notices the end of the server only when it wakes.
    let busy = site.session().unwrap();
    let busy =
        std::thread::spawn(move || busy.query("SELECT count(*) FROM generate_series(1, 3e6)"));
    let active =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM gen%'";
    until("a busy session", || site.query(active).unwrap() == "1");
    site.kill();
    send(server, Signal::SIGKILL);
    let site = checkout.start();
    println!("start after a crash: {:?}, {} attempts", site.took, {
        checkout.log().matches("pre-existing shared memory").count() + 1
    });
    site.query("TABLE film").unwrap();
    site.stop();
    let _ = busy.join().unwrap();
}

#[test]
fn a_server_on_its_way_down_is_waited_for() {
    let checkout = Checkout::new();
    let site = checkout.start();
    let _client = site.session().unwrap();
    let server = checkout.server();
    site.kill();
    send(server, Signal::SIGINT);
    let site = checkout.start();
    println!("start while the old one ends: {:?}", site.took);
    assert!(!is_alive(server));
    site.query("SELECT 1").unwrap();
    site.stop();
}

#[test]
fn a_number_used_again_does_not_pass_for_the_server() {
    let checkout = Checkout::new();
    let site = checkout.start();
    let server = checkout.server();
    let pid_file = checkout.data().join("postmaster.pid");
    let socket_lock = checkout.home().join("socket/.s.PGSQL.5432.lock");
    let uid = owner(&pid_file);
    site.kill();
    send(server, Signal::SIGKILL);
    until("the end of the server", || !is_alive(server));
    // Of the same user: Postgres takes others for a sign of a stale file by itself.
    let mut stranger = Command::new("sleep").arg("600").uid(uid).spawn().unwrap();
    for file in [&pid_file, &socket_lock] {
        let text = fs::read_to_string(file).unwrap();
        fs::write(file, text.replacen(&server.to_string(), &stranger.id().to_string(), 1)).unwrap();
    }
    let site = checkout.start();
    assert!(site.said().contains("postmaster.pid is left from a crash"), "{}", site.said());
    site.query("SELECT 1").unwrap();
    site.stop();
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger was stopped");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_start_killed_while_it_makes_the_cluster_is_made_good() {
    let checkout = Checkout::new();
    // At three places of initdb: with an empty folder, with files, and nearly complete.
    for sign in ["", "pg_wal", "global/pg_control"] {
        let mut site = checkout.spawn();
        until("initdb at work", || {
            let entries = fs::read_dir(checkout.home()).into_iter().flatten().flatten();
            let mut fresh =
                entries.filter(|e| e.file_name().to_string_lossy().starts_with("data.new"));
            fresh.any(|fresh| fresh.path().join(sign).exists())
        });
        site.kill();
        assert!(!checkout.data().exists());
    }
    let site = checkout.start();
    println!("start after three broken ones: {:?}", site.took);
    site.query("SELECT 1").unwrap();
    site.stop();
}
